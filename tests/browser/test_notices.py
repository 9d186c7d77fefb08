"""The notices page shows what entered, left and changed, and takes a reason for leaving."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from data.session import Database
from tests.app.test_notices import LATER, LEFT, write_later
from tests.browser.test_pages import opened
from tests.browser.waiting import address_lacks

pytestmark = pytest.mark.browser


@pytest.fixture
def later(site_database: Database, tmp_path: Path) -> Database:
    write_later(site_database, tmp_path / "later.csv")
    return site_database


@pytest.mark.parametrize(
    ("language", "says"), [("zh_CN", "首次公告"), ("en", "The first notice here, so there is none before it")]
)
def test_first_notice_rests_on_its_printed_list(
    page: Page, shared_site: str, language: str, says: str
) -> None:
    opened(page, shared_site, "/notices", lang=language)
    expect(page.locator(".basis")).to_contain_text(says)
    expect(page.locator(".basis")).to_contain_text("88.4079")
    expect(page.locator("#entered tbody tr")).to_have_count(23)
    expect(page.locator("#exited tbody tr")).to_have_count(0)
    expect(page.locator("#notice-list tbody tr")).to_contain_text("郑建文〔2025〕45号")
    expect(page.locator("#notice-list tbody tr")).to_contain_text(
        "未印日期" if language == "zh_CN" else "not printed"
    )


def test_missing_serials_are_drawn_and_named(page: Page, shared_site: str) -> None:
    opened(page, shared_site, "/notices", lang="en", show="gaps")
    expect(page.locator("#gaps caption")).to_contain_text("61 codes")
    expect(page.locator("#gaps .strip span.gap")).to_have_count(61 + 1)
    expect(page.locator("#gaps td.codes > *")).to_have_count(61)
    expect(page.locator("#gaps tbody tr").first).to_contain_text("K202201002")
    expect(page.locator("#entered")).to_have_count(0)


def test_search_and_choice_live_in_the_address(page: Page, shared_site: str) -> None:
    opened(page, shared_site, "/notices", lang="en")
    page.get_by_label("Search these lists by name, code or area").fill("荥阳")
    page.wait_for_url("**find=**")
    expect(page.locator("#entered tbody tr")).to_have_count(2)
    page.get_by_role("link", name="Entered 23").click()
    page.wait_for_url("**show=entered**")
    expect(page.locator("#gaps")).to_have_count(0)
    page.reload()
    expect(page.locator("#entered tbody tr")).to_have_count(2)
    expect(page.get_by_label("Search these lists by name, code or area")).to_have_value("荥阳")


def test_second_notice_is_compared_and_the_first_can_be_chosen(
    page: Page, site: str, later: Database
) -> None:
    opened(page, site, "/notices", lang="en")
    expect(page.locator(".basis h2")).to_have_text(LATER)
    expect(page.locator("#notice-list tbody tr")).to_have_count(2)
    expect(page.locator("#entered tbody tr")).to_contain_text("not supplied")
    expect(page.locator("#exited tbody tr")).to_have_count(2)
    expect(page.locator("#changed tbody tr")).to_have_count(2)
    expect(page.locator("#changed del").first).to_be_visible()
    expect(page.locator("#unchanged")).to_have_text("Unchanged 272")
    expect(page.get_by_role("link", name=LEFT[0]).first).to_be_visible()
    page.get_by_role("link", name="郑建文〔2025〕45号").click()
    page.wait_for_url("**notice=**")
    expect(page.locator("#entered tbody tr")).to_have_count(23)


def test_a_reason_for_leaving_is_asked_for_and_kept(page: Page, site: str, later: Database) -> None:
    opened(page, site, "/notices", lang="en", show="exited")
    expect(page.locator("#exited")).to_contain_text("reason not given")
    page.get_by_role("link", name=f"Give a reason for {LEFT[0]}").click()
    page.wait_for_url(f"**reason={LEFT[0]}**")
    page.get_by_label("Why it left").fill("并入相邻项目")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#exited")).to_contain_text("并入相邻项目")
    address_lacks(page, "reason=")
    page.reload()
    expect(page.locator("#exited")).to_contain_text("并入相邻项目")
    with later.reading() as connection:
        query = "SELECT actor FROM audit_log WHERE after ->> 'exit_reason' = '并入相邻项目'"
        assert connection.scalars(text(query)).all() == ["web"]


def test_an_empty_reason_is_refused_with_a_sentence(page: Page, site: str, later: Database) -> None:
    opened(page, site, "/notices", lang="en", show="exited", reason=LEFT[0])
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert").first).to_contain_text("The reason is empty.")
    expect(page.get_by_role("button", name="Save")).to_be_visible()
