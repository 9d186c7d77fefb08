"""Coordinates as people type them: degrees, degrees-minutes-seconds, or metres in the city's own system."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pyproj import Transformer

from gis.datum import wgs84_from_bd09, wgs84_from_gcj02

Bounds = tuple[float, float, float, float]
WRITTEN = str.maketrans("度分秒′’″”，；、：", "°'\"''\"\",,,:")
POINTS_OF_COMPASS = {"北纬": "N", "南纬": "S", "东经": "E", "西经": "W"}
NUMBER = r"(\d+(?:\.\d+)?)"
ANGLE = rf"""([NSEW])?\s*([-+]?\d+(?:\.\d+)?)\s*(?:°\s*(?:{NUMBER}\s*'\s*(?:{NUMBER}\s*"\s*)?)?)?([NSEW])?"""
PAIR = re.compile(rf"\s*{ANGLE}\s*[,;\s]\s*{ANGLE}\s*")
LONGEST = 80
LEAST_METRES = 10_000.0
ZONE_FACTOR = 1_000_000.0
SHIFTED = {"GCJ-02": wgs84_from_gcj02, "BD-09": wgs84_from_bd09}


@dataclass(frozen=True)
class Place:
    """A place in degrees (EPSG:4326); ``srid`` is the system that its numbers were read in."""

    lon: float
    lat: float
    srid: int = 4326


@dataclass(frozen=True)
class _Angle:
    value: float
    compass: str


def read_coordinates(text: str, metric_srid: int, bounds: Bounds | None) -> Place | None:
    """Read a pair of coordinates in either order; None where the text is no such pair.

    Letters N, S, E, W (北纬, 东经 ...) say which is which; without them a number beyond 90 is the longitude,
    else the order that lies within ``bounds`` counts, else longitude comes first. Large numbers are eastings
    and northings of ``metric_srid``, with or without the zone's number before the easting, where they lie
    within ``bounds``.

    Examples
    --------
    >>> read_coordinates("34.75 113.62", 4547, None)
    Place(lon=113.62, lat=34.75, srid=4326)
    >>> read_coordinates('''34°45'00"N, 113°37'12"E''', 4547, None)
    Place(lon=113.62, lat=34.75, srid=4326)
    """
    found = _pair(text)
    if found is None:
        return None
    first, second = found
    if min(abs(first.value), abs(second.value)) >= LEAST_METRES and not (first.compass or second.compass):
        return _from_metres(first.value, second.value, metric_srid, bounds)
    return _from_degrees(first, second, bounds)


def in_other_datums(place: Place) -> dict[str, Place]:
    """Say where a place lies if its degrees were copied from a map in GCJ-02 高德 or BD-09 百度.

    Empty where such a map does not differ: outside mainland China, or for coordinates in metres.
    """
    if place.srid != 4326:
        return {}
    moved = {}
    for datum, convert in SHIFTED.items():
        lon, lat = (round(float(value), 9) for value in convert(place.lon, place.lat))
        if (lon, lat) != (place.lon, place.lat):
            moved[datum] = Place(lon, lat)
    return moved


def _pair(text: str) -> tuple[_Angle, _Angle] | None:
    if len(text) > LONGEST:
        return None
    plain = text
    for words, letter in POINTS_OF_COMPASS.items():
        plain = plain.replace(words, letter)
    parts = PAIR.fullmatch(plain.upper().translate(WRITTEN).replace("''", '"'))
    if parts is None:
        return None
    groups = parts.groups()
    first, second = _angle(groups[:5]), _angle(groups[5:])
    return None if first is None or second is None else (first, second)


def _angle(parts: tuple[str | None, ...]) -> _Angle | None:
    before, degrees, minutes, seconds, after = parts
    small = [float(part or 0) for part in (minutes, seconds)]
    if (before and after) or max(small) >= 60:
        return None
    size = abs(float(degrees or 0)) + small[0] / 60 + small[1] / 3600
    compass = before or after or ""
    negative = (degrees or "").startswith("-") != (compass in {"S", "W"})
    return _Angle(round(-size if negative else size, 9), compass)


def _from_degrees(first: _Angle, second: _Angle, bounds: Bounds | None) -> Place | None:
    kinds = {"N": "lat", "S": "lat", "E": "lon", "W": "lon"}
    named = kinds.get(first.compass), kinds.get(second.compass)
    if named[0] and named[0] == named[1]:
        return None
    lon_first, lat_first = Place(first.value, second.value), Place(second.value, first.value)
    if named[0] == "lon" or named[1] == "lat":
        return lon_first if _on_globe(lon_first) else None
    if named[0] == "lat" or named[1] == "lon":
        return lat_first if _on_globe(lat_first) else None
    possible = [place for place in (lon_first, lat_first) if _on_globe(place)]
    return next((place for place in possible if _within(place, bounds)), next(iter(possible), None))


def _on_globe(place: Place) -> bool:
    return abs(place.lon) <= 180 and abs(place.lat) <= 85


def _from_metres(first: float, second: float, srid: int, bounds: Bounds | None) -> Place | None:
    if bounds is None:
        return None
    transformer = Transformer.from_crs(srid, 4326, always_xy=True)
    for east, north in ((first, second), (second, first)):
        for easting in (east, east % ZONE_FACTOR):
            lon, lat = transformer.transform(easting, north)
            place = Place(round(lon, 9), round(lat, 9), srid)
            if _within(place, bounds):
                return place
    return None


def _within(place: Place, bounds: Bounds | None) -> bool:
    if bounds is None:
        return False
    west, south, east, north = bounds
    return west <= place.lon <= east and south <= place.lat <= north
