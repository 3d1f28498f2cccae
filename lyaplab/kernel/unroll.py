"""Words on tuples, written out for a length: Numba keeps a tuple in registers when every index is a constant.

`unrolled("along", 2)` is the compiled function

    def along(s, h, v):
        return (s[0] + h * v[0], s[1] + h * v[1],)
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from lyaplab.kernel.compile import inline

__all__ = ["unrolled"]

# Imaginary part of a complex step: its square vanishes beside any number.
_STEP = "1e-30"
_PER_STEP = "1e30"


def _tuple(entries: Iterable[str]) -> str:
    return "(" + "".join(f"{entry}, " for entry in entries) + ")"


def _each(pattern: str) -> Callable[[int], str]:
    """Write `pattern`, which names the index as {i}, out as a tuple."""
    return lambda n: "return " + _tuple(pattern.format(i=i) for i in range(n))


def _unit(n: int, j: int) -> str:
    return _tuple("1.0" if i == j else "0.0" for i in range(n))


def _adjoint(n: int) -> str:
    """g^T Df, by the derivative along every axis."""
    columns = [f"d{j} = tangent(s, {_unit(n, j)}, a)" for j in range(n)]
    sums = [" + ".join(f"g[{i}] * d{j}[{i}]" for i in range(n)) for j in range(n)]
    return "\n".join([*columns, "return " + _tuple(sums)])


def _complex_partials(n: int, parameters: int) -> str:
    lines = []
    for j in range(parameters):
        moved = [f"complex(a[{i}], {_STEP})" if i == j else f"a[{i}]" for i in range(parameters)]
        lines.append(f"d{j} = image(values(of(*(s + {_tuple(moved)}))))")
    sums = [" + ".join(f"g[{i}] * d{j}[{i}]" for i in range(n)) for j in range(parameters)]
    return "\n".join([*lines, "return " + _tuple(sums)])


def _partials_by_differences(n: int, parameters: int) -> str:
    lines = []
    for j in range(parameters):
        ahead = [f"a[{i}] + h{j}" if i == j else f"a[{i}]" for i in range(parameters)]
        behind = [f"a[{i}] - h{j}" if i == j else f"a[{i}]" for i in range(parameters)]
        lines.append(f"h{j} = h * max(1.0, abs(a[{j}]))")
        lines.append(f"d{j} = apart(0.5 / h{j}, value(s, {_tuple(ahead)}), value(s, {_tuple(behind)}))")
    sums = [" + ".join(f"g[{i}] * d{j}[{i}]" for i in range(n)) for j in range(parameters)]
    return "\n".join([*lines, "return " + _tuple(sums)])


def _collect(parameters: int) -> str:
    lines = [f"dp[{j}][r * dp[{j}].shape[0] // count] += d[{j}]" for j in range(parameters)]
    return "\n".join(lines) or "pass"


def _largest(n: int) -> str:
    text = "0.0"
    for i in range(n):
        text = f"max({text}, abs(s[{i}]))"
    return f"return {text}"


# Arguments and text of every word.
_WORDS: dict[str, tuple[str, Callable[..., str]]] = {
    # Columns first, first + 1, ... of a row; and back.
    "load": ("X, r, first", _each("X[r, first + {i}]")),
    "store": ("X, r, first, s", lambda n: "\n".join(f"X[r, first + {i}] = s[{i}]" for i in range(n))),
    # The parameters of a row; and their gradients added up.
    "settings": ("q, r, count", _each("at(q[{i}], r, count)")),
    "collect": ("dp, r, count, d", _collect),
    # What a function returned, as a tuple of n: a system of one variable may return the bare number.
    "values": ("out", lambda n: "return as_tuple(out)" if n == 1 else "return out"),
    "along": ("s, h, v", _each("s[{i}] + h * v[{i}]")),
    "apart": ("h, s, v", _each("h * (s[{i}] - v[{i}])")),
    "mean": ("s1, s2, s3, s4", _each("(s1[{i}] + 2.0 * (s2[{i}] + s3[{i}]) + s4[{i}]) / 6.0")),
    "largest": ("s", _largest),
    # A step along v in the imaginary direction; and the derivative that comes out of it.
    "dual": ("s, v", _each(f"complex(s[{{i}}], {_STEP} * v[{{i}}])")),
    "image": ("out", _each(f"out[{{i}}].imag * {_PER_STEP}")),
    "adjoint": ("s, g, a", _adjoint),
    "complex partials": ("s, g, a", _complex_partials),
    "partials by differences": ("s, g, a", _partials_by_differences),
}


def unrolled(word: str, *lengths: int, **names: Any) -> Callable[..., Any]:
    """Return the compiled function `word` for tuples of these lengths; `names` are the functions its text calls."""
    if names:
        return _written(word, lengths, names)
    return _plain(word, lengths)


@cache
def _plain(word: str, lengths: tuple[int, ...]) -> Callable[..., Any]:
    from lyaplab.kernel.algebra import as_tuple

    return _written(word, lengths, {"as_tuple": as_tuple})


def _written(word: str, lengths: tuple[int, ...], names: dict[str, Any]) -> Callable[..., Any]:
    arguments, body = _WORDS[word]
    name = word.replace(" ", "_")
    lines = body(*lengths).splitlines()
    text = f"def {name}({arguments}):\n" + "".join(f"    {line}\n" for line in lines)
    # Shown in tracebacks, and by which errors are told from those in a learner's own lines.
    file = f"<lyaplab {name} {' '.join(map(str, lengths))}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    space = {"__name__": __name__, **names}
    exec(compile(text, file, "exec"), space)  # noqa: S102  our own text above, no input from outside
    return inline(space[name])
