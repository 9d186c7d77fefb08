"""What tiles hold at each zoom, compared with the database."""

from __future__ import annotations

from typing import Any

import mapbox_vector_tile  # type: ignore[import-untyped]
import pytest
import shapely
from shapely.geometry import shape
from sqlalchemy import text

from app.services.filters import filter_from_query
from app.services.map import tiles as service
from app.services.projects import listing as projects
from data.session import Database
from data.tiles import LAYERS
from tests.app.conftest import StandingTown
from tests.app.tile_town import (
    BUILDINGS,
    FILL,
    Client,
    build_town,
    column_row,
    ids,
    rows,
    serving,
)

# What a tile shows of a table: source layer, table, condition on the zoom and the size of a pixel.
SHOWN = (
    ("districts", "district", "true"),
    ("projects", "project", "greatest(width, height) >= 3 * pixel"),
    ("zoning", "zoning", "true"),
    ("constraints", "constraint_area", "valid_to IS NULL AND greatest(width, height) >= pixel"),
    ("buildings", "building", "true"),
    ("facility_areas", "facility", "ST_Dimension(shape) = 2 AND greatest(width, height) >= 3 * pixel"),
    ("greenways", "greenway", "true"),
    ("surfaces", "surface", "greatest(width, height) >= pixel"),
    (
        "streets",
        "street_edge",
        """:z >= CASE street_class WHEN 'expressway' THEN 0 WHEN 'arterial' THEN 10 WHEN 'secondary' THEN 12
            WHEN 'local' THEN 13 ELSE 14 END""",
    ),
)
MEETS = """
SELECT id, to_jsonb(each) ->> 'code' AS code, ST_Intersects(mercator, tile) AS surely FROM (
    SELECT *, ST_XMax(mercator) - ST_XMin(mercator) AS width, ST_YMax(mercator) - ST_YMin(mercator) AS height,
        ST_TileEnvelope(:z, :x, :y) AS tile, 40075016.685578488 / 2 ^ :z / 512 AS pixel
    FROM {table}) AS each
WHERE ST_Intersects(mercator, ST_Expand(tile, 9 * pixel)) AND {shown}
"""


@pytest.fixture(scope="module")
def client(standing_town: StandingTown) -> Client:
    return standing_town.client


@pytest.fixture(scope="module")
def base(standing_town: StandingTown) -> Database:
    """The database behind the client; nothing may be written to it."""
    return standing_town.database


@pytest.fixture
def town(database: Database) -> int:
    """A town of the test's own, in its own database."""
    return build_town(database)


@pytest.mark.parametrize("z", range(6, 16))
@pytest.mark.parametrize(("query", "where"), [({}, "true"), ({"type": "ecology", "year": "2021"},
    "project_type = 'ecology' AND code_year = 2021")])  # fmt: skip
def test_every_project_is_drawn_once_or_counted_once(
    client: Client, base: Database, z: int, query: dict[str, str], where: str
) -> None:
    found = client.features("projects", z, **query)
    drawn = ids(found.get("projects", []))
    bubbles = [feature["properties"] for feature in found.get("project_bubbles", [])]
    wanted = {row.id: row for row in rows(base, f"SELECT * FROM project WHERE {where}")}
    assert sum(bubble["count"] for bubble in bubbles) + len(drawn) == len(wanted)
    assert drawn | ids(found.get("project_bubbles", [])) <= set(wanted)
    if z < 11:
        assert not drawn
        money = sum(float(row.total_investment) for row in wanted.values() if row.total_investment)
        assert sum(bubble.get("amount", 0) for bubble in bubbles) == pytest.approx(money / 1e8, rel=1e-6)
    for feature in found.get("projects", []):
        row = wanted[feature["id"]]
        assert (feature["properties"]["code"], feature["properties"]["year"]) == (row.code, row.code_year)


