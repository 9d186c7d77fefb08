"""The investment page reconciles the printed totals and shows how concentrated the money is."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_pages import opened

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_printed_total_stands_beside_its_rows(page: Page, shared_site: str, language: str) -> None:
    opened(page, shared_site, "/investment", lang=language)
    rows = page.locator("#printed-totals tbody tr")
    expect(rows).to_have_count(20)
    expect(page.locator("#printed-totals .tick")).to_have_count(20)
    expect(page.locator("#printed-totals .tick.off")).to_have_count(0)
    expect(rows.nth(0)).to_contain_text("4,748.3415")
    expect(rows.nth(0)).to_contain_text("+0.0015")
    expect(rows.nth(1)).to_contain_text("388.00")
    expect(rows.nth(1).locator(".badge.cross")).to_be_visible()
    expect(rows.last).to_contain_text("7,895.4490")
    expect(page.locator(".figure .number").nth(2)).to_have_text("31.2 %")


def test_how_many_of_the_largest_is_chosen_in_the_address(page: Page, shared_site: str) -> None:
    opened(page, shared_site, "/investment", lang="en")
    expect(page.locator("#largest tbody tr")).to_have_count(10)
    page.get_by_role("link", name="top 5", exact=True).click()
    page.wait_for_url("**top=5**")
    expect(page.locator("#largest tbody tr")).to_have_count(5)
    expect(page.locator("#concentration")).to_contain_text("largest 5: 20.5 %")
    page.get_by_role("link", name="Largest first").click()
    page.wait_for_url("**curve=pareto**")
    expect(page.locator("#concentration")).to_contain_text("Projects, the largest first")
    page.reload()
    expect(page.locator("#concentration")).to_contain_text("Projects, the largest first")
    expect(page.locator("#largest tbody tr")).to_have_count(5)


def test_an_area_narrows_what_follows_and_its_chip_lifts_it(page: Page, shared_site: str) -> None:
    opened(page, shared_site, "/investment", lang="en")
    page.locator("#printed-totals").get_by_role("link", name="Guancheng Hui District").click()
    page.wait_for_url("**district=410104**")
    expect(page.locator(".figure .number").first).to_have_text("1,547.65")
    expect(page.locator("#printed-totals tbody tr")).to_have_count(20)
    expect(page.locator("#printed-totals tr.chosen")).to_have_count(1)
    expect(page.locator("#size-bands tr.sum")).to_contain_text("36")
    page.locator(".chip", has_text="Guancheng Hui District").click()
    expect(page.locator(".figure .number").first).to_have_text("7,895.45")
    expect(page.locator(".chip")).to_have_count(0)


def test_a_cross_district_project_counts_whole_and_says_so(page: Page, shared_site: str) -> None:
    opened(page, shared_site, "/investment", lang="en", district="410102")
    expect(page.locator(".figure .number").first).to_have_text("1,335.99")
    expect(page.locator("p.note")).to_contain_text("Includes 1 cross-district projects, counted whole")


def test_cross_district_projects_are_shown_with_their_shares(page: Page, shared_site: str) -> None:
    opened(page, shared_site, "/investment", lang="en")
    rows = page.locator("#cross-district tbody tr")
    expect(rows).to_have_count(1 + 3)
    expect(rows.nth(0)).to_contain_text("388.00")
    expect(rows.nth(1)).to_contain_text("129.33")
    expect(page.locator("#largest .badge.cross")).to_have_count(1)


def test_a_filter_that_nothing_fits_keeps_the_reconciliation(page: Page, shared_site: str) -> None:
    opened(page, shared_site, "/investment", lang="en", q="nothing-like-this")
    expect(page.locator(".empty")).to_contain_text("No project fits these filters.")
    expect(page.locator("#printed-totals tbody tr")).to_have_count(20)
    page.get_by_role("link", name="Clear", exact=True).click()
    expect(page.locator(".figure .number").first).to_have_text("7,895.45")


def test_it_prints_whole(page: Page, shared_site: str) -> None:
    opened(page, shared_site, "/investment", lang="zh_CN")
    page.emulate_media(media="print")
    assert page.pdf(format="A4").startswith(b"%PDF")
    expect(page.locator("#printed-totals tbody tr").last).to_be_visible()
