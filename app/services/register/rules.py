"""What a published notice must satisfy beyond its rows: number, code pattern, areas, printed totals."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import RowMapping

from data.errors import N_, InvalidInput, Note, RegisterInvalid, RowError
from data.readers.new_list import match_new_list
from data.readers.register import Register, area_key, read_register, read_totals, split_area

DOCUMENT = re.compile(
    r"^(?P<issuer>.*?)[〔\[(【]\s*(?P<year>\d{4})\s*[〕\])】]\s*第?(?P<serial>\d{1,9})\s*号?$"
)
CODE_PARTS = ("year", "batch", "serial")
SHARE = Decimal("0.0000000001")
LONGEST_NUMBER = 100
DistrictNames = Mapping[str, tuple[str, int]]


def checked_number(number: str) -> str:
    """Return a notice's number without blanks around it.

    Raises
    ------
    InvalidInput
        It is empty or too long to be one.
    """
    clean = number.strip()
    if clean and len(clean) <= LONGEST_NUMBER and clean.isprintable():
        return clean
    raise InvalidInput(
        N_("«{number}» is not the number of a notice."),
        remedy=N_("Give it as printed, such as 郑建文〔2025〕45号."),
        number=clean[:40],
    )


def is_older(number: str, latest: str) -> bool:
    """Tell whether a notice's printed number (发文字号) says that it is older than the latest one.

    Year and serial of one issuer are compared, of different issuers only the year; numbers of another form
    say nothing.

    Examples
    --------
    >>> is_older("郑建文〔2024〕12号", "郑建文〔2025〕45号")
    True
    """
    one, other = (DOCUMENT.match(unicodedata.normalize("NFKC", text)) for text in (number, latest))
    if one is None or other is None:
        return False
    if one["issuer"] != other["issuer"]:
        return int(one["year"]) < int(other["year"])
    return (int(one["year"]), int(one["serial"])) < (int(other["year"]), int(other["serial"]))


def code_parts(codes: pd.Series, pattern: str | None) -> tuple[pd.DataFrame, list[Note]]:
    """Read year, batch and serial from project codes by the city's pattern.

    Returns
    -------
    DataFrame, list of Note
        ``code_year``, ``code_batch``, ``code_serial`` (NA where the code does not match), and a note on the
        codes that do not match; none where the city has no pattern.
    """
    found = _extracted(codes, pattern) if pattern else pd.DataFrame(index=codes.index)
    parts = pd.DataFrame(
        {f"code_{name}": pd.to_numeric(found[name]) if name in found else None for name in CODE_PARTS},
        index=codes.index,
    ).astype("Int64")
    odd = codes[parts.isna().all(axis=1)] if pattern else codes.iloc[:0]
    if odd.empty:
        return parts, []
    what = N_("{count} codes do not follow the city's pattern; they are kept as they are: {codes}.")
    return parts, [Note(what, {"count": len(odd), "codes": _some(odd)})]


def _extracted(codes: pd.Series, pattern: str) -> pd.DataFrame:
    try:
        found = codes.str.extract(re.compile(pattern))
    except (re.error, ValueError) as error:
        raise InvalidInput(
            N_("The city's code pattern «{pattern}» cannot be used: {reason}."),
            remedy=N_("Use a regular expression with the named groups year, batch and serial."),
            pattern=pattern,
            reason=error,
        ) from error
    return found.where(found.apply(lambda part: part.str.fullmatch("[0-9]{1,9}")).eq(True))


def _some(values: pd.Series, most: int = 5) -> str:
    return ", ".join(values.head(most)) + (" …" if len(values) > most else "")


def district_names(districts: Iterable[RowMapping]) -> dict[str, tuple[str, int]]:
    """Return every name that a city's districts go by, with proper name and id."""
    names: dict[str, tuple[str, int]] = {}
    for district in districts:
        for name in (district["name_zh"], district["name_en"], *district["aliases"]):
            if name:
                names.setdefault(area_key(name), (district["name_zh"], district["id"]))
    return names


