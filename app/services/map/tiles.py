"""Vector tiles 矢量瓦片 of a city's layers: read once a version of the layer, then kept in memory."""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import AsyncConnection

from app.services.filters import FILTERS, filter_from_query
from app.services.map.tile_cache import Stored, TileCache
from data import tiles
from data.async_session import AsyncReader
from data.errors import N_, InvalidInput, NotFound
from data.projects import ProjectFilter
from data.session import Database
from data.tiles import LAYERS, Layer, Tile
from data.tiles.statements import Reading, readings

CACHE_BYTES = 64 * 2**20
LARGEST_TILE = 500_000
MOST_FEATURES = 14_000
ROOM_LEFT = 0.9
COMPRESSION = 5
PARAMETERS = frozenset(("city", "v", "lang", *FILTERS))
OUTSIDE = N_("There is no tile {z}/{x}/{y}.")
STATE = """
SELECT city.id, city.slug, city.name_zh, city.name_en, city.synthetic, city.attribution,
    layer_version.version, current_date AS today
FROM city LEFT JOIN layer_version ON layer_version.layer = %(layer)s WHERE city.slug = %(city)s
"""
FORM = hashlib.sha256(
    b"".join(file.read_bytes() for file in sorted(Path(tiles.__file__).parent.glob("*.py")))
).hexdigest()[:6]


@dataclass(frozen=True)
class State:
    """A layer of a city as it is now; ``version`` changes with every change of what its tiles hold."""

    id: int
    slug: str
    name_zh: str
    name_en: str
    synthetic: bool
    attribution: str
    version: str
    today: dt.date


@dataclass(frozen=True)
class Wish:
    """A tile that somebody asks for."""

    layer: Layer
    city: str
    tile: Tile
    keep: ProjectFilter
    version: str

    def digest(self, state: State) -> str:
        """Name what is asked for, in as many bytes for a long filter as for none."""
        asked = repr((state.id, self.layer.name, self.tile, self.keep)).encode()
        return f"{state.version}-{hashlib.sha256(asked).hexdigest()[:16]}"


def wish(layer: str, z: str, x: str, y: str, query: Mapping[str, str]) -> Wish:
    """Read an address of a tile.

    Raises
    ------
    NotFound
        No such layer.
    InvalidInput
        No such tile, an unknown parameter, or a filter that is not one of ours.
    """
    found = layer_named(layer)
    tile = Tile(*(_whole(part, z, x, y) for part in (z, x, y)))
    if not tile.exists():
        raise _no_tile(z, x, y)
    keep = filter_of(found, query)
    return Wish(found, city_of(query), tile, keep, query.get("v", ""))


def city_of(query: Mapping[str, str]) -> str:
    """Return the slug that a query asks for."""
    return query.get("city", "").replace("\x00", "")


def layer_named(name: str) -> Layer:
    """Return a layer by its name in addresses."""
    if name in LAYERS:
        return LAYERS[name]
    raise NotFound(
        N_("There is no layer «{layer}»."),
        remedy=N_("Choose among: {known}."),
        layer=name[:40],
        known=", ".join(LAYERS),
    )


def filter_of(layer: Layer, query: Mapping[str, str]) -> ProjectFilter:
    """Read the project filter; other layers check it and are not narrowed by it."""
    unknown = sorted(set(query) - PARAMETERS)
    if unknown:
        raise InvalidInput(
            N_("A tile has no parameter «{name}»."),
            remedy=N_("Choose among: {known}."),
            name=unknown[0][:40],
            known=", ".join(sorted(PARAMETERS)),
        )
    keep = filter_from_query(query)
    return keep if layer.name == "projects" else ProjectFilter()


def _whole(part: str, z: str, x: str, y: str) -> int:
    if part.isascii() and part.isdigit() and len(part) <= 7:
        return int(part)
    raise _no_tile(z, x, y)


def _no_tile(z: str, x: str, y: str) -> InvalidInput:
    return InvalidInput(
        OUTSIDE,
        remedy=N_("Zooms go from 0 to {deepest}; columns and rows are whole numbers below 2 to the zoom."),
        z=z[:12],
        x=x[:12],
        y=y[:12],
        deepest=tiles.DEEPEST,
    )


