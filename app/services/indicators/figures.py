"""Stored indicators 指标 as figures of the map: which there are, and what they are called."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import RowMapping

from app.services.indicators.docs import BASES
from data import codes, indicators
from data.codes import Term
from data.run_figures import RunFigure, run_figure
from data.session import Database
from gis.catalogue import INDICATORS
from gis.indicator import Indicator

SUBJECTS: Mapping[str, Mapping[str, Term]] = {
    "facility": codes.FACILITY_CATEGORIES,
    "street_class": codes.STREET_CLASSES,
    "constraint": codes.CONSTRAINT_KINDS,
}
PLACES = {"": 2, "m": 0, "km/km²": 2, "persons/km²": 0, "households/km²": 0, "persons": 0, "CNY/km²": 0}
AGE = "before_"


def indicator_of(name: str) -> tuple[Indicator, RunFigure] | None:
    """Return what a figure's name asks for; None where it is no indicator of the catalogue."""
    asked = run_figure(name)
    found = INDICATORS.get(asked.indicator) if asked else None
    if asked is None or found is None or asked.basis not in found.bases:
        return None
    return (found, asked) if not asked.subject or found.subjects else None


def term_of(found: Indicator, asked: RunFigure) -> Term:
    """Return what an indicator of a class and on a basis is called."""
    subject = _subject(found, asked.subject)
    basis = BASES[asked.basis] if asked.basis else None
    return Term(
        " · ".join(filter(None, [found.name.zh, subject.zh, basis.zh if basis else ""])),
        " · ".join(filter(None, [found.name.en, subject.en, basis.en if basis else ""])),
    )


def places_of(found: Indicator) -> int:
    """Return how many places suit an indicator."""
    return PLACES.get(found.unit, 1)


def offered(database: Database, city: RowMapping, units: str) -> list[str]:
    """Name the indicators that the newest run for a kind of unit knows, each on its first basis.

    Those of classes are asked for by their address: there are hundreds of them.
    """
    with database.reading() as connection:
        newest = indicators.newest_run(connection, city["id"], units)
        held = None if newest is None else indicators.held(connection, newest["id"])
    if held is None:
        return []
    plain = held[(held["known"] > 0) & (held["subject"] == "")].drop_duplicates("indicator")
    bases = zip(plain["indicator"], plain["basis"], strict=True)
    known = {indicator: RunFigure(indicator, "", basis).name for indicator, basis in bases}
    return [known[code] for code in INDICATORS if code in known]


def _subject(found: Indicator, subject: str) -> Term:
    if found.subjects in SUBJECTS and subject in SUBJECTS[found.subjects]:
        return SUBJECTS[found.subjects][subject]
    words = f"< {subject.removeprefix(AGE)}" if subject.startswith(AGE) else subject
    return Term(words, words)
