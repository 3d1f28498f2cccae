"""Lyapunov spectra: which exponents, how exact, what happens with dead directions and with impossible gains."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.engine import lyapunov
from lyaplab.engine.lyapunov import follow_spectrum
from lyaplab.engine.spectrum import TangentRun


def chaotic(n: int = 20, seed: int = 1) -> ll.Model:
    return ll.Model("tanh", n=n, gain=2.5, seed=seed)


def by_numpy(net: ll.Model, steps: int, warmup: int) -> np.ndarray:
    """The textbook's method: one QR decomposition at every step."""
    x = net.orbit(1, warmup=0)[0]
    Q, sums = np.eye(net.d), np.zeros(net.d)
    for t in range(-warmup, steps):
        Q, R = np.linalg.qr(net.jacobian(x) @ Q)
        x = net.step(x)
        if t >= 0:
            sums += np.log(np.abs(np.diag(R)))
    return np.sort(sums / steps)[::-1]


@pytest.mark.parametrize("name", ["tanh", "rate"])
def test_spectrum_agrees_with_the_textbook_method(name):
    net = ll.Model(name, n=6, gain=3.0, seed=4)
    spectrum = net.lyapunov_spectrum(1500, warmup=200)
    unit = net.time_step or 1.0
    np.testing.assert_allclose(spectrum.exponents * unit, by_numpy(net, 1500, 200), atol=2e-3)


@pytest.mark.parametrize("k", [1, 3, 19])
def test_fewer_exponents_are_the_leading_ones(k):
    net = chaotic()
    full, part = net.lyapunov_spectrum(3000), net.lyapunov_spectrum(3000, k=k)
    assert part.exponents.shape == part.stderr.shape == (k,)
    assert math.isnan(part.sum_rule_error) and full.sum_rule_error < 1e-6
    # The frames have converged onto each other during the warm-up, up to neighbours that are hardly apart.
    np.testing.assert_allclose(np.cumsum(part.exponents)[-1], np.cumsum(full.exponents)[k - 1], atol=2e-3)
    np.testing.assert_allclose(part.exponents, full.exponents[:k], atol=5e-3)


def spectra(net: ll.Model, budget: float, steps: int = 3000) -> ll.Model:
    *_, last = follow_spectrum(
        net.cell, net._p, x0=net.start, inputs=np.zeros((1, net.m)), k=net.d, steps=steps, warmup=100, budget=budget
    )
    return last


def test_adaptive_interval_equals_one_at_every_step_on_contracting_networks():
    for seed in range(3):
        net = ll.Model("tanh", n=12, gain=0.7, seed=seed)
        adaptive, every = spectra(net, 16.0), spectra(net, 0.0)
        assert adaptive.orthonormalisations < 0.6 * every.orthonormalisations
        np.testing.assert_allclose(adaptive.exponents, every.exponents, atol=1e-10)


@pytest.mark.parametrize("gain", [1.5, 3.0])
def test_adaptive_interval_equals_one_at_every_step_along_chaos(gain):
    net = ll.Model("tanh", n=20, gain=gain, seed=1)
    adaptive, every = spectra(net, 16.0), spectra(net, 0.0)
    assert adaptive.orthonormalisations < every.orthonormalisations
    np.testing.assert_allclose(adaptive.exponents, every.exponents, atol=1e-7)
    assert adaptive.sum_rule_error < 1e-6


def test_long_run_in_pieces_equals_one_piece():
    net = chaotic(8)
    whole, pieces = (
        TangentRun(net.cell, net._p, x0=net.start, inputs=np.zeros((1, 0)), k=8, warmup=50) for _ in range(2)
    )
    whole.advance(2000, spacing=100)
    for until in (0, 1, 2, 700, 701, 1500, 2000):
        pieces.advance(until, spacing=100)
    assert whole.time == pieces.time == 2000
    np.testing.assert_array_equal(whole.state, pieces.state)
    np.testing.assert_allclose(whole.sums, pieces.sums, atol=1e-6)


