"""A portrait of a random network in words, and as code that makes its numbers without the widget."""

from __future__ import annotations

import math
from collections.abc import Collection

from lyaplab.widgets._cloudplane import growing
from lyaplab.widgets._gainsweep import GAINS, SEEDS, Swept, gains_of, sweep_length
from lyaplab.widgets._parting import SHOWN
from lyaplab.widgets._reading import estimate, power_of_ten, short
from lyaplab.widgets._transition import TANGENT_WARMUP, Estimate, Portrait, theory_nodes
from lyaplab.widgets._twins import PAIRS, Parting, spacing

__all__ = ["beside", "code", "describe", "rate_in_words", "sweep_in_words"]


_UNKNOWN = Estimate(math.nan, math.nan, 0)


def describe(name: str, portrait: Portrait, known: tuple[Swept, ...], seen: Collection[str]) -> str:
    """Say what the figures show.

    Parameters
    ----------
    name : str
        Of the cell.
    portrait : Portrait
        Refined.
    known : tuple of Swept
        What has been measured of many networks.
    seen : collection of str
        The figures that there are, of "activity", "eigenvalues", "distance", "gains".
    """
    model, flow = portrait.asked.model, portrait.flow
    settings, per = model.settings, "unit of time" if flow else "step"
    gain = portrait.gain
    side = "below" if gain < 1 else "above" if gain > 1 else "at"
    said = [
        f"Random {name} network of {model.d} units (seed {settings['seed']}) with gain {short(gain)}, {side} the"
        " transition of the infinite network at gain 1.",
    ]
    if "distance" in seen:
        said.append(rate_in_words(portrait.rate, apart=portrait.asked.apart, unit=model.unit))
    if "eigenvalues" in seen and portrait.at_rest is not None and portrait.along is not None:
        border = "right of 0" if flow else "outside the unit circle"
        matrix = "W − 1" if flow else "W"
        said.append(
            f"Of {model.d} eigenvalues {growing(portrait.at_rest, flow=flow)} of {matrix} and"
            f" {growing(portrait.along, flow=flow)} of the Jacobian at"
            f" {'time' if flow else 'step'} {short(portrait.t * (model.time_step or 1.0), 4)} lie {border};"
            f" the circular law has radius {short(gain)}."
        )
    if "gains" in seen:
        value, stderr, _ = portrait.exponent or _UNKNOWN
        theory = "" if portrait.theory is None else f"; theory for infinitely many units says {short(portrait.theory)}"
        said.append(f"Largest exponent {estimate(value, stderr)} per {per}{theory}.")
        said += [sweep_in_words(swept) for swept in known if swept.done > 0]
    return " ".join(said)


def rate_in_words(rate: Parting | None, *, apart: int, unit: str) -> str:
    """Say at which rate twins part, and what that means.

    Examples
    --------
    >>> rate_in_words(Parting("part", 0.0693, 0.002, (0, 200)), apart=-9, unit="step")
    'Twins 10⁻⁹ apart part at 0.0693 ± 0.0020 per step: their distance doubles every 10 steps.'
    """
    twins, many = f"Twins {power_of_ten(apart)} apart", "units of time" if unit == "time" else "steps"
    per = "unit of time" if unit == "time" else "step"
    if rate is None:
        return f"{twins}: their rate is measured when nothing moves."
    if rate.verdict == "undecided":
        return f"{twins}: undecided. No stretch is straight enough for a rate; follow them for longer."
    slope = f"{estimate(rate.slope, rate.stderr)} per {per}"
    if rate.verdict == "stay":
        return f"{twins} stay about as close as they are: rate {slope}, not to be told from none."
    time = short(math.log(2) / abs(rate.slope), 2)
    if rate.verdict == "part":
        return f"{twins} part at {slope}: their distance doubles every {time} {many}."
    return f"{twins} draw together at {slope}: their distance halves every {time} {many}."


def beside(portrait: Portrait, seen: Collection[str]) -> str:
    """Write what is measured so far, as HTML: the rate of twins; the exponent, and theory."""
    value, stderr, steps = portrait.exponent or _UNKNOWN
    theory = "…" if portrait.theory is None else short(portrait.theory)
    rate = rate_in_words(portrait.rate, apart=portrait.asked.apart, unit=portrait.asked.model.unit)
    parts = {
        "distance": f"<div>{rate}</div>",
        "gains": f"<div><i>λ</i> = <b>{estimate(value, stderr)}</b>"
        f" <span class='lyap-unit'>({steps:,} steps)</span>; theory {theory}</div>",
    }
    return "".join(part for name, part in parts.items() if name in seen)


def sweep_in_words(swept: Swept) -> str:
    """Say how far the exponents of networks of one size scatter, and where they are positive."""
    done = swept.exponents[(swept.exponents == swept.exponents).any(axis=1)]
    positive = int((swept.exponents > 0.005).sum())
    count = int((swept.exponents == swept.exponents).sum())
    wide = f"{short(float(done[done == done].min()), 2)} to {short(float(done[done == done].max()), 2)}"
    return f"Of {count} networks of {swept.n} units {positive} have an exponent above 0.005; all lie in {wide}."


