"""示范市 Demo City beside real cities: the same measures of the invented city, Vologda, Cambridge and Wuhan.

    python -m benchmarks.compare_demo_city [FOLDER]

FOLDER (or ``GENGXIN_REAL_CITIES``) holds the real cities' files; a city that is not there is left out,
with the reason.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra

from data.demo.synthetic import METRIC, DemoCity, generate

Floats = NDArray[np.float64]
FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data"
CELL = 250.0
SEED = 1
TRIP = (500.0, 3000.0)
ORIGINS = 60
STOREY = 3.0
SMALLEST = 20.0
CAMBRIDGE_CRS, VOLOGDA_CRS, WUHAN_CRS = 26986, 32637, 32650
# The measure, the unit, and how a value is printed.
MEASURES = {
    "footprint": ("building footprint", "m²", ".0f"),
    "floors": ("floors of a residential building", "", ".0f"),
    "coverage": ("building coverage of a 250 m cell", "", ".2f"),
    "floor_area_ratio": ("floor area ratio of a 250 m cell", "", ".2f"),
    "people": ("residents of an inhabited 250 m cell", "/ha", ".0f"),
    "home": ("housing floor area a resident", "m²", ".1f"),
    "segment": ("street segment", "m", ".0f"),
    "crossings": ("intersections", "/km²", ".0f"),
    "streets": ("length of streets", "km/km²", ".1f"),
    "detour": ("path over straight distance, 0.5-3 km", "", ".2f"),
    "kindergartens": ("kindergartens", "/10,000 residents", ".1f"),
    "schools": ("schools", "/10,000 residents", ".1f"),
    "school_places": ("places of a school", "", ".0f"),
    "clinics": ("clinics and hospitals", "/1,000 households", ".2f"),
    "child_care": ("nurseries and kindergartens", "/1,000 households", ".2f"),
    "elderly": ("homes and services for the elderly", "/1,000 households", ".2f"),
    "playing_fields": ("sports grounds", "/1,000 households", ".2f"),
}  # fmt: skip


@dataclass(frozen=True)
class Streets:
    """Segments between nodes: places of the nodes (m), and start, end and length of each segment."""

    points: Floats
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    length: Floats
    lines: NDArray[np.object_]


def streets_of(lines: Iterable[object], start: pd.Series, end: pd.Series) -> Streets:
    """Number the nodes and find their places from the ends of the segments."""
    shapes = np.array(list(lines), dtype=object)
    names, row = np.unique(np.concatenate([start, end]).astype(str), return_inverse=True)
    first, last = row[: shapes.size], row[shapes.size :]
    points = np.zeros((names.size, 2))
    points[first] = shapely.get_coordinates(shapely.get_point(shapes, 0))
    points[last] = shapely.get_coordinates(shapely.get_point(shapes, -1))
    return Streets(points, first, last, shapely.length(shapes), shapes)


def cells_of(shapes: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return the cell of the middle of each shape as one number."""
    at = np.floor(shapely.get_coordinates(shapely.centroid(shapes)) / CELL).astype(np.int64)
    return at[:, 0] * 1_000_003 + at[:, 1]


def fabric(frame: gpd.GeoDataFrame) -> dict[str, Floats]:
    """Measure buildings with ``floors``: footprints, and coverage and FAR of each cell that has one."""
    shapes = frame.geometry.to_numpy()
    area, floors = shapely.area(shapes), frame["floors"].to_numpy(dtype=float)
    grid = pd.DataFrame({"cell": cells_of(shapes), "ground": area, "built": area * floors})
    sums = grid.groupby("cell").sum() / CELL**2
    return {
        "footprint": area,
        "floors": floors[frame["lived_in"].to_numpy()],
        "coverage": sums["ground"].to_numpy(),
        "floor_area_ratio": sums["built"].to_numpy(),
    }


