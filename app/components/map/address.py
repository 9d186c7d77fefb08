"""The map's address in parts: what answers a question hears only of the parameters that its answer needs.

Each change of an address costs the page one callback here, and one for each part that has really changed.
"""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Input, Output, State, clientside_callback, dcc

VIEW = {"v", "panel", "dim", "print", "embed"}
HERE = {"sel", "at", "near", "draw"}
TABLE = {"view", "rows", "sort", "page", "box"}
AREA = {"area", "inside"}
LOOK = {"layers", "by", "buildings", "figure", "unit", "3d", "labels"}
TIME, COMPARE, WALK = {"time"}, {"compare"}, {"walk", "speed"}

IGNORED = {
    "panel": VIEW | HERE | TABLE | AREA | LOOK | TIME | COMPARE | WALK,
    "style": VIEW | {"near", "draw"} | TABLE | AREA | TIME | COMPARE,
    "second": VIEW | {"near", "draw"} | TABLE | AREA | TIME,
    "here": VIEW | TABLE | AREA | (LOOK - {"layers"}) | TIME,
    "draw": VIEW | {"at", "near"} | TABLE | AREA | LOOK | TIME | COMPARE | WALK,
    "selection": VIEW | HERE | TABLE | (LOOK - {"labels"}) | TIME | COMPARE | WALK,
    "exports": VIEW | HERE | TABLE | AREA | LOOK | TIME | COMPARE | WALK,
    "table": VIEW | (HERE - {"sel"}) | AREA | TIME | COMPARE | WALK,
    "day": VIEW | HERE | TABLE | AREA | LOOK | COMPARE | WALK,
}
"""The parameters that each part of the page does not look at; it looks at every other one."""


def _store(part: str) -> str:
    return f"map-address-{part}"


def address_of(part: str) -> Input:
    """Return the address as a part of the page needs it, as the input of a callback."""
    return Input(_store(part), "data")


def address_stores() -> list[Any]:
    """Lay out what holds the parts of the address."""
    ignored = [sorted(names) for names in IGNORED.values()]
    return [
        dcc.Store(id="map-address-ignored", data=ignored),
        *(dcc.Store(id=_store(part)) for part in IGNORED),
    ]


clientside_callback(
    ClientsideFunction("gengxin", "parts"),
    *[Output(_store(part), "data") for part in IGNORED],
    Input("url", "search"),
    State("map-address-ignored", "data"),
    *[State(_store(part), "data") for part in IGNORED],
)
