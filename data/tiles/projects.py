"""Projects in tiles: boundaries where they can be read, bubbles where they cannot."""

from __future__ import annotations

from typing import Any

from sqlalchemy import REAL, Double, Select, SmallInteger, and_, case, cast, func, select

from data.models import Project
from data.project_day import progress_on, stage_on
from data.projects import ProjectFilter, conditions
from data.tiles.catalogue import PROJECTS_FROM
from data.tiles.drawing import (
    BOX,
    CLUSTER,
    MOST,
    SMALLEST_AREA,
    UNIT,
    YI,
    inside,
    middle,
    number,
    shapes,
    shortened,
    width,
)
from data.tiles.grid import PIXEL


def _facts(keep: ProjectFilter) -> dict[str, Any]:
    return {
        "code": Project.code,
        "name": shortened(Project.name),
        "stage": stage_on(keep.day),
        "type": Project.project_type,
        "mode": Project.renewal_mode,
        "status": Project.boundary_status,
        "year": Project.code_year,
        "progress": cast(func.round(progress_on(keep.day) * number(100)), SmallInteger),
        "amount": cast(cast(Project.total_investment, Double) / YI, REAL),
    }


def boundaries(_zoom: int, city_id: int, keep: ProjectFilter) -> Select[Any]:
    """Boundaries of projects that are large enough to be read."""
    large = width(Project.mercator) >= UNIT * number(SMALLEST_AREA)
    return shapes(Project, _facts(keep), *conditions(city_id, keep), large)


def bubbles(zoom: int, city_id: int, keep: ProjectFilter) -> Select[Any]:
    """Clusters of projects where no boundary is readable; single projects where only theirs is not."""
    shape = Project.mercator
    wanted = [*conditions(city_id, keep), shape.op("&&")(BOX)]
    grid = CLUSTER
    if zoom >= PROJECTS_FROM:
        wanted.append(width(shape) < UNIT * number(SMALLEST_AREA))
        grid = PIXEL
    amount = cast(Project.total_investment, Double).label("amount")
    # OFFSET keeps the box from being read anew for each of its edges.
    boxed = (
        select(Project.id, amount, func.Box2D(shape).label("box")).where(*wanted).offset(0).subquery("boxed")
    )
    x, y = middle(boxed.c.box)
    placed = select(boxed.c.id, boxed.c.amount, x.label("x"), y.label("y"))
    place = placed.cte("place").prefix_with("MATERIALIZED")
    cluster = (
        select(
            func.count().label("count"),
            func.min(place.c.id).label("id"),
            func.sum(place.c.amount).label("amount"),
            func.avg(place.c.x).label("x"),
            func.avg(place.c.y).label("y"),
        )
        .where(inside(place.c.x, place.c.y))
        .group_by(func.floor(place.c.x / number(grid)), func.floor(place.c.y / number(grid)))
        .order_by(func.count().desc())
        .limit(MOST)
        .subquery("cluster")
    )
    single = {name: column for name, column in _facts(keep).items() if name != "amount"}
    return select(
        case((cluster.c.count == 1, cluster.c.id)).label("id"),
        cluster.c.count,
        cast(cluster.c.amount / YI, REAL).label("amount"),
        *(column.label(name) for name, column in single.items()),
        func.ST_Point(cluster.c.x, cluster.c.y).label("geom"),
    ).select_from(cluster.outerjoin(Project, and_(cluster.c.count == 1, Project.id == cluster.c.id)))
