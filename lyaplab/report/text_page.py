"""The page as text: labels in one column, values in the next, no line longer than a terminal is wide."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lyaplab.report.words import Fact, Section, Table

__all__ = ["WIDTH", "text_page"]

WIDTH = 100
_INDENT, _LABEL = 2, 24
# Longer tables show their first rows and their last.
_ROWS, _FIRST, _LAST = 12, 8, 2


def text_page(title: str, sections: tuple[Section, ...]) -> str:
    """Write the sections one below the other."""
    lines = [title, "=" * len(title)]
    for section in sections:
        lines += ["", section.title, "-" * len(section.title)]
        if section.error:
            lines += _wrapped("not measured", section.error)
        elif section.waiting:
            lines += _wrapped("", "not measured yet")
        for fact in section.facts:
            lines += _fact(fact)
        if section.table is not None:
            lines += _table(section.table)
    return "\n".join(line.rstrip() for line in lines)


def _fact(fact: Fact) -> list[str]:
    return _wrapped(fact.label, fact.value) + (_wrapped("", fact.note) if fact.note else [])


def _wrapped(label: str, text: str) -> list[str]:
    first = " " * _INDENT + label.ljust(_LABEL)
    after = " " * (_INDENT + _LABEL)
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=after, break_on_hyphens=False) or [first]


def _table(table: Table) -> Iterator[str]:
    rows = list(table.rows)
    if len(rows) > _ROWS:
        rows = [*rows[:_FIRST], tuple("…" for _ in table.header), *rows[-_LAST:]]
    widths = [max(map(len, column)) for column in zip(table.header, *rows, strict=True)]
    yield ""
    for row in (table.header, *rows):
        # Names stand on the left, numbers on the right.
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        yield " " * _INDENT + "   ".join(cells)
    yield from textwrap.wrap(f"({table.caption})", WIDTH, initial_indent="  ", subsequent_indent="  ")
