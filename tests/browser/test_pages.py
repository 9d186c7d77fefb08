"""Each page in both languages: no console error, no failed request, no serious accessibility fault."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import save_screenshot
from tests.browser.waiting import address_says, at_rest

PAGES = {
    "overview": "/",
    "map": "/map",
    "pipeline": "/pipeline",
    "investment": "/investment",
    "indicators": "/indicators",
    "projects": "/projects",
    "project": "/projects/K202201001",
    "notices": "/notices",
}
SERIOUS = {"serious", "critical"}


def opened(page: Page, site: str, path: str, **params: str) -> None:
    query = "&".join(f"{name}={value}" for name, value in params.items())
    page.goto(f"{site}{path}?{query}")
    expect(page.locator("h1").first).to_be_visible()
    at_rest(page)


@pytest.mark.browser
@pytest.mark.parametrize("language", ["zh_CN", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_page_opens_without_any_fault(page: Page, shared_site: str, name: str, language: str) -> None:
    opened(page, shared_site, PAGES[name], lang=language)
    save_screenshot(page, f"{name}-{language}")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN" if language == "zh_CN" else "en")
    faults = Axe().run(page).response["violations"]
    assert [(f["id"], f["nodes"][0]["html"]) for f in faults if f["impact"] in SERIOUS] == []


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_page_fits_900_px_in_the_dark_theme(page: Page, shared_site: str, name: str) -> None:
    page.context.add_cookies([{"name": "gengxin_theme", "value": "dark", "url": shared_site}])
    page.set_viewport_size({"width": 900, "height": 800})
    opened(page, shared_site, PAGES[name], lang="en")
    save_screenshot(page, f"{name}-900-dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= 900
    faults = Axe().run(page).response["violations"]
    assert [(f["id"], f["nodes"][0]["html"]) for f in faults if f["impact"] in SERIOUS] == []


@pytest.mark.browser
def test_language_follows_the_browser_until_a_person_chooses(page: Page, shared_site: str) -> None:
    opened(page, shared_site, "/")
    expect(page.get_by_role("link", name="总览").first).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("link", name="Overview").first).to_be_visible()
    address_says(page, "lang=en")


@pytest.mark.browser
def test_theme_is_kept(page: Page, shared_site: str) -> None:
    opened(page, shared_site, "/", lang="en")
    page.get_by_role("button", name="Dark theme").click()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")


@pytest.mark.browser
def test_keyboard_reaches_the_pages(page: Page, shared_site: str) -> None:
    opened(page, shared_site, "/", lang="en")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    for _step in range(4):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/pipeline?**")
