"""Cells on top of each other, as one cell: every layer is fed by what the layer below has just become.

    x_l' = F_l(x_l, u_l),   u_1 = u,   u_{l+1} = the first columns of x_l', which the layer shows (h)

State, saved values w and work A of the layers lie side by side, in columns. The Jacobian is block lower triangular:
tangents go up the layers as states do, adjoints come down, by way of `push_inputs` and `pull_inputs`.

The functions of a stack are written as text for its number of layers. Each layer's own are compiled once, and called:
a stack of three equal layers takes hardly longer to compile than one of two.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from lyaplab.kernel.algebra import copy
from lyaplab.kernel.card import Card
from lyaplab.kernel.cell import Cell, functions_of
from lyaplab.kernel.helpers import python_forms
from lyaplab.kernel.options import DISABLED, INLINE

__all__ = ["stack_of"]

# The table `edges` says of each layer where, from and to, its columns are. They are floats, since `pull` leaves them
# in A, where `grad` finds them.
#   state    of x, y, V, Z, H
#   saved    of w
#   work     of A
#   total    of A: the adjoint of its new state, from outside and from above
#   fed      of A: the adjoint of its input
#   below    of y and Z: its input (of the first layer: of u)
#   kept     of w: its input again, for `grad` (of the first layer: none)
_STATE, _SAVED, _WORK, _TOTAL, _FED, _BELOW, _KEPT = range(0, 14, 2)
_PLACES = 14

# Not copied into every caller.
_CALLED: Any = {**INLINE, "forceinline": False}


def _by_numpy(X, edges, place):
    return X[:, int(edges[place]) : int(edges[place + 1])]


@intrinsic
def _by_edges(typing, X, edges, place):
    kind = types.Array(X.dtype, 2, "A")

    def view(context, builder, signature, args):
        whole, table, made = (
            cgutils.create_struct_proxy(array)(context, builder, value=value)
            for array, value in ((X, args[0]), (edges, args[1]), (kind, None))
        )
        long = ir.IntType(64)
        after = builder.add(args[2], long(1))
        first, last = (
            builder.fptosi(builder.load(builder.gep(table.data, [at])), long) for at in (args[2], after)
        )
        rows, apart = (builder.extract_value(pair, 0) for pair in (whole.shape, whole.strides))
        width = builder.sub(last, first)
        made.data = cgutils.pointer_add(builder, whole.data, builder.mul(first, long(8)))
        made.itemsize, made.nitems = long(8), builder.mul(rows, width)
        made.shape = cgutils.pack_array(builder, [rows, width])
        made.strides = cgutils.pack_array(builder, [apart, long(8)])
        return made._getvalue()

    return kind(X, edges, types.intp), view


columns: Any = _by_numpy if DISABLED else _by_edges
"""``columns(X, edges, place)``, inside a kernel: the columns of X from edges[place] to edges[place + 1].

