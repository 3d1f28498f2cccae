from __future__ import annotations

import numpy as np
import pytest

from lyaplab.school.predict import CURVE_POINTS, Gate, Prediction
from lyaplab.school.progress import Progress

SECRET = "The secret."
WHERE = Prediction("where", "Where?", options=("at 0", "at 1"), truth="at 1", explain=SECRET)
COUNT = Prediction("count", "How many?", kind="number", low=0, high=10, truth=3, tolerance=0.5, explain=SECRET)
PATH = Prediction("path", "Draw", kind="curve", domain=(0, 2), low=-1, truth=lambda t: t / 2, explain=SECRET)


@pytest.mark.parametrize("prediction", [WHERE, COUNT, PATH])
def test_nothing_is_revealed_before(prediction):
    gate = Gate(prediction)
    assert (gate.committed, gate.value, gate.truth, gate.explain, gate.verdict) == (False, None, None, "", None)
    shown = repr(gate) + "".join(gate._repr_mimebundle_().values())
    assert "secret" not in shown
    public = [str(getattr(gate, name)) for name in dir(gate) if not name.startswith("_")]
    assert not any("secret" in text for text in public)


@pytest.mark.parametrize(
    ("prediction", "value", "kept", "near"),
    [
        (WHERE, "At 1 ", "at 1", True),
        (WHERE, 0, "at 0", False),
        (COUNT, "3.4", 3.4, True),
        (COUNT, 5, 5.0, False),
        (PATH, "0 0, 2 1", [[0.0, 0.0], [2.0, 1.0]], True),
        (PATH, "(2, -1); (0, 1)", [[0.0, 1.0], [2.0, -1.0]], False),
        (PATH, [(0, 0), (1, 0.5), (2, 1)], [[0.0, 0.0], [1.0, 0.5], [2.0, 1.0]], True),
        (PATH, "0 0, 2 9", [[0.0, 0.0], [2.0, 1.0]], True),
    ],
)
def test_a_commitment(prediction, value, kept, near):
    gate = Gate(prediction)
    verdict = gate.commit(value)
    assert gate.value == kept
    assert (verdict.near, verdict.kept, gate.committed) == (near, True, True)
    assert gate.explain == "The secret."
    assert "secret" in gate._repr_mimebundle_()["text/html"]


@pytest.mark.parametrize(
    ("prediction", "value", "word"),
    [
        (WHERE, "at 2", "Choose one of: at 0; at 1"),
        (WHERE, None, "Choose"),
        (WHERE, 7, "Choose"),
        (COUNT, "many", "from 0 to 10"),
        (COUNT, float("nan"), "from 0 to 10"),
        (COUNT, 11, "from 0 to 10"),
        (PATH, "", "two points"),
        (PATH, "1 2", "two points"),
        (PATH, "1 0, 1 1", "two points"),
        (PATH, object(), "two points"),
        (PATH, [[1, 2, 3]], "two points"),
        (PATH, ([np.nan] * 5, [np.nan] * 5), "two points"),
    ],
)
def test_no_answer_is_a_kind_word(prediction, value, word):
    gate = Gate(prediction)
    verdict = gate.commit(value)
    assert not verdict.kept and not gate.committed
    assert word in verdict.text
    assert word in verdict._repr_mimebundle_()["text/plain"]


def test_drawn_samples_reach_both_ends():
    """A drawn curve leaves its end samples out: the nearest ones are carried on."""
    x = np.linspace(0, 2, 200)
    y = np.where((x < 0.3) | (x > 1.7), np.nan, x / 2)
    gate = Gate(PATH)
    gate.commit((x, y))
    curve = np.array(gate.value)
    assert curve.shape == (CURVE_POINTS, 2)
    assert (curve[0, 0], curve[-1, 0]) == (0.0, 2.0)
    assert np.isfinite(curve).all()
    assert curve[0, 1] == pytest.approx(0.15, abs=0.01)


def test_a_commitment_is_final():
    gate = Gate(WHERE)
    gate.commit("at 0")
    assert gate.commit("at 1").near is False
    assert gate.value == "at 0"


def test_it_is_restored_after_a_restart(tmp_path):
    Gate(PATH, Progress("toy", "1", folder=tmp_path)).commit("0 0, 2 1")
    again = Gate(PATH, Progress("toy", "1", folder=tmp_path))
    assert again.committed and again.verdict.near
    x, y = again.truth
    assert y == pytest.approx(x / 2)


def test_a_kept_answer_to_another_question_counts_as_none():
    progress = Progress("toy", "1", folder=None)
    progress.commit("where", "at 7")
    gate = Gate(WHERE, progress)
    assert not gate.committed
    gate.commit("at 1")
    assert gate.value == "at 1"


def test_without_a_truth_there_is_no_verdict():
    gate = Gate(Prediction("feel", "What do you think?", options=("a", "b")))
    assert gate.commit("a").near is None


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"kind": "chioce"}, "did you mean 'choice'"),
        ({"options": ("a",)}, "at least two"),
        ({"options": ("a", "b"), "truth": "c"}, "truth"),
        ({"kind": "number", "low": 1, "high": 1}, "rising order"),
    ],
)
def test_a_question_that_contradicts_itself(parts, message):
    with pytest.raises(ValueError, match=message):
        Prediction("key", "?", **parts)
