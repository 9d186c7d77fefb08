"""What lies at a place, grouped by layer, and what is pending in its district."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, RowMapping

from data import identify as probes
from data import projects
from data.projects import ProjectFilter
from data.session import Database
from gis.coordinates import crs_name, in_metres, mercator, pixel_width

MOST_PENDING = 8
CLOSEST_ZOOM = 24.0
Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Pending:
    """The projects of a district that have no boundary: how many, and the largest of them."""

    district: Facts
    count: int
    largest: Sequence[RowMapping]


@dataclass(frozen=True)
class Metric:
    """Easting and northing (m) in the city's metric CRS."""

    east: float
    north: float
    srid: int
    name: str


@dataclass(frozen=True)
class Place:
    """What lies at a point (EPSG:4326).

    ``projects`` are those whose boundary lies there, the smallest first; ``found`` the features of the other
    layers, by layer; ``empty`` the layers that the city has, with nothing here; ``closer`` those of them
    whose features can be told apart only from a nearer zoom.
    """

    lon: float
    lat: float
    metric: Metric | None
    districts: Sequence[Facts]
    projects: Sequence[Facts]
    found: Mapping[str, Sequence[Facts]]
    empty: tuple[str, ...]
    closer: tuple[str, ...]
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
    """Say what lies at a point (EPSG:4326) of a city: in every layer, and of the filtered projects.

    A project without boundary has no place: it is listed under each of its districts, never at the point.
    ``zoom`` is the map's when it was clicked: what lies within a few of its pixels counts as hit, and single
    buildings count only where they can be seen.
    """
    keep = keep or ProjectFilter()
    near = min(zoom if zoom is not None else CLOSEST_ZOOM, CLOSEST_ZOOM)
    asked = [name for name, probe in probes.PROBES.items() if probe.zoom <= near]
    spot = probes.Spot(*mercator(lon, lat), pixel_width(near))
    with database.reading() as connection:
        found, present = probes.at(connection, city["id"], keep, spot, asked)
        here = found.pop("districts")
        pending = [_pending(connection, city["id"], keep, row) for row in here] if present["pending"] else []
    return Place(
        lon=lon,
        lat=lat,
        metric=_metric(lon, lat, city["metric_srid"]),
        districts=here,
        projects=found.pop("projects"),
        found={name: rows for name, rows in found.items() if rows},
        empty=tuple(name for name in asked if present[name] and not found[name]),
        closer=tuple(name for name in probes.PROBES if present[name] and name not in asked),
        pending=tuple(pending),
    )


def _metric(lon: float, lat: float, srid: int) -> Metric | None:
    place = in_metres(lon, lat, srid)
    return None if place is None else Metric(*place, srid, crs_name(srid))


def _pending(connection: Connection, city_id: int, keep: ProjectFilter, district: Facts) -> Pending:
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
