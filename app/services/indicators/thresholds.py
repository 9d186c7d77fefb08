"""Thresholds in force 现行阈值: which document judges an indicator of a unit, and a city's own values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from data import cities, codes
from data.errors import N_, RowError, RowsInvalid
from data.session import Database
from data.thresholds import Threshold, read_thresholds, stricter
from data.thresholds import store as queries
from data.thresholds.store import Stored
from gis.analysis import HAZARDS
from gis.catalogue import INDICATORS
from gis.indicator import Subjects
from gis.parameters import Parameters

# The ground a threshold speaks of, by the kind of unit that it may judge. What is asked of a city is handed
# down to its districts. What is asked of the built-up area, the main city, a county town or a cluster judges
# these alone, where the city has drawn them as ``area``: a district holds other ground too. What is asked of
# a locality counts its streets and parks in, so that it judges no single plot and no project.
SCOPES_OF_UNITS = {
    "district": ("city",),
    "zone": (),
    "grid": ("locality",),
    "hexagon": ("locality",),
    "renewal_unit": ("project", "locality"),
    "project": ("project",),
    "catchment": (),
    "area": (),
}
# Ground of which the documents speak where a unit wants to compare itself with something.
REFERENCES = {
    "district": ("built_up", "central_city", "main_city", "cluster"),
    "zone": ("locality",),
    "project": ("locality",),
}
# The classes of which an indicator is judged, each by its own thresholds; '' where all together are.
SUBJECTS: Mapping[Subjects, Collection[str]] = {
    "": ("",),
    "facility": codes.FACILITY_CATEGORIES,
    "street_class": ("", *codes.STREET_CLASSES),
    "constraint": codes.CONSTRAINT_KINDS,
    "age": tuple(f"before_{year}" for year in Parameters().age_years),
    "hazard": HAZARDS,
}
ACTOR = "gengxin thresholds"
InForce = Mapping[tuple[str, str], Stored]


@dataclass(frozen=True)
class OwnThresholds:
    """What an import of a city's own thresholds did: how many hold now, and how many do no more."""

    city: str
    file: str
    stored: int
    withdrawn: int
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
    """Put the thresholds of a table in the place of a city's own; a table without rows withdraws these.

    Raises
    ------
    RowsInvalid
        A row cannot be used, names an indicator or a class that there is not, or is laxer than a threshold
        whose document allows stricter values only; nothing is stored.
    InvalidInput, NotFound, EmptyFile, UnreadableFile, UnsupportedFormat
    """
    given = read_thresholds(path)
    ensure(database)
    with database.writing(actor) as connection:
        row = cities.city_named(connection, city)
        faults = [*_unknown(given), *_unclassed(given), *_laxer(given, _bases(connection, city))]
        if faults:
            raise RowsInvalid(faults, path.name)
        withdrawn = queries.replace_own(connection, row, list(given.values()))
        if dry_run:
            connection.rollback()
    return OwnThresholds(city, path.name, len(given), withdrawn, dry_run)


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


def _unclassed(given: Mapping[int, Threshold]) -> Iterable[RowError]:
    for number, one in given.items():
        known = SUBJECTS[INDICATORS[one.indicator].subjects] if one.indicator in INDICATORS else [one.subject]
        if one.subject not in known:
            what = N_("The indicator has no such class.") if one.subject else N_("It is missing.")
            remedy = N_("Write one of: {known}.") if any(known) else N_("Leave it empty.")
            yield RowError(
                number, "subject", one.subject, what, remedy, {"known": ", ".join(filter(None, known))}
            )


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
