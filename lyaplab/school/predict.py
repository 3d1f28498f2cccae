"""Predict first: a question whose answer is committed before anything is revealed.

A `Prediction` is the declaration in exercises.py; a `Gate` is one learner's meeting with it, which remembers what was
committed. The view of a gate is a widget (`lyaplab.widgets` sets `gate_factory`); without one, `gate.commit(...)` in a
cell does the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np

from lyaplab import errors
from lyaplab.school.curve import points
from lyaplab.school.progress import Progress
from lyaplab.school.style import panel, words

CURVE_POINTS = 64  # a drawn curve is kept at so many places

gate_factory: Callable[[Gate, Any], Any] | None = None
"""Makes the widget of a gate from it and what it hides (`then`); `lyaplab.widgets` sets it, headless it stays None."""


@dataclass(frozen=True)
class Prediction:
    """A question to be answered before looking.

    Parameters
    ----------
    key : str
        Its name within the lesson.
    question : str
    kind : {"choice", "number", "curve"}
    options : sequence of str
        Of a choice.
    truth : object
        The right option; the right number; of a curve, a function y(x) or a sequence of points (x, y). None when
        there is no right answer.
    explain : str
        What to say after the commitment.
    low, high : float
        The range of a number, or of a curve's y.
    domain : (float, float)
        The range of a curve's x.
    tolerance : float
        How far off counts as near, for a number; for a curve, the mean distance as a share of high - low.
    labels : (str, str)
        Names of a curve's axes.
    unit : str
        Of a number.

    Examples
    --------
    >>> where = Prediction("where", "Where does it rest?", options=("at 0", "at 1"), truth="at 1", explain="...")
    >>> gate = Gate(where)
    >>> gate.commit("at 0").near, gate.explain
    (False, '...')
    """

    key: str
    question: str
    _: KW_ONLY
    kind: str = "choice"
    options: Sequence[str] = ()
    truth: Any = None
    explain: str = ""
    low: float = 0.0
    high: float = 1.0
    domain: tuple[float, float] = (0.0, 1.0)
    tolerance: float = 0.1
    labels: tuple[str, str] = ("x", "y")
    unit: str = ""

    def __post_init__(self) -> None:
        if self.kind not in ("choice", "number", "curve"):
            raise errors.unknown(f"kind of prediction {self.key!r}", self.kind, ("choice", "number", "curve"))
        if self.kind == "choice" and len(self.options) < 2:
            raise ValueError(f"prediction {self.key!r}: options: got {len(self.options)}, expected at least two")
        if self.kind == "choice" and self.truth is not None and self.truth not in self.options:
            raise errors.unknown(f"truth of prediction {self.key!r}", self.truth, self.options)
        if not self.low < self.high or not self.domain[0] < self.domain[1]:
            raise ValueError(f"prediction {self.key!r}: low and high, or domain, are not in rising order")

    # ------------------------------------------------------------- reading a commitment

    def read(self, value: Any) -> Any:
        """A learner's prediction as JSON: an option, a number, or points [[x, y], ...].

        Parameters
        ----------
        value : object
            Of a choice, the option (any case) or its index. Of a number, a number or its text. Of a curve, typed
            points ("0 0, 0.5 1, 1 0"), pairs, or drawn samples (xs, ys) as two arrays.

        Raises
        ------
        ValueError
            With a kind word that says what is expected.
        """
        if self.kind == "choice":
            return self._read_choice(value)
        return self._read_number(value) if self.kind == "number" else self._read_curve(value)

    def _read_choice(self, value: Any) -> str:
        if type(value) is int and 0 <= value < len(self.options):
            return self.options[value]
        wanted = value.strip().casefold() if isinstance(value, str) else None
        for option in self.options:
            if option.strip().casefold() == wanted:
                return option
        raise ValueError("Choose one of: " + "; ".join(self.options))

    def _read_number(self, value: Any) -> float:
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if math.isfinite(number) and self.low <= number <= self.high:
            return number
        raise ValueError(f"Give a number from {self.low:g} to {self.high:g}.")

    def _read_curve(self, value: Any) -> list[list[float]]:
        x, y = points(value)
        known = np.isfinite(x) & np.isfinite(y)
        x, y = x[known], np.clip(y[known], self.low, self.high)
        inside = (self.domain[0] <= x) & (x <= self.domain[1])
        x, places = np.unique(x[inside], return_index=True)
        y = y[inside][places]
        if len(x) < 2:
            first, last = self.domain
            raise ValueError(f"Give at least two points, such as: {first:g} {self.low:g}, {last:g} {self.high:g}")
        if len(x) > CURVE_POINTS:
            grid = np.linspace(*self.domain, CURVE_POINTS)
            x, y = grid, np.interp(grid, x, y)  # np.interp carries the end samples on to the edges
        return [[float(a), float(b)] for a, b in zip(x, y, strict=True)]

    # ------------------------------------------------------------- comparing

    def distance(self, value: Any) -> float | None:
        """How far a (read) prediction is from the truth; None where there is no truth to be far from.

        A choice is 0 or 1 away, a number its difference, a curve the mean distance as a share of high - low.
        """
        if self.truth is None:
            return None
        if self.kind == "choice":
            return float(value != self.truth)
        if self.kind == "number":
            return abs(value - float(self.truth))
        x, y = self.truth_curve()
        guess = np.interp(x, *np.array(value, dtype=float).T)
        return float(np.mean(np.abs(guess - y)) / (self.high - self.low))

    def truth_curve(self, places: int = CURVE_POINTS) -> tuple[np.ndarray, np.ndarray]:
        """The right curve as x and y, each of shape (places,)."""
        x = np.linspace(*self.domain, places)
        if callable(self.truth):
            return x, np.array([float(self.truth(each)) for each in x])
        known = np.array(sorted(map(tuple, self.truth)), dtype=float)
        return x, np.interp(x, known[:, 0], known[:, 1])


@dataclass(frozen=True)
class Verdict:
    """What a prediction came to.

    Parameters
    ----------
    near : bool or None
        Whether it was near the truth; None where there is no truth, or no prediction.
    text : str
        In words.
    kept : bool
        Whether it stands; False when the value was no answer to the question.
    """

    near: bool | None
    text: str
    kept: bool = True

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        tone = "ok" if self.near else "info" if self.kept else "no"
        html = panel(f"<p>{words(self.text)}</p>", tone=tone, label="Prediction")
        return {"text/plain": self.text, "text/html": html}


class Gate:
    """One learner's meeting with a prediction: it holds the commitment and lets nothing out before.

    Parameters
    ----------
    prediction : Prediction
    progress : Progress, optional
        Where the commitment is kept and found again after a restart.
    """

    def __init__(self, prediction: Prediction, progress: Progress | None = None) -> None:
        self._prediction = prediction
        self.progress = progress or Progress("none", "0", folder=None)
        self.key, self.question, self.kind = prediction.key, prediction.question, prediction.kind
        self.options = tuple(prediction.options)
        self.low, self.high, self.domain = prediction.low, prediction.high, prediction.domain
        self.labels, self.unit = prediction.labels, prediction.unit

    @property
    def value(self) -> Any:
        """The committed prediction, None before; a kept one that no longer fits the question counts as none."""
        kept = self.progress.prediction(self.key)
        if kept is None:
            return None
        try:
            return self._prediction.read(kept)
        except ValueError:
            return None

    @property
    def committed(self) -> bool:
        """Whether a prediction stands."""
        return self.value is not None

    def commit(self, value: Any) -> Verdict:
        """Commit a prediction for good and return what it came to; a second one changes nothing.

        A value that is no answer to the question is not kept: `kept` is False then, and `text` a kind word.
        """
        standing = self.verdict
        if standing is not None:
            return standing
        try:
            read = self._prediction.read(value)
        except ValueError as error:
            return Verdict(None, str(error), kept=False)
        # whatever is kept under this key no longer fits the question (an older version of the lesson)
        self.progress.commit(self.key, read, instead=True)
        return self._verdict(self.value)

    @property
    def verdict(self) -> Verdict | None:
        """What the prediction came to, None before it is committed."""
        value = self.value
        return None if value is None else self._verdict(value)

    def _verdict(self, value: Any) -> Verdict:
        distance = self._prediction.distance(value)
        if distance is None:
            return Verdict(None, "Prediction kept. Now look.")
        near = distance == 0 if self.kind == "choice" else distance <= self._prediction.tolerance
        return Verdict(near, "As you predicted." if near else "Not as you predicted: good, now there is a question.")

    @property
    def truth(self) -> Any:
        """The right answer (of a curve: x and y arrays), None before the commitment."""
        if not self.committed or self._prediction.truth is None:
            return None
        return self._prediction.truth_curve() if self.kind == "curve" else self._prediction.truth

    @property
    def explain(self) -> str:
        """The explanation, "" before the commitment."""
        return self._prediction.explain if self.committed else ""

    def __repr__(self) -> str:
        return f"Gate({self.key}: {'committed' if self.committed else 'open'})"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """The question and how to answer it; after the commitment, what it came to."""
        verdict = self.verdict
        if verdict is None:
            call = f'`lesson.predict("{self.key}").commit({self._example()})`'
            lines = [self.question, f"Predict first: {call}"]
        else:
            lines = [self.question, f"Your prediction: {self._shown()}. {verdict.text}", self.explain]
        lines = [line for line in lines if line]
        tags = [f'<p class="ll-head">{words(lines[0])}</p>', *(f"<p>{words(line)}</p>" for line in lines[1:])]
        return {"text/plain": "\n".join(lines), "text/html": panel("".join(tags), label="Prediction")}

    def _example(self) -> str:
        if self.kind == "choice":
            return " or ".join(repr(option) for option in self.options)
        return "number" if self.kind == "number" else "'x y, x y, ...'"

    def _shown(self) -> str:
        value = self.value
        if self.kind == "number":
            return f"{value:g} {self.unit}".strip()
        return str(value) if self.kind == "choice" else f"a curve of {len(value)} points"
