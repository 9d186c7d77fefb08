"""Search by name or code, and the layers that the map reads."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import RowMapping, text

from app.services import cities
from app.services.coordinates import in_other_datums, read_coordinates
from app.services.map.search import search, search_everything
from data.session import Database
from gis.datum import bd09_from_gcj02, gcj02_from_wgs84

MANY = """
    INSERT INTO project (city_id, code, name, total_investment, boundary, boundary_status)
    SELECT c.id, 'T' || to_char(i, 'FM00000'), '城中村改造 ' || i, 1e8,
        ST_Multi(ST_MakeEnvelope(113.0 + (i % 100) * 0.008, 34.5 + (i / 100) * 0.003,
            113.006 + (i % 100) * 0.008, 34.502 + (i / 100) * 0.003, 4326)), 'drafted'
    FROM city c, generate_series(1, 10000) AS i
"""
MEMBERS = """
    INSERT INTO project_district (project_id, district_id, share)
    SELECT p.id, (SELECT id FROM district WHERE code = '410102'), 1 FROM project p WHERE p.code LIKE 'T%'
"""


def city_of(database: Database) -> RowMapping:
    return cities.choose(database, "zhengzhou")


@pytest.fixture
def crowded(zhengzhou: Database) -> Database:
    """Zhengzhou with 10,000 invented projects, each with a boundary."""
    with zhengzhou.writing("t") as connection:
        connection.execute(text(MANY))
        connection.execute(text(MEMBERS))
    return zhengzhou


def test_the_exact_code_comes_first(zhengzhou: Database) -> None:
    found = search(zhengzhou, city_of(zhengzhou), "k202201001")
    assert found[0]["code"] == "K202201001"


def test_codes_that_begin_so_come_in_order(zhengzhou: Database) -> None:
    found = [row["code"] for row in search(zhengzhou, city_of(zhengzhou), "K2022")]
    assert len(found) == 20
    assert found == sorted(found)
    assert all(code.startswith("K2022") for code in found)


def test_every_word_must_be_there(zhengzhou: Database) -> None:
    name = search(zhengzhou, city_of(zhengzhou), "K202201001")[0]["name"]
    found = search(zhengzhou, city_of(zhengzhou), f"{name[:4]} K202201")
    assert "K202201001" in [row["code"] for row in found]
    assert search(zhengzhou, city_of(zhengzhou), f"{name[:4]} nowhere") == []


@pytest.mark.parametrize("words", ["", "   ", "%", "_", "\x00", "' OR 1=1 --", "\\"])
def test_signs_are_only_signs(zhengzhou: Database, words: str) -> None:
    assert search(zhengzhou, city_of(zhengzhou), words) == []


def test_a_name_in_either_language_is_found(zhengzhou: Database) -> None:
    code = search(zhengzhou, city_of(zhengzhou), "郑州")[0]["code"]
    with zhengzhou.writing("t") as connection:
        connection.execute(
            text("UPDATE project SET name_en = 'Silk Mill' WHERE code = :code"), {"code": code}
        )
    found = search_everything(zhengzhou, city_of(zhengzhou), "silk mill")
    assert [row["code"] for row in found.projects] == [code]
    assert not found.empty


def test_degrees_of_shifted_maps_are_brought_back() -> None:
    lon, lat = (float(value) for value in gcj02_from_wgs84(113.62, 34.75))
    pasted = read_coordinates(f"{lon:.8f}, {lat:.8f}", 4547, None)
    assert pasted is not None
    place = in_other_datums(pasted)["GCJ-02"]
    assert (place.lon, place.lat) == pytest.approx((113.62, 34.75), abs=1e-7)
    lon, lat = (float(value) for value in bd09_from_gcj02(lon, lat))
    pasted = read_coordinates(f"{lon:.8f}, {lat:.8f}", 4547, None)
    assert pasted is not None
    place = in_other_datums(pasted)["BD-09"]
    assert (place.lon, place.lat) == pytest.approx((113.62, 34.75), abs=1e-6)


def test_places_abroad_have_one_reading() -> None:
    pasted = read_coordinates("2.35 48.85", 4547, None)
    assert pasted is not None
    assert in_other_datums(pasted) == {}


def test_ten_thousand_rows_are_searched_at_once(crowded: Database) -> None:
    city = city_of(crowded)
    search(crowded, city, "改造")
    start = time.perf_counter()
    found = search(crowded, city, "改造 99")
    assert time.perf_counter() - start < 0.5
    assert len(found) == 20
