"""Weights on disk: npz without pickle, a JSON header, and nothing that could be run."""

from __future__ import annotations

import json
import zipfile
import zlib
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


def read_model(
    path: str | PathLike[str],
) -> tuple[str, dict[str, Any], dict[str, NDArray[np.float64]]]:
    """Return the cell's name, the numbers that made the weights, and the weights by name.

    Raises
    ------
    ValueError
        If the file is damaged, foreign, or written by a newer version.
    """
    refused = f"path must be a file that Model.save wrote, got {path}"
    with open(path, "rb") as file:
        # NumPy takes whatever is no zip file for a pickle and recommends to load it unsafely.
        if not zipfile.is_zipfile(file):
            raise ValueError(f"{refused}, which is not an npz file")
    try:
        with np.load(path, allow_pickle=False) as arrays:
            header = json.loads(str(arrays[_HEADER])) if _HEADER in arrays.files else {}
            weights = {name: arrays[name] for name in arrays.files if name != _HEADER}
    except (ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"{refused}: {error}") from None
    if not isinstance(header, dict) or header.get("format") != _FORMAT:
        raise ValueError(f"{refused} without its header")
    version, cell, settings = header.get("version"), header.get("cell"), header.get("settings", {})
    if not isinstance(version, int) or not isinstance(cell, str) or not isinstance(settings, dict):
        raise ValueError(f"{refused} with a damaged header")
    if version > _VERSION:
        raise ValueError(f"{path} was written by a newer lyaplab (format {version}): update lyaplab")
    return cell, settings, weights
