"""A walk as it is asked for and answered over HTTP: parameters in, GeoJSON out."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd
import shapely
from sqlalchemy import RowMapping

from app.services.map.walking import MAX_SNAP, MINUTES, SPEED, Asked, Walk, within
from data.errors import N_, InvalidInput

LONGEST, MOST_TIMES = 60.0, 6
SLOWEST, FASTEST = 10.0, 200.0
PARAMETERS = ("at", "project", "minutes", "speed", "lang")


def refuse_unknown(names: Collection[str]) -> None:
    """Refuse parameters that a walk does not have.

    Raises
    ------
    InvalidInput
        There is one.
    """
    unknown = sorted(set(names) - set(PARAMETERS))
    if unknown:
        raise InvalidInput(
            N_("Walking has no parameter «{name}»."),
            remedy=N_("Choose among: {known}."),
            name=unknown[0][:40],
            known=", ".join(PARAMETERS),
        )


def asked_from_texts(at: str = "", project: str = "", minutes: str = "", speed: str = "") -> Asked:
    """Read ``at=lon,lat`` or ``project=CODE``, ``minutes=5,10,15`` and ``speed`` (m/min).

    Raises
    ------
    InvalidInput
        A value is not one of ours.
    """
    if bool(at) == bool(project):
        raise InvalidInput(
            N_("A walk begins at one place."), remedy=N_("Give either at=lon,lat or project=CODE.")
        )
    place = _degrees(at) if at else None
    return Asked(place, project.replace("\x00", ""), _minutes(minutes), speed_from_text(speed))


def _degrees(text: str) -> tuple[float, float]:
    numbers = _numbers(text)
    if len(numbers) != 2 or abs(numbers[0]) > 180 or abs(numbers[1]) > 90:
        raise InvalidInput(
            N_("The place cannot be «{value}»."),
            remedy=N_("Give longitude and latitude in degrees: at=113.62,34.75."),
            value=text[:40],
        )
    return numbers[0], numbers[1]


def _minutes(text: str) -> tuple[float, ...]:
    if not text:
        return MINUTES
    numbers = sorted(set(_numbers(text)))
    if not 0 < len(numbers) <= MOST_TIMES or not 0 < numbers[0] <= numbers[-1] <= LONGEST:
        raise InvalidInput(
            N_("The minutes on foot cannot be «{value}»."),
            remedy=N_("Give one to {most} numbers above 0 and up to {longest}, separated by commas."),
            value=text[:40],
            most=MOST_TIMES,
            longest=f"{LONGEST:g}",
        )
    return tuple(numbers)


def speed_from_text(text: str) -> float:
    """Read a walking speed in metres a minute; the usual one where nothing is written.

    Raises
    ------
    InvalidInput
        It is no number within the bounds.
    """
    if not text:
        return SPEED
    numbers = _numbers(text)
    if len(numbers) != 1 or not SLOWEST <= numbers[0] <= FASTEST:
        raise InvalidInput(
            N_("The walking speed cannot be «{value}»."),
            remedy=N_("Give metres a minute, from {slowest} to {fastest}."),
            value=text[:40],
            slowest=f"{SLOWEST:g}",
            fastest=f"{FASTEST:g}",
        )
    return numbers[0]


def _numbers(text: str) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        return []
    return numbers if all(map(math.isfinite, numbers)) else []


def geojson(city: RowMapping, found: Walk) -> dict[str, Any]:
    """Return isochrones, the longest first, and the facilities inside as one GeoJSON collection (EPSG:4326).

    Beside the features stand ``speed`` (m/min), ``minutes``, ``max_snap``, ``leg``, ``nearest`` of each class
    with ``counts`` in the order of the minutes, and ``missing``.
    """
    said = {"synthetic": True, "attribution": city["attribution"]} if city["synthetic"] else {}
    return {
        "type": "FeatureCollection",
        **said,
        "missing": found.missing,
        "facilities_supplied": found.has_facilities if found.known else None,
        "speed": found.asked.speed,
        "minutes": list(found.asked.minutes),
        "max_snap": MAX_SNAP,
        "leg": _rounded(found.leg),
        "nearest": [_class(found, row) for row in found.nearest.to_dict("records")],
        "features": [*reversed(_areas(found)), *_points(found)],
    }


def _class(found: Walk, row: Mapping[Any, Any]) -> dict[str, Any]:
    counts = [int(row[within(minutes)]) for minutes in found.asked.minutes]
    return _facility(row) | {"lon": row["lon"], "lat": row["lat"], "counts": counts}


def _facility(row: Mapping[Any, Any]) -> dict[str, Any]:
    words = {name: None if pd.isna(row[name]) else row[name] for name in ("category", "code", "name")}
    return words | {name: _rounded(row[name]) for name in ("metres", "minutes")}


def _rounded(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else round(value, 3)


def _areas(found: Walk) -> list[dict[str, Any]]:
    return [
        {
            "type": "Feature",
            "properties": {
                "kind": "isochrone",
                "minutes": row["minutes"],
                "metres": row["metres"],
                "street_metres": round(row["street_metres"], 3),
            },
            "geometry": json.loads(shapely.to_geojson(row["geometry"])),
        }
        for row in found.isochrones.to_dict("records")
    ]


def _points(found: Walk) -> list[dict[str, Any]]:
    return [
        {
            "type": "Feature",
            "properties": {"kind": "facility", **_facility(row)},
            "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
        }
        for row in found.facilities.to_dict("records")
    ]
