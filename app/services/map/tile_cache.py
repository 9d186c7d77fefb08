"""Tiles kept in memory: the least recently used leave when the bytes exceed a bound."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

OVERHEAD = 500


@dataclass(frozen=True)
class Stored:
    """A tile as it is sent: gzip bytes (none: an empty tile), and how many features it had to leave out."""

    body: bytes
    omitted: int = 0


class TileCache:
    """Tiles by key, at most ``limit`` bytes of them. A key holds the layer's version: none is stale."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self._tiles: OrderedDict[Hashable, Stored] = OrderedDict()

    def get(self, key: Hashable) -> Stored | None:
        """Return a tile and note that it was used."""
        tile = self._tiles.get(key)
        if tile is not None:
            self._tiles.move_to_end(key)
        return tile

    def put(self, key: Hashable, tile: Stored) -> None:
        """Keep a tile, and let go of those that were not used for longest."""
        before = self._tiles.pop(key, None)
        self.size += _weight(tile) - (0 if before is None else _weight(before))
        self._tiles[key] = tile
        while self.size > self.limit and self._tiles:
            _key, oldest = self._tiles.popitem(last=False)
            self.size -= _weight(oldest)


def _weight(tile: Stored) -> int:
    return len(tile.body) + OVERHEAD
