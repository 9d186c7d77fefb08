"""Selection 选区: an area of the address, what lies in it, and the sums of that.

An address says ``area=rect:west,south,east,north``, ``circle:lon,lat,metres``,
``poly:lon lat,lon lat,...`` (degrees, EPSG:4326) or ``district:CODE``; ``inside=1`` keeps only the projects
that lie wholly within.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from sqlalchemy import Connection, RowMapping

from app.i18n import gettext as _
from app.terms import named
from data import projects as project_queries
from data import selection as queries
from data.errors import N_, InvalidInput
from data.projects import ProjectFilter
from data.selection import Area, Sums
from data.session import Database

MOST_CORNERS = 500
MOST_METRES = 50_000.0
LEAST_METRES = 1.0
MOST_DEGREES = 5.0
MOST_LISTED = 30
DRAWN_TOLERANCE = 2e-5
KINDS = ("rect", "circle", "poly", "district")


@dataclass(frozen=True)
class Selected:
    """An area that an address asks for.

    ``kind`` is one of ``KINDS``; ``metres`` the radius of a circle, ``district`` the row of a district.
    """

    kind: str
    area: Area
    metres: float | None = None
    district: RowMapping | None = None

    @property
    def shape(self) -> Any:
        """The area as a polygon in EPSG:4326; None while a district's boundary is pending."""
        return None if self.area.shape is None else shapely.from_wkb(self.area.shape)

    def drawn(self) -> str:
        """Return the area as GeoJSON, thinned by about two metres where it is a district."""
        shape = self.shape
        if shape is None:
            return ""
        return str(shapely.to_geojson(shape.simplify(DRAWN_TOLERANCE) if self.district else shape))


@dataclass(frozen=True)
class Selection:
    """What lies in an area: its size (m², metric CRS), the sums, the largest projects.

    ``unplaced`` counts the projects that the filter keeps and that have no boundary.
    """

    selected: Selected
    square_metres: float | None
    sums: Sums
    listed: Sequence[RowMapping]
    unplaced: int


def area_words(selected: Selected) -> str:
    """Say an area in words: its kind, its radius or its district."""
    if selected.district is not None:
        return named(selected.district)
    if selected.metres is not None:
        return _("circle of {metres} m").format(metres=f"{selected.metres:,.0f}")
    return _("rectangle") if selected.kind == "rect" else _("polygon")


def selection(
    database: Database, city: RowMapping, params: Mapping[str, str], keep: ProjectFilter
) -> Selection | None:
    """Sum up the area of an address; None where it asks for none.

    Raises
    ------
    InvalidInput
        The area cannot be read, crosses itself, or is too large.
    NotFound
        The city has no such district.
    """
    with database.reading() as connection:
        project_queries.hold_still(connection)
        selected = select_area(connection, city, params)
        if selected is None:
            return None
        totals = project_queries.totals(connection, city["id"], keep)
        return Selection(
            selected,
            queries.square_metres(connection, selected.area, city["metric_srid"]),
            queries.sums(connection, city, selected.area, keep),
            _largest(connection, city["id"], selected.area, keep),
            int(totals["projects"] - totals["with_boundary"]),
        )


def _largest(connection: Connection, city_id: int, area: Area, keep: ProjectFilter) -> list[RowMapping]:
    listing = project_queries.listing(city_id, keep).where(queries.projects_in(area))
    largest = project_queries.ordered(listing, "amount", descending=True)
    return project_queries.page(connection, largest, limit=MOST_LISTED)


def select_area(connection: Connection, city: RowMapping, params: Mapping[str, str]) -> Selected | None:
    """Read the area that an address asks for; None where it asks for none.

    Raises
    ------
    InvalidInput, NotFound
        As ``selection``.
    """
    text = params.get("area", "").strip()
    if not text:
        return None
    kind, _, rest = text.partition(":")
    if kind not in KINDS:
        raise _unreadable(text)
    inside = params.get("inside") == "1"
    return READERS[kind](connection, city, rest, inside)


def _rectangle(_connection: Connection, _city: RowMapping, text: str, inside: bool) -> Selected:
    west, south, east, north = _degrees(text, 4, f"rect:{text}")
    if west > east:
        raise InvalidInput(
            N_("The rectangle's west {west} lies east of its east {east}."),
            remedy=N_("Give west, south, east, north in degrees; it cannot reach over the 180° meridian."),
            west=f"{west:g}",
            east=f"{east:g}",
        )
    if west == east or south >= north:
        raise InvalidInput(
            N_("The rectangle has no area."), remedy=N_("Give west, south, east, north in degrees.")
        )
    drawn = _not_too_wide(shapely.box(west, south, east, north), f"rect:{text}")
    return Selected("rect", Area(drawn.wkb, inside=inside))


