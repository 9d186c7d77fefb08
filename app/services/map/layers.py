"""The layers of a city as features: an id, properties, and a geometry as GeoJSON text (None: not known)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import RowMapping

from data import boundaries
from data import districts as district_queries
from data import projects as project_queries
from data.projects import ProjectFilter
from data.session import Database

Feature = tuple[str, dict[str, Any], str | None]
METRES_PER_DEGREE = 111_320


def projects(  # noqa: PLR0913
    database: Database,
    city: RowMapping,
    keep: ProjectFilter,
    *,
    codes: Sequence[str] = (),
    located: bool = False,
    tolerance: float = 0.0,
) -> list[Feature]:
    """Read the filtered projects, or those with ``codes``; boundaries thinned by ``tolerance`` metres."""
    query = boundaries.features(
        city["id"], keep, codes=codes, located=located, tolerance=tolerance / METRES_PER_DEGREE
    )
    with database.reading() as connection:
        return [_project(row) for row in project_queries.page(connection, query)]


def _project(row: RowMapping) -> Feature:
    amount = row["amount"]
    properties = {
        "code": row["code"],
        "name": row["name"],
        "boundary_status": row["boundary_status"],
        "total_investment": None if amount is None else float(amount),
        "exited": row["exited"],
    }
    return row["code"], properties, row["geometry"]


def districts(database: Database, city: RowMapping, keep: ProjectFilter) -> list[Feature]:
    """Read the districts with the count of projects that touch them and the investment (yuan) by share."""
    with database.reading() as connection:
        frame = district_queries.figures(connection, city["id"], city["metric_srid"], keep)
        shapes = boundaries.district_features(connection, city["id"])
    columns = [name for name in frame.columns if name != "id"]
    known = frame[columns].astype(object).where(frame[columns].notna(), None)
    return list(_districts(known.to_dict("records"), shapes))


def _districts(rows: list[dict[Any, Any]], shapes: dict[str, str | None]) -> Iterator[Feature]:
    for row in rows:
        yield row["code"], {str(name): value for name, value in row.items()}, shapes[row["code"]]
