"""What two shapes share, in closed form: areas of polygons and lengths of lines inside polygons, by pairs.

A polygon is what lies above its lower edges less what lies above its upper ones. So nothing has to be cut:
the shared amount is a signed sum over pairs of edges that stand over the same ground from west to east. Units
that share an edge use the same numbers for it, with opposite signs: rounding takes from one what it gives the
other. A stretch of street that runs along an edge is measured as its two banks, one to the left and one to
the right of it, each as half: the units on either side have a bank each, however the edge is turned.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import GeometryType

from gis.frames import Amounts, Mask, Shapes, totals

AT_ONCE = 1 << 20
BANK = 1e-3
"""Metres from a street to its banks, and to an edge that it still runs along."""
PAD = 1e-2
Positions = NDArray[np.int64]
Ends = NDArray[np.complex128]


@dataclass(frozen=True)
class Edges:
    """Edges from their west to their east end, those of one shape in a row.

    Attributes
    ----------
    west, east, start, end
        x of the two ends, and y of the two ends.
    slope
        Rise of y over x; 0 for an upright edge.
    sign
        1 where the polygon lies above the edge, -1 where it lies below, 0 where it is upright; of a segment
        the part of its length that counts.
    first, count
        Position of the first edge of each shape, and how many it has.
    """

    west: Amounts
    east: Amounts
    start: Amounts
    end: Amounts
    slope: Amounts
    sign: Amounts
    first: Positions
    count: Positions

    @cached_property
    def foot(self) -> Ends:
        """The west ends as complex numbers."""
        return self.west + 1j * self.start

    @cached_property
    def head(self) -> Ends:
        """The east ends as complex numbers."""
        return self.east + 1j * self.end

    @cached_property
    def course(self) -> Ends:
        """The ways from the west ends to the east ends, as complex numbers."""
        return self.head - self.foot

    @cached_property
    def reach(self) -> Amounts:
        """How long they are."""
        return np.abs(self.course)

    def y(self, edge: Positions, x: Amounts) -> Amounts:
        """Return y of the edges at x."""
        return self.start[edge] + self.slope[edge] * (x - self.west[edge])


class Facing(NamedTuple):
    """Pairs of an edge of a shape and an edge of a land that may stand over the same ground."""

    pair: Positions
    edge: Positions
    below: Positions


def common_areas(lands: Shapes, shapes: Shapes, land: Positions, shape: Positions) -> Amounts:
    """Area that polygons share (相交面积), pair by pair.

    Parameters
    ----------
    lands, shapes
        Valid polygons and multipolygons, with or without holes, in metres.
    land, shape
        Positions in ``lands`` and in ``shapes``, one entry a pair.

    Returns
    -------
    ndarray
        m², one entry a pair.

    Notes
    -----
    The area of A in B is the sum over edges a of A and b of B, with the product of their signs, of the
    integral of -max(y_a - y_b, 0) over the x they have in common.

    Examples
    --------
    >>> squares = np.array([shapely.box(0, 0, 2, 2), shapely.box(1, 1, 4, 4)])
    >>> common_areas(squares, squares, np.array([0, 1]), np.array([1, 1])).tolist()
    [1.0, 9.0]
    """
    if not land.size:
        return np.empty(0)
    origin, shapes, shape = _near(lands, shapes, shape)
    ground, above = edges_of(lands, origin, by_west=True), edges_of(shapes, origin)
    areas = np.zeros(land.size)
    for facing in _facing(ground, above, land, shape):
        _, edge, below = facing
        west = np.maximum(above.west[edge], ground.west[below])
        width = np.maximum(np.minimum(above.east[edge], ground.east[below]) - west, 0)
        here = above.y(edge, west) - ground.y(below, west)
        there = here + (above.slope[edge] - ground.slope[below]) * width
        mean = _risen(here, there) * (np.maximum(here, 0) + np.maximum(there, 0)) / 2
        _add(areas, facing.pair, -above.sign[edge] * ground.sign[below] * mean * width)
    return np.maximum(areas, 0)


def common_lengths(lands: Shapes, lines: Shapes, land: Positions, line: Positions) -> Amounts:
    """Length of lines inside polygons (线在面内的长度), pair by pair.

    Parameters
    ----------
    lands, lines, land, line
        As in ``common_areas``, with lines in the place of the second polygons.

    Returns
    -------
    ndarray
        m, one entry a pair. A segment along an edge of one of the polygons, to a millimetre, counts by half
        on either side of it.
    """
    if not land.size:
        return np.empty(0)
    origin, lines, line = _near(lands, lines, line)
    ground = edges_of(lands, origin, by_west=True, upright=True)
    way = segments_of(lines, origin)
    lengths, along = _lengths(ground, way, land, line)
    if along.any():
        beside = np.isin(line, np.repeat(np.arange(lines.size), way.count)[along])
        lengths[beside], _ = _lengths(ground, _banks(way, along), land[beside], line[beside])
    return np.maximum(lengths, 0)


def _lengths(ground: Edges, way: Edges, land: Positions, line: Positions) -> tuple[Amounts, Mask]:
    """Length of lines inside polygons, pair by pair, and which segments run along an edge."""
    lengths, along = np.zeros(land.size), np.zeros(way.west.size, bool)
    for facing in _facing(ground, way, land, line):
        west = np.maximum(way.west[facing.edge], ground.west[facing.below])
        east = np.minimum(way.east[facing.edge], ground.east[facing.below])
        beside = np.flatnonzero(east - west >= -BANK)
        pair, edge, below = (column[beside] for column in facing)
        west, east = west[beside], east[beside]
        upright = way.east[edge] == way.west[edge]
        share = np.where(upright, _upright(way.west[edge], ground, below), _part(west, east, way, edge))
        here = way.y(edge, west) - ground.y(below, west)
        there = np.where(upright, way.end[edge], way.y(edge, east)) - ground.y(below, east)
        inside = share * _risen(here, there) * ground.sign[below] * (way.sign * way.reach)[edge]
        _add(lengths, pair, inside)
        along[edge[_together(ground, way, edge, below)]] = True
    return lengths, along


def _together(ground: Edges, way: Edges, edge: Positions, below: Positions) -> NDArray[np.intp]:
    """Which pairs of a segment and an edge run along each other as far as they lie side by side."""
    turn = np.abs((way.course[edge].conj() * ground.course[below]).imag)
    level = np.flatnonzero(turn <= 2 * BANK * np.maximum(way.reach[edge], ground.reach[below]))
    edge, below, length = edge[level], below[level], way.reach[edge[level]]
    # Ends of the edge as seen along the segment: how far on, and how far aside.
    ahead = way.course[edge].conj() / np.where(length > 0, length, 1)
    near, far = ((end[below] - way.foot[edge]) * ahead for end in (ground.foot, ground.head))
    near, far = np.where(near.real <= far.real, [near, far], [far, near])
    first, last = np.maximum(near.real, 0), np.minimum(far.real, length)
    rise = np.divide((far - near).imag, (far - near).real, out=np.zeros_like(first), where=last > first)
    aside = [np.abs(near.imag + rise * (on - near.real)) for on in (first, last)]
    found: NDArray[np.intp] = level[
        (last - first > np.minimum(BANK, length / 2)) & (np.maximum(*aside) <= BANK)
    ]
    return found


def _banks(way: Edges, along: Mask) -> Edges:
    """The segments, with two banks in the place of each that runs along an edge.

    A bank bends aside and ends where the segment does, so that none ends in another unit than its street.
    """
    foot, head, course = way.foot[along], way.head[along], way.course[along]
    aside = 1j * BANK * course / way.reach[along]
    left, right = ((foot + head) / 2 + side for side in (aside, -aside))
    begin = np.concatenate([way.foot[~along], foot, foot, left, right])
    end = np.concatenate([way.head[~along], left, right, head, head])
    quarters = np.tile(way.reach[along] / 4, 4)
    weight = np.concatenate([way.sign[~along], quarters / np.abs(end - begin)[-quarters.size :]])
    owner = np.repeat(np.arange(way.count.size), way.count)
    owner = np.concatenate([owner[~along], np.tile(owner[along], 4)])
    return _edges(np.vstack([begin.real, begin.imag, end.real, end.imag]), weight, owner, way.count.size)


def edges_of(shapes: Shapes, origin: Amounts, by_west: bool = False, upright: bool = False) -> Edges:
    """The edges of polygons, with the upright ones or without, counted from an origin for precision."""
    rings, owner, outer = _rings(shapes)
    steps, ring = _steps(rings, origin)
    x0, y0, x1, y1 = steps
    turn = np.sign(totals(ring, (y0 + y1) * (x0 - x1), rings.size)) * np.where(outer, 1, -1)
    sign = np.sign(x1 - x0) * turn[ring]
    kept = slice(None) if upright else sign != 0
    return _edges(steps[:, kept], sign[kept], owner[ring][kept], shapes.size, by_west)


def segments_of(lines: Shapes, origin: Amounts) -> Edges:
    """The segments of lines, each with the sign 1, counted from an origin."""
    plain = shapely.get_type_id(lines) == GeometryType.LINESTRING
    parts, owner = shapely.get_parts(lines[~plain], return_index=True)
    owner = np.concatenate([np.flatnonzero(plain), np.flatnonzero(~plain)[owner]])
    steps, part = _steps(np.concatenate([lines[plain], parts]), origin)
    return _edges(steps, np.ones(part.size), owner[part], lines.size)


def _near(lands: Shapes, shapes: Shapes, shape: Positions) -> tuple[Amounts, Shapes, Positions]:
    """An origin near the lands, and the shapes that occur in a pair."""
    used, position = np.unique(shape, return_inverse=True)
    return np.floor(shapely.total_bounds(lands)[:2]), shapes[used], position


def _rings(shapes: Shapes) -> tuple[Shapes, Positions, Mask]:
    """Rings of polygons, whose they are, and whether they are outer ones; a plain polygon is its own ring."""
    plain = shapely.get_type_id(shapes) == GeometryType.POLYGON
    plain &= shapely.get_num_interior_rings(shapes) == 0
    parts, owner = shapely.get_parts(shapes[~plain], return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    outer = np.r_[True, np.diff(part) > 0][: part.size]
    owner = np.concatenate([np.flatnonzero(plain), np.flatnonzero(~plain)[owner[part]]])
    return np.concatenate([shapes[plain], rings]), owner, np.r_[np.ones(plain.sum(), bool), outer]


def _steps(lines: Shapes, origin: Amounts) -> tuple[Amounts, Positions]:
    """Rows x0, y0, x1, y1 of each step of the lines from corner to corner, and whose it is."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    xy -= origin
    same = line[1:] == line[:-1]
    return np.vstack([xy[:-1][same].T, xy[1:][same].T]), line[:-1][same]


