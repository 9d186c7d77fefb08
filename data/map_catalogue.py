"""What each layer of a city holds: how many features, which codes, which properties are known."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, select, union_all
from sqlalchemy import literal as value

from data.models import (
    Building,
    ConstraintArea,
    District,
    Facility,
    Greenway,
    LayerVersion,
    Parcel,
    PopulationCell,
    Problem,
    Project,
    StreetEdge,
    Surface,
    Zoning,
)

CODED: dict[str, tuple[Any, Any]] = {
    "zoning": (Zoning, Zoning.land_use),
    "constraints": (ConstraintArea, ConstraintArea.kind),
    "parcels": (Parcel, Parcel.land_use),
    "facilities": (Facility, Facility.category),
    "streets": (StreetEdge, StreetEdge.street_class),
    "greenways": (Greenway, Greenway.greenway_class),
    "surfaces": (Surface, Surface.kind),
    "problems": (Problem, Problem.severity),
}
KNOWN: dict[str, tuple[Any, dict[str, Any]]] = {
    "buildings": (
        Building,
        {
            "height": Building.height,
            "use": Building.use,
            "year": Building.year_built,
            "hazard": Building.hazard_grade,
            "disposition": Building.disposition,
            "floors": Building.floors,
        },
    ),
    "population": (PopulationCell, {"population": PopulationCell.population}),
    "districts": (District, {"boundary": District.boundary}),
    "projects": (
        Project,
        {
            "boundary": Project.boundary,
            "stage": Project.stage,
            "type": Project.project_type,
            "mode": Project.renewal_mode,
            "progress": Project.progress,
            "investment": Project.total_investment,
        },
    ),
}


def versions(connection: Connection) -> dict[str, int]:
    """Return the version of each layer that has changed at least once."""
    rows = connection.execute(select(LayerVersion.layer, LayerVersion.version))
    return {row.layer: row.version for row in rows}


def codes_used(connection: Connection, layer: str, city_id: int) -> dict[str | None, int]:
    """Count the features of a coded layer by their code; None counts those without."""
    table, column = CODED[layer]
    query = select(column, func.count()).where(table.city_id == city_id).group_by(column)
    return {code: int(count) for code, count in connection.execute(query)}


def properties_known(connection: Connection, layer: str, city_id: int) -> RowMapping:
    """Count the features of a layer (``features``), and those of which each property is known."""
    table, columns = KNOWN[layer]
    counts = [func.count(column).label(name) for name, column in columns.items()]
    query = select(func.count().label("features"), *counts).where(table.city_id == city_id, *_current(table))
    return connection.execute(query).mappings().one()


def _current(table: Any) -> list[Any]:
    if table is Project:
        return [Project.exit_notice_id.is_(None)]
    return [District.valid_to.is_(None)] if table is District else []


def reach(connection: Connection, city_id: int) -> list[float] | None:
    """Return west, south, east and north (EPSG:4326) around the districts, projects and zones of a city."""
    shapes: list[Select[Any]] = [
        select(func.ST_Extent(table.mercator).label("shape"), value(1)).where(table.city_id == city_id)
        for table in (District, Project, Zoning)
    ]
    box = func.ST_SetSRID(func.ST_Extent(union_all(*shapes).subquery("part").c.shape), 3857)
    whole = select(func.ST_Transform(func.geometry(box), 4326).label("box")).subquery("whole")
    edges = (func.ST_XMin, func.ST_YMin, func.ST_XMax, func.ST_YMax)
    row = connection.execute(select(*(edge(whole.c.box) for edge in edges))).one()
    return None if row[0] is None else [float(edge) for edge in row]
