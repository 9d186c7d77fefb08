"""The search box and the bookmarks of the map, by keys, on the demo city."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from sqlalchemy import text

from data.session import Database
from gis.datum import wgs84_from_gcj02
from tests.browser.conftest import save_screenshot
from tests.browser.waiting import eventually, map_drawn, map_opened

pytestmark = pytest.mark.browser
ANSWERS = "**/_dash-update-component*"
CITY = "(SELECT id FROM city WHERE slug = 'demo-city')"


def opened(page: Page, site: str, query: str = "lang=en") -> None:
    map_opened(page, f"{site}/map?city=demo-city&{query}")


def offers(page: Page, words: str) -> Locator:
    """Type words into the box; the offers that are shown."""
    box = page.get_by_role("textbox", name=re.compile("coordinates|坐标"))
    box.fill("")
    box.press_sequentially(words, delay=15)
    return page.locator(".map-search-box [role=option]:visible, [id^=mantine] [role=option]:visible")


def centre(page: Page) -> list[float]:
    found: list[float] = page.evaluate("[gengxinMap.gl.getCenter().lng, gengxinMap.gl.getCenter().lat]")
    return found


def centre_comes_to(page: Page, lon: float, lat: float, within: float) -> None:
    """Wait until the map has flown there."""
    there = pytest.approx([lon, lat], abs=within)
    eventually(page, lambda: centre(page), lambda at: at == there)


def one(database: Database, query: str) -> str:
    with database.reading() as connection:
        return str(connection.scalar(text(query)))


@pytest.mark.thorough
def test_projects_are_found_by_code_and_by_name_in_both_languages(
    page: Page, demo_site: str, demo_site_database: Database
) -> None:
    named = f"FROM project WHERE city_id = {CITY} AND exit_notice_id IS NULL AND boundary IS NOT NULL"
    code = one(demo_site_database, f"SELECT code {named} ORDER BY total_investment DESC NULLS LAST LIMIT 1")
    chinese, english = (
        one(demo_site_database, f"SELECT {name} FROM project WHERE city_id = {CITY} AND code = '{code}'")
        for name in ("name", "name_en")
    )
    opened(page, demo_site)
    for words in (code.lower(), chinese, english):
        expect(offers(page, words).filter(has_text=code)).to_have_count(1)
    offers(page, code)
    page.keyboard.press("Enter")
    expect(page.locator("#map-here")).to_contain_text(code)
    page.wait_for_url(re.compile(f"sel={code}"))
    opened(page, demo_site, "lang=zh_CN")
    expect(offers(page, code).first).to_contain_text(chinese)


def test_enter_waits_for_the_offers_of_all_that_was_typed(page: Page, shared_site: str) -> None:
    page.goto(f"{shared_site}/map?lang=en")
    map_drawn(page)
    expect(offers(page, "K20230")).not_to_have_count(0)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(ANSWERS, hold)
    page.keyboard.type("7002")
    page.keyboard.press("Enter")
    eventually(page, lambda: len(held), bool)
    expect(page.locator("#map-here")).to_be_empty()
    page.route(ANSWERS, lambda route: route.continue_())
    for route in held:
        route.continue_()
    expect(page.locator("#map-here")).to_contain_text("K202307002")


@pytest.mark.thorough
def test_arrows_and_enter_lead_to_a_district_a_school_and_a_street(
    page: Page, demo_site: str, demo_site_database: Database
) -> None:
    opened(page, demo_site)
    found = offers(page, "Linjiang")
    expect(found.first).to_contain_text("Linjiang District · 990102")
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "Enter"):
        page.keyboard.press(key)
    inside = "SELECT ST_Covers(ST_Envelope(boundary), ST_Point({}, {}, 4326)) FROM district"
    asked = f"{inside} WHERE code = '990102' AND city_id = {CITY}"
    eventually(page, lambda: one(demo_site_database, asked.format(*centre(page))) == "True", bool)
    offers(page, "990103")
    expect(found).to_have_count(1)
    school = one(
        demo_site_database,
        f"SELECT name FROM facility WHERE city_id = {CITY} AND category = 'primary_school' ORDER BY name",
    )
    expect(offers(page, school).first).to_contain_text("Primary school")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("at="))
    street = one(demo_site_database, f"SELECT name FROM street_edge WHERE city_id = {CITY} ORDER BY name")
    expect(offers(page, street).first).to_contain_text(re.compile(rf"{street} · [\d.]+ km"))
    offers(page, "no such thing")
    expect(page.locator(".map-search-box")).to_contain_text("Nothing is called so")


@pytest.mark.thorough
def test_coordinates_lead_to_their_place(page: Page, demo_site: str) -> None:
    opened(page, demo_site)
    for words in ("33.4011N 114.3012E", "33°24'3.96\"N, 114°18'4.32\"E", "114.3012, 33.4011"):
        expect(offers(page, words).first).to_have_text("114.301200, 33.401100")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"at=114\.3012(%2C|,)33\.4011"))
    centre_comes_to(page, 114.3012, 33.4011, within=1e-4)


@pytest.mark.thorough
def test_coordinates_of_a_shifted_map_are_offered_too(page: Page, demo_site: str) -> None:
    opened(page, demo_site)
    found = offers(page, "114.3012 33.4011")
    expect(found).to_have_count(3)
    expect(found.nth(1)).to_contain_text("read as GCJ-02")
    found.nth(1).click()
    page.wait_for_url(re.compile("at="))
    lon, lat = wgs84_from_gcj02(114.3012, 33.4011)
    centre_comes_to(page, float(lon), float(lat), within=1e-4)
    map_drawn(page)
    save_screenshot(page, "map-search")


@pytest.mark.thorough
def test_bookmarks_are_kept_renamed_opened_and_deleted(page: Page, demo_site: str) -> None:
    opened(page, demo_site, "lang=en&stage=construction&v=114.30000,33.40000,14.00")
    page.keyboard.press("b")
    expect(page.locator("#bookmark-name")).to_be_focused()
    page.keyboard.type("<b>Sites</b> 工地")
    page.keyboard.press("Enter")
    listed = page.locator("#bookmark-list")
    expect(listed.get_by_role("link", name="<b>Sites</b> 工地")).to_be_visible()
    expect(page.locator("#bookmark-name")).to_have_value("")
    opened(page, demo_site)
    page.keyboard.press("b")
    listed.get_by_role("button", name="Rename").click()
    page.keyboard.type("In construction")
    page.keyboard.press("Enter")
    listed.get_by_role("link", name="In construction").click()
    page.wait_for_url(re.compile("stage=construction"))
    map_drawn(page)
    centre_comes_to(page, 114.3, 33.4, within=1e-3)
    page.keyboard.press("b")
    save_screenshot(page, "map-bookmarks")
    listed.get_by_role("button", name="Delete").click()
    expect(listed).to_be_empty()
    opened(page, demo_site)
    page.keyboard.press("b")
    expect(page.locator("#bookmark-none")).to_be_visible()


@pytest.mark.thorough
def test_bookmarks_of_a_file_never_lead_elsewhere(page: Page, demo_site: str) -> None:
    opened(page, demo_site)
    page.keyboard.press("b")
    given = """{"bookmarks": [{"name": "bad", "address": "javascript:alert(1)"},
    {"name": "worse", "address": "//elsewhere.example/map"},
    {"name": "good", "address": "/map?city=demo-city"}]}"""
    with page.expect_file_chooser() as chooser:
        page.locator("#map-bookmarks").get_by_role("button", name="Import").click()
    chooser.value.set_files(
        files=[{"name": "b.json", "mimeType": "application/json", "buffer": given.encode()}]
    )
    expect(page.locator("#bookmark-said")).to_have_text("Bookmarks imported: 1")
    expect(page.locator("#bookmark-list a")).to_have_text(["good"])
