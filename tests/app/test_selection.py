"""Selection: what counts in an area and its sums, against SQL written on its own."""

from __future__ import annotations

from typing import Any

import pytest
from pyproj import Geod
from sqlalchemy import RowMapping, text

from app.services import cities
from app.services.filters import filter_from_query
from app.services.map.selection import Selection, selection
from data.errors import InvalidInput, NotFound
from data.session import Database
from tests.app.layered_town import filled

RECT = "rect:113.6013,34.7013,113.6131,34.7121"
CIRCLE = "circle:113.608,34.706,650"
POLY = "poly:113.6021 34.6998,113.6172 34.7043,113.611 34.718,113.604 34.7114"
DISTRICT = "district:410103"
METRIC = 4547
SHAPES = {
    RECT: "ST_MakeEnvelope(113.6013, 34.7013, 113.6131, 34.7121, 4326)",
    CIRCLE: "ST_Transform(ST_Buffer(ST_Transform(ST_Point(113.608, 34.706, 4326), 4547), 650, 90), 4326)",
    POLY: "ST_GeomFromText('POLYGON((113.6021 34.6998, 113.6172 34.7043, 113.611 34.718, 113.604 34.7114, "
    "113.6021 34.6998))', 4326)",
    DISTRICT: "(SELECT boundary FROM district WHERE code = '410103')",
}


@pytest.fixture
def town(zhengzhou: Database) -> Database:
    return filled(zhengzhou)


def city_of(database: Database) -> RowMapping:
    return cities.choose(database, "zhengzhou")


def selected(database: Database, area: str, **params: str) -> Selection:
    found = selection(database, city_of(database), {"area": area, **params}, filter_from_query(params))
    assert found is not None
    return found


def sql(database: Database, query: str, area: str) -> list[Any]:
    with database.reading() as connection:
        asked = query.replace(":area", SHAPES[area])
        return [tuple(row) for row in connection.execute(text(asked))]


def close(found: float | None, expected: float | None) -> bool:
    if found is None or expected is None:
        return found is None and expected is None
    return float(found) == pytest.approx(float(expected), rel=1e-9)


EVERY_AREA = pytest.mark.parametrize("area", SHAPES, ids=lambda area: area.split(":")[0])


@EVERY_AREA
def test_the_size_of_an_area_is_measured_in_the_metric_system(town: Database, area: str) -> None:
    expected = sql(town, "SELECT ST_Area(ST_Transform(:area, 4547))", area)[0][0]
    assert close(selected(town, area).square_metres, expected)


def test_a_circle_has_the_area_of_its_radius(town: Database) -> None:
    found = selected(town, CIRCLE)
    assert found.square_metres == pytest.approx(3.14159265 * 650**2, rel=1e-4)
    ring = found.selected.shape.exterior.coords
    metres = [Geod(ellps="GRS80").inv(113.608, 34.706, lon, lat)[2] for lon, lat in ring]
    assert min(metres) == pytest.approx(650, rel=2e-4)
    assert max(metres) == pytest.approx(650, rel=2e-4)


@EVERY_AREA
def test_projects_count_where_their_boundary_shares_ground(town: Database, area: str) -> None:
    located = "boundary IS NOT NULL AND ST_Area(ST_Intersection(boundary, :area)) > 0"
    member = (
        "OR boundary IS NULL AND id IN (SELECT project_id FROM project_district pd JOIN district d "
        "ON d.id = pd.district_id WHERE d.code = '410103')"
        if area == DISTRICT
        else ""
    )
    expected = sql(
        town,
        f"""SELECT count(*), sum(total_investment), sum(ST_Area(ST_Transform(boundary, 4547))),
        sum(ST_Area(ST_Transform(ST_Intersection(boundary, :area), 4547)))
        FROM project WHERE exit_notice_id IS NULL AND ({located} {member})""",
        area,
    )[0]
    found = selected(town, area).sums.projects
    assert found["projects"] == expected[0] > 0
    assert found["investment"] == expected[1]
    assert close(found["site_area"], expected[2])
    assert close(found["site_inside"], expected[3])
    assert len(selected(town, area).listed) == min(expected[0], 30)


@EVERY_AREA
def test_projects_by_stage_and_type_add_up(town: Database, area: str) -> None:
    sums = selected(town, area).sums
    for rows in (sums.stages, sums.types):
        assert sum(row["projects"] for row in rows) == sums.projects["projects"]
        assert sum(row["investment"] or 0 for row in rows) == sums.projects["investment"]


