from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lyaplab.school.record import MAX_BYTES, attempted, blank, cleaned, helped, merged, parsed


def _document(points=1.0, done=False, answer=""):
    document = blank("toy", "1")
    attempted(document, "slope", points=points, max_points=2, done=done, answer=answer)
    return document


def test_the_best_attempt_stands():
    document = _document(2.0, done=True)
    attempted(document, "slope", points=0.5, max_points=2, done=False, answer="")
    entry = document["exercises"]["slope"]
    assert (entry["points"], entry["done"], entry["attempts"]) == (2.0, True, 2)


def test_help_is_kept_once_and_in_order():
    document = blank("toy", "1")
    for kind in ("solution", "nudge", "nudge", "bribe"):
        helped(document, "slope", kind)
    assert document["exercises"]["slope"]["help"] == ["nudge", "solution"]


def test_two_become_one():
    one, two = _document(2.0, done=True), _document(0.5, answer="mine")
    one["predictions"] = {"where": "at 0"}
    two["predictions"] = {"where": "at 1", "count": 3.0}
    helped(two, "kind", "nudge")
    both = merged(one, two)
    assert both["exercises"]["slope"] == one["exercises"]["slope"] | {"answer": "mine"}
    assert both["exercises"]["kind"]["help"] == ["nudge"]
    assert both["predictions"] == {"where": "at 0", "count": 3.0}
    assert merged(both, two) == both


def test_what_is_valid_is_kept():
    raw = _document(2.0) | {"states": [], "predictions": {"where": "at 0"}}
    raw["exercises"]["bad"] = {"points": "many"}
    raw["exercises"]["cheat"] = {"points": float("inf")}
    document, whole = cleaned(raw, "toy", "1")
    assert not whole
    assert set(document["exercises"]) == {"slope"}
    assert document["predictions"] == {"where": "at 0"}


NO_DOCUMENTS = [b"", b"{", b"[]", b"{}", b'{"schema": "1"}', b'{"schema": true}', b"\xff\xfe", "[" * 10**5]


@pytest.mark.parametrize("data", NO_DOCUMENTS)
def test_no_document(data):
    with pytest.raises(ValueError, match="progress"):
        parsed(data)


def test_too_large():
    with pytest.raises(ValueError, match="bytes"):
        parsed(b" " * (MAX_BYTES + 1))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(["exercises", "predictions", "states"]), JSON))
def test_any_json_is_cleaned_to_a_document_that_stays(raw):
    raw = parsed(json.dumps(raw | {"schema": 1}))
    document, _ = cleaned(raw, "toy", "1")
    again, whole = cleaned(parsed(json.dumps(document)), "toy", "1")
    assert whole and again == document
