"""Every number in the prose of lesson 05, computed again."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.engine.horizons import log_horizons
from lyaplab.school.lessons import read_plan

FOLDER = Path(__file__).parents[2] / "lessons" / "05_gradients"
PROSE = re.sub(r"\s+", " ", (FOLDER / "lesson.md").read_text("utf-8"))
GUIDE = re.sub(r"\s+", " ", (FOLDER / "guide.md").read_text("utf-8"))
HELP = {name: {r.kind: r.text for r in e.rungs} for name, e in ll.lesson("05_gradients").exercises.items()}


def says(number: float, text: str, *, within: str = PROSE, error: float = 0.0) -> None:
    """The text stands in the lesson, and the last number in it is `number` to the digits shown, or within `error`."""
    assert text in within, f"the lesson does not say {text!r}"
    shown = re.findall(r"[-+−]?\d+(?:\.\d+)?", text)[-1].replace("−", "-")
    digits = len(shown.partition(".")[2])
    assert float(shown) == pytest.approx(number, abs=max(error, 0.5001 * 10.0**-digits))


def plan(key: str):
    return next(gate for gate in read_plan(FOLDER).predictions if gate.key == key)


@pytest.fixture(scope="module")
def chaotic():
    return ll.Model("tanh", preset="chaos")


# ------------------------------------------------------------------ 1, 2: one use, all uses, forwards and backwards


def by_use(net, T: int) -> np.ndarray:
    """The slope of section 1's loss, for the weights turned at step 1, ..., T alone; pushed forwards exactly."""
    W, b, turn = net.weights["W"], net.weights["b"], np.array([[0.6, -0.4], [0.4, 0.6]])
    slopes = []
    for turned in range(1, T + 1):
        h, v = np.array([0.3, 0.3]), np.zeros(2)
        for t in range(1, T + 1):
            new = np.tanh(W @ h + b)
            v = (1 - new**2) * (W @ v + (t == turned) * (turn @ h))
            h = new
        slopes.append(2 * np.mean((h - 1) * v))
    return np.array(slopes)


def test_which_use_counts_depends_on_the_network(chaotic):
    settled = ll.Model("tanh", preset="bistable")
    assert (settled.regime.name, chaotic.regime.name) == ("fixed point", "chaos")
    last, first = np.abs(by_use(settled, 30)), np.abs(by_use(chaotic, 30))
    assert last.argmax() in (28, 29) and last[0] < 1e-10 * last[-1]  # "the last few uses"
    assert first.argmax() < 3 and first[0] > 1000 * first[-1]  # "the first few"
    assert plan("uses").truth == "it depends on the network"


def test_three_uses_of_one_weight():
    says(0.5**2, r"moves $h_3$ by $w^2 h_0 = 0.25")
    says(3 * 0.5**2, "the sum, 0.75")
    assert "the states are 0.5, 0.25, 0.125" in PROSE


def test_the_exercises_agree_with_training_and_with_each_other():
    """`through_time` and `along` of the reference against the package's gradient: the numbers of "Use it"."""
    net, h0, target = ll.Model("tanh", n=3, gain=1.5, seed=1), np.array([0.1, -0.2, 0.3]), np.ones(3)
    exact = ll.loss_gradient(
        ll.Network(net, ll.Readout(np.eye(3))), np.tile(target, (8, 1)), x0=h0, weights=[0, 0, 0, 0, 0, 0, 0, 1]
    ).gradient["W"]
    exercises = ll.lesson("05_gradients").exercises
    W, V = net.weights["W"], np.random.default_rng(0).standard_normal((3, 3))
    np.testing.assert_allclose(exercises["through_time"].reference(W, h0, target, 8), exact, rtol=1e-12)
    slope = exercises["along"].reference(W, h0, target, 8, V)
    assert slope == pytest.approx(np.sum(exact * V), rel=1e-12)  # "agree to twelve digits"


def test_the_same_number_wherever_they_meet(chaotic):
    J, (v, g) = chaotic.jacobian(chaotic.orbit(10, warmup=500)), np.random.default_rng(0).standard_normal((2, 2))
    whole = g @ np.linalg.multi_dot(J[::-1]) @ v
    for place in range(11):
        ahead, back = v, g
        for step in J[:place]:
            ahead = step @ ahead
        for step in J[: place - 1 if place else None : -1] if place < 10 else []:
            back = step.T @ back
        assert back @ ahead == pytest.approx(whole, rel=1e-10)
    assert plan("meet").truth == "it is the same everywhere"


# ------------------------------------------------------------------ 3: theorem 1


def resting(w: float) -> float:
    h = 1.0
    for _ in range(200):
        h -= (h - np.tanh(w * h)) / (1 - w * (1 - np.tanh(w * h) ** 2))
    return h