def test_a_project_lies_where_its_boundary_is(client: Client, base: Database) -> None:
    row = rows(base, "SELECT id, ST_AsText(mercator) AS shape FROM project WHERE code = 'P4'")[0]
    x, y = column_row(113.7208, 34.7008, 14)
    answer = client.tile("projects", 14, x, y)
    width = 40075016.685578488 / 2**14
    west, north = x * width - 20037508.342789244, 20037508.342789244 - y * width
    part = mapbox_vector_tile.decode(answer.content)["projects"]
    found = next(feature for feature in part["features"] if feature["id"] == row.id)
    unit = width / 4096
    drawn = shapely.affinity.affine_transform(
        shape(found["geometry"]), [unit, 0, 0, unit, west, north - width]
    )
    assert shapely.symmetric_difference(drawn, shapely.from_wkt(row.shape)).area < 0.1 * drawn.area


@pytest.mark.parametrize("day", ["2020-06-01", "2021-06-01", "2022-06-01", "2024-07-01"])
def test_a_day_shows_the_stages_of_that_day(client: Client, base: Database, day: str) -> None:
    stages = """SELECT DISTINCT ON (project_id) project_id, stage FROM stage_event WHERE on_date <= :day
        ORDER BY project_id, on_date DESC"""
    wanted = dict(tuple(row) for row in rows(base, stages, day=day))
    found = client.features("projects", 14, day=day)
    drawn = {
        feature["id"]: feature["properties"]["stage"]
        for part in found.values()
        for feature in part
        if feature["properties"].get("count", 1) == 1
    }
    assert drawn == wanted


@pytest.mark.usefixtures("town")
def test_cells_count_every_building_once(database: Database) -> None:
    def totals(client: Client) -> set[tuple[int, float]]:
        found = [client.features("buildings", z)["building_cells"] for z in range(6, 13)]
        return {_total([cell["properties"] for cell in cells]) for cells in found}

    known = sum(n % 3 > 0 for n in range(BUILDINGS))
    moved = "UPDATE building SET floor_area = 5000, shape = ST_Translate(shape, 0.1, 0) WHERE code = 'B2'"
    with serving(database) as own:
        assert totals(own) == {(BUILDINGS, known * 1000)}
        with database.writing("test") as connection:
            connection.execute(text("DELETE FROM building WHERE code IN ('B1', 'B3')"))
            connection.execute(text(moved))
        assert totals(own) == {(BUILDINGS - 2, known * 1000 - 1000 + 4000)}


def _total(cells: list[dict[str, Any]]) -> tuple[int, float]:
    return sum(cell["count"] for cell in cells), sum(cell.get("floor_area", 0) for cell in cells)


def test_cells_agree_with_the_buildings_and_leave_with_them(database: Database, town: int) -> None:
    with database.writing("test") as connection:
        connection.execute(text("UPDATE building SET floor_area = NULL"))
        assert connection.scalar(text("SELECT sum(known) FROM building_cell")) == 0
        connection.execute(text("DELETE FROM building"))
        assert connection.scalar(text("SELECT count(*) FROM building_cell")) == 0
        connection.execute(text(FILL[2]), {"city": town})
        connection.execute(text("TRUNCATE building"))
        assert connection.scalar(text("SELECT count(*) FROM building_cell")) == 0


