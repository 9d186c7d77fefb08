"""Indicators of units 指标计算: every indicator of the catalogue for districts, zones, cells or projects."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame

from gis.catalogue import INDICATORS
from gis.catalogue.totals import FLOORS
from gis.errors import N_, UnknownIndicator
from gis.frames import Amounts, Mask, amounts_of, land_area
from gis.ground import FLOOR_AREA, POPULATION, Ground
from gis.indicator import OR, Asked, Indicator, Names, Ratio, per
from gis.layers import UNCLASSED, Classes
from gis.memo import Key
from gis.overlap import ROUNDING, Overlap, members, overlay
from gis.parameters import METRES, MINUTES, Parameters
from gis.ranked import Ranked, Walked

T = TypeVar("T")
STREET_CLASSES = ("expressway", "arterial", "secondary", "local", "path")
HAZARDS = ("CD", "C", "D")
NOTHING_TO_DIVIDE_BY = "zero_denominator"
UNREACHABLE = "unreachable"
BOUNDARY = "units.geometry"
# What a basis needs beyond the inputs of its indicator.
BASES: Mapping[str, tuple[str, ...]] = {
    POPULATION: ("buildings.population",),
    FLOOR_AREA: ("buildings.use", OR.join(FLOORS)),
    "land": ("zoning.land_use",),
}
# Where the classes of these subjects stand.
CLASSES = {"facility": "facilities.category", "constraint": "constraints.kind"}
NAMES = ("indicator", "subject", "basis")


class Measured(NamedTuple):
    """An indicator of all units, or the name of the input that it lacks in all.

    ``lacks`` names what each value lacks that is not known; None where it is.
    """

    indicator: Indicator
    asked: Asked
    ratio: Ratio | None
    missing: str | None
    lacks: Names


class Analysis:
    """The units of one question on the ground of one city.

    Parameters
    ----------
    ground
        The city.
    units
        Polygons in the same CRS; a missing or empty one has no area, and its indicators are unknown.
    own
        What marks that which was computed of these units, on this ground or the one it was changed from.
    """

    def __init__(self, ground: Ground, units: GeoDataFrame, own: object = None) -> None:
        self.ground = ground
        self.units = units
        self.area: Amounts = np.asarray(land_area(units), float)
        self.own = object() if own is None else own

    @property
    def parameters(self) -> Parameters:
        """The parameters of the run."""
        return self.ground.parameters

    def once(self, key: Key, make: Callable[[], T]) -> T:
        """Return what was computed of these units under ``key``, or compute it and keep it."""
        return self.ground.memo.once((self.own, *key), make)

    def ratio(self, indicator: Indicator, asked: Asked) -> Ratio:
        """An indicator of these units."""
        return self.once(("ratio", indicator.code, *asked), lambda: indicator.compute(self, asked))

    def measured(self, indicator: Indicator) -> list[Measured]:
        """An indicator of these units for each of its subjects and bases."""
        return self.once(("measured", indicator.code), lambda: list(measure(self, indicator)))

    def frame(self, layer: str) -> GeoDataFrame:
        """A layer of the city."""
        return self.ground.frame(layer)

    def overlap(self, layer: str) -> Overlap:
        """Which part of which feature of a layer lies in which unit."""
        return self.once(("overlap", layer), lambda: overlay(self.units, self.frame(layer)))

    def amount(self, layer: str, chosen: Mask | Amounts | None = None) -> Amounts:
        """Square metres (of lines: metres) of a layer's chosen features in each unit; NaN: unknown which."""
        found = self.overlap(layer)
        return found.sum() if chosen is None else found.sum(found.whole * chosen)

    def inside(self, layer: str, chosen: Mask | None = None) -> Amounts:
        """Count the features of a layer whose middle lies in each unit."""
        return self.middles(layer).sum(None if chosen is None else chosen.astype(float))

    def middles(self, layer: str) -> Overlap:
        """The features of a layer by the unit that holds their middle."""
        return self.once(("middles", layer), lambda: members(self.units, self.frame(layer)))

    def ends_met(self, least: int, most: float = np.inf, classes: Classes = None) -> Amounts:
        """Count the places in each unit where so many ends of streets of some classes meet."""
        key = ("ends_met", least, most, classes)
        return self.once(
            key, lambda: members(self.units, self.ground.street_ends(classes).meeting(least, most)).sum()
        )

    def union(self, layer: str, classes: Classes = None, column: str = "") -> Amounts:
        """Square metres of a layer's land, or of some classes of it, in each unit, counted once.

        Where land of no known class lies that would add to it, it is not known.
        """
        found = self._union(layer, classes, column)
        if classes is None or self.ground.classed(layer, column):
            return found
        most = self._union(layer, (*classes, UNCLASSED), column)
        return np.where(np.isclose(most, found, rtol=1e-9, atol=ROUNDING), found, np.nan)

    def _union(self, layer: str, classes: Classes, column: str) -> Amounts:
        def counted_once() -> Amounts:
            lone, several = self.ground.apart(layer, classes, column)
            return self.amount(layer, lone) + overlay(self.units, several).sum()

        return self.once(("union", layer, classes, column), counted_once)

    def doubled(self, layer: str) -> Amounts:
        """Square metres of each unit on which features of a layer lie over each other, counted once."""
        return self.once(("doubled", layer), lambda: overlay(self.units, self.ground.doubled(layer)).sum())

    @property
    def homes(self) -> Overlap:
        """The homes in each unit."""
        return self.once(("homes",), lambda: members(self.units, self.ground.homes.points))

    def weight(self, basis: str) -> Amounts:
        """What each home weighs: residents, or residential floor area in m²; 0 where not supplied."""
        return self.ground.homes.weights[basis]

    def all_weight(self, basis: str) -> Amounts:
        """What the homes of each unit weigh together."""
        return self.once(("weight", basis), lambda: self.homes.sum(self.weight(basis)))

    def of_projects(self, column: str | None) -> Amounts:
        """Projects, or a column of theirs, by the register's shares where units carry them, else by area."""
        if "projects" in self.units:
            return amounts_of(self.units, column or "projects")
        every = np.ones(len(self.frame("projects")))
        return self.overlap("projects").sum(self.ground.known("projects", column) if column else every)

    def by_share(self, name: str) -> Amounts:
        """A ``layer.column`` of amounts in each unit, of each feature the share that lies there."""
        layer, _, column = name.partition(".")
        return self.once(
            ("by_share", name), lambda: self.overlap(layer).sum(self.ground.known(layer, column))
        )

    def first_supplied(self, names: tuple[str, ...]) -> str:
        """The first of these inputs that the city supplies, else the last."""
        return next((name for name in names if self.ground.supplied(name)), names[-1])

    def share_of_homes(self, reached: Mask, basis: str) -> Ratio:
        """Share in per cent of the homes' weight that is ``reached``."""
        return per(self.homes.sum(self.weight(basis) * reached), self.all_weight(basis), 100.0)

    def ranked(self, category: str) -> Ranked:
        """The homes in each unit by their walk to a class."""
        return self.once(("ranked", category), lambda: Ranked.of(self.homes, self.ground.walk(category)))

    def walks(self, category: str, basis: str) -> Walked:
        """What the homes in each unit walk to a class, weighted by the basis."""
        return self.once(("walks", category, basis), lambda: self._walks(category, basis))

    def _walks(self, category: str, basis: str) -> Walked:
        limits = [*METRES, *map(self.parameters.reach, MINUTES), self.parameters.radius(category)]
        return self.ranked(category).walked(self.ground.walk(category), self.weight(basis), limits)


