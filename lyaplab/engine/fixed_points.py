"""Where a system rests: Newton from many starts at once, and what the eigenvalues say of each place found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.kinds import kind_of, least_stable_first, listing
from lyaplab.engine.linearise import Linearisation, rows_at_once
from lyaplab.engine.newton import RESIDUAL, Ends, distinct, newton
from lyaplab.engine.result import Result
from lyaplab.kernel import Cell, one_blas_thread

__all__ = ["FixedPoints", "fixed_points", "iter_fixed_points", "kind_of"]

Array = NDArray[np.float64]

# A direction along which the field's derivative is below this does not leave the set of resting places.
_FLAT = 1e-6
# So many resting places with such a direction, and hardly two starts that met, are samples of a continuum.
_MANY = 5
# A mirror image closer than this to a point that was found, relative to its size, is that point.
_MIRRORED = 1e-4


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
    hits : ndarray(int, shape=(K,))
        How many starts ended at each; 0 for a point that is known as the mirror image -x of another.
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
    hits: NDArray[np.intp]
    starts: int
    converged: float
    unit: str = "step"

    def __len__(self) -> int:
        return len(self.points)

    @property
    def stable(self) -> NDArray[np.bool_]:
        """Which points are stable."""
        return np.array([kind.startswith("stable") for kind in self.kinds], dtype=bool)

    @property
    def q(self) -> Array:
        """Half the squared speed at each point, zero but for rounding: what tells it from a slow point."""
        return 0.5 * self.residuals**2

    @property
    def continuum(self) -> int:
        """Dimension of the set that the marginal points sample: 1 for a line, 2 for a plane; 0 if each stands alone."""
        flat = np.abs(self.eigenvalues - (self.unit == "step")) < _FLAT
        on_it = flat.any(axis=1)
        if on_it.sum() < _MANY or 2 * on_it.sum() < self.hits[on_it].sum():
            return 0
        return int(flat[on_it].sum(axis=1).min())

    def table(self) -> dict[str, np.ndarray]:
        """Return the columns kind, residual, hits, x1, x2, ..."""
        columns = {f"x{i + 1}": self.points[:, i] for i in range(self.points.shape[1])}
        return {"kind": self.kinds, "residual": self.residuals, "hits": self.hits, **columns}

    def __repr__(self) -> str:
        what = listing(self.kinds) or "none found"
        if self.continuum:
            shape = {1: "line", 2: "plane"}.get(self.continuum, "space")
            marginal = self.kinds == "marginal"
            rest = listing(self.kinds[~marginal])
            what = f"a {shape} of marginal points, {marginal.sum()} of them found" + (f"; {rest}" if rest else "")
        return f"FixedPoints({what}; {self.converged:.0%} of {self.starts} starts converged)"


def fixed_points(
    cell: Cell,
    p: tuple[Array, ...],
    *,
    starts: Array,
    inputs: Array,
    dt: float | None = None,
    bounds: tuple[Array, Array] | None = None,
    half_width: float = 1.0,
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
    half_width : float, optional
        Of the region where solutions are likely; it limits the length of a step.

    Returns
    -------
    FixedPoints
    """
    linearised = Linearisation(cell, p, inputs=inputs, dt=dt, rows=rows_at_once(*starts.shape))
    # One limit for all rounds: the small systems that are solved here are ruined by two BLAS threads.
    with one_blas_thread():
        ends = newton(linearised, starts, bounds=bounds, half_width=half_width)
        return _Listing(linearised, dt is not None, bounds)(ends)


def iter_fixed_points(
    cell: Cell,
    p: tuple[Array, ...],
    *,
    starts: Array,
    inputs: Array,
    dt: float | None = None,
    bounds: tuple[Array, Array] | None = None,
    half_width: float = 1.0,
) -> Iterator[FixedPoints]:
    """Search as `fixed_points` does, a few starts at a time; each result holds what was found so far.

    Yields
    ------
    FixedPoints
        Its `starts` are those that were tried; the last one has them all.
    """
    linearised = Linearisation(cell, p, inputs=inputs, dt=dt, rows=rows_at_once(*starts.shape))
    listing = _Listing(linearised, dt is not None, bounds)
    parts: list[Ends] = []
    for first in range(0, len(starts), linearised.rows):
        some = starts[first : first + linearised.rows]
        with one_blas_thread():
            parts.append(newton(linearised, some, bounds=bounds, half_width=half_width))
            result = listing(Ends(*(np.concatenate(part) for part in zip(*parts, strict=True))))
        yield result


@dataclass
class _Listing:
    """From where starts ended to the points there are; what is known of a point is not computed again."""

    linearised: Linearisation
    flow: bool
    bounds: tuple[Array, Array] | None
    known: dict[bytes, tuple[float, NDArray[np.complex128]]] = field(default_factory=dict)

    def __call__(self, ends: Ends) -> FixedPoints:
        points, hits = _with_mirrored(self.linearised, *ends.distinct(), bounds=self.bounds)
        fresh = [x for x in points if x.tobytes() not in self.known]
        F, J = self.linearised.fields(np.array(fresh).reshape(-1, points.shape[1]))
        found = zip(fresh, np.sqrt((F * F).sum(axis=1)), eigenvalues_of(J, flow=self.flow), strict=True)
        self.known.update((x.tobytes(), (float(residual), values)) for x, residual, values in found)
        each = [self.known[x.tobytes()] for x in points]
        return FixedPoints(
            points=points,
            eigenvalues=np.array([values for _, values in each], dtype=complex).reshape(points.shape),
            kinds=np.array([kind_of(values, flow=self.flow) for _, values in each], dtype="U16"),
            residuals=np.array([residual for residual, _ in each], dtype=float),
            hits=hits,
            starts=len(ends.points),
            converged=float(ends.solved.mean()),
            unit="time" if self.flow else "step",
        )


def _with_mirrored(
    linearised: Linearisation, points: Array, hits: NDArray[np.intp], *, bounds: tuple[Array, Array] | None
) -> tuple[Array, NDArray[np.intp]]:
    """Add the points -x that are solutions as well, as in a network without bias, but that no start has reached."""
    if 2 * len(points) > hits.sum():  # samples of a continuum
        return points, hits
    mirrored = -points if bounds is None else -points[((bounds[0] <= -points) & (-points <= bounds[1])).all(axis=1)]
    unknown = [x for x in mirrored if np.abs(points - x).max(axis=1).min() > _MIRRORED * (1.0 + np.abs(x).max())]
    mirrored = np.array(unknown).reshape(-1, points.shape[1])
    F, _ = linearised.fields(mirrored)
    solves = np.sqrt((F * F).sum(axis=1)) <= RESIDUAL * (1.0 + np.abs(mirrored).max(axis=1, initial=0.0))
    if not solves.any():
        return points, hits
    counts = np.concatenate([hits, np.zeros(int(solves.sum()), dtype=np.intp)])
    return distinct(np.concatenate([points, mirrored[solves]]), counts)


def eigenvalues_of(J: Array, *, flow: bool) -> NDArray[np.complex128]:
    """Eigenvalues (K, n), the least stable first, where the field has the derivatives J (K, n, n).

    Those of J for a flow; those of J + I, the Jacobian of the step, for a map.
    """
    if not len(J):
        return np.empty(J.shape[:2], dtype=complex)
    values = np.linalg.eigvals(J if flow else J + np.eye(J.shape[1])).astype(complex)
    return least_stable_first(values, flow=flow)
