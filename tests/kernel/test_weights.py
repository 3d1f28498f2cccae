"""Random weights: the law of each ensemble, held against theory, SciPy or moments; and that old seeds stay."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest, levy_stable, norm, uniform

import lyaplab as ll

N = 300


def W(n: int = N, **options) -> np.ndarray:
    return np.array(ll.Model("tanh", n=n, **{"seed": 3, **options}).weights["W"])


def drawn_as_at_first(n: int, m: int, gain: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The recurrent and input weights as the first version of lyaplab drew them."""
    rng = np.random.default_rng(seed)
    return gain / np.sqrt(n) * rng.standard_normal((n, n)), 1.0 / np.sqrt(max(m, 1)) * rng.standard_normal((n, m))


@given(n=st.integers(1, 20), m=st.integers(0, 4), gain=st.floats(0.0, 4.0), seed=st.integers(0, 99))
def test_gaussian_networks_of_old_seeds_stay_as_they_were(n, m, gain, seed):
    net = ll.Model("tanh", n=n, m=m, gain=gain, seed=seed)
    recurrent, inputs = drawn_as_at_first(n, m, gain, seed)
    np.testing.assert_array_equal(net.weights["W"], recurrent)
    np.testing.assert_array_equal(net.weights["U"], inputs)
    assert dict(net.settings) == {"n": n, "m": m, "gain": gain, "seed": seed}


LAWS = [{}, {"init": "uniform"}, {"init": "orthogonal"}, {"init": "levy", "tail": 1.3}, {"init": "uniform", "p": 0.2}]


@pytest.mark.parametrize("options", LAWS, ids=str)
def test_seeds_repeat_and_differ(options):
    np.testing.assert_array_equal(W(20, **options), W(20, **options))
    assert not np.array_equal(W(20, **options), W(20, **options, seed=4))


@pytest.mark.parametrize("options", LAWS[:4], ids=str)
def test_gain_is_a_factor(options):
    np.testing.assert_allclose(W(20, gain=1.7, **options), 1.7 * W(20, **options))


