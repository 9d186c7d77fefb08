"""Indicators in words: names, classes, bases, what is missing, and figures in the places that suit them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from app import format as write
from app.i18n import gettext as _
from app.i18n import language
from app.services.indicators.docs import BASES, NATIONAL
from app.services.indicators.page import WITH_PARTS, Picture
from app.services.map.walking import SPEED
from app.terms import term
from data import codes
from data.errors import N_
from data.indicator_codes import SCOPES, UNIT_KINDS, VERDICTS
from data.thresholds import Threshold
from data.thresholds.store import Stored
from gis.indicator import Indicator, Words

Write = Callable[[Any], str]
MOST_PLACES = 4
SUBJECTS = {
    "facility": codes.FACILITY_CATEGORIES,
    "street_class": codes.STREET_CLASSES,
    "constraint": codes.CONSTRAINT_KINDS,
}
SUBJECT_LABELS = {
    "facility": N_("Class of facility"),
    "street_class": N_("Class of street"),
    "constraint": N_("Kind of constraint"),
    "age": N_("Age"),
    "hazard": N_("Hazard grade"),
}
DIRECTIONS = {
    "higher": N_("More is better"),
    "lower": N_("Less is better"),
    "band": N_("Best within a band"),
    "neutral": N_("Neither more nor less is better"),
}
NOT_LAYERS = {
    "permeable": N_("Permeable ground"),
    "unreachable": N_("cannot be reached on foot"),
    "zero_denominator": N_("nothing to count here, such as no homes"),
    "": N_("not known"),
}
COLUMNS = {
    "geometry": N_("boundaries"),
    "population": N_("residents"),
    "households": N_("households"),
    "floor_area": N_("floor area"),
    "exempt_floor_area": N_("exempt floor area"),
    "floors": N_("floors"),
    "year_built": N_("year built"),
    "hazard_grade": N_("hazard grade"),
    "use": N_("use"),
    "walkable": N_("streets that may be walked"),
    "category": N_("class"),
    "kind": N_("kind"),
    "capacity": N_("capacity"),
    "land_use": N_("land use"),
    "street_class": N_("class"),
    "total_investment": N_("total investment"),
    "floor_area_demolished": N_("floor area demolished"),
    "floor_area_existing": N_("existing floor area"),
}


def words_in(words: Words) -> str:
    """Return a text of the catalogue in the reader's language."""
    return words.zh if language() == "zh_CN" else words.en


def unit_kind(kind: str) -> str:
    """Name a kind of unit."""
    return str(term(UNIT_KINDS, kind))


def subject_name(indicator: Indicator, subject: str) -> str:
    """Name a class of an indicator; '' stands for all of them."""
    if not subject:
        return _("All") if indicator.subjects else ""
    if indicator.subjects == "age":
        return _("built before {year}").format(year=subject.removeprefix("before_"))
    if indicator.subjects == "hazard":
        return _("grades {grades}").format(grades=" + ".join(subject))
    return str(term(SUBJECTS[indicator.subjects], subject))


def basis_name(basis: str) -> str:
    """Name a basis."""
    return words_in(BASES[basis])


def picture_name(picture: Picture) -> str:
    """Name what a picture shows: the indicator, and where it has them its class and basis."""
    one, asked = picture.indicator, picture.asked
    detail = [subject_name(one, asked.subject) if asked.subject else ""]
    detail += [basis_name(asked.basis) if asked.basis else ""]
    return " · ".join([words_in(one.name), *filter(None, detail)])


def unit_of(indicator: Indicator) -> str:
    """Return the unit in which the values of an indicator are shown, in the reader's language."""
    return unit_words(SHOWN[indicator.unit][1] if indicator.unit in SHOWN else indicator.unit)


def divisor_of(indicator: Indicator) -> float:
    """Return what a stored value is divided by to be shown in the unit of ``unit_of``."""
    return SHOWN[indicator.unit][0] if indicator.unit in SHOWN else 1.0


def unit_words(unit: str) -> str:
    """Return a unit in the reader's language."""
    return _(UNITS.get(unit, unit)) if unit else ""


SHOWN = {"CNY/km²": (float(write.YUAN_PER_YI), N_("CNY 100 M / km²"))}
"""The units that are shown as another: what that one is in the stored one, and its name."""
UNITS = {
    "persons/km²": N_("persons/km²"),
    "households/km²": N_("households/km²"),
    "1/10,000 persons": N_("per 10,000 residents"),
    "1/1,000 persons": N_("per 1,000 residents"),
    "1/km²": N_("no./km²"),
    "persons": N_("persons"),
    "CNY/km²": N_("CNY/km²"),
    "m²/person": N_("m² per resident"),
    "m²/100 households": N_("m² per 100 households"),
    "km/10,000 persons": N_("km per 10,000 residents"),
}


def missing_words(name: str) -> str:
    """Say which input is not supplied; of alternatives each."""
    return _(" or ").join(_input(part.strip()) for part in name.split("|"))


