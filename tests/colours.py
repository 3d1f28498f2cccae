"""How far apart colours are: shared by the tests of all that has colours."""

from __future__ import annotations

import numpy as np


def linear(hexadecimal: str) -> np.ndarray:
    """The linear RGB values of ``#rrggbb``."""
    value = np.array([int(hexadecimal[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """The ratio of the Web Content Accessibility Guidelines."""
    light = sorted((float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other)), reverse=True)
    return (light[0] + 0.05) / (light[1] + 0.05)
