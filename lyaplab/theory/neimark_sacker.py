"""The invariant circle that is born when a pair of eigenvalues of h' = tanh(W h + b) leaves the unit circle.

Near the fixed point, along the plane of the pair, the map is z -> s z + c |z|² z, where s is the eigenvalue and c
follows from second and third derivatives. If c points inwards, the circle |s + c |z|²| = 1 attracts.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lyaplab.engine.result import Result
from lyaplab.errors import finite_array

__all__ = ["NeimarkSacker", "neimark_sacker"]

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

# Angles of 0, 1/4, 1/3 and 1/2 turns: resonant terms of up to the third order spoil the circle near these.
_STRONG = (1, 2, 3, 4)
_NEAR = 0.05


@dataclass(frozen=True, repr=False)
class NeimarkSacker(Result):
    """What the normal form says of a fixed point with a leading complex pair.

    Parameters
    ----------
    point : ndarray(float, shape=(n,))
        The fixed point.
    modulus, angle : float
        Of the leading eigenvalue; the angle, in radians per step, lies between 0 and pi.
    coefficient : float
        First Lyapunov coefficient, the real part of c/s: negative if a stable circle is born outside.
    twist : float
        Imaginary part of c/s: how rotation changes with |z|².
    radius : float
        Root mean square distance from the point on the circle; NaN where there is no circle.
    rotation : float
        Turns per step on the circle, where it exists, else at the fixed point.
    resonance : int
        q in 1 to 4 if the angle is within 0.05 of a multiple of 2 pi/q, where the circle need not be one; else 0.
    """

    point: Array
    modulus: float
    angle: float
    coefficient: float
    twist: float
    radius: float
    rotation: float
    resonance: int = 0

    @property
    def supercritical(self) -> bool:
        """Whether the circle that is born attracts."""
        return self.coefficient < 0.0

    def __repr__(self) -> str:
        kind = "supercritical" if self.supercritical else "subcritical"
        circle = "no circle" if math.isnan(self.radius) else f"circle of rms radius {self.radius:.4g}"
        warning = f"; strong resonance 1:{self.resonance}" if self.resonance else ""
        return (
            f"NeimarkSacker({kind}: modulus {self.modulus:.4g}, angle {self.angle:.4g}; {circle},"
            f" rotation {self.rotation:.4g} turns per step{warning})"
        )


def neimark_sacker(W: ArrayLike, *, b: ArrayLike | None = None, start: ArrayLike | None = None) -> NeimarkSacker:
    """Predict radius and rotation of the circle that h' = tanh(W h + b) settles on close to its bifurcation.

    Parameters
    ----------
    W : array_like(float, shape=(n, n))
        Recurrent weights; the fixed point's leading eigenvalues must be a complex pair, of modulus close to 1.
    b : array_like(float, shape=(n,)), optional
        Bias, by default 0.
    start : array_like(float, shape=(n,)), optional
        Where Newton's method looks for the fixed point, by default 0.

    Returns
    -------
    NeimarkSacker
        To leading order in the modulus's distance from 1.

    Raises
    ------
    ValueError
        If the leading eigenvalue is real, or no fixed point is found from `start`.

    Notes
    -----
    For W = r R(theta), r times a rotation, and b = 0: radius² = 2 (r² - 1)/r⁴, and the rotation stays theta.

    References
    ----------
    Y. A. Kuznetsov, Elements of Applied Bifurcation Theory, sections 4.7 and 5.4.

    Examples
    --------
    >>> r, c, s = 1.05, math.cos(0.7), math.sin(0.7)
    >>> circle = neimark_sacker([[r * c, -r * s], [r * s, r * c]])
    >>> round(circle.radius, 3), round(circle.rotation * 2 * math.pi, 3)
    (0.411, 0.7)
    """
    W = finite_array("W", W, shape=(None, None))
    n = len(W)
    if W.shape != (n, n):
        raise ValueError(f"W must be square, got shape {W.shape}")
    bias = np.zeros(n) if b is None else finite_array("b", b, shape=(n,))
    guess = np.zeros(n) if start is None else finite_array("start", start, shape=(n,))
    point = _fixed_point(W, bias, guess)
    A = (1.0 - point**2)[:, None] * W
    eigenvalue, q, p = _leading_pair(A)
    c = _cubic_coefficient(W, point, A, eigenvalue, q, p)
    modulus, angle = abs(eigenvalue), cmath.phase(eigenvalue)
    relative = c / eigenvalue
    pull = 2.0 * (eigenvalue.conjugate() * c).real
    square = (1.0 - modulus**2) / pull if pull else math.nan
    turned = eigenvalue + c * square if square > 0.0 else eigenvalue
    return NeimarkSacker(
        point=point,
        modulus=modulus,
        angle=angle,
        coefficient=relative.real,
        twist=relative.imag,
        radius=math.sqrt(2.0 * square) if square > 0.0 else math.nan,
        rotation=cmath.phase(turned) / (2.0 * math.pi),
        resonance=_resonance(angle),
    )


def _fixed_point(W: Array, b: Array, h: Array) -> Array:
    """Newton's method on tanh(W h + b) = h."""
    for _ in range(100):
        image = np.tanh(W @ h + b)
        change = np.linalg.solve((1.0 - image**2)[:, None] * W - np.eye(len(h)), h - image)
        h = h + change
        if np.abs(change).max() < 1e-14:
            return h
    raise ValueError("start must lie near a fixed point: Newton's method did not converge from there")