class TestLaws:
    @pytest.mark.parametrize("init", ["gaussian", "uniform", "orthogonal"])
    def test_variance_and_radius(self, init):
        weights = W(init=init, gain=1.4)
        # 90,000 entries: the standard error of the variance is 0.5 % for the Gaussian law.
        assert weights.var() * N == pytest.approx(1.4**2, rel=0.02)
        assert abs(weights.mean()) * math.sqrt(N) < 4 * 1.4 / N
        radius = np.abs(np.linalg.eigvals(weights)).max()
        assert radius == pytest.approx(1.4, rel=1e-9 if init == "orthogonal" else 0.06)

    def test_circular_law_inside(self):
        moduli = np.abs(np.linalg.eigvals(W(init="uniform")))
        # Even over the disc: the share within a radius r is r².
        for r in (0.5, 0.8):
            assert (moduli < r).mean() == pytest.approx(r * r, abs=0.03)

    @pytest.mark.parametrize(
        ("options", "law"),
        [
            ({}, norm(scale=N**-0.5)),
            ({"init": "uniform"}, uniform(-math.sqrt(3 / N), 2 * math.sqrt(3 / N))),
            ({"init": "uniform", "p": 0.2}, uniform(-0.2, 0.4)),
        ],
    )
    def test_distribution(self, options, law):
        assert kstest(W(**options).ravel()[:20_000], law.cdf).pvalue > 0.01

    @pytest.mark.parametrize("tail", [0.8, 1.0, 1.5, 1.9])
    def test_stable_quantiles_are_scipys(self, tail):
        scale = 1.2 / (2 * N) ** (1 / tail)
        weights = np.sort(W(init="levy", tail=tail, gain=1.2).ravel()) / scale
        for share in (0.1, 0.25, 0.5, 0.75, 0.9, 0.97):
            exact = levy_stable.ppf(share, tail, 0.0)
            # The standard error of a quantile is sqrt(share (1 - share)/count)/density.
            error = math.sqrt(share * (1 - share) / weights.size) / levy_stable.pdf(exact, tail, 0.0)
            assert weights[int(share * weights.size)] == pytest.approx(exact, abs=4 * error)

    def test_heavy_tails_have_their_exponent(self):
        """Hill's estimate from the largest weights: P(|W| > x) falls as x^-tail."""
        for tail in (0.8, 1.3):
            largest = np.sort(np.abs(W(init="levy", tail=tail)).ravel())[-500:]
            estimate = 1.0 / np.log(largest[1:] / largest[0]).mean()
            assert estimate == pytest.approx(tail, abs=4 * tail / math.sqrt(500))

    def test_the_lightest_tail_is_the_gaussian_law(self):
        weights = W(init="levy", tail=2.0, gain=1.3)
        assert kstest(weights.ravel()[:20_000], norm(scale=1.3 / math.sqrt(N)).cdf).pvalue > 0.01

    def test_a_sum_of_levy_inputs_has_the_same_width_for_every_size(self):
        width = [np.subtract(*np.percentile(W(n, init="levy", tail=1.2).sum(axis=1), [75, 25])) for n in (200, 800)]
        exact = 2 * levy_stable.ppf(0.75, 1.2, 0.0) / 2 ** (1 / 1.2)
        np.testing.assert_allclose(width, exact, rtol=0.3)

    def test_uniform_inputs_too_where_p_is_given(self):
        net = ll.Model("tanh", n=100, m=50, init="uniform", p=0.3)
        for name in ("W", "U"):
            assert 0.29 < np.abs(net.weights[name]).max() <= 0.3 * (1 + 1e-15)
        assert "gain" not in net.settings and net.settings["p"] == 0.3

    def test_orthogonal(self):
        weights = W(50, init="orthogonal", gain=0.9)
        np.testing.assert_allclose(weights @ weights.T, 0.81 * np.eye(50), atol=1e-13)
        # Evenly distributed over all: half of them turn the orientation, and no entry is preferred.
        signs = [np.linalg.det(W(3, init="orthogonal", seed=seed)) for seed in range(200)]
        assert abs(np.sum(signs)) < 4 * math.sqrt(200)
        corner = np.array([W(3, init="orthogonal", seed=seed)[0, 0] for seed in range(400)])
        assert kstest(corner, uniform(-1, 2).cdf).pvalue > 0.01  # Archimedes: a coordinate of a point of the sphere


class TestSymmetry:
    @pytest.mark.parametrize("init", ["gaussian", "uniform"])
    @pytest.mark.parametrize("symmetry", [-1.0, -0.5, 0.3, 0.8, 1.0])
    def test_correlation_of_opposite_weights(self, init, symmetry):
        weights = W(init=init, symmetry=symmetry, gain=1.2)
        above = np.triu_indices(N, 1)
        product = (weights * weights.T)[above].mean() * N
        assert product == pytest.approx(1.44 * symmetry, abs=0.03)
        assert weights[above].var() * N == pytest.approx(1.44, rel=0.03)

    @pytest.mark.parametrize("options", [{}, {"init": "uniform"}, {"init": "levy"}])
    def test_the_ends_are_exact(self, options):
        whole = W(30, symmetry=1, **options)
        np.testing.assert_array_equal(whole, whole.T)
        none = W(30, symmetry=-1, **options)
        np.testing.assert_array_equal(none, -none.T)

    @pytest.mark.parametrize("options", [{}, {"init": "uniform"}, {"init": "levy"}])
    def test_no_share_is_the_plain_law(self, options):
        np.testing.assert_array_equal(W(30, symmetry=0.0, **options), W(30, **options))
        np.testing.assert_allclose(W(30, symmetry=1e-9, **options), W(30, **options), rtol=1e-5, atol=1e-7)

    def test_the_ellipse(self):
        """Sommers et al. 1988: half axes 1 + symmetry and 1 - symmetry."""
        eigenvalues = np.linalg.eigvals(W(symmetry=0.4))
        assert eigenvalues.real.max() == pytest.approx(1.4, abs=0.1)
        assert eigenvalues.imag.max() == pytest.approx(0.6, abs=0.1)

    def test_uniform_weights_stay_uniform_and_levy_ones_stable(self):
        below = np.tril_indices(N, -1)
        half = math.sqrt(3 / N)
        assert kstest(W(init="uniform", symmetry=0.6)[below][:20_000], uniform(-half, 2 * half).cdf).pvalue > 0.01
        mixed = np.sort(W(init="levy", tail=1.4, symmetry=0.6)[below]) * (2 * N) ** (1 / 1.4)
        for share in (0.75, 0.95):
            assert mixed[int(share * len(mixed))] == pytest.approx(levy_stable.ppf(share, 1.4, 0.0), rel=0.05)


