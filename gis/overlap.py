"""Which features lie in which units, and by how much (叠置分析): what densities and shares stand on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely.geometry.base import BaseGeometry

from gis.clipping import BANK, common_areas, common_lengths
from gis.frames import (
    Amounts,
    Mask,
    Places,
    Shapes,
    points_of,
    polygons_of,
    require_metric,
    shapes_of,
    sums,
)

ROUNDING = 1e-6
"""What two shapes share by rounding alone, in m² or m; of what is smaller than 1, that part of it."""
Positions = NDArray[np.int64]
Predicate = Callable[[Shapes, Shapes], Mask]


@dataclass(frozen=True)
class Overlap:
    """Pairs of a unit and a feature that share ground, ordered by unit and feature.

    Attributes
    ----------
    units
        How many units there are, with and without a feature.
    unit, feature
        Positions in the two frames, one entry a pair.
    amount
        What the pair shares: m² of a polygon, m of a line, 1 for a point.
    whole
        Each feature's own m², m or 1, by its position; NaN where it has no geometry.
    """

    units: int
    unit: Positions
    feature: Positions
    amount: Amounts
    whole: Amounts

    @cached_property
    def share(self) -> Amounts:
        """The part of the feature that lies in the unit, 0 to 1, one entry a pair."""
        return self.amount / self.whole[self.feature]

    @cached_property
    def first(self) -> Positions:
        """Where the pairs of each unit begin, and how many pairs there are."""
        return np.searchsorted(self.unit, np.arange(self.units + 1))

    def sum(self, values: ArrayLike | None = None) -> Amounts:
        """Sum of ``amount`` in each unit; of ``values`` (by feature) times ``share`` where they are given.

        A missing value makes the sums of the feature's units NaN.
        """
        given = self.amount if values is None else np.asarray(values, float)[self.feature] * self.share
        return sums(given, self.first)

    def count(self) -> Amounts:
        """How many features each unit shares ground with; one that several share counts in each."""
        return np.bincount(self.unit, minlength=self.units).astype(float)

    def without(self, keep: Mask) -> Overlap:
        """Leave out the pairs of the features that are not kept; positions stay."""
        kept = np.asarray(keep, bool)[self.feature]
        return Overlap(self.units, self.unit[kept], self.feature[kept], self.amount[kept], self.whole)

    def joined(self, other: Overlap) -> Overlap:
        """Append the features of another overlap with the same units; their positions follow these."""
        return _ordered(
            self.units,
            np.concatenate([self.unit, other.unit]),
            np.concatenate([self.feature, other.feature + self.whole.size]),
            np.concatenate([self.amount, other.amount]),
            np.concatenate([self.whole, other.whole]),
        )


class Pairs(NamedTuple):
    """Two features each, by their positions, of which the first comes first."""

    first: Positions
    second: Positions


class Pieces(NamedTuple):
    """The parts of features inside units, one row a pair."""

    unit: Positions
    feature: Positions
    shape: Shapes


def overlay(units: GeoDataFrame, features: Places) -> Overlap:
    """How much of each feature lies in each unit (叠置).

    Parameters
    ----------
    units
        Polygons in a projected CRS in metres; they may overlap each other. A missing one has no pair.
    features
        Points, lines or polygons in the same CRS; missing ones have no pair.

    Returns
    -------
    Overlap
        m² of polygons, m of lines, 1 for points as in ``members``. A line along a unit's edge counts by half
        there, so that the two units that share the edge have all of it and no more; one beside it, up to a
        millimetre, the more on its own side the farther it lies. A line of no length has no pair.

    Raises
    ------
    MissingCRS, MixedCRS, GeographicCRS
        The frames are not in one projected CRS in metres.
    NotAPolygon, InvalidGeometry
        A shape cannot be measured.
    """
    require_metric(units, features)
    lands, shapes = polygons_of(units), shapes_of(features)
    dimension = shapely.get_dimensions(shapes)
    parts = [
        _placed(measure(lands, shapes[at]), at)
        for kind, measure in enumerate((_points, _lines, _polygons))
        if (at := np.flatnonzero(dimension == kind)).size
    ]
    unit, feature, amount = (
        (np.concatenate(column) for column in zip(*parts, strict=True)) if parts else _NONE
    )
    return _ordered(len(units), unit, feature, amount, _whole(shapes, dimension))


def members(units: GeoDataFrame, points: Places) -> Overlap:
    """Which points lie in which units; of lines and polygons their centroids.

    A point on an edge belongs to the unit that holds it inside, and where none does to the first unit that
    touches it, so that units that tile the ground count each point once. Units that overlap each count it.

    Parameters
    ----------
    units, points
        As in ``overlay``.

    Returns
    -------
    Overlap
        ``amount`` and ``whole`` are 1.
    """
    require_metric(units, points)
    shapes = points_of(points)
    unit, feature, amount = _points(polygons_of(units), shapes)
    return _ordered(len(units), unit, feature, amount, _whole(shapes, shapely.get_dimensions(shapes)))


def assigned(units: GeoDataFrame, features: Places, to: ArrayLike) -> Overlap:
    """Features that belong to units by record, such as buildings by parcel number (归属), each as a whole.

    Parameters
    ----------
    units, features
        As in ``overlay``.
    to
        Position of each feature's unit; below zero: it belongs to none.
    """
    require_metric(units, features)
    shapes, unit = shapes_of(features), np.asarray(to, np.int64)
    whole = _whole(shapes, shapely.get_dimensions(shapes))
    belongs = np.flatnonzero((unit >= 0) & (whole > 0))
    return _ordered(len(units), unit[belongs], belongs, whole[belongs], whole)


def pieces(units: GeoDataFrame, features: Places) -> Pieces:
    """Cut polygons at the edges of the units (相交): as ``overlay``, with shapes instead of their areas."""
    require_metric(units, features)
    lands, shapes = polygons_of(units), polygons_of(features)
    unit, feature, inside = _meeting(lands, shapes, shapely.contains)
    shape = shapes[feature]
    shape[~inside] = shapely.intersection(lands[unit[~inside]], shape[~inside])
    # Where edges also run along each other, the land comes with lines; an empty buffer leaves them out.
    mixed = shapely.get_type_id(shape) == shapely.GeometryType.GEOMETRYCOLLECTION
    shape[mixed] = shapely.buffer(shape[mixed], 0)
    kept = shapely.get_dimensions(shape) == 2
    order = np.lexsort([feature[kept], unit[kept]])
    return Pieces(unit[kept][order], feature[kept][order], shape[kept][order])


def united(shapes: Shapes) -> BaseGeometry:
    """The land of polygons in one piece; sooner where they only meet and none lies on another.

    Examples
    --------
    >>> united(np.array([shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1)])).area
    3.0
    """
    union = shapely.coverage_union_all if shapely.coverage_is_valid(shapes) else shapely.union_all
    land: BaseGeometry = union(shapes)
    return land


def disjoint(shapes: Shapes) -> Shapes:
    """Merge polygons that overlap (合并), so that their areas add up without counting ground twice.

    Neighbours that only share an edge stay apart, and missing polygons are dropped.
    """
    known = shapes[~shapely.is_missing(shapes)]
    first, second = overlapping(known)
    links = coo_array((np.ones(first.size, bool), (first, second)), shape=(known.size, known.size))
    count, group = connected_components(links, directed=False)
    order = np.argsort(group, kind="stable")
    bundles = np.asarray(shapely.geometrycollections(known[order], indices=group[order]))
    merged = np.asarray(shapely.get_geometry(bundles, 0))
    several = np.bincount(group, minlength=count) > 1
    merged[several] = shapely.union_all(bundles[several][:, None], axis=1)
    return merged


def overlapping(shapes: Shapes) -> Pairs:
    """Pairs of polygons that lie over each other (重叠) by more than rounding."""
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    first, second = first[first < second], second[first < second]
    beyond = ~shapely.touches(shapes[first], shapes[second])
    beyond[beyond] = common_areas(shapes, shapes, first[beyond], second[beyond]) > ROUNDING
    return Pairs(first[beyond], second[beyond])


def doubled(shapes: Shapes, pairs: Pairs) -> Shapes:
    """The ground that two polygons and more lie on, in polygons that do not overlap.

    Examples
    --------
    >>> zones = np.array([shapely.box(0, 0, 3, 1), shapely.box(1, 0, 4, 1), shapely.box(2, 0, 5, 1)])
    >>> shapely.area(doubled(zones, overlapping(zones))).tolist()
    [3.0]
    """
    parts = shapely.get_parts(shapely.intersection(shapes[pairs.first], shapes[pairs.second]))
    return disjoint(parts[shapely.get_dimensions(parts) == 2])


_Pairs = tuple[Positions, Positions, Amounts]
_NONE: _Pairs = np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)


def _polygons(lands: Shapes, shapes: Shapes) -> _Pairs:
    unit, feature, inside = _meeting(lands, shapes, shapely.contains)
    amount = shapely.area(shapes)[feature]
    amount[~inside] = common_areas(lands, shapes, unit[~inside], feature[~inside])
    return _shared(
        unit, feature, amount, np.minimum(shapely.area(lands)[unit], shapely.area(shapes)[feature])
    )


def _lines(lands: Shapes, shapes: Shapes) -> _Pairs:
    unit, feature, inside = _meeting(lands, shapes, shapely.contains_properly, BANK)
    # One that may run along an edge is measured in all units beside it, even where one seems to hold it.
    inside[inside] = shapely.contains_properly(lands[unit[inside]], _around(shapes[feature[inside]], BANK))
    amount = shapely.length(shapes)[feature]
    amount[~inside] = common_lengths(lands, shapes, unit[~inside], feature[~inside])
    return _shared(
        unit, feature, amount, np.minimum(shapely.area(lands)[unit], shapely.length(shapes)[feature])
    )


def _points(lands: Shapes, shapes: Shapes) -> _Pairs:
    unit, feature, meets = _meeting(lands, shapes, shapely.intersects)
    unit, feature = unit[meets], feature[meets]
    contested = np.bincount(feature, minlength=shapes.size)[feature] > 1
    inside = ~contested
    inside[contested] = shapely.contains(lands[unit[contested]], shapes[feature[contested]])
    homeless = np.bincount(feature, weights=inside, minlength=shapes.size)[feature] == 0
    first = np.zeros(unit.size, bool)
    order = np.lexsort([unit, feature])
    first[order[np.unique(feature[order], return_index=True)[1]]] = True
    kept = inside | (homeless & first)
    return unit[kept], feature[kept], np.ones(np.count_nonzero(kept))


def _meeting(
    lands: Shapes, shapes: Shapes, within: Predicate, margin: float = 0.0
) -> tuple[Positions, Positions, Mask]:
    """Pairs whose bounds meet, to a margin in metres, and whether the feature lies within the unit."""
    unit, feature = shapely.STRtree(shapes).query(_around(lands, margin) if margin else lands)
    shapely.prepare(lands)
    return unit, feature, within(lands[unit], shapes[feature])


def _around(shapes: Shapes, margin: float) -> Shapes:
    west, south, east, north = shapely.bounds(shapes).T
    return np.asarray(shapely.box(west - margin, south - margin, east + margin, north + margin), object)


def _placed(pairs: _Pairs, at: NDArray[np.intp]) -> _Pairs:
    unit, feature, amount = pairs
    return unit, at[feature], amount


def _shared(unit: Positions, feature: Positions, amount: Amounts, smaller: Amounts) -> _Pairs:
    kept = amount > ROUNDING * np.minimum(smaller, 1)
    return unit[kept], feature[kept], amount[kept]


def _whole(shapes: Shapes, dimension: NDArray[np.integer]) -> Amounts:
    measures = [np.ones(shapes.size), shapely.length(shapes), shapely.area(shapes)]
    return np.select([dimension == kind for kind in range(3)], measures, np.nan)


def _ordered(units: int, unit: Positions, feature: Positions, amount: Amounts, whole: Amounts) -> Overlap:
    order = np.argsort(unit * max(whole.size, 1) + feature)
    return Overlap(units, unit[order], feature[order], amount[order], whole)
