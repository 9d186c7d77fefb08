"""One way to the database: read-only and writing transactions, each write with its actor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from data.errors import N_, DatabaseUnavailable, InvalidInput

STATEMENT_TIMEOUT_MS = 60_000


def engine_for(url: str, pool_size: int = 5) -> Engine:
    """Return an engine on psycopg 3 whose pool checks each connection before it lends it."""
    address = make_url(url)
    if address.drivername in {"postgres", "postgresql"}:
        address = address.set(drivername="postgresql+psycopg")
    return create_engine(
        address,
        pool_pre_ping=True,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=30,
        connect_args={"connect_timeout": 10, "options": "-c timezone=UTC -c jit=off"},
    )


class Database:
    """A database and how to bring it back.

    Parameters
    ----------
    url
        SQLAlchemy or libpq URL.
    pool_size
        Connections kept open; twice as many may be open for a moment, further ones queue.
    revive
        Called once when the server does not answer, before the one retry (the embedded server's start).
    """

    def __init__(self, url: str, *, pool_size: int = 5, revive: Callable[[], object] | None = None) -> None:
        self.engine = engine_for(url, pool_size)
        self._revive = revive

    def _connect(self) -> Connection:
        try:
            return self.engine.connect()
        except OperationalError as error:
            if self._revive is None:
                raise _unavailable(error) from error
        self._revive()
        self.engine.dispose()
        try:
            return self.engine.connect()
        except OperationalError as error:
            raise _unavailable(error) from error

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Lend a connection in one read-only transaction."""
        with self._connect() as connection, connection.begin():
            connection.execute(text(f"SET LOCAL statement_timeout = {STATEMENT_TIMEOUT_MS}"))
            connection.execute(text("SET TRANSACTION READ ONLY"))
            yield connection

    @contextmanager
    def writing(self, actor: str) -> Iterator[Connection]:
        """Lend a connection in one transaction whose changes the audit log signs with ``actor``."""
        if not actor.strip():
            raise InvalidInput(N_("A write needs an actor."), remedy=N_("Say who makes the change."))
        with self._connect() as connection, connection.begin():
            connection.execute(text("SELECT set_config('gengxin.actor', :actor, true)"), {"actor": actor})
            yield connection

    def close(self) -> None:
        """Close all connections that are not lent."""
        self.engine.dispose()


def lock_city(connection: Connection, city_id: int) -> None:
    """Wait until no other transaction writes this city's register, and hold that place until the end."""
    connection.execute(text("SELECT pg_advisory_xact_lock(20250045, :city)"), {"city": city_id})


def _unavailable(error: OperationalError) -> DatabaseUnavailable:
    reason = str(error.orig).strip().splitlines()[0] if error.orig else str(error)
    return DatabaseUnavailable(
        N_("The database does not answer: {reason}."),
        remedy=N_("Run `gengxin doctor`; it names the fault and the remedy."),
        reason=reason.rstrip("."),
    )
