"""The pipeline page shows the register's figures, and a click on a row or a column filters it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import text

from data.session import Database
from tests.browser.pointer import middle
from tests.browser.test_pages import opened
from tests.browser.waiting import address_lacks

pytestmark = pytest.mark.browser


def cells(page: Page, table: str, name: str) -> Locator:
    return page.locator(
        f"#{table} tbody tr", has=page.get_by_role("rowheader", name=name, exact=True)
    ).locator("td")


def number(page: Page, place: int) -> Locator:
    return page.locator(".figure .number").nth(place)


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_counts_and_money_stand_side_by_side(page: Page, shared_site: str, language: str) -> None:
    opened(page, shared_site, "/pipeline", lang=language)
    expect(cells(page, "by-year", "2023")).to_contain_text(["113", "4,267.52", "40.9 %"])
    expect(cells(page, "by-band", "≥100")).to_contain_text(["17", "3,278.45", "41.5 %"])
    expect(cells(page, "by-batch", "202503")).to_contain_text(["10", "6.66"])
    expect(page.locator("#by-district tbody tr")).to_have_count(15 + 1)
    for name in ("by-year", "by-band", "by-district", "by-batch"):
        expect(page.locator(f"#{name} tr.sum")).to_contain_text("7,895.45")
    says = "本项目库未提供阶段" if language == "zh_CN" else "No stage, type or progress is supplied"
    expect(page.locator("p.note:not(:empty)")).to_contain_text(says)
    expect(page.locator("#notice-history tbody tr")).to_contain_text("88.41")


def test_a_click_on_a_row_filters_and_reopens(page: Page, shared_site: str) -> None:
    opened(page, shared_site, "/pipeline", lang="en")
    page.mouse.click(*middle(page.locator("#by-year tbody tr").nth(1).locator("td.paired")))
    page.wait_for_url("**year=2023**")
    expect(number(page, 0)).to_have_text("113")
    expect(page.locator("#by-year tr.chosen")).to_contain_text("2023")
    expect(page.locator("#by-year tbody tr")).to_have_count(4 + 1)
    page.get_by_role("link", name="≥100", exact=True).click()
    page.wait_for_url("**band=%3E%3D100**")
    expect(number(page, 0)).to_have_text("9")
    page.reload()
    expect(number(page, 0)).to_have_text("9")
    page.get_by_role("link", name="2023", exact=True).click()
    expect(number(page, 0)).to_have_text("17")
    address_lacks(page, "year=")
    page.go_back()
    expect(number(page, 0)).to_have_text("9")


def test_a_click_on_a_column_filters_by_its_batch_and_again_lifts_it(page: Page, shared_site: str) -> None:
    opened(page, shared_site, "/pipeline", lang="en")
    for _ in range(2):
        page.mouse.click(*middle(page.locator("#batch-chart .bars .point path").nth(6)))
        page.wait_for_url("**batch=202305**")
        expect(number(page, 0)).to_have_text("4")
        expect(page.locator("#by-batch tr.chosen")).to_contain_text("202305")
        page.mouse.click(*middle(page.locator("#batch-chart .bars .point path").nth(6)))
        expect(number(page, 0)).to_have_text("276")
        address_lacks(page, "batch=")


def test_hovering_a_column_says_count_and_money(page: Page, shared_site: str) -> None:
    opened(page, shared_site, "/pipeline", lang="zh_CN")
    page.mouse.move(*middle(page.locator("#batch-chart .bars .point path").first))
    expect(page.locator("#batch-chart .hoverlayer")).to_contain_text("973.84 亿元")


def test_districts_can_be_ordered_by_money(page: Page, shared_site: str) -> None:
    opened(page, shared_site, "/pipeline", lang="en")
    page.locator("#by-district").get_by_role("link", name="Investment").click()
    page.wait_for_url("**sort=investment**")
    expect(page.locator("#by-district tbody tr").first).to_contain_text("1,547.65")
    expect(page.locator("#by-district [aria-sort=descending]")).to_have_text("Investment")


def test_rows_are_reached_by_keyboard(page: Page, shared_site: str) -> None:
    opened(page, shared_site, "/pipeline", lang="en")
    page.get_by_role("link", name="2022", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**year=2022**")
    expect(number(page, 0)).to_have_text("21")


def test_a_filter_that_nothing_fits_says_so(page: Page, shared_site: str) -> None:
    opened(page, shared_site, "/pipeline", lang="en", q="nothing-like-this")
    expect(page.locator(".empty")).to_contain_text("No project fits these filters.")
    expect(page.locator("#notice-history")).to_be_visible()


def test_a_project_without_amount_is_said(page: Page, site: str, site_database: Database) -> None:
    with site_database.writing("test") as connection:
        connection.execute(text("UPDATE project SET total_investment = NULL WHERE code = 'K202307002'"))
    opened(page, site, "/pipeline", lang="en")
    expect(number(page, 0)).to_have_text("276")
    expect(number(page, 1)).to_have_text("7,437.98")
    expect(page.locator(".figure .note").nth(1)).to_have_text("1 without amount")
    expect(cells(page, "by-band", "amount not supplied")).to_contain_text(["1", "not supplied", "–"])


def test_notice_leads_to_its_page(page: Page, shared_site: str) -> None:
    opened(page, shared_site, "/pipeline", lang="en")
    page.locator("#notice-history a").click()
    page.wait_for_url("**/notices?**notice=**")
    expect(page.locator("h1")).to_have_text("Notices")
