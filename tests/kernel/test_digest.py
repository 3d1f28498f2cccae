"""The digest: the same for the same code, another for any change that matters."""

from __future__ import annotations

import math
import subprocess
import sys
import types

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lyaplab.kernel.cache import digest

numbers = st.one_of(st.integers(-(2**40), 2**40), st.floats(allow_nan=False), st.booleans())


def made(source: str, **names: object) -> types.FunctionType:
    space = {"np": np, "math": math, **names}
    exec(source, space)
    return space["f"]


@given(numbers, numbers)
def test_a_constant_in_the_code_counts(a, b):
    same = repr(a) == repr(b)
    one, two = (digest(made(f"def f(x): return x + {value!r}".replace("inf", "1e999"))) for value in (a, b))
    assert (one == two) == same


@given(numbers, numbers)
def test_a_global_that_the_code_names_counts_and_another_does_not(a, b):
    source = "def f(x): return x * scale"
    assert (digest(made(source, scale=a)) == digest(made(source, scale=b))) == (repr(a) == repr(b))
    assert digest(made(source, scale=a, other=1)) == digest(made(source, scale=a, other=2))


@given(st.lists(st.floats(allow_nan=False, width=32), min_size=1, max_size=5), st.integers(0, 4))
def test_a_global_array_counts_by_content(values, place):
    source = "def f(x): return x * table[0]"
    table = np.array(values)
    other = table.copy()
    other[place % len(other)] = np.nextafter(other[place % len(other)], np.inf)
    assert digest(made(source, table=table)) == digest(made(source, table=table.copy()))
    assert digest(made(source, table=table)) != digest(made(source, table=other))


@given(st.integers(1, 5))
def test_a_helper_counts_however_deep(depth):
    def chain(constant: float) -> types.FunctionType:
        helper = made("def f(x): return x + c", c=constant)
        for _ in range(depth):
            helper = made("def f(x): return g(x)", g=helper)
        return helper

    assert digest(chain(1.0)) == digest(chain(1.0))
    assert digest(chain(1.0)) != digest(chain(2.0))


def test_closures_defaults_and_module_attributes_count():
    def scaled(c):
        return lambda x: x * c

    assert digest(scaled(2.0)) != digest(scaled(3.0))
    assert digest(made("def f(x, c=1.0): return x")) != digest(made("def f(x, c=2.0): return x"))
    module, other = types.ModuleType("own"), types.ModuleType("own")
    module.c, other.c = 1.0, 2.0
    source = "def f(x): return x * m.c"
    assert digest(made(source, m=module)) != digest(made(source, m=other))


def test_names_order_and_types_count():
    assert digest(made("def f(a, b): return a - b")) != digest(made("def f(b, a): return a - b"))
    assert digest(made("def f(x): return np.sin(x)")) != digest(made("def f(x): return np.cos(x)"))
    assert digest(made("def f(x): return x + 1")) != digest(made("def f(x): return x + 1.0"))
    assert digest(made("def f(x): return x"), made("def f(x): return -x")) != digest(
        made("def f(x): return -x"), made("def f(x): return x")
    )


def test_a_function_that_calls_itself_has_a_digest():
    assert digest(made("def f(x): return f(x - 1) if x > 0 else 0")) != digest(
        made("def f(x): return f(x - 2) if x > 0 else 0")
    )


def test_comments_and_line_numbers_do_not_count():
    assert digest(made("def f(x): return x + 1")) == digest(made("# moved\n\n\ndef f(x):\n    return x + 1  # same"))


def test_the_digest_is_the_same_in_every_process():
    code = "from lyaplab.kernel.cache import digest; import lyaplab.cells.tanh as t\n"
    code += "def f(x): return x in {'a', 'b', 'c'}\nprint(digest(f, *t.CELL.functions.values()))"
    command = [sys.executable, "-c", code]
    prints = {subprocess.run(command, capture_output=True, text=True, check=True).stdout for _ in range(3)}
    assert len(prints) == 1


def test_functions_known_by_name_alone_are_told_apart():
    def with_word(word):
        return lambda x: word(x)

    words = (np.sin, np.cos, np.linalg.norm, np.linalg.det, math.sin, math.cos)
    assert len({digest(with_word(word)) for word in words}) == len(words)


def test_a_function_met_again_is_told_from_another_met_again():
    def first(x):
        return x + 1

    def second(x):
        return x + 2

    def calls(a, b, c):
        return lambda x: a(b(c(x)))

    assert digest(calls(first, second, first)) != digest(calls(first, second, second))
