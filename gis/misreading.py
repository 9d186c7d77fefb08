"""In which coordinate system would coordinates that lie outside the city lie in it?

Coordinates read in the wrong system cannot be told from a project elsewhere, so nothing is converted here:
the answer is a remedy for the person who knows the file.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import NamedTuple

import numpy as np
import shapely
from geopandas import GeoSeries
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from gis.datum import SHIFTED_DATUMS, Coordinates, Pair, Transformation
from gis.errors import N_

GAUSS_KRUGER_3_DEGREES = range(4534, 4555)
"""CGCS2000 3-degree zones by central meridian; the same with the zone number in the easting lie 21 lower."""

ZONE_NUMBERED = -21
WEB_MERCATOR = 3857

SWAPPED = N_("Longitude and latitude look swapped: export longitude first.")
OTHER_CRS = N_("They would lie in the city if the file were in {crs}: import it as {crs}.")
OTHER_CRS_SWAPPED = N_(
    "They would lie in the city in {crs} with northing before easting: export easting first."
)

Predicate = Callable[[BaseGeometry, NDArray[np.object_]], NDArray[np.bool_]]


class Guess(NamedTuple):
    """A remedy template and the CRS it names for each row; empty texts where nothing fits."""

    remedy: NDArray[np.object_]
    crs: NDArray[np.object_]

    def remedy_or(self, fallback: str) -> NDArray[np.object_]:
        """The remedies, with another where nothing fits."""
        return np.where(self.remedy == "", fallback, self.remedy)


def likely_crs(x: Coordinates, y: Coordinates, outline: BaseGeometry, metric_srid: int) -> Guess:
    """The coordinate system in which points outside the city would lie in it.

    Parameters
    ----------
    x, y
        As read, taken for longitude and latitude.
    outline
        The city in EPSG:4326.
    metric_srid
        The city's projected CRS, the first suspect; then Web Mercator, then the same Gauss-Kruger zone with
        its number in the easting; each also with the axes exchanged.
    """
    guess = _nothing(len(x))
    open_rows = ~_inside(outline, x, y)
    for remedy, crs, transform in _suspects(metric_srid) if open_rows.any() else ():
        fits = open_rows & _inside(outline, *transform(x, y))
        guess.remedy[fits], guess.crs[fits] = remedy, crs
        open_rows &= ~fits
    return guess


def likely_datum(shapes: GeoSeries, outline: BaseGeometry, predicate: Predicate) -> Guess:
    """The shifted Chinese datum under which the city would cover, or meet, the shapes."""
    guess = _nothing(len(shapes))
    for crs, transform in SHIFTED_DATUMS.items():
        moved = shapely.transform(shapes.to_numpy(), partial(_columns, transform))
        fits = (guess.crs == "") & predicate(outline, moved)
        guess.remedy[fits], guess.crs[fits] = OTHER_CRS, crs
    return guess


def _nothing(count: int) -> Guess:
    return Guess(np.full(count, "", object), np.full(count, "", object))


def _inside(outline: BaseGeometry, x: Coordinates, y: Coordinates) -> NDArray[np.bool_]:
    finite = np.isfinite(x) & np.isfinite(y)
    inside: NDArray[np.bool_] = shapely.contains_xy(outline, np.where(finite, x, 0), np.where(finite, y, 0))
    return inside & finite


def _suspects(metric_srid: int) -> list[tuple[str, str, Transformation]]:
    srids = [metric_srid, WEB_MERCATOR]
    if metric_srid in GAUSS_KRUGER_3_DEGREES:
        srids.append(metric_srid + ZONE_NUMBERED)
    names = [f"EPSG:{srid}" for srid in srids]
    readings = [_reading(srid) for srid in srids]
    return [
        (SWAPPED, "", _swapped(_as_read)),
        *zip([OTHER_CRS] * len(srids), names, readings, strict=True),
        *zip([OTHER_CRS_SWAPPED] * len(srids), names, map(_swapped, readings), strict=True),
    ]


@cache
def _reading(srid: int) -> Transformation:
    transform: Transformation = Transformer.from_crs(srid, 4326, always_xy=True).transform
    return transform


def _as_read(x: Coordinates, y: Coordinates) -> Pair:
    return x, y


def _swapped(transform: Transformation) -> Transformation:
    return lambda x, y: transform(y, x)


def _columns(transform: Transformation, coordinates: Coordinates) -> Coordinates:
    return np.column_stack(transform(coordinates[:, 0], coordinates[:, 1]))
