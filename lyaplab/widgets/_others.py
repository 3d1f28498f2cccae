"""Others to lay a spectrum over: networks of other seeds or sizes, other inputs, other starts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lyaplab.engine.lyapunov import Spectrum
from lyaplab.errors import DivergenceError
from lyaplab.model import Model
from lyaplab.widgets._drive import Drive

__all__ = ["KINDS", "Member", "Others", "follow_others", "kinds_of", "members_of"]

Array = NDArray[np.float64]

KINDS = ("seeds", "inputs", "sizes", "starts")
"""In what others may differ."""

# Sizes of others, as parts of the network's own.
_FACTORS = (0.5, 2.0, 0.25)


@dataclass(frozen=True)
class Member:
    """One of the others: its model, its first state, and which of the further input sequences drives it."""

    name: str
    model: Model
    x0: Array | None
    sequence: int = 0


@dataclass(frozen=True)
class Others:
    """The spectra that others have come to, so far.

    Parameters
    ----------
    kind : str
        In what they differ.
    members : tuple of Member
        All that are to be measured.
    found : tuple of (Member, Spectrum)
        In their order; the last one may be on its way. Those whose orbit runs away are left out.
    drive : Drive
        What drives them all.
    steps, warmup, k : int
        Of each run; `k` is the greatest number of exponents.
    lost : int
        How many have run away.
    done : bool
        Whether all have come to their end.
    """

    kind: str
    members: tuple[Member, ...]
    found: tuple[tuple[Member, Spectrum], ...]
    drive: Drive
    steps: int
    warmup: int
    k: int
    lost: int = 0
    done: bool = False

    @property
    def sized(self) -> list[tuple[Spectrum, int]]:
        """Each spectrum with the units that it is of."""
        return [(spectrum, member.model.n) for member, spectrum in self.found]

    @property
    def fraction(self) -> float:
        """How much of all runs is done."""
        steps = sum(spectrum.steps for _, spectrum in self.found)
        return (self.lost + steps / self.steps) / max(1, len(self.members))

    @property
    def exponents(self) -> Array:
        """One row for each, filled up with nan where they are fewer."""
        rows = [spectrum.exponents for _, spectrum in self.found]
        table = np.full((len(rows), max(map(len, rows), default=0)), np.nan)
        for place, row in zip(table, rows, strict=True):
            place[: len(row)] = row
        return table

    def legend(self) -> str:
        """Say what they are, in two or three words."""
        count, kind = len(self.found), self.kind
        return f"{count} other {kind if count != 1 else kind[:-1]}"


def kinds_of(model: Model, drive: Drive, *, turns: frozenset[str]) -> tuple[str, ...]:
    """Say in what others of this model may differ; `turns` names the knobs that there are."""
    there = {
        "seeds": "seed" in turns,
        "inputs": not drive.silent and (drive.given is None or drive.sequences > 1),
        "sizes": {"seed", "n"} <= turns,
        "starts": drive.given is None,
    }
    return tuple(kind for kind in KINDS if there[kind])


def members_of(kind: str, count: int, model: Model, x0: Array | None, drive: Drive) -> tuple[Member, ...]:
    """Make the others: at most `count`, and for sizes and given inputs no more than there are."""
    if kind == "seeds":
        seed = int(model.knobs["seed"].value)
        return tuple(Member(f"seed {seed + i}", model.with_knobs(seed=seed + i), x0) for i in range(1, count + 1))
    if kind == "sizes":
        sizes = [max(4, round(model.n * factor)) for factor in _FACTORS[:count]]
        sizes = [size for size in dict.fromkeys(sizes) if size != model.n]
        return tuple(Member(f"n = {size}", model.with_knobs(n=size), None) for size in sizes)
    if kind == "inputs":
        most = count if drive.given is None else min(count, drive.sequences - 1)
        return tuple(Member(f"input {i}", model, x0, sequence=i) for i in range(1, most + 1))
    low, high = model.view
    starts = np.random.default_rng(0).uniform(low, high, (count, model.d))
    return tuple(Member(f"start {i}", model, start) for i, start in enumerate(starts, start=1))


def follow_others(
    kind: str, members: Sequence[Member], drive: Drive, *, steps: int, warmup: int, k: int
) -> Iterator[Others]:
    """Measure one after the other, and yield what is there every 50 ms or so."""
    found: list[tuple[Member, Spectrum]] = []
    so_far = Others(kind, tuple(members), (), drive, steps, warmup, k)
    for member in members:
        rows = drive.rows(warmup + steps, other=member.sequence)
        arguments: dict[str, Any] = {"k": min(k, member.model.d), "x0": member.x0, "inputs": rows, "warmup": warmup}
        try:
            for spectrum in member.model.iter_lyapunov_spectrum(steps, **arguments):
                yield replace(so_far, found=(*found, (member, spectrum)))
        except DivergenceError:
            so_far = replace(so_far, lost=so_far.lost + 1)
            continue
        found.append((member, spectrum))
        so_far = replace(so_far, found=tuple(found))
    yield replace(so_far, done=True)