def _edges(steps: Amounts, sign: Amounts, owner: Positions, shapes: int, by_west: bool = False) -> Edges:
    west, start, east, end = np.where(steps[0] <= steps[2], steps, steps[[2, 3, 0, 1]])
    slope = np.divide(end - start, east - west, out=np.zeros_like(west), where=east > west)
    order = np.lexsort([west, owner]) if by_west else np.argsort(owner, kind="stable")
    count = np.bincount(owner[order], minlength=shapes)
    west, east, start, end = west[order], east[order], start[order], end[order]
    return Edges(west, east, start, end, slope[order], sign[order], np.cumsum(count) - count, count)


def _facing(ground: Edges, above: Edges, land: Positions, shape: Positions) -> Iterator[Facing]:
    """Edges of each pair that may stand over the same ground, about a million at a time."""
    pair, edge = _ragged(above.first[shape], above.count[shape])
    owner = np.repeat(np.arange(ground.count.size), ground.count)
    reach = np.zeros(ground.count.size)
    np.maximum.at(reach, owner, ground.east - ground.west)
    # One sorted row holds the edges of all lands: each land has a band of its own as wide as the widest x.
    low, high = ground.west.min(initial=0) - PAD, ground.west.max(initial=0) + PAD
    band = high - low + PAD
    row, at = owner * band + ground.west, land[pair]
    western = np.clip(above.west[edge] - reach[at] - PAD, low, high)
    eastern = np.clip(above.east[edge] + PAD, low, high)
    first = np.searchsorted(row, at * band + western)
    count = np.searchsorted(row, at * band + eastern) - first
    cuts = np.flatnonzero(np.diff(np.cumsum(count) // AT_ONCE)) + 1
    for part in np.split(np.arange(pair.size), cuts):
        entry, below = _ragged(first[part], count[part])
        yield Facing(pair[part][entry], edge[part][entry], below)


def _add(sums: Amounts, pair: Positions, amounts: Amounts) -> None:
    """Add to the sums of pairs that stand in ascending order, and look at no others."""
    if pair.size:
        low, high = pair[0], pair[-1] + 1
        sums[low:high] += totals(pair - low, amounts, high - low)


def _ragged(first: Positions, count: Positions) -> tuple[Positions, Positions]:
    """Each row's position as often as its count says, and the run of positions from its first one."""
    row = np.repeat(np.arange(count.size), count)
    return row, np.arange(row.size) + np.repeat(first - (np.cumsum(count) - count), count)


def _risen(here: Amounts, there: Amounts) -> Amounts:
    """The part of a straight way from one height to another that is above 0; half where it is level."""
    up = np.maximum(here, 0) + np.maximum(there, 0)
    both = np.abs(here) + np.abs(there)
    return np.asarray(np.divide(up, both, out=np.full_like(up, 0.5), where=both > 0))


def _part(west: Amounts, east: Amounts, way: Edges, edge: Positions) -> Amounts:
    whole = way.east[edge] - way.west[edge]
    return np.divide(np.maximum(east - west, 0), whole, out=np.zeros_like(whole), where=whole > 0)


def _upright(x: Amounts, ground: Edges, below: Positions) -> Amounts:
    west, east = ground.west[below], ground.east[below]
    return ((west < x) & (x <= east)) / 2 + ((west <= x) & (x < east)) / 2
