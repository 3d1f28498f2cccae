"""Orbit diagrams: the columns are what following each orbit alone gives, and doublings lie where theory says."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lyaplab as ll
from lyaplab.engine.sweep_rows import RowSweep

QUICK = {"steps": 400, "warmup": 400, "keep": 32}


@ll.map(start=(0.3,))
def quadratic(x, c=1.0):
    """Fold a line: x' = 1 - c x²."""
    return 1.0 - c * x * x


def iterated(r: float, steps: int, x: float = 0.3) -> np.ndarray:
    """The logistic map in NumPy."""
    states = np.empty(steps)
    for t in range(steps):
        states[t] = x
        x = r * x * (1.0 - x)
    return states


def test_short_columns_equal_plain_iteration():
    values = np.linspace(2.5, 4.0, 61)
    diagram = ll.Model("logistic").bifurcation("r", values, steps=20, warmup=5, keep=15)
    assert diagram.states.shape == (61, 15) and diagram.done == 1.0 and diagram.unit == "step"
    for r, column in zip(values, diagram.states, strict=True):
        np.testing.assert_allclose(column, iterated(r, 25)[-15:], rtol=1e-12 if r < 3.5 else 1e-8)


def test_long_columns_of_cycles_equal_plain_iteration():
    values = [2.8, 3.2, 3.5, 3.83]
    diagram = ll.Model("logistic").bifurcation("r", values)
    np.testing.assert_array_equal(diagram.periods, [1, 2, 4, 3])
    for r, column in zip(values, diagram.states, strict=True):
        np.testing.assert_allclose(column, iterated(r, 2000)[-200:], rtol=1e-12)
    exact = [np.log(0.8), 0.5 * np.log(abs(4 + 2 * 3.2 - 3.2**2))]
    np.testing.assert_allclose(diagram.exponents[:2], exact, atol=1e-9)


CASES = [
    ("logistic", {}, "r", [2.9, 3.4, 3.7, 4.0], 0.02),
    ("tent", {}, "mu", [1.2, 1.5, 1.9], 1e-9),
    ("henon", {}, "a", [0.3, 1.0, 1.4], 0.01),
    ("tanh", {"preset": "chaos"}, "w11", [0.3, 1.2], 0.01),
    ("tanh", {"n": 6, "seed": 2}, "gain", [0.5, 1.5], 0.01),
]


@pytest.mark.parametrize(("name", "made", "param", "values", "near"), CASES)
def test_exponents_are_those_of_the_spectrum(name, made, param, values, near):
    net = ll.Model(name, **made)
    if param not in net.knobs and param not in net.settings:
        param = next(iter(net.knobs))
    diagram = net.bifurcation(param, values, steps=20_000, warmup=1000, keep=10)
    for value, exponent in zip(values, diagram.exponents, strict=True):
        single = ll.Model(name, **{**made, param: value}) if param == "gain" else net.with_knobs(**{param: value})
        # Without its preset a model would start elsewhere, perhaps on a coexisting attractor.
        expected = single.lyapunov_spectrum(20_000, k=1, x0=net.start, warmup=1000).exponents[0]
        assert exponent == pytest.approx(expected, abs=near)


@pytest.mark.parametrize("param", ["w12", "b2"])
def test_columns_of_a_network_equal_single_orbits(param):
    net = ll.Model("tanh", W=[[0.9, -0.7], [0.7, 0.9]], b=[0.1, 0.0])
    values = np.linspace(-1.0, 1.0, 9)
    diagram = net.bifurcation(param, values, axis="h2", steps=30, warmup=10, keep=20)
    for value, column in zip(values, diagram.states, strict=True):
        alone = net.with_knobs(**{param: value}).orbit(20, warmup=20)
        np.testing.assert_allclose(column, alone[:, 1], rtol=1e-10, atol=1e-12)


def test_a_dead_tangent_gives_minus_infinity():
    # The fixed point of r = 2 is 1/2, where the slope is 0.
    assert ll.Model("logistic").bifurcation("r", [2.0, 2.1], x0=[0.5]).exponents[0] == -np.inf


def test_periods_of_henon_and_of_an_own_map():
    np.testing.assert_array_equal(ll.bifurcation(ll.Model("henon"), "a", [0.2, 0.7, 1.0, 1.25, 1.4]).periods,
                                  [1, 2, 4, 7, 0])  # fmt: skip
    own = ll.bifurcation(ll.Model(quadratic), "c", [0.5, 1.0, 1.3, 1.7548776662])
    np.testing.assert_array_equal(own.periods, [1, 2, 4, 3])


