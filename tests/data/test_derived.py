"""What the database keeps by itself: stage and progress, versions of layers, the log of a load."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from data.session import Database

SQUARE = "MULTIPOLYGON(((114 33, 114.01 33, 114.01 33.01, 114 33.01, 114 33)))"


LOOP = """INSERT INTO street_edge (city_id, from_node, to_node, length, shape)
VALUES (:c, '1', '2', 0, 'SRID=4326;LINESTRING(114 33, 114 33.1)')"""
SCRIPT = """INSERT INTO document (project_id, kind, title, url)
SELECT id, 'plan', 't', 'javascript:x' FROM project"""


@pytest.fixture
def town(database: Database) -> int:
    with database.writing("me") as connection:
        city = connection.scalar(
            text(
                "INSERT INTO city (slug, name_zh, name_en, metric_srid) "
                "VALUES ('tt', '镇', 'T', 4547) RETURNING id"
            )
        )
        connection.execute(
            text("INSERT INTO project (city_id, code, name) VALUES (:c, 'K1', 'a')"), {"c": city}
        )
    return int(city or 0)


def project(connection: Connection) -> tuple[str | None, float | None]:
    found = connection.execute(text("SELECT stage, progress FROM project WHERE code = 'K1'")).one()
    return found.stage, found.progress


def reach(connection: Connection, stage: str, day: str) -> None:
    connection.execute(
        text("INSERT INTO stage_event (project_id, stage, on_date) SELECT id, :stage, :day FROM project"),
        {"stage": stage, "day": day},
    )


def report(connection: Connection, month: str, reported: float, certified: float | None = None) -> None:
    connection.execute(
        text(
            "INSERT INTO progress_snapshot (project_id, month_end, reported, certified) "
            "SELECT id, :month, :reported, :certified FROM project"
        ),
        {"month": month, "reported": reported, "certified": certified},
    )


def versions(database: Database) -> dict[str, int]:
    with database.reading() as connection:
        rows = connection.execute(text("SELECT layer, version FROM layer_version"))
        return {row.layer: row.version for row in rows}


def test_the_newest_stage_event_is_the_stage(database: Database, town: int) -> None:
    with database.writing("me") as connection:
        reach(connection, "permit", "2024-05-01")
        reach(connection, "library", "2022-01-01")
        assert project(connection) == ("permit", None)
        connection.execute(text("DELETE FROM stage_event WHERE stage = 'permit'"))
        assert project(connection) == ("library", None)
        connection.execute(text("DELETE FROM stage_event"))
        assert project(connection) == (None, None)


def test_of_two_stages_on_one_day_the_later_one_of_the_ladder_counts(database: Database, town: int) -> None:
    with database.writing("me") as connection:
        reach(connection, "annual_plan", "2022-01-01")
        reach(connection, "library", "2022-01-01")
        assert project(connection)[0] == "annual_plan"


def test_certified_progress_counts_before_reported(database: Database, town: int) -> None:
    with database.writing("me") as connection:
        report(connection, "2024-01-31", 0.4, 0.3)
        assert project(connection)[1] == pytest.approx(0.3)
        report(connection, "2024-02-29", 0.5)
        assert project(connection)[1] == pytest.approx(0.5)


@pytest.mark.parametrize("month", ["2024-02-28", "2024-01-01"])
def test_progress_is_of_a_month_end(database: Database, town: int, month: str) -> None:
    with pytest.raises(IntegrityError, match="month_end"), database.writing("me") as connection:
        report(connection, month, 0.4)


def test_a_change_raises_the_version_of_its_layer_only(database: Database, town: int) -> None:
    before = versions(database)
    with database.writing("me") as connection:
        connection.execute(
            text(
                "INSERT INTO zoning (city_id, land_use, shape) VALUES (:c, '0701', ST_GeomFromText(:s, 4326))"
            ),
            {"c": town, "s": SQUARE},
        )
        assert versions(database) == before
    after = versions(database)
    assert {layer for layer in after if after[layer] != before[layer]} == {"zoning"}


def test_what_is_taken_back_raises_no_version(database: Database, town: int) -> None:
    before = versions(database)
    with database.writing("me") as connection:
        connection.execute(text("UPDATE project SET name = 'b'"))
        connection.rollback()
    assert versions(database) == before


def test_an_open_import_does_not_hold_up_another_change_of_the_layer(database: Database, town: int) -> None:
    done = threading.Event()

    def change() -> None:
        with database.writing("other") as connection:
            connection.execute(
                text("INSERT INTO project (city_id, code, name) VALUES (:c, 'K2', 'b')"), {"c": town}
            )
        done.set()

    with database.writing("me") as connection:
        connection.execute(text("UPDATE project SET name = 'c' WHERE code = 'K1'"))
        other = threading.Thread(target=change)
        other.start()
        assert done.wait(10)
    other.join()


def test_mercator_follows_the_shape(database: Database, town: int) -> None:
    with database.writing("me") as connection:
        connection.execute(
            text("INSERT INTO parcel (city_id, code, shape) VALUES (:c, '1', ST_GeomFromText(:s, 4326))"),
            {"c": town, "s": SQUARE},
        )
        assert connection.scalar(text("SELECT ST_Equals(mercator, ST_Transform(shape, 3857)) FROM parcel"))


def test_a_load_leaves_one_line_a_statement(database: Database, town: int) -> None:
    with database.writing("loader") as connection:
        connection.execute(text("SELECT set_config('gengxin.audit', 'summary', true)"))
        connection.execute(
            text(
                "INSERT INTO project (city_id, code, name) "
                "SELECT :c, 'L' || n, 'x' FROM generate_series(1, 50) n"
            ),
            {"c": town},
        )
        rows = connection.execute(text("SELECT row_id, after FROM audit_log WHERE actor = 'loader'")).all()
    assert [tuple(row) for row in rows] == [(0, {"rows": 50})]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE project SET project_type = 'castle'",
        "UPDATE project SET stage = 'dreaming'",
        "INSERT INTO zoning (city_id, land_use, building_coverage, shape) VALUES (:c, '0701', 1.2, :s)",
        "INSERT INTO building (city_id, use, shape) VALUES (:c, 'castle', :s)",
        "INSERT INTO building (city_id, floors, shape) VALUES (:c, -1, :s)",
        "INSERT INTO facility (city_id, category, shape) VALUES (:c, 'castle', ST_Centroid(:s))",
        "INSERT INTO facility (city_id, category, shape) VALUES (:c, 'park', ST_Boundary(:s))",
        "INSERT INTO constraint_area (city_id, kind, shape) VALUES (:c, 'castle', :s)",
        LOOP,
        SCRIPT,
        "INSERT INTO project_figure (project_id, figure) SELECT id, 'height' FROM project",
    ],
)
def test_the_tables_refuse_what_no_code_list_or_range_holds(
    database: Database, town: int, statement: str
) -> None:
    statement = statement.replace(":s", f"'SRID=4326;{SQUARE}'::geometry")
    with pytest.raises(IntegrityError), database.writing("me") as connection:
        connection.execute(text(statement), {"c": town})
