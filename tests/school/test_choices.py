from __future__ import annotations

import numpy as np
import pytest

from lyaplab.school.choices import OneOf, Property


def test_options_by_what_counts():
    numbers = OneOf(1, 2, 3)
    assert not numbers.fault(2.0, 2, ())
    assert numbers.fault(True, 1, ())
    truth = OneOf(True, False)
    assert not truth.fault(False, False, ())
    assert truth.fault(0.0, False, ())
    assert "Choose" in truth.fault(np.zeros(3), False, ())
    with pytest.raises(ValueError, match="at least two"):
        OneOf("only")


def test_a_property_that_cannot_be_asked_does_not_hold():
    positive = Property("it is positive", lambda value: value > 0)
    assert positive.fault("text", None, ())
    assert positive.fault(np.ones(3), None, ())
    assert not positive.fault(1.0, None, ())
