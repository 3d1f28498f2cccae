"""The loss along a line: against networks made one by one, and smooth or shattered as the regime has it."""

from __future__ import annotations

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.training.loss_slice import LossSlice, _coarse_first

NET = ll.Network.random("tanh", 2, n=3, m=1, seed=1)


def test_losses_are_those_of_the_networks_on_the_line():
    rng = np.random.default_rng(0)
    inputs, targets, x0 = rng.standard_normal((12, 1)), rng.standard_normal((2, 10, 2)), rng.uniform(-1, 1, (2, 3))
    direction = rng.standard_normal(NET.layout.size)
    settings = {"direction": direction, "span": 0.5, "points": 5, "x0": x0, "inputs": inputs, "warmup": 2}
    whole = ll.loss_slice(NET, targets, horizons=(9, 4), **settings)
    alone = ll.loss_slice(NET, targets, horizons=(4, 9), alone=True, **settings)
    np.testing.assert_array_equal(whole.horizons, [4, 9])
    np.testing.assert_allclose(whole.direction, direction / np.linalg.norm(direction), rtol=1e-12)
    start = NET.model.orbit(1, x0=x0, inputs=inputs[:3], warmup=2)[0]
    for place, distance in enumerate(whole.distances):
        net = NET.with_theta(NET.theta + distance * whole.direction)
        errors = (net.predict(x0=start, inputs=np.tile(inputs[2:], (2, 1, 1))) - targets) ** 2
        expected = [errors[:, :T].mean() for T in (4, 9)], [errors[:, T - 1].mean() for T in (4, 9)]
        np.testing.assert_allclose(whole.losses[:, place], expected[0], rtol=1e-12)
        np.testing.assert_allclose(alone.losses[:, place], expected[1], rtol=1e-12)


def test_the_slope_in_the_middle_is_the_gradient_along_the_line():
    targets = np.random.default_rng(0).standard_normal((20, 2))
    inputs = np.ones((20, 1))
    cut = ll.loss_slice(NET, targets, horizons=[20], inputs=inputs, x0=np.zeros(3), span=1e-4, points=3)
    gradient = ll.loss_gradient(NET, targets, inputs=inputs, x0=np.zeros(3)).theta
    assert (cut.losses[0, 2] - cut.losses[0, 0]) / 2e-4 == pytest.approx(gradient @ cut.direction, rel=1e-6)


def test_chaos_shatters_the_loss_and_rest_does_not():
    settings = {"horizons": (5, 20, 100), "warmup": 100, "span": 0.05}
    chaos = ll.loss_slice(ll.Model("tanh", preset="chaos"), **settings)
    rest = ll.loss_slice(ll.Model("tanh", preset="settling"), **settings)
    assert chaos.own and np.all(chaos.losses[:, 100] == 0.0)
    assert chaos.roughness[0] < 3.0 and chaos.roughness[2] > 10.0
    assert np.all(rest.roughness < 2.1)  # down to the middle and up again


def test_the_well_of_a_chaotic_loss_narrows_by_the_exponent():
    """Errors grow like distance * e^(lambda T): a horizon longer by T needs a line shorter by e^(lambda T)."""
    net = ll.Model("logistic", r=4.0)
    losses = []
    for T in (5, 25):
        rows = [
            ll.loss_slice(net, horizons=[T], alone=True, span=1e-12, points=3, x0=[x], direction=[-1.0]).losses[0, 2]
            for x in net.orbit(200, warmup=50)[:, 0]
        ]
        losses.append(np.median(np.log(rows)) / 2.0)
    assert (losses[1] - losses[0]) / 20.0 == pytest.approx(np.log(2.0), rel=0.1)


def test_masked_weights_stay_and_a_direction_is_seeded():
    net = ll.Model("plrnn", n=3, seed=1)
    one, two = (ll.loss_slice(net, points=3, seed=seed).direction for seed in (0, 1))
    assert np.linalg.norm(one) == pytest.approx(1.0) and not np.allclose(one, two)
    np.testing.assert_array_equal(one, ll.loss_slice(net, points=3).direction)
    assert np.all(one[3:12].reshape(3, 3).diagonal() == 0.0)  # A comes first, then W


def test_points_come_coarse_first_and_all_of_them_once():
    for count in (3, 5, 11, 201):
        order = _coarse_first(count)
        assert order[0] == count // 2 and sorted(order) == list(range(count))
    partials = list(ll.iter_loss_slice(ll.Model("tanh", n=20, gain=2.0), horizons=[1500], points=301))
    sizes = [len(partial.distances) for partial in partials]
    assert sizes == sorted(sizes) and sizes[-1] == 301 and all(np.isfinite(part.losses).all() for part in partials)


def test_an_orbit_that_diverges_has_an_infinite_loss(tmp_path):
    cut = ll.loss_slice(ll.Model("logistic", r=4.0), horizons=(3, 200), span=1.0, points=3, x0=[0.3], direction=[1.0])
    assert cut.losses[1, 2] == np.inf and np.isfinite(cut.losses[0]).all()
    cut.save(tmp_path / "cut.npz")
    assert LossSlice.load(tmp_path / "cut.npz").own is True
    assert list(cut.table()) == ["distance", "loss_3", "loss_200"] and "200: nan" in repr(cut)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"horizons": ()}, "horizons"),
        ({"horizons": (0,)}, "horizons"),
        ({"span": 0.0}, "span"),
        ({"points": 10}, "points must be odd"),
        ({"direction": [1.0]}, "direction"),
        ({"direction": np.zeros(6)}, "direction must not be 0"),
        ({"targets": np.zeros((5, 2))}, "targets must cover"),
    ],
)
def test_a_bad_argument_is_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        ll.loss_slice(ll.Model("tanh", n=2), **arguments)
