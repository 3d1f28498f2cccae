"""The controls that every widget has: one row for each knob, and the small rows of buttons.

A knob's row is a labelled number box and a slider: two hands on one value. The number box is the
keyboard's way (arrow keys step it, its label names it for screen readers), the slider the finger's.
"""

from __future__ import annotations

import html
import itertools
import math
import re
import time
from collections.abc import Callable, Iterable

import ipywidgets as W

from lyaplab.model import Knob

__all__ = ["Action", "KnobRow", "button", "choices", "pretty"]

_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eta": "η", "theta": "θ", "kappa": "κ",
    "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ",
    "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Omega": "Ω", "Sigma": "Σ",
}  # fmt: skip
_BELOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_TEX = re.compile(r"\\?([A-Za-z]+|[α-ωΑ-Ω])(?:_(?:\{([^{}\\]*)\}|(\w)))?")


_serial = itertools.count(1)

# How long, in seconds, the page may take to send back a place of a slider that the kernel has set.
_ECHO = 2.0
# Likewise, to send back what a new range of the slider has made of its place.
_GHOSTLY = 4.0

Action = Callable[[], None]


def pretty(tex: str) -> str:
    r"""Write a simple TeX name as HTML: italic letters, Greek, subscripts.

    Parameters
    ----------
    tex : str
        Such as ``r"\rho"``, ``"w_{11}"`` or a plain name; anything beyond is shown as it is.

    Returns
    -------
    str
        HTML without MathJax, which would make every row of controls jump.

    Examples
    --------
    >>> pretty(r"\rho"), pretty("w_{11}"), pretty(r"\mathrm{d}t"), pretty(r"\frac{a}{b}")
    ('<i>ρ</i>', '<i>w</i>₁₁', 'dt', '\\frac{a}{b}')
    """
    plain = re.sub(r"\\mathrm\{(\w+)\}", r"\1", tex.strip().strip("$"))
    match = _TEX.fullmatch(plain)
    if match is None:
        return html.escape(tex)
    letter, long, short = match.groups()
    letter = _GREEK.get(letter, letter)
    # a word such as "gain" is upright, a symbol is italic
    shown = f"<i>{letter}</i>" if len(letter) == 1 else letter
    below = long or short
    if not below:
        return shown
    # the labels of ipywidgets let <i> through, but not <sub>
    return shown + (below.translate(_BELOW) if below.isdecimal() else f"_{html.escape(below)}")


def button(text: str, action: Action, *, tip: str = "", name: str = "") -> W.Button:
    """Make a button that runs `action`; `name` becomes its CSS class, for tests and lessons."""
    layout = W.Layout(width="auto", align_self="flex-start")
    made = W.Button(description=text, tooltip=tip, layout=layout)
    made.on_click(lambda _: action())
    made.add_class("lyap-button")
    if name:
        made.add_class(f"lyap-{name}")
    return made


def choices(
    label: str, options: Iterable[str], chosen: Callable[[str], None], *, tips: Iterable[str] = ()
) -> W.ToggleButtons:
    """Make a row of toggle buttons: JupyterLab steals the arrow keys of every other kind of choice."""
    row = W.ToggleButtons(options=tuple(options), value=None, tooltips=list(tips), description=label)
    row.style.button_width = "auto"
    row.add_class("lyap-choices")

    def pressed(change: dict) -> None:
        if change["new"] is not None:
            chosen(change["new"])

    row.observe(pressed, "value")
    return row


