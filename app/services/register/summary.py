"""Does the register add up? Rows, sums and printed totals of each area, section and the city."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

from sqlalchemy import Connection, RowMapping

from app.services.register.rules import district_names
from data import cities
from data import register as queries
from data.readers.register import area_key, split_area
from data.session import Database

TOLERANCE = Decimal("0.005")
YI_DIGITS = 8


@dataclass(frozen=True)
class Line:
    """One printed line of a notice; amounts in 亿元, None where not given.

    ``difference`` is the sum of the rows less the printed total, ``new`` the rows that entered with the
    notice, ``amounts_missing`` the rows without an amount.
    """

    label: str
    label_en: str
    section: str
    rows: int
    amounts_missing: int
    sum: Decimal | None
    printed: Decimal | None
    difference: Decimal | None
    new: int


@dataclass(frozen=True)
class Summary:
    """A notice's figures beside its printed totals; amounts in 亿元.

    ``reconciled`` tells whether every printed total agrees with its rows within 0.005, None where nothing is
    printed; ``largest_difference`` is the largest one without its sign.
    """

    city: str
    notice: str
    projects: int
    total: Decimal | None
    areas: tuple[Line, ...]
    sections: tuple[Line, ...]
    city_total: Line
    reconciled: bool | None
    largest_difference: Decimal | None


@dataclass(frozen=True)
class Gap:
    """A run of serial numbers that are not in the current library, reason not given."""

    year: int
    batch: int
    first: int
    last: int
    codes: tuple[str, ...]


@dataclass(frozen=True)
class SerialGaps:
    """Serial numbers below each batch's highest that the current library does not have (缺号)."""

    city: str
    notice: str
    missing: int
    by_year: Mapping[int, int]
    gaps: tuple[Gap, ...]


def summary(database: Database, city: str, notice: str | None = None) -> Summary:
    """Reconcile a notice with its printed totals (对账).

    Parameters
    ----------
    city, notice
        The city's slug and the notice's number; the newest one when None.

    Returns
    -------
    Summary
        A cross-district project is an area line of its own, as printed, and counts once in section and city.

    Raises
    ------
    NotFound
        No such city or notice.
    """
    with database.reading() as connection:
        city_row = cities.city_named(connection, city)
        chosen = queries.notice_numbered(connection, city_row["id"], notice)
        areas = _lines(connection, "area", chosen)
        sections = _lines(connection, "section", chosen)
        whole = _lines(connection, "city", chosen)
        names = _english(cities.districts_of(connection, city_row["id"]))
    area_lines = tuple(_line(dict(row), _area_in_english(row["label"], names)) for row in areas)
    section_lines = tuple(_line(dict(row), row["label"]) for row in sections)
    city_line = _line({**whole[0], "label": city_row["name_zh"]}, city_row["name_en"])
    lines = (*area_lines, *section_lines, city_line)
    differences = [abs(line.difference) for line in lines if line.difference is not None]
    return Summary(
        city=city,
        notice=chosen["number"],
        projects=city_line.rows,
        total=city_line.sum,
        areas=area_lines,
        sections=section_lines,
        city_total=city_line,
        reconciled=max(differences) <= TOLERANCE if differences else None,
        largest_difference=max(differences, default=None),
    )


def in_yi(yuan: Decimal | None) -> Decimal | None:
    """Convert yuan into 亿元, exactly."""
    return None if yuan is None else yuan.scaleb(-YI_DIGITS)


def _lines(connection: Connection, level: str, notice: RowMapping) -> Sequence[RowMapping]:
    before = queries.notice_before(connection, notice)
    return queries.lines(connection, level, notice["id"], before["id"] if before else None)


def _line(row: Mapping[str, Any], english: str) -> Line:
    total, printed = in_yi(row["sum"]), in_yi(row["printed"])
    return Line(
        label=row["label"],
        label_en=english,
        section=row["section"],
        rows=row["rows"],
        amounts_missing=row["amounts_missing"],
        sum=total,
        printed=printed,
        difference=None if total is None or printed is None else total - printed,
        new=row["new"],
    )


def _english(districts: Sequence[RowMapping]) -> dict[str, str]:
    english = {row["name_zh"]: row["name_en"] for row in districts}
    return {key: english[name] for key, (name, _) in district_names(districts).items()}


def _area_in_english(label: str, names: Mapping[str, str]) -> str:
    return " + ".join(names.get(area_key(part), part) for part in split_area(label, names))


def serial_gaps(database: Database, city: str, *, most_codes: int = 1000) -> SerialGaps:
    """List the serial numbers below each batch's highest that the newest notice does not print (缺号).

    The notice does not say why: such a code is "not in the current library, reason not given".

    Parameters
    ----------
    most_codes
        Codes written out for one gap at most; ``first`` and ``last`` always tell its whole extent.
    """
    with database.reading() as connection:
        city_row = cities.city_named(connection, city)
        notice = queries.notice_numbered(connection, city_row["id"], None)
        rows = queries.gaps(connection, notice["id"])
        by_year = dict.fromkeys(queries.years(connection, notice["id"]), 0)
    gaps = tuple(_gap(row, city_row["code_pattern"], most_codes) for row in rows)
    for gap in gaps:
        by_year[gap.year] += gap.last - gap.first + 1
    return SerialGaps(city, notice["number"], sum(by_year.values()), by_year, gaps)


def _gap(row: RowMapping, pattern: str | None, most: int) -> Gap:
    match = re.search(pattern, row["next_code"]) if pattern else None
    serials = islice(range(row["first"], row["last"] + 1), most)
    codes = tuple(_with_serial(match, serial) for serial in serials) if match else ()
    return Gap(row["year"], row["batch"], row["first"], row["last"], codes)


def _with_serial(match: re.Match[str], serial: int) -> str:
    start, end = match.span("serial")
    return f"{match.string[:start]}{serial:0{end - start}d}{match.string[end:]}"
