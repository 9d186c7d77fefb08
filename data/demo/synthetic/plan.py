"""The master plan 总体规划: the lattice of superblocks, its bend into a city, rings, river and characters.

Superblocks are the cells of a lattice of main streets. A place in the lattice is a pair of integers,
``UNIT`` to a superblock; within a superblock the way into the plane is bilinear, so straight lattice lines
stay straight and neighbours share their borders exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.demo.synthetic.chance import Flags, Floats, Integers, Texts, stream

UNIT = 960
SPACING = 470.0
RIVER_WIDTH = 190.0
HALF_WIDTHS = {"expressway": 28.0, "arterial": 20.0, "secondary": 13.0, "local": 7.0, "path": 1.5, "": 0.0}
# What grows around which point (of the half extent) and how much of the built-up area it takes.
ANCHORS = (
    ("old", (0.0, 0.08), 0.085),
    ("business", (0.24, 0.16), 0.05),
    ("park", (-0.20, 0.30), 0.015),
    ("campus", (-0.46, 0.26), 0.06),
    ("industry", (0.62, -0.12), 0.12),
    ("logistics", (0.78, -0.34), 0.03),
    ("new_town", (-0.42, -0.56), 0.12),
    ("slab", (0.0, 0.0), 0.28),
)
SCATTERED = {"park": 0.06, "urban_village": 0.20, "tower": 0.60, "slab": 0.14}


@dataclass(frozen=True)
class Plan:
    """Superblocks in columns ``i`` and rows ``j``; row ``river`` is the river.

    ``corners`` are lattice points in metres around the centre, ``character`` names what grows in each
    superblock, ``upright[i, j]`` and ``level[i, j]`` are the classes of the main streets west and
    south of it.
    """

    columns: int
    rows: int
    river: int
    half: float
    corners: Floats
    centres: Floats
    character: Texts
    district: Integers
    upright: Texts
    level: Texts

    def place(self, u: Integers, v: Integers) -> Floats:
        """Return the points of the plane (n, 2) of lattice places."""
        i = np.clip(u // UNIT, 0, self.columns - 1)
        j = np.clip(v // UNIT, 0, self.rows - 1)
        s, t = (u / UNIT - i)[..., None], (v / UNIT - j)[..., None]
        south = self.corners[i, j] * (1 - s) + self.corners[i + 1, j] * s
        north = self.corners[i, j + 1] * (1 - s) + self.corners[i + 1, j + 1] * s
        return np.asarray(south * (1 - t) + north * t)


def draw(seed: int, scale: float, districts: int) -> Plan:
    """Draw the master plan of a city."""
    rng = stream(seed, "plan")
    columns = max(6, 2 * round(7 * scale**0.5))
    middle = columns // 2
    river = middle - max(1, round(0.3 * middle))
    straight = _lines(rng, columns, river)
    half = float(np.abs(straight).max())
    corners = _bend(rng, straight, half, river)
    centres = (corners[:-1, :-1] + corners[1:, :-1] + corners[:-1, 1:] + corners[1:, 1:]) / 4
    character = _characters(stream(seed, "characters"), centres / half, river)
    upright, level = _main_streets(stream(seed, "main streets"), character, river)
    return Plan(
        columns,
        columns + 1,
        river,
        half,
        corners,
        centres,
        character,
        _districts(centres / half, districts),
        upright,
        level,
    )


def _lines(rng: np.random.Generator, columns: int, river: int) -> Floats:
    """Place the main streets: closer in the centre, with one narrow row for the river."""
    away = np.abs(np.arange(columns) + 0.5 - columns / 2) / (columns / 2)
    wide, high = (SPACING * (0.72 + 0.62 * away) * rng.uniform(0.86, 1.14, columns) for _ in range(2))
    high = np.insert(high, river, RIVER_WIDTH)
    x, y = (np.concatenate([[0.0], np.cumsum(steps)]) for steps in (wide, high))
    x, y = x - x.mean(), y - y[columns // 2 + 1]
    return np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1)


def _bend(rng: np.random.Generator, straight: Floats, half: float, river: int) -> Floats:
    """Round the rings, let the river wind and the streets sway, and turn the whole a little."""
    x, y = straight[..., 0], straight[..., 1]
    bank = y[0, river : river + 2].mean()
    a, b = x / half, y / half
    x, y = x * np.sqrt(1 - 0.36 * b**2), y * np.sqrt(1 - 0.36 * a**2)
    phase = rng.uniform(0, 2 * np.pi, 6)
    near = np.exp(-(((straight[..., 1] - bank) / (0.35 * half)) ** 2))
    y = y + near * half * (0.05 * np.sin(3.6 * a + phase[0]) + 0.012 * np.sin(9 * a + phase[1]))
    x = x + 0.022 * half * np.sin(4.1 * b + phase[2]) + 55 * np.sin(straight[..., 1] / 640 + phase[3])
    y = y + 0.022 * half * np.sin(3.7 * a + phase[4]) + 55 * np.sin(straight[..., 0] / 710 + phase[5])
    swing = rng.normal(0, 13, (2, *x.shape))
    swing[1, :, river + 1] = swing[1, :, river]
    x, y = x + swing[0], y + swing[1]
    turn = np.deg2rad(6.5) + 0.1 * np.hypot(a, b)
    return np.stack([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)], axis=-1)


def _characters(rng: np.random.Generator, centres: Floats, river: int) -> Texts:
    """Say what grows in each superblock: by distance from the anchors, and scattered between them."""
    reach = np.hypot(centres[..., 0], centres[..., 1])
    turn = np.arctan2(centres[..., 1], centres[..., 0])
    edge = 0.79 + 0.10 * np.sin(3 * turn + 1.1) + 0.06 * np.sin(5 * turn) + rng.normal(0, 0.03, reach.shape)
    found = np.full(reach.shape, "rural", dtype=object)
    free = (reach < edge) & (np.arange(reach.shape[1]) != river)[None, :]
    built = int(free.sum())
    for name, (x, y), share in ANCHORS:
        distance = np.hypot(centres[..., 0] - x, centres[..., 1] - y) + rng.normal(0, 0.03, reach.shape)
        nearest = np.argsort(np.where(free, distance, np.inf), axis=None)[: max(1, round(share * built))]
        found.flat[nearest] = name
        free.flat[nearest] = False
    _scatter(rng, found, free)
    found[:, river] = "river"
    return found


def _scatter(rng: np.random.Generator, found: Texts, free: Flags) -> None:
    places = rng.permutation(np.flatnonzero(free))
    shares = np.cumsum(list(SCATTERED.values()))
    bounds = np.maximum(np.round(shares * places.size).astype(int), np.arange(1, len(SCATTERED) + 1))
    for name, start, end in zip(SCATTERED, [0, *bounds[:-1]], bounds, strict=True):
        found.flat[places[start:end]] = name
    found.flat[places[bounds[-1] :]] = "slab"


def _districts(centres: Floats, count: int) -> Integers:
    """Part the city into a core and sectors around it, in two belts where there are many districts."""
    reach = np.hypot(centres[..., 0], centres[..., 1])
    turn = (np.arctan2(centres[..., 1], centres[..., 0]) / (2 * np.pi) + 0.07) % 1.0
    inner = count - 1 if count < 8 else (count - 1) // 3
    found = 1 + np.floor(turn * inner).astype(np.int64)
    if count - 1 > inner:
        outer = 1 + inner + np.floor(turn * (count - 1 - inner)).astype(np.int64)
        found = np.where(reach > 0.62, outer, found)
    return np.where(reach < 0.3, 0, found)


def _main_streets(rng: np.random.Generator, character: Texts, river: int) -> tuple[Texts, Texts]:
    """Class the main streets; rural ones are minor or absent, and only wide ones cross the river."""
    columns = len(character)
    middle = columns // 2
    rings = sorted({max(1, round(part * middle)) for part in (0.36, 0.74)})
    column, line = np.arange(columns + 1) - middle, np.arange(columns + 2)
    line = np.where(line <= river, line, line - 1) - middle
    upright = _ladder(column[:, None], line[None, :-1] + 0.5, rings)
    level = _ladder(line[None, :], column[:-1, None] + 0.5, rings)
    level[:, river + 1] = np.where(level[:, river + 1] == "expressway", "secondary", level[:, river + 1])
    rural = character == "rural"
    west = np.pad(rural, ((1, 1), (0, 0)), constant_values=True)
    south = np.pad(rural, ((0, 0), (1, 1)), constant_values=True)
    _thin(rng, upright, west[:-1] & west[1:])
    _thin(rng, level, south[:, :-1] & south[:, 1:])
    crossing = upright[:, river]
    upright[:, river] = np.where(np.isin(crossing, ["secondary", "local"]), "", crossing)
    return upright, level


def _ladder(across: Integers, along: NDArray[np.floating[Any]], rings: list[int]) -> Texts:
    across, along = np.broadcast_arrays(np.abs(across), np.abs(along))
    found = np.where(across % 2 == 0, "arterial", "secondary").astype(object)
    for place, ring in enumerate(rings):
        found[(across == ring) & (along < ring)] = "expressway" if place else "arterial"
    return found


def _thin(rng: np.random.Generator, classes: Texts, rural: Flags) -> None:
    kept = rural & (classes != "expressway")
    classes[kept & (classes == "secondary")] = "local"
    classes[kept & (classes == "arterial")] = "secondary"
    classes[kept & (classes == "local") & (rng.random(classes.shape) < 0.4)] = ""
