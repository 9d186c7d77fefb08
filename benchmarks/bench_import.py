"""How long a city's buildings take to import, and how much memory; a script with geopandas beside it.

Each run is a process of its own on the same database. The script does what a person would write: it reads the
whole file, checks that shapes are valid and codes unique, translates the uses and calls ``to_postgis``. Both
fill the same table, so that constraints, indexes and triggers cost both the same. The script names no faulty
row, does not look where the shapes lie, and keeps no source.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pytest
import shapely

from data import cities
from data.session import Database

OURS = """
from app.services.imports.layers import import_layer
start = time.perf_counter()
stored = import_layer(database, path, kind="buildings", city="town", actor="bench").stored
"""
SCRIPT = """
import geopandas as gpd
import shapely
start = time.perf_counter()
frame = gpd.read_parquet(path) if path.suffix == ".parquet" else gpd.read_file(path)
frame = frame.rename_geometry("shape")
assert frame.is_valid.all()
assert frame["code"].is_unique
frame["use"] = frame["use"].replace("商业", "commercial")
frame.geometry = shapely.multipolygons(frame.geometry.to_numpy()[:, None])
with database.writing("bench") as connection:
    frame["city_id"] = connection.exec_driver_sql("SELECT id FROM city WHERE slug = 'town'").scalar()
    frame.to_postgis("building", connection, if_exists="append", index=False)
stored = len(frame)
"""
# Not ru_maxrss: that one counts the process from which this one was forked.
AROUND = """
import json, re, sys, time
from pathlib import Path
from data.session import Database
database, path = Database(sys.argv[1]), Path(sys.argv[2])
{work}
seconds = time.perf_counter() - start
peak = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
print(json.dumps({{"stored": stored, "seconds": seconds, "peak_mb": peak}}))
"""
SECONDS_A_MILLION = 90


class Figures(NamedTuple):
    """What one import took."""

    stored: int
    seconds: float
    peak_mb: float


def footprints(count: int) -> gpd.GeoDataFrame:
    """A grid of rectangles with the attributes of buildings."""
    row, column = np.divmod(np.arange(count), 1000)
    x, y = 113.3 + column * 0.0003, 34.5 + row * 0.0002
    return gpd.GeoDataFrame(
        {
            "code": [f"B{number}" for number in range(count)],
            "floors": row % 30 + 1,
            "height": (row % 30 + 1) * 3.0,
            "year_built": 1950 + column % 70,
            "use": np.array(["residential", "office", "商业"])[column % 3],
        },
        geometry=shapely.box(x, y, x + 0.00015, y + 0.0001),
        crs=4326,
    )


@pytest.fixture
def town(database: Database) -> Database:
    """A city without a building."""
    with database.writing("bench") as connection:
        names = {"slug": "town", "name_zh": "示范", "name_en": "Town"}
        cities.add_city(connection, {**names, "metric_srid": 4547})
    return database


def measured(town: Database, url: str, path: Path, work: str) -> Figures:
    """Import a file in a process of its own into a table without rows."""
    with town.writing("bench") as connection:
        connection.exec_driver_sql("TRUNCATE building")
        connection.exec_driver_sql("DELETE FROM layer_source")
    command = [sys.executable, "-W", "ignore", "-c", AROUND.format(work=work), url, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1])
    assert done.returncode == 0, done.stderr
    return Figures(**json.loads(done.stdout))


def compared(town: Database, url: str, path: Path, count: int) -> tuple[Figures, Figures]:
    """Import so many footprints with Gengxin and with the script, and print what each took."""
    frame = footprints(count)
    frame.to_parquet(path) if path.suffix == ".parquet" else frame.to_file(path)
    ours, script = (measured(town, url, path, work) for work in (OURS, SCRIPT))
    assert ours.stored == script.stored == count
    print(
        f"\n{count:,} footprints from {path.suffix}: ours {ours.seconds:.1f} s, {ours.peak_mb:.0f} MB; "
        f"to_postgis {script.seconds:.1f} s, {script.peak_mb:.0f} MB; "
        f"time ratio {ours.seconds / script.seconds:.2f}; load {os.getloadavg()[0]:.1f}"
    )
    return ours, script


@pytest.mark.parametrize("suffix", [".gpkg", ".parquet"])
def test_a_million_footprints_in_90_seconds_and_memory_that_does_not_grow_with_them(
    town: Database, database_url: str, tmp_path: Path, suffix: str
) -> None:
    few, _ = compared(town, database_url, tmp_path / f"few{suffix}", 100_000)
    idle = os.getloadavg()[0] <= (os.cpu_count() or 1)
    many, script = compared(town, database_url, tmp_path / f"many{suffix}", 1_000_000)
    assert many.peak_mb <= 1.5 * few.peak_mb
    assert many.peak_mb <= script.peak_mb / 2
    assert many.seconds <= 2 * script.seconds
    # The budget is that of a machine which does nothing else.
    assert many.seconds <= SECONDS_A_MILLION or not idle
