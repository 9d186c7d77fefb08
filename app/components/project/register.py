"""What the library's notices print of a project: where it is listed, and the money that they give."""

from __future__ import annotations

from typing import Any

from dash import html

from app import format as write
from app.components.history import source_words
from app.components.project.words import kind_words
from app.i18n import gettext as _
from app.services.projects.project import Dossier


def section(title: str, *children: Any) -> Any:
    """Lay out a panel with a title."""
    return html.Section([html.H2(title), *children], className="panel")


def dossier_table(heads: list[str], rows: list[list[Any]], left: int = 1) -> Any:
    """Lay out a table whose first ``left`` columns hold words."""

    def cell(place: int, value: Any) -> Any:
        return html.Td(value, className="left" if place < left else None)

    head = html.Tr(
        [html.Th(text, scope="col", className="left" if i < left else None) for i, text in enumerate(heads)]
    )
    body = [html.Tr([cell(place, value) for place, value in enumerate(row)]) for row in rows]
    table = html.Table([html.Thead(head), html.Tbody(body)], className="grid")
    return html.Div(table, className="scroll", tabIndex=0)


def notices_panel(found: Dossier) -> Any:
    """List what each notice prints of the project."""
    heads = [
        _("Notice"),
        _("Printed name"),
        _("Area as printed"),
        _("Section"),
        _("New"),
        _("Amount, {unit}").format(unit=write.money_unit()),
    ]
    rows = [
        [
            html.Span(row["number"], title=write.date(row["published_on"])),
            row["name"],
            row["area"],
            row["section"],
            _("printed as new") if row["printed_as_new"] else "–",
            write.money(row["amount"]),
        ]
        for row in found.listings
    ]
    return section(_("Notices that list it"), dossier_table(heads, rows, left=5))


def printed_money(found: Dossier) -> Any:
    """List the money of a project of which only a total is known."""
    heads = [
        _("Source"),
        _("Kind"),
        _("Year"),
        _("Notice"),
        _("Amount, {unit}").format(unit=write.money_unit()),
    ]
    rows = [
        [
            source_words(row["source"]),
            kind_words(row["kind"]),
            row["year"] or _("whole project"),
            row["number"] or "–",
            write.money(row["amount"]),
        ]
        for row in found.investments
    ]
    return section(_("Investment by year and source"), dossier_table(heads, rows, left=4))
