"""The project list and a project's page, as a person drives them."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import text

from data.session import Database
from tests.browser.conftest import save_screenshot
from tests.browser.waiting import address_lacks, address_says, eventually

pytestmark = pytest.mark.browser


def listed(page: Page, site: str, **params: str) -> None:
    query = "&".join(f"{name}={value}" for name, value in {"lang": "en", **params}.items())
    page.goto(f"{site}/projects?{query}")
    expect(page.locator(".ag-row[row-index='0'] a").first).to_be_visible()


def cell(page: Page, row: int, column: str) -> Locator:
    return page.locator(f".ag-row[row-index='{row}'] [col-id='{column}']")


def summary(page: Page) -> Locator:
    return page.locator("#projects-summary")


def scroll_to(page: Page, place: Locator) -> None:
    def turned() -> bool:
        page.mouse.wheel(0, 4000)
        return place.is_visible()

    page.locator(".ag-body-viewport").hover()
    eventually(page, turned, bool)


def test_the_whole_library_is_listed_and_summed(page: Page, shared_site: str) -> None:
    listed(page, shared_site)
    expect(summary(page)).to_contain_text("276 of 276 projects")
    expect(summary(page)).to_contain_text("7,895.45 CNY 100 M")
    expect(cell(page, 0, "code")).to_have_text("K202201001")
    expect(cell(page, 0, "amount")).to_have_text("388.00")
    expect(cell(page, 0, "district")).to_contain_text("cross")
    expect(cell(page, 0, "stage")).to_have_text("not supplied")


def test_grid_speaks_chinese(page: Page, shared_site: str) -> None:
    listed(page, shared_site, lang="zh_CN")
    expect(summary(page)).to_contain_text("7,895.45")
    expect(cell(page, 0, "district")).to_contain_text("中原区")
    expect(page.locator("[col-id='stage']", has_text="not supplied")).to_have_count(0)
    save_screenshot(page, "projects-grid-zh_CN")


def test_searching_and_filtering_narrow_the_list_and_the_address(page: Page, shared_site: str) -> None:
    listed(page, shared_site)
    page.get_by_label("Search by name, code or district").fill("金水 产业园")
    page.wait_for_url(re.compile(r"[?&]q="))
    expect(summary(page)).not_to_contain_text("276 of 276")
    page.get_by_text("Cross-district", exact=True).click()
    page.wait_for_url(re.compile(r"cross=1"))
    expect(page.get_by_text("No project matches these filters.")).to_be_visible()
    page.get_by_role("button", name="Clear filters").click()
    expect(summary(page)).to_contain_text("276 of 276 projects")
    expect(cell(page, 0, "code")).to_have_text("K202201001")
    address_lacks(page, "q=")


def test_a_header_sorts_and_the_address_reopens_the_order(page: Page, shared_site: str) -> None:
    listed(page, shared_site)
    page.locator(".ag-header-cell[col-id='amount']").click()
    page.wait_for_url(re.compile(r"sort=amount\.desc"))
    largest = "K202307002"
    expect(cell(page, 0, "code")).to_have_text(largest)
    expect(cell(page, 0, "amount")).to_have_text("457.47")
    page.locator(".ag-header-cell[col-id='amount']").click()
    page.wait_for_url(re.compile(r"sort=amount\.asc"))
    expect(cell(page, 0, "amount")).to_have_text("0.05")
    page.go_back()
    page.wait_for_url(re.compile(r"sort=amount\.desc"))
    expect(cell(page, 0, "code")).to_have_text(largest)
    page.reload()
    expect(cell(page, 0, "code")).to_have_text(largest)
    expect(page.locator(".ag-header-cell[col-id='amount']")).to_have_attribute("aria-sort", "descending")


def test_scrolling_to_the_end_and_back_from_a_project_keeps_the_place(page: Page, shared_site: str) -> None:
    listed(page, shared_site, sort="amount.asc")
    scroll_to(page, cell(page, 275, "code").locator("a"))
    last = cell(page, 275, "code").inner_text()
    cell(page, 275, "code").locator("a").click()
    page.wait_for_url(re.compile(rf"/projects/{last}\?"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".steps")).to_contain_text("276 of 276")
    page.go_back()
    expect(cell(page, 275, "code")).to_have_text(last)
    address_says(page, "sort=amount.asc")


def test_a_project_is_opened_by_the_keyboard_and_its_neighbours_follow_the_list(
    page: Page, shared_site: str
) -> None:
    listed(page, shared_site, sort="amount.desc", band="%3E%3D100")
    second = cell(page, 1, "code").inner_text()
    cell(page, 0, "band").click()
    page.keyboard.press("ArrowDown")
    for _step in range(7):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"/projects/{second}\?"))
    expect(page.locator(".steps")).to_contain_text("2 of")
    page.get_by_title(re.compile("Next project")).click()
    expect(page.locator(".steps")).to_contain_text("3 of")
    page.get_by_role("link", name="← Projects").click()
    expect(cell(page, 1, "code")).to_have_text(second)


def downloaded(page: Page, name: str, folder: Path) -> Path:
    with page.expect_download() as waiting:
        page.get_by_role("link", name=name, exact=True).click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def test_exports_hold_exactly_the_filtered_list(page: Page, shared_site: str, tmp_path: Path) -> None:
    listed(page, shared_site, band="50-100", sort="amount.desc")
    expect(page.locator("#export-csv")).to_have_attribute("href", re.compile("band=50-100"))
    count = int(summary(page).inner_text().split()[0])
    sheet = downloaded(page, "CSV", tmp_path)
    assert "郑建文〔2025〕45号" in sheet.name
    rows = list(csv.DictReader(io.StringIO(sheet.read_text(encoding="utf-8-sig"))))
    assert len(rows) == count
    assert rows[0]["Code"] == cell(page, 0, "code").inner_text()
    book = openpyxl.load_workbook(downloaded(page, "Excel", tmp_path))
    codes = [row[0] for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)]
    assert codes == [row["Code"] for row in rows]


def test_a_project_page_says_what_is_known_and_what_is_not(page: Page, shared_site: str) -> None:
    page.goto(f"{shared_site}/projects/K202201001?lang=en")
    expect(page.get_by_role("heading", level=1)).to_have_text("金水河“一河两岸”项目")
    expect(page.locator("#project-body")).to_contain_text("38,800,000,000 yuan (388 CNY 100 M)")
    expect(page.locator("#project-body")).to_contain_text("中原区+二七区+金水区")
    expect(page.locator(".facts .faint")).to_have_count(7)
    expect(page.get_by_role("link", name="Draw the boundary")).to_have_attribute(
        "href", re.compile(r"/map\?.*sel=K202201001&draw=1")
    )
    expect(page.locator("table.history")).to_contain_text("Project added")


def test_an_unknown_code_offers_those_like_it(page: Page, shared_site: str) -> None:
    page.goto(f"{shared_site}/projects/K20220100?lang=en")
    expect(page.get_by_role("heading", level=1)).to_have_text("Not found")
    page.get_by_role("link", name=re.compile("K202201001")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("金水河“一河两岸”项目")


def share(page: Page, district: str) -> Locator:
    return page.get_by_label(f"Share of {district} in per cent")


def test_shares_that_do_not_sum_to_100_are_refused_and_good_ones_are_kept(
    page: Page, site: str, site_database: Database
) -> None:
    page.goto(f"{site}/projects/K202201001?lang=en")
    page.get_by_text("Enter other shares").click()
    boxes = page.locator(".share-row input[aria-label$='per cent']")
    for place, percent in enumerate(("50", "30", "30")):
        boxes.nth(place).fill(percent)
    expect(page.locator("#shares-sum")).to_have_text("110 %")
    page.locator("#shares-by").fill("Li Gong")
    page.get_by_role("button", name="Save shares").click()
    expect(page.locator("#error-notice")).to_contain_text("110 %")
    boxes.nth(2).fill("20")
    page.get_by_role("button", name="Save shares").click()
    expect(page.locator("table.history")).to_contain_text("Li Gong")
    expect(page.locator("#project-body")).to_contain_text("entered by hand")
    with site_database.reading() as connection:
        shares = connection.scalars(
            text(
                "SELECT share FROM project_district pd JOIN project p ON p.id = pd.project_id "
                "WHERE p.code = 'K202201001' ORDER BY share"
            )
        ).all()
    assert shares == [Decimal("0.2"), Decimal("0.3"), Decimal("0.5")]


def test_an_exited_project_asks_for_the_reason(page: Page, site: str, site_database: Database) -> None:
    with site_database.writing("test") as connection:
        connection.execute(
            text(
                "UPDATE project SET exit_notice_id = (SELECT max(id) FROM register_notice) "
                "WHERE code = 'K202201005'"
            )
        )
    page.goto(f"{site}/projects/K202201005?lang=en&exited=1")
    expect(page.locator(".panel.exit")).to_contain_text("not given")
    page.get_by_label("Reason for leaving").fill("merged into K202201001")
    page.locator("#reason-by").fill("Wang Gong")
    page.get_by_role("button", name="Save reason").click()
    expect(page.locator(".panel.exit")).to_contain_text("merged into K202201001")
    expect(page.locator("table.history")).to_contain_text("Wang Gong")


def test_a_wrong_filter_in_the_address_is_named(page: Page, shared_site: str) -> None:
    page.goto(f"{shared_site}/projects?lang=en&year=20x5")
    expect(page.locator("#error-notice")).to_contain_text("year")
    expect(page.locator("#error-notice")).to_contain_text("20x5")


def test_a_download_that_cannot_be_is_a_named_error(page: Page, shared_site: str) -> None:
    wrong = page.request.get(f"{shared_site}/export/projects.csv?lang=en&year=20x5")
    assert (wrong.status, wrong.json()["error"]) == (422, "InvalidInput")
    assert page.request.get(f"{shared_site}/export/projects.pdf?lang=en").status == 415
    assert page.request.get(f"{shared_site}/export/projects.csv?lang=en&city=atlantis").status == 404
    good = page.request.get(f"{shared_site}/export/projects.csv?q=K202201001&lang=zh_CN")
    assert good.body().startswith(b"\xef\xbb\xbf")
    assert "filename*=UTF-8''%E9%83%91%E5%B7%9E%E5%B8%82" in good.headers["content-disposition"]


def test_a_project_opens_from_the_list_after_a_visit_to_the_map(page: Page, shared_site: str) -> None:
    page.goto(f"{shared_site}/map?lang=en")
    expect(page.locator("#map canvas").first).to_be_visible()
    page.get_by_role("link", name="Projects", exact=True).click()
    expect(cell(page, 0, "code")).to_have_text("K202201001")
    cell(page, 0, "name").click()
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects/K202201001?**")
    expect(page.locator("h1")).to_contain_text("金水河")
