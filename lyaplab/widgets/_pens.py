"""Two pens for the same drawing: one writes SVG, one paints pixels with Pillow.

Both take roles of the palette as colours and pixels as lengths, so that whoever draws (a marker, the
legend, a whole scene) says everything once.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from html import escape
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Place = tuple[float, float]
Anchor = Literal["start", "middle", "end"]
Face = Literal["plain", "bold", "math"]

DASH, GAP = 7.0, 5.0

_SMALL = str.maketrans("₀₁₂₃₄₅₆₇₈₉₊₋ₙᵢₜ", "0123456789+-nit")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ", "0123456789+-n")
# What Pillow's own font does not have is written out.
_WORDS = {
    "−": "-", "–": "-", "—": "-", "′": "'", "×": "x", "→": "->", "≤": "<=", "≥": ">=", "∞": "inf", "√": "sqrt",
    "λ": "lambda", "μ": "mu", "α": "alpha", "β": "beta", "γ": "gamma", "ρ": "rho", "σ": "sigma", "τ": "tau",
    "θ": "theta", "δ": "delta ", "Δ": "Delta", "‖": "|", "∥": "|",
}  # fmt: skip


class Pen(Protocol):
    """What a drawing needs: paths, discs, pixels, words, and a window to stay in."""

    def path(
        self, points: Sequence[Place], *, stroke: str | None = None, fill: str | None = None, width: float = 1.0,
        dashed: bool = False, closed: bool = False, opacity: float = 1.0,
    ) -> None: ...  # fmt: skip

    def disc(
        self, at: Place, radius: float, *, fill: str | None = None, stroke: str | None = None, width: float = 1.0
    ) -> None: ...

    def pixels(self, rgba: NDArray[np.uint8], at: Place, size: Place) -> None: ...

    def words(
        self, text: str, at: Place, *, role: str, size: float, anchor: Anchor = "start", face: Face = "plain",
        upright: bool = True, halo: bool = False,
    ) -> None: ...  # fmt: skip

    @contextmanager
    def window(self, at: Place, size: Place) -> Iterator[None]: ...


class SvgPen:
    """Writes SVG; `paint` turns a role into a CSS colour."""

    def __init__(self, paint: Callable[[str], str], *, prefix: str = "lyap") -> None:
        self._paint = paint
        self._prefix = prefix
        self._windows = 0
        self.parts: list[str] = []

    def __str__(self) -> str:
        return "".join(self.parts)

    def _dress(self, fill: str | None, stroke: str | None, width: float) -> str:
        # as style, not as attributes: only there CSS variables are understood
        style = f"fill:{self._paint(fill) if fill else 'none'}"
        if stroke:
            style += f";stroke:{self._paint(stroke)};stroke-width:{width:g}"
        return f'style="{style}"'

    def path(
        self, points: Sequence[Place], *, stroke: str | None = None, fill: str | None = None, width: float = 1.0,
        dashed: bool = False, closed: bool = False, opacity: float = 1.0,
    ) -> None:  # fmt: skip
        """Write a path."""
        steps = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        dash = f' stroke-dasharray="{DASH:g} {GAP:g}"' if dashed else ""
        clear = f' opacity="{opacity:g}"' if opacity < 1 else ""
        join = ' stroke-linejoin="round"' if stroke and not closed else ""
        dress = self._dress(fill, stroke, width)
        self.parts.append(f'<path d="M{steps}{"Z" if closed else ""}" {dress}{dash}{clear}{join}/>')

    def disc(
        self, at: Place, radius: float, *, fill: str | None = None, stroke: str | None = None, width: float = 1.0
    ) -> None:
        """Write a circle."""
        place = f'cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="{radius:g}"'
        self.parts.append(f"<circle {place} {self._dress(fill, stroke, width)}/>")

    def pixels(self, rgba: NDArray[np.uint8], at: Place, size: Place) -> None:
        """Embed a PNG."""
        packed = io.BytesIO()
        Image.fromarray(rgba).save(packed, "PNG")
        data = base64.b64encode(packed.getvalue()).decode()
        place = f'x="{at[0]:g}" y="{at[1]:g}" width="{size[0]:g}" height="{size[1]:g}"'
        self.parts.append(f'<image {place} preserveAspectRatio="none" href="data:image/png;base64,{data}"/>')

    def words(
        self, text: str, at: Place, *, role: str, size: float, anchor: Anchor = "start", face: Face = "plain",
        upright: bool = True, halo: bool = False,
    ) -> None:  # fmt: skip
        """Write text, its middle at the height of `at`; turned a quarter to the left if not upright.

        A halo is a rim of paper, so that words can be read on top of lines.
        """
        font = {
            "plain": "font-family:system-ui,'Segoe UI',sans-serif",
            "bold": "font-family:system-ui,'Segoe UI',sans-serif;font-weight:600",
            "math": "font-family:Georgia,'Times New Roman',serif;font-style:italic;font-weight:600",
        }[face]
        turn = "" if upright else f' transform="rotate(-90 {at[0]:.1f} {at[1]:.1f})"'
        place = f'x="{at[0]:.1f}" y="{at[1]:.1f}" dy=".35em" text-anchor="{anchor}"{turn}'
        style = f"fill:{self._paint(role)};font-size:{size:g}px;{font}"
        if halo:
            style += f";paint-order:stroke;stroke:{self._paint('paper')};stroke-width:5px;stroke-linejoin:round"
        self.parts.append(f'<text {place} style="{style}">{escape(text)}</text>')

    @contextmanager
    def window(self, at: Place, size: Place) -> Iterator[None]:
        """Show nothing outside a rectangle."""
        self._windows += 1
        name = f"{self._prefix}-{self._windows}"
        box = f'<rect x="{at[0]:g}" y="{at[1]:g}" width="{size[0]:g}" height="{size[1]:g}"/>'
        self.parts.append(f'<clipPath id="{name}">{box}</clipPath><g clip-path="url(#{name})">')
        yield
        self.parts.append("</g>")


class PngPen:
    """Paints on a sheet that is `over` times larger than asked for, then shrinks it: smooth edges."""

    def __init__(
        self, size: tuple[int, int], paint: Callable[[str], str], *, scale: float = 2.0, over: int = 2
    ) -> None:
        self._paint = paint
        self._over = over
        self._unit = scale * over
        sheet = (round(size[0] * scale) * over, round(size[1] * scale) * over)
        self._sheet = Image.new("RGB", sheet, paint("paper"))
        self._draw = ImageDraw.Draw(self._sheet)

    def png(self) -> bytes:
        """Give the picture as a PNG file."""
        packed = io.BytesIO()
        self._sheet.reduce(self._over).save(packed, "PNG")
        return packed.getvalue()

    def _scaled(self, points: Sequence[Place]) -> list[Place]:
        # far outside is as good as further outside, and Pillow's integers do not overflow
        return [(_bounded(x * self._unit), _bounded(y * self._unit)) for x, y in points]

    def path(
        self, points: Sequence[Place], *, stroke: str | None = None, fill: str | None = None, width: float = 1.0,
        dashed: bool = False, closed: bool = False, opacity: float = 1.0,
    ) -> None:  # fmt: skip
        """Paint a path."""
        if opacity < 1:
            before = self._sheet.copy()
            self.path(points, stroke=stroke, fill=fill, width=width, dashed=dashed, closed=closed)
            self._sheet.paste(Image.blend(before, self._sheet, opacity))
            return
        at = self._scaled(points)
        if fill and len(at) > 2:
            self._draw.polygon(at, fill=self._paint(fill))
        if stroke:
            line = [*at, at[0], at[1]] if closed else at
            pieces = _dashes(line, DASH * self._unit, GAP * self._unit) if dashed else [line]
            for piece in pieces:
                thick = max(1, round(width * self._unit))
                self._draw.line(piece, fill=self._paint(stroke), width=thick, joint="curve")

    def disc(
        self, at: Place, radius: float, *, fill: str | None = None, stroke: str | None = None, width: float = 1.0
    ) -> None:
        """Paint a circle; its rim lies half outside, as in SVG."""
        (x, y), unit = at, self._unit
        rim = width / 2 if stroke else 0.0
        box = [_bounded((v + s * (radius + rim)) * unit) for s in (-1, 1) for v in (x, y)]
        self._draw.ellipse(
            box, fill=self._paint(fill) if fill else None,
            outline=self._paint(stroke) if stroke else None, width=round(width * unit) if stroke else 0,
        )  # fmt: skip

    def pixels(self, rgba: NDArray[np.uint8], at: Place, size: Place) -> None:
        """Paint pixels, smoothly enlarged."""
        extent = (max(1, round(size[0] * self._unit)), max(1, round(size[1] * self._unit)))
        picture = Image.fromarray(rgba).resize(extent, Image.Resampling.BILINEAR)
        self._sheet.paste(picture, (round(at[0] * self._unit), round(at[1] * self._unit)), picture)

    def words(
        self, text: str, at: Place, *, role: str, size: float, anchor: Anchor = "start", face: Face = "plain",
        upright: bool = True, halo: bool = False,
    ) -> None:  # fmt: skip
        """Paint text in Pillow's own font; what that lacks is written out in letters."""
        runs = _runs(text)
        fonts = {small: ImageFont.load_default(size * self._unit * (0.72 if small else 1.0)) for small in (False, True)}
        widths = [fonts[shift != 0].getlength(piece) for piece, shift in runs]
        height = size * self._unit
        label = Image.new("L", (max(1, round(sum(widths)) + 4), round(2 * height)))
        rim = label.copy()
        pen, rims, along = ImageDraw.Draw(label), ImageDraw.Draw(rim), 2.0
        bold = self._unit * 0.3 if face != "plain" else 0
        for (piece, shift), width in zip(runs, widths, strict=True):
            pen.text((along, height + shift * 0.3 * height), piece, fill=255, font=fonts[shift != 0], anchor="lm",
                     stroke_width=bold)  # fmt: skip
            rims.text((along, height + shift * 0.3 * height), piece, fill=255, font=fonts[shift != 0], anchor="lm",
                      stroke_width=2.5 * self._unit)  # fmt: skip
            along += width
        if not upright:
            label, rim = label.rotate(90, expand=True), rim.rotate(90, expand=True)
        part = {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor]
        x, y = at[0] * self._unit, at[1] * self._unit
        corner = (x - part * label.width, y - label.height / 2)
        if not upright:
            corner = (x - label.width / 2, y - (1 - part) * label.height)
        place = (round(corner[0]), round(corner[1]))
        if halo:
            self._sheet.paste(self._paint("paper"), place, rim)
        self._sheet.paste(self._paint(role), place, label)

    @contextmanager
    def window(self, at: Place, size: Place) -> Iterator[None]:
        """Show nothing outside a rectangle."""
        outside = self._sheet.copy()
        yield
        corner = [round(v * self._unit) for v in at]
        far = [round((v + s) * self._unit) for v, s in zip(at, size, strict=True)]
        inside = self._sheet.crop((corner[0], corner[1], far[0], far[1]))
        self._sheet.paste(outside)
        self._sheet.paste(inside, (corner[0], corner[1]))


