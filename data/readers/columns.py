"""Which column of a file means what: the headings we know, and those that a person names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from data.errors import N_, InvalidInput
from data.readers.money import UNITS

_MONEY = r"(总?投资(额|金额)?)?(合计|小计)?(亿元|万元|元)?"
_YI = r"(totalinvestment)?(yi|wan|yuan)?(asprinted)?"
KNOWN = {
    "sequence": r"序号(seq)?|seq|sequence|no|rank",
    "code": r"(项目)?(编号|编码|代码)(code)?|(project)?code|projectid",
    "name": r"(项目)?名称(name)?|(project)?name|title",
    "amount": rf"(项目)?总?投资(额|金额)?(亿元|万元|元)?{_YI}"
    r"|(total)?investment(yi|wan|yuan)?|amount(yi|wan|yuan)?",
    "area": r"(所属|所在)?(区域|辖区|区县|区县市|行政区)(district|area)?|district|area",
    "area_total": rf"区域{_MONEY}(district|area)?(total)?(yi|wan|yuan)?(asprinted)?"
    r"|(district|area)total(yi|wan|yuan)?(asprinted)?",
    "section": r"板块(section)?|section",
    "section_total": rf"板块{_MONEY}(section)?(total)?(yi|wan|yuan)?(asprinted)?"
    r"|sectiontotal(yi|wan|yuan)?(asprinted)?",
    "printed_as_new": r"innewlist.*|(是否)?新增|new|printedasnew",
    "level": r"level|层级|级别",
    "printed": r"printed(total)?(yi|wan|yuan)?|(打印|公布)?合计(亿元|万元|元)?",
}
FIELDS = tuple(KNOWN)
_UNIT = {"亿": "亿元", "yi": "亿元", "万": "万元", "wan": "万元", "yuan": "元", "元": "元"}
_UNIT_OF_HEADING = re.compile(r"亿|万|元|(?:yi|wan|yuan)(?=(?:asprinted)?$)")


@dataclass(frozen=True)
class Columns:
    """The place of each recognised field among a file's columns."""

    places: dict[str, int]
    header: Sequence[str]
    file: str

    def name_at(self, place: int) -> str | None:
        """Return the field in a column, or None."""
        return next((name for name, found in self.places.items() if found == place), None)

    def unit(self, name: str, given: str | None) -> str:
        """Return the unit of a money column: what its heading says, else ``given``, else the amounts' own."""
        said = self._said(name)
        if given is not None and given not in UNITS:
            raise self._error(
                N_("«{unit}» is not a unit of amounts."), N_("Use 亿元, 万元 or 元."), unit=given
            )
        if name == "amount" and said and given and said != given:
            raise self._error(
                N_("The heading «{heading}» says {said}, but the unit asked for is {given}."),
                N_("Leave the unit out, or correct the heading."),
                heading=self._heading(name),
                said=said,
                given=given,
            )
        unit = said or given or self._said("amount")
        if unit is None:
            raise self._error(
                N_("The heading «{heading}» does not say whether amounts are in 亿元, 万元 or 元."),
                N_("Name the unit (--unit 亿元)."),
                heading=self._heading(name),
            )
        return unit

    def _heading(self, name: str) -> str:
        return self.header[self.places[name]] if name in self.places else ""

    def _said(self, name: str) -> str | None:
        said = _UNIT_OF_HEADING.search(normal(self._heading(name)))
        return _UNIT[said.group()] if said else None

    def _error(self, what: str, remedy: str, **values: object) -> InvalidInput:
        return InvalidInput(what, where=N_("{file}:"), remedy=remedy, file=self.file, **values)


def normal(heading: str) -> str:
    """Return a heading without spaces, punctuation, case and full-width forms.

    Examples
    --------
    >>> normal("项目总投资（亿元）")
    '项目总投资亿元'
    """
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", heading).lower())


def has_columns(header: Sequence[str], mapping: Mapping[str, str] | None, required: Sequence[str]) -> bool:
    """Tell whether a row of cells is a header with these fields."""
    return not set(required) - set(_places(header, mapping or {}))


def find_columns(
    header: Sequence[str], mapping: Mapping[str, str] | None, required: Sequence[str], file: str
) -> Columns:
    """Recognise the columns of a header.

    Raises
    ------
    InvalidInput
        A field or heading of ``mapping`` does not exist, or a required field is not found.
    """
    chosen = dict(mapping or {})
    _check_mapping(header, chosen, file)
    places = _places(header, chosen)
    missing = [name for name in required if name not in places]
    if missing:
        raise InvalidInput(
            N_("No column was recognised for {missing}; the file has: {found}."),
            where=N_("{file}:"),
            remedy=N_("Name it (--map {first}=COLUMN) or give the column a known heading."),
            missing=", ".join(missing),
            first=missing[0],
            found=", ".join(cell[:40] for cell in header if cell) or "-",
            file=file,
        )
    return Columns(places, header, file)


def _places(header: Sequence[str], mapping: Mapping[str, str]) -> dict[str, int]:
    wanted = {normal(heading): name for name, heading in mapping.items()}
    places: dict[str, int] = {}
    for place, heading in enumerate(normal(cell) for cell in header):
        name = wanted.get(heading) or _known(heading)
        if name and name not in places and (name not in mapping or heading in wanted):
            places[name] = place
    return places


def _known(heading: str) -> str | None:
    return next((name for name, pattern in KNOWN.items() if re.fullmatch(pattern, heading)), None)


def _check_mapping(header: Sequence[str], mapping: Mapping[str, str], file: str) -> None:
    found = {normal(cell) for cell in header}
    for name, heading in mapping.items():
        if name not in KNOWN:
            raise InvalidInput(
                N_("«{name}» is not a field of a register."),
                remedy=N_("Fields are: {known}."),
                name=name,
                known=", ".join(KNOWN),
            )
        if normal(heading) not in found:
            raise InvalidInput(
                N_("There is no column «{heading}»; the file has: {found}."),
                where=N_("{file}:"),
                remedy=N_("Correct --map {name}=COLUMN."),
                heading=heading,
                name=name,
                found=", ".join(cell[:40] for cell in header if cell) or "-",
                file=file,
            )
