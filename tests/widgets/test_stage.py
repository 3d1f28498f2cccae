"""The stage: what it sends, what it keeps, and what it does with a drag."""

from __future__ import annotations

import threading
from typing import Any

import bqplot
import ipywidgets
import numpy as np
import pytest
from ipywidgets.widgets.widget import _instances

from lyaplab.widgets import _marks
from lyaplab.widgets._legend import math_html
from lyaplab.widgets._stage import Axis, Stage


@pytest.fixture
def stage():
    made = Stage(x=Axis("t", 0, 10), y=Axis("x", -1, 1), width=668, height=552)
    yield made
    made.close()


def mark(stage: Stage, index: int = 0) -> Any:
    return stage.figure.marks[index]


def sent(widget: ipywidgets.Widget) -> list[set[str]]:
    """Collect the names of the traits in each message that the widget sends from now on."""
    messages: list[set[str]] = []
    original = widget.send_state

    def listen(key: Any = None) -> None:
        if not widget._holding_sync:
            messages.append({key} if isinstance(key, str) else set(key or widget.keys))
        original(key)

    widget.send_state = listen  # type: ignore[method-assign]
    return messages


def drag(handle: Any, kind: str, index: int, x: float, y: float) -> None:
    """Say what the page says while the mouse drags a point."""
    content = {"event": kind, "index": index, "point": {"x": x, "y": y}}
    if kind == "drag_end":  # the page first writes the new place into the mark
        state = {"x": handle.x.copy(), "y": handle.y.copy()}
        state["x"][index], state["y"][index] = x, y
        handle.set_trait("x", state["x"])
        handle.set_trait("y", state["y"])
    handle._handle_custom_msg(content, [])


def test_data_go_out_once_as_float32_in_one_message(stage):
    stage.line("orbit", role="orbit")
    line = mark(stage)
    messages = sent(line)
    stage.show("orbit", [0, 5, 10], [0, 0.5, 1])
    assert messages == [{"x", "y", "visible"}]
    assert line.x.dtype == line.y.dtype == np.float32
    stage.show("orbit", [0, 5, 10], [0, 0.5, 1])
    assert len(messages) == 1
    stage.show("orbit", [0, 5, 10], [0, 0.5, np.nan])
    assert messages[1:] == [{"x", "y"}] and line.x.tolist() == [0, 5]


def test_gaps_equal_themselves(stage):
    stage.line("orbit", role="orbit")
    stage.show("orbit", [0, 1, np.nan, 2, 3], [0, 1, np.nan, 0, 1])
    messages = sent(mark(stage))
    stage.show("orbit", [0, 1, np.nan, 2, 3], [0, 1, np.nan, 0, 1])
    assert messages == []


def test_a_redraw_collects(stage):
    stage.line("orbit", role="orbit")
    line = mark(stage)
    messages = sent(line)
    with stage.redraw():
        stage.show("orbit", [0, 1], [0, 1])
        stage.show("orbit", [0, 2], [0, 1])
        assert messages == []
    assert len(messages) == 1 and line.x.tolist() == [0, 2]


def test_a_redraw_that_fails_leaves_the_old_picture(stage):
    stage.line("orbit", role="orbit")
    stage.show("orbit", [0, 1], [0, 1])
    with pytest.raises(RuntimeError), stage.redraw():
        stage.show("orbit", [5, 6], [0, 1])
        raise RuntimeError("no")
    assert mark(stage).x.tolist() == [0, 1]
    assert stage.scene().layers[0].x.tolist() == [0, 1]


def test_nothing_hides_and_something_shows_again(stage):
    stage.points("stable", role="stable")
    stage.show("stable", [1, 2], [0, 0])
    scatter = mark(stage)
    assert scatter.visible
    stage.show("stable", [], [])
    assert not scatter.visible and stage.scene().layers[0].empty
    stage.show("stable", [1, np.nan], [0, 0])
    assert scatter.visible and scatter.x.tolist() == [1]
    stage.hide("stable")
    assert not scatter.visible


def test_points_wear_a_colour_each_and_names(stage):
    stage.points("stable", role="stable", label="stable")
    stage.show("stable", [1, 2], [0, 0], roles=("basin-1", "basin-2"), names=("A", "B"))
    assert mark(stage).colors == ["var(--lyap-basin-1)", "var(--lyap-basin-2)"]
    assert mark(stage).names.tolist() == ["A", "B"]
    assert "--lyap-basin-2" in stage.legend.value


