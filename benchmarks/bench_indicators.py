"""All indicators of a large city, how the time grows with the city, and what a what-if costs."""

from __future__ import annotations

import subprocess
import sys
import time

import geopandas as gpd
import pytest
import shapely

from benchmarks import large_city
from gis.analysis import Analysis
from gis.ground import Ground
from gis.what_if import Change, what_if

SECONDS, GIGABYTES, GROWTH = 10.0, 2.0, 12.0
WHAT_IF = 0.3
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
    begin = time.perf_counter()
    analysis = Analysis(Ground(layers), units)
    what_if(analysis, [])
    full = time.perf_counter() - begin
    print(f"\nfull run: {full:.2f} s")
    for name, change in _changes(layers).items():
        what_if(analysis, [change])
        took = min(_timed(analysis, change) for _ in range(3))
        print(f"{name:>22}: {took * 1e3:5.0f} ms (<= {WHAT_IF * 1e3:.0f}), {full / took:.0f} times faster")
        assert took < full / 4


def _timed(analysis: Analysis, change: Change) -> float:
    begin = time.perf_counter()
    assert len(what_if(analysis, [change]))
    return time.perf_counter() - begin


def _changes(layers: dict[str, gpd.GeoDataFrame]) -> dict[str, Change]:
    crs = layers["buildings"].crs
    x, y = shapely.get_coordinates(layers["buildings"].geometry.iloc[0].centroid)[0]
    school = gpd.GeoDataFrame(
        {"category": ["primary_school"], "capacity": [900.0]}, geometry=[shapely.Point(x, y)], crs=crs
    )
    house = layers["buildings"].iloc[[0]].assign(geometry=[shapely.box(x + 50, y, x + 70, y + 20)])
    path = gpd.GeoDataFrame(geometry=[shapely.LineString([(x, y), (x + 300, y + 300)])], crs=crs)
    return {
        "a school": Change("facilities", school),
        "no longer a school": Change("facilities", removed=[1]),
        "a house": Change("buildings", house),
        "100 houses go": Change("buildings", removed=list(range(100))),
        "a project": Change("projects", layers["projects"].iloc[[0]]),
        "a street": Change("streets", path),
    }