def people(frame: gpd.GeoDataFrame, housing: Floats) -> dict[str, Floats]:
    """Measure where ``population`` lives, and how much housing (m²) a resident has."""
    lived = frame[frame["population"] > 0]
    sums = lived["population"].groupby(cells_of(lived.geometry.to_numpy())).sum()
    return {
        "people": sums.to_numpy(dtype=float) / (CELL**2 / 10_000),
        "home": np.array([housing.sum() / frame["population"].sum()]),
    }


def network(streets: Streets) -> dict[str, Floats]:
    """Measure segments, intersections and length over the cells with streets, and detours on the graph."""
    degree = np.bincount(np.concatenate([streets.start, streets.end]), minlength=len(streets.points))
    reached = np.unique(cells_of(np.asarray(shapely.points(streets.points[degree > 0])))).size
    ground = (reached * CELL**2) / 1e6
    return {
        "segment": streets.length,
        "crossings": np.array([(degree >= 3).sum() / ground]),
        "streets": np.array([streets.length.sum() / 1000 / ground]),
        "detour": detours(streets),
    }


def detours(streets: Streets) -> Floats:
    """Return the shortest path over the straight distance between places 0.5 to 3 km apart."""
    size = len(streets.points)
    both = (np.r_[streets.start, streets.end], np.r_[streets.end, streets.start])
    graph = coo_array((np.tile(streets.length, 2), both), shape=(size, size)).tocsr()
    label = connected_components(graph, directed=False)[1]
    inside = np.flatnonzero(label == np.bincount(label).argmax())
    origins = np.random.default_rng(SEED).choice(inside, min(ORIGINS, inside.size), replace=False)
    walked = dijkstra(graph, directed=False, indices=origins, limit=4 * TRIP[1])
    straight = np.linalg.norm(streets.points[origins][:, None] - streets.points[None], axis=2)
    chosen = (straight >= TRIP[0]) & (straight <= TRIP[1]) & np.isfinite(walked)
    return np.asarray(walked[chosen] / straight[chosen])


def counted(category: pd.Series, kinds: Mapping[str, set[str]], per: float) -> dict[str, Floats]:
    """Count facilities by kind over the people or households they serve."""
    return {name: np.array([category.isin(codes).sum() / per]) for name, codes in kinds.items()}


def demo_city(city: DemoCity) -> dict[str, Floats]:
    """Measure the synthetic city."""

    def metres(table: str) -> gpd.GeoDataFrame:
        frame = city.tables[table]
        return gpd.GeoDataFrame(frame, geometry="shape", crs=4326).to_crs(METRIC)

    houses = metres("building")
    houses["lived_in"] = houses["households"] > 0
    edges = metres("street_edge")
    residents, households = (houses[name].sum() for name in ("population", "households"))
    facility = city.facility["category"]
    schools = city.facility["category"].isin(["primary_school", "middle_school"])
    return {
        **fabric(houses),
        **people(houses, houses["floor_area"].to_numpy()[houses["lived_in"]]),
        **network(streets_of(edges.geometry, edges["from_node"], edges["to_node"])),
        "school_places": city.facility["capacity"][schools].to_numpy(dtype=float),
        **counted(
            facility,
            {"kindergartens": {"kindergarten"}, "schools": {"primary_school", "middle_school"}},
            residents / 10_000,
        ),
        **counted(
            facility,
            {
                "clinics": {"hospital", "health_station"},
                "child_care": {"nursery", "kindergarten"},
                "elderly": {"elderly_care"},
                "playing_fields": {"sports"},
            },
            households / 1000,
        ),
    }