def test_tangents_of_an_own_map_grow_for_long():
    @ll.map(start=(0.3,))
    def quartic(x, c=1.0):
        return 1.0 - c * x * x * x * x

    # Its derivative is taken by complex step, which is exact only as long as the tangent is not too long.
    diagram = ll.bifurcation(ll.Model(quartic), "c", [1.8, 1.95], steps=1000, warmup=1000, keep=1000)
    slopes = -4.0 * diagram.values[:, None] * diagram.states**3
    np.testing.assert_allclose(diagram.exponents, np.log(np.abs(slopes)).mean(axis=1), atol=1e-9)
    assert (diagram.exponents > 0.2).all()


def test_tangents_outlast_an_odd_number_of_steps_without_them():
    net = ll.Model("logistic", r=3.2)
    rows = RowSweep(net.cell, net._p, x0=np.array([[0.3]]), inputs=np.empty(0))
    rows._V[1] = 0.0  # what memory that nobody has written to may hold
    rows.advance(7, tangents=False)
    rows.advance(1000)
    assert rows.growth[0] / 1000 == pytest.approx(0.5 * np.log(abs(4 + 2 * 3.2 - 3.2**2)), abs=0.01)


def test_the_diagram_doubles_where_theory_says():
    r1, r2, r3 = ll.theory.doublings(3)
    gap = 0.004
    values = [r1 - gap, r1 + gap, r2 - gap, r2 + gap, r3 - gap / 4, r3 + gap / 4]
    diagram = ll.Model("logistic").bifurcation("r", values, warmup=20_000)
    np.testing.assert_array_equal(diagram.periods, [1, 2, 2, 4, 4, 8])


def test_divergent_columns_are_marked_and_disturb_nobody():
    values = np.linspace(3.5, 5.0, 40)
    net = ll.Model("logistic")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        diagram = net.bifurcation("r", values, **QUICK)
        calm = net.bifurcation("r", values[values <= 4.0], **QUICK)
    gone = diagram.left >= 0
    np.testing.assert_array_equal(gone, values > 4.0)
    for r, step in zip(values[gone], diagram.left[gone], strict=True):
        with pytest.raises(ll.DivergenceError) as error:
            ll.Model("logistic", r=r).orbit(2000)
        # Escape through the gap about 1/2 is chaotic: only far beyond r = 4 do roundings not count.
        assert error.value.step == step or r < 4.3
    assert np.isnan(diagram.states[gone]).all() and np.isnan(diagram.exponents[gone]).all()
    assert (diagram.periods[gone] == -1).all()
    np.testing.assert_allclose(diagram.exponents[~gone], calm.exponents, atol=0.05)
    np.testing.assert_array_equal(diagram.periods[~gone], calm.periods)


def test_hysteresis_ends_where_the_saddle_nodes_are():
    fold = ll.theory.saddle_node_bias(2.0)
    values = np.linspace(-0.8, 0.8, 161)
    net = ll.Model("tanh", w=2.0, b=0.0)
    up, down = (net.bifurcation("b", values, follow=way, **QUICK) for way in ("up", "down"))
    jump_up = values[np.argmax(up.states[:, -1] > 0.0)]
    jump_down = values[np.argmax(down.states[:, -1] > 0.0)]
    assert jump_up == pytest.approx(fold, abs=0.0101) and jump_down == pytest.approx(-fold, abs=0.0101)
    np.testing.assert_allclose(down.states[::-1, -1], -up.states[:, -1], atol=1e-9)
    # A single start sees one branch, two see both.
    both = net.bifurcation("b", values, x0=[[-1.0], [1.0]], **QUICK)
    assert both.states.shape == (161, 2, 32) and both.exponents.shape == (161, 2)
    np.testing.assert_allclose(both.states[:, 0, -1], up.states[:, -1], atol=1e-6)
    np.testing.assert_allclose(both.states[:, 1, -1], down.states[:, -1], atol=1e-6)


def test_loops_of_roessler():
    diagram = ll.bifurcation(ll.Model("roessler"), "c", [2.5, 3.5, 4.0], keep=40)
    np.testing.assert_array_equal(diagram.periods, [1, 2, 4])
    assert diagram.unit == "time" and np.abs(diagram.exponents).max() < 0.01
    passes = ll.Model("roessler", c=3.5).section("x", "maxima", steps=20_000, warmup=20_000)
    np.testing.assert_allclose(sorted(set(diagram.states[1].round(3))), sorted(set(passes.points[:, 0].round(3))))


def test_a_flow_at_rest_shows_where():
    diagram = ll.bifurcation(ll.Model("rate", w=0.5, b=0.0), "w", [0.5, 2.0])
    rest = ll.Model("rate", w=2.0, b=0.0).fixed_points().points.max()
    np.testing.assert_allclose(np.abs(diagram.states[:, 0]), [0.0, rest], atol=1e-6)
    np.testing.assert_array_equal(diagram.periods, [1, 1])


