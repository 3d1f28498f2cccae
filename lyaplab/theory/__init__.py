"""What pencil and paper predict, to lay beside what the engine measures."""

from __future__ import annotations

from lyaplab.theory.critical_rate import critical_rate, realisation
from lyaplab.theory.filter_task import FilterTask
from lyaplab.theory.lazy import LazyMeasures, kernel_rates, lazy_measures, tangent_kernel
from lyaplab.theory.mean_field import MeanFieldMap, mean_field_map
from lyaplab.theory.neimark_sacker import NeimarkSacker, neimark_sacker
from lyaplab.theory.one_unit import CUSP, FLIP, PITCHFORK, flip_bias, saddle_node_bias
from lyaplab.theory.outlier import (
    COLLAPSE_FLOW,
    COLLAPSE_MAP,
    OutlierFlow,
    integration_steps,
    outlier_flow,
    time_to_level,
)
from lyaplab.theory.pair import PairFlow, conserved, pair_flow
from lyaplab.theory.period_doubling import Feigenbaum, doublings, feigenbaum, superstable
from lyaplab.theory.population import FilterGradient, population_gradient
from lyaplab.theory.random_matrices import EigenvalueLaw, circular_law, critical_gain
from lyaplab.theory.rate_mean_field import MeanFieldFlow, mean_field_flow

__all__ = [
    "COLLAPSE_FLOW",
    "COLLAPSE_MAP",
    "CUSP",
    "FLIP",
    "PITCHFORK",
    "EigenvalueLaw",
    "Feigenbaum",
    "FilterGradient",
    "FilterTask",
    "LazyMeasures",
    "MeanFieldFlow",
    "MeanFieldMap",
    "NeimarkSacker",
    "OutlierFlow",
    "PairFlow",
    "circular_law",
    "conserved",
    "critical_gain",
    "critical_rate",
    "doublings",
    "feigenbaum",
    "flip_bias",
    "integration_steps",
    "kernel_rates",
    "lazy_measures",
    "mean_field_flow",
    "mean_field_map",
    "neimark_sacker",
    "outlier_flow",
    "pair_flow",
    "population_gradient",
    "realisation",
    "saddle_node_bias",
    "superstable",
    "tangent_kernel",
    "time_to_level",
]
