"""What all results share."""

import weakref

import numpy as np
import pytest

from lyaplab.engine.result import last


class Partial:
    pass


def test_a_measurement_keeps_none_of_its_partial_results():
    held: list[int] = []
    born: list[weakref.ref] = []

    def partials():
        for _ in range(20):
            partial = Partial()
            born.append(weakref.ref(partial))
            held.append(sum(each() is not None for each in born))
            yield partial

    final = last(partials())
    assert final is born[-1]()
    # The one that is yielded, the one before in the hands of the caller.
    assert max(held) <= 2


def test_a_measurement_without_a_result_is_an_error():
    with pytest.raises(IndexError):
        last(np.empty(0))
