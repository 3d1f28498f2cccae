"""What an orbit diagram shows, as data: what is swept, what part of it is seen, and the hands that change that."""

from __future__ import annotations

from typing import Any

import numpy as np
import traitlets as T
from numpy.typing import NDArray

from lyaplab.errors import unknown
from lyaplab.model import Model
from lyaplab.widgets._attractorview import kinds_of
from lyaplab.widgets._explorer import Explorer
from lyaplab.widgets._state import Finite
from lyaplab.widgets._sweep import ORBITS, Plan

__all__ = ["Swept"]

Array = NDArray[np.float64]
Range = tuple[float, float]

MOST_VARIABLES = 3
ZOOM = 3.0
# A brush narrower than this part of the picture was a click.
_CLICK = 0.012
# Ranges narrower than this part of their place are below what floats can tell apart.
_NARROWEST = 1e-12
_STEPS = 60  # of Play, across the picture


class Swept(Explorer):
    """An explorer of a system over one of its parameters; the knob of that parameter is its marker."""

    over = T.Unicode("", help="Name of the parameter that is swept.").tag(sync=True, view=True)
    span = T.List(Finite(), [], maxlen=2, help="From where to where; when empty the knob's range.").tag(
        sync=True, view=True
    )
    heights = T.List(Finite(), [], maxlen=2, help="What is seen of the states; when empty all.").tag(
        sync=True, view=True
    )
    variable = T.Unicode("", help="Name of the state variable that is shown.").tag(sync=True, view=True)
    orbits = T.Enum(tuple(ORBITS), "fresh", help="How the orbits begin.").tag(sync=True, view=True)
    x0 = T.List(Finite(), [], help="The first state.").tag(sync=True, view=True)
    beside = T.Unicode("", help="The figure beside the diagram.").tag(sync=True, view=True)

    @T.validate("span", "heights")
    def _check_range(self, proposal: dict[str, Any]) -> list[float]:
        name, ends = proposal["trait"].name, list(proposal["value"])
        narrowest = _NARROWEST * max(1e-300, *map(abs, ends)) if ends else 0.0
        if ends and (len(ends) != 2 or not ends[1] - ends[0] > narrowest):
            raise T.TraitError(f"{name} must be [low, high] or [], got {ends}")
        return ends

    @T.validate("over", "variable", "beside")
    def _check_name(self, proposal: dict[str, Any]) -> str:
        name, value = proposal["trait"].name, proposal["value"]
        known = {"over": self._params, "variable": self._variables, "beside": self._kinds}[name]
        if value not in known:
            raise T.TraitError(str(unknown(name, value, known)))
        return str(value)

    @T.validate("x0")
    def _check_state(self, proposal: dict[str, Any]) -> list[float]:
        if len(proposal["value"]) != len(self._variables):
            raise T.TraitError(f"x0 must hold {len(self._variables)} numbers, got {len(proposal['value'])}")
        return list(proposal["value"])

    # --- the system ----------------------------------------------------------------------------

    def _suits(self, model: Model) -> None:
        if model.d > MOST_VARIABLES:
            raise ValueError(
                f"Bifurcation shows up to {MOST_VARIABLES} state variables, this {model.cell.name} has {model.d}:"
                " ll.bifurcation(model, param) gives its diagram as numbers"
            )
        # neither what is counted nor the time step is a parameter of the system
        knobs = {name: knob for name, knob in self._system.knobs.items() if name != model.card.time_step}
        self._params = tuple(name for name, knob in knobs.items() if not knob.integer)
        if not self._params:
            raise ValueError(f"{model.cell.name} has no parameter to sweep")
        self._variables, self._kinds = model.state_names, kinds_of(model)
        self._flow = model.time_step is not None
        self._opening = True

    def _view_of(self, start: Array | None) -> dict[str, Any]:
        view: dict[str, Any] = {} if start is None else {"x0": [float(value) for value in start]}
        if self._opening:
            self._opening = False
            first = {"over": self._params[0], "variable": self._variables[0], "beside": self._kinds[0]}
            view = {"x0": [round(float(value), 3) for value in self._system.model.start], **first, **view}
        return view

    @property
    def _value(self) -> float:
        """The value of the swept parameter at the marker."""
        return self._knob_values()[self.over]

    def _plan(self) -> Plan:
        low, high = self.span or self._range
        knobs = self._knob_values()
        others = tuple((name, value) for name, value in knobs.items() if name != self.over)
        return Plan(self.model, others, self.over, low, high, self.variable, self.orbits, tuple(self.x0))

    @property
    def _range(self) -> Range:
        """The whole range of the swept parameter."""
        knob = self._system.knobs[self.over]
        return float(knob.low), float(knob.high)

    @property
    def _opened(self) -> dict[str, list[float]]:
        """The ranges that the view opened with; all there is, where something else is swept or shown by now."""
        first = self._first["view"]
        swept = first["over"] == self.over
        shown = swept and first["variable"] == self.variable
        return {"span": first["span"] if swept else [], "heights": first["heights"] if shown else []}

    # --- what the hand does --------------------------------------------------------------------

    def _dragged(self, value: float) -> None:
        low, high = self.span or self._range
        fine = round(value, decimals(high - low))
        setattr(self, self._trait_of[self.over], min(max(fine, low), high))

    def _brushed(self, span: Range, heights: Range) -> None:
        low, high = self.span or self._range
        bottom, top = self._seen_heights()
        if span[1] - span[0] < _CLICK * (high - low):
            return
        heights = heights[0], min(heights[1], top)
        tall = heights[1] - heights[0] >= _CLICK * (top - bottom)
        self.zoom(span, heights if tall else None)

    def zoom(self, span: Range, heights: Range | None = None) -> None:
        """Show a part of the diagram, as brushing does: one step of undo. A marker outside goes to its middle.

        Parameters
        ----------
        span : (float, float)
            From where to where of the parameter.
        heights : (float, float), optional
            Of the states; by default as they are.
        """
        low, high = (round(float(end), decimals(span[1] - span[0])) for end in span)
        view: dict[str, Any] = {"span": [low, high]}
        if heights is not None:
            view["heights"] = [round(float(end), decimals(heights[1] - heights[0])) for end in heights]
        self._show_state({"view": view, "params": self._marker_within(low, high)})

    def _marker_within(self, low: float, high: float) -> dict[str, float]:
        """Say where the marker goes, if anywhere, so that it can be seen."""
        return {} if low <= self._value <= high else {self.over: round((low + high) / 2, decimals(high - low))}

    def _seen_heights(self) -> Range:
        """What is seen of the states."""
        raise NotImplementedError

    def _zoomed(self, way: str) -> None:
        low, high = self.span or self._range
        if way == "whole":
            view = self._opened
            self._show_state({"view": view, "params": self._marker_within(*(view["span"] or self._range))})
            return
        width = (high - low) / ZOOM if way == "in" else (high - low) * ZOOM
        least, most = self._range
        if way == "out" and width >= most - least:
            self._show_state({"view": {"span": []}})
            return
        begin = min(max(self._value - width / 2, least), most - width)
        self.zoom((begin, begin + width))

    def _choose(self, name: str, value: Any) -> None:
        if name == "over":
            self._show_state({"view": {"over": value, "span": [], "heights": []}})
        elif name == "variable":
            self._show_state({"view": {"variable": value, "heights": []}})
        elif name == "span" and value[0] < value[1]:
            self.zoom((value[0], value[1]))
        elif name in ("span", "heights") and not value[0] < value[1]:
            raise ValueError(f"a range goes from the lower to the higher number, got {value[0]:g} to {value[1]:g}")
        else:
            setattr(self, name, value)

    def _step(self) -> bool:
        """Move the marker on by a sixtieth of what is seen; from the end, to the beginning."""
        low, high = self.span or self._range
        after = self._value + (high - low) / _STEPS
        self._dragged(low if self._value >= high or after < low else after)
        return self._value < high


def decimals(width: float) -> int:
    """Say to how many decimals a place in a range of this width is told: as fine as the eye."""
    return int(max(0, 3 - np.floor(np.log10(width))))
