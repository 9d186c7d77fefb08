"""Indicators 指标: one of them on the map, ranked, distributed, judged, defined and compared."""

from __future__ import annotations

from typing import Any

import pandas as pd
from dash import ClientsideFunction, Input, Output, State, clientside_callback, dcc, html

from app import format as write
from app.components.callback import callback
from app.components.figures import figure, figures
from app.components.icons import icon
from app.components.indicators.charts import distribution, scatter
from app.components.indicators.choices import choices, held
from app.components.indicators.compute import compute_button, not_computed
from app.components.indicators.definition import definition
from app.components.indicators.listing import catalogue_list, lacking
from app.components.indicators.map import indicator_map
from app.components.indicators.notice import notice
from app.components.indicators.table import ranking
from app.components.indicators.words import (
    figure_writer,
    limits_words,
    missing_words,
    picture_name,
    threshold_name,
    unit_of,
    unit_words,
)
from app.components.shell import heading
from app.components.view import View, database, view
from app.i18n import gettext as _
from app.services.indicators.page import Page, Picture, Thresholds, page_of, thresholds_of
from app.terms import joined, localised, term
from data.indicator_codes import SCOPES
from data.thresholds import Threshold
from data.thresholds.store import Stored

FORMATS = {"csv": "CSV", "xlsx": "Excel", "gpkg": "GeoPackage", "geojson": "GeoJSON", "parquet": "Parquet"}


def layout(_current: View) -> Any:
    """Lay out the page; its content follows the address, whose order of rows only the table follows."""
    exports = [_export_link(kind, label) for kind, label in FORMATS.items()]
    stores = (
        "indicators-asked",
        "indicators-held",
        "indicators-chosen",
        "indicator-shown",
        "indicator-sorted",
    )
    return [
        heading(_("Indicators"), _("density, coverage and walking distance"), exports),
        *[dcc.Store(id=name) for name in stores],
        html.Div(id="indicators"),
    ]


def _export_link(kind: str, label: str) -> Any:
    title = _("Download exactly the units shown as {format}").format(format=label)
    return html.A(
        [icon("download"), label], id=f"export-indicators-{kind}", className="button", title=title, href="#"
    )


@callback(
    Output("indicators", "children"),
    Output("indicators-held", "data"),
    Input("indicators-asked", "data"),
    State("url", "search"),
    prevent_initial_call=True,
)
def show(_asked: str | None, search: str) -> tuple[list[Any], dict[str, Any]]:
    """Show the chosen indicator for an address; a change of the order alone does not ask for it."""
    current = view(search)
    page = page_of(database(), current.city, current.params)
    thresholds = thresholds_of(database(), current.city, page)
    if page.first is None:
        content: list[Any] = [not_computed(current, page)]
    elif page.second is None:
        content = [
            _city_wide(page.first, thresholds.reference),
            _alone(current, page, page.first, thresholds.reference),
        ]
    else:
        content = [_compared(current, page)]
    again = html.P(compute_button(current, page), className="again") if page.first else None
    shown = [
        choices(current, page),
        notice(page),
        *_definitions(current, page, thresholds),
        *content,
        catalogue_list(current, page),
        again,
    ]
    return shown, held(page)


def _definitions(current: View, page: Page, thresholds: Thresholds) -> list[Any]:
    """Define what is shown; of a comparison each side."""
    other = page.other
    if other is None:
        return [definition(page, thresholds)]
    second = definition(other, thresholds_of(database(), current.city, other), "B")
    return [definition(page, thresholds, "A"), second]


def _alone(current: View, page: Page, first: Picture, reference: Stored | None) -> Any:
    if first.known.empty:
        found = [_nothing_known(page, first), ranking(current, page)]
        return html.Div(found, className="split indicator-split")
    side = html.Div([ranking(current, page), _panel(distribution(first, reference))], className="ranked")
    return html.Div([indicator_map(current, page), side], className="split indicator-split")


def _nothing_known(page: Page, first: Picture) -> Any:
    """Say why no value is known, and what would give it."""
    inputs = joined(lacking(page, first.indicator))
    return html.Div(
        [
            html.P(_("{indicator}: not supplied for any unit.").format(indicator=picture_name(first))),
            html.P(_("It lacks: {inputs}").format(inputs=inputs), className="remedy"),
        ],
        className="empty",
    )


def _compared(current: View, page: Page) -> Any:
    maps = html.Div(
        [indicator_map(current, page, 1), indicator_map(current, page, 2)], className="split compared"
    )
    below = html.Div([_panel(scatter(page)), ranking(current, page)], className="split against")
    return html.Div([maps, below], className="comparison")


def _panel(drawn: Any) -> Any:
    return html.Section(drawn, className="panel") if drawn is not None else None


def _city_wide(first: Picture, reference: Stored | None) -> Any:
    """Sum the units up: how many are known, the least, the middle, the greatest, who meets the threshold."""
    known, unit = first.known, unit_of(first.indicator)
    written = figure_writer(first)
    lacking = len(first.table) - len(known)
    shown = [
        figure(
            _("Units known"),
            f"{write.count(len(known))} / {write.count(len(first.table))}",
            note=_("{count} without a value").format(count=lacking) if lacking else _("each has a value"),
            definition=joined(missing_words(name) for name in first.missing),
        )
    ]
    if len(known):
        shown += [
            _extreme(_("Least"), first, known.idxmin(), unit),
            figure(_("Median"), written(known.median()), unit, note=_("half of the units have less")),
            _extreme(_("Greatest"), first, known.idxmax(), unit),
        ]
    return figures(*shown, *_judged(first, reference))


def _extreme(label: str, first: Picture, place: Any, unit: str) -> Any:
    row = first.table.loc[place]
    name = row[localised("unit_name")]
    written = figure_writer(first)
    return figure(label, written(row["value"]), unit, note=row["unit_code"] if pd.isna(name) else str(name))


def _judged(first: Picture, reference: Stored | None) -> list[Any]:
    """Say how many units meet the threshold, or what is asked of other ground that they compare with."""
    if not first.thresholds:
        return [_referred(reference.threshold)] if reference else []
    counts, asked = first.verdicts(), [one.threshold for one in first.thresholds.values()]
    value = f"{write.count(counts.get('pass', 0))} / {write.count(sum(counts.values()))}"
    note = joined(threshold_name(one) for one in asked)
    return [figure(_("Meet the threshold"), value, note=note, definition=joined(one.clause for one in asked))]


def _referred(asked: Threshold) -> Any:
    note = f"{term(SCOPES, asked.scope)} · {asked.document_no or asked.document}"
    unit = unit_words(asked.unit)
    return figure(_("For reference"), limits_words(asked), unit, note=note, definition=asked.clause)


clientside_callback(
    ClientsideFunction("indicators", "asked"),
    Output("indicators-asked", "data"),
    Input("url", "search"),
    State("indicators-asked", "data"),
)
clientside_callback(
    ClientsideFunction("indicators", "exports"),
    *[Output(f"export-indicators-{kind}", "href") for kind in FORMATS],
    Input("indicators-held", "data"),
    Input("url", "search"),
)
