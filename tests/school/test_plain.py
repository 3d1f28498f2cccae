from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lyaplab.school.plain import NoValue, decode

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)
KINDS = ["nothing", "number", "complex", "bool", "text", "array", "list", "function", "failure", "timeout", "large"]
FIELDS = ["value", "values", "shape", "items", "type", "text", "line", "call", "seconds"]


@given(st.fixed_dictionaries({"kind": st.sampled_from(KINDS) | JSON}, optional=dict.fromkeys(FIELDS, JSON)) | JSON)
def test_decode_reads_any_forgery(node):
    value = decode(node)
    if isinstance(value, NoValue):
        assert value.word and "\n" not in value.word


@pytest.mark.parametrize(
    "node",
    [
        {"kind": "number", "value": True},
        {"kind": "number", "value": "1.0"},
        {"kind": "number", "value": 10**400},
        {"kind": "array", "shape": [2], "type": "real", "values": [1.0]},
        {"kind": "array", "shape": [-1], "type": "real", "values": [1.0]},
        {"kind": "array", "shape": [1], "type": "other", "values": [1.0]},
        {"kind": "array", "shape": [1], "type": "real", "values": [[1.0]]},
        {"kind": "large", "shape": "abc"},
        {"kind": []},
        None,
    ],
)
def test_garbled_nodes(node):
    assert decode(node).kind == "garbled"
