"""Two changes of the address at once are both kept."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.waiting import address_says, map_opened

pytestmark = pytest.mark.browser


def test_two_changes_at_once_are_both_kept_and_each_is_a_step_back(page: Page, shared_site: str) -> None:
    map_opened(page, f"{shared_site}/map?lang=en")
    page.evaluate("""() => {
        gengxinMap.setParams({ district: "410103" });
        gengxinMap.setParams({ year: "2023" });
    }""")
    address_says(page, "year=2023")
    assert "district=410103" in page.url
    expect(page.locator("#map-summary")).to_contain_text("6 projects")
    page.go_back()
    expect(page.locator("#map-summary")).to_contain_text("21 projects")
    page.go_back()
    expect(page.locator("#map-summary")).to_contain_text("276 projects")
