"""Named arrays and a header as the bytes of an npz or a safetensors file, and back. Nothing in a file is ever run."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["decode", "encode"]

Arrays = dict[str, NDArray[Any]]

_HEADER = "lyaplab.json"

# Numbers of a safetensors file as NumPy reads them; BF16, which NumPy lacks, is the upper half of an F32.
_NUMBERS = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "BOOL": "?",
    "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1", "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1",
}  # fmt: skip

# What is refused, told by how its bytes begin or by a member of the archive, and what to do instead.
_BY_HAND = "is a pickle, which may run code when it is opened: load it yourself with"
_TORCH = f"{_BY_HAND} torch.load(path, weights_only=True) and pass the state_dict to ll.from_torch"
_KERAS = "belongs to Keras: load it yourself with keras.models.load_model(path) and pass the model to ll.from_keras"
_HDF5 = b"\x89HDF\r\n\x1a\n"


def encode(arrays: Mapping[str, NDArray[Any]], header: str, *, safetensors: bool) -> bytes:
    """Return the contents of a file.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        Kept to the last bit.
    header : str
        JSON; an array of its own in an npz file, metadata in a safetensors file.
    safetensors : bool
        Which of the two.
    """
    if safetensors:
        whole = {name: np.array(array, order="C") for name, array in arrays.items()}
        return bytes(_package().numpy.save(whole, metadata={_HEADER: header}))
    buffer = io.BytesIO()
    np.savez(buffer, **{_HEADER: np.array(header)}, **dict(arrays))  # type: ignore[arg-type]
    return buffer.getvalue()


def decode(data: bytes, *, safetensors: bool = False) -> tuple[str | None, Arrays]:
    """Return the header, or None where there is none of ours, and the arrays of a file.

    Parameters
    ----------
    data : bytes
        Contents of the file, whose kind is told from them.
    safetensors : bool
        Whether the file's name says that it is one, so that its damage is called by that name.

    Raises
    ------
    ValueError
        Saying what is wrong with the file, as the end of a sentence.
    """
    if zipfile.is_zipfile(io.BytesIO(data)):
        return _from_zip(data)
    # A safetensors file begins with eight bytes of length, which may be any, then the JSON of its header.
    if data[8:9] == b"{":
        return _from_safetensors(data)
    if data.startswith(_HDF5):
        raise ValueError(f"which {_KERAS}")
    if _is_pickle(data):
        raise ValueError(f"which is not an npz file: it {_TORCH}")
    if safetensors:
        return _from_safetensors(data)
    raise ValueError("which is not an npz file, and not a safetensors file either")


def _is_pickle(data: bytes) -> bool:
    """Tell a pickle: since protocol 2 its first byte is 0x80 and the second its protocol, and a full stop ends it."""
    return len(data) > 2 and data[0] == 0x80 and 2 <= data[1] <= 5 and b"." in data


def _from_zip(data: bytes) -> tuple[str | None, Arrays]:
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            foreign = _foreign(file.files)
            held = {} if foreign else {name: file[name] for name in file.files}
    except (ValueError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        if "allow_pickle" in str(error):
            raise ValueError(
                "which holds pickled objects, and these may run code when they are opened (NumPy: allow_pickle=False):"
                " save plain arrays of numbers"
            ) from None
        raise ValueError(f"which is damaged: {error}") from None
    if foreign:
        raise ValueError(f"which {foreign}")
    header = str(held.pop(_HEADER)) if _HEADER in held else None
    # Other members than arrays come as bytes: a letter in the archive is no part of a network.
    return header, {name: array for name, array in held.items() if isinstance(array, np.ndarray)}


def _foreign(members: Iterable[str]) -> str | None:
    """Say what to do with an archive of PyTorch's or Keras', told by its members."""
    for member in members:
        if member.endswith("data.pkl"):
            return _TORCH
        if member.endswith(".weights.h5"):
            return _KERAS
    return None


def _from_safetensors(data: bytes) -> tuple[str | None, Arrays]:
    package = _package()
    try:
        tensors = package.deserialize(data)
    except package.SafetensorError as error:
        raise ValueError(f"which is a damaged safetensors file, or none: {error}") from None
    length = int.from_bytes(data[:8], "little")
    metadata = json.loads(data[8 : 8 + length]).get("__metadata__") or {}
    return metadata.get(_HEADER), {name: _array(name, tensor) for name, tensor in tensors}


def _array(name: str, tensor: Mapping[str, Any]) -> NDArray[Any]:
    kind = str(tensor["dtype"])
    if kind not in _NUMBERS:
        raise ValueError(f"whose tensor {name!r} is of the type {kind}, expected one of {', '.join(_NUMBERS)}")
    flat = np.frombuffer(bytes(tensor["data"]), dtype=_NUMBERS[kind])
    if kind == "BF16":
        flat = (flat.astype(np.uint32) << 16).view(np.float32)
    return flat.reshape(tensor["shape"])


def _package() -> ModuleType:
    """Return the package safetensors, which nothing else in lyaplab needs."""
    try:
        import safetensors.numpy
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "a safetensors file needs the package safetensors (pip install safetensors); npz files need nothing",
            name="safetensors",
        ) from None
    return safetensors
