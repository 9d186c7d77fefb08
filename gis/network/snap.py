"""Places snapped onto the edges of a network."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from gis.network.lines import Flags, Floats, Integers, Polylines, spread

PIECE = 25.0
"""Metres: the length that segments are cut to for the search, no result depends on it."""
CANDIDATES = 6
CHUNK = 1 << 15
CELL = 300.0
"""Metres: points of one cell are searched for together, so that what they need stays in the cache."""
SLACK = 1e-6
OFF = -1


class Snapped(NamedTuple):
    """Places on the edges of a network, made by ``WalkNetwork.snap``.

    Attributes
    ----------
    edge : (n,) array of int32
        The edge, -1 where none is within reach.
    at : (n,) array
        Metres along the edge from its start; 0 where there is none.
    leg : (n,) array
        Metres straight from the place to the edge; inf where there is none.
    places : array
        What was snapped: coordinates of shape (p, 2) or geometries.
    owner : (n,) array or None
        Position of the place that each row is an entrance of, ascending; None where each place is a point.
    """

    edge: Integers
    at: Floats
    leg: Floats
    places: NDArray[np.object_] | Floats
    owner: Integers | None = None

    @property
    def owners(self) -> Integers:
        """Position of the place of each row."""
        return np.arange(len(self.edge)) if self.owner is None else self.owner

    @property
    def on(self) -> Flags:
        """Which rows are on an edge."""
        return np.asarray(self.edge != OFF)

    @property
    def points(self) -> NDArray[np.object_]:
        """What was snapped, as geometries; None where it is missing."""
        if self.places.dtype == object:
            return np.asarray(self.places, dtype=object)
        xy = np.asarray(self.places, dtype=np.float64)
        points = np.full(len(xy), None)
        known = np.isfinite(xy).all(axis=1)
        points[known] = shapely.points(xy[known])
        return points

    def take(self, row: Integers) -> Snapped:
        """Some of the rows, each a place of its own that is known by its row alone."""
        places = self.places[row if self.owner is None else self.owner[row]]
        return Snapped(self.edge[row], self.at[row], self.leg[row], places)

    def of_places(self, place: Integers) -> Snapped:
        """Some of the places, by ascending positions, numbered anew."""
        if self.owner is None:
            return self.take(place)
        number = np.full(len(self.places), OFF)
        number[place] = np.arange(len(place))
        owner = number[self.owner]
        row = np.flatnonzero(owner != OFF)
        return Snapped(self.edge[row], self.at[row], self.leg[row], self.places[place], owner[row])

    @classmethod
    def joined(cls, several: Sequence[Snapped]) -> Snapped:
        """Several places given as geometries, numbered one after the other."""
        edge, at, leg, places = (np.concatenate(column) for column in list(zip(*several, strict=True))[:4])
        if all(some.owner is None for some in several):
            return cls(edge, at, leg, places)
        before = np.cumsum([0, *(len(some.places) for some in several)])
        owner = np.concatenate([some.owners + begin for some, begin in zip(several, before, strict=False)])
        return cls(edge, at, leg, places, owner)

    def without_legs(self) -> Snapped:
        """The same places, as if they stood on their edges."""
        return self._replace(leg=np.where(self.on, 0.0, np.inf))


class Nearest(NamedTuple):
    """The nearest edge of points, the metres along it, those to it, and to the place on it in x and y."""

    edge: Integers
    at: Floats
    leg: Floats
    x: Floats
    y: Floats

    @classmethod
    def none(cls, count: int) -> Nearest:
        """Points that are near no edge."""
        far = (np.full(count, np.inf) for _ in range(3))
        return cls(np.full(count, OFF, np.int32), np.zeros(count), *far)

    def take(self, where: Integers | Flags) -> Nearest:
        """Some of the points."""
        return Nearest._make(values[where] for values in self)

    def put(self, where: Integers | Flags, other: Nearest) -> None:
        """Replace what was found for some of the points."""
        for values, others in zip(self, other, strict=True):
            values[where] = others

    def before(self, other: Nearest) -> Flags:
        """Which points are nearer than in another answer; of equals the least x, then the least y."""
        before = (self.x < other.x) | (self.x == other.x) & (self.y < other.y)
        return np.asarray((self.leg < other.leg) | (self.leg == other.leg) & before)


class SegmentIndex(NamedTuple):
    """The straight segments of edges, to be searched for the nearest to a point.

    Attributes
    ----------
    edge : (s,) array
        Edge of each segment, -1 where it is no longer there.
    begin, end : (s,) arrays
        Metres from the edge's start to both ends of the segment.
    origin, vector : (s, 2) arrays
        Start, and end less start.
    piece : (p,) array
        Segment of each piece.
    tree
        Middles of the pieces.
    reach
        Half the length of the longest piece.
    """

    edge: Integers
    begin: Floats
    end: Floats
    origin: Floats
    vector: Floats
    piece: Integers
    tree: cKDTree
    reach: float

    @classmethod
    def of(cls, lines: Polylines, edge: Integers) -> SegmentIndex:
        """Index lines that bear the numbers of edges."""
        first = np.flatnonzero(lines.line[1:] == lines.line[:-1])
        origin, vector = lines.xy[first], lines.xy[first + 1] - lines.xy[first]
        begin, end = lines.along[first], lines.along[first + 1]
        step = end - begin
        count = np.maximum(np.ceil(step / PIECE), 1).astype(np.int64)
        ordinal, piece = spread(np.zeros_like(count), count)
        share = (ordinal + 0.5) / count[piece]
        middle = origin[piece] + share[:, None] * vector[piece]
        tree = cKDTree(middle, balanced_tree=False, compact_nodes=False)
        reach = float((step / count).max(initial=0.0)) / 2 + SLACK
        return cls(edge[lines.line[first]], begin, end, origin, vector, piece, tree, reach)

    def renumbered(self, number: Integers) -> SegmentIndex:
        """The index of a network whose edges bear other numbers, -1 for those that are gone."""
        return self._replace(edge=np.append(number, OFF).astype(np.int32)[self.edge])

    def around(self, xy: Floats, limit: float) -> Integers:
        """Points in the bounds of the segments, or within ``limit`` metres of these."""
        if not len(self.piece):
            return np.empty(0, np.int64)
        far = limit + self.reach
        inside = (xy >= self.tree.mins - far) & (xy <= self.tree.maxes + far) & np.isfinite(xy)
        return np.flatnonzero(inside.all(axis=1))

    def nearest(self, xy: Floats, limit: float) -> Nearest:
        """Find the nearest edge of each point within ``limit`` metres, exactly.

        Notes
        -----
        A segment nearer than d has a piece whose middle is nearer than d + ``reach``. So the best of the k
        nearest pieces is the best of all where the k-th middle lies beyond that; elsewhere k grows. Of
        segments equally near the one with the least (x, y) of the place on it is taken.
        """
        nearest = Nearest.none(len(xy))
        if not len(xy) or not len(self.piece):
            return nearest
        column, row = np.floor(xy.T / CELL)
        order = np.argsort(row * (np.ptp(column) + 1) + column)
        chunks = [order[start : start + CHUNK] for start in range(0, len(xy), CHUNK)]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            search = pool.map if len(chunks) > 1 else map
            found = search(lambda chunk: self._nearest(xy[chunk], limit, CANDIDATES), chunks)
            for chunk, near in zip(chunks, found, strict=True):
                nearest.put(chunk, near)
        return nearest

    def _nearest(self, xy: Floats, limit: float, k: int) -> Nearest:
        k = min(k, len(self.piece))
        bound = limit + self.reach
        middle, piece = self.tree.query(xy, k=np.arange(1, k + 1), distance_upper_bound=bound)
        found = self._best(xy, np.where(piece < len(self.piece), piece, 0), np.isinf(middle))
        open_ = np.isfinite(middle[:, -1]) & (found.leg >= middle[:, -1] - self.reach)
        if k < len(self.piece) and open_.any():
            found.put(open_, self._nearest(xy[open_], limit, 4 * k))
        beyond = ~(found.leg <= limit)
        found.put(beyond, Nearest.none(int(beyond.sum())))
        return found

    def _best(self, xy: Floats, piece: Integers, missing: Flags) -> Nearest:
        segment = self.piece[piece]
        step = self.end[segment] - self.begin[segment]
        dx, dy = self.vector[segment, 0], self.vector[segment, 1]
        x, y = self.origin[segment, 0] - xy[:, :1], self.origin[segment, 1] - xy[:, 1:]
        share = -(x * dx + y * dy) / np.maximum(step * step, np.finfo(float).tiny)
        share.clip(0, 1, out=share)
        x += share * dx
        y += share * dy
        leg = np.hypot(x, y)
        leg[missing | (self.edge[segment] == OFF)] = np.inf
        choice = _least(leg, x, y, segment)[:, None]
        segment, share, leg, x, y = (
            np.take_along_axis(values, choice, axis=1)[:, 0] for values in (segment, share, leg, x, y)
        )
        begin, end = self.begin[segment], self.end[segment]
        at = np.where(share < 1, begin + share * (end - begin), end)
        return Nearest(self.edge[segment], at, leg, x, y)


def _least(leg: Floats, x: Floats, y: Floats, segment: Integers) -> Integers:
    """Position in each row of the least leg; among equals that of the least x, y and segment."""
    tied = leg == leg.min(axis=1, keepdims=True)
    several = np.flatnonzero(tied.sum(axis=1) > 1)
    left = tied[several]
    for key in (x, y, segment):
        value = np.where(left, key[several], np.inf)
        left = value == value.min(axis=1, keepdims=True)
    tied[several] = left
    return np.asarray(tied.argmax(axis=1))


def nearest_edge(indexes: Sequence[SegmentIndex], xy: Floats, limit: float) -> Nearest:
    """Find the nearest edge in several indexes to each point within ``limit`` metres.

    A point of which x or y is missing has none. The answer is that of one index of all their segments.
    """
    found = Nearest.none(len(xy))
    for index in indexes:
        known = index.around(xy, limit)
        near = index.nearest(xy[known], limit)
        better = near.before(found.take(known))
        found.put(known[better], near.take(better))
    return found
