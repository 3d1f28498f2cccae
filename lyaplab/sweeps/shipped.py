"""The training runs that come with lyaplab: what they are, and how they are made anew."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import replace
from os import PathLike
from types import MappingProxyType
from typing import Any

import numpy as np

import lyaplab
from lyaplab.errors import one_of
from lyaplab.sweeps.forcing import TAUS, TRAINING, forcing_sweep
from lyaplab.sweeps.runs import ForcingRuns, made_series

__all__ = ["SHIPPED", "make_shipped"]

_LORENZ = {"function": "lorenz63", "length": 80_000, "dt": 0.01, "noise": 0.05, "seed": 0}

# Of each: the series, and the settings of its sweep. Half of the series is trained with; all of it, without the
# noise, is what networks are judged on.
SHIPPED: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "lorenz63-forcing": {"data": _LORENZ, "taus": TAUS, "seeds": 3, "training": TRAINING},
        "lorenz63-partial-forcing": {
            "data": {**_LORENZ, "observed": ["y", "z"]}, "taus": (4, 15, 30, 76), "seeds": 3, "n": 6,
            "training": TRAINING,
        },
        "roessler-forcing": {
            "data": {"function": "roessler", "length": 80_000, "dt": 0.1, "noise": 0.05, "seed": 0},
            "taus": (4, 15, 30, 80, 160, 320), "seeds": 3, "training": TRAINING,
        },
    }
)  # fmt: skip


def make_shipped(name: str, *, save: str | PathLike[str] | None = None, **changed: Any) -> ForcingRuns:
    """Make shipped runs anew, or some of them.

    Parameters
    ----------
    name : str
        Of the runs.
    save : path, optional
        A file that every run is added to as it comes.
    **changed
        Settings of `ll.forcing_sweep` that are to differ, such as ``taus=(15,)`` and ``seeds=(0,)`` for one run: it
        does not depend on which others are made.

    Returns
    -------
    ForcingRuns
        In single precision.
    """
    recipe = dict(SHIPPED[one_of("name", name, SHIPPED)])
    series, test = made_series(recipe["data"])
    runs = forcing_sweep(series, test=test, name=name, save=save, **{**recipe, **changed})
    made = {
        "command": f"python -m benchmarks.forcing {name}",
        "lyaplab": lyaplab.__version__, "numpy": np.__version__, "python": platform.python_version(),
    }  # fmt: skip
    return replace(runs, made=made).thin()
