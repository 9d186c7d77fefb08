"""Thresholds from a table: those that come with Gengxin, and a city's own."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from data.errors import N_, RowError, RowsInvalid
from data.indicator_codes import OPERATORS, OVERRIDES, SCOPES, STRENGTHS
from data.readers.table import read_table
from data.thresholds.threshold import Threshold

SHIPPED = Path(__file__).with_name("thresholds.csv")
REQUIRED = ("indicator", "operator", "unit", "document")
OPTIONAL = (
    "jurisdiction", "scope", "low", "high", "strength", "subject", "year", "modal", "override", "document_no",
    "document_date", "clause", "valid_from", "valid_to",
)  # fmt: skip
DEFAULTS = {"jurisdiction": "national", "scope": "city", "strength": "binding", "override": "free"}
CODED = {"operator": OPERATORS, "scope": SCOPES, "strength": STRENGTHS, "override": OVERRIDES}
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
    return {
        int(number): _threshold(row)
        for number, row in zip(frame.index, frame.to_dict("records"), strict=True)
    }


def _threshold(row: dict[Any, Any]) -> Threshold:
    low, high = _number(row["low"]), _number(row["high"])
    if row["operator"] == "=":
        high = low
    days = {name: _day(row[name]) for name in ("valid_from", "valid_to")}
    return Threshold(**row | {"low": low, "high": high, "year": int(row["year"] or 0) or None} | days)


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
    yield from _unreadable(frame, ("year",), int, N_("This is not a year."), N_("Write it as 2030."))
    yield from _unreadable(
        frame, ("valid_from", "valid_to"), _day, N_("«{text}» is not a date."), N_("Write it as YYYY-MM-DD.")
    )
    yield from _unbounded(frame)


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


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
