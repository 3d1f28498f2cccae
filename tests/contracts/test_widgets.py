"""What every widget owes, whatever it shows: one list of cases, one list of promises."""

from __future__ import annotations

import base64
import csv
import gc
import io
import threading
import weakref
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from ipywidgets.widgets import widget as registry
from PIL import Image

import lyaplab as ll
from lyaplab.widgets import WIDGETS
from lyaplab.widgets._style import style


@ll.map
def tent(x, slope=1.8):
    return slope * min(x, 1 - x)


@ll.map
def henon(x, y, a=1.4, b=0.3):
    return 1 - a * x * x + y, b * x


# data of one's own, of which there are no shipped runs
waves = ll.data.from_array(np.sin(0.3 * np.arange(900.0)[:, None] + [0.0, 1.5]), names=("a", "b"))

# widget, system, its arguments, a knob and where to turn it
CASES = {
    "cobweb-logistic": ("Cobweb", "logistic", {"r": 3.2}, "r", 3.7),
    "cobweb-tanh": ("Cobweb", "tanh", {"w": 2.0, "x0": 0.2}, "w", 0.5),
    "cobweb-own": ("Cobweb", tent, {}, "slope", 0.7),
    "plane-tanh": ("PhasePlane", "tanh", {"w11": 1.6, "w12": -0.4, "w21": 0.3, "w22": 1.7}, "w11", 0.3),
    "plane-rate": ("PhasePlane", "rate", {"w11": 1.6, "w12": -0.4, "w21": 0.3, "w22": 1.7}, "w11", 0.3),
    "cobweb-gru": ("Cobweb", "gru", {"w_n": 4.0, "x0": 0.2}, "w_n", -8.0),
    "plane-lstm": ("PhasePlane", "lstm", {"w_g": 4.0, "w_o": 1.0, "b_f": 1.0}, "w_g", 0.5),
    "plane-own": ("PhasePlane", henon, {}, "a", 0.2),
    "space-tanh": ("StateSpace", "tanh", {"azimuth": -60.0, "starts": 2, "steps": 300}, "gain", 1.1),
    "space-lorenz": ("StateSpace", "lorenz63", {"rho": 28.0, "steps": 500}, "rho", 14.0),
    "space-own": ("StateSpace", henon, {}, "a", 0.2),
    "chaos-tanh": ("ChaosTransition", "tanh", {"n": 30, "gain": 1.5}, "gain", 0.9),
    "chaos-rate": ("ChaosTransition", "rate", {"n": 12, "gain": 2.0, "steps": 200, "warmup": 100}, "gain", 0.8),
    "bifurcation-logistic": ("Bifurcation", "logistic", {"span": [2.8, 4.0]}, "r", 3.7),
    "bifurcation-tanh": ("Bifurcation", "tanh", {"w": 2.0, "over": "b", "orbits": "down"}, "w", 0.5),
    "bifurcation-own": ("Bifurcation", henon, {"over": "b"}, "a", 0.2),
    "meter-henon": ("SpectrumMeter", "henon", {"now": 4, "scale": "all"}, "a", 1.2),
    "meter-tanh": ("SpectrumMeter", "tanh", {"n": 20, "gain": 1.8, "amplitude": 0.3}, "gain", 0.9),
    "meter-lstm": ("SpectrumMeter", "lstm", {"n": 6}, "gain", 2.0),
    "meter-own": ("SpectrumMeter", henon, {}, "b", 0.2),
    "lag-tanh": ("GradientLag", "tanh", {"preset": "chaos", "box": 10, "forward": 3, "backward": 10}, "w11", 1.1),
    "lag-gru": ("GradientLag", "gru", {"n": 6, "clip": 0.5, "truncate": 7}, "gain", 2.0),
    "outlier-one": ("OutlierLab", "linear", {"n": 20, "updates": 60, "t": 31}, "g", 0.4),
    "outlier-pair": (
        "OutlierLab", "linear", {"preset": "oscillator", "n": 10, "updates": 60, "pace": "limited"}, "angle", 30.0,
    ),
    "lag-own": ("GradientLag", henon, {"forward": 10, "backward": 10, "side": "left"}, "a", 0.2),
    "lab-lorenz": ("ForcingLab", "lorenz63", {"seed": 1, "moment": 10.0}, "tau", 76),
    "lab-own": ("ForcingLab", waves, {"tau": 5, "on_top": True}, "tau", 8),
}


@pytest.fixture(autouse=True)
def errors_are_raised(monkeypatch):
    monkeypatch.setenv("LYAPLAB_RAISE", "1")


