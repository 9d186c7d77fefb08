"""Two maps side by side, moved together: another day or another figure beside what the first map shows."""

from __future__ import annotations

import json
from typing import Any

from dash import ClientsideFunction, Input, Output, clientside_callback, dcc, html

from app.components.callback import callback
from app.components.icons import icon
from app.components.map.address import address_of
from app.components.map.layers import drawn_style, figure_name, style_legend
from app.components.map.scene import is_figure
from app.components.view import View, database, view
from app.i18n import gettext as _
from app.services.filters import day_from_query
from app.services.map.catalogue import catalogue
from app.services.map.choropleth import supplied
from app.services.map.timeline import on_day

TODAY = "today"


def compare_button() -> Any:
    """Lay out the tool that opens the second map."""
    label = _("Two maps side by side")
    return html.Button(
        icon("compare"),
        className="tool",
        title=label,
        **{"aria-label": label, "data-compare": "open", "aria-pressed": "false"},
    )


def second_map() -> Any:
    """Lay out the second map's place; it is filled when an address asks for it (``compare``)."""
    return [
        html.Div(id="map-first-caption", className="map-caption", hidden=True, role="status"),
        html.Div(
            id="map-divider",
            className="map-divider",
            hidden=True,
            role="separator",
            tabIndex=0,
            **{
                "aria-label": _("Divide the maps"),
                "aria-orientation": "vertical",
                "aria-valuemin": "20",
                "aria-valuemax": "80",
                "aria-valuenow": "50",
            },
        ),
        html.Section(
            [
                dcc.Store(id="map-second-style"),
                dcc.Store(id="map-second-drawn"),
                html.Div(id="map-second-canvas"),
                html.Div(id="map-second-caption", className="map-caption", role="status"),
                html.Div(id="map-second-legend", className="map-legend"),
            ],
            id="map-second",
            className="map-second",
            hidden=True,
            **{"aria-label": _("Second map")},
        ),
    ]


def second_view(current: View) -> View | None:
    """Return what the second map shows: the first's address with another day or figure; None without one.

    Raises
    ------
    InvalidInput
        The address compares with a day that is none.
    """
    kind, _colon, value = current.get("compare").partition(":")
    if kind == "figure" and value:
        return current.with_params(figure=value, compare="")
    if kind == "day" and value:
        day = "" if value == TODAY else str(day_from_query(value) or "")
        return current.with_params(day=day, compare="", by=current.get("by") or "stage")
    return None


@callback(
    Output("map-second-style", "data"),
    Output("map-second-legend", "children"),
    Output("map-second-caption", "children"),
    Output("map-first-caption", "children"),
    address_of("second"),
    Input("map-saved", "data"),
)
def show_second(search: str, _saved: Any) -> Any:
    """Say how the second map is drawn for an address, and what stands over both."""
    current = view(search)
    second = second_view(current)
    if second is None:
        return None, None, None, None
    return (
        drawn_style(second),
        style_legend(second),
        [*_second_caption(current, second), _close()],
        _words(current),
    )


def _second_caption(current: View, second: View) -> list[Any]:
    if current.get("compare").startswith("figure:"):
        label, facts = _("Figure of the second map"), {"data-options": json.dumps(offered(current))}
        place = html.Span(className="figure-field", **{"data-label": label, **facts})
        return [place, html.Span(_count(second), className="muted")]
    facts = {"data-label": _("Day of the second map"), "data-day": second.get("day")}
    when = html.B(second.get("day") or _("today"))
    return [html.Span(className="day", **facts), when, html.Span(_count(second), className="muted")]


def offered(current: View) -> dict[str, str]:
    """Return the figures that the second map may show, of the units of the first map's figure."""
    unit, base = current.get("unit") or "district", database()
    given = supplied(base, current.city, unit, catalogue(base, current.city))
    return {name: figure_name(unit, name) for name in given}


def _words(current: View) -> list[Any]:
    figure = current.get("figure")
    if current.get("compare").startswith("figure:"):
        said = figure_name(current.get("unit") or "district", figure) if is_figure(current) else _("projects")
    else:
        said = current.get("day") or _("today")
    return [html.B(said), html.Span(_count(current), className="muted")]


def _count(current: View) -> str:
    found = on_day(database(), current.city, current.filter)
    return _("{projects} projects").format(projects=f"{found.totals['projects']:,}")


def _close() -> Any:
    label = _("Close the second map")
    return html.Button(
        icon("close"), className="tool", title=label, **{"aria-label": label, "data-compare": "close"}
    )


clientside_callback(
    ClientsideFunction("mapCompare", "drawn"),
    Output("map-second-drawn", "data"),
    Input("map-second-style", "data"),
)
