"""Areas and densities in a city's own metric coordinate system."""

from __future__ import annotations

import numpy as np
from geopandas import GeoDataFrame
from pandas import Series
from pyproj import CRS

from gis.datum import known_crs
from gis.errors import N_, GeographicCRS, MissingCRS

SQUARE_METRES_PER_KM2 = 1e6


def area_m2(frame: GeoDataFrame, metric_srid: int) -> Series[float]:
    """Area (面积) of each feature in square metres, in the plane of the city's projected CRS.

    Parameters
    ----------
    frame
        Features in any declared CRS; lines and points have area 0, missing geometries NaN.
    metric_srid
        EPSG number of the projected CRS in metres; CGCS2000 3-degree Gauss-Kruger for Chinese cities.

    Returns
    -------
    Series
        Square metres on ``frame.index``. A Gauss-Kruger plane overstates areas by up to 0.04 % at 1.5 degrees
        from its central meridian.

    Raises
    ------
    MissingCRS
        The frame declares no CRS.
    GeographicCRS
        ``metric_srid`` is not projected in metres.
    """
    return to_metric(frame, metric_srid).area


def density(amount: Series[float], area: Series[float]) -> Series[float]:
    """Amount per square kilometre (密度).

    Parameters
    ----------
    amount
        People, projects, yuan: any extensive quantity. NaN (not supplied) stays NaN.
    area
        Square metres, aligned with ``amount`` by index.

    Returns
    -------
    Series
        ``amount`` per km²; NaN where the area is zero or missing.

    Examples
    --------
    >>> density(Series([1000.0]), Series([1e6])).tolist()
    [1000.0]
    """
    return amount / area.where(area > 0) * SQUARE_METRES_PER_KM2


def to_metric(frame: GeoDataFrame, metric_srid: int) -> GeoDataFrame:
    """The frame in the projected CRS; raises as ``area_m2`` does."""
    if frame.crs is None:
        raise MissingCRS(
            N_("The data do not say which coordinate system they are in."),
            remedy=N_("Declare it before measuring."),
        )
    return frame.to_crs(metric_crs(metric_srid))


def metric_crs(srid: int) -> CRS:
    """The projected CRS with that EPSG number.

    Raises
    ------
    GeographicCRS
        It is not projected, or not in metres.
    """
    crs = known_crs(srid)
    if not is_metric(crs):
        raise GeographicCRS(
            N_("EPSG:{srid} ({name}) is not projected in metres."),
            remedy=N_("Set the city's metric_srid to a projected system, for example EPSG:4547."),
            srid=srid,
            name=crs.name,
        )
    return crs


def is_metric(crs: CRS) -> bool:
    """Whether a coordinate system is projected in metres."""
    return crs.is_projected and np.allclose([axis.unit_conversion_factor for axis in crs.axis_info], 1)
