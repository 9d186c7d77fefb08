"""What lies on the map: tools, layer switches, legend, scale, attribution, and the title of a print."""

from __future__ import annotations

import datetime as dt
from typing import Any

import dash_mantine_components as dmc
from dash import ALL, ClientsideFunction, Input, Output, State, clientside_callback, dcc, html

from app.components.icons import icon
from app.components.map_state import LAYERS, hidden, opacity
from app.components.shell import city_label, synthetic_badge
from app.components.view import View, database
from app.i18n import gettext as _
from app.i18n import language
from app.services import notices
from app.services.choices import choices
from app.services.export import filter_words
from app.services.map_view import MapView
from app.settings import settings
from data.errors import N_

TEXTS = {
    "no_webgl": N_(
        "This browser does not draw maps (WebGL 2 is off). The panel lists everything that the map shows."
    ),
    "copied": N_("Link copied"),
    "length": N_("Click the corners of a line; double-click ends it."),
    "area": N_("Click the corners of an area; a click on the first closes it."),
    "draw": N_("Click the corners; a click on the first closes the polygon. Escape takes the open one back."),
    "modify": N_(
        "Drag a corner to move it, the middle of an edge to add one; double-click a corner to remove it."
    ),
    "delete": N_("Click a polygon to delete it."),
    "unsaved": N_("There are unsaved changes. Save or cancel them."),
}


def texts() -> dict[str, str]:
    """Return the sentences that the browser says by itself."""
    return {name: _(text) for name, text in TEXTS.items()}


def toolbar() -> Any:
    """Lay out the tools at the edge of the map."""
    return html.Div(
        [
            html.Span("N", className="north", title=_("North is up")),
            _tool("fit", "fit", _("Fit to the city")),
            _tool("in", "plus", _("Zoom in")),
            _tool("out", "minus", _("Zoom out")),
            _tool("length", "measure", _("Measure a length"), **{"aria-pressed": "false"}),
            _tool("area", "area", _("Measure an area"), **{"aria-pressed": "false"}),
            _tool(
                "layers", "layers", _("Layers"), **{"aria-expanded": "false", "aria-controls": "map-layers"}
            ),
            _tool("link", "link", _("Copy the link to this view")),
            _tool("print", "print", _("Print view")),
        ],
        className="map-toolbar",
        role="toolbar",
        **{"aria-label": _("Map tools"), "aria-orientation": "vertical"},
    )


def _tool(name: str, picture: str, label: str, **attributes: Any) -> Any:
    named = {"aria-label": label, "data-map-tool": name, **attributes}
    return html.Button(icon(picture), className="tool", title=label, **named)


def layer_switches(current: View) -> Any:
    """Lay out a switch and an opacity for each layer; both are in the address."""
    rows = [_layer_row(current, name) for name in LAYERS]
    return html.Div(
        [html.H2(_("Layers")), *rows, dcc.Store(id="map-layers-set"), dcc.Store(id="map-layers-read")],
        id="map-layers",
        className="map-box-over",
        hidden=True,
    )


def _layer_row(current: View, name: str) -> Any:
    words = _(LAYERS[name])
    switch = dmc.Switch(
        id={"type": "map-layer", "name": name}, label=words, checked=name not in hidden(current), size="xs"
    )
    slider = dmc.Slider(
        id={"type": "map-dim", "name": name},
        value=opacity(current, name),
        min=10,
        max=100,
        step=10,
        size="xs",
        updatemode="mouseup",
        thumbLabel=_("Opacity of {layer}").format(layer=words),
    )
    return html.Div([switch, slider], className="layer")


def legend(shown: MapView) -> Any:
    """Say what the colours and bubbles mean, and what is not on the map."""
    zones = shown.districts[shown.districts["lon"].isna() & (shown.districts["projects"] > 0)]
    named = "name_zh" if language() == "zh_CN" else "name_en"
    rows = [
        _key("surveyed", _("Surveyed boundary")),
        _key("drafted", _("Drafted boundary")),
        _key(
            "bubble",
            _("{count} projects without boundary, shown at their district").format(count=shown.placed),
        ),
    ]
    if len(zones):
        words = _("Not on the map, listed in the panel: {zones}").format(
            zones=("、" if language() == "zh_CN" else ", ").join(
                f"{name} {count}" for name, count in zip(zones[named], zones["projects"], strict=True)
            )
        )
        rows.append(html.Div(words, className="how"))
    rows.append(html.Div(_("A bubble counts every project that touches its district."), className="how"))
    return rows


def _key(kind: str, words: str) -> Any:
    return html.Div([html.Span(className=f"swatch {kind}"), html.Span(words)], className="class")


def scale_bar() -> Any:
    """Lay out the scale bar; the browser draws it from the map's view."""
    return html.Div([html.Div(className="rule"), html.Span()], id="map-scale", **{"aria-label": _("Scale")})


def attribution(current: View) -> Any:
    """Name the sources of what the map shows."""
    parts = [settings().basemap_attribution, current.attribution]
    return html.Div(
        " · ".join(part for part in parts if part), className="map-attribution", title=" · ".join(parts)
    )


def print_title(current: View) -> Any:
    """Lay out the title of a print: city, filters in words, source, date."""
    named = "name_zh" if language() == "zh_CN" else "name_en"
    names = {row["code"]: row[named] for row in choices(database(), current.city["id"]).districts}
    filters = "; ".join(filter_words(current.filter, names)) or _("none")
    newest = notices.newest(database(), current.city["id"])
    lines = [
        _("Filters: {filters}").format(filters=filters),
        _("Source: {notice}.").format(notice=newest["number"] if newest else _("not supplied")),
        _("Printed {day}").format(day=dt.datetime.now(dt.UTC).astimezone().date().isoformat()),
    ]
    title = _("{city}: renewal projects on the map").format(city=city_label(current))
    words = html.Div([html.H2(title), synthetic_badge(current)], className="words")
    return [words, html.P(" · ".join(lines))]


clientside_callback(
    ClientsideFunction("map", "layersSet"),
    Output("map-layers-set", "data"),
    Input({"type": "map-layer", "name": ALL}, "checked"),
    Input({"type": "map-dim", "name": ALL}, "value"),
    State({"type": "map-layer", "name": ALL}, "id"),
    prevent_initial_call=True,
)
clientside_callback(
    ClientsideFunction("map", "layersRead"),
    Output("map-layers-read", "data"),
    Input("url", "search"),
    State({"type": "map-layer", "name": ALL}, "id"),
    State({"type": "map-layer", "name": ALL}, "checked"),
    State({"type": "map-dim", "name": ALL}, "value"),
    prevent_initial_call=True,
)
