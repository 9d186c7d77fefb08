"""`gengxin up`: one command from nothing to a served page, and nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url, text

from app.services import start
from app.settings import Settings
from data.embedded import EmbeddedServer
from data.errors import DatabaseUnavailable, InvalidInput
from data.inspection import ServerFacts, ensure_usable, shortcoming
from data.session import engine_for

ROOT = Path(__file__).resolve().parents[2]
FACTS = ServerFacts("15.1", "plans", "planner", "3.3.2", "3.3.2", True, True)


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="gengxin-up-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    EmbeddedServer(folder).destroy()


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def launch(home: Path, port: int, **environment: str) -> subprocess.Popen[str]:
    known = {key: value for key, value in os.environ.items() if not key.startswith("GENGXIN_")}
    return subprocess.Popen(
        [sys.executable, "-m", "app.cli", "up"],
        cwd=ROOT,
        env=known | {"GENGXIN_HOME": str(home), "GENGXIN_PORT": str(port)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )


def page(process: subprocess.Popen[str], port: int, path: str = "/", seconds: float = 60) -> str:
    deadline = time.monotonic() + seconds
    while True:
        assert process.poll() is None, process.stdout.read() if process.stdout else ""
        assert time.monotonic() < deadline
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=seconds) as answer:
                return str(answer.read().decode())
        except OSError:
            time.sleep(0.05)


def end(process: subprocess.Popen[str], number: signal.Signals) -> str:
    process.send_signal(number)
    output, _ = process.communicate(timeout=30)
    return output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_up_serves_says_where_and_stops_what_it_started(
    home: Path, port: int, number: signal.Signals
) -> None:
    process = launch(home, port)
    try:
        assert "Gengxin" in page(process, port)
        assert json.loads(page(process, port, "/readyz"))["status"] == "ok"
    finally:
        output = end(process, number)

    assert process.returncode == 0, output
    assert f"http://127.0.0.1:{port}" in output
    assert "Traceback" not in output
    assert not EmbeddedServer(home).status().running


def test_up_leaves_a_server_running_that_it_did_not_start(home: Path, port: int) -> None:
    server = EmbeddedServer(home)
    server.start()
    process = launch(home, port)
    try:
        page(process, port)
    finally:
        end(process, signal.SIGTERM)
    assert server.status().running


def test_up_uses_the_given_database_and_starts_no_server(home: Path, port: int, database_url: str) -> None:
    process = launch(home, port, GENGXIN_DATABASE_URL=database_url)
    try:
        assert json.loads(page(process, port, "/readyz"))["status"] == "ok"
    finally:
        end(process, signal.SIGTERM)
    assert list(home.iterdir()) == []


def test_several_workers_answer_and_stop(home: Path, port: int) -> None:
    process = launch(home, port, GENGXIN_WORKERS="2")
    try:
        assert "Gengxin" in page(process, port)
    finally:
        end(process, signal.SIGTERM)
    assert process.returncode == 0
    assert not EmbeddedServer(home).status().running


def test_a_port_in_use_is_named_before_anything_is_started(home: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        settings = Settings(home=home, port=taken)
        with pytest.raises(InvalidInput, match=rf"port {taken}: .*GENGXIN_PORT={taken + 1} make run"):
            start.up(settings, print)
    assert list(home.iterdir()) == []


def test_an_address_of_another_machine_is_refused(port: int) -> None:
    settings = Settings(host="192.0.2.1", port=port)
    with pytest.raises(InvalidInput, match=r"192\.0\.2\.1 port"), start.listening_socket(settings):
        pass


def test_home_follows_the_setting(tmp_path: Path) -> None:
    assert start.home_of(Settings(home=tmp_path)) == tmp_path
    assert start.home_of(Settings(home=None)).name == "gengxin"


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ({"postgis": None, "offered": None}, "Database plans: The server has no PostGIS"),
        ({"postgis": "3.1.4"}, r"PostGIS 3\.1\.4 is too old"),
        ({"postgis": "2.5"}, r"PostGIS 2\.5 is too old"),
        ({"may_create_tables": False}, "GRANT CREATE ON SCHEMA public TO planner"),
        ({"may_create_temporary": False}, "GRANT TEMPORARY ON DATABASE plans TO planner"),
    ],
)
def test_what_a_database_lacks_is_said_with_the_remedy(found: dict[str, Any], message: str) -> None:
    fault = shortcoming(replace(FACTS, **found))
    assert isinstance(fault, DatabaseUnavailable)
    with pytest.raises(DatabaseUnavailable, match=message):
        raise fault


@pytest.mark.parametrize("postgis", ["3.2.0", "3.3.2", "3.10.1", "4.0.0dev", "3.5.0rc1"])
def test_a_database_with_a_new_enough_postgis_lacks_nothing(postgis: str) -> None:
    assert shortcoming(replace(FACTS, postgis=postgis)) is None


@pytest.fixture
def bare_url(server_url: str) -> Iterator[str]:
    """URL of a new database without PostGIS, for an account that may log in and nothing else."""
    name = f"bare_{uuid.uuid4().hex[:8]}"
    admin = engine_for(server_url).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE ROLE {name} LOGIN"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        connection.execute(text(f"DROP ROLE {name}"))
    admin.dispose()


def as_its_guest(url: str) -> str:
    address = make_url(url)
    return address.set(username=address.database).render_as_string(hide_password=False)


def test_postgis_is_switched_on_where_we_may(bare_url: str) -> None:
    engine = engine_for(bare_url)
    with engine.begin() as connection:
        ensure_usable(connection)
        assert connection.scalar(text("SELECT postgis_lib_version()"))
    engine.dispose()


def test_rights_are_asked_of_the_database_itself(bare_url: str) -> None:
    engine = engine_for(bare_url)
    with engine.begin() as connection:
        connection.execute(text("REVOKE CREATE ON SCHEMA public FROM PUBLIC"))
    engine.dispose()
    settings = Settings(database_url=as_its_guest(bare_url))
    with pytest.raises(DatabaseUnavailable, match="GRANT CREATE ON SCHEMA"), start.running_database(settings):
        pass


def test_without_the_right_to_switch_postgis_on_the_statement_is_given(bare_url: str) -> None:
    engine = engine_for(bare_url)
    guest = make_url(bare_url).database
    with engine.begin() as connection:
        connection.execute(text(f"GRANT CREATE ON SCHEMA public TO {guest}"))
    engine.dispose()
    settings = Settings(database_url=as_its_guest(bare_url))
    with (
        pytest.raises(DatabaseUnavailable, match=r"As a superuser, .*CREATE EXTENSION postgis"),
        start.running_database(settings),
    ):
        pass


def test_a_database_that_does_not_answer_is_named(port: int) -> None:
    settings = Settings(database_url=f"postgresql://planner@127.0.0.1:{port}/plans")
    with pytest.raises(DatabaseUnavailable, match="does not answer"), start.running_database(settings):
        pass