def code(portrait: Portrait, known: tuple[Swept, ...]) -> str:
    """Write Python that makes the numbers of the picture from ``model``."""
    asked, flow = portrait.asked, portrait.flow
    theory = "mean_field_flow" if flow else "mean_field_map"
    jacobian = "field_jacobian" if flow else "jacobian"
    between, nodes = spacing(asked.model), _theory_code(flow)
    parts = [
        f"""
from lyaplab.engine.region import line_of

# twins: {PAIRS} pairs along one orbit, 10**{asked.apart} apart; the first pair is on show
starts = model.orbit({1 + between * (PAIRS - 1)}, warmup={asked.warmup})[::{between}]
push = np.random.default_rng(0).standard_normal(starts.shape)
twins = starts + push * (10.0**{asked.apart} / np.sqrt(np.mean(push**2, axis=-1))[:, None])
shown = model.orbit({asked.steps + 1}, x0=np.vstack([starts[:1], twins[:1]]))
others = model.orbit({asked.steps + 1}, x0=np.vstack([starts[1:], twins[1:]]))
activity, twin = shown[:, 0, :{SHOWN}], shown[:, 1, :{SHOWN}]
gaps = [shown[:, 1:] - shown[:, :1], others[:, {PAIRS - 1}:] - others[:, :{PAIRS - 1}]]
distances = np.sqrt(np.mean(np.concatenate(gaps, axis=1) ** 2, axis=-1))
{_rate_code(portrait)}

# eigenvalues at rest, and along the orbit
at_rest = np.sort_complex(np.linalg.eigvals(model.{jacobian}(np.zeros(model.d))))
along = np.sort_complex(np.linalg.eigvals(model.{jacobian}(shown[{portrait.t}, 0])))

# the largest exponent, and what theory says at some gains
spectrum = model.lyapunov_spectrum({(portrait.exponent or _UNKNOWN).steps}, k=1, x0=starts[0], warmup={TANGENT_WARMUP})
exponent = np.array([spectrum.exponents[0], spectrum.stderr[0]])
theory_gains = {nodes}
theory = np.array([ll.theory.{theory}(gain).exponent for gain in theory_gains])
"""
    ]
    parts += [_sweep_code(swept, portrait, place) for place, swept in enumerate(known) if swept.done == 1.0]
    return "\n".join(part.strip("\n") for part in parts)


def _theory_code(flow: bool) -> str:
    """Write the gains at which theory is asked."""
    nodes = theory_nodes(flow=flow)
    if flow:
        return f"np.array([{nodes[0]:.4g}, *np.round(np.linspace(1.0, {nodes[-1]:.4g}, {len(nodes) - 1}), 4)])"
    return f"np.round(np.linspace({nodes[0]:.4g}, {nodes[-1]:.4g}, {len(nodes)}), 4)"


def _rate_code(portrait: Portrait) -> str:
    """Write how the rate was read off the distances, given what was found."""
    parting, unit = portrait.parting, portrait.asked.model.time_step
    if parting is None or parting.verdict == "undecided":
        return "slope = np.full(2, np.nan)  # undecided: no rate is claimed"
    seen = portrait.twins.seen
    per = "" if unit is None else f" / {unit!r}"
    sign = -1 if parting.verdict == "meet" else 1
    options = {
        "part": f"saturation={portrait.twins.strangers!r}",
        "stay": f"saturation={portrait.twins.strangers!r}, start={seen // 2}",
        "meet": "saturation=np.inf",
    }[parting.verdict]
    logs = f"np.log(distances[:{seen}].T)"
    return (
        f"line = line_of({'-' * (sign < 0)}{logs}, np.ones({PAIRS}), {options})\n"
        f"slope = np.array([{'-' * (sign < 0)}line.slope, line.stderr]){per}"
    )


def _sweep_code(swept: Swept, portrait: Portrait, place: int) -> str:
    """Write how many networks of one size are measured."""
    model = portrait.asked.model
    steps, warmup = sweep_length(swept.n, flow=portrait.flow)
    scalars = "".join(f", {p.name}={float(model.weights[p.name])!r}" for p in model.card.parameters if not p.shape)
    gains = ", ".join(f"{gain:.4g}" for gain in gains_of(aside=place > 0))
    name, other = model.cell.name, "other_" * (place > 0)
    return f"""
{other}gains = np.array([{gains}])
nets = [
    ll.Model({name!r}, n={swept.n}, gain=gain, seed=seed{scalars})
    for seed in range({SEEDS}) for gain in {other}gains.tolist()
]
{other}exponents = ll.many_spectra(nets, {steps}, k=1, warmup={warmup}).exponents.reshape({SEEDS}, {GAINS}).T
"""
