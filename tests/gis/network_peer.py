"""A second implementation of the walking network, slow and plain: networkx over streets cut at places."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely

CRS = "EPSG:4547"


def streets_of(lines, crs=CRS, **columns):
    """A frame of lines; a line is given by its coordinates or as a geometry."""
    shapes = [shapely.LineString(line) if isinstance(line, list | np.ndarray) else line for line in lines]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)


def lattice(cells, spacing):
    """The streets of cells x cells square blocks, one a side of a block."""
    at = np.arange(cells + 1) * float(spacing)
    across = [[(x, y), (x + spacing, y)] for y in at for x in at[:-1]]
    up = [[(x, y), (x, y + spacing)] for x in at for y in at[:-1]]
    return streets_of(across + up)


def town(rng, nodes=12, streets=18, size=300.0):
    """Random streets: some bent, some loops, some parallel; not always in one piece."""
    xy = rng.uniform(0, size, (nodes, 2)).round(1)
    lines = []
    for one, other in rng.integers(0, nodes, (streets, 2)):
        bends = rng.uniform(0, size, (2 if one == other else rng.integers(0, 3), 2)).round(1)
        lines.append(np.array([xy[one], *bends, xy[other]]))
    return streets_of(lines)


def places(rng, count, size=300.0):
    """Random places in a town and a little beyond it."""
    return rng.uniform(-30, size + 30, (count, 2)).round(1)


class Peer:
    """Distances between origins and facilities over lines that meet where their ends are equal, rounded."""

    def __init__(self, lines, origins, facilities, max_snap=100.0, access_legs=True, precision=0.01):
        self.lines = np.array(list(lines))
        self.precision = precision
        self.legs = access_legs
        self.graph = nx.MultiGraph()
        self.cuts = defaultdict(list)
        for kind, xy in (("origin", origins), ("facility", facilities)):
            for number, place in enumerate(xy):
                self._add((kind, number), shapely.Point(place), max_snap)
        for number, line in enumerate(self.lines):
            self._link(number, line)

    def _add(self, name, point, max_snap):
        self.graph.add_node(name)
        away = shapely.distance(self.lines, point)
        # Of a line that is drawn twice both distances may differ by a bit: the first is taken.
        edge = int(np.flatnonzero(away <= away.min() + 1e-9)[0])
        if away[edge] <= max_snap:
            leg = away[edge] if self.legs else 0.0
            self.graph.add_edge(name, ("foot", name), weight=leg)
            self.cuts[edge].append((self.lines[edge].project(point), ("foot", name)))

    def _link(self, number, line):
        ends = [tuple(np.round(np.array(line.coords[at]) / self.precision)) for at in (0, -1)]
        marks = [(0.0, ends[0]), (line.length, ends[1]), *self.cuts[number]]
        for (begin, one), (end, other) in pairwise(sorted(marks, key=lambda mark: mark[0])):
            self.graph.add_edge(one, other, weight=end - begin)

    def table(self, origins, facilities):
        """Metres, a row an origin and a column a facility."""
        found = np.full((origins, facilities), np.inf)
        for number in range(facilities):
            metres = nx.single_source_dijkstra_path_length(self.graph, ("facility", number))
            found[:, number] = [metres.get(("origin", origin), np.inf) for origin in range(origins)]
        return found
