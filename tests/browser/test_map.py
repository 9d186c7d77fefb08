"""The map: what lies where, search, tools, drawing and uploading, and the lists that say the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, expect
from sqlalchemy import text

from app.services.boundaries.edit import boundary, save_boundary
from data.session import Database
from tests.browser.conftest import CHROMIUM, FLAGS, save_screenshot
from tests.browser.pointer import click_at, drag, middle
from tests.browser.waiting import address_lacks, address_says, eventually, map_drawn, map_opened

pytestmark = pytest.mark.browser
CODE, CROSS = "K202202001", "K202201001"


def opened(page: Page, site: str, query: str = "") -> None:
    map_opened(page, f"{site}/map?lang=en&{query}")
    expect(page.locator("#map-legend .class").first).to_be_visible()
    map_drawn(page)


def square(lon: float, lat: float, size: float = 0.01) -> dict[str, object]:
    ring = [[lon, lat], [lon + size, lat], [lon + size, lat + size], [lon, lat + size], [lon, lat]]
    return {"type": "Polygon", "coordinates": [ring]}


def draw_in(database: Database, code: str, lon: float = 113.61, lat: float = 34.70) -> None:
    save_boundary(database, "zhengzhou", code, square(lon, lat), status="drafted", actor="t")


def middle_of(page: Page) -> tuple[float, float]:
    return middle(page.locator("#map"))


def longitude_in(page: Page) -> float:
    """The longitude that the address says, if it does."""
    seen = re.search(r"v=([\d.]+)", page.url)
    return float(seen[1]) if seen else 0


def click_map(page: Page, right: float = 0, down: float = 0) -> None:
    x, y = middle_of(page)
    click_at(page, (x + right, y + down))


def number_in(place: Locator) -> float:
    """The first decimal number of a text."""
    found = re.search(r"([\d,]+\.\d+)", place.inner_text())
    assert found is not None, place.inner_text()
    return float(found[1].replace(",", ""))


def test_the_page_is_one_screen(page: Page, shared_site: str) -> None:
    opened(page, shared_site)
    assert page.evaluate("document.documentElement.scrollHeight") <= 900
    expect(page.locator("#map-summary")).to_contain_text("276 projects")
    expect(page.locator("#map-legend")).to_contain_text("225 projects without boundary")
    expect(page.locator("#map-legend")).to_contain_text("Zhengzhou High-Tech Zone 20")
    save_screenshot(page, "map-whole")


def test_a_click_tells_what_lies_there_and_reopens(page: Page, shared_site: str) -> None:
    opened(page, shared_site, "v=113.62,34.70,12")
    click_map(page)
    card = page.locator("#map-here")
    expect(card).to_contain_text("21 projects of Erqi District without boundary")
    expect(page).to_have_url(re.compile(r"at=113\.62\d*(%2C|,)34\.70"))
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    expect(page.locator("#map-here")).to_contain_text("21 projects of Erqi")
    expect(page.locator("#map-here").get_by_role("link", name="Show all 21")).to_have_attribute(
        "href", re.compile("district=410103.*boundary=pending")
    )


def test_a_touch_is_a_click_too(browser: Browser, shared_site: str) -> None:
    context = browser.new_context(viewport={"width": 900, "height": 800}, has_touch=True)
    page = context.new_page()
    opened(page, shared_site, "v=113.62,34.70,12")
    page.touchscreen.tap(*middle_of(page))
    expect(page.locator("#map-here")).to_contain_text("21 projects of Erqi")
    expect(page.locator("#map-panel")).to_be_visible()
    context.close()


def test_panning_changes_the_address_without_history(page: Page, shared_site: str) -> None:
    opened(page, shared_site)
    before = page.evaluate("history.length")
    x, y = middle_of(page)
    drag(page, (x, y), (x - 120, y - 60))
    eventually(page, lambda: longitude_in(page), lambda lon: lon > 113.5)
    assert page.evaluate("history.length") == before
    page.locator(".district").nth(1).click()
    expect(page.locator("#map-summary")).to_contain_text("21 projects")
    address_says(page, "district=410103")


@pytest.mark.thorough
def test_search_flies_to_the_boundary_or_to_the_district(
    page: Page, site: str, site_database: Database
) -> None:
    draw_in(site_database, CODE)
    opened(page, site)
    page.locator("#map-search").click()
    page.keyboard.type(CODE)
    page.get_by_role("option", name=re.compile(CODE)).click()
    expect(page.locator("#map-here")).to_contain_text("drafted")
    page.wait_for_url(re.compile(r"v=113\.61\d*(%2C|,)34\.70"))
    page.locator("#map-search").fill("")
    page.locator("#map-search").click()
    page.keyboard.type("一河两岸")
    expect(page.get_by_role("option").first).to_contain_text(CROSS)
    page.keyboard.press("Enter")
    expect(page.locator("#map-here")).to_contain_text("the map shows its district, not its place")
    map_drawn(page)
    save_screenshot(page, "map-pending-project")


def test_filters_hold_for_map_panel_and_boundaries(page: Page, site: str, site_database: Database) -> None:
    draw_in(site_database, CODE)
    asked: list[str] = []
    page.on(
        "request", lambda request: asked.append(request.url) if "/tiles/projects/" in request.url else None
    )
    opened(page, site, "district=410103")
    expect(page.locator("#map-summary")).to_contain_text("21 projects · 1 with boundary · 20 without")
    assert asked
    assert all("district=410103" in url for url in asked)
    page.locator(".map-rows .located .name").first.click()
    expect(page.locator("h1")).to_be_visible()
    address_says(page, f"/projects/{CODE}")


@pytest.mark.thorough
def test_measuring(page: Page, shared_site: str) -> None:
    opened(page, shared_site, "v=113.62,34.70,14")
    metres_per_pixel = 78271.517 * 0.82214 / 2**14
    page.get_by_role("button", name="Measure a length").click()
    click_map(page, -200, 0)
    click_map(page, 0, 0)
    x, y = middle_of(page)
    page.mouse.move(x + 200, y, steps=4)
    page.mouse.dblclick(x + 200, y, delay=50)
    readout = page.locator("#map-readout")
    first, second, whole = eventually(
        page, lambda: re.findall(r"([\d.]+) k?m", readout.inner_text()), lambda said: len(said) == 3
    )
    assert float(first) == pytest.approx(200 * metres_per_pixel, rel=0.01)
    assert float(second) == pytest.approx(200 * metres_per_pixel, rel=0.01)
    assert float(whole) == pytest.approx(400 * metres_per_pixel / 1000, rel=0.01)
    page.get_by_role("button", name="Measure an area").click()
    for corner in ((-100, -100), (100, -100), (100, 100), (-100, 100), (-100, -100)):
        click_map(page, *corner)
    expect(readout).to_contain_text("ha")
    hectares = readout.inner_text().split("·")[1]
    expected = (200 * metres_per_pixel) ** 2 / 1e4
    assert float(hectares.replace("ha", "").replace(",", "")) == pytest.approx(expected, rel=0.015)
    page.keyboard.press("Escape")
    expect(page.locator("#map-readout")).to_be_empty()


def switch(page: Page, layer: str) -> Locator:
    return page.locator(f"#map-layers [data-layer={layer}] input[type=checkbox]")


def test_layers_are_switched_in_the_address(page: Page, demo_site: str) -> None:
    opened(page, demo_site, "city=demo-city&layers=districts,projects&dim=projects:40")
    page.get_by_role("button", name="Layers").click()
    expect(switch(page, "projects")).to_be_checked()
    expect(switch(page, "streets")).not_to_be_checked()
    page.locator("#map-layers [data-layer=streets] .mantine-Switch-track").click()
    page.wait_for_url(re.compile("layers=[^&]*streets"))
    expect(switch(page, "streets")).to_be_checked()
    page.go_back()
    expect(switch(page, "streets")).not_to_be_checked()
    expect(page.locator("#map-legend")).not_to_contain_text("Expressway")


def draw_square(page: Page) -> None:
    for corner in ((-120, -90), (120, -90), (120, 90), (-120, 90), (-120, -90)):
        click_map(page, *corner)
    expect(page.locator("#draw-area")).to_contain_text("km²")


def test_draw_edit_undo_save_and_take_back(page: Page, site: str, site_database: Database) -> None:
    opened(page, site, f"sel={CODE}&draw=1&v=113.62,34.70,13")
    expect(page.locator(".draw-tools")).to_be_visible()
    draw_square(page)
    drawn = page.locator("#draw-area")
    area = number_in(drawn)
    page.get_by_role("button", name="Edit corners").click()
    x, y = middle_of(page)
    drag(page, (x + 120, y + 90), (x + 180, y + 120))
    larger = eventually(page, lambda: number_in(drawn), lambda now: now > area * 1.1)
    page.get_by_role("button", name="Undo").click()
    eventually(page, lambda: number_in(drawn), lambda now: now == area)
    page.get_by_role("button", name="Redo").click()
    eventually(page, lambda: number_in(drawn), lambda now: now == larger)
    save_screenshot(page, "map-drawing")
    page.locator(".draw-tools").get_by_text("surveyed").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#map-notice")).to_contain_text("is saved")
    stored = boundary(site_database, "zhengzhou", CODE)
    assert stored.status == "surveyed"
    assert stored.area_m2 is not None
    assert stored.area_m2 / 1e6 == pytest.approx(larger, rel=1e-3)
    address_lacks(page, "draw=1")
    with site_database.reading() as connection:
        actor = connection.scalar(text("SELECT actor FROM audit_log ORDER BY id DESC LIMIT 1"))
    assert actor == "web"
    page.locator("#map-notice").get_by_role("button", name="Undo").click()
    expect(page.locator("#map-notice")).to_contain_text("has no boundary")
    assert boundary(site_database, "zhengzhou", CODE).status == "pending"


def wait_until_drawn(page: Page, projects: int) -> None:
    """Wait until the map draws this many projects from its tiles."""
    page.wait_for_function(
        """count => {
            const gl = gengxinMap.gl, layers = ["projects-fill"];
            const drawn = gl.getLayer(layers[0]) ? gl.queryRenderedFeatures({layers}) : [];
            return new Set(drawn.map(one => one.id)).size === count;
        }""",
        arg=projects,
    )


@pytest.mark.thorough
def test_deleting_can_be_undone_and_the_tiles_follow(page: Page, site: str, site_database: Database) -> None:
    draw_in(site_database, CODE)
    before = boundary(site_database, "zhengzhou", CODE)
    opened(page, site, f"sel={CODE}&v=113.615,34.705,14")
    wait_until_drawn(page, 1)
    page.locator("#map-here").get_by_role("button", name="Delete").click()
    expect(page.locator("#map-here")).to_contain_text("pending")
    wait_until_drawn(page, 0)
    assert boundary(site_database, "zhengzhou", CODE).status == "pending"
    page.locator("#map-notice").get_by_role("button", name="Undo").click()
    expect(page.locator("#map-here")).to_contain_text("drafted")
    wait_until_drawn(page, 1)
    assert boundary(site_database, "zhengzhou", CODE) == before


def test_errors_block_by_name_and_warnings_ask(page: Page, site: str, site_database: Database) -> None:
    draw_in(site_database, CROSS, 113.617, 34.697)
    opened(page, site, f"sel={CODE}&draw=1&v=113.62,34.70,13")
    expect(page.locator(".draw-tools")).to_be_visible()
    for corner in ((-120, -90), (120, 90), (120, -90), (-120, 90), (-120, -90)):
        click_map(page, *corner)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#draw-problems")).to_contain_text("crosses itself")
    expect(page.get_by_role("button", name="Save anyway")).to_be_hidden()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Draw", exact=True).click()
    draw_square(page)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#draw-problems")).to_contain_text("overlaps another project")
    assert boundary(site_database, "zhengzhou", CODE).status == "pending"
    page.get_by_role("button", name="Save anyway").click()
    expect(page.locator("#map-notice")).to_contain_text("is saved")
    assert boundary(site_database, "zhengzhou", CODE).status == "drafted"


def test_escape_leaves_drawing(page: Page, shared_site: str) -> None:
    opened(page, shared_site, f"sel={CODE}&draw=1&v=113.62,34.70,13")
    expect(page.locator(".draw-tools")).to_be_visible()
    click_map(page, -50, -50)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator("#draw-hint")).to_contain_text("Drag a corner")
    page.keyboard.press("Escape")
    expect(page.locator(".draw-tools")).to_have_count(0)
    address_lacks(page, "draw=1")


@pytest.fixture
def upload_file(tmp_path: Path) -> Path:
    rows = {CODE: square(113.60, 34.68), "K202202003": square(113.64, 34.70), "K000": square(113.7, 34.7)}
    features = [
        {"type": "Feature", "properties": {"项目编号": code}, "geometry": shape}
        for code, shape in rows.items()
    ]
    path = tmp_path / "boundaries.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def test_upload_shows_every_row_and_leaves_faulty_ones_out_on_request(
    page: Page, site: str, site_database: Database, upload_file: Path
) -> None:
    opened(page, site)
    page.get_by_role("button", name="Upload boundaries").click()
    page.locator("#upload-file input[type=file]").set_input_files(upload_file)
    expect(page.locator("#upload-preview")).to_contain_text("will be set: 2 · cannot be used: 1")
    expect(page.locator("#upload-preview")).to_contain_text("unknown code")
    button = page.locator("#upload-import")
    expect(button).to_be_disabled()
    save_screenshot(page, "map-upload")
    page.get_by_text("Leave out the 1 rows that cannot be used").click()
    expect(button).to_be_enabled()
    button.click()
    expect(page.locator("#upload-preview")).to_contain_text("2 boundaries are stored")
    page.keyboard.press("Escape")
    expect(page.locator("#map-summary")).to_contain_text("2 with boundary")
    assert boundary(site_database, "zhengzhou", CODE).status == "drafted"


def test_an_upload_that_cannot_be_read_says_why(page: Page, shared_site: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.geojson"
    path.write_text('{"type": "FeatureCollection", "features": [', encoding="utf-8")
    opened(page, shared_site)
    page.get_by_role("button", name="Upload boundaries").click()
    page.locator("#upload-file input[type=file]").set_input_files(path)
    expect(page.locator("#upload-preview")).to_contain_text("not valid JSON")


def test_print_has_title_legend_source_filters_and_scale(page: Page, shared_site: str) -> None:
    opened(page, shared_site, "district=410103")
    page.emulate_media(media="print")
    title = page.locator("#map-print-title")
    expect(title).to_be_visible()
    for words in ("Zhengzhou", "Erqi", "郑建文〔2025〕45号", "Printed 20"):
        expect(title).to_contain_text(words)
    for part in ("#map-legend", "#map-scale", ".map-attribution"):
        expect(page.locator(part)).to_be_visible()
    expect(page.locator("#map-panel")).to_be_hidden()


@pytest.fixture
def without_webgl(playwright: Playwright) -> Iterator[BrowserContext]:
    started = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, "--disable-3d-apis"])
    yield started.new_context(viewport={"width": 1440, "height": 900})
    started.close()


def test_without_webgl_the_lists_remain(without_webgl: BrowserContext, shared_site: str) -> None:
    page = without_webgl.new_page()
    page.goto(f"{shared_site}/map?lang=en&district=410103")
    expect(page.locator(".map-failed")).to_contain_text("does not draw maps")
    expect(page.locator("#map-summary")).to_contain_text("21 projects")
    expect(page.locator(".map-rows li")).to_have_count(21)
    page.locator(".district").nth(0).click()
    expect(page.locator("#map-summary")).to_contain_text("26 projects")


@pytest.mark.thorough
def test_the_panel_closes_and_stays_closed(page: Page, shared_site: str) -> None:
    opened(page, shared_site)
    page.get_by_role("button", name="Close the panel").click()
    expect(page.locator("#map-panel")).to_be_hidden()
    page.reload()
    expect(page.locator("#map canvas")).to_be_visible()
    expect(page.locator("#map-panel")).to_be_hidden()
    page.get_by_role("button", name="Lists").click()
    expect(page.locator("#map-panel")).to_be_visible()


def test_a_filter_that_cannot_be_is_said_and_the_map_stays(page: Page, shared_site: str) -> None:
    page.goto(f"{shared_site}/map?lang=en&year=abcd")
    expect(page.locator("#error-notice")).to_contain_text("abcd")
    expect(page.locator("#map canvas")).to_be_visible()


def test_a_figure_that_is_none_is_said_and_the_map_stays(page: Page, shared_site: str) -> None:
    page.goto(f"{shared_site}/map?lang=en&figure=happiness&unit=district")
    expect(page.locator("#map-legend")).to_contain_text("There is no figure «happiness»")
    expect(page.locator("#map canvas")).to_be_visible()


def test_names_from_the_register_are_text_everywhere(page: Page, site: str, site_database: Database) -> None:
    draw_in(site_database, CODE)
    with site_database.writing("t") as connection:
        name = "<img src=x onerror=\"document.title='hacked'\">"
        connection.execute(text("UPDATE project SET name = :n WHERE code = :c"), {"n": name, "c": CODE})
    opened(page, site, "v=113.615,34.705,14")
    x, y = middle_of(page)
    page.mouse.move(x - 20, y)
    page.mouse.move(x, y, steps=5)
    tip = page.locator("#map-tip")
    expect(tip).to_contain_text("<img src=x")
    assert page.title() != "hacked"
