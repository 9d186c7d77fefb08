"""Densities (密度) of land: how much is built, how many live there, how many streets there are in each unit.

Every measure takes units and features in one projected CRS in metres and returns a Series on ``units.index``,
NaN where the unit has no area. ``overlap`` is a ready ``overlay(units, features)``, for many measures of one
frame.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame, GeoSeries
from pandas import DataFrame, Series

from gis.frames import Amounts, amounts_of, column_of, land_area, polygons_of, require_metric, shapes_of
from gis.measure import density
from gis.overlap import Overlap, disjoint, members, overlay


def floor_area(buildings: GeoDataFrame) -> Amounts:
    """Gross floor area (建筑面积) of each building in m²: as supplied, else footprint times floors.

    Returns
    -------
    ndarray
        From the column ``floor_area`` where it is known, else area x ``floors``; NaN where neither is.

    Raises
    ------
    MissingCRS, GeographicCRS
        Footprints cannot be measured.
    MissingColumn
        There is neither column.
    """
    require_metric(buildings)
    if "floor_area" not in buildings:
        return buildings.geometry.area.to_numpy() * amounts_of(buildings, "floors")
    given = amounts_of(buildings, "floor_area")
    if "floors" not in buildings:
        return given
    return np.where(np.isnan(given), floor_area(buildings.drop(columns="floor_area")), given)


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
    GeographicCRS, MixedCRS, InvalidGeometry, MissingColumn
        The frames cannot be measured together.

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
        counted = counted - amounts_of(buildings, exempt)
    return _over_land(units, _placed(units, buildings, overlap).sum(counted))


def building_coverage(
    units: GeoDataFrame, buildings: GeoDataFrame, *, overlap: Overlap | None = None
) -> Series[float]:
    """Footprints over land area (建筑密度, GSI) of each unit, dimensionless.

    Notes
    -----
    sum(footprint within the unit) / unit area: GB/T 50280-98, 建筑密度. Footprints drawn over each other
    count each.
    """
    return _over_land(units, _placed(units, buildings, overlap).sum())


def mean_storeys(
    units: GeoDataFrame, buildings: GeoDataFrame, *, overlap: Overlap | None = None
) -> Series[float]:
    """Mean number of storeys (平均层数), weighted by footprint; NaN where there is no building.

    Notes
    -----
    L = FSI / GSI = sum(floor area) / sum(footprint): Berghauser Pont and Haupt (2010), Spacematrix.
    """
    placed = _placed(units, buildings, overlap)
    return _ratio(units, placed.sum(floor_area(buildings)), placed.sum())


def open_space_ratio(
    units: GeoDataFrame, buildings: GeoDataFrame, *, overlap: Overlap | None = None
) -> Series[float]:
    """Open ground for each m² of floor (开敞空间率, OSR), m²/m²; NaN where there is no floor.

    Notes
    -----
    OSR = (1 - GSI) / FSI: Berghauser Pont and Haupt (2010), Spacematrix: Space, Density and Urban Form.
    """
    placed = _placed(units, buildings, overlap)
    return _ratio(units, land_area(units).to_numpy() - placed.sum(), placed.sum(floor_area(buildings)))


def floor_area_over_construction_land(
    units: GeoDataFrame,
    buildings: GeoDataFrame,
    land: GeoDataFrame,
    *,
    overlap: Overlap | None = None,
) -> Series[float]:
    """Floor area of a unit over its construction land (建筑总面积与建设用地面积之比), dimensionless.

    Parameters
    ----------
    units, buildings
        As in ``floor_area_ratio``.
    land
        Polygons of construction land (建设用地); where they overlap their ground counts once.

    Notes
    -----
    NaN where the unit holds no construction land. 建科〔2021〕45号 asks county seats for 0.6 to 0.8.
    """
    ground = overlay(units, _merged(land)).sum()
    return _ratio(units, _placed(units, buildings, overlap).sum(floor_area(buildings)), ground)


def population_density(
    units: GeoDataFrame, people: GeoDataFrame, *, overlap: Overlap | None = None
) -> Series[float]:
    """Residents per km² (人口密度).

    Parameters
    ----------
    units
        Polygons.
    people
        Buildings, census cells or points with ``population``. A polygon that crosses a unit's edge gives the
        share of its residents that its area inside has; a missing count makes the unit unknown.
    """
    return per_km2(units, people, "population", overlap=overlap)


def household_density(
    units: GeoDataFrame, people: GeoDataFrame, *, overlap: Overlap | None = None
) -> Series[float]:
    """Households per km² (户数密度), from the column ``households``; else as ``population_density``."""
    return per_km2(units, people, "households", overlap=overlap)


def per_km2(
    units: GeoDataFrame, features: GeoDataFrame, column: str | None = None, *, overlap: Overlap | None = None
) -> Series[float]:
    """Features, or an amount they carry, per km² (每平方公里).

    Parameters
    ----------
    units, features
        In one projected CRS in metres.
    column
        An amount of each feature, shared out by the part in the unit; a missing one makes the unit unknown.
        None: the number of features, one that several units share counting in each.
    """
    placed = _placed(units, features, overlap)
    amount = placed.count() if column is None else placed.sum(amounts_of(features, column))
    return density(Series(amount, units.index), land_area(units))


def per_10000(count: Series[float], population: Series[float]) -> Series[float]:
    """Number of things per 10,000 residents (每万人); NaN where nobody lives or the number is not known.

    Examples
    --------
    >>> per_10000(Series([3.0, 1.0]), Series([20000.0, 0.0])).tolist()
    [1.5, nan]
    """
    return count * 10_000 / population.where(population > 0)


def road_density(
    units: GeoDataFrame,
    edges: GeoDataFrame,
    classes: Collection[str] | None = None,
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
        Values of ``edges.street_class`` that count; None: all.

    Notes
    -----
    sum(length within the unit) / unit area: GB/T 51328-2018, 道路网密度. m / m² x 1000 = km / km².
    """
    placed = _placed(units, edges, overlap)
    if classes is not None:
        placed = placed.without(column_of(edges, "street_class").isin(classes).to_numpy())
    return _over_land(units, placed.sum()) * 1000


