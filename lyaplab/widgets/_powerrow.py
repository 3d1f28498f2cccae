"""The control of a number that goes over many powers of ten."""

from __future__ import annotations

import math
from collections.abc import Callable

from lyaplab.model import Knob
from lyaplab.widgets._controls import KnobRow

__all__ = ["PowerRow"]


class PowerRow(KnobRow):
    """A knob over many powers of ten: its slider goes through their logarithms, ten places to each.

    Examples
    --------
    >>> heard = []
    >>> row = PowerRow(Knob("span", 0.01, 1e-8, 0.1, 0.0), heard.append)
    >>> row.slider.min, row.slider.value, row.slider.max
    (-8.0, -2.0, -1.0)
    >>> row.slider.value = -4.7
    >>> heard, row.box.value, row.box.step
    ([2e-05], 2e-05, 1e-05)
    >>> row.close()
    """

    def __init__(self, knob: Knob, changed: Callable[[float], None]) -> None:
        super().__init__(knob, changed)
        self._least = float(knob.low)
        self.box.min = 0.0  # pages count the steps of arrow keys from here: 0.00007, not 0.00007001

    def _typed(self, change: dict) -> None:
        if change["new"] > 0.0:
            super()._typed(change)
        else:
            self.box.value = self._least

    def _apart(self, knob: Knob) -> float:
        return 0.1

    def _place(self, value: float) -> float:
        return round(math.log10(value), 9)

    def _worth(self, place: float) -> float:
        return float(f"{10.0**place:.2g}")

    def _nudge(self) -> float:
        """One in the first digit, and of a power of ten itself one in the second, so that zero is never reached."""
        return float(f"1e{math.ceil(self._place(self._value)) - 1}")
