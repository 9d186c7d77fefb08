"""Thresholds from a table: those that come with Gengxin, and a city's own."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from data.errors import N_, RowError, RowsInvalid
from data.indicator_codes import OPERATORS, OVERRIDES, SCOPES, STRENGTHS
from data.readers.table import read_table
from data.thresholds.judging import MODALS
from data.thresholds.threshold import Threshold

SHIPPED = Path(__file__).with_name("thresholds.csv")
REQUIRED = ("indicator", "operator", "unit", "document")
OPTIONAL = (
    "jurisdiction", "scope", "low", "high", "strength", "subject", "year", "modal", "override", "document_no",
    "document_date", "clause", "valid_from", "valid_to",
)  # fmt: skip
DEFAULTS = {"jurisdiction": "national", "scope": "city", "strength": "binding", "override": "free"}
CODED = {
    "operator": OPERATORS, "scope": SCOPES, "strength": STRENGTHS, "override": OVERRIDES, "modal": MODALS,
}  # fmt: skip
LAST_YEAR = 9999
VALIDITY = ("valid_from", "valid_to")
# Which of low and high an operator takes.
BOUNDS = {
    ">=": {"low"},
    ">": {"low"},
    "<=": {"high"},
    "<": {"high"},
    "between": {"low", "high"},
    "=": {"low"},
}


@cache
def shipped() -> tuple[Threshold, ...]:
    """Return the thresholds that come with Gengxin, in the order of their file."""
    return tuple(read_thresholds(SHIPPED).values())


def read_thresholds(path: Path) -> dict[int, Threshold]:
    """Read thresholds by row from CSV or XLSX.

    Columns: ``REQUIRED`` and, where they apply, ``OPTIONAL``.

    Raises
    ------
    InvalidInput
        A required column is missing.
    RowsInvalid
        Cells are missing or cannot be used; all are named.
    """
    table = read_table(path)
    frame = table.named(REQUIRED, OPTIONAL)
    for name, default in DEFAULTS.items():
        frame[name] = frame[name].mask(frame[name] == "", default)
    faults = [*table.errors, *_faults(frame)]
    if faults:
        raise RowsInvalid(faults, path.name)
    rows = zip(frame.index, frame.to_dict("records"), strict=True)
    found = {int(number): _threshold(row) for number, row in rows}
    if faults := list(_twice(found)):
        raise RowsInvalid(faults, path.name)
    return found


def _twice(found: Mapping[int, Threshold]) -> Iterator[RowError]:
    first: dict[Threshold, int] = {}
    for number, one in found.items():
        if first.setdefault(one, number) != number:
            what, remedy = N_("The threshold is that of row {first}."), N_("Leave one of the two out.")
            yield RowError(number, "indicator", one.indicator, what, remedy, {"first": first[one]})


def _threshold(row: dict[Any, Any]) -> Threshold:
    low, high = _number(row["low"]), _number(row["high"])
    if row["operator"] == "=":
        high = low
    days = {name: _day(row[name]) for name in VALIDITY}
    return Threshold(**row | {"low": low, "high": high, "year": _year(row["year"])} | days)


def _faults(frame: pd.DataFrame) -> Iterator[RowError]:
    for name in ("indicator", "operator", "document"):
        yield from _named(frame, name, frame[name] == "", N_("It is missing."), N_("Fill it in."))
    for name, codes in CODED.items():
        wrong = ~frame[name].isin(["", *codes])
        yield from _named(
            frame, name, wrong, N_("This is not among the codes."), N_("Write one of: {known}."), known=codes
        )
    yield from _unreadable(
        frame, ("low", "high"), _number, N_("This is not a number."), N_("Write it as 0.8.")
    )
    yield from _unreadable(frame, ("year",), _year, N_("This is not a year."), N_("Write it as 2030."))
    yield from _unreadable(
        frame, VALIDITY, _day, N_("«{text}» is not a date."), N_("Write it as YYYY-MM-DD.")
    )
    yield from _ended(frame)
    yield from _unbounded(frame)


def _ended(frame: pd.DataFrame) -> Iterator[RowError]:
    days = [[_day(text) if _reads(_day, text) else None for text in frame[name]] for name in VALIDITY]
    ended = [begin is not None and end is not None and end <= begin for begin, end in zip(*days, strict=True)]
    what = N_("It is not after valid_from, so that the threshold is never in force.")
    remedy = N_("Exchange the two, or leave it empty.")
    yield from _named(frame, "valid_to", pd.Series(ended, frame.index, dtype=bool), what, remedy)


def _unbounded(frame: pd.DataFrame) -> Iterator[RowError]:
    what = N_("The operator {operator} takes: {needed}.")
    for operator, needed in BOUNDS.items():
        for name in ("low", "high"):
            wrong = (frame["operator"] == operator) & ((frame[name] == "") == (name in needed))
            remedy = N_("Fill it in.") if name in needed else N_("Leave it empty.")
            yield from _named(frame, name, wrong, what, remedy, operator=operator, needed=sorted(needed))
    bounds = frame[["low", "high"]].apply(pd.to_numeric, errors="coerce")
    crossed = (frame["operator"] == "between") & (bounds["low"] > bounds["high"])
    yield from _named(frame, "low", crossed, N_("It is above high."), N_("Exchange the two."))


def _unreadable(
    frame: pd.DataFrame, names: tuple[str, ...], read: Callable[[str], object], what: str, remedy: str
) -> Iterator[RowError]:
    for name in names:
        wrong = frame[name].map(lambda text: bool(text) and not _reads(read, text)).astype(bool)
        yield from _named(frame, name, wrong, what, remedy)


def _named(
    frame: pd.DataFrame, name: str, wrong: pd.Series, what: str, remedy: str, **values: Any
) -> Iterator[RowError]:
    shown = {key: value if isinstance(value, str) else ", ".join(value) for key, value in values.items()}
    for number, text in frame.loc[wrong, name].items():
        yield RowError(int(str(number)), name, str(text), what, remedy, {"text": str(text), **shown})


def _reads(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


def _number(text: str) -> float | None:
    number = float(text) if text else None
    if number is not None and not math.isfinite(number):
        raise ValueError(text)
    return number


def _year(text: str) -> int | None:
    year = int(text) if text else None
    if year is not None and not 0 < year <= LAST_YEAR:
        raise ValueError(text)
    return year


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
