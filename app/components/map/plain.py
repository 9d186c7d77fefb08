"""The map without WebGL: districts and boundaries on a plain canvas (Leaflet), with the same filters."""

from __future__ import annotations

import json
from typing import Any

import dash_leaflet
from dash import ClientsideFunction, Input, Output, clientside_callback, dcc, html

from app.components.palette import ACCENT, MUTED, PRIMARY, colour
from app.components.view import View
from app.i18n import gettext as _

# Only a browser without WebGL loads it (assets/map_plain.js).
dash_leaflet._js_dist[0]["dynamic"] = True


def plain_map(current: View) -> Any:
    """Lay out what the browser needs to know, should it not draw the real map."""
    words = _(
        "This browser does not draw maps (WebGL 2 is off). This plain map shows districts and project "
        "boundaries; the panel lists everything."
    )
    looks = {
        "districts": {"color": colour(MUTED), "weight": 1.2, "fillColor": colour(MUTED), "fillOpacity": 0.08},
        "surveyed": {"color": colour(PRIMARY), "weight": 2, "fillOpacity": 0.35},
        "drafted": {"color": colour(ACCENT), "weight": 1.3, "fillOpacity": 0.2},
    }
    facts = {"city": current.slug, "words": words, "looks": looks}
    return html.Div(
        [dcc.Store(id="plain-asked"), dcc.Store(id="plain-clicked"), dcc.Store(id="plain-moved")],
        id="map-plain-facts",
        hidden=True,
        **{"data-facts": json.dumps(facts, ensure_ascii=False)},
    )


clientside_callback(
    ClientsideFunction("mapPlain", "asked"), Output("plain-asked", "data"), Input("url", "search")
)
clientside_callback(
    ClientsideFunction("mapPlain", "clicked"),
    Output("plain-clicked", "data"),
    Input("plain-map", "clickData"),
    prevent_initial_call=True,
)
clientside_callback(
    ClientsideFunction("mapPlain", "moved"),
    Output("plain-moved", "data"),
    Input("plain-map", "center"),
    Input("plain-map", "zoom"),
    prevent_initial_call=True,
)
