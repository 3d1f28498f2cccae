"""Where a system rests: Newton from many starts at once, and what the eigenvalues say of each place found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.linearise import Linearisation, field_jacobians, rows_at_once
from lyaplab.engine.newton import distinct, newton
from lyaplab.engine.result import Result
from lyaplab.kernel import Cell, one_blas_thread

__all__ = ["FixedPoints", "fixed_points", "kind_of"]

Array = NDArray[np.float64]

# Eigenvalues this close to the border of stability are called marginal.
_MARGIN = 1e-6


@dataclass(frozen=True, repr=False)
class FixedPoints(Result):
    """Fixed points of a map, or rest points of a flow.

    Parameters
    ----------
    points : ndarray(float, shape=(K, d))
        Sorted by their first coordinate, then the next.
    eigenvalues : ndarray(complex, shape=(K, d))
        Of the Jacobian of the map (stable inside the unit circle), or of the vector field of a flow (stable left of
        the imaginary axis); the least stable first.
    kinds : ndarray(str, shape=(K,))
        "stable node", "stable spiral", "saddle", "unstable node", "unstable spiral" or "marginal".
    residuals : ndarray(float, shape=(K,))
        |F(x) - x| of a map, |dx/dt| of a flow.
    starts : int
        Number of starts.
    converged : float
        Share of the starts that reached a solution.
    unit : str
        "step" for maps, "time" for flows.
    """

    points: Array
    eigenvalues: NDArray[np.complex128]
    kinds: NDArray[np.str_]
    residuals: Array
    starts: int
    converged: float
    unit: str = "step"

    def __len__(self) -> int:
        return len(self.points)

    @property
    def stable(self) -> NDArray[np.bool_]:
        """Which points are stable."""
        return np.array([kind.startswith("stable") for kind in self.kinds], dtype=bool)

    def table(self) -> dict[str, np.ndarray]:
        """Return the columns kind, residual, x1, x2, ..."""
        columns = {f"x{i + 1}": self.points[:, i] for i in range(self.points.shape[1])}
        return {"kind": self.kinds, "residual": self.residuals, **columns}

    def __repr__(self) -> str:
        names, counts = np.unique(self.kinds, return_counts=True)
        listing = ", ".join(f"{count} {name}" for name, count in zip(names, counts, strict=True)) or "none found"
        return f"FixedPoints({listing}; {self.converged:.0%} of {self.starts} starts converged)"


def fixed_points(
    cell: Cell,
    p: tuple[Array, ...],
    *,
    starts: Array,
    inputs: Array,
    dt: float | None = None,
    bounds: tuple[Array, Array] | None = None,
) -> FixedPoints:
    """Find where F(x) = x (a map) or dx/dt = 0 (a flow), from many starts.

    Parameters
    ----------
    cell, p : Cell, tuple of ndarray
        The system and its parameters.
    starts : ndarray(float, shape=(B, n))
        First guesses.
    inputs : ndarray(float, shape=(m,))
        The constant input.
    dt : float, optional
        Time step of a flow.
    bounds : tuple of ndarray(float, shape=(n,)), optional
        (low, high) within which all solutions lie; guesses are kept there.

    Returns
    -------
    FixedPoints
    """
    linearised = Linearisation(cell, p, inputs=inputs, dt=dt, rows=rows_at_once(len(starts), starts.shape[1]))
    # One limit for all iterations: the small systems that are solved here are ruined by two BLAS threads.
    with one_blas_thread():
        ends, residuals = newton(linearised, starts, bounds=bounds)
        good = np.isfinite(residuals)
        points, _ = distinct(ends[good])
        return _described(cell, p, points, inputs, dt, len(ends), float(good.mean()))


def _linear(cell: Cell, p: tuple[Array, ...], x: Array, inputs: Array, dt: float | None) -> tuple[Array, Array]:
    driven = np.ascontiguousarray(np.broadcast_to(inputs, (len(x), len(inputs))))
    return field_jacobians(cell, p, x=np.ascontiguousarray(x), inputs=driven, dt=dt)


def _described(
    cell: Cell,
    p: tuple[Array, ...],
    points: Array,
    inputs: Array,
    dt: float | None,
    starts: int,
    converged: float,
) -> FixedPoints:
    n = points.shape[1]
    if len(points) == 0:
        eigenvalues, residuals = np.empty((0, n), dtype=complex), np.empty(0)
    else:
        F, J = _linear(cell, p, points, inputs, dt)
        eigenvalues = np.linalg.eigvals(J if dt is not None else J + np.eye(n)).astype(complex)
        # Least stable first; of a pair, the one above the axis.
        keys = [np.lexsort((-e.imag, -(e.real if dt is not None else np.abs(e)).round(9))) for e in eigenvalues]
        eigenvalues = np.stack([e[key] for e, key in zip(eigenvalues, keys, strict=True)])
        residuals = np.sqrt((F * F).sum(axis=1))
    kinds = np.array([kind_of(e, flow=dt is not None) for e in eigenvalues], dtype="U16")
    return FixedPoints(
        points, eigenvalues, kinds, residuals, starts, converged, "step" if dt is None else "time"
    )


def kind_of(eigenvalues: NDArray[np.complex128], *, flow: bool) -> str:
    """Name a fixed point by its eigenvalues.

    Parameters
    ----------
    eigenvalues : ndarray(complex, shape=(d,))
        Of the Jacobian of a map, or of the vector field of a flow.
    flow : bool
        Which of the two.

    Returns
    -------
    str

    Examples
    --------
    >>> kind_of(np.array([0.5, -0.2]), flow=False)
    'stable node'
    >>> kind_of(np.array([0.1 + 1j, 0.1 - 1j]), flow=True)
    'unstable spiral'
    """
    growth = np.real(eigenvalues) if flow else np.log(np.maximum(np.abs(eigenvalues), 1e-300))
    turns = bool(np.abs(np.imag(eigenvalues[np.argmax(growth)])) > 1e-12 * (1.0 + np.abs(eigenvalues).max()))
    if np.abs(growth).min() < _MARGIN:
        # One direction neither grows nor shrinks: linear terms decide only if another grows.
        return "marginal"
    if growth.max() < 0.0:
        return "stable spiral" if turns else "stable node"
    if growth.min() > 0.0:
        return "unstable spiral" if turns else "unstable node"
    return "saddle"
