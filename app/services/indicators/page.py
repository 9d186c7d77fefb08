"""What the page of indicators 指标 shows: what an address asks for, its values, shapes and thresholds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from sqlalchemy import RowMapping

from app.services.indicators.thresholds import in_force, thresholds
from data import indicators as queries
from data.indicator_codes import UNIT_KINDS
from data.session import Database
from data.thresholds import store
from data.thresholds.store import Stored
from gis.catalogue import INDICATORS
from gis.classify import Classes, classify
from gis.indicator import Indicator

CLASSES = 5
ALL_BY_NATURAL_BREAKS = 60
POINTS = 15_000
CELL_POINTS = 8
FIRST_TOLERANCE, LAST_TOLERANCE = 5e-5, 2e-3
MOST_UNITS = 5_000
SORTS = ("value", "name", "numerator", "denominator", "verdict", "other", "difference")
# Reasons that a value is not known though what is divided is.
WITH_PARTS = ("zero_denominator", "unreachable")
VERDICT_ORDER = {"fail": 0, "warn": 1, "info": 2, "pass": 3}


class Asked(NamedTuple):
    """Which values of a run are asked for."""

    run: int
    indicator: str
    subject: str = ""
    basis: str = ""


@dataclass(frozen=True)
class Picture:
    """One indicator of the units of a run.

    ``table`` holds, a row for each unit in their order, ``unit_code``, names, ``value``, ``numerator``,
    ``denominator``, ``verdict``, ``threshold_id`` and ``missing``; ``threshold`` is the one that judged them.
    """

    asked: Asked
    indicator: Indicator
    run: Mapping[str, Any]
    table: pd.DataFrame
    threshold: Stored | None

    @property
    def known(self) -> pd.Series[float]:
        """The values that are known."""
        return self.table["value"].dropna()

    @property
    def missing(self) -> dict[str, int]:
        """How many units lack the value, by the input that is not supplied."""
        lacking = self.table.loc[self.table["value"].isna(), "missing"]
        return {str(name): int(count) for name, count in lacking.fillna("").value_counts().items()}

    def verdicts(self) -> dict[str, int]:
        """Count the units by verdict."""
        return {str(name): int(count) for name, count in self.table["verdict"].value_counts().items()}


@dataclass(frozen=True)
class Page:
    """The state of the page: the kind of unit, its runs, and what is shown of one of them.

    ``first`` is None where the run does not hold the indicator, or there is no run; ``second`` is what it is
    compared with.
    """

    units: str
    every_run: Sequence[Mapping[str, Any]]
    indicator: Indicator
    held: pd.DataFrame
    first: Picture | None = None
    second: Picture | None = None

    @property
    def runs(self) -> list[Mapping[str, Any]]:
        """The runs for this kind of unit, the newest first."""
        return [run for run in self.every_run if run["units"] == self.units]

    @cached_property
    def computed(self) -> frozenset[str]:
        """The indicators of which the run knows a value."""
        return frozenset(self.held.loc[self.held["known"] > 0, "indicator"])

    def subjects(self, indicator: str) -> list[str]:
        """List the classes of which the run holds an indicator."""
        return sorted(self.held.loc[self.held["indicator"] == indicator, "subject"].unique())


def page_of(database: Database, city: RowMapping, params: Mapping[str, str]) -> Page:
    """Read what an address asks for; what it does not say, or says wrongly, is chosen for it."""
    with database.reading() as connection:
        every = [dict(run) for run in queries.runs(connection, city["id"])]
    units = _units(every, params.get("units", ""))
    mine = [run for run in every if run["units"] == units]
    if not mine:
        indicator = INDICATORS.get(params.get("indicator", "")) or next(iter(INDICATORS.values()))
        return Page(units, every, indicator, _NOTHING_HELD)
    run = _run(mine, params.get("run", ""))
    held = held_of(database, run["id"])
    indicator = _indicator(held, params.get("indicator", ""))
    asked = _asked(run, held, indicator, params.get("class", ""), params.get("basis", ""))
    first = _picture(database, run, asked)
    second = None if first is None else _second(database, mine, first, params)
    return Page(units, every, indicator, held, first, second)


_NOTHING_HELD = pd.DataFrame({name: [] for name in ("indicator", "subject", "basis", "known", "missing")})


def _second(
    database: Database, runs: Sequence[Mapping[str, Any]], first: Picture, params: Mapping[str, str]
) -> Picture | None:
    """Read what the first is compared with; what the address leaves out is as in the first."""
    if not any(params.get(f"{name}2") for name in ("indicator", "class", "basis", "run")):
        return None
    run = _run(runs, params.get("run2", "") or str(first.asked.run))
    held = held_of(database, run["id"])
    indicator = _indicator(held, params.get("indicator2", "") or first.asked.indicator)
    subject = params.get("class2", "") or first.asked.subject
    basis = params.get("basis2", "") or first.asked.basis
    return _picture(database, run, _asked(run, held, indicator, subject, basis))


def _units(runs: Sequence[Mapping[str, Any]], asked: str) -> str:
    if asked in UNIT_KINDS:
        return asked
    computed = {run["units"] for run in runs}
    return next((kind for kind in UNIT_KINDS if kind in computed), "district")


def _run(runs: Sequence[Mapping[str, Any]], asked: str) -> Mapping[str, Any]:
    return next((run for run in runs if str(run["id"]) == asked), runs[0])


def _indicator(held: pd.DataFrame, asked: str) -> Indicator:
    if asked in INDICATORS:
        return INDICATORS[asked]
    known = set(held.loc[held["known"] > 0, "indicator"])
    return next((one for one in INDICATORS.values() if one.code in known), next(iter(INDICATORS.values())))


def _asked(
    run: Mapping[str, Any], held: pd.DataFrame, indicator: Indicator, subject: str, basis: str
) -> Asked:
    mine = held[held["indicator"] == indicator.code].sort_values("subject", kind="stable")
    subjects = mine["subject"].tolist()
    if subject not in subjects:
        known = mine.loc[mine["known"] > 0, "subject"].tolist()
        subject = (known or subjects or [""])[0]
    return Asked(
        run["id"], indicator.code, subject, basis if basis in indicator.bases else indicator.bases[0]
    )


def _picture(database: Database, run: Mapping[str, Any], asked: Asked) -> Picture | None:
    table, threshold = _values(database, asked)
    return None if table.empty else Picture(asked, INDICATORS[asked.indicator], run, table, threshold)


@lru_cache(maxsize=64)
def held_of(database: Database, run_id: int) -> pd.DataFrame:
    """List what a run holds, which never changes: indicators, classes, bases, how many values are known."""
    with database.reading() as connection:
        return queries.held(connection, run_id)


@lru_cache(maxsize=64)
def _values(database: Database, asked: Asked) -> tuple[pd.DataFrame, Stored | None]:
    with database.reading() as connection:
        table = queries.values(
            connection,
            asked.run,
            indicators=[asked.indicator],
            subject=asked.subject,
            basis=asked.basis,
        )
        ids = table["threshold_id"].dropna().astype(int).unique().tolist()
        judged = store.with_ids(connection, ids)
    parts = _has_parts(table)
    table = table.assign(**{name: table[name].where(parts) for name in ("numerator", "denominator")})
    return table.sort_values("position", ignore_index=True), next(iter(judged.values()), None)


def _has_parts(table: pd.DataFrame) -> pd.Series[bool]:
    """Whether what is divided is known: where an input lacks, a sum of nothing is no figure."""
    return table["missing"].isna() | table["missing"].isin(WITH_PARTS)


class Classed(NamedTuple):
    """The classes of a map, and all values that they were made of."""

    classes: Classes
    values: pd.Series[float]


def classes_of(picture: Picture, other: Picture | None = None) -> Classed:
    """Class the values; two pictures of one indicator share their classes, so that their colours compare."""
    both = [picture] if other is None or other.indicator is not picture.indicator else [picture, other]
    values = pd.concat([one.table["value"] for one in both], ignore_index=True)
    few = len(picture.table) <= ALL_BY_NATURAL_BREAKS
    return Classed(classify(values, "fisher_jenks" if few else "quantiles", CLASSES), values)


def class_of_units(picture: Picture, classes: Classes) -> pd.Series[int]:
    """Return the class of each unit of a picture by the edges of the classes; NA where it is not known."""
    values = picture.table["value"]
    if not classes.k:
        return pd.Series(pd.NA, index=values.index, dtype="Int64")
    found = np.searchsorted(classes.bounds, values.to_numpy()).clip(max=classes.k - 1)
    return pd.Series(found, index=values.index, dtype="Int64").where(values.notna())


@lru_cache(maxsize=16)
def shapes_of(database: Database, run_id: int) -> gpd.GeoDataFrame:
    """Read the units of a run with shapes thinned for the page's map, by ``unit_code`` and in their order."""
    with database.reading() as connection:
        units = queries.units(connection, run_id)
    thinned = units.assign(geometry=_thinned(units.geometry)).set_geometry("geometry")
    return thinned.drop(columns="shape").set_index("unit_code")


