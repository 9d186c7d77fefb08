"""Stored indicators 指标 as figures of a map, named ``ind:CODE[:SUBJECT[:BASIS]]``."""

from __future__ import annotations

from typing import Any, NamedTuple

import pandas as pd
from sqlalchemy import Connection, ScalarSelect, Select, and_, exists, func, select

from data.models import INDICATOR_UNIT, INDICATOR_VALUE, IndicatorRun

PREFIX = "ind:"
GRID = "grid"
VALUE, UNIT = INDICATOR_VALUE.columns, INDICATOR_UNIT.columns


class RunFigure(NamedTuple):
    """An indicator, its subject and basis; '' for none."""

    indicator: str
    subject: str = ""
    basis: str = ""

    @property
    def name(self) -> str:
        """The name in addresses."""
        return PREFIX + ":".join(self).rstrip(":")


def run_figure(name: str) -> RunFigure | None:
    """Return the indicator that a figure names; None where it names none.

    Examples
    --------
    >>> run_figure("ind:walk_mean:park:population")
    RunFigure(indicator='walk_mean', subject='park', basis='population')
    >>> run_figure("ind:floor_area_ratio").name, run_figure("investment")
    ('ind:floor_area_ratio', None)
    """
    parts = name.removeprefix(PREFIX).split(":")
    return RunFigure(*parts) if name.startswith(PREFIX) and len(parts) <= 3 else None


def run_value(figure: RunFigure, units: str, code: Any, city: Any) -> ScalarSelect[Any]:
    """Return the expression of an indicator's newest value of each unit.

    Parameters
    ----------
    units
        Kind of unit of the run.
    code, city
        Columns that hold the unit's code and city.
    """
    newest = _newest(units, figure.indicator, city)
    key = (VALUE.indicator, VALUE.subject, VALUE.basis)
    same = [column == value for column, value in zip(key, figure, strict=True)]
    query = select(VALUE.value).where(VALUE.run_id == newest, VALUE.unit_code == code, *same)
    return query.correlate(code.table).scalar_subquery()


def cells_of(city: Any) -> Select[Any]:
    """Select the cells of a city's newest run for a square grid: ``id`` (from 1), ``code``, ``mercator``."""
    newest = select(func.max(IndicatorRun.id)).where(IndicatorRun.city_id == city, IndicatorRun.units == GRID)
    return select(
        (UNIT.position + 1).label("id"), UNIT.unit_code.label("code"), UNIT.mercator, UNIT.run_id
    ).where(UNIT.run_id == newest.scalar_subquery())


def cell_values(connection: Connection, city_id: int, name: str) -> pd.DataFrame:
    """Read a stored indicator by its name, of the cells of ``cells_of``: ``id``, ``code`` and ``value``."""
    cell = cells_of(city_id).subquery("cell").c
    figure = run_figure(name) or RunFigure(name)
    same = (VALUE.indicator == figure.indicator, VALUE.subject == figure.subject, VALUE.basis == figure.basis)
    joined = and_(VALUE.run_id == cell.run_id, VALUE.unit_code == cell.code, *same)
    query = select(cell.id, cell.code, VALUE.value).join(INDICATOR_VALUE, joined, isouter=True)
    rows = connection.execute(query.order_by(cell.id)).all()
    frame = pd.DataFrame([tuple(row) for row in rows], columns=["id", "code", "value"])
    return frame.astype({"value": float})


def how_many_cells(connection: Connection, city_id: int) -> int:
    """Count the cells of the newest run for a square grid."""
    return int(connection.scalar(select(func.count()).select_from(cells_of(city_id).subquery())) or 0)


def _newest(units: str, indicator: str, city: Any) -> ScalarSelect[Any]:
    holds = exists().where(VALUE.run_id == IndicatorRun.id, VALUE.indicator == indicator)
    query = select(func.max(IndicatorRun.id)).where(
        IndicatorRun.city_id == city, IndicatorRun.units == units, holds
    )
    return query.correlate(city.table).scalar_subquery()
