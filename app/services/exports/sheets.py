"""Tables as files that a spreadsheet opens: CSV and XLSX, with text that can never run as a formula."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, BinaryIO

import xlsxwriter

FORMULA_STARTS = frozenset("=+-@")
CONTROL_STARTS = ("\t", "\r", "\n")
INVISIBLE = " \t\r\n\f\v\u00a0\u1680\u2007\u200b\u200c\u200d\u2060\u202f\u3000\ufeff"
PLAIN_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?(?<=\d)([eE][+-]?\d+)?", re.ASCII)
LONGEST_CELL = 32_767
MOST_ROWS = 1_048_575
Cell = str | int | Decimal | None


@dataclass(frozen=True)
class Head:
    """A column of a sheet: its heading, its width in characters, and how numbers are shown."""

    title: str
    width: float = 14
    number_format: str = ""


def safe_text(value: str) -> str:
    """Return a text that no spreadsheet takes for a formula; plain numbers such as ``-5`` stay as they are.

    An apostrophe is put before what starts with ``= + - @`` (half or full width, also after blanks or a byte
    order mark) or with a tab or line break.

    Examples
    --------
    >>> safe_text("=1+1"), safe_text("-5"), safe_text("＝SUM(A1)")
    ("'=1+1", '-5', "'＝SUM(A1)")
    """
    if PLAIN_NUMBER.fullmatch(value):
        return value
    visible = value.lstrip(INVISIBLE)
    starts = unicodedata.normalize("NFKC", visible[:1])
    dangerous = starts in FORMULA_STARTS or value.startswith(CONTROL_STARTS)
    return f"'{value}" if dangerous else value


def write_csv(file: BinaryIO, heads: Sequence[Head], rows: Iterable[Sequence[Cell]]) -> int:
    """Write a table as CSV in UTF-8 with a byte order mark, so that Excel reads Chinese; returns its rows.

    Numbers are written in full, unknown values as empty cells.
    """
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([safe_text(head.title) for head in heads])
    count = 0
    for row in rows:
        writer.writerow([_csv_cell(value) for value in row])
        count += 1
    text.detach()
    return count


def _csv_cell(value: Cell) -> str | int:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    return safe_text(value) if isinstance(value, str) else value


class WorkbookFile:
    """An XLSX file that is written row by row, so that its size does not matter."""

    def __init__(self, file: BinaryIO, title: str) -> None:
        self._book = xlsxwriter.Workbook(file, {"constant_memory": True})
        self._book.set_properties({"title": title, "comments": "Gengxin 更新"})
        self._bold = self._book.add_format({"bold": True, "bottom": 1, "valign": "top", "text_wrap": True})
        self._wrapped = self._book.add_format({"text_wrap": True, "valign": "top"})

    def table(self, name: str, heads: Sequence[Head], rows: Iterable[Sequence[Cell]]) -> int:
        """Add a sheet with a frozen head, widths, number formats and a filter; returns its rows."""
        sheet = self._book.add_worksheet(name)
        formats = [self._format(head) for head in heads]
        for place, (head, shown) in enumerate(zip(heads, formats, strict=True)):
            sheet.set_column(place, place, head.width, shown)
            _write(sheet, 0, place, head.title, self._bold)
        sheet.freeze_panes(1, 2)
        count = 0
        for count, row in enumerate(rows, 1):
            for place, value in enumerate(row):
                _write(sheet, count, place, value, formats[place])
        sheet.autofilter(0, 0, count, len(heads) - 1)
        return count

    def text(self, name: str, widths: Sequence[float], rows: Iterable[tuple[bool, Sequence[Cell]]]) -> None:
        """Add a sheet of words; a row is marked True where it is a heading."""
        sheet = self._book.add_worksheet(name)
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)
        for line, (is_heading, row) in enumerate(rows):
            for place, value in enumerate(row):
                _write(sheet, line, place, value, self._bold if is_heading else self._wrapped)

    def close(self) -> None:
        """Finish the file."""
        self._book.close()

    def _format(self, head: Head) -> Any:
        return self._book.add_format({"num_format": head.number_format}) if head.number_format else None


def _write(sheet: Any, row: int, column: int, value: Cell, shown: Any) -> None:
    if value is None:
        return
    if isinstance(value, str):
        sheet.write_string(row, column, _shortened(safe_text(value)), shown)
    else:
        sheet.write_number(row, column, float(value), shown)


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"
