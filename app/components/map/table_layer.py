"""The features of a layer as rows, by the facts that a click tells of each; and the cells of a figure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from dash import html

from app import format as write
from app.components.icons import icon
from app.components.indicators.parts import made_of, part_title, part_writer
from app.components.indicators.words import Write, unknown_words
from app.components.map.layer_facts import OPTIONAL, Fact, Facts, told_of
from app.components.map.legend import NOT_COMPUTED
from app.components.map.table_cells import grid, head, unseen_head, value_cell
from app.i18n import gettext as _
from app.services.map.table import Asked, Cells, Features, figure_title, value_of
from app.terms import localised, term, translated
from data import codes
from data.run_figures import NAMED, run_figure

NONE = "–"
NUMBERS = {"integer", "number"}


def layer_table(wanted: Asked, shown: Features) -> Any:
    """Lay out a page of features, or why there is none."""
    if shown.too_many:
        words = _("Too many to list: zoom in, or keep only what is in view. The CSV holds them all.")
        return html.P(words, className="muted empty")
    if not shown.rows:
        return html.P(_("Nothing of this layer is here."), className="muted empty")
    facts = [fact for fact in told_of(wanted.rows) if fact.column in shown.kinds]
    heads = [
        unseen_head(_("Show on the map")),
        head(_("Feature code"), "code", wanted, left=True),
        *(head(_(fact.label), fact.column, wanted, left=_is_text(shown, fact)) for fact in facts),
    ]
    rows = [_feature(shown, facts, row) for row in shown.rows]
    return grid(str(term(codes.LAYERS, wanted.rows)), heads, rows)


def cell_table(wanted: Asked, shown: Cells, tints: pd.Series[str]) -> Any:
    """Lay out a page of grid cells: the figure of the map, and what was divided by what."""
    if not shown.rows:
        words = _("No unit is here.") if wanted.bounds else _(NOT_COMPUTED)
        return html.P(words, className="muted empty")
    title = figure_title(shown.shown)
    asked = run_figure(shown.shown.figure.name)
    parts = made_of(asked.indicator, asked.basis) if asked else {}
    heads = [
        unseen_head(_("Show on the map")),
        head(_("Feature code"), "code", wanted, left=True),
        *([head(_("Renewal unit"), "name", wanted, left=True)] if wanted.rows in NAMED else []),
        head(title, "value", wanted, left=True),
        *(head(part_title(part), name, wanted) for name, part in parts.items()),
    ]
    values = {name: pd.Series([row[name] for row in shown.rows], dtype=float) for name in parts}
    writers = {name: part_writer(part, values[name]) for name, part in parts.items()}
    rows = [_cell(wanted, shown, row, writers, tints.get(row["code"])) for row in shown.rows]
    return grid(title, heads, rows)


def _cell(wanted: Asked, shown: Cells, row: Facts, writers: Mapping[str, Write], tint: Any) -> Any:
    missing = unknown_words(row["missing"]) if row["missing"] else ""
    value = value_of(shown.shown, row)
    parts = [NONE if row[name] is None else said(row[name]) for name, said in writers.items()]
    cells = [value_cell(shown.shown.figure.places, value, tint, missing), *map(html.Td, parts)]
    named = [html.Td(row[localised("name")], className="left")] if wanted.rows in NAMED else []
    return html.Tr([html.Td(_shows(row)), html.Th(row["code"], scope="row"), *named, *cells])


def _is_text(shown: Features, fact: Fact) -> bool:
    return shown.kinds[fact.column] not in NUMBERS


def _look(shown: Features, fact: Fact) -> str | None:
    if not _is_text(shown, fact):
        return None
    return "left wrap" if fact.writer is str else "left"


def _feature(shown: Features, facts: list[Fact], row: Facts) -> Any:
    code = html.Th(row["code"] or NONE, scope="row")
    cells = [html.Td(_words(fact, row), className=_look(shown, fact)) for fact in facts]
    return html.Tr([html.Td(_shows(row)), code, *cells])


def _shows(row: Facts) -> Any:
    if row["lon"] is None:
        return None
    words = _("Show on the map")
    return html.Button(
        icon("locate"),
        className="show",
        title=words,
        **{
            "data-map-table": "show",
            "data-at": f"{row['lon']:.6f},{row['lat']:.6f}",
            "aria-label": f"{words}: {row['code'] or NONE}",
        },
    )


def _words(fact: Fact, row: Facts) -> str:
    if row[fact.column] is None:
        return NONE if fact.column in OPTIONAL else write.not_supplied()
    if f"{fact.column}_en" in row:
        return translated(row, fact.column)
    return fact.writer(row[fact.column])
