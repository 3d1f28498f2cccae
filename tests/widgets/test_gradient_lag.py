"""Gradients against lag: both ends of the chain are one product, and it is the engine's, and pencil and paper's."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ipywidgets.widgets import widget as registry

import lyaplab as ll
from lyaplab.engine.regime import regime
from lyaplab.widgets._chain import BOXES, Chain, grow, multiplied
from lyaplab.widgets._growthplane import taken
from lyaplab.widgets._lagsystem import REGIMES, LagSystem
from lyaplab.widgets._lossplane import HORIZONS

CAT = math.log((3.0 + math.sqrt(5.0)) / 2.0)


@pytest.fixture(autouse=True)
def errors_are_raised(monkeypatch):
    monkeypatch.setenv("LYAPLAB_RAISE", "1")


@pytest.fixture
def chaos():
    view = ll.GradientLag("tanh", preset="chaos", box=10)
    yield view
    view.close()


def layer(stage, name):
    return next(layer for layer in stage.scene().layers if layer.name == name)


# --- the product -------------------------------------------------------------------------------------


@given(st.integers(1, 30), st.integers(1, 4), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_the_product_in_pieces_is_the_product(length, d, seed):
    factors = np.random.default_rng(seed).standard_normal((BOXES * length, d, d))
    vector = np.random.default_rng(seed + 1).standard_normal(d)
    growing = grow(factors, vector)
    product, norms, lengths = np.eye(d), [0.0], [math.log(np.linalg.norm(vector))]
    for factor in factors:
        product = factor @ product
        norms.append(math.log(np.linalg.norm(product, 2)))
        lengths.append(math.log(np.linalg.norm(product @ vector)))
    assert growing.log_norms == pytest.approx(np.array(norms)[growing.lags], abs=1e-9)
    assert growing.log_lengths == pytest.approx(lengths, abs=1e-6)  # a vector may meet what has all but vanished
    assert growing.after(BOXES) == pytest.approx(norms[-1], abs=1e-9)
    whole, log = multiplied(factors[None])
    assert log[0] + math.log(np.linalg.norm(whole[0], 2)) == pytest.approx(norms[-1], abs=1e-9)


def test_the_cat_map_grows_by_its_eigenvalue_at_every_step_beyond_all_floats():
    chain = Chain(ll.Model("cat_map"), np.array([0.1, 0.2]), warmup=0, box=1000)
    for growing in (chain.forward, chain.backward):  # its matrix is symmetric: norms are powers of the eigenvalue
        assert growing.log_norms == pytest.approx(CAT * growing.lags, rel=1e-12)
    assert chain.forward.log_norms[-1] > 9000


def test_both_ends_give_one_product_and_it_is_the_engines(chaos):
    chaos.box = 100
    numbers = chaos.numbers()
    engine = ll.Model("tanh", preset="chaos").gradient_norms(1000)
    here = np.isin(numbers["lags"], engine.lags)
    assert numbers["backward"][here] == pytest.approx(engine.log_norms[np.isin(engine.lags, numbers["lags"])], abs=1e-8)
    assert numbers["forward"][-1] == pytest.approx(numbers["backward"][-1], abs=1e-9)
    assert np.abs(numbers["forward"] - numbers["backward"]).max() > 1  # in between they are two different products
    exponent, stderr = numbers["exponent"]
    assert numbers["forward"][-1] / 1000 == pytest.approx(exponent, abs=5 * stderr + 3 / 1000)


def test_gradient_times_tangent_is_the_same_wherever_they_meet(chaos):
    met = [chaos._last_shown.chain.pairing(boxes) for boxes in range(BOXES + 1)]
    assert {sign for sign, _ in met} == {met[0][0]}
    assert [log for _, log in met] == pytest.approx([met[0][1]] * len(met), abs=1e-9)
    chaos.forward, chaos.backward = 4, 6
    chaos.settle()
    assert "wherever they meet" in chaos._duality.value


def test_a_jacobian_of_zero_wipes_everything_out():
    view = ll.GradientLag("logistic", r=2.0, x0=0.5, warmup=0)  # at rest on the top of the parabola
    numbers = view.numbers()
    assert numbers["forward"][-1] == numbers["backward"][-1] == -math.inf
    assert "wiped out" in view.describe()
    view.close()


def test_a_flow_is_told_per_step():
    view = ll.GradientLag("lorenz63", preset="chaos", box=100)
    wanted = ll.Model("lorenz63", preset="chaos")
    exponent, _ = view.numbers()["exponent"]
    assert exponent == pytest.approx(0.9056 * wanted.time_step, rel=0.2)
    view.close()


# --- the boxes ---------------------------------------------------------------------------------------


def test_step_multiplies_one_more_box_and_the_point_moves_on_the_curve(chaos):
    curves = {"right": chaos.numbers()["forward"], "left": chaos.numbers()["backward"]}
    for side, plane, trait in (("right", chaos.ahead, "forward"), ("left", chaos.back, "backward")):
        chaos.side = side
        for done in (1, 2, 3):
            chaos.step()
            chaos.settle()
            assert getattr(chaos, trait) == done
            point = layer(plane.stage, "now")
            assert (point.x[0], point.y[0]) == (10 * done, curves[side][10 * done])
            assert layer(plane.stage, "norm").x[-1] == 10 * done
    assert "J₃₀ … J₁: norm" in layer(chaos.row.stage, "right words").names[0]
    assert "J₁₀₀ … J₇₁: norm" in layer(chaos.row.stage, "left words").names[0]
    chaos.undo()
    assert (chaos.forward, chaos.backward) == (3, 2)


def test_play_ends_at_the_whole_product_and_the_sentence_has_its_number(chaos):
    assert [chaos._step() for _ in range(BOXES + 1)] == [True] * (BOXES - 1) + [False, False]
    chaos.settle()
    assert "What will it be from the left?" in chaos._duality.value
    chaos.backward = BOXES
    chaos.settle()
    norm = math.exp(chaos.numbers()["forward"][-1])
    mantissa = f"{norm:.3g}".split("e")[0]
    assert "From either end the same number" in chaos._duality.value
    assert mantissa in chaos._duality.value
    assert mantissa in chaos.describe()


def test_a_box_shows_its_matrix_and_then_the_product(chaos):
    chaos.box = 1
    chaos.settle()
    jacobians = chaos._last_shown.chain.jacobians

    def shown(box):  # one pixel of each entry, row 0 on top; J_1 is the box at the right
        image = layer(chaos.row.stage, "matrices").image[::-1, :, 3]
        slot = image.shape[1] // BOXES
        own = image[:, (BOXES - box) * slot : (BOXES - box + 1) * slot]
        shade = own[np.ix_([slot // 3, 2 * slot // 3], [slot // 3, 2 * slot // 3])]
        return (shade / 255) ** (1 / 0.6)

    for box in (1, 4):
        wanted = np.abs(jacobians[box - 1])
        assert shown(box) == pytest.approx(wanted / wanted.max(), abs=0.005)
    chaos.forward = 4
    chaos.settle()
    product = np.abs(jacobians[3] @ jacobians[2] @ jacobians[1] @ jacobians[0])
    assert shown(4) == pytest.approx(product / product.max(), abs=0.005)
    chaos.backward, chaos.side = 8, "left"
    chaos.settle()
    product = np.abs(np.linalg.multi_dot(jacobians[:2:-1]))
    assert shown(4) == pytest.approx(product / product.max(), abs=0.005)


def test_the_point_can_be_dragged_to_a_box(chaos):
    chaos.back._move(42.0)
    assert (chaos.backward, chaos.side) == (4, "left")
    chaos.ahead._move(1000.0)
    assert (chaos.forward, chaos.side) == (BOXES, "right")


# --- regimes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cell", "sizes"), [("tanh", {}), ("plrnn", {}), ("lstm", {}), ("tanh", {"n": 50})])
def test_each_preset_is_in_the_regime_that_it_is_named_after(cell, sizes):
    system = LagSystem.of(cell, structure={"n": 2}, params=sizes)
    assert set(system.presets()) - {"orthogonal"} <= set(REGIMES)
    for name in system.presets():
        values, start = system.preset(name)
        if name in REGIMES:
            model = system.with_values(values)
            start = model.start if start is None else start
            assert regime(model.cell, model._p, x0=start, inputs=np.zeros(model.m)).name == name


def test_orthogonal_weights_lose_no_more_than_tanh_takes():
    view = ll.GradientLag("tanh", preset="orthogonal", box=10)
    W = np.array([[view.w11, view.w12], [view.w21, view.w22]])
    assert np.allclose(W @ W.T, np.eye(2), rtol=0, atol=1e-15)
    growth = view.numbers()["forward"]
    assert -1.0 < growth[-1] < 0.0 and (np.diff(growth) < 0).all()  # ever slower: no exponential decay
    assert "neither errors nor gradients" in view.describe()
    view.close()


def test_a_preset_of_the_card_can_be_named_too():
    view = ll.GradientLag("tanh", preset="bistable")
    assert (view.w11, view.w12) == (1.4, 0.4)
    view.preset("chaos")
    assert view.w12 == 3.5 and view._presets.value == "chaos"
    with pytest.raises(ValueError, match="fixed point"):
        view.preset("fixed piont")
    view.close()


# --- clipping, truncation, the slice ---------------------------------------------------------------


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=40), st.floats(0.01, 10), st.integers(0, 50))
def test_what_is_left_is_not_longer_than_the_clip_and_keeps_its_shape(logs, clip, truncate):
    logs = np.array(logs)
    left = taken(logs, clip=clip, truncate=truncate)
    kept = logs[: truncate + 1] if truncate else logs
    whole = np.linalg.norm(np.exp(kept))
    if left is None:
        assert whole <= clip * (1 + 1e-9) and len(kept) == len(logs)
        return
    assert len(left) == len(kept)
    assert np.linalg.norm(np.exp(left)) == pytest.approx(min(whole, clip), rel=1e-9)
    assert np.diff(left) == pytest.approx(np.diff(kept), abs=1e-9)


def test_clipping_and_truncation_are_shown_with_what_they_cost(chaos):
    assert layer(chaos.back.stage, "taken").empty
    chaos.clip, chaos.truncate = 1.0, 60
    numbers = chaos.numbers()
    assert len(layer(chaos.back.stage, "taken").x) == 61
    assert np.linalg.norm(np.exp(numbers["taken"])) == pytest.approx(1.0)
    assert "more than 60 steps back" in chaos.describe() and "times smaller" in chaos.describe()


def test_the_loss_is_shattered_by_chaos_alone(chaos):
    rough = {}
    for name in ("chaos", "fixed point"):
        chaos.preset(name)
        numbers = chaos.numbers()
        found = ll.loss_slice(chaos.model, horizons=HORIZONS, span=0.01, points=401, x0=chaos._start, warmup=500)
        assert np.array_equal(numbers["losses"], found.losses)
        assert numbers["losses"][:, 200] == pytest.approx(0.0)  # the middle follows itself
        rough[name] = np.abs(np.diff(numbers["losses"])).sum(axis=1) / np.ptp(numbers["losses"], axis=1)
    assert (rough["fixed point"] < 2.1).all()
    assert rough["chaos"][0] < 2.1 and (rough["chaos"][1:] > 10).all()


def test_the_slice_comes_by_itself(chaos):
    chaos.w11 = 1.19
    end = time.monotonic() + 60
    while chaos._slice is None or chaos._slice[0] != chaos._slice_key(chaos.model):
        assert time.monotonic() < end
        time.sleep(0.02)
    assert len(layer(chaos.loss.stage, "T = 300").x) > 300
    assert "a smooth valley" in chaos._sliced_words.value


def test_a_trained_networks_readout_makes_the_loss():
    network = ll.Network.random("tanh", 1, n=2, seed=3)
    view = ll.GradientLag(network=network)
    wanted = ll.loss_slice(network, horizons=HORIZONS, span=0.01, points=401, warmup=500)
    assert np.array_equal(view.numbers()["losses"], wanted.losses)
    assert "ll.Network(model, readout)" in view.code()
    with pytest.raises(ValueError, match="readout"):
        view.link()
    view.close()
    with pytest.raises(TypeError, match="network"):
        ll.GradientLag(network=ll.Model("tanh", n=2))


def test_what_does_not_suit_is_refused_by_name(chaos):
    for name, value in (("clip", -1.0), ("span", 0.0), ("x0", [0.1, 0.2, 0.3])):
        with pytest.raises(Exception, match=name):
            setattr(chaos, name, value)
    with pytest.raises(ValueError, match="too many"):
        ll.GradientLag(ll.Model("tanh", n=400))
    large = ll.GradientLag("tanh", n=100, box=10_000)
    assert large._last_shown.chain.steps == 100  # as long as a chain of such matrices may be
    large.close()


def test_figures_can_be_hidden():
    alone = ll.GradientLag("tanh", hide=("chain", "growth"))
    assert len(alone._still_stages()) == 1 and alone._player is None  # without boxes there is nothing to step
    assert "losses" in alone.numbers()
    alone.close()
    boxes = ll.GradientLag("tanh", hide=("growth", "slice"))
    assert len(boxes._still_stages()) == 1 and boxes._player is not None
    assert "losses" not in boxes.numbers() and "span" not in boxes._rows
    boxes.close()


def test_only_of_what_is_seen_is_spoken():
    knobs = ("presets", "play", "clip", "truncate", "forward", "backward")
    curves = ll.GradientLag("tanh", preset="fixed point", box=10, forward=10, hide=(*knobs, "chain", "slice"))
    assert "boxes" not in curves.describe() and "has the norm" in curves.describe()
    curves.forward = 3
    assert "From the right, 30 of 100 steps: J₃₀ … J₁ has the norm" in curves.describe()
    curves.close()
    alone = ll.GradientLag("tanh", preset="chaos", hide=(*knobs, "chain", "growth"))
    said = alone.describe() + alone._beside.value
    assert "smooth valley" in said and "Chaos" in said
    assert not any(word in said for word in ("Jacobian", "norm", "‖", "over 10 steps"))
    assert "weight space" in alone._introduction()
    alone.close()


def test_a_preset_multiplies_nothing_unless_a_hand_can_multiply_again(chaos):
    chaos.forward = 4
    chaos.preset("cycle")
    assert chaos.forward == 0
    fixed = ll.GradientLag("tanh", box=10, forward=10, backward=10, hide=("play", "forward", "backward"))
    fixed.preset("cycle")
    assert (fixed.forward, fixed.backward) == (10, 10)
    fixed.close()


def test_the_span_goes_over_powers_of_ten(chaos):
    row = chaos._rows["span"]
    assert (row.slider.min, row.slider.value, row.slider.max) == (-8.0, -2.0, -1.0)
    row.slider.value = -4.7
    assert (chaos.span, row.box.value, row.box.step) == (2e-5, 2e-5, 1e-5)
    chaos.span = 1e-3  # an arrow key down must not end at zero
    assert row.slider.value == pytest.approx(-3.0) and row.box.step == 1e-4
    row.box.value = 0.0  # typed: as near as the row goes
    assert chaos.span == 1e-8 and row.slider.value == -8.0
    chaos.span = 5e-9
    assert row.box.value == 5e-9 and row.slider.min < -8.0


def test_a_ring_is_drawn_at_every_step():
    ring = ll.GradientLag("tanh", preset="quasi-periodic", box=100)
    assert ring.numbers()["lags"].tolist() == list(range(1001))
    ring.close()


def test_what_is_hidden_is_closed_too():
    ll.GradientLag("tanh").close()  # what all widgets share is there now
    before = set(registry._instances)
    ll.GradientLag("tanh", hide=("chain", "growth", "slice", "box", "side", "clip", "truncate")).close()
    assert set(registry._instances) <= before
