"""The print dialog: a sheet at 200 dpi with all that a printed map has to say."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Download, Locator, Page, expect
from sqlalchemy import text

from app.services.boundaries.edit import save_boundary
from data.session import Database
from tests.browser.conftest import save_screenshot
from tests.browser.waiting import address_lacks, address_says, map_opened

pytestmark = pytest.mark.browser
CODE = "K202202001"
A4 = (2339, 1654)


def opened(page: Page, site: str, query: str = "") -> None:
    map_opened(page, f"{site}/map?lang=en&{query}")
    expect(page.locator("#map-legend .class").first).to_be_visible()


def drawn(page: Page) -> None:
    expect(page.locator("#print-status")).to_contain_text("200 dpi")
    expect(page.locator("[data-print=png]")).to_be_enabled()


def printing(page: Page, site: str, query: str = "") -> Locator:
    opened(page, site, query)
    page.keyboard.press("p")
    drawn(page)
    return page.locator("#map-print")


def downloaded(page: Page, kind: str) -> tuple[Download, bytes]:
    with page.expect_download() as started:
        page.locator(f"[data-print={kind}]").click()
    drawn(page)
    return started.value, Path(started.value.path()).read_bytes()


def has_colour(picture: Image.Image, box: tuple[int, int, int, int], near: tuple[int, int, int]) -> bool:
    off = np.abs(np.asarray(picture.crop(box)).astype(int) - near).max(axis=2)
    return bool((off <= 6).any())


def draw_in(database: Database) -> None:
    ring = [[113.6, 34.7], [113.64, 34.7], [113.64, 34.73], [113.6, 34.73], [113.6, 34.7]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    save_boundary(database, "zhengzhou", CODE, shape, status="surveyed", actor="t")


@pytest.mark.thorough
def test_png_is_a_sheet_at_200_dpi_with_the_map_and_the_colours_of_its_legend(
    page: Page, site: str, site_database: Database
) -> None:
    draw_in(site_database)
    printing(page, site, "v=113.62,34.715,12&by=status")
    save_screenshot(page, "map-print")
    name, body = downloaded(page, "png")
    assert re.fullmatch(r"zhengzhou-map-\d{4}-\d\d-\d\d\.png", name.suggested_filename)
    assert body[33:54] == bytes.fromhex("00000009 70485973 00001ec2 00001ec2 01") + body[50:54]
    with Image.open(io.BytesIO(body)) as opened_sheet:
        assert opened_sheet.size == A4
        assert opened_sheet.info["dpi"] == pytest.approx((200, 200), abs=0.01)
        sheet = opened_sheet.convert("RGB")
    map_frame, legend = (80, 200, 1740, 1460), (1770, 180, 2280, 1460)
    assert len(sheet.crop(map_frame).getcolors(2**24) or []) > 50
    surveyed = (0x2A, 0x76, 0xB8)
    assert has_colour(sheet, map_frame, surveyed)
    assert has_colour(sheet, legend, surveyed)
    assert sheet.getpixel((20, 20)) == (255, 255, 255)


@pytest.mark.thorough
def test_pdf_is_one_page_of_the_chosen_paper(page: Page, shared_site: str) -> None:
    printing(page, shared_site)
    page.get_by_label("Paper").select_option("a3-portrait")
    expect(page.locator("#print-status")).to_contain_text("2339 × 3307")
    _name, body = downloaded(page, "pdf")
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", body)
    assert [[round(float(size), 2) for size in box] for box in boxes] == [[841.89, 1190.55]]
    assert body.startswith(b"%PDF-")


def composed(page: Page) -> str:
    """The words that stand on the sheet: what the canvas was told to write."""
    page.evaluate("""() => {
        window.written = [];
        const write = CanvasRenderingContext2D.prototype.fillText;
        CanvasRenderingContext2D.prototype.fillText = function (words, ...rest) {
            if (this.canvas.width > 1000) window.written.push(words);
            return write.call(this, words, ...rest);
        };
    }""")
    page.get_by_label("Table of districts").click()
    page.wait_for_function("() => window.written.length")
    drawn(page)
    return "\n".join(page.evaluate("window.written"))


@pytest.mark.thorough
def test_sheet_says_title_filters_scale_source_date_and_the_chosen_project(
    page: Page, site: str, site_database: Database
) -> None:
    draw_in(site_database)
    printing(page, site, f"district=410103&sel={CODE}")
    page.locator("select#print-scale").select_option("25000")
    page.get_by_label("Title").fill("South of the old town")
    said = composed(page)
    for words in (
        "South of the old town", "Erqi District", "Printed 20", "1:25,000", "郑建文〔2025〕45号", CODE, "N",
    ):  # fmt: skip
        assert words in said, words


@pytest.mark.thorough
def test_scale_bar_is_as_long_as_it_says(page: Page, shared_site: str) -> None:
    """At 1:n a length L takes L/n of paper; 200 dots are an inch."""
    printing(page, shared_site, "v=113.62,34.75,12")
    page.locator("select#print-scale").select_option("50000")
    drawn(page)
    sheet = page.evaluate("""() => {
        const sheet = window.gengxinMap.sheet, zoom = sheet.zoomOf(34.75, 50000);
        return { ratio: sheet.ratioOf(34.75, zoom), zoom: zoom };
    }""")
    assert sheet["ratio"] == pytest.approx(50_000)
    metres_per_dot = 40075016.686 * 0.8216469 / (512 * 2 ** sheet["zoom"]) * 96 / 200
    assert metres_per_dot == pytest.approx(50_000 * 0.0254 / 200, rel=1e-4)


def test_mark_of_synthetic_data_cannot_be_left_out(page: Page, site: str, site_database: Database) -> None:
    with site_database.writing("t") as connection:
        connection.execute(text("UPDATE city SET synthetic = true"))
    dialog = printing(page, site)
    on = dialog.locator("input[type=checkbox]:checked:visible")
    while on.count():
        on.first.click()
    assert composed(page).count("Synthetic data") == 2
    name, body = downloaded(page, "pdf")
    assert name.suggested_filename.startswith("zhengzhou-synthetic-map-")
    assert "Synthetic data".encode("utf-16-be") in body


@pytest.mark.thorough
def test_address_opens_the_dialog_and_escape_leaves_it(page: Page, shared_site: str) -> None:
    dialog = printing(page, shared_site)
    address_says(page, "print=1")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    address_lacks(page, "print=1")
    page.goto(f"{shared_site}/map?lang=en&print=1")
    drawn(page)


@pytest.mark.thorough
def test_paper_gets_the_sheet_and_nothing_else(page: Page, shared_site: str) -> None:
    page.add_init_script("window.print = () => { window.printed = document.body.className; };")
    printing(page, shared_site)
    page.locator("[data-print=paper]").click()
    page.wait_for_function("() => window.printed")
    page.emulate_media(media="print")
    expect(page.locator("#print-paper-sheet")).to_be_visible()
    expect(page.locator("#map-page")).to_be_hidden()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    expect(page.locator("#print-paper-sheet")).to_have_count(0)
