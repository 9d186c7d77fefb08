"""Selection with its sums and files, and measuring, on the demo city, against SQL and pyproj."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Page, expect
from pyproj import Geod
from sqlalchemy import text

from data.session import Database
from tests.browser.conftest import save_screenshot
from tests.browser.pointer import Place, click_at, drag
from tests.browser.pointer import middle as middle_of
from tests.browser.waiting import address_lacks, eventually, map_opened

pytestmark = pytest.mark.browser
Corners = tuple[Place, ...]
QUADRILATERAL: Corners = ((-50, -50), (60, -40), (40, 70), (-50, 40))
CITY = "(SELECT id FROM city WHERE slug = 'demo-city')"
PROJECTS = f"""SELECT code FROM project WHERE city_id = {CITY} AND exit_notice_id IS NULL
AND (ST_Area(ST_Intersection(boundary, {{area}})) > 0 {{others}}) ORDER BY code"""
LISTED = """OR boundary IS NULL AND id IN (SELECT project_id FROM project_district pd
JOIN district d ON d.id = pd.district_id WHERE d.code = '{code}' AND d.city_id = {city})"""
BUILDINGS = f"""SELECT code FROM building
WHERE city_id = {CITY} AND ST_Covers({{area}}, ST_PointOnSurface(shape)) ORDER BY code"""


def opened(page: Page, site: str, query: str = "") -> None:
    map_opened(page, f"{site}/map?city=demo-city&lang=en&{query}")


def middle(page: Page) -> Place:
    return middle_of(page.locator("#map canvas").first)


def degrees(page: Page, at: Place) -> tuple[float, float]:
    lon, lat = page.evaluate("at => gengxinMap.coordinate(at[0], at[1])", list(at))
    return float(lon), float(lat)


def click_corners(page: Page, corners: Corners) -> list[Place]:
    x, y = middle(page)
    places = [(x + right, y + down) for right, down in corners]
    for place in places:
        click_at(page, place)
    return places


def area_in(page: Page, kind: str) -> str:
    page.wait_for_url(re.compile(rf"area={kind}(:|%3A)"))
    return parse_qs(urlparse(page.url).query)["area"][0]


def shape_of(area: str) -> str:
    """The area of an address as SQL, read apart from the dashboard's own reader."""
    kind, _colon, rest = area.partition(":")
    if kind == "rect":
        return f"ST_MakeEnvelope({rest}, 4326)"
    if kind == "circle":
        lon, lat, metres = rest.split(",")
        centre = f"ST_Transform(ST_Point({lon}, {lat}, 4326), 4547)"
        return f"ST_Transform(ST_Buffer({centre}, {metres}, 90), 4326)"
    if kind == "poly":
        ring = rest.split(",")
        return f"ST_GeomFromText('POLYGON(({','.join([*ring, ring[0]])}))', 4326)"
    return f"(SELECT boundary FROM district WHERE code = '{rest}' AND city_id = {CITY})"


def codes(database: Database, query: str, area: str) -> list[str]:
    kind, _colon, code = area.partition(":")
    others = LISTED.format(code=code, city=CITY) if kind == "district" else ""
    with database.reading() as connection:
        return list(connection.scalars(text(query.format(area=shape_of(area), others=others))))


def facts(page: Page) -> dict[str, str]:
    """The first facts of the panel: what of projects lies in the selection."""
    rows = page.locator("#map-selection dl.facts").first.locator(":scope > div")
    return {row.locator("dt").inner_text(): row.locator("dd").inner_text() for row in rows.all()}


def totals(page: Page) -> dict[str, str]:
    heads = page.locator("#map-selection .select-group:has(.total)").all()
    return dict(head.locator("summary span, :scope > span").all_inner_texts()[:2] for head in heads)


def panel_tells(page: Page, database: Database, area: str) -> None:
    """What the panel says of projects and buildings is what SQL says."""
    found = codes(database, PROJECTS, area)
    assert found
    said = page.locator("#map-selection dl.facts dd").first
    expect(said).to_have_text(f"{len(found):,}")
    listed = "', '".join(found)
    money = f"""SELECT round(sum(total_investment) / 1e8, 2), count(total_investment) FROM project
    WHERE city_id = {CITY} AND code IN ('{listed}')"""
    with database.reading() as connection:
        yi, known = connection.execute(text(money)).one()
    part = "" if known == len(found) else f" of {known} projects"
    invested = f"{yi:,.2f}{part}"
    eventually(page, lambda: facts(page).get("Investment, CNY 100 M"), lambda money: money == invested)
    built = f"{len(codes(database, BUILDINGS, area)):,}"
    eventually(page, lambda: totals(page).get("Buildings"), lambda count: count == built)


