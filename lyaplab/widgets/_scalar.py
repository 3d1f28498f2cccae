"""Maps of one variable: how far an orbit can be followed, and which window shows what matters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lyaplab.errors import DivergenceError
from lyaplab.model import Model

__all__ = ["coarse_kind", "finite_orbit", "window"]

Array = NDArray[np.float64]

_MARGIN = 0.06
_ANYWHERE = (-2.0, 2.0)


def finite_orbit(model: Model, count: int, start: Array) -> Array:
    """Follow the orbit for `count` states, or as far as it stays finite."""
    try:
        return np.asarray(model.orbit(count, x0=start)[:, 0])
    except DivergenceError as error:
        return np.asarray(model.orbit(max(1, error.step), x0=start)[:, 0])


def window(model: Model) -> tuple[float, float]:
    """Choose what both axes span: the model's window and the fixed points near it, with a margin.

    Examples
    --------
    >>> window(Model("logistic", r=3.2))
    (-0.06, 1.06)
    """
    try:
        low, high = (float(edge[0]) for edge in model.view)
    except DivergenceError:  # no window is known, and the orbit that would show one runs away
        low, high = _ANYWHERE
    points = model.fixed_points().points[:, 0]
    near = points[np.abs(points - (low + high) / 2) < 1.5 * (high - low)]
    low, high = min([low, *near]), max([high, *near])
    margin = _MARGIN * (high - low)
    return float(f"{low - margin:.3g}"), float(f"{high + margin:.3g}")


def coarse_kind(kind: str) -> str:
    """Name what can be told apart in one dimension: stable, unstable or marginal.

    Examples
    --------
    >>> coarse_kind("stable node")
    'stable'
    """
    return "marginal" if kind == "marginal" else kind.split()[0]
