"""A learner's own system is one plain function: `ll.map` and `ll.flow` make a cell of it.

Arguments without a default are the state, those with a default are parameters and get sliders:

    @ll.map
    def henon(x, y, a=1.4, b=0.3):
        return 1 - a*x*x + y, b*x
"""

from __future__ import annotations

import inspect
import linecache
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from lyaplab.errors import CellError, number
from lyaplab.kernel.algebra import at
from lyaplab.kernel.analytic import is_analytic, values_at
from lyaplab.kernel.card import Card, Parameter
from lyaplab.kernel.cell import Cell
from lyaplab.kernel.compile import inline
from lyaplab.kernel.derive import central
from lyaplab.kernel.rows import CellFunctions, RowFunctions, as_map, as_rk4

__all__ = ["flow", "map"]

_ROW_ARGUMENTS = ["q", "x", "u", "y"]


def map(
    function: Callable[..., Any] | None = None,
    *,
    ranges: Mapping[str, tuple[float, float]] | None = None,
    view: tuple[Any, Any] | None = None,
    start: tuple[float, ...] | None = None,
) -> Any:
    """Make a cell of the map x' = function(x, ..., a=..., ...).

    Parameters
    ----------
    function : callable
        Takes one number for each state variable, then parameters with defaults; returns one value for each state
        variable.
    ranges : mapping, optional
        Range of the slider of a parameter.
    view : tuple, optional
        (low, high) of a good window to plot.
    start : tuple of float, optional
        State that orbits start from.

    Returns
    -------
    Cell

    Raises
    ------
    CellError
        If the function fails in plain Python, or returns another number of values than it has state variables.

    Examples
    --------
    >>> import lyaplab as ll
    >>> @ll.map
    ... def henon(x, y, a=1.4, b=0.3):
    ...     return 1 - a*x*x + y, b*x
    >>> spectrum = ll.Model(henon).lyapunov_spectrum(20_000)
    >>> round(float(spectrum.exponents.sum()), 6)  # the sum is log b exactly
    -1.203973
    """

    def make(given: Callable[..., Any]) -> Cell:
        system, card, how = _from_plain(given, ranges or {}, view, start)
        return _cell(given.__name__, as_map(system), card, how)

    return make if function is None else make(function)


def flow(
    function: Callable[..., Any] | None = None,
    *,
    dt: float = 0.01,
    ranges: Mapping[str, tuple[float, float]] | None = None,
    view: tuple[Any, Any] | None = None,
    start: tuple[float, ...] | None = None,
    jvp: Callable[..., Any] | None = None,
    vjp: Callable[..., Any] | None = None,
    gradient: Callable[..., Any] | None = None,
    name: str | None = None,
    card: Card | None = None,
) -> Any:
    """Make a cell of the flow dx/dt = function(x, ..., a=..., ...), by classical Runge-Kutta steps of length dt.

    Parameters
    ----------
    function : callable
        As for `map`; or a right-hand side over rows, ``rhs(q, x, u, y)`` with x (B, n) -> y (B, n), with a card.
    dt : float, optional
        Time step, a parameter that is not trained.
    ranges, view, start : optional
        As for `map`.
    jvp, vjp : callable, optional
        For a right-hand side over rows: ``jvp(q, x, u, V, A, Z)`` and ``vjp(q, x, u, G, A, H)``; without both,
        derivatives are central differences.
    gradient : callable, optional
        For a right-hand side over rows: ``gradient(p, x, u, G, dp)``.
    name, card : optional
        For a right-hand side over rows; the card names the parameter that is the time step.

    Returns
    -------
    Cell

    Examples
    --------
    >>> import lyaplab as ll
    >>> @ll.flow(dt=0.01)
    ... def decay(x, rate=2.0):
    ...     return -rate*x
    >>> ll.Model(decay).lyapunov_spectrum(1000).exponents.round(6)
    array([-2.])
    """
    number("dt", dt, low=0.0)

    def make(given: Callable[..., Any]) -> Cell:
        if card is not None or list(inspect.signature(given).parameters) == _ROW_ARGUMENTS:
            return _from_rows(given, jvp, vjp, gradient, name or given.__name__, card)
        system, made, how = _from_plain(given, ranges or {}, view, start, dt=dt)
        index = made.names.index("dt")
        return _cell(given.__name__, as_rk4(system, dt=index), replace(made, time_step="dt"), how)

    return make if function is None else make(function)


def _cell(name: str, made: CellFunctions, card: Card, how: str, inputs: Any = 0) -> Cell:
    """Put the functions and the card together; the sizes follow from the number of state variables."""

    def size(p):
        n = card.size if card.size is not None else p[0].shape[-1]
        return made.size(n, cell.inputs(p), 0)

    cell = Cell(
        name,
        step=made.step,
        push=made.push,
        pull=made.pull,
        grad=made.grad,
        field=made.field,
        field_push=made.field_push,
        size=size,
        inputs=inputs,
        card=card,
        derivatives=how,
    )
    return cell


def _from_rows(rhs, jvp, vjp, gradient, name: str, card: Card | None) -> Cell:
    """Wrap a right-hand side over rows, with its derivatives or with differences."""
    if card is None or card.time_step not in card.names:
        raise ValueError(f"the flow {name!r} over rows needs card=Card(..., time_step=<name of the parameter that is dt>)")
    compiled = inline(rhs)

    def f(q, x, u, y, s):
        compiled(q, x, u, y)

    if jvp is None or vjp is None:
        system, how = central(f), "central differences"
    else:
        system, how = RowFunctions(f, jvp, vjp, gradient, lambda n, m, scratch: 0), "given"
    return _cell(name, as_rk4(system, dt=card.names.index(card.time_step)), card, how, inputs=None)


