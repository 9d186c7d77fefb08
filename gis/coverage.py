"""Coverage (覆盖率): how much of each unit's demand lies within reach of a service or inside some land."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame, GeoSeries
from numpy.typing import ArrayLike, NDArray
from pandas import DataFrame

from gis.density import floor_area
from gis.errors import N_, BadParameter, NegativeAmount
from gis.frames import (
    POLYGONS,
    Amounts,
    Mask,
    Places,
    amounts_of,
    for_each_row,
    land_area,
    points_of,
    polygons_of,
    refuse_rows,
    require_dimension,
    require_metric,
    shapes_of,
    totals,
)
from gis.overlap import Overlap, disjoint, members, overlay, pieces
from gis.radius import land_within, radii_of, reached
from gis.ranges import from_zero

AREA = "area"
PARKS = ((5000.0, 500.0), (2000.0, 300.0))


def service_coverage(
    units: GeoDataFrame,
    demand: GeoDataFrame,
    facilities: Places,
    radius: float,
    weight: str = "population",
) -> DataFrame:
    """Share of the demand of each unit within a straight-line radius of a facility (服务半径覆盖率).

    Parameters
    ----------
    units
        Polygons in a projected CRS in metres.
    demand
        Buildings, cells or points. A row counts where it lies (a polygon at its centroid); with the weight
        ``area`` polygons count by the part of their area within reach.
    facilities
        Points, lines or polygons; a polygon reaches ``radius`` metres beyond its edge.
    radius
        Metres; a place at exactly this distance is covered, and all of them where it is infinite.
    weight
        Column of ``demand`` that is covered: ``population``, ``households``, ``floor_area``; or ``area``.

    Returns
    -------
    DataFrame
        ``numerator`` (covered weight), ``denominator`` (all weight) and ``share`` (0 to 1, NaN without
        demand) on ``units.index``. Rows without a weight are in neither; ``attrs["unknown"]`` counts them.

    Raises
    ------
    MissingCRS, MixedCRS, GeographicCRS, InvalidGeometry, MissingColumn
        The frames cannot be measured together.
    NotAPolygon
        The area of points or lines is asked for.
    BadParameter, NegativeAmount
        The radius is below zero or no number, or a weight is infinite or below zero.

    Notes
    -----
    share = sum(weight within reach) / sum(weight). Facilities beyond the unit's edge take part. With ``area``
    the discs are polygons of 128 corners, 0.04 % smaller than circles.
    """
    require_metric(units, demand, facilities)
    return _coverage(units, demand, facilities, radii_of(facilities, radius), weight)


def park_coverage(
    units: GeoDataFrame,
    demand: GeoDataFrame,
    parks: GeoDataFrame,
    sizes: Sequence[tuple[float, float]] = PARKS,
    weight: str = "population",
) -> DataFrame:
    """Share of the demand of each unit within the radius of a park of its size (公园绿地服务半径覆盖率).

    Parameters
    ----------
    units, demand, weight
        As in ``service_coverage``.
    parks
        Polygons; a smaller park than the least size covers nothing.
    sizes
        Least area in m² and radius in metres of each size class.

    Returns
    -------
    DataFrame
        As ``service_coverage``.

    Raises
    ------
    BadParameter
        A size or its radius is below zero, infinite or not known.

    Notes
    -----
    Parks from 5,000 m²: 500 m; from 2,000 to 5,000 m²: 300 m. City examination (城市体检) list of 2022.
    """
    require_metric(units, demand, parks)
    reach = park_radii(parks, sizes)
    served = np.isfinite(reach)
    return _coverage(units, demand, parks[served], reach[served], weight)


def park_radii(parks: GeoDataFrame, sizes: Sequence[tuple[float, float]] = PARKS) -> Amounts:
    """Service radius (m) of each park by its size; NaN where it is too small to serve, or missing."""
    if not all(0 <= value < np.inf for size in sizes for value in size):
        raise BadParameter(N_("The sizes of parks and their radii must be zero or more, and finite."))
    areas = shapely.area(polygons_of(parks))
    reach = np.full(areas.size, np.nan)
    for least, radius in sorted(sizes):
        reach[areas >= least] = radius
    return reach


def service_coverage_walk(
    units: GeoDataFrame, demand: GeoDataFrame, distances: ArrayLike, limit: float, weight: str = "population"
) -> DataFrame:
    """Share of the demand of each unit within a walking distance of a facility (步行覆盖率).

    Parameters
    ----------
    units, demand, weight
        As in ``service_coverage``, but that a polygon counts with all its area where its centroid lies.
    distances
        Metres along the network from each row of ``demand`` to its nearest facility; inf where unreachable,
        NaN where not known.
    limit
        Metres; a place at exactly this distance is covered.

    Returns
    -------
    DataFrame
        As ``service_coverage``; unreachable demand is in the denominator, unknown demand in neither.

    Raises
    ------
    BadParameter
        There is not one distance for each row, or the limit is below zero or not known.
    NegativeAmount
        A distance is below zero; the first is named.
    """
    metres = for_each_row(np.asarray(distances, float), len(demand))
    from_zero(limit=limit)
    below = N_("{count} distances are below zero, the first in row {row}.")
    refuse_rows(demand, metres < 0, NegativeAmount, below)
    weights = np.where(np.isnan(metres), np.nan, _weights(demand, weight))
    return covered_share(units, members(units, demand), metres <= limit, weights)


def covered_mask(demand: Places, facilities: Places, radius: float | Amounts) -> Mask:
    """Whether each place lies within the radius of a facility, in a straight line.

    Parameters
    ----------
    demand
        Points, or shapes that stand for their centroids, in a projected CRS in metres.
    facilities
        Points, lines or polygons in the same CRS.
    radius
        Metres, of all facilities or of each.

    Returns
    -------
    ndarray of bool
        By position in ``demand``; False for a missing place.

    Raises
    ------
    BadParameter
        A radius is below zero or no number, or there is not one for each facility.
    """
    require_metric(demand, facilities)
    radii = radii_of(facilities, radius)
    places, shapes = points_of(demand), shapes_of(facilities)
    covered = np.zeros(places.size, bool)
    for metres in np.unique(radii):
        left = np.flatnonzero(~covered & ~shapely.is_missing(places))
        covered[left] = reached(places[left], shapes[(radii == metres) & ~shapely.is_missing(shapes)], metres)
    return covered


def covered_share(units: GeoDataFrame, placed: Overlap, covered: Mask, weights: Amounts) -> DataFrame:
    """Numerator, denominator and share of each unit from a mask over demand that is placed in units.

    Raises
    ------
    BadParameter
        There is not one entry of ``covered`` and of ``weights`` for each row of the demand.
    """
    demand = placed.whole.size
    covered, weights = for_each_row(covered, demand), for_each_row(weights, demand)
    known = ~np.isnan(weights)
    placed = placed.without(known)
    found = _table(units, placed.without(covered).sum(weights), placed.sum(weights))
    found.attrs["unknown"] = int((~known).sum())
    return found


def renewal_coverage(units: GeoDataFrame, projects: GeoDataFrame, homes: GeoDataFrame) -> DataFrame:
    """Shares of each unit's area, residents and floor area inside projects (更新覆盖率).

    Parameters
    ----------
    units, projects
        Polygons in one projected CRS in metres. Where projects overlap their ground counts once.
    homes
        Buildings or points with ``population`` and ``floor_area`` or ``floors``; a polygon that crosses an
        edge counts by the part inside.

    Returns
    -------
    DataFrame
        Two levels of columns: ``area`` (m²), ``population``, ``floor_area`` (m²); below each ``numerator``,
        ``denominator`` and ``share``. A missing population or floor area makes its unit unknown.
    """
    require_metric(units, projects, homes)
    parts = pieces(units, GeoSeries(disjoint(polygons_of(projects)), crs=projects.crs))
    ground = GeoDataFrame(geometry=parts.shape, crs=units.crs)
    inside, all_homes = overlay(ground, homes), overlay(units, homes)
    found = {AREA: _table(units, _by_unit(units, parts.unit, shapely.area(parts.shape)), _land(units))}
    for basis in ("population", "floor_area"):
        values = _weights(homes, basis)
        found[basis] = _table(units, _by_unit(units, parts.unit, inside.sum(values)), all_homes.sum(values))
    return pd.concat(found, axis="columns")


def constraint_overlaps(
    projects: GeoDataFrame, constraints: GeoDataFrame, least_area: float = 1.0
) -> DataFrame:
    """Constraint areas that each project touches (约束区叠加), and how much of the project they take.

    Parameters
    ----------
    projects, constraints
        Polygons in one projected CRS in metres.
    least_area
        m²; less is a matter of rounding along a shared edge.

    Returns
    -------
    DataFrame
        One row a pair: ``project`` and ``constraint`` (index labels), ``area`` (m²), ``share`` of project.

    Raises
    ------
    NotAPolygon
        A project or a constraint is a point or a line.
    BadParameter
        ``least_area`` is below zero or not known.
    """
    from_zero(least_area=least_area)
    require_metric(projects, constraints)
    require_dimension(constraints, POLYGONS)
    placed = overlay(projects, constraints)
    kept = placed.amount >= least_area
    area = placed.amount[kept]
    return DataFrame(
        {
            "project": projects.index[placed.unit[kept]],
            "constraint": constraints.index[placed.feature[kept]],
            "area": area,
            "share": area / _land(projects)[placed.unit[kept]],
        }
    )


def zoning_coverage(units: GeoDataFrame, zoning: GeoDataFrame) -> DataFrame:
    """Share of each unit that has a zoning plan (控规覆盖率), and the ground where zones conflict.

    Returns
    -------
    DataFrame
        ``numerator`` (m² under a zone, once), ``denominator`` (m²), ``share``; ``conflict``, the m² by which
        the zones exceed the ground they lie on: 0 where none overlap.
    """
    require_metric(units, zoning)
    once = overlay(units, GeoSeries(disjoint(polygons_of(zoning)), crs=zoning.crs)).sum()
    found = _table(units, once, _land(units))
    found["conflict"] = np.maximum(overlay(units, zoning).sum() - once, 0)
    return found


def blind_spots(
    grid: GeoDataFrame, demand: GeoDataFrame, covered: Mask, weight: str = "population"
) -> GeoDataFrame:
    """Cells of a grid that hold demand out of reach (服务盲区).

    Parameters
    ----------
    grid
        Cells, as ``square_grid`` or ``hexagon_grid`` make them.
    demand, weight
        As in ``service_coverage``.
    covered
        Whether each row of ``demand`` is within reach, as ``covered_mask`` says.

    Returns
    -------
    GeoDataFrame
        The cells with uncovered demand in the order of the grid, with ``numerator`` (uncovered weight),
        ``denominator`` and ``share``; the labels of the cells need not be unique.

    Raises
    ------
    BadParameter
        ``covered`` has not one entry for each row of ``demand``, or the grid has one of the columns already.
    """
    out_of_reach = ~np.asarray(covered, bool)
    found = covered_share(grid, members(grid, demand), out_of_reach, _weights(demand, weight))
    if taken := sorted(set(map(str, found)) & set(grid)):
        raise BadParameter(N_("The grid has a column {column} already."), column=", ".join(taken))
    blind = found["numerator"].to_numpy() > 0
    return grid[blind].assign(**{str(name): found[name].to_numpy()[blind] for name in found})


def _coverage(
    units: GeoDataFrame, demand: GeoDataFrame, facilities: Places, radii: Amounts, weight: str
) -> DataFrame:
    if weight != AREA:
        placed, weights = members(units, demand), _weights(demand, weight)
        return covered_share(units, placed, covered_mask(demand, facilities, radii), weights)
    require_dimension(demand, POLYGONS)
    reach = shapely.get_parts([land_within(demand, shapes_of(facilities), radii)])
    return _area_coverage(units, demand, GeoDataFrame(geometry=reach, crs=units.crs))


def _area_coverage(units: GeoDataFrame, demand: GeoDataFrame, reach: GeoDataFrame) -> DataFrame:
    """Cut only the demand that an edge of a unit and an edge of the reach both cross."""
    placed = overlay(units, demand)
    covered = _covered_area(reach, demand) / placed.whole
    torn = np.unique(placed.feature[(placed.share < 1) & ~np.isin(covered[placed.feature], (0, 1))])
    parts = pieces(units, demand.iloc[torn])
    numerator = placed.without(~np.isin(np.arange(len(demand)), torn)).sum(covered * placed.whole)
    numerator += _by_unit(units, parts.unit, _covered_area(reach, GeoSeries(parts.shape, crs=units.crs)))
    found = _table(units, numerator, placed.sum())
    found.attrs["unknown"] = int(np.isnan(placed.whole).sum())
    return found


def _covered_area(reach: GeoDataFrame, places: Places) -> Amounts:
    inside = overlay(reach, places)
    return totals(inside.feature, inside.amount, len(places))


def _weights(demand: GeoDataFrame, weight: str) -> Amounts:
    if weight == AREA:
        return np.asarray(shapely.area(polygons_of(demand)))
    if weight == "floor_area":
        return floor_area(demand)
    return amounts_of(demand, weight)


def _land(units: GeoDataFrame) -> Amounts:
    return np.asarray(land_area(units), float)


def _by_unit(units: GeoDataFrame, unit: NDArray[np.int64], amount: Amounts) -> Amounts:
    return totals(unit, amount, len(units))


def _table(units: GeoDataFrame, numerator: Amounts, denominator: Amounts) -> DataFrame:
    # A part that rounding makes larger than its whole is the whole.
    part = np.where(numerator > denominator, denominator, numerator)
    whole = np.where(denominator > 0, denominator, np.nan)
    columns = {"numerator": part, "denominator": denominator, "share": part / whole}
    return DataFrame(columns, index=units.index)
