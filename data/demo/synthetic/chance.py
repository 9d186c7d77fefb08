"""Chance that repeats: each part of the city draws from its own named stream of one seed."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
Texts = NDArray[np.object_]
Days = NDArray[np.datetime64]


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the generator of one named part; parts do not disturb each other."""
    return np.random.default_rng(np.random.SeedSequence([seed, zlib.crc32(name.encode())]))


def pick(rng: np.random.Generator, weights: Mapping[str, float], size: int) -> Texts:
    """Draw codes by weight."""
    return pick_each(rng, [weights], np.zeros(size, dtype=np.int64))


def pick_each(rng: np.random.Generator, tables: Sequence[Mapping[str, float]], row: Integers) -> Texts:
    """Draw one code for each element from the table of weights that ``row`` names."""
    names = sorted({name for table in tables for name in table})
    weights = np.array([[table.get(name, 0.0) for name in names] for table in tables])
    bounds = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)[:, :-1]
    chosen = (rng.random(row.size)[:, None] >= bounds[row]).sum(axis=1)
    return np.asarray(np.array(names, dtype=object)[chosen])


def uniform_each(rng: np.random.Generator, low: Floats, high: Floats) -> Floats:
    """Draw one number between each pair of bounds."""
    return low + (high - low) * rng.random(low.size)


def either(choice: ArrayLike, one: object, other: object) -> Texts:
    """Return ``one`` where the choice is true and ``other`` elsewhere; either may be None or many."""
    flags = np.asarray(choice, dtype=bool)
    chosen = [np.broadcast_to(np.asarray(value, dtype=object), flags.shape) for value in (one, other)]
    return np.where(flags, chosen[0], chosen[1])


def runs(counts: Integers) -> tuple[Integers, Integers]:
    """Return for ``counts`` [2, 3] the owners [0, 0, 1, 1, 1] and the places within [0, 1, 0, 1, 2]."""
    owner = np.repeat(np.arange(counts.size), counts)
    place = np.arange(owner.size) - np.repeat(np.cumsum(counts) - counts, counts)
    return owner, place
