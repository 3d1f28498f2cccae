"""Every number in the prose of lesson 04, computed again."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import lyaplab as ll
from lyaplab.school.lessons import read_plan

FOLDER = Path(__file__).parents[2] / "lessons" / "04_spectrum"
PROSE = re.sub(r"\s+", " ", (FOLDER / "lesson.md").read_text("utf-8"))
GUIDE = re.sub(r"\s+", " ", (FOLDER / "guide.md").read_text("utf-8"))


def says(number: float, text: str, *, within: str = PROSE, error: float = 0.0) -> None:
    """The text stands in the lesson, and the last number in it is `number` to the digits shown, or within `error`."""
    assert text in within, f"the lesson does not say {text!r}"
    shown = re.findall(r"[-+−]?\d+(?:\.\d+)?", text)[-1].replace("−", "-")
    digits = len(shown.partition(".")[2])
    assert float(shown) == pytest.approx(number, abs=max(error, 0.5001 * 10.0**-digits))


def by_qr(jacobians, *, blocks: int = 10):
    """All exponents by a QR in every step, and their standard errors."""
    Q, logs = np.eye(jacobians.shape[1]), []
    for step in jacobians:
        Q, R = np.linalg.qr(step @ Q)
        logs.append(np.log(np.abs(np.diag(R))))
    means = np.array(logs).reshape(blocks, -1, len(Q)).mean(axis=1)
    return means.mean(axis=0), means.std(axis=0, ddof=1) / blocks**0.5


@pytest.fixture(scope="module")
def henon():
    map_ = ll.Model("henon")
    return map_.jacobian(map_.orbit(2000, warmup=500))


def driven(seed: int) -> ll.Model:
    """The network of section 4: every unit has an input of its own."""
    return ll.Model("tanh", W=ll.Model("tanh", n=100, gain=2.0, seed=seed).weights["W"], U=np.eye(100))


def noise(sigma: float, *, sequences: int = 16, steps: int = 600):
    return sigma * np.random.default_rng(0).standard_normal((sequences, steps, 100))


# ------------------------------------------------------------------ 1, 2: Hénon's map


def test_henon():
    spectrum = ll.Model("henon").lyapunov_spectrum(1_000_000)
    first, last = spectrum.exponents
    assert np.linalg.det(ll.Model("henon").jacobian([0.3, 0.1])) == pytest.approx(-0.3)
    says(np.log(0.3), r"$\lambda_1 + \lambda_2 = \ln 0.3 = -1.20397")
    says(first, r"measured $\lambda_1 = 0.41922", error=1e-3)
    says(last, r"leaves $\lambda_2 = -1.62319", error=1e-3)
    says(np.log(0.3) - 0.41922, r"leaves $\lambda_2 = -1.62319")
    assert 1 / np.exp(-1.62319) == pytest.approx(5.0, abs=0.1)  # to a fifth
    says(spectrum.kaplan_yorke, "$D = 1 + 0.41922/1.62319 = 1.258", error=1e-3)


def test_all_arrows_fall_together(henon):
    one, two = np.eye(2)
    for step in henon[:10]:
        one, two = step @ one, step @ two
        one, two = one / np.linalg.norm(one), two / np.linalg.norm(two)
    assert abs(np.degrees(one[0] * two[1] - one[1] * two[0])) < 1e-6
    assert "Less than a millionth of a degree" in plan("arrows").explain


def test_where_the_product_loses_its_short_axis(henon):
    product, errors = np.eye(2), {}
    for t, step in enumerate(henon[:80], start=1):
        product = step @ product
        with np.errstate(divide="ignore"):
            errors[t] = abs(np.log(np.linalg.svd(product)[1]).sum() - t * np.log(0.3))
    assert max(errors[t] for t in range(1, 11)) < 1e-4  # "up to ten steps they do"
    assert min(errors[t] for t in (20, 40, 80)) > 1  # "from twenty steps on": the axes' sum must be t ln 0.3
    gap = 2 * by_qr(henon[:20])[0][0] - np.log(0.3)
    says(20 * gap, "the long axis is $e^{42", error=1.0)
    says(np.log(1e16), "16 digits or a factor $e^{37")


def test_qr_agrees_with_the_package(henon):
    exponents, _ = by_qr(henon)
    assert exponents.sum() == pytest.approx(np.log(0.3), abs=1e-12)  # "to twelve digits"
    spectrum = ll.Model("henon").lyapunov_spectrum(2000, warmup=500)
    np.testing.assert_allclose(exponents, spectrum.exponents, atol=0.005)


# ------------------------------------------------------------------ 3: dimension and entropy


def test_lorenz():
    says(0.9056 / 14.5723 + 2, "$D = 2 + 0.9056/14.5723 = 2.062")
    says(0.9056 / np.log(2), "nats, or $1.31")
    says(np.log(1e6) / 0.9056, r"$\ln 10^6 / 0.9056 = 15.3")
    says(np.log(1e3) / 0.9056, "half as much again: $7.6")
    spectrum = ll.Model("lorenz63").lyapunov_spectrum(200_000)
    np.testing.assert_allclose(spectrum.exponents, (0.9056, 0.0, -14.5723), atol=0.02)
    assert spectrum.kaplan_yorke == pytest.approx(2.062, abs=0.002)
    resting = ll.Model("lorenz63", rho=14.0).lyapunov_spectrum(20_000)
    assert (resting.exponents < 0).all()
    assert resting.kaplan_yorke == resting.entropy_rate == 0.0
    assert plan("thick").truth == "a little more than a surface"


def test_twice_the_units_twice_the_dimension():
    found = [ll.Model("tanh", n=n, gain=3.0, seed=1).lyapunov_spectrum(2000) for n in (25, 50, 100)]
    for spectrum, text in zip(found, ("6.6", "6.6, 13.5", "6.6, 13.5 and 25.9"), strict=True):
        says(spectrum.kaplan_yorke, text, error=0.5)
    assert found[2].kaplan_yorke / 100 == pytest.approx(0.25, abs=0.02)  # "a quarter of its directions"
    net = ll.Model("tanh", n=100, gain=3.0, seed=1)
    h = net.orbit(2000, warmup=501)
    volume = np.linalg.slogdet(net.weights["W"])[1] + np.log(1 - h**2).sum(axis=1).mean()
    assert found[2].exponents.sum() == pytest.approx(volume, abs=1e-6)


# ------------------------------------------------------------------ 4: inputs


def test_noise_silences_the_chaos_of_a_large_network():
    theory = [ll.theory.mean_field_map(2.0, noise=sigma**2).exponent for sigma in (0.0, 1.27, 1.28, 1.29)]
    says(theory[0], "largest exponent is 0.155", within=plan("noise").question)
    assert theory[1] > abs(theory[2]) and theory[3] < 0
    assert "zero at σ = 1.28" in plan("noise").explain
    np.testing.assert_allclose([plan("noise").truth(s) for s in (0.0, 1.27)], theory[:2])


@pytest.mark.parametrize("sigma", [0.5, 1.0, 1.6])
def test_with_100_units_a_little_less(sigma):
    found = driven(1).lyapunov_spectrum(inputs=noise(sigma), warmup=200, k=1)
    theory = ll.theory.mean_field_map(2.0, noise=sigma**2).exponent
    assert found.exponents[0] - theory == pytest.approx(-0.02, abs=0.005)  # "lower by about 0.02"
    assert (found.exponents[0] > 0) == (sigma < 1.28)
    assert found.stderr[0] < 0.003


def test_noise_does_not_always_calm():
    for seed, text in ((1, r"$\lambda_1 = 0.116"), (2, r"that of seed 2 has $0.069")):
        says(driven(seed).lyapunov_spectrum(20_000, k=1).exponents[0], text, error=0.004)
    found = driven(2).lyapunov_spectrum(inputs=noise(0.5), warmup=200, k=1)
    says(found.exponents[0], r"*raises* it to $0.103", error=0.005)


def test_errors_fall_as_the_root_of_the_length():
    rows = noise(0.5, sequences=32, steps=1700)
    lengths = (100, 400, 1600)
    errors = [driven(1).lyapunov_spectrum(inputs=rows[:, : T + 100], warmup=100, k=1).stderr[0] for T in lengths]
    # the error of a standard error from 32 sequences is an eighth of it
    assert errors[0] / errors[2] == pytest.approx(4.0, rel=0.4)
    assert errors[0] > errors[1] > errors[2]


# ------------------------------------------------------------------ 5: gates


def test_a_forget_gate_without_weights():
    f = 1 / (1 + np.exp(-3.0))
    says(f, "For $b = 3$: $f = 0.953")
    says(np.log(f), r"$\lambda_c = -0.0486")
    says(-1 / np.log(f), "the span is $20.6")
    exponents = ll.Model("lstm", n=1, w_i=0.0, b_f=3.0).lyapunov_spectrum(100).exponents
    np.testing.assert_allclose(exponents, (np.log(f), -np.inf), atol=1e-12)
    z = ll.Model("gru", n=1, w_n=0.0, b_z=3.0).lyapunov_spectrum(100).exponents
    assert z[0] == pytest.approx(np.log(f), abs=1e-12)  # "its exponent is ln z"


def test_open_gates_make_directions_that_last():
    weights = ll.Model("lstm", n=16, m=4, gain=2.0, seed=1).weights
    rows = np.random.default_rng(0).standard_normal((8, 1500, 4))
    counts, first = [], []
    for bias in (0, 4):
        b = np.zeros(64)
        b[16:32] = bias
        net = ll.Model("lstm", W=weights["W"], U=weights["U"], b=b)
        found = net.lyapunov_spectrum(inputs=rows, warmup=500)
        assert len(found.exponents) == 32
        counts.append(int((found.exponents > -0.1).sum()))
        first.append(found.exponents[0])
    assert "goes from 0 to 15, of 32" in PROSE
    assert counts == [0, 15]
    np.testing.assert_allclose(first, (-0.314, -0.001), atol=0.01)


def test_the_gain_of_the_gated_network():
    first = {g: ll.Model("lstm", n=32, m=10, gain=g, seed=1).lyapunov_spectrum(3000, k=4) for g in (1.0, 6.0, 8.0)}
    says(first[1.0].exponents[0], "comes up from $-0.34")
    says(first[6.0].exponents[0], "from $-0.34$ to $-0.001")
    resting = ll.Model("lstm", n=32, m=10, gain=1.0, seed=1).lyapunov_spectrum(1000)
    assert np.isneginf(resting.exponents).sum() == 32  # "at gain 1 half of them"
    assert first[8.0].exponents[0] > 5 * first[8.0].stderr[0]  # chaos
    assert plan("gated").truth == 64 == ll.Model("lstm", n=32).d


# ------------------------------------------------------------------ 6: the order


def test_three_matrices():
    A, B, C = np.array([[1, 1], [0, 1]]), np.array([[1, 0], [1, 1]]), np.array([[2, 0], [0, 1]])
    largest = [np.abs(np.linalg.eigvals(M)).max() for M in (C @ B @ A, C.T @ B.T @ A.T)]
    says(largest[0], r"$\frac13\ln 3.4142")
    says(np.log(largest[0]) / 3, r"$\frac13\ln 3.4142 = 0.409")
    says(largest[1], r"$\frac13\ln 4.5616")
    says(np.log(largest[1]) / 3, r"$\frac13\ln 4.5616 = 0.506")


ORDERS = {
    0: (r"the first network has $0.149", r"0.003$, and $0.124", 0.012),
    6: (r"The second has $-0.0398", r"0.0004$, and $0.0269", 0.002),
}


@pytest.mark.parametrize("seed", ORDERS)
def test_transposes_in_forward_order_are_another_product(seed):
    right, wrong, error = ORDERS[seed]
    net = ll.Model("tanh", n=30, gain=2.5, seed=seed)
    jacobians = net.jacobian(net.orbit(8000, warmup=500))
    (forward, forward_error), (other, other_error) = by_qr(jacobians), by_qr(jacobians.swapaxes(1, 2))
    says(forward[0], right, error=error)
    says(other[0], wrong, error=error)
    assert abs(forward[0] - other[0]) > 3 * np.hypot(forward_error[0], other_error[0])
    assert forward.sum() == pytest.approx(other.sum(), abs=1e-9)
    backwards = net.gradient_norms(8000)
    assert backwards.slope == pytest.approx(forward[0], abs=4 * np.hypot(backwards.stderr, forward_error[0]))


def test_the_second_network_goes_round_a_cycle():
    assert "the second one goes round a cycle of 21 states" in PROSE
    path = ll.Model("tanh", n=30, gain=2.5, seed=6).orbit(43, warmup=20_000)
    np.testing.assert_allclose(path[21:42], path[:21], atol=1e-8)
    assert all(np.abs(path[period] - path[0]).max() > 1e-3 for period in range(1, 21))


def test_henon_cannot_tell_the_order(henon):
    S = np.diag([0.3, 1.0])
    assert r"S = \begin{pmatrix} b & 0 \\ 0 & 1 \end{pmatrix}" in PROSE
    np.testing.assert_allclose(S @ henon @ np.linalg.inv(S), henon.swapaxes(1, 2), atol=1e-12)


# ------------------------------------------------------------------ what exercises and the guide say


def test_every_place_to_look_at_can_be_shown():
    meters = {"henon": ll.SpectrumMeter("henon"), "tanh": ll.SpectrumMeter("tanh", n=50, gain=3.0, seed=1)}
    looks = [rung.look for each in ll.lesson("04_spectrum").exercises.values() for rung in each.rungs if rung.look]
    looks += [w.look for each in ll.lesson("04_spectrum").exercises.values() for w in each.misconceptions if w.look]
    assert len(looks) == 4
    for look in looks:
        meters[look.state["params"]["cell"]].state = look.state
    for meter in meters.values():
        meter.close()


def test_the_numbers_of_the_open_exercise():
    assert "the factor $e$ in $1/0.03 = 33$ steps" in PROSE
    says(np.exp(-6.0), "$e^{-6} = 0.0025")
    says(np.log(200.0), r"$\ln 200 = 5.3")
    says(np.log(200.0), "ln 200 = 5.3", within=GUIDE)


def test_the_numbers_in_the_help():
    rungs = {name: {r.kind: r.text for r in e.rungs} for name, e in ll.lesson("04_spectrum").exercises.items()}
    says(np.log(0.25), "ln 0.25 = −1.3863", within=rungs["second"]["step"])
    says(0.9056 - 14.5723, "0.9056, 0.9056, −13.6667", within=rungs["dimension"]["step"])
    says(2 + 0.9056 / 14.5723, "D = 2 + 0.9056/14.5723 = 2.062", within=rungs["dimension"]["step"])


def test_the_numbers_in_the_guide():
    first = ll.Model("henon", b=0.25).lyapunov_spectrum(1_000_000, k=1).exponents[0]
    for number, text in ((np.log(0.25), "−1.386"), (np.log(0.25) + first, "−1.020"), (-first, "−0.37")):
        says(number, f"| `second` | {text}", within=GUIDE, error=0.002)


def plan(key: str):
    return next(gate for gate in read_plan(FOLDER).predictions if gate.key == key)
