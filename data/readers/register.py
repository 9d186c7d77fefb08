"""The project library 项目库 as published: CSV or XLSX rows with code, name, amount and area."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

import pandas as pd

from data.errors import N_, EmptyFile, Note, RegisterInvalid, RowError
from data.readers.columns import Columns, find_columns, has_columns
from data.readers.money import read_amounts
from data.readers.table import Table, read_table

REQUIRED = ("code", "name", "amount", "area")
LONGEST = {"code": 100, "name": 500, "area": 200, "section": 200}
AREA_SEPARATORS = re.compile(r"[+＋、/／,，;；&]")
FILLED_DOWN = ("area", "area_total", "section", "section_total")
YES = {"y", "yes", "true", "1", "是", "新增", "√", "✓", "new"}
NO = {"", "n", "no", "false", "0", "否", "/", "-"}


@dataclass(frozen=True)
class Register:
    """What a file prints.

    ``frame`` has one row a project, its number in the file as index, and the columns ``sequence``, ``code``,
    ``name``, ``amount`` (Decimal yuan or None), ``area``, ``section`` (as printed) and ``printed_as_new``.
    ``totals`` has ``level``, ``label``, ``section`` and ``printed`` (Decimal yuan). ``prints_new`` tells
    whether the file has a column of new entries at all.
    """

    frame: pd.DataFrame
    totals: pd.DataFrame
    notes: list[Note]
    file: str
    sha256: str
    prints_new: bool


@dataclass
class _Reading:
    """The columns as text while they are being read, and what is found wrong on the way."""

    columns: Columns
    text: pd.DataFrame
    errors: list[RowError]
    notes: list[Note] = field(default_factory=list)

    def given(self, name: str) -> pd.Series:
        """Return a column's text, empty where the file does not have it."""
        if name in self.text:
            return self.text[name]
        return pd.Series("", index=self.text.index, dtype="str")

    def refuse(self, mask: pd.Series, name: str, what: str, remedy: str, **values: object) -> None:
        """Note an error for each marked row."""
        shown = self.given(name)[mask]
        self.errors.extend(RowError(row, name, text, what, remedy, values) for row, text in _items(shown))


def read_register(
    path: Path,
    *,
    areas: Mapping[str, str] | None = None,
    mapping: Mapping[str, str] | None = None,
    unit: str | None = None,
    sheet: str | None = None,
) -> Register:
    """Read a published project library (更新项目库).

    Parameters
    ----------
    path
        CSV (UTF-8 or GBK) or XLSX.
    areas
        The names that an area may go by (as ``area_key`` gives them) with the area's proper name; several
        joined by ``+`` or ``、`` are a cross-district project. None: any name.
    mapping
        Headings by field, where ours do not recognise them: ``{"amount": "总投资"}``.
    unit
        元, 万元 or 亿元, where the heading of the amounts does not say it.
    sheet
        Name of an XLSX sheet; the first one when None.

    Raises
    ------
    RegisterInvalid
        Rows cannot be used; all of them are named.
    EmptyFile, InvalidInput, UnreadableFile, UnsupportedFormat
        The file as a whole cannot be used.
    """
    table = read_table(path, is_header=lambda cells: has_columns(cells, mapping, REQUIRED), sheet=sheet)
    columns = find_columns(table.header, mapping, REQUIRED, path.name)
    if table.frame.empty and not table.errors:
        raise EmptyFile(
            N_("There is a header but no row below it."),
            where=N_("{file}:"),
            remedy=N_("Give a file with rows."),
            file=path.name,
        )
    reading = _Reading(columns, _text(table, columns), list(table.errors))
    frame = _frame(reading, unit, areas)
    totals = _totals(reading, unit)
    if reading.errors:
        raise RegisterInvalid(reading.errors, path.name)
    notes = _encoding_note(table.encoding) + reading.notes
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Register(frame, totals, notes, path.name, digest, "printed_as_new" in columns.places)


def _items(texts: pd.Series) -> Iterator[tuple[int, str]]:
    return zip(texts.index.tolist(), texts.tolist(), strict=True)


def split_area(printed: str, known: Collection[str] = ()) -> list[str]:
    """Split a printed area 区域 into the names of its districts; a known name is never split.

    Examples
    --------
    >>> split_area("中原区+二七区、金水区")
    ['中原区', '二七区', '金水区']
    """
    if area_key(printed) in known:
        return [printed]
    return [part.strip() for part in AREA_SEPARATORS.split(printed) if part.strip()]