def test_the_limit_of_one_unit():
    h = resting(2.0)
    says(h, "rests at $h^* = 0.9575")
    says(1 - h**2, "$1 - h^{*2} = 0.0832")
    says(2 * (1 - h**2), "$J = 0.1664")
    says(h * (1 - h**2), "has the share $0.0797")
    limits = {w: resting(w) * (s := 1 - resting(w) ** 2) / (1 - w * s) for w in (2.0, 1.5, 1.01, 1.0001)}
    says(limits[2.0], "all together $0.0955")
    says(limits[1.01], "at $w = 1.01$ the limit is 8.4")
    says(limits[1.0001], "at $w = 1.0001$ it is 87")
    for w in (2.0, 1.5):
        numerical = (resting(w + 1e-6) - resting(w - 1e-6)) / 2e-6  # "an implicit derivative"
        assert limits[w] == pytest.approx(numerical, rel=1e-6)
    assert ll.lesson("05_gradients").exercises["rest"].right() == pytest.approx(limits[1.5], abs=1e-9)
    h = resting(1.5)
    says(h, "h = 0.8586", within=HELP["rest"]["step"])
    says(1 - h**2, "1.5 · 0.2629", within=HELP["rest"]["step"])
    says(1.5 * (1 - h**2), "1.5 · 0.2629 = 0.3943", within=HELP["rest"]["step"])
    says(h * (1 - h**2), "h (1 − h²) = 0.2257", within=HELP["rest"]["step"])
    says(h * (1 - h**2), "| `rest` | 0.2257", within=GUIDE)
    says(h * (1 - h**2) / (1 + 1.5 * (1 - h**2)), "| `rest` | 0.162", within=GUIDE)


def test_weaker_weights_forget_faster():
    assert "down to 0.3" in PROSE
    model = ll.Model("tanh", n=2, W=[[0.3, -0.5], [0.5, 0.3]])
    own = ll.GradientLag("tanh", preset="fixed point", hide=("slice",))
    before = own.numbers()["exponent"][0]
    own.w11 = own.w22 = 0.3
    after = own.numbers()["exponent"][0]
    own.close()
    assert after == pytest.approx(np.log(np.abs(np.linalg.eigvals(model.weights["W"])).max()), abs=1e-6)
    assert after < 3 * before < 0


def test_the_rows_of_the_tables_are_powers_of_ten():
    assert "count=4 * round(np.log10(steps)) + 1" in PROSE
    for decades in (3, 4):
        assert log_horizons(10**decades, 4 * decades + 1)[::4].tolist() == [10**k for k in range(decades + 1)]


@pytest.mark.parametrize("preset", ["bistable", "two-cycle"])
def test_products_vanish_and_gradients_by_weights_do_not(preset):
    found = ll.gradient_horizons(ll.Model("tanh", preset=preset), 1000, count=4, warmup=0)
    assert found.horizons.tolist() == [1, 10, 100, 1000]
    assert found.log_norms[-1] < -800 and found.verdict == "gradients stay bounded"
    assert abs(found.log_gradients[-1] - found.log_gradients[-2]) < 1e-6 and found.log_gradients[-1] > -1
    assert plan("settled").truth == "it goes to a limit that is not zero"


# ------------------------------------------------------------------ 4: theorems 2 and 3


def test_chaos_explodes_in_powers_of_ten(chaotic):
    exponent = chaotic.lyapunov_spectrum(1_000_000, k=1).exponents[0]
    says(exponent, "have the exponent 0.39", within=plan("chaotic").question)
    assert plan("chaotic").truth == pytest.approx(1000 * exponent / np.log(10), abs=1.0)
    says(390 / np.log(10), "390/2.303 = 169", within=plan("chaotic").explain)
    found = ll.gradient_horizons(chaotic, 10_000, count=31)
    thousand = int(np.flatnonzero(found.horizons == 1000)[0])
    # "ten more or less"
    assert found.log_gradients[thousand] / np.log(10) == pytest.approx(plan("chaotic").truth, abs=10)
    for logs in (found.log_norms, found.log_tangents, found.log_gradients):
        assert logs[-1] / 10_000 == pytest.approx(exponent, rel=0.03)


def test_on_a_ring_gradients_grow_like_time():
    found = ll.gradient_horizons(ll.Model("tanh", preset="invariant-circle"), 10_000, count=5, warmup=0)
    assert found.regime == "quasi-periodic"
    decades = np.diff(found.log_tangents[2:]) / np.log(10)
    np.testing.assert_allclose(decades, 1.0, atol=0.1)  # ten times T, ten times the gradient
    assert np.ptp(found.log_norms[2:]) < 1.0  # "here bounded"
    assert plan("circle").truth == "it grows in proportion to T"


def test_without_bounds_gradients_explode_without_chaos():
    found = ll.Model("linear", W=[[1.1]]).gradient_norms(100)
    assert "a linear network with a weight of 1.1" in PROSE
    assert found.slope == pytest.approx(np.log(1.1), abs=1e-9)


# ------------------------------------------------------------------ 5: the shattered loss


