from __future__ import annotations

import dataclasses
import re

import pytest

from lyaplab.school import result as result_module
from lyaplab.school.result import ANSWER, VERDICTS, WIDGET, Result


@pytest.mark.parametrize(("answer", "text"), [(1.5, "2"), (2.0, "0.5"), (..., "0"), ("x", "0")])
def test_the_text_is_the_points_alone(toy, answer, text):
    """It is what nbgrader takes for partial credit."""
    assert toy.check("slope", answer)._repr_mimebundle_()["text/plain"] == text


def test_the_bundle(toy):
    bundle = toy.check("slope", 1.0)._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", ANSWER}
    assert bundle[ANSWER] | {"seed": 0} == {
        "schema": 1,
        "lesson": "toy",
        "version": "3",
        "exercise": "slope",
        "seed": 0,
        "answer": {"kind": "number", "value": 1.0},
    }


def test_the_panel_says_everything(toy):
    html = toy.check("slope", 1.0).to_html()
    text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL)
    assert 'role="status"' in html and "data-jp-theme-light" in html
    for words in ("Partly right", "The slope at the origin", "0.5 of 2 points", "±0.001", "What is inside it", "help("):
        assert words in text
    assert "<code>tanh</code>" in html


def test_a_learners_text_is_escaped(toy):
    def growth(w, h):
        raise ValueError("<script>alert(1)</script>")

    html = toy.check("growth", growth).to_html()
    assert "<script>" not in html and "&lt;script&gt;" in html


def test_it_is_frozen(toy):
    with pytest.raises(dataclasses.FrozenInstanceError):
        toy.check("slope", 1.5).points = 100


def test_every_verdict_has_its_own_sign_in_words():
    assert len({Result(False, 0, 1, verdict=verdict).headline for verdict in VERDICTS}) == len(VERDICTS)


class _Panel:
    def __init__(self, result):
        self.result = result

    def _repr_mimebundle_(self):
        return {"text/plain": "a widget", WIDGET: {"model_id": "abc", "version_major": 2, "version_minor": 0}}


def test_the_hook_adds_the_widget_and_nothing_else(toy, monkeypatch):
    monkeypatch.setattr(result_module, "panel_factory", _Panel)
    bundle = toy.check("slope", 1.5)._repr_mimebundle_()
    assert bundle[WIDGET]["model_id"] == "abc"
    assert bundle["text/plain"] == "2"


def test_a_broken_panel_costs_nothing(toy, monkeypatch):
    def broken(result):
        raise RuntimeError("no comm")

    monkeypatch.setattr(result_module, "panel_factory", broken)
    bundle = toy.check("slope", 1.5)._repr_mimebundle_()
    assert bundle["text/plain"] == "2"
    assert "no comm" in bundle["text/html"]


def test_help_is_recorded(toy):
    first = toy.check("slope", 1.0)
    assert first.help_taken == ()
    first.record_help("look")
    first.record_help("nudge")
    again = toy.check("slope", 1.0)
    assert again.help_taken == ("nudge", "look")
    assert toy.check("slope", 1.5).points == 2.0
