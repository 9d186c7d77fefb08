"""The streets that can be reached within a distance, and the land beside them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import shapely

from gis.network.lines import Flags, Floats, Integers, Lines, Polylines
from gis.network.snap import Snapped
from gis.network.ways import Ways

ARC_SEGMENTS = 4
"""Segments of a quarter circle of the outline."""


class Stretches(NamedTuple):
    """Stretches of edges between two places whose distances are known.

    Attributes
    ----------
    edge : (s,) array
        The edge.
    begin, end : (s,) arrays
        Metres along it.
    from_begin, from_end : (s,) arrays
        Metres on foot to the two places; inf where they cannot be reached.
    """

    edge: Integers
    begin: Floats
    end: Floats
    from_begin: Floats
    from_end: Floats

    def within(self, distance: float) -> tuple[Integers, Floats, Floats]:
        """The parts within a distance on foot: edge, begin, end."""
        length = self.end - self.begin
        whole = self.whole(distance)
        forth = np.where(whole, length, np.clip(distance - self.from_begin, 0, length))
        back = np.where(whole, 0.0, np.clip(distance - self.from_end, 0, length))
        one, other = np.flatnonzero(forth > 0), np.flatnonzero(back > 0)
        return (
            np.concatenate([self.edge[one], self.edge[other]]),
            np.concatenate([self.begin[one], self.end[other] - back[other]]),
            np.concatenate([self.begin[one] + forth[one], self.end[other]]),
        )

    def whole(self, distance: float) -> Flags:
        """Which stretches lie within a distance with all their length."""
        forth, back = np.maximum(distance - self.from_begin, 0), np.maximum(distance - self.from_end, 0)
        return np.asarray(forth + back >= self.end - self.begin)

    def take(self, chosen: Flags) -> Stretches:
        """Some of the stretches."""
        return Stretches._make(field[chosen] for field in self)


def catchments(
    ways: Ways, lines: Polylines, doors: Snapped, distances: Floats, width: float
) -> tuple[Lines, Floats]:
    """The land within ``width`` of the streets reached within each distance, and the length of those streets.

    Parameters
    ----------
    ways, lines
        The network, and the courses of its edges.
    doors
        Where the ways begin.
    distances
        Metres, ascending.
    width
        Metres.
    """
    stretches = stretches_from(ways, doors, distances.max(initial=0.0))
    shapes, lengths = [], []
    land: Any = shapely.MultiPolygon()
    behind = 0.0
    for distance in distances:
        edge, begin, end = stretches.within(distance)
        beside = shapely.buffer(lines.part(edge, begin, end), width, quad_segs=ARC_SEGMENTS)
        land = shapely.union_all([land, *beside])
        shapes.append(shapely.multipolygons(shapely.get_parts(land)))
        lengths.append(behind + float((end - begin).sum()))
        whole = stretches.whole(distance)
        behind += float((stretches.end - stretches.begin)[whole].sum())
        stretches = stretches.take(~whole)
    return np.array(shapes, dtype=object), np.array(lengths)


def stretches_from(ways: Ways, doors: Snapped, limit: float) -> Stretches:
    """The edges that ways of at most ``limit`` metres touch; those with doors are divided at the doors."""
    at_node = ways.node_distances(doors, limit)
    own = np.unique(doors.edge[doors.on])
    touched = np.isfinite(at_node[ways.start]) | np.isfinite(at_node[ways.end])
    touched[own] = False
    edge = np.flatnonzero(touched).astype(np.int32)
    whole = Stretches(
        edge, np.zeros(len(edge)), ways.length[edge], at_node[ways.start[edge]], at_node[ways.end[edge]]
    )
    return Stretches._make(map(np.concatenate, zip(whole, _divided(ways, doors, own, limit), strict=True)))


def _divided(ways: Ways, doors: Snapped, own: Integers, limit: float) -> Stretches:
    edge = np.concatenate([own, own, doors.edge[doors.on]])
    at = np.concatenate([np.zeros(len(own)), ways.length[own], doors.at[doors.on]])
    order = np.lexsort((at, edge))
    edge, at = edge[order], at[order]
    marks = Snapped(edge, at, np.zeros(len(edge)), doors.places)
    metres = ways.nearest(marks, doors._replace(owner=None), limit)
    same = np.flatnonzero(edge[1:] == edge[:-1])
    return Stretches(edge[same], at[same], at[same + 1], metres[same], metres[same + 1])