def evaluate(
    frames: Mapping[str, GeoDataFrame] | Ground,
    units: GeoDataFrame,
    *,
    parameters: Parameters | None = None,
    indicators: Collection[str] | None = None,
    report: Callable[[str], None] | None = None,
) -> pd.DataFrame:
    """Compute indicators 指标 for units.

    Parameters
    ----------
    frames
        The layers of a city by name, in one projected CRS in metres, or the ground made of them.
    units
        Polygons in the same CRS.
    parameters
        Distances, speed, classes; the named defaults if not given.
    indicators
        Codes of the catalogue; all of it if not given.
    report
        Called with the code of each indicator before it is computed.

    Returns
    -------
    DataFrame
        ``unit`` (position in ``units``), ``indicator``, ``subject``, ``basis``, ``value``, ``numerator``,
        ``denominator``, and ``missing``: the input that is not supplied, None where the value is known.

    Raises
    ------
    UnknownIndicator
        A code is not in the catalogue.
    """
    ground = frames if isinstance(frames, Ground) else Ground(frames, parameters)
    analysis = Analysis(ground, units)
    found: list[Measured] = []
    for indicator in chosen(indicators):
        if report is not None:
            report(indicator.code)
        found.extend(measure(analysis, indicator))
    return as_table(found, len(units))


