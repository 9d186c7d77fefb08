"""Choropleth figures equal what SQL says of districts, zones and projects; unknown stays unknown."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from sqlalchemy import RowMapping, text

from app.server import create_app
from app.services import cities
from app.services.map.catalogue import catalogue
from app.services.map.choropleth import Asked, Choropleth, choropleth, figures, supplied
from app.settings import Settings
from data import codes
from data.errors import InvalidInput
from data.projects import ProjectFilter
from data.session import Database
from tests import processes

SLUG = "demo-city"


def city_of(database: Database) -> RowMapping:
    return cities.choose(database, SLUG)


def figure(database: Database, unit: str, name: str, keep: ProjectFilter | None = None) -> Choropleth:
    city = city_of(database)
    layers = catalogue(database, city)
    return choropleth(database, city, keep or ProjectFilter(), Asked(unit, name), layers)


def said(database: Database, sql: str, **bound: Any) -> dict[str, float]:
    with database.reading() as connection:
        rows = connection.execute(text(sql), {"slug": SLUG, **bound})
        return {str(key): float(value) for key, value in rows if value is not None}


def by_code(found: Choropleth) -> dict[str, float]:
    known = found.values.dropna(subset=["value"])
    return dict(zip(known["code"], known["value"], strict=True))


OF_PROJECTS = """
SELECT d.code, {value} FROM district d JOIN city c ON c.id = d.city_id
JOIN project_district s ON s.district_id = d.id JOIN project p ON p.id = s.project_id
WHERE c.slug = :slug AND p.exit_notice_id IS NULL GROUP BY d.code
"""
WITHIN = """
SELECT d.code, {value} FROM district d JOIN city c ON c.id = d.city_id
LEFT JOIN {table} b ON b.city_id = c.id AND ST_Covers(d.mercator, ST_Centroid(ST_Envelope(b.mercator))) {more}
WHERE c.slug = :slug AND d.boundary IS NOT NULL GROUP BY d.code
"""
CASES = {
    "projects": OF_PROJECTS.format(value="count(*)"),
    "investment": OF_PROJECTS.format(value="sum(p.total_investment * s.share) / 1e8"),
    "completed": OF_PROJECTS.format(
        value="100.0 * count(*) FILTER (WHERE p.stage IN ('completed', 'operation')) / count(p.stage)"
    ),
    "progress": OF_PROJECTS.format(
        value="100 * sum(p.progress * p.total_investment * s.share)"
        " / sum(p.total_investment * s.share) FILTER (WHERE p.progress IS NOT NULL)"
    ),
    "area": """