def test_the_valley_narrows_by_the_exponent(chaotic):
    starts, tiny = chaotic.orbit(2000, warmup=500)[::20], 1e-12
    widths = []
    for T in (10, 50):
        cuts = [ll.loss_slice(chaotic, horizons=[T], alone=True, span=tiny, points=3, x0=x) for x in starts]
        widths.append(np.mean([np.log(0.1 * tiny / np.sqrt(cut.losses[0, -1])) for cut in cuts]))
    says((widths[0] - widths[1]) / 40, "the logarithm falls by 0.41", error=0.01)
    assert "the width is $e^{-39} = 10^{-17}$" in PROSE
    assert np.exp(-39.0) == pytest.approx(1e-17, rel=0.2) and np.exp(-39.0) < np.finfo(float).eps
    assert np.finfo(float).eps == pytest.approx(2e-16, rel=0.2)


def test_chaos_shatters_and_the_others_do_not(chaotic):
    settings = {"horizons": (10, 30, 100, 300), "points": 201}
    for span, hills in ((2e-5, 8), (1e-3, 50), (1e-2, 50)):  # "what becomes of T = 30": hills, then noise
        rough = ll.loss_slice(chaotic, warmup=500, span=span, **settings).roughness
        assert rough[0] < 2.1 and 2.1 < rough[1] < hills and (rough[2:] > 10).all()
        assert (rough[1] > 10) == (span > 1e-4)
    for preset in ("settling", "invariant-circle"):  # what the widget's other presets show
        cut = ll.loss_slice(ll.Model("tanh", preset=preset), warmup=500, span=0.01, **settings)
        assert (cut.roughness < 2.1).all()


def test_the_learning_rate():
    right = ll.lesson("05_gradients").exercises["learning_rate"].right()
    assert right * np.exp(10.0) == pytest.approx(np.exp(-10.0))
    assert "| `learning_rate` | 4.5e−5" in GUIDE and np.exp(-10.0) == pytest.approx(4.5e-5, rel=0.02)


# ------------------------------------------------------------------ 6: remedies


def test_what_clipping_leaves():
    sizes = np.exp(0.1 * np.arange(200))
    assert ll.lesson("05_gradients").exercises["share"].right() == pytest.approx(sizes[:10].sum() / sizes.sum())
    says(sizes[-10:].sum() / sizes.sum(), "| `share` | 0.632", within=GUIDE)
    assert plan("clip").truth == "practically nothing"


@pytest.mark.parametrize("c", [0.9, 1.0, 1.5, 3.2])
def test_orthogonal_weights_bound_the_exponent(c):
    nets = [ll.Model("tanh", n=50, gain=c, init="orthogonal", seed=seed) for seed in (1, 2)]
    exponents = ll.many_spectra(nets, 4000, k=1, warmup=2000).exponents[:, 0]
    for net in nets:
        assert np.linalg.norm(net.weights["W"], 2) == pytest.approx(c, rel=1e-12)
    assert (exponents < np.log(c) + 1e-6).all()
    assert (exponents > 0.02).all() if c > 1 else (exponents <= 0).all()
    if c > 1:
        assert (exponents < 0.5 * np.log(c)).all()  # "far below the bound"
    if c == 3.2:  # the wrong answer that is read off the measured column
        assert exponents == pytest.approx(0.3, abs=0.02)


GRADIENTS = {  # at the place where the prose has them
    0: "From $-62",
    2: "From $-62$ to $-3",
}


def noise():
    return np.random.default_rng(0).standard_normal((700, 4))


@pytest.mark.parametrize("bias", GRADIENTS)
def test_open_gates_keep_a_gradient_alive(bias):
    weights, b = ll.Model("lstm", n=16, m=4, gain=2.0, seed=1).weights, np.zeros(64)
    b[16:32] = bias
    found = ll.Model("lstm", W=weights["W"], U=weights["U"], b=b).gradient_norms(200, inputs=noise())
    says(found.log_norms[-1], GRADIENTS[bias], error=1.0)


def test_orthogonal_weights_under_input_lose_it():
    U = 0.5 * np.random.default_rng(2).standard_normal((16, 4))
    found = ll.Model("tanh", W=ll.Model("tanh", n=16, init="orthogonal", seed=1).weights["W"], U=U)
    says(found.gradient_norms(200, inputs=noise()).log_norms[-1], "keep a gradient alive: $-88", error=1.0)


def test_the_numbers_of_the_open_exercise():
    says(0.05 * 400, r"$e^{0.05 \cdot 400} = e^{20")
    says(np.log(2) / 0.05, r"$\ln 2/0.05 = 14")
    says(np.log(2) / 0.05, "ln 2/0.05 = 14", within=GUIDE)
    says(np.exp(0.05), "e^0.05 = 1.05", within=GUIDE)


def test_every_place_to_look_at_can_be_shown():
    exercises = ll.lesson("05_gradients").exercises.values()
    looks = [rung.look for each in exercises for rung in each.rungs if rung.look]
    looks += [wrong.look for each in exercises for wrong in each.misconceptions if wrong.look]
    assert len(looks) == 3
    pair = ll.GradientLag("tanh", preset="chaos")
    for look in looks:  # all widgets of the lesson are of two units of tanh
        pair.state = look.state
        if "w = 1.5" in look.text:
            J = 1.5 * (1 - 0.8586**2)
            assert pair.numbers()["exponent"][0] == pytest.approx(np.log(J), abs=1e-3)
    pair.close()
