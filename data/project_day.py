"""A project on a day: whether the library held it, and the stage and progress that it had reached by then."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select

from data.codes import STAGES
from data.models import ProgressSnapshot, Project, RegisterNotice, StageEvent


def stage_on(day: dt.date | None) -> Any:
    """Return the stage of a project on a day, NULL where none was reported by then; None: its stage now."""
    if day is None:
        return Project.stage
    return (
        select(StageEvent.stage)
        .where(StageEvent.project_id == Project.id, StageEvent.on_date <= day)
        .order_by(StageEvent.on_date.desc(), ladder(StageEvent.stage).desc())
        .limit(1)
        .correlate(Project)
        .scalar_subquery()
    )


def ladder(stage: Any) -> ColumnElement[int]:
    """Return where a stage stands on the ladder, 1 for the first."""
    steps = {code: step for step, code in enumerate(STAGES, start=1)}
    return case(steps, value=stage)


def progress_on(day: dt.date | None) -> Any:
    """Return the share of a project's works done by a day, NULL where not reported; None: its share now."""
    if day is None:
        return Project.progress
    return (
        select(func.coalesce(ProgressSnapshot.certified, ProgressSnapshot.reported))
        .where(ProgressSnapshot.project_id == Project.id, ProgressSnapshot.month_end <= day)
        .order_by(ProgressSnapshot.month_end.desc())
        .limit(1)
        .correlate(Project)
        .scalar_subquery()
    )


def has_events() -> ColumnElement[bool]:
    """Whether a project has a stage history."""
    return select(StageEvent.id).where(StageEvent.project_id == Project.id).correlate(Project).exists()


def entered_by(day: dt.date) -> ColumnElement[bool]:
    """Whether a project was in the library by a day: by its first stage, else by the year in its code."""
    reached = (
        select(StageEvent.id)
        .where(StageEvent.project_id == Project.id, StageEvent.on_date <= day)
        .correlate(Project)
        .exists()
    )
    return or_(reached, (Project.code_year <= day.year) & ~has_events())


def has_left(day: dt.date | None) -> ColumnElement[bool]:
    """Whether a project had left the library by a day; without the day of its exit, it always had."""
    gone = Project.exit_notice_id.is_not(None)
    if day is None:
        return gone
    later = select(RegisterNotice.id).where(
        RegisterNotice.id == Project.exit_notice_id, RegisterNotice.published_on > day
    )
    return gone & ~later.correlate(Project).exists()