Rows of X are contiguous; unlike of a slice, the compiler knows that those of the view are too.
"""
python_forms[columns] = _by_numpy


def _called(function: Callable[..., Any]) -> Callable[..., Any]:
    return njit(**_CALLED)(function)


@cache
def _layer(code: str) -> dict[str, Callable[..., Any]]:
    """Return what a stack calls of a layer whose cell has this code, all on arrays of the whole stack.

    The last argument is where the layer's row of `edges` begins.
    """
    functions = functions_of(code)
    step, push, pull = (functions[role] for role in ("step", "push", "pull"))

    def advance(q, x, below, y, w, edges, layer):
        u, kept = columns(below, edges, layer + _BELOW), columns(w, edges, layer + _KEPT)
        for v in range(kept.shape[0]):
            for i in range(kept.shape[1]):
                kept[v, i] = u[v, i]
        state, new = columns(x, edges, layer + _STATE), columns(y, edges, layer + _STATE)
        step(q, state, u, new, columns(w, edges, layer + _SAVED))

    def push_alone(q, w, V, A, Z, edges, layer):
        saved, work = columns(w, edges, layer + _SAVED), columns(A, edges, layer + _WORK)
        push(q, saved, columns(V, edges, layer + _STATE), work, columns(Z, edges, layer + _STATE))

    def pull_alone(q, w, A, H, edges, layer):
        saved, work = columns(w, edges, layer + _SAVED), columns(A, edges, layer + _WORK)
        pull(q, saved, columns(A, edges, layer + _TOTAL), work, columns(H, edges, layer + _STATE))

    made = {"step": _called(advance), "push": _called(push_alone), "pull": _called(pull_alone)}
    if "push_inputs" in functions:
        made["feed"], made["draw"] = _with_inputs(functions["push_inputs"], functions["pull_inputs"])
    if "grad" in functions:
        grad = functions["grad"]

        def gradient(p, x, inputs, place, w, A, dp, edges, layer):
            saved, work = columns(w, edges, layer + _SAVED), columns(A, edges, layer + _WORK)
            grad(p, columns(x, edges, layer + _STATE), columns(inputs, edges, place), saved, work, dp)

        made["grad"] = _called(gradient)
    return made


def _with_inputs(push_inputs: Any, pull_inputs: Any) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return how tangents come in from the layer below, and how adjoints go down to it."""

    def feed(q, w, A, Z, edges, layer):
        saved, work = columns(w, edges, layer + _SAVED), columns(A, edges, layer + _WORK)
        push_inputs(q, saved, columns(Z, edges, layer + _BELOW), work, columns(Z, edges, layer + _STATE))

    def draw(q, w, A, edges, layer):
        saved, work = columns(w, edges, layer + _SAVED), columns(A, edges, layer + _WORK)
        fed, below = columns(A, edges, layer + _FED), columns(A, edges, layer - _PLACES + _TOTAL)
        pull_inputs(q, saved, columns(A, edges, layer + _TOTAL), work, fed)
        for v in range(fed.shape[0]):
            for i in range(fed.shape[1]):
                below[v, i] += fed[v, i]

    return _called(feed), _called(draw)


@_called
def _begin(G, A, edges):
    """Put the adjoints G where those from above will be added, and leave the edges in A."""
    last = A.shape[1] - edges.shape[0]
    for layer in range(0, edges.shape[0], _PLACES):
        copy(columns(G, edges, layer + _STATE), columns(A, edges, layer + _TOTAL))
    for v in range(A.shape[0]):
        for i in range(edges.shape[0]):
            A[v, last + i] = edges[i]


def _text(parameters: Sequence[int]) -> str:
    """Write the functions of a stack whose layers have so many parameters each."""
    layers = len(parameters)
    every, above = range(layers), range(1, layers)
    at = [f"q[{layers}], {_PLACES * k}" for k in every]
    step = [f"step{k}(q[{k}], x, {'y' if k else 'u'}, y, w, {at[k]})" for k in every]
    push = [f"push{k}(q[{k}], w, V, A, Z, {at[k]})" for k in every]
    feed = ["", *(f"feed{k}(q[{k}], w, A, Z, {at[k]})" for k in above)]
    pull = [f"pull{k}(q[{k}], w, A, H, {at[k]})" for k in every]
    draw = ["", *(f"draw{k}(q[{k}], w, A, {at[k]})" for k in above)]
    grad = [f"edges = A[0, A.shape[1] - {_PLACES * layers} :]"]
    first = 0
    for k, count in enumerate(parameters):
        p, dp = (_tuple(f"{name}[{i}]" for i in range(first, first + count)) for name in ("p", "dp"))
        inputs = f"w, {_PLACES * k + _KEPT}" if k else f"u, {_BELOW}"
        grad.append(f"grad{k}({p}, x, {inputs}, w, A, {dp}, edges, {_PLACES * k})")
        first += count
    return "\n".join(
        [
            _function("step(q, x, u, y, w)", step),
            _function("push(q, w, V, A, Z)", [line for k in every for line in (push[k], feed[k])]),
            _function(
                "pull(q, w, G, A, H)",
                [f"begin(G, A, q[{layers}])", *(line for k in reversed(every) for line in (pull[k], draw[k]))],
            ),
            _function("grad(p, x, u, w, A, dp)", grad),
        ]
    )


