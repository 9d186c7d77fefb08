"""The filter callback of the Projects page over 10,000 rows, beside reading the whole list; the exports."""

from __future__ import annotations

import io
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from sqlalchemy import text

from app.pages.projects import row_of_grid
from app.services.exports.projects import plan_export, write
from app.services.filters import filter_from_query
from app.services.projects.listing import page, sort_from_query, summary
from data import cities
from data.projects import ProjectFilter
from data.session import Database

PROJECTS = 10_000
LARGEST_RESPONSE = 500_000
QUERIES: dict[str, dict[str, str]] = {
    "all": {},
    "words": {"q": "片区 更新"},
    "code": {"q": "K2024"},
    "district name": {"q": "第3区 更新"},
    "district": {"district": "d3,d7", "sort": "amount.desc"},
    "band": {"band": "1-5,>=100", "sort": "name.asc"},
    "new": {"entered": "1", "sort": "batch.desc"},
    "cross-district": {"cross": "1", "sort": "amount.asc"},
    "by district": {"sort": "district.desc"},
    "by name": {"sort": "name.desc"},
    "last page": {"sort": "amount.desc", "start": "9900"},
}
FILL = (
    """INSERT INTO project (city_id, code, name, code_year, code_batch, code_serial, total_investment)
    SELECT :city,
        format('K%s%s%s', 2020 + n % 6, lpad((n / 999 + 1)::text, 2, '0'), lpad((n % 999 + 1)::text, 3, '0')),
        format('%s第%s号%s城市更新项目', (ARRAY['金水','中原','二七','惠济'])[1 + n % 4], n,
            (ARRAY['片区','产业园','老旧小区','医院'])[1 + n % 4]),
        2020 + n % 6, n / 999 + 1, n % 999 + 1,
        CASE WHEN n % 50 > 0 THEN round((n * 7919 % 20000)::numeric * 1e6, 2) END
    FROM generate_series(0, :projects - 1) n""",
    """INSERT INTO project_district (project_id, district_id, share, share_basis)
    SELECT p.id, d.id, CASE WHEN p.id % 20 = 0 THEN 0.5 ELSE 1 END,
        CASE WHEN p.id % 20 = 0 THEN 'equal' ELSE 'single' END
    FROM project p JOIN district d ON d.city_id = p.city_id
        AND (d.code = 'd' || p.id % 16 OR (p.id % 20 = 0 AND d.code = 'd' || (p.id + 1) % 16))""",
    """INSERT INTO register_notice (city_id, number, sequence, source_name, source_sha256, imported_by)
    SELECT :city, 'N' || n, n, '-', '-', 'bench' FROM generate_series(1, 2) n""",
    """INSERT INTO register_entry (notice_id, project_id, sequence, name, amount, area)
    SELECT n.id, p.id, p.id, p.name, p.total_investment, '-'
    FROM project p JOIN register_notice n USING (city_id) WHERE n.sequence = 2 OR p.id % 12 > 0""",
)


@pytest.fixture
def big(database: Database) -> tuple[Database, int]:
    """A city with 16 districts, 10,000 projects and two notices."""
    with database.writing("bench") as connection:
        city = cities.add_city(
            connection, {"slug": "big", "name_zh": "大", "name_en": "Big", "metric_srid": 4547}
        )
        rows = [
            {"code": f"d{n}", "name_zh": f"第{n}区", "name_en": f"D{n}", "position": n} for n in range(16)
        ]
        cities.add_districts(connection, city, rows)
        for statement in FILL:
            bound = {"city": city, "projects": PROJECTS}
            connection.execute(text(statement), {k: v for k, v in bound.items() if f":{k}" in statement})
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return database, city


def answer(database: Database, city: int, query: dict[str, str]) -> str:
    """What one change of a filter costs the server: the first rows, the count and the sum, as JSON."""
    keep, start = filter_from_query(query), int(query.get("start", "0"))
    found = page(database, city, keep, sort_from_query(query), range(start, start + 100))
    totals = summary(database, city, keep)
    rows = [row_of_grid(row) for row in found.rows]
    return json.dumps({"rows": rows, "count": found.count, "sum": str(totals.totals["investment"])})


def whole_list(database: Database, city: int) -> str:
    """The way without paging: every row to the browser."""
    rows = []
    for start in range(0, PROJECTS, 500):
        rows += page(database, city, ProjectFilter(), sort_from_query({}), range(start, start + 500)).rows
    return json.dumps([row_of_grid(row) for row in rows])


def seconds(action: Callable[[], Any]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def test_filter_callback(benchmark: BenchmarkFixture, big: tuple[Database, int]) -> None:
    database, city = big
    for query in QUERIES.values():
        assert len(answer(database, city, query)) <= LARGEST_RESPONSE
    times = {
        name: [seconds(lambda query=query: answer(database, city, query)) for _round in range(40)]
        for name, query in QUERIES.items()
    }
    whole = seconds(lambda: whole_list(database, city))
    p95 = {name: statistics.quantiles(found, n=20)[-1] * 1e3 for name, found in times.items()}
    print()
    for name, found in times.items():
        print(f"{name:>14}: median {statistics.median(found) * 1e3:6.1f} ms, p95 {p95[name]:6.1f} ms")
    print(f"{'the whole list':>14}: {whole * 1e3:6.0f} ms")
    benchmark.extra_info.update(p95_ms=p95, whole_list_ms=whole * 1e3)
    assert max(statistics.median(found) for found in times.values()) <= whole / 4
    benchmark.pedantic(answer, args=(database, city, QUERIES["words"]), rounds=20, warmup_rounds=2)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_export(benchmark: BenchmarkFixture, big: tuple[Database, int], kind: str) -> None:
    database, _city = big

    def export() -> int:
        return write(database, plan_export(database, "big", {}), kind, io.BytesIO())

    assert benchmark.pedantic(export, rounds=3) == PROJECTS