def test_the_limits_are_the_plots_edges_whatever_the_markers_radius(stage):
    scales = stage.figure.axes[0].scale, stage.figure.axes[1].scale
    assert (scales[0].min, scales[0].max) == (0, 10)
    stage.handle("start")
    stage.show("start", 5, 0)
    inset = np.sqrt(170) / 2 + 1
    # bqplot maps [min, max] to [inset, 600 - inset] pixels: the edge is then at
    unit = (scales[0].max - scales[0].min) / (600 - 2 * inset)
    assert scales[0].min - inset * unit == pytest.approx(0, abs=1e-9)
    assert scales[0].max + inset * unit == pytest.approx(10)


def test_rules_follow_the_limits(stage):
    stage.rule("zero", y=0.0)
    stage.rule("diagonal", slope=1.0)
    stage.rule("wall", x=3.0)
    stage.limits(x=(-4, 4), y=(-2, 2))
    zero, diagonal, wall = stage.scene().layers
    assert zero.x.tolist() == [-4, 4] and zero.y.tolist() == [0, 0]
    assert diagonal.y.tolist() == [-4, 4]
    assert wall.x.tolist() == [3, 3] and wall.y.tolist() == [-2, 2]
    with pytest.raises(ValueError, match="exactly one"):
        stage.rule("both", x=1, y=2)


def test_equal_axes_stay_equal_after_resizing():
    stage = Stage(x=Axis("x", -1, 1), y=Axis("y", -1, 1), width=668, height=552, equal=True)
    stage.resize(668, 352)
    scene = stage.scene()
    assert scene.y.span / scene.plot[1] == pytest.approx(scene.x.span / scene.plot[0])
    assert "aspect-ratio:668/352" in stage.legend.value
    stage.close()


def test_a_raster_swaps_its_two_images(stage):
    stage.raster("basins")
    picture = np.zeros((3, 4, 4), np.uint8)
    picture[0] = (255, 0, 0, 255)
    stage.show_raster("basins", picture)
    image = mark(stage)
    first = image.image
    assert first.value == _marks.png(picture) and list(image.x) == [0, 10] and list(image.y) == [-1, 1]
    stage.show_raster("basins", picture)
    assert image.image is first
    stage.show_raster("basins", picture.copy(), x=(0, 5))
    second = image.image
    assert second is not first and list(image.x) == [0, 5]
    stage.show_raster("basins", picture.copy())
    assert image.image is first
    with pytest.raises(ValueError, match="uint8"):
        stage.show_raster("basins", picture.astype(float))


def test_the_raster_has_its_first_row_at_the_bottom():
    import io

    from PIL import Image

    picture = np.zeros((2, 1, 4), np.uint8)
    picture[0, 0] = (10, 20, 30, 255)
    back = np.asarray(Image.open(io.BytesIO(_marks.png(picture))))
    assert back[1, 0].tolist() == [10, 20, 30, 255] and back[0, 0, 3] == 0


def test_a_band_and_words(stage):
    stage.band("sure", role="second", label="± 2 s.e.")
    stage.text("note")
    stage.show_band("sure", [0, 1, 2], [0, 0, np.nan], [1, 1, 1])
    assert mark(stage).y.shape == (2, 2) and mark(stage).fill == "between"
    stage.show_text("note", [1], [0.5], ["here"])
    assert mark(stage, 1).text.tolist() == ["here"]
    with pytest.raises(ValueError, match="a text for each point"):
        stage.show_text("note", [1], [0.5], [])


def test_a_drag_arrives_as_one_point_and_is_not_answered(stage):
    heard: list[Any] = []
    stage.handles("start", on_move=lambda *a: heard.append(a), on_release=lambda *a: heard.append(("end", *a)))
    stage.show("start", [1, 2], [0, 0])
    handle = mark(stage)
    messages = sent(handle)
    drag(handle, "drag_start", 1, 2, 0)
    drag(handle, "drag", 1, 3.0, 0.5)
    assert heard == [(1, 3.0, 0.5)]
    stage.show("start", [1, 2.9], [0, 0.4])  # a picture of a moment ago
    assert messages == []
    drag(handle, "drag_end", 1, 4.0, 0.5)
    assert heard[-1] == ("end", 1, 4.0, 0.5)
    assert stage.scene().layers[0].x.tolist() == [1, 4]
    stage.show("start", [1, 6.0], [0, 0.5])
    assert handle.x.tolist() == [1, 6]


def test_a_dragged_point_stays_inside_and_the_page_is_told(stage):
    heard: list[Any] = []
    stage.handle("start", on_move=lambda x, y: heard.append((x, y)))
    stage.show("start", 5, 0)
    handle = mark(stage)
    drag(handle, "drag_start", 0, 5, 0)
    drag(handle, "drag", 0, 50.0, -7.0)
    assert heard == [(10.0, -1.0)]
    drag(handle, "drag_end", 0, 50.0, -7.0)
    assert handle.x.tolist() == [10] and handle.y.tolist() == [-1]


