"""The stage in a real page: what is where, that a drag arrives as one point, that both themes are worn."""

from __future__ import annotations

import pytest

SCENE = """
import numpy as np, ipywidgets as W
from lyaplab.widgets._palette import tint
from lyaplab.widgets._shapes import arrows, contours
from lyaplab.widgets._stage import Axis, Stage
from lyaplab.widgets._style import style

W12 = np.array([[1.6, -0.4], [0.3, 1.7]])
def speed(x):
    return -x + np.tanh(x @ W12.T)

stage = Stage(x=Axis("x₁", -1.4, 1.4), y=Axis("x₂", -1.0, 1.0), width=600, height=500, equal=True)
stage.raster("basins")
stage.line("field", role="arrow", width=1.1, table=False)
stage.line("first", role="first", label="x₁′ = 0", width=2.2)
stage.line("second", role="second", label="x₂′ = 0", width=2.2, dashed=True)
stage.line("orbit", role="orbit", width=2.6)
stage.dots("steps", role="orbit")
stage.points("stable", role="stable", label="stable")
stage.points("saddle", role="saddle", marker="diamond", label="saddle", on_click=lambda i: heard.append(("click", i)))
stage.points("unstable", role="unstable", marker="square", label="unstable")
released = lambda *a: heard.append(("release", *a))
stage.handles("start", label="drag a start", on_move=lambda *a: moved(*a), on_release=released)
stage.text("note", dx=12, dy=-10)
heard = []
moves = []

def path(x):
    rows = [np.array(x)]
    for _ in range(400):
        rows.append(rows[-1] + 0.05 * speed(rows[-1]))
    return np.array(rows)

def moved(i, x, y):
    moves.append((i, x, y))
    rows = path((x, y))
    with stage.redraw():
        stage.show("orbit", rows[:, 0], rows[:, 1])
        stage.show("start", [x, 0.9], [y, 0.5], names=("1", "2"))

scene = stage.scene()
gx, gy = np.linspace(-1.4, 1.4, 121), np.linspace(scene.y.low, scene.y.high, 101)
mesh = np.stack(np.meshgrid(gx, gy), -1)
v = speed(mesh.reshape(-1, 2)).reshape(mesh.shape)
ax, ay = np.linspace(-1.4, 1.4, 22)[1:-1], np.linspace(scene.y.low, scene.y.high, 19)[1:-1]
p = np.stack(np.meshgrid(ax, ay), -1).reshape(-1, 2)
with stage.redraw():
    stage.show("field", *arrows(p, speed(p), length=0.12))
    stage.show("first", *contours(gx, gy, v[..., 0]))
    stage.show("second", *contours(gx, gy, v[..., 1]))
    sign = (mesh[..., 0] * 0.33 + mesh[..., 1] > 0).astype(int)
    stage.show_raster("basins", np.array([tint("basin-2"), tint("basin-1")], np.uint8)[sign])
    stage.show("stable", [-0.815, 0.815], [0.82, -0.82], roles=("basin-1", "basin-2"))
    stage.show("saddle", [-0.64, 0.64], [0.285, -0.285])
    stage.show("unstable", 0.0, 0.0)
    stage.show_text("note", [0.0], [0.0], ["origin"])
moved(0, -1.1, 0.55)
moves.clear()
box = W.VBox([style(), stage.box]); box.add_class("lyap"); box.add_class("lyap-card")
box.layout.max_width = "620px"
box
"""


def heard(page) -> list:
    """What the stage has told last; the page's message may still be under way."""
    for _ in range(100):
        if told := page.python("heard"):
            return told[-1]
        page.page.wait_for_timeout(50)
    raise AssertionError("the stage has told nothing")


def test_portraits(notebook):
    page = notebook([SCENE])
    page.find(".lyap-figure .object_grp").first.wait_for()
    page.portraits("stage", ".lyap-card")
    page.assert_clean()


def test_a_drag_arrives_as_points_and_the_orbit_follows(notebook):
    page = notebook([SCENE])
    handle = page.find(".lyap-figure .dot[style*='--lyap-grip']").first
    handle.wait_for()
    orbit = page.find(".lyap-figure .curve .line").nth(3)
    before = orbit.get_attribute("d")
    page.drag(handle, 120, 40)
    page.page.wait_for_function("([e, d]) => e.getAttribute('d') !== d", arg=[orbit.element_handle(), before])
    kind, index, x, y = heard(page)
    assert (kind, index) == ("release", 0)
    # 532 pixels are 2.8 units, on both axes
    assert x == pytest.approx(-1.1 + 120 * 2.8 / 532, abs=0.02)
    assert y == pytest.approx(0.55 - 40 * 2.8 / 532, abs=0.02)
    assert page.python("len(moves)") > 3
    assert page.python("stage.scene().layers[9].x[0]") == x
    page.shot("stage-dragged", ".lyap-card")
    page.assert_clean()


def test_a_point_dragged_out_of_the_plot_comes_back_to_its_edge(notebook):
    page = notebook([SCENE])
    handle = page.find(".lyap-figure .dot[style*='--lyap-grip']").first
    handle.wait_for()
    page.drag(handle, -400, 0)
    assert heard(page)[2] == -1.4
    # the answer comes a moment later: the dot goes where the kernel says
    page.page.wait_for_function(
        """([dot, plot]) => {
          const [a, b] = [dot.getBoundingClientRect(), plot.getBoundingClientRect()];
          return Math.abs(a.x + a.width / 2 - b.x) < 2;
        }""",
        arg=[handle.element_handle(), page.find(".lyap-figure .plotarea_events").element_handle()],
    )


def test_the_plots_edges_are_the_limits_and_circles_are_round(notebook):
    page = notebook([SCENE])
    saddles = page.find(".lyap-figure .object_grp")
    saddles.first.wait_for()
    plot = page.find(".lyap-figure .plotarea_events").bounding_box()
    boxes = [saddles.nth(i).locator("path").bounding_box() for i in (0, 1)]
    centres = [(b["x"] + b["width"] / 2, b["y"] + b["height"] / 2) for b in boxes]
    unit = plot["width"] / 2.8
    assert centres[1][0] - centres[0][0] == pytest.approx(1.63 * unit, abs=1.5)
    assert centres[1][1] - centres[0][1] == pytest.approx(1.64 * unit, abs=1.5)
    assert centres[0][0] - plot["x"] == pytest.approx((1.4 - 0.815) * unit, abs=1.5)


def test_a_click_on_a_marker_names_it(notebook):
    page = notebook([SCENE])
    diamonds = page.find(".lyap-figure .dot[style*='--lyap-saddle']")
    diamonds.nth(1).wait_for()
    diamonds.nth(1).click()
    assert heard(page) == ["click", 1]