def area_key(name: str) -> str:
    """Return the form in which names of areas are compared: without spaces, full-width made narrow."""
    return "".join(unicodedata.normalize("NFKC", name).split())


def _text(table: Table, columns: Columns) -> pd.DataFrame:
    chosen = {name: table.frame[place].str.strip() for name, place in columns.places.items()}
    text = pd.DataFrame(chosen, index=table.frame.index)
    for column, top, bottom in table.merged:
        name = columns.name_at(column)
        if name in FILLED_DOWN and top in text.index:
            inside = (text.index >= top) & (text.index <= bottom)
            text[name] = text[name].mask(inside, str(text.at[top, name]))
    return text


def _frame(reading: _Reading, unit: str | None, areas: Mapping[str, str] | None) -> pd.DataFrame:
    _check_texts(reading)
    frame = pd.DataFrame(
        {
            "sequence": _sequence(reading),
            "code": _codes(reading),
            "name": reading.given("name"),
            "amount": _amounts(reading, "amount", unit),
            "area": reading.given("area"),
            "section": reading.given("section"),
            "printed_as_new": _flags(reading),
        },
        index=reading.text.index,
    )
    _check_codes(reading, frame["code"])
    _check_areas(reading, areas)
    _check_sections(reading)
    return frame


def _check_texts(reading: _Reading) -> None:
    for name, longest in LONGEST.items():
        text = reading.given(name)
        if name != "section":
            reading.refuse(text == "", name, N_("It is missing."), N_("Every project needs it; fill it in."))
        reading.refuse(
            text.str.len() > longest,
            name,
            N_("The text is longer than {longest} characters."),
            N_("Shorten it, or check that no quotation mark is missing."),
            longest=longest,
        )
        reading.refuse(
            text.str.contains("\x00", regex=False),
            name,
            N_("The text holds a NUL character."),
            N_("Delete it."),
        )


def _sequence(reading: _Reading) -> pd.Series:
    """Return the printed order: the numbers of the file where it has them all, else the order of its rows."""
    printed = reading.given("sequence").str.normalize("NFKC")
    if "sequence" in reading.text and printed.str.fullmatch("[0-9]{1,9}").all():
        return printed.astype(int)
    if "sequence" in reading.text:
        reading.notes.append(
            Note(N_("The running numbers are not all whole numbers; the order of rows counts."))
        )
    return pd.Series(range(1, len(printed) + 1), index=printed.index)


def _codes(reading: _Reading) -> pd.Series:
    printed = reading.given("code")
    narrow = printed.str.normalize("NFKC").str.strip()
    _note_changed(
        reading,
        narrow != printed,
        printed,
        narrow,
        N_("{count} codes in full-width characters were made narrow, first in row {row}: {old} = {new}."),
    )
    return narrow


def _check_codes(reading: _Reading, codes: pd.Series) -> None:
    given = codes[codes != ""]
    repeated = given[given.duplicated(keep="first")]
    first = pd.Series(given.index, index=given).groupby(level=0).first()
    reading.errors.extend(
        RowError(
            row,
            "code",
            code,
            N_("The code is already in row {first}."),
            N_("A project stands once in a notice; delete one row or correct its code."),
            {"first": int(first[code])},
        )
        for row, code in _items(repeated)
    )


def _amounts(reading: _Reading, name: str, unit: str | None) -> pd.Series:
    amounts = read_amounts(reading.given(name), reading.columns.unit(name, unit))
    for (what, remedy), mask in amounts.faults.items():
        reading.refuse(mask, name, what, remedy)
    _note_changed(
        reading,
        amounts.normalised,
        reading.given(name),
        amounts.yuan,
        N_(
            "{count} amounts with thousands separators or full-width characters were read as numbers, "
            "first in row {row}: {old} = {new} yuan."
        ),
    )
    return amounts.yuan


def _note_changed(reading: _Reading, mask: pd.Series, old: pd.Series, new: pd.Series, what: str) -> None:
    if not mask.any():
        return
    row = mask.index[mask].tolist()[0]
    values = {"count": int(mask.sum()), "row": row, "old": old[row], "new": new[row]}
    reading.notes.append(Note(what, values))


