"""Stored indicators 指标 as figures of the map: which there are, and what they are called."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile

import pandas as pd
from sqlalchemy import Connection, RowMapping

from app.services.indicators.docs import BASES
from data import codes, indicators
from data.codes import Term
from data.run_figures import LAYERS, RunFigure, run_figure
from data.session import Database
from gis.catalogue import INDICATORS
from gis.indicator import Indicator

SUBJECTS: Mapping[str, Mapping[str, Term]] = {
    "facility": codes.FACILITY_CATEGORIES,
    "street_class": codes.STREET_CLASSES,
    "constraint": codes.CONSTRAINT_KINDS,
}
PLACES = {"": 2, "m": 0, "km/km²": 2, "persons/km²": 0, "households/km²": 0, "persons": 0}
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
    """Name the indicators of a kind of unit that the map can show, each on its first basis.

    Those of classes are asked for by their address: there are hundreds of them.
    """
    with database.reading() as connection:
        held = _held_on_map(connection, city["id"], units)
    plain = held[(held["known"] > 0) & (held["subject"] == "")].drop_duplicates("indicator")
    bases = zip(plain["indicator"], plain["basis"], strict=True)
    known = {indicator: RunFigure(indicator, "", basis).name for indicator, basis in bases}
    return [known[code] for code in INDICATORS if code in known]


def _held_on_map(connection: Connection, city_id: int, units: str) -> pd.DataFrame:
    """List what the newest whole run holds and, of units that are not a run's own, what newer ones hold."""
    every = indicators.runs(connection, city_id, units)
    whole = max(every, key=lambda run: run["indicators"], default=None)
    newer = [] if units in LAYERS else takewhile(lambda run: run is not whole, every)
    shown = [*newer, *([whole] if whole else [])]
    held = [indicators.held(connection, run["id"]).assign(run=run["id"]) for run in shown]
    found = pd.concat(held) if held else pd.DataFrame(columns=[*indicators.HELD, "run"])
    return found[found["run"] == found.groupby("indicator")["run"].transform("max")]


def _subject(found: Indicator, subject: str) -> Term:
    if found.subjects in SUBJECTS and subject in SUBJECTS[found.subjects]:
        return SUBJECTS[found.subjects][subject]
    words = f"< {subject.removeprefix(AGE)}" if subject.startswith(AGE) else subject
    return Term(words, words)
