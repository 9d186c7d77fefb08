"""All indicators of a large city, how the time grows with the city, and what a what-if costs."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import NamedTuple

import geopandas as gpd
import pytest
import shapely

from benchmarks import large_city
from gis.analysis import Analysis
from gis.ground import Ground
from gis.what_if import Change, what_if

SECONDS, GIGABYTES, GROWTH = 10.0, 2.0, 12.0
WHAT_IF, FASTER = 0.3, 15.0
needs_wuhan = pytest.mark.skipif(not large_city.WUHAN.exists(), reason="the streets of Wuhan are not here")
ALONE = """
import resource, sys, time
from benchmarks import large_city
from gis.analysis import evaluate
layers = large_city.city(int(sys.argv[1]))
units = layers.pop("districts")
begin = time.perf_counter()
rows = len(evaluate(layers, units))
print(time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, rows)
"""


def alone(copies: int) -> tuple[float, float]:
    """Seconds and gigabytes of a run in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", ALONE, str(copies)], check=True, capture_output=True, text=True
    )
    seconds, gigabytes, rows = map(float, done.stdout.split())
    buildings = copies * large_city.BUILDINGS
    print(f"{buildings:>9,} buildings: {rows:,.0f} values in {seconds:.1f} s, {gigabytes:.2f} GB")
    return seconds, gigabytes


@needs_wuhan
def test_all_indicators_of_a_city_and_how_they_grow() -> None:
    print()
    one, three, ten = (alone(copies) for copies in (1, 3, 10))
    print(f"budget {SECONDS:.0f} s, {GIGABYTES:.0f} GB; three times the city {three[0] / one[0]:.1f} times, ")
    print(f"ten times the city {ten[0] / one[0]:.1f} times the time (<= {GROWTH:.0f})")
    assert one[1] <= GIGABYTES
    assert ten[0] / one[0] <= GROWTH


@needs_wuhan
def test_a_what_if_beside_a_full_run() -> None:
    layers = large_city.city()
    units = layers.pop("districts")
    analysis = Analysis(Ground(layers), units)
    full = _timed(analysis)
    print(f"\nfull run: {full.seconds:.2f} s")
    for name, change in _changes(layers).items():
        _timed(analysis, change)
        took = Took(*map(min, zip(*(_timed(analysis, change) for _ in range(3)), strict=True)))
        times = full.processor / took.processor
        print(f"{name:>22}: {took.seconds * 1e3:5.0f} ms (<= {WHAT_IF * 1e3:.0f}), {times:.0f} times faster")
        assert times > FASTER


class Took(NamedTuple):
    """Seconds by the clock, and those of the processor, which other work on it lengthens less."""

    seconds: float
    processor: float


def _timed(analysis: Analysis, *changes: Change) -> Took:
    begin, worked = time.perf_counter(), time.process_time()
    found = what_if(analysis, changes)
    took = Took(time.perf_counter() - begin, time.process_time() - worked)
    assert len(found) or not changes
    return took


def _changes(layers: dict[str, gpd.GeoDataFrame]) -> dict[str, Change]:
    crs = layers["buildings"].crs
    x, y = shapely.get_coordinates(layers["buildings"].geometry.iloc[0].centroid)[0]
    school = gpd.GeoDataFrame(
        {"category": ["primary_school"], "capacity": [900.0]}, geometry=[shapely.Point(x, y)], crs=crs
    )
    house = layers["buildings"].iloc[[0]].assign(geometry=[shapely.box(x + 50, y, x + 70, y + 20)])
    path = gpd.GeoDataFrame(geometry=[shapely.LineString([(x, y), (x + 300, y + 300)])], crs=crs)
    park = layers["facilities"]["category"].eq("park").to_numpy().nonzero()[0]
    meadow = gpd.GeoDataFrame({"land_use": ["1401"]}, geometry=[shapely.box(x, y, x + 200, y + 200)], crs=crs)
    return {
        "a school": Change("facilities", school),
        "no longer a school": Change("facilities", removed=[1]),
        "a park goes": Change("facilities", removed=[int(park[5])]),
        "a house": Change("buildings", house),
        "100 houses go": Change("buildings", removed=list(range(100))),
        "a project": Change("projects", layers["projects"].iloc[[0]]),
        "a zone": Change("zoning", meadow),
        "a street": Change("streets", path),
        "20 streets go": Change("streets", removed=list(range(500, 520))),
    }