def _circle(connection: Connection, city: RowMapping, text: str, inside: bool) -> Selected:
    place, _, radius = text.rpartition(",")
    lon, lat = _degrees(place, 2, f"circle:{text}")
    metres = _number(radius, f"circle:{text}")
    if not LEAST_METRES <= metres <= MOST_METRES:
        raise InvalidInput(
            N_("A radius of {metres} m cannot be used."),
            remedy=N_("Give a radius from {least} to {most} m."),
            metres=radius[:20],
            least=f"{LEAST_METRES:g}",
            most=f"{MOST_METRES:g}",
        )
    ring = queries.circle(connection, (lon, lat), metres, city["metric_srid"])
    drawn = shapely.from_wkb(ring)
    if not drawn.is_valid or not drawn.contains(shapely.Point(lon, lat)):
        raise _too_far(f"circle:{text}")
    return Selected("circle", Area(ring, inside=inside), metres=metres)


def _polygon(_connection: Connection, _city: RowMapping, text: str, inside: bool) -> Selected:
    corners = [part.replace(" ", ",") for part in text.strip(",").split(",")]
    if len(corners) > MOST_CORNERS:
        raise InvalidInput(
            N_("The polygon has {count} corners; at most {most} can be used."),
            remedy=N_("Draw it with fewer corners."),
            count=len(corners),
            most=MOST_CORNERS,
        )
    ring = [_degrees(part, 2, f"poly:{text}") for part in corners]
    if len(set(map(tuple, ring))) < 3:
        raise InvalidInput(N_("The polygon has no area."), remedy=N_("Give at least three corners."))
    drawn = _not_too_wide(_sound(shapely.Polygon(ring)), f"poly:{text}")
    return Selected("poly", Area(drawn.wkb, inside=inside))


def _not_too_wide(polygon: Any, asked: str) -> Any:
    west, south, east, north = polygon.bounds
    if max(east - west, north - south) > MOST_DEGREES:
        raise _too_far(asked)
    return polygon


def _too_far(asked: str) -> InvalidInput:
    return InvalidInput(
        N_("The area «{area}» reaches far beyond a city."),
        remedy=N_("Choose an area within the city."),
        area=asked[:60],
    )


def _sound(polygon: Any) -> Any:
    if polygon.convex_hull.area == 0:
        raise InvalidInput(N_("The polygon has no area."), remedy=N_("Give at least three corners."))
    if not polygon.is_valid:
        raise InvalidInput(
            N_("The polygon crosses itself: {reason}."),
            remedy=N_("Draw it again without crossing lines."),
            reason=shapely.is_valid_reason(polygon),
        )
    return polygon


def _district(connection: Connection, city: RowMapping, code: str, inside: bool) -> Selected:
    found = queries.district(connection, city["id"], code.replace("\x00", ""))
    shape = None if found["shape"] is None else bytes(found["shape"])
    return Selected("district", Area(shape, found["id"], inside), district=found)


READERS: dict[str, Callable[[Connection, RowMapping, str, bool], Selected]] = {
    "rect": _rectangle,
    "circle": _circle,
    "poly": _polygon,
    "district": _district,
}


def _degrees(text: str, count: int, asked: str) -> list[float]:
    """Read pairs of longitude and latitude."""
    numbers = [_number(part, asked) for part in text.split(",")]
    if len(numbers) != count:
        raise _unreadable(asked)
    if any(abs(lon) > 180 for lon in numbers[::2]) or any(abs(lat) > 90 for lat in numbers[1::2]):
        raise InvalidInput(
            N_("The area «{area}» lies outside the globe."),
            remedy=N_("Give longitude before latitude, in degrees."),
            area=asked[:60],
        )
    return numbers


def _number(text: str, asked: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise _unreadable(asked)
    return number


def _unreadable(text: str) -> InvalidInput:
    return InvalidInput(
        N_("The area «{area}» cannot be read."),
        remedy=N_(
            "Write rect:west,south,east,north, circle:lon,lat,metres, poly:lon lat,lon lat,... "
            "or district:CODE."
        ),
        area=text[:60],
    )