def vologda(folder: Path) -> dict[str, Floats]:
    """Measure Vologda: buildings with floors and residents, schools and kindergartens with places."""
    houses = gpd.read_parquet(folder / "buildings.parquet").to_crs(VOLOGDA_CRS)
    houses = houses[houses.area >= SMALLEST]
    houses = houses.rename(columns={"number_of_floors": "floors", "is_living": "lived_in"})
    schools = gpd.read_parquet(folder / "school.parquet")
    nurseries = gpd.read_parquet(folder / "kindergarten.parquet")
    residents = houses["population"].sum() / 10_000
    return {
        **fabric(houses),
        **people(houses, houses["living_area"].to_numpy()),
        "school_places": schools["capacity"].to_numpy(dtype=float),
        "schools": np.array([len(schools) / residents]),
        "kindergartens": np.array([len(nurseries) / residents]),
    }


def cambridge(folder: Path) -> dict[str, Floats]:
    """Measure Cambridge: one quarter's buildings by height, all streets, facilities by household."""
    houses = gpd.read_parquet(folder / "buildings_kendall.parquet").to_crs(CAMBRIDGE_CRS)
    houses = houses[(houses["TYPE"] == "BLDG") & (houses.area >= SMALLEST)]
    houses = houses.assign(floors=np.maximum(1, np.round(houses["height_m"] / STOREY)), lived_in=True)
    edges = gpd.read_parquet(folder / "street_centerlines.parquet").to_crs(CAMBRIDGE_CRS)
    edges = edges[edges.geom_type == "LineString"]
    homes = gpd.read_parquet(folder / "block_groups_2010_households.parquet")["households_acs"].sum() / 1000
    category = gpd.read_parquet(folder / "facilities.parquet")["category"]
    return {
        **{name: value for name, value in fabric(houses).items() if name != "floors"},
        **network(_noded(edges)),
        **counted(
            category,
            {
                "clinics": {"health_clinic", "hospital"},
                "child_care": {"day_care"},
                "elderly": {"elderly"},
                "playing_fields": {"athletic"},
            },
            homes,
        ),
    }


def _noded(edges: gpd.GeoDataFrame) -> Streets:
    """Take ends within a metre of each other as one node."""
    shapes = edges.geometry.to_numpy()
    ends = (shapely.get_coordinates(shapely.get_point(shapes, end)).round() for end in (0, -1))
    start, end = (pd.Series([f"{x} {y}" for x, y in part]) for part in ends)
    return streets_of(shapes, start, end)


def wuhan(folder: Path) -> dict[str, Floats]:
    """Measure the simplified street network of Wuhan."""
    edges = gpd.read_parquet(folder / "wuhan_streets_simplified_neatnet.parquet").to_crs(WUHAN_CRS)
    return network(_noded(edges))


CITIES: dict[str, tuple[str, Callable[[Path], dict[str, Floats]]]] = {
    "Vologda": ("vologda_ru", vologda),
    "Cambridge": ("cambridge_ma", cambridge),
    "Wuhan": ("china", wuhan),
}


def _told(values: Floats | None, pattern: str) -> str:
    if values is None:
        return "-"
    if values.size == 1:
        return format(values[0], pattern)
    return " / ".join(format(one, pattern) for one in np.nanquantile(values, [0.1, 0.5, 0.9]))


def table(found: Mapping[str, Mapping[str, Floats]]) -> str:
    """Return the measures as a table: 10 %, median and 90 % of each distribution, or one ratio."""
    lines = [
        "| Measure | " + " | ".join(found) + " |",
        "|---|" + "---|" * len(found),
    ]
    for name, (title, unit, pattern) in MEASURES.items():
        cells = [_told(values.get(name), pattern) for values in found.values()]
        lines.append(f"| {title}{', ' * bool(unit)}{unit} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(folder: Path, scale: float = 1) -> None:
    """Print the table, and which cities are not there."""
    found = {"Demo City": demo_city(generate(SEED, scale))}
    for name, (part, measure) in CITIES.items():
        if (folder / part).is_dir():
            found[name] = measure(folder / part)
        else:
            sys.stdout.write(f"{name} is left out: {folder / part} is not there\n")
    sys.stdout.write(table(found) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("GENGXIN_REAL_CITIES", FOLDER)))
