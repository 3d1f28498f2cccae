"""Where a system rests: Newton from many starts at once, and what the eigenvalues say of each place found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.linearise import field_jacobians
from lyaplab.engine.result import Result
from lyaplab.kernel import Cell, one_blas_thread

__all__ = ["FixedPoints", "fixed_points", "kind_of"]

Array = NDArray[np.float64]

# Longest Newton step. No line search: it would stop in minima of |F| that are no solutions.
_LONGEST_STEP = 2.0
_RESIDUAL = 1e-10
_ITERATIONS = 100
# A Newton step below this, relative to the point's size, says that the point is known to rounding.
_KNOWN = 1e-14
# Points closer than this, relative to their size, are one.
_SAME = 1e-6
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
    x = np.array(starts, dtype=float, order="C")
    # One limit for all iterations: the small systems that are solved here are ruined by two BLAS threads.
    with one_blas_thread():
        residual = _newton(cell, p, x, inputs, dt, bounds)
        good = residual <= _RESIDUAL * (1.0 + np.abs(x).max(axis=1))
        points = _distinct(_polished(cell, p, x[good], inputs, dt, bounds))
        return _described(cell, p, points, inputs, dt, len(x), float(good.mean()))


def _newton(
    cell: Cell, p: tuple[Array, ...], x: Array, inputs: Array, dt: float | None, bounds: tuple[Array, Array] | None
) -> Array:
    """Move the guesses x in place by Newton's method and return their residuals."""
    residual = np.full(len(x), np.inf)
    todo = np.arange(len(x))
    for _ in range(_ITERATIONS):
        F, J = _linear(cell, p, x[todo], inputs, dt)
        size = np.sqrt((F * F).sum(axis=1))
        residual[todo] = np.where(np.isfinite(size), size, np.inf)
        going = np.isfinite(size) & (size > _RESIDUAL * (1.0 + np.abs(x[todo]).max(axis=1)))
        F, J, todo = F[going], J[going], todo[going]
        moved = x[todo] + _newton_step(F, J)
        if bounds is not None:
            moved = np.clip(moved, *bounds)
            # A guess that is held in a corner stays there for good.
            free = (moved != x[todo]).any(axis=1)
            moved, todo = moved[free], todo[free]
        if len(todo) == 0:
            break
        x[todo] = moved
    return residual


def _polished(
    cell: Cell, p: tuple[Array, ...], points: Array, inputs: Array, dt: float | None, bounds: tuple[Array, Array] | None
) -> Array:
    """Go on with Newton's method for as long as the residual shrinks.

    At a bifurcation the residual is small far around the solution (|x|³ at a pitchfork), and Newton's method only
    linearly convergent: without this, starts would stop at different places and count as different points.
    """
    x = points.copy()
    best = np.full(len(x), np.inf)
    known = x.copy()
    todo = np.arange(len(x))
    for _ in range(_ITERATIONS):
        if len(todo) == 0:
            break
        F, J = _linear(cell, p, x[todo], inputs, dt)
        size = np.sqrt((F * F).sum(axis=1))
        better = size < best[todo]
        todo, F, J = todo[better], F[better], J[better]
        best[todo], known[todo] = size[better], x[todo]
        d = _newton_step(F, J)
        moving = np.abs(d).max(axis=1, initial=0.0) > _KNOWN * (1.0 + np.abs(x[todo]).max(axis=1, initial=0.0))
        todo = todo[moving]
        moved = x[todo] + d[moving]
        x[todo] = moved if bounds is None else np.clip(moved, *bounds)
    return known


def _linear(cell: Cell, p: tuple[Array, ...], x: Array, inputs: Array, dt: float | None) -> tuple[Array, Array]:
    driven = np.ascontiguousarray(np.broadcast_to(inputs, (len(x), len(inputs))))
    return field_jacobians(cell, p, x=np.ascontiguousarray(x), inputs=driven, dt=dt)


def _newton_step(F: Array, J: Array) -> Array:
    """Solve J d = -F for every start; a singular J (a bifurcation) moves by least squares."""
    try:
        d = np.linalg.solve(J, -F[:, :, None])[:, :, 0]
    except np.linalg.LinAlgError:
        d = np.stack([np.linalg.lstsq(j, -f, rcond=None)[0] for j, f in zip(J, F, strict=True)])
    d = np.where(np.isfinite(d), d, 0.0)
    length = np.sqrt((d * d).sum(axis=1))
    return d * np.minimum(1.0, _LONGEST_STEP / np.maximum(length, 1e-300))[:, None]


def _distinct(points: Array) -> Array:
    """Keep one of each group of coinciding points, sorted by coordinates."""
    kept: list[Array] = []
    left = points
    while len(left):
        first = left[0]
        apart = np.abs(left - first).max(axis=1) > _SAME * (1.0 + np.abs(first).max())
        kept.append(first)
        left = left[apart]
    found = np.array(kept).reshape(-1, points.shape[1])
    return found[np.lexsort(np.round(found, 6).T[::-1])] if len(found) else found


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