def state_of(layer: Layer, row: Any, slug: str) -> State:
    """Return what the database says (``STATE``) of a layer of a city.

    Raises
    ------
    NotFound
        It knows no city of this slug.
    """
    if row is None:
        raise NotFound(
            N_("There is no city «{slug}»."),
            remedy=N_("`gengxin city list` names those there are."),
            slug=slug[:63],
        )
    return State(**{**row._asdict(), "version": version_of(layer, row.version, row.today)})


def version_of(layer: Layer, number: int | None, today: dt.date) -> str:
    """Return the version that addresses of tiles carry; what is in force on a day is another one the next."""
    day = f"-{today:%Y%j}" if layer.dated else ""
    return f"{number or 0}-{FORM}{day}"


class TileService:
    """Tiles of one database for one web process.

    The version of the layer is read before the tile, on the same connection: what is kept under a version is
    never older than it, in any number of processes.
    """

    def __init__(self, database: Database, connections: int = 8) -> None:
        self.reader = AsyncReader(database, connections)
        self.cache = TileCache(CACHE_BYTES)
        self._making: dict[str, asyncio.Task[Stored]] = {}

    async def state(self, layer: str, city: str) -> State:
        """Read which city this is and which version its layer has.

        Raises
        ------
        NotFound
            No city has this slug.
        """
        found: State = await self._twice(self._state, layer, city)
        return found

    async def tile(self, wanted: Wish, state: State) -> Stored:
        """Return a tile, from memory where it is there; who asks for one that is being made waits for it."""
        key = wanted.digest(state)
        kept = self.cache.get(key)
        if kept is not None:
            return kept
        task = self._making.get(key)
        if task is None:
            task = self._making[key] = asyncio.create_task(self._twice(self._made, wanted, state))
            task.add_done_callback(lambda done: self._finish(key, done))
        return await asyncio.shield(task)

    def _finish(self, key: str, done: asyncio.Task[Stored]) -> None:
        self._making.pop(key, None)
        if not done.cancelled() and done.exception() is None:
            self.cache.put(key, done.result())

    async def close(self) -> None:
        """Close the connections."""
        await self.reader.close()

    async def _twice(self, read: Any, *arguments: Any) -> Any:
        try:
            return await read(*arguments)
        except psycopg.OperationalError:
            await self.reader.revive()
            return await read(*arguments)

    async def _state(self, layer: str, city: str) -> State:
        async with self.reader.reading() as connection:
            cursor = await connection.execute(STATE, {"layer": LAYERS[layer].counted, "city": city})
            row = await cursor.fetchone()
        return state_of(LAYERS[layer], row, city)

    async def _made(self, wanted: Wish, state: State) -> Stored:
        parts = readings(wanted.layer.name, wanted.tile.z, state.id, wanted.keep)
        bound = wanted.tile.bounds() | {"city": state.id, "today": state.today}
        async with self.reader.reading() as connection:
            body, omitted = await _read(connection, parts, bound)
        if not body:
            return Stored(b"", omitted)
        return Stored(await asyncio.to_thread(gzip.compress, body, COMPRESSION, mtime=0), omitted)


async def _read(
    connection: AsyncConnection[Any], parts: Sequence[Reading], bound: dict[str, Any]
) -> tuple[bytes, int]:
    """Read a tile of at most ``LARGEST_TILE`` bytes; count the features that it had to leave out."""
    most, room = MOST_FEATURES, 1.0
    rows = await _rows(connection, parts, bound | {"most": most})
    while (size := sum(len(row.mvt) for row in rows)) > LARGEST_TILE:
        room *= ROOM_LEFT
        most = int(max(row.features for row in rows) * room * LARGEST_TILE / size)
        rows = await _rows(connection, parts, bound | {"most": most})
    omitted = 0
    for part, row in zip(parts, rows, strict=True):
        if row.features >= most:
            cursor = await connection.execute(part.matching.sql, part.matching.bound(bound | {"most": None}))
            omitted += (await cursor.fetchone())[0] - row.features  # type: ignore[index]
    return b"".join(row.mvt for row in rows), omitted


async def _rows(
    connection: AsyncConnection[Any], parts: Sequence[Reading], bound: dict[str, Any]
) -> list[Any]:
    rows = []
    async with connection.cursor(binary=True) as cursor:
        for part in parts:
            await cursor.execute(part.mvt.sql, part.mvt.bound(bound))
            rows.append(await cursor.fetchone())
    return rows
