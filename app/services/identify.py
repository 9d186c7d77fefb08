"""What lies at a place: its district, the project boundaries there, and what is pending in that district."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import cos, radians

from sqlalchemy import Connection, RowMapping

from data import boundaries, projects
from data.models import Project
from data.projects import ProjectFilter
from data.session import Database

MOST_PENDING = 8
REACH_PIXELS = 4
DEGREES_PER_PIXEL_AT_ZOOM_0 = 360 / 512
WHOLE_PIXEL_ZOOM = 24.0


@dataclass(frozen=True)
class Pending:
    """The projects of a district that have no boundary: how many, and the largest of them."""

    district: RowMapping
    count: int
    largest: Sequence[RowMapping]


@dataclass(frozen=True)
class Place:
    """What lies at a point; ``projects`` holds those whose boundary covers it, the smallest first."""

    lon: float
    lat: float
    districts: Sequence[RowMapping]
    projects: Sequence[RowMapping]
    pending: tuple[Pending, ...]


def identify(  # noqa: PLR0913
    database: Database,
    city: RowMapping,
    lon: float,
    lat: float,
    keep: ProjectFilter | None = None,
    *,
    zoom: float | None = None,
) -> Place:
    """Say what lies at a point (EPSG:4326) of a city, of the filtered projects.

    A project without boundary has no place: it is listed under each of its districts, never at the point.
    ``zoom`` is the map's when it was clicked; boundaries within a few of its pixels count as hit.
    """
    keep = keep or ProjectFilter()
    with database.reading() as connection:
        here = boundaries.districts_at(connection, city["id"], lon, lat)
        codes = boundaries.codes_at(connection, city["id"], keep, (lon, lat), _reach(zoom, lat))
        return Place(
            lon,
            lat,
            here,
            _in_order(connection, city["id"], keep, codes),
            tuple(_pending(connection, city["id"], keep, district) for district in here),
        )


def _reach(zoom: float | None, lat: float) -> float:
    scale = DEGREES_PER_PIXEL_AT_ZOOM_0 / 2 ** min(zoom if zoom is not None else WHOLE_PIXEL_ZOOM, 24)
    return REACH_PIXELS * scale * cos(radians(lat))


def _in_order(
    connection: Connection, city_id: int, keep: ProjectFilter, codes: list[str]
) -> list[RowMapping]:
    if not codes:
        return []
    listed = projects.listing(city_id, keep).where(Project.code.in_(codes))
    found = {row["code"]: row for row in projects.page(connection, listed)}
    return [found[code] for code in codes]


def _pending(connection: Connection, city_id: int, keep: ProjectFilter, district: RowMapping) -> Pending:
    wanted = pending_of(keep, district["code"])
    if wanted is None:
        return Pending(district, 0, [])
    largest = projects.ordered(projects.listing(city_id, wanted), "amount", descending=True)
    return Pending(
        district,
        projects.how_many(connection, city_id, wanted),
        projects.page(connection, largest, limit=MOST_PENDING),
    )


def pending_of(keep: ProjectFilter, district: str) -> ProjectFilter | None:
    """Narrow a filter to a district's boundary-pending projects; None where it leaves none."""
    if (keep.districts and district not in keep.districts) or (
        keep.boundary and "pending" not in keep.boundary
    ):
        return None
    return replace(keep, districts=(district,), boundary=("pending",))