def road_area_ratio(
    units: GeoDataFrame, edges: GeoDataFrame, width: str | float, *, overlap: Overlap | None = None
) -> Series[float]:
    """Street area over land area (道路面积率), dimensionless.

    Parameters
    ----------
    units, edges
        As in ``road_density``.
    width
        Width in metres of all streets, or the column that holds each one's; a missing width makes its units
        unknown.

    Notes
    -----
    sum(length x width) / unit area. Crossings, where streets lie over each other, count for each street.
    """
    widths = amounts_of(edges, width) if isinstance(width, str) else np.full(len(edges), float(width))
    lengths = edges.geometry.length.to_numpy()
    return _over_land(units, _placed(units, edges, overlap).sum(lengths * widths))


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
    """
    crs = require_metric(edges)
    lines = shapely.get_parts(shapes_of(edges))
    ends = np.round(shapely.get_coordinates([shapely.get_point(lines, k) for k in (0, -1)]) / precision)
    # Complex numbers sort by x and then by y.
    places, degree = np.unique(ends @ (1, 1j), return_counts=True)
    met = places[degree >= least_degree] * precision
    return GeoSeries(shapely.points(met.real, met.imag), crs=crs)


def intersection_density(
    units: GeoDataFrame, intersections: GeoDataFrame | GeoSeries, *, overlap: Overlap | None = None
) -> Series[float]:
    """Street intersections per km² (交叉口密度); ``intersections`` as ``street_intersections`` finds them."""
    placed = members(units, intersections) if overlap is None else overlap
    return density(Series(placed.count(), units.index), land_area(units))


def land_share(units: GeoDataFrame, land: GeoDataFrame) -> Series[float]:
    """Share of each unit that some land covers, 0 to 1; where polygons overlap their ground counts once."""
    return _over_land(units, overlay(units, _merged(land)).sum())


def green_ratio(units: GeoDataFrame, green: GeoDataFrame) -> Series[float]:
    """Green space over land area (绿地率), 0 to 1: GB/T 50280-98. Overlapping green space counts once."""
    return land_share(units, green)


def permeable_share(units: GeoDataFrame, permeable: GeoDataFrame) -> Series[float]:
    """Permeable surface over land area (可渗透地面面积比例), 0 to 1. Overlapping surfaces count once."""
    return land_share(units, permeable)


def share_by(  # noqa: PLR0913 - the signature is public
    units: GeoDataFrame,
    buildings: GeoDataFrame,
    column: str,
    classes: Sequence[Hashable] | pd.IntervalIndex,
    weight: str = "floor_area",
    *,
    overlap: Overlap | None = None,
) -> DataFrame:
    """Shares of the buildings of each unit by a class, such as age (建成年代) or hazard grade (危房等级).

    Parameters
    ----------
    units, buildings
        Polygons in one projected CRS in metres.
    column
        What the buildings are classed by.
    classes
        The values of the classes, or intervals of a number (``pandas.IntervalIndex``).
    weight
        ``floor_area``, ``footprint``, or another column of amounts.

    Returns
    -------
    DataFrame
        A column a class, 0 to 1, and ``unknown``, the share whose class is not supplied. All of a unit's
        buildings are the denominator: with other values than the classes the shares do not reach 1. NaN where
        there is no building or a weight is missing.
    """
    placed = _placed(units, buildings, overlap)
    values = column_of(buildings, column)
    weights = _weights(buildings, weight)
    position = pd.Index(list(classes)).get_indexer(pd.Index(values))
    total = placed.sum(weights)
    amounts = {name: placed.without(position == k).sum(weights) for k, name in enumerate(classes)}
    amounts["unknown"] = placed.without(values.isna().to_numpy()).sum(weights)
    return DataFrame({name: _ratio(units, part, total) for name, part in amounts.items()})


def _weights(buildings: GeoDataFrame, weight: str) -> Amounts:
    if weight == "floor_area":
        return floor_area(buildings)
    if weight == "footprint":
        return np.asarray(buildings.geometry.area, float)
    return amounts_of(buildings, weight)


def _placed(units: GeoDataFrame, features: GeoDataFrame, overlap: Overlap | None) -> Overlap:
    return overlay(units, features) if overlap is None else overlap


def _merged(land: GeoDataFrame) -> GeoSeries:
    return GeoSeries(disjoint(polygons_of(land)), crs=land.crs)


def _over_land(units: GeoDataFrame, amount: Amounts) -> Series[float]:
    return Series(amount, units.index) / land_area(units)


def _ratio(units: GeoDataFrame, part: Amounts, total: Amounts) -> Series[float]:
    whole = Series(total, units.index)
    return Series(part, units.index) / whole.where(whole > 0)