@pytest.mark.parametrize("z", range(8, 17))
@pytest.mark.parametrize(("part", "table", "shown"), SHOWN)
def test_each_tile_holds_what_meets_it(
    client: Client, base: Database, z: int, part: str, table: str, shown: str
) -> None:
    layer = next(name for name, layer in LAYERS.items() if any(part == each.name for each in layer.parts))
    drawn = any(part == each.name for each in LAYERS[layer].at(z))
    some = 0
    for lon, lat in ((113.609, 34.7045), (113.6302, 34.7002)):
        x, y = column_row(lon, lat, z)
        tile = mapbox_vector_tile.decode(client.tile(layer, z, x, y).content)
        found = tile.get(part, {"features": []})["features"]
        wanted = rows(base, MEETS.format(table=table, shown=shown), z=z, x=x, y=y) if drawn else []
        surely = {row.id for row in wanted if row.surely}
        assert surely <= ids(found) <= {row.id for row in wanted}
        assert len(ids(found)) == len(found)
        codes = {row.id: row.code for row in wanted}
        assert all(feature["properties"].get("code") in {None, codes[feature["id"]]} for feature in found)
        some += len(found)
    assert (some > 0) == (drawn and (part, z) != ("facility_areas", 8))


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"q": "项目1"},
        {"year": "2020,2022"},
        {"band": "<1,5-10"},
        {"stage": "construction"},
        {"type": "heritage"},
        {"mode": "rebuild"},
        {"boundary": "pending"},
        {"min": "3.5", "max": "40"},
        {"district": "d1"},
        {"exited": "1"},
        {"cross": "1"},
        {"entered": "1"},
        {"day": "2021-06-01", "stage": "library"},
        {"day": "2020-06-01"},
    ],
)
@pytest.mark.parametrize("z", [9, 12])
def test_a_tile_keeps_what_the_projects_page_keeps(
    client: Client, base: Database, standing_town: StandingTown, query: dict[str, str], z: int
) -> None:
    listed = projects.page(base, standing_town.city, filter_from_query(query), projects.sort_from_query({}))
    found = client.features("projects", z, **query)
    single = ids(found.get("projects", []))
    counted = sum(bubble["properties"]["count"] for bubble in found.get("project_bubbles", []))
    assert len(single) + counted == listed.count == len(listed.rows)


def test_every_filter_of_the_pages_may_stand_in_the_address_of_a_tile(client: Client) -> None:
    read: set[str] = set()

    class Noting(dict[str, str]):
        def get(self, name: str, default: Any = None) -> Any:
            read.add(name)
            return default

    filter_from_query(Noting())
    assert read == set(service.FILTERS)


@pytest.mark.parametrize(
    ("layer", "part", "table", "z", "where"),
    [
        ("districts", "districts", "district", 8, "true"),
        ("buildings", "buildings", "building", 13, "true"),
        ("buildings", "buildings", "building", 14, "true"),
        ("zoning", "zoning", "zoning", 12, "true"),
        ("constraints", "constraints", "constraint_area", 12, "valid_to IS NULL"),
        ("facilities", "facilities", "facility", 14, "true"),
        ("facilities", "facility_areas", "facility", 14, "ST_Dimension(shape) = 2"),
        ("streets", "streets", "street_edge", 8, "street_class = 'expressway'"),
        ("streets", "streets", "street_edge", 12, "street_class IN ('expressway', 'arterial', 'secondary')"),
        ("streets", "streets", "street_edge", 14, "true"),
        ("greenways", "greenways", "greenway", 8, "true"),
        ("surfaces", "surfaces", "surface", 15, "true"),
        ("parcels", "parcels", "parcel", 14, "true"),
        ("population", "population", "population_cell", 12, "true"),
        ("problems", "problems", "problem", 10, "true"),
    ],
)
def test_a_tile_holds_the_features_of_its_layer(
    client: Client, base: Database, layer: str, part: str, table: str, z: int, where: str
) -> None:
    found = client.features(layer, z)
    assert ids(found[part]) == {row.id for row in rows(base, f"SELECT id FROM {table} WHERE {where}")}
    known = {field for source in LAYERS[layer].parts if source.name == part for field in source.fields}
    assert {name for feature in found[part] for name in feature["properties"]} <= known


def test_low_zooms_draw_cells_of_land_use_and_clusters_of_facilities(client: Client) -> None:
    cells = client.features("zoning", 10)["zoning_cells"]
    assert {cell["properties"]["land_use"] for cell in cells} == {"0701", "0901"}
    for z in (6, 9, 11):
        clusters = client.features("facilities", z)["facilities"]
        assert sum(cluster["properties"]["count"] for cluster in clusters) == 20