def _thinned(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Thin neighbouring polygons together until they are few points, so that the page stays light."""
    given: NDArray[np.object_] = np.asarray(shapes)
    placed = ~(shapely.is_missing(given) | shapely.is_empty(given))
    whole = found = given[placed]
    tolerance, budget = FIRST_TOLERANCE, max(POINTS, CELL_POINTS * len(whole))
    while shapely.get_num_coordinates(found).sum() > budget and tolerance < LAST_TOLERANCE:
        found = shapely.coverage_simplify(whole, tolerance)
        tolerance *= 2
    thinned = np.full(len(given), None, dtype=object)
    thinned[placed] = found
    return gpd.GeoSeries(thinned, index=shapes.index, crs=shapes.crs)


def bounds_of(database: Database, run_id: int) -> tuple[float, float, float, float] | None:
    """Return west, south, east and north of the units of a run; None where none has a shape."""
    edges = shapes_of(database, run_id).total_bounds
    if not np.isfinite(edges).all():
        return None
    west, south, east, north = (float(edge) for edge in edges)
    return west, south, east, north


def ordered(page: Page, sort: str, name: str) -> pd.DataFrame:
    """Return the rows of the page's table in an order such as ``value.desc``; what is unknown comes last.

    Parameters
    ----------
    name
        The column that holds the units' names in the reader's language.
    """
    column, _dot, way = sort.partition(".")
    rows = compared(page)
    if column not in SORTS or column not in {*rows, "name"}:
        column, way = "value", "desc"
    rows = rows.assign(name=rows[name].fillna(rows["unit_code"]))
    keys = rows["verdict"].map(VERDICT_ORDER) if column == "verdict" else rows[column]
    order = keys.sort_values(ascending=way == "asc", kind="stable", na_position="last").index
    return rows.loc[order]


def compared(page: Page) -> pd.DataFrame:
    """Return the units' values; where two are compared ``other`` too and, in one unit, ``difference``."""
    first, second = page.first, page.second
    if first is None:
        return pd.DataFrame(columns=["unit_code"])
    if second is None:
        return first.table
    other = second.table.set_index("unit_code")["value"].reindex(first.table["unit_code"]).to_numpy()
    rows = first.table.assign(other=other)
    return rows.assign(difference=rows["other"] - rows["value"]) if same_unit(page) else rows


def same_unit(page: Page) -> bool:
    """Whether the two that are compared are in one unit, so that they have a difference."""
    first, second = page.first, page.second
    return first is not None and second is not None and first.indicator.unit == second.indicator.unit


def thresholds_of(database: Database, city: RowMapping, page: Page) -> tuple[list[Stored], Stored | None]:
    """List what holds for the page's indicator in the city, and the threshold that judges its units."""
    found = thresholds(database, city["slug"])
    subject = page.first.asked.subject if page.first else ""
    mine = [one for one in found if one.threshold.indicator == page.indicator.code]
    today = dt.datetime.now(dt.UTC).date()
    judging = in_force(mine, page.units, today, city["name_zh"])
    return mine, judging.get((page.indicator.code, subject))
