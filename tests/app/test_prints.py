"""A print over HTTP: its words, its PDF, and what is refused."""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from fastapi import FastAPI
from PIL import Image
from sqlalchemy import text

from app.api import prints, problems
from app.i18n import use_language
from app.reader import ReaderMiddleware
from app.services import cities
from app.services.map.print_sheet import print_sheet
from app.services.map.prints import PAPERS
from data.session import Database
from tests.processes import listening

PDF, PNG = "/api/v1/print.pdf", {"Content-Type": "image/png"}


@pytest.fixture
def address(zhengzhou: Database) -> Iterator[str]:
    app = FastAPI()
    app.state.database = zhengzhou
    problems.register(app)
    app.include_router(prints.router)
    app.add_middleware(ReaderMiddleware, default="en")
    with listening(app) as served:
        yield served


def sheet(paper: str = "a4-landscape", mode: str = "RGBA") -> bytes:
    target = io.BytesIO()
    Image.new(mode, PAPERS[paper].pixels, (200, 30, 40, 255)[: len(mode)]).save(target, "PNG")
    return target.getvalue()


def post(address: str, body: bytes, headers: dict[str, str] = PNG, **params: str) -> requests.Response:
    return requests.post(
        address + PDF, params={"lang": "en", **params}, data=body, headers=headers, timeout=20
    )


def words(database: Database, **params: str) -> dict[str, Any]:
    use_language("en")
    return print_sheet(database, cities.choose(database, "zhengzhou"), params)


def test_sizes_at_200_dpi() -> None:
    assert PAPERS["a4-landscape"].pixels == (2339, 1654)
    assert PAPERS["a3-portrait"].pixels == (2339, 3307)


@pytest.mark.parametrize(
    ("paper", "points"), [("a4-landscape", (841.89, 595.28)), ("a3-portrait", (841.89, 1190.55))]
)
def test_pdf_is_one_page_of_the_exact_paper_with_the_picture_at_200_dpi(
    address: str, paper: str, points: tuple[float, float]
) -> None:
    answer = post(address, sheet(paper), paper=paper, title="Old town", city="zhengzhou")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert "zhengzhou-map-" in answer.headers["content-disposition"]
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", answer.content)
    assert len(boxes) == 1
    assert [float(size) for size in boxes[0]] == pytest.approx(points, abs=0.01)
    width, height = PAPERS[paper].pixels
    assert b"/Width %d" % width in answer.content
    assert b"/Height %d" % height in answer.content


def test_pdf_holds_the_colours_of_the_picture(address: str) -> None:
    made = post(address, sheet(mode="RGB")).content
    start = made.index(b"stream", made.index(b"/DCTDecode")) + len(b"stream") + 1
    with Image.open(io.BytesIO(made[start:].lstrip(b"\r\n"))) as picture:
        assert picture.size == PAPERS["a4-landscape"].pixels
        assert picture.getpixel((100, 100)) == pytest.approx((200, 30, 40), abs=2)


def test_title_of_a_synthetic_city_says_so(address: str, zhengzhou: Database) -> None:
    with zhengzhou.writing("t") as connection:
        connection.execute(text("UPDATE city SET synthetic = true"))
    made = post(address, sheet(), title="城南").content
    title = re.search(rb"/Title\s*<([0-9A-Fa-f]+)>|/Title\s*\((.*?)(?<!\\)\)", made, re.DOTALL)
    assert title is not None
    said = bytes.fromhex(title[1].decode()) if title[1] else title[2]
    assert said.decode("utf-16").startswith("城南 · Synthetic data")
    assert words(zhengzhou)["synthetic"].startswith("Synthetic data")


def test_words_follow_the_address(zhengzhou: Database) -> None:
    said = words(zhengzhou, district="410103", sel="K202202001")
    assert said["filters"] == "Filters: district: Erqi District"
    assert said["sources"][0].startswith("郑建文〔2025〕45号")
    (erqi,) = [row for row in said["districts"]["rows"] if row[0] == "Erqi District"]
    with zhengzhou.reading() as connection:
        query = """SELECT count(*), sum(p.total_investment * s.share) / 1e8 FROM project p
            JOIN project_district s ON s.project_id = p.id JOIN district d ON d.id = s.district_id
            WHERE d.code = '410103' AND p.exit_notice_id IS NULL"""
        count, invested = connection.execute(text(query)).one()
    assert erqi[1:3] == [str(count), f"{invested:,.2f}"]
    assert dict(said["project"]["facts"])["Code"] == "K202202001"
    assert words(zhengzhou)["project"] is None


def bomb(width: int, height: int) -> bytes:
    """A small file that declares, and unpacks to, a picture of these dimensions."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compressobj(9)
    row = bytes(1 + width * 3)
    body = b"".join(packed.compress(row) for _line in range(min(height, 2000))) + packed.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("body", "headers", "params", "status", "says"),
    [
        (b"{}", {"Content-Type": "application/json"}, {}, 415, "Send a PNG"),
        (b"%PDF-1.4 not a picture, though it says so", PNG, {}, 422, "is not a PNG"),
        (b"", PNG, {}, 422, "is not a PNG"),
        (b"\x00" * 20_000_000, PNG, {}, 422, "more than"),
        (bomb(30_000, 30_000), PNG, {}, 422, "30000 × 30000 dots"),
        (sheet("a4-portrait"), PNG, {}, 422, "this paper takes 2339 × 1654"),
        (sheet()[:-4000], PNG, {}, 422, "damaged"),
        (sheet(), PNG, {"paper": "letter"}, 422, "Choose among: a4-landscape"),
        (sheet(), PNG, {"city": "nowhere"}, 404, "no city"),
    ],
    ids=["type", "not PNG", "empty", "too large", "bomb", "other size", "damaged", "paper", "city"],
)
def test_what_cannot_be_used_is_refused_with_one_clear_error(
    address: str, body: bytes, headers: dict[str, str], params: dict[str, str], status: int, says: str
) -> None:
    answer = post(address, body, headers, **params)
    assert answer.status_code == status
    assert says in answer.json()["detail"]


def test_a_body_without_declared_length_is_cut_off_at_the_limit(address: str) -> None:
    def endless() -> Iterator[bytes]:
        for _part in range(40):
            yield b"\x00" * 1_000_000

    answer = requests.post(address + PDF + "?lang=en", data=endless(), headers=PNG, timeout=20)
    assert answer.status_code == 422
    assert "more than" in answer.json()["detail"]
