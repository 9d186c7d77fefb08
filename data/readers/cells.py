"""Cells of a file as numbers, shares, dates, amounts and codes; what cannot be used is NA and a fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from data.codes import Term
from data.errors import N_
from data.faults import KEPT, Faults
from data.kinds import Field
from data.readers.columns import normal
from data.readers.money import UNITS as MONEY_UNITS
from data.readers.money import read_amounts

AREA_UNITS = {
    "m2": 1.0, "平方米": 1.0, "ha": 1e4, "公顷": 1e4, "km2": 1e6, "平方公里": 1e6, "亩": 1e4 / 15,
    "mu": 1e4 / 15, "万平方米": 1e4, "sqft": 0.3048**2,
}  # fmt: skip
LENGTH_UNITS = {"m": 1.0, "米": 1.0, "ft": 0.3048}
SHARE_UNITS = {"1": 1.0, "%": 0.01}
SHARE_PLACES = 12
UNITS: dict[str, Mapping[str, float]] = {
    "area": AREA_UNITS,
    "length": LENGTH_UNITS,
    "share": SHARE_UNITS,
    "money": {name: 10.0**power for name, power in MONEY_UNITS.items()},
}
DAY = r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ].*)?$|^(\d{4})(\d{2})(\d{2})$"
MONTH = r"^(\d{4})(?:[-/.年])?(\d{1,2})月?$"
YES = {"y", "yes", "true", "t", "1", "是", "有", "√"}
NO = {"n", "no", "false", "f", "0", "否", "无", "×"}
MISSING = (
    N_("It is missing."),
    N_("Every row needs it; fill it in, or give all rows the same (--set {field}=VALUE)."),
)
GROUPED = r"^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$"


def as_text(cells: pd.Series) -> pd.Series:
    """Return cells as text without blanks at the ends, whole numbers without a point; nothing is NA."""
    if isinstance(cells.dtype, pd.StringDtype):
        text = cells
    elif pd.api.types.is_float_dtype(cells.dtype):
        numbers = cells.to_numpy(dtype=float, na_value=np.nan)
        whole = np.isfinite(numbers) & (np.abs(numbers) < 2**53) & (np.trunc(numbers) == numbers)
        text = cells.astype("str")
        text = text.mask(
            whole, pd.Series(np.where(whole, numbers, 0).astype("int64"), index=cells.index).astype("str")
        )
        text = text.where(cells.notna())
    else:
        text = cells.astype("str").where(cells.notna())
    text = text.astype("str").str.strip()
    return text.mask(text == "")


def _read_text(one: Field, cells: pd.Series, _: str, faults: Faults) -> pd.Series:
    text = as_text(cells)
    with_nul = text.str.contains("\x00", regex=False).fillna(False).astype(bool)
    _fault(faults, "not_text", one, text[with_nul], N_("It holds a NUL byte."), N_("Correct the text."))
    text = text.mask(with_nul)
    return text if one.codes is None else _coded(one, one.codes, text, faults)


def _coded(one: Field, terms: Mapping[str, Term], text: pd.Series, faults: Faults) -> pd.Series:
    """Return codes for texts that are a code or its Chinese or English name."""
    names = {normal(str(name)): code for code, term in terms.items() for name in (*term, code)}
    given = text.dropna().unique()
    meaning = {value: names.get(normal(value)) for value in given}
    if one.open_list:
        return text.map({value: code or value for value, code in meaning.items()}).astype("str")
    known = {value: code for value, code in meaning.items() if code is not None}
    unknown = text[text.notna() & ~text.isin(list(known))]
    _fault(
        faults,
        "unknown_code",
        one,
        unknown,
        N_("It is not in the code list of {field}."),
        N_("Use one of: {known}; or say what it means (--value {field}:{value}=CODE)."),
        [{"known": ", ".join(terms), "value": value} for value in unknown.head(KEPT)],
    )
    return text.map(known).astype("str")


def _numbers(one: Field, cells: pd.Series, faults: Faults) -> pd.Series:
    if pd.api.types.is_numeric_dtype(cells.dtype) and not pd.api.types.is_bool_dtype(cells.dtype):
        numbers = pd.Series(cells.to_numpy(dtype=float, na_value=np.nan), index=cells.index)
        bad = pd.Series(np.isinf(numbers.to_numpy()), index=cells.index)
        text = cells
    else:
        text = as_text(cells)
        plain = text.str.normalize("NFKC")
        plain = plain.where(~plain.str.match(GROUPED).fillna(False).astype(bool), plain.str.replace(",", ""))
        numbers = pd.to_numeric(plain, errors="coerce").astype(float)
        bad = text.notna() & ~np.isfinite(numbers)
    what, remedy = (
        N_("This is not a number."),
        N_("Write a number such as 12.5, or nothing where it is not known."),
    )
    _fault(faults, "not_a_number", one, text[bad], what, remedy)
    return numbers.mask(bad)


def _within(
    one: Field, numbers: pd.Series, least: float | None, most: float | None, faults: Faults
) -> pd.Series:
    out = (numbers < (-np.inf if least is None else least)) | (numbers > (np.inf if most is None else most))
    if most is None:
        what, remedy = (
            N_("It cannot be below {least:g}."),
            N_("Correct it, or leave it empty where it is not known."),
        )
    else:
        what = N_("It does not lie between {least:g} and {most:g}.")
        remedy = N_("Correct it or its unit, or leave it empty where it is not known.")
    _fault(faults, "out_of_range", one, numbers[out], what, remedy, {"least": least, "most": most})
    return numbers.mask(out)


def _read_number(one: Field, cells: pd.Series, unit: str, faults: Faults) -> pd.Series:
    factor = UNITS.get(one.quantity, {}).get(unit, 1.0)
    given = _within(one, _numbers(one, cells, faults), one.least, one.most, faults)
    with np.errstate(over="ignore"):
        numbers = given * factor
    huge = np.isinf(numbers)
    what, remedy = N_("The number is too large."), N_("Check the number and the column's unit.")
    _fault(faults, "out_of_range", one, given[huge], what, remedy)
    return numbers.mask(huge)


def _read_share(one: Field, cells: pd.Series, unit: str, faults: Faults) -> pd.Series:
    """Read shares: 0.35, 35 in a column of per cents, or 35% as it is written."""
    factor = pd.Series(SHARE_UNITS[unit or "1"], index=cells.index)
    if not pd.api.types.is_numeric_dtype(cells.dtype):
        text = as_text(cells).str.normalize("NFKC")
        written = text.str.endswith("%").fillna(False).astype(bool)
        cells, factor = text.where(~written, text.str.rstrip("%")), factor.mask(written, SHARE_UNITS["%"])
    numbers = _numbers(one, cells, faults)
    out = (numbers * factor < 0) | (numbers * factor > 1)
    what = N_("It is not a share between 0 and 1.")
    remedy = N_("Write 0.35 or 35%; for a column of per cents say so (--unit {field}=%).")
    _fault(faults, "out_of_range", one, numbers[out], what, remedy)
    return (numbers.mask(out) * factor).round(SHARE_PLACES)


def _read_whole(one: Field, cells: pd.Series, _: str, faults: Faults) -> pd.Series:
    numbers = _within(one, _numbers(one, cells, faults), one.least, one.most, faults)
    broken = numbers.notna() & (np.trunc(numbers) != numbers)
    what, remedy = (
        N_("This is not a whole number."),
        N_("Correct it, or leave it empty where it is not known."),
    )
    _fault(faults, "not_a_number", one, numbers[broken], what, remedy)
    return numbers.mask(broken).astype("Int64")


def _read_money(one: Field, cells: pd.Series, unit: str, faults: Faults) -> pd.Series:
    text = as_text(cells)
    amounts = read_amounts(text, unit or "元")
    for (what, remedy), wrong in amounts.faults.items():
        _fault(faults, "not_an_amount", one, text[wrong], what, remedy)
    if one.required:
        empty = amounts.yuan.isna() & text.notna()
        for wrong in amounts.faults.values():
            empty &= ~wrong
        _fault(faults, "missing_value", one, text[empty], *MISSING)
    return amounts.yuan


def _read_date(one: Field, cells: pd.Series, _: str, faults: Faults) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        days: pd.Series = cells.dt.tz_localize(None).dt.normalize()
        return days
    text = as_text(cells)
    return _days(one, text, text, N_("Write it as YYYY-MM-DD."), faults)


def _read_month(one: Field, cells: pd.Series, _: str, faults: Faults) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(cells.dtype):
        days = cells.dt.tz_localize(None).dt.normalize()
    else:
        text = as_text(cells)
        months = text.str.normalize("NFKC").str.extract(MONTH)
        first = text.mask(months[0].notna(), months[0] + "-" + months[1] + "-1")
        days = _days(one, first, text, N_("Write the month as YYYY-MM."), faults)
    ends: pd.Series = days + pd.offsets.MonthEnd(0)
    return ends


def _days(one: Field, text: pd.Series, written: pd.Series, remedy: str, faults: Faults) -> pd.Series:
    parts = text.str.normalize("NFKC").str.extract(DAY)
    year, month, day = (parts[at].fillna(parts[at + 3]) for at in range(3))
    days = pd.to_datetime(year + "-" + month + "-" + day, format="%Y-%m-%d", errors="coerce")
    _fault(faults, "not_a_date", one, written[text.notna() & days.isna()], N_("This is not a date."), remedy)
    return days


def _read_flag(one: Field, cells: pd.Series, _: str, faults: Faults) -> pd.Series:
    text = as_text(cells)
    words = text.str.normalize("NFKC").str.lower()
    yes, no = words.isin(YES), words.isin(NO)
    what, remedy = N_("This is neither yes nor no."), N_("Write yes or no, or say what it means (--value).")
    _fault(faults, "not_a_flag", one, text[text.notna() & ~yes & ~no], what, remedy)
    return yes.astype("boolean").mask(~yes & ~no)


def _fault(  # noqa: PLR0913, PLR0917
    faults: Faults,
    kind: str,
    one: Field,
    cells: pd.Series,
    what: str,
    remedy: str,
    values: Sequence[dict[str, object]] | dict[str, object] | None = None,
) -> None:
    common: dict[str, object] = {"field": one.name}
    filled = [common | each for each in values] if isinstance(values, Sequence) else common | (values or {})
    faults.add(kind, one.name, cells.index, as_text(cells).fillna(""), what, remedy, filled)


Reader = Callable[[Field, pd.Series, str, Faults], pd.Series]
READERS: dict[str, Reader] = {
    "text": _read_text,
    "number": _read_number,
    "area": _read_number,
    "length": _read_number,
    "whole": _read_whole,
    "share": _read_share,
    "money": _read_money,
    "date": _read_date,
    "month": _read_month,
    "flag": _read_flag,
}
