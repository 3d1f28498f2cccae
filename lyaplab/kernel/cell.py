"""The Cell: a few plain functions over rows, and how compiled kernels call them.

    size(p) -> (n, nw, na)       plain Python: state, saved values and work columns per row
    prepare(p) -> q              plain Python: what the next ones want, such as W and its transpose (default: p itself)
    step(q, x, u, y, w)          x (B, n), u (B, m) -> y (B, n); w (B, nw) keeps all that the derivatives need
    push(q, w, V, A, Z)          tangents V (K, n) -> Z = J V;     row i belongs to state row i*B//K; A (K, na) is work
    pull(q, w, G, A, H)          adjoints G (K, n) -> H = J^T G;   A keeps the adjoint at the pre-activation
    grad(p, x, u, w, A, dp)      dp += parameter gradient of all rows at once: one matrix product

A cell that another may feed, in a stack, also has the derivatives by its input:

    push_inputs(q, w, V, A, Z)      tangents V (K, m) of the input -> Z += dy/du V, in Z of push
    pull_inputs(q, w, G, A, H)      right after pull, with its G and A -> H (K, m) = (dy/du)^T G

A generic kernel calls `step(cell, q, ...)`, `push(cell, ...)`, ... of this module. Numba resolves these by the cell's
own type, whose key is a digest of its code: machine code in the cache belongs to exactly that code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba.core import types
from numba.extending import NativeValue, models, overload, register_model, typeof_impl, unbox

from lyaplab.kernel.cache import digest
from lyaplab.kernel.card import Card
from lyaplab.kernel.compile import inline
from lyaplab.kernel.helpers import is_foreign
from lyaplab.kernel.options import INLINE
from lyaplab.kernel.rehearsal import rehearse

__all__ = ["Cell", "field", "field_push", "functions_of", "grad", "pull", "push", "step"]

Arrays = tuple[np.ndarray, ...]
_ROLES = ("step", "push", "pull", "grad", "field", "field_push", "push_inputs", "pull_inputs")

# Inlined functions of every cell that was made in this process, by digest: what the overloads below look up.
_COMPILED: dict[str, dict[str, Callable[..., Any]]] = {}


class CellType(types.Opaque):
    """The Numba type of a cell. Two cells with the same code share it, whatever their weights."""

    def __init__(self, name: str, code: str) -> None:
        self.cell_name = name
        self.code = code
        super().__init__(f"Cell({name},{code})")


def _unchanged(p: Arrays) -> Arrays:
    return p


class Cell:
    """A system: functions over rows, and a card that describes them.

    Parameters
    ----------
    name : str
        Short name, as in ``Model("tanh")``.
    step : callable
        ``step(q, x, u, y, w)``, the dynamics.
    push, pull, grad : callable, optional
        Derivatives. Missing ones are taken by central differences of `step`: slower, and the repr says so.
    size : callable or tuple of int
        ``size(p) -> (n, nw, na)``, or the tuple itself.
    prepare : callable, optional
        ``prepare(p) -> q``.
    inputs : callable or int, optional
        ``inputs(p) -> m``; by default the width of the parameter called U, else 0.
    field, field_push : callable, optional
        For a flow: ``field(q, x, u, y)`` is the vector field, ``field_push(q, x, u, V, A, Z)`` its derivative.
    push_inputs, pull_inputs : callable, optional
        Derivatives by the input, for layers of a stack; both or none.
    card : Card, optional
        Parameters, presets, known values.
    derivatives : str, optional
        How the derivatives came about, for the repr: "given", "complex step" or "central differences".

    Attributes
    ----------
    foreign : bool
        Whether some of the code is not lyaplab's: such a cell is tried in plain Python before it is compiled.
    code : str
        Digest of the functions: machine code belongs to it.

    Examples
    --------
    >>> def size(p): return 1, 0, 1
    >>> def double(q, x, u, y, w):
    ...     for row in range(x.shape[0]):
    ...         y[row, 0] = 2.0 * x[row, 0] % 1.0
    >>> Cell("doubling", step=double, size=size)
    Cell('doubling', derivatives by central differences)
    """

    def __init__(
        self,
        name: str,
        *,
        step: Callable[..., Any],
        push: Callable[..., Any] | None = None,
        pull: Callable[..., Any] | None = None,
        grad: Callable[..., Any] | None = None,
        size: Callable[[Arrays], tuple[int, int, int]] | tuple[int, int, int],
        prepare: Callable[[Arrays], Arrays] | None = None,
        inputs: Callable[[Arrays], int] | int | None = None,
        field: Callable[..., Any] | None = None,
        field_push: Callable[..., Any] | None = None,
        push_inputs: Callable[..., Any] | None = None,
        pull_inputs: Callable[..., Any] | None = None,
        card: Card | None = None,
        derivatives: str = "given",
    ) -> None:
        if not isinstance(name, str) or not name:
            raise TypeError(f"name must be a word, got {name!r}")
        given = (step, push, pull, grad, field, field_push, push_inputs, pull_inputs)
        functions = dict(zip(_ROLES, given, strict=True))
        for role, function in functions.items():
            if not callable(function) and (role == "step" or function is not None):
                raise TypeError(f"{role} must be a function, got {function!r}")
        if not callable(size) and not (isinstance(size, tuple) and len(size) == 3):
            raise TypeError(f"size must be a function of the parameters or a tuple (n, nw, na), got {size!r}")
        self.name = name
        self.card = card if card is not None else Card()
        self.prepare = prepare or _unchanged
        self.derivatives = derivatives
        self._size = size
        self._inputs = inputs
        # As they were given, to be tried once in plain Python.
        self._given = {role: function for role, function in functions.items() if function is not None}
        self._given_size = size
        self._rehearsed: set[tuple[int, ...]] = set()
        self.foreign = any(is_foreign(function) for function in self._given.values())
        if push is None or pull is None:
            self._complete(functions)
        self.functions = {role: function for role, function in functions.items() if function is not None}
        self.code = digest(*functions.values())
        self._numba_type_ = CellType(name, self.code)
        if self.code not in _COMPILED:
            _COMPILED[self.code] = {role: inline(function) for role, function in self.functions.items()}

    def _complete(self, functions: dict[str, Callable[..., Any] | None]) -> None:
        """Fill in push and pull, whichever is missing, from step."""
        # Imported here: derivatives are themselves cells' functions and use the vocabulary.
        from lyaplab.kernel.derive import from_step

        given = self._size
        made = from_step(functions["step"])  # type: ignore[arg-type]
        # A given `grad` would read what the given step saved in w.
        functions.update(step=made.step, push=made.push, pull=made.pull, grad=None)
        functions.update(push_inputs=made.push_inputs, pull_inputs=made.pull_inputs)

        def size(p: Arrays) -> tuple[int, int, int]:
            n, nw, _ = given(p) if callable(given) else given
            return made.size(n, self.inputs(p), nw)

        self._size = size
        self.derivatives = "central differences"

    def size(self, p: Arrays) -> tuple[int, int, int]:
        """Return (n, nw, na): state variables, saved values and work columns per row."""
        return self._size(p) if callable(self._size) else self._size

    def inputs(self, p: Arrays) -> int:
        """Return the number of inputs m."""
        if callable(self._inputs):
            return self._inputs(p)
        if self._inputs is not None:
            return self._inputs
        return p[self.card.names.index("U")].shape[-1] if "U" in self.card.names else 0

    def rehearse(self, p: Arrays) -> None:
        """Try a cell that is not lyaplab's own once in plain Python, for each size of its arrays.

        Parameters
        ----------
        p : tuple of ndarray
            The parameters.

        Raises
        ------
        CellError
            Two lines: what is wrong, such as an index out of range, and where. Compiled code would crash.
        """
        if not self.foreign:
            return
        n, nw, na = self._given_size(p) if callable(self._given_size) else self._given_size
        sizes = (n, self.inputs(p), nw, na)
        if sizes not in self._rehearsed:
            rehearse(self._given, p, self.prepare(p), sizes, self.card.start)
            self._rehearsed.add(sizes)

    def has(self, role: str) -> bool:
        """Tell whether the cell has a function for "grad", "field", ..."""
        return role in self.functions

    def __repr__(self) -> str:
        how = "" if self.derivatives == "given" else f", derivatives by {self.derivatives}"
        return f"Cell({self.name!r}{how})"

    def __reduce__(self) -> Any:
        raise TypeError("a Cell is code and is not pickled; send its name, or define it where it runs")


def functions_of(code: str) -> dict[str, Callable[..., Any]]:
    """Return the functions of the cells with this code, as kernels call them."""
    return _COMPILED[code]


register_model(CellType)(models.OpaqueModel)


@unbox(CellType)
def _unbox_cell(kind: CellType, obj: Any, context: Any) -> NativeValue:
    return NativeValue(context.context.get_dummy_value())


@typeof_impl.register(Cell)
def _type_of_cell(cell: Cell, context: Any) -> CellType:
    return cell._numba_type_


# The stubs: in plain Python they call the cell's own functions; in a kernel the overloads below replace them.


def step(cell, q, x, u, y, w):
    """Advance rows x under inputs u by one step into y; keep in w what the derivatives need."""
    cell.functions["step"](q, x, u, y, w)


def push(cell, q, w, V, A, Z):
    """Z = J V, rows of tangents at the states that w was saved for."""
    cell.functions["push"](q, w, V, A, Z)


def pull(cell, q, w, G, A, H):
    """H = J^T G, rows of adjoints at the states that w was saved for."""
    cell.functions["pull"](q, w, G, A, H)


def grad(cell, p, x, u, w, A, dp):
    """Add to dp the parameter gradient of all rows, from the adjoints that pull left in A."""
    cell.functions["grad"](p, x, u, w, A, dp)


def field(cell, q, x, u, y):
    """y = the vector field of a flow at rows x."""
    cell.functions["field"](q, x, u, y)


def field_push(cell, q, x, u, V, A, Z):
    """Z = the derivative of the vector field at rows x, applied to tangents V."""
    cell.functions["field_push"](q, x, u, V, A, Z)


@overload(step, jit_options=INLINE)
def _step(cell, q, x, u, y, w):
    function = _COMPILED[cell.code]["step"]
    return lambda cell, q, x, u, y, w: function(q, x, u, y, w)


@overload(push, jit_options=INLINE)
def _push(cell, q, w, V, A, Z):
    function = _COMPILED[cell.code]["push"]
    return lambda cell, q, w, V, A, Z: function(q, w, V, A, Z)


@overload(pull, jit_options=INLINE)
def _pull(cell, q, w, G, A, H):
    function = _COMPILED[cell.code]["pull"]
    return lambda cell, q, w, G, A, H: function(q, w, G, A, H)


@overload(grad, jit_options=INLINE)
def _grad(cell, p, x, u, w, A, dp):
    function = _COMPILED[cell.code]["grad"]
    return lambda cell, p, x, u, w, A, dp: function(p, x, u, w, A, dp)


@overload(field, jit_options=INLINE)
def _field(cell, q, x, u, y):
    function = _COMPILED[cell.code]["field"]
    return lambda cell, q, x, u, y: function(q, x, u, y)


@overload(field_push, jit_options=INLINE)
def _field_push(cell, q, x, u, V, A, Z):
    function = _COMPILED[cell.code]["field_push"]
    return lambda cell, q, x, u, V, A, Z: function(q, x, u, V, A, Z)
