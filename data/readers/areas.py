"""Areas of a city 区县与功能区 from a table: districts and functional zones, with or without a boundary."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from data.errors import N_, DistrictsInvalid, RowError
from data.readers.table import read_table

REQUIRED = ("code", "name_zh", "name_en")
OPTIONAL = ("aliases", "kind", "section", "position")
KINDS = ("district", "functional_zone")


def read_areas(path: Path) -> list[dict[str, Any]]:
    """Read the areas of a city from CSV or XLSX.

    Columns: ``code``, ``name_zh``, ``name_en``; and, where they apply, ``aliases`` (other names, separated by
    blanks), ``kind`` (district or functional_zone), ``section`` 板块 as the register prints it, ``position``
    (the order in lists).

    Raises
    ------
    InvalidInput
        A required column is missing.
    DistrictsInvalid
        Cells are missing, repeat a code or a name, or are not of their kind.
    """
    table = read_table(path)
    frame = table.named(REQUIRED, OPTIONAL)
    faults = [*table.errors, *_faults(frame)]
    if faults:
        raise DistrictsInvalid(faults, path.name)
    return [_area(place, row) for place, row in enumerate(frame.to_dict("records"), 1)]


def _area(place: int, row: dict[Any, Any]) -> dict[str, Any]:
    return {
        **row,
        "aliases": row["aliases"].split(),
        "kind": row["kind"] or KINDS[0],
        "position": int(row["position"] or place),
    }


def _faults(frame: pd.DataFrame) -> Iterator[RowError]:
    for name in REQUIRED:
        yield from _named(frame[frame[name] == ""], name, N_("It is missing."), N_("Fill it in."))
    for name in ("code", "name_zh"):
        again = frame[frame[name].duplicated() & (frame[name] != "")]
        yield from _named(again, name, N_("It stands in an earlier row too."), N_("Keep one of the rows."))
    unknown = frame[~frame["kind"].isin(["", *KINDS])]
    yield from _named(
        unknown, "kind", N_("This is not a kind of area."), N_("Write district or functional_zone.")
    )
    numbers = frame[~frame["position"].str.fullmatch(r"[0-9]{0,6}")]
    yield from _named(numbers, "position", N_("This is not a whole number."), N_("Write 1, 2, 3 and so on."))


def _named(rows: pd.DataFrame, name: str, what: str, remedy: str) -> Iterator[RowError]:
    for number, value in rows[name].items():
        yield RowError(int(str(number)), name, str(value), what, remedy)
