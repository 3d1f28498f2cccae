"""Weights on disk: npz without pickle, a JSON header, and nothing that could be run."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["read_model", "write_model"]

Array = NDArray[np.float64]

_FORMAT = "lyaplab-model"
_VERSION = 1
_HEADER = "lyaplab.json"


def write_model(
    path: str | PathLike[str],
    cell: str,
    settings: Mapping[str, Any],
    weights: Mapping[str, NDArray[np.float64]],
    *,
    layers: Sequence[tuple[str, Mapping[str, Any]]] = (),
) -> None:
    """Write one model; arrays are stored as they are, to the last bit. Of a stack, cell and settings of every layer."""
    header: dict[str, Any] = {"format": _FORMAT, "version": _VERSION, "cell": cell, "settings": dict(settings)}
    if layers:
        header["layers"] = [{"cell": name, "settings": dict(own)} for name, own in layers]
    with open(path, "wb") as file:
        np.savez(file, **{_HEADER: np.array(json.dumps(header))}, **dict(weights))  # type: ignore[arg-type]


def read_model(path: str | PathLike[str]) -> tuple[list[tuple[str, dict[str, Any]]], bool, dict[str, Array]]:
    """Return cells by name with the numbers that made their weights, whether they are a stack, and all weights by name.

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
    layers = header.get("layers")
    if layers is None:
        return [(cell, settings)], False, weights
    try:
        own = [(str(layer["cell"]), dict(layer["settings"])) for layer in layers]
    except (TypeError, KeyError, ValueError):
        raise ValueError(f"{refused} with a damaged header") from None
    return own, True, weights
