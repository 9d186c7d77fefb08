"""What the page of indicators 指标 shows: what an address asks for, its values, shapes and thresholds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from sqlalchemy import RowMapping

from app.services.indicators.asked import CHOICES, EVERY, SORTS, Address, Asked, Wrong
from app.services.indicators.thresholds import for_reference, judges, thresholds
from data import indicators as queries
from data.run_figures import LAYERS
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
# Reasons that a value is not known though what is divided is.
WITH_PARTS = ("zero_denominator", "unreachable")
VERDICT_ORDER = {"fail": 0, "warn": 1, "info": 2, "pass": 3}


@dataclass(frozen=True)
class Picture:
    """One indicator of the units of a run.

    ``table`` holds, a row for each unit in their order, ``unit_code``, names, ``value``, ``numerator``,
    ``denominator``, ``verdict``, ``threshold_id`` and ``missing``; ``thresholds`` holds what judged, by id.
    """

    asked: Asked
    indicator: Indicator
    run: Mapping[str, Any]
    table: pd.DataFrame
    thresholds: Mapping[int, Stored]

    @property
    def threshold(self) -> Stored | None:
        """The threshold that judged all that were judged; None where there is none, or more than one."""
        return next(iter(self.thresholds.values())) if len(self.thresholds) == 1 else None

    @property
    def known(self) -> pd.Series[float]:
        """The values that are known."""
        return self.table["value"].dropna()

    @property
    def missing(self) -> dict[str, int]:
        """How many units lack the value, by the input that is not supplied."""
        lacking = self.table.loc[self.table["value"].isna(), "missing"]
        return {str(name): int(count) for name, count in lacking.fillna("").value_counts().items()}

    @property
    def params(self) -> dict[str, str]:
        """The parameters of an address that ask for exactly this."""
        asked = self.asked
        given = {"indicator": asked.indicator, "basis": asked.basis, "run": str(asked.run)}
        given |= {"class": asked.subject or EVERY} if self.indicator.subjects else {}
        return {name: value for name, value in given.items() if value}

    def verdicts(self) -> dict[str, int]:
        """Count the units by verdict."""
        return {str(name): int(count) for name, count in self.table["verdict"].value_counts().items()}


@dataclass(frozen=True)
class Page:
    """The state of the page: the kind of unit, its runs, and what is shown of one of them.

    ``run`` is None where there is none; ``first`` is None where it does not hold the indicator; ``second`` is
    what that is compared with. ``wrong`` is what the address asks for and does not exist.
    """

    units: str
    every_run: Sequence[Mapping[str, Any]]
    indicator: Indicator
    held: pd.DataFrame
    run: Mapping[str, Any] | None = None
    first: Picture | None = None
    second: Picture | None = None
    wrong: Sequence[Wrong] = ()

    @property
    def runs(self) -> list[Mapping[str, Any]]:
        """The runs for this kind of unit, the newest first."""
        return [run for run in self.every_run if run["units"] == self.units]

    @property
    def params(self) -> dict[str, str]:
        """The parameters of an address that ask for exactly what is shown."""
        run = {"run": str(self.run["id"])} if self.run else {}
        first = self.first.params if self.first else {"indicator": self.indicator.code, **run}
        second = self.second.params if self.second else {}
        return {"units": self.units, **first, **{f"{name}2": value for name, value in second.items()}}

    @property
    def other(self) -> Page | None:
        """What the first is compared with, as a page of its own."""
        second = self.second
        return (
            None if second is None else replace(self, indicator=second.indicator, first=second, second=None)
        )

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
    address = Address(params)
    address.order()
    units = address.units(every)
    mine = [run for run in every if run["units"] == units]
    if not mine:
        return Page(
            units, every, address.indicator(next(iter(INDICATORS))), _NOTHING_HELD, wrong=address.wrong
        )
    run = address.run(mine, usual_run(database, mine, params.get("indicator", "")))
    held = held_of(database, run["id"])
    indicator = address.indicator(_first_known(held))
    first = _picture(database, run, address.values(run, held, indicator))
    second = None if first is None else _second(database, mine, first, address)
    return Page(units, every, indicator, held, run, first, second, address.wrong)


def usual_run(
    database: Database, runs: Sequence[Mapping[str, Any]], indicator: str = ""
) -> Mapping[str, Any]:
    """Choose, of runs of which the newest comes first, the newest that holds an indicator.

    Where none does, or none is named, it is the newest of those that hold most.
    """
    return run_holding(database, runs, indicator) or max(runs, key=lambda run: run["indicators"])


def run_holding(
    database: Database, runs: Sequence[Mapping[str, Any]], indicator: str
) -> Mapping[str, Any] | None:
    """Return the first of the runs that holds an indicator."""
    if indicator not in INDICATORS:
        return None
    return next((run for run in runs if indicator in set(held_of(database, run["id"])["indicator"])), None)


def run_on_map(database: Database, page: Page) -> Mapping[str, Any]:
    """Return the run that the map shows of the page's indicator: cells are those of a whole run."""
    return usual_run(database, page.runs, "" if page.units in LAYERS else page.indicator.code)


