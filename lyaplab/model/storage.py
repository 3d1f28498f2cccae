"""Weights on disk: npz without pickle, a JSON header, and nothing that could be run."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["read_model", "write_model"]

_FORMAT = "lyaplab-model"
_VERSION = 1
_HEADER = "lyaplab.json"


def write_model(
    path: str | PathLike[str], cell: str, settings: Mapping[str, Any], weights: Mapping[str, NDArray[np.float64]]
) -> None:
    """Write one model; arrays are stored as they are, to the last bit."""
    header = {"format": _FORMAT, "version": _VERSION, "cell": cell, "settings": dict(settings)}
    with open(path, "wb") as file:
        np.savez(file, **{_HEADER: np.array(json.dumps(header))}, **dict(weights))  # type: ignore[arg-type]


def read_model(path: str | PathLike[str]) -> tuple[str, dict[str, NDArray[np.float64]]]:
    """Return the cell's name and the weights by name.

    Raises
    ------
    ValueError
        If the file is damaged, foreign, or written by a newer version.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            header = json.loads(str(file[_HEADER])) if _HEADER in file.files else {}
            weights = {name: file[name] for name in file.files if name != _HEADER}
    except (ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"path must be a file that Model.save wrote, got {path}: {error}") from None
    if header.get("format") != _FORMAT:
        raise ValueError(f"path must be a file that Model.save wrote, got {path} without its header")
    if header["version"] > _VERSION:
        raise ValueError(f"{path} was written by a newer lyaplab (format {header['version']}): update lyaplab")
    return header["cell"], weights
