"""The dashboard outlives its database: the next request works."""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from data.embedded import EmbeddedServer
from data.session import Database
from tests.processes import free_port, running_up

pytestmark = pytest.mark.browser


def ready(address: str) -> str:
    with urllib.request.urlopen(f"{address}/readyz", timeout=30) as answer:
        return str(json.load(answer)["status"])


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path("/tmp") / f"gengxin-home-{os.getpid()}-{time.monotonic_ns()}"
    yield folder
    EmbeddedServer(folder).destroy()


def test_up_serves_survives_a_killed_server_stops_what_it_started_and_starts_again(
    home: Path, tmp_path: Path
) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    server = EmbeddedServer(home)
    with running_up(home, port, tmp_path / "first.log") as process:
        assert ready(address) == "ok"
        pid = server.status().pid
        assert pid
        os.kill(pid, signal.SIGKILL)
        time.sleep(0.5)
        assert ready(address) == "ok"
        assert server.status().pid != pid
    assert process.returncode == 0
    assert not server.status().running
    with running_up(home, port, tmp_path / "second.log"):
        database = Database(server.url)
        with database.reading() as connection:
            assert connection.scalar(text("SELECT count(*) FROM project")) >= 276
        database.close()


def test_closed_connections_are_replaced(site: str, site_database: Database) -> None:
    assert ready(site) == "ok"
    with site_database.writing("test") as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    assert ready(site) == "ok"