def _from_plain(function, ranges, view, start, dt: float | None = None) -> tuple[RowFunctions, Card, str]:
    """Read the signature, try the function once in plain Python, and write it out over rows."""
    name = function.__name__
    arguments = inspect.signature(function).parameters.values()
    state = tuple(a.name for a in arguments if a.default is inspect.Parameter.empty)
    defaults = {a.name: a.default for a in arguments if a.default is not inspect.Parameter.empty}
    if not state:
        raise CellError(f"{name} has no state variable\n  give one argument without a default for each")
    for parameter, value in defaults.items():
        number(f"the default of {parameter}", value)
    if dt is not None and "dt" in defaults:
        raise CellError(f"{name} has a parameter dt\n  the time step is given to ll.flow(dt=...), not to the function")
    values_at(function, _trial_state(state, start), tuple(defaults.values()))
    analytic = is_analytic(function, len(state), tuple(defaults.values()))
    parameters = [_slider(key, float(value), ranges.get(key)) for key, value in defaults.items()]
    if dt is not None:
        about = "time step of the Runge-Kutta method"
        parameters.append(Parameter("dt", (), (0.1 * dt, 5 * dt), dt, about=about, limits=(1e-12, None), trainable=False))
    card = Card(
        parameters=tuple(parameters),
        state=state,
        size=len(state),
        view=view,  # type: ignore[arg-type]  None: the model looks at an orbit
        start=start,
        title=name,
        equation_text=(inspect.getdoc(function) or f"{name}({', '.join(state)})").splitlines()[0],
    )
    system = _write_rows(function, len(state), len(defaults), analytic)
    return system, card, "complex step" if analytic else "central differences"


def _trial_state(state: tuple[str, ...], start: tuple[float, ...] | None) -> tuple[float, ...]:
    return tuple(start) if start is not None else tuple(0.1 + 0.05 * i for i in range(len(state)))


def _slider(name: str, value: float, chosen: tuple[float, float] | None) -> Parameter:
    around = (min(0.0, 2 * value), max(0.0, 2 * value)) if value else (-1.0, 1.0)
    return Parameter(name, (), chosen or around, value)


_HEAD = """\
def f(q, x, u, y, s):
    B = x.shape[0]
    for r in range(B):
        out = function({state}{values})
        {assign}
"""

_COMPLEX = """\
def jvp(q, x, u, V, A, Z):
    K, B = V.shape[0], x.shape[0]
    for v in range(K):
        r = v * B // K
        out = function({along}{values})
        {assign_along}

def vjp(q, x, u, G, A, H):
    K, B = G.shape[0], x.shape[0]
    k = K // B
    for r in range(B):
{columns}

def gradient(p, x, u, G, dp):
    q, B = p, x.shape[0]
    for r in range(B):
        pass
{partials}
"""


def _write_rows(function: Callable[..., Any], n: int, count: int, analytic: bool) -> RowFunctions:
    """Write f and its complex-step derivatives out for n state variables and `count` parameters.

    The number of variables has to be in the source: Numba unrolls tuples only when their length is known.
    """
    state = [f"x[r, {i}]" for i in range(n)]
    values = [f"at(q[{j}], r, B)" for j in range(count)]
    part = ["out[{}]".format(i) if n > 1 else "out" for i in range(n)]
    rest = "".join(f", {value}" for value in values)
    text = _HEAD.format(
        state=", ".join(state),
        values=rest,
        assign="; ".join(f"y[r, {i}] = {part[i]}" for i in range(n)),
    )
    if analytic:
        step = "1e-30"
        columns, partials = [], []
        for j in range(n):
            shifted = [f"complex({s}, {step})" if i == j else f"complex({s}, 0.0)" for i, s in enumerate(state)]
            total = " + ".join(f"G[v, {i}] * {part[i]}.imag" for i in range(n))
            columns += [f"out = function({', '.join(shifted)}{rest})", "for v in range(r * k, r * k + k):"]
            columns += [f"    H[v, {j}] = ({total}) / {step}"]
        for j in range(count):
            shifted = [f"complex({v}, {step})" if i == j else v for i, v in enumerate(values)]
            total = " + ".join(f"G[r, {i}] * {part[i]}.imag" for i in range(n))
            partials += [f"out = function({', '.join(state + shifted)})"]
            partials += [f"dp[{j}][r * dp[{j}].shape[0] // B] += ({total}) / {step}"]
        text += "\n" + _COMPLEX.format(
            along=", ".join(f"complex({s}, {step} * V[v, {i}])" for i, s in enumerate(state)),
            values=rest,
            assign_along="; ".join(f"Z[v, {i}] = {part[i]}.imag / {step}" for i in range(n)),
            columns="\n".join(f"        {line}" for line in columns),
            partials="\n".join(f"        {line}" for line in partials),
        )
    file = f"<lyaplab {function.__name__}>"
    space = {"function": inline(function), "at": at, "__name__": __name__}
    exec(compile(text, file, "exec"), space)  # noqa: S102  our own text above, no input from outside
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    if not analytic:
        return central(space["f"])
    return RowFunctions(space["f"], space["jvp"], space["vjp"], space["gradient"], lambda n, m, scratch: 0)
