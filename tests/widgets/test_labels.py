"""Labels beside points: off what is grabbed, inside the plot, across as few lines as can be."""

from __future__ import annotations

import pytest

from lyaplab.widgets._labels import Labels
from lyaplab.widgets._stage import Axis, Stage


@pytest.fixture
def stage():
    stage = Stage(x=Axis("x", 0, 10), y=Axis("y", 0, 10), width=468, height=452)  # a plot of 400 by 400
    stage.line("curve", role="first")
    stage.handle("start", role="start")
    yield stage
    stage.close()


def test_where_all_is_free_a_label_stands_below(stage):
    labels = Labels(stage, "tags", lines={"curve": 4.0})
    labels.show([5.0], [5.0], ["slope"])
    assert labels.spots == ("below",)


def test_a_line_a_handle_an_edge_and_a_label_are_avoided(stage):
    labels = Labels(stage, "tags", lines={"curve": 4.0})
    stage.show("curve", [0.0, 10.0], [4.65, 4.65])  # one long piece, just below the point
    labels.show([5.0], [5.0], ["slope"])
    assert labels.spots == ("right",)
    stage.show("curve", [], [])
    stage.show("start", 5.6, 4.6)
    labels.show([5.0], [5.0], ["slope"])
    assert labels.spots[0] in ("above left", "above")
    stage.hide("start")
    labels.show([9.9, 0.1], [0.1, 9.9], ["slope", "slope"])
    assert labels.spots == ("above left", "below")
    labels.show([5.0, 5.2], [5.0, 5.0], ["slope", "slope"])
    assert labels.spots[0] != labels.spots[1]


def test_a_line_with_gaps_and_no_line_are_no_matter(stage):
    labels = Labels(stage, "tags", lines={"curve": 4.0})
    stage.show("curve", [0.0, 1.0, float("nan"), 9.0], [1.0, 1.0, float("nan"), 9.0])
    labels.show([5.0], [5.0], ["slope"])
    labels.show([], [], [])
    assert labels.spots == ()
