"""Query results as GeoDataFrames, in one place."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
from sqlalchemy import Connection


def read_frame(connection: Connection, query: Any, geometry: str = "boundary") -> gpd.GeoDataFrame:
    """Read a query's rows; the column ``geometry`` holds shapes in EPSG:4326."""
    frame: gpd.GeoDataFrame = gpd.read_postgis(query, connection, geom_col=geometry, crs=4326)
    return frame
