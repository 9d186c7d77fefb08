"""Tiles beside tipg on the same database in the same run, at z8-z16: time, bytes, a hundred clients at once.

tipg runs as its own process in an environment that this benchmark makes for itself; where it cannot be
installed, ours is measured alone and the comparison is skipped with the reason. It draws at most 10,000
features a tile and leaves the others out, so that only 10,000 projects compare like with like: that ratio is
asserted, the others are printed.
"""

from __future__ import annotations

import math
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
import requests
from sqlalchemy import make_url, text

from data import cities
from data.session import Database
from tests.processes import free_port

ROOT = Path(__file__).resolve().parent.parent
WEST, SOUTH, EAST, NORTH = 113.3, 34.45, 113.95, 34.99
ZOOMS = range(8, 17)
TILES_A_ZOOM = 24
LARGEST_TILE = 500_000
CLIENTS = 100
ROUNDS = 3
COMPARED = 9
DRAWN_BY_BOTH = 10_000
TIPG = ("tipg", "uvicorn", "httptools", "uvloop")
OUTLINE = """ST_Multi(ST_MakePolygon(ST_MakeLine(ARRAY(SELECT ST_SetSRID(ST_MakePoint(
    lon + r * cos(2 * pi() * (k % 24) / 24) * (1 + 0.3 * sin(turn * 7 + 6 * pi() * (k % 24) / 24)),
    lat + r * sin(2 * pi() * (k % 24) / 24) * (1 + 0.3 * sin(turn * 7 + 6 * pi() * (k % 24) / 24))), 4326)
    FROM generate_series(0, 24) k))))"""
FILL = {
    "projects": f"""INSERT INTO project (city_id, code, name, code_year, total_investment, project_type,
        boundary, boundary_status)
    SELECT :city, 'B' || n, format('第%s号片区城市更新项目', n), 2020 + n % 6, n % 2000 * 1e6,
        (ARRAY['existing_building', 'old_community', 'ecology', 'heritage'])[1 + n % 4], {OUTLINE}, 'drafted'
    FROM (SELECT n, 113.3 + 0.65 * random() AS lon, 34.45 + 0.54 * random() AS lat,
        0.0006 + 0.0016 * random() ^ 2 AS r, random() AS turn
        FROM generate_series(1, :count) n OFFSET 0) place""",
    "buildings": """INSERT INTO building (city_id, code, floors, height, floor_area, year_built, use, shape)
    SELECT :city, 'b' || n, floors, floors * 3, floors * w * h * 1e10, 1950 + n % 75,
        (ARRAY['residential', 'mixed', 'commercial', 'office', 'industrial'])[1 + n % 5],
        ST_Multi(ST_Rotate(ST_MakeEnvelope(lon, lat, lon + w, lat + h, 4326), turn, lon, lat))
    FROM (SELECT n, 113.625 + 0.21 * (random() + random() + random() - 1.5) AS lon,
        34.72 + 0.17 * (random() + random() + random() - 1.5) AS lat, 0.0001 + 0.0002 * random() AS w,
        0.00008 + 0.0003 * random() AS h, random() * 3 AS turn, 1 + (random() ^ 2 * 30)::int AS floors
        FROM generate_series(1, :count) n OFFSET 0) place""",
}  # fmt: skip
Measured = tuple[list[float], list[int]]
TABLES = {"projects": "project", "buildings": "building"}


def fill(database: Database, layer: str, count: int) -> None:
    names = {"slug": "big", "name_zh": "大", "name_en": "Big", "metric_srid": 4547, "synthetic": True}
    with database.writing("bench") as connection:
        connection.execute(text("SELECT set_config('gengxin.audit', 'summary', true), setseed(0.42)"))
        connection.execute(text(FILL[layer]), {"city": cities.add_city(connection, names), "count": count})
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


