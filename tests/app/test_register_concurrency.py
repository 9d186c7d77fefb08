"""Two imports at once wait for each other; a killed import leaves nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from data.cities import city_named
from data.errors import Conflict
from data.session import Database, lock_city
from tests.app.register_town import asked, contents, found_town, imported, written

ROOT = Path(__file__).resolve().parents[2]
IMPORT = """
import sys
from pathlib import Path
from app.services.imports.register import import_register
from data.session import Database
import_register(Database(sys.argv[1]), Path(sys.argv[2]), city="town", notice=sys.argv[3], actor="child")
"""
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = :event"


def start(url: str, path: Path, notice: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", IMPORT, url, str(path), notice], cwd=ROOT)


def until(database: Database, query: str, **values: object) -> None:
    deadline = time.monotonic() + 30
    while not asked(database, query, **values)[0][0]:
        assert time.monotonic() < deadline, query
        time.sleep(0.01)


def rows(count: int, first: int = 0) -> list[str]:
    return [f"K2025{n // 999:02d}{n % 999 + 1:03d},项目{n},1,东区,城区" for n in range(first, first + count)]


@pytest.fixture
def town(database: Database) -> Database:
    found_town(database)
    return database


def test_an_import_waits_for_the_one_before_it(town: Database, tmp_path: Path) -> None:
    path = written(tmp_path, *rows(3))
    with ThreadPoolExecutor(1) as pool:
        with town.writing("holder") as connection:
            lock_city(connection, city_named(connection, "town")["id"])
            second = pool.submit(imported, town, path)
            until(town, WAITING, event="advisory")
            assert not second.done()
        assert second.result(timeout=30).entered == 3


def test_two_processes_import_two_notices_and_both_are_right(
    town: Database, database_url: str, tmp_path: Path
) -> None:
    one = written(tmp_path, *rows(500), name="one.csv")
    two = written(tmp_path, *rows(500, first=100), name="two.csv")
    children = [start(database_url, one, "甲"), start(database_url, two, "乙")]
    assert [child.wait(timeout=60) for child in children] == [0, 0]
    assert asked(town, "SELECT array_agg(sequence ORDER BY sequence) FROM register_notice") == [([1, 2],)]
    assert asked(town, "SELECT count(*) FROM register_entry GROUP BY notice_id") == [(500,), (500,)]
    assert asked(town, "SELECT count(*), count(exit_notice_id) FROM project") == [(600, 100)]
    assert asked(town, "SELECT sum(share), count(*) FROM project_district") == [(600, 600)]


def test_the_same_notice_twice_at_once_is_stored_once(town: Database, tmp_path: Path) -> None:
    path = written(tmp_path, *rows(200))
    gate = threading.Barrier(2)

    def run(_: int) -> bool:
        gate.wait()
        return imported(town, path).written

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(run, range(2))) == [False, True]
    assert asked(town, "SELECT count(*) FROM register_entry") == [(200,)]


def test_two_contents_under_one_number_at_once_are_a_conflict(town: Database, tmp_path: Path) -> None:
    paths = [written(tmp_path, *rows(200, first), name=f"{first}.csv") for first in (0, 7)]
    gate = threading.Barrier(2)

    def run(path: Path) -> str:
        gate.wait()
        try:
            return "written" if imported(town, path).written else "same"
        except Conflict:
            return "conflict"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(run, paths)) == ["conflict", "written"]
    assert asked(town, "SELECT count(*) FROM register_entry") == [(200,)]


def test_sigkill_half_way_leaves_nothing_half_written(
    town: Database, database_url: str, tmp_path: Path
) -> None:
    imported(town, written(tmp_path, *rows(5)), "甲")
    before = contents(town)
    path = written(tmp_path, *rows(20_000), name="large.csv")
    with town.writing("holder") as connection:
        # The lock on a table that is written late stops the child in the midst of its work.
        connection.exec_driver_sql("LOCK TABLE register_entry IN SHARE MODE")
        child = start(database_url, path, "乙")
        until(town, WAITING, event="relation")
        assert asked(town, "SELECT count(*) FROM project") == [(5,)]
        os.kill(child.pid, signal.SIGKILL)
        assert child.wait(timeout=30) == -signal.SIGKILL
    until(
        town,
        "SELECT count(*) = 1 FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'",
    )
    assert contents(town) == before
    assert imported(town, path, "乙").entered == 19_995
