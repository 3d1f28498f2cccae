"""Model = cell + weights: system.py says what it is, motion.py how it moves, measures.py what is measured of it."""

from __future__ import annotations

from lyaplab.model.measures import Model
from lyaplab.model.settings import Knob

__all__ = ["Knob", "Model"]
