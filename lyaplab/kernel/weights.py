"""Random recurrent weights: the laws that a network's W may be drawn from, and what may be done to it besides.

All laws are scaled alike: a sum of n weights times rates of size 1 has the width `gain`, whatever n is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from lyaplab.errors import one_of

if TYPE_CHECKING:
    from lyaplab.kernel.card import Card, Parameter

__all__ = ["LAWS", "random_weights"]

Array = NDArray[np.float64]

LAWS = ("gaussian", "uniform", "orthogonal", "levy")


def random_weights(
    card: Card, n: int, rng: np.random.Generator, *, m: int = 0, gain: float = 1.0, **options: Any
) -> dict[str, Array]:
    """Draw a random network: recurrent matrices by a law, input weights N(0, 1/m), the rest by default.

    Parameters
    ----------
    card : Card
        Says which parameters there are. A matrix of several blocks (``"3*n"``) is drawn block by block.
    n, m : int
        Units and inputs.
    rng : numpy.random.Generator
        Source of randomness.
    gain : float, optional
        Width of a recurrent weight times sqrt(n); see `init`.
    init : str, optional
        Law of the recurrent weights: "gaussian", N(0, gain²/n), the default; "uniform" of the same variance;
        "orthogonal", gain times an orthogonal matrix, evenly distributed over all; "levy", symmetric alpha-stable
        with the characteristic function exp(-|gain k|^tail/(2 n)), which for tail = 2 is the Gaussian law again.
    p : float, optional
        With "uniform": recurrent and input weights are U(-p, p), and there is no gain.
    tail : float, optional
        With "levy": the stability index in (0, 2], by default 1.5.
    symmetry : float, optional
        Correlation of W_ij with W_ji, in [-1, 1]. The diagonal has 1 + symmetry times the variance of the rest, by the
        Gaussian law. Levy weights have no correlation: they are mixed with the same shares as Gaussian ones.
    zero_diagonal : bool, optional
        Whether no unit feeds itself.
    outlier : float, optional
        A real eigenvalue that W is given, with the eigenvector (1, ..., 1): each row sums to it. This adds a matrix of
        rank one, from which masked entries are left out (of rank two when `symmetry` is positive, shared by W and its
        transpose).
    **sizes : int
        Further sizes that the card speaks of.

    Returns
    -------
    dict of str to ndarray

    Raises
    ------
    ValueError
        If the options do not go together, or not with this cell.

    Examples
    --------
    >>> from lyaplab.cells import find
    >>> W = random_weights(find("tanh").card, 100, np.random.default_rng(1), init="orthogonal", gain=0.5)["W"]
    >>> bool(np.allclose(W @ W.T, 0.25 * np.eye(100)))
    True

    References
    ----------
    T. Tao, Outliers in the spectrum of iid matrices with bounded rank perturbations, Probability Theory and Related
    Fields 155 (2013) 231-263. H. Sommers, A. Crisanti, H. Sompolinsky and Y. Stein, Spectrum of large random asymmetric
    matrices, Physical Review Letters 60 (1988) 1895-1898. A. Wardak and P. Gong, Extended Anderson criticality in
    heavy-tailed neural networks, Physical Review Letters 129 (2022) 048103. J. M. Chambers, C. L. Mallows and
    B. W. Stuck, A method for simulating stable random variables, Journal of the American Statistical Association 71
    (1976) 340-344.
    """
    defaults = {parameter.name: int(parameter.default) for parameter in card.hyper}
    more = {name: options.pop(name, defaults.get(name, 1)) for name in card.sizes if name not in ("n", "m")}
    sizes = {"n": n, "m": m, **more}
    ensemble = Ensemble(gain=gain, **options)
    weights = {}
    for parameter in card.parameters:
        shape = parameter.resolve(sizes)
        if parameter.recurrent:
            weights[parameter.name] = ensemble.recurrent(parameter, shape, n, rng)
        elif len(shape) == 2 and parameter.shape[1] == "m":
            weights[parameter.name] = ensemble.inputs(shape, rng)
        else:
            weights[parameter.name] = np.full(shape, float(parameter.default))
    return weights


@dataclass(frozen=True)
class Ensemble:
    """A law of matrices: the options of `random_weights`."""

    gain: float = 1.0
    init: str = "gaussian"
    p: float | None = None
    tail: float = 1.5
    symmetry: float = 0.0
    zero_diagonal: bool = False
    outlier: float | None = None

    def inputs(self, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        """Draw input weights: N(0, 1/m), or U(-p, p) where p is given."""
        if self.p is not None:
            return self.p * _uniform(rng.standard_normal(shape))
        return 1.0 / np.sqrt(max(shape[1], 1)) * rng.standard_normal(shape)

    def recurrent(self, parameter: Parameter, shape: tuple[int, ...], n: int, rng: np.random.Generator) -> Array:
        """Draw a recurrent matrix, square block by square block where it has several."""
        rows, columns = shape
        mask = parameter.mask(n) if parameter.mask is not None else None
        blocks = str(parameter.shape[0]).rpartition("*")[2] == parameter.shape[1]
        self._check(parameter, square=blocks, mask=mask)
        if not blocks:
            return self._scaled(self._entries(rows, columns, rng), columns)
        if self.zero_diagonal:
            mask = ~np.eye(n, dtype=bool) if mask is None else mask & ~np.eye(n, dtype=bool)
        return np.concatenate([self._block(n, mask, rng) for _ in range(rows // columns)])

    def _check(self, parameter: Parameter, *, square: bool, mask: NDArray[np.bool_] | None) -> None:
        """Refuse what does not go together."""
        one_of("init", self.init, LAWS)
        said = {"symmetry": self.symmetry, "zero_diagonal": self.zero_diagonal, "outlier": self.outlier is not None}
        asked = [name for name, value in said.items() if value]
        if asked and not square:
            raise ValueError(f"{asked[0]} needs a square matrix of recurrent weights, but {parameter.name} is not")
        if self.init == "orthogonal":
            for name in asked:
                if name != "outlier":
                    raise ValueError(f"{name} does not go with init='orthogonal': the matrix would not be orthogonal")
            if mask is not None:
                raise ValueError(f"init='orthogonal' needs every entry of {parameter.name}; this cell leaves some out")
        if self.symmetry and mask is not None and (mask != mask.T).any():
            raise ValueError(f"symmetry needs W_ij and W_ji, but {parameter.name} has only one of them in this cell")

    def _block(self, n: int, mask: NDArray[np.bool_] | None, rng: np.random.Generator) -> Array:
        block = self._scaled(self._entries(n, n, rng), n)
        if mask is not None:
            block = np.where(mask, block, 0.0)
        if self.outlier is not None:
            shared = max(self.symmetry, 0.0)
            block = _with_eigenvalue(block, self.outlier, np.ones((n, n), dtype=bool) if mask is None else mask, shared)
        return block

    def _entries(self, rows: int, columns: int, rng: np.random.Generator) -> Array:
        """Draw standard entries: variance 1, or scale 1 of a stable law."""
        if self.init == "levy":
            return _mixed_stable(_stable(self.tail, (rows, columns), rng), self.symmetry, self.tail)
        G = rng.standard_normal((rows, columns))
        if self.init == "orthogonal":
            return _orthogonal(G)
        if self.init == "gaussian":
            return _mixed(G, self.symmetry)
        if self.symmetry:
            # The correlation of normal variables that leaves uniform ones, made of them, with the wanted one.
            ends = abs(self.symmetry) == 1.0  # where rounding would leave a little of the other share
            correlation = self.symmetry if ends else 2.0 * np.sin(np.pi * self.symmetry / 6.0)
            G = _mixed(G, correlation)
            np.fill_diagonal(G, np.diag(G) / np.sqrt(max(1.0 + correlation, 1e-300)))
        return np.sqrt(3.0) * _uniform(G)

    def _scaled(self, entries: Array, columns: int) -> Array:
        if self.p is not None:
            return self.p / np.sqrt(3.0) * entries
        if self.init == "levy":
            return self.gain / (2.0 * columns) ** (1.0 / self.tail) * entries
        return self.gain / np.sqrt(columns) * entries


def _uniform(G: Array) -> Array:
    """Turn normal variables into U(-1, 1), the same order kept; -G becomes exactly the negative."""
    return np.copysign(1.0 - 2.0 * ndtr(-np.abs(G)), G)


def _shares(symmetry: float) -> tuple[float, float]:
    """Shares of G and of its transpose that leave the variance and give W_ij, W_ji the correlation `symmetry`."""
    even, odd = np.sqrt((1.0 + symmetry) / 2.0), np.sqrt((1.0 - symmetry) / 2.0)
    return float((even + odd) / np.sqrt(2.0)), float((even - odd) / np.sqrt(2.0))


def _mixed(G: Array, symmetry: float) -> Array:
    if not symmetry:
        return G
    own, other = _shares(symmetry)
    return own * G + other * G.T


def _mixed_stable(X: Array, symmetry: float, tail: float) -> Array:
    """Mix as above, and bring the sum of two stable variables back to scale 1."""
    if not symmetry:
        return X
    own, other = _shares(symmetry)
    return (own * X + other * X.T) / (abs(own) ** tail + abs(other) ** tail) ** (1.0 / tail)


def _stable(tail: float, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Draw symmetric stable variables with the characteristic function exp(-|k|^tail), after Chambers et al."""
    angle = rng.uniform(-np.pi / 2.0, np.pi / 2.0, shape)
    wait = rng.standard_exponential(shape)
    if tail == 1.0:
        return np.tan(angle)
    bent = np.cos((1.0 - tail) * angle) / wait
    return np.sin(tail * angle) / np.cos(angle) ** (1.0 / tail) * bent ** ((1.0 - tail) / tail)


def _orthogonal(G: Array) -> Array:
    """Return an orthogonal matrix, times the root that gives its entries variance 1; all are equally likely.

    Of a matrix that is not square the shorter side is orthonormal.
    """
    rows, columns = G.shape
    Q, R = np.linalg.qr(G if rows >= columns else G.T)
    Q = Q * np.where(np.diag(R) < 0.0, -1.0, 1.0)
    return np.sqrt(max(rows, columns)) * (Q if rows >= columns else Q.T)


def _with_eigenvalue(W: Array, value: float, mask: NDArray[np.bool_], shared: float) -> Array:
    """Add to W, within the mask, the matrix a_i + shared a_j that makes every row sum to `value`."""
    missing = value - W.sum(axis=1)
    counts = mask.sum(axis=1)
    if not counts.all():
        raise ValueError(f"outlier={value:g} needs a weight in every row of W, but some rows have none in this cell")
    if shared:
        system = np.diag(counts.astype(float)) + shared * mask
        a = np.linalg.lstsq(system, missing, rcond=None)[0]
    else:
        a = missing / counts
    return W + np.where(mask, a[:, None] + shared * a[None, :], 0.0)
