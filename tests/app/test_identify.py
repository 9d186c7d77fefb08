"""What lies at a place, and the map's own figures."""

from __future__ import annotations

import pytest
import shapely
from sqlalchemy import RowMapping, event, text

from app.services import cities
from app.services.boundaries.edit import save_boundary
from app.services.map.identify import Place, identify
from app.services.map.view import chosen, map_view
from data.projects import ProjectFilter
from data.session import Database
from tests.app import small_city

ERQI = (113.62, 34.70)
CROSS = "K202201001"


def city_of(database: Database) -> RowMapping:
    return cities.choose(database, "zhengzhou")


def draw(database: Database, code: str, lon: float, lat: float, size: float = 0.01) -> None:
    square = shapely.geometry.mapping(shapely.box(lon, lat, lon + size, lat + size))
    save_boundary(database, "zhengzhou", code, square, status="drafted", actor="t", accept_warnings=True)


def codes_in(database: Database, district: str) -> list[str]:
    query = """
        SELECT p.code FROM project p JOIN project_district m ON m.project_id = p.id
        JOIN district d ON d.id = m.district_id WHERE d.name_zh = :district
        ORDER BY p.total_investment DESC NULLS LAST, p.code
    """
    with database.reading() as connection:
        return list(connection.scalars(text(query), {"district": district}))


def test_a_click_in_a_district_names_it_and_its_pending_projects(zhengzhou: Database) -> None:
    place = identify(zhengzhou, city_of(zhengzhou), *ERQI)
    assert [row["name_zh"] for row in place.districts] == ["二七区"]
    assert place.projects == []
    (pending,) = place.pending
    assert pending.count == 21
    assert [row["code"] for row in pending.largest] == codes_in(zhengzhou, "二七区")[:8]


def test_boundaries_under_the_click_are_listed_smallest_first(zhengzhou: Database) -> None:
    first, second, third = codes_in(zhengzhou, "二七区")[:3]
    draw(zhengzhou, first, 113.61, 34.69, 0.03)
    draw(zhengzhou, second, 113.615, 34.695, 0.01)
    draw(zhengzhou, third, 113.66, 34.66, 0.001)
    place = identify(zhengzhou, city_of(zhengzhou), *ERQI)
    assert [row["code"] for row in place.projects] == [second, first]
    assert place.pending[0].count == 18


def test_a_click_beside_a_small_boundary_counts_when_the_map_is_small(zhengzhou: Database) -> None:
    code = codes_in(zhengzhou, "二七区")[0]
    draw(zhengzhou, code, 113.621, 34.70, 0.0005)
    city = city_of(zhengzhou)
    assert identify(zhengzhou, city, *ERQI).projects == []
    assert [row["code"] for row in identify(zhengzhou, city, *ERQI, zoom=9).projects] == [code]
    assert identify(zhengzhou, city, *ERQI, zoom=15).projects == []


def test_outside_the_city_nothing_lies(zhengzhou: Database) -> None:
    place = identify(zhengzhou, city_of(zhengzhou), 116.4, 39.9)
    assert (place.districts, place.projects, place.pending) == ([], [], ())


def test_the_filter_holds_for_what_is_found(zhengzhou: Database) -> None:
    first, second = codes_in(zhengzhou, "二七区")[:2]
    draw(zhengzhou, first, 113.61, 34.69, 0.03)
    city = city_of(zhengzhou)
    assert identify(zhengzhou, city, *ERQI, ProjectFilter(text=second)).projects == []
    assert identify(zhengzhou, city, *ERQI, ProjectFilter(text=second)).pending[0].count == 1
    assert identify(zhengzhou, city, *ERQI, ProjectFilter(boundary=("drafted",))).pending[0].count == 0
    elsewhere = ProjectFilter(districts=("410102",))
    assert identify(zhengzhou, city, *ERQI, elsewhere).pending[0].count == 0


def test_a_cross_district_project_is_in_each_bubble_and_once_in_the_total(zhengzhou: Database) -> None:
    shown = map_view(zhengzhou, city_of(zhengzhou), ProjectFilter(text=CROSS))
    assert shown.totals["projects"] == shown.pending == 1
    assert shown.districts["pending"].sum() == 3


