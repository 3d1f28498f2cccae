"""Results that come with lyaplab, so that a picture is there before anything is calculated."""

from __future__ import annotations

from importlib import import_module
from importlib.resources import as_file, files
from typing import Any

from lyaplab.errors import one_of

__all__ = ["shipped"]


def shipped(name: str) -> Any:
    """Return training runs that come with lyaplab.

    Parameters
    ----------
    name : str
        "lorenz63-forcing": shallow piecewise-linear networks that learn Lorenz' three coordinates with 5 % of noise,
        tau from 1 to 200, three seeds each. "lorenz63-partial-forcing": only y and z are seen. "roessler-forcing":
        Roessler's system.

    Returns
    -------
    ForcingRuns
        As `ll.forcing_sweep` returns it: for each run tau and seed, weights at some moments (`network(index, moment)`
        makes the network), loss and gradient norm, and how good the trained network is. Numbers are in single
        precision, and networks were judged with these very weights. ``made["command"]`` says how the runs are made.

    Raises
    ------
    ValueError
        For an unknown name, with the nearest right one.

    Examples
    --------
    >>> runs = shipped("lorenz63-forcing")
    >>> runs.taus.tolist()
    [1, 4, 15, 30, 50, 76, 120, 200]
    """
    # A second arrow upwards, beside that from results to views: data know no networks, but what is shipped is data.
    runs = import_module("lyaplab.sweeps.runs").ForcingRuns
    folder = files("lyaplab.data") / "runs"
    names = [file.name.removesuffix(".npz") for file in folder.iterdir() if file.name.endswith(".npz")]
    with as_file(folder / f"{one_of('name', name, names)}.npz") as path:
        return runs.load(path)