def required(page: Page) -> Page:
    """Return a page of which the address asks for nothing that does not exist.

    Raises
    ------
    InvalidInput
        It does.
    """
    for wrong in page.wrong:
        raise wrong.error
    return page


_NOTHING_HELD = pd.DataFrame(columns=queries.HELD)


def _second(
    database: Database, runs: Sequence[Mapping[str, Any]], first: Picture, address: Address
) -> Picture | None:
    """Read what the first is compared with; what the address leaves out is as in the first."""
    if not any(address.params.get(f"{name}2") for name in CHOICES):
        return None
    run = address.run(runs, first.run, "2")
    held = held_of(database, run["id"])
    indicator = address.indicator(first.indicator.code, "2")
    asked = address.values(run, held, indicator, first.asked.subject, first.asked.basis, "2")
    return _picture(database, run, asked)


def _first_known(held: pd.DataFrame) -> str:
    known = set(held.loc[held["known"] > 0, "indicator"])
    return next((code for code in INDICATORS if code in known), next(iter(INDICATORS)))


def _picture(database: Database, run: Mapping[str, Any], asked: Asked) -> Picture | None:
    table, judged = _values(database, asked)
    return None if table.empty else Picture(asked, INDICATORS[asked.indicator], run, table, judged)


@lru_cache(maxsize=64)
def held_of(database: Database, run_id: int) -> pd.DataFrame:
    """List what a run holds, which never changes: indicators, classes, bases, how many values are known."""
    with database.reading() as connection:
        return queries.held(connection, run_id)


@lru_cache(maxsize=64)
def _values(database: Database, asked: Asked) -> tuple[pd.DataFrame, Mapping[int, Stored]]:
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
    return table.sort_values("position", ignore_index=True), judged


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


def unit_at(database: Database, run_id: int, lon: float, lat: float) -> str | None:
    """Return the code of the unit of a run at a place (EPSG:4326), the smallest where several overlap."""
    units = shapes_of(database, run_id)
    found = units.sindex.query(shapely.Point(lon, lat), predicate="intersects")
    areas = shapely.area(units.geometry.to_numpy()[found])
    return str(units.index[found[areas.argmin()]]) if len(found) else None


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


class Thresholds(NamedTuple):
    """What holds for an indicator in a city, the ids of those that judge the units that are shown.

    ``reference`` speaks of other ground; it stands beside units that none judges.
    """

    found: list[Stored]
    judging: Collection[int]
    reference: Stored | None


def thresholds_of(database: Database, city: RowMapping, page: Page) -> Thresholds:
    """List what holds for the page's indicator in the city, and what judges its units."""
    key = (page.indicator.code, page.first.asked.subject if page.first else "")
    mine = [one for one in thresholds(database, city["slug"]) if one.threshold.indicator == key[0]]
    units = page.first.table["unit_code"].tolist() if page.first else []
    when = (dt.datetime.now(dt.UTC).date(), city["name_zh"])
    judging = {one[key].id for one in judges(mine, page.units, units, *when).values() if key in one}
    reference = None if judging else for_reference(mine, page.units, *when).get(key)
    return Thresholds(mine, judging, reference)
