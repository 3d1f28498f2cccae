"""A page as it is made, read and kept: sections that fail, partial pages, text, files."""

from __future__ import annotations

import inspect
import math

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.report.plan import SECTIONS
from lyaplab.report.text_page import WIDTH
from lyaplab.report.words import TITLES

NET = ll.Model("tanh", preset="two-cycle")
DRIVEN = ll.Model("tanh", n=2, m=1, gain=0.6, seed=1)
INPUTS = np.random.default_rng(5).standard_normal((2, 300, 1))


class Broken(ll.Model):
    """A model with a measure that fails in a way nobody has thought of."""

    def fixed_points(self, *args, **options):
        raise RuntimeError("no <b>luck</b>\nat all")


@pytest.fixture(scope="module")
def driven():
    return ll.report(DRIVEN, INPUTS)


def test_the_text_has_every_section_and_keeps_its_width(driven):
    text = str(driven)
    assert repr(driven) == text
    for name in SECTIONS:
        assert f"\n{TITLES[name]}\n{'-' * len(TITLES[name])}\n" in text
    assert max(map(len, text.splitlines())) <= WIDTH
    assert f"{driven.exponents[0]:.4f}".replace("-", "−") in text
    assert "2 sequences of 300 steps" in text and "forgets its start" in text


def test_labels_stand_in_one_column(driven):
    facts = [line for line in str(driven).splitlines() if line.startswith("  ") and line[2:26].strip().isalpha()]
    assert facts and all(line[25] == " " for line in facts)


def test_a_section_that_fails_shows_its_line_and_costs_no_other():
    page = ll.report(Broken("logistic", r=3.2), steps=500)
    assert page.errors == {"fixed_points": "RuntimeError: no <b>luck</b> at all"}
    assert page.fixed_points is None and page.complete
    assert page.verdict.name == "cycle" and page.gradients.slope < 0
    assert "not measured            RuntimeError: no <b>luck</b> at all" in str(page)
    assert "RuntimeError: no &lt;b&gt;luck&lt;/b&gt; at all" in page.html()


def test_divergence_is_told_with_its_step_and_the_rest_comes():
    net = ll.Model("logistic", r=4.5)
    page = ll.report(net)
    assert page.verdict.name == "divergent" and f"at step {net.regime.step}" in page.verdict.words
    assert f"at step {net.regime.step}" in page.errors["spectrum"]
    assert f"at step {net.regime.step}" in page.errors["gradients"]
    assert page.errors["memory"] == "not known without the spectrum"
    assert page.fixed_points.points[:, 0] == pytest.approx([0.0, 1.0 - 1.0 / 4.5])
    assert len(page.exponents) == 0
    assert all(math.isnan(value) for value in (page.kaplan_yorke, page.entropy_rate, page.horizon))


def test_what_did_not_converge_is_said():
    page = ll.report(ll.Model("tanh", n=2, preset="chaos"), sections="fixed_points", starts=8)
    share = f"{page.fixed_points.converged:.0%} of 8 starts converged"
    assert share in str(page) and share in page.html()


def test_the_leading_exponents_alone_bound_the_dimension():
    page = ll.report(ll.Model("lorenz63"), sections="spectrum", k=1, steps=2000)
    assert "at least 1" in str(page) and "≥ 1" in page.html()
    assert "the largest of 3" in str(page)
    assert "not checked" in str(page)


def test_the_folder_is_the_function_too():
    assert list(inspect.signature(ll.report).parameters)[:3] == ["model", "inputs", "sections"]
    assert "one page" in ll.report.__call__.__doc__


def test_pages_fill_up():
    pages = list(ll.iter_report(NET, steps=500))
    assert [page.now for page in pages[-1:]] == [""]
    assert [name for name in SECTIONS if name in {page.now for page in pages}] == list(pages[-1].sections)
    early = next(page for page in pages if page.now == "spectrum")
    assert not early.complete and early.gradients is None
    assert "not measured yet" in str(early) and "Not measured yet" in early.html()


def test_chosen_sections_bring_what_they_are_read_off():
    page = ll.report(NET, sections=["memory"], steps=200)
    assert page.sections == ("identity", "spectrum", "memory")


@pytest.mark.parametrize(
    ("arguments", "options", "words"),
    [
        ((3,), {}, "model must be a Model, got int"),
        ((NET,), {"sections": ["spectre"]}, "did you mean 'spectrum'"),
        ((NET,), {"sections": ["echo"]}, "none were given"),
        ((NET, INPUTS[0]), {}, "this one has m=0"),
        ((DRIVEN, INPUTS[..., [0, 0]]), {}, r"inputs must have shape \(any, any, 1\)"),
        ((DRIVEN, np.full((300, 1), np.nan)), {}, r"inputs\[0, 0\] is nan"),
        ((DRIVEN, INPUTS), {"steps": 1000}, "never recycled"),
        ((DRIVEN, INPUTS), {"warmup": 300}, "at least one step"),
        ((DRIVEN, np.empty((0, 5, 1))), {}, "at least one sequence"),
        ((NET,), {"k": 3}, "k must be at most 2"),
        ((NET,), {"steps": 0}, "steps must be a whole number"),
        ((NET,), {"starts": 0}, "starts must be a whole number"),
        ((NET,), {"seed": -1}, "seed must be a whole number"),
    ],
)
def test_arguments_that_make_no_sense_are_named_at_once(arguments, options, words):
    with pytest.raises((ValueError, TypeError), match=words):
        ll.iter_report(*arguments, **options)  # before the first page is asked for


def test_a_page_is_saved_and_loaded(driven, tmp_path):
    driven.save(tmp_path / "page.npz")
    again = ll.Report.load(tmp_path / "page.npz")
    assert str(again) == str(driven) and again.html() == driven.html()
    assert np.array_equal(again.exponents, driven.exponents)
    assert again.sections == driven.sections and again.drive.sequences == 2


def test_a_page_with_errors_is_saved_and_loaded(tmp_path):
    page = ll.report(ll.Model("logistic", r=4.5))
    page.save(tmp_path / "page")
    assert str(ll.Report.load(tmp_path / "page.npz")) == str(page)


def test_a_page_is_saved_to_be_read(driven, tmp_path):
    driven.save(tmp_path / "page.txt")
    assert (tmp_path / "page.txt").read_text(encoding="utf-8") == f"{driven}\n"
    driven.save(tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_another_result_is_no_page(tmp_path):
    NET.fixed_points(8).save(tmp_path / "points.npz")
    with pytest.raises(ValueError, match=r"Report\.save"):
        ll.Report.load(tmp_path / "points.npz")


def test_every_line_is_in_the_table(driven):
    table = driven.table()
    assert {len(column) for column in table.values()} == {len(table["section"])}
    assert set(table["section"]) == set(SECTIONS)
    assert "horizon 1/|λ₁|" in table["quantity"]
    assert driven.show() is driven
