"""The embedded server: everyday use, and each way it can fail."""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest

from data.embedded import FAST_AND_FORGETFUL, EmbeddedServer
from data.errors import (
    DataFolderOfOtherVersion,
    PostGISMissing,
    SocketPathUnusable,
    StartFailed,
    StartTimeout,
)
from data.installation import Account, installations, server_account

ROOT = Path(__file__).resolve().parents[2]
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can change to another account")


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that the server's account may enter, unlike pytest's own for root."""
    folder = Path(tempfile.mkdtemp(prefix="gengxin-embedded-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder / "home"
    EmbeddedServer(folder / "home").destroy()
    shutil.rmtree(folder)


@pytest.fixture
def server(home: Path) -> EmbeddedServer:
    return EmbeddedServer(home, options=FAST_AND_FORGETFUL, timeout=30)


def connect(server: EmbeddedServer) -> psycopg.Connection[Any]:
    return psycopg.connect(server.url.replace("postgresql+psycopg", "postgresql"), autocommit=True)


def ask(server: EmbeddedServer, query: LiteralString) -> object:
    with connect(server) as connection:
        row = connection.execute(query).fetchone()
        return row[0] if row else None


def keep_a_table(server: EmbeddedServer) -> None:
    with connect(server) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 276 AS projects")


def kill_postmaster(server: EmbeddedServer) -> int:
    pid = server.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while server.pid() is not None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return pid


def contents(folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return hashlib.sha256(b"".join(bytes(path) + path.read_bytes() for path in files)).hexdigest()


def run_python(code: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )


def test_starts_answers_and_stops(server: EmbeddedServer) -> None:
    assert not server.status().running

    url = server.start()

    status = server.status()
    assert (status.running, status.url, status.data_dir) == (True, url, server.data_dir)
    assert status.version is not None
    assert status.version.split(".")[0] == str(installations()[0].major)
    assert status.pid == server.pid()
    assert ask(server, "SELECT ST_AsText(ST_Point(113.6, 34.7, 4326))") == "POINT(113.6 34.7)"
    assert server.stop()
    assert not server.status().running
    assert not server.stop()


def test_second_start_changes_nothing_and_knows_that_it_was_not_the_first(server: EmbeddedServer) -> None:
    server.start()
    pid = server.pid()
    other = EmbeddedServer(server.home)

    assert other.start() == server.url
    assert other.pid() == pid
    assert (server.started_here, other.started_here) == (True, False)


def test_data_outlive_a_stop(server: EmbeddedServer) -> None:
    server.start()
    keep_a_table(server)
    server.stop()
    server.start()
    assert ask(server, "SELECT projects FROM kept") == 276


def test_options_reach_the_server_and_no_port_is_opened(server: EmbeddedServer) -> None:
    server.start()
    assert ask(server, "SHOW fsync") == "off"
    assert ask(server, "SHOW listen_addresses") == ""


def test_nobody_else_may_enter_its_folders(server: EmbeddedServer) -> None:
    server.start()
    owner = server_account().uid
    for folder in (server.folder, server.socket_dir, server.data_dir):
        assert (folder.stat().st_mode & 0o777, folder.stat().st_uid) == (0o700, owner)


def test_start_after_the_postmaster_was_killed_keeps_the_data(home: Path) -> None:
    server = EmbeddedServer(home)
    server.start()
    keep_a_table(server)
    killed = kill_postmaster(server)

    server.start()

    assert server.pid() != killed
    assert ask(server, "SELECT projects FROM kept") == 276


def test_start_ends_a_query_that_outlives_the_killed_postmaster(server: EmbeddedServer) -> None:
    server.start()
    connection = connect(server)

    def query() -> None:
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT count(*) FROM generate_series(1, 1e12::bigint)")

    thread = threading.Thread(target=query)
    thread.start()
    time.sleep(0.3)
    kill_postmaster(server)

    server.start()
    thread.join(10)
    connection.close()
    assert not thread.is_alive()
    assert server.status().running


def test_start_with_a_stale_pid_that_now_belongs_to_another_program(server: EmbeddedServer) -> None:
    server.start()
    kill_postmaster(server)
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        lines = (server.data_dir / "postmaster.pid").read_text().splitlines()
        (server.data_dir / "postmaster.pid").write_text("\n".join([str(stranger.pid), *lines[1:]]))
        assert server.pid() is None
        server.start()
        assert server.status().running
        assert stranger.poll() is None
    finally:
        stranger.terminate()
        stranger.wait()


def test_start_after_an_interrupted_first_start(server: EmbeddedServer) -> None:
    server.start()
    server.stop()
    shutil.move(server.data_dir, server.folder / "data.new")
    (server.folder / "data.new" / "PG_VERSION").unlink()

    server.start()

    assert server.status().running
    assert not (server.folder / "data.new").exists()


START = """
import sys
from pathlib import Path
from data.embedded import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]), timeout=60)
print(server.start(), server.started_here)
"""


def test_of_two_starts_at_once_one_wins_and_the_other_waits(home: Path) -> None:
    both = [run_python(START, home) for _ in range(2)]
    answers = [process.communicate(timeout=90) for process in both]

    assert [process.returncode for process in both] == [0, 0], answers
    urls, winners = zip(*(out.split() for out, _ in answers), strict=True)
    assert set(urls) == {EmbeddedServer(home).url}
    assert sorted(winners) == ["False", "True"]


def test_waiting_for_another_start_has_a_limit_and_says_so(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    home.mkdir()
    with (home / "lock").open("w") as held, caplog.at_level(logging.WARNING):
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(StartTimeout, match="Wait for it or end it"):
            EmbeddedServer(home, timeout=0.2).start()
    assert "waiting for it" in caplog.text


def test_home_is_a_file(home: Path) -> None:
    home.write_text("")
    with pytest.raises(SocketPathUnusable, match=f"{home}.*GENGXIN_HOME"):
        EmbeddedServer(home).start()
    home.unlink()


def test_a_file_stands_where_the_socket_folder_belongs(server: EmbeddedServer) -> None:
    server.folder.mkdir(parents=True)
    os.chown(server.folder, server_account().uid, server_account().gid)
    server.socket_dir.write_text("")
    with pytest.raises(SocketPathUnusable, match="not a folder of the account"):
        server.start()


def test_a_folder_stands_where_the_socket_belongs(server: EmbeddedServer) -> None:
    server.start()
    server.stop()
    (server.socket_dir / ".s.PGSQL.54399").mkdir()
    with pytest.raises(SocketPathUnusable, match="where the socket belongs"):
        server.start()


@needs_root
def test_home_that_the_servers_account_cannot_enter(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with pytest.raises(SocketPathUnusable, match="The account postgres cannot write there"):
        EmbeddedServer(tmp_path / "home").start()


def test_a_path_too_long_for_a_socket_gets_a_short_one(home: Path) -> None:
    server = EmbeddedServer(home / ("x" * 100), options=FAST_AND_FORGETFUL)
    assert server.socket_dir == EmbeddedServer(home / ("x" * 100)).socket_dir
    assert len(bytes(server.socket_dir)) < 60

    server.start()

    assert server.status().running
    assert server.socket_dir.stat().st_mode & 0o777 == 0o700
    server.destroy()
    assert not server.socket_dir.exists()


@needs_root
def test_a_short_socket_path_that_somebody_else_made_is_refused(home: Path) -> None:
    server = EmbeddedServer(home / ("x" * 100))
    server.socket_dir.mkdir()
    try:
        with pytest.raises(SocketPathUnusable, match="not a folder of the account postgres"):
            server.start()
    finally:
        server.socket_dir.rmdir()


def test_data_folder_of_another_version_is_left_alone(server: EmbeddedServer) -> None:
    server.start()
    server.stop()
    (server.data_dir / "PG_VERSION").write_text("12\n")
    before = contents(server.data_dir)

    with pytest.raises(DataFolderOfOtherVersion, match=r"PostgreSQL 12 made this .*postgresql-12-postgis-3"):
        server.start()

    assert contents(server.data_dir) == before


def test_no_postgis_on_the_machine(home: Path, tmp_path: Path) -> None:
    with pytest.raises(PostGISMissing, match="apt-get install -y postgresql-postgis"):
        EmbeddedServer(home, prefix=tmp_path).start()


def test_a_server_without_postgis_does_not_count(tmp_path: Path) -> None:
    for major in (14, 17):
        (tmp_path / f"lib/postgresql/{major}/bin").mkdir(parents=True)
        (tmp_path / f"lib/postgresql/{major}/bin/initdb").touch()
    (tmp_path / "share/postgresql/14/extension").mkdir(parents=True)
    (tmp_path / "share/postgresql/14/extension/postgis.control").touch()
    assert [found.major for found in installations(tmp_path)] == [14]


def test_a_failed_start_shows_the_end_of_the_log(home: Path) -> None:
    server = EmbeddedServer(home, options={"shared_buffers": "nonsense"})
    with pytest.raises(StartFailed) as failure:
        server.start()
    message = str(failure.value)
    assert 'invalid value for parameter "shared_buffers"' in message
    assert str(server.log_file) in message
    assert "\n" not in message


def test_paths_with_blanks_and_quotes(home: Path) -> None:
    server = EmbeddedServer(home / "城市 更新's", options=FAST_AND_FORGETFUL)
    server.start()
    assert ask(server, "SELECT 1") == 1
    server.destroy()


AS_NOBODY = """
import os, pwd, sys
from pathlib import Path
from data.embedded import EmbeddedServer
nobody = pwd.getpwnam("nobody")
os.setgroups([])
os.setgid(nobody.pw_gid)
os.setuid(nobody.pw_uid)
server = EmbeddedServer(Path(sys.argv[1]))
server.start()
print(Path(f"/proc/{server.pid()}").stat().st_uid == nobody.pw_uid, server.stop())
"""


@needs_root
def test_an_ordinary_user_runs_the_server_as_himself(home: Path) -> None:
    home.mkdir()
    nobody = Account("nobody", 65534, 65534)
    os.chown(home, nobody.uid, nobody.gid)
    process = run_python(AS_NOBODY, home)
    out, problem = process.communicate(timeout=60)
    assert (process.returncode, out.split()) == (0, ["True", "True"]), problem
