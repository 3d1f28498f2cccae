"""An own cell is tried once in plain Python: compiled code would not notice an index out of range, but crash."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lyaplab.errors import CellError
from lyaplab.kernel.explain import explain_python
from lyaplab.kernel.helpers import in_python

__all__ = ["rehearse"]

Arrays = tuple[np.ndarray, ...]

# Above this many units one row is enough: loops in Python take their time.
_SMALL = 32


def rehearse(
    functions: Mapping[str, Callable[..., Any]], p: Arrays, q: Arrays, sizes: tuple[int, int, int, int], start: Any
) -> None:
    """Call every function of a cell once, on arrays of just the promised sizes.

    Parameters
    ----------
    functions : mapping of str to callable
        By role.
    p, q : tuple of ndarray
        Parameters, and what `prepare` made of them.
    sizes : tuple of int
        (n, m, nw, na).
    start : sequence of float or None
        A good state.

    Raises
    ------
    CellError
        Two lines: what went wrong, and where.
    """
    n, m, nw, na = sizes
    B, K = (2, 4) if n <= _SMALL else (1, 1)
    x = np.tile(np.linspace(0.1, 0.3, n) if start is None else np.asarray(start, dtype=float), (B, 1))
    u, y, w = np.full((B, m), 0.1), np.zeros((B, n)), np.zeros((B, nw))
    V, Z, G, H = np.full((K, n), 0.1), np.zeros((K, n)), np.full((B, n), 0.1), np.zeros((B, n))
    tangents, adjoints = np.zeros((K, na)), np.zeros((B, na))
    calls: dict[str, Arrays | tuple[Any, ...]] = {
        "step": (q, x, u, y, w),
        "push": (q, w, V, tangents, Z),
        "pull": (q, w, G, adjoints, H),
        "grad": (p, x, u, w, adjoints, tuple(np.zeros_like(a) for a in p)),
        "push_inputs": (q, w, np.full((K, m), 0.1), tangents, Z),
        "pull_inputs": (q, w, G, adjoints, np.zeros((B, m))),
        "field": (q, x, u, y),
        "field_push": (q, x, u, V, tangents, Z),
    }
    for role, arguments in calls.items():
        if role in functions:
            _try(functions[role], arguments)


def _try(function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    try:
        with np.errstate(all="ignore"):
            in_python(function)(*arguments)
    except NotImplementedError:
        # Something that exists in compiled code only, such as an intrinsic: it cannot be tried here.
        return
    except Exception as error:
        raise CellError(explain_python(error, function)) from None
