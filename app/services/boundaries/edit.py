"""Project boundaries 项目边界: check, save, delete and undo one, upload many, and how complete they are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, RowMapping

from app.services.boundaries.checks import check
from app.services.boundaries.upload import UploadReport, UploadRow, upload_boundaries
from data import boundaries, cities
from data.errors import N_, Conflict, InvalidInput
from data.projects import ProjectFilter
from data.session import Database, lock_city
from gis.boundary import as_multipolygon
from gis.problems import Problem

__all__ = [
    "Boundary",
    "BoundaryRefused",
    "UploadReport",
    "UploadRow",
    "boundary",
    "check_boundary",
    "completeness",
    "delete_boundary",
    "save_boundary",
    "undo_boundary",
    "upload_boundaries",
]

DRAWN_CRS = "EPSG:4326"
KNOWN = ("drafted", "surveyed")
POLYGONS = {"Polygon", "MultiPolygon"}


class BoundaryRefused(InvalidInput):
    """A boundary has errors, or warnings that nobody accepted; ``problems`` names them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            N_("The boundary was not saved: {problems}"), problems=" ".join(str(found) for found in problems)
        )


@dataclass(frozen=True)
class Boundary:
    """A project's boundary as it is stored; ``geometry`` is GeoJSON in EPSG:4326, None while pending."""

    code: str
    status: str
    crs: str | None
    geometry: dict[str, Any] | None
    area_m2: float | None


def boundary(database: Database, city: str, code: str) -> Boundary:
    """Read a project's boundary.

    Raises
    ------
    NotFound
        There is no such city or project.
    """
    with database.reading() as connection:
        return _boundary(connection, cities.city_named(connection, city)["id"], code)


def check_boundary(database: Database, city: str, code: str, geojson: Mapping[str, Any]) -> list[Problem]:
    """Check a drawn boundary before it is saved; an empty list means that nothing is wrong.

    Parameters
    ----------
    geojson
        A geometry, feature or feature collection in EPSG:4326; several polygons make one boundary.
    """
    with database.reading() as connection:
        city_row = cities.city_named(connection, city)
        boundaries.project_with_code(connection, city_row["id"], code)
        return check(connection, city_row, _candidate(code, geojson))


def save_boundary(  # noqa: PLR0913
    database: Database,
    city: str,
    code: str,
    geojson: Mapping[str, Any],
    *,
    status: str,
    actor: str,
    accept_warnings: bool = False,
) -> Boundary:
    """Store a drawn boundary as ``drafted`` or ``surveyed`` and return it as stored.

    Raises
    ------
    BoundaryRefused
        It has errors, or warnings while ``accept_warnings`` is False; nothing is stored.
    InvalidInput, NotFound
    """
    if status not in KNOWN:
        raise InvalidInput(
            N_("A boundary cannot be «{status}»."), remedy=N_("Choose drafted or surveyed."), status=status
        )
    with database.writing(actor) as connection:
        city_row, project = _for_writing(connection, city, code)
        candidate = _candidate(code, geojson)
        _require_sound(check(connection, city_row, candidate), accept_warnings)
        polygons = as_multipolygon(candidate.geometry).to_wkb().tolist()
        boundaries.write(connection, [project["id"]], polygons, DRAWN_CRS, status)
        return _boundary(connection, city_row["id"], code)


def delete_boundary(database: Database, city: str, code: str, *, actor: str) -> Boundary:
    """Take a project's boundary away; the project is pending again.

    Raises
    ------
    Conflict
        It has none.
    """
    with database.writing(actor) as connection:
        city_row, project = _for_writing(connection, city, code)
        if not boundaries.clear(connection, project["id"]):
            raise Conflict(N_("Project {code} has no boundary to delete."), code=code)
        return _boundary(connection, city_row["id"], code)


def undo_boundary(database: Database, city: str, code: str, *, actor: str) -> Boundary:
    """Restore the boundary that a project had before its last change; a second undo takes the first back.

    Raises
    ------
    Conflict
        The boundary was never changed.
    """
    with database.writing(actor) as connection:
        city_row, project = _for_writing(connection, city, code)
        if not boundaries.restore(connection, project["id"]):
            raise Conflict(N_("The boundary of project {code} was never changed."), code=code)
        return _boundary(connection, city_row["id"], code)


def completeness(database: Database, city: str, keep: ProjectFilter | None = None) -> pd.DataFrame:
    """Count the projects of each district by boundary status; see ``data.boundaries.completeness``."""
    with database.reading() as connection:
        city_id = cities.city_named(connection, city)["id"]
        return boundaries.completeness(connection, city_id, keep or ProjectFilter())


def _for_writing(connection: Connection, city: str, code: str) -> tuple[RowMapping, RowMapping]:
    city_row = cities.city_named(connection, city)
    lock_city(connection, city_row["id"])
    return city_row, boundaries.project_with_code(connection, city_row["id"], code)


def _boundary(connection: Connection, city_id: int, code: str) -> Boundary:
    row = boundaries.project_with_code(connection, city_id, code)
    geometry = json.loads(row["boundary"]) if row["boundary"] else None
    return Boundary(code, row["boundary_status"], row["boundary_crs"], geometry, row["area_m2"])


def _require_sound(problems: Sequence[Problem], accept_warnings: bool) -> None:
    blocking = {"error"} if accept_warnings else {"error", "warning"}
    found = [problem for problem in problems if problem.severity in blocking]
    if found:
        raise BoundaryRefused(found)


def _candidate(code: str, geojson: Mapping[str, Any]) -> gpd.GeoDataFrame:
    shapes = np.array([_geometry(geojson)], dtype=object)
    return gpd.GeoDataFrame({"code": [code]}, geometry=gpd.GeoSeries(shapes, crs=4326))


def _geometry(geojson: Mapping[str, Any]) -> BaseGeometry | None:
    """Build one geometry; polygons of several features become its parts, other types stay to be named."""
    try:
        shapes = [shape(dict(part)) for part in _geometries(geojson)]
    except (ShapelyError, ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise InvalidInput(
            N_("The drawing is not GeoJSON that can be read: {reason}."),
            remedy=N_("Draw the boundary again."),
            reason=str(error).rstrip(".")[:200],
        ) from error
    if not shapes:
        return None
    if {found.geom_type for found in shapes} <= POLYGONS:
        return shapely.MultiPolygon([part for found in shapes for part in shapely.get_parts(found)])
    return shapes[0] if len(shapes) == 1 else shapely.GeometryCollection(shapes)


def _geometries(geojson: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    kind = geojson["type"]
    if kind == "FeatureCollection":
        return [feature["geometry"] for feature in geojson["features"] if feature["geometry"]]
    if kind == "Feature":
        return [geojson["geometry"]] if geojson["geometry"] else []
    return [geojson]