@EVERY_AREA
def test_investment_by_share_reconciles(town: Database, area: str) -> None:
    share = """ST_Area(ST_Transform(ST_Intersection(boundary, :area), 4547))
        / ST_Area(ST_Transform(boundary, 4547))"""
    if area == DISTRICT:
        share = """coalesce((SELECT share FROM project_district pd JOIN district d ON d.id = pd.district_id
        WHERE pd.project_id = project.id AND d.code = '410103'), 0)"""
    found = selected(town, area).sums.projects
    codes = [row["code"] for row in selected(town, area).listed]
    assert len(codes) == found["projects"]
    listed = "', '".join(codes)
    expected = sql(
        town, f"SELECT sum(total_investment * {share}) FROM project WHERE code IN ('{listed}')", area
    )[0][0]
    assert 0 < found["investment_by_share"] <= found["investment"]
    assert close(found["investment_by_share"], expected)


def test_shares_of_all_districts_sum_to_the_whole_library(zhengzhou: Database) -> None:
    with zhengzhou.reading() as connection:
        codes = connection.scalars(text("SELECT code FROM district WHERE valid_to IS NULL")).all()
        total = connection.scalar(text("SELECT sum(total_investment) FROM project"))
    parts = [selected(zhengzhou, f"district:{code}").sums.projects for code in codes]
    assert sum(part["investment_by_share"] or 0 for part in parts) == pytest.approx(total)
    assert [part["recorded"] for part in parts] == [part["projects"] for part in parts]


def test_only_projects_that_lie_within_on_request(town: Database) -> None:
    every, inside = selected(town, RECT), selected(town, RECT, inside="1")
    expected = sql(town, "SELECT count(*) FROM project WHERE ST_Within(boundary, :area)", RECT)[0][0]
    assert inside.sums.projects["projects"] == expected
    assert 0 < expected < every.sums.projects["projects"]


def test_a_common_edge_is_not_common_ground(town: Database) -> None:
    assert selected(town, "rect:113.60,34.69,113.63,34.702").sums.projects["projects"] == 0
    assert selected(town, "rect:113.60,34.69,113.63,34.70201").sums.projects["projects"] == 6


def test_the_filter_of_the_page_holds(town: Database) -> None:
    every = selected(town, RECT)
    kept = selected(town, RECT, stage="construction")
    assert 0 < kept.sums.projects["projects"] < every.sums.projects["projects"]
    assert {row["stage"] for row in kept.listed} == {"construction"}
    assert kept.sums.buildings == every.sums.buildings


@EVERY_AREA
def test_buildings(town: Database, area: str) -> None:
    per_building = """SELECT b.use, ST_Area(ST_Transform(shape, 4547)) AS footprint, households, population,
        coalesce(floor_area, ST_Area(ST_Transform(shape, 4547)) * floors) AS floor_area
        FROM building b WHERE ST_Contains(:area, ST_PointOnSurface(shape))"""
    figures = "count(*), sum(footprint), sum(floor_area), sum(households), sum(population), count(floor_area)"
    expected = sql(town, f"WITH found AS ({per_building}) SELECT {figures} FROM found", area)[0]
    names = ("buildings", "footprint", "floor_area", "households", "population", "with_floor_area")
    sums = selected(town, area).sums
    assert [sums.buildings[name] for name in names] == [pytest.approx(value) for value in expected]
    by_use = sql(town, f"WITH found AS ({per_building}) SELECT use, {figures} FROM found GROUP BY use", area)
    assert {row["key"]: row["buildings"] for row in sums.uses} == {row[0]: row[1] for row in by_use}
    assert sum(row["footprint"] for row in sums.uses) == pytest.approx(expected[1])


@EVERY_AREA
def test_facilities(town: Database, area: str) -> None:
    expected = sql(
        town,
        """SELECT category, count(*), sum(capacity) FROM facility
        WHERE ST_Covers(:area, ST_PointOnSurface(shape)) GROUP BY category""",
        area,
    )
    found = selected(town, area).sums.facilities
    assert sorted((row["key"], row["facilities"], row["capacity"]) for row in found) == sorted(expected)


@EVERY_AREA
def test_land_is_clipped(town: Database, area: str) -> None:
    sums = selected(town, area).sums
    for rows, table, key in (
        (sums.zoning, "zoning", "land_use"),
        (sums.constraints, "constraint_area", "kind"),
        (sums.surfaces, "surface", "kind"),
    ):
        expected = sql(
            town,
            f"""SELECT {key}, sum(ST_Area(ST_Transform(ST_Intersection(shape, :area), 4547))) FROM {table}
            WHERE ST_Intersects(shape, :area) AND to_jsonb({table}) ->> 'valid_to' IS NULL GROUP BY 1""",
            area,
        )
        assert {row["key"] for row in rows} == {row[0] for row in expected}
        for row in rows:
            assert close(row["area"], dict(expected)[row["key"]])


@EVERY_AREA
@pytest.mark.parametrize(
    ("layer", "table", "key"),
    [("streets", "street_edge", "street_class"), ("greenways", "greenway", "greenway_class")],
)
def test_lines_are_clipped(town: Database, area: str, layer: str, table: str, key: str) -> None:
    expected = dict(
        sql(
            town,
            f"""SELECT {key}, sum(ST_Length(ST_Transform(ST_Intersection(shape, :area), 4547)))
            FROM {table} WHERE ST_Intersects(shape, :area) GROUP BY 1""",
            area,
        )
    )
    found = getattr(selected(town, area).sums, layer)
    assert {row["key"]: pytest.approx(row["length"], rel=1e-9) for row in found} == expected


