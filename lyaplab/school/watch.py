"""Running a learner's code: quietly, for a few seconds at most, and without leaving a trace.

While it runs, standard output, standard error and warnings go nowhere (nbgrader gives 0 points to a cell that
writes to standard error), the global random generators are put back afterwards, and nothing that the code makes is
kept but its plain data.

On the main thread of a Unix system an endless loop is interrupted by a timer. Elsewhere (Windows, another thread)
Python offers no way to stop running code, so the limit is only looked at between two calls, and the panel says so.
"""

from __future__ import annotations

import contextlib
import copy
import io
import os
import random
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from types import FrameType, TracebackType
from typing import Any

import numpy as np

from lyaplab.school.encode import Budget, encode, type_name
from lyaplab.school.exercise import Exercise
from lyaplab.school.plain import MAX_MESSAGE, MAX_NAME, Node, short

SCHEMA = 1
HERE = os.path.dirname(os.path.abspath(__file__))
RING_AGAIN = 0.25  # seconds; code that swallows the first interruption is interrupted again


class _TimeUp(BaseException):
    """Raised by the timer inside the learner's code; a BaseException, so that `except Exception` lets it through."""


@dataclass
class Noise:
    """What a learner's code said while it ran."""

    printed: bool = False
    warned: str = ""


def plain_answer(exercise: Exercise, answer: Any, *, seed: int) -> dict[str, Any]:
    """A learner's answer as plain data, ready for `lyaplab.school.judge.judge`.

    Parameters
    ----------
    exercise : Exercise
    answer : object
        Anything at all. A function is called on `exercise.times` instances, drawn with `seed`.
    seed : int

    Returns
    -------
    dict
        JSON: `schema`, `exercise`, `seed` and `answer` (a node, see `lyaplab.school.plain`).
    """
    with quiet() as noise:
        if exercise.draw is not None and callable(answer):
            node = _call(exercise, answer, seed)
        else:
            node = attempt(lambda: encode(answer), seconds=exercise.seconds)
            node.pop("call", None)
    if noise.printed:
        node["printed"] = True
    if noise.warned:
        node["warned"] = noise.warned
    return {"schema": SCHEMA, "exercise": exercise.name, "seed": int(seed), "answer": node}


def _call(exercise: Exercise, function: Callable[..., Any], seed: int) -> Node:
    """The values of a learner's function on all instances; after a failure the rest is left out."""
    budget, values = Budget(), []
    end = time.monotonic() + exercise.seconds
    for arguments in exercise.instances(seed):
        own = copy.deepcopy(arguments)  # a function may change its arguments; the judge draws its own
        left = end - time.monotonic()
        if left > 0:
            value = attempt(partial(_value, function, own, budget), seconds=left)
        else:
            value = {"kind": "timeout"}
        if value["kind"] == "timeout":
            value["seconds"] = exercise.seconds
        values.append(value)
        if value["kind"] in ("failure", "timeout", "large", "other", "function"):
            break
    return {"kind": "function", "values": values, "interruptible": interruptible()}


def _value(function: Callable[..., Any], arguments: tuple[Any, ...], budget: Budget) -> Node:
    return encode(function(*arguments), budget)


# ------------------------------------------------------------------ quiet


class _Sink(io.TextIOWrapper):
    """A text stream that forgets what is written to it, but remembers that something was."""

    def __init__(self, noise: Noise) -> None:
        super().__init__(open(os.devnull, "wb"), encoding="utf-8", errors="replace")  # noqa: SIM115
        self.noise = noise

    def write(self, text: str) -> int:
        self.noise.printed = True
        return super().write(text)


@contextlib.contextmanager
def quiet() -> Iterator[Noise]:
    """Silence standard output, standard error, warnings and NumPy's complaints; put the random generators back."""
    noise = Noise()

    def note_warning(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
        if not noise.warned:
            noise.warned = short(f"{category.__name__}: {message}", MAX_MESSAGE)

    python_random, numpy_random = random.getstate(), np.random.get_state(legacy=False)  # noqa: NPY002
    try:
        with (
            _Sink(noise) as sink,
            contextlib.redirect_stdout(sink),
            contextlib.redirect_stderr(sink),
            warnings.catch_warnings(),
            np.errstate(all="warn"),
        ):
            warnings.simplefilter("default")
            warnings.showwarning = note_warning
            yield noise
    finally:
        random.setstate(python_random)
        np.random.set_state(numpy_random)  # noqa: NPY002


# ------------------------------------------------------------------ attempt


def interruptible() -> bool:
    """Whether an endless loop can be stopped here: on the main thread of a system with interval timers."""
    return hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()


def attempt(action: Callable[[], Node], *, seconds: float) -> Node:
    """The node that `action` makes; a failure node when it raises, a timeout node when it takes too long.

    Parameters
    ----------
    action : callable
        Without arguments; may raise anything, also SystemExit.
    seconds : float
        Limit; only kept where `interruptible()`.
    """
    try:
        with _alarm(seconds) as alarm:
            try:
                return action()
            finally:
                alarm.armed = False
    except _TimeUp:
        return {"kind": "timeout", "seconds": seconds}
    except NotImplementedError:
        return {"kind": "nothing", "type": "NotImplementedError"}
    except BaseException as error:  # whatever a learner raises becomes a word: never a traceback
        return _failure(error)


@dataclass
class _Alarm:
    armed: bool = True
    rung: bool = False

    def ring(self, signum: int, frame: FrameType | None) -> None:
        if not self.armed:
            return
        if self.rung:
            # A bare `except:` caught the last one. Raise another one at the next line, which is inside that `except`.
            sys.settrace(lambda *_: None)
            while frame is not None and not frame.f_code.co_filename.startswith(HERE):
                frame.f_trace = self._again
                frame = frame.f_back
        self.rung = True
        raise _TimeUp

    def _again(self, frame: FrameType, event: str, argument: Any) -> Any:
        if self.armed and event == "line":
            raise _TimeUp
        return self._again


@contextlib.contextmanager
def _alarm(seconds: float) -> Iterator[_Alarm]:
    """Interrupt the body after `seconds`; another timer that was running goes on afterwards."""
    alarm = _Alarm()
    if not interruptible():
        yield alarm
        return
    tracing, before = sys.gettrace(), signal.getsignal(signal.SIGALRM)
    started = time.monotonic()
    signal.signal(signal.SIGALRM, alarm.ring)
    left, interval = signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-3), RING_AGAIN)
    try:
        yield alarm
    finally:
        alarm.armed = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        if sys.gettrace() is not tracing:
            sys.settrace(tracing)
        signal.signal(signal.SIGALRM, before if before is not None else signal.SIG_DFL)
        if left:
            passed = time.monotonic() - started
            signal.setitimer(signal.ITIMER_REAL, max(left - passed, 1e-3), interval)


def _failure(error: BaseException) -> Node:
    """An exception in plain words: its type, its text, the line of the learner's code where it happened."""
    name = short(type_name(type(error)), MAX_NAME)
    try:
        text = short(str(error), MAX_MESSAGE)
    except BaseException:  # the exception's own __str__ is the learner's code, too
        text = ""
    line = _last_line(error.__traceback__)
    called_wrongly = isinstance(error, TypeError) and line is None
    return {"kind": "failure", "type": name, "text": text, "line": line, "call": called_wrongly}


def _last_line(traceback: TracebackType | None) -> int | None:
    """The line of the first frame outside this package: where the learner's own code stopped."""
    line, owner = None, ""
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if line is not None and file != owner:
            break
        if not file.startswith(HERE):
            line, owner = traceback.tb_lineno, file
        traceback = traceback.tb_next
    return line
