"""How numbers are written for people: a few digits, proper signs, and no more digits than the error leaves."""

from __future__ import annotations

import math

__all__ = ["measured", "raised", "short"]


def short(value: float, digits: int = 3) -> str:
    """Write a number with so many significant digits and a proper minus sign.

    Examples
    --------
    >>> short(-0.51083), short(0.0), short(3.2), short(float("-inf")), short(-7.4e169)
    ('−0.511', '0', '3.2', '−∞', '−7.4·10¹⁶⁹')
    """
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if not value:
        return "0"
    mantissa, power, exponent = f"{value:.{digits}g}".partition("e")
    shown = f"{mantissa}·10{raised(int(exponent))}" if power else mantissa
    return shown.replace("-", "−")


def measured(value: float, stderr: float) -> str:
    """Write an estimate with its standard error, to the digits that the error leaves.

    Examples
    --------
    >>> measured(0.69312, 0.0012), measured(-0.5108, 0.0), measured(float("-inf"), float("nan"))
    ('0.6931 ± 0.0012', '−0.511', '−∞')
    """
    if not stderr > 1e-12 or not math.isfinite(value):
        return short(value)
    decimals = max(0, 1 - math.floor(math.log10(stderr)))
    return f"{value:.{decimals}f} ± {stderr:.{decimals}f}".replace("-", "−")


def raised(power: int) -> str:
    """Write a power of ten above the line: -7 as ⁻⁷."""
    return str(power).translate(_ABOVE)


_ABOVE = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
