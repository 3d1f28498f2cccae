"""A report in words: what text and HTML both show, as lines of label, value and note, and as tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lyaplab.report import phrases, spectral

if TYPE_CHECKING:
    from lyaplab.report.page import Report

__all__ = ["Fact", "Section", "Table", "in_words"]

TITLES = {
    "identity": "Network",
    "weights": "Recurrent weights",
    "spectrum": "Lyapunov spectrum",
    "verdict": "Verdict",
    "memory": "Memory",
    "gradients": "Gradients",
    "fixed_points": "Fixed points",
    "echo": "Echo state",
}


@dataclass(frozen=True)
class Fact:
    """One line of the page: what it is, its value with error and unit, and what that means."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Table:
    """Rows of written numbers under their headers; the first column names the row."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    """One section of the page; `error` is what went wrong instead, `waiting` that it is not measured yet."""

    name: str
    title: str
    facts: tuple[Fact, ...] = ()
    table: Table | None = None
    error: str = ""
    waiting: bool = False


def in_words(page: Report) -> tuple[Section, ...]:
    """Write all sections of a page; the verdict, which everybody looks for first, comes right after the name.

    Examples
    --------
    >>> import lyaplab as ll
    >>> [section.title for section in in_words(ll.report(ll.Model("logistic"), sections="memory"))]
    ['Network', 'Lyapunov spectrum', 'Memory']
    """
    first = [name for name in ("identity", "verdict") if name in page.sections]
    rest = [name for name in page.sections if name not in first]
    return tuple(_section(page, name) for name in [*first, *rest])


def _section(page: Report, name: str) -> Section:
    title = TITLES[name]
    if name in page.errors:
        return Section(name, title, error=page.errors[name])
    if getattr(page, name) is None:
        return Section(name, title, waiting=True)
    facts = tuple(Fact(*words) for words in _FACTS[name](page))
    table = _TABLES[name](page) if name in _TABLES else None
    return Section(name, title, facts, None if table is None else Table(*table))


_FACTS: dict[str, Callable[[Report], list[tuple[str, ...]]]] = {
    "identity": phrases.identity,
    "weights": phrases.weights,
    "spectrum": spectral.spectrum,
    "verdict": phrases.verdict,
    "memory": spectral.memory,
    "gradients": spectral.gradients,
    "fixed_points": phrases.fixed_points,
    "echo": spectral.echo,
}
_TABLES: dict[str, Callable[[Report], tuple[str, tuple[str, ...], tuple[tuple[str, ...], ...]] | None]] = {
    "weights": phrases.weights_table,
    "spectrum": spectral.spectrum_table,
    "fixed_points": phrases.fixed_points_table,
    "echo": spectral.echo_table,
}
