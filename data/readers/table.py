"""CSV and XLSX files as frames of text, every cell as it is written, every row with its number."""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pandas as pd
from openpyxl import load_workbook
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from data.errors import N_, EmptyFile, InvalidInput, RowError, UnreadableFile, UnsupportedFormat

LONGEST_CELL = 1_000_000
LARGEST_SHEET = 1 << 30
HEADER_WITHIN = 20
DELIMITERS = ",;\t"
MERGE = re.compile(rb"""<(?:\w+:)?mergeCell\s[^>]*?\bref=["']([A-Z]+\d+:[A-Z]+\d+)["']""")
FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
Cells = list[str]
IsHeader = Callable[[Cells], bool]


@dataclass(frozen=True)
class Table:
    """The rows below a file's header.

    ``frame`` has one text column for each heading and the row numbers, as a spreadsheet counts them, as
    index; rows without any text are left out, and so are rows wider than the header, which ``errors`` names.
    ``merged`` holds the vertical merged ranges as (column number, first row, last row).
    """

    header: Cells
    frame: pd.DataFrame
    encoding: str
    errors: list[RowError] = field(default_factory=list)
    merged: list[tuple[int, int, int]] = field(default_factory=list)

    def named(self, required: Sequence[str], optional: Sequence[str]) -> pd.DataFrame:
        """Return the columns of these names, stripped; an optional one that is not there is empty.

        Raises
        ------
        InvalidInput
            A required column is missing.
        """
        given: pd.DataFrame = self.frame.set_axis(self.header, axis=1)
        missing = [name for name in required if name not in given.columns]
        if missing:
            raise InvalidInput(
                N_("No column was recognised for {missing}; the file has: {found}."),
                remedy=N_("Name the columns {known}."),
                missing=", ".join(missing),
                found=", ".join(self.header),
                known=", ".join((*required, *optional)),
            )
        frame: pd.DataFrame = given.reindex(columns=[*required, *optional], fill_value="")
        stripped: pd.DataFrame = frame.apply(lambda column: column.str.strip())
        return stripped


def read_table(path: Path, *, is_header: IsHeader | None = None, sheet: str | None = None) -> Table:
    """Read a CSV or XLSX file.

    Parameters
    ----------
    path
        ``.csv``/``.txt``/``.tsv`` in UTF-8 (with or without BOM) or GB18030 (GBK), or ``.xlsx``/``.xlsm``.
    is_header
        Tells the header from title rows above it; without it, and where no row fits, the first row with
        text is the header.
    sheet
        Name of an XLSX sheet; the first one when None.

    Raises
    ------
    UnreadableFile, UnsupportedFormat, EmptyFile, InvalidInput
    """
    suffix = path.suffix.lower()
    if suffix in {".xlsx", ".xlsm"}:
        return _read_xlsx(path, is_header, sheet)
    if suffix in {".csv", ".txt", ".tsv"}:
        return _read_csv(path, is_header)
    raise UnsupportedFormat(
        N_("A table in «{suffix}» cannot be read."),
        where=N_("{file}:"),
        remedy=N_("Save it as CSV (UTF-8) or XLSX."),
        suffix=suffix,
        file=path.name,
    )


def _read_csv(path: Path, is_header: IsHeader | None) -> Table:
    text, encoding = decoded(_bytes(path), path.name)
    csv.field_size_limit(LONGEST_CELL)
    records = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        return _table(enumerate(records, 1), path.name, encoding, is_header)
    except csv.Error as error:
        raise UnreadableFile(
            N_("This is not a CSV file: near line {line}, {reason}."),
            where=N_("{file}:"),
            remedy=N_("Check the quotation marks there and that no cell holds more than {most} characters."),
            line=records.line_num,
            reason=error,
            most=LONGEST_CELL,
            file=path.name,
        ) from error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFile(
            N_("The file cannot be read: {reason}."),
            where=N_("{file}:"),
            remedy=N_("Check the name and that you may read it."),
            file=path,
            reason=error.strerror,
        ) from error


def decoded(content: bytes, file: str) -> tuple[str, str]:
    """Decode a text file that is in UTF-8 or else in GB18030; returns the text and the encoding's name."""
    if b"\x00" in content:
        line = content[: content.index(b"\x00")].count(b"\n") + 1
        raise UnreadableFile(
            N_("Line {line} holds a NUL byte, so this is not text in UTF-8 or GBK."),
            where=N_("{file}:"),
            remedy=N_("Save it again as CSV (UTF-8)."),
            line=line,
            file=file,
        )
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding), "UTF-8" if encoding == "utf-8-sig" else "GB18030"
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(
        N_("The text is neither UTF-8 nor GBK (GB18030)."),
        where=N_("{file}:"),
        remedy=N_("Save it again as CSV (UTF-8)."),
        file=file,
    )


def _delimiter(text: str) -> str:
    start = text.lstrip()[:10_000].split("\n", 1)[0]
    return max(DELIMITERS, key=start.count)


def _table(
    records: Iterable[tuple[int, Cells]], file: str, encoding: str, is_header: IsHeader | None
) -> Table:
    rows = iter(records)
    opening = _opening(rows)
    if not opening:
        raise EmptyFile(
            N_("The file is empty."),
            where=N_("{file}:"),
            remedy=N_("Give a file with a header and rows."),
            file=file,
        )
    place = next((i for i, (_, cells) in enumerate(opening) if is_header and is_header(cells)), 0)
    header = [cell.strip() for cell in opening[place][1]]
    errors: list[RowError] = []
    body = list(_body(_chain(opening[place + 1 :], rows), len(header), errors))
    numbers = [number for number, _ in body]
    frame = pd.DataFrame((cells for _, cells in body), index=numbers, columns=range(len(header)), dtype="str")
    return Table(header, frame, encoding, errors)


