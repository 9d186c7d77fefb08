"""A town on a lattice of streets, 1,000 m by 500 m, of which every figure follows in the head."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

CRS = 4547
SPACING = 100.0
COLUMNS, ROWS = 10, 5
PEOPLE = 50.0
FLOORS = 5
SIDE = 20.0


def streets() -> gpd.GeoDataFrame:
    """Every street between neighbouring corners: local ones, but that the lowest row is an arterial."""
    east = [((x, y), (x + 1, y)) for y in range(ROWS + 1) for x in range(COLUMNS)]
    north = [((x, y), (x, y + 1)) for x in range(COLUMNS + 1) for y in range(ROWS)]
    lines = shapely.linestrings(np.array(east + north, float) * SPACING)
    lowest = [start[1] == end[1] == 0 for start, end in east + north]
    return gpd.GeoDataFrame(
        {"street_class": np.where(lowest, "arterial", "local"), "walkable": None}, geometry=lines, crs=CRS
    )


def buildings() -> gpd.GeoDataFrame:
    """One house of 20 m by 20 m and five floors in the middle of each block, with 50 residents."""
    x, y = np.meshgrid(np.arange(COLUMNS), np.arange(ROWS))
    x, y = x.ravel() * SPACING + 50.0, y.ravel() * SPACING + 50.0
    half = SIDE / 2
    return gpd.GeoDataFrame(
        {
            "floors": float(FLOORS),
            "floor_area": np.nan,
            "year_built": np.where(x < 500, 1975.0, 2010.0),
            "use": "residential",
            "hazard_grade": np.where(y < 100, "D", "A"),
            "households": 20.0,
            "population": PEOPLE,
        },
        geometry=shapely.box(x - half, y - half, x + half, y + half),
        crs=CRS,
    )


def facilities() -> gpd.GeoDataFrame:
    """A kindergarten of 100 places at a corner, two shops, and a park of 100 m by 100 m in the east."""
    places = [
        shapely.Point(0, 0),
        shapely.Point(200, 200),
        shapely.Point(800, 200),
        shapely.box(900, 400, 1000, 500),
    ]
    categories = ["kindergarten", "convenience_store", "convenience_store", "park"]
    capacity = [100.0, np.nan, np.nan, np.nan]
    return gpd.GeoDataFrame({"category": categories, "capacity": capacity}, geometry=places, crs=CRS)


def zoning() -> gpd.GeoDataFrame:
    """Housing in the west half, parks in three fifths of the rest, roads in the others."""
    shapes = [shapely.box(0, 0, 500, 500), shapely.box(500, 0, 800, 500), shapely.box(800, 0, 1000, 500)]
    return gpd.GeoDataFrame({"land_use": ["0701", "1401", "1207"]}, geometry=shapes, crs=CRS)


def projects() -> gpd.GeoDataFrame:
    """Two projects in the west that overlap by half, 100 and 300 million yuan."""
    return gpd.GeoDataFrame(
        {
            "total_investment": [1e8, 3e8],
            "floor_area_existing": [10_000.0, 20_000.0],
            "floor_area_demolished": [1_000.0, 5_000.0],
        },
        geometry=[shapely.box(0, 0, 200, 100), shapely.box(100, 0, 300, 100)],
        crs=CRS,
    )


def frames() -> dict[str, gpd.GeoDataFrame]:
    """All layers of the town by name."""
    return {
        "streets": streets(),
        "buildings": buildings(),
        "facilities": facilities(),
        "zoning": zoning(),
        "projects": projects(),
    }


def halves() -> gpd.GeoDataFrame:
    """The west and the east half of the town, 0.25 km² each."""
    shapes = [shapely.box(0, 0, 500, 500), shapely.box(500, 0, 1000, 500)]
    return gpd.GeoDataFrame({"code": ["west", "east"]}, geometry=shapes, crs=CRS)
