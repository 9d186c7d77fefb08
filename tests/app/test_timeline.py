"""The library over time: a day is what the events say of it, and the months add up to the days."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import text

from app.services import cities
from app.services.filters import filter_from_query
from app.services.map import timeline
from app.services.map.view import map_view
from data.codes import STAGES
from data.errors import InvalidInput
from data.session import Database

STAGES_IN_ORDER = list(STAGES)
EVENTS = """
INSERT INTO stage_event (project_id, stage, on_date)
SELECT p.id, ladder.stage, date '2022-01-15' + (p.id % 29) * 31 + cast(step AS int) * (40 + p.id % 7 * 11)
FROM project p, unnest(cast(:stages AS text[])) WITH ORDINALITY AS ladder (stage, step)
WHERE p.id % 5 > 0 AND step <= 1 + p.id % 9 AND (p.id + step) % 4 > 0
"""
SAME_DAY = """
INSERT INTO stage_event (project_id, stage, on_date)
SELECT project_id, 'operation', max(on_date) FROM stage_event GROUP BY project_id
HAVING project_id % 3 = 0 AND bool_and(stage <> 'operation')
"""
EXITS = """
WITH said AS (
    INSERT INTO register_notice
        (city_id, number, sequence, published_on, source_name, source_sha256, imported_by)
    SELECT city_id, number || name, sequence + nth, day, '', '', 't' FROM register_notice,
        (VALUES (1, 'a', date '2023-09-10'), (2, 'b', NULL)) AS later (nth, name, day)
    RETURNING id, published_on
)
UPDATE project SET exit_notice_id = said.id FROM said
WHERE project.id % 11 = CASE WHEN published_on IS NULL THEN 0 ELSE 1 END
"""


@pytest.fixture
def moving(zhengzhou: Database) -> Database:
    """The library with invented stages: some projects without any, some ties, some exits."""
    with zhengzhou.writing("test") as connection:
        connection.execute(text(EVENTS), {"stages": list(STAGES)})
        connection.execute(text(SAME_DAY))
        connection.execute(text(EXITS))
    return zhengzhou


def read(database: Database) -> list[dict[str, Any]]:
    """Every project with its events and exit, as plain rows."""
    query = """
    SELECT p.code, p.code_year, p.total_investment AS amount, p.exit_notice_id IS NOT NULL AS gone,
        n.published_on AS left_on, coalesce(array_agg(e.stage) FILTER (WHERE e.id > 0), '{}') AS stages,
        coalesce(array_agg(e.on_date) FILTER (WHERE e.id > 0), '{}') AS days
    FROM project p LEFT JOIN stage_event e ON e.project_id = p.id
    LEFT JOIN register_notice n ON n.id = p.exit_notice_id GROUP BY p.id, n.id
    """
    with database.reading() as connection:
        return [dict(row) for row in connection.execute(text(query)).mappings()]


def held(rows: list[dict[str, Any]], day: dt.date, exited: bool = False) -> dict[str, str]:
    """Say by hand which projects the library held on a day, and at which stage."""
    found = {}
    for row in rows:
        reached = sorted(
            (on, STAGES_IN_ORDER.index(stage))
            for on, stage in zip(row["days"], row["stages"], strict=True)
            if on <= day
        )
        entered = bool(reached) if row["days"] else row["code_year"] <= day.year
        gone = row["gone"] and (row["left_on"] is None or row["left_on"] <= day)
        if entered and gone == exited:
            found[row["code"]] = STAGES_IN_ORDER[reached[-1][1]] if reached else ""
    return found


DAYS = ["2021-12-31", "2022-06-30", "2023-09-09", "2023-09-10", "2024-02-29", "2026-11-21"]


@pytest.mark.parametrize("exited", [False, True])
@pytest.mark.parametrize("day", DAYS)
def test_a_day_holds_the_projects_and_stages_of_that_day(moving: Database, day: str, exited: bool) -> None:
    city = cities.choose(moving, "zhengzhou")
    wanted = held(read(moving), dt.date.fromisoformat(day), exited)
    keep = filter_from_query({"day": day, "exited": "1" if exited else ""})
    found = timeline.on_day(moving, city, keep)
    assert {row["stage"] or "": row["projects"] for row in found.stages} == Counter(wanted.values())
    assert found.totals["projects"] == len(wanted)
    amounts = {row["code"]: row["amount"] for row in read(moving)}
    assert (found.totals["investment"] or 0) == sum(amounts[code] or 0 for code in wanted)
    assert map_view(moving, city, keep).totals["projects"] == len(wanted)


@pytest.mark.parametrize("query", [{}, {"exited": "1"}, {"stage": "permit,construction"}, {"q": "小区"}])
def test_each_month_end_counts_what_its_last_day_counts(moving: Database, query: dict[str, str]) -> None:
    city = cities.choose(moving, "zhengzhou")
    table = timeline.over_time(moving, city, filter_from_query(query)).by_stage
    assert len(table) > 30
    assert list(table.columns) == [stage for stage in (*STAGES, "") if stage in table.columns]
    for day in table.index[::4]:
        stages = timeline.on_day(moving, city, filter_from_query(query | {"day": day.isoformat()})).stages
        counted = {row["stage"] or "": row["projects"] for row in stages}
        assert {stage: count for stage, count in table.loc[day].items() if count} == counted, day


def test_the_months_run_from_the_first_event_to_the_last(moving: Database) -> None:
    city = cities.choose(moving, "zhengzhou")
    months = timeline.over_time(moving, city, filter_from_query({})).months
    with moving.reading() as connection:
        first, last = connection.execute(text("SELECT min(on_date), max(on_date) FROM stage_event")).one()
    assert (months[0].year, months[0].month) == (first.year, first.month)
    assert (months[-1].year, months[-1].month) == (last.year, last.month)
    assert len(months) == (last.year - first.year) * 12 + last.month - first.month + 1
    assert all((month + dt.timedelta(days=1)).day == 1 for month in months)


def test_a_stage_filter_means_the_stage_of_the_day(moving: Database) -> None:
    city = cities.choose(moving, "zhengzhou")
    day = dt.date(2023, 6, 30)
    wanted = [code for code, stage in held(read(moving), day).items() if stage == "entity"]
    keep = filter_from_query({"day": "2023-06-30", "stage": "entity"})
    assert timeline.on_day(moving, city, keep).totals["projects"] == len(wanted) > 0
    assert {row["code"] for row in map_view(moving, city, keep).listed} <= set(wanted)


def test_a_city_without_stage_dates_offers_entry_years(zhengzhou: Database) -> None:
    city = cities.choose(zhengzhou, "zhengzhou")
    found = timeline.over_time(zhengzhou, city, filter_from_query({"day": "2024-01-01", "year": "2022"}))
    assert found.months == []
    assert found.by_year == {2022: 21, 2023: 113, 2024: 112, 2025: 30}


def test_without_a_history_the_year_in_the_code_is_the_entry(zhengzhou: Database) -> None:
    city = cities.choose(zhengzhou, "zhengzhou")
    counts = [
        timeline.on_day(zhengzhou, city, filter_from_query({"day": day})).totals["projects"]
        for day in ("2021-12-31", "2022-01-01", "2023-12-31", "2025-01-01")
    ]
    assert counts == [0, 21, 134, 276]


@pytest.mark.parametrize(
    "day", ["2025-02-30", "2025-1-1", "20250101", "２０２５-01-01", "today", "0000-01-01"]
)
def test_a_day_that_is_none_is_named(day: str) -> None:
    with pytest.raises(InvalidInput, match=r"YYYY-MM-DD"):
        filter_from_query({"day": day})


def test_an_empty_day_is_now() -> None:
    assert filter_from_query({"day": " "}).day is None
