"""Density, coverage and walking summaries, beside plain geopandas in the same run, and at 1x, 3x and 10x."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gis.access import summary
from gis.coverage import covered_mask, service_coverage
from gis.density import building_coverage, floor_area_ratio, road_density
from gis.grid import hexagon_grid, square_grid
from gis.overlap import members, overlay

BUILDINGS, UNIT_SIDE, BLOCK = 100_000, 100.0, 10_000.0
SITES, RADIUS, CLASSES, EDGE_CORNERS = 5_000, 500.0, 20, 1_250
GROWTH = (1, 3, 10)


class City(NamedTuple):
    """10 buildings a unit and 5 facilities for each 100, at any size."""

    area: gpd.GeoSeries
    units: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    homes: gpd.GeoDataFrame
    sites: gpd.GeoSeries
    streets: gpd.GeoDataFrame


def city(times: int) -> City:
    random, count, side = np.random.default_rng(times), BUILDINGS * times, BLOCK * times**0.5
    buildings = rectangles(random, random.uniform(20, side - 20, (count, 2)))
    area = gpd.GeoSeries([shapely.box(0, 0, side, side)], crs=4547)
    sites = gpd.GeoSeries(shapely.points(random.uniform(0, side, (SITES * times, 2))), crs=4547)
    homes = buildings.set_geometry(buildings.centroid)
    starts = random.uniform(0, side, (count * 9 // 10, 2))
    steps = random.normal(0, 60, (len(starts), 3, 2)).cumsum(axis=1) + starts[:, None]
    streets = gpd.GeoDataFrame(geometry=shapely.linestrings(steps), crs=4547)
    return City(area, square_grid(area, UNIT_SIDE), buildings, homes, sites, streets)


def rectangles(random: np.random.Generator, centres: np.ndarray) -> gpd.GeoDataFrame:
    count = len(centres)
    size, turn = random.uniform(4, 12, (count, 2)), np.exp(1j * random.uniform(0, np.pi, count))[:, None]
    corners = (size[:, :1] * [-1, 1, 1, -1] + 1j * size[:, 1:] * [-1, -1, 1, 1]) * turn
    shapes = shapely.polygons(np.stack([corners.real, corners.imag], axis=-1) + centres[:, None])
    values = {"floors": random.integers(1, 30, count), "population": random.integers(0, 90, count)}
    return gpd.GeoDataFrame(values, geometry=shapes, crs=4547).astype(dict.fromkeys(values, float))


def districts(side: float) -> gpd.GeoDataFrame:
    """16 districts whose winding boundaries have 5,000 corners each."""
    along = np.linspace(0, side, 4 * EDGE_CORNERS + 1)
    winding = 60 * np.sin(along / side * 40 * np.pi)
    cuts = [k * side / 4 + winding * (0 < k < 4) for k in range(5)]
    lines = [np.column_stack([along, cut]) for cut in cuts] + [np.column_stack([cut, along]) for cut in cuts]
    noded = shapely.union_all(shapely.linestrings(lines))
    shapes = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    return gpd.GeoDataFrame(geometry=shapes, crs=4547)


def seconds(action: Callable[[], Any], rounds: int = 3) -> tuple[float, Any]:
    """Processor time of the best of some rounds, and what the last one found."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        found = action()
        times.append(time.process_time() - start)
    return min(times), found


