from __future__ import annotations

import copy
import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lyaplab.school.judge import judge
from lyaplab.school.watch import plain_answer


def _growth(w, h):
    return w * (1 - np.tanh(w * h) ** 2)


def test_the_data_survive_json_and_another_process(toy):
    growth = toy.exercises["growth"]
    data = json.loads(json.dumps(plain_answer(growth, _growth, seed=3), allow_nan=False))
    assert judge(growth, data, seed=3) == judge(growth, plain_answer(growth, _growth, seed=3))


def test_partial_credit(toy):
    result = toy.check("slope", 2.0)
    assert (result.verdict, result.points, result.passed) == ("partly", 0.5, False)
    assert [item.right for item in result.checked] == [False, True]
    assert toy.check("slope", 1.5).points == 2.0


def test_what_was_checked_shows_its_tolerance(toy):
    assert "±0.001" in toy.check("slope", 2.0).checked[0].text
    assert toy.check("growth").checked[0].text.endswith("on 5 random instances")


def test_values_of_another_seed_earn_nothing(toy):
    growth = toy.exercises["growth"]
    data = plain_answer(growth, _growth, seed=3)
    assert judge(growth, data).passed
    result = judge(growth, data, seed=4)
    assert (result.points, result.verdict) == (0.0, "unreadable")
    data["seed"] = 4  # a lie about the seed: the judge draws other instances
    assert judge(growth, data, seed=4).points < growth.points


def test_a_choice_does_not_depend_on_the_seed(toy):
    kind = toy.exercises["kind"]
    assert judge(kind, plain_answer(kind, "unstable", seed=3), seed=4).passed


def test_points_claimed_are_not_believed(toy):
    slope = toy.exercises["slope"]
    data = plain_answer(slope, 0.0, seed=0) | {"points": 2, "passed": True, "max_points": 2}
    data["answer"] |= {"points": 2, "passed": True}
    assert judge(slope, data).points == 0.0


def test_too_few_values_earn_nothing(toy):
    growth = toy.exercises["growth"]
    data = plain_answer(growth, _growth, seed=0)
    for count in range(growth.times):
        short = copy.deepcopy(data)
        del short["answer"]["values"][count:]
        assert judge(growth, short, seed=0).points == 0.0


NODE = {"kind": "function", "values": [{"kind": "number", "value": 1.0}] * 5}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.sampled_from([*NODE, "value", "x"]), inner),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(
    answer=JSON | st.fixed_dictionaries({"kind": st.just("function"), "values": st.lists(st.just(NODE) | JSON)}),
    seed=st.integers() | st.none() | st.floats(),
    name=st.sampled_from(["slope", "growth", "kind", "points"]),
)
def test_no_forgery_raises_or_passes(toy, answer, seed, name):
    result = judge(toy.exercises[name], {"seed": seed, "answer": answer}, seed=1)
    assert not result.passed
    assert result.hint


@pytest.mark.parametrize("data", [None, [], "x", {}, {"answer": 3}, {"seed": 0, "answer": {}}])
def test_no_data_at_all(toy, data):
    assert judge(toy.exercises["slope"], data).verdict == "unreadable"


def test_a_function_that_returns_nothing(toy):
    result = toy.check("growth", lambda w, h: None)
    assert result.verdict == "unanswered" and "return" in result.hint


def test_a_function_that_sometimes_returns_nothing(toy):
    growth = toy.exercises["growth"]
    first = growth.instances(0)[0]
    data = plain_answer(growth, lambda w, h: 1.0 if (w, h) == first else None, seed=0)
    result = judge(growth, data)
    assert result.verdict == "unreadable" and "returns nothing" in result.hint


def test_a_value_in_place_of_a_function(toy):
    assert "growth(w, h)" in toy.check("growth", 3.0).hint
    assert "Call it" in toy.check("slope", lambda: 1.5).hint


def test_look_follows_the_misconception(toy):
    assert toy.check("slope", -1.5).look.state == {"w": 1}
    assert toy.check("slope", 1.0).look.state == {"params": {"w": 1.5}}
    assert toy.check("slope", 1.5).look is None


def test_an_open_answer_is_kept(toy):
    result = toy.check("why", "Because it grows.")
    assert (result.verdict, result.passed, result.points) == ("kept", True, 1.0)
    assert not toy.check("why", "   ").passed
    assert not toy.check("why", []).passed
