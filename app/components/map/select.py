"""Selection on the map: its tools, how to type an area, and the panel with what lies in it."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Input, Output, clientside_callback, dcc, html

from app.components.callback import callback
from app.components.icons import icon
from app.components.map.address import address_of
from app.components.map.rows import sets
from app.components.map.select_sums import panel
from app.components.shell import error_box
from app.components.view import View, database, view
from app.errors import translated
from app.i18n import gettext as _
from app.services.choices import choices
from app.services.map.selection import MOST_METRES, Selection, selection
from app.terms import named
from data.errors import InvalidInput, NotFound

TOOLS = (("rect", "rectangle", "R"), ("circle", "circle", "C"), ("select", "area", "G"))


def select_button() -> Any:
    """Lay out the button of the toolbar that opens the tools of selection."""
    label = _("Select an area (S)")
    named = {"aria-label": label, "aria-expanded": "false", "aria-controls": "map-select"}
    return html.Button(
        icon("select"), className="tool", title=label, **{"data-map-tool": "select-box", **named}
    )


def select_box(current: View) -> Any:
    """Lay out the tools: drag or click on the map, or type the same."""
    return html.Div(
        [
            html.H2(_("Select an area")),
            html.Div([_tool(*tool) for tool in TOOLS], className="select-modes", role="group"),
            html.P(_("Drag on the map; the polygon's corners are clicked."), className="how"),
            _typed("circle", _("Circle"), _("lon, lat"), _radius()),
            _typed("rect", _("Rectangle"), _("west, south, east, north"), None),
            dmc.Select(
                id="select-district",
                data=_districts(current),
                value=_chosen_district(current),
                size="xs",
                searchable=True,
                clearable=True,
                placeholder=_("Choose a district or zone"),
                comboboxProps={"withinPortal": False},
                **{"aria-label": _("Select a district or zone")},
            ),
            html.P(id="select-fault", className="fault", role="alert"),
            dcc.Store(id="map-select-shape"),
            dcc.Store(id="map-select-drawn"),
            dcc.Store(id="map-select-asked"),
        ],
        id="map-select",
        className="map-box-over",
        hidden=True,
        **{
            "data-faults": _("Give numbers, separated by commas; a radius up to {most} m.").format(
                most=f"{MOST_METRES:,.0f}"
            )
        },
    )


def _tool(mode: str, picture: str, key: str) -> Any:
    words = {"rect": _("Rectangle"), "circle": _("Circle"), "select": _("Polygon")}[mode]
    return html.Button(
        [icon(picture), words],
        className="button",
        title=f"{words} ({key})",
        **{"data-map-tool": mode, "aria-pressed": "false", "aria-keyshortcuts": key},
    )


def _typed(kind: str, label: str, hint: str, more: Any) -> Any:
    field = dmc.TextInput(
        id=f"select-{kind}", size="xs", placeholder=hint, **{"aria-label": f"{label}: {hint}"}
    )
    apply = html.Button(_("Select"), className="button", **{"data-map-tool": f"select-{kind}"})
    return html.Div([html.Span(label), field, more, apply], className=f"select-typed {kind}")


def _radius() -> Any:
    return dmc.TextInput(id="select-radius", size="xs", placeholder="m", **{"aria-label": _("Radius, m")})


def _districts(current: View) -> list[dict[str, str]]:
    rows = choices(database(), current.city["id"]).districts
    return [{"value": row["code"], "label": named(row)} for row in rows]


def _chosen_district(current: View) -> str | None:
    kind, _colon, code = current.get("area").partition(":")
    return code if kind == "district" else None


def selection_section() -> Any:
    """Lay out where the panel says what lies in the selected area."""
    return html.Section(id="map-selection", **{"aria-live": "polite", "aria-label": _("Selection")})


@callback(
    Output("map-selection", "children"),
    Output("map-select-shape", "data"),
    address_of("selection"),
    Input("map-saved", "data"),
)
def show_selection(search: str, _saved: Any) -> Any:
    """Sum up the selected area."""
    current = view(search)
    try:
        found = selection(database(), current.city, current.params, current.filter)
    except (InvalidInput, NotFound) as error:
        return _refused(translated(error)), {"shape": "", "bounds": None}
    if found is None:
        return None, {"shape": "", "bounds": None}
    return panel(current, found), {"shape": found.selected.drawn(), "bounds": _bounds(found)}


def _bounds(found: Selection) -> list[float] | None:
    shape = found.selected.shape
    return None if shape is None else [round(float(edge), 6) for edge in shape.bounds]


def _refused(sentence: str) -> Any:
    clear = sets(_("Clear the selection"), {"area": "", "inside": ""}, className="button")
    return html.Div([error_box(sentence), clear], className="map-card")


clientside_callback(
    ClientsideFunction("mapSelect", "drawn"),
    Output("map-select-drawn", "data"),
    Input("map-select-shape", "data"),
    prevent_initial_call=True,
)
clientside_callback(
    ClientsideFunction("mapSelect", "district"),
    Output("map-select-asked", "data"),
    Input("select-district", "value"),
    prevent_initial_call=True,
)
