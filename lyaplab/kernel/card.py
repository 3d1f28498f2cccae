"""What a cell says about itself: parameters, presets, known values. Sliders, docs and tests follow from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyaplab.errors import finite_array, unknown
from lyaplab.kernel.weights import LAWS, random_weights

__all__ = ["NETWORK", "Card", "KnownValue", "Option", "Parameter", "Preset"]

Array = NDArray[np.float64]
Bounds = tuple[float, float] | Callable[[tuple[Array, ...], Array], tuple[Array, Array] | None] | None


@dataclass(frozen=True)
class Parameter:
    """One parameter of a cell: an array of weights, a scalar, or a number that makes the weights.

    Parameters
    ----------
    name : str
        As in the field: W, U, b, r, rho.
    shape : tuple of str or int, optional
        Names of sizes (``"n"`` units, ``"m"`` inputs, ``"3*n"``, ``"hidden"`` or another that the card's `hyper` has)
        or numbers; ``()`` is a scalar.
    range : tuple of float, optional
        Least and greatest value that a slider offers (weights outside are allowed).
    default : float, optional
        The value when nothing else is said.
    unit, tex, about : str, optional
        Unit in words, TeX symbol, one line of help.
    limits : tuple of float or None, optional
        Values outside make no sense and are refused, such as a time step of zero.
    integer : bool, optional
        Whether only whole numbers make sense (sizes, seeds).
    trainable : bool, optional
        Whether learning may change it.
    mask : callable, optional
        n -> bool array: which entries exist (a zero diagonal, say); None for all. The others must be zero.
    """

    name: str
    shape: tuple[str | int, ...] = ()
    range: tuple[float, float] = (-3.0, 3.0)
    default: float = 0.0
    unit: str = ""
    tex: str = ""
    about: str = ""
    limits: tuple[float | None, float | None] = (None, None)
    integer: bool = False
    trainable: bool = True
    mask: Callable[[int], NDArray[np.bool_]] | None = None

    def resolve(self, sizes: Mapping[str, int]) -> tuple[int, ...]:
        """Return the shape in numbers for given sizes, such as ``{"n": 3, "m": 0}``."""
        return tuple(_length(length, sizes) for length in self.shape)

    @property
    def recurrent(self) -> bool:
        """Whether this is a matrix from units to units, hidden ones included: what gain and the law of weights rule."""
        return len(self.shape) == 2 and self.shape[1] in ("n", "hidden")


@dataclass(frozen=True)
class Option(Parameter):
    """A hyper-parameter that is there only where somebody says it.

    Parameters
    ----------
    choices : tuple, optional
        What it may be, where it is no number; the first is what holds when nothing is said.
    belongs : str, optional
        The law (``init=``) that it belongs to; beside another it is refused.
    replaces : str, optional
        The hyper-parameter whose place it takes.

    Examples
    --------
    >>> from lyaplab import Model
    >>> dict(Model("tanh", init="levy").settings)  # the tail index comes with the law
    {'n': 10, 'm': 0, 'gain': 1.0, 'seed': 0, 'init': 'levy', 'tail': 1.5}
    """

    choices: tuple[Any, ...] = ()
    belongs: str = ""
    replaces: str = ""


def _length(length: str | int, sizes: Mapping[str, int]) -> int:
    if isinstance(length, int):
        return length
    factor, star, name = length.rpartition("*")
    return (int(factor) if star else 1) * sizes[name]


# What makes the weights of a random network: the hyper-parameters that all networks share.
NETWORK = (
    Parameter("n", range=(2, 500), default=10, about="number of units", limits=(1, None), integer=True),
    Parameter("m", range=(0, 10), default=0, about="number of inputs", limits=(0, None), integer=True),
    Parameter("gain", range=(0.0, 4.0), default=1.0, tex="g", about="standard deviation of W times sqrt(n)"),
    Parameter("seed", range=(0, 99), default=0, about="seed of the random weights", limits=(0, None), integer=True),
    Option("init", choices=LAWS, about="law of the recurrent weights"),
    Option(
        "p", range=(0.0, 3.0), default=0.1, limits=(0.0, None), belongs="uniform", replaces="gain",
        about="half width of the law of all weights, in the place of gain",
    ),
    Option(
        "tail", range=(1.0, 2.0), default=1.5, tex=r"\alpha", limits=(0.1, 2.0), belongs="levy",
        about="stability index: the smaller, the heavier the tails; 2 is Gaussian",
    ),
    Option(
        "symmetry", range=(-1.0, 1.0), tex=r"\tau", limits=(-1.0, 1.0),
        about="correlation of W_ij with W_ji: 1 symmetric, -1 antisymmetric",
    ),
    Option("zero_diagonal", choices=(False, True), about="whether no unit feeds itself"),
    Option("outlier", range=(-3.0, 3.0), default=1.5, tex=r"\lambda_0", about="a real eigenvalue that W is given"),
)  # fmt: skip


@dataclass(frozen=True)
class Preset:
    """Settings worth opening with, and the regime that they show (a test holds the preset to it).

    Parameters
    ----------
    params : mapping
        Arguments of Model.
    about : str
        One sentence.
    regime : str
        "fixed point", "cycle", "quasi-periodic", "chaos" or "divergent".
    stable : int, optional
        Number of stable fixed points claimed.
    period : int, optional
        Period of the cycle claimed.
    start : tuple of float, optional
        A good first state.
    """

    params: Mapping[str, Any]
    about: str
    regime: str
    stable: int | None = None
    period: int | None = None
    start: tuple[float, ...] | None = None


@dataclass(frozen=True)
class KnownValue:
    """A number that the literature or an exact argument gives, and how well a run must meet it.

    Parameters
    ----------
    quantity : str
        "exponents" (leading ones, as many as given), "sum", "kaplan_yorke" or "fixed_points".
    value : tuple
        The number or numbers; for fixed points a tuple of points.
    tolerance : float
        Greatest absolute difference.
    params : mapping
        Arguments of Model.
    steps, warmup : int
        Length of the run.
    source : str
        Where the value is from.
    """

    quantity: str
    value: tuple[Any, ...]
    tolerance: float
    params: Mapping[str, Any] = field(default_factory=dict)
    steps: int = 10_000
    warmup: int = 1_000
    source: str = ""


@dataclass(frozen=True)
class Card:
    """All that is to be known of a cell beside its functions.

    Parameters
    ----------
    parameters : tuple of Parameter
        In the order in which the cell's functions receive them.
    hyper : tuple of Parameter
        Scalars that make the weights: ``n``, ``m``, ``gain``, ``seed``, ...
    state : tuple of str
        Names of the state variables; one name stands for n units.
    size : int, optional
        Number of state variables where it is fixed (3 for Lorenz); else the hyper-parameter n decides.
    bounds : tuple of float or callable, optional
        (low, high) within which every fixed point lies, as numbers or as a function ``bounds(p, u)`` of the parameter
        arrays and the constant input (m,), of a layer least and greatest input (2, m); None where nothing is known.
    view : tuple
        A good window to plot: (low, high) for all variables, or a pair for each.
    time_step : str, optional
        Name of the parameter that is the time step of a flow; None for a map.
    start : tuple of float, optional
        The state that orbits start from; else a small random one.
    presets : mapping of str to Preset
        The first is the one to open with.
    known : tuple of KnownValue
        What tests hold the cell to.
    title, equation, equation_text, reference : str
        Name in words, equation in TeX and in plain text, source.
    init : callable
        ``init(card, n, rng, **hyper) -> dict`` of arrays.

    Examples
    --------
    >>> card = Card(parameters=(Parameter("W", ("n", "n")), Parameter("b", ("n",))), title="my network")
    >>> card.names
    ('W', 'b')
    """

    parameters: tuple[Parameter, ...] = ()
    hyper: tuple[Parameter, ...] = ()
    state: tuple[str, ...] = ("x",)
    size: int | None = None
    bounds: Bounds = None
    view: tuple[Any, Any] = (-1.5, 1.5)
    time_step: str | None = None
    start: tuple[float, ...] | None = None
    presets: Mapping[str, Preset] = field(default_factory=dict)
    known: tuple[KnownValue, ...] = ()
    title: str = ""
    equation: str = ""
    equation_text: str = ""
    reference: str = ""
    init: Callable[..., dict[str, Array]] = random_weights

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters, in the order in which the functions receive them."""
        return tuple(parameter.name for parameter in self.parameters)

    @property
    def sizes(self) -> tuple[str, ...]:
        """Names of the sizes that the shapes of the parameters speak of: n, m and, of some cells, more."""
        used = {str(length).rpartition("*")[2] for parameter in self.parameters for length in parameter.shape}
        more = (parameter.name for parameter in self.hyper if parameter.name in used)
        return tuple(dict.fromkeys(("n", "m", *more)))

    def preset(self, name: str) -> Preset:
        """Return a preset by name; an unknown one is answered with the nearest."""
        if name not in self.presets:
            raise unknown("preset", name, self.presets)
        return self.presets[name]

    def check(self, name: str, value: Any, sizes: Mapping[str, int]) -> Array:
        """Return `value` as the array of parameter `name`: of the right shape, finite, within its limits and mask."""
        parameter = next(p for p in self.parameters if p.name == name)
        array = finite_array(name, value, shape=parameter.resolve(sizes))
        low, high = parameter.limits
        if (low is not None and np.any(array < low)) or (high is not None and np.any(array > high)):
            raise ValueError(f"{name} must lie in [{low}, {high}], got {array.tolist()!r:.60}")
        if parameter.mask is not None and (extra := np.argwhere(~parameter.mask(sizes["n"]) & (array != 0.0))).size:
            i, j = (int(index) for index in extra[0])
            raise ValueError(
                f"{name} has no entry [{i}, {j}] in this cell ({parameter.about}): it must be 0, got {array[i, j]:g}"
            )
        return array
