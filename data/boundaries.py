"""Project boundaries 项目边界: read, replace, clear, restore, and what lies at a point."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy import Connection, RowMapping, Select, case, func, literal, select, text

from data.errors import N_, NotFound
from data.models import AuditLog, City, District, Project, ProjectDistrict
from data.projects import ProjectFilter, conditions

Bounds = tuple[float, float, float, float]
STATUSES = ("pending", "drafted", "surveyed")


def project_with_code(connection: Connection, city_id: int, code: str) -> RowMapping:
    """Return a project with its boundary (GeoJSON text, EPSG:4326), area (m²) and bounds; None while pending.

    Raises
    ------
    NotFound
        The city has no project with this code.
    """
    area = func.ST_Area(func.ST_Transform(Project.boundary, City.metric_srid)).label("area_m2")
    query = (
        select(
            Project.id,
            Project.code,
            Project.name,
            Project.total_investment.label("amount"),
            Project.boundary_status,
            Project.boundary_crs,
            Project.exit_notice_id.is_not(None).label("exited"),
            func.ST_AsGeoJSON(Project.boundary, 15).label("boundary"),
            area,
            *_bounds(Project.boundary),
        )
        .join(City)
        .where(Project.city_id == city_id, Project.code == code)
    )
    found = connection.execute(query).mappings().first()
    if found is None:
        raise NotFound(
            N_("There is no project «{code}» in this city."), remedy=N_("Check the code."), code=code[:40]
        )
    return found


def _bounds(shape: Any) -> list[Any]:
    edges = {"west": func.ST_XMin, "south": func.ST_YMin, "east": func.ST_XMax, "north": func.ST_YMax}
    return [edge(shape).label(name) for name, edge in edges.items()]


def districts_of_project(connection: Connection, project_id: int) -> Sequence[RowMapping]:
    """List the districts of a project in printed order, with the bounds of those whose boundary is known."""
    query = (
        select(District.code, District.name_zh, District.name_en, *_bounds(District.boundary))
        .join(ProjectDistrict)
        .where(ProjectDistrict.project_id == project_id)
        .order_by(District.position, District.code)
    )
    return connection.execute(query).mappings().all()


def boundaries_within(connection: Connection, city_id: int, bounds: Bounds) -> gpd.GeoDataFrame:
    """Read the boundaries that meet these bounds (west, south, east, north; EPSG:4326), with their codes."""
    box = func.ST_MakeEnvelope(*bounds, 4326)
    query = select(Project.code, func.ST_AsBinary(Project.boundary).label("wkb")).where(
        Project.city_id == city_id, Project.exit_notice_id.is_(None), Project.boundary.op("&&")(box)
    )
    frame = pd.DataFrame(connection.execute(query).mappings().all(), columns=["code", "wkb"])
    return gpd.GeoDataFrame(frame[["code"]], geometry=gpd.GeoSeries.from_wkb(frame["wkb"], crs=4326))


def projects_with_codes(connection: Connection, city_id: int, codes: Sequence[str]) -> pd.DataFrame:
    """Read the projects that have one of these codes: ``id``, ``name``, ``status``, ``exited``, ``wkb``."""
    query = select(
        Project.code,
        Project.id,
        Project.name,
        Project.boundary_status.label("status"),
        Project.exit_notice_id.is_not(None).label("exited"),
        func.ST_AsBinary(Project.boundary).label("wkb"),
    ).where(Project.city_id == city_id, Project.code == func.any(list(codes)))
    rows = connection.execute(query).mappings().all()
    columns = ["code", "id", "name", "status", "exited", "wkb"]
    return pd.DataFrame(rows, columns=columns).set_index("code")


def codes_of(connection: Connection, city_id: int) -> set[str]:
    """Return the codes of all projects of a city."""
    return set(connection.scalars(select(Project.code).where(Project.city_id == city_id)))


def write(
    connection: Connection, ids: Sequence[int], polygons: Sequence[bytes], crs: str, status: str
) -> int:
    """Store project boundaries that differ from what is stored; returns how many did.

    Parameters
    ----------
    ids, polygons
        Projects and their multipolygons as WKB in EPSG:4326.
    crs, status
        The coordinate system the source declares, and ``drafted`` or ``surveyed``.
    """
    query = """
        UPDATE project p SET boundary = given.boundary, boundary_crs = :crs, boundary_status = :status
        FROM (SELECT id, ST_GeomFromWKB(wkb, 4326) AS boundary
            FROM unnest(CAST(:ids AS integer[]), CAST(:polygons AS bytea[])) AS t(id, wkb)) AS given
        WHERE p.id = given.id AND (ST_AsBinary(p.boundary), p.boundary_crs, p.boundary_status)
            IS DISTINCT FROM (ST_AsBinary(given.boundary), :crs, :status)
    """
    values = {"ids": list(ids), "polygons": list(polygons), "crs": crs, "status": status}
    return connection.execute(text(query), values).rowcount


def clear(connection: Connection, project_id: int) -> bool:
    """Take a project's boundary away; False where there was none."""
    query = """
        UPDATE project SET boundary = NULL, boundary_crs = NULL, boundary_status = 'pending'
        WHERE id = :id AND boundary IS NOT NULL
    """
    return connection.execute(text(query), {"id": project_id}).rowcount == 1


