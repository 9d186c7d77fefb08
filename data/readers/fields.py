"""Columns of a file as the fields of a kind: found by heading or by what a person says, then typed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from data.errors import N_, InvalidInput
from data.faults import Faults
from data.kinds import Field, Kind, Period
from data.readers.cells import MISSING, READERS, UNITS, as_text
from data.readers.columns import normal

SPELLINGS = {
    "yi": "亿元",
    "wan": "万元",
    "yuan": "元",
    "亿": "亿元",
    "万": "万元",
    "percent": "%",
    "pct": "%",
    "㎡": "m2",
}
WRITTEN_UNITS = sorted({*SPELLINGS, *(unit for units in UNITS.values() for unit in units)} - {"1"}, key=len)
UNIT_AT_END = re.compile(rf"[\s(（\[_]*({'|'.join(reversed(WRITTEN_UNITS))})[\s)）\]]*$")


@dataclass(frozen=True)
class Wishes:
    """What a person says about a file, by field: columns, units, what values mean, values for all rows."""

    columns: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """Which column holds each field of a kind, and in which unit."""

    kind: Kind
    columns: Mapping[str, str]
    units: Mapping[str, str]
    wishes: Wishes

    def only(self, columns: Sequence[str], *, constants: bool) -> Plan:
        """Return the plan for the fields that are in these columns."""
        kept = {name: column for name, column in self.columns.items() if column in columns}
        wishes = self.wishes if constants else replace(self.wishes, constants={})
        return Plan(self.kind, kept, self.units, wishes)


def plan_reading(kind: Kind, columns: Sequence[str], wishes: Wishes, file: str) -> Plan:
    """Find the column of each field.

    Raises
    ------
    InvalidInput
        A field, column, unit or code that a person names does not exist, or a needed column is not found.
    """
    _require_fields(kind, wishes)
    found = {one.name: _column(one, columns, wishes, file) for one in kind.fields}
    present = {name: column for name, column in found.items() if column is not None}
    missing = [
        one.name for one in kind.fields if one.required and one.name not in {*present, *wishes.constants}
    ]
    if missing:
        raise InvalidInput(
            N_("No column was recognised for {missing}; the file has: {found}."),
            where=N_("{file}:"),
            remedy=N_("Name it (--map {first}=COLUMN), or give all rows the same (--set {first}=VALUE)."),
            missing=", ".join(missing),
            first=missing[0],
            found=", ".join(columns) or "-",
            file=file,
        )  # fmt: skip
    _require_once(present.values(), columns, file)
    units = {name: _unit(kind.field(name), column, wishes, file) for name, column in present.items()}
    return Plan(kind, present, units, wishes)


def _require_once(wanted: Iterable[str], columns: Sequence[str], file: str) -> None:
    for column in wanted:
        if columns.count(column) > 1:
            raise InvalidInput(
                N_("The file has the column «{column}» more than once."),
                where=N_("{file}:"),
                remedy=N_("Give each column a heading of its own."),
                column=column,
                file=file,
            )


def _require_fields(kind: Kind, wishes: Wishes) -> None:
    known = [one.name for one in kind.fields]
    for option in (wishes.columns, wishes.units, wishes.values, wishes.constants):
        for name in option:
            if name not in known:
                raise InvalidInput(
                    N_("«{name}» is not a field of {kind}."),
                    remedy=N_("Fields are: {known}."),
                    name=name,
                    kind=kind.name,
                    known=", ".join(known),
                )


def _column(one: Field, columns: Sequence[str], wishes: Wishes, file: str) -> str | None:
    if one.name in wishes.constants:
        return None
    if one.name not in wishes.columns:
        by_name = {normal(_without_unit(column, one)): column for column in reversed(columns)}
        return next((by_name[heading] for heading in one.headings if heading in by_name), None)
    wanted = wishes.columns[one.name]
    by_heading = {normal(column): column for column in reversed(columns)}
    exact = wanted if wanted in columns else by_heading.get(normal(wanted))
    if exact is None:
        raise InvalidInput(
            N_("There is no column «{heading}»; the file has: {found}."),
            where=N_("{file}:"),
            remedy=N_("Correct --map {name}=COLUMN."),
            heading=wanted,
            name=one.name,
            found=", ".join(columns) or "-",
            file=file,
        )
    return exact


def _without_unit(heading: str, one: Field) -> str:
    if one.quantity not in UNITS:
        return heading
    bare = UNIT_AT_END.sub("", heading.lower())
    return bare if len(normal(bare)) > 1 else heading


def _unit(one: Field, column: str, wishes: Wishes, file: str) -> str:
    """Return the unit that a person names, else the heading, else the one in which it is stored."""
    known = UNITS.get(one.quantity)
    given = wishes.units.get(one.name)
    if known is None or given in known:
        return given or ""
    if given is None:
        said = UNIT_AT_END.search(column.lower())
        unit = SPELLINGS.get(said[1], said[1]) if said else ""
        if unit in known:
            return unit
        if one.quantity != "money":
            return next(iter(known))
    raise InvalidInput(
        N_("The unit of {field} in column «{column}» is not known."),
        where=N_("{file}:"),
        remedy=N_("Name it (--unit {field}=UNIT), one of: {known}."),
        field=one.name,
        column=column,
        known=", ".join(known),
        file=file,
    )


def typed(frame: pd.DataFrame, plan: Plan, faults: Faults) -> pd.DataFrame:
    """Return the fields of a kind from the rows of a file; what cannot be used is NA and a fault.

    The index of ``frame`` holds row numbers. A field without column or constant is left out.
    """
    found: dict[str, pd.Series] = {}
    for one in plan.kind.fields:
        if one.name in plan.wishes.constants:
            cells = pd.Series(plan.wishes.constants[one.name], index=frame.index, dtype="str")
        elif one.name in plan.columns:
            cells = frame[plan.columns[one.name]]
        else:
            continue
        found[one.name] = _field(one, _translated(cells, plan.wishes.values.get(one.name)), plan, faults)
    return pd.DataFrame(found, index=frame.index)


def _translated(cells: pd.Series, meanings: Mapping[str, str] | None) -> pd.Series:
    if not meanings:
        return cells
    text = as_text(cells)
    meant = text.map(dict(meanings)).where(text.isin(list(meanings)), text).astype("str")
    return meant.mask(meant == "")


def _field(one: Field, cells: pd.Series, plan: Plan, faults: Faults) -> pd.Series:
    if one.required:
        require_values(one, as_text(cells), faults)
    return READERS[one.quantity](one, cells, plan.units.get(one.name, ""), faults)


def require_values(one: Field, values: pd.Series, faults: Faults) -> None:
    """Report the rows in which a needed field is empty."""
    rows = values.index[values.isna()]
    faults.add("missing_value", one.name, rows, [""] * len(rows), *MISSING, {"field": one.name})


def require_order(dates: pd.DataFrame, period: Period, faults: Faults) -> None:
    """Report the rows whose period ends before it begins; columns that are not there are not known."""
    if not {period.first, period.last} <= set(dates):
        return
    first, last = dates[period.first], dates[period.last]
    wrong = last.loc[(last < first) | ((last == first) & (not period.same_day))].dt.strftime("%Y-%m-%d")
    what = N_("It lies before {first}.") if period.same_day else N_("It does not lie after {first}.")
    remedy = N_("Correct one of the two dates.")
    faults.add("contradiction", period.last, wrong.index, wrong, what, remedy, {"first": period.first})
