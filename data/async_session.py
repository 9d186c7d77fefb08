"""Reading without a thread a request: a pool of asynchronous connections that queues."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import namedtuple_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from data.errors import N_, Busy
from data.session import Database

SECONDS_IN_QUEUE = 30.0
STATEMENT_TIMEOUT_MS = 20_000
OPTIONS = (
    "-c timezone=UTC -c jit=off -c default_transaction_read_only=on "
    "-c max_parallel_workers_per_gather=0 "
    f"-c statement_timeout={STATEMENT_TIMEOUT_MS}"
)
Pool = AsyncConnectionPool[AsyncConnection[Any]]


class AsyncReader:
    """Read-only connections to the database of ``database``, opened at the first request.

    Whoever finds all connections lent waits for one. Where the server has died, ``database`` brings it back
    (``Database.reading``) and the request is read once more.
    """

    def __init__(self, database: Database, size: int = 8) -> None:
        self.database = database
        self.size = size
        self._pool: Pool | None = None
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection[Any]]:
        """Lend a connection; each statement is a read-only transaction of its own.

        Raises
        ------
        Busy
            No connection came free in time.
        DatabaseUnavailable
            The server does not answer and cannot be brought back.
        """
        pool = await self._opened()
        try:
            async with pool.connection(timeout=SECONDS_IN_QUEUE) as connection:
                yield connection
        except PoolTimeout as error:
            await self.revive()
            raise Busy(
                N_("All database connections are busy."), remedy=N_("Ask again in a few seconds.")
            ) from error
        except psycopg.errors.QueryCanceled as error:
            raise Busy(
                N_("The database took too long to answer."), remedy=N_("Ask again in a few seconds.")
            ) from error

    async def revive(self) -> None:
        """Make sure that the server answers, starting an embedded one, and drop connections to a dead one."""
        await asyncio.to_thread(_probe, self.database)
        if self._pool is not None:
            await self._pool.check()

    async def close(self) -> None:
        """Close all connections."""
        pool, self._pool = self._pool, None
        if pool is not None:
            with suppress(RuntimeError):
                await pool.close()

    async def _opened(self) -> Pool:
        async with self._opening:
            if self._pool is None:
                await asyncio.to_thread(_probe, self.database)
                self._pool = await _pool(self.database, self.size)
            return self._pool


def _probe(database: Database) -> None:
    with database.reading():
        pass


async def _pool(database: Database, size: int) -> Pool:
    engine = database.engine
    _nothing, options = engine.dialect.create_connect_args(engine.url)
    pool = AsyncConnectionPool(
        kwargs={
            **options,
            "options": OPTIONS,
            "connect_timeout": 10,
            "autocommit": True,
            "row_factory": namedtuple_row,
        },
        min_size=1,
        max_size=size,
        open=False,
    )
    await pool.open()
    return pool
