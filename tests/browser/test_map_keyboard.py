"""The map by keyboard alone, for readers of screens, without motion, and 900 px wide."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import save_screenshot
from tests.browser.waiting import at_rest, eventually, map_drawn, map_opened

pytestmark = pytest.mark.browser
SERIOUS = {"serious", "critical"}
OPENED = {
    '[data-map-tool="layers"]': "#map-layers",
    '[data-map-tool="select-box"]': "#map-select",
    '[data-map-tool="bookmarks"]': "#map-bookmarks",
    '[data-time="open"]': "#map-time",
    '[data-map-table="toggle"]': "#map-table",
    '[data-embed="open"]': "#map-embed",
    '[data-map-tool="print"]': "#map-print",
}
COVERED = """() => Array.from(document.querySelectorAll(".map-toolbar button")).filter((button) => {
    const box = button.getBoundingClientRect();
    const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return !(top && button.contains(top));
}).map((button) => button.title)"""
LOOK = """() => {
    window.looks = (one) => [one, one.nextElementSibling, one.closest(".mantine-Input-wrapper > *"),
        one.closest(".mantine-Slider-thumb")].filter(Boolean).map((part) => {
            const style = getComputedStyle(part);
            return [style.outline, style.borderColor, style.boxShadow].join();
        }).join();
    window.before = new Map();
    document.querySelectorAll("#map-page :is(a, button, input, canvas, summary, [tabindex])").forEach(
        (one) => window.before.set(one, window.looks(one)));
}"""
STOP = """() => {
    const one = document.activeElement;
    const plain = one === document.body || !window.before.has(one) || one.matches(".map-panel, .map-table");
    const shows = plain || window.before.get(one) !== window.looks(one);
    return [one.tagName, one.id, shows, one.outerHTML.slice(0, 90)];
}"""


def opened(page: Page, site: str, query: str = "") -> None:
    map_opened(page, f"{site}/map?city=demo-city&lang=en&{query}")
    expect(page.locator("#map-legend .class").first).to_be_visible()
    map_drawn(page)


def by_key(page: Page, selector: str) -> Locator:
    tool = page.locator(f".map-toolbar {selector}")
    tool.focus()
    page.keyboard.press("Enter")
    return tool


@pytest.mark.thorough
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_serious_fault_with_table_palette_time_and_two_maps(
    page: Page, demo_site: str, theme: str
) -> None:
    page.context.add_cookies([{"name": "gengxin_theme", "value": theme, "url": demo_site}])
    opened(page, demo_site, "view=table&time=day&compare=day:today&day=2025-01-01")
    expect(page.locator("#map-table tbody tr").first).to_be_visible()
    by_key(page, '[data-map-tool="layers"]')
    expect(page.locator("#map-layers")).to_be_visible()
    at_rest(page)
    faults = Axe().run(page).response["violations"]
    assert [(f["id"], f["nodes"][0]["html"]) for f in faults if f["impact"] in SERIOUS] == []


@pytest.mark.thorough
def test_tab_reaches_every_tool_and_shows_where_it_is(page: Page, demo_site: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    opened(page, demo_site, "view=table&rows=units&panel=0")
    expect(page.locator("#map-table tbody tr").first).to_be_visible()
    page.evaluate(LOOK)
    stops = []
    for _step in range(150):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(STOP))
        if stops[-1][0] == "BODY":
            break
    assert stops[-1][0] == "BODY", "a trap"
    assert [html for _tag, _id, shows, html in stops if not shows] == []
    reached = "".join(html for *_rest, html in stops)
    tools = page.locator(".map-toolbar button").count()
    assert reached.count('class="tool') >= tools
    assert "maplibregl-canvas" in reached
    assert 'class="sort"' in reached


@pytest.mark.thorough
def test_escape_closes_what_a_tool_opened_and_gives_the_focus_back(page: Page, demo_site: str) -> None:
    opened(page, demo_site)
    for selector, box in OPENED.items():
        tool = by_key(page, selector)
        expect(page.locator(box)).to_be_visible()
        at_rest(page)
        page.keyboard.press("Escape")
        expect(page.locator(box)).to_be_hidden()
        expect(tool).to_be_focused()


@pytest.mark.thorough
def test_arrows_move_the_map_and_enter_asks_what_lies_in_its_middle(page: Page, demo_site: str) -> None:
    opened(page, demo_site)
    page.locator("button.skip").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#map-canvas canvas.maplibregl-canvas")).to_be_focused()
    before = page.evaluate("window.gengxinMap.gl.getCenter().toArray()")
    page.keyboard.press("ArrowRight")
    where = "window.gengxinMap.gl.getCenter().toArray()"
    eventually(page, lambda: page.evaluate(where), lambda now: now[0] > before[0])
    map_drawn(page)
    after = page.evaluate(where)
    assert after[1] == pytest.approx(before[1], abs=1e-4)
    page.keyboard.press("Enter")
    expect(page.locator("#map-here .map-card").first).to_be_visible()


def test_nothing_glides_for_readers_who_ask_for_less_motion(browser: Browser, demo_site: str) -> None:
    context = browser.new_context(reduced_motion="reduce", viewport={"width": 1200, "height": 800})
    page = context.new_page()
    opened(page, demo_site)
    zoom, after, moving = page.evaluate("""() => {
        const gl = window.gengxinMap.gl, zoom = gl.getZoom();
        document.querySelector('[data-map-tool="in"]').click();
        return [zoom, gl.getZoom(), gl.isMoving()];
    }""")
    context.close()
    assert after == pytest.approx(zoom + 1)
    assert not moving


@pytest.mark.thorough
@pytest.mark.parametrize("query", ["", "view=table", "compare=day:today&day=2025-01-01", "time=day"])
def test_no_tool_is_covered_or_cut_off_at_900_px(page: Page, demo_site: str, query: str) -> None:
    page.set_viewport_size({"width": 900, "height": 800})
    opened(page, demo_site, query)
    at_rest(page)
    save_screenshot(page, f"map-900-{query.partition('=')[0] or 'plain'}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 900
    assert page.evaluate(COVERED) == []
