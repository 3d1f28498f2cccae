"""Points keep their names from frame to frame."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lyaplab.widgets._letters import kept_letters, letter

PLACES = np.array([[0.0, 0.0], [0.5, 0.0], [0.5, 0.5]])


def test_without_a_frame_before_points_are_named_in_order():
    assert kept_letters(PLACES, np.empty((0, 2)), ()) == ("A", "B", "C")
    assert kept_letters(np.empty((0, 2)), PLACES, ("A", "B", "C")) == ()


@given(st.permutations(range(3)), st.integers(0, 2**32))
def test_names_go_with_the_points_in_whatever_order_they_come(order, seed):
    moved = PLACES + np.random.default_rng(seed).uniform(-0.05, 0.05, PLACES.shape)
    names = kept_letters(moved[list(order)], PLACES, ("D", "A", "B"))
    assert names == tuple(("D", "A", "B")[i] for i in order)


def test_a_new_point_gets_a_letter_that_nobody_had():
    assert kept_letters(PLACES, PLACES[1:], ("A", "C")) == ("B", "A", "C")
    # one goes, another comes far away: it is another
    assert kept_letters(np.array([[9.0, 9.0], [0.5, 0.5]]), PLACES, ("A", "B", "C")) == ("D", "C")


def test_distance_is_what_the_eye_sees():
    # along x the window is a hundred wide: a step of ten is near
    assert kept_letters(np.array([[10.0, 0.0]]), np.zeros((1, 2)), ("Q",), unit=[100.0, 1.0]) == ("Q",)
    assert kept_letters(np.array([[10.0, 0.0]]), np.zeros((1, 2)), ("Q",), unit=[10.0, 1.0]) == ("A",)


def test_there_are_more_names_than_letters():
    assert kept_letters(np.zeros((30, 2)), np.empty((0, 2)), ())[25:28] == ("Z", "27", "28")
    assert letter(3) == "D"