class KnobRow(W.HBox):
    """One knob: its name, a number box and a slider.

    Parameters
    ----------
    knob : Knob
        The knob's name, range, step and words.
    changed : callable
        Takes a new value that the hand has set; never called for a value set by `show`.

    Examples
    --------
    >>> heard = []
    >>> row = KnobRow(Knob("r", 3.2, 0.0, 4.0, 0.01, about="growth"), heard.append)
    >>> row.box.value = 3.5
    >>> heard, row.slider.value
    ([3.5], 3.5)
    >>> row.close()
    """

    def __init__(self, knob: Knob, changed: Callable[[float], None]) -> None:
        self.knob = knob
        self._changed = changed
        self._value = float(knob.value)
        self._whole = knob.integer
        self._silent, self._reach = False, (0.0, 0.0, 0.0)
        self._ghosts: list[float] = []
        self._haunted = 0.0
        self._echoes: dict[int, float] = {}  # places of the slider that the page may still send back, and until when
        self._step = self._apart(knob)
        # A long unit would push the box away: it stands in the tooltip then.
        unit = f" <span class='lyap-unit'>{html.escape(knob.unit)}</span>" if 0 < len(knob.unit) <= 5 else ""
        about = f"{knob.about} (in {knob.unit})" if knob.unit and not unit else knob.about
        low, high = min(float(knob.low), self._value), max(float(knob.high), self._value)
        self.box = W.BoundedFloatText(
            value=self._value, min=low, max=high, step=self._nudge(), tooltip=about,
            description=pretty(knob.tex or knob.name) + unit, description_allow_html=True,
        )  # fmt: skip
        left, right = self._place(low), self._place(high)
        self.slider = W.FloatSlider(
            value=self._snapped(left, right), min=left, max=right, step=self._step,
            readout=False, tooltip=about, continuous_update=True,
        )  # fmt: skip
        super().__init__([self.box, self.slider])
        self.add_class("lyap-knob")
        self.add_class(f"lyap-knob-{knob.name}")
        self.box.observe(self._typed, "value")
        self.slider.observe(self._slid, "value")

    # --- what a row with another scale answers ------------------------------------------------

    def _apart(self, knob: Knob) -> float:
        """How far the places of the slider are from each other."""
        return float(knob.step) if knob.step else (float(knob.high) - float(knob.low)) / 200 or 1.0

    def _place(self, value: float) -> float:
        """Where a value is on the slider."""
        return value

    def _worth(self, place: float) -> float:
        """Which value a place on the slider stands for."""
        return place

    def _nudge(self) -> float:
        """By how much an arrow key changes the number in the box."""
        return self._step

    # --- from elsewhere -----------------------------------------------------------------------

    def show(self, value: float) -> None:
        """Show a value that comes from elsewhere; the range grows when it lies outside."""
        if float(value) != self._value:  # else it is what a hand here has set, and more may be under way
            self._put(float(value), self.box, self.slider)

    def reach(self, low: float, high: float, step: float) -> None:
        """Give the slider another range, and both hands another step; what is typed may still lie outside."""
        if (low, high, step) == self._reach:
            return
        self._reach, self._step = (low, high, step), step
        self.box.step = step
        self._stretch(self._place(min(low, self._value)), self._place(max(high, self._value)))

    def mark(self, place: float, words: str) -> None:
        """Mark a place on the slider, with a word or a symbol above it; one outside the range is left out."""
        low, high, place = self.slider.min, self.slider.max, self._place(place)
        if not low <= place <= high:
            return
        name = f"lyap-mark-{next(_serial)}"
        self.add_class("lyap-marked")
        self.add_class(name)
        rule = f".{name} .noUi-base{{--lyap-mark:{100 * (place - low) / (high - low):.2f}%;--lyap-word:'{words}'}}"
        style = W.HTML(f"<style>{rule}</style>", layout=W.Layout(display="none"))
        self.children = (self.box, self.slider, style)

    def _put(self, value: float, *hands: W.Widget) -> None:
        """Show a value in these hands."""
        self._value = value
        self.box.min, self.box.max = min(value, self.box.min), max(value, self.box.max)
        self.box.step = self._nudge()
        if self.box in hands:
            self.box.value = value
        wanted = self._place(value)
        if not self.slider.min <= wanted <= self.slider.max:
            self._stretch(min(wanted, self.slider.min), max(wanted, self.slider.max))
        place = self._snapped(self.slider.min, self.slider.max)
        if self.slider in hands and place != self.slider.value:
            self._echoes[self._index(place)] = time.monotonic() + _ECHO
            self.slider.value = place

    def _stretch(self, low: float, high: float) -> None:
        """Set the slider's range.

        The page takes up range and value one after the other, whatever the message says: it may send back the old value
        rounded to the new steps, or the new one clipped to the old range. No hand has set those.
        """
        slider, before, here = self.slider, self.slider.value, self._place(self._value)
        clipped = min(max(here, slider.min), slider.max)
        if time.monotonic() > self._haunted:
            self._ghosts.clear()
        self._ghosts += [before, min(max(before, low), high), clipped, here]
        self._haunted = time.monotonic() + _GHOSTLY
        self._silent = True
        try:
            with slider.hold_sync():
                slider.min, slider.max = min(low, slider.min), max(high, slider.max)
                slider.step = self._step
                slider.value = self._snapped(low, high)
                slider.min, slider.max = low, high
        finally:
            self._silent = False

    def _is_ghost(self, place: float) -> bool:
        """Whether the page has sent what a change of the range has made of a value; it may do so more than once."""
        near = any(abs(place - ghost) <= 0.51 * self._step for ghost in self._ghosts)
        return near and time.monotonic() < self._haunted

    def _typed(self, change: dict) -> None:
        if change["new"] != self._value:
            self._take(change["new"], self.slider)

    def _slid(self, change: dict) -> None:
        if self._silent:
            return
        if self._is_ghost(change["new"]):
            self._silent = True
            try:
                self.slider.value = self._snapped(self.slider.min, self.slider.max)
            finally:
                self._silent = False
            return
        # The page rounds what we set to a whole number of steps and sends that back: no news.
        place = self._snapped(self.slider.min, self.slider.max)
        if math.isclose(change["new"], place, abs_tol=1e-12):
            return
        if self._echoes.pop(self._index(change["new"]), 0.0) > time.monotonic():
            # The late answer to a place that a drag has left since: the page knows better by now, so must the trait.
            self.slider.value = place
            return
        self._take(self._worth(change["new"]), self.box)

    def _index(self, place: float) -> int:
        return round((place - self.slider.min) / self._step)

    def _take(self, given: float, other: W.Widget) -> None:
        """Take what one hand has set; the other follows, and both where the value had to be rounded."""
        value = float(f"{given:.12g}")  # 0.30000000000000004 is nothing to look at
        if self._whole:
            value = float(round(value))
        hands = (other,) if math.isclose(value, given, abs_tol=1e-12) else (self.box, self.slider)
        self._value = value
        try:
            self._changed(round(value) if self._whole else value)  # the picture first: the eye waits for it
        finally:
            if self._value == value:  # else something else was shown meanwhile
                self._put(value, *hands)

    def _snapped(self, low: float, high: float) -> float:
        """Where the value is on a slider from `low` to `high`: a whole number of steps, as on the page's."""
        return min(high, low + round((self._place(self._value) - low) / self._step) * self._step)