def test_the_place_may_arrive_after_the_end_of_the_drag(stage):
    stage.handle("start")
    stage.show("start", 5, 0)
    handle = mark(stage)
    handle._handle_custom_msg({"event": "drag_end", "index": 0, "point": {"x": 50.0, "y": 0.5}}, [])
    assert handle.x.tolist() == [10]
    messages = sent(handle)
    handle.set_trait("x", np.array([50.0]))  # what the page wrote reaches the kernel only now
    assert handle.x.tolist() == [10] and {"x"} in messages
    handle.set_trait("y", np.array([0.5]))
    assert stage.scene().layers[0].y.tolist() == [0.5]


@pytest.mark.parametrize(
    ("along", "place"),
    [("x", (7.0, 0.0)), ("y", (5.0, 0.5)), (((0.0, 0.0), (1.0, 0.1)), (7.0 / 1.01 + 0.05 / 1.01, 0.1 * (7.05 / 1.01)))],
)
def test_a_handle_stays_on_its_line(stage, along, place):
    heard: list[Any] = []
    stage.handle("start", along=along, on_move=lambda x, y: heard.append((x, y)))
    stage.show("start", 5, 0)
    drag(mark(stage), "drag", 0, 7.0, 0.5)
    assert heard[0] == pytest.approx(place)


def test_a_handle_on_a_line_stops_where_the_line_leaves_the_plot(stage):
    heard: list[Any] = []
    stage.handle("start", along=((0.0, 0.0), (1.0, 1.0)), on_move=lambda x, y: heard.append((x, y)))
    stage.show("start", 0, 0)
    drag(mark(stage), "drag", 0, 9.0, 9.0)
    assert heard[0] == pytest.approx((1.0, 1.0))


def test_a_drag_of_a_point_that_is_gone_is_forgotten(stage):
    heard: list[Any] = []
    stage.handles("start", on_move=lambda *a: heard.append(a))
    stage.show("start", [1], [0])
    drag(mark(stage), "drag", 3, 1.0, 0.0)
    assert heard == []


def test_exceptions_go_to_whoever_asks(stage):
    def fails(x: float, y: float) -> None:
        raise RuntimeError("in the callback")

    stage.handle("start", on_move=fails)
    stage.show("start", 1, 0)
    caught: list[Exception] = []
    stage.on_error = caught.append
    drag(mark(stage), "drag", 0, 2.0, 0.0)
    assert [str(error) for error in caught] == ["in the callback"]
    stage.on_error = None
    with pytest.raises(RuntimeError, match="in the callback"):
        stage._call(fails, 1.0, 2.0)


def test_what_is_wrong_is_named(stage):
    stage.line("orbit", role="orbit")
    with pytest.raises(ValueError, match="did you mean 'orbit'"):
        stage.show("orbti", [0], [0])
    with pytest.raises(ValueError, match="already has"):
        stage.line("orbit", role="orbit")
    with pytest.raises(ValueError, match="did you mean 'stable'"):
        stage.points("p", role="stabel")
    with pytest.raises(ValueError, match="did you mean 'disc'"):
        stage.points("p", role="stable", marker="disk")
    with pytest.raises(ValueError, match="as many x as y, got 2 and 3"):
        stage.show("orbit", [0, 1], [0, 1, 2])
    with pytest.raises(ValueError, match="is a line, this shows raster"):
        stage.show_raster("orbit", None)


def test_threads_may_draw_at_the_same_time(stage):
    stage.line("orbit", role="orbit")
    errors: list[BaseException] = []

    def draw(value: float) -> None:
        try:
            for _ in range(50):
                with stage.redraw():
                    stage.show("orbit", [0, value], [0, value / 10])
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=draw, args=(float(v),)) for v in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    layer = stage.scene().layers[0]
    assert errors == [] and mark(stage).x.tolist() == layer.x.tolist()


def test_close_leaves_no_widget_behind():
    before = set(_instances)
    stage = Stage(x=Axis("t", 0, 10), y=Axis("x", -1, 1))
    stage.raster("basins")
    stage.line("orbit", role="orbit")
    stage.handle("start")
    stage.text("note")
    stage.show("start", 1, 0)
    stage.show_raster("basins", np.zeros((2, 2, 4), np.uint8))
    assert isinstance(stage.box, ipywidgets.VBox) and isinstance(stage.figure, bqplot.Figure)
    assert len(_instances) > len(before) + 10
    stage.close()
    assert [type(widget).__name__ for key, widget in _instances.items() if key not in before] == []


def test_labels_are_set_like_mathematics():
    assert math_html("x₁₂ = 0") == "<i>x</i><sub>12</sub> = 0"
    assert math_html("f(x)") == "<i>f</i>(x)"
    assert math_html("drag a start & go") == "drag a start &amp; go"
