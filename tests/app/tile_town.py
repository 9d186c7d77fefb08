"""A small town with features in every layer, and a client of its tiles."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import mapbox_vector_tile  # type: ignore[import-untyped]
import requests
from fastapi import FastAPI
from sqlalchemy import text
from starlette.middleware.gzip import GZipMiddleware

from app.api import problems, tiles
from data import cities
from data.session import Database
from tests.processes import listening

LON, LAT = 113.6, 34.7
PROJECTS, BUILDINGS = 60, 400
SQUARE = "ST_Multi(ST_MakeEnvelope({x}, {y}, {x} + {w}, {y} + {w}, 4326))"
FILL = (
    f"""INSERT INTO project (city_id, code, name, code_year, total_investment, project_type, boundary,
        boundary_status)
    SELECT :city, 'P' || n, '项目' || n, 2020 + n % 3, CASE WHEN n % 7 > 0 THEN n * 1e8 END,
        (ARRAY['ecology', 'heritage'])[1 + n % 2],
        {SQUARE.format(x="113.6 + n % 10 * 0.03", y="34.7 + n / 10 * 0.03", w="0.00005 + 0.0004 * (n % 5)")},
        'drafted' FROM generate_series(0, {PROJECTS - 1}) n""",
    """INSERT INTO stage_event (project_id, stage, on_date)
    SELECT id, 'library', date '2021-01-01' + id % 2 * 400 FROM project WHERE city_id = :city
    UNION ALL
    SELECT id, 'construction', date '2024-06-01' FROM project WHERE city_id = :city AND id % 4 = 0""",
    f"""INSERT INTO building (city_id, code, floors, height, floor_area, use, shape)
    SELECT :city, 'B' || n, 6, 18, CASE WHEN n % 3 > 0 THEN 1000 END, 'residential',
        {SQUARE.format(x="113.6 + (n % 20) * 0.001", y="34.7 + n / 20 * 0.001", w="0.0003")}
    FROM generate_series(0, {BUILDINGS - 1}) n""",
    f"""INSERT INTO zoning (city_id, code, land_use, floor_area_ratio, shape)
    SELECT :city, 'Z' || n, (ARRAY['0701', '0901'])[1 + n % 2], 2.5,
        {SQUARE.format(x="113.6 + n * 0.01", y="34.7", w="0.009")} FROM generate_series(0, 9) n""",
    f"""INSERT INTO constraint_area (city_id, kind, name, shape, valid_to)
    SELECT :city, 'water', 'W' || n, {SQUARE.format(x="113.6", y="34.7", w="0.01 * (n + 1)")},
        CASE WHEN n = 0 THEN date '2001-01-01' END FROM generate_series(0, 2) n""",
    """INSERT INTO facility (city_id, code, category, name, shape)
    SELECT :city, 'F' || n, (ARRAY['park', 'toilet'])[1 + n % 2], 'F' || n,
        CASE WHEN n % 2 = 0
        THEN ST_Multi(ST_MakeEnvelope(113.6 + n * 0.001, 34.7, 113.605 + n * 0.001, 34.705, 4326))
        ELSE ST_SetSRID(ST_MakePoint(113.6 + n * 0.002, 34.71), 4326) END FROM generate_series(0, 19) n""",
    """INSERT INTO street_edge (city_id, code, street_class, name, from_node, to_node, length, shape)
    SELECT :city, 'S' || n, (ARRAY['expressway', 'arterial', 'secondary', 'local', 'path', NULL])[1 + n % 6],
        'S' || n, n, n + 1, 1000, ST_SetSRID(ST_MakeLine(
            ST_MakePoint(113.6, 34.7 + n * 0.001), ST_MakePoint(113.61, 34.7 + n * 0.001)), 4326)
    FROM generate_series(0, 11) n""",
    """INSERT INTO greenway (city_id, code, greenway_class, name, length, shape)
    SELECT :city, 'G' || n, (ARRAY['region', 'city', 'community', NULL])[1 + n % 4], 'G' || n, 1000,
        ST_SetSRID(ST_MakeLine(
            ST_MakePoint(113.6 + n * 0.004, 34.7), ST_MakePoint(113.6 + n * 0.004, 34.709)), 4326)
    FROM generate_series(0, 9) n""",
    f"""INSERT INTO surface (city_id, code, kind, shape)
    SELECT :city, 'M' || n, (ARRAY['green', 'impermeable'])[1 + n % 2],
        {SQUARE.format(x="113.6 + n * 0.004", y="34.7", w="0.0001 + 0.0008 * (n % 4)")}
    FROM generate_series(0, 9) n""",
    f"""INSERT INTO parcel (city_id, code, land_use, shape)
    SELECT :city, 'L1', '0701', {SQUARE.format(x="113.6", y="34.7", w="0.002")}""",
    f"""INSERT INTO population_cell (city_id, code, population, shape)
    SELECT :city, 'C1', 1234, {SQUARE.format(x="113.6", y="34.7", w="0.01")}""",
    """INSERT INTO problem (city_id, code, title, dimension, severity, shape)
    VALUES (:city, 'Q1', '停车难', 'community', 'high', ST_SetSRID(ST_MakePoint(113.601, 34.701), 4326))""",
    f"""INSERT INTO district (city_id, code, name_zh, name_en, boundary)
    SELECT :city, 'd' || n, '区' || n, 'D' || n, {SQUARE.format(x="113.6 + n * 0.1", y="34.7", w="0.1")}
    FROM generate_series(0, 2) n""",
)  # fmt: skip


class Client:
    """A server of the tiles alone, asked over HTTP."""

    def __init__(self, address: str) -> None:
        self.address = address

    def get(self, path: str, **options: Any) -> requests.Response:
        return requests.get(self.address + path, timeout=30, **options)

    def tile(self, layer: str, z: int, x: int, y: int, **query: str) -> requests.Response:
        return self.get(f"/tiles/{layer}/{z}/{x}/{y}.mvt", params={"city": "town", **query})

    def features(self, layer: str, z: int, **query: str) -> dict[str, list[dict[str, Any]]]:
        """All features of the town at a zoom by source layer, as its tiles hold them."""
        found: dict[str, list[dict[str, Any]]] = {}
        for x, y in town_tiles(z):
            answer = self.tile(layer, z, x, y, **query)
            assert answer.status_code in {200, 204}, answer.text
            for name, part in (mapbox_vector_tile.decode(answer.content) if answer.content else {}).items():
                found.setdefault(name, []).extend(part["features"])
        return found


def column_row(lon: float, lat: float, z: int) -> tuple[int, int]:
    north = math.asinh(math.tan(math.radians(lat))) / math.pi
    return int((lon + 180) / 360 * 2**z), int((1 - north) / 2 * 2**z)


def town_tiles(z: int) -> list[tuple[int, int]]:
    (west, south), (east, north) = column_row(LON - 0.01, LAT - 0.01, z), column_row(LON + 0.31, LAT + 0.2, z)
    return [(x, y) for x in range(west, east + 1) for y in range(north, south + 1)]


def build_town(database: Database) -> int:
    """Fill a city whose every layer has features; return its number."""
    with database.writing("test") as connection:
        names = {"slug": "town", "name_zh": "镇", "name_en": "Town", "metric_srid": 4547, "synthetic": True}
        city = cities.add_city(connection, names)
        for statement in FILL:
            connection.execute(text(statement), {"city": city})
    return city


@contextmanager
def serving(database: Database) -> Iterator[Client]:
    """Serve the tiles of a database, and nothing else."""
    app = FastAPI()
    app.state.database = database
    problems.register(app)
    app.include_router(tiles.router)
    app.add_middleware(GZipMiddleware, minimum_size=10)
    with listening(app) as address:
        yield Client(address)


def rows(database: Database, query: str, **values: Any) -> list[Any]:
    with database.reading() as connection:
        return list(connection.execute(text(query), values))


def ids(features: list[dict[str, Any]]) -> set[int]:
    return {feature["id"] for feature in features if feature.get("id")}
