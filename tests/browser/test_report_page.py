"""A report in a real page: its charts are drawn, both themes are legible, nothing is cut off in a narrow window."""

from __future__ import annotations

from lyaplab.drawing.palette import colour
from tests.browser.harness import NARROW, WIDE

SETUP = "import numpy as np\nimport lyaplab as ll"
SHOWN = """net = ll.Model("tanh", n=2, m=1, gain=1.4, seed=1)
page = ll.report(net, 0.3 * np.random.default_rng(0).standard_normal((3, 400, 1)))
page"""
REPORT = ".lyap-report"
# What lies beyond its card though it cannot be scrolled to.
CUT_OFF = """root => [...root.querySelectorAll('dd, dt, p, .tiles b, .h3, figcaption li')].filter(e => {
  const box = e.getBoundingClientRect(), card = (e.closest('.card, .tiles > div') || root).getBoundingClientRect();
  return box.width > 0 && (box.right > card.right + 1 || e.scrollWidth > e.clientWidth + 1);
}).map(e => e.innerText)"""


def rgb(hexadecimal: str) -> str:
    return "rgb({}, {}, {})".format(*(int(hexadecimal[i : i + 2], 16) for i in (1, 3, 5)))


def test_a_report_in_a_notebook(notebook):
    page = notebook([SETUP, SHOWN])
    report = page.find(REPORT)
    report.wait_for()
    assert report.locator("figure > svg").count() == page.python("page.html().count('<figure>')") == 4
    assert report.evaluate("r => [...r.querySelectorAll('figure > svg path')].every(e => e.getTotalLength() > 0)")
    row = report.locator("tbody tr").first
    for theme in ("light", "dark"):
        page.theme(theme)
        page.page.wait_for_timeout(300)  # colours fade over
        paint = "e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).color]"
        assert report.evaluate(paint) == [rgb(colour("paper", theme)), rgb(colour("ink", theme))]
        # JupyterLab's own stripes do not lie over our paper.
        assert row.evaluate("e => getComputedStyle(e).backgroundColor") == "rgba(0, 0, 0, 0)"
        assert report.locator("dt").first.evaluate("e => getComputedStyle(e).color") == rgb(colour("muted", theme))
        page.shot(f"report-{theme}", REPORT)
    page.theme("light")
    assert report.evaluate(CUT_OFF) == []
    assert report.locator(".cards").evaluate("e => new Set([...e.children].map(c => c.offsetLeft)).size") == 2
    page.resize(NARROW)
    assert report.evaluate(CUT_OFF) == []
    assert report.locator(".cards").evaluate("e => new Set([...e.children].map(c => c.offsetLeft)).size") == 1
    page.shot("report-narrow", REPORT)
    page.resize(WIDE)
    page.assert_clean()


def test_a_saved_page_follows_the_systems_theme(notebook, tmp_path):
    page = notebook([SETUP, f"ll.report(ll.Model('logistic', r=3.2), steps=200).save({str(tmp_path / 'page.html')!r})"])
    sheet = page.page.context.new_page()
    sheet.goto((tmp_path / "page.html").as_uri())
    for theme in ("light", "dark"):
        sheet.emulate_media(color_scheme=theme)
        for selector in ("html", REPORT):
            found = sheet.locator(selector).evaluate("e => getComputedStyle(e).backgroundColor")
            assert found == rgb(colour("paper", theme))
    assert sheet.title() == "Report: logistic map"
    sheet.close()
    page.assert_clean()