SELECT d.code, ST_Area(ST_Transform(d.boundary, c.metric_srid)) / 1e6 FROM district d
JOIN city c ON c.id = d.city_id WHERE c.slug = :slug""",
    "floor_area": WITHIN.format(value="sum(b.floor_area) / 1e4", table="building", more=""),
    "facility-primary_school": WITHIN.format(
        value="count(b.id)", table="facility", more="AND b.category = 'primary_school'"
    ),
    "green_area": WITHIN.format(
        value="sum(ST_Area(ST_Transform(b.shape, c.metric_srid))) / 1e4",
        table="facility",
        more="AND b.category IN ('park', 'square') AND ST_Dimension(b.shape) = 2",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_figure_of_districts_is_what_sql_says(demo_city: Database, name: str) -> None:
    found = by_code(figure(demo_city, "district", name))
    assert found
    assert found == pytest.approx(said(demo_city, CASES[name]), rel=1e-6)


def test_ratios_follow_from_their_parts(demo_city: Database) -> None:
    area = by_code(figure(demo_city, "district", "area"))
    floor = by_code(figure(demo_city, "district", "floor_area"))
    money = by_code(figure(demo_city, "district", "investment"))
    ratio = by_code(figure(demo_city, "district", "floor_area_ratio"))
    dense = by_code(figure(demo_city, "district", "investment_density"))
    assert ratio == pytest.approx({code: floor[code] * 1e4 / (area[code] * 1e6) for code in floor})
    assert dense == pytest.approx({code: money[code] / area[code] for code in area})


def test_people_of_all_districts_are_those_of_the_cells_inside(demo_city: Database) -> None:
    whole = said(
        demo_city,
        """SELECT 'all',
            sum(q.population * ST_Area(ST_Intersection(q.mercator, u.shape)) / ST_Area(q.mercator))
        FROM population_cell q JOIN city c ON c.id = q.city_id,
        (SELECT ST_Union(mercator) AS shape FROM district) AS u WHERE c.slug = :slug""",
    )["all"]
    assert sum(by_code(figure(demo_city, "district", "population")).values()) == pytest.approx(
        whole, rel=1e-6
    )


def test_the_filter_of_the_page_holds_for_projects_and_money(demo_city: Database) -> None:
    keep = ProjectFilter(types=("old_community",))
    sql = CASES["investment"].replace("IS NULL GROUP", "IS NULL AND p.project_type = 'old_community' GROUP")
    assert by_code(figure(demo_city, "district", "investment", keep)) == pytest.approx(said(demo_city, sql))


def test_a_district_without_boundary_has_no_area_nor_facilities_rather_than_none(demo_city: Database) -> None:
    for name in ("area", "investment_density", "facility-park", "green_area"):
        found = figure(demo_city, "district", name)
        pending = found.values[found.values["name_en"].str.contains("Economic")]
        assert len(pending) == 1
        assert pending["value"].isna().all(), name
        assert found.missing >= 1


@pytest.mark.parametrize(
    ("name", "sql"),
    [("far", "floor_area_ratio"), ("coverage", "building_coverage * 100"), ("green", "green_ratio * 100")],
)
def test_a_figure_of_zones_is_their_limit(demo_city: Database, name: str, sql: str) -> None:
    found = figure(demo_city, "zone", name).values.set_index("id")["value"].dropna()
    rows = f"SELECT z.id, {sql} FROM zoning z JOIN city c ON c.id = z.city_id WHERE c.slug = :slug"
    expected = said(demo_city, rows)
    assert {str(key): value for key, value in found.items()} == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "sql"),
    [
        ("investment", "p.total_investment / 1e8"),
        ("progress", "p.progress * 100"),
        ("floor_area-baseline", "f.baseline"),
        ("floor_area-planned", "f.planned"),
        ("floor_area-change", "f.planned - f.baseline"),
    ],
)
def test_a_figure_of_projects_is_what_they_report(demo_city: Database, name: str, sql: str) -> None:
    found = figure(demo_city, "project", name)
    rows = f"""SELECT p.id, {sql} FROM project p JOIN city c ON c.id = p.city_id
        LEFT JOIN project_figure f ON f.project_id = p.id AND f.figure = 'floor_area'
        WHERE c.slug = :slug AND p.boundary IS NOT NULL AND p.exit_notice_id IS NULL"""
    known = found.values.dropna(subset=["value"])
    assert dict(zip(known["id"].astype(str), known["value"], strict=True)) == pytest.approx(
        said(demo_city, rows)
    )


def test_every_known_value_is_in_one_class_and_no_two_classes_share_one(demo_city: Database) -> None:
    found = figure(demo_city, "project", "investment")
    assert int(found.classes.counts.sum()) + found.missing == len(found.values)
    lows = found.lower_bounds()
    assert lows == sorted(set(lows))
    assert lows[0] == found.values["value"].min()


def test_only_what_the_city_supplies_is_offered(zhengzhou: Database, demo_city: Database) -> None:
    real = cities.choose(zhengzhou, "zhengzhou")
    layers = catalogue(zhengzhou, real)
    offered = supplied(zhengzhou, real, "district", layers)
    assert {"projects", "investment", "area", "investment_density"} == set(offered)
    assert supplied(zhengzhou, real, "zone", layers) == []
    assert supplied(zhengzhou, real, "project", layers) == []
    invented = city_of(demo_city)
    every = supplied(demo_city, invented, "project", catalogue(demo_city, invented))
    assert {"investment", "progress", "floor_area-change"} <= set(every) <= set(figures("project"))


def test_every_stored_figure_has_a_place(demo_city: Database) -> None:
    names = set(figures("project"))
    assert {f"{code}-{side}" for code in codes.FIGURES for side in ("baseline", "planned", "change")} < names
    assert {f"facility-{code}" for code in codes.FACILITY_CATEGORIES} < set(figures("district"))
    assert set(figures("zone")) == {"far", "coverage", "height", "green"}


@pytest.mark.parametrize("asked", [("planet", "area"), ("district", "nonsense"), ("zone", "area"), ("", "")])
def test_what_there_is_not_is_named(demo_city: Database, asked: tuple[str, str]) -> None:
    with pytest.raises(InvalidInput):
        figure(demo_city, *asked)


def test_a_change_shows_at_once(demo_city: Database) -> None:
    before = figure(demo_city, "project", "investment").values.set_index("code")["value"]
    code = before.dropna().index[0]
    with demo_city.writing("t") as connection:
        sql = "UPDATE project SET total_investment = total_investment + 1e8 WHERE code = :code"
        connection.execute(text(sql), {"code": code})
    after = figure(demo_city, "project", "investment").values.set_index("code")["value"]
    assert after[code] == pytest.approx(before[code] + 1)


def test_the_browser_reads_values_with_null_for_unknown_and_keeps_them_until_a_change(
    demo_city: Database,
) -> None:
    path = f"/api/v1/cities/{SLUG}/figures/project/"
    with processes.listening(create_app(Settings(), demo_city)) as site:
        answer = requests.get(f"{site}{path}floor_area-change.json", timeout=30)
        unchanged = {"If-None-Match": answer.headers["ETag"]}
        again = requests.get(f"{site}{path}floor_area-change.json", headers=unchanged, timeout=30)
        unknown = requests.get(f"{site}{path}x.json", timeout=30)
    assert (answer.status_code, again.status_code, unknown.status_code) == (200, 304, 422)
    body = answer.json()
    found = figure(demo_city, "project", "floor_area-change").values
    assert body["ids"] == found["id"].tolist()
    assert body["values"].count(None) == int(found["value"].isna().sum())