def _flags(reading: _Reading) -> pd.Series:
    printed = reading.given("printed_as_new")
    word = printed.str.normalize("NFKC").str.lower()
    reading.refuse(
        ~word.isin(YES | NO),
        "printed_as_new",
        N_("This is neither yes nor no."),
        N_("Write Y, or leave the cell empty."),
    )
    return word.isin(YES)


def _check_areas(reading: _Reading, areas: Mapping[str, str] | None) -> None:
    if areas is None:
        return
    printed = reading.given("area")
    for label in printed[printed != ""].unique():
        parts = split_area(label, areas)
        unknown = [part for part in parts if area_key(part) not in areas]
        if unknown or not parts:
            what, remedy, values = _unknown_area(unknown or [label], areas)
            reading.refuse(printed == label, "area", what, remedy, **values)


def _unknown_area(unknown: list[str], areas: Mapping[str, str]) -> tuple[str, str, dict[str, object]]:
    close = get_close_matches(area_key(unknown[0]), areas, n=1, cutoff=0.3)
    values: dict[str, object] = {
        "unknown": ", ".join(unknown),
        "known": ", ".join(dict.fromkeys(areas.values())) or "-",
        "close": areas[close[0]] if close else "",
    }
    what = N_("The city has no area «{unknown}».")
    if close:
        return what, N_("Did you mean {close}? Known areas: {known}."), values
    return what, N_("Known areas: {known}. `gengxin import areas` adds others."), values


def _check_sections(reading: _Reading) -> None:
    area, section = reading.given("area"), reading.given("section")
    first = section.groupby(area).transform("first")
    for other in first[section != first].unique():
        reading.refuse(
            (section != first) & (first == other),
            "section",
            N_("The same area is printed under the section «{other}» before."),
            N_("An area belongs to one section; fill in the same one in each of its rows."),
            other=other,
        )


def _totals(reading: _Reading, unit: str | None) -> pd.DataFrame:
    parts = [
        _printed_totals(reading, "area", "area_total", unit),
        _printed_totals(reading, "section", "section_total", unit),
    ]
    return pd.concat([part for part in parts if part is not None] or [no_totals()], ignore_index=True)


def no_totals() -> pd.DataFrame:
    """Return an empty table of printed totals."""
    return pd.DataFrame(columns=["level", "label", "section", "printed"], dtype=object)


def _printed_totals(reading: _Reading, level: str, name: str, unit: str | None) -> pd.DataFrame | None:
    if name not in reading.text or level not in reading.text:
        return None
    found = pd.DataFrame(
        {
            "level": level,
            "label": reading.given(level),
            "section": reading.given("section"),
            "printed": _amounts(reading, name, unit),
        }
    )
    found = found[found["printed"].notna() & (found["label"] != "")]
    for label, rows in found.groupby("label"):
        _check_one_total(reading, name, str(label), rows)
    return found.drop_duplicates(["level", "label"])


def _check_one_total(reading: _Reading, name: str, label: str, rows: pd.DataFrame) -> None:
    differing = rows[rows["printed"] != rows["printed"].iloc[0]]
    reading.errors.extend(
        RowError(
            row,
            name,
            reading.given(name)[row],
            N_("{label} has another total in row {first}."),
            N_("A notice prints one total for each; correct one of them."),
            {"label": label, "first": rows.index[0]},
        )
        for row in differing.index.tolist()
    )


def _encoding_note(encoding: str) -> list[Note]:
    return [Note(N_("The file is not UTF-8; it was read as GBK (GB18030)."))] if encoding == "GB18030" else []


def read_totals(path: Path, unit: str | None = None) -> pd.DataFrame:
    """Read the totals that a notice prints: level (area, section, city), section, label, amount.

    Returns
    -------
    DataFrame
        ``level``, ``label``, ``section``, ``printed`` (Decimal yuan), row number as index.
    """
    table = read_table(path)
    columns = find_columns(table.header, None, ("level", "printed"), path.name)
    reading = _Reading(columns, _text(table, columns), list(table.errors))
    level = reading.given("level").str.lower().replace("district", "area")
    reading.refuse(
        ~level.isin(["area", "section", "city"]),
        "level",
        N_("This is not a level of totals."),
        N_("Write area, section or city."),
    )
    label = reading.given("area").where(level != "section", reading.given("section"))
    printed = _amounts(reading, "printed", unit)
    if reading.errors:
        raise RegisterInvalid(reading.errors, path.name)
    return pd.DataFrame(
        {"level": level, "label": label, "section": reading.given("section"), "printed": printed}
    ).dropna(subset=["printed"])