def test_the_whole_library_is_on_the_map_or_listed(zhengzhou: Database) -> None:
    shown = map_view(zhengzhou, city_of(zhengzhou), ProjectFilter())
    assert (shown.totals["projects"], shown.pending, shown.placed) == (276, 276, 225)
    zones = shown.districts[shown.districts["lon"].isna()]
    assert zones["pending"].sum() == 51
    assert len(shown.listed) == 40


def test_a_change_shows_in_the_revision(zhengzhou: Database) -> None:
    city = city_of(zhengzhou)
    before = map_view(zhengzhou, city, ProjectFilter()).revision
    draw(zhengzhou, CROSS, 113.61, 34.69)
    after = map_view(zhengzhou, city, ProjectFilter())
    assert after.revision > before
    assert after.pending == 275


def test_a_pending_project_is_shown_at_its_districts_and_says_so(zhengzhou: Database) -> None:
    city = city_of(zhengzhou)
    code = codes_in(zhengzhou, "二七区")[-1]
    found = chosen(zhengzhou, city, code)
    assert found is not None
    assert found.bounds is not None
    assert not found.located
    west, south, east, north = found.bounds
    assert west < ERQI[0] < east
    assert south < ERQI[1] < north
    draw(zhengzhou, code, 113.61, 34.69)
    drawn = chosen(zhengzhou, city, code)
    assert drawn is not None
    assert drawn.located
    assert drawn.bounds == pytest.approx((113.61, 34.69, 113.62, 34.7))


def test_a_project_in_a_zone_without_boundary_has_no_bounds(zhengzhou: Database) -> None:
    found = chosen(zhengzhou, city_of(zhengzhou), codes_in(zhengzhou, "经开区")[-1])
    assert found is not None
    assert (found.located, found.bounds) == (False, None)
    assert chosen(zhengzhou, city_of(zhengzhou), "K0") is None


SEEN = {
    "zoning": ["Z1"],
    "constraints": ["C1", "C2"],
    "parcels": ["P1"],
    "buildings": ["B1"],
    "facilities": [],
    "streets": [],
    "problems": ["T1"],
    "population": ["Q1"],
}


@pytest.fixture
def small(database: Database) -> RowMapping:
    return small_city.build(database)


def found_at(
    database: Database, city: RowMapping, east: float, north: float, zoom: float | None = None
) -> Place:
    return identify(database, city, *small_city.lon_lat(database, east, north), zoom=zoom)


def coded(place: Place) -> dict[str, list[str]]:
    return {name: [row["code"] for row in rows] for name, rows in place.found.items()}


def test_every_layer_tells_what_covers_the_place_and_nothing_else(
    database: Database, small: RowMapping
) -> None:
    place = found_at(database, small, 120, 120, zoom=19)
    assert coded(place) == {name: seen for name, seen in SEEN.items() if seen}
    assert place.empty == ("facilities", "streets")
    assert place.closer == ()
    assert [row["code"] for row in place.districts] == ["A"]
    assert [row["code"] for row in place.projects] == ["K2", "K1"]
    assert place.pending == ()


def test_facts_are_as_stored_and_areas_are_those_of_the_metric_crs(
    database: Database, small: RowMapping
) -> None:
    place = found_at(database, small, 120, 120)
    (building,) = place.found["buildings"]
    assert (building["floors"], building["hazard_grade"], building["structure"]) == (6, "C", None)
    areas = {name: rows[0]["area_m2"] for name, rows in place.found.items() if "area_m2" in rows[0]}
    wanted = {
        "zoning": 200_000,
        "constraints": 10_000,
        "parcels": 10_000,
        "buildings": 400,
        "population": 250_000,
    }
    assert {name: areas[name] for name in wanted} == pytest.approx(wanted, rel=1e-6)
    assert place.districts[0]["area_m2"] == pytest.approx(1e6, rel=1e-6)
    assert place.found["problems"][0]["projects"] == ["K1"]


def test_points_and_lines_count_within_some_pixels_of_the_map(database: Database, small: RowMapping) -> None:
    assert coded(found_at(database, small, 158, 158, zoom=18)).get("facilities") is None
    assert coded(found_at(database, small, 158, 158, zoom=15))["facilities"] == ["F1"]
    assert coded(found_at(database, small, 600, 55, zoom=15))["streets"] == ["S1"]
    assert coded(found_at(database, small, 600, 90, zoom=18)).get("streets") is None
    assert coded(found_at(database, small, 420, 420))["facilities"] == ["F2"]


