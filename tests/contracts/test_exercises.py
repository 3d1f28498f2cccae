"""What every exercise promises: the right answer passes, and nothing a learner types shows a traceback."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import lyaplab
from lyaplab.school import Exercise, Lesson, Result, build_notebook, check_notebook, lesson_folders
from lyaplab.school.encode import encode
from lyaplab.school.plain import NoValue, decode
from lyaplab.school.progress import Progress

TOY = Path(__file__).parents[1] / "school" / "lessons" / "toy"
FOLDERS = {**lesson_folders(), "toy": TOY}
SEEDS = (0, 1, 2)


def _lesson(name: str) -> Lesson:
    return Lesson(FOLDERS[name], progress=Progress(name, "0", folder=None))


LESSONS = {name: _lesson(name) for name in FOLDERS}
EXERCISES = [(name, each) for name, lesson in LESSONS.items() for each in lesson.exercises]
CLOSED = [(name, each) for name, each in EXERCISES if not LESSONS[name].exercises[each].open]
MISCONCEPTIONS = [
    (name, each, wrong.name) for name, each in CLOSED for wrong in LESSONS[name].exercises[each].misconceptions
]


@pytest.fixture(params=SEEDS)
def seed(request, monkeypatch):
    monkeypatch.setenv("LYAPLAB_CHECK_SEED", str(request.param))
    return request.param


@pytest.fixture
def check(capfd):
    """Check an answer; nothing may have reached standard output or standard error, and the panel can be shown."""

    def check(name: str, exercise: str, answer: object) -> Result:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            result = _lesson(name).check(exercise, answer)
            bundle = result._repr_mimebundle_()
        assert capfd.readouterr() == ("", "")
        assert not caught
        assert float(bundle["text/plain"]) == result.points <= result.max_points
        assert "Traceback" not in bundle["text/html"]
        return result

    return check


def _run(source: str, exercise: Exercise) -> object:
    """What a cell with this source gives the exercise's name."""
    names = {"np": np, "ll": lyaplab}
    exec(compile(source, "<cell>", "exec"), names)
    return names[exercise.name]


# ------------------------------------------------------------------ right


@pytest.mark.parametrize(("name", "exercise"), EXERCISES)
def test_the_solution_passes(name, exercise, check, seed):
    entry = LESSONS[name].exercises[exercise]
    result = check(name, exercise, _run(entry.solution, entry))
    assert result.passed, result.hint
    assert result.points == result.max_points


@pytest.mark.parametrize(("name", "exercise"), CLOSED)
def test_the_reference_passes(name, exercise, check, seed):
    entry = LESSONS[name].exercises[exercise]
    answer = entry.reference if entry.draw else entry.right()
    result = check(name, exercise, answer)
    assert result.passed, result.hint


# ------------------------------------------------------------------ not answered


@pytest.mark.parametrize(("name", "exercise"), EXERCISES)
def test_the_untouched_stub_is_not_answered(name, exercise, check):
    entry = LESSONS[name].exercises[exercise]
    result = check(name, exercise, _run(entry.stub, entry))
    assert (result.verdict, result.points, result.passed) == ("unanswered", 0.0, False)
    assert result.hint


def _raises_not_implemented(*_, **__):
    raise NotImplementedError


EMPTY = {
    "Ellipsis": ...,
    "None": None,
    "empty text": "",
    "blanks": "  \n",
    "NotImplementedError": _raises_not_implemented,
}


@pytest.mark.parametrize("empty", EMPTY)
@pytest.mark.parametrize(("name", "exercise"), EXERCISES)
def test_an_empty_answer_is_not_answered(name, exercise, empty, check):
    answer = EMPTY[empty]
    entry = LESSONS[name].exercises[exercise]
    result = check(name, exercise, answer)
    assert not result.passed
    assert result.hint
    if not callable(answer) or entry.draw:
        assert result.verdict == "unanswered"


# ------------------------------------------------------------------ known wrong answers


@pytest.mark.parametrize(("name", "exercise", "wrong"), MISCONCEPTIONS)
def test_a_misconception_gets_its_own_hint(name, exercise, wrong, check, seed):
    entry = LESSONS[name].exercises[exercise]
    misconception = next(each for each in entry.misconceptions if each.name == wrong)
    answer = misconception.wrong if entry.draw else entry.wrong(misconception)
    result = check(name, exercise, answer)
    assert not result.passed, "the misconception is the right answer"
    assert (result.misconception, result.hint) == (wrong, misconception.hint)


@pytest.mark.parametrize(("name", "exercise", "wrong"), MISCONCEPTIONS)
def test_a_misconception_is_no_other(name, exercise, wrong):
    entry = LESSONS[name].exercises[exercise]
    misconception = next(each for each in entry.misconceptions if each.name == wrong)
    others = [each for each in entry.misconceptions if each.name != wrong]
    for seed in SEEDS:
        rows = entry.instances(seed)
        for other in others:
            same = [entry.same(entry.wrong(misconception, row), entry.wrong(other, row)) for row in rows]
            assert not all(same), f"{wrong!r} and {other.name!r} are the same answer"
        right = [entry.same(entry.wrong(misconception, row), entry.right(row)) for row in rows]
        assert not all(right), f"{wrong!r} is the right answer"


# ------------------------------------------------------------------ the whole notebook


