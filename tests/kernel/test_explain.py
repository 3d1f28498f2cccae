"""A learner's error in an own cell: two readable lines, with the learner's file, line and words."""

from __future__ import annotations

import inspect
import re

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

import lyaplab as ll

TABLE = [1.0, 2.0]
THING = object()


# Cells: step functions with one mistake each. The line of the mistake is marked.


def undefined(q, x, u, y, w):
    for r in range(x.shape[0]):
        y[r, 0] = gian * x[r, 0]  # noqa: F821  here


def few_arguments(q, x, u, y):  # here
    y[0, 0] = 1.0


def text_arithmetic(q, x, u, y, w):
    for r in range(x.shape[0]):
        y[r, 0] = x[r, 0] + "a"  # here


def allocates(q, x, u, y, w):
    total = np.zeros(2)  # here
    y[0, 0] = total[0]


def assigns_array(q, x, u, y, w):
    y[:] = 0.5 * x  # here


def attribute(q, x, u, y, w):
    for r in range(x.shpae[0]):  # here
        y[r, 0] = 1.0


def no_such_function(q, x, u, y, w):
    for r in range(x.shape[0]):
        y[r, 0] = np.tahn(x[r, 0])  # here


def outside_list(q, x, u, y, w):
    for r in range(x.shape[0]):
        y[r, 0] = TABLE[0] * x[r, 0]  # here


def outside_object(q, x, u, y, w):
    for r in range(x.shape[0]):
        y[r, 0] = x[r, 0] if THING is None else 0.0  # here


def out_of_range(q, x, u, y, w):
    for r in range(x.shape[0]):
        y[r, 0] = x[r, 1]  # here


def unpacks_wrongly(q, x, u, y, w):
    W, _ = q  # here
    y[0, 0] = W[0, 0]


CELLS = [
    (undefined, "'gian' is not defined"),
    (few_arguments, "takes 4 positional arguments but 5 were given"),
    (text_arithmetic, "'add'"),
    (allocates, "may not create arrays"),
    (assigns_array, "may not create arrays"),
    (attribute, "shpae"),
    (no_such_function, "tahn"),
    (outside_list, "'TABLE' is a list from outside"),
    (outside_object, "'THING' (object) is from outside"),
    (out_of_range, "index 1 is out of bounds"),
    (unpacks_wrongly, "not enough values to unpack"),
]


def marked_line(function) -> int:
    lines, first = inspect.getsourcelines(function)
    return first + next(i for i, line in enumerate(lines) if line.rstrip().endswith("here"))


def assert_two_lines(error: ll.CellError, reason: str, function, line: int) -> None:
    first, second = str(error).splitlines()
    assert reason in first
    assert f"in {function.__name__}, test_explain.py line {line}: " in second
    assert len(second.split(": ", 1)[1]) > 4


