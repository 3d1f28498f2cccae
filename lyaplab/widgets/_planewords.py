"""A phase plane in words (what screen readers read and alt texts say) and in code."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from lyaplab.engine.basins import Basins
from lyaplab.widgets._portrait import Ending, Portrait, Window, corners
from lyaplab.widgets._reading import short

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def pretty_names(names: Sequence[str]) -> tuple[str, ...]:
    """Lower the digits at the end of names.

    Examples
    --------
    >>> pretty_names(("h1", "speed"))
    ('h₁', 'speed')
    """
    return tuple(re.sub(r"\d+$", lambda match: match.group().translate(_LOWERED), name) for name in names)


def counted(count: int, thing: str) -> str:
    """Say how many there are.

    Examples
    --------
    >>> counted(1, "saddle"), counted(2, "stable node"), counted(0, "fixed point")
    ('one saddle', 'two stable nodes', 'no fixed point')
    """
    number = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
    plural = "" if count <= 1 or thing == "marginal" else "s"
    return f"{number} {thing}{plural}"


def place(point: Sequence[float]) -> str:
    """Write a point of the plane, to two decimals of what is seen."""
    return f"({short(point[0], 2)}, {short(point[1], 2)})"


def point(portrait: Portrait, index: int) -> str:
    """Name a fixed point with its kind."""
    return f"{portrait.letter(index)}: {portrait.found.kinds[index]} at {place(portrait.found.points[index])}"


def describe(
    system: tuple[str, Mapping[str, float]],
    portrait: Portrait,
    starts: Sequence[tuple[Sequence[float], Ending]],
    *,
    flow: bool,
    window: Window,
) -> str:
    """Put a phase plane into a few sentences: the system, its fixed points, where each start ends."""
    name, knobs = system
    settings = ", ".join(f"{knob} = {short(value)}" for knob, value in knobs.items())
    said = [f"Phase plane of the {name} {'flow' if flow else 'map'}{f' with {settings}' if settings else ''}:"]
    said.append(_points(portrait, window))
    said += [_orbit(number, start, end, portrait, flow) for number, (start, end) in enumerate(starts, start=1)]
    return " ".join(said)


def code(
    starts: Sequence[Sequence[float]], lengths: Sequence[int], basins: Basins | None, *, window: Window
) -> str:
    """Write the Python that makes a phase plane's numbers from `model`."""
    lines = [
        f"orbit_{i} = model.orbit({length}, x0=np.array({list(map(float, start))!r}))"
        for i, (length, start) in enumerate(zip(lengths, starts, strict=True), start=1)
    ]
    lines += ["", "found = model.fixed_points()", "fixed_points, eigenvalues = found.points, found.eigenvalues"]
    if basins is not None:
        low, high = corners(window)
        ny, nx = basins.labels.shape
        lines += [f"basins = model.basins(low={low}, high={high}, resolution=({nx}, {ny})).labels"]
    return "\n".join(lines)


def _points(portrait: Portrait, window: Window) -> str:
    found = portrait.found
    total = len(found)
    if not total:
        return "no fixed point."
    kinds = Counter(str(kind) for kind in found.kinds)
    each = []
    for kind, count in kinds.items():
        letters = [portrait.letter(i) for i in portrait.by_letter if found.kinds[i] == kind]
        each.append(f"{counted(count, kind)} ({', '.join(letters)})")
    left, right, bottom, top = window
    outside = [
        portrait.letter(i)
        for i in portrait.by_letter
        if not (left <= found.points[i, 0] <= right and bottom <= found.points[i, 1] <= top)
    ]
    beyond = f"; outside of the picture: {', '.join(outside)}" if outside else ""
    return f"{counted(total, 'fixed point')}: {', '.join(each)}{beyond}."


def _orbit(number: int, start: Sequence[float], end: Ending, portrait: Portrait, flow: bool) -> str:
    value = 0.0 if end.what == "loop" else end.exponent  # on a closed curve it is, within its error
    rate = f"exponent {short(value)} per {'unit of time' if flow else 'step'}"
    errors = f"so small errors {'grow: any other start leaves' if value > 0 else 'shrink'}"
    where = {
        "rest": lambda: f"comes to rest at {_at(end, portrait)}; {rate}, {errors}",
        "cycle": lambda: f"settles into a cycle of {end.period} steps; {rate}, {errors}",
        "loop": lambda: f"goes round a closed curve; {rate}: small errors neither grow nor shrink",
        "chaos": lambda: f"never repeats; {rate}, so small errors grow: chaos",
        "moving": lambda: f"has not come to rest yet; {rate}",
        "lost": lambda: f"leaves the range of numbers at step {end.step}",
    }[end.what]()
    # The start is told as it was set: in the last digit may lie on which side of a border it is.
    return f"Start {number} at ({short(start[0], 4)}, {short(start[1], 4)}) {where}."


def _at(end: Ending, portrait: Portrait) -> str:
    assert end.point is not None
    return f"{portrait.letter(end.point)} {place(portrait.found.points[end.point])}"
