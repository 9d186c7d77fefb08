"""A start of the dashboard computes the first indicators of each city, once."""

from __future__ import annotations

from app.services.indicators import first_runs
from data.session import Database
from tests.app import small_city


def test_a_start_computes_each_city_once(database: Database) -> None:
    small_city.build(database)
    with database.writing("test") as connection:
        small_city.run(
            connection,
            "INSERT INTO city (slug, name_zh, name_en, metric_srid) VALUES ('bare', '空', 'Bare', 4547)",
        )
    made = first_runs.compute(database)
    assert made == [("small", "district"), ("small", "grid")]
    assert first_runs.lacking(database) == [("bare", "district")]
    assert first_runs.compute(database) == []
