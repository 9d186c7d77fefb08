"""What can be reached on foot, on the map: nested isochrones 等时圈 and their classes."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlencode

from app import errors
from app.components.map.classes import Classing, Swatch, not_supplied
from app.components.map.state import clicked
from app.components.palette import colour
from app.components.view import View, database
from app.i18n import gettext as _
from app.services.map.walk_answer import speed_from_text
from app.services.map.walking import MINUTES, SPEED, Walk, around, around_project
from data.errors import InvalidInput, NotFound

# One hue that no other layer has, the nearer the further from the ground; told apart by lightness alone.
NESTED = (
    {"light": "#7d1145", "dark": "#ffd6e6"},
    {"light": "#bf4a81", "dark": "#e288b0"},
    {"light": "#df9dbc", "dark": "#a84c79"},
)
SOURCE = "walk"
STRENGTH = 0.24


def is_walking(current: View) -> bool:
    """Whether an address draws what can be reached on foot (``walk=1``)."""
    return current.get("walk") == "1"


class Speed(NamedTuple):
    """A walking speed in m/min, and why it is not the one that the address asks for; '' where it is."""

    metres: float
    refused: str = ""


def speed_of(current: View) -> Speed:
    """Return the walking speed of an address (``speed=80``); the usual one where it cannot be."""
    try:
        return Speed(speed_from_text(current.get("speed")))
    except InvalidInput as error:
        return Speed(SPEED, errors.translated(error))


def speed_words(metres: float) -> str:
    """Write a walking speed in both of its usual units."""
    return _("{speed} m/min ({kmh} km/h)").format(speed=f"{metres:g}", kmh=f"{metres * 0.06:.3g}")


def walk_of(current: View) -> Walk | None:
    """Find what can be reached on foot from the chosen project or clicked place; None without one."""
    code, place, speed = current.get("sel"), clicked(current), speed_of(current).metres
    try:
        if code:
            return around_project(database(), current.city, code, MINUTES, speed)
    except NotFound:
        return None
    return None if place is None else around(database(), current.city, place.lon, place.lat, MINUTES, speed)


def walk_url(current: View) -> str:
    """Return where isochrones and facilities around the chosen project or clicked place are read from."""
    code, place = current.get("sel"), clicked(current)
    at = "" if place is None else f"{place.lon:.6f},{place.lat:.6f}"
    query, speed = {"project": code} if code else {"at": at}, speed_of(current).metres
    query |= {"speed": f"{speed:g}"} if speed != SPEED else {}
    return f"/api/v1/cities/{current.slug}/walk?{urlencode(query, safe=',')}"


def walk_source(current: View, found: Walk | None) -> dict[str, Any]:
    """Return the source of the isochrones for the style of the map."""
    if found is None or not found.known:
        return {}
    return {SOURCE: {"type": "geojson", "data": walk_url(current)}}


def walk_layers(found: Walk | None) -> list[dict[str, Any]]:
    """Return the layers of the isochrones; the shorter lie on the longer."""
    if found is None or not found.known:
        return []
    tint = walk_classing(found).expression()
    areas = {"source": SOURCE, "filter": ["==", ["get", "kind"], "isochrone"]}
    fill = {"fill-color": tint, "fill-opacity": STRENGTH}
    line = {"line-color": tint, "line-width": 1.1}
    return [
        {"id": "walk-fill", "type": "fill", "paint": fill, **areas},
        {"id": "walk-line", "type": "line", "paint": line, "layout": {"line-join": "round"}, **areas},
    ]


def walk_classing(found: Walk) -> Classing:
    """Return the classes of the isochrones by minutes; style, legend and lists are made of it."""
    times = zip(found.asked.minutes, found.limits, NESTED, strict=True)
    swatches = tuple(
        Swatch(f"{minutes:g}", _reach(minutes, metres), colour(tint)) for minutes, metres, tint in times
    )
    title = _("On foot at {speed}").format(speed=speed_words(found.asked.speed))
    return Classing(["get", "minutes"], swatches, not_supplied(0), title=title)


def _reach(minutes: float, metres: float) -> str:
    return _("{minutes} min · {metres} m").format(minutes=f"{minutes:g}", metres=f"{metres:,.0f}")
