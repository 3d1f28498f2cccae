"""Weights on disk: npz or safetensors without pickle, a JSON header, and a file that is whole at every moment."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from lyaplab.model.encoding import Arrays, decode, encode

__all__ = ["header_of", "kinds_of", "read_arrays", "refusal", "replace_file", "write_arrays"]

_FORMAT = "lyaplab-model"
_VERSION = 1
_SUFFIX = ".safetensors"


def header_of(
    cell: str, settings: Mapping[str, Any], *, layers: Sequence[tuple[str, Mapping[str, Any]]] = ()
) -> dict[str, Any]:
    """Return what a file says of a model beside its arrays; of a stack, cell and settings of every layer."""
    header: dict[str, Any] = {"format": _FORMAT, "version": _VERSION, "cell": cell, "settings": dict(settings)}
    if layers:
        header["layers"] = [{"cell": name, "settings": dict(own)} for name, own in layers]
    return header


def write_arrays(
    path: str | PathLike[str], header: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]
) -> None:
    """Write a header and arrays, which are stored as they are, to the last bit.

    A name that ends in ``.safetensors`` makes such a file, any other one an npz file.
    """
    replace_file(path, encode(arrays, json.dumps(header), safetensors=_says_safetensors(path)))


def replace_file(path: str | PathLike[str], data: bytes) -> None:
    """Put new contents in place of a file in one step: what goes wrong on the way leaves the old file as it was.

    Raises
    ------
    OSError
        If the file cannot be written, such as on a full disk.
    """
    target = Path(os.path.realpath(path))  # a link stays one
    if target.exists() and not target.is_file():  # a pipe or a device is written to: it must not be replaced
        target.write_bytes(data)
        return
    neighbour = target.with_name(f".{target.name}-{os.getpid()}.tmp")
    try:
        with open(neighbour, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            neighbour.chmod(target.stat().st_mode & 0o7777)
        os.replace(neighbour, target)
    except OSError as error:
        kept = ": the file that is there stays as it was" if target.exists() else ""
        raise type(error)(error.errno, f"{error.strerror}{kept}", str(path)) from None
    finally:
        with contextlib.suppress(OSError):  # it is gone where all went well
            neighbour.unlink()


def read_arrays(path: str | PathLike[str]) -> tuple[dict[str, Any] | None, Arrays]:
    """Return the header that Model.save wrote, or None in a file of somebody else's, and all arrays by name.

    Raises
    ------
    ValueError
        If the file is damaged, neither npz nor safetensors, or holds pickled objects.
    """
    try:
        text, arrays = decode(Path(path).read_bytes(), safetensors=_says_safetensors(path))
    except ValueError as error:
        raise refusal(path, f", {error}") from None
    if text is None:
        return None, arrays
    try:
        header = json.loads(text)
    except ValueError as error:
        raise refusal(path, f": {error}") from None
    if not isinstance(header, dict) or header.get("format") != _FORMAT:
        raise refusal(path, " without its header")
    return header, arrays


def kinds_of(path: str | PathLike[str], header: Mapping[str, Any]) -> tuple[list[tuple[str, dict[str, Any]]], bool]:
    """Return the cells by name with the numbers that made their weights, and whether they are a stack.

    Raises
    ------
    ValueError
        If the header is damaged, or written by a newer version.
    """
    version, cell, settings = header.get("version"), header.get("cell"), header.get("settings", {})
    if not isinstance(version, int) or not isinstance(cell, str) or not isinstance(settings, dict):
        raise refusal(path, " with a damaged header")
    if version > _VERSION:
        raise ValueError(f"{path} was written by a newer lyaplab (format {version}): update lyaplab")
    layers = header.get("layers")
    if layers is None:
        return [(cell, settings)], False
    try:
        return [(str(layer["cell"]), dict(layer["settings"])) for layer in layers], True
    except (TypeError, KeyError, ValueError):
        raise refusal(path, " with a damaged header") from None


def refusal(path: str | PathLike[str], reason: str) -> ValueError:
    """Make the error for a file that holds no network; `reason` goes on after the file's name."""
    return ValueError(
        "path must be a file that Model.save wrote, or an npz or safetensors file of arrays by PyTorch's names or by"
        f" those of a cell's card, got {path}{reason}"
    )


def _says_safetensors(path: str | PathLike[str]) -> bool:
    return os.fspath(path).lower().endswith(_SUFFIX)
