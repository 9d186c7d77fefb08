"""The overview says what the register prints."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_pages import opened

pytestmark = pytest.mark.browser


def test_figures_are_the_registers(page: Page, shared_site: str) -> None:
    opened(page, shared_site, "/", lang="zh_CN")
    figures = page.locator(".figure .number")
    expect(figures).to_have_text(["276", "7,895.45", "23", "0"])


def test_every_district_and_zone_is_ranked(page: Page, shared_site: str) -> None:
    opened(page, shared_site, "/", lang="zh_CN")
    rows = page.locator("table.grid tbody tr")
    expect(rows).to_have_count(15)
    for zone in ("经开区", "高新区", "郑东新区"):
        expect(page.locator("table.grid")).to_contain_text(zone)
    expect(rows.first).to_contain_text("管城回族区")
    expect(rows.first).to_contain_text("1,547.65")


def test_choosing_a_figure_changes_address_and_legend_and_reopens(page: Page, shared_site: str) -> None:
    opened(page, shared_site, "/", lang="en")
    page.get_by_text("Median project size", exact=True).first.click()
    page.wait_for_url("**figure=median**")
    expect(page.locator(".legend .title")).to_contain_text("Median project size")
    page.reload()
    expect(page.locator(".legend .title")).to_contain_text("Median project size")
    page.go_back()


def test_hovering_a_district_names_it(page: Page, shared_site: str) -> None:
    opened(page, shared_site, "/", lang="zh_CN")
    box = page.locator("#overview-map").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.62, steps=4)
    expect(page.locator(".deck-tooltip")).to_contain_text("市")
