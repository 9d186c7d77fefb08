"""The library over time: how many projects stood at which stage at each month's end, and on one day."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import (
    CTE,
    Connection,
    Date,
    RowMapping,
    Select,
    case,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)

from data.models import Project, RegisterNotice, StageEvent
from data.project_day import has_events, ladder, stage_on
from data.projects import ProjectFilter, conditions, narrowing

ALWAYS, NEVER = cast(literal("-infinity"), Date), cast(literal("infinity"), Date)


def span(connection: Connection, city_id: int) -> RowMapping:
    """Return ``first`` and ``last``: the days of a city's first and last stage event; NULL without any."""
    query = (
        select(func.min(StageEvent.on_date).label("first"), func.max(StageEvent.on_date).label("last"))
        .join(Project)
        .where(Project.city_id == city_id)
    )
    return connection.execute(query).mappings().one()


def stages_on(connection: Connection, city_id: int, keep: ProjectFilter) -> list[RowMapping]:
    """Count the filtered projects and sum their investment (yuan) by the stage of the filter's day."""
    stage = stage_on(keep.day).label("stage")
    held = select(stage, Project.total_investment.label("amount")).where(*conditions(city_id, keep)).cte()
    query = (
        select(held.c.stage, func.count().label("projects"), func.sum(held.c.amount).label("investment"))
        .group_by(held.c.stage)
        .order_by(ladder(held.c.stage))
    )
    return list(connection.execute(query).mappings())


def stages_by_month(connection: Connection, city_id: int, keep: ProjectFilter) -> pd.DataFrame:
    """Count the filtered projects by stage at each month's end at which the count of a stage changed.

    Returns
    -------
    DataFrame
        ``month_end``, ``stage`` (None: not supplied) and ``projects``. The filter's day does not count.
    """
    stays = _stays(city_id, keep)
    moved = union_all(
        select(stays.c.since.label("on_date"), stays.c.stage, literal(1).label("step")),
        select(stays.c.until, stays.c.stage, literal(-1)).where(stays.c.until < NEVER),
    ).subquery()
    month = func.date_trunc("month", moved.c.on_date)
    month_end = cast(month + func.make_interval(0, 1) - func.make_interval(0, 0, 0, 1), Date)
    changed = (
        select(month_end.label("month_end"), moved.c.stage, func.sum(moved.c.step).label("change"))
        .group_by(month_end, moved.c.stage)
        .subquery()
    )
    run = func.sum(changed.c.change).over(partition_by=changed.c.stage, order_by=changed.c.month_end)
    query = select(changed.c.month_end, changed.c.stage, run.label("projects")).order_by(changed.c.month_end)
    rows = connection.execute(query).mappings().all()
    return pd.DataFrame(rows, columns=["month_end", "stage", "projects"])


def _stays(city_id: int, keep: ProjectFilter) -> CTE:
    """Select from when until when (that day not included) a filtered project stood at a stage."""
    steps = union_all(_events(city_id, keep), _code_years(city_id, keep)).cte("steps")
    following = func.lead(steps.c.on_date).over(
        partition_by=steps.c.project_id, order_by=(steps.c.on_date, ladder(steps.c.stage))
    )
    ended = func.coalesce(following, NEVER).label("ended")
    lived = select(steps.c.stage, steps.c.on_date, steps.c.leaves_on, ended).cte("lived")
    since = func.greatest(lived.c.on_date, lived.c.leaves_on) if keep.exited else lived.c.on_date
    until = lived.c.ended if keep.exited else func.least(lived.c.ended, lived.c.leaves_on)
    stays = select(lived.c.stage, since.label("since"), until.label("until")).where(since < until)
    return (stays.where(lived.c.stage.in_(keep.stages)) if keep.stages else stays).cte("stays")


def _events(city_id: int, keep: ProjectFilter) -> Select[Any]:
    return (
        select(Project.id.label("project_id"), StageEvent.stage, StageEvent.on_date, _leaves_on())
        .join(StageEvent)
        .outerjoin(RegisterNotice, RegisterNotice.id == Project.exit_notice_id)
        .where(*narrowing(city_id, keep))
    )


def _code_years(city_id: int, keep: ProjectFilter) -> Select[Any]:
    """Select the projects without stage history, as entered with the year in their code."""
    return (
        select(Project.id, null(), func.make_date(Project.code_year, 1, 1), _leaves_on())
        .outerjoin(RegisterNotice, RegisterNotice.id == Project.exit_notice_id)
        .where(*narrowing(city_id, keep), ~has_events(), Project.code_year.between(1, 9999))
    )


def _leaves_on() -> Any:
    left = func.coalesce(RegisterNotice.published_on, ALWAYS)
    return case((Project.exit_notice_id.is_(None), NEVER), else_=left).label("leaves_on")
