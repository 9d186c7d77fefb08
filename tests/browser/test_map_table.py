"""The table of the map: row for row what the map shows, in step with the address, by keyboard."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import text

from data.session import Database
from tests.browser.conftest import save_screenshot
from tests.browser.test_map_keyboard import opened
from tests.browser.waiting import map_drawn

pytestmark = pytest.mark.browser
HERE = "114.3,33.4"
OF_CITY = (
    "FROM project p JOIN city c ON c.id = p.city_id WHERE c.slug = 'demo-city' AND p.exit_notice_id IS NULL"
)


def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def table_of(page: Page, site: str, query: str = "") -> Locator:
    opened(page, site, f"view=table&{query}")
    table = page.locator("#map-table")
    expect(table.locator("tbody tr").first).to_be_visible()
    return table


def codes(table: Locator) -> list[str]:
    return table.locator("tbody th").all_inner_texts()


def test_greenways_and_surfaces_are_drawn_and_listed(
    page: Page, demo_site: str, demo_site_database: Database
) -> None:
    table = table_of(page, demo_site, "layers=districts,surfaces,greenways&rows=greenways&lang=en")
    stored = rows(demo_site_database, "SELECT code, length FROM greenway ORDER BY id")
    assert codes(table) == [code for code, _ in stored]
    lengths = table.locator("tbody td:last-child").all_inner_texts()
    assert lengths == [f"{length:,.0f} m" for _, length in stored]
    legend = page.locator("#map-legend")
    for words in ("Greenways", "Regional", "Ground surfaces", "Permeable paving"):
        expect(legend).to_contain_text(words)
    drawn = "window.gengxinMap.gl.queryRenderedFeatures({ layers: ['greenways-line'] }).length"
    page.wait_for_function(f"{drawn} > 0")


def test_rows_are_the_projects_of_the_map_in_its_filters(
    page: Page, demo_site: str, demo_site_database: Database
) -> None:
    table = table_of(page, demo_site, "stage=construction&sort=amount.desc")
    save_screenshot(page, "map-table")
    query = f"""SELECT p.code {OF_CITY} AND p.stage = 'construction'
        ORDER BY p.total_investment DESC NULLS LAST, p.code"""
    assert codes(table) == [code for (code,) in rows(demo_site_database, query)]
    page.evaluate("window.gengxinMap.setParams({ stage: 'operation', sort: '' })")
    query = f"SELECT p.code {OF_CITY} AND p.stage = 'operation' ORDER BY p.code LIMIT 100"
    there = [code for (code,) in rows(demo_site_database, query)]
    expect(table.locator("tbody th")).to_have_text(there)


@pytest.mark.thorough
def test_the_figure_that_colours_the_projects_is_a_column_that_sorts_by_keyboard(
    page: Page, demo_site: str, demo_site_database: Database
) -> None:
    table = table_of(page, demo_site, "figure=investment&unit=project")
    head = table.locator("th button.sort").nth(4)
    head.focus()
    page.keyboard.press("Enter")
    expect(table.locator("th").nth(5)).to_have_attribute("aria-sort", "descending")
    query = f"""SELECT p.code, to_char(p.total_investment / 1e8, 'FM999,990.00') {OF_CITY}
        ORDER BY p.total_investment DESC NULLS LAST, p.code LIMIT 100"""
    expected = rows(demo_site_database, query)
    expect(table.locator("tbody th").first).to_have_text(expected[0][0])
    shown = table.locator("tbody tr td:nth-child(6)").all_inner_texts()
    assert list(zip(codes(table), map(str.strip, shown), strict=True)) == [
        (code, amount or "not supplied") for code, amount in expected
    ]


def test_districts_carry_the_figure_of_the_map(
    page: Page, demo_site: str, demo_site_database: Database
) -> None:
    table = table_of(page, demo_site, "figure=projects&unit=district&sort=value.desc")
    query = f"""SELECT d.name_en, count(*)::text FROM project_district s
        JOIN district d ON d.id = s.district_id
        WHERE s.project_id IN (SELECT p.id {OF_CITY}) GROUP BY 1"""
    counted = {name: count for name, count in rows(demo_site_database, query)}  # noqa: C416
    shown = {row.locator("th").inner_text(): row.locator("td").first.inner_text().strip()
             for row in table.locator("tbody tr").all()}  # fmt: skip
    assert counted
    assert {name: count for name, count in shown.items() if count != "0"} == counted
    page.keyboard.press("t")
    expect(table).to_be_hidden()


@pytest.mark.thorough
def test_a_row_leads_to_its_place_on_the_map_and_the_map_to_its_row(
    page: Page, demo_site: str, demo_site_database: Database
) -> None:
    table = table_of(page, demo_site, "boundary=surveyed&sort=code.asc")
    code = codes(table)[0]
    table.locator("tbody .show").first.focus()
    page.keyboard.press("Enter")
    expect(table.locator("tr[aria-current=true] th")).to_have_text(code)
    expect(page.locator("#map-here")).to_contain_text(code)
    map_drawn(page)
    lon, lat = page.evaluate("window.gengxinMap.gl.getCenter().toArray()")
    query = f"""SELECT ST_Distance(ST_Envelope(p.boundary), ST_SetSRID(ST_Point({lon}, {lat}), 4326))
        {OF_CITY} AND p.code = '{code}'"""
    assert rows(demo_site_database, query)[0][0] == pytest.approx(0, abs=1e-6)
    table.get_by_role("button", name="Only what is in view").click()
    expect(table).to_contain_text("in view")
    expect(table.locator("tr[aria-current=true] th")).to_have_text(code)


@pytest.mark.thorough
def test_csv_holds_every_row(page: Page, demo_site: str, demo_site_database: Database) -> None:
    table = table_of(page, demo_site)
    with page.expect_download() as started:
        table.get_by_role("link", name="CSV").click()
    assert re.search("synthetic", started.value.suggested_filename)
    lines = Path(started.value.path()).read_text("utf-8-sig").splitlines()
    assert len(lines) == 1 + int(rows(demo_site_database, f"SELECT count(*) {OF_CITY}")[0][0])


@pytest.mark.thorough
def test_the_features_of_a_layer_that_is_on_are_rows_of_what_is_in_view(
    page: Page, demo_site: str, demo_site_database: Database
) -> None:
    page.set_viewport_size({"width": 900, "height": 800})
    table = table_of(page, demo_site, f"layers=buildings,streets,projects&v={HERE},15.5")
    table.get_by_role("button", name="Buildings", exact=True).click()
    expect(table.get_by_role("status")).to_contain_text("in view")
    box = page.evaluate("window.gengxinMap.params().get('box')")
    inside = f"""FROM building b JOIN city c ON c.id = b.city_id WHERE c.slug = 'demo-city'
        AND ST_Covers(ST_MakeEnvelope({box}, 4326), ST_PointOnSurface(b.shape))"""
    count = rows(demo_site_database, f"SELECT count(*) {inside}")[0][0]
    expect(table.get_by_role("status")).to_have_text(f"{count:,} rows in view")
    table.get_by_role("button", name="Floors", exact=True).click()
    query = f"SELECT b.code {inside} ORDER BY b.floors DESC NULLS LAST, b.id LIMIT 100"
    expect(table.locator("tbody th")).to_have_text([code for (code,) in rows(demo_site_database, query)])
    save_screenshot(page, "map-table-buildings-900")
    code = codes(table)[0]
    table.locator("tbody .show").first.click()
    expect(page.locator("#map-here")).to_contain_text(code)


@pytest.mark.thorough
def test_the_csv_of_a_layer_holds_what_is_in_view(
    page: Page, demo_site: str, demo_site_database: Database
) -> None:
    table = table_of(page, demo_site, f"layers=facilities&v={HERE},14")
    table.get_by_role("button", name="Facilities and parks", exact=True).click()
    expect(table.get_by_role("status")).to_contain_text("in view")
    said = re.sub("[^0-9]", "", table.get_by_role("status").inner_text())
    with page.expect_download() as started:
        table.get_by_role("link", name="CSV").click()
    lines = Path(started.value.path()).read_text("utf-8-sig").splitlines()
    assert len(lines) == 1 + int(said)
