"""Straight-line reach of facilities (服务半径): the radii, and the places and land within them."""

from __future__ import annotations

import numpy as np
import shapely
from geopandas import GeoDataFrame
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from gis.errors import N_, BadParameter
from gis.frames import Amounts, Mask, Places, Shapes, coordinates_of, for_each_row

QUARTER = 32


def radii_of(facilities: Places, radius: float | Amounts) -> Amounts:
    """The radius (m) of each facility, of one for all or of one for each.

    Raises
    ------
    BadParameter
        A radius is below zero or no number, or there is not one for each facility.
    """
    try:
        radii = np.asarray(radius, float)
    except (TypeError, ValueError) as error:
        raise BadParameter(N_("The radius {radius} is not a number."), radius=radius) from error
    if not (radii >= 0).all():
        raise BadParameter(N_("A radius must be zero or more."))
    return for_each_row(np.full(len(facilities), radii) if radii.ndim == 0 else radii, len(facilities))


def land_within(demand: GeoDataFrame, facilities: Shapes, radii: Amounts) -> BaseGeometry | None:
    """The land within the radii: the discs in one, or where one is infinite a box that holds all demand."""
    if (np.isinf(radii) & ~shapely.is_missing(facilities)).any():
        return shapely.box(*demand.total_bounds)
    some = np.isfinite(radii)
    return shapely.union_all(shapely.buffer(facilities[some], radii[some], quad_segs=QUARTER))


def reached(places: Shapes, facilities: Shapes, radius: float) -> Mask:
    """Whether a facility lies within the radius; corners answer for most places, edges for the rest."""
    if not (places.size and facilities.size):
        return np.zeros(places.size, bool)
    limit = np.nextafter(radius, np.inf)
    corners = cKDTree(shapely.get_coordinates(facilities))
    within: Mask = corners.query(coordinates_of(places), distance_upper_bound=limit)[0] <= radius
    if (shapely.get_dimensions(facilities) > 0).any():
        left = np.flatnonzero(~within)
        tree = shapely.STRtree(facilities)
        near = tree.query_nearest(places[left], max_distance=limit, all_matches=False)[0]
        within[left[near]] = True
    return within