@contextmanager
def running(command: list[str], environment: dict[str, str], port: int, path: str) -> Iterator[str]:
    """Lend the address of a server in its own process."""
    address = f"http://127.0.0.1:{port}"
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        command, env={**os.environ, **environment}, cwd=ROOT, stdout=quiet, stderr=quiet
    )
    try:
        for _attempt in range(240):
            if process.poll() is not None:
                raise RuntimeError(f"{command[0]} ended with {process.returncode}")
            try:
                requests.get(address + path, timeout=5)
                break
            except requests.ConnectionError:
                time.sleep(0.25)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def libpq(url: str) -> str:
    """The same database as an address whose host, a folder perhaps, stands where asyncpg looks for it."""
    address = make_url(url)
    host = quote(str(address.query.get("host", address.host)), safe="")
    port = address.query.get("port", address.port or 5432)
    login = quote(address.username or "") + (f":{quote(str(address.password))}" if address.password else "")
    return f"postgresql://{login}@{host}:{port}/{address.database}"


@contextmanager
def ours(url: str) -> Iterator[str]:
    port = free_port()
    options = ["app.server:application", "--factory", "--port", str(port), "--log-level", "error"]
    environment = {"GENGXIN_DATABASE_URL": url}
    with running([sys.executable, "-m", "uvicorn", *options], environment, port, "/healthz") as address:
        yield address


@contextmanager
def peer(url: str, python: Path) -> Iterator[str]:
    port = free_port()
    options = ["tipg.main:app", "--port", str(port), "--log-level", "error"]
    environment = {"DATABASE_URL": libpq(url)}
    with running([str(python), "-m", "uvicorn", *options], environment, port, "/healthz") as address:
        yield address


@pytest.fixture(scope="session")
def tipg() -> Path | None:
    """The interpreter of an environment with tipg; None where it cannot be installed."""
    folder = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "gengxin-bench" / "tipg"
    python = folder / "bin" / "python"
    uv = [sys.executable, "-m", "uv"]
    steps = (
        [*uv, "venv", "-q", "--clear", str(folder)],
        [*uv, "pip", "install", "-q", "--python", str(python), *TIPG],
    )
    if (
        python.exists()
        and subprocess.run([python, "-c", "import tipg, uvicorn"], check=False).returncode == 0
    ):
        return python
    done = all(subprocess.run(step, capture_output=True, check=False).returncode == 0 for step in steps)
    return python if done else None


def covering(zoom: int) -> list[tuple[int, int, int]]:
    """Tiles of a zoom over the city, a fixed choice of them where there are many."""

    def place(lon: float, lat: float) -> tuple[int, int]:
        north = math.asinh(math.tan(math.radians(lat))) / math.pi
        return int((lon + 180) / 360 * 2**zoom), int((1 - north) / 2 * 2**zoom)

    (left, bottom), (right, top) = place(WEST, SOUTH), place(EAST, NORTH)
    every = [(zoom, x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)]
    return random.Random(zoom).sample(every, min(TILES_A_ZOOM, len(every)))


def measure(session: requests.Session, address: str, zoom: int, rounds: int = 1) -> Measured:
    """Milliseconds and uncompressed bytes of each tile of a zoom."""
    times: list[float] = []
    sizes: list[int] = []
    for _round in range(rounds):
        for z, x, y in covering(zoom):
            url = address.format(z=z, x=x, y=y)
            start = time.perf_counter()
            answer = session.get(url, timeout=120)
            times.append((time.perf_counter() - start) * 1e3)
            assert answer.status_code in {200, 204}, answer.text
            sizes.append(len(answer.content))
    return times, sizes


def p95(values: list[float]) -> float:
    return sorted(values)[math.ceil(len(values) * 0.95) - 1]


def line(name: str, zoom: int, times: list[float], sizes: list[int]) -> str:
    return (
        f"{name:>14} z{zoom:<2} median {statistics.median(times):8.1f} ms  p95 {p95(times):8.1f} ms   "
        f"mean {statistics.mean(sizes) / 1e3:7.1f} KB  max {max(sizes) / 1e3:7.1f} KB"
    )


def fresh(database: Database, layer: str) -> None:
    """Change the layer's version, so that no tile is in memory."""
    with database.writing("bench") as connection:
        table = TABLES[layer]
        connection.execute(text(f"UPDATE {table} SET code = code WHERE id = (SELECT min(id) FROM {table})"))


