"""Densities (密度) of land: how much is built, and how many streets there are in each unit.

The measures take units and features in one projected CRS in metres and return a Series on ``units.index``,
NaN where the unit has no area. ``overlap`` is a ready ``overlay(units, features)``, for many measures of one
frame. All others, with what was divided by what, come of ``gis.analysis.evaluate``.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import shapely
from geopandas import GeoDataFrame, GeoSeries
from pandas import Series

from gis.errors import N_, BadParameter
from gis.frames import (
    LINES,
    POLYGONS,
    Amounts,
    Mask,
    amounts_of,
    column_of,
    land_area,
    refuse_rows,
    require_dimension,
    require_metric,
)
from gis.indicator import per
from gis.overlap import ROUNDING, Overlap, overlay
from gis.street_ends import StreetEnds


def floor_area(buildings: GeoDataFrame) -> Amounts:
    """Gross floor area (建筑面积) of each building in m²: as supplied, else footprint times floors.

    Returns
    -------
    ndarray
        From the column ``floor_area`` where it is known, else area x ``floors``; NaN where neither is, or a
        building is drawn as a point or a line and so has no footprint.

    Raises
    ------
    MissingCRS, GeographicCRS
        Footprints cannot be measured.
    MissingColumn
        There is neither column.
    BadParameter, NegativeAmount
        A value is not a number, infinite or below zero.
    """
    require_metric(buildings)
    if "floor_area" not in buildings:
        shapes = np.asarray(buildings.geometry.array, dtype=object)
        footprint = np.where(shapely.get_dimensions(shapes) == POLYGONS, shapely.area(shapes), np.nan)
        return footprint * amounts_of(buildings, "floors")
    given = amounts_of(buildings, "floor_area")
    if "floors" not in buildings:
        return given
    return np.where(np.isnan(given), floor_area(buildings.drop(columns="floor_area")), given)


def more_exempt(gross: Amounts, exempt: Amounts) -> Mask:
    """Where more floor area is exempt (不计容) than there is: one is wrong, and what counts is not known."""
    more: Mask = exempt > gross * (1 + ROUNDING)
    return more


def floor_area_ratio(
    units: GeoDataFrame,
    buildings: GeoDataFrame,
    exempt: str | None = None,
    *,
    overlap: Overlap | None = None,
) -> Series[float]:
    """Gross floor area over land area (容积率, FAR) of each unit.

    Parameters
    ----------
    units, buildings
        Polygons in one projected CRS, metres. ``buildings.floors`` is a count, ``floor_area`` m²; a building
        with neither makes its unit's ratio unknown, not smaller.
    exempt
        Column with the floor area (m²) that does not count (不计容建筑面积); None: all counts.
    overlap
        ``overlay(units, buildings)`` where it is at hand.

    Returns
    -------
    Series
        Dimensionless, on ``units.index``; NaN where the unit has no area or a floor area is missing.

    Raises
    ------
    GeographicCRS, MixedCRS, InvalidGeometry, NotAPolygon, MissingColumn
        The frames cannot be measured together.
    BadParameter, NegativeAmount
        A floor count or area is infinite or below zero, or more of a building is exempt than it has.

    Notes
    -----
    FAR = sum(floor area x part of the footprint within the unit) / unit area: GB/T 50280-98, 容积率. A
    footprint that crosses a unit's edge counts by the part inside.

    Examples
    --------
    >>> unit = GeoDataFrame(geometry=[shapely.box(0, 0, 100, 100)], crs=4547)
    >>> house = GeoDataFrame({"floors": [6]}, geometry=[shapely.box(90, 0, 110, 50)], crs=4547)
    >>> floor_area_ratio(unit, house).tolist()
    [0.3]
    """
    counted = floor_area(buildings)
    if exempt is not None:
        less = amounts_of(buildings, exempt)
        beyond = N_("In {count} rows more floor area is exempt than there is, the first is row {row}.")
        refuse_rows(buildings, more_exempt(counted, less), BadParameter, beyond)
        counted = np.maximum(counted - less, 0)
    return _over_land(units, _placed(units, buildings, POLYGONS, overlap).sum(counted))


def building_coverage(
    units: GeoDataFrame, buildings: GeoDataFrame, *, overlap: Overlap | None = None
) -> Series[float]:
    """Footprints over land area (建筑密度, GSI) of each unit, dimensionless.

    Notes
    -----
    sum(footprint within the unit) / unit area: GB/T 50280-98, 建筑密度. Footprints drawn over each other
    count each. A building drawn as a point or a line raises NotAPolygon.
    """
    return _over_land(units, _placed(units, buildings, POLYGONS, overlap).sum())


def road_density(
    units: GeoDataFrame,
    edges: GeoDataFrame,
    classes: Collection[str] | str | None = None,
    *,
    overlap: Overlap | None = None,
) -> Series[float]:
    """Length of streets per land area (路网密度) in km/km².

    Parameters
    ----------
    units
        Polygons; built-up, central and main city are different ones, and so are their densities.
    edges
        Centre lines. A street along the edge of a unit counts by half there.
    classes
        Values of ``edges.street_class`` that count, or a single one; None: all.

    Raises
    ------
    NotALine
        An edge is a point or a polygon.

    Notes
    -----
    sum(length within the unit) / unit area: GB/T 51328-2018, 道路网密度. m / m² x 1000 = km / km².
    """
    placed = _placed(units, edges, LINES, overlap)
    if classes is not None:
        counted = [classes] if isinstance(classes, str) else classes
        placed = placed.without(column_of(edges, "street_class").isin(counted).to_numpy(bool))
    return _over_land(units, placed.sum(), 1e3)


def street_intersections(edges: GeoDataFrame, least_degree: int = 3, precision: float = 0.01) -> GeoSeries:
    """Places where at least so many street ends meet (交叉口).

    Parameters
    ----------
    edges
        Single lines in a projected CRS in metres, split where streets meet; a loop has two ends at its node.
    least_degree
        3 leaves out dead ends and places where one street only goes on.
    precision
        Ends that fall into the same cell of so many metres are one place.

    Returns
    -------
    GeoSeries
        Points, ordered by x and y.

    Raises
    ------
    NotALine
        An edge is a point or a polygon.
    BadParameter
        ``precision`` is not above zero.
    """
    return StreetEnds.of(edges, precision).meeting(least_degree)


def dead_ends(edges: GeoDataFrame, precision: float = 0.01) -> GeoSeries:
    """Places where one street ends and none goes on (断头路); as ``street_intersections``."""
    return StreetEnds.of(edges, precision).meeting(1, 1)


def _placed(units: GeoDataFrame, features: GeoDataFrame, dimension: int, overlap: Overlap | None) -> Overlap:
    require_metric(units, features)
    require_dimension(features, dimension)
    return overlay(units, features) if overlap is None else overlap


def _over_land(units: GeoDataFrame, amount: Amounts, scale: float = 1.0) -> Series[float]:
    return Series(per(amount, np.asarray(land_area(units), float), scale).value, units.index)
