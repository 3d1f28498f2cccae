"""Figures of results that are states: where a system rests, lingers or goes round, and what deviations do there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.basins import Basins
from lyaplab.engine.cycles import Cycles
from lyaplab.engine.fixed_points import FixedPoints
from lyaplab.engine.slow_points import SlowPoints
from lyaplab.widgets._palette import BASINS, basin_role, tint
from lyaplab.widgets._reading import short
from lyaplab.widgets._scene import Marker, limits_around
from lyaplab.widgets._shapes import joined, staircase
from lyaplab.widgets._stage import Axis, Stage

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

# Marker and role of a kind, by its first word: the shape says it without the colour.
_KINDS: dict[str, tuple[Marker, str]] = {
    "stable": ("disc", "stable"),
    "saddle": ("diamond", "saddle"),
    "unstable": ("square", "unstable"),
    "marginal": ("ring", "warn"),
}
_WIDTH, _HEIGHT = 400, 360
# More markers than this become dots; names and threads are for the eye, and more would be a thicket.
_MARKERS, _NAMED, _THREADED = 300, 9, 60


def fixed_points(result: FixedPoints) -> list[Stage]:
    """The points in their first two coordinates, and all eigenvalues in the complex plane."""
    words = [str(kind).split()[0] for kind in result.kinds]
    flow = result.unit == "time"
    if result.points.ndim == 2 and result.points.shape[1] == 1 and len(result):
        return [_on_a_line(result.points[:, 0], result.eigenvalues[:, 0].real, words, flow=flow)]
    plane, values = _plane(result.points), _eigenplane(result.eigenvalues, flow=flow)
    _mark(plane, words, _places(result.points))
    per_point = result.eigenvalues.shape[1] if result.eigenvalues.ndim == 2 else 1
    _mark(values, np.repeat(words, per_point), _complex_places(result.eigenvalues))
    return [plane, values]


def slow_points(result: SlowPoints) -> list[Stage]:
    """The points in their first two coordinates with their speed, and all eigenvalues in the complex plane."""
    names = [f"q = {short(q, 2)}" for q in result.q] if len(result) <= _NAMED else []
    words, flow = ["slow"] * len(result), result.unit == "time"
    if result.points.shape[1] == 1 and len(result):
        return [_on_a_line(result.points[:, 0], result.eigenvalues[:, 0].real, words, flow=flow, names=names)]
    plane, values = _plane(result.points, named=bool(names)), _eigenplane(result.eigenvalues, flow=flow)
    _mark(plane, words, _places(result.points), names=names)
    _mark(values, words * result.eigenvalues.shape[1], _complex_places(result.eigenvalues))
    return [plane, values]


def cycles(result: Cycles) -> list[Stage]:
    """The states of each cycle in their order, and how much of a deviation is left after each step on the way round."""
    paths = [path[:period] for path, period in zip(result.points, result.periods, strict=True)]
    line = result.points.shape[2] == 1
    words = [str(kind) for kind in result.kinds]
    if line:
        paths = [np.column_stack([path, np.roll(path, -1, axis=0)]) for path in paths]
    points = np.concatenate([*paths, np.empty((0, 2 if line else result.points.shape[2]))])
    plane = _plane(points, labels=("xₜ", "xₜ₊₁") if line else ("x₁", "x₂"), equal=line)
    if line:
        plane.rule("diagonal", slope=1.0, role="muted", dashed=True)
    plane.line("thread", role="arrow", width=1.0)
    if 0 < len(points) <= _THREADED:
        plane.show("thread", *joined([_round(path, line) for path in paths]))
    _mark(plane, np.repeat(words, result.periods), _places(points))
    return [plane, _growths(result, words)]


def basins(result: Basins) -> list[Stage]:
    """The raster with its attractors."""
    stage = Stage(
        x=Axis("x₁", float(result.low[0]), float(result.high[0])),
        y=Axis("x₂", float(result.low[1]), float(result.high[1])),
        width=480,
        height=440,
    )
    stage.raster("basins")
    stage.points("attractors", role="stable", marker="disc", label="stable")
    colours = np.array([*(tint(basin_role(i)) for i in range(BASINS)), (0, 0, 0, 0)], dtype=np.uint8)
    index = np.where(result.labels < 0, BASINS, result.labels % BASINS)
    with stage.redraw():
        stage.show_raster(
            "basins", colours[index], x=(result.low[0], result.high[0]), y=(result.low[1], result.high[1])
        )
        if len(result.attractors):
            roles = tuple(basin_role(i) for i in range(len(result.attractors)))
            stage.show("attractors", result.attractors[:, 0], result.attractors[:, 1], roles=roles)
    return [stage]


# --- stages that several share ----------------------------------------------------------------------


def _plane(
    points: Array, *, labels: Sequence[str] = ("x₁", "x₂"), equal: bool = False, named: bool = False
) -> Stage:
    """A stage for points in their first two coordinates, with room for names beside them."""
    x, y = _places(points)
    across, up = (limits_around(x, y),) * 2 if equal else (limits_around(x), limits_around(y))
    if named:
        across = across[0], across[1] + 0.3 * (across[1] - across[0])
    return Stage(x=Axis(labels[0], *across), y=Axis(labels[1], *up), width=_WIDTH, height=_HEIGHT)


def _places(points: Array) -> tuple[Array, Array]:
    return (points[:, 0], points[:, 1]) if len(points) else (np.empty(0), np.empty(0))


def _complex_places(values: Complex) -> tuple[Array, Array]:
    return values.real.ravel(), values.imag.ravel()


def _eigenplane(eigenvalues: Complex, *, flow: bool) -> Stage:
    """A complex plane with the border of stability and both axes."""
    border = () if flow else (-1.0, 1.0)
    reach = max(1.2, 1.1 * float(np.abs(eigenvalues).max(initial=0.0)))
    stage = Stage(
        x=Axis("Re μ", -reach, reach, most=5, always=border), y=Axis("Im μ", -reach, reach, most=5, always=border),
        width=_WIDTH, height=_HEIGHT, equal=True,
    )  # fmt: skip
    stage.rule("real", y=0.0, role="grid", width=1.0)
    stage.rule("imaginary", x=0.0, role="muted" if flow else "grid", label="Re μ = 0" if flow else None, width=1.2)
    if not flow:
        circle = np.exp(2j * np.pi * np.linspace(0, 1, 200))
        stage.line("border", role="muted", label="unit circle", width=1.2, table=False)
        stage.show("border", circle.real, circle.imag)
    return stage


def _on_a_line(
    x: Array, slopes: Array, words: Sequence[str], *, flow: bool, names: Sequence[str] = ()
) -> Stage:
    """All there is to say of points on a line in one figure: where they are, and their one eigenvalue."""
    borders = (0.0,) if flow else (-1.0, 1.0)
    up = Axis("eigenvalue μ", *limits_around(slopes, borders))
    low, high = limits_around(x)
    along = Axis("x", low, high + (0.25 * (high - low) if names else 0.0))
    stage = Stage(x=along, y=up, width=480, height=340)
    stage.rule("border", y=borders[-1], dashed=True, label="μ = 0" if flow else "|μ| = 1")
    if not flow:
        stage.rule("lower border", y=borders[0], dashed=True)
    _mark(stage, words, (x, slopes), names=names)
    return stage


def _growths(result: Cycles, words: Sequence[str]) -> Stage:
    """Against its period, by how much each multiplier of a cycle grows in a step: ln|μ| / period."""
    with np.errstate(divide="ignore"):
        growth = np.log(np.abs(result.multipliers)) / result.periods[:, None]
    known = np.isfinite(growth)  # a multiplier of 0 wipes a deviation out: it has no place on the axis
    reach = max(result.period, 1)
    ticks = tuple(length for length in range(1, reach + 1) if reach % length == 0)
    stage = Stage(
        x=Axis("period", 0.5, reach + 0.5, ticks=ticks), y=Axis("ln |μ| per step", *limits_around(growth, 0.0)),
        width=340, height=_HEIGHT,
    )  # fmt: skip
    stage.rule("zero", y=0.0, dashed=True)
    periods = np.repeat(result.periods[:, None].astype(float), growth.shape[1], axis=1)
    _mark(stage, np.repeat(words, growth.shape[1])[known.ravel()], (periods[known], growth[known]))
    return stage


def _round(path: Array, line: bool) -> Array:
    """The way once round a cycle: from state to state, or by the stairs of its map of one variable."""
    closed = np.concatenate([path, path[:1]])
    return np.column_stack(staircase(closed[:, 0])) if line else closed[:, :2]


def _mark(
    stage: Stage, words: Sequence[str] | NDArray[np.str_], places: tuple[Array, Array], *, names: Sequence[str] = ()
) -> None:
    """Show points by kind; "slow" ones are rings."""
    words, (x, y) = np.asarray(words, dtype=str), places
    for word, (marker, role) in {**_KINDS, "slow": ("ring", "third")}.items():
        chosen = np.flatnonzero(words == word)
        if not len(chosen):
            continue
        label = "slow point" if word == "slow" else word
        if len(words) > _MARKERS:
            stage.dots(word, role=role, label=label, size=4)
            stage.show(word, x[chosen], y[chosen])
        else:
            stage.points(word, role=role, marker=marker, label=label)
            stage.show(word, x[chosen], y[chosen], names=[names[int(i)] for i in chosen] if names else ())
