"""One place in the coordinates of a map: on the screen's Mercator plane and in a city's metric CRS."""

from __future__ import annotations

from functools import lru_cache
from math import asinh, isfinite, pi, radians, tan

from pyproj import Transformer

from gis.datum import known_crs
from gis.measure import metric_crs

EARTH_RADIUS = 6_378_137.0
TILE_PIXELS = 512
HIGHEST_LATITUDE = 85.06


def mercator(lon: float, lat: float) -> tuple[float, float]:
    """Return a place (degrees, WGS84) in EPSG:3857 metres; beyond the plane's edge, its edge.

    Examples
    --------
    >>> [round(part) for part in mercator(180, 0)]
    [20037508, 0]
    """
    held = max(-HIGHEST_LATITUDE, min(HIGHEST_LATITUDE, lat))
    return radians(lon) * EARTH_RADIUS, asinh(tan(radians(held))) * EARTH_RADIUS


def pixel_width(zoom: float) -> float:
    """Return how many EPSG:3857 metres a screen pixel is wide at a zoom of 512-pixel tiles.

    Examples
    --------
    >>> round(pixel_width(0), 3)
    78271.517
    """
    return 2 * pi * EARTH_RADIUS / TILE_PIXELS / 2**zoom


def in_metres(lon: float, lat: float, metric_srid: int) -> tuple[float, float] | None:
    """Return a place (degrees, WGS84) as easting and northing in a projected CRS; None far outside it.

    Raises
    ------
    GeographicCRS
        The CRS is not projected in metres.

    Examples
    --------
    >>> in_metres(114.0, 0.0, 4547)
    (500000.0, 0.0)
    """
    east, north = _to_metric(metric_srid).transform(lon, lat)
    return (float(east), float(north)) if isfinite(east) and isfinite(north) else None


def crs_name(srid: int) -> str:
    """Return the name of a CRS by its EPSG number.

    Examples
    --------
    >>> crs_name(4547)
    'CGCS2000 / 3-degree Gauss-Kruger CM 114E'
    """
    return str(known_crs(srid).name)


@lru_cache
def _to_metric(srid: int) -> Transformer:
    return Transformer.from_crs(4326, metric_crs(srid), always_xy=True)
