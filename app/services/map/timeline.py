"""The library over time: its months with the projects at each stage, its entry years, and one day of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd
from sqlalchemy import RowMapping

from data import projects, timeline
from data.codes import STAGES
from data.projects import ProjectFilter
from data.session import Database

NOT_SUPPLIED = ""


@dataclass(frozen=True)
class Timeline:
    """What a city's time slider runs over.

    ``by_stage`` has a row a month's end, from the first stage event's to the last one's, and a column a stage
    that occurs (``NOT_SUPPLIED``: projects without stage history); it is empty where no stage has a date.
    ``by_year`` counts the projects by the year in their code, oldest first.
    """

    by_stage: pd.DataFrame
    by_year: dict[int, int]

    @property
    def months(self) -> list[dt.date]:
        """The month ends that the slider stops at."""
        return list(self.by_stage.index)


@dataclass(frozen=True)
class Day:
    """The filtered projects on a day: each counted once in ``totals`` and once in ``stages``."""

    on: dt.date | None
    totals: RowMapping
    stages: Sequence[RowMapping]


def over_time(database: Database, city: RowMapping, keep: ProjectFilter) -> Timeline:
    """Read how the filtered projects moved through the stages, and by year; the filter's day does not count.

    Nor do the filter's years in ``by_year``, so that all can be chosen.
    """
    ever = replace(keep, day=None)
    with database.reading() as connection:
        span = timeline.span(connection, city["id"])
        changes = timeline.stages_by_month(connection, city["id"], ever)
        years = projects.grouped(connection, city["id"], replace(ever, years=()), "year")
    by_year = {row["key"]: row["projects"] for row in years if row["key"] is not None}
    return Timeline(_filled(changes, span["first"], span["last"]), by_year)


def on_day(database: Database, city: RowMapping, keep: ProjectFilter) -> Day:
    """Count the filtered projects by the stage that they had on the filter's day (None: now)."""
    with database.reading() as connection:
        projects.hold_still(connection)
        totals = projects.totals(connection, city["id"], keep)
        return Day(keep.day, totals, timeline.stages_on(connection, city["id"], keep))


def _filled(changes: pd.DataFrame, first: dt.date | None, last: dt.date | None) -> pd.DataFrame:
    if first is None or last is None:
        return pd.DataFrame()
    table = changes.assign(stage=changes["stage"].fillna(NOT_SUPPLIED)).pivot_table(
        index="month_end", columns="stage", values="projects", aggfunc="last"
    )
    every = [period.end_time.date() for period in pd.period_range(first, last, freq="M")]
    known = table.reindex(sorted({*table.index, *every})).ffill().fillna(0).astype(int)
    order = [stage for stage in (*STAGES, NOT_SUPPLIED) if stage in known.columns]
    return known.reindex(index=every, columns=order)
