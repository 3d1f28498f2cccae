"""How the forcing lab is looked at: the numbers of its view."""

from __future__ import annotations

from typing import Any

import traitlets as T

from lyaplab.model import Model
from lyaplab.widgets._explorer import Explorer
from lyaplab.widgets._labsweep import MEASURES
from lyaplab.widgets._labsystem import LabSystem
from lyaplab.widgets._state import Finite

__all__ = ["LENGTHS", "VIEWS", "LabView"]

LENGTHS = ("reduced", "full")
"""How many updates a run that is made here has: a part of those of the shipped runs, or as many."""

VIEWS: dict[str, tuple[float, float]] = {
    "turned": (-60.0, 18.0), "1–3": (0.0, 0.0), "1–2": (0.0, 90.0), "2–3": (-90.0, 0.0),
}  # fmt: skip
"""Azimuth and elevation from which two of three axes are seen: the first across, the second up."""


class LabView(Explorer):
    """An explorer with the traits of the forcing lab; not to be used by itself."""

    system_kind = LabSystem
    _system: LabSystem

    azimuth = Finite(VIEWS["turned"][0], help="Turned around the third axis, in degrees.").tag(sync=True, view=True)
    elevation = Finite(VIEWS["turned"][1], help="Seen from above, in degrees.").tag(sync=True, view=True)
    on_top = T.Bool(False, help="Whether the attractors lie on top of each other.").tag(sync=True, view=True)
    moment = Finite(100.0, help="How much of the training the network has seen, in percent.").tag(sync=True, view=True)
    measure = T.Enum(MEASURES, "distance", help="What is drawn against tau.").tag(sync=True, view=True)
    shipped = T.Bool(True, help="Whether shipped runs are shown.").tag(sync=True, view=True)
    length = T.Enum(LENGTHS, "reduced", help="How long runs are that are made here.").tag(sync=True, view=True)

    @T.validate("moment")
    def _check_moment(self, proposal: dict[str, Any]) -> float:
        if not 0.0 <= proposal["value"] <= 100.0:
            raise T.TraitError(f"moment must be a percentage from 0 to 100, got {proposal['value']:g}")
        return float(proposal["value"])

    def _suits(self, model: Model) -> None:
        """Every series suits that a network can be made for."""

    @property
    def _tau(self) -> int:
        return int(self._knob_values()["tau"])

    @property
    def _seed(self) -> int:
        return int(self._knob_values()["seed"])
