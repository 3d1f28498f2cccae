"""A report as it is made: section by section, and each by itself, so that one which fails costs only its own lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from numpy.typing import ArrayLike

from lyaplab.engine.result import last
from lyaplab.errors import DivergenceError
from lyaplab.model import Model
from lyaplab.report.measuring import MEASURES, Unknown
from lyaplab.report.page import Report
from lyaplab.report.parts import Drive
from lyaplab.report.plan import Plan, plan_of

__all__ = ["iter_report", "report"]


def report(
    model: Model,
    inputs: ArrayLike | None = None,
    *,
    sections: Iterable[str] | None = None,
    steps: int | None = None,
    warmup: int | None = None,
    k: int | None = None,
    starts: int | None = None,
    seed: int = 0,
) -> Report:
    """Measure what a researcher wants to know of a network, and put it on one page.

    Parameters
    ----------
    model : Model
        The network, of `Model`, `Model.from_arrays` or `load`.
    inputs : array_like(float, shape=(T, m) or (B, T, m)), optional
        What drives it, one row for each step, warm-up included. Exponents and gradients are then those of the driven
        network, with their scatter over the sequences, and the page says whether it forgets its start. Fixed points
        are those under the mean of the inputs, held constant.
    sections : iterable of str, optional
        Some of "identity", "weights", "spectrum", "verdict", "memory", "gradients", "fixed_points" and "echo"; by
        default all that make sense. "identity" is always there, and the spectrum with those that are read off it.
    steps, warmup : int, optional
        Steps that the spectrum counts, by default up to 10,000 (400 units of time for a flow; fewer for more than
        some 120 units; all that the inputs cover), and steps before.
    k : int, optional
        Number of exponents, by default all of up to 128 state variables, else 32.
    starts : int, optional
        From how many starts fixed points are searched, by default 256, and fewer for more than some 100 units.
    seed : int, optional
        Of the four other starts that the verdict is held against.

    Returns
    -------
    Report
        A section that cannot be measured has its error in `Report.errors`, and the others are there.

    Raises
    ------
    ValueError, TypeError
        For arguments that make no sense, naming the argument, what came and what is expected.

    Examples
    --------
    >>> import lyaplab as ll
    >>> page = ll.report(ll.Model("tanh", w=2.0))
    >>> page.verdict.name, round(page.horizon, 4)  # 1/1.7935, from the root of h = tanh(2 h)
    ('fixed point', 0.5576)
    >>> print(page)
    Report: tanh network
    ...
    """
    pages = iter_report(model, inputs, sections=sections, steps=steps, warmup=warmup, k=k, starts=starts, seed=seed)
    return last(pages)


def iter_report(
    model: Model,
    inputs: ArrayLike | None = None,
    *,
    sections: Iterable[str] | None = None,
    steps: int | None = None,
    warmup: int | None = None,
    k: int | None = None,
    starts: int | None = None,
    seed: int = 0,
) -> Iterator[Report]:
    """Yield the page as it fills; stop by not asking for the next. Arguments as for `report`.

    `Report.now` names the section that is being measured. The spectrum comes as a running estimate every 50 ms or so.

    Examples
    --------
    >>> import lyaplab as ll
    >>> seen = [page.now for page in iter_report(ll.Model("logistic"), sections=["memory"])]
    >>> list(dict.fromkeys(seen))
    ['identity', 'spectrum', 'memory', '']
    """
    # Arguments are checked when this is called, not when the first page is asked for.
    return _pages(
        plan_of(model, inputs, sections=sections, steps=steps, warmup=warmup, k=k, starts=starts, seed=seed)
    )


def _pages(plan: Plan) -> Iterator[Report]:
    page = Report(sections=plan.sections, drive=_drive(plan))
    for name in plan.sections:
        page = replace(page, now=name)
        yield page
        try:
            for part in MEASURES[name](plan, vars(page)):
                page = replace(page, **{name: part})
                yield page
        except Exception as error:
            # Whatever it is, the other sections do not depend on it.
            failed: dict[str, Any] = {name: None, "errors": {**page.errors, name: _line(error)}}
            page = replace(page, **failed)
    yield replace(page, now="")


def _line(error: Exception) -> str:
    """What went wrong, in one line."""
    text = " ".join(str(error).split())
    expected = isinstance(error, Unknown | DivergenceError | ValueError)
    return text if expected and text else f"{type(error).__name__}: {text}"


def _drive(plan: Plan) -> Drive | None:
    if plan.inputs is None:
        return None
    count, length, _ = plan.inputs.shape
    return Drive(count, length, plan.warmup, plan.mean_input, plan.inputs.std(axis=(0, 1)))
