"""lyaplab: small recurrent networks from fixed points to chaos, gradient blow-up and outlier-eigenvalue learning.

The public names are resolved on first use (PEP 562), so numerics never import a widget library:

>>> import lyaplab as ll
>>> ll.Model("logistic", r=4.0).lyapunov_spectrum(20_000).exponents.round(2)
array([0.69])
"""

from __future__ import annotations

import os
import pkgutil
import sys
from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# Every public name and the module it lives in: the one place where a name becomes public, but for the widgets.
_HOME = {
    "Card": "kernel.card",
    "Cell": "kernel.cell",
    "CellError": "errors",
    "DivergenceError": "errors",
    "FilterNetwork": "training.linear_filter",
    "FilterRecord": "training.filter_record",
    "FilterTask": "theory.filter_task",
    "Forcing": "training.forcing",
    "ForcingRuns": "sweeps.runs",
    "Judgement": "training.judging",
    "KnownValue": "kernel.card",
    "Model": "model",
    "Network": "training.network",
    "Parameter": "kernel.card",
    "Preset": "kernel.card",
    "Processes": "sweeps",
    "Readout": "training.readout",
    "Record": "training.record",
    "Report": "report",
    "Sweep": "sweeps",
    "basins": "model.diagrams",
    "bifurcation": "model.diagrams",
    "cells": "cells",
    "data": "data",
    "filter_gradient": "training.linear_filter",
    "filter_loss": "training.linear_filter",
    "flow": "kernel.plain",
    "forcing_sweep": "sweeps.forcing",
    "from_keras": "interop",
    "from_torch": "interop",
    "gradient_horizons": "training.horizons",
    "iter_forcing_sweep": "sweeps.forcing",
    "iter_gradient_horizons": "training.horizons",
    "iter_learn_filter": "training.filter_learning",
    "iter_loss_slice": "training.loss_slice",
    "iter_lyapunov_from_data": "engine.from_data",
    "iter_many_spectra": "model.many",
    "iter_report": "report",
    "iter_sweep": "sweeps",
    "iter_train": "training.trainer",
    "judge": "training.judging",
    "kaplan_yorke": "engine.dimension",
    "learn_filter": "training.filter_learning",
    "lesson": "school",
    "load": "interop",
    "loss_gradient": "training.gradient",
    "loss_slice": "training.loss_slice",
    "lyapunov_from_data": "engine.from_data",
    "many_spectra": "model.many",
    "map": "kernel.plain",
    "open": "widgets",
    "report": "report",
    "sweep": "sweeps",
    "theory": "theory",
    "train": "training.trainer",
    "warm": "warming",
}

# A widget is a file of widgets/ whose name has no underscore in front: phase_plane.py holds PhasePlane.
_FILES = pkgutil.iter_modules([os.path.join(path, "widgets") for path in __path__])
WIDGETS = {
    "".join(word.capitalize() for word in file.name.split("_")): f"widgets.{file.name}"
    for file in _FILES
    if not file.name.startswith("_")
}
_HOME.update(WIDGETS)

__all__ = ["__version__", *sorted(_HOME)]


def __getattr__(name: str) -> Any:
    try:
        home = _HOME[name]
    except KeyError:
        raise AttributeError(f"module 'lyaplab' has no attribute {name!r}") from None
    if name == "lesson" and "ipykernel" in sys.modules:
        # Where there is a front end, verdicts and gates are live from the first one on.
        import_module("lyaplab.widgets")
    module = import_module(f"lyaplab.{home}")
    # `lyaplab.cells` is a folder and the function that lists it: the module itself can be called, and has `find`;
    # so can `lyaplab.report`.
    value = module if name == home else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
