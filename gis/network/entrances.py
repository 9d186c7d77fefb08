"""Entrances 出入口 of facilities of any shape."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import shapely
from geopandas import GeoDataFrame, GeoSeries
from numpy.typing import NDArray

from gis.frames import shapes_of
from gis.network.lines import Floats, Integers, Lines, Polylines, spread
from gis.network.snap import OFF, SegmentIndex, nearest_edge
from gis.ranges import above_zero

SPACING = 30.0
CORNER = 1.0
"""Metres: a vertex whose neighbours pass it at less is no corner."""


class Enterable(Protocol):
    """Edges that places are entered from."""

    @property
    def index(self) -> tuple[SegmentIndex, ...]:
        """Their segments, to be searched by point."""

    @property
    def geometry(self) -> Lines:
        """Their courses."""

    @property
    def edge_tree(self) -> shapely.STRtree:
        """The same, to be searched by shape."""


def entrances(
    polygons: GeoSeries | GeoDataFrame | NDArray[np.object_], net: Enterable, spacing: float = SPACING
) -> tuple[Floats, Integers]:
    """Where places of any shape are entered from the streets (出入口).

    Parameters
    ----------
    polygons
        Geometries in the CRS of the network. A point is its own entrance; a line is entered along its course.
    net
        The network to enter from.
    spacing
        Metres between the points that are tried along a boundary, and the most that one of them may lie from
        an edge.

    Returns
    -------
    tuple of ndarray
        Coordinates of the entrances, shape (e, 2), and the position of the place of each, ascending. A
        missing or empty geometry has none.

    Raises
    ------
    InvalidGeometry
        A polygon crosses itself, or a shape is a collection.
    BadParameter
        The spacing is not above zero.

    Notes
    -----
    The entrances are the places where edges cross the boundary, the place of it that is nearest to the
    network, and those of its corners and of points at most ``spacing`` metres apart along it that lie within
    ``spacing`` of an edge, as the Global Healthy and Sustainable City Indicators take them for open space.
    """
    above_zero(spacing=spacing)
    shapes = shapes_of(GeoSeries(polygons) if isinstance(polygons, np.ndarray) else polygons)
    dimension = shapely.get_dimensions(shapes)
    points, outlined = np.flatnonzero(dimension == 0), np.flatnonzero(dimension > 0)
    outline = shapes[outlined]
    area = dimension[outlined] == 2
    outline[area] = shapely.boundary(outline[area])
    point, of_point = shapely.get_coordinates(shapes[points], return_index=True)
    tried, of_tried = _every(outline, spacing)
    near = nearest_edge(net.index, tried, spacing).edge != OFF
    met, of_met = _meeting(outline, net)
    owner = np.concatenate([points[of_point], outlined[of_tried[near]], outlined[of_met]])
    entrance = np.unique(np.column_stack([owner, np.concatenate([point, tried[near], met])]), axis=0)
    return entrance[:, 1:], entrance[:, 0].astype(np.int64)


def _every(lines: Lines, spacing: float) -> tuple[Floats, Integers]:
    """The corners of lines, points evenly along each part from start to end, and the line of each."""
    parts, whole = shapely.get_parts(lines, return_index=True)
    course = Polylines.of(parts)
    steps = np.maximum(np.ceil(course.length / spacing), 1).astype(np.int64)
    ordinal, part = spread(np.zeros_like(steps), steps + 1)
    even = course.place(part, ordinal * (course.length / steps)[part])
    outline = shapely.simplify(lines, CORNER, preserve_topology=False)
    corner, of_corner = shapely.get_coordinates(outline, return_index=True)
    return np.concatenate([even, corner]), np.concatenate([whole[part], of_corner])


def _meeting(lines: Lines, net: Enterable) -> tuple[Floats, Integers]:
    """Where edges cross lines, the place nearest to an edge of each other line, and the line of each."""
    crossed, edge = net.edge_tree.query(lines, predicate="intersects")
    crossing, position = shapely.get_coordinates(
        shapely.intersection(lines[crossed], net.geometry[edge]), return_index=True
    )
    apart = np.ones(len(lines), bool)
    apart[crossed] = False
    other = np.flatnonzero(apart)
    which, edge = net.edge_tree.query_nearest(lines[other], all_matches=True)
    bridge = shapely.shortest_line(lines[other[which]], net.geometry[edge])
    nearest = shapely.get_coordinates(shapely.get_point(bridge, 0))
    return np.concatenate([crossing, nearest]), np.concatenate([crossed[position], other[which]])
