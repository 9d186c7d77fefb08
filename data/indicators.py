"""Runs of indicators 指标: written whole by COPY, read by unit, indicator and place."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy import Connection, RowMapping, Select, exists, insert, select, text

from data.frames import read_frame
from data.models import INDICATOR_UNIT, INDICATOR_VALUE, IndicatorRun
from data.writers.layers import copy_features

VALUE = INDICATOR_VALUE.columns
UNIT = INDICATOR_UNIT.columns
SERIES = ("indicator", "subject", "basis", "unit")
MEASURED = ("value", "numerator", "denominator")
HELD = [*SERIES, "known", "missing"]


def add_run(connection: Connection, run: Mapping[str, Any], units: gpd.GeoDataFrame) -> int:
    """Store a run with its units in the caller's transaction, and return its id.

    Parameters
    ----------
    run
        The columns of ``indicator_run``.
    units
        ``unit_code``, ``position``, ``unit_name_zh``, ``unit_name_en`` and the shape.
    """
    run_id = int(
        connection.execute(insert(IndicatorRun).values(**run).returning(IndicatorRun.id)).scalar_one()
    )
    copy_features(connection, "indicator_unit", units.assign(run_id=run_id))
    return run_id


def add_values(connection: Connection, run_id: int, values: pd.DataFrame) -> None:
    """Store values of a run in the caller's transaction.

    Parameters
    ----------
    values
        The columns of ``indicator_value`` but ``run_id``.
    """
    copy_features(connection, "indicator_value", values.assign(run_id=run_id))


def refresh_statistics(connection: Connection) -> None:
    """Let the planner know how many values and units there are: a run may have millions."""
    connection.execute(text("ANALYZE indicator_unit, indicator_value"))


def runs(connection: Connection, city_id: int, units: str | None = None) -> Sequence[RowMapping]:
    """List a city's runs, the newest first."""
    query = _runs(city_id, units)
    return connection.execute(query).mappings().all()


def newest_run(  # noqa: PLR0913
    connection: Connection,
    city_id: int,
    units: str,
    *,
    side: float | None = None,
    indicator: str | None = None,
    before: int | None = None,
) -> RowMapping | None:
    """Return the newest run for a kind of unit, or None.

    Parameters
    ----------
    side
        Of the cells; the newest of any side if not given.
    indicator
        Only runs that hold this indicator.
    before
        Only runs older than this one.
    """
    query = _runs(city_id, units)
    if side is not None:
        query = query.where(IndicatorRun.side == side)
    if before is not None:
        query = query.where(IndicatorRun.id < before)
    if indicator is not None:
        query = query.where(exists().where(VALUE.run_id == IndicatorRun.id, VALUE.indicator == indicator))
    return connection.execute(query.limit(1)).mappings().first()


def same_run(connection: Connection, run: Mapping[str, Any]) -> RowMapping | None:
    """Return the newest earlier run of the same units, inputs, parameters and code, or None."""
    alike = ("units", "side", "inputs_hash", "code_version", "parameters")
    columns = IndicatorRun.__table__.columns
    query = _runs(run["city_id"], None).where(
        *[columns[name].is_not_distinct_from(run[name]) for name in alike]
    )
    return connection.execute(query.limit(1)).mappings().first()


def values(  # noqa: PLR0913
    connection: Connection,
    run_id: int,
    *,
    indicators: Collection[str] | None = None,
    subject: str | None = None,
    basis: str | None = None,
    unit_codes: Collection[str] | None = None,
) -> pd.DataFrame:
    """Read a run's values in the order of indicator, subject, basis and unit.

    Returns
    -------
    DataFrame
        The columns of ``indicator_value`` without ``run_id``, and of each unit ``unit_name_zh``,
        ``unit_name_en`` and ``position``.
    """
    columns = [column for column in VALUE if column.name != "run_id"]
    query = (
        select(*columns, UNIT.unit_name_zh, UNIT.unit_name_en, UNIT.position)
        .join_from(
            INDICATOR_VALUE,
            INDICATOR_UNIT,
            (UNIT.run_id == VALUE.run_id) & (UNIT.unit_code == VALUE.unit_code),
        )
        .where(VALUE.run_id == run_id)
        .order_by(VALUE.indicator, VALUE.subject, VALUE.basis, UNIT.position)
    )
    wanted = {VALUE.subject: subject, VALUE.basis: basis}
    query = query.where(*[column == value for column, value in wanted.items() if value is not None])
    if indicators is not None:
        query = query.where(VALUE.indicator.in_(list(indicators)))
    if unit_codes is not None:
        query = query.where(VALUE.unit_code.in_(list(unit_codes)))
    rows = connection.execute(query)
    table = pd.DataFrame(rows.all(), columns=list(rows.keys()))
    return table.astype({"threshold_id": "Int64"} | dict.fromkeys(MEASURED, "float64"))


def held(connection: Connection, run_id: int) -> pd.DataFrame:
    """List the indicators of a run with their unit, how many values are ``known``, what is ``missing``."""
    rows = connection.scalar(select(IndicatorRun.held).where(IndicatorRun.id == run_id))
    return pd.DataFrame(rows or [], columns=HELD)


def units(connection: Connection, run_id: int) -> gpd.GeoDataFrame:
    """Read the units of a run in their order: ``unit_code``, names, ``position`` and shape in EPSG:4326."""
    query = (
        select(UNIT.unit_code, UNIT.position, UNIT.unit_name_zh, UNIT.unit_name_en, UNIT.shape)
        .where(UNIT.run_id == run_id)
        .order_by(UNIT.position)
    )
    return read_frame(connection, query, "shape")


def _runs(city_id: int, units: str | None) -> Select[Any]:
    columns = [column for column in IndicatorRun.__table__.columns if column.name != "held"]
    query = select(*columns).where(IndicatorRun.city_id == city_id)
    if units is not None:
        query = query.where(IndicatorRun.units == units)
    return query.order_by(IndicatorRun.id.desc())
