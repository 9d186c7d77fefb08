"""Hatching 斜线填充 of units whose value is not known, so that no reader takes them for a low value."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from app.services.indicators.page import Picture, shapes_of
from data.session import Database
from gis.overlap import united

LINES_ACROSS = 140
PLACES = 1e-5


def hatching_of(database: Database, picture: Picture) -> dict[str, Any] | None:
    """Return the hatching of a picture's unknown units as GeoJSON, EPSG:4326; None where all are known."""
    unknown = tuple(picture.table.loc[picture.table["value"].isna(), "unit_code"])
    return _hatching(database, picture.asked.run, unknown) if unknown else None


@lru_cache(maxsize=32)
def _hatching(database: Database, run_id: int, unknown: tuple[str, ...]) -> dict[str, Any] | None:
    every = shapes_of(database, run_id).geometry
    shapes: NDArray[np.object_] = np.asarray(every.loc[list(unknown)].dropna())
    if not len(shapes):
        return None
    west, south, east, north = every.total_bounds
    lines = hatched(united(shapes), max(east - west, north - south) / LINES_ACROSS)
    found: dict[str, Any] = json.loads(shapely.to_geojson(lines))
    return found


def hatched(land: BaseGeometry, spacing: float) -> BaseGeometry:
    """Return the parts of parallel lines, rising to the right, that lie in a polygon.

    The lines of polygons that meet are continuous: each begins where ``y - x`` is a multiple of the spacing.

    Examples
    --------
    >>> round(hatched(shapely.box(0, 0, 10, 10), 5).length / 2**0.5, 6)
    20.0
    """
    west, south, east, north = land.bounds
    first, last = np.ceil((south - east) / spacing), np.floor((north - west) / spacing)
    offsets = np.arange(first, last + 1) * spacing
    ends = np.array([[west, east]] * len(offsets))
    lines = shapely.MultiLineString(list(np.stack([ends, ends + offsets[:, None]], axis=-1)))
    inside: BaseGeometry = shapely.set_precision(lines.intersection(land), PLACES, mode="pointwise")
    return inside