class TestDiagonalAndOutlier:
    def test_zero_diagonal(self):
        for options in ({}, {"init": "uniform"}, {"init": "levy"}, {"symmetry": 0.5}):
            weights = W(20, zero_diagonal=True, **options)
            assert not np.diag(weights).any()
            off = ~np.eye(20, dtype=bool)
            np.testing.assert_array_equal(weights[off], W(20, **options)[off])

    @pytest.mark.parametrize("options", [{}, {"init": "uniform"}, {"init": "orthogonal"}, {"zero_diagonal": True},
                                         {"symmetry": 1.0}, {"symmetry": 0.5, "zero_diagonal": True}])  # fmt: skip
    @pytest.mark.parametrize("value", [2.5, -3.0, 0.4])
    def test_outlier_is_an_eigenvalue_and_the_bulk_stays(self, options, value):
        weights = W(outlier=value, **options)
        np.testing.assert_allclose(weights.sum(axis=1), value, atol=1e-10)
        eigenvalues = np.linalg.eigvals(weights)
        nearest = np.abs(eigenvalues - value).argmin()
        assert abs(eigenvalues[nearest] - value) < 1e-8
        rest = np.abs(np.delete(eigenvalues, nearest))
        # Disc of radius 1, or the ellipse; edges fluctuate at this size.
        assert rest.max() == pytest.approx(1 + max(options.get("symmetry", 0.0), 0.0), abs=0.12)

    def test_what_is_added_has_rank_one(self):
        assert np.linalg.matrix_rank(W(40, outlier=2.0) - W(40)) == 1

    def test_symmetric_matrices_stay_symmetric(self):
        for more in ({}, {"zero_diagonal": True}):
            for n in (2, 3, 40):
                weights = W(n, symmetry=1, outlier=3.0, **more)
                np.testing.assert_allclose(weights, weights.T, atol=1e-12)
                assert np.linalg.eigvalsh(weights).max() == pytest.approx(3.0) or n < 40


class TestOtherCells:
    def test_masked_cells_keep_their_mask(self):
        for options in ({}, {"init": "levy"}, {"outlier": 2.0}):
            net = ll.Model("plrnn", n=10, **options)
            assert not np.diag(net.weights["W"]).any()
        np.testing.assert_allclose(net.weights["W"].sum(axis=1), 2.0)

    def test_matrices_of_several_blocks_are_drawn_block_by_block(self):
        from lyaplab.kernel.weights import random_weights

        card = ll.Card(parameters=(ll.Parameter("W", ("3*n", "n")),), hyper=ll.Model("tanh").card.hyper)
        blocks = random_weights(card, 30, np.random.default_rng(1), init="orthogonal", gain=0.5)["W"].reshape(3, 30, 30)
        for block in blocks:
            np.testing.assert_allclose(block.T @ block, 0.25 * np.eye(30), atol=1e-13)
        assert not np.allclose(blocks[0], blocks[1])
        blocks = random_weights(card, 30, np.random.default_rng(1), outlier=2.0, symmetry=1.0)["W"].reshape(3, 30, 30)
        np.testing.assert_allclose(blocks, blocks.swapaxes(1, 2), atol=1e-12)

    def test_hidden_layers(self):
        net = ll.Model("shallow_plrnn", n=100, hidden=400, gain=1.5)
        assert net.weights["W1"].shape == (100, 400) and net.weights["W2"].shape == (400, 100)
        assert net.weights["W1"].std() == pytest.approx(1.5 / 20, rel=0.03)
        assert net.weights["W2"].std() == pytest.approx(1.5 / 10, rel=0.03)
        narrow = ll.Model("shallow_plrnn", n=10, hidden=40, init="orthogonal").weights
        np.testing.assert_allclose(narrow["W1"] @ narrow["W1"].T, np.eye(10), atol=1e-13)
        np.testing.assert_allclose(narrow["W2"].T @ narrow["W2"], 4 * np.eye(10), atol=1e-12)