def restore(connection: Connection, project_id: int) -> bool:
    """Give a project the boundary it had before the last change of it; False where none is on record.

    The audit log holds geometry as GeoJSON with 15 decimals, so the boundary comes back as it was.
    """
    query = """
        UPDATE project p SET
            boundary = ST_SetSRID(ST_GeomFromGeoJSON(last.before ->> 'boundary'), 4326),
            boundary_crs = last.before ->> 'boundary_crs', boundary_status = last.before ->> 'boundary_status'
        FROM (
            SELECT before FROM audit_log
            WHERE table_name = 'project' AND row_id = :id AND action = 'update'
                AND (before -> 'boundary', before -> 'boundary_status', before -> 'boundary_crs')
                IS DISTINCT FROM (after -> 'boundary', after -> 'boundary_status', after -> 'boundary_crs')
            ORDER BY id DESC LIMIT 1
        ) AS last
        WHERE p.id = :id
    """
    return connection.execute(text(query), {"id": project_id}).rowcount == 1


def revision(connection: Connection) -> int:
    """Return a number that grows with every change of the database."""
    return connection.scalar(select(func.coalesce(func.max(AuditLog.id), 0))) or 0


def completeness(connection: Connection, city_id: int, keep: ProjectFilter) -> pd.DataFrame:
    """Count the filtered projects of each district by boundary status 边界状态.

    Returns
    -------
    DataFrame
        One row a district in printed order: ``code``, ``name_zh``, ``name_en``, ``kind``, ``projects`` (that
        touch it), ``pending``, ``drafted``, ``surveyed``, and ``lon``, ``lat`` of a point inside it (NaN
        while its own boundary is pending).
    """
    counted = (
        select(
            ProjectDistrict.district_id,
            func.count().label("projects"),
            *[func.count().filter(Project.boundary_status == name).label(name) for name in STATUSES],
        )
        .join(Project)
        .where(*conditions(city_id, keep))
        .group_by(ProjectDistrict.district_id)
        .subquery()
    )
    inside = func.ST_PointOnSurface(District.boundary)
    counts = ["projects", *STATUSES]
    query = (
        select(
            District.code,
            District.name_zh,
            District.name_en,
            District.kind,
            *[func.coalesce(counted.c[name], 0).label(name) for name in counts],
            func.ST_X(inside).label("lon"),
            func.ST_Y(inside).label("lat"),
        )
        .outerjoin(counted, counted.c.district_id == District.id)
        .where(District.city_id == city_id, District.valid_to.is_(None))
        .order_by(District.position, District.code)
    )
    columns = ["code", "name_zh", "name_en", "kind", *counts, "lon", "lat"]
    frame = pd.DataFrame(connection.execute(query).mappings().all(), columns=columns)
    return frame.astype({"lon": float, "lat": float})


def shown_at_districts(connection: Connection, city_id: int, keep: ProjectFilter) -> int:
    """Count the filtered projects without boundary that touch a district with one, each once."""
    there = select(ProjectDistrict.project_id).join(District).where(District.boundary.is_not(None))
    query = select(func.count(Project.id)).where(
        *conditions(city_id, keep), Project.boundary.is_(None), Project.id.in_(there)
    )
    return int(connection.scalar(query) or 0)


def _point(lon: float, lat: float) -> Any:
    return func.ST_SetSRID(func.ST_MakePoint(lon, lat), 4326)


def features(
    city_id: int,
    keep: ProjectFilter,
    *,
    codes: Sequence[str] = (),
    located: bool = False,
    tolerance: float = 0.0,
) -> Select[Any]:
    """Select the filtered projects as features: their facts, and their boundary as GeoJSON text.

    Parameters
    ----------
    codes
        These projects only, whether they have left the library or not; ``keep`` does not count then.
    located
        Only projects whose boundary is known; the others have the geometry NULL.
    tolerance
        Thin the boundaries by this many degrees; none is lost by it.
    """
    shape = func.ST_SimplifyPreserveTopology(Project.boundary, tolerance) if tolerance else Project.boundary
    exited = case((Project.exit_notice_id.is_not(None), literal(True)), else_=literal(False))
    query = select(
        Project.code,
        Project.name,
        Project.boundary_status,
        Project.total_investment.label("amount"),
        exited.label("exited"),
        func.ST_AsGeoJSON(shape, 6).label("geometry"),
    )
    named = (Project.city_id == city_id, Project.code.in_(codes))
    query = query.where(*(named if codes else conditions(city_id, keep)))
    return (query.where(Project.boundary.is_not(None)) if located else query).order_by(Project.code)


def district_features(connection: Connection, city_id: int) -> dict[str, str | None]:
    """Return the boundary of each present district as GeoJSON text by code; None while pending."""
    query = select(District.code, func.ST_AsGeoJSON(District.boundary, 6).label("geometry")).where(
        District.city_id == city_id, District.valid_to.is_(None)
    )
    return {row.code: row.geometry for row in connection.execute(query)}
