"""The page as HTML: a piece that stands alone in a notebook, or a whole document; no script, nothing fetched."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from lyaplab.drawing.numbers import measured, short
from lyaplab.drawing.palette import colour, themes
from lyaplab.engine.dimension import entropy_rate
from lyaplab.report.charts import CHARTS
from lyaplab.report.phrases import long_unit
from lyaplab.report.spectral import error_of

if TYPE_CHECKING:
    from lyaplab.report.page import Report
    from lyaplab.report.words import Fact, Section, Table

__all__ = ["STYLE", "document", "fragment"]

STYLE = themes(".lyap-report") + Path(__file__).with_name("page.css").read_text(encoding="utf-8")
# A file's own sheet is of the page's paper, to its edges.
_SHEET = (
    f"html{{background:{colour('paper')};color-scheme:light dark}}body{{margin:0;padding:24px 12px}}"
    f"@media (prefers-color-scheme:dark){{html{{background:{colour('paper', 'dark')}}}}}"
)

# Longer tables are folded away.
_ROWS = 12
# The verdict's colour, and a sign beside it: colour is never alone.
_SIGNS = {"fixed point": ("stable", "●"), "contracting": ("stable", "●"), "cycle": ("second", "↻"),
          "quasi-periodic": ("second", "↻"), "chaos": ("first", "◆"), "divergent": ("unstable", "↗"),
          "undecided": ("muted", "?")}  # fmt: skip


def document(sections: tuple[Section, ...], page: Report) -> str:
    """Write the page as a document of its own."""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(page.title)}</title><style>{_SHEET}</style></head>\n"
        f"<body>{fragment(sections, page)}</body></html>\n"
    )


def fragment(sections: tuple[Section, ...], page: Report) -> str:
    """Write the page as a piece of HTML with its own style."""
    by_name = {section.name: section for section in sections}
    lead = "".join(_lead(by_name[name], page) for name in ("identity", "verdict") if name in by_name)
    cards = "".join(_card(section, page) for section in sections if section.name not in ("identity", "verdict"))
    return (
        f'<article class="lyap-report" aria-label="{escape(page.title)}"><style>{STYLE}</style>\n'
        f"<header>{_heading(page.title, 2)}{lead}{_tiles(page)}</header>\n"
        f'<div class="cards">{cards}</div></article>'
    )


def _heading(words: str, level: int) -> str:
    # No h2: a notebook's table of contents would list the headings of every page shown in it.
    return f'<div class="h{level}" role="heading" aria-level="{level}">{escape(words)}</div>'


def _lead(section: Section, page: Report) -> str:
    body = _body(section)
    if section.name != "verdict":
        return body
    role, sign = _SIGNS.get(page.verdict.name if page.verdict else "undecided", _SIGNS["undecided"])
    if page.verdict is None:
        return f'<section class="verdict">{_heading(section.title, 3)}{body}</section>'
    words, *rest = section.facts
    return (
        f'<section class="verdict" style="--tone:var(--lyap-{role})">'
        f'<p><span class="sign" aria-hidden="true">{sign}</span><b>{escape(_raised(words.value))}</b></p>'
        f"{_list(rest)}</section>"
    )


def _raised(words: str) -> str:
    return words[:1].upper() + words[1:]


def _card(section: Section, page: Report) -> str:
    chart = CHARTS[section.name](page) if section.name in CHARTS else None
    figure = "" if chart is None else str(chart)
    table = "" if section.table is None else _table(section.table)
    return f'<section class="card">{_heading(section.title, 3)}{figure}{_body(section)}{table}</section>\n'


def _body(section: Section) -> str:
    if section.error:
        return f'<p class="error"><b>Not measured:</b> {escape(section.error)}</p>'
    if section.waiting:
        return '<p class="note">Not measured yet.</p>'
    return _list(section.facts)


def _list(facts: tuple[Fact, ...] | list[Fact]) -> str:
    rows = []
    for fact in facts:
        note = f'<span class="note">{escape(fact.note)}</span>' if fact.note else ""
        rows.append(f"<dt>{escape(fact.label)}</dt><dd>{escape(fact.value)}{note}</dd>")
    return f"<dl>{''.join(rows)}</dl>" if rows else ""


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in table.header)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in row[1:])}</tr>'
        for row in table.rows
    )
    caption = f"<caption>{escape(table.caption)}</caption>"
    # A table that is too wide for a narrow window can be scrolled, also by keyboard.
    wide = f'<div class="wide" role="region" tabindex="0" aria-label="{escape(table.caption)}">'
    whole = f'{wide}<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    if len(table.rows) <= _ROWS:
        return whole
    return f"<details><summary>All {len(table.rows)} as a table</summary>{whole}</details>"


def _tiles(page: Report) -> str:
    """The key numbers, large."""
    tiles: list[tuple[str, str, str]] = []
    if page.spectrum is not None:
        own, per = page.spectrum, f"per {long_unit(page.spectrum.unit)}"
        tiles.append(("largest exponent λ₁", measured(float(own.exponents[0]), float(own.stderr[0])), per))
        least = len(own.exponents) != page.size and own.exponents.sum() >= 0.0
        tiles.append(("Kaplan-Yorke dimension", ("≥ " if least else "") + short(own.kaplan_yorke), f"of {page.size}"))
        tiles.append(("entropy rate", measured(own.entropy_rate, error_of(own, entropy_rate)), f"nats {per}"))
    if page.memory is not None:
        units = long_unit(page.memory.unit, several=True)
        open_ = page.memory.kind == "undecided"
        horizon = f"≥ {short(page.memory.least)}" if open_ else short(page.memory.horizon)
        tiles.append(("memory horizon", horizon, units))
    if page.gradients is not None:
        growth = page.gradients
        tiles.append(("gradient growth", measured(growth.slope, growth.stderr), f"per {long_unit(growth.unit)}"))
    items = "".join(
        f"<div><dt>{escape(label)}</dt><dd><b>{escape(value)}</b><span>{escape(unit)}</span></dd></div>"
        for label, value, unit in tiles
    )
    return f'<dl class="tiles">{items}</dl>' if items else ""
