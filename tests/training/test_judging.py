"""Judging networks of which it is known what they do: one that is the system itself, and others that are not."""

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.data import state_space_divergence


def reading(cell, **params):
    """A network that shows its whole state."""
    model = ll.Model(cell, **params)
    return ll.Network(model, ll.Readout(np.eye(model.d)))


@pytest.fixture(scope="module")
def lozi():
    """An orbit of Lozi's map, and so little noise that no free run from one of its points is the same orbit."""
    orbit = ll.Model("shallow_plrnn", preset="lozi").orbit(8_000, warmup=500)
    return orbit + 1e-9 * np.random.default_rng(0).standard_normal(orbit.shape)


def test_the_system_itself_is_as_good_as_the_floor(lozi):
    found = ll.judge(reading("shallow_plrnn", preset="lozi"), lozi)
    assert found.d_stsp < 2.0 * found.floor < 0.04
    assert found.d_spectrum < 1.5 * found.spectrum_floor < 0.1
    # Noise in the first state and in the last: 1e-18 of a variance of about 0.4. It grows as errors in chaos do.
    assert 1e-18 < found.errors[0] < 1e-16
    assert np.log(found.errors[2] / found.errors[0]) / (2 * 24) == pytest.approx(0.47, abs=0.1)
    assert found.exponents == pytest.approx([0.4702, -1.1633], abs=0.01)  # Sprott (2003)
    assert found.dimension == pytest.approx(1.0 + 0.4702 / 1.1633, abs=0.01)
    assert (found.regime, found.escaped, found.steps, found.measure) == ("chaos", None, 4_000, "bins")


def test_the_floor_is_the_earlier_half_against_the_later(lozi):
    found = ll.judge(reading("linear", W=0.5 * np.eye(2)), lozi)
    assert found.floor == state_space_divergence(lozi[4_000:], lozi[:4_000]).value
    assert found.outside == 0.0


def test_forecasts_are_scored_in_variances_of_the_data():
    """Of white noise, the forecast 0 is off by its variance at any horizon, whatever its size."""
    noise = 7.0 * np.random.default_rng(0).standard_normal((20_000, 2))
    assert ll.judge(reading("linear", W=np.zeros((2, 2))), noise).errors == pytest.approx(1.0, abs=0.06)


@pytest.mark.parametrize(
    ("cell", "params", "regime"),
    [
        ("linear", {"W": [[0.5, 0.0], [0.0, 0.2]]}, "fixed point"),
        ("linear", {"W": [[np.cos(1.0), -np.sin(1.0)], [np.sin(1.0), np.cos(1.0)]]}, "quasi-periodic"),
        ("tanh", {"W": [[-3.0, 0.0], [0.0, 0.5]]}, "cycle"),
    ],
)
def test_regimes_of_known_networks(lozi, cell, params, regime):
    found = ll.judge(reading(cell, **params), lozi, steps=2_000)
    assert found.regime == regime
    assert found.d_stsp > 100 * found.floor
    if regime == "fixed point":
        assert found.d_spectrum == 1.0
        assert found.exponents == pytest.approx(np.log([0.5, 0.2]))


def test_a_run_that_escapes_is_a_result_with_its_step(lozi):
    found = ll.judge(reading("linear", W=2.0 * np.eye(2)), lozi)
    largest = np.abs(lozi[4_000]).max()
    assert found.escaped == int(np.ceil(1024.0 - np.log2(largest)))  # floats end at 2^1024
    assert (found.regime, found.d_spectrum) == ("divergent", 1.0)
    assert found.outside > 0.99
    assert np.isnan(found.exponents).all()
    assert f"step {found.escaped}" in found.verdict
    assert np.isnan(found.dimension)


def test_many_dimensions_are_compared_by_mixtures():
    noise = np.random.default_rng(1).standard_normal((1_000, 6))
    found = ll.judge(reading("linear", W=np.zeros((6, 6))), noise)
    assert found.measure == "mixture"
    assert found.d_stsp > found.floor > 0.0
    assert np.isnan(found.outside)


def test_a_series_brings_its_exponent_and_a_judgement_is_saved(tmp_path, lozi):
    series = ll.data.from_array(lozi, exponent=0.47)
    found = ll.judge(reading("shallow_plrnn", preset="lozi"), series, steps=400)
    assert found.exponent == 0.47
    found.save(tmp_path / "judgement.npz")
    again = ll.Judgement.load(tmp_path / "judgement.npz")
    assert repr(again) == repr(found)
    assert again.table()["network"].tolist() == found.table()["network"].tolist()


def test_what_cannot_be_judged_is_refused(lozi):
    two = reading("linear", W=np.eye(2))
    with pytest.raises(ValueError, match="series must have at least 400 rows, got 399"):
        ll.judge(two, lozi[:399])
    with pytest.raises(ValueError, match="its column 1 is constant"):
        ll.judge(two, np.c_[lozi[:, 0], np.ones(len(lozi))])
    with pytest.raises(ValueError, match=r"series must have shape \(any, 2\)"):
        ll.judge(two, lozi[:, :1])
    with pytest.raises(ValueError, match="3 outputs are more than 2 units"):
        ll.judge(ll.Network(ll.Model("linear", n=2), ll.Readout(np.ones((3, 2)))), np.ones((500, 3)))
    with pytest.raises(ValueError, match="m=1 inputs"):
        ll.judge(ll.Network(ll.Model("linear", n=2, m=1), ll.Readout(np.eye(2))), lozi)
    with pytest.raises(TypeError, match="network must be a Network, got Model"):
        ll.judge(ll.Model("linear", n=2), lozi)
