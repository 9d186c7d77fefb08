"""Project filters as they stand in addresses: the grid, the map, the charts and the export read the same."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping
from decimal import Decimal, InvalidOperation

from data import codes
from data.errors import N_, InvalidInput
from data.projects import BANDS, YI, ProjectFilter

FILTERS = (
    *("q", "district", "section", "year", "batch", "band", "boundary", "stage", "type", "mode"),
    *("min", "max", "entered", "cross", "exited", "day"),
)
BOUNDARY = ("pending", "drafted", "surveyed")
STATUS = {"pending": N_("boundary pending"), "drafted": N_("drafted"), "surveyed": N_("surveyed")}
LONGEST_TEXT = 200
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def filter_from_query(query: Mapping[str, str]) -> ProjectFilter:
    """Read a filter from query parameters; unknown parameters are not filters and are left alone.

    Lists are separated by commas, amounts are in 亿元.

    Raises
    ------
    InvalidInput
        A year is not a number, an amount is not an amount, a band or status is not one of ours.
    """
    return ProjectFilter(
        text=query.get("q", "").strip().replace("\x00", "")[:LONGEST_TEXT],
        years=tuple(_year(part) for part in _split(query.get("year", ""))),
        bands=_allowed("band", query.get("band", ""), BANDS),
        stages=_allowed("stage", query.get("stage", ""), codes.STAGES),
        types=_allowed("type", query.get("type", ""), codes.PROJECT_TYPES),
        modes=_allowed("mode", query.get("mode", ""), codes.RENEWAL_MODES),
        boundary=_allowed("boundary", query.get("boundary", ""), BOUNDARY),
        minimum=_amount("min", query.get("min", "")),
        maximum=_amount("max", query.get("max", "")),
        districts=_split(query.get("district", "")),
        sections=_split(query.get("section", "")),
        batches=_split(query.get("batch", "")),
        entered=query.get("entered") == "1",
        cross_district=query.get("cross") == "1",
        exited=query.get("exited") == "1",
        day=day_from_query(query.get("day", "")),
    )


def day_from_query(value: str) -> dt.date | None:
    """Read a day as addresses write it, ``YYYY-MM-DD``; None for an empty one.

    Raises
    ------
    InvalidInput
        It is no day of the calendar.
    """
    if not value.strip():
        return None
    try:
        if DAY.fullmatch(value) is None:
            raise ValueError(value)
        return dt.date.fromisoformat(value)
    except ValueError as error:
        raise _invalid("day", value, N_("Give a day as YYYY-MM-DD, such as 2025-06-30.")) from error


def _split(value: str) -> tuple[str, ...]:
    return tuple(part for part in value.replace("\x00", "").split(",") if part)


def _year(value: str) -> int:
    if value.isascii() and value.isdigit() and len(value) == 4:
        return int(value)
    raise _invalid("year", value, N_("Give years of four digits, separated by commas."))


def _allowed(name: str, value: str, known: Collection[str]) -> tuple[str, ...]:
    chosen = _split(value)
    for part in chosen:
        if part not in known:
            raise _invalid(name, part, N_("Choose among: {known}."), known=", ".join(known))
    return chosen


def _amount(name: str, value: str) -> Decimal | None:
    if not value.strip():
        return None
    try:
        amount = Decimal(value.strip())
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or abs(amount) > 10**9:
        raise _invalid(name, value, N_("Give an amount in 亿元, such as 12.5."))
    return amount * YI


def _invalid(name: str, value: str, remedy: str, known: str = "") -> InvalidInput:
    what = N_("The filter {name} cannot be «{value}».")
    return InvalidInput(what, remedy=remedy, name=name, value=value[:40], known=known)