def area_shares(printed: pd.Series, names: DistrictNames) -> pd.DataFrame:
    """Give each printed area its districts; several share equally until a person enters other shares.

    Returns
    -------
    DataFrame
        ``area``, ``district_id``, ``share`` (Decimal, summing to exactly 1 for each area), ``share_basis``.
    """
    rows = []
    for label in printed.unique():
        parts = split_area(label, names)
        ids = list(dict.fromkeys(names[area_key(part)][1] for part in parts))
        basis = "single" if len(ids) == 1 else "equal"
        rows += [(label, key, part, basis) for key, part in zip(ids, _equal_shares(len(ids)), strict=True)]
    return pd.DataFrame(rows, columns=["area", "district_id", "share", "share_basis"])


def _equal_shares(count: int) -> list[Decimal]:
    share = (Decimal(1) / count).quantize(SHARE)
    return [share] * (count - 1) + [1 - share * (count - 1)]


def with_new_list(register: Register, path: Path | None, unit: str | None) -> Register:
    """Mark the rows that a notice's list of new entries names.

    Raises
    ------
    RegisterInvalid
        The list does not fit the register.
    """
    if path is None:
        return register
    listed = read_register(path, unit=unit)
    marked = register.frame.assign(printed_as_new=match_new_list(register, listed))
    return replace(register, frame=marked)


def all_totals(register: Register, path: Path | None, unit: str | None) -> pd.DataFrame:
    """Join the totals printed in the register's columns with those of a file.

    Raises
    ------
    RegisterInvalid
        A total contradicts another, or belongs to no row.
    """
    totals = register.totals
    if path is not None:
        totals = pd.concat([totals, read_totals(path, unit)]).reset_index(names="row")
        errors = _contradicting(totals) + _without_rows(totals, register.frame)
        if errors:
            raise RegisterInvalid(errors, path.name)
    return totals.drop_duplicates(["level", "label"])


def _contradicting(totals: pd.DataFrame) -> list[RowError]:
    first = totals.groupby(["level", "label"])["printed"].transform("first")
    return [
        _total_error(
            row,
            N_("Another total is printed for it: {other} yuan."),
            N_("Correct one of the two."),
            other=row.first,
        )
        for row in totals.assign(first=first)[totals["printed"] != first].itertuples()
    ]


def _without_rows(totals: pd.DataFrame, rows: pd.DataFrame) -> list[RowError]:
    known = {"area": set(rows["area"]), "section": set(rows["section"])}
    return [
        _total_error(
            row,
            N_("No row of the register belongs to it."),
            N_("Write the {level} as the register prints it."),
            level=row.level,
        )
        for row in totals.itertuples()
        if row.label not in known.get(str(row.level), {row.label})
    ]


def _total_error(row: Any, what: str, remedy: str, **values: object) -> RowError:
    return RowError(int(row.row), str(row.level), str(row.label), what, remedy, values)


def checked_shares(shares: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Return shares by district that are above 0 and sum to exactly 1.

    Raises
    ------
    InvalidInput
        They do not; the error says what they sum to.
    """
    total = sum(shares.values(), Decimal(0))
    if not total.is_finite() or any(share <= 0 for share in shares.values()) or total != 1:
        raise InvalidInput(
            N_("The shares sum to {total}, not to 1, or one of them is not above 0."),
            remedy=N_("Give each district a share above 0, all together 1."),
            total=total,
        )
    if any(share != share.quantize(SHARE) for share in shares.values()):
        raise InvalidInput(N_("A share has more than ten decimals."), remedy=N_("Round the shares."))
    return dict(shares)


def require_known(codes: Sequence[str], known: Collection[str]) -> None:
    """Raise when a district's code is not among those known.

    Raises
    ------
    InvalidInput
        It is not; the error lists those known.
    """
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise InvalidInput(
            N_("There is no district «{unknown}» in this city."),
            remedy=N_("Choose among: {known}."),
            unknown=", ".join(unknown),
            known=", ".join(known),
        )
