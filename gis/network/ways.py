"""Ways between places on edges: by the nodes at both ends of their edges, or along the one they share."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely

from gis.network.graph import Arcs, Graph
from gis.network.lines import Floats, Integers, running
from gis.network.snap import Snapped


class Ways(NamedTuple):
    """The edges between nodes, and the graph that they make."""

    start: Integers
    end: Integers
    length: Floats
    node_xy: Floats
    graph: Graph

    def node_distances(self, doors: Snapped, limit: float) -> Floats:
        """Metres from each node to the nearest door; inf beyond ``limit``."""
        metres: Floats = self.graph.distances(self.arcs(doors, np.zeros_like(doors.edge)), 1, limit)[0]
        return metres

    def nearest(self, homes: Snapped, doors: Snapped, limit: float, at_node: Floats | None = None) -> Floats:
        """Metres from each home to the nearest door; inf beyond ``limit``.

        ``at_node`` are the ``node_distances`` of the doors, where they are at hand.
        """
        at_node = self.node_distances(doors, limit) if at_node is None else at_node
        edge = homes.edge
        by_start = at_node[self.start[edge]] + homes.at
        by_end = at_node[self.end[edge]] + (self.length[edge] - homes.at)
        metres = np.minimum(np.minimum(by_start, by_end), along_edge(homes, doors)) + homes.leg
        metres[inside(homes, doors)[0]] = 0.0
        metres[metres > limit] = np.inf
        return metres

    def arcs(self, doors: Snapped, source: Integers) -> Arcs:
        """The ways from doors to the nodes of their edges; ``source`` numbers the facility of each."""
        on = doors.on
        edge, at, leg = doors.edge[on], doors.at[on], doors.leg[on]
        return Arcs(
            np.concatenate([source[on], source[on]]),
            np.concatenate([self.start[edge], self.end[edge]]),
            np.concatenate([leg + at, leg + (self.length[edge] - at)]),
        )


def along_edge(homes: Snapped, doors: Snapped) -> Floats:
    """Metres along the edge from each home to the nearest door on the same one, with its leg; else inf.

    Notes
    -----
    On an edge the distance to the nearest door is the lower envelope of one cone a door: of the doors before
    a place that with the least leg - at is nearest, of those behind it that with the least leg + at.
    """
    busy = np.zeros(max(homes.edge.max(initial=-1), doors.edge.max(initial=-1)) + 2, bool)
    busy[doors.edge] = True
    busy[-1] = False
    who = np.flatnonzero(busy[homes.edge])
    edge = np.concatenate([doors.edge, homes.edge[who]])
    at = np.concatenate([doors.at, homes.at[who]])
    leg = np.concatenate([doors.leg, np.full(len(who), np.inf)])
    order = np.lexsort((leg, at, edge))
    edge, at, leg = edge[order], at[order], leg[order]
    before = _least_so_far(leg - at, edge)
    behind = len(order) - 1 - _least_so_far((leg + at)[::-1], edge[::-1])[::-1]
    along = np.empty(len(order))
    along[order] = np.minimum(at - at[before] + leg[before], at[behind] - at + leg[behind])
    found = np.full(len(homes.edge), np.inf)
    found[who] = along[len(doors.edge) :]
    return found


def inside(homes: Snapped, doors: Snapped) -> tuple[Integers, Integers]:
    """Positions of homes that lie in a facility's polygon, and of those facilities."""
    nothing = np.empty(0, np.int64)
    if doors.owner is None:
        return nothing, nothing
    areas = np.flatnonzero(shapely.get_dimensions(doors.places) == 2)
    if not len(areas):
        return nothing, nothing
    found = shapely.STRtree(doors.places[areas]).query(homes.points, predicate="intersects")
    return found[0], areas[found[1]]


def _least_so_far(value: Floats, group: Integers) -> Integers:
    """Position of the least value up to each, within runs of one group; of equals the first."""

    def least(later: Integers, earlier: Integers) -> Integers:
        return np.where(value[earlier] <= value[later], earlier, later)

    return running(least, np.arange(len(value)), _ordinal(group))


def _ordinal(group: Integers) -> Integers:
    """Position of each value within its run of equal ones."""
    position = np.arange(len(group))
    new = np.ones(len(group), bool)
    new[1:] = group[1:] != group[:-1]
    return position - np.maximum.accumulate(np.where(new, position, 0))
