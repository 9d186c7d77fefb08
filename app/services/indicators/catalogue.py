"""Indicators 指标 for those who ask: the catalogue, the runs of a city, and the newest values."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy import Connection, RowMapping

from app.services.indicators.runs import RunReport, run
from app.services.indicators.units import require_kind, require_side
from data import cities
from data import indicators as queries
from data.errors import N_, NotFound
from data.session import Database
from data.thresholds import store
from data.thresholds.store import Stored
from gis.analysis import chosen
from gis.indicator import Indicator
from gis.parameters import Parameters

__all__ = ["Card", "RunReport", "Shown", "catalogue", "newest", "run", "runs", "show"]


@dataclass(frozen=True)
class Card:
    """What an indicator is, as people read it."""

    code: str
    name_zh: str
    name_en: str
    unit: str
    family: str
    direction: str
    inputs: list[str]
    subjects: str
    bases: list[str]
    formula_zh: str
    formula_en: str
    source_zh: str
    source_en: str
    parameters: dict[str, object]


@dataclass(frozen=True)
class Shown:
    """Values of a run with what it depended on, and the thresholds that judged them by id."""

    run: Mapping[str, Any]
    values: pd.DataFrame
    thresholds: Mapping[int, Stored]


def catalogue(codes: Collection[str] | None = None) -> list[Card]:
    """List the indicators in the order of the catalogue.

    Raises
    ------
    UnknownIndicator
        A code is not in the catalogue.
    """
    return [_card(one) for one in chosen(codes)]


def runs(database: Database, city: str, units: str | None = None) -> list[dict[str, Any]]:
    """List a city's runs, the newest first.

    Raises
    ------
    NotFound
        No city has this slug.
    """
    with database.reading() as connection:
        city_id = cities.city_named(connection, city)["id"]
        return [dict(row) for row in queries.runs(connection, city_id, units)]


def show(  # noqa: PLR0913
    database: Database,
    city: str,
    units: str = "district",
    *,
    indicators: Collection[str] | None = None,
    subject: str | None = None,
    basis: str | None = None,
    side: float | None = None,
    before: int | None = None,
) -> Shown:
    """Read the newest values of a city's units.

    Parameters
    ----------
    indicators
        Codes; the newest run that holds the first of them answers. All of the newest run if not given.
    subject, basis
        Only of this class and on this basis.
    side
        Of the cells of a grid.
    before
        Only runs older than this one, to compare with.

    Raises
    ------
    NotFound
        There is no such city, or nothing has been computed for these units yet.
    InvalidInput, UnknownIndicator
        There is no such kind of unit, or indicator.
    """
    _check(units, indicators, side)
    with database.reading() as connection:
        found = _newest(connection, city, units, indicators, side, before)
        table = queries.values(connection, found["id"], indicators=indicators, subject=subject, basis=basis)
        ids = table["threshold_id"].dropna().astype(int).unique()
        return Shown(dict(found), table, store.with_ids(connection, ids.tolist()))


def newest(  # noqa: PLR0913
    database: Database,
    city: str,
    units: str,
    indicator: str,
    *,
    subject: str = "",
    basis: str = "",
    side: float | None = None,
    before: int | None = None,
) -> tuple[dict[str, Any], gpd.GeoDataFrame]:
    """Read the newest values of one indicator with the shapes of the units, for a map.

    Returns
    -------
    tuple
        The run, and its units (in EPSG:4326) in their order with ``value``, ``numerator``, ``denominator``,
        ``unit``, ``verdict``, ``threshold_id`` and ``missing``.

    Raises
    ------
    NotFound, InvalidInput, UnknownIndicator
        As ``show``.
    """
    _check(units, [indicator], side)
    with database.reading() as connection:
        found = _newest(connection, city, units, [indicator], side, before)
        table = queries.values(connection, found["id"], indicators=[indicator], subject=subject, basis=basis)
        shapes = queries.units(connection, found["id"])
    kept = table.drop(columns=["unit_name_zh", "unit_name_en", "position"])
    return dict(found), gpd.GeoDataFrame(shapes.merge(kept, on="unit_code", how="left"))


def held(database: Database, run_id: int) -> pd.DataFrame:
    """List the indicators of a run with their subjects, bases, and how many values are known."""
    with database.reading() as connection:
        return queries.held(connection, run_id)


def _card(one: Indicator) -> Card:
    defaults = Parameters()
    return Card(
        code=one.code,
        name_zh=one.name.zh,
        name_en=one.name.en,
        unit=one.unit,
        family=one.family,
        direction=one.direction,
        inputs=inputs_of(one),
        subjects=one.subjects,
        bases=list(one.bases),
        formula_zh=one.formula.zh,
        formula_en=one.formula.en,
        source_zh=one.source.zh,
        source_en=one.source.en,
        parameters={name: getattr(defaults, name) for name in one.parameters},
    )


def inputs_of(one: Indicator) -> list[str]:
    """Name the inputs of an indicator; of alternatives one is enough."""
    return list(one.needs)


def _check(units: str, indicators: Collection[str] | None, side: float | None) -> None:
    require_kind(units)
    require_side(units, side)
    chosen(indicators)


def _newest(  # noqa: PLR0913, PLR0917
    connection: Connection,
    city: str,
    units: str,
    indicators: Collection[str] | None,
    side: float | None,
    before: int | None,
) -> RowMapping:
    city_id = cities.city_named(connection, city)["id"]
    first = next(iter(indicators or ()), None)
    found = queries.newest_run(connection, city_id, units, side=side, indicator=first, before=before)
    if found is None:
        raise NotFound(
            N_("Nothing has been computed for the units «{units}» of {city}."),
            remedy=N_("Run `gengxin indicators run --city {city} --units {asked}`."),
            units=units,
            city=city,
            asked=units if side is None else f"{units} --side {side:g}",
        )
    return found
