"""How the widget of gradients is looked at: the numbers of its view, what they may be, and their controls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import ipywidgets as W
import numpy as np
import traitlets as T
from numpy.typing import NDArray

from lyaplab.errors import finite_array
from lyaplab.model import Model
from lyaplab.widgets._chain import BOXES
from lyaplab.widgets._closing import close_tree
from lyaplab.widgets._controls import KnobRow
from lyaplab.widgets._explorer import Explorer
from lyaplab.widgets._lagsystem import LagSystem
from lyaplab.widgets._powerrow import PowerRow
from lyaplab.widgets._state import Finite
from lyaplab.widgets._switches import Picker

__all__ = ["LagView"]

Array = NDArray[np.float64]

# Jacobians in a box, and how much a chain may cost: numbers kept, and multiplications of its products.
_SIZES = (1, 10, 100, 1000, 10_000)
_ROOM, _WORK = 4e6, 3e8
# The ends that a chain is multiplied from, and how they are called.
_SIDES = ("left", "right")
_CALLED = ("left: a gradient", "right: a tangent")
_HIGHEST_CLIP = 10.0


class LagView(Explorer):
    """An explorer with the traits of the widget of gradients; not to be used by itself."""

    system_kind = LagSystem
    _sliced: bool
    """Whether the loss can be followed along weights, and is to be seen."""
    _parts: tuple[W.Widget, ...] = ()
    """What has to be closed though it may be hidden."""

    x0 = T.List(Finite(), [], help="The first state; empty for the model's own.").tag(sync=True, view=True)
    warmup = T.Int(500, min=0, max=100_000, help="Steps before the chain begins.").tag(sync=True, view=True)
    box = T.Enum(_SIZES, 1, help="Jacobians in a box.").tag(sync=True, view=True)
    side = T.Enum(_SIDES, "right", help="The end that Step multiplies from.").tag(sync=True, view=True)
    forward = T.Int(0, min=0, max=BOXES, help="Boxes multiplied from the right.").tag(sync=True, view=True)
    backward = T.Int(0, min=0, max=BOXES, help="Boxes multiplied from the left.").tag(sync=True, view=True)
    clip = Finite(0.0, help="Most that the norm of the gradient may be; 0 for no clipping.").tag(sync=True, view=True)
    truncate = T.Int(0, min=0, max=10**6, help="Longest lag that a gradient is followed; 0 for all.").tag(
        sync=True, view=True
    )
    span = Finite(0.01, help="How far the loss is followed to either side, in weight space.").tag(sync=True, view=True)
    direction = T.Int(0, min=0, max=10**6, help="Seed of the direction in weight space.").tag(sync=True, view=True)

    def __init__(self, system: Any, *, preset: str | None = None, hide: Iterable[str] = (), **params: Any) -> None:
        if "x0" in params:
            params["x0"] = finite_array("x0", np.atleast_1d(params["x0"]), shape=(None,)).tolist()
        super().__init__(system, preset=preset, hide=hide, **params)
        self._mark_preset(getattr(self._system, "opened", None))

    # --- what the numbers may be ---------------------------------------------------------------

    @T.validate("clip")
    def _check_clip(self, proposal: dict[str, Any]) -> float:
        if proposal["value"] < 0:
            raise T.TraitError(f"clip must not be negative, got {proposal['value']:g}; 0 is no clipping")
        return float(proposal["value"])

    @T.validate("span")
    def _check_span(self, proposal: dict[str, Any]) -> float:
        if proposal["value"] <= 0:
            raise T.TraitError(f"span must be positive, got {proposal['value']:g}")
        return float(proposal["value"])

    @T.validate("x0")
    def _check_x0(self, proposal: dict[str, Any]) -> list[float]:
        first, d = list(proposal["value"]), self._system.model.d
        if len(first) not in (0, 1, d):
            raise T.TraitError(f"x0 must hold {d} numbers, or one for all state variables, got {len(first)}")
        return first

    def _suits(self, model: Model) -> None:
        if not _affordable(model.d):
            raise ValueError(f"this widget multiplies whole Jacobians: {model.d} state variables are too many for it")

    def _view_of(self, start: Array | None) -> dict[str, Any]:
        """A preset begins with nothing multiplied, unless there is no way here to multiply it again."""
        view: dict[str, Any] = {"x0": []}
        view |= {name: 0 for name in ("forward", "backward") if self._multiplied_by_hand(name)}
        if start is not None:
            own = np.ravel(start).tolist()
            view["x0"] = own[:1] if len(set(own)) == 1 else own
        return view

    def close(self) -> None:
        """Stop what runs, and close every part, also what is hidden; a second call does nothing."""
        super().close()
        for part in self._parts:
            close_tree(part)

    def _multiplied_by_hand(self, name: str) -> bool:
        """Whether Step or a number's own row multiplies boxes from that end; nothing does before there are controls."""
        return hasattr(self, "_hidden") and (self._shown("play") or self._shown(name))

    # --- controls ------------------------------------------------------------------------------

    def _shown(self, name: str) -> bool:
        if name == "play":  # a step is one more box of the chain, and a point that moves on its curve
            return super()._shown("play") and (super()._shown("chain") or super()._shown("growth"))
        return super()._shown(name)

    def _extras(self) -> Sequence[W.Widget]:
        self._box = Picker("Steps in a box", self.guarded(self._picked_box))
        self._side = Picker("Step multiplies from the", self.guarded(self._picked_side))
        self._beside = W.HTML()
        self._beside.add_class("lyap-numbers")
        cut = W.HTML("Of the gradient, 0 for all")
        cut.add_class("lyap-group-title")
        self._parts += (self._box, self._side, cut)
        before = "steps of the orbit before the first Jacobian"
        left = "boxes multiplied from the left end, a gradient with them"
        right = "boxes multiplied from the right end, a tangent with them"
        clip = "most that the norm of the gradient may be; 0 for no clipping"
        far = "longest lag that the gradient is followed, in steps; 0 for all"
        rows = [
            *self._number("warmup", "skip", 1000, 1, before),
            *([self._box] if self._shown("box") else []),
            *([self._side] if self._shown("side") else []),
            *self._number("backward", "left", BOXES, 1, left),
            *self._number("forward", "right", BOXES, 1, right),
        ]
        cuts = [
            *self._number("clip", "clip", _HIGHEST_CLIP, 0.1, clip),
            *self._number("truncate", "cut", self._steps, 1, far),
        ]
        return [*rows, *([cut, *cuts] if cuts else []), *self._slice_rows(), self._beside]

    def _slice_rows(self) -> list[W.Widget]:
        """The numbers of the loss's slice, where it is on show."""
        if not self._sliced:
            return []
        title = W.HTML("Slice of the loss")
        title.add_class("lyap-group-title")
        across = "how far the loss is followed to either side, in weight space"
        rows = [
            *self._number("span", "span", 0.1, 0.0, across, low=1e-8, kind=PowerRow),
            *self._number("direction", "seed", 99, 1, "of the direction in weight space"),
        ]
        return [title, *rows] if rows else []

    def _number(
        self, name: str, tex: str, high: float, step: float, about: str,
        *, low: float = 0.0, kind: type[KnobRow] = KnobRow,
    ) -> list[W.Widget]:  # fmt: skip
        """Make the row of a number, unless it is hidden."""
        if not self._shown(name):
            return []
        return [self.view_row(name, low, high, step=step, tex=tex, about=about, kind=kind)]

    def _picked_box(self, place: int) -> None:
        self.box = _affordable(self._system.model.d)[place]

    def _picked_side(self, place: int) -> None:
        self.side = _SIDES[place]

    def _show_choices(self, d: int) -> None:
        """Bring the rows of buttons, and the range of what is counted in steps, up to date."""
        sizes = _affordable(d)
        self._box.show([f"{size:,}".replace(",", "\u202f") for size in sizes], sizes.index(self._box_of(d)))
        self._side.show(_CALLED, _SIDES.index(self.side))
        if "truncate" in self._rows:
            self._rows["truncate"].reach(0, BOXES * self._box_of(d), max(1, self._box_of(d) // 10))

    def _box_of(self, d: int) -> int:
        """Jacobians in a box: as asked for, or as many as so large a system allows."""
        return min(self.box, _affordable(d)[-1])

    @property
    def _steps(self) -> int:
        """Steps of the chain."""
        return BOXES * self._box_of(self._system.model.d)

    def _step(self) -> bool:
        """Multiply one more box, from the end that is chosen."""
        name = "forward" if self.side == "right" else "backward"
        done = min(BOXES, getattr(self, name) + 1)
        setattr(self, name, done)
        return done < BOXES

    @property
    def _start(self) -> Array | None:
        """The first state; None is the model's own."""
        if not self.x0:
            return None
        return np.broadcast_to(np.asarray(self.x0, float), self._system.model.d).copy()


def _affordable(d: int) -> list[int]:
    """The sizes of boxes that a chain of this many state variables can have."""
    return [size for size in _SIZES if BOXES * size * d**2 <= _ROOM and BOXES * size * d**3 <= _WORK]
