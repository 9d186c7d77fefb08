"""Map 地图: districts, project boundaries, what has none yet, and the tools to draw and upload them."""

from __future__ import annotations

import json
from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Input, Output, State, clientside_callback, dcc, html, no_update

from app.components import map_panel as panel
from app.components import map_tools as tools
from app.components.callback import callback
from app.components.draw import draw_frame
from app.components.filters import filter_bar
from app.components.icons import icon
from app.components.map_layers import drawing_style, map_layers, the_map
from app.components.map_state import clicked
from app.components.shell import city_label, empty_state
from app.components.upload_panel import upload_button, upload_modal
from app.components.view import View, database, view
from app.i18n import gettext as _
from app.i18n import language
from app.services import map_view as service
from app.services.identify import identify
from app.services.search import MOST
from app.services.search import search as find

DEFAULT_BOUNDS = [73.0, 18.0, 135.0, 54.0]


def layout(current: View) -> Any:
    """Lay out the page; its content follows the address."""
    polygons = service.district_polygons(database(), current.city)
    bounds = DEFAULT_BOUNDS if polygons.empty else [round(float(edge), 5) for edge in polygons.total_bounds]
    edges = polygons.bounds.round(5).to_numpy().tolist()
    start = {
        "map": the_map(polygons).to_plotly_json(),
        "bounds": bounds,
        "districts": dict(zip(polygons["code"], edges, strict=True)),
    }
    return html.Div(
        [
            html.H1(_("Map of {city}").format(city=city_label(current)), className="unseen"),
            dcc.Store(id="map-start", data=start),
            *[
                dcc.Store(id=name)
                for name in ("map-moved", "map-drawn", "map-jump", "map-jumped", "map-found")
            ],
            html.Div(filter_bar(current), className="map-filters"),
            html.Div(id="map-print-title"),
            html.Div([_panel(), _canvas(current)], className="map-body"),
            upload_modal(),
        ],
        id="map-page",
        className="map-page printing" if current.get("print") == "1" else "map-page",
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
            html.Div([_search_box(), close], className="map-search"),
            html.Div(id="map-summary", className="map-summary", **{"aria-live": "polite"}),
            html.Div(id="map-here"),
            html.Section(id="map-districts"),
            html.Div(upload_button(), className="map-buttons"),
            html.Section(id="map-list"),
        ],
        id="map-panel",
        className="map-panel",
        tabIndex=-1,
        **{"aria-label": _("What the map shows, as lists")},
    )


def _search_box() -> Any:
    return dmc.Autocomplete(
        id="map-search",
        data=[],
        value="",
        size="xs",
        debounce=150,
        limit=MOST,
        clearable=True,
        placeholder=_("Find a project by name or code"),
        leftSection=icon("search"),
        selectFirstOptionOnChange=True,
        filter={"function": "keepAll"},
        **{"aria-label": _("Find a project by name or code")},
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
            opener,
            *draw_frame(),
            tools.toolbar(),
            tools.layer_switches(current),
            html.Div(
                [html.Div(id="map-legend", className="map-legend"), tools.scale_bar()], className="map-corner"
            ),
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
    Output("map-legend", "children"),
    Output("map-print-title", "children"),
    Input("url", "search"),
    Input("map-saved", "data"),
)
def show_panel(search: str, _saved: Any) -> Any:
    """List what the map shows for an address."""
    current = view(search)
    shown = service.map_view(database(), current.city, current.filter)
    return (
        panel.summary(shown),
        panel.project_list(current, shown),
        panel.district_table(current, shown.districts),
        tools.legend(shown),
        tools.print_title(current),
    )


@callback(Output("map", "layers"), Input("url", "search"), Input("map-saved", "data"))
def show_layers(search: str, _saved: Any) -> Any:
    """Draw the layers for an address; the browser reads the boundaries from the layers' own URLs."""
    current = view(search)
    shown = service.map_view(database(), current.city, current.filter)
    found = service.chosen(database(), current.city, current.get("sel"))
    return map_layers(current, shown, found, clicked(current), _whole_districts(current, found))


def _whole_districts(current: View, found: service.Chosen | None) -> Any:
    if found is None or found.located:
        return None
    polygons = service.district_polygons(database(), current.city)
    return polygons[polygons["code"].isin([row["code"] for row in found.districts])]


@callback(
    Output("map-here", "children"),
    Output("map-jump", "data"),
    Input("url", "search"),
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
    here = identify(database(), current.city, place.lon, place.lat, current.filter, zoom=place.zoom)
    return panel.place_card(current, here), panel.jump_of(None, "")


@callback(
    Output("map-search", "data"),
    Output("map-search", "error"),
    Input("map-search", "value"),
    State("map-search", "data"),
    State("url", "search"),
    prevent_initial_call=True,
)
def complete(words: str | None, offered: list[str] | None, search: str) -> Any:
    """Offer the projects whose name or code holds what is typed; each offer begins with the code."""
    if not (words or "").strip() or words in (offered or []):
        return no_update, None
    named = "districts_zh" if language() == "zh_CN" else "districts_en"
    joint = "、" if language() == "zh_CN" else ", "
    offers = [
        f"{row['code']} {row['name']} ({joint.join(row[named] or [])})"
        for row in find(database(), view(search).city, words or "")
    ]
    return offers, None if offers else _("No project is called so")


def _in_browser(function: str, output: str, *inputs: Input, **options: Any) -> None:
    clientside_callback(ClientsideFunction("map", function), Output(output, "data"), *inputs, **options)


clientside_callback(
    ClientsideFunction("map", "start"), Output("map-canvas", "children"), Input("map-start", "data")
)
_in_browser("moved", "map-moved", Input("map", "viewState"))
_in_browser("jump", "map-jumped", Input("map-jump", "data"), prevent_initial_call=True)
clientside_callback(
    ClientsideFunction("map", "found"),
    Output("map-found", "data"),
    Input("map-search", "value"),
    State("map-search", "data"),
    prevent_initial_call=True,
)