@EVERY_AREA
def test_population_by_share_of_land(town: Database, area: str) -> None:
    share = "ST_Area(ST_Transform(ST_Intersection(shape, :area), 4547)) / ST_Area(ST_Transform(shape, 4547))"
    expected = sql(
        town,
        f"""SELECT sum(population * {share}), sum(households * {share}), count(*), count(population)
        FROM population_cell WHERE ST_Area(ST_Intersection(shape, :area)) > 0""",
        area,
    )[0]
    found = selected(town, area).sums.population
    names = ("population", "households", "cells", "with_population")
    assert all(close(found[name], value) for name, value in zip(names, expected, strict=True))


def test_sums_of_two_halves_are_those_of_the_whole(town: Database) -> None:
    whole = selected(town, "rect:113.6003,34.7003,113.6183,34.7183").sums
    halves = [
        selected(town, f"rect:{west},34.7003,{east},34.7183").sums
        for west, east in ((113.6003, 113.6092), (113.6092, 113.6183))
    ]
    assert whole.buildings["buildings"] == sum(half.buildings["buildings"] for half in halves)
    parts = {
        "zoning": "area", "streets": "length", "greenways": "length", "surfaces": "area",
        "facilities": "facilities",
    }  # fmt: skip
    for layer, figure in parts.items():
        total = sum(row[figure] for row in getattr(whole, layer))
        assert total == pytest.approx(sum(row[figure] for half in halves for row in getattr(half, layer)))


def test_layers_without_data_are_not_supplied(zhengzhou: Database, town: Database) -> None:
    with town.writing("t") as connection:
        connection.execute(text("DELETE FROM building"))
    assert selected(town, RECT).sums.supplied == {
        "zoning", "constraints", "facilities", "streets", "greenways", "surfaces", "population"
    }  # fmt: skip


def test_a_zone_without_boundary_holds_its_projects_only(zhengzhou: Database) -> None:
    with zhengzhou.reading() as connection:
        code, count = connection.execute(
            text(
                """SELECT d.code, count(*) FROM district d JOIN project_district pd ON pd.district_id = d.id
                WHERE d.boundary IS NULL GROUP BY 1 ORDER BY 2 DESC LIMIT 1"""
            )
        ).one()
    found = selected(zhengzhou, f"district:{code}")
    assert found.square_metres is None
    assert found.selected.drawn() == ""
    assert found.sums.projects["projects"] == count
    assert found.sums.projects["site_area"] is None


def test_no_area_no_selection(zhengzhou: Database) -> None:
    assert selection(zhengzhou, city_of(zhengzhou), {}, filter_from_query({})) is None


@pytest.mark.parametrize(
    ("area", "said"),
    [
        ("rect:113.7,34.7,113.6,34.8", "113.7 lies east of its east 113.6"),
        ("rect:179,34,-179,35", "179 lies east of its east -179"),
        ("rect:113.6,34.7,113.6,34.8", "no area"),
        ("rect:113.6,34.7,113.7", "cannot be read"),
        ("rect:a,b,c,d", "cannot be read"),
        ("rect:nan,34.7,113.7,34.8", "cannot be read"),
        ("rect:-180,-90,180,90", "far beyond"),
        ("rect:113.6,91,113.7,92", "outside the globe"),
        ("circle:113.6,34.7,0", "radius of 0 m"),
        ("circle:113.6,34.7,-5", "radius"),
        ("circle:113.6,34.7,1e9", "radius"),
        ("circle:113.6,34.7,inf", "cannot be read"),
        ("circle:113.6,34.7", "cannot be read"),
        ("poly:113.6 34.7,113.7 34.7", "no area"),
        ("poly:113.6 34.7,113.7 34.7,113.65 34.7", "no area"),
        ("poly:113.6 34.7,113.7 34.8,113.7 34.7,113.6 34.8", "crosses itself"),
        ("poly:" + ",".join(f"113.{i} 34.7" for i in range(501)), "501 corners"),
        ("poly:" + ",".join(f"113.{i} 34.7" for i in range(10_000)), "10000 corners; at most 500"),
        ("poly:'; DROP TABLE project; --", "cannot be read"),
        ("moon:1,2", "cannot be read"),
        ("\x00", "cannot be read"),
    ],
)
def test_a_bad_area_is_named(zhengzhou: Database, area: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        selected(zhengzhou, area)


@pytest.mark.parametrize("code", ["", "nowhere", "x\x00y", "' OR 1=1 --"])
def test_an_unknown_district_is_named(zhengzhou: Database, code: str) -> None:
    with pytest.raises(NotFound, match="no district"):
        selected(zhengzhou, f"district:{code}")
