"""The verdict says what is known, and that something is not."""

from __future__ import annotations

import math

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.engine.exponents import Spectrum
from lyaplab.engine.regime import Regime
from lyaplab.report.parts import Memory
from lyaplab.report.verdict import agreement, driven_verdict, verdict_of


def spectrum(*exponents: float, stderr: float = 1e-3, unit: str = "step") -> Spectrum:
    values = np.array(exponents)
    return Spectrum(values, np.full(len(values), stderr), np.ones(1), values[None], 1000, unit)


@pytest.mark.parametrize(
    ("r", "name"),
    [(2.8, "fixed point"), (3.2, "cycle"), (3.5, "cycle"), (3.83, "cycle"), (3.9, "chaos"), (4.5, "divergent")],
)
def test_the_logistic_map(r, name):
    page = ll.report(ll.Model("logistic", r=r), sections="verdict", steps=4000)
    assert page.verdict.name == name


def test_an_invariant_circle_is_periodic_or_quasi_periodic():
    page = ll.report(ll.Model("tanh", preset="invariant-circle"), sections=["verdict", "memory"], steps=4000)
    assert page.verdict.name == "quasi-periodic"
    assert page.memory.kind == "undecided" and math.isinf(page.horizon)


@pytest.mark.parametrize(
    ("regime", "exponents", "stderr", "name"),
    [
        ("chaos", (0.1,), 0.001, "chaos"),
        ("chaos", (0.01,), 0.01, "undecided"),  # one error from 0
        ("chaos", (-0.1,), 0.001, "undecided"),  # a long transient
        ("fixed point", (-0.5,), 0.0, "fixed point"),
        ("fixed point", (0.5,), 0.01, "undecided"),
        ("fixed point", (0.0,), 0.001, "fixed point"),  # marginal
        ("quasi-periodic", (0.0003,), 0.0001, "quasi-periodic"),
        ("quasi-periodic", (0.01,), 0.02, "undecided"),
        ("quasi-periodic", (0.1,), 0.001, "chaos"),
        ("quasi-periodic", (-0.1,), 0.001, "cycle"),
        ("chaos", (-math.inf,), 0.0, "undecided"),
        ("cycle", (-math.inf,), 0.0, "cycle"),
        ("divergent", (0.5,), 0.0, "divergent"),
    ],
)
def test_two_witnesses(regime, exponents, stderr, name):
    found = verdict_of(Regime(regime, exponents[0], stderr, step=7), spectrum(*exponents, stderr=stderr))
    assert found.name == name
    assert found.words.startswith("undecided") == (name == "undecided")


def test_a_flow_with_one_zero_is_a_limit_cycle():
    calm = Regime("cycle", 0.0, 1e-4, unit="time")
    assert verdict_of(calm, spectrum(0.0, -0.3, stderr=1e-4, unit="time")).name == "cycle"
    assert verdict_of(calm, spectrum(0.0, 0.0, stderr=1e-4, unit="time")).name == "quasi-periodic"


def test_without_a_spectrum_the_short_run_decides():
    found = verdict_of(Regime("chaos", 0.5, 0.01), None)
    assert (found.name, found.exponent) == ("chaos", 0.5)


def test_under_inputs():
    assert driven_verdict(spectrum(-0.1)).name == "contracting"
    assert driven_verdict(spectrum(0.1)).name == "chaos"
    assert driven_verdict(spectrum(0.1, stderr=0.1)).name == "undecided"
    assert driven_verdict(spectrum(-0.1, stderr=math.nan)).name == "undecided"


def test_other_starts_that_end_elsewhere_are_told():
    """Below the Hopf bifurcation of Lorenz's system chaos and rest live side by side."""
    assert agreement(0.5, 0.01, np.array([0.49, 0.52]), np.full(2, 0.01))
    assert not agreement(0.5, 0.01, np.array([0.5, -0.2]), np.full(2, 0.01))
    assert not agreement(0.5, 0.01, np.array([0.5, math.nan]), np.full(2, 0.01))
    assert agreement(math.nan, math.nan, np.full(2, math.nan), np.full(2, math.nan))
    page = ll.report(ll.Model("henon"), sections="verdict", steps=2000)
    assert not page.verdict.agree and np.isnan(page.verdict.others).any()  # not all of the window is its basin
    assert "diverge" in str(page)


def test_the_seed_draws_the_other_starts():
    net = ll.Model("henon")
    one, other, again = (ll.report(net, sections="verdict", steps=500, seed=seed).verdict for seed in (1, 2, 1))
    assert np.array_equal(one.others, again.others, equal_nan=True)
    assert not np.array_equal(one.others, other.others, equal_nan=True)


@pytest.mark.parametrize(
    ("exponent", "stderr", "kind", "horizon"),
    [(-0.25, 0.01, "forgets", 4.0), (0.5, 0.01, "predicts", 2.0), (0.01, 0.01, "undecided", math.inf),
     (-math.inf, 0.0, "forgets", 0.0), (0.0, 0.0, "undecided", math.inf), (0.5, math.nan, "undecided", math.inf)],
)  # fmt: skip
def test_horizon(exponent, stderr, kind, horizon):
    found = Memory.of(exponent, stderr)
    assert (found.kind, found.horizon) == (kind, horizon)
    assert found.least <= found.horizon
