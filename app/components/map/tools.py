"""What lies on the map: tools, scale, attribution, and the title of a print."""

from __future__ import annotations

import datetime as dt
from typing import Any

from dash import html

from app.components.bookmarks import bookmarks_button
from app.components.icons import icon
from app.components.map.basemap import attributions
from app.components.map.compare import compare_button
from app.components.map.embed import embed_button
from app.components.map.select import select_button
from app.components.map.table import table_button
from app.components.map.timeline import time_button
from app.components.shell import city_label, synthetic_badge
from app.components.view import View, database
from app.i18n import gettext as _
from app.services.choices import choices
from app.services.exports.projects import filter_words
from app.services.register import notices
from app.settings import settings
from app.terms import named
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
    "around": N_("perimeter"),
    "rect": N_("Drag a rectangle from corner to corner; Escape leaves."),
    "circle": N_("Drag from the centre outwards; Escape leaves."),
    "select": N_("Click the corners of the area; a click on the first closes it. Backspace takes one back."),
    "unsaved": N_("There are unsaved changes. Save or cancel them."),
}


def texts() -> dict[str, str]:
    """Return the sentences that the browser says by itself."""
    return {name: _(text) for name, text in TEXTS.items()}


def toolbar() -> Any:
    """Lay out the tools at the edge of the map."""
    return html.Div(
        [
            _north(),
            _tool("fit", "fit", _("Fit to the city")),
            _tool("in", "plus", _("Zoom in")),
            _tool("out", "minus", _("Zoom out")),
            _tool("tilt", "cube", _("Buildings in 3D (key 3)"), **{"aria-pressed": "false"}),
            _tool("length", "measure", _("Measure a length"), **{"aria-pressed": "false"}),
            _tool("area", "area", _("Measure an area"), **{"aria-pressed": "false"}),
            select_button(),
            _tool(
                "layers", "layers", _("Layers"), **{"aria-expanded": "false", "aria-controls": "map-layers"}
            ),
            time_button(),
            table_button(),
            compare_button(),
            embed_button(),
            bookmarks_button(),
            _tool("link", "link", _("Copy the link to this view")),
            _tool("print", "print", _("Print view")),
        ],
        className="map-toolbar",
        role="toolbar",
        **{"aria-label": _("Map tools"), "aria-orientation": "vertical"},
    )


def _north() -> Any:
    label = _("North; turns the map back")
    letter = html.Span("N", className="needle")
    return html.Button(
        letter, className="tool north", title=label, **{"aria-label": label, "data-map-tool": "north"}
    )


def _tool(name: str, picture: str, label: str, **attributes: Any) -> Any:
    named = {"aria-label": label, "data-map-tool": name, **attributes}
    return html.Button(icon(picture), className="tool", title=label, **named)


def scale_bar() -> Any:
    """Lay out the scale bar; the browser draws it from the map's view."""
    return html.Div([html.Div(className="rule"), html.Span()], id="map-scale", **{"aria-label": _("Scale")})


def attribution(current: View) -> Any:
    """Name the sources of what the map shows."""
    parts = [*attributions(settings()), current.attribution]
    return html.Div(
        " · ".join(part for part in parts if part), className="map-attribution", title=" · ".join(parts)
    )


def print_title(current: View) -> Any:
    """Lay out the title of a print: city, filters in words, source, date."""
    names = {row["code"]: named(row) for row in choices(database(), current.city["id"]).districts}
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