def chosen(codes: Collection[str] | None) -> list[Indicator]:
    """Return the indicators of these codes in the order of the catalogue.

    Raises
    ------
    UnknownIndicator
        A code is not in the catalogue.
    """
    unknown = sorted(set(codes or ()) - set(INDICATORS))
    if unknown:
        raise UnknownIndicator(
            N_("There is no indicator «{code}»."),
            remedy=N_("`gengxin indicators list` names them all."),
            code=unknown[0][:60],
        )
    return [indicator for code, indicator in INDICATORS.items() if codes is None or code in codes]


def measure(analysis: Analysis, indicator: Indicator) -> Iterator[Measured]:
    """Compute one indicator for each of its subjects and bases."""
    missing = lacking(analysis.ground, indicator.needs)
    for subject in subjects(analysis.ground, indicator):
        unclassed = None if subject else CLASSES.get(indicator.subjects)
        for basis in indicator.bases:
            asked = Asked(subject, basis)
            lack = missing or unclassed or lacking(analysis.ground, BASES.get(basis, ()))
            yield _measured(analysis, indicator, asked, lack or indicator.lacks(analysis, asked))


def _measured(analysis: Analysis, indicator: Indicator, asked: Asked, missing: str | None) -> Measured:
    if missing is not None:
        lacks = np.full(len(analysis.units), missing, dtype=object)
        return Measured(indicator, asked, None, missing, lacks)
    found = analysis.ratio(indicator, asked)
    return Measured(indicator, asked, found, None, _lacks(analysis, indicator, asked, found))


def _lacks(analysis: Analysis, indicator: Indicator, asked: Asked, found: Ratio) -> Names:
    lacks = np.full(len(analysis.units), None, dtype=object)
    unknown = np.isnan(found.value)
    if unknown.any():
        lacks[unknown] = np.broadcast_to(indicator.lack(analysis, asked, found), unknown.shape)[unknown]
        lacks[unknown & (found.denominator == 0)] = NOTHING_TO_DIVIDE_BY
        lacks[unknown & np.isnan(analysis.area)] = BOUNDARY
    lacks[np.isinf(found.value)] = UNREACHABLE
    return lacks


def lacking(ground: Ground, names: Iterable[str]) -> str | None:
    """Name the first input that the city does not supply, None if it supplies all."""
    return next((name for name in names if not ground.supplied(name)), None)


def subjects(ground: Ground, indicator: Indicator) -> tuple[str, ...]:
    """Name the classes of which an indicator is wanted."""
    named: dict[str, Callable[[], tuple[str, ...]]] = {
        "": lambda: ("",),
        "facility": lambda: ground.categories or ("",),
        "street_class": lambda: ("", *STREET_CLASSES),
        "constraint": lambda: ground.classes("constraints", "kind") or ("",),
        "age": lambda: tuple(f"before_{year}" for year in ground.parameters.age_years),
        "hazard": lambda: HAZARDS,
    }
    return named[indicator.subjects]()


def as_table(found: Sequence[Measured], units: int) -> pd.DataFrame:
    """Write measured indicators as rows, one a unit each; a value that is not known says what it lacks."""
    unknown = Ratio(*(np.full(units, np.nan),) * 3)
    names = pd.DataFrame([(one.indicator.code, *one.asked) for one in found], columns=NAMES, dtype="category")
    rows = names.loc[np.repeat(np.arange(len(found)), units)].reset_index(drop=True)
    rows.insert(0, "unit", np.tile(np.arange(units), len(found)))
    for place, column in enumerate(Ratio._fields):
        rows[column] = np.concatenate([np.empty(0), *((one.ratio or unknown)[place] for one in found)])
    lacks = np.concatenate([np.empty(0, object), *(one.lacks for one in found)])
    rows["missing"] = pd.array(lacks, dtype="str")
    return rows.replace({"value": {np.inf: np.nan}})