def _tuple(entries: Any) -> str:
    return "(" + "".join(f"{entry}, " for entry in entries) + ")"


def _function(head: str, lines: Sequence[str]) -> str:
    return f"def {head}:\n" + "".join(f"    {line}\n" for line in lines if line)


def _functions(cells: Sequence[Cell]) -> dict[str, Callable[..., Any]]:
    """Return step, push, pull and, where every layer has it, grad of a stack of cells."""
    parameters = [len(cell.card.parameters) for cell in cells]
    text = _text(parameters)
    file = f"<lyaplab stack {' '.join(map(str, parameters))}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    space: dict[str, Any] = {"__name__": __name__, "begin": _begin}
    for k, cell in enumerate(cells):
        space.update({f"{role}{k}": function for role, function in _layer(cell.code).items()})
    exec(compile(text, file, "exec"), space)  # noqa: S102  our own text above, no input from outside
    roles = ("step", "push", "pull", "grad") if all(cell.has("grad") for cell in cells) else ("step", "push", "pull")
    return {role: space[role] for role in roles}


def _edges(sizes: Sequence[tuple[int, int, int, int]]) -> tuple[np.ndarray, tuple[int, int, int]]:
    """Return the table and the size of the stack, from (n, nw, na, inputs) of every layer."""
    n, nw, na, inputs = np.array(sizes).T
    state, saved, work = (np.cumsum([0, *widths]) for widths in (n, nw, na))
    kept = saved[-1] + np.cumsum([0, 0, *inputs[1:]])
    fed = work[-1] + state[-1]
    widest = max(inputs[1:], default=0)
    table = np.zeros((len(sizes), _PLACES))
    for what, ends in ((_STATE, state), (_SAVED, saved), (_WORK, work), (_TOTAL, work[-1] + state), (_KEPT, kept)):
        table[:, what : what + 2] = list(pairwise(ends))
    for k, width in enumerate(inputs):
        below = state[k - 1] if k else 0
        table[k, _FED : _FED + 2] = fed, fed + (width if k else 0)
        table[k, _BELOW : _BELOW + 2] = below, below + width
    return table.ravel(), (int(state[-1]), int(kept[-1]), int(fed + widest + table.size))


def stack_of(cells: Sequence[Cell], *, card: Card) -> Cell:
    """Return a stack as one cell.

    Parameters
    ----------
    cells : sequence of Cell
        From the bottom to the top; all but the first have `push_inputs` and `pull_inputs`, and as many inputs as the
        layer below shows: the first columns of its state.
    card : Card
        Of the stack: the parameters of the first layer, then those of the second, and so on.

    Returns
    -------
    Cell
        Its machine code belongs to the kinds of its layers, not to their sizes.
    """
    places = np.cumsum([0, *(len(cell.card.parameters) for cell in cells)])

    def split(p):
        return [(cell, p[first:last]) for cell, (first, last) in zip(cells, pairwise(places), strict=True)]

    def edges(p):
        return _edges([(*cell.size(own), cell.inputs(own)) for cell, own in split(p)])

    def prepare(p):
        return *(cell.prepare(own) for cell, own in split(p)), edges(p)[0]

    by_differences = any(cell.derivatives == "central differences" for cell in cells)
    return Cell(
        "stack",
        **_functions(cells),
        size=lambda p: edges(p)[1],
        prepare=prepare,
        inputs=lambda p: cells[0].inputs(p[: places[1]]),
        card=card,
        derivatives="central differences" if by_differences else "given",
    )
