"""All exponents in order, with error bars, and the spectra of others under them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.lyapunov import Spectrum
from lyaplab.report.phrases import long_unit
from lyaplab.widgets._scene import limits_around
from lyaplab.widgets._shapes import joined
from lyaplab.widgets._stage import Axis, Stage

__all__ = ["FEW", "SpectrumPlane", "signs"]

Array = NDArray[np.float64]

# Up to so many exponents are counted by index; more of them stand at index / n, where spectra of all sizes meet.
FEW = 8

# What an exponent is within its error: its name, its label, its colour and how large its dot is.
KINDS = (("positive", "λ > 0", "first", 6.0), ("near zero", "≈ 0", "third", 5.5), ("negative", "< 0", "second", 4.5))


class SpectrumPlane:
    """Exponents against their index, of one system and of others.

    Parameters
    ----------
    state : int
        State variables of a unit: a gated cell of n units has 2n exponents.
    few : bool
        Whether the exponents are so few that each has its tick.
    unit : str
        "step" or "time".
    width, height : int
        Of the figure, in pixels.

    Attributes
    ----------
    stage : Stage
    """

    def __init__(self, *, state: int, few: bool, unit: str, width: int, height: int) -> None:
        self._state, self._few = state, few
        x = Axis("i", 0, 1, whole=few)
        self.stage = stage = Stage(x=x, y=Axis(f"λᵢ per {long_unit(unit)}", -1, 1), width=width, height=height)
        stage.rule("zero", y=0.0, role="ink", width=1.0, dashed=True)
        if state > 1 and not few:
            stage.rule("units", x=1.0, role="muted", width=1.0, dashed=True)
        stage.line("others", role="arrow", width=1.3)
        stage.dots("dots of others", role="arrow", size=4)
        stage.line("errors", role="muted", width=1.4)
        for name, label, role, size in KINDS:
            stage.dots(name, role=role, size=size + 2 if few else size, label=label)

    def show(self, spectrum: Spectrum, others: Sequence[tuple[Spectrum, int]], *, n: int, words: str) -> None:
        """Show a spectrum of n units, and others, each with the number of its units.

        Parameters
        ----------
        spectrum : Spectrum
        others : sequence of (Spectrum, int)
        n : int
        words : str
            What the others are, for the legend; empty when there are none.
        """
        x = self._places(len(spectrum.exponents), n)
        y, error = spectrum.exponents, 2 * np.nan_to_num(spectrum.stderr)
        paths = [np.column_stack([self._places(len(s.exponents), size), s.exponents]) for s, size in others]
        paths = [path[np.isfinite(path[:, 1])] for path in paths]
        every: list[Array | float] = [y - error, y + error, *(path[:, 1] for path in paths), 0.0]
        with self.stage.redraw() as stage:
            if self._few:
                count = len(y)
                stage.rename(x="index i")
                stage.limits(x=(0.5, count + 0.5), y=limits_around(*every))
            else:
                of = f" ({self._state * n} exponents of {n} units)" if self._state > 1 else f", n = {n}"
                stage.rename(x=f"index i / n{of}")
                stage.limits(x=(0.0, float(self._state)), y=limits_around(*every))
            stage.relabel("others", words or None)
            stage.show("others", *joined(paths))
            stage.show("dots of others", *(joined(paths) if self._few else (np.empty(0), np.empty(0))))
            stage.show("errors", *_bars(x, y, error))
            for (name, *_), there in zip(KINDS, signs(spectrum), strict=True):
                stage.show(name, x[there & np.isfinite(y)], y[there & np.isfinite(y)])

    def _places(self, count: int, n: int) -> Array:
        index = np.arange(1.0, count + 1)
        return index if self._few else index / n


def signs(spectrum: Spectrum) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell which exponents are positive, cannot be told from zero, and are negative."""
    margin = np.maximum(2 * np.nan_to_num(spectrum.stderr), 1e-6)
    return spectrum.exponents > margin, np.abs(spectrum.exponents) <= margin, spectrum.exponents < -margin


def _bars(x: Array, y: Array, half: Array) -> tuple[Array, Array]:
    """Upright strokes as one interrupted line."""
    seen = np.isfinite(y) & np.isfinite(half)
    ends = np.stack([np.stack([x, y - half], axis=1), np.stack([x, y + half], axis=1)], axis=1)[seen]
    return joined(list(ends))
