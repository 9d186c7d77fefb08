"""What the map says of walking, by real clicks, is what the service says; and a facility is flown to."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from app.services import cities
from app.services.map.walking import Walk, around, around_project
from data import codes
from data.session import Database
from tests.app import lattice
from tests.app.small_city import lon_lat
from tests.browser.conftest import save_screenshot
from tests.browser.pointer import click_at, middle
from tests.browser.waiting import address_lacks, address_says, map_opened

pytestmark = pytest.mark.browser
DRAWN = """(wanted) => {
    const gl = gengxinMap.gl, there = gl.getLayer('walk-fill');
    const drawn = there ? gl.queryRenderedFeatures({ layers: ['walk-fill'] }) : [];
    const found = drawn.map(feature => feature.properties.minutes);
    return [...new Set(found)].sort((a, b) => a - b).join(',') === wanted;
}"""


def build_town(database: Database) -> None:
    """The lattice town."""
    lattice.build(database)


def opened(page: Page, site: str, query: str, language: str = "en", width: int = 1100) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    map_opened(page, f"{site}/map?city=lattice&lang={language}&{query}")


def click_middle(page: Page) -> tuple[float, float]:
    click_at(page, middle(page.locator("#map")))
    page.wait_for_url(re.compile(r"[?&]at="))
    found = re.search(r"[?&]at=([\d.]+)(?:%2C|,)([\d.]+)", page.url)
    assert found is not None
    return float(found[1]), float(found[2])


def on_foot(page: Page) -> Locator:
    return page.locator("#map-here [data-part='on-foot']")


def expect_lists(page: Page, found: Walk) -> None:
    """The lists say what the service says: classes, distances, counts, in its order."""
    rows = on_foot(page).locator("tbody tr")
    expect(rows).to_have_count(len(found.nearest))
    for place, row in enumerate(found.nearest.itertuples()):
        kind = codes.FACILITY_CATEGORIES[str(row.category)].en
        expect(rows.nth(place).locator(".fly")).to_have_text(kind)
        known = row.metres == row.metres
        words = f"{row.metres:,.0f} m · {row.minutes:.1f} min" if known else "no way"
        expect(rows.nth(place).locator("th")).to_contain_text(words)
        counts = [str(row.within_5), str(row.within_10), str(row.within_15)]
        expect(rows.nth(place).locator("td")).to_have_text(counts)
    listed = on_foot(page).locator(".by-distance .way")
    expect(listed).to_have_text([re.compile(re.escape(str(name))) for name in found.facilities["name"]])


def test_a_clicked_place_says_what_is_reached_on_foot_and_draws_it(
    page: Page, town: tuple[str, Database]
) -> None:
    site, database = town
    lon, lat = lon_lat(database, 330, 310)
    opened(page, site, f"v={lon:.6f},{lat:.6f},14.4")
    place = click_middle(page)
    switch = on_foot(page).get_by_role("switch")
    expect(switch).to_have_attribute("aria-checked", "false")
    expect(on_foot(page).locator("table")).to_have_count(0)
    switch.focus()
    page.keyboard.press("Space")
    page.wait_for_url(re.compile(r"[?&]walk=1"))
    expect(on_foot(page).get_by_role("switch")).to_have_attribute("aria-checked", "true")
    expect(on_foot(page).get_by_role("switch")).to_be_focused()
    found = around(database, cities.choose(database, "lattice"), *place)
    expect_lists(page, found)
    expect(page.locator("#map-legend")).to_contain_text("On foot at 60 m/min")
    expect(page.locator("#map-legend")).to_contain_text("15 min · 900 m")
    page.wait_for_function(DRAWN, arg="5,10,15")
    save_screenshot(page, "walking")
    page.reload()
    expect_lists(page, found)
    on_foot(page).get_by_role("switch").click()
    page.wait_for_function(DRAWN, arg="")
    expect(page.locator("#map-legend")).not_to_contain_text("On foot")
    address_lacks(page, "walk=1")


def test_the_walking_speed_is_chosen_kept_in_the_address_and_said(
    page: Page, town: tuple[str, Database]
) -> None:
    site, database = town
    city = cities.choose(database, "lattice")
    lon, lat = (round(degrees, 5) for degrees in lon_lat(database, 330, 310))
    opened(page, site, f"v={lon:.6f},{lat:.6f},14.4&at={lon:.5f},{lat:.5f},14&walk=1")
    speed = page.get_by_label("Walking speed in metres a minute")
    expect(speed).to_have_value("60")
    speed.fill("80")
    speed.press("Enter")
    page.wait_for_url(re.compile(r"[?&]speed=80"))
    expect(page.locator("#map-legend")).to_contain_text("On foot at 80 m/min (4.8 km/h)")
    expect(page.locator("#map-legend")).to_contain_text("15 min · 1,200 m")
    expect_lists(page, around(database, city, lon, lat, speed=80.0))
    speed = page.get_by_label("Walking speed in metres a minute")
    speed.fill("900")
    speed.press("Enter")
    page.wait_for_url(re.compile(r"[?&]speed=900"))
    expect(on_foot(page)).to_contain_text("The walking speed cannot be «900».")
    page.go_back()
    expect(page.get_by_label("Walking speed in metres a minute")).to_have_value("80")
    page.get_by_role("button", name="Usual: 60").click()
    page.wait_for_url(re.compile(r"^(?!.*speed=)"))
    expect_lists(page, around(database, city, lon, lat))
    opened(page, site, f"v={lon:.6f},{lat:.6f},14.4&at={lon:.5f},{lat:.5f},14&walk=1&speed=quick")
    expect(on_foot(page)).to_contain_text("The walking speed cannot be «quick».")
    expect(page.locator("#map-legend")).to_contain_text("On foot at 60 m/min")


def test_a_facility_of_the_list_is_flown_to_by_click_and_by_key(
    page: Page, town: tuple[str, Database]
) -> None:
    site, database = town
    lon, lat = lon_lat(database, 330, 310)
    opened(page, site, f"v={lon:.6f},{lat:.6f},14.4&at={lon:.5f},{lat:.5f},14&walk=1")
    found = around(database, cities.choose(database, "lattice"), round(lon, 5), round(lat, 5))
    buttons = on_foot(page).locator("tbody .fly")
    expect(buttons).to_have_count(len(found.nearest))
    for position, act in ((0, "click"), (1, "Enter")):
        target = found.nearest.iloc[position]
        if act == "click":
            buttons.nth(position).click()
        else:
            buttons.nth(position).focus()
            page.keyboard.press(act)
        page.wait_for_function(
            "([lon, lat]) => { const at = gengxinMap.gl.getCenter();"
            " return Math.hypot(at.lng - lon, at.lat - lat) < 1e-5 && gengxinMap.gl.getZoom() >= 16; }",
            arg=[float(target["lon"]), float(target["lat"])],
        )
        page.wait_for_function("() => gengxinMap.gl.getSource('overlay-flown')")
    address_says(page, "at=")
    expect(buttons).to_have_count(len(found.nearest))


def test_what_cannot_be_reached_is_said(page: Page, town: tuple[str, Database], shared_site: str) -> None:
    site, database = town
    lon, lat = lon_lat(database, 1300, 500)
    opened(page, site, f"v={lon:.6f},{lat:.6f},15&at={lon:.5f},{lat:.5f},15&walk=1")
    expect(on_foot(page)).to_contain_text("There is no street within 100 m")
    expect(on_foot(page).locator("table")).to_have_count(0)
    page.goto(f"{shared_site}/map?city=zhengzhou&lang=en&at=113.65,34.76,12&walk=1")
    expect(on_foot(page)).to_contain_text("The streets of this city are not supplied")


def test_a_project_says_what_lies_around_it_and_how_its_land_is(
    page: Page, town: tuple[str, Database]
) -> None:
    site, database = town
    opened(page, site, "sel=K1")
    expect_lists(page, around_project(database, cities.choose(database, "lattice"), "K1"))
    rows = page.locator("[data-part='land'] tbody tr")
    said = {
        "Floor area ratio": ["0.31", "0.31", "0.50"],
        "Building coverage": ["6.2", "not supplied", "not supplied"],
        "Population density": ["100,000", "not supplied", "10,000"],
        "Green land ratio": ["not supplied"] * 3,
    }
    for name, values in said.items():
        expect(rows.filter(has_text=name).locator("td")).to_have_text(values)
    page.wait_for_function(DRAWN, arg="")
    on_foot(page).get_by_role("switch", name="Isochrones").click()
    page.wait_for_function(DRAWN, arg="5,10,15")
    save_screenshot(page, "walking-project")
    page.goto(f"{site}/projects/K1?city=lattice&lang=en")
    expect(page.locator("[data-part='on-foot'] tbody tr")).to_have_count(
        len(around_project(database, cities.choose(database, "lattice"), "K1").nearest)
    )
    expect(page.locator("[data-part='on-foot'] button")).to_have_count(0)
