"""The private PostGIS server (内置数据库): made, started and stopped without an administrator.

Its folder under the home holds the cluster, the socket and the log. No network port is opened: the only way
in is a socket in a folder that nobody but the server's owner may enter.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import shlex
import shutil
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from data.errors import N_, StartFailed, StartTimeout
from data.installation import (
    first_number,
    installation_for,
    private_folder,
    run_as,
    server_account,
    server_processes,
    terminate,
    unusable,
)

NAME = "gengxin"
PORT = 54399
SOCKET = f".s.PGSQL.{PORT}"
LONGEST_SOCKET_PATH = 107
SHORT_PATHS = Path("/tmp")  # noqa: S108 - the folder made here is checked to be the account's alone
SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "listen_addresses": "",
        "unix_socket_permissions": "0700",
        "max_connections": "200",
        "shared_buffers": "256MB",
        "work_mem": "16MB",
        "maintenance_work_mem": "256MB",
        "max_wal_size": "2GB",
        "random_page_cost": "1.1",
    }
)
FAST_AND_FORGETFUL: Mapping[str, str] = MappingProxyType(
    {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ServerStatus:
    """What the embedded server is doing, and where it keeps things."""

    running: bool
    version: str | None
    pid: int | None
    url: str
    data_dir: Path
    socket_dir: Path
    log_file: Path


class EmbeddedServer:
    """A PostGIS server of our own; started by root, it runs as ``postgres``.

    ``started_here`` tells whether this object is the one that started it.

    Parameters
    ----------
    home
        Folder for everything the server keeps; made when missing.
    options
        PostgreSQL settings on top of ours, such as ``FAST_AND_FORGETFUL`` for tests.
    timeout
        Seconds to wait for another process's start, and for this one.
    prefix
        Where the distribution keeps ``lib/postgresql`` and ``share/postgresql``.
    """

    def __init__(
        self,
        home: Path,
        *,
        options: Mapping[str, str] | None = None,
        timeout: float = 60,
        prefix: Path = Path("/usr"),
    ) -> None:
        self.home = home.expanduser().absolute()
        self.folder = self.home / "postgres"
        self.data_dir = self.folder / "data"
        self.log_file = self.folder / "log"
        self.socket_dir = _short_enough(self.folder / "run")
        self._options = {**SETTINGS, **(options or {})}
        self._timeout = timeout
        self._prefix = prefix
        self.started_here = False

    @property
    def url(self) -> str:
        """The database's address for SQLAlchemy."""
        return f"postgresql+psycopg://{NAME}@/{NAME}?host={quote(str(self.socket_dir))}&port={PORT}"

    def start(self) -> str:
        """Start the server, make what is missing, and return its address; harmless when it runs.

        Raises
        ------
        PostGISMissing, DataFolderOfOtherVersion, SocketPathUnusable, StartFailed, StartTimeout
        """
        with _usable(self.home):
            self.home.mkdir(parents=True, exist_ok=True)
        with self._alone():
            self._make_folders()
            if not self._answers():
                self._launch()
            self._create_database()
        return self.url

    def stop(self) -> bool:
        """Stop the server; returns whether there was one to stop."""
        if self.pid() is None:
            return False
        with self._alone():
            done = self._pg_ctl("-m", "fast", "stop")
        if done.returncode != 0:
            raise self._failed(N_("The embedded database did not stop: {reason}"), done.stdout)
        return True

    def destroy(self) -> None:
        """Stop the server and delete its data; for servers that a test or a trial made."""
        self.stop()
        for folder in (self.folder, self.socket_dir):
            shutil.rmtree(folder, ignore_errors=True)
        (self.home / "lock").unlink(missing_ok=True)
        with suppress(OSError):
            self.home.rmdir()

    def status(self) -> ServerStatus:
        """Return what the server is doing; never raises."""
        version = self._version()
        return ServerStatus(
            running=version is not None,
            version=version,
            pid=self.pid(),
            url=self.url,
            data_dir=self.data_dir,
            socket_dir=self.socket_dir,
            log_file=self.log_file,
        )

    def pid(self) -> int | None:
        """Return the server's process, or None when it does not run."""
        pid = first_number(self.data_dir / "postmaster.pid")
        return pid if pid in server_processes(self.data_dir) else None

    def _make_folders(self) -> None:
        account = server_account()
        with _usable(self.home):
            private_folder(self.folder, account)
            private_folder(self.socket_dir, account)
        if (self.socket_dir / SOCKET).is_dir():
            raise unusable(self.socket_dir / SOCKET, N_("A folder stands where the socket belongs."))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the home's lock, so that one process at a time starts or stops the server."""
        with _usable(self.home):
            file = (self.home / "lock").open("a")
        with file:
            self._take(file)
            yield

    def _take(self, file: IO[str]) -> None:
        if _locked(file):
            return
        log.warning("Another process is starting or stopping the database in %s; waiting for it.", self.home)
        if not _wait(lambda: _locked(file), self._timeout):
            raise StartTimeout(
                N_("Another process has been starting or stopping the database for {seconds} seconds."),
                where=N_("{home}:"),
                remedy=N_("Wait for it or end it, then try again."),
                home=self.home,
                seconds=int(self._timeout),
            )

    def _launch(self) -> None:
        installation_for(self.data_dir, self._prefix)
        if self.pid() is None:
            self._clear_after_crash()
            self._create_cluster()
            self._start_server()
        if not _wait(self._answers, self._timeout):
            raise self._not_started("")

    def _clear_after_crash(self) -> None:
        """End what a killed server left behind: only without it are the lock files known to be stale."""
        for orphan in server_processes(self.data_dir):
            terminate(orphan)
        if _wait(lambda: not server_processes(self.data_dir), self._timeout):
            (self.data_dir / "postmaster.pid").unlink(missing_ok=True)
            (self.socket_dir / f"{SOCKET}.lock").unlink(missing_ok=True)

    def _create_cluster(self) -> None:
        """Run initdb beside the final place and move the result there once it is whole."""
        if (self.data_dir / "PG_VERSION").exists():
            return
        unfinished = self.folder / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        manner = ["-U", NAME, "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8"]
        done = self._run("initdb", "-D", str(unfinished), *manner)
        if done.returncode != 0:
            raise self._not_started(done.stdout)
        unfinished.rename(self.data_dir)

    def _start_server(self) -> None:
        settings = [part for key, value in self._options.items() for part in ("-c", f"{key}={value}")]
        options = shlex.join(["-k", str(self.socket_dir), "-p", str(PORT), *settings])
        done = self._pg_ctl("-l", str(self.log_file), "-o", options, "start")
        if done.returncode != 0:
            raise self._not_started(done.stdout)
        self.started_here = True

    def _create_database(self) -> None:
        with self._connect("postgres") as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone()
            if not known:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
        with self._connect(NAME) as connection:
            connection.execute("SET client_min_messages = warning")
            connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")

    def _connect(self, database: str) -> psycopg.Connection[tuple[Any, ...]]:
        address = make_conninfo(host=str(self.socket_dir), port=PORT, user=NAME, dbname=database)
        return psycopg.connect(address, autocommit=True, connect_timeout=5)

    def _answers(self) -> bool:
        return self._version() is not None

    def _version(self) -> str | None:
        try:
            with self._connect("postgres") as connection:
                row = connection.execute("SHOW server_version").fetchone()
        except psycopg.Error:
            return None
        return str(row[0]).split()[0] if row else None

    def _pg_ctl(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self._run("pg_ctl", "-D", str(self.data_dir), "-w", "-t", str(int(self._timeout)), *words)

    def _run(self, program: str, *words: str) -> subprocess.CompletedProcess[str]:
        path = installation_for(self.data_dir, self._prefix).programs / program
        return run_as(server_account(), str(path), *words, cwd=self.folder)

    def _not_started(self, reason: str) -> StartFailed:
        return self._failed(N_("The embedded database did not start: {reason}"), reason)

    def _failed(self, what: str, reason: str) -> StartFailed:
        return StartFailed(
            what,
            remedy=N_("The end of its log {log}: {tail}"),
            reason=" ".join(reason.split()) or "...",
            log=self.log_file,
            tail=_tail(self.log_file),
        )


def _short_enough(folder: Path) -> Path:
    """Return the folder, or a short one in its stead where its socket's path would be too long."""
    if len(os.fsencode(folder / SOCKET)) <= LONGEST_SOCKET_PATH:
        return folder
    return SHORT_PATHS / f"{NAME}-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]}"


@contextmanager
def _usable(folder: Path) -> Iterator[None]:
    """Turn what the operating system refuses into an error that names the path and the remedy."""
    try:
        yield
    except OSError as error:
        path = Path(error.filename or folder)
        raise unusable(path, N_("It cannot be used: {reason}."), reason=error.strerror) from error


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _tail(file: Path, lines: int = 4) -> str:
    try:
        with file.open(errors="replace") as text:
            return " | ".join(line.strip() for line in deque(text, lines))
    except OSError:
        return ""
