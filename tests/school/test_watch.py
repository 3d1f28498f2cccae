from __future__ import annotations

import random
import signal
import sys
import threading
import time
import warnings
import weakref

import numpy as np
import pytest

from lyaplab.school.judge import NO_STOP, PRINTS, judge
from lyaplab.school.watch import attempt, interruptible, plain_answer

needs_timer = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no interval timers on this system")


def _kinds(data):
    return [value["kind"] for value in data["answer"]["values"]]


def test_a_function_is_called_on_the_instances_of_the_seed(toy):
    growth = toy.exercises["growth"]
    seen = []
    data = plain_answer(growth, lambda w, h: seen.append((w, h)) or 0.0, seed=5)
    assert tuple(seen) == growth.instances(5)
    assert data["seed"] == 5
    assert _kinds(data) == ["number"] * growth.times


def test_everything_it_says_is_caught(toy, capfd):
    def loud(w, h):
        print("out")
        print("err", file=sys.stderr)
        sys.stdout.write("more")
        warnings.warn("look out", stacklevel=1)
        np.log(np.zeros(1))
        return 0.0

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        data = plain_answer(toy.exercises["growth"], loud, seed=0)
    assert capfd.readouterr() == ("", "")
    assert not caught
    result = judge(toy.exercises["growth"], data)
    assert PRINTS in result.notes
    assert any("look out" in note for note in result.notes)


def test_random_state_and_error_state_are_put_back(toy):
    def meddle(w, h):
        random.seed(1)
        np.random.seed(1)
        np.seterr(all="raise")
        return np.random.normal() + random.random()

    random.seed(7)
    np.random.seed(7)
    before = random.getstate(), np.random.get_state()[1].tolist(), np.geterr()
    plain_answer(toy.exercises["growth"], meddle, seed=0)
    assert (random.getstate(), np.random.get_state()[1].tolist(), np.geterr()) == before


def test_changed_arguments_do_not_reach_the_judge(toy):
    def spoil(W):
        values = np.linalg.svd(W, compute_uv=False)
        W[:] = 0.0
        return values

    assert judge(toy.exercises["apply"], plain_answer(toy.exercises["apply"], spoil, seed=0)).passed


def test_nothing_of_the_learner_is_kept(toy):
    class Thing:
        def __float__(self):
            return 1.5

    thing = Thing()
    gone = weakref.ref(thing)
    result = toy.check("slope", thing)
    del thing
    assert gone() is None
    assert result.passed


@needs_timer
def test_an_endless_loop_is_stopped(toy):
    def endless(w, h):
        while True:
            pass

    before = signal.getsignal(signal.SIGALRM)
    result = toy.check("growth", endless)
    assert result.verdict == "unreadable" and "never ends" in result.hint
    assert signal.getsignal(signal.SIGALRM) is before


@needs_timer
def test_a_loop_that_catches_everything_is_stopped(toy):
    """A bare `except:` in an endless loop is a beginner's mistake; it also catches the interruption."""

    def endless(w, h):
        while True:
            try:
                time.sleep(0.01)
            except:  # noqa: E722
                continue

    tracing = sys.gettrace()
    assert "never ends" in toy.check("growth", endless).hint
    assert sys.gettrace() is tracing


@needs_timer
def test_a_hostile_array_is_stopped(toy):
    class Slow:
        def __array__(self, *_, **__):
            while True:
                pass

    exercise = toy.exercises["growth"]  # its limit is a second
    data = plain_answer(exercise, lambda w, h: Slow(), seed=0)
    assert _kinds(data) == ["timeout"]


@needs_timer
def test_an_outer_timer_goes_on():
    def ring(*_):
        rung.append(True)

    rung: list[bool] = []
    before = signal.signal(signal.SIGALRM, ring)
    outer = signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        assert attempt(lambda: {"kind": "nothing", "type": "x"}, seconds=5.0)["kind"] == "nothing"
        assert signal.getsignal(signal.SIGALRM) is ring
        while not rung:
            time.sleep(0.01)
    finally:
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, *outer)


def test_elsewhere_the_limit_is_checked_between_instances(toy):
    """Off the main thread nothing can be interrupted: the panel says so."""
    results = []

    def slow(w, h):
        time.sleep(0.6)  # the limit is one second
        return 0.0

    def work():
        assert not interruptible()
        results.append(toy.check("growth", slow))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert "Stopped after 1 second" in results[0].hint
    assert NO_STOP in results[0].notes


def test_an_exception_names_its_line(toy):
    source = "def growth(w, h):\n    x = 1\n    return helper(h) / 0\ndef helper(h):\n    return h\n"
    names: dict = {}
    exec(compile(source, "<cell>", "exec"), names)
    hint = toy.check("growth", names["growth"]).hint
    assert "line 3" in hint and "ZeroDivisionError" in hint and "(For w =" in hint


def test_an_exception_below_a_library_names_the_learners_line(toy):
    source = "import numpy as np\ndef apply(W):\n    return np.linalg.inv(np.zeros((2, 2)))\n"
    names: dict = {}
    exec(compile(source, "<cell>", "exec"), names)
    assert "line 3" in toy.check("apply", names["apply"]).hint


def test_wrong_arity_says_how_it_is_called(toy):
    hint = toy.check("growth", lambda w: w).hint
    assert "could not be called" in hint and "2 were given" in hint


def test_the_first_failure_ends_the_run(toy):
    calls = []

    def fails(w, h):
        calls.append(1)
        raise ValueError

    plain_answer(toy.exercises["growth"], fails, seed=0)
    assert len(calls) == 1
