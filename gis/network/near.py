"""All homes and facilities within a walking distance of each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from geopandas import GeoSeries

from gis.network.graph import Arcs
from gis.network.lines import Floats, Integers, spread
from gis.network.snap import Snapped
from gis.network.ways import Ways, inside

FACILITIES_AT_ONCE = 64
HOMES_AT_ONCE = 1 << 15


class Pairs(NamedTuple):
    """Positions of homes and facilities, and the metres between them."""

    home: Integers
    facility: Integers
    metres: Floats

    def lower(self, table: Floats, home: Integers) -> None:
        """Lower a table of homes, ascending, by facilities to these metres."""
        here = np.flatnonzero((self.home >= home[0]) & (self.home <= home[-1]))
        row = np.searchsorted(home, self.home[here])
        np.minimum.at(table, (row, self.facility[here]), self.metres[here])


class ByEdge(NamedTuple):
    """Places by their edges: their positions, and the position in these of the first of each edge."""

    place: Integers
    first: Integers

    @classmethod
    def of(cls, places: Snapped, edges: int) -> ByEdge:
        """Sort places by edge."""
        place = np.argsort(places.edge, kind="stable")
        return cls(place, np.searchsorted(places.edge[place], np.arange(edges + 1)))

    def on(self, edge: Integers) -> tuple[Integers, Integers]:
        """The places on edges, and the position of the edge of each."""
        position, which = spread(self.first[edge], self.first[edge + 1] - self.first[edge])
        return self.place[position], which


class Search(NamedTuple):
    """What the search for pairs goes by.

    Attributes
    ----------
    ways, homes, doors
        The network and the places on it.
    limit
        Metres.
    by_edge
        The homes by their edges.
    inner
        Homes in polygons of facilities, and those facilities.
    """

    ways: Ways
    homes: Snapped
    doors: Snapped
    limit: float
    by_edge: ByEdge
    inner: tuple[Integers, Integers]

    @classmethod
    def of(
        cls, ways: Ways, homes: Snapped, doors: Snapped, limit: float, by_edge: ByEdge | None = None
    ) -> Search:
        """Sort the homes by edge, where they are not given so, and find those in polygons."""
        by_edge = by_edge or ByEdge.of(homes, len(ways.length))
        return cls(ways, homes, doors, limit, by_edge, inside(homes, doors))

    def all_pairs(self) -> Pairs:
        """Each pair once, sorted by the positions of home and facility."""
        none = Pairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
        found = Pairs(*map(np.concatenate, zip(none, *self.pairs(), strict=True)))
        order = np.lexsort((found.facility, found.home))
        return Pairs(found.home[order], found.facility[order], found.metres[order])

    def pairs(self) -> Iterator[Pairs]:
        """Each pair once, in no order.

        Notes
        -----
        The facilities are taken some at a time, neighbours together. One search finds the nodes that any of
        them reaches; one for each of them follows, in the graph of those nodes.
        """
        owners = self.doors.owners
        if not len(owners):
            return
        facility, first = np.unique(owners, return_index=True)
        count = np.diff(np.append(first, len(owners)))
        order = self._side_by_side(first)
        for begin in range(0, len(order), FACILITIES_AT_ONCE):
            some = np.sort(order[begin : begin + FACILITIES_AT_ONCE])
            row, source = spread(first[some], count[some])
            yield from self._of_some(facility[some], row, source)

    def _side_by_side(self, door: Integers) -> Integers:
        """Order doors along a Hilbert curve."""
        xy = self.ways.node_xy[self.ways.start[self.doors.edge[door]]]
        return np.argsort(GeoSeries.from_xy(*xy.T).hilbert_distance().to_numpy(), kind="stable")

    def _of_some(self, facility: Integers, row: Integers, source: Integers) -> Iterator[Pairs]:
        """The pairs of some facilities, whose doors are ``row``, each of the facility numbered ``source``."""
        on = self.doors.on[row]
        row, source = row[on], source[on]
        doors = Snapped(self.doors.edge[row], self.doors.at[row], self.doors.leg[row], self.doors.places)
        number, metres = self._to_nodes(doors, source, len(facility))
        beside, door = self.by_edge.on(doors.edge)
        direct = Pairs(beside, source[door], np.abs(self.homes.at[beside] - doors.at[door]) + doors.leg[door])
        enclosed = np.isin(self.inner[1], facility)
        inner = Pairs(
            self.inner[0][enclosed],
            np.searchsorted(facility, self.inner[1][enclosed]),
            np.zeros(enclosed.sum()),
        )
        reached = self._homes_reached(number, len(metres) - 1, doors.edge)
        beyond = np.unique(inner.home[~np.isin(inner.home, reached)])
        homes = np.sort(np.concatenate([reached, beyond]))
        for begin in range(0, len(homes), HOMES_AT_ONCE):
            home = homes[begin : begin + HOMES_AT_ONCE]
            table = self._by_nodes(home, number, metres)
            direct.lower(table, home)
            table += self.homes.leg[home, None]
            inner.lower(table, home)
            row, which = np.nonzero(table <= self.limit)
            yield Pairs(home[row], facility[which], table[row, which])

    def _to_nodes(self, doors: Snapped, source: Integers, facilities: int) -> tuple[Integers, Floats]:
        """The row of each node in a table of metres from facilities, and that table.

        It has a row for each node that any of them reaches, and a last one, all inf, for the other nodes.
        """
        reached = np.isfinite(self.ways.node_distances(doors, self.limit))
        number = np.where(reached, np.cumsum(reached) - 1, reached.sum()).astype(np.int32)
        arcs = self.ways.arcs(doors, source)
        kept = reached[arcs.node]
        arcs = Arcs(arcs.source[kept], number[arcs.node[kept]], arcs.metres[kept])
        metres = np.full((int(reached.sum()) + 1, facilities), np.inf)
        metres[:-1] = self.ways.graph.among(reached).distances(arcs, facilities, self.limit).T
        return number, metres

    def _homes_reached(self, number: Integers, none: int, own: Integers) -> Integers:
        """The homes on edges of which a node is reached (its number is not ``none``), and on ``own`` ones."""
        touched = np.minimum(number[self.ways.start], number[self.ways.end]) < none
        touched[own] = True
        return self.by_edge.on(np.flatnonzero(touched))[0]

    def _by_nodes(self, home: Integers, number: Integers, metres: Floats) -> Floats:
        """Metres between homes' places on their edges and facilities, by the nodes of the edges."""
        edge, at = self.homes.edge[home], self.homes.at[home]
        by_start = metres[number[self.ways.start[edge]]] + at[:, None]
        by_end = metres[number[self.ways.end[edge]]] + (self.ways.length[edge] - at)[:, None]
        return np.minimum(by_start, by_end, out=by_start)
