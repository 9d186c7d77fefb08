"""The search box of the map: offers of every kind while one types; a choice goes there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Input, Output, State, clientside_callback, dcc, html, no_update
from sqlalchemy import RowMapping

from app.components.callback import callback
from app.components.icons import icon
from app.components.view import database, view
from app.i18n import gettext as _
from app.services.coordinates import in_other_datums
from app.services.map.search import Found, search_everything
from app.terms import joined, localised, named, term, translated
from data.codes import FACILITY_CATEGORIES

Offer = tuple[str, dict[str, Any]]
MOST_OFFERED = 40
PLACE_ZOOM = 16


def search_box() -> Any:
    """Lay out the box and the stores between it and the map."""
    words = _("Project, district, facility, street or coordinates")
    box = dmc.Autocomplete(
        id="map-search",
        data=[],
        value="",
        size="xs",
        debounce=150,
        limit=MOST_OFFERED,
        maxDropdownHeight=420,
        clearable=True,
        placeholder=words,
        leftSection=icon("search"),
        selectFirstOptionOnChange=True,
        filter={"function": "keepAll"},
        **{"aria-label": words, "aria-keyshortcuts": "/"},
    )
    stores = [dcc.Store(id="map-search-places"), dcc.Store(id="map-found")]
    return html.Div([box, *stores], className="map-search-box")


@callback(
    Output("map-search", "data"),
    Output("map-search-places", "data"),
    Output("map-search", "error"),
    Input("map-search", "value"),
    State("map-search-places", "data"),
    State("url", "search"),
    prevent_initial_call=True,
)
def complete(words: str | None, offered: dict[str, Any] | None, search: str) -> Any:
    """Offer what is called as is typed, by kind; each offer knows where it leads."""
    asked = (words or "").strip()
    if not asked or (offered and words in offered["to"]):
        return no_update, no_update, None
    found = search_everything(database(), view(search).city, asked)
    groups = list(_groups(found))
    places: dict[str, Any] = {}
    for _title, offers in groups:
        places |= dict(offers)
    listed = [{"group": title, "items": list(dict(offers))} for title, offers in groups]
    return listed, {"words": asked, "to": places}, _("Nothing is called so") if found.empty else None


def _groups(found: Found) -> Iterator[tuple[str, Sequence[Offer]]]:
    if found.place is not None:
        at = f"{found.place.lon:.6f}, {found.place.lat:.6f}"
        known = "" if found.place.srid == 4326 else f" (EPSG:{found.place.srid})"
        others = [
            (_("{place} read as {datum}").format(place=at, datum=datum), _at(place.lon, place.lat))
            for datum, place in in_other_datums(found.place).items()
        ]
        yield _("Coordinates"), [(at + known, _at(found.place.lon, found.place.lat)), *others]
    kinds = (
        (_("Districts and zones"), found.districts, _district),
        (_("Projects"), found.projects, _project),
        (_("Facilities"), found.facilities, _facility),
        (_("Streets"), found.streets, _street),
    )
    for title, rows, offer in kinds:
        if rows:
            yield title, [offer(row) for row in rows]


def _at(lon: float, lat: float) -> dict[str, Any]:
    return {"at": [round(lon, 6), round(lat, 6), PLACE_ZOOM]}


def _project(row: RowMapping) -> Offer:
    districts = joined(row[localised("districts")] or [])
    return f"{row['code']} {translated(row, 'name')} ({districts})", {"sel": row["code"]}


def _district(row: RowMapping) -> Offer:
    label = f"{named(row)} · {row['code']}"
    if row["west"] is None:
        return _("{district} (boundary pending)").format(district=label), {"district": row["code"]}
    return label, _around(row)


def _around(row: RowMapping) -> dict[str, Any]:
    return {"bounds": [round(row[edge], 6) for edge in ("west", "south", "east", "north")]}


def _facility(row: RowMapping) -> Offer:
    parts = [row["name"], term(FACILITY_CATEGORIES, row["category"]), row["code"]]
    return " · ".join(part for part in parts if part), _at(row["lon"], row["lat"])


def _street(row: RowMapping) -> Offer:
    length = f"{row['length'] / 1000:,.1f} km"
    return f"{row['name']} · {length}", _around(row)


clientside_callback(
    ClientsideFunction("mapSearch", "found"),
    Output("map-found", "data"),
    Input("map-search", "value"),
    Input("map-search-places", "data"),
    prevent_initial_call=True,
)
