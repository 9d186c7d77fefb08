"""Prints 打印: what a printed map says beside the map, and its sheet as a PDF of the exact paper size."""

from __future__ import annotations

import io
import struct
from typing import NamedTuple

from PIL import Image
from sqlalchemy import RowMapping

from app.i18n import gettext as _
from data.errors import N_, InvalidInput, UnreadableFile, UnsupportedFormat
from data.readers.archive import FileTooLarge

DPI = 200
MILLIMETRES_PER_INCH = 25.4
LONGEST_TITLE = 200
HEADER = struct.Struct(">8sI4sII")
SIGNATURE = b"\x89PNG\r\n\x1a\n"
BYTES_PER_PIXEL = 4
HEADERS = 2**16
SYNTHETIC = N_("Synthetic data: invented for demonstration")


class Paper(NamedTuple):
    """A sheet's size in millimetres."""

    width: float
    height: float

    @property
    def pixels(self) -> tuple[int, int]:
        """The sheet's size in dots at 200 dpi."""
        return round(self.width / MILLIMETRES_PER_INCH * DPI), round(self.height / MILLIMETRES_PER_INCH * DPI)

    @property
    def most_bytes(self) -> int:
        """The most that a picture of this sheet can take: its dots without compression, and its headers."""
        width, height = self.pixels
        return (width * BYTES_PER_PIXEL + 1) * height + HEADERS


PAPERS = {
    "a4-landscape": Paper(297, 210),
    "a4-portrait": Paper(210, 297),
    "a3-landscape": Paper(420, 297),
    "a3-portrait": Paper(297, 420),
}


def paper_named(name: str) -> Paper:
    """Return one of ``PAPERS``.

    Raises
    ------
    InvalidInput
        It is none of them.
    """
    if name in PAPERS:
        return PAPERS[name]
    raise InvalidInput(
        N_("There is no paper «{paper}»."),
        remedy=N_("Choose among: {known}."),
        paper=name[:40],
        known=", ".join(PAPERS),
    )


def require_picture(media_type: str) -> None:
    """Refuse what is not sent as PNG."""
    if media_type.partition(";")[0].strip().lower() != "image/png":
        raise UnsupportedFormat(
            N_("A sheet cannot be sent as «{kind}»."), remedy=N_("Send a PNG picture."), kind=media_type[:60]
        )


def require_size(size: int, paper: Paper) -> None:
    """Refuse more bytes than a picture of the sheet can take."""
    if size > paper.most_bytes:
        raise FileTooLarge(
            N_("The picture has more than {limit} MB, the most that this paper takes at {dpi} dpi."),
            remedy=N_("Send the sheet that the print dialog makes."),
            limit=round(paper.most_bytes / 2**20),
            dpi=DPI,
        )


def pdf(picture: bytes, paper: Paper, title: str, city: RowMapping) -> bytes:
    """Return a PDF of one page of the paper's exact size that the picture fills.

    Parameters
    ----------
    picture
        A PNG of the paper's size at 200 dpi.
    title
        The document's title; a synthetic city's says so.

    Raises
    ------
    UnreadableFile
        It is no PNG, it is damaged, or it has other dimensions.
    """
    sheet = _sheet(picture, paper)
    target = io.BytesIO()
    sheet.save(
        target,
        "PDF",
        dpi=tuple(dots * 72 / points for dots, points in zip(paper.pixels, _points(paper), strict=True)),
        quality=95,
        subsampling=0,
        title=named(title, city),
        creator="Gengxin",
    )
    return target.getvalue()


def named(title: str, city: RowMapping) -> str:
    """Return a title on one line that says when the data are invented."""
    line = " ".join(title.split())[:LONGEST_TITLE]
    return " · ".join(part for part in (line, _(SYNTHETIC) if city["synthetic"] else "") if part)


def _points(paper: Paper) -> tuple[float, float]:
    return paper.width / MILLIMETRES_PER_INCH * 72, paper.height / MILLIMETRES_PER_INCH * 72


def _sheet(picture: bytes, paper: Paper) -> Image.Image:
    _require_dimensions(picture, paper)
    try:
        with Image.open(io.BytesIO(picture), formats=["PNG"]) as opened:
            opened.load()
            return _on_white(opened)
    except (OSError, SyntaxError, ValueError) as error:
        raise UnreadableFile(
            N_("The picture is damaged."), remedy=N_("Make it again and send it.")
        ) from error


def _on_white(opened: Image.Image) -> Image.Image:
    """Lay a picture on white paper: a PDF keeps no transparency of it."""
    page = Image.new("RGB", opened.size, "white")
    whole = opened.convert("RGBA")
    page.paste(whole, mask=whole)
    return page


def _require_dimensions(picture: bytes, paper: Paper) -> None:
    """Read the size from the header, before anything is unpacked."""
    if len(picture) < HEADER.size or not picture.startswith(SIGNATURE):
        raise UnreadableFile(N_("The picture is not a PNG."), remedy=N_("Send a PNG picture."))
    _signature, _length, chunk, width, height = HEADER.unpack(picture[: HEADER.size])
    if chunk == b"IHDR" and (width, height) == paper.pixels:
        return
    expected = paper.pixels
    raise UnreadableFile(
        N_("The picture has {width} × {height} dots; this paper takes {across} × {down} at {dpi} dpi."),
        remedy=N_("Send the sheet that the print dialog makes."),
        width=width,
        height=height,
        across=expected[0],
        down=expected[1],
        dpi=DPI,
    )


def file_name(city: RowMapping, day: str) -> str:
    """Return a print's file name without its suffix: city, what it is, day; invented data say so."""
    invented = "-synthetic" if city["synthetic"] else ""
    return f"{city['slug']}{invented}-map-{day}"
