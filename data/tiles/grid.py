"""The grid of tiles: the square of EPSG:3857 halved ``z`` times, rows counted from the north."""

from __future__ import annotations

from typing import Any, NamedTuple

WORLD = 40_075_016.685578488
HALF = WORLD / 2
DEEPEST = 20
EXTENT = 4096
BUFFER = 64
# A tile is drawn 512 pixels wide, so that a pixel is this many of its units.
PIXEL = EXTENT // 512


class Tile(NamedTuple):
    """One tile by zoom, column and row."""

    z: int
    x: int
    y: int

    def exists(self) -> bool:
        """Whether the grid has this tile."""
        return 0 <= self.z <= DEEPEST and 0 <= self.x < 1 << self.z and 0 <= self.y < 1 << self.z

    @property
    def width(self) -> float:
        """Width in metres of EPSG:3857."""
        return WORLD / (1 << self.z)

    @property
    def west(self) -> float:
        """Western edge in EPSG:3857."""
        return self.x * self.width - HALF

    @property
    def north(self) -> float:
        """Northern edge in EPSG:3857."""
        return HALF - self.y * self.width

    def bounds(self) -> dict[str, Any]:
        """Return the edges in EPSG:3857, ``unit`` (metres a step of its grid), its ``column`` and ``row``."""
        return {
            "west": self.west,
            "south": self.north - self.width,
            "east": self.west + self.width,
            "north": self.north,
            "unit": self.width / EXTENT,
            "column": self.x,
            "row": self.y,
        }