def _bounded(value: float) -> float:
    return min(max(value, -1e5), 1e5)


def written(text: str) -> str:
    """Write out what not every font has: as wide as a text may become.

    Examples
    --------
    >>> written("λ₁")
    'lambda₁'
    """
    return "".join(_WORDS.get(letter, letter) for letter in text)


def _runs(text: str) -> list[tuple[str, int]]:
    """Split text into runs of (letters, shift): 0 on the line, 1 below it, -1 above it."""
    runs: list[tuple[str, int]] = []
    for letter in text:
        low, high = letter.translate(_SMALL), letter.translate(_RAISED)
        piece, shift = (low, 1) if low != letter else (high, -1) if high != letter else (_WORDS.get(letter, letter), 0)
        if runs and runs[-1][1] == shift:
            runs[-1] = (runs[-1][0] + piece, shift)
        else:
            runs.append((piece, shift))
    return runs


def _dashes(line: Sequence[Place], dash: float, gap: float) -> list[list[Place]]:
    """Cut a line into dashes of equal length along it."""
    points = np.asarray(line, float)
    lengths = np.hypot(*np.diff(points, axis=0).T)
    reach = np.concatenate([[0.0], np.cumsum(lengths)])
    pieces = []
    for start in np.arange(0.0, reach[-1], dash + gap):
        end = min(start + dash, reach[-1])
        inner = points[(reach > start) & (reach < end)]
        ends = [[np.interp(s, reach, points[:, i]) for i in (0, 1)] for s in (start, end)]
        pieces.append([(float(x), float(y)) for x, y in [ends[0], *inner, ends[1]]])
    return pieces