def _opening(rows: Iterator[tuple[int, Cells]]) -> list[tuple[int, Cells]]:
    """Take the first rows with text, among which the header must be."""
    found: list[tuple[int, Cells]] = []
    for number, cells in rows:
        if any(cell.strip() for cell in cells):
            found.append((number, cells))
        if len(found) == HEADER_WITHIN:
            break
    return found


def _chain(first: list[tuple[int, Cells]], rest: Iterator[tuple[int, Cells]]) -> Iterator[tuple[int, Cells]]:
    yield from first
    yield from rest


def _body(
    rows: Iterator[tuple[int, Cells]], width: int, errors: list[RowError]
) -> Iterator[tuple[int, Cells]]:
    for number, cells in rows:
        if not any(cells):
            continue
        if len(cells) > width and any(cells[width:]):
            errors.append(_too_wide(number, cells, width))
            continue
        yield number, cells[:width] + [""] * (width - len(cells))


def _too_wide(number: int, cells: Cells, width: int) -> RowError:
    return RowError(
        number,
        "row",
        ",".join(cells),
        N_("The row has {cells} cells, the header {width}."),
        N_("Put quotation marks round a cell that holds the separator, or give the column a heading."),
        {"cells": len(cells), "width": width},
    )


def _read_xlsx(path: Path, is_header: IsHeader | None, sheet: str | None) -> Table:
    try:
        return _xlsx_table(path, is_header, sheet)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, OSError, SyntaxError, ValueError) as error:
        raise UnreadableFile(
            N_("This is not a readable XLSX workbook ({reason})."),
            where=N_("{file}:"),
            remedy=N_("Open it in Excel or LibreOffice and save it again as XLSX or CSV (UTF-8)."),
            reason=str(error).strip("'\"")[:120] or type(error).__name__,
            file=path.name,
        ) from error


def _xlsx_table(path: Path, is_header: IsHeader | None, sheet: str | None) -> Table:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        workbook = load_workbook(path, read_only=True, data_only=True)
        try:
            worksheet = _worksheet(workbook, sheet, path.name)
            xml = _sheet_xml(workbook, worksheet)
            table = _table(_text_rows(worksheet), path.name, "XLSX", is_header)
        finally:
            workbook.close()
        if FORMULA.search(xml):
            table.errors.extend(_unsaved_formulas(path, worksheet.title, table))
    return Table(table.header, table.frame, table.encoding, table.errors, _vertical(MERGE.findall(xml)))


def _worksheet(workbook: Any, sheet: str | None, file: str) -> Any:
    if sheet is None:
        return workbook.worksheets[0]
    if sheet in workbook.sheetnames:
        return workbook[sheet]
    raise InvalidInput(
        N_("There is no sheet «{sheet}»."),
        where=N_("{file}:"),
        remedy=N_("Choose one of: {sheets}."),
        sheet=sheet,
        sheets=", ".join(workbook.sheetnames),
        file=file,
    )


def _sheet_xml(workbook: Any, worksheet: Any) -> bytes:
    """Return the sheet's XML: read-only mode tells neither merged ranges nor formulas."""
    archive: zipfile.ZipFile = workbook._archive
    if sum(member.file_size for member in archive.infolist()) > LARGEST_SHEET:
        raise ValueError("unpacked, it is larger than 1 GiB")
    return archive.read(worksheet._worksheet_path)


def _text_rows(worksheet: Any) -> Iterator[tuple[int, Cells]]:
    worksheet.reset_dimensions()
    for number, cells in enumerate(worksheet.iter_rows(values_only=True), 1):
        yield number, [cell_text(cell) for cell in cells]


def cell_text(value: object) -> str:
    """Write an XLSX cell as a spreadsheet shows it, numbers with at most 15 digits."""
    if value is None:
        return ""
    if isinstance(value, float):
        return format(Decimal(f"{value:.15g}"), "f")
    return str(value)


def _vertical(ranges: list[bytes]) -> list[tuple[int, int, int]]:
    found = (cast("tuple[int, int, int, int]", range_boundaries(merged.decode())) for merged in ranges)
    return [
        (column - 1, top, bottom)
        for left, top, right, bottom in found
        for column in range(left, right + 1)
        if bottom > top
    ]


def _unsaved_formulas(path: Path, sheet: str, table: Table) -> Iterator[RowError]:
    """Name the formulas whose result was never saved: read as they are, they would pass for empty cells."""
    workbook = load_workbook(path, read_only=True)
    try:
        worksheet = workbook[sheet]
        worksheet.reset_dimensions()
        known = set(table.frame.index)
        for number, cells in enumerate(worksheet.iter_rows(values_only=True), 1):
            for place, cell in enumerate(cells[: len(table.header)]):
                empty = number in known and table.frame.at[number, place] == ""
                if isinstance(cell, str) and cell.startswith("=") and empty:
                    yield _unsaved(number, table.header[place], cell)
    finally:
        workbook.close()


def _unsaved(number: int, heading: str, formula: str) -> RowError:
    return RowError(
        number,
        heading,
        formula,
        N_("The formula's result is not saved in the file."),
        N_("Open it in Excel or LibreOffice and save it, or paste the values."),
    )