def ratios(units: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> pd.DataFrame:
    placed = overlay(units, buildings)
    return pd.DataFrame(
        {
            "far": floor_area_ratio(units, buildings, overlap=placed),
            "coverage": building_coverage(units, buildings, overlap=placed),
        }
    )


def plain_ratios(units: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> pd.DataFrame:
    numbered = units[["geometry"]].assign(unit=np.arange(len(units)))
    cut = gpd.overlay(buildings[["floors", "geometry"]], numbered, how="intersection", keep_geom_type=False)
    inside = (
        cut.assign(coverage=cut.area, far=cut.area * cut["floors"]).groupby("unit")[["far", "coverage"]].sum()
    )
    return inside.reindex(range(len(units)), fill_value=0).div(units.area.to_numpy(), axis=0)


def plain_length(units: gpd.GeoDataFrame, streets: gpd.GeoDataFrame) -> pd.Series:
    cut = gpd.overlay(streets, units[["geometry"]].assign(unit=np.arange(len(units))), keep_geom_type=False)
    length = cut.length.groupby(cut["unit"]).sum().reindex(range(len(units)), fill_value=0)
    return length / units.area.to_numpy() * 1000


def plain_coverage(town: City) -> pd.DataFrame:
    """Buffers joined with homes, the usual way; a home in several buffers is kept once."""
    discs = gpd.GeoDataFrame(geometry=town.sites.buffer(RADIUS, quad_segs=32), crs=4547)
    covered = gpd.sjoin(town.homes, discs, predicate="within").index.unique()
    placed = gpd.sjoin(town.homes, town.units[["geometry"]], predicate="within")
    weights = placed.assign(
        numerator=placed["population"] * placed.index.isin(covered), denominator=placed["population"]
    )
    sums = weights.groupby("index_right")[["numerator", "denominator"]].sum()
    return sums.reindex(range(len(town.units)), fill_value=0)


def plain_union(town: City) -> int:
    """One union of all buffers, and the homes within it."""
    reach = town.sites.buffer(RADIUS, quad_segs=32).union_all()
    return int(town.homes.within(reach).sum())


def said(what: str, ours: float, peers: dict[str, float]) -> None:
    beside = ", ".join(f"{name} {taken:7.2f} s ({taken / ours:6.1f} x)" for name, taken in peers.items())
    print(f"{what:>44}: {ours:7.3f} s{'; ' if beside else ''}{beside}")


@pytest.fixture(scope="module")
def town() -> City:
    return city(1)


def test_floor_area_ratio_and_coverage(town: City) -> None:
    print()
    for kind, units in (
        ("10,000 squares", town.units),
        ("10,246 hexagons", hexagon_grid(town.area, 62.0)),
        ("16 districts of 5,000 corners", districts(BLOCK)),
    ):
        ours, found = seconds(lambda units=units: ratios(units, town.buildings))
        peer, expected = seconds(lambda units=units: plain_ratios(units, town.buildings), 1)
        np.testing.assert_allclose(found.to_numpy(), expected.to_numpy(), rtol=1e-6, atol=1e-9)
        said(f"FAR and coverage, {kind}", ours, {"geopandas overlay": peer})
        assert ours <= peer / 3


def test_road_density(town: City) -> None:
    print()
    for kind, units, streets in (
        ("90,000 streets in 10,000 squares", town.units, town.streets),
        ("9,000 streets in 16 districts", districts(BLOCK), town.streets.iloc[::10]),
    ):
        ours, found = seconds(lambda units=units, streets=streets: road_density(units, streets))
        peer, expected = seconds(lambda units=units, streets=streets: plain_length(units, streets), 1)
        np.testing.assert_allclose(found.to_numpy(), expected.to_numpy(), rtol=1e-6, atol=1e-6)
        said(f"road density, {kind}", ours, {"geopandas overlay": peer})
        assert ours <= peer / 3


def test_coverage_of_homes(town: City) -> None:
    ours, found = seconds(lambda: service_coverage(town.units, town.homes, town.sites, RADIUS))
    joined, expected = seconds(lambda: plain_coverage(town), 1)
    mask, covered = seconds(lambda: covered_mask(town.homes, town.sites, RADIUS))
    union, within = seconds(lambda: plain_union(town), 1)
    print()
    said("500 m coverage, 100,000 homes, 5,000 sites", ours, {"geopandas sjoin": joined})
    said("which homes are covered", mask, {"union of buffers": union})
    assert found["denominator"].to_numpy() == pytest.approx(expected["denominator"].to_numpy())
    # The peers' discs are polygons: homes in the last 0.03 % of the radius are beyond them.
    assert found["numerator"].sum() == pytest.approx(expected["numerator"].sum(), rel=1e-3)
    assert covered.sum() == pytest.approx(within, rel=1e-3)
    assert ours <= joined / 5
    assert mask <= union / 3


def plain_summary(unit: np.ndarray, metres: np.ndarray, weights: np.ndarray) -> pd.DataFrame:
    """Weighted mean, median and 90th percentile by unit, with pandas."""
    frame = pd.DataFrame({"unit": unit, "metres": metres, "weight": weights, "walked": metres * weights})
    frame = frame[frame["weight"] > 0].sort_values(["unit", "metres"])
    grouped = frame.groupby("unit")
    sums, running = grouped[["walked", "weight"]].sum(), grouped["weight"].cumsum()
    share = running / frame["unit"].map(sums["weight"])
    found = {"mean": sums["walked"] / sums["weight"]}
    for name, q in (("median", 0.5), ("p90", 0.9)):
        found[name] = frame[share >= q - 1e-9].groupby("unit")["metres"].first()
    return pd.DataFrame(found)


def test_walking_summaries(town: City) -> None:
    metres = np.random.default_rng(1).exponential(400, (CLASSES, BUILDINGS))
    weights, placed = town.homes["population"].to_numpy(), members(town.units, town.homes)
    of = placed.feature
    ours, found = seconds(lambda: [summary(placed, each, weights) for each in metres])
    peer, expected = seconds(
        lambda: [plain_summary(placed.unit, each[of], weights[of]) for each in metres], 1
    )
    for mine, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine.loc[other.index, other.columns], other)
    print()
    said("mean, median, p90 and shares of 20 classes", ours, {"pandas, no shares": peer})
    assert ours <= peer


@pytest.mark.parametrize("measure", ["ratios", "coverage", "streets"])
def test_growth(measure: str) -> None:
    times = {}
    for size in GROWTH:
        grown = city(size)
        action = {
            "ratios": lambda grown=grown: ratios(grown.units, grown.buildings),
            "coverage": lambda grown=grown: service_coverage(grown.units, grown.homes, grown.sites, RADIUS),
            "streets": lambda grown=grown: road_density(grown.units, grown.streets),
        }[measure]
        times[size], _ = seconds(action, 3 if size < 10 else 2)
    print()
    for size, taken in times.items():
        said(f"{measure} at {size}x", taken, {})
    # Rows lie in no order of place: ten times the memory costs more than ten times the misses of a cache.
    assert times[10] <= 20 * times[1]
