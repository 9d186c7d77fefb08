"""Distances of nodes after a change of edges: only those that the change reaches are computed anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from gis.network.graph import Graph
from gis.network.lines import Flags, Floats, Integers, spread
from gis.network.snap import OFF, Snapped
from gis.network.ways import Ways

FEW = 1000
"""Edges that go or come; where more do, all is computed anew."""


class Renewal(NamedTuple):
    """Ways before and after a change.

    Attributes
    ----------
    before, after
        The ways.
    edge, node
        New number of each old edge and node, -1: gone.
    """

    before: Ways
    after: Ways
    edge: Integers
    node: Integers

    @classmethod
    def of(cls, before: Ways, after: Ways, edge: Integers) -> Renewal | None:
        """Match the nodes by the edges that stay; None where they do not match, or too many edges change."""
        stay = np.flatnonzero(edge != OFF)
        few = len(edge) - len(stay) <= FEW and len(after.length) - len(stay) <= FEW
        node = np.full(len(before.node_xy), OFF)
        new = edge[stay]
        node[before.start[stay]], node[before.end[stay]] = after.start[new], after.end[new]
        same = (node[before.start[stay]] == after.start[new]) & (node[before.end[stay]] == after.end[new])
        known = node[node != OFF]
        if not few or not same.all() or (np.bincount(known) > 1).any():
            return None
        return cls(before, after, edge, node)

    @property
    def _old(self) -> Integers:
        """The old number of each node, -1: there was none."""
        old = np.full(len(self.after.node_xy), OFF)
        known = np.flatnonzero(self.node != OFF)
        old[self.node[known]] = known
        return old

    @property
    def added(self) -> Flags:
        """Which edges come."""
        added = np.ones(len(self.after.length), bool)
        added[self.edge[self.edge != OFF]] = False
        return added

    def distances(
        self, at_node: Floats, doors: Sequence[Snapped], doors_before: Sequence[Snapped]
    ) -> tuple[Floats, Integers]:
        """Metres from each node to the nearest of several sets of doors.

        Parameters
        ----------
        at_node
            What they were before the change, of the same sets.
        doors, doors_before
            The sets on the edges after and before the change.

        Returns
        -------
        tuple of ndarray
            Metres, shape (sets, nodes), and the nodes of which they may have changed.

        Notes
        -----
        After Ramalingam and Reps (1996): what was reached over an edge or a door that is gone is unknown;
        from its known neighbours, the edges that come and the doors the distances spread until none falls.
        The outcome is that of a search from the doors, to the bit: a sum along a way never falls where its
        first term grows, so that both find the least of the same sums.
        """
        nodes = len(self.after.node_xy)
        table = np.take(at_node, self._old, axis=1)
        table[:, self._old == OFF] = np.inf
        door = np.full(table.size, np.inf)
        for number, some in enumerate(doors):
            arcs = self.after.arcs(some, np.full_like(some.edge, number))
            np.minimum.at(door, arcs.source * nodes + arcs.node, arcs.metres)
        spreading = Spreading(self.after.graph, nodes, table.ravel(), door)
        unknown = spreading.forget(self._lost(at_node, doors_before))
        ends = np.concatenate([self.after.start[self.added], self.after.end[self.added]])
        beside = (np.arange(len(doors))[:, None] * nodes + ends).ravel()
        nearer = spreading.settle(np.unique(np.concatenate([unknown, beside])))
        return table, np.unique(np.concatenate([unknown, nearer]) % nodes)

    def _lost(self, at_node: Floats, doors: Sequence[Snapped]) -> Integers:
        """Places whose shortest way may have led over an edge that is gone, or from a door."""
        before, nodes = self.before, len(self.after.node_xy)
        gone = np.flatnonzero(self.edge == OFF)
        tail = np.concatenate([before.start[gone], before.end[gone]])
        head = np.concatenate([before.end[gone], before.start[gone]])
        length = np.concatenate([before.length[gone], before.length[gone]])
        of_set, arc = np.nonzero(at_node[:, tail] + length == at_node[:, head])
        lost = [of_set * nodes + self.node[head[arc]]]
        node = [self.node[head[arc]]]
        for number, some in enumerate(doors):
            arcs = before.arcs(some, np.full_like(some.edge, number))
            tight = arcs.node[arcs.metres == at_node[number, arcs.node]]
            lost.append(number * nodes + self.node[tight])
            node.append(self.node[tight])
        return np.unique(np.concatenate(lost)[np.concatenate(node) != OFF])


class Spreading(NamedTuple):
    """Distances of several sets of doors, at places: of set s and node n the place is s x nodes + n."""

    graph: Graph
    nodes: int
    metres: Floats
    door: Floats

    def forget(self, place: Integers) -> Integers:
        """Take places, and those reached over them, for as far as their other neighbours say; return them.

        What a door is as near to as ever stays known.
        """
        lost = np.zeros(len(self.metres), bool)
        while len(place := place[~lost[place] & (self.door[place] > self.metres[place])]):
            lost[place] = True
            tail, head, length = self._arcs(place)
            place = np.unique(head[self.metres[place][tail] + length == self.metres[head]])
        found = np.flatnonzero(lost)
        self.metres[found] = np.inf
        tail, head, length = self._arcs(found)
        np.minimum.at(self.metres, found[tail], self.metres[head] + length)
        return found

    def settle(self, place: Integers) -> Integers:
        """Let the distances of doors and places spread until none falls; return those that fell."""
        nearer = np.flatnonzero(self.door < self.metres)
        self.metres[nearer] = self.door[nearer]
        fell: list[Integers] = [nearer]
        place = np.concatenate([place, nearer])
        while len(place):
            tail, head, length = self._arcs(place)
            metres = self.metres[place][tail] + length
            falls = np.flatnonzero(metres < self.metres[head])
            np.minimum.at(self.metres, head[falls], metres[falls])
            place = np.unique(head[falls])
            fell.append(place)
        return np.concatenate(fell)

    def _arcs(self, place: Integers) -> tuple[Integers, Integers, Floats]:
        """The arcs out of places: the position of the place, the place at the other end, and metres."""
        node = place % self.nodes
        first = self.graph.first[node]
        arc, tail = spread(first, self.graph.first[node + 1] - first)
        return tail, (place - node)[tail] + self.graph.head[arc], self.graph.metres[arc]
