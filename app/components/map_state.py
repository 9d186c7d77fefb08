"""What the map's address says: the clicked place, the chosen project, hidden and dimmed layers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from urllib.parse import urlencode

from app.components.view import View
from data.errors import N_

LAYERS = {
    "districts": N_("Districts and zones"),
    "surveyed": N_("Surveyed boundaries"),
    "drafted": N_("Drafted boundaries"),
    "pending": N_("Without boundary, by district"),
}
FILTERS = (
    *("q", "district", "section", "year", "batch", "band", "boundary"),
    *("min", "max", "entered", "cross", "exited"),
)


@dataclass(frozen=True)
class Clicked:
    """A clicked place in degrees, and the zoom that the map had."""

    lon: float
    lat: float
    zoom: float | None


def clicked(current: View) -> Clicked | None:
    """Read the place that an address points at (``at=lon,lat`` or ``at=lon,lat,zoom``); None without one."""
    numbers = _numbers(current.get("at"))
    if len(numbers) not in {2, 3} or abs(numbers[0]) > 180 or abs(numbers[1]) > 90:
        return None
    return Clicked(numbers[0], numbers[1], numbers[2] if len(numbers) == 3 else None)


def _numbers(text: str) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")] if text else []
    except ValueError:
        return []
    return numbers if all(map(math.isfinite, numbers)) else []


def hidden(current: View) -> set[str]:
    """Return the layers that an address switches off."""
    return set(current.get("hide").split(",")) & set(LAYERS)


def opacity(current: View, layer: str) -> int:
    """Return how much of a layer shows, in percent; ``dim=drafted:40`` in the address."""
    parts = [part.partition(":") for part in current.get("dim").split(",")]
    asked = {name: value for name, _, value in parts if value.isascii() and value.isdigit()}
    return min(int(asked.get(layer, "100")[:3]), 100)


def is_drawing(current: View) -> bool:
    """Whether an address opens the drawing of the chosen project's boundary."""
    return bool(current.get("sel")) and current.get("draw") == "1"


def filters_of(current: View) -> dict[str, str]:
    """Return the filters of an address as they stand there."""
    return {name: current.get(name) for name in FILTERS if current.get(name)}


def layer_url(current: View, **params: str) -> str:
    """Return where the browser reads the filtered projects' boundaries from."""
    asked = {**filters_of(current), "located": "1", "escape": "html", **params}
    return f"/api/v1/cities/{current.slug}/projects.geojson?{urlencode(asked)}"
