"""The street network: every cut and main street, noded where they meet, in one connected graph."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from data.demo.synthetic.chance import Flags, Floats, Integers, Texts, runs
from data.demo.synthetic.land import Land, street_class
from data.demo.synthetic.plan import UNIT, Plan

WIDE = 1 << 24


@dataclass(frozen=True)
class Lines:
    """Straight streets in the lattice."""

    upright: Flags
    at: Integers
    low: Integers
    high: Integers
    street_class: Texts


@dataclass(frozen=True)
class Network:
    """Street segments between nodes; ``points`` (nodes, 2) in metres."""

    points: Floats
    start: Integers
    end: Integers
    street_class: Texts
    upright: Flags
    at: Integers
    low: Integers
    bridge: Flags

    @property
    def shape(self) -> Texts:
        """Return the segments as lines."""
        ends = np.stack([self.points[self.start], self.points[self.end]], axis=1)
        return np.asarray(shapely.linestrings(ends), dtype=object)

    @property
    def length(self) -> Floats:
        """Return the length of each segment in metres."""
        return np.asarray(np.linalg.norm(self.points[self.start] - self.points[self.end], axis=1))


def draw(plan: Plan, land: Land) -> Network:
    """Node the streets and keep what hangs together."""
    lines = _all_lines(plan, land)
    u, v = _nodes(lines)
    owner, start, end = _segments(lines, u, v)
    points = plan.place(u, v)
    river = (v[start] >= plan.river * UNIT) & (v[end] <= (plan.river + 1) * UNIT) & lines.upright[owner]
    count, label = _components(u.size, start, end)
    kept = label[start] == np.bincount(label, minlength=count).argmax()
    used, renumbered = np.unique(np.stack([start[kept], end[kept]]), return_inverse=True)
    renumbered = renumbered.reshape(2, -1)
    return Network(
        points[used],
        renumbered[0],
        renumbered[1],
        lines.street_class[owner][kept],
        lines.upright[owner][kept],
        lines.at[owner][kept],
        np.where(lines.upright[owner], v[start], u[start])[kept],
        river[kept],
    )


def _all_lines(plan: Plan, land: Land) -> Lines:
    main = [_main(plan.upright, upright=True), _main(plan.level, upright=False)]
    small = [
        Lines(cuts.upright, cuts.at, cuts.low, cuts.high, names)
        for cuts, names in (
            (land.streets, street_class(land.streets)),
            (land.paths, np.full(land.paths.at.size, "path", dtype=object)),
        )
    ]
    parts = [*main, *small]
    return Lines(*(np.concatenate([getattr(p, f) for p in parts]) for f in Lines.__dataclass_fields__))


def _main(classes: Texts, *, upright: bool) -> Lines:
    first, second = np.nonzero(classes != "")
    across, along = (first, second) if upright else (second, first)
    flags = np.full(across.size, upright)
    return Lines(flags, across * UNIT, along * UNIT, (along + 1) * UNIT, classes[first, second])


def _nodes(lines: Lines) -> tuple[Integers, Integers]:
    """Return the places where streets end, each once."""
    ends = [
        np.where(lines.upright, lines.at, along) * WIDE + np.where(lines.upright, along, lines.at)
        for along in (lines.low, lines.high)
    ]
    return np.divmod(np.unique(np.concatenate(ends)), WIDE)


def _segments(lines: Lines, u: Integers, v: Integers) -> tuple[Integers, Integers, Integers]:
    """Part each street at the nodes on it: its row, and the nodes at both ends of each part."""
    found = []
    for upright in (True, False):
        rows = np.flatnonzero(lines.upright == upright)
        across, along = (u, v) if upright else (v, u)
        order = np.lexsort((along, across))
        keys = across[order] * WIDE + along[order]
        first = np.searchsorted(keys, lines.at[rows] * WIDE + lines.low[rows])
        last = np.searchsorted(keys, lines.at[rows] * WIDE + lines.high[rows])
        owner, place = runs(last - first)
        begin = first[owner] + place
        found.append((rows[owner], order[begin], order[begin + 1]))
    owner, start, end = (np.concatenate(part) for part in zip(*found, strict=True))
    return owner, start, end


def _components(nodes: int, start: Integers, end: Integers) -> tuple[int, Integers]:
    graph = coo_array((np.ones(start.size, dtype=np.int8), (start, end)), shape=(nodes, nodes))
    count, label = connected_components(graph, directed=False)
    return int(count), label
