"""Street lines as a network: built, reported, changed, and joined by places."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame, GeoSeries
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS
from shapely import GeometryType

from gis.errors import N_, BadParameter, EmptyNetwork
from gis.frames import require_metric
from gis.network.edges import Edges, NetworkReport, join_ends, report_of
from gis.network.entrances import entrances
from gis.network.graph import Graph
from gis.network.lines import Flags, Floats, Integers, Lines, Polylines
from gis.network.noding import split_crossings
from gis.network.resnap import coordinates, resnapped
from gis.network.snap import OFF, SegmentIndex, Snapped, nearest_edge
from gis.network.streets import Streets, read_streets
from gis.network.ways import Ways
from gis.ranges import above_zero, from_zero

Places = GeoSeries | GeoDataFrame | NDArray[Any] | Snapped
MAX_SNAP = 100.0


class Change(NamedTuple):
    """A network before a change, and the number that each of its edges bears afterwards; -1: it is gone."""

    network: StreetNetwork
    number: Integers


@dataclass(frozen=True, eq=False, repr=False)
class StreetNetwork:
    """Streets as edges between nodes, made by ``from_edges``.

    Edges and nodes are numbered from 0. An edge runs from its first vertex to its last.
    """

    crs: CRS
    precision: float
    noding: bool
    names: pd.Index[Any]
    fate: NDArray[np.int8]
    streets: Streets
    course: Polylines
    edges: Edges
    change: Change | None = None

    @classmethod
    def from_edges(
        cls,
        edges: GeoDataFrame | GeoSeries,
        walkable: str | ArrayLike | None = None,
        *,
        noding: bool = False,
        precision: float = 0.01,
    ) -> Self:
        """Build a network from street lines.

        Parameters
        ----------
        edges
            Lines in a projected CRS in metres. The columns ``from_node`` and ``to_node``, or else ``u`` and
            ``v``, name the nodes; ends of one name are one node. An end without a name, and every end where
            there are no such columns, is known by its place.
        walkable
            A column or an array of truth values; a missing one counts as true. None: all may be walked.
        noding
            Split lines where they cross or touch. Those of the columns ``bridge``, ``tunnel`` and ``layer``
            of OpenStreetMap that are there keep lines of different levels apart where they cross; an end that
            lies on another line joins it on any level.
        precision
            Metres, above zero, to which coordinates are rounded to tell a place.

        Raises
        ------
        MissingCRS, GeographicCRS
            The frame declares no CRS, or one that is not in metres.
        NotALine, InvalidGeometry
            A shape is not a line, or not finite.
        EmptyNetwork
            No line is left.
        BadParameter
            The precision is not above zero.
        """
        above_zero(precision=precision)
        crs = require_metric(edges)
        streets, fate, names = read_streets(edges, walkable, pd.Index([]))
        if noding and len(streets.line):
            streets = split_crossings(streets, precision)
        course = Polylines.of(streets.line)
        joined = _joined(streets, course, precision)
        return cls(crs, precision, noding, names, fate, streets, course, joined)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self.start):,} edges, {len(self.node_xy):,} nodes>"

    @cached_property
    def report(self) -> NetworkReport:
        """What became of the lines given."""
        return report_of(self.fate, self.streets, self.edges)

    @property
    def node_xy(self) -> Floats:
        """Coordinates of the nodes, shape (n, 2)."""
        return self.edges.node_xy

    @property
    def start(self) -> Integers:
        """Node at the first vertex of each edge."""
        return self.edges.start

    @property
    def end(self) -> Integers:
        """Node at the last vertex of each edge."""
        return self.edges.end

    @cached_property
    def geometry(self) -> Lines:
        """Course of each edge."""
        return self.streets.line[self.edges.street]

    @cached_property
    def source(self) -> Integers:
        """Position of the row that each edge was read from."""
        return self.streets.row[self.edges.street]

    @cached_property
    def length(self) -> Floats:
        """Metres of each edge."""
        return self.lines.length

    def snap(self, places: Places, max_snap: float = MAX_SNAP) -> Snapped:
        """Snap places onto the nearest edges.

        Parameters
        ----------
        places
            Geometries in the CRS of the network, or coordinates of shape (n, 2). Lines and polygons are
            snapped by their entrances.
        max_snap
            Metres; a place farther than this from every edge is on none.

        Raises
        ------
        MissingCRS, MixedCRS
            The places are a frame or series that declares no coordinate system, or another one.
        BadParameter
            ``max_snap`` is below zero or no number.
        """
        from_zero(max_snap=max_snap)
        if isinstance(places, Snapped):
            return places
        shapes = self._shapes(places)
        if shapes.dtype == object and (shapely.get_type_id(shapes) > GeometryType.POINT).any():
            xy, owner = entrances(shapes, self)
            return Snapped(*nearest_edge(self.index, xy, max_snap)[:3], shapes, owner)
        return Snapped(*nearest_edge(self.index, coordinates(shapes), max_snap)[:3], shapes)

    def changed(
        self,
        added: GeoDataFrame | GeoSeries | None = None,
        removed: ArrayLike | None = None,
        walkable: str | ArrayLike | None = None,
    ) -> Self:
        """The network of the streets without some and with others (情景), sooner than ``from_edges``.

        Parameters
        ----------
        added
            Lines as for ``from_edges``. They join the network at their ends, and where they cross it if it
            was built with ``noding``.
        removed
            Positions of rows, as in ``source``. In the new network the rows that are left are numbered anew,
            and those added follow.
        walkable
            Which of the added lines may be walked.

        Raises
        ------
        BadParameter
            A position is not that of a row.
        EmptyNetwork
            No street is left.
        """
        left = np.ones(len(self.fate), bool)
        left[_positions(removed, len(left))] = False
        number = np.cumsum(left) - 1
        new, fate, names = self._read(added, walkable, int(left.sum()))
        stay = left[self.streets.row]
        if self.noding and len(new.line):
            crossed = self._crossed(new) & stay
            new = split_crossings(self.streets.take(crossed).renumbered(number).joined(new), self.precision)
            stay &= ~crossed
        kept = np.flatnonzero(stay)
        streets = self.streets.take(kept).renumbered(number).joined(new)
        course = self.course if stay.all() else self.course.take(kept)
        course = course.joined(Polylines.of(new.line))
        edges = _joined(streets, course, self.precision)
        change = Change(self, self._numbers(kept, len(streets.line), edges))
        fate = np.concatenate([self.fate[left], fate])
        return replace(
            self, names=names, fate=fate, streets=streets, course=course, edges=edges, change=change
        )

    def resnap(self, snapped: Snapped, max_snap: float = MAX_SNAP) -> Snapped:
        """What ``snap`` would make of the same places after a change, from what it made of them before."""
        from_zero(max_snap=max_snap)
        if self.change is None:
            return snapped
        return resnapped(self, self.change.network, self.change.number, snapped, max_snap)

    def require_crs(self, places: GeoSeries | GeoDataFrame) -> None:
        """Refuse places that are not in the CRS of the network; raises MissingCRS and MixedCRS."""
        require_metric(GeoSeries(crs=self.crs), places)

    @cached_property
    def lines(self) -> Polylines:
        """The vertices of the edges."""
        return self.course.take(self.edges.street)

    @cached_property
    def ways(self) -> Ways:
        """The edges between nodes, and the graph that they make."""
        graph = Graph.of(self.start, self.end, self.length, len(self.node_xy))
        return Ways(self.start, self.end, self.length, self.node_xy, graph)

    @cached_property
    def edge_tree(self) -> shapely.STRtree:
        """The edges, to be searched by shape."""
        return shapely.STRtree(self.geometry)

    @cached_property
    def street_tree(self) -> shapely.STRtree:
        """The streets, to be searched by shape."""
        return shapely.STRtree(self.streets.line)

    @cached_property
    def index(self) -> tuple[SegmentIndex, ...]:
        """The segments of the edges, to be searched by point."""
        return (*self._index_before, self._index_added)

    @cached_property
    def _index_before(self) -> tuple[SegmentIndex, ...]:
        if self.change is None:
            return ()
        number = self.change.number
        return tuple(part.renumbered(number) for part in self.change.network.index)

    @cached_property
    def added(self) -> Integers:
        """Edges that the network before a change did not have; all where there was none."""
        added = np.ones(len(self.length) + 1, bool)
        added[[] if self.change is None else self.change.number] = False
        return np.flatnonzero(added[:-1])

    @cached_property
    def _index_added(self) -> SegmentIndex:
        return SegmentIndex.of(self.lines.take(self.added), self.added.astype(np.int32))

    def _read(
        self, added: GeoDataFrame | GeoSeries | None, walkable: str | ArrayLike | None, rows: int
    ) -> tuple[Streets, NDArray[np.int8], pd.Index[Any]]:
        """Added streets, whose rows follow those that are left."""
        if added is None:
            return self.streets.take(np.empty(0, np.int64)), np.empty(0, np.int8), self.names
        self.require_crs(added)
        new, fate, names = read_streets(added, walkable, self.names)
        return new._replace(row=new.row + rows), fate, names

    def _crossed(self, new: Streets) -> Flags:
        """Streets that lines touch."""
        near = self.street_tree.query(new.line, predicate="dwithin", distance=self.precision)[1]
        crossed = np.zeros(len(self.streets.line), bool)
        crossed[near] = True
        return crossed

    def _numbers(self, left: Integers, streets: int, edges: Edges) -> Integers:
        """The new number of each edge, -1 where it is gone."""
        street = np.full(len(self.streets.line), -1)
        street[left] = np.arange(len(left))
        edge = np.full(streets + 1, OFF, np.int32)
        edge[edges.street] = np.arange(len(edges.street))
        return np.asarray(edge[street[self.edges.street]])

    def _shapes(self, places: GeoSeries | GeoDataFrame | NDArray[Any]) -> NDArray[Any]:
        if isinstance(places, GeoSeries | GeoDataFrame):
            self.require_crs(places)
            return _shapes(np.asarray(places.geometry.array, dtype=object))
        given = np.asarray(places)
        if given.dtype == object:
            return _shapes(given)
        if given.size == 0:
            return np.empty((0, 2))
        if given.ndim != 2 or given.shape[1] != 2:
            raise BadParameter(N_("Coordinates of shape (n, 2) are needed, not {shape}."), shape=given.shape)
        return given.astype(np.float64)


def _joined(streets: Streets, course: Polylines, precision: float) -> Edges:
    edges = join_ends(streets, course, precision)
    if not len(edges.street):
        raise EmptyNetwork(
            N_("No street is left to walk on."),
            remedy=N_("Check that the streets have a shape and a length, and which of them may be walked."),
        )
    return edges


def _positions(rows: ArrayLike | None, count: int) -> Integers:
    given = np.ravel(np.asarray([] if rows is None else rows))
    whole = np.issubdtype(given.dtype, np.integer) or not given.size
    wrong = given[(given < 0) | (given >= count)] if whole else given
    if wrong.size:
        raise BadParameter(
            N_("{position} is not the position of one of {count} streets."), position=wrong[0], count=count
        )
    return given.astype(np.int64)


def _shapes(given: NDArray[np.object_]) -> NDArray[np.object_]:
    shapes = given.copy()
    shapes[shapely.is_empty(given)] = None
    return shapes
