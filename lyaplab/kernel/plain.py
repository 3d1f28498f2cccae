"""A learner's own system is one plain function: `ll.map` and `ll.flow` make a cell of it.

Arguments without a default are the state, those with a default are parameters and get sliders:

    @ll.map
    def henon(x, y, a=1.4, b=0.3):
        return 1 - a*x*x + y, b*x
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from lyaplab.errors import CellError, number, unknown
from lyaplab.kernel.analytic import is_analytic, values_at
from lyaplab.kernel.card import Card, Parameter
from lyaplab.kernel.cell import Cell
from lyaplab.kernel.compile import inline
from lyaplab.kernel.derive import central
from lyaplab.kernel.points import PointFunctions, as_map, as_rk4, by_complex_step, by_differences, given
from lyaplab.kernel.rows import CellFunctions, RowFunctions
from lyaplab.kernel.rows import as_rk4 as rows_as_rk4

__all__ = ["flow", "map"]

Function = Callable[..., Any]
Written = tuple[Function | None, Function | None, Function | None]

_ROW_ARGUMENTS = ["q", "x", "u", "y"]
_NOTHING: Written = (None, None, None)


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
        name, described = given.__name__, _described(given, ranges or {}, view, start)
        system, how = _system(name, given, described)
        return _cell(name, as_map(system), described, how)

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
        As for `map`. With a card it may do without defaults: first the state, then the card's parameters except the
        time step, which is the last. Or a right-hand side over rows, ``rhs(q, x, u, y)`` with x (B, n) -> y (B, n).
    dt : float, optional
        Time step, a parameter that is not trained.
    ranges, view, start : optional
        As for `map`.
    jvp, vjp : callable, optional
        Derivatives that are written out; both or none. Of a plain function ``jvp(x, y, vx, vy, a, b)``, the tangent
        behind the state, and ``vjp`` alike; over rows ``jvp(q, x, u, V, A, Z)`` and ``vjp(q, x, u, G, A, H)``.
    gradient : callable, optional
        Derivatives by the parameters: ``gradient(x, y, gx, gy, a, b)`` returns one number for each; over rows
        ``gradient(p, x, u, G, dp)``.
    name, card : optional
        Name and card of the cell; a right-hand side over rows needs a card, which names its time step.

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
        called = name or given.__name__
        if list(inspect.signature(given).parameters) == _ROW_ARGUMENTS:
            return _from_rows(called, given, card, (jvp, vjp, gradient))
        described = card or _described(given, ranges or {}, view, start, dt=dt)
        if not described.names or described.names[-1] != described.time_step:
            listing = ", ".join(described.names) or "none"
            raise ValueError(f"the last parameter in the card of {called!r} must be its time_step, got {listing}")
        system, how = _system(called, given, described, (jvp, vjp, gradient))
        return _cell(called, as_rk4(system, dt=len(described.names) - 1), described, how)

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


def _from_rows(name: str, rhs: Function, card: Card | None, written: Written) -> Cell:
    """Wrap a right-hand side over rows, with its derivatives or with differences."""
    if card is None or card.time_step not in card.names:
        raise ValueError(
            f"the flow {name!r} over rows needs card=Card(..., time_step=<name of the parameter that is dt>)"
        )
    compiled = inline(rhs)

    def f(q, x, u, y, s):
        compiled(q, x, u, y)

    jvp, vjp, gradient = written
    if jvp is None or vjp is None:
        system, how = central(f), "central differences"
    else:
        system, how = RowFunctions(f, jvp, vjp, gradient, lambda n, m, scratch: 0), "given"
    return _cell(name, rows_as_rk4(system, dt=card.names.index(card.time_step)), card, how, inputs=None)


def _system(name: str, function: Function, card: Card, written: Written = _NOTHING) -> tuple[PointFunctions, str]:
    """Try the function once in plain Python, and find its derivatives: written, by complex step, or by differences."""
    settings = tuple(float(p.default) for p in card.parameters if p.name != card.time_step)
    n = len(card.state)
    jvp, vjp, gradient = written
    if jvp is not None and vjp is not None:
        return given(function, n, len(settings), jvp=jvp, vjp=vjp, gradient=gradient), "given"
    start = card.start if card.start is not None else tuple(0.1 + 0.05 * i for i in range(n))
    values_at(function, start, settings)
    if is_analytic(function, n, settings):
        return by_complex_step(function, n, len(settings)), "complex step"
    return by_differences(function, n, len(settings)), "central differences"


def _described(
    function: Function,
    ranges: Mapping[str, tuple[float, float]],
    view: tuple[Any, Any] | None,
    start: tuple[float, ...] | None,
    dt: float | None = None,
) -> Card:
    """Read the card off the signature: arguments without a default are the state, the others parameters."""
    name = function.__name__
    arguments = inspect.signature(function).parameters.values()
    state = tuple(a.name for a in arguments if a.default is inspect.Parameter.empty)
    defaults = {a.name: a.default for a in arguments if a.default is not inspect.Parameter.empty}
    if not state:
        raise CellError(f"{name} has no state variable\n  give one argument without a default for each")
    if any(a.kind in (a.VAR_POSITIONAL, a.VAR_KEYWORD, a.KEYWORD_ONLY) for a in arguments):
        raise CellError(f"{name} has arguments with a star\n  name every state variable and every parameter")
    for parameter, value in defaults.items():
        number(f"the default of {parameter}", value)
    for parameter in ranges:
        if parameter not in defaults:
            raise unknown("parameter in ranges", parameter, defaults)
    if start is not None and len(start) != len(state):
        raise ValueError(f"start must hold one number for each of {', '.join(state)}, got {start!r}")
    if dt is not None and "dt" in defaults:
        raise CellError(f"{name} has a parameter dt\n  the time step is given to ll.flow(dt=...), not to the function")
    parameters = [_slider(key, float(value), ranges.get(key)) for key, value in defaults.items()]
    if dt is not None:
        about = "time step of the Runge-Kutta method"
        reach, limits = (0.1 * dt, 5 * dt), (1e-12, None)
        parameters.append(Parameter("dt", (), reach, dt, about=about, limits=limits, trainable=False))
    return Card(
        parameters=tuple(parameters),
        state=state,
        size=len(state),
        view=view,  # type: ignore[arg-type]
        start=start,
        title=name,
        equation_text=(inspect.getdoc(function) or f"{name}({', '.join(state)})").splitlines()[0],
        time_step=None if dt is None else "dt",
    )


def _slider(name: str, value: float, chosen: tuple[float, float] | None) -> Parameter:
    around = (min(0.0, 2 * value), max(0.0, 2 * value)) if value else (-1.0, 1.0)
    return Parameter(name, (), chosen or around, value)
