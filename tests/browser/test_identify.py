"""A click on the demo city, from the map to a project and back, and what is said compared with SQL."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Row, text

from data import codes
from data.session import Database
from tests.browser.conftest import save_screenshot
from tests.browser.pointer import click_at, middle
from tests.browser.waiting import address_lacks, map_opened

pytestmark = pytest.mark.browser
HERE = "ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)"
TABLES = {"zoning": "zoning", "constraints": "constraint_area", "parcels": "parcel", "buildings": "building"}


def asked(database: Database, query: str, **values: object) -> list[Row[Any]]:
    with database.reading() as connection:
        return list(connection.execute(text(query), values).all())


@pytest.fixture
def spot(demo_site_database: Database) -> Row[Any]:
    """A building in a surveyed project that is also zoned: where most layers lie one over the other."""
    query = """
        SELECT ST_X(p) AS lon, ST_Y(p) AS lat, code, name_en FROM (
            SELECT ST_PointOnSurface(b.shape) AS p, j.code, j.name_en FROM building b
            JOIN project j ON ST_Covers(j.boundary, b.shape) AND j.boundary_status = 'surveyed'
            JOIN zoning z ON ST_Covers(z.shape, b.shape) AND z.floor_area_ratio IS NOT NULL
            WHERE j.stage IS NOT NULL ORDER BY j.code, b.id LIMIT 1) t
    """
    (found,) = asked(demo_site_database, query)
    return found


def opened(page: Page, site: str, query: str, language: str = "en", width: int = 1100) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    map_opened(page, f"{site}/map?city=demo-city&lang={language}&{query}")


def click(page: Page, place: str = "#map") -> None:
    click_at(page, middle(page.locator(place)))


def group(page: Page, layer: str) -> Locator:
    return page.locator(f"#map-here [data-layer='{layer}']")


def part(page: Page, name: str) -> Locator:
    return page.locator(f"[data-part='{name}']")


def clicked_at(page: Page) -> dict[str, float]:
    page.wait_for_url(re.compile(r"[?&]at="))
    found = re.search(r"[?&]at=([\d.]+)(?:%2C|,)([\d.]+)", page.url)
    assert found is not None
    return {"lon": float(found[1]), "lat": float(found[2])}


def test_every_layer_under_a_click_is_told_as_it_is_stored(
    page: Page, demo_site: str, demo_site_database: Database, spot: Row[Any]
) -> None:
    opened(page, demo_site, f"v={spot.lon:.6f},{spot.lat:.6f},18.5&layers=districts,buildings,projects")
    click(page)
    place = clicked_at(page)
    expect(group(page, "buildings")).to_be_visible()
    for layer, table in TABLES.items():
        codes_here = asked(
            demo_site_database,
            f"SELECT code FROM {table} WHERE ST_Covers(shape, {HERE}) ORDER BY code",
            **place,
        )
        expect(group(page, layer).locator(".here-item")).to_have_count(len(codes_here))
        for row in codes_here:
            expect(group(page, layer)).to_contain_text(row.code)
    (building,) = asked(
        demo_site_database,
        f"""SELECT floors, year_built, ST_Area(ST_Transform(shape, 4547)) AS area FROM building
        WHERE ST_Covers(shape, {HERE})""",
        **place,
    )
    for words in (f"Floors{building.floors}", f"Built in{building.year_built}", f"{building.area:,.0f} m²"):
        expect(group(page, "buildings")).to_contain_text(words)
    projects = asked(
        demo_site_database,
        f"SELECT name_en FROM project WHERE ST_Covers(boundary, {HERE}) ORDER BY ST_Area(boundary), code",
        **place,
    )
    expect(group(page, "projects").locator(".name")).to_have_text([row.name_en for row in projects])
    order = page.locator("#map-here [data-layer]").evaluate_all("all => all.map(one => one.dataset.layer)")
    assert order[:3] == ["districts", "projects", "buildings"], "what the map shows comes first"
    save_screenshot(page, "identify-demo")


def test_from_a_click_to_the_project_its_page_and_back(
    page: Page, demo_site: str, demo_site_database: Database, spot: Row[Any]
) -> None:
    opened(page, demo_site, f"v={spot.lon:.6f},{spot.lat:.6f},18.5")
    click(page)
    group(page, "projects").get_by_role("button", name=f"Show on the map: {spot.name_en}").click()
    expect(page.locator("#map-here h2").first).to_have_text(spot.code)
    (stored,) = asked(
        demo_site_database,
        """SELECT stage, ST_Area(ST_Transform(boundary, 4547)) AS area, total_investment,
        (SELECT sum(amount) FROM investment i WHERE i.project_id = p.id AND kind = 'planned'
            AND source <> 'register') AS planned,
        (SELECT count(*) FROM project n WHERE n.id <> p.id AND n.exit_notice_id IS NULL
            AND n.city_id = p.city_id AND ST_Distance(
                ST_Transform(n.boundary, 4547), ST_Transform(p.boundary, 4547)) <= 200) AS near
        FROM project p WHERE code = :code""",
        code=spot.code,
    )
    expect(part(page, "ladder").locator("[aria-current=step] .stage")).to_have_text(
        codes.STAGES[stored.stage].en
    )
    expect(page.locator(".project-card .facts").first).to_contain_text(f"{stored.area / 1e4:,.2f} ha")
    expect(part(page, "money").locator("tr.sum td").first).to_have_text(f"{stored.planned / 10**8:,.2f}")
    expect(part(page, "nearby").locator("summary")).to_contain_text(f"{min(stored.near, 30)} within 200 m")
    page.locator("#map-here .to-page").click()
    page.wait_for_url(f"**/projects/{spot.code}?**")
    expect(page.locator("h1")).to_have_text(spot.name_en)
    expect(part(page, "money").locator("tr.sum td").first).to_have_text(f"{stored.planned / 10**8:,.2f}")
    page.go_back()
    expect(page.locator("#map-here h2").first).to_have_text(spot.code)


@pytest.mark.thorough
def test_a_click_on_the_second_map_tells_its_own_day(
    page: Page, demo_site: str, demo_site_database: Database
) -> None:
    (young,) = asked(
        demo_site_database,
        """SELECT p.name_en, min(e.on_date) - 30 AS before, ST_X(ST_PointOnSurface(boundary)) AS lon,
            ST_Y(ST_PointOnSurface(boundary)) AS lat
        FROM project p JOIN stage_event e ON e.project_id = p.id
        WHERE boundary IS NOT NULL AND exit_notice_id IS NULL
        GROUP BY p.id ORDER BY min(e.on_date) DESC LIMIT 1""",
    )
    view = f"v={young.lon:.6f},{young.lat:.6f},17&day={young.before}&compare=day:today"
    opened(page, demo_site, view)
    page.wait_for_function("() => gengxinMap.second && gengxinMap.second.loaded()")
    click(page, "#map-second-canvas")
    page.wait_for_url(re.compile(r"at=[^&]*(%2C|,)2(&|$)"))
    expect(group(page, "projects")).to_contain_text(young.name_en)
    click(page, "#map-canvas")
    expect(page).not_to_have_url(re.compile(r"at=[^&]*(%2C|,)2(&|$)"))
    expect(page.locator("#map-here .map-heading .muted").first).to_have_text(str(young.before))
    expect(page.locator("#map-here")).not_to_contain_text(young.name_en)


@pytest.mark.thorough
def test_the_keyboard_asks_and_closes_and_a_narrow_page_shows_the_answer(
    page: Page, demo_site: str, spot: Row[Any]
) -> None:
    opened(page, demo_site, f"v={spot.lon:.6f},{spot.lat:.6f},18.5", width=900)
    expect(page.locator("#map-panel")).to_be_hidden()
    page.locator("#map-canvas canvas.maplibregl-canvas").focus()
    page.keyboard.press("Enter")
    expect(group(page, "buildings")).to_be_visible()
    address_lacks(page, "sel=")
    page.keyboard.press("Escape")
    expect(page.locator("#map-here > *")).to_have_count(0)
    opened(page, demo_site, f"sel={spot.code}", width=900)
    expect(part(page, "ladder")).to_be_visible()
    save_screenshot(page, "project-panel-narrow")


@pytest.mark.thorough
def test_the_panel_says_the_stage_of_the_maps_day(
    page: Page, demo_site: str, demo_site_database: Database
) -> None:
    (moved,) = asked(
        demo_site_database,
        """SELECT p.code, e.stage, e.on_date FROM project p JOIN stage_event e ON e.project_id = p.id
        WHERE p.stage = 'operation' AND e.stage = 'scheme' ORDER BY p.code LIMIT 1""",
    )
    opened(page, demo_site, f"sel={moved.code}&day={moved.on_date}", "zh_CN")
    expect(page.locator(".project-card")).to_contain_text(codes.STAGES["scheme"].zh)
    expect(page.locator(".project-card .how").first).to_contain_text(str(moved.on_date))
    expect(part(page, "ladder").locator("[aria-current=step] .stage")).to_have_text(
        codes.STAGES["operation"].zh
    )
