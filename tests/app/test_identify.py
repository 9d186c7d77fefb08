"""What lies at a place, and the map's own figures."""

from __future__ import annotations

import pytest
import shapely
from sqlalchemy import RowMapping, text

from app.services import cities
from app.services.boundaries import save_boundary
from app.services.identify import identify
from app.services.map_view import chosen, map_view
from data.projects import ProjectFilter
from data.session import Database

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
