"""Check candidate boundaries against the city and the boundaries that it already has."""

from __future__ import annotations

import geopandas as gpd
from sqlalchemy import Connection, RowMapping

from data import boundaries, districts
from gis.boundary import check_boundaries
from gis.problems import Problem


def check(connection: Connection, city: RowMapping, candidates: gpd.GeoDataFrame) -> list[Problem]:
    """Name what is wrong with each boundary (EPSG:4326, with ``code``), and what somebody should look at."""
    outline = districts.outline(connection, city["id"])
    others = _neighbours(connection, city["id"], candidates)
    return check_boundaries(candidates, outline, others, city["metric_srid"])


def _neighbours(
    connection: Connection, city_id: int, candidates: gpd.GeoDataFrame
) -> gpd.GeoDataFrame | None:
    west, south, east, north = (float(edge) for edge in candidates.total_bounds)
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        return None
    return boundaries.boundaries_within(connection, city_id, (west, south, east, north))
