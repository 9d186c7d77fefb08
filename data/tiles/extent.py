"""How far a layer of a city reaches."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select

from data.models import (
    Building,
    ConstraintArea,
    District,
    Facility,
    Greenway,
    Parcel,
    PopulationCell,
    Problem,
    Project,
    StreetEdge,
    Surface,
    Zoning,
)
from data.run_figures import UNITS, cells_of

TABLES: dict[str, Any] = {
    "projects": Project,
    "districts": District,
    "zoning": Zoning,
    "constraints": ConstraintArea,
    "parcels": Parcel,
    "buildings": Building,
    "facilities": Facility,
    "streets": StreetEdge,
    "greenways": Greenway,
    "surfaces": Surface,
    "population": PopulationCell,
    "problems": Problem,
}


def extent(connection: Connection, layer: str, city_id: int) -> tuple[float, float, float, float] | None:
    """Return west, south, east and north of a layer (EPSG:4326); None where it has no shapes."""
    shape, only = _shapes(layer, city_id)
    reach = func.ST_Transform(func.ST_SetSRID(func.ST_Extent(shape), 3857), 4326)
    found = select(reach.label("reach")).where(only).subquery()
    edges = (func.ST_XMin, func.ST_YMin, func.ST_XMax, func.ST_YMax)
    west, south, east, north = connection.execute(select(*(edge(found.c.reach) for edge in edges))).one()
    return None if west is None else (west, south, east, north)


def _shapes(layer: str, city_id: int) -> tuple[Any, Any]:
    if layer in UNITS:
        found = cells_of(city_id, UNITS[layer]).subquery("cell").c
        return found.mercator, found.id.is_not(None)
    return TABLES[layer].mercator, TABLES[layer].city_id == city_id
