from __future__ import annotations

import numpy as np
import pytest

from lyaplab.school import Close, Exercise, Help, Misconception, OneOf

GOOD = {"stub": "a = ...", "solution": "a = 1", "reference": 1.0, "checks": [Close()]}


def _exercise(**parts):
    return Exercise(parts.pop("name", "a"), parts.pop("title", "A"), **(GOOD | parts))


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"name": "a b"}, "name: expected a Python name"),
        ({"title": " "}, "title: is empty"),
        ({"points": -1}, "points: got -1"),
        ({"points": float("nan")}, "points: got nan"),
        ({"stub": "b = ..."}, "stub: does not define a"),
        ({"solution": "a = = 1"}, "solution: does not define a"),
        ({"checks": []}, "checks: expected at least one"),
        ({"checks": [Close(points=2)]}, "add up to more than 1"),
        ({"reference": None}, "reference: is missing"),
        ({"draw": lambda rng: 1}, "reference: with draw, expected a function"),
        ({"misconceptions": [Misconception("x", 2, " ")]}, "'x' has no hint"),
        ({"misconceptions": [Misconception("x", 2, "h"), Misconception("x", 3, "i")]}, "same name"),
        ({"misconceptions": [Misconception("x", 2, "h"), Misconception("y", 3, "h")]}, "same hint"),
        ({"checks": [OneOf("b", "c")], "reference": "d"}, "'d' is none of the options"),
        ({"open": True}, "marked by a person"),
        (
            {"draw": lambda rng: 1, "reference": abs, "misconceptions": [Misconception("x", 2, "h")]},
            "expected a wrong function",
        ),
    ],
)
def test_a_declaration_that_contradicts_itself(parts, message):
    with pytest.raises(ValueError, match=message) as caught:
        _exercise(**parts)
    assert "exercise" in str(caught.value)


def test_instances_depend_on_the_seed_only():
    entry = _exercise(draw=lambda rng: rng.normal(size=2), reference=lambda x: x, times=3)
    assert np.array_equal(entry.instances(1), entry.instances(1))
    assert not np.array_equal(entry.instances(1), entry.instances(2))
    assert len(entry.instances(1)) == 3


def test_a_reference_is_computed_once_and_late():
    calls = []
    entry = _exercise(reference=lambda: calls.append(1) or 2.0)
    assert calls == []
    assert entry.right() == entry.right() == 2.0
    assert calls == [1]


def test_a_reference_cannot_change_the_instance():
    def spoil(x):
        x[:] = 0
        return 1.0

    entry = _exercise(draw=lambda rng: rng.normal(size=2), reference=spoil)
    row = entry.instances(0)[0]
    entry.right(row)
    assert row[0].all()


def test_a_reference_that_no_learner_could_give():
    with pytest.raises(ValueError, match="own answer"):
        _exercise(reference=lambda: np.zeros((1000, 1000))).right()


def test_the_ladder():
    assert [rung.kind for rung in _exercise().rungs] == ["solution"]
    entry = _exercise(help=Help("n", "l", "s"))
    assert [(rung.kind, rung.text) for rung in entry.rungs] == [
        ("nudge", "n"),
        ("look", "l"),
        ("step", "s"),
        ("solution", "a = 1"),
    ]


def test_how_a_function_is_called():
    assert _exercise(draw=lambda rng: (1, 2), reference=lambda w, h: w).arguments == "a(w, h)"
