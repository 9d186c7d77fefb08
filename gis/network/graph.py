"""Shortest ways over the nodes of a network."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gis.network.lines import Flags, Floats, Integers, spread


class Arcs(NamedTuple):
    """Ways into nodes from sources beside the graph: (source, node, metres), in any order."""

    source: Integers
    node: Integers
    metres: Floats


class Graph(NamedTuple):
    """Arcs out of each node in compressed rows (CSR)."""

    first: Integers
    head: Integers
    metres: Floats

    @classmethod
    def of(cls, start: Integers, end: Integers, length: Floats, nodes: int) -> Graph:
        """Both ways along edges; loops lead nowhere and are left out."""
        apart = start != end
        start, end, length = start[apart], end[apart], length[apart]
        tail, head = np.concatenate([start, end]), np.concatenate([end, start])
        return cls._of(tail, head, np.concatenate([length, length]), nodes)

    @classmethod
    def _of(cls, tail: Integers, head: Integers, metres: Floats, rows: int) -> Graph:
        order = np.argsort(tail, kind="stable")
        first = np.zeros(rows + 1, np.int32)
        np.cumsum(np.bincount(tail, minlength=rows), out=first[1:])
        return cls(first, head[order].astype(np.int32), metres[order])

    def distances(self, arcs: Arcs, sources: int, limit: float) -> Floats:
        """Metres from each source to each node, shape (sources, nodes); inf beyond ``limit``.

        Notes
        -----
        The sources are added as further rows that no arc leads into (Dijkstra 1959, with a super-source).
        """
        nodes = len(self.first) - 1
        added = Graph._of(arcs.source, arcs.node, arcs.metres, sources)
        first = np.concatenate([self.first, self.first[-1] + added.first[1:]])
        head, metres = np.concatenate([self.head, added.head]), np.concatenate([self.metres, added.metres])
        graph = csr_array((metres, head, first), shape=(nodes + sources, nodes + sources))
        found: Floats = dijkstra(graph, indices=np.arange(nodes, nodes + sources), limit=limit)
        return found[:, :nodes]

    def among(self, kept: Flags) -> Graph:
        """The graph of some nodes, numbered anew in their order."""
        nodes = np.flatnonzero(kept)
        number = np.cumsum(kept) - 1
        arc, tail = spread(self.first[nodes], self.first[nodes + 1] - self.first[nodes])
        inner = kept[self.head[arc]]
        arc, tail = arc[inner], tail[inner]
        return Graph._of(tail, number[self.head[arc]], self.metres[arc], len(nodes))
