"""A project's money by source and year: planned, allocated, paid, and whether it ties with the total."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from dash import html
from sqlalchemy import RowMapping

from app import format as write
from app.components.project.parts import Part, bar, dash_or, note, small_table
from app.i18n import gettext as _
from app.services.projects.panel import Money, ProjectPanel
from app.terms import term
from data import codes


def money_part(panel: ProjectPanel, *, wide: bool = False) -> Part:
    """Lay out money by source and year; the whole table of both on a page of its own."""
    money = panel.money
    if money.whole is None:
        said = _("only the library's total is supplied") if money.printed is not None else ""
        return Part("money", _("Money"), said, None)
    body = [_stack(money), _by_source(money), _by_year(money), _tie(money)]
    if wide:
        body.insert(3, _by_both(money))
    return Part("money", _("Money"), _sum_words(money.whole), body)


def _sum_words(whole: RowMapping) -> str:
    known = [(kind, whole[kind]) for kind in codes.INVESTMENT_KINDS if whole[kind] is not None]
    said = [f"{term(codes.INVESTMENT_KINDS, kind)} {write.money(amount)}" for kind, amount in known]
    return f"{' · '.join(said)} {write.money_unit()}"


def _name(source: str) -> str:
    return str(term(codes.FUNDING_SOURCES, source))


def _stack(money: Money) -> Any:
    planned = [(row["source"], row["planned"]) for row in money.sources if row["planned"]]
    whole = sum(amount for _source, amount in planned)
    if not whole:
        return None
    parts = [_segment(source, amount, amount / whole) for source, amount in planned]
    label = _("Planned money by source; the table below says the same")
    return html.Div(parts, className="stack-bar", role="img", **{"aria-label": label})


def _segment(source: str, amount: Decimal, share: Decimal) -> Any:
    words = f"{_name(source)}: {write.money(amount)} {write.money_unit()}, {write.share(share)}"
    size = {"flexGrow": f"{float(share):.6f}"}
    return html.Span(style=size, title=words, className=f"of-source {_hue(source)}")


def _hue(source: str) -> str:
    known = list(codes.FUNDING_SOURCES)
    return f"hue-{known.index(source) % len(known)}" if source in known else "hue-0"


def _heads(first: str) -> list[str]:
    return [first, *[str(term(codes.INVESTMENT_KINDS, kind)) for kind in codes.INVESTMENT_KINDS]]


def _cells(row: RowMapping) -> list[str]:
    return [dash_or(row[kind], write.money(row[kind])) for kind in codes.INVESTMENT_KINDS]


def _by_source(money: Money) -> Any:
    rows = [
        [[html.Span(className=f"swatch {_hue(row['source'])}"), _name(row["source"])], *_cells(row)]
        for row in money.sources
    ]
    title = _("Source, {unit}").format(unit=write.money_unit())
    return small_table(_heads(title), [*rows, _sum_row(money)], last="sum", label=_("Money by source"))


def _sum_row(money: Money) -> list[Any]:
    return [_("Sum"), *(_cells(money.whole) if money.whole else [])]


def _by_year(money: Money) -> Any:
    most = max((row[kind] or Decimal(0) for row in money.years for kind in codes.INVESTMENT_KINDS), default=0)
    rows = [[_year(row, most), *_cells(row)] for row in money.years]
    title = _("Year, {unit}").format(unit=write.money_unit())
    return small_table(_heads(title), rows, label=_("Money by year"))


def _year(row: RowMapping, most: Decimal | int) -> Any:
    words = str(row["year"]) if row["year"] else _("whole project")
    lengths = [(kind, float((row[kind] or 0) / most) if most else 0.0) for kind in codes.INVESTMENT_KINDS]
    bars = html.Div([bar(length, kind) for kind, length in lengths if length], className="year-bars")
    return html.Div([html.Span(words), bars], className="year-cell")


def _by_both(money: Money) -> Any:
    rows = [
        [_name(row["source"]), str(row["year"]) if row["year"] else _("whole project"), *_cells(row)]
        for row in money.rows
    ]
    title = _("Source, {unit}").format(unit=write.money_unit())
    heads = [title, _("Year"), *_heads("")[1:]]
    table = small_table(heads, rows, left=2, label=_("Money by source and year"))
    return html.Details([html.Summary(_("By source and year")), table], className="unfold", open=True)


def _tie(money: Money) -> Any:
    if money.gap is None:
        return None
    printed = f"{write.money(money.printed)} {write.money_unit()}"
    if money.ties:
        words = _("The planned money sums to the library's total of {total}.").format(total=printed)
        return html.P(
            [html.Span("✓", className="tick", **{"aria-hidden": "true"}), " ", words], className="how"
        )
    gap = write.money(abs(money.gap), 4)
    words = (
        _("The planned money is {gap} below the library's total of {total}.")
        if money.gap > 0
        else _("The planned money is {gap} above the library's total of {total}.")
    )
    return note(words.format(gap=gap, total=printed))
