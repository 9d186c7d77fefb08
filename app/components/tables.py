"""Small tables: a caption, figures to the right, a sum row, bars where shares compare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dash import html

from app import format as write
from app.components.chips import changed, in_place
from app.components.view import View
from app.i18n import gettext as _
from data.projects import YI, ProjectFilter


@dataclass(frozen=True)
class Column:
    """A column's heading; ``title`` says how figures are found, ``sort`` names its order in the address."""

    label: Any
    title: str = ""
    left: bool = False
    sort: str = ""


def table(caption: Any, columns: Sequence[Any], rows: Sequence[Any], name: str = "", kind: str = "") -> Any:
    """Lay out a table of rows made by ``row`` under headings made by ``heads``."""
    parts = [html.Caption(caption), html.Thead(html.Tr(list(columns))), html.Tbody(list(rows))]
    return html.Table(parts, className=f"grid {kind}".strip(), **({"id": name} if name else {}))


def heads(columns: Sequence[Column], current: View | None = None, path: str = "") -> list[Any]:
    """Lay out headings; those that can order the table are links when the page's view is given."""
    return [_head(column, current, path) for column in columns]


def _head(column: Column, current: View | None, path: str) -> Any:
    marks: dict[str, Any] = {"title": column.title} if column.title else {}
    if column.left:
        marks["className"] = "left"
    if current is None or not column.sort:
        return html.Th(column.label, scope="col", **marks)
    ordered = current.get("sort") == column.sort
    if ordered:
        marks["aria-sort"] = "descending"
    link = in_place(
        column.label, changed(current, path, sort="" if ordered else column.sort), className="sort"
    )
    return html.Th(link, scope="col", **marks)


def row(head: Any, *cells: Any, kind: str = "", chosen: bool = False) -> Any:
    """Lay out one row: its heading, then its cells; a cell that is not a ``Td`` becomes one."""
    shown = [cell if isinstance(cell, html.Td) else html.Td(cell) for cell in cells]
    names = " ".join(part for part in (kind, "chosen" if chosen else "") if part)
    return html.Tr([html.Th(head, scope="row"), *shown], className=names or None)


def paired_bars(project_share: float | None, investment_share: float | None, longest: float) -> Any:
    """Draw the share of projects above the share of investment, on one scale, with both as text."""
    bars = [
        _bar("of-projects", project_share, longest, _("{share} of projects")),
        _bar("of-investment", investment_share, longest, _("{share} of investment")),
    ]
    return html.Td(bars, className="paired")


def _bar(kind: str, share: float | None, longest: float, says: str) -> Any:
    words = "–" if share is None else write.share(share)
    length = share / longest if share and longest else 0.0
    label = says.format(share=words)
    return html.Div(
        words, className=kind, role="img", style={"--length": f"{length:.4f}"}, **{"aria-label": label}
    )


def paired_key() -> Any:
    """Say which of the paired bars is which."""
    return html.Span(
        [
            html.Span(_("Share of projects"), className="key of-projects"),
            html.Span(_("Share of investment"), className="key of-investment"),
        ],
        className="keys",
    )


def band_label(name: str) -> str:
    """Write a size band as people read it, e.g. ``10–50`` or ``≥100``."""
    return name.replace("-", "–").replace(">=", "≥")


def whole_note(cross_district: int, keep: ProjectFilter) -> str:
    """Say that cross-district projects count whole, where a choice of districts suggests their shares."""
    if not cross_district or not (keep.districts or keep.sections):
        return ""
    return _(
        "Includes {number} cross-district projects, counted whole; by district they count by share."
    ).format(number=cross_district)


def yi(amount: Decimal | None, places: int = 2) -> str:
    """Write an amount that is in 亿元 already."""
    return write.money(None if amount is None else amount * YI, places)


def yi_with_unit(amount: Decimal | None, places: int = 4) -> str:
    """Write an amount that is in 亿元 already with its unit, or that it is not supplied."""
    return yi(amount, places) if amount is None else f"{yi(amount, places)} {write.money_unit()}"


def signed(amount: Decimal | None, places: int = 4) -> str:
    """Write a difference in 亿元 with its sign; a dash where there is nothing to compare with."""
    if amount is None:
        return "–"
    rounded = round(amount, places)
    sign = "+" if rounded > 0 else "−" if rounded < 0 else ""
    return f"{sign}{abs(rounded):,.{places}f}"
