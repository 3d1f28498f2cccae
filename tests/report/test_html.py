"""The page as HTML: complete, well formed, without script, and readable in both themes and by screen readers."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.drawing.palette import ROLES, THEMES, colour
from lyaplab.report.html_page import STYLE
from lyaplab.report.words import in_words
from tests.colours import contrast

VOID = {"meta", "path"}


class Reader(HTMLParser):
    """Notes all elements, and that they are closed in their order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict]] = []
        self.words = ""

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words += data


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


PAGES = {
    "driven": lambda: ll.report(
        ll.Model("tanh", n=2, m=1, gain=0.6, seed=1), np.random.default_rng(5).standard_normal((2, 300, 1))
    ),
    "chaos": lambda: ll.report(ll.Model("tanh", preset="chaos"), steps=1000),
    "flow": lambda: ll.report(ll.Model("lorenz63"), steps=2000),
    "wiped out": lambda: ll.report(ll.Model("linear", W=np.zeros((2, 2))), steps=100),
    "divergent": lambda: ll.report(ll.Model("logistic", r=4.5)),
}


@pytest.fixture(scope="module", params=PAGES)
def page(request):
    return PAGES[request.param]()


def test_it_is_well_formed_and_has_all_words(page):
    reader = read(page.html())
    seen = " ".join(reader.words.split())
    for section in in_words(page):
        for fact in section.facts:
            # The verdict is a sentence, with a capital.
            assert " ".join(fact.value.split())[1:] in seen
            assert " ".join(fact.note.split()) in seen
        assert section.error in seen
        for row in section.table.rows if section.table else ():
            assert all(cell in seen for cell in row)


def test_it_runs_no_script_and_fetches_nothing(page):
    text = page.html()
    reader = read(text)
    assert {tag for tag, _ in reader.elements}.isdisjoint({"script", "img", "link", "iframe", "object"})
    assert not any(name.startswith("on") for _, attributes in reader.elements for name in attributes)
    assert "http" not in text and "url(" not in text and "@import" not in text


def test_no_number_of_a_drawing_is_missing(page):
    drawn = [attributes for tag, attributes in read(page.html()).elements if tag in ("path", "text", "svg")]
    assert not [value for attributes in drawn for value in attributes.values() if "nan" in value or "inf" in value]


def test_who_cannot_see_it_is_told(page):
    elements = read(page.html()).elements
    for tag, attributes in elements:
        if tag == "svg":
            assert attributes.get("aria-hidden") == "true" or len(attributes["aria-label"]) > 20
        if tag == "th":
            assert attributes["scope"] in ("col", "row")
        if attributes.get("role") == "heading":
            assert attributes["aria-level"] in "23"
    tags = [tag for tag, _ in elements]
    assert tags.count("table") == tags.count("caption")


def test_charts_are_there_where_there_is_something_to_see():
    labels = [a["aria-label"] for tag, a in read(PAGES["driven"]().html()).elements if tag == "svg" and "role" in a]
    assert [words.split()[0] for words in labels] == ["Eigenvalues", "Lyapunov", "Logarithm", "Eigenvalues"]
    bare = PAGES["divergent"]().html()
    assert bare.count('role="img"') == 1  # its fixed points


def test_the_document_names_its_language_and_its_letters(page):
    text = page.document()
    read(text.removeprefix("<!DOCTYPE html>\n"))
    assert '<html lang="en">' in text and 'charset="utf-8"' in text and page.title in text


def test_the_style_knows_no_colour_but_the_palettes():
    own = STYLE[STYLE.index("/* The look of a report") :]
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|rgb\(", own)
    assert set(re.findall(r"var\(--lyap-([\w-]+)", own)) <= set(ROLES)
    assert STYLE.count("{") == STYLE.count("}")
    letters = set(re.findall(r"[{ ;](?:color|fill):\s*var\(--lyap-([\w-]+)", own))
    assert letters and all(ROLES[role].use == "text" for role in letters)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("tone", ["stable", "second", "first", "unstable", "muted"])
def test_the_verdict_can_be_read_on_its_tint(tone, theme):
    share = float(re.search(r"color-mix\(in srgb, var\(--tone, [^)]*\)\) (\d+)%", STYLE)[1]) / 100
    over, under = ([int(of[i : i + 2], 16) for i in (1, 3, 5)] for of in (colour(tone, theme), colour("paper", theme)))
    mixed = (round(share * a + (1 - share) * b) for a, b in zip(over, under, strict=True))
    paper = "#{:02x}{:02x}{:02x}".format(*mixed)
    assert contrast(colour("ink", theme), paper) >= 4.5
    assert contrast(colour("muted", theme), paper) >= 4.5
    assert contrast(colour(tone, theme), paper) >= 3.0  # the sign