@pytest.mark.parametrize(("step", "reason"), CELLS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_mistake_in_the_step_of_a_cell(step, reason):
    cell = ll.Cell("mine", step=step, size=(1, 0, 0), card=ll.Card(size=1))
    with pytest.raises(ll.CellError) as caught:
        ll.Model(cell).orbit(3)
    assert_two_lines(caught.value, reason, step, marked_line(step))


def fine(q, x, u, y, w):
    for r in range(x.shape[0]):
        y[r, 0] = 0.5 * x[r, 0]


def wrong_push(q, w, V, A, Z):
    for v in range(V.shape[0]):
        Z[v, 0] = hlaf * V[v, 0]  # noqa: F821  here


def test_a_mistake_in_a_derivative():
    cell = ll.Cell("mine", step=fine, push=wrong_push, pull=wrong_push, size=(1, 0, 0), card=ll.Card(size=1))
    with pytest.raises(ll.CellError) as caught:
        ll.Model(cell)
    assert_two_lines(caught.value, "'hlaf'", wrong_push, marked_line(wrong_push))


# Maps and flows: plain functions.


def plain_undefined(x, y, a=1.0):
    return a * zz, y  # noqa: F821  here


def plain_text(x, y, a=1.0):
    return "a" + x, y  # here


def plain_array(x, y, a=1.0):
    return np.zeros(2)[0] * x, y  # here


def plain_list(x, y, a=1.0):
    return TABLE[0] * x, y  # here


def plain_function(x, y, a=1.0):
    return np.tahn(x), y  # here


def plain_arguments(x, y, a=1.0):
    return np.sin(x, 1, 2, 3), y  # here


def plain_dictionary(x, y, a=1.0):
    return {"a": 0.5}["a"] * x, y  # here


PLAIN = [
    (plain_undefined, "'zz' is not defined"),
    (plain_text, "TypeError"),
    (plain_array, "may not create arrays"),
    (plain_list, "'TABLE' is a list from outside"),
    (plain_function, "tahn"),
    (plain_arguments, "positional arguments"),
    (plain_dictionary, "may not create arrays, lists, dictionaries"),
]


@pytest.mark.parametrize("make", [ll.map, ll.flow], ids=["map", "flow"])
@pytest.mark.parametrize(("function", "reason"), PLAIN, ids=lambda value: getattr(value, "__name__", ""))
def test_a_mistake_in_a_plain_function(make, function, reason):
    with pytest.raises(ll.CellError) as caught:
        ll.Model(make(function)).orbit(3)
    assert_two_lines(caught.value, reason, function, marked_line(function))


@pytest.mark.parametrize(
    ("function", "first", "second"),
    [
        (lambda x, y: x, "returns 1 value for 2 state variables", "one value for each argument without a default"),
        (lambda x: (x, x), "returns 2 values for 1 state variable", "one value for each argument without a default"),
        (lambda x, y: [x, y], "returns one list", "side by side"),
        (lambda x: None, "must return numbers, got NoneType", "as None"),
        (lambda a=1.0: a, "has no state variable", "one argument without a default"),
        (lambda *x: x, "has arguments with a star", "name every state variable"),
    ],
)
def test_a_plain_function_of_the_wrong_form(function, first, second):
    with pytest.raises(ll.CellError) as caught:
        ll.map(function)
    lines = str(caught.value).splitlines()
    assert len(lines) == 2
    assert first in lines[0] and second in lines[1]


def test_a_helper_is_named_where_the_mistake_is_in_it():
    with pytest.raises(ll.CellError) as caught:
        ll.map(lambda x: missing_name(x))
    assert "in missing_name, test_explain.py line" in str(caught.value)


def missing_name(x):
    return x * nowhere  # noqa: F821


IN_A_NOTEBOOK = {
    "import lyaplab as ll\n\n@ll.map\ndef f(x, a=1.0):\n    return a*zz": ("'zz' is not defined", 5),
    "@ll.flow(dt=0.1)\ndef f(x):\n    return 'a' + x": ("TypeError", 3),
    "table = [1.0]\n@ll.map\ndef f(x):\n    return table[0]*x\nll.Model(f).orbit(3)": ("'table' is a list", 4),
    "def step(q, x, u, y, w):\n    y[0, 0] = x[0, 7]\n"
    "ll.Model(ll.Cell('c', step=step, size=(1, 0, 0), card=ll.Card(size=1)))": ("out of bounds", 2),
}


def test_mistakes_in_a_notebook_name_its_line():
    cells = [nbformat.v4.new_code_cell(source) for source in IN_A_NOTEBOOK]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, timeout=250, kernel_name="python3", allow_errors=True).execute()
    for cell, (reason, line) in zip(notebook.cells, IN_A_NOTEBOOK.values(), strict=True):
        error = next(output for output in cell.outputs if output["output_type"] == "error")
        assert error["ename"] == "CellError", error["evalue"]
        first, second = error["evalue"].splitlines()
        assert reason in first
        assert re.search(rf"the notebook line {line}: ", second), second
