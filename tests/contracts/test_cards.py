"""What the card of every cell promises: presets, sum rule, known values, bounds, and that nothing is missing."""

from __future__ import annotations

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.cells import find
from lyaplab.engine.lyapunov import Spectrum

PRESETS = [(name, preset) for name in ll.cells() for preset in find(name).card.presets]


@pytest.mark.parametrize(("name", "preset"), PRESETS)
def test_preset_shows_what_it_claims(name, preset):
    claim = find(name).card.presets[preset]
    net = ll.Model(name, preset=preset)
    found = net.regime
    assert found.name == claim.regime
    if claim.period is not None:
        assert found.period == claim.period
    if claim.stable is not None:
        assert net.fixed_points().stable.sum() == claim.stable
    if claim.start is not None:
        assert len(claim.start) == net.d
    low, high = net.view
    assert claim.regime == "divergent" or name == "lorenz63" or ((low <= net.start) & (net.start <= high)).all()
    assert claim.about.endswith(".")
    for knob_name, knob in net.knobs.items():
        if net.time_step is None or knob_name == "dt":
            assert knob.low <= knob.value <= knob.high, f"{knob_name} is beyond its slider"


@pytest.mark.parametrize(("name", "preset"), PRESETS)
def test_sum_rule(name, preset):
    net = ll.Model(name, preset=preset)
    if net.regime.name == "divergent":
        with pytest.raises(ll.DivergenceError):
            net.lyapunov_spectrum(20_000)
        return
    spectrum = net.lyapunov_spectrum(2000)
    assert spectrum.sum_rule_error < 1e-6


def takes_inputs(name: str) -> bool:
    return any(number.name == "m" for number in find(name).card.hyper)


@pytest.mark.parametrize("n", [3, 20])
@pytest.mark.parametrize("name", [name for name in ll.cells() if takes_inputs(name)])
def test_sum_rule_of_random_networks_with_input(name, n):
    gain = 0.9 if name == "linear" else 1.8
    inputs = np.random.default_rng(1).standard_normal((700, 2))
    spectrum = ll.Model(name, n=n, m=2, gain=gain, seed=2).lyapunov_spectrum(inputs=inputs, warmup=100)
    assert spectrum.steps == 600
    assert spectrum.sum_rule_error < 1e-6


# Several known values may be read off one long run.
_RUNS: dict[str, Spectrum] = {}


def spectrum_of(name: str, known: ll.KnownValue) -> Spectrum:
    key = repr((name, dict(known.params), known.steps, known.warmup))
    if key not in _RUNS:
        _RUNS[key] = ll.Model(name, **known.params).lyapunov_spectrum(known.steps, warmup=known.warmup)
    return _RUNS[key]


KNOWN = [(name, i) for name in ll.cells() for i in range(len(find(name).card.known))]


@pytest.mark.parametrize(("name", "index"), KNOWN)
def test_known_value(name, index):
    known = find(name).card.known[index]
    assert known.source
    if known.quantity == "fixed_points":
        found = ll.Model(name, **known.params).fixed_points().points
        assert found.shape == np.shape(known.value)
        np.testing.assert_allclose(found, known.value, rtol=0, atol=known.tolerance)
        return
    spectrum = spectrum_of(name, known)
    measured = {
        "exponents": spectrum.exponents[: len(known.value)],
        "sum": [spectrum.exponents.sum()],
        "kaplan_yorke": [spectrum.kaplan_yorke],
    }[known.quantity]
    np.testing.assert_allclose(measured, known.value, rtol=0, atol=known.tolerance)


@pytest.mark.parametrize("name", ll.cells())
def test_card_is_complete(name):
    card = find(name).card
    assert card.title and card.equation_text and card.reference.endswith(".")
    assert card.equation.count("{") == card.equation.count("}")
    assert "\\\\" not in card.equation, "a line break where a space was meant"
    assert card.presets and card.known
    assert len(set(card.names)) == len(card.names)
    for parameter in (*card.parameters, *card.hyper):
        low, high = parameter.range
        assert low < high
        assert low <= parameter.default <= high or parameter.name == "m"
        assert parameter.about
        for bound, inside in zip(parameter.limits, (min, max), strict=True):
            assert bound is None or inside(bound, *parameter.range) == bound
    sizes = {p.name: int(p.default) for p in card.hyper if p.name in card.sizes}
    sizes |= {"n": card.size or 4, "m": 2}
    drawn = card.init(card, sizes["n"], np.random.default_rng(0), m=2, gain=1.0)
    for parameter in card.parameters:
        assert np.shape(drawn[parameter.name]) == parameter.resolve(sizes)
    if card.time_step is not None:
        step_length = card.parameters[card.names.index(card.time_step)]
        assert not step_length.trainable and step_length.limits[0] > 0
    net = ll.Model(name)
    low, high = net.view
    assert low.shape == high.shape == (net.d,) and (low < high).all()
    assert len(net.state_names) == net.d


@pytest.mark.parametrize("name", [name for name in ll.cells() if find(name).card.bounds is not None])
def test_bounds_hold_all_fixed_points(name):
    cell = find(name)
    inputs = np.array([1.5, -0.7]) if takes_inputs(name) else None
    held = np.zeros(0) if inputs is None else inputs
    # Of some weights a card may know no bounds: the first that it does.
    options = ({"n": 3, "m": 2, "gain": 2.0, "seed": s} if takes_inputs(name) else {} for s in range(3, 20))
    net = next(net for net in (ll.Model(cell, **o) for o in options) if net._bounds(held) is not None)
    found = net.fixed_points(inputs=inputs)
    low, high = net._bounds(held)
    assert len(found) > 0
    assert ((low <= found.points) & (found.points <= high)).all()
    rest = net.step(found.points, inputs=inputs)
    np.testing.assert_allclose(rest, found.points, atol=1e-9)
