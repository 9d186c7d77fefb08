"""Stored indicators 指标 as figures of a map, named ``ind:CODE[:SUBJECT[:BASIS]]``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd
from sqlalchemy import Connection, RowMapping, ScalarSelect, Select, and_, case, exists, func, or_, select

from data.models import INDICATOR_UNIT, INDICATOR_VALUE, IndicatorRun

Bounds = tuple[float, float, float, float]
PREFIX = "ind:"
LAYERS: Mapping[str, str] = {"grid": "cells", "hexagon": "hexagons", "renewal_unit": "renewal_units"}
"""The map's layer of a kind of unit whose shapes are those of its newest run."""
UNITS: Mapping[str, str] = {layer: units for units, layer in LAYERS.items()}
NAMED = frozenset({"renewal_units"})
"""The layers whose units have names; cells of a grid have codes."""
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
    newest = _newest(city, units, figure.indicator).correlate(city.table).scalar_subquery()
    key = (VALUE.indicator, VALUE.subject, VALUE.basis)
    same = [column == value for column, value in zip(key, figure, strict=True)]
    query = select(VALUE.value).where(VALUE.run_id == newest, VALUE.unit_code == code, *same)
    return query.correlate(code.table).scalar_subquery()


def cells_of(city: Any, units: str, bounds: Bounds | None = None) -> Select[Any]:
    """Select the units of a city's newest whole run, from 1: ``id``, ``code``, both names, ``mercator``.

    A run of some indicators hides none of more. A unit that has no name is called by its code.

    Parameters
    ----------
    units
        Kind of unit, of ``LAYERS``.
    bounds
        West, south, east, north in degrees: only units that touch the rectangle.
    """
    whole = _whole(city, units).scalar_subquery()
    chinese, english, code = UNIT.unit_name_zh, UNIT.unit_name_en, UNIT.unit_code
    names = {
        "name_zh": func.coalesce(chinese, english, code),
        "name_en": func.coalesce(english, chinese, code),
    }
    cells = select(
        (UNIT.position + 1).label("id"), code.label("code"), UNIT.mercator, UNIT.run_id,
        *(words.label(name) for name, words in names.items()),
    ).where(UNIT.run_id == whole)  # fmt: skip
    if bounds is None:
        return cells
    seen = func.ST_Transform(func.ST_MakeEnvelope(*bounds, 4326), 3857)
    return cells.where(func.ST_Intersects(UNIT.mercator, seen))


def cell_values(connection: Connection, city_id: int, units: str, name: str) -> pd.DataFrame:
    """Read a stored indicator by its name, of the units of ``cells_of``: ``id``, ``code`` and ``value``."""
    cell = cells_of(city_id, units).subquery("cell").c
    figure = run_figure(name) or RunFigure(name)
    same = (VALUE.indicator == figure.indicator, VALUE.subject == figure.subject, VALUE.basis == figure.basis)
    joined = and_(VALUE.run_id == cell.run_id, VALUE.unit_code == cell.code, *same)
    query = select(cell.id, cell.code, VALUE.value).join(INDICATOR_VALUE, joined, isouter=True)
    rows = connection.execute(query.order_by(cell.id)).all()
    frame = pd.DataFrame([tuple(row) for row in rows], columns=["id", "code", "value"])
    return frame.astype({"value": float})


def cell_rows(  # noqa: PLR0913
    connection: Connection,
    city_id: int,
    units: str,
    figure: RunFigure,
    order: tuple[str, bool],
    *,
    bounds: Bounds | None,
    with_parts: Sequence[str],
    offset: int = 0,
    limit: int | None = None,
) -> list[RowMapping]:
    """Read an indicator of the units of ``cells_of``, with ``lon`` and ``lat`` (EPSG:4326) of a point in it.

    Parameters
    ----------
    bounds
        West, south, east, north in degrees: only units that touch the rectangle.
    order
        ``value``, ``numerator``, ``denominator``, ``code``, ``name_zh`` or ``name_en``, and whether it
        descends; the units stand as the run has them where it is none of these. What is not known comes last.
    with_parts
        Reasons that a value is not known though what is divided is; otherwise these are not known either.
    """
    cell = cells_of(city_id, units, bounds).subquery("cell").c
    same = [VALUE[name] == part for name, part in zip(("indicator", "subject", "basis"), figure, strict=True)]
    joined = and_(VALUE.run_id == cell.run_id, VALUE.unit_code == cell.code, *same)
    whole = or_(VALUE.missing.is_(None), VALUE.missing.in_(with_parts))
    parts = {name: case((whole, VALUE[name])) for name in ("numerator", "denominator")}
    point = func.ST_Transform(func.ST_PointOnSurface(cell.mercator), 4326)
    place = {"lon": func.ST_X(point), "lat": func.ST_Y(point)}
    names = {"code": cell.code, "name_zh": cell.name_zh, "name_en": cell.name_en}
    keys = {**names, "value": VALUE.value, **parts}
    made = (found.label(name) for name, found in (parts | place).items())
    query = select(*names.values(), VALUE.value, VALUE.missing, *made).join(
        INDICATOR_VALUE, joined, isouter=True
    )
    column, descending = order
    if column in keys:
        query = query.order_by((keys[column].desc() if descending else keys[column].asc()).nulls_last())
    query = query.order_by(cell.id).offset(offset).limit(limit)
    return list(connection.execute(query).mappings())


def how_many_cells(connection: Connection, city_id: int, units: str, bounds: Bounds | None = None) -> int:
    """Count the units of ``cells_of``, or those that touch a rectangle."""
    cells = cells_of(city_id, units, bounds).subquery()
    return int(connection.scalar(select(func.count()).select_from(cells)) or 0)


def run_of(connection: Connection, city_id: int, units: str, indicator: str) -> RowMapping | None:
    """Return the run that a figure of these units is read from, None where there is none.

    Returns
    -------
    RowMapping
        ``id``, ``finished_at``, ``side`` and ``parameters``.
    """
    whole = units in LAYERS
    found = (_whole(city_id, units) if whole else _newest(city_id, units, indicator)).scalar_subquery()
    columns = (IndicatorRun.id, IndicatorRun.finished_at, IndicatorRun.side, IndicatorRun.parameters)
    return connection.execute(select(*columns).where(IndicatorRun.id == found)).mappings().first()


def _whole(city: Any, units: str) -> Select[Any]:
    """Select the newest of the runs that hold most indicators."""
    mine = select(IndicatorRun.id).where(IndicatorRun.city_id == city, IndicatorRun.units == units)
    return mine.order_by(IndicatorRun.indicators.desc(), IndicatorRun.id.desc()).limit(1)


def _newest(city: Any, units: str, indicator: str) -> Select[Any]:
    """Select the newest of the runs that hold an indicator."""
    holds = exists().where(VALUE.run_id == IndicatorRun.id, VALUE.indicator == indicator)
    return select(func.max(IndicatorRun.id)).where(
        IndicatorRun.city_id == city, IndicatorRun.units == units, holds
    )
