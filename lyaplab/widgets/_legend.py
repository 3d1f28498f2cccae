"""The legend of a figure in the page: a row of signs and labels that follows the page's theme."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from lyaplab.widgets._palette import variable
from lyaplab.widgets._pens import SvgPen
from lyaplab.widgets._scene import Layer
from lyaplab.widgets._symbols import SIGN_HEIGHT, SIGN_WIDTH, draw_sign

_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉₊₋", "0123456789+-")
_LETTER = re.compile(r"(?:\b|(?<=\bd))([A-Za-z])([₀-₉₊₋]+|(?=′|\s[=<>]|\(|/|$))")


def legend_html(layers: Sequence[Layer]) -> str:
    """Write the legend of some layers as HTML."""
    return f"<div class='lyap-key'>{''.join(_entry(layer) for layer in layers)}</div>"


def _entry(layer: Layer) -> str:
    pen = SvgPen(variable)
    draw_sign(pen, layer, (0.0, SIGN_HEIGHT / 2))
    # a single marker sits in the middle of its sign: no need to keep room on its sides
    single = layer.kind in ("points", "handle") and len(set(layer.colours())) == 1
    left, width = (4, SIGN_WIDTH - 8) if single else (0, SIGN_WIDTH)
    box = f'width="{width}" height="{SIGN_HEIGHT}" viewBox="{left} 0 {width} {SIGN_HEIGHT}"'
    sign = f'<svg {box} overflow="visible" aria-hidden="true">{pen}</svg>'
    return f'<span class="k">{sign}<span>{math_html(layer.label or "")}</span></span>'


def math_html(text: str) -> str:
    """Write a label with its variables in italics and its subscripts lowered.

    A single letter counts as a variable when a subscript, a prime, a relation, "/" or "(" follows, or
    nothing; so does the letter of a differential.

    Examples
    --------
    >>> math_html("x₁′ = 0")
    '<i>x</i><sub>1</sub>′ = 0'
    >>> math_html("drag a start")
    'drag a start'
    >>> math_html("dh₁/dt = 0")
    'd<i>h</i><sub>1</sub>/d<i>t</i> = 0'
    """

    def italic(match: re.Match[str]) -> str:
        letter, index = match.groups()
        return f"<i>{letter}</i>" + (f"<sub>{index.translate(_SUBSCRIPTS)}</sub>" if index else "")

    return _LETTER.sub(italic, escape(text, quote=False))
