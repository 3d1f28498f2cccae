"""Compiled kernels on disk: one file per function, signature and *content* of everything the function reaches.

Numba's own cache is stamped with the kernel's file only: an edited helper silently keeps old machine code, and two
processes can race for its index. Here the file's name is a digest of the bytecode, constants and helpers that were
compiled, so nothing can be stale, there is no index, and a rename puts a finished file in place at once.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import sys
import tempfile
import types
from collections.abc import Callable, Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numba.core import serialize
from numba.core.compiler import CompileResult

from lyaplab.kernel.announce import announce

__all__ = ["KernelCache", "cache_folder", "digest"]

# Functions of these packages are named by version, not by content.
_BY_VERSION = ("numpy", "numba", "math", "cmath", "builtins", "llvmlite")
_PLAIN = (bool, int, float, complex, str, bytes, np.generic, type(None))


def cache_folder() -> Path:
    """Return the folder of compiled kernels: ``$LYAPLAB_CACHE``, else ``~/.cache/lyaplab``."""
    chosen = os.environ.get("LYAPLAB_CACHE")
    return Path(chosen) if chosen else Path.home() / ".cache" / "lyaplab"


def digest(*objects: Any) -> str:
    """Return 16 hexadecimal digits that change when any function, constant or helper reached from `objects` does.

    Examples
    --------
    >>> digest(lambda x: x + 1) == digest(lambda x: x + 1)
    True
    >>> digest(lambda x: x + 1) == digest(lambda x: x + 2)
    False
    """
    state = hashlib.sha256()
    seen: dict[int, int] = {}
    for item in objects:
        for part in _parts(item, seen):
            state.update(part.encode())
            state.update(b"\0")
    return state.hexdigest()[:16]


def _parts(item: Any, seen: dict[int, int]) -> Iterator[str]:
    """Yield what identifies `item`: for a function its code and, once each, all that it refers to."""
    function = getattr(item, "py_func", getattr(item, "_defn", item))
    if isinstance(function, types.FunctionType):
        if (function.__module__ or "").split(".")[0] in _BY_VERSION:
            yield _title(function)
            return
        if id(function) in seen:
            yield f"function {seen[id(function)]} again"
            return
        seen[id(function)] = len(seen)
        names: set[str] = set()
        for code in _codes(function.__code__):
            names |= set(code.co_names)
            yield repr((code.co_code, code.co_names, code.co_varnames, code.co_freevars))
            yield _constants(code)
        yield repr(function.__defaults__)
        for referred in _references(function, names):
            yield from _parts(referred, seen)
    elif isinstance(item, np.ndarray):
        yield repr((item.shape, item.dtype.str)) + hashlib.sha256(item.tobytes()).hexdigest()
    elif isinstance(item, tuple | list):
        yield f"{type(item).__name__}{len(item)}"
        for element in item:
            yield from _parts(element, seen)
    elif isinstance(item, _PLAIN):
        yield repr(item)
    else:
        yield _title(item)


def _title(item: Any) -> str:
    """Name what is known by name alone: np.sin and np.cos are objects of one type, and not one thing."""
    words = (type(item).__qualname__, getattr(item, "__module__", ""), getattr(item, "__name__", ""))
    return " ".join(str(word) for word in words)


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


def _constants(code: types.CodeType) -> str:
    plain = [constant for constant in code.co_consts if not isinstance(constant, types.CodeType)]
    # The order of a frozenset of strings differs from process to process.
    return repr([sorted(map(repr, c)) if isinstance(c, frozenset) else c for c in plain])


def _references(function: types.FunctionType, names: set[str]) -> Iterator[Any]:
    """Yield the globals, closure cells and module attributes that the code names."""
    found = [function.__globals__[name] for name in sorted(names) if name in function.__globals__]
    for cell in function.__closure__ or ():
        try:
            found.append(cell.cell_contents)
        except ValueError:  # a variable that is not bound yet
            continue
    for item in found:
        yield item
        if isinstance(item, types.ModuleType) and item.__name__.split(".")[0] not in _BY_VERSION:
            for name in sorted(names):
                if hasattr(item, name):
                    yield getattr(item, name)


@cache
def _own_source() -> str:
    """Digest the files of this folder: they decide how everything else is compiled."""
    state = hashlib.sha256()
    package = __name__.rpartition(".")[0]
    loader = sys.modules[package].__spec__.loader  # type: ignore[union-attr]
    folder = os.path.dirname(os.path.abspath(__file__))
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".py"))
    except OSError:  # inside a zip file: the version stands for the content
        from lyaplab import __version__

        return __version__
    for name in names:
        state.update(loader.get_data(os.path.join(folder, name)))  # type: ignore[union-attr]
    return state.hexdigest()


class KernelCache:
    """Numba's cache protocol (`load_overload`, `save_overload`) with one file per digest.

    Parameters
    ----------
    function : callable
        The Python function of the kernel.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.name = function.__name__
        self._function = function

    @cached_property
    def code(self) -> str:
        """Digest of the function, taken when it is first called: helpers further down in its file are there by then."""
        return digest(self._function)

    @property
    def cache_path(self) -> str:
        """The folder, as Numba asks for it."""
        return str(cache_folder())

    def file(self, signature: Any, codegen: Any) -> Path:
        """Return where the machine code for `signature` on this processor lies."""
        key = repr(
            (
                signature,
                codegen.magic_tuple(),
                self.code,
                _own_source(),
                numba.__version__,
                np.__version__,
                sys.version,
            )
        )
        return cache_folder() / f"{self.name}-{hashlib.sha256(key.encode()).hexdigest()[:20]}.nbc"

    def load_overload(self, signature: Any, context: Any) -> Any:
        """Return the compiled result, or None: then Numba compiles."""
        context.refresh()
        try:
            payload = self.file(signature, context.codegen()).read_bytes()
            return CompileResult._rebuild(context, *pickle.loads(payload))
        except FileNotFoundError:
            pass
        except Exception:  # noqa: BLE001  a damaged file can fail in any way: compile again and replace it
            pass
        announce(self.name, signature)
        return None

    def save_overload(self, signature: Any, result: Any) -> None:
        """Keep a compiled result; a full or read-only disk means work without a cache."""
        if result.lifted or result.library.has_dynamic_globals:
            return
        target = self.file(signature, result.library.codegen)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=target.stem, suffix=".tmp", dir=target.parent)
            with os.fdopen(handle, "wb") as stream:
                stream.write(serialize.dumps(result._reduce()))
            os.replace(name, target)
        except OSError:
            return

    def enable(self) -> None:
        """Do nothing: this cache is always on."""

    disable = flush = enable
