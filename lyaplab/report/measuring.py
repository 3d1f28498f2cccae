"""How every section is measured: a generator each, whose last part is the section's result."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.conditional import ConditionalExponent
from lyaplab.engine.gradients import GradientNorms
from lyaplab.engine.result import Result
from lyaplab.errors import DivergenceError
from lyaplab.kernel import one_blas_thread
from lyaplab.report.matrices import layers_of, recurrent_matrices
from lyaplab.report.parts import Echo, Growth, Identity, Memory, Verdict, Weights
from lyaplab.report.plan import Plan
from lyaplab.report.verdict import driven_verdict, verdict_of

__all__ = ["MEASURES", "Unknown"]

Array = NDArray[np.float64]
Parts = Mapping[str, Any]

# Stretches of orbit that gradients are followed over; sequences of inputs that they, and echoes, are looked at in.
_STRETCHES, _SEQUENCES = 4, 16
# Other starts whose largest exponent is measured, and the work spent on each.
_OTHERS, _OTHER_WORK = 4, 5e8
# Eigenvalues of larger matrices take too long for a page.
_LARGEST_MATRIX = 1500


class Unknown(Exception):
    """A section that another one, which failed, is needed for."""


def _identity(plan: Plan, parts: Parts) -> Iterator[Identity]:
    model = plan.model
    layers = [layer.in_words() for layer in layers_of(model)]
    made = f"Model.stack([{', '.join(layers)}])" if hasattr(model, "layers") else model.in_words()
    yield Identity(
        made=made,
        title=model.card.title or model.cell.name,
        equation=model.card.equation_text or model.cell.name,
        d=model.d,
        m=model.m,
        parameters=sum(array.size for array in model.weights.values()),
        unit=model.unit,
        time_step=model.time_step,
        derivatives=model.cell.derivatives,
    )


def _weights(plan: Plan, parts: Parts) -> Iterator[Weights]:
    found = list(recurrent_matrices(plan.model))
    if not found:
        raise Unknown("this system has no recurrent weight matrix")
    if max(len(matrix) for _, matrix in found) > _LARGEST_MATRIX:
        raise Unknown(f"matrices of more than {_LARGEST_MATRIX} rows are left out: their eigenvalues take too long")
    with one_blas_thread():
        values = [np.linalg.eigvals(matrix).astype(complex) for _, matrix in found]
        singular = [np.linalg.svd(matrix, compute_uv=False) for _, matrix in found]
    yield Weights(
        names=np.array([name for name, _ in found]),
        sizes=np.array([len(matrix) for _, matrix in found]),
        radii=np.array([np.abs(each).max() for each in values]),
        largest=np.array([each[0] for each in singular]),
        smallest=np.array([each[-1] for each in singular]),
        gains=np.array([np.linalg.norm(matrix) / math.sqrt(len(matrix)) for _, matrix in found]),
        eigenvalues=np.concatenate(values),
    )


def _spectrum(plan: Plan, parts: Parts) -> Iterator[Result]:
    yield from plan.model.iter_lyapunov_spectrum(plan.steps, k=plan.k, inputs=plan.inputs, warmup=plan.warmup)


def _verdict(plan: Plan, parts: Parts) -> Iterator[Verdict]:
    spectrum = parts.get("spectrum")
    if plan.inputs is not None:
        if spectrum is None:
            raise Unknown("not known without the spectrum")
        yield driven_verdict(spectrum)
        return
    regime = plan.model.regime
    yield verdict_of(regime, spectrum)
    exponents, errors = _others(plan)
    yield verdict_of(regime, spectrum, others=exponents, others_stderr=errors)


def _others(plan: Plan) -> tuple[Array, Array]:
    """Largest exponents from starts drawn over the model's window, and their errors; NaN where the orbit diverges."""
    model = plan.model
    low, high = model.view
    starts = np.random.default_rng(plan.seed).uniform(low, high, (_OTHERS, model.d))
    steps = int(np.clip(_OTHER_WORK / (model.d**2 + 50), 500, plan.steps))
    found = []
    for start in starts:
        try:
            spectrum = model.lyapunov_spectrum(steps, k=1, x0=start, warmup=plan.warmup)
            found.append((float(spectrum.exponents[0]), float(spectrum.stderr[0])))
        except DivergenceError:
            found.append((math.nan, math.nan))
    exponents, errors = np.array(found).T
    return exponents, errors


def _memory(plan: Plan, parts: Parts) -> Iterator[Memory]:
    spectrum = parts.get("spectrum")
    if spectrum is None:
        raise Unknown("not known without the spectrum")
    yield Memory.of(float(spectrum.exponents[0]), float(spectrum.stderr[0]), spectrum.unit)


def _gradients(plan: Plan, parts: Parts) -> Iterator[Growth]:
    done: list[GradientNorms] = []
    for options in _stretches(plan):
        done.append(plan.model.gradient_norms(plan.lags, **options))
        yield _growth(done)


def _stretches(plan: Plan) -> list[dict[str, Any]]:
    """Where gradients are followed: stretches of one orbit, or the sequences of inputs."""
    if plan.inputs is None:
        states = plan.model.orbit(1 + (_STRETCHES - 1) * plan.lags, warmup=plan.warmup)
        return [{"x0": state, "warmup": 0} for state in states[:: plan.lags]]
    if len(plan.inputs) > 1:
        return [{"inputs": sequence, "warmup": plan.warmup} for sequence in plan.inputs[:_SEQUENCES]]
    sequence = plan.inputs[0]
    count = min(_STRETCHES, (len(sequence) - plan.warmup) // plan.lags)
    return [{"inputs": sequence, "warmup": plan.warmup + place * plan.lags} for place in range(count)]


def _growth(each: list[GradientNorms]) -> Growth:
    slopes = np.array([norms.slope for norms in each])
    own = np.array([norms.stderr for norms in each])
    # The errors of the stretches, and how far apart they are: the greater counts.
    error = float(np.sqrt((own**2).mean() / len(own)))
    if len(each) > 1 and np.isfinite(slopes).all():
        error = float(np.fmax(error, slopes.std(ddof=1) / math.sqrt(len(slopes))))
    first = each[0]
    return Growth(
        lags=first.lags,
        log_norms=np.stack([norms.log_norms for norms in each]),
        slopes=slopes,
        slope=float(slopes.mean()),
        stderr=error,
        unit=first.unit,
        time_step=first.time_step,
    )


def _fixed_points(plan: Plan, parts: Parts) -> Iterator[Result]:
    yield plan.model.fixed_points(plan.starts, inputs=plan.mean_input)


def _echo(plan: Plan, parts: Parts) -> Iterator[Echo]:
    assert plan.inputs is not None
    done: list[ConditionalExponent] = []
    for sequence in plan.inputs[:_SEQUENCES]:
        done.append(plan.model.conditional_exponent(sequence, warmup=plan.warmup))
        yield Echo(
            exponents=np.array([each.exponent for each in done]),
            stderrs=np.array([each.stderr for each in done]),
            replica_exponents=np.array([each.replica_exponent for each in done]),
            verdicts=np.array([each.verdict for each in done]),
            given=len(plan.inputs),
            unit=plan.model.unit,
        )


MEASURES: dict[str, Callable[[Plan, Parts], Iterator[Any]]] = {
    "identity": _identity,
    "weights": _weights,
    "spectrum": _spectrum,
    "verdict": _verdict,
    "memory": _memory,
    "gradients": _gradients,
    "fixed_points": _fixed_points,
    "echo": _echo,
}
