"""Map 地图: districts, project boundaries, what has none yet, and the tools to draw and upload them."""

from __future__ import annotations

import json
from typing import Any

from dash import ClientsideFunction, Input, Output, clientside_callback, dcc, html

from app.components.bookmarks import bookmarks_box
from app.components.callback import callback
from app.components.filters import filter_bar
from app.components.icons import icon
from app.components.map import legend, panel, tools
from app.components.map.address import address_of, address_stores
from app.components.map.compare import second_map, second_view
from app.components.map.draw import draw_frame
from app.components.map.embed import embed_dialog, embed_title, is_embedded
from app.components.map.layers import district_edges, drawing_style, the_map
from app.components.map.palette import palette
from app.components.map.plain import plain_map
from app.components.map.print_dialog import print_dialog
from app.components.map.scene import scene_of
from app.components.map.search import search_box
from app.components.map.select import select_box, selection_section
from app.components.map.state import clicked
from app.components.map.style import map_style
from app.components.map.table import table_box
from app.components.map.timeline import time_box
from app.components.shell import city_label, empty_state
from app.components.upload_panel import upload_button, upload_modal
from app.components.view import View, database, view
from app.i18n import gettext as _
from app.services.map import view as service
from app.services.map.identify import identify

STORES = ("map-style", "map-styled", "map-drawn", "map-jump", "map-jumped", "map-unmarked", "map-paced")
DEFAULT_BOUNDS = [73.0, 18.0, 135.0, 54.0]


def layout(current: View) -> Any:
    """Lay out the page; its content follows the address."""
    polygons = service.district_polygons(database(), current.city)
    bounds = DEFAULT_BOUNDS if polygons.empty else [round(float(edge), 5) for edge in polygons.total_bounds]
    start = {"map": the_map().to_plotly_json(), "bounds": bounds, "districts": district_edges(polygons)}
    return html.Div(
        [
            html.H1(_("Map of {city}").format(city=city_label(current)), className="unseen"),
            html.Button(_("Skip to the map"), className="skip", **{"data-map-tool": "reach"}),
            dcc.Store(id="map-start", data=start),
            *[dcc.Store(id=name) for name in STORES],
            *address_stores(),
            html.Div(filter_bar(current), className="map-filters"),
            html.Div(id="map-print-title"),
            html.Div([_panel(), _canvas(current)], className="map-body"),
            table_box(),
            upload_modal(),
            print_dialog(current),
            embed_dialog(current),
            plain_map(current),
        ],
        id="map-page",
        className="map-page embedded" if is_embedded(current) else "map-page",
        **{
            "data-texts": json.dumps(tools.texts(), ensure_ascii=False),
            "data-drawing": json.dumps(drawing_style()),
        },
    )


def _panel() -> Any:
    close = html.Button(
        icon("close"),
        className="tool",
        title=_("Close the panel"),
        **{"data-map-tool": "panel", "aria-label": _("Close the panel")},
    )
    return html.Aside(
        [
            html.Div([search_box(), close], className="map-search"),
            html.Div(id="map-summary", className="map-summary", **{"aria-live": "polite"}),
            html.Div(id="map-here"),
            selection_section(),
            panel.districts_section(),
            html.Div(upload_button(), className="map-buttons"),
            html.Section(id="map-list"),
        ],
        id="map-panel",
        className="map-panel",
        tabIndex=-1,
        **{"aria-label": _("What the map shows, as lists")},
    )


def _canvas(current: View) -> Any:
    label = _("Map; the panel beside it lists the same")
    opener = html.Button(
        [icon("panel"), html.Span(_("Lists"))],
        className="button map-opener",
        **{"data-map-tool": "panel", "aria-controls": "map-panel"},
    )
    return html.Section(
        [
            html.Div(id="map-canvas"),
            *second_map(),
            opener,
            *draw_frame(),
            tools.toolbar(),
            palette(),
            select_box(current),
            bookmarks_box(),
            html.Div(id="map-tip", className="map-tip", hidden=True),
            html.Div(
                [html.Div(id="map-legend", className="map-legend"), tools.scale_bar()], className="map-corner"
            ),
            time_box(),
            embed_title(current),
            html.Div(id="map-readout", role="status"),
            tools.attribution(current),
        ],
        id="map-box",
        className="map-canvas-box",
        **{"aria-label": label},
    )


@callback(
    Output("map-summary", "children"),
    Output("map-list", "children"),
    Output("map-districts", "children"),
    Output("map-print-title", "children"),
    address_of("panel"),
    Input("map-saved", "data"),
)
def show_panel(search: str, _saved: Any) -> Any:
    """List what the map shows for an address."""
    current = view(search)
    shown = service.map_view(database(), current.city, current.filter)
    return (
        panel.summary(shown),
        panel.project_list(current, shown),
        panel.district_rows(current, shown.districts),
        tools.print_title(current),
    )


@callback(
    Output("map-style", "data"),
    Output("map-legend", "children"),
    address_of("style"),
    Input("map-saved", "data"),
)
def show_layers(search: str, _saved: Any) -> Any:
    """Say how the map is drawn for an address, and what its colours mean."""
    scene = scene_of(view(search))
    return map_style(scene), legend.legend(scene)


@callback(
    Output("map-here", "children"),
    Output("map-jump", "data"),
    address_of("here"),
    Input("map-saved", "data"),
)
def show_here(search: str, _saved: Any) -> Any:
    """Say what lies at the clicked place, or what is known of the chosen project."""
    current = view(search)
    code, place = current.get("sel"), clicked(current)
    if code:
        found = service.chosen(database(), current.city, code)
        if found is None:
            words = _("There is no project «{code}» in this city.").format(code=code[:40])
            return empty_state(words), panel.jump_of(None, code)
        return panel.chosen_card(current, found), panel.jump_of(found, code)
    if place is None:
        return None, panel.jump_of(None, "")
    seen = (second_view(current) if place.second else None) or current
    here = identify(database(), current.city, place.lon, place.lat, seen.filter, zoom=place.zoom)
    return panel.place_card(seen, here), panel.jump_of(None, "")


def _in_browser(function: str, output: str, *inputs: Input, **options: Any) -> None:
    clientside_callback(ClientsideFunction("map", function), Output(output, "data"), *inputs, **options)


clientside_callback(
    ClientsideFunction("map", "start"), Output("map-canvas", "children"), Input("map-start", "data")
)
_in_browser("style", "map-styled", Input("map-style", "data"))
_in_browser("jump", "map-jumped", Input("map-jump", "data"), prevent_initial_call=True)
_in_browser("unmark", "map-unmarked", address_of("here"), prevent_initial_call=True)
