"""Thresholds in force 现行阈值: which document judges an indicator of a unit, and a city's own values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from data import cities
from data.errors import N_, RowError, RowsInvalid
from data.session import Database
from data.thresholds import Threshold, read_thresholds, stricter
from data.thresholds import store as queries
from data.thresholds.store import Stored
from gis.catalogue import INDICATORS

# The ground a threshold speaks of, by the kind of unit that it may judge. What is asked of a city is handed
# down to its districts. What is asked of the built-up area, the main city, a county town or a cluster judges
# these alone, where the city has drawn them as ``area``: a district holds other ground too.
SCOPES_OF_UNITS = {
    "district": ("city",),
    "zone": ("locality",),
    "grid": ("locality",),
    "hexagon": ("locality",),
    "renewal_unit": ("project", "locality"),
    "project": ("project", "locality"),
    "catchment": (),
    "area": (),
}
# Ground of which the documents speak where a district wants to compare itself with something.
REFERENCES = {"district": ("built_up", "central_city", "main_city", "cluster")}
ACTOR = "gengxin thresholds"
InForce = Mapping[tuple[str, str], Stored]


@dataclass(frozen=True)
class OwnThresholds:
    """What an import of a city's own thresholds did."""

    city: str
    file: str
    stored: int
    dry_run: bool


def ensure(database: Database) -> None:
    """Bring the stored thresholds to those of this version; one query when they are."""
    with database.reading() as connection:
        if queries.is_current(connection):
            return
    with database.writing(ACTOR) as connection:
        queries.synchronise(connection)


def thresholds(database: Database, city: str) -> list[Stored]:
    """List the thresholds that hold for a city, its own among them.

    Raises
    ------
    NotFound
        No city has this slug.
    """
    ensure(database)
    with database.reading() as connection:
        return queries.stored(connection, cities.city_named(connection, city))


def in_force(found: Iterable[Stored], units: str, day: dt.date, city: str, area: str = "") -> InForce:
    """Choose the threshold that judges each indicator and subject.

    A city's own goes before one of a document for the city, that before the province's, and that before the
    nation's; among those the newest document decides. The others stay on record.

    Parameters
    ----------
    units
        The kind of unit that is judged.
    city
        The city's Chinese name.
    area
        Code of the one that is judged of the units ``area``: only thresholds that speak of it hold for it.
    """
    scopes = (area.partition(":")[0],) if area else SCOPES_OF_UNITS[units]
    return _newest(found, scopes, day, city)


def for_reference(found: Iterable[Stored], units: str, day: dt.date, city: str) -> InForce:
    """Choose what stands beside units that it does not judge, because it speaks of other ground."""
    return _newest(found, REFERENCES.get(units, ()), day, city)


def judges(
    found: Sequence[Stored], units: str, unit_codes: Iterable[str], day: dt.date, city: str
) -> Mapping[str, InForce]:
    """Choose what judges: of areas by the code of each, else ('') what judges all units of the kind."""
    areas = unit_codes if units == "area" else [""]
    return {area: in_force(found, units, day, city, area) for area in areas}


def import_own(
    database: Database, path: Path, *, city: str, actor: str, dry_run: bool = False
) -> OwnThresholds:
    """Put the thresholds of a table in the place of a city's own.

    Raises
    ------
    RowsInvalid
        A row cannot be used, names an indicator that there is not, or is laxer than a threshold whose
        document allows stricter values only; nothing is stored.
    InvalidInput, NotFound, EmptyFile, UnreadableFile, UnsupportedFormat
    """
    given = read_thresholds(path)
    ensure(database)
    with database.writing(actor) as connection:
        row = cities.city_named(connection, city)
        faults = [*_unknown(given), *_laxer(given, _bases(connection, city))]
        if faults:
            raise RowsInvalid(faults, path.name)
        queries.replace_own(connection, row, list(given.values()))
        if dry_run:
            connection.rollback()
    return OwnThresholds(city, path.name, len(given), dry_run)


def _newest(found: Iterable[Stored], scopes: Collection[str], day: dt.date, city: str) -> InForce:
    fitting = [one for one in found if one.threshold.scope in scopes and one.threshold.in_force(day)]
    fitting.sort(key=lambda one: (_nearness(one, city), one.threshold.document_date, one.id))
    return {(one.threshold.indicator, one.threshold.subject): one for one in fitting}


def _nearness(one: Stored, city: str) -> int:
    if one.own:
        return 3
    return {queries.NATIONAL: 0, city: 2}.get(one.threshold.jurisdiction, 1)


def _bases(connection: Connection, city: str) -> Sequence[Threshold]:
    found = queries.stored(connection, cities.city_named(connection, city))
    return [one.threshold for one in found if not one.own and one.threshold.override == "stricter_only"]


def _unknown(given: Mapping[int, Threshold]) -> Iterable[RowError]:
    for number, one in given.items():
        indicator = INDICATORS.get(one.indicator)
        if indicator is None:
            what, remedy = N_("There is no such indicator."), N_("`gengxin indicators list` names them all.")
            yield RowError(number, "indicator", one.indicator, what, remedy)
        elif indicator.unit != one.unit:
            what, remedy = N_("The indicator is in another unit."), N_("Write the bounds in {unit}.")
            yield RowError(number, "unit", one.unit, what, remedy, {"unit": indicator.unit or "-"})


def _laxer(given: Mapping[int, Threshold], bases: Sequence[Threshold]) -> Iterable[RowError]:
    for number, one in given.items():
        for base in bases:
            same = (one.indicator, one.subject, one.scope) == (base.indicator, base.subject, base.scope)
            if same and not stricter(one, base):
                yield RowError(
                    number,
                    one.indicator,
                    bounds(one),
                    N_("It is laxer than {bounds} of {document}, which may only be made stricter."),
                    N_("Keep within these bounds, or leave the row out."),
                    {"bounds": bounds(base), "document": base.document_no or base.document},
                )


def bounds(one: Threshold) -> str:
    """Write what a threshold asks, such as ``>= 8 km/km²`` or ``0.6 – 0.8``."""
    if one.operator == "between":
        text = f"{one.low:g} – {one.high:g}"
    else:
        bound = one.high if one.low is None else one.low
        text = f"{one.operator} {bound:g}"
    return f"{text} {one.unit}".strip()
