"""Links: a round trip for plain data, a clear word for everything else."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lyaplab.widgets._link import MAX_CHARACTERS, PREFIX, decode, encode

STATE = {"widget": "Cobweb", "version": 1, "params": {"cell": "logistic", "r": 3.2}, "view": {"x0": 0.1}}

scalars = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9) | st.text(max_size=20)
states = st.fixed_dictionaries(
    {
        "widget": st.text(max_size=20),
        "version": st.integers(0, 9),
        "params": st.dictionaries(st.text(max_size=8), scalars, max_size=5),
        "view": st.dictionaries(st.text(max_size=8), scalars | st.lists(scalars, max_size=3), max_size=5),
    }
)


def packed(value) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return PREFIX + base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@given(states)
def test_plain_states_survive(state):
    assert decode(encode(state)) == state


@given(st.text(max_size=200))
def test_any_text_after_the_prefix_is_refused_or_plain(text):
    try:
        state = decode(PREFIX + text)
    except ValueError:
        return
    assert set(state) == set(STATE)


def test_white_space_that_mail_adds_is_ignored():
    link = encode(STATE)
    assert decode(f"  {link[:30]}\n {link[30:]}\n") == STATE


@pytest.mark.parametrize(
    ("link", "message"),
    [
        ("", "begins with"),
        ("https://example.org", "begins with"),
        ("lyaplab:v2:abc", "begins with"),
        (PREFIX + "a", "damaged"),
        (PREFIX + "ä", "damaged"),
        (packed("{"), "JSON"),
        (packed("[" * 5000), "JSON|exactly"),
        (packed('{"widget":"Cobweb","version":1,"params":{"r":NaN},"view":{}}'), "JSON"),
        (packed('{"widget":"Cobweb","version":1,"params":{"r":1e999},"view":{}}'), "finite"),
        (packed({**STATE, "params": {"r": 10**400}}), "finite"),
        (packed([1, 2]), "exactly"),
        (packed({**STATE, "code": "print(1)"}), "exactly"),
        (packed({key: STATE[key] for key in ("widget", "version", "params")}), "exactly"),
        (packed({**STATE, "view": {"a": [[[[[[[1]]]]]]]}}), "deep"),
        (packed({**STATE, "view": {"a": "x" * 1000}}), "text of 1000"),
        (packed({**STATE, "view": {"a": list(range(1000))}}), "1000 entries"),
        (PREFIX + "A" * MAX_CHARACTERS, "too long"),
        (" " * 10**6, "too long"),
    ],
)
def test_a_bad_link_is_refused_with_a_clear_word(link, message):
    with pytest.raises(ValueError, match=message):
        decode(link)


def test_a_link_must_be_text():
    with pytest.raises(TypeError, match="text"):
        decode(b"lyaplab:v1:")


def test_a_state_too_large_for_a_link_says_how_to_keep_it():
    large = {**STATE, "params": {f"a long name of parameter {i}": 1 / 3 for i in range(390)}}
    with pytest.raises(ValueError, match="save"):
        encode(large)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1: 2}, b"bytes"])
def test_what_is_not_plain_does_not_get_into_a_link(value):
    with pytest.raises(ValueError, match="expected"):
        encode({**STATE, "view": {"a": value}})
