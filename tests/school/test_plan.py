from __future__ import annotations

import pytest

from lyaplab.school import Close, Exercise, Plan, Prediction


def test_a_plan_refuses_doubles():
    entry = Exercise("a", "A", stub="a = ...", solution="a = 1", reference=1.0, checks=[Close()])
    with pytest.raises(ValueError, match="two exercises are called 'a'"):
        Plan("T", minutes=1, version="1", exercises=[entry, entry])
    twice = [Prediction("k", "?", kind="number")] * 2
    with pytest.raises(ValueError, match="two predictions are called 'k'"):
        Plan("T", minutes=1, version="1", exercises=[], predictions=twice)
    with pytest.raises(ValueError, match="minutes"):
        Plan("T", minutes=0, version="1", exercises=[])
