"""Many models measured in one call, side by side in this process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from numpy.typing import ArrayLike

from lyaplab.engine.many import Spectra, follow_many
from lyaplab.errors import positive_int
from lyaplab.model.measures import Model

__all__ = ["iter_many_spectra", "many_spectra"]


def many_spectra(
    models: Iterable[Model],
    steps: int | None = None,
    *,
    k: int | None = None,
    inputs: ArrayLike | None = None,
    warmup: int = 500,
    until: float | None = None,
    threads: int | None = None,
) -> Spectra:
    """Measure the Lyapunov exponents of many networks, as many at a time as there are cores.

    Parameters
    ----------
    models : iterable of Model
        Networks of one size and one kind of time (steps, or a flow's).
    steps, k, warmup, until : optional
        As for `Model.lyapunov_spectrum`, for every network.
    inputs : array_like(float, shape=(T, m)), optional
        One sequence that drives them all.
    threads : int, optional
        How many networks run at a time.

    Returns
    -------
    Spectra
        One row for each network, to the last bit what it gives alone. A network that diverges has its error in its row.

    Raises
    ------
    ValueError, TypeError
        Naming the argument, what came and what is expected.

    Examples
    --------
    >>> import lyaplab as ll
    >>> nets = [ll.Model("tanh", n=50, gain=gain, seed=1) for gain in (0.5, 3.0)]
    >>> many_spectra(nets, 1000, k=1).exponents[:, 0] > 0
    array([False,  True])
    """
    *_, result = iter_many_spectra(
        models, steps, k=k, inputs=inputs, warmup=warmup, until=until, threads=threads
    )
    return result


def iter_many_spectra(
    models: Iterable[Model],
    steps: int | None = None,
    *,
    k: int | None = None,
    inputs: ArrayLike | None = None,
    warmup: int = 500,
    until: float | None = None,
    threads: int | None = None,
) -> Iterator[Spectra]:
    """Yield the rows as they fill; stop by not asking for the next. Arguments as for `many_spectra`."""
    nets = _alike(models)
    first = nets[0]
    plan = first._plan(steps, k=k, x0=None, inputs=inputs, warmup=warmup, until=until)
    if len(plan.sequences) > 1:
        raise ValueError(f"inputs must be one sequence (T, m), got {len(plan.sequences)} sequences")
    if threads is not None:
        threads = positive_int("threads", threads)
    runs = [partial(net._run, plan._replace(x0=net.start), plan.sequences[0]) for net in nets]
    return follow_many(runs, k=plan.k, unit=first.unit, threads=threads)


def _alike(models: Iterable[Model]) -> Sequence[Model]:
    """Return the models as a list, if they can share a table."""
    nets = list(models)
    if not nets:
        raise ValueError("models must hold at least one Model, got none")
    for place, net in enumerate(nets):
        if not isinstance(net, Model):
            raise TypeError(f"models must be Models, but models[{place}] is {type(net).__name__}")
        if (net.d, net.m, net.unit) != (nets[0].d, nets[0].m, nets[0].unit):
            raise ValueError(
                f"models must be of one size: models[0] has {_size(nets[0])}, models[{place}] has {_size(net)}"
            )
    return nets


def _size(net: Model) -> str:
    return f"{net.d} state variables and {net.m} inputs, per {net.unit}"