def unknown_words(name: str) -> str:
    """Say why there is no value: what is not supplied, or that there is nothing to count or no way."""
    words = missing_words(name)
    return words if name in WITH_PARTS else f"{write.not_supplied()}: {words}"


def inputs_words(names: Sequence[str]) -> list[str]:
    """Name inputs; a layer of which a column is named needs no name of its own."""
    with_columns = {name.partition(".")[0] for name in names if "." in name and "|" not in name}
    return [missing_words(name) for name in names if name not in with_columns]


def _input(name: str) -> str:
    if name in NOT_LAYERS:
        return _(NOT_LAYERS[name])
    layer, _dot, column = name.partition(".")
    said = str(term(codes.LAYERS, layer))
    if not column:
        return said
    named = _(COLUMNS[column]) if column in COLUMNS else column
    return _("{layer} ({column})").format(layer=said, column=named)


def writer(values: pd.Series[float], unit: str = "", limits: Sequence[float] = ()) -> Write:
    """Return what writes figures of one column with the places that suit the greatest of them.

    Parameters
    ----------
    limits
        Bounds of a threshold; a figure that misses one narrowly is not rounded to it.
    """
    greatest = values.abs().max()
    places = 1 if unit == "%" else _places(0.0 if pd.isna(greatest) else float(greatest))
    while places < MOST_PLACES and any(_blurred(values, limit, places) for limit in limits):
        places += 1

    def written(value: Any) -> str:
        if value is None or pd.isna(value):
            return write.not_supplied()
        text = f"{value:,.{places}f}"
        vanished = value != 0 and float(f"{value:.{places}f}") == 0
        return f"{value:.2g}" if vanished else text

    return written


def _blurred(values: pd.Series[float], limit: float, places: int) -> bool:
    return bool(((values != limit) & (values.round(places) == round(limit, places))).any())


def figure_writer(picture: Picture) -> Write:
    """Return what writes the stored values of a picture, in the unit that is shown and without it."""
    one, divisor = picture.indicator, divisor_of(picture.indicator)
    limits = [limit / divisor for limit in limits_of(*picture.thresholds.values())]
    written = writer(picture.known / divisor, one.unit, limits)
    return lambda value: written(None if value is None else value / divisor)


def limits_of(*thresholds: Stored) -> list[float]:
    """Return the bounds of thresholds in order."""
    bounds = (bound for one in thresholds for bound in (one.threshold.low, one.threshold.high))
    return sorted({float(bound) for bound in bounds if bound is not None})


def _places(greatest: float) -> int:
    return 2 if greatest == 0 else int(min(max(3 - math.floor(math.log10(greatest)), 0), 4))


def verdict_name(verdict: str | None) -> str | None:
    """Return a verdict in words."""
    return term(VERDICTS, verdict)


def bounds_words(one: Threshold) -> str:
    """Write what a threshold asks, such as ``≥ 8 km/km²``."""
    return f"{limits_words(one)} {unit_words(one.unit)}".strip()


def limits_words(one: Threshold) -> str:
    """Write what a threshold asks, without its unit."""
    if one.operator == "between":
        return f"{one.low:,g} – {one.high:,g}"
    sign = {">=": "≥", "<=": "≤"}.get(one.operator, one.operator)
    bound = one.high if one.low is None else one.low
    return f"{sign} {bound:,g}"


def threshold_name(one: Threshold) -> str:
    """Name a threshold by what it asks and its document, shortly."""
    return f"{bounds_words(one)} ({one.document_no or one.document})"


def where_words(one: Threshold) -> str:
    """Say for which country, province or city, and which ground, a threshold is meant."""
    place = words_in(NATIONAL) if one.jurisdiction == "national" else one.jurisdiction
    return f"{place} · {term(SCOPES, one.scope)}"


def run_name(run: Mapping[str, Any]) -> str:
    """Name a run by its time and, of a grid, the side of its cells; by its walking speed if not the usual."""
    speed = run["parameters"].get("walking_speed", SPEED)
    parts = [run["finished_at"].astimezone().strftime("%Y-%m-%d %H:%M")]
    parts += [f"{run['side']:g} m"] if run["side"] else []
    parts += [speed_words(speed)] if speed != SPEED else []
    return " · ".join(parts)


def speed_words(metres: float) -> str:
    """Write a walking speed."""
    return _("{speed} m/min").format(speed=f"{metres:g}")


def verdict_words(picture: Picture) -> list[str]:
    """Say of each unit its verdict and what was asked; '' where none was given."""
    asks = {key: f" ({bounds_words(one.threshold)})" for key, one in picture.thresholds.items()}
    rows = picture.table[["verdict", "threshold_id"]].itertuples(index=False)
    return ["" if pd.isna(said) else f"{verdict_name(said)}{asks.get(by, '')}" for said, by in rows]