def _leading_pair(A: Array) -> tuple[complex, Complex, Complex]:
    """Return the leading eigenvalue in the upper half plane, q with |q| = 1, and p with A^T p = s* p and <p, q> = 1."""
    values, vectors = np.linalg.eig(A)
    lead = int(np.argmax(np.abs(values)))
    eigenvalue = complex(values[lead])
    if abs(eigenvalue.imag) < 1e-12 * max(abs(eigenvalue), 1e-300):
        raise ValueError(f"W must have a leading pair of complex eigenvalues there, got the real {eigenvalue.real:.4g}")
    q = vectors[:, lead] / np.linalg.norm(vectors[:, lead])
    if eigenvalue.imag < 0.0:
        eigenvalue, q = eigenvalue.conjugate(), q.conj()
    # Rows of the inverse are the adjoint eigenvectors, already normalised against the columns.
    adjoint = np.linalg.inv(np.column_stack([q, q.conj(), *_others(values, vectors, eigenvalue)]))[0]
    return eigenvalue, q, adjoint.conj()


def _others(values: Complex, vectors: Complex, eigenvalue: complex) -> list[Complex]:
    """Eigenvectors that do not belong to the pair."""
    apart = np.minimum(np.abs(values - eigenvalue), np.abs(values - eigenvalue.conjugate()))
    return [vectors[:, place] for place in np.argsort(apart)[2:]]


def _cubic_coefficient(W: Array, h: Array, A: Array, s: complex, q: Complex, p: Complex) -> complex:
    """The coefficient c of z -> s z + c |z|² z, quadratic terms removed."""
    second = -2.0 * h * (1.0 - h**2)
    third = (1.0 - h**2) * (6.0 * h**2 - 2.0)
    unit = np.eye(len(h))

    def bilinear(u: Any, v: Any) -> Any:
        return second * (W @ u) * (W @ v)

    mean = np.linalg.solve(abs(s) ** 2 * unit - A, bilinear(q, q.conj()))
    double = np.linalg.solve(s**2 * unit - A, bilinear(q, q))
    cubic = third * (W @ q) ** 2 * (W @ q.conj())
    total = cubic + 2.0 * bilinear(q, mean) + bilinear(q.conj(), double)
    return complex(0.5 * np.vdot(p, total))


def _resonance(angle: float) -> int:
    """The q of 1:q if the angle is near it, else 0."""
    for q in _STRONG:
        turns = angle * q / (2.0 * math.pi)
        if abs(turns - round(turns)) * 2.0 * math.pi / q < _NEAR:
            return q
    return 0
