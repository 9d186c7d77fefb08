"""The rows of a map's table: the filtered projects, all or those in a rectangle, or features of a layer."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, literal, null, select

from data.choropleth import project_figure
from data.layer_export import LayerQuery
from data.layer_fields import LAYERS
from data.models import Project
from data.project_day import ladder, progress_on, stage_on
from data.projects import ProjectFilter, conditions, listing, ordering, page

Bounds = tuple[float, float, float, float]


def project_rows(  # noqa: PLR0913
    connection: Connection,
    city_id: int,
    keep: ProjectFilter,
    bounds: Bounds | None,
    order: tuple[str, bool],
    *,
    by: str,
    figure: str = "",
    offset: int = 0,
    limit: int | None = None,
) -> list[RowMapping]:
    """Read filtered projects, with ``progress`` (share) on the filter's day and a figure as ``value``.

    Parameters
    ----------
    bounds
        West, south, east, north in degrees: only projects whose boundary touches the rectangle.
    order
        A column of ``data.projects.SORTABLE``, ``class`` or ``value``, and whether it descends.
    by
        What ``class`` means: ``stage``, ``type``, ``mode``, ``status``, ``progress`` or ``investment``.
    figure
        A figure of ``data.choropleth.project_values``; none where empty.
    """
    query = _rows(city_id, keep, figure)
    query = _within(query, bounds).order_by(*_ordering(order, by, figure, keep))
    return page(connection, query, offset=offset, limit=limit)


def project_row(
    connection: Connection, city_id: int, keep: ProjectFilter, code: str, figure: str = ""
) -> RowMapping | None:
    """Read one of the filtered projects by its code, as ``project_rows`` does; None where they hold none."""
    query = _rows(city_id, keep, figure)
    return connection.execute(query.where(Project.code == code)).mappings().first()


def _rows(city_id: int, keep: ProjectFilter, figure: str) -> Select[Any]:
    value = project_figure(figure, keep) if figure else null()
    return listing(city_id, keep).add_columns(progress_on(keep.day).label("progress"), value.label("value"))


def how_many(connection: Connection, city_id: int, keep: ProjectFilter, bounds: Bounds | None) -> int:
    """Count the projects that ``project_rows`` lists."""
    query = select(func.count()).select_from(Project).where(*conditions(city_id, keep))
    return int(connection.scalar(_within(query, bounds)) or 0)


def _within(query: Select[Any], bounds: Bounds | None) -> Select[Any]:
    if bounds is None:
        return query
    return query.where(func.ST_Intersects(Project.boundary, func.ST_MakeEnvelope(*bounds, 4326)))


def _ordering(order: tuple[str, bool], by: str, figure: str, keep: ProjectFilter) -> tuple[Any, ...]:
    column, descending = order
    if column not in {"class", "value"} or (column == "value" and not figure):
        return ordering("code" if column == "value" else column, descending)
    key = project_figure(figure, keep) if column == "value" else _class(by, keep)
    return (key.desc() if descending else key.asc()).nulls_last(), Project.code.asc()


def _class(by: str, keep: ProjectFilter) -> Any:
    return {
        "stage": ladder(stage_on(keep.day)),
        "type": Project.project_type,
        "mode": Project.renewal_mode,
        "status": Project.boundary_status,
        "progress": progress_on(keep.day),
        "investment": Project.total_investment,
    }[by]


def feature_rows(
    connection: Connection, query: LayerQuery, order: tuple[str, bool], *, offset: int, limit: int
) -> list[RowMapping]:
    """Read features of a layer, with ``lon`` and ``lat`` (EPSG:4326) of a point on each.

    Parameters
    ----------
    order
        A column of the layer, of which the name is what orders a coded one, and whether it descends; the
        features stand as they were supplied where there is no such column.
    """
    layer = LAYERS[query.layer]
    point = func.ST_PointOnSurface(layer.shape)
    values = {field.name: field.value for field in query.columns}
    place = {"lon": func.ST_X(point), "lat": func.ST_Y(point)}
    column, descending = order
    key = values.get(f"{column}_name", values.get(column))
    keys = [] if key is None else [(key.desc() if descending else key.asc()).nulls_last()]
    rows = select(*(value.label(name) for name, value in (values | place).items())).where(*query.where)
    rows = rows.order_by(*keys, layer.table.id).offset(offset).limit(limit)
    return list(connection.execute(rows).mappings())


def features_up_to(connection: Connection, query: LayerQuery, most: int) -> int:
    """Count the features that ``feature_rows`` lists, and stop at one more than ``most``."""
    table = LAYERS[query.layer].table
    some = select(literal(1).label("one")).select_from(table).where(*query.where).limit(most + 1)
    return int(connection.scalar(select(func.count()).select_from(some.subquery())) or 0)
