"""The colours of widgets: the table of roles that all pictures share, and those of basins and their rasters."""

from __future__ import annotations

from lyaplab.drawing.palette import ROLES, THEMES, Role, Theme, colour, variable, variables
from lyaplab.errors import unknown

__all__ = [
    "APART", "BASINS", "ROLES", "THEMES", "Role", "Theme", "basin_role", "colour", "tint", "variable", "variables",
]  # fmt: skip

BASINS = 5
"""How many attractors get a colour of their own before the colours start again."""

# A raster is one PNG for both themes: mid colours, so thin that either paper shines through.
_TINTS: dict[str, tuple[int, int, int, int]] = {
    "basin-1": (47, 111, 228, 46),
    "basin-2": (230, 120, 40, 50),
    "basin-3": (24, 160, 88, 46),
    "basin-4": (224, 84, 150, 50),
    "basin-5": (88, 60, 230, 56),
    "diagram": (64, 126, 236, 255),  # what is visited most; less is thinner
    # largest entries of the matrices in a chain; smaller ones are thinner
    "factor": (112, 126, 145, 255),
    "from right": (226, 98, 30, 255),
    "from left": (47, 111, 228, 255),
}

# Roles that appear as the same kind of mark in one picture, so that colour has to tell them apart.
APART: tuple[tuple[str, ...], ...] = (
    ("first", "second", "orbit", "arrow"),
    ("start", "orbit"),
    ("start", "stable"),
    tuple(f"basin-{i}" for i in range(1, BASINS + 1)),
    tuple(f"speed-{i}" for i in range(1, 5)),
)


def basin_role(index: int) -> str:
    """Name the role of attractor number `index` (from 0).

    Examples
    --------
    >>> basin_role(0), basin_role(5)
    ('basin-1', 'basin-1')
    """
    return f"basin-{index % BASINS + 1}"


def tint(role: str) -> tuple[int, int, int, int]:
    """Give the half-transparent RGBA (0 to 255) that colours a basin in a raster, on either paper.

    Examples
    --------
    >>> tint("basin-1")
    (47, 111, 228, 46)
    """
    if role not in _TINTS:
        raise unknown("tint", role, tuple(_TINTS))
    return _TINTS[role]
