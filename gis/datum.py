"""The Chinese map datums GCJ-02 and BD-09, and the way from any of them to WGS84.

GCJ-02 (国测局坐标, "Mars coordinates") shifts WGS84 by 300-700 m; Baidu's BD-09 shifts GCJ-02 again. Both
shifts are known in the forward direction only. The inverses here are found by fixed-point iteration on the
forward formula, which contracts to about 1 % a step, so they agree with it to ``TOLERANCE`` instead of the
1-3 m of the usual one-step approximation.

Outside the box of ``CHINA`` the datums are taken to be WGS84 itself and coordinates pass through unchanged,
as the published formula has it. The box is that of the formula, not a border; a point within some 700 m of
its edge has no exact inverse.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import shapely
from geopandas import GeoDataFrame, GeoSeries
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from gis.errors import N_, MissingCRS, NotConverged, UnknownCRS, WrongCRS

Coordinates = NDArray[np.float64]
Pair = tuple[Coordinates, Coordinates]
Transformation = Callable[[Coordinates, Coordinates], Pair]


class Box(NamedTuple):
    """Bounds in degrees."""

    west: float
    south: float
    east: float
    north: float


CHINA = Box(72.004, 0.8293, 137.8347, 55.8271)

TOLERANCE = 1e-10
"""Degrees; about 0.01 mm on the ground."""

MAX_ITERATIONS = 30

KRASOVSKY_AXIS = 6378245.0
KRASOVSKY_ECCENTRICITY_SQUARED = 0.00669342162296594323
GCJ02_ORIGIN = (105.0, 35.0)

BD09_SHIFT = (0.0065, 0.006)
BD09_RADIUS_WAVE = 0.00002
BD09_ANGLE_WAVE = 0.000003
BD09_FREQUENCY = np.pi * 3000.0 / 180.0


def gcj02_from_wgs84(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """GCJ-02 coordinates (国测局坐标) of WGS84 coordinates.

    Parameters
    ----------
    lon, lat
        Degrees, one shape. NaN stays NaN.

    Returns
    -------
    tuple of ndarray
        Longitude and latitude in degrees; unchanged outside ``CHINA``.

    Notes
    -----
    The formula is the one published by googollee/eviltransform and wandergis/coordtransform: a polynomial and
    three sine waves about (105, 35) in metres, divided by the radii of the Krasovsky 1940 ellipsoid.

    Examples
    --------
    >>> lon, lat = gcj02_from_wgs84(113.6192856, 34.7478004)
    >>> round(float(lon), 6), round(float(lat), 6)
    (113.625328, 34.746613)
    """
    return _within_china(_add_gcj02_offset, lon, lat)


def wgs84_from_gcj02(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """WGS84 coordinates of GCJ-02 coordinates (国测局坐标), by iteration.

    Parameters
    ----------
    lon, lat
        Degrees, one shape. NaN stays NaN.

    Returns
    -------
    tuple of ndarray
        Longitude and latitude in degrees; unchanged outside ``CHINA``.

    Raises
    ------
    NotConverged
        ``TOLERANCE`` is not reached in ``MAX_ITERATIONS`` steps.
    """
    return _within_china(_inverse(_add_gcj02_offset), lon, lat)


def bd09_from_gcj02(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """BD-09 coordinates (百度坐标) of GCJ-02 coordinates.

    Parameters
    ----------
    lon, lat
        Degrees, one shape. NaN stays NaN.

    Returns
    -------
    tuple of ndarray
        Longitude and latitude in degrees; unchanged outside ``CHINA``.

    Notes
    -----
    In polar form about (0, 0): the radius gains 0.00002 sin(w lat), the angle 0.000003 cos(w lon) with
    w = pi 3000/180, and the result is moved by (0.0065, 0.006). Source: wandergis/coordtransform.
    """
    return _within_china(_add_bd09_offset, lon, lat)


def gcj02_from_bd09(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """GCJ-02 coordinates of BD-09 coordinates (百度坐标), by iteration.

    Parameters
    ----------
    lon, lat
        Degrees, one shape. NaN stays NaN.

    Returns
    -------
    tuple of ndarray
        Longitude and latitude in degrees; unchanged outside ``CHINA``.

    Raises
    ------
    NotConverged
        ``TOLERANCE`` is not reached in ``MAX_ITERATIONS`` steps.
    """
    return _within_china(_inverse(_add_bd09_offset), lon, lat)


def wgs84_from_bd09(lon: ArrayLike, lat: ArrayLike) -> Pair:
    """WGS84 coordinates of BD-09 coordinates (百度坐标), through GCJ-02."""
    return wgs84_from_gcj02(*gcj02_from_bd09(lon, lat))


SHIFTED_DATUMS: dict[str, Transformation] = {"GCJ02": wgs84_from_gcj02, "BD09": wgs84_from_bd09}
"""The datums that no CRS registry knows, with their way to WGS84."""


def to_wgs84(frame: GeoDataFrame, crs: str | None = None) -> GeoDataFrame:
    """The same features in WGS84 (EPSG:4326).

    Parameters
    ----------
    frame
        Features of any geometry type; missing and empty geometries stay as they are, Z is kept.
    crs
        What the coordinates really are: ``"GCJ02"``, ``"BD09"``, ``"EPSG:4547"`` or whatever pyproj reads. It
        overrules the CRS that the frame declares, because a file in GCJ-02 can only declare something else.
        None: the declared CRS holds.

    Returns
    -------
    GeoDataFrame
        A new frame; index and columns unchanged.

    Raises
    ------
    MissingCRS
        Neither ``crs`` nor ``frame.crs`` is given.
    UnknownCRS
        pyproj does not know ``crs``.
    WrongCRS
        Coordinates cannot be read in the CRS: degrees declared as metres, or outside its range.
    """
    datum = _datum_name(crs)
    if datum in SHIFTED_DATUMS:
        return _unshifted(frame, SHIFTED_DATUMS[datum])
    declared = frame if crs is None else frame.set_crs(known_crs(crs), allow_override=True)
    if declared.crs is None:
        raise MissingCRS(
            N_("The data do not say which coordinate system they are in."),
            remedy=N_("Name it, for example EPSG:4547, GCJ02 or BD09."),
        )
    _require_metres_if_projected(declared, declared.crs)
    wgs84 = declared.to_crs(4326)
    _require_no_lost_coordinate(declared, wgs84, declared.crs)
    return wgs84


def known_crs(crs: str | int) -> CRS:
    """The coordinate system of that name or EPSG number.

    Raises
    ------
    UnknownCRS
        pyproj does not know it.
    """
    try:
        return CRS.from_user_input(crs)
    except CRSError as error:
        raise UnknownCRS(
            N_("{crs} is not a coordinate system."),
            remedy=N_("Use GCJ02, BD09 or an EPSG number such as EPSG:4547."),
            crs=crs,
        ) from error


def _datum_name(crs: str | None) -> str:
    return (crs or "").upper().replace("-", "").replace(" ", "")


def _unshifted(frame: GeoDataFrame, transform: Transformation) -> GeoDataFrame:
    def move(coordinates: Coordinates) -> Coordinates:
        return np.column_stack([*transform(coordinates[:, 0], coordinates[:, 1]), coordinates[:, 2:]])

    wgs84 = shapely.transform(frame.geometry.to_numpy(), move, include_z=True)
    moved = frame.set_crs(4326, allow_override=True)
    moved.geometry = GeoSeries(wgs84, index=frame.index, crs=4326)
    return moved


def _require_metres_if_projected(frame: GeoDataFrame, crs: CRS) -> None:
    coordinates = np.abs(shapely.get_coordinates(frame.geometry))
    if crs.is_projected and len(coordinates) and (coordinates <= (180, 90)).all():
        raise WrongCRS(
            N_("The coordinates look like degrees, but {crs} is measured in metres."),
            remedy=N_("Name the coordinate system the coordinates are really in, for example EPSG:4326."),
            crs=crs.to_string(),
        )


def _require_no_lost_coordinate(before: GeoDataFrame, after: GeoDataFrame, crs: CRS) -> None:
    known = np.isfinite(shapely.get_coordinates(before.geometry)).all(axis=1)
    lost = known & ~np.isfinite(shapely.get_coordinates(after.geometry)).all(axis=1)
    if lost.any():
        raise WrongCRS(
            N_("{count} coordinates lie outside the area where {crs} is defined."),
            remedy=N_("Name the coordinate system the coordinates are really in."),
            count=int(lost.sum()),
            crs=crs.to_string(),
        )


def _within_china(transform: Transformation, lon: ArrayLike, lat: ArrayLike) -> Pair:
    x, y = np.broadcast_arrays(np.asarray(lon, float), np.asarray(lat, float))
    inside = (x >= CHINA.west) & (x <= CHINA.east) & (y >= CHINA.south) & (y <= CHINA.north)
    new_x, new_y = x.copy(), y.copy()
    new_x[inside], new_y[inside] = transform(x[inside], y[inside])
    return new_x, new_y


def _inverse(forward: Transformation) -> Transformation:
    """The inverse of a small shift: x = target - shift(x), repeated until x stands still."""

    def inverse(lon: Coordinates, lat: Coordinates) -> Pair:
        x, y = lon, lat
        for _ in range(MAX_ITERATIONS):
            shifted_x, shifted_y = forward(x, y)
            step_x, step_y = lon - shifted_x, lat - shifted_y
            x, y = x + step_x, y + step_y
            if max(np.abs(step_x).max(initial=0), np.abs(step_y).max(initial=0)) <= TOLERANCE:
                return x, y
        raise NotConverged(
            N_("The conversion of coordinates did not settle in {iterations} steps."),
            remedy=N_("Check that the coordinates are longitude and latitude in degrees."),
            iterations=MAX_ITERATIONS,
        )

    return inverse


def _add_gcj02_offset(lon: Coordinates, lat: Coordinates) -> Pair:
    east, north = _gcj02_offset_metres(lon - GCJ02_ORIGIN[0], lat - GCJ02_ORIGIN[1])
    latitude = np.radians(lat)
    flattening = 1 - KRASOVSKY_ECCENTRICITY_SQUARED * np.sin(latitude) ** 2
    prime_vertical = KRASOVSKY_AXIS / np.sqrt(flattening)
    meridional = prime_vertical * (1 - KRASOVSKY_ECCENTRICITY_SQUARED) / flattening
    return (
        lon + np.degrees(east / (prime_vertical * np.cos(latitude))),
        lat + np.degrees(north / meridional),
    )


def _gcj02_offset_metres(x: Coordinates, y: Coordinates) -> Pair:
    shared_waves = 20 * _sine(6 * x) + 20 * _sine(2 * x)
    east_waves = shared_waves + 20 * _sine(x) + 40 * _sine(x / 3) + 150 * _sine(x / 12) + 300 * _sine(x / 30)
    north_waves = shared_waves + 20 * _sine(y) + 40 * _sine(y / 3) + 160 * _sine(y / 12) + 320 * _sine(y / 30)
    bend = 0.1 * x * y
    root = np.sqrt(np.abs(x))
    east = 300 + x + 2 * y + 0.1 * x**2 + bend + 0.1 * root + east_waves * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y**2 + bend + 0.2 * root + north_waves * 2 / 3
    return east, north


def _add_bd09_offset(lon: Coordinates, lat: Coordinates) -> Pair:
    radius = np.hypot(lon, lat) + BD09_RADIUS_WAVE * np.sin(BD09_FREQUENCY * lat)
    angle = np.arctan2(lat, lon) + BD09_ANGLE_WAVE * np.cos(BD09_FREQUENCY * lon)
    return radius * np.cos(angle) + BD09_SHIFT[0], radius * np.sin(angle) + BD09_SHIFT[1]


def _sine(half_turns: Coordinates) -> Coordinates:
    return np.sin(np.pi * half_turns)