def test_a_rectangle_is_dragged_and_leaves_as_files_row_for_row(
    page: Page, demo_site: str, demo_site_database: Database, tmp_path: Path
) -> None:
    opened(page, demo_site)
    page.get_by_role("button", name="Select an area (S)").click()
    page.get_by_role("button", name="Rectangle", exact=True).click()
    x, y = middle(page)
    drag(page, (x - 60, y - 60), (x + 80, y + 50))
    area = area_in(page, "rect")
    west, north = degrees(page, (x - 60, y - 60))
    assert [float(edge) for edge in area.removeprefix("rect:").split(",")[::3]] == pytest.approx(
        [west, north], abs=1e-5
    )
    panel_tells(page, demo_site_database, area)
    expect(page.locator("#map-selection")).to_contain_text("A project counts, whole, when it overlaps.")
    expect(page.locator("#map-selection")).to_contain_text("synthetic")
    page.locator("#map-selection").get_by_text("Export exactly this selection").click()
    listed = downloaded(page, "Projects as csv", tmp_path / "p.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(listed.splitlines()))
    assert sorted(row["Code"] for row in rows) == codes(demo_site_database, PROJECTS, area)
    assert {row["Data"] for row in rows} == {"Synthetic: invented for demonstration, not real projects"}
    built = json.loads(downloaded(page, "Buildings as geojson", tmp_path / "b.geojson").read_text("utf-8"))
    found = [feature["properties"]["code"] for feature in built["features"]]
    assert sorted(found) == codes(demo_site_database, BUILDINGS, area)
    save_screenshot(page, "map-selection")


def downloaded(page: Page, label: str, path: Path) -> Path:
    with page.expect_download() as download:
        page.locator("#map-selection").get_by_role("link", name=label).click()
    assert "synthetic" in download.value.suggested_filename.lower()
    download.value.save_as(path)
    return path


@pytest.mark.thorough
def test_a_circle_is_dragged_from_its_centre_and_a_polygon_is_clicked(
    page: Page, demo_site: str, demo_site_database: Database
) -> None:
    opened(page, demo_site)
    x, y = middle(page)
    page.keyboard.press("c")
    drag(page, (x, y), (x + 90, y))
    area = area_in(page, "circle")
    metres = Geod(ellps="WGS84").inv(*degrees(page, (x, y)), *degrees(page, (x + 90, y)))[2]
    assert float(area.rpartition(",")[2]) == pytest.approx(metres, abs=1)
    panel_tells(page, demo_site_database, area)
    page.keyboard.press("g")
    click_corners(page, (*QUADRILATERAL, QUADRILATERAL[0]))
    panel_tells(page, demo_site_database, area_in(page, "poly"))
    page.get_by_role("button", name="count only those wholly within").click()
    inside = PROJECTS.replace("ST_Area(ST_Intersection(boundary, {area})) > 0", "ST_Within(boundary, {area})")
    expected = len(codes(demo_site_database, inside, area_in(page, "poly")))
    expect(page.locator("#map-selection dl.facts dd").first).to_have_text(f"{expected:,}")
    page.get_by_role("button", name="Clear the selection").click()
    expect(page.locator("#map-selection dl")).to_have_count(0)
    address_lacks(page, "area=")


@pytest.mark.thorough
def test_keys_alone_select_a_district_and_typed_areas(
    page: Page, demo_site: str, demo_site_database: Database
) -> None:
    opened(page, demo_site)
    page.keyboard.press("s")
    page.locator("#select-district").focus()
    page.keyboard.type("Linjiang")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    area = area_in(page, "district")
    panel_tells(page, demo_site_database, area)
    page.locator("#select-circle").focus()
    page.keyboard.type("114.30, 33.40")
    page.keyboard.press("Tab")
    page.keyboard.type("700")
    page.keyboard.press("Enter")
    area = area_in(page, "circle")
    assert area == "circle:114.3,33.4,700"
    panel_tells(page, demo_site_database, area)
    expect(page.locator("#select-district")).to_have_value("")
    page.reload()
    expect(page.locator("#map-selection dl.facts").first).to_be_visible()
    panel_tells(page, demo_site_database, area)
    page.keyboard.press("s")
    page.locator("#select-radius").fill("0")
    page.locator("#select-radius").press("Enter")
    expect(page.locator("#map-selection")).to_contain_text("A radius of 0 m cannot be used.")
    page.locator("#select-rect").fill("114.30, 33")
    page.locator("#select-rect").press("Enter")
    expect(page.locator("#select-fault")).to_contain_text("Give numbers, separated by commas")


def test_an_area_that_cannot_be_is_told_and_cleared(page: Page, demo_site: str) -> None:
    opened(page, demo_site)
    refused = {
        "poly:114.3 33.4,114.31 33.41,114.31 33.4,114.3 33.41": "The polygon crosses itself",
        "rect:179,33,-179,34": "lies east of its east",
        "district:nowhere": "There is no district «nowhere» in this city.",
    }
    for area, said in refused.items():
        page.evaluate("area => window.gengxinMap.setParams({area})", area)
        expect(page.locator("#map-selection")).to_contain_text(said)
    page.get_by_role("button", name="Clear the selection").click()
    expect(page.locator("#map-selection")).to_be_empty()


@pytest.mark.thorough
def test_a_narrow_window_shows_what_was_selected(page: Page, demo_site: str) -> None:
    page.set_viewport_size({"width": 900, "height": 800})
    opened(page, demo_site)
    expect(page.locator("#map-panel")).to_be_hidden()
    x, y = middle(page)
    page.keyboard.press("r")
    drag(page, (x - 60, y - 60), (x + 80, y + 50))
    expect(page.locator("#map-selection dl.facts").first).to_be_visible()
    save_screenshot(page, "map-selection-900")


def test_a_layer_of_the_whole_city_leaves_with_the_filters_of_the_page(
    page: Page, demo_site: str, demo_site_database: Database, tmp_path: Path
) -> None:
    opened(page, demo_site, "stage=construction&area=circle:114.3,33.4,700&v=114.3,33.4,13")
    page.get_by_role("button", name="Layers", exact=True).click()
    page.locator("#map-exports").get_by_text("Export layers").click()
    with page.expect_download() as download:
        page.locator("#map-exports").get_by_role("link", name="Projects as geojson").click()
    download.value.save_as(tmp_path / "p.geojson")
    found: dict[str, Any] = json.loads((tmp_path / "p.geojson").read_text(encoding="utf-8"))
    with demo_site_database.reading() as connection:
        query = f"SELECT count(*) FROM project WHERE city_id = {CITY} AND exit_notice_id IS NULL"
        expected = connection.scalar(text(f"{query} AND stage = 'construction'"))
    assert len(found["features"]) == expected
    assert {feature["properties"]["stage"] for feature in found["features"]} == {"construction"}


def metres_said(page: Page) -> float:
    """The last length of the readout."""
    said = re.findall(r"([\d,.]+) (k?m)\b", page.locator("#map-readout").inner_text())
    number, unit = said[-1] if said else ("nan", "m")
    return float(number.replace(",", "")) * (1000 if unit == "km" else 1)


@pytest.mark.thorough
def test_lengths_and_areas_are_those_of_the_ellipsoid(page: Page, demo_site: str) -> None:
    opened(page, demo_site)
    geod = Geod(ellps="WGS84")
    page.get_by_role("button", name="Measure a length").click()
    line = [degrees(page, at) for at in click_corners(page, QUADRILATERAL)]
    metres = geod.line_length(*zip(*line, strict=True))
    eventually(page, lambda: metres_said(page), lambda measured: measured == pytest.approx(metres, rel=1e-3))
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Measure an area").click()
    places = click_corners(page, (*QUADRILATERAL, QUADRILATERAL[0]))
    ring = [degrees(page, at) for at in places[:-1]]
    square_metres = abs(geod.polygon_area_perimeter(*zip(*ring, strict=True))[0])
    readout = page.locator("#map-readout")
    expect(readout).to_contain_text(" ha")
    hectares = re.search(r"([\d,.]+) ha", readout.inner_text())
    assert hectares is not None
    assert float(hectares[1].replace(",", "")) * 1e4 == pytest.approx(square_metres, rel=1e-3)
