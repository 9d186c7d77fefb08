"""Vector tiles over HTTP: never stale, never too large, no client refused, errors by name."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import mapbox_vector_tile  # type: ignore[import-untyped]
import pytest
import requests
import shapely
from shapely.geometry import mapping
from sqlalchemy import text

from app.api import problems
from app.services.boundaries.edit import delete_boundary, save_boundary
from app.services.imports.layers import Options, import_layer
from app.services.imports.projects import import_list
from app.services.map import tiles as service
from app.services.map.tile_cache import Stored, TileCache
from app.services.map.tiles import TileService
from data.async_session import AsyncReader
from data.errors import Busy
from data.session import Database
from data.tiles import LAYERS
from tests.app.conftest import StandingTown
from tests.app.tile_town import (
    BUILDINGS,
    LAT,
    LON,
    PROJECTS,
    Client,
    build_town,
    column_row,
    ids,
    rows,
    serving,
)

# As many bytes a feature as a layer can hold, and more features than a tile can.
LONG_NAMES = """INSERT INTO facility (city_id, code, category, name, shape)
    SELECT :city, 'L' || n, 'park', n || repeat('更', 100), ST_SetSRID(ST_MakePoint(
        113.605 + n % 100 * 1e-6, 34.705 + n / 100 * 1e-6), 4326) FROM generate_series(1, 15000) n"""
AREA = """{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"kind": "water"},
    "geometry": {"type": "Polygon", "coordinates":
        [[[113.6, 34.7], [113.61, 34.7], [113.61, 34.71], [113.6, 34.71], [113.6, 34.7]]]}}]}"""


@pytest.fixture
def town(database: Database) -> int:
    return build_town(database)


@pytest.fixture
def client(database: Database, town: int) -> Iterator[Client]:
    with serving(database) as served:
        yield served


def test_an_edit_through_a_service_shows_on_the_next_view(
    client: Client, database: Database, town: int
) -> None:
    x, y = column_row(113.605, 34.705, 13)
    before = client.tile("projects", 13, x, y)
    again = client.tile("projects", 13, x, y)
    assert (again.content, again.headers["etag"]) == (before.content, before.headers["etag"])
    other = client.tile("districts", 13, x, y).headers["etag"]
    square = mapping(shapely.box(113.60, 34.70, 113.607, 34.707))
    save_boundary(database, "town", "P1", square, status="drafted", actor="test", accept_warnings=True)
    after = client.tile("projects", 13, x, y, v=before.headers["etag"])
    assert after.content != before.content
    assert after.headers["etag"] != before.headers["etag"]
    assert "no-cache" in after.headers["cache-control"]
    assert client.tile("districts", 13, x, y).headers["etag"] == other


def test_each_write_through_a_service_raises_exactly_its_layers(
    database: Database, town: int, tmp_path: Path
) -> None:
    stages, areas = tmp_path / "stages.csv", tmp_path / "areas.geojson"
    stages.write_text("project,stage,date\nP1,completed,2025-01-01\n", encoding="utf-8")
    areas.write_text(AREA, encoding="utf-8")
    square = mapping(shapely.box(113.60, 34.70, 113.607, 34.707))
    named: Any = {"city": "town", "actor": "test"}
    writes: list[tuple[Any, set[str]]] = [
        (
            lambda: save_boundary(
                database, "town", "P1", square, status="drafted", actor="t", accept_warnings=True
            ),
            {"projects"},
        ),
        (lambda: delete_boundary(database, "town", "P1", actor="t"), {"projects"}),
        (lambda: import_list(database, stages, kind="stages", existing="add", **named), {"projects"}),
        (
            lambda: import_layer(
                database, areas, kind="constraints", options=Options(existing="add"), **named
            ),
            {"constraints"},
        ),
    ]
    versions = "SELECT layer, version FROM layer_version"
    for write, layers in writes:
        before = {row.layer: row.version for row in rows(database, versions)}
        write()
        after = {row.layer: row.version for row in rows(database, versions)}
        assert {layer for layer in after if after[layer] != before[layer]} == layers


def test_a_rolled_back_edit_changes_nothing(client: Client, database: Database) -> None:
    x, y = column_row(113.605, 34.705, 13)
    before = client.tile("buildings", 13, x, y).headers["etag"]
    with database.engine.connect() as connection:
        connection.execute(text("DELETE FROM building"))
        connection.rollback()
    assert client.tile("buildings", 13, x, y).headers["etag"] == before


def test_caching_says_what_is_fresh(client: Client) -> None:
    described = client.get("/tiles/projects.json?city=town").json()
    x, y = column_row(113.605, 34.705, 13)
    fresh = client.tile("projects", 13, x, y, v=described["version"])
    assert "immutable" in fresh.headers["cache-control"]
    old = client.tile("projects", 13, x, y, v="1-old")
    assert old.headers["cache-control"] == "private, no-cache"
    tag = {"If-None-Match": fresh.headers["etag"]}
    same = client.get(f"/tiles/projects/13/{x}/{y}.mvt?city=town", headers=tag)
    assert (same.status_code, same.content) == (304, b"")
    other = client.get(f"/tiles/projects/13/{x}/{y}.mvt?city=town&year=2021", headers=tag)
    assert other.status_code in {200, 204}


def test_bytes_are_gzip_once_or_not_at_all(client: Client) -> None:
    x, y = column_row(113.605, 34.705, 14)
    zipped = client.tile("buildings", 14, x, y)
    assert zipped.headers["content-encoding"] == "gzip"
    path = f"/tiles/buildings/14/{x}/{y}.mvt?city=town"
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == zipped.content
    assert plain.headers["content-type"] == "application/vnd.mapbox-vector-tile"


def test_an_empty_tile_has_no_content(client: Client) -> None:
    answer = client.tile("projects", 12, 0, 0)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["etag"]


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("z", [0, 5, 10, 20])
def test_every_layer_answers_at_every_zoom(standing_town: StandingTown, layer: str, z: int) -> None:
    answer = standing_town.client.tile(layer, z, *column_row(LON, LAT, z))
    assert answer.status_code in {200, 204}
    assert answer.headers["x-gengxin-synthetic"] == "true"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/tiles/nothing/1/0/0.mvt?city=town", 404),
        ("/tiles/projects/1/0/0.mvt?city=elsewhere", 404),
        ("/tiles/projects/1/0/0.mvt", 404),
        ("/tiles/projects.json?city=elsewhere", 404),
        ("/tiles/nothing.json?city=town", 404),
        ("/tiles/projects/21/0/0.mvt?city=town", 400),
        ("/tiles/projects/3/8/0.mvt?city=town", 400),
        ("/tiles/projects/3/0/8.mvt?city=town", 400),
        ("/tiles/projects/-1/0/0.mvt?city=town", 400),
        ("/tiles/projects/a/0/0.mvt?city=town", 400),
        ("/tiles/projects/1/1.5/0.mvt?city=town", 400),
        ("/tiles/projects/1/0/%C2%B2.mvt?city=town", 400),
        ("/tiles/projects/99999999999999999999/0/0.mvt?city=town", 400),
        ("/tiles/projects/1/0/0.mvt?city=town&stage=nothing", 400),
        ("/tiles/projects/1/0/0.mvt?city=town&year=20x1", 400),
        ("/tiles/projects/1/0/0.mvt?city=town&day=2024-02-30", 400),
        ("/tiles/projects/1/0/0.mvt?city=town&table=city", 400),
        ("/tiles/projects/1/0/0.mvt?city=town&min=1e999", 400),
    ],
)  # fmt: skip
def test_a_wrong_address_gets_a_named_error(standing_town: StandingTown, path: str, status: int) -> None:
    answer = standing_town.client.get(path)
    assert answer.status_code == status
    assert set(answer.json()) == {"error", "detail"}
    assert answer.json()["detail"]


@pytest.mark.parametrize("name", ["q", "district", "section", "batch"])
@pytest.mark.parametrize(
    "value", ["'; DROP TABLE project; --", "%", "\\", "%(city)s", "{city}", "\x00", "更新" * 200]
)
def test_hostile_filters_are_values(standing_town: StandingTown, name: str, value: str) -> None:
    x, y = column_row(LON, LAT, 9)
    answer = standing_town.client.get(f"/tiles/projects/9/{x}/{y}.mvt", params={"city": "town", name: value})
    assert answer.status_code in {200, 204}
    assert rows(standing_town.database, "SELECT count(*) FROM project")[0][0] == PROJECTS


def test_hostile_city_is_not_found(standing_town: StandingTown) -> None:
    client = standing_town.client
    assert client.tile("projects", 1, 0, 0, city="' OR true --").status_code == 404
    assert client.tile("projects", 1, 0, 0, city="\x00").status_code == 404


def test_a_tile_too_large_leaves_out_its_smallest_features(
    client: Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "LARGEST_TILE", 3_000)
    for z in (13, 14):
        x, y = column_row(113.6, 34.7, z)
        answer = client.tile("facilities", z, x, y)
        assert answer.headers.get("x-gengxin-omitted") is None
        answer = client.tile("buildings", z, x, y)
        shown = ids(mapbox_vector_tile.decode(answer.content)["buildings"]["features"])
        assert len(answer.content) <= 3_000
        assert 0 < len(shown) < BUILDINGS
        assert int(answer.headers["x-gengxin-omitted"]) >= 1
    every = rows(database, "SELECT id FROM building ORDER BY id")
    enlarged = [row.id for row in every if row.id not in shown][:3]
    with database.writing("test") as connection:
        bigger = "UPDATE building SET shape = ST_Multi(ST_Expand(shape, 0.0002)) WHERE id = ANY(:some)"
        connection.execute(text(bigger), {"some": enlarged})
    answer = client.tile("buildings", 13, *column_row(113.6, 34.7, 13))
    shown = ids(mapbox_vector_tile.decode(answer.content)["buildings"]["features"])
    assert set(enlarged) <= shown


def test_no_layer_however_dense_makes_a_tile_of_more_than_500_kilobytes(
    client: Client, database: Database, town: int
) -> None:
    with database.writing("test") as connection:
        connection.execute(text(LONG_NAMES), {"city": town})
    for z in (12, 16, 20):
        answer = client.tile("facilities", z, *column_row(113.605, 34.705, z))
        assert 250_000 < len(answer.content) <= 500_000
        drawn = len(mapbox_vector_tile.decode(answer.content)["facilities"]["features"])
        here = "facility WHERE ST_Within(ST_Centroid(ST_Envelope(mercator)), ST_TileEnvelope(:z, :x, :y))"
        x, y = column_row(113.605, 34.705, z)
        everything = rows(database, f"SELECT count(*) FROM {here}", z=z, x=x, y=y)[0][0]
        assert int(answer.headers["x-gengxin-omitted"]) == everything - drawn > 0


def test_the_cache_lets_go_of_what_was_not_used_for_longest() -> None:
    cache = TileCache(10_000)
    for n in range(100):
        cache.put(n, Stored(b"x" * 1000))
        cache.get(95)
    assert cache.size <= 10_000
    assert cache.get(99) is not None
    assert cache.get(95) is not None
    assert cache.get(0) is None
    cache.put("large", Stored(b"x" * 20_000))
    assert (cache.size, cache.get("large")) == (0, None)


def test_tilejson_says_where_from_and_that_it_is_synthetic(
    client: Client, database: Database, town: int
) -> None:
    with database.writing("test") as connection:
        connection.execute(
            text(
                "INSERT INTO layer_source (city_id, layer, name, crs, features, source_date, imported_by) "
                "VALUES (:city, 'buildings', 'survey.gpkg', 'EPSG:4326', 400, '2024-03-01', 'me')"
            ),
            {"city": town},
        )
    answer = client.get("/tiles/buildings.json?city=town&lang=en&stage=library")
    found = answer.json()
    assert answer.headers["x-gengxin-synthetic"] == "true"
    assert found["synthetic"] is True
    assert (found["source"], found["date"]) == ("survey.gpkg", "2024-03-01")
    assert {part["id"] for part in found["vector_layers"]} == {"building_cells", "buildings"}
    address = found["tiles"][0]
    assert address.startswith(client.address)
    assert "stage=library" in address
    x, y = column_row(113.605, 34.705, 13)
    tile = requests.get(address.format(z=13, x=x, y=y), timeout=10)
    assert tile.status_code == 200
    assert "immutable" in tile.headers["cache-control"]
    edges = "SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e)"
    box = rows(database, f"{edges} FROM (SELECT ST_Extent(shape) AS e FROM building) AS every")[0]
    assert found["bounds"] == pytest.approx(list(box), abs=2e-5)


def test_tilejson_of_an_empty_layer_has_no_bounds(client: Client, database: Database) -> None:
    with database.writing("test") as connection:
        connection.execute(text("DELETE FROM parcel"))
    assert "bounds" not in client.get("/tiles/parcels.json?city=town").json()


def test_a_hundred_readers_and_an_editor_meet_no_error_and_nothing_stale(
    client: Client, database: Database
) -> None:
    places = [("buildings", z, *column_row(113.605, 34.705, z)) for z in range(8, 17)]

    def read(n: int) -> int:
        return client.tile(*places[n % len(places)]).status_code

    with ThreadPoolExecutor(100) as readers:
        first = [readers.submit(read, n) for n in range(400)]
        for n in range(5):
            with database.writing("test") as connection:
                connection.execute(text("DELETE FROM building WHERE code = :code"), {"code": f"B{n}"})
            cells = client.features("buildings", 8)["building_cells"]
            assert sum(cell["properties"]["count"] for cell in cells) == BUILDINGS - n - 1
        assert {job.result() for job in first} <= {200, 204}


def test_tiles_survive_the_loss_of_every_connection(client: Client, database: Database) -> None:
    assert client.tile("districts", 9, *column_row(LON, LAT, 9)).status_code == 200
    with database.engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    assert client.tile("districts", 10, *column_row(LON, LAT, 10)).status_code == 200


def test_who_finds_all_connections_lent_waits_and_is_told_when_it_takes_too_long(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def meet(seconds: float) -> list[Any]:
        reader, lent = AsyncReader(database, size=1), asyncio.Event()

        async def hold() -> None:
            async with reader.reading():
                lent.set()
                await asyncio.sleep(0.5)

        async def ask() -> Any:
            async with reader.reading() as connection:
                return await (await connection.execute("SELECT 1")).fetchone()

        holding = asyncio.create_task(hold())
        await lent.wait()
        monkeypatch.setattr("data.async_session.SECONDS_IN_QUEUE", seconds)
        answers = await asyncio.gather(*(ask() for _n in range(3)), return_exceptions=True)
        await holding
        await reader.close()
        return answers

    assert [tuple(answer) for answer in asyncio.run(meet(30.0))] == [(1,)] * 3
    assert [type(answer) for answer in asyncio.run(meet(0.1))] == [Busy] * 3
    refused = problems.problem(Busy("busy"))
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")


@pytest.mark.parametrize("connections", [1, 2])
def test_a_hundred_clients_of_a_small_pool_queue_and_those_who_leave_take_no_connection(
    database: Database, town: int, connections: int
) -> None:
    async def ask(tiles: TileService, n: int) -> Stored:
        layer, z = ("buildings", 14) if n % 2 else ("projects", 9)
        x, y = column_row(113.605, 34.705, z)
        wanted = service.wish(layer, str(z), str(x), str(y), {"city": "town", "min": str(-n)})
        return await tiles.tile(wanted, await tiles.state(layer, "town"))

    async def meet() -> list[Any]:
        tiles = TileService(database, connections)
        leaving = [asyncio.create_task(ask(tiles, n)) for n in range(100)]
        await asyncio.sleep(0.05)
        for task in leaving[::2]:
            task.cancel()
        gone = await asyncio.gather(*leaving, return_exceptions=True)
        answers = await asyncio.gather(*(ask(tiles, n) for n in range(100)))
        async with AsyncExitStack() as all_lent:
            for _n in range(connections):
                await all_lent.enter_async_context(tiles.reader.reading())
        await tiles.close()
        assert {type(answer) for answer in gone} <= {Stored, asyncio.CancelledError}
        return answers

    answers = asyncio.run(meet())
    assert all(isinstance(answer, Stored) and answer.body for answer in answers)