# Those of the lessons run in tests/lessons/test_notebooks.py.
@pytest.mark.parametrize("solved", [True, False])
def test_the_notebook_runs_from_top_to_bottom(solved, tmp_path, monkeypatch):
    """Solved it earns everything, untouched it earns nothing; and no cell raises."""
    monkeypatch.setenv("LYAPLAB_LESSONS", str(TOY.parent))
    path = tmp_path / "work.ipynb"
    path.write_bytes(build_notebook(TOY, solved=solved))
    score = check_notebook(path)
    assert score.notes == ()
    assert score.points == (score.max_points if solved else 0)
    assert score.passed == solved


# ------------------------------------------------------------------ hostile answers


class Hostile:
    """Everything Python may ask of an object goes wrong, loudly."""

    def _wrong(self, *_, **__):
        print("hostile")
        print("hostile", file=sys.stderr)
        warnings.warn("hostile", stacklevel=1)
        raise RuntimeError("hostile")

    __repr__ = __str__ = __eq__ = __ne__ = __lt__ = __len__ = __iter__ = __getitem__ = __bool__ = _wrong
    __array__ = __float__ = __int__ = __complex__ = __index__ = __format__ = __hash__ = __deepcopy__ = _wrong

    @property
    def __class__(self):
        self._wrong()


class HostileArray(np.ndarray):
    def __array_finalize__(self, other):
        pass

    __repr__ = __eq__ = __len__ = __iter__ = __getitem__ = ravel = astype = tolist = Hostile._wrong


class HostileMeta(type):
    def __getattr__(cls, name):
        raise RuntimeError(name)

    def __repr__(cls):
        raise RuntimeError("repr")


def _raises(*_, **__):
    raise ValueError("something <b>went</b> wrong")


def _bad_message(*_, **__):
    class Bad(Exception):
        def __str__(self):
            raise RuntimeError

    raise Bad


def _exits(*_, **__):
    sys.exit("bye")


def _interrupts(*_, **__):
    raise KeyboardInterrupt


def _speaks(*_, **__):
    print("hello")
    print("hello", file=sys.stderr)
    warnings.warn("a warning", stacklevel=1)
    np.log(np.zeros(1))
    return "text"


def _itself():
    inner: list = []
    inner.append(inner)
    return inner


HOSTILE = {
    "text": "a string",
    "lone surrogate": "\ud800",
    "nan": float("nan"),
    "inf": float("inf"),
    "huge integer": 10**400,
    "complex": 1 + 2j,
    "true": True,
    "wrong shape": np.zeros((3, 1, 2)),
    "empty array": np.zeros(0),
    "nan array": np.full(3, np.nan),
    "huge array": np.zeros((3000, 3000)),
    "huge list": [0.0] * 10**6,
    "deep list": _itself(),
    "ragged": [[1.0], [1.0, 2.0]],
    "objects": np.array([object(), None], dtype=object),
    "dates": np.array(["2020-01-01"], dtype="datetime64[D]"),
    "dictionary": {"a": 1},
    "range": range(10**9),
    "generator": (k for k in range(3)),
    "module": np,
    "a type": int,
    "hostile": Hostile(),
    "list of hostile": [Hostile()],
    "hostile array": np.zeros(3).view(HostileArray),
    "hostile type": HostileMeta("X", (), {})(),
    "raises": _raises,
    "raises without words": _bad_message,
    "no arguments": lambda: 1.0,
    "too many arguments": lambda a, b, c, d, e, f, g: 1.0,
    "exits": _exits,
    "interrupts": _interrupts,
    "speaks": _speaks,
    "returns a function": lambda *_: _raises,
    "returns itself": lambda *_: Hostile(),
    "returns too much": lambda *_: np.zeros(10**6),
    "returns nan": lambda *_: np.nan,
}


@pytest.mark.parametrize("what", HOSTILE)
@pytest.mark.parametrize(("name", "exercise"), CLOSED)
def test_a_hostile_answer_gets_a_kind_word(name, exercise, what, check):
    result = check(name, exercise, HOSTILE[what])
    assert not result.passed
    assert result.hint
    assert "broken" not in result.hint, result.hint


@pytest.mark.parametrize("what", HOSTILE)
@pytest.mark.parametrize(("name", "exercise"), [each for each in EXERCISES if each not in CLOSED])
def test_an_open_exercise_meets_hostile_answers(name, exercise, what, check):
    result = check(name, exercise, HOSTILE[what])
    assert result.passed or result.hint


# ------------------------------------------------------------------ the declaration itself


@pytest.mark.parametrize(("name", "exercise"), CLOSED)
def test_no_constant_answer_passes(name, exercise, check):
    """An exercise that accepts whatever comes checks nothing."""
    entry = LESSONS[name].exercises[exercise]
    arbitrary = 0.12345678
    result = check(name, exercise, (lambda *_: arbitrary) if entry.draw else arbitrary)
    assert not result.passed


@pytest.mark.parametrize(("name", "exercise"), CLOSED)
def test_the_words_of_an_exercise(name, exercise):
    entry = LESSONS[name].exercises[exercise]
    assert entry.title and entry.stub != entry.solution
    texts = [rung.text for rung in entry.rungs] + [each.hint for each in entry.misconceptions]
    assert all(text.strip() for text in texts)
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(("name", "exercise"), CLOSED)
def test_the_reference_fits_plain_data(name, exercise):
    entry = LESSONS[name].exercises[exercise]
    for row in entry.instances(0):
        assert not isinstance(decode(encode(entry.right(row))), NoValue)