def test_an_own_cell_whose_rows_share_parameters():
    def step(q, x, u, y, w):
        for row in range(x.shape[0]):
            y[row, 0] = q[0][0] * x[row, 0] * (1.0 - x[row, 0])

    card = ll.Card(parameters=(ll.Parameter("r", (), (0.0, 4.0), 3.0),), state=("x",), size=1, start=(0.3,))
    cell = ll.Cell("shared", step=step, size=(1, 0, 0), card=card)
    diagram = ll.Model(cell).bifurcation("r", [2.8, 3.2, 3.5], **QUICK)
    np.testing.assert_array_equal(diagram.periods, [1, 2, 4])
    assert diagram.exponents[0] == pytest.approx(np.log(0.8), abs=1e-6)


def test_pieces_files_and_tables(tmp_path):
    net = ll.Model("henon")
    *parts, whole = net.iter_bifurcation("a", np.linspace(0.0, 1.4, 3000), steps=2000, warmup=2000)
    assert whole.done == 1.0 and len(whole) == 3000 and "chaotic" in repr(whole)
    shares = [part.done for part in parts]
    assert shares == sorted(shares)
    for part in parts:
        ready = round(part.done * 3000)
        np.testing.assert_array_equal(part.states[:ready], whole.states[:ready])
        assert np.isnan(part.states[ready:]).all()
    whole.save(tmp_path / "diagram.npz")
    back = type(whole).load(tmp_path / "diagram.npz")
    np.testing.assert_array_equal(back.states, whole.states)
    assert back.param == "a" and back.axis == "x"
    assert list(whole.table()) == ["a", "exponent", "period", "left"]


@settings(max_examples=10, deadline=None)
@given(st.lists(st.floats(2.5, 4.0), min_size=1, max_size=8))
def test_a_column_does_not_depend_on_the_others(values):
    net = ll.Model("logistic")
    together = net.bifurcation("r", values, steps=30, warmup=0, keep=8)
    for i, value in enumerate(values):
        alone = net.bifurcation("r", [value], steps=30, warmup=0, keep=8)
        np.testing.assert_allclose(together.states[i], alone.states[0], rtol=1e-6)


NET = ll.Model("logistic")
BAD = [
    (lambda: NET.bifurcation("rr", [3.0]), ValueError, "unknown param 'rr': did you mean 'r'"),
    (lambda: NET.bifurcation("r", []), ValueError, "values must hold at least one number, got none"),
    (lambda: NET.bifurcation("r", [3.0, np.nan]), ValueError, r"values must be finite, but values\[1\] is nan"),
    (lambda: NET.bifurcation("r", [[3.0]]), ValueError, r"values must have shape \(any,\), got \(1, 1\)"),
    (lambda: NET.bifurcation("r", ["a"]), TypeError, "values must be an array of real numbers"),
    (lambda: NET.bifurcation("r", [3.0], steps=0), ValueError, "steps must be a whole number of at least 1, got 0"),
    (lambda: NET.bifurcation("r", [3.0], steps=5, keep=6), ValueError, "keep must be at most steps, 5, got 6"),
    (lambda: NET.bifurcation("r", [3.0], follow="upp"), ValueError, "unknown follow 'upp': did you mean 'up'"),
    (lambda: NET.bifurcation("r", [3.0], axis="y"), ValueError, "unknown state variable 'y'"),
    (lambda: NET.bifurcation("r", [3.0], section="maximum"), ValueError, "did you mean 'maxima'"),
    (lambda: NET.bifurcation("r", [3.0], section=3), ValueError, "section must be"),
    (lambda: ll.Model("tanh", n=5).bifurcation("n", [3, 4]), ValueError, "unknown param 'n'"),
    (lambda: ll.bifurcation("logistic", "r"), TypeError, "must be a Model, got str"),
]


@pytest.mark.parametrize(("call", "error", "text"), BAD, ids=range(len(BAD)))
def test_bad_input_is_named(call, error, text):
    with pytest.raises(error, match=text):
        call()


def test_ends_are_the_states_from_which_orbits_go_on():
    net, starts = ll.Model("tanh", preset="chaos"), np.array([[0.3, 0.3], [-0.2, 0.1]])
    diagram = net.bifurcation("w11", [-0.5, 0.3, 1.2], x0=starts, steps=10, warmup=5)
    assert diagram.ends.shape == (3, 2, 2)
    for value, ends in zip(diagram.values, diagram.ends, strict=True):
        for start, end in zip(starts, ends, strict=True):
            np.testing.assert_allclose(end, net.with_knobs(w11=value).orbit(1, x0=start, warmup=15)[0], rtol=1e-9)
    alone = ll.Model("logistic").bifurcation("r", [3.2, 4.5], **QUICK)
    assert alone.ends.shape == (2, 1) and np.isnan(alone.ends[1]).all()
    assert alone.ends[0, 0] == pytest.approx(3.2 * alone.states[0, -1] * (1 - alone.states[0, -1]), rel=1e-14)
