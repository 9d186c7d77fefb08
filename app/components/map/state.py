"""What the map's address says: the clicked place, the chosen project, shown and dimmed layers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from app.components.view import View
from app.services.filters import FILTERS


@dataclass(frozen=True)
class Clicked:
    """A clicked place in degrees, the zoom that the map had, and whether it was the second map."""

    lon: float
    lat: float
    zoom: float | None
    second: bool = False


def clicked(current: View) -> Clicked | None:
    """Read the place that an address points at; None without one.

    ``at=lon,lat`` or ``at=lon,lat,zoom``, and ``at=lon,lat,zoom,2`` for a place on the second map.
    """
    numbers = _numbers(current.get("at"))
    second = numbers[3:] == [2]
    if not (len(numbers) in {2, 3} or second) or abs(numbers[0]) > 180 or abs(numbers[1]) > 90:
        return None
    return Clicked(numbers[0], numbers[1], numbers[2] if len(numbers) > 2 else None, second)


def _numbers(text: str) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")] if text else []
    except ValueError:
        return []
    return numbers if all(map(math.isfinite, numbers)) else []


def visible(current: View, known: Sequence[str], usual: Sequence[str]) -> list[str]:
    """Return the layers that an address shows, bottom first; the usual ones where it names none.

    Parameters
    ----------
    known, usual
        The layers that the city can show, and those that it shows without being asked.
    """
    asked = current.get("layers").split(",") if "layers" in current.params else list(usual)
    return [name for name in dict.fromkeys(asked) if name in known]


def opacity(current: View, layer: str) -> int:
    """Return how much of a layer shows, in percent; ``dim=buildings:40`` in the address."""
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