@pytest.mark.parametrize(
    ("layer", "count"),
    [("projects", 10_000), ("projects", 100_000), ("buildings", 100_000), ("buildings", 1_000_000)],
)
def test_tiles_beside_tipg(
    database: Database, database_url: str, layer: str, count: int, tipg: Path | None
) -> None:
    fill(database, layer, count)
    print(f"\n{count:,} {layer}")
    with ours(database_url) as address, requests.Session() as session:
        pattern = f"{address}/tiles/{layer}/{{z}}/{{x}}/{{y}}.mvt?city=big"
        found, kept = measure_ours(session, pattern, database, layer)
        crowd(pattern, database, layer)
    assert statistics.mean(kept) <= statistics.mean(ms for times, _sizes in found.values() for ms in times)
    assert all(max(sizes) <= LARGEST_TILE for _times, sizes in found.values())
    if tipg is None:
        pytest.skip("tipg cannot be installed here: nothing to compare with")
    with peer(database_url, tipg) as address, requests.Session() as session:
        collection = f"{address}/collections/public.{TABLES[layer]}/tiles/WebMercatorQuad"
        other = measure_peer(session, collection + "/{z}/{x}/{y}?geom-column=mercator")
    faster = quickest(*other[COMPARED]) / quickest(*found[COMPARED])
    smaller = statistics.mean(other[COMPARED][1]) / statistics.mean(found[COMPARED][1])
    print(f"{'z9':>14} {faster:.1f} times faster, {smaller:.1f} times smaller than tipg")
    if count <= DRAWN_BY_BOTH:
        assert faster >= 5
        assert smaller >= 8


def measure_ours(
    session: requests.Session, pattern: str, database: Database, layer: str
) -> tuple[dict[int, Measured], list[float]]:
    """Times and bytes of each zoom with nothing in memory, and the times of all tiles from memory."""
    found: dict[int, Measured] = {}
    kept: list[float] = []
    measure(session, pattern, 16)
    for zoom in ZOOMS:
        found[zoom] = [], []
        for _round in range(ROUNDS):
            fresh(database, layer)
            times, sizes = measure(session, pattern, zoom)
            found[zoom][0].extend(times)
            found[zoom][1].extend(sizes)
        print(line("uncached", zoom, *found[zoom]))
        times, sizes = measure(session, pattern, zoom, rounds=2)
        print(line("cached", zoom, times, sizes))
        kept += times
    return found, kept


def measure_peer(session: requests.Session, pattern: str) -> dict[int, Measured]:
    """Times and bytes of each zoom."""
    found: dict[int, Measured] = {}
    for zoom in ZOOMS:
        found[zoom] = measure(session, pattern, zoom, ROUNDS if zoom == COMPARED else 1)
        print(line("tipg", zoom, *found[zoom]))
    return found


def quickest(times: list[float], _sizes: list[int]) -> float:
    """Milliseconds for all tiles of a zoom, each at its quickest round."""
    tiles = len(times) // ROUNDS
    return sum(min(times[tile::tiles]) for tile in range(tiles))


def crowd(pattern: str, database: Database, layer: str) -> None:
    """A hundred clients at once on tiles that nobody has asked for yet."""
    fresh(database, layer)
    wanted = [tile for zoom in ZOOMS for tile in covering(zoom)] * 4

    def ask(tile: tuple[int, int, int]) -> tuple[int, float]:
        z, x, y = tile
        start = time.perf_counter()
        status = requests.get(pattern.format(z=z, x=x, y=y), timeout=120).status_code
        return status, (time.perf_counter() - start) * 1e3

    begin = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as clients:
        answers = list(clients.map(ask, wanted))
    seconds = time.perf_counter() - begin
    errors = [status for status, _ms in answers if status not in {200, 204}]
    print(
        f"{CLIENTS:>14} clients: {len(answers)} tiles in {seconds:.1f} s ({len(answers) / seconds:.0f}/s), "
        f"p95 {p95([ms for _status, ms in answers]):.0f} ms, {len(errors)} errors"
    )
    assert not errors