BAD = [
    ({"init": "orthgonal"}, "unknown init 'orthgonal': did you mean 'orthogonal'"),
    ({"init": 3}, "unknown init 3"),
    ({"symetry": 0.5}, "unknown parameter 'symetry': did you mean 'symmetry'"),
    ({"symmetry": 1.5}, "symmetry must be between -1 and 1, got 1.5"),
    ({"tail": 1.5}, "tail has no effect with init='gaussian': it belongs to init='levy'"),
    ({"init": "levy", "tail": 2.5}, "tail must be between 0.1 and 2, got 2.5"),
    ({"init": "levy", "tail": 0.0}, "tail must be between 0.1 and 2, got 0"),
    ({"p": 0.1}, "p has no effect with init='gaussian': it belongs to init='uniform'"),
    ({"init": "uniform", "p": 0.1, "gain": 2.0}, "p takes the place of gain: leave one of the two out"),
    ({"init": "uniform", "p": -0.1}, "p must be at least 0, got -0.1"),
    ({"zero_diagonal": 2}, "zero_diagonal must be one of False, True, got 2"),
    ({"zero_diagonal": "yes"}, "zero_diagonal must be one of False, True, got 'yes'"),
    ({"init": "orthogonal", "symmetry": 1.0}, "symmetry does not go with init='orthogonal'"),
    ({"init": "orthogonal", "zero_diagonal": True}, "zero_diagonal does not go with init='orthogonal'"),
    ({"outlier": math.inf}, "outlier must be finite"),
    ({"n": 1, "zero_diagonal": True, "outlier": 2.0}, "outlier=2 needs a weight in every row of W"),
    ({"W": np.eye(3), "outlier": 2.0}, "outlier has no effect beside weights of your own"),
    ({"W": np.eye(3), "init": "levy"}, "init has no effect beside weights of your own"),
]


@pytest.mark.parametrize(("options", "text"), BAD, ids=lambda value: str(value)[:40])
def test_bad_options_are_named(options, text):
    with pytest.raises(ValueError, match=text):
        ll.Model("tanh", **options)


@pytest.mark.parametrize(
    ("cell", "options", "text"),
    [
        ("plrnn", {"init": "orthogonal"}, "init='orthogonal' needs every entry of W; this cell leaves some out"),
        ("shallow_plrnn", {"outlier": 2.0}, "outlier needs a square matrix of recurrent weights, but W1 is not"),
        ("antisymmetric", {"symmetry": 0.5}, "symmetry needs W_ij and W_ji, but W has only one of them"),
        ("antisymmetric", {"outlier": 0.5}, "outlier=0.5 needs a weight in every row of W"),
        ("plrnn", {"W": [[0.0, 1.0], [1.0, 0.5]]}, r"W has no entry \[1, 1\] in this cell .* it must be 0, got 0.5"),
    ],
)
def test_what_a_cell_cannot_have_is_named(cell, options, text):
    with pytest.raises(ValueError, match=text):
        ll.Model(cell, **options)
