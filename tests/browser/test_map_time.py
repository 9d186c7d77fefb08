"""Time slider, two maps, embedded map and the map without WebGL, on the demo city."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import text

from data.session import Database
from tests.browser.conftest import save_screenshot
from tests.browser.pointer import drag
from tests.browser.waiting import address_lacks, address_says, at_rest, eventually, map_drawn, map_opened

pytestmark = pytest.mark.browser
CENTRES = """() => [gengxinMap.gl, gengxinMap.second].map(gl => {
    const at = gl.getCenter();
    return [at.lng.toFixed(5), at.lat.toFixed(5), gl.getZoom().toFixed(3)].join();
})"""
TOGETHER = """() => {
    const other = gengxinMap.second;
    return Boolean(other && other.loaded() && !other.isMoving());
}"""
NO_WEBGL = """const known = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
    return /webgl/.test(kind) ? null : known.call(this, kind, ...rest);
};"""
HELD = """
SELECT count(*) FROM project p JOIN city c ON c.id = p.city_id
WHERE c.slug = 'demo-city'
AND EXISTS (SELECT FROM stage_event e WHERE e.project_id = p.id AND e.on_date <= :day)
AND (p.exit_notice_id IS NULL OR EXISTS (
    SELECT FROM register_notice n WHERE n.id = p.exit_notice_id AND n.published_on > :day))
