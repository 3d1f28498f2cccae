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
        tau from 1 to 200, three seeds each. "lorenz63-partial-forcing": only y and z are seen, by networks of six
        units, tau from 4 to 76. "roessler-forcing": Rössler's system, tau from 4 to 320.

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

    Notes
    -----
    What they show, medians of three seeds. Lorenz: poor at tau 1 (d_stsp 7.7) and 4 (2.0), best at 15 and 30 (0.37 and
    0.34, floor 0.04), gone at tau_pred = 76.6 (5.0). Of y and z alone much the same: six units do it at 15 and 30, and
    escape, come to rest or hardly move at 4 and 76. Rössler: best at tau_pred = 80 (0.03), and at four times that
    still better than at 4. So there is a best interval, but no rule that says where in units of tau_pred it lies. The
    largest gradient met in training grows exponentially with tau, by far more than the exponent of the data.

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
