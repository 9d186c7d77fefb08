"""Overview 总览: the city's figures, a choropleth of its districts, and their ranking."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dash_mantine_components as dmc
import pandas as pd
from dash import Input, Output, dcc, html

from app import format as write
from app.components import url_state
from app.components.callback import callback
from app.components.district_map import bounds_of, city_map, district_layers, short_name, simplified
from app.components.figures import figure, figures, meter
from app.components.legend import class_legend
from app.components.palette import NO_DATA, colour, rgba, sequence
from app.components.shell import city_label, empty_state, heading
from app.components.view import View, database, view
from app.i18n import gettext as _
from app.i18n import ngettext
from app.services.overview import FIGURES, Overview, classes_of, on_map, overview
from app.terms import localised

WRITERS: dict[str, Callable[[float], str]] = {
    "projects": write.count,
    "investment": write.money,
    "investment_density": lambda value: write.money(value * 1e6),
    "median": write.money,
    "boundary_share": write.share,
}


def layout(current: View) -> Any:
    """Lay out the page; its content follows the address."""
    choices = [{"value": name, "label": _(label)} for name, label in FIGURES.items()]
    chooser = dmc.SegmentedControl(
        id=url_state.control_id("figure"),
        data=choices,
        value=_figure(current),
        size="xs",
        **{"aria-label": _("Figure shown on the map")},
    )
    subtitle = _("Urban renewal project library")
    return [
        dcc.Store(id="overview-address"),
        heading(city_label(current), subtitle, chooser),
        dcc.Loading(html.Div(id="overview"), delay_show=400, type="dot"),
    ]


@callback(Output("overview", "children"), Input("url", "search"))
def show(search: str) -> Any:
    """Show the figures, the map and the ranking for an address."""
    current = view(search)
    shown = overview(database(), current.city)
    if not shown.totals["projects"]:
        return empty_state(_("This city has no projects yet."), html.Code(_import_command(current)))
    name = _figure(current)
    return [
        _key_figures(current, shown),
        html.Div([_choropleth(shown, name), _ranking(current, shown, name)], className="split"),
    ]


def _figure(current: View) -> str:
    asked = current.get("figure")
    return asked if asked in FIGURES else "investment"


def _import_command(current: View) -> str:
    return f"gengxin import register FILE --city {current.slug} --notice NUMBER"


def _key_figures(current: View, shown: Overview) -> Any:
    totals = shown.totals
    districts = shown.districts
    zones = int((districts["kind"] == "functional_zone").sum())
    return figures(
        figure(
            _("Projects"),
            write.count(totals["projects"]),
            note=ngettext(
                "{districts} districts, {zones} functional zone",
                "{districts} districts, {zones} functional zones",
                zones,
            ).format(districts=len(districts) - zones, zones=zones),
            definition=_("Projects in the current library; a project in several districts counts once."),
            href=current.link("/projects"),
        ),
        figure(
            _("Total investment"),
            write.money(totals["investment"]),
            write.money_unit(),
            note=_("median {median}").format(median=write.money(totals["median"])),
            definition=_("Sum of the total investment that the library prints for each project."),
            href=current.link("/investment"),
        ),
        figure(
            _("Entered with the last notice"),
            write.count(totals["entered"]),
            definition=_("Projects that the newest notice adds to the one before it."),
            href=current.link("/projects", entered="1"),
        ),
        figure(
            _("With boundary"),
            write.count(totals["with_boundary"]),
            note=_("of {projects} projects").format(projects=write.count(totals["projects"])),
            definition=_("Projects whose boundary has been drawn or surveyed; the library prints none."),
            href=current.link("/projects", boundary="drafted,surveyed"),
        ),
    )


def _choropleth(shown: Overview, name: str) -> Any:
    if shown.boundaries.empty:
        return empty_state(
            _("No district boundary is known yet."), html.Code("gengxin import districts FILE")
        )
    classes = classes_of(shown.districts, name)
    colours = sequence(classes.k)
    rows = shown.districts.set_index("code").loc[shown.boundaries["code"]]
    index = classes.index.reindex(rows.index)
    values = rows[name]
    named = shown.boundaries[localised("name")]
    districts = simplified(shown.boundaries[["code", "boundary"]]).assign(
        fill=pd.Series([_fill(place, colours) for place in index], dtype=object).to_numpy(),
        label=[short_name(name) for name in named],
        name=named,
        value=[_written(name, value) for value in values],
    )
    tip = {"html": f"<b>{{name}}</b><br>{_(FIGURES[name])} {{value}}", "style": {"fontSize": "12px"}}
    title = f"{_(FIGURES[name])} {_unit(name)}".strip()
    return html.Section(
        [
            city_map("overview-map", district_layers(districts), bounds_of(districts), tooltip=tip),
            class_legend(title, classes, on_map(shown.districts, name), colours, WRITERS[name]),
        ],
        className="map-box",
        **{"aria-label": _("Map of districts; the table beside it says the same")},
    )


def _fill(place: Any, colours: list[str]) -> list[int]:
    return rgba(colour(NO_DATA) if pd.isna(place) else colours[int(place)])


def _unit(name: str) -> str:
    unit = write.money_unit()
    return {"investment": unit, "investment_density": f"{unit}/km²", "median": unit}.get(name, "")


def _written(name: str, value: float) -> str:
    return write.not_supplied() if pd.isna(value) else WRITERS[name](value)


def _ranking(current: View, shown: Overview, name: str) -> Any:
    ranked = shown.districts.sort_values([name, "investment"], ascending=False, na_position="last")
    head = [_("District"), _("Projects"), _("Investment"), _("per km²"), _("Median"), _("Boundary")]
    body = [_rank_row(current, row) for row in ranked.itertuples()]
    caption = _("Districts by {figure}; money in {unit}, cross-district projects by their share").format(
        figure=_(FIGURES[name]).lower(), unit=write.money_unit()
    )
    table = html.Table([html.Caption(caption), html.Thead(html.Tr([html.Th(h, scope="col") for h in head])),
                        html.Tbody(body)], className="grid")  # fmt: skip
    return html.Section(table, className="table-box")


def _rank_row(current: View, row: Any) -> Any:
    name = getattr(row, localised("name"))
    link = dcc.Link(name, href=current.link("/projects", district=row.code))
    pending = html.Span(_("boundary pending"), className="badge") if pd.isna(row.area_m2) else None
    density = write.money(row.investment_density * 1e6) if pd.notna(row.investment_density) else "–"
    return html.Tr(
        [
            html.Th([link, pending], scope="row"),
            html.Td(write.count(row.projects)),
            html.Td(_or_dash(row.investment)),
            html.Td(density),
            html.Td(_or_dash(row.median)),
            html.Td(meter(row.with_boundary, row.projects, _("Projects with a boundary"))),
        ]
    )


def _or_dash(yuan: float) -> str:
    return "–" if pd.isna(yuan) else write.money(yuan)


url_state.bind("overview", {"figure": "value"})