@pytest.fixture(params=CASES.values(), ids=CASES)
def case(request):
    name, system, arguments, knob, value = request.param
    view = getattr(ll, name)(system, **arguments)
    yield view, system, knob, value
    view.close()


def finished(view):
    """The widget, once the work that it begins by itself is done."""
    view.settle()
    for run in view._runs:
        assert run.wait(120)
    return view


def same(view, other):
    """Whether two widgets show the same numbers; a raster is as fine as its machine had time for."""
    wanted, found = finished(view).numbers(), finished(other).numbers()
    assert wanted.keys() == found.keys()
    return all(close(wanted[name], found[name]) for name in wanted if not name.startswith("basin"))


def close(a, b):
    return np.allclose(a, b, rtol=1e-9, atol=1e-12, equal_nan=True)


def test_every_widget_has_a_case():
    assert {widget for widget, *_ in CASES.values()} == set(WIDGETS)


def test_the_state_brings_the_picture_back(case):
    view, system, knob, value = case
    setattr(view, knob, value)
    other = type(view).__mro__[1](system)
    other.state = view.state
    assert other.state == view.state
    assert same(view, other)
    other.close()


def test_the_link_brings_the_picture_back(case):
    view, system, knob, value = case
    setattr(view, knob, value)
    if not isinstance(system, str):
        with pytest.raises(ValueError, match="own"):
            view.link()
        return
    again = ll.open(view.link())
    assert again.state == view.state
    assert same(view, again)
    again.close()


def test_undo_and_reset_go_back(case):
    view, _, knob, value = case
    first, before = view.state, finished(view).numbers()
    setattr(view, knob, value)
    turned = view.state
    assert turned != first
    view.undo()
    assert view.state == first
    setattr(view, knob, value)
    view.reset()
    assert view.state == first
    after = finished(view).numbers()
    assert all(close(before[name], values) for name, values in after.items() if not name.startswith("basin"))
    view.undo()
    assert view.state == turned


def test_the_words_are_there_and_follow(case):
    view, _, knob, value = case
    before = view.describe()
    setattr(view, knob, value)
    after = view.describe()
    assert len(before) > 40
    assert before != after
    assert "<" not in after


def test_the_code_makes_the_numbers_without_the_widget(case):
    view, system, knob, value = case
    setattr(view, knob, value)
    finished(view)
    with view._lock:  # no partial result of long work may come between the two
        code, wanted = view.code(), view.numbers()
    assert not any(name in code for name in WIDGETS)
    names = {} if isinstance(system, str) else {system.name: system}
    exec(compile(code, "code of a widget", "exec"), names)
    assert wanted
    for name, values in wanted.items():
        assert close(values, names[name]), name


def test_the_picture_can_be_saved(case, tmp_path):
    view = finished(case[0])
    svg = ElementTree.parse(view.save(tmp_path / "picture.svg")).getroot()
    assert svg.tag.endswith("svg")
    assert view.describe()[:20] in "".join(svg.itertext())
    picture = Image.open(view.save(tmp_path / "picture.png"))
    assert len(picture.convert("RGB").getcolors(1 << 24)) > 3
    dark = Image.open(view.save(tmp_path / "dark.png", theme="dark")).convert("L")
    assert np.asarray(dark).mean() < 128 < np.asarray(picture.convert("L")).mean()
    rows = list(csv.reader(view.save(tmp_path / "numbers.csv").read_text("utf-8").splitlines()))
    assert len(rows) > 10
    assert {len(row) for row in rows} == {len(rows[0])}


def test_the_static_face_is_a_picture_and_its_words(case):
    view = finished(case[0])
    bundle = view._repr_mimebundle_()
    assert bundle["text/plain"] == view.describe()
    Image.open(io.BytesIO(base64.b64decode(bundle["image/png"]))).verify()


def test_a_widget_embeds_and_is_heard(case):
    import ipywidgets as W

    view, _, knob, value = case
    heard = []
    tab = W.Tab([W.VBox([view]), W.Label("beside")])
    view.observe(lambda change: heard.append(change["new"]), knob)
    setattr(view, knob, value)
    assert heard == [value]
    tab.close()


def test_closing_leaves_nothing(case):
    made, system, knob, value = case
    finished(made).settle()  # what is under way in this one would begin threads later
    style()  # shared by all widgets, stays
    threads, models = set(threading.enumerate()), set(registry._instances)
    view = type(made).__mro__[1](system)
    setattr(view, knob, value)
    view.settle()
    view.close()
    view.close()  # a second time does nothing
    assert set(threading.enumerate()) <= threads
    left = [type(registry._instances[key]).__name__ for key in set(registry._instances) - models]
    assert left == []
    ghost = weakref.ref(view)
    del view
    gc.collect()
    assert ghost() is None