"""


def opened(page: Page, site: str, query: str = "") -> None:
    map_opened(page, f"{site}/map?city=demo-city&lang=en&{query}")


def day_in(page: Page) -> str:
    """The day that the address says, or nothing."""
    found = re.search(r"[?&]day=(\d{4}-\d\d-\d\d)", page.url)
    return found[1] if found else ""


def settled_day(page: Page) -> str:
    """The day of the slider once the address says the same."""
    track = page.get_by_role("slider", name="Day")
    return eventually(page, lambda: day_in(page), lambda day: day == track.get_attribute("aria-valuetext"))


def held_on(database: Database, day: str) -> int:
    with database.reading() as connection:
        return int(connection.scalar(text(HELD), {"day": day}) or 0)


def pull(page: Page, place: str, across: float, down: float = 0) -> None:
    box = page.locator(place).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 3
    drag(page, (x, y), (x + across, y + down))


def test_dragging_and_keys_set_the_day_and_the_numbers_are_those_of_sql(
    page: Page, demo_site: str, demo_site_database: Database
) -> None:
    opened(page, demo_site)
    page.get_by_role("button", name="Time", exact=True).click()
    track = page.get_by_role("slider", name="Day")
    pull(page, "#map-time .track", -180)
    day = settled_day(page)
    said = page.locator("#map-time-said .totals")
    expect(said).to_contain_text(f"{day} {held_on(demo_site_database, day)} projects")
    expect(page.locator("#map-summary")).to_contain_text(f"{held_on(demo_site_database, day)} projects")
    counts = page.locator("#map-time-said .stages b")
    held = held_on(demo_site_database, day)
    eventually(page, lambda: sum(map(int, counts.all_inner_texts())), lambda count: count == held)
    before = page.evaluate("history.length")
    track.press("ArrowRight")
    later = eventually(page, lambda: day_in(page), lambda now: now > day)
    expect(said).to_contain_text(f"{held_on(demo_site_database, later)} projects")
    assert page.evaluate("history.length") == before
    track.press("PageDown")
    eventually(page, lambda: day_in(page)[:4], lambda year: year == str(int(later[:4]) - 1))
    save_screenshot(page, "map-time")
    page.get_by_role("button", name="today").first.click()
    address_lacks(page, "day=")


@pytest.mark.thorough
def test_playing_moves_on_and_stops(page: Page, demo_site: str) -> None:
    opened(page, demo_site, "day=2023-06-30")
    track = page.get_by_role("slider", name="Day")
    expect(track).to_have_attribute("aria-valuetext", "2023-06-30")
    track.press(" ")
    eventually(page, lambda: day_in(page), lambda now: now > "2023-07")
    track.press(" ")
    stopped = settled_day(page)
    page.wait_for_timeout(2500)
    assert day_in(page) == stopped


def test_without_stage_dates_the_slider_follows_the_entry_year(page: Page, shared_site: str) -> None:
    page.goto(f"{shared_site}/map?city=zhengzhou&lang=en&time=day")
    track = page.get_by_role("slider", name="Entry year")
    expect(page.locator("#map-time")).to_contain_text("supplies no stage dates")
    track.press("ArrowLeft")
    expect(page.locator("#map-summary")).to_contain_text("246 projects")


@pytest.mark.thorough
def test_two_maps_move_together(page: Page, demo_site: str) -> None:
    opened(page, demo_site)
    page.get_by_role("button", name="Two maps side by side").click()
    expect(page.locator("#map-second canvas")).to_be_visible()
    page.wait_for_function(TOGETHER)
    seen = [page.evaluate(CENTRES)[0]]
    for place in ("#map-second-canvas", "#map-canvas"):
        pull(page, place, 70, 50)
        eventually(
            page,
            lambda: page.evaluate(CENTRES),
            lambda centres: centres[0] == centres[1] and centres[0] not in seen,
        )
        map_drawn(page)
        seen.append(page.evaluate(CENTRES)[0])
    assert len(set(seen)) == 3
    expect(page.locator("#map-second-caption")).to_contain_text("today")
    save_screenshot(page, "map-two")
    page.locator("#map-second-canvas").click(position={"x": 60, "y": 300})
    expect(page.locator("#map-here")).not_to_be_empty()
    page.get_by_role("button", name="Close the second map").click()
    expect(page.locator("#map-second")).to_be_hidden()
    address_lacks(page, "compare")


def test_two_figures_stand_side_by_side(page: Page, demo_site: str) -> None:
    opened(page, demo_site, "layers=districts&figure=investment&unit=district&compare=figure:population")
    expect(page.locator("#map-legend")).to_contain_text("Investment, CNY 100 M")
    expect(page.locator("#map-second-legend")).to_contain_text("Population")
    page.locator("#map-second-caption select").select_option(label="Floor area ratio, gross")
    expect(page.locator("#map-second-legend")).to_contain_text("Floor area ratio, gross")
    expect(page.locator("#map-legend")).to_contain_text("Investment, CNY 100 M")
    expect(page).to_have_url(re.compile(r"compare=figure(%3A|:)floor_area_ratio"))


def test_the_embedded_map_stands_alone_and_names_its_source(page: Page, demo_site: str) -> None:
    opened(page, demo_site, "embed=1")
    for shell in ("#header", "#map-panel", ".map-filters"):
        expect(page.locator(shell)).to_be_hidden()
    expect(page.locator(".map-embed-title")).to_contain_text("synthetic data")
    expect(page.locator(".map-attribution")).to_contain_text("SYNTHETIC")
    link = page.get_by_role("link", name="Open the full view")
    expect(link).to_have_attribute("href", re.compile(r"^(?!.*embed).*/map\?"))


def test_the_lines_to_embed_hold_the_view(page: Page, demo_site: str) -> None:
    opened(page, demo_site, "by=type")
    page.get_by_role("button", name="Embed in a web page").click()
    expect(page.locator("#map-embed-lines")).to_have_value(
        re.compile(r'<iframe src="http://[^"]+/map\?city=demo-city[^"]*by=type[^"]*embed=1"')
    )


def test_without_webgl_a_plain_map_answers_clicks(
    context: BrowserContext, page: Page, demo_site: str
) -> None:
    page.add_init_script(NO_WEBGL)
    page.goto(f"{demo_site}/map?city=demo-city&lang=en")
    expect(page.get_by_role("alert").filter(has_text="WebGL 2 is off")).to_be_visible()
    expect(page.locator("#plain-map canvas")).to_be_visible()
    at_rest(page)
    page.locator("#plain-map").click()
    expect(page.locator("#map-here")).to_contain_text("District")
    address_says(page, "at=")
    save_screenshot(page, "map-plain")