def test_history_runs_to_the_exponents():
    spectrum = chaotic().lyapunov_spectrum(2000)
    np.testing.assert_allclose(spectrum.history[-1], spectrum.exponents, atol=1e-13)
    assert spectrum.times[-1] == 2000 and (np.diff(spectrum.times) > 0).all()
    assert 20 < len(spectrum.times) <= 64 and spectrum.history.shape == (len(spectrum.times), 20)
    # The early estimate is further off than the late one.
    gap = np.abs(spectrum.history - spectrum.exponents).max(axis=1)
    assert gap[0] > 3 * gap[len(gap) // 2]


def test_exponents_are_sorted():
    spectrum = chaotic().lyapunov_spectrum(500)
    assert (np.diff(spectrum.exponents) <= 0).all()


def test_iterator_yields_running_results():
    partial = list(chaotic(60).iter_lyapunov_spectrum(3000))
    steps = [spectrum.steps for spectrum in partial]
    assert len(partial) > 2 and steps == sorted(steps) and steps[-1] == 3000
    whole = chaotic(60).lyapunov_spectrum(3000)
    np.testing.assert_array_equal(partial[-1].exponents, whole.exponents)


@pytest.mark.parametrize("until", [None, 0.01])
@pytest.mark.parametrize("k", [None, 2])
@pytest.mark.parametrize("name", ["henon", "lorenz63", "tanh"])
def test_pieces_leave_no_trace_in_the_last_bit(monkeypatch, name, k, until):
    """A fast machine and a slow one, that returns after every step, come to the same numbers."""
    net = chaotic(20) if name == "tanh" else ll.Model(name)
    monkeypatch.setattr(lyapunov, "_PIECE_SECONDS", 10.0)
    whole = net.lyapunov_spectrum(3000, k=k, until=until, warmup=77)
    monkeypatch.setattr(lyapunov, "_PIECE_SECONDS", 0.0)
    *early, pieces = net.iter_lyapunov_spectrum(3000, k=k, until=until, warmup=77)
    assert len(early) >= 2
    for field in ("exponents", "stderr", "times", "history", "steps", "sum_rule_error", "orthonormalisations"):
        np.testing.assert_array_equal(getattr(pieces, field), getattr(whole, field))


def test_a_partial_result_is_the_spectrum_of_its_steps(monkeypatch):
    monkeypatch.setattr(lyapunov, "_PIECE_SECONDS", 0.0)
    net = ll.Model("henon")
    early = next(one for one in net.iter_lyapunov_spectrum(3000) if one.steps > 1000)
    assert early.steps < 1100 and early.times[-1] == early.steps
    np.testing.assert_allclose(early.exponents, net.lyapunov_spectrum(early.steps).exponents, atol=1e-9)


class TestUntil:
    def test_runs_until_the_error_is_small(self):
        for until in (0.02, 0.005):
            spectrum = ll.Model("henon").lyapunov_spectrum(until=until)
            assert spectrum.converged and spectrum.target == until
            assert (spectrum.stderr < until).all()
            assert spectrum.steps < 1_000_000
            assert spectrum.exponents[0] == pytest.approx(0.4192, abs=5 * until)
            assert spectrum.note == ""

    def test_smaller_errors_take_longer(self):
        net = ll.Model("logistic", r=3.9)
        coarse, fine = net.lyapunov_spectrum(until=0.02), net.lyapunov_spectrum(until=0.002)
        assert coarse.steps < fine.steps

    def test_stops_at_the_cap_and_says_so(self):
        spectrum = ll.Model("henon").lyapunov_spectrum(2000, until=1e-9)
        assert spectrum.steps == 2000 and not spectrum.converged
        assert "stopped at the cap of 2000 steps" in spectrum.note and "1e-09 was asked for" in spectrum.note
        assert spectrum.note in repr(spectrum)

    def test_a_cap_too_low_for_any_error_says_so(self):
        assert "the greatest standard error cannot be told" in ll.Model("henon").lyapunov_spectrum(1, until=0.1).note

    def test_fixed_point_needs_few_steps(self):
        assert ll.Model("tanh", w=2.0).lyapunov_spectrum(until=1e-4).steps < 50_000

    def test_error_is_in_units_of_the_exponent(self):
        spectrum = ll.Model("lorenz63").lyapunov_spectrum(until=0.2)
        assert spectrum.unit == "time" and (spectrum.stderr < 0.2).all()


HONEST = {
    "logistic": (ll.Model("logistic", r=3.9), 20_000),
    "henon": (ll.Model("henon"), 20_000),
    "tanh": (ll.Model("tanh", n=50, gain=2.0, seed=3), 3000),
    "lorenz63": (ll.Model("lorenz63"), 20_000),
}


@pytest.mark.parametrize("name", HONEST)
def test_standard_error_is_honest(name):
    """The scatter over 20 starts is what a single run says it is, within a factor of two.

    Lorenz's exponent only swings around its trend, which blocks see as more scatter than there is: a factor of three.
    """
    net, steps = HONEST[name]
    rng = np.random.default_rng(0)
    runs = [
        net.lyapunov_spectrum(steps, x0=net.start + 1e-3 * rng.standard_normal(net.d), k=1, warmup=3000)
        for _ in range(20)
    ]
    scatter = np.std([run.exponents[0] for run in runs], ddof=1)
    said = np.sqrt(np.mean([run.stderr[0] ** 2 for run in runs]))
    assert 0.5 < said / scatter < (3.0 if name == "lorenz63" else 2.0)


class TestDeadDirections:
    def test_singular_weights_give_minus_infinity(self):
        W = np.random.default_rng(2).standard_normal((5, 5))
        W[3] = 0.0
        spectrum = ll.Model("tanh", W=W).lyapunov_spectrum(3000)
        assert np.isneginf(spectrum.exponents[-1]) and np.isfinite(spectrum.exponents[:-1]).all()
        assert spectrum.stderr[-1] == 0.0
        # The determinant is zero as well: the sum rule agrees.
        assert spectrum.sum_rule_error == 0.0
        assert spectrum.note == ""
        assert np.isfinite(spectrum.kaplan_yorke)
        assert "-inf±0" in repr(ll.Model("tanh", W=W[2:4, 2:4]).lyapunov_spectrum(100))

    @pytest.mark.parametrize("steps", [5, 100, 20_000])
    def test_they_agree_with_the_sum_rule_in_short_and_long_runs(self, steps):
        spectrum = ll.Model("linear", W=[[0.5, 0.1], [0.0, 0.0]]).lyapunov_spectrum(steps)
        np.testing.assert_allclose(spectrum.exponents, [math.log(0.5), -math.inf])
        assert spectrum.sum_rule_error == 0.0

    def test_two_of_three(self):
        spectrum = ll.Model("linear", W=np.diag([0.9, 0.0, 0.0])).lyapunov_spectrum(500)
        np.testing.assert_allclose(spectrum.exponents, [math.log(0.9), -math.inf, -math.inf])

    def test_superstable_point(self):
        """r = 2: the fixed point 1/2 is the top of the parabola, and the start falls onto it."""
        spectrum = ll.Model("logistic", r=2.0).lyapunov_spectrum(1000, x0=[0.5])
        assert np.isneginf(spectrum.exponents[0])


def test_impossible_gain_is_caught_by_the_sum_rule():
    """Single steps that spread over more than 33 nats leave the last exponents unresolved: the rule must say so."""
    spectrum = ll.Model("tanh", n=20, gain=40.0, seed=0).lyapunov_spectrum(1000)
    assert spectrum.sum_rule_error > 1e-3
    assert np.isneginf(spectrum.exponents[-1]) and "the sum rule disagrees" in spectrum.note
    few = ll.Model("tanh", n=20, gain=40.0, seed=0).lyapunov_spectrum(1000, k=19)
    assert ("only k = d could tell" in few.note) == np.isneginf(few.exponents).any()
    sound = ll.Model("tanh", n=20, gain=3.0, seed=0).lyapunov_spectrum(1000)
    assert sound.sum_rule_error < 1e-6 and sound.note == ""


def test_exponents_that_miss_the_determinant_are_said_to_be_unresolved():
    """The cell says less of its derivative than there is: nothing is -inf, and yet the sum is wrong."""
    sound = ll.Model("henon").lyapunov_spectrum(500)
    doubtful = dataclasses.replace(sound, sum_rule_error=0.02)
    assert sound.note == "" and "misses the mean log|det J| by 0.02" in doubtful.note
    assert doubtful.note in repr(doubtful)
    # A flow's error is per unit of time: a thousandth of a nat per step is what counts.
    flow = ll.Model("lorenz63").lyapunov_spectrum(500)
    assert dataclasses.replace(flow, sum_rule_error=0.02).note == ""


class TestInputs:
    def test_one_sequence_drives_the_tangents(self):
        net = ll.Model("tanh", n=5, m=1, gain=2.0, seed=0)
        inputs = 3.0 * np.random.default_rng(0).standard_normal((2000, 1))
        driven = net.lyapunov_spectrum(inputs=inputs)
        assert driven.steps == 1500
        assert driven.exponents[0] < net.lyapunov_spectrum(1500).exponents[0]
        # By hand, along the driven orbit.
        path = net.orbit(inputs=inputs, warmup=500)
        product = np.eye(5)
        growth = 0.0
        for x, u in zip(path, inputs[500:], strict=True):
            product = net.jacobian(x, inputs=u) @ product
            norm = np.linalg.norm(product)
            growth, product = growth + math.log(norm), product / norm
        assert driven.exponents[0] == pytest.approx(growth / 1500, abs=5e-3)

    def test_batch_gives_mean_and_scatter(self):
        net = ll.Model("tanh", n=5, m=1, gain=2.0, seed=0)
        batch = np.random.default_rng(0).standard_normal((6, 900, 1))
        spectrum = net.lyapunov_spectrum(inputs=batch, warmup=100)
        singles = np.array([net.lyapunov_spectrum(inputs=one, warmup=100).exponents for one in batch])
        np.testing.assert_allclose(spectrum.sequences, singles, atol=1e-9)
        np.testing.assert_allclose(spectrum.exponents, singles.mean(axis=0), atol=1e-9)
        np.testing.assert_allclose(spectrum.stderr, singles.std(axis=0, ddof=1) / math.sqrt(6), atol=1e-9)
        assert spectrum.steps == 800

    def test_sequences_are_each_in_order_and_exponents_their_mean(self):
        net = ll.Model("tanh", n=6, m=1, gain=1.0, seed=2)
        spectrum = net.lyapunov_spectrum(inputs=np.random.default_rng(1).standard_normal((4, 300, 1)), warmup=50)
        assert (np.diff(spectrum.sequences, axis=1) <= 0).all() and (np.diff(spectrum.exponents) <= 0).all()
        np.testing.assert_allclose(spectrum.exponents, spectrum.sequences.mean(axis=0), atol=1e-14)
        assert math.isfinite(spectrum.sum_rule_error) and spectrum.sum_rule_error < 1e-6

    def test_scatter_of_a_batch_is_the_error_of_one_run(self):
        """Two ways to the same error bar: over sequences, and over blocks of one sequence."""
        net = ll.Model("tanh", n=5, m=1, gain=2.0, seed=0)
        batch = np.random.default_rng(0).standard_normal((24, 1100, 1))
        spectrum = net.lyapunov_spectrum(inputs=batch, warmup=100, k=1)
        each = [net.lyapunov_spectrum(inputs=one, warmup=100, k=1).stderr[0] for one in batch]
        assert spectrum.stderr[0] * math.sqrt(24) == pytest.approx(np.sqrt(np.mean(np.square(each))), rel=0.5)

    def test_a_direction_that_is_dead_in_every_sequence_has_no_error(self):
        net = ll.Model("linear", W=np.diag([0.5, 0.0]), U=[[1.0], [1.0]])
        spectrum = net.lyapunov_spectrum(inputs=np.ones((3, 60, 1)), warmup=10)
        np.testing.assert_allclose(spectrum.exponents, [math.log(0.5), -math.inf])
        np.testing.assert_allclose(spectrum.stderr, [0.0, 0.0], atol=1e-15)
        assert spectrum.sum_rule_error == 0.0 and spectrum.note == ""

    def test_warmup_rows_are_not_counted(self):
        net = ll.Model("tanh", n=3, m=1, seed=0)
        inputs = np.zeros((40, 1))
        inputs[:30] = 50.0  # saturation: tangents shrink enormously, but only during the warm-up
        assert net.lyapunov_spectrum(inputs=inputs, warmup=32).exponents[0] > -5


def test_flow_is_per_unit_of_time():
    runs = [ll.Model("lorenz63", dt=dt).lyapunov_spectrum(int(400 / dt), warmup=int(20 / dt)) for dt in (0.01, 0.005)]
    for run in runs:
        assert run.unit == "time"
        assert run.exponents.sum() == pytest.approx(-41 / 3, abs=1e-3)
        assert run.times[-1] == pytest.approx(400)
        assert run.exponents[0] == pytest.approx(0.906, abs=0.1)


@pytest.mark.parametrize(("warmup", "k"), [(0, 1), (500, 2), (3, 2)])
def test_divergence_names_its_step(warmup, k):
    net = ll.Model("henon", a=1.5)
    with pytest.raises(ll.DivergenceError) as by_orbit:
        net.orbit(2000)
    with pytest.raises(ll.DivergenceError) as by_spectrum:
        net.lyapunov_spectrum(2000, warmup=warmup, k=k)
    # Tangents are lost at the same step, or at the one before: the square of the state is in the Jacobian.
    assert by_orbit.value.step - by_spectrum.value.step in (0, 1)


def test_divergence_far_into_a_run_names_its_step():
    net = ll.Model("linear", w=1.2)
    expected = math.floor(math.log(1.7976931348623157e308) / math.log(1.2)) + 1
    with pytest.raises(ll.DivergenceError) as caught:
        net.lyapunov_spectrum(20_000, x0=[1.0], warmup=10)
    assert caught.value.step == expected


def test_result_saves_loads_and_tables(tmp_path):
    spectrum = chaotic(4).lyapunov_spectrum(300)
    file = tmp_path / "spectrum.npz"
    spectrum.save(file)
    back = type(spectrum).load(file)
    for name in ("exponents", "stderr", "times", "history"):
        np.testing.assert_array_equal(getattr(back, name), getattr(spectrum, name))
    assert (back.steps, back.unit, back.target, back.sequences) == (300, "step", None, None)
    frame = spectrum.to_pandas()
    assert list(frame.columns) == ["exponent", "stderr"] and len(frame) == 4


def test_one_kind_of_result_is_not_read_as_another(tmp_path):
    file = tmp_path / "norms.npz"
    ll.Model("logistic").gradient_norms(10).save(file)
    with pytest.raises(ValueError, match="path holds a GradientNorms, expected a Spectrum"):
        type(chaotic(4).lyapunov_spectrum(10)).load(file)


def test_repr_reads_well():
    text = repr(chaotic(6).lyapunov_spectrum(300))
    assert text.startswith("Spectrum(") and "... 6 in all per step; 300 steps" in text
    assert "Kaplan-Yorke dimension" in text and "sum rule to" in text
