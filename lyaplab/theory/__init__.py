"""What pencil and paper predict, to lay beside what the engine measures."""

from __future__ import annotations

from lyaplab.theory.mean_field import MeanFieldMap, mean_field_map
from lyaplab.theory.neimark_sacker import NeimarkSacker, neimark_sacker
from lyaplab.theory.one_unit import CUSP, FLIP, PITCHFORK, flip_bias, saddle_node_bias
from lyaplab.theory.period_doubling import Feigenbaum, doublings, feigenbaum, superstable
from lyaplab.theory.random_matrices import EigenvalueLaw, circular_law, critical_gain
from lyaplab.theory.rate_mean_field import MeanFieldFlow, mean_field_flow

__all__ = [
    "CUSP",
    "FLIP",
    "PITCHFORK",
    "EigenvalueLaw",
    "Feigenbaum",
    "MeanFieldFlow",
    "MeanFieldMap",
    "NeimarkSacker",
    "circular_law",
    "critical_gain",
    "doublings",
    "feigenbaum",
    "flip_bias",
    "mean_field_flow",
    "mean_field_map",
    "neimark_sacker",
    "saddle_node_bias",
    "superstable",
]
