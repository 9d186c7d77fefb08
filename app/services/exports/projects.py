"""Export 导出 of exactly the filtered list, as CSV or as XLSX with a sheet of definitions."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from sqlalchemy import Connection, RowMapping, Select

from app.i18n import gettext as _
from app.i18n import use_language
from app.services.exports.columns import SYNTHETIC, Column, columns
from app.services.exports.sheets import MOST_ROWS, Cell, Head, WorkbookFile, write_csv
from app.services.filters import STATUS, filter_from_query
from app.services.map.selection import Selected, area_words, select_area
from app.services.projects.listing import Sort, sort_from_query
from app.terms import named, term
from data import cities, codes, projects, register
from data.errors import N_, InvalidInput, UnsupportedFormat
from data.projects import YI, ProjectFilter
from data.selection import projects_in
from data.selection import projects_sum as selected_projects
from data.session import Database

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
SORT_WORDS = {
    "code": N_("Code"),
    "name": N_("Project name"),
    "amount": N_("Total investment"),
    "year": N_("Year"),
    "batch": N_("Batch"),
    "district": N_("District"),
    "boundary_status": N_("Boundary"),
    "stage": N_("Stage"),
    "project_type": N_("Type"),
    "renewal_mode": N_("Mode"),
}
UNSAFE_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')


@dataclass(frozen=True)
class Export:
    """One export: the city, its notice, what is kept, in which order, and the columns that are written."""

    city: RowMapping
    notice: str
    districts: Mapping[str, str]
    keep: ProjectFilter
    sort: Sort
    columns: tuple[Column, ...]
    day: dt.date
    selected: Selected | None = None

    @property
    def rows(self) -> Select[Any]:
        """The projects that are written, in their order."""
        listing = projects.listing(self.city["id"], self.keep)
        if self.selected is not None:
            listing = listing.where(projects_in(self.selected.area))
        return projects.ordered(listing, *self.sort)

    @property
    def file_stem(self) -> str:
        """Name of the file without its suffix: city, what it holds, notice, date."""
        city = named(self.city)
        invented = [_("SYNTHETIC data")] if self.city["synthetic"] else []
        part = _("selection") if self.selected else ""
        parts = [city, *invented, _("renewal projects"), part, self.notice, self.day.isoformat()]
        return UNSAFE_IN_NAMES.sub("-", "_".join(part for part in parts if part)).replace(" ", "-")


def plan_export(database: Database, city_slug: str, params: Mapping[str, str]) -> Export:
    """Read what an address asks to export, in the reader's language.

    Raises
    ------
    NotFound
        No such city.
    InvalidInput
        A filter, the order or the selected area cannot be used.
    """
    keep, sort = filter_from_query(params), sort_from_query(params)
    with database.reading() as connection:
        city = cities.city_named(connection, city_slug)
        numbers = [notice["number"] for notice in register.notices(connection, city["id"])]
        districts = {row["code"]: named(row) for row in cities.districts_of(connection, city["id"])}
        selected = select_area(connection, city, params)
    today = dt.datetime.now().astimezone().date()
    shown = columns(bool(city["synthetic"]), keep.exited)
    return Export(city, numbers[0] if numbers else "", districts, keep, sort, shown, today, selected)


def write_export(
    database: Database, city_slug: str, path: Path, params: Mapping[str, str], language: str = "zh_CN"
) -> int:
    """Write the filtered list to a file whose suffix names the format; returns the number of projects.

    The file appears when it is complete, or not at all.

    Raises
    ------
    UnsupportedFormat
        The suffix is neither ``.csv`` nor ``.xlsx``.
    NotFound, InvalidInput
        As ``plan_export``.
    """
    kind = known_format(path.suffix.lstrip(".").lower())
    use_language(language)
    export = plan_export(database, city_slug, params)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            count = write(database, export, kind, file)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return count


def known_format(kind: str) -> str:
    """Return a format that we write.

    Raises
    ------
    UnsupportedFormat
        It is none of ours.
    """
    if kind in FORMATS:
        return kind
    raise UnsupportedFormat(
        N_("Projects cannot be exported as «{kind}»."),
        remedy=N_("Choose among: {known}."),
        kind=kind[:20],
        known=", ".join(FORMATS),
    )


def write(database: Database, export: Export, kind: str, file: BinaryIO) -> int:
    """Write an export in a format to an open file; returns the number of projects."""
    heads = [Head(column.heading(), column.width, column.number_format) for column in export.columns]
    with database.reading() as connection:
        projects.hold_still(connection)
        rows = _cells(connection, export)
        if kind == "csv":
            return write_csv(file, heads, rows)
        totals = _totals(connection, export)
        _require_room(totals["projects"])
        return _write_workbook(file, export, heads, rows, totals)


def _totals(connection: Connection, export: Export) -> RowMapping:
    if export.selected is None:
        return projects.totals(connection, export.city["id"], export.keep)
    return selected_projects(connection, export.city, export.selected.area, export.keep)


def _write_workbook(
    file: BinaryIO, export: Export, heads: Sequence[Head], rows: Iterator[list[Cell]], totals: RowMapping
) -> int:
    book = WorkbookFile(file, export.file_stem)
    count = book.table(_("Projects"), heads, rows)
    book.text(_("Definitions"), (26, 62, 16, 40, 44), definitions(export, totals))
    book.close()
    return count


def _require_room(count: int) -> None:
    if count > MOST_ROWS:
        raise InvalidInput(
            N_("{count} projects do not fit an Excel sheet."), remedy=N_("Export them as CSV."), count=count
        )


def _cells(connection: Connection, export: Export) -> Iterator[list[Cell]]:
    readers: list[Callable[[RowMapping], Cell]] = [column.reader() for column in export.columns]
    for row in projects.streamed(connection, export.rows):
        yield [read(row) for read in readers]


def definitions(export: Export, totals: RowMapping) -> Iterator[tuple[bool, Sequence[Cell]]]:
    """Yield the rows of the definitions 字段说明: what the file is, then each column; True: a heading."""
    yield True, (_("About this file"),)
    for label, value in _about(export, totals):
        yield False, (label, value)
    yield False, ()
    yield True, (_("Column"), _("Meaning"), _("Unit"), _("Source"), _("An empty cell means"))
    for column in export.columns:
        yield False, column.definition()


def _about(export: Export, totals: RowMapping) -> list[tuple[str, Cell]]:
    city = export.city
    credit = city["attribution"]
    invested = totals["investment"]
    filters = "; ".join(filter_words(export.keep, export.districts))
    lines: list[tuple[str, Cell]] = [
        (_("City"), f"{city['name_zh']} {city['name_en']}"),
        (_("Source notice"), export.notice or None),
        (_("Filters"), filters or _("none, the whole library")),
        *([(_("Selection"), area_words(export.selected))] if export.selected else []),
        (_("Order"), _sort_words(export.sort)),
        (_("Projects"), int(totals["projects"])),
        (_("Projects with an amount"), int(totals["with_amount"])),
        (_("Sum, CNY 100 M"), None if invested is None else invested / YI),
        (_("Exported on"), export.day.isoformat()),
        (_("Source and licence"), _(credit) or None),
        (_("Empty cells"), _("not supplied by the source; never zero")),
    ]
    return [(_("Nature of the data"), _(SYNTHETIC)), *lines] if city["synthetic"] else lines


def _sort_words(sort: Sort) -> str:
    direction = _("descending") if sort.descending else _("ascending")
    return f"{_(SORT_WORDS[sort.column])}, {direction}"


def filter_words(keep: ProjectFilter, districts: Mapping[str, str]) -> list[str]:
    """Say a filter in words, one phrase a field."""
    several: list[tuple[str, Sequence[object]]] = [
        (_("text contains"), (keep.text,) if keep.text else ()),
        (_("district"), [districts.get(code, code) for code in keep.districts]),
        (_("section"), keep.sections),
        (_("year"), keep.years),
        (_("batch"), keep.batches),
        (_("size, CNY 100 M"), keep.bands),
        (_("stage"), [term(codes.STAGES, code) for code in keep.stages]),
        (_("type"), [term(codes.PROJECT_TYPES, code) for code in keep.types]),
        (_("mode"), [term(codes.RENEWAL_MODES, code) for code in keep.modes]),
        (_("boundary"), [_(STATUS[status]) for status in keep.boundary]),
        (_("at least, CNY 100 M"), _yi(keep.minimum)),
        (_("at most, CNY 100 M"), _yi(keep.maximum)),
        (_("on the day"), (keep.day,) if keep.day else ()),
    ]
    flags = [
        (_("new with the last notice"), keep.entered),
        (_("cross-district"), keep.cross_district),
        (_("left the library"), keep.exited),
    ]
    said = [f"{name}: {', '.join(map(str, values))}" for name, values in several if values]
    return said + [name for name, is_set in flags if is_set]


def _yi(yuan: Decimal | None) -> tuple[str, ...]:
    return () if yuan is None else (format((yuan / YI).normalize(), "f"),)


def content_disposition(export: Export, kind: str) -> str:
    """Return the header that names a download: plain ASCII first, then the real name (RFC 5987)."""
    invented = "-synthetic" if export.city["synthetic"] else ""
    plain = f"{export.city['slug']}{invented}-projects-{export.day.isoformat()}.{kind}"
    real = quote(f"{export.file_stem}.{kind}", safe="")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{real}"
