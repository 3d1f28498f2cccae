from __future__ import annotations

import numpy as np
import pytest

from lyaplab.school.curve import points


@pytest.mark.parametrize(
    "value",
    [
        "0 1; 2 3",
        "(0, 1), (2, 3)",
        "0,1\n2,3",
        "0 1 2 3 4",
        [(0, 1), (2, 3)],
        np.array([[0, 1], [2, 3]]),
        ([0, 2], [1, 3]),
    ],
)
def test_every_form(value):
    x, y = points(value)
    assert (x.tolist(), y.tolist()) == ([0, 2], [1, 3])


@pytest.mark.parametrize("text", ["-1.5e-1 +2", "-.15, 2.0"])
def test_every_number(text):
    x, y = points(text)
    assert (x.tolist(), y.tolist()) == ([-0.15], [2])


@pytest.mark.parametrize("value", ["", "no numbers", None, 3, [1, 2], [[1, 2, 3]], [[1], [1, 2]], object(), {"a": 1}])
def test_no_curve(value):
    assert [len(part) for part in points(value)] == [0, 0]
