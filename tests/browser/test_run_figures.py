"""Stored indicators chosen on the map colour grid, zones and projects with the values of the run."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from app.services.indicators import catalogue as indicators
from data.session import Database
from tests.app import lattice
from tests.app.small_city import lon_lat
from tests.browser.conftest import save_screenshot
from tests.browser.waiting import map_opened

pytestmark = pytest.mark.browser
STATES = """([layer, wanted]) => {
    const gl = gengxinMap.gl;
    if (!gl.getLayer(layer)) return false;
    const found = {};
    gl.queryRenderedFeatures({ layers: [layer] }).forEach(f => { found[f.properties.code] = f.state.value; });
    const near = (a, b) => a === b || Math.abs(a - b) < 1e-5;
    return Object.keys(wanted).every(code => near(found[code], wanted[code]));
}"""
VALUES = """
SELECT v.unit_code, v.value FROM indicator_value v WHERE v.indicator = 'floor_area_ratio'
    AND run_id = (SELECT max(id) FROM indicator_run WHERE units = :units)
"""


def build_town(database: Database) -> None:
    """The lattice town with stored runs."""
    lattice.build(database)
    for units in ("grid", "hexagon", "project"):
        indicators.run(database, "lattice", units, actor="t", indicators=["floor_area_ratio"])


def stored(database: Database, units: str) -> dict[str, float]:
    with database.reading() as connection:
        rows = connection.execute(text(VALUES), {"units": units})
        return {row.unit_code: row.value for row in rows}


def opened(page: Page, town: tuple[str, Database], query: str) -> None:
    site, database = town
    lon, lat = lon_lat(database, 500, 500)
    page.set_viewport_size({"width": 1100, "height": 800})
    map_opened(page, f"{site}/map?city=lattice&lang=en&v={lon:.6f},{lat:.6f},14&{query}")


def test_an_indicator_of_the_grid_is_chosen_under_layers(page: Page, town: tuple[str, Database]) -> None:
    opened(page, town, "")
    page.locator("[data-map-tool='layers']").first.click()
    page.get_by_role("textbox", name="Figure on the map").click()
    group = page.locator(".mantine-Select-group", has=page.get_by_text("Grid cell", exact=True))
    group.get_by_role("option", name="Floor area ratio", exact=True).click()
    page.wait_for_url(lambda url: "unit=grid" in url and "floor_area_ratio" in url and "cells" in url)
    page.wait_for_function(STATES, arg=["cells-fill", stored(town[1], "grid")])
    expect(page.locator("#map-legend")).to_contain_text("Floor area ratio")
    save_screenshot(page, "run-figures-grid")


def test_the_table_lists_the_cells_of_the_map(page: Page, town: tuple[str, Database]) -> None:
    opened(page, town, "figure=ind:floor_area_ratio&unit=grid&layers=cells&view=table&sort=value.desc")
    table = page.locator("#map-table-content")
    cells = stored(town[1], "grid")
    expect(table.get_by_role("button", name="Grid cells")).to_have_attribute("aria-pressed", "true")
    expect(table).to_contain_text(f"{len(cells)} rows")
    codes = table.locator("tbody th").all_inner_texts()
    assert sorted(codes) == sorted(cells)
    assert codes[0] == max(cells, key=lambda code: cells[code] or 0)
    expect(table.locator("tbody tr").first.locator(".swatch")).to_have_count(1)
    table.locator("[data-map-table='show']").first.click()
    page.wait_for_url(lambda url: "at=" in url)


@pytest.mark.parametrize(
    ("units", "layer", "says"),
    [("project", "projects", "0.31"), ("hexagon", "hexagons", "Floor area ratio")],
)
def test_an_indicator_opens_from_its_address(
    page: Page, town: tuple[str, Database], units: str, layer: str, says: str
) -> None:
    opened(page, town, f"figure=ind:floor_area_ratio&unit={units}&layers={layer}")
    page.wait_for_function(STATES, arg=[f"{layer}-fill", stored(town[1], units)])
    expect(page.locator("#map-legend")).to_contain_text(says)


def test_an_indicator_that_there_is_not_is_said(page: Page, town: tuple[str, Database]) -> None:
    opened(page, town, "figure=ind:nothing&unit=project")
    expect(page.locator("#map-legend")).to_contain_text("There is no figure «ind:nothing»")
    opened(page, town, "figure=ind:floor_area_ratio&unit=renewal_unit&view=table")
    for place in ("#map-legend", "#map-table-content"):
        expect(page.locator(place)).to_contain_text("Nothing has been computed for these units yet")


def test_a_layer_that_there_is_not_and_a_figure_whose_layer_is_off_are_said(
    page: Page, town: tuple[str, Database]
) -> None:
    opened(page, town, "figure=ind:floor_area_ratio&unit=hexagon&layers=districts,hexagon")
    said = page.locator("#map-legend .how[role='status']")
    expect(said).to_have_count(2)
    expect(said.first).to_have_text("There is no layer «hexagon»; choose one under Layers.")
    expect(said.last).to_contain_text(
        "The figure colours the layer «Hexagons of the indicators», which is off"
    )
    opened(page, town, "figure=ind:floor_area_ratio&unit=hexagon&layers=districts,hexagons")
    expect(page.locator("#map-legend")).to_contain_text("Floor area ratio")
    expect(said).to_have_count(0)
