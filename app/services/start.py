"""Start everything for a person: the database, its tables, the demo cities and the web server."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from app.settings import Settings
from data.embedded import EmbeddedServer
from data.errors import N_, InvalidInput

if TYPE_CHECKING:
    from data.session import Database

APPLICATION = "app.server:application"
ADDRESS = "GENGXIN_DATABASE_URL"
SECONDS_FOR_OPEN_REQUESTS = 5
WAITING_CONNECTIONS = 2048


def up(settings: Settings, report: Callable[[str], None]) -> None:
    """Bring up database, tables and demo cities, then serve until Ctrl-C or SIGTERM.

    The embedded server is stopped at the end only where this process started it. ``report`` is told each
    address that a person may open.

    Raises
    ------
    InvalidInput
        The address or port cannot be had.
    DatabaseUnavailable
        The database cannot be started, reached or used.
    """
    with (
        listening_socket(settings) as listener,
        stopped_by_signals(),
        running_database(settings) as url,
        _first_indicators(url, prepare(url)),
    ):
        serve_on(listener, settings, report)


def serve(settings: Settings, report: Callable[[str], None]) -> None:
    """Serve a database that is reachable and up to date until Ctrl-C or SIGTERM."""
    with listening_socket(settings) as listener, stopped_by_signals(), running_database(settings):
        serve_on(listener, settings, report)


def home_of(settings: Settings) -> Path:
    """Return the folder of the embedded server."""
    if settings.home is not None:
        return settings.home
    return Path("/var/lib/gengxin") if os.geteuid() == 0 else Path.home() / ".local" / "share" / "gengxin"


def embedded_server(settings: Settings) -> EmbeddedServer:
    """Return this process's embedded server, which may or may not run."""
    return _server_in(home_of(settings))


def database_for(settings: Settings) -> Database:
    """Return the database that the settings name; an embedded one is started again should it die."""
    from data.session import Database  # noqa: PLC0415 - kept out of the start of the command line

    if settings.database_url is not None:
        return Database(settings.database_url, pool_size=settings.pool_size)
    server = embedded_server(settings)
    return Database(server.url, pool_size=settings.pool_size, revive=server.start)


@contextmanager
def running_database(settings: Settings) -> Iterator[str]:
    """Lend the address of a usable database; what this process started is stopped at the end."""
    if settings.database_url is not None:
        _check(settings.database_url)
        yield settings.database_url
        return
    server = embedded_server(settings)
    try:
        yield server.start()
    finally:
        if server.started_here:
            server.stop()


def prepare(url: str) -> bool:
    """Bring the tables up to date, load the demo cities, and say whether first indicators are lacking."""
    from app.services import demo  # noqa: PLC0415
    from app.services.indicators import first_runs  # noqa: PLC0415
    from data import migrate  # noqa: PLC0415
    from data.session import Database  # noqa: PLC0415

    migrate.upgrade(url)
    database = Database(url)
    try:
        demo.load_all(database)
        return bool(first_runs.lacking(database))
    finally:
        database.close()


@contextmanager
def _first_indicators(url: str, lacking: bool) -> Iterator[None]:
    """Compute the first indicators of each city, in a process of its own, while the dashboard serves already.

    Ended before it is done it leaves nothing stored, and the next start computes what is lacking.
    """
    if not lacking:
        yield
        return
    command = [sys.executable, "-m", "app.services.indicators.first_runs"]
    child = subprocess.Popen(command, env=os.environ | {ADDRESS: url}, start_new_session=True)
    try:
        yield
    finally:
        child.terminate()
        child.wait()


@contextmanager
def listening_socket(settings: Settings) -> Iterator[socket.socket]:
    """Lend a socket on the settings' address; who connects before we serve waits.

    Raises
    ------
    InvalidInput
        Another program has the port, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
            listener.listen(WAITING_CONNECTIONS)
        except OSError as error:
            raise _unavailable(settings, error) from error
        yield listener


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Let Ctrl-C, SIGTERM and a closed terminal end the block quietly; what it started is stopped."""
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.default_int_handler) for number in signals}
    try:
        yield
    except KeyboardInterrupt:
        return
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def serve_on(listener: socket.socket, settings: Settings, report: Callable[[str], None]) -> None:
    """Answer requests on the socket until a signal comes."""
    import uvicorn  # noqa: PLC0415
    from uvicorn.supervisors import Multiprocess  # noqa: PLC0415

    config = uvicorn.Config(
        APPLICATION,
        factory=True,
        workers=settings.workers,
        log_level="warning" if settings.log_level == "info" else settings.log_level,
        access_log=settings.log_level == "debug",
        timeout_graceful_shutdown=SECONDS_FOR_OPEN_REQUESTS,
        server_header=False,
    )
    if settings.workers > 1:
        report(_address(settings))
        Multiprocess(config, sockets=[listener]).run()
    else:
        config.load()
        report(_address(settings))
        uvicorn.Server(config).run(sockets=[listener])


@cache
def _server_in(home: Path) -> EmbeddedServer:
    return EmbeddedServer(home)


def _check(url: str) -> None:
    from data.inspection import ensure_usable  # noqa: PLC0415
    from data.session import Database  # noqa: PLC0415

    database = Database(url)
    try:
        with database.writing("system") as connection:
            ensure_usable(connection)
    finally:
        database.close()


def _address(settings: Settings) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104
    return f"http://{host}:{settings.port}"


def _unavailable(settings: Settings, error: OSError) -> InvalidInput:
    return InvalidInput(
        N_("The dashboard cannot listen on {host} port {port}: {reason}."),
        remedy=N_("End the program that has the port, or choose another: GENGXIN_PORT={other} make run"),
        host=settings.host,
        port=settings.port,
        reason=error.strerror,
        other=settings.port + 1 if settings.port < 65535 else 8050,
    )
