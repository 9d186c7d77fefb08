"""A large city for benchmarks: the streets of Wuhan, with houses, facilities and projects set along them.

What is not a street is invented; several copies of the city lie side by side, each with its own streets.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.grid import square_grid

WUHAN = Path(__file__).parents[2] / "shared/data/china/wuhan_streets_osm.parquet"
CLASSES = (
    "kindergarten",
    "primary_school",
    "middle_school",
    "nursery",
    "health_station",
    "hospital",
    "elderly_care",
    "community_centre",
    "market",
    "convenience_store",
    "canteen",
    "post_station",
    "culture",
    "sports",
    "park",
    "square",
    "bus_stop",
    "metro",
    "parking",
    "toilet",
)
BUILDINGS, FACILITIES, PROJECTS, DISTRICTS = 100_000, 5_000, 10_000, 16
APART = 200_000.0


def city(copies: int = 1) -> dict[str, gpd.GeoDataFrame]:
    """Layers by name: a copy has 92,667 streets, 100,000 buildings, 5,000 facilities and 10,000 projects."""
    one = _one()
    layers = {}
    for name, frame in one.items():
        parts = [_moved(frame, n) for n in range(copies)]
        layers[name] = gpd.GeoDataFrame(
            pd.concat(parts, ignore_index=True), geometry="geometry", crs=frame.crs
        )
    return layers


def _moved(frame: gpd.GeoDataFrame, copy: int) -> gpd.GeoDataFrame:
    moved = frame.set_geometry(frame.geometry.translate(copy * APART))
    if "from_node" in moved:
        moved = moved.assign(**{name: moved[name] + f":{copy}" for name in ("from_node", "to_node")})
    return moved


def _one() -> dict[str, gpd.GeoDataFrame]:
    chance = np.random.default_rng(1)
    streets = gpd.read_parquet(WUHAN)
    named = {"from_node": streets["u"].astype("str"), "to_node": streets["v"].astype("str")}
    classes = np.where(streets["highway"].astype("str").str.contains("primary|trunk"), "arterial", "local")
    streets = streets[["geometry"]].assign(**named, street_class=classes, walkable=None)
    return {
        "streets": streets,
        "buildings": _buildings(_beside(streets, BUILDINGS, 40.0, chance), streets.crs, chance),
        "facilities": _facilities(_beside(streets, FACILITIES, 15.0, chance), streets.crs, chance),
        "projects": _projects(_beside(streets, PROJECTS, 30.0, chance), streets.crs, chance),
        "zoning": _zoning(streets, chance),
        "districts": _districts(streets),
    }


def _beside(
    streets: gpd.GeoDataFrame, count: int, away: float, chance: np.random.Generator
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Places along streets, as many on each as it is long, up to so many metres away from it."""
    length = streets.length.to_numpy()
    edge = chance.choice(len(streets), count, p=length / length.sum())
    along = shapely.line_interpolate_point(streets.geometry.array[edge], chance.random(count) * length[edge])
    return shapely.get_coordinates(along) + chance.uniform(-away, away, (count, 2))


def _boxes(middle: np.ndarray, half: np.ndarray) -> np.ndarray:
    x, y = middle.T
    return shapely.box(x - half, y - half, x + half, y + half)


def _buildings(at: np.ndarray, crs: object, chance: np.random.Generator) -> gpd.GeoDataFrame:
    floors = chance.integers(1, 34, len(at)).astype(float)
    columns = {
        "floors": floors,
        "floor_area": np.nan,
        "year_built": chance.integers(1950, 2024, len(at)).astype(float),
        "use": chance.choice(["residential", "office", "mixed"], len(at), p=[0.7, 0.2, 0.1]),
        "hazard_grade": chance.choice(["A", "B", "C", "D"], len(at), p=[0.7, 0.2, 0.08, 0.02]),
        "households": floors * 2,
        "population": floors * 6,
    }
    return gpd.GeoDataFrame(columns, geometry=_boxes(at, chance.uniform(5, 15, len(at))), crs=crs)


def _facilities(at: np.ndarray, crs: object, chance: np.random.Generator) -> gpd.GeoDataFrame:
    category = np.array(CLASSES)[np.arange(len(at)) % len(CLASSES)]
    green = np.isin(category, ["park", "square"])
    geometry = np.where(green, _boxes(at, chance.uniform(20, 120, len(at))), shapely.points(at))
    capacity = np.where(green, np.nan, chance.integers(50, 500, len(at)))
    return gpd.GeoDataFrame({"category": category, "capacity": capacity}, geometry=geometry, crs=crs)


def _projects(at: np.ndarray, crs: object, chance: np.random.Generator) -> gpd.GeoDataFrame:
    columns = {
        "total_investment": chance.lognormal(20, 1, len(at)),
        "floor_area_existing": 20_000.0,
        "floor_area_demolished": chance.uniform(0, 8_000, len(at)),
    }
    return gpd.GeoDataFrame(columns, geometry=_boxes(at, chance.uniform(30, 150, len(at))), crs=crs)


def _zoning(streets: gpd.GeoDataFrame, chance: np.random.Generator) -> gpd.GeoDataFrame:
    cells = square_grid(gpd.GeoSeries([shapely.box(*streets.total_bounds)], crs=streets.crs), 250.0)
    uses = chance.choice(["0701", "0901", "1001", "1207", "1401", "1700"], len(cells))
    return gpd.GeoDataFrame({"land_use": uses}, geometry=cells.geometry, crs=streets.crs)


def _districts(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    west, south, east, north = streets.total_bounds
    x, y = np.meshgrid(np.linspace(west, east, 5), np.linspace(south, north, 5))
    shapes = shapely.box(x[:-1, :-1], y[:-1, :-1], x[1:, 1:], y[1:, 1:]).ravel()
    return gpd.GeoDataFrame(
        {"code": [f"D{n:02}" for n in range(DISTRICTS)]}, geometry=shapes, crs=streets.crs
    )