def test_greenways_and_surfaces_are_told_with_what_they_are(database: Database, small: RowMapping) -> None:
    line = f"ST_MakeLine({small_city.point(0, 500)}, {small_city.point(400, 500)})"
    with database.writing("t") as connection:
        small_city.run(
            connection,
            f"""INSERT INTO greenway (city_id, code, greenway_class, name, length, shape)
            VALUES ({small["id"]}, 'G1', 'community', '滨河绿道', 400, {line})""",
            f"""INSERT INTO surface (city_id, code, kind, shape)
            VALUES ({small["id"]}, 'M1', 'permeable_paving', {small_city.shape(0, 480, 100, 530)})""",
        )
    found = found_at(database, small, 50, 503, zoom=17).found
    (greenway,), (surface,) = found["greenways"], found["surfaces"]
    assert (greenway["name"], greenway["greenway_class"], greenway["length"]) == (
        "滨河绿道",
        "community",
        400,
    )
    assert (surface["kind"], surface["name"]) == ("permeable_paving", None)
    assert surface["area_m2"] == pytest.approx(5000, rel=1e-6)
    assert coded(found_at(database, small, 300, 503, zoom=15)) == {
        "greenways": ["G1"],
        "zoning": ["Z2"],
        "constraints": ["C2"],
    }
    assert {"greenways", "surfaces"} <= set(found_at(database, small, 300, 700, zoom=17).empty)


def test_single_buildings_are_told_only_where_they_can_be_seen(database: Database, small: RowMapping) -> None:
    place = found_at(database, small, 120, 120, zoom=12.5)
    assert {"buildings", "parcels"} == set(place.closer)
    assert not {"buildings", "parcels"} & set(place.found)


def test_a_zone_that_is_no_longer_in_force_is_not_told(database: Database, small: RowMapping) -> None:
    with database.writing("t") as connection:
        connection.execute(text("UPDATE zoning SET valid_from = '2090-01-01' WHERE code = 'Z1'"))
    assert "zoning" in found_at(database, small, 120, 120).empty
    with database.writing("t") as connection:
        connection.execute(text("UPDATE zoning SET valid_to = '2099-01-01' WHERE code = 'Z0'"))
    assert coded(found_at(database, small, 120, 120))["zoning"] == ["Z0"]


def test_coordinates_are_given_in_the_citys_metric_crs(database: Database, small: RowMapping) -> None:
    place = found_at(database, small, 120, 130)
    assert place.metric is not None
    assert (place.metric.east, place.metric.north) == pytest.approx(
        (small_city.EAST + 120, small_city.NORTH + 130), abs=1e-3
    )
    assert (place.metric.srid, place.metric.name) == (4547, "CGCS2000 / 3-degree Gauss-Kruger CM 114E")


@pytest.mark.parametrize("place", [(0.0, 0.0), (180.0, 90.0), (-180.0, -90.0), (-66.0, 0.0)])
def test_places_at_the_end_of_the_world_are_empty(
    database: Database, small: RowMapping, place: tuple[float, float]
) -> None:
    found = identify(database, small, *place, zoom=3)
    assert (found.districts, found.projects, found.found) == ([], [], {})


def test_another_citys_features_are_not_told(database: Database, small: RowMapping) -> None:
    with database.writing("t") as connection:
        connection.execute(
            text(
                "INSERT INTO city (slug, name_zh, name_en, metric_srid) VALUES ('other', '他', 'Other', 4547)"
            )
        )
    place = found_at(database, cities.choose(database, "other"), 120, 120)
    assert (place.districts, place.projects, place.found, place.empty) == ([], [], {}, ())


def test_one_statement_reads_all_layers(database: Database, small: RowMapping) -> None:
    asked = []
    event.listen(database.engine, "before_cursor_execute", lambda _c, _cur, sql, *_more: asked.append(sql))
    found_at(database, small, 120, 120)
    assert len([sql for sql in asked if "building" in sql]) == 1
    assert len([sql for sql in asked if sql.startswith("SELECT") and "ST_X" not in sql]) == 1
