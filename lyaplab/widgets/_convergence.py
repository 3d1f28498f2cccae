"""A running estimate of an exponent against the length of the run, with the band that shrinks around it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.lyapunov import Spectrum
from lyaplab.widgets._stage import Axis, Stage

__all__ = ["Convergence", "widening"]

Array = NDArray[np.float64]

LEAST_REACH = 0.01
"""Half the height of the figure when the estimate hardly moves: rounding is not to look like news."""


def widening(times: Array, stderr: float) -> Array:
    """Give half the width of the band along a run: two standard errors, as they were when the run was shorter.

    The error of a mean of blocks falls as one over the square root of the length.

    Examples
    --------
    >>> widening(np.array([100.0, 400.0]), 0.01)
    array([0.04, 0.02])
    """
    return 2.0 * float(np.nan_to_num(stderr)) * np.sqrt(times[-1] / times)


class Convergence:
    """A figure of one exponent: its running value and two standard errors around it.

    Parameters
    ----------
    longest : int
        Steps of the whole run.
    width, height : int
        Of the figure, in pixels.

    Examples
    --------
    >>> import lyaplab as ll
    >>> figure = Convergence(longest=100_000)
    >>> figure.show(ll.Model("logistic", r=4.0).lyapunov_spectrum(100_000), beginning=(1000, 0.7))
    True
    >>> figure.stage.close()
    """

    def __init__(self, *, longest: int, width: int = 860, height: int = 190) -> None:
        self._end = float(np.log10(longest))
        length = Axis("steps measured, powers of ten", 3, self._end)
        self.stage = Stage(x=length, y=Axis("", -1, 1), width=width, height=height)
        self.stage.band("sure", role="second", label="± 2 standard errors")
        self.stage.line("lambda", role="second", label="exponent λ", width=2.0)

    def show(self, spectrum: Spectrum, *, beginning: tuple[float, float]) -> bool:
        """Show how far a run has come; False when there is nothing finite to show.

        Parameters
        ----------
        spectrum : Spectrum
            The run so far; its largest exponent is shown.
        beginning : (float, float)
            Length and estimate of an earlier, shorter run: a long run's own checkpoints begin late.
        """
        value, stderr = float(spectrum.exponents[0]), float(spectrum.stderr[0])
        times = np.append(beginning[0], spectrum.times)
        running = np.append(beginning[1], spectrum.history[:, 0])
        seen = np.isfinite(running)
        if not np.isfinite(value) or not seen.any():
            return False
        times, running = times[seen], running[seen]
        half = widening(times, stderr)
        reach = 1.1 * max(LEAST_REACH, float(np.abs(running[0] - value) + half[0]))
        with self.stage.redraw() as stage:
            stage.limits(x=(3, self._end), y=(value - reach, value + reach))
            stage.show_band("sure", np.log10(times), running - half, running + half)
            stage.show("lambda", np.log10(times), running)
        return True
