"""One project: what is known of it, where it stands among the others, and what lies beside it in a list."""

from __future__ import annotations

from typing import Any

from geoalchemy2.functions import ST_Area, ST_AsGeoJSON, ST_Transform
from sqlalchemy import ColumnElement, Connection, RowMapping, func, select

from data.models import District, Investment, Project, ProjectDistrict, RegisterEntry, RegisterNotice
from data.projects import (
    ProjectFilter,
    band,
    batch_label,
    conditions,
    entered_since_last,
    ordering,
)


def find(connection: Connection, city_id: int, code: str, metric_srid: int) -> RowMapping | None:
    """Read a project by its code, or None; ``area_m2`` in the city's metric CRS, ``geojson`` in EPSG:4326."""
    columns = [column for column in Project.__table__.columns if column.name not in {"boundary", "mercator"}]
    query = (
        select(
            *columns,
            band().label("band"),
            batch_label().label("batch_label"),
            entered_since_last(city_id).label("entered"),
            ST_Area(ST_Transform(Project.boundary, metric_srid)).label("area_m2"),
            ST_AsGeoJSON(Project.boundary, 6).label("geojson"),
            RegisterNotice.number.label("exit_notice"),
            RegisterNotice.published_on.label("exit_date"),
        )
        .outerjoin(RegisterNotice, RegisterNotice.id == Project.exit_notice_id)
        .where(Project.city_id == city_id, Project.code == code)
    )
    return connection.execute(query).mappings().first()


def districts(connection: Connection, project_id: int) -> list[RowMapping]:
    """List a project's districts in printed order with its share in each and how the share was set."""
    query = (
        select(
            District.id,
            District.code,
            District.name_zh,
            District.name_en,
            District.section,
            ProjectDistrict.share,
            ProjectDistrict.share_basis,
        )
        .join(District, District.id == ProjectDistrict.district_id)
        .where(ProjectDistrict.project_id == project_id)
        .order_by(District.position, District.code)
    )
    return list(connection.execute(query).mappings())


def listings(connection: Connection, project_id: int) -> list[RowMapping]:
    """List what each notice prints about a project, the newest notice first."""
    query = (
        select(
            RegisterNotice.number,
            RegisterNotice.published_on,
            RegisterNotice.sequence,
            RegisterEntry.name,
            RegisterEntry.amount,
            RegisterEntry.area,
            RegisterEntry.section,
            RegisterEntry.printed_as_new,
        )
        .join(RegisterNotice, RegisterNotice.id == RegisterEntry.notice_id)
        .where(RegisterEntry.project_id == project_id)
        .order_by(RegisterNotice.sequence.desc())
    )
    return list(connection.execute(query).mappings())


def investments(connection: Connection, project_id: int) -> list[RowMapping]:
    """List a project's money by year, source and kind, with the notice that it comes from."""
    query = (
        select(Investment.year, Investment.source, Investment.kind, Investment.amount, RegisterNotice.number)
        .outerjoin(RegisterNotice, RegisterNotice.id == Investment.notice_id)
        .where(Investment.project_id == project_id)
        .order_by(Investment.year.nulls_first(), Investment.source, Investment.kind)
    )
    return list(connection.execute(query).mappings())


def rank(
    connection: Connection, city_id: int, project: RowMapping, district_id: int | None = None
) -> RowMapping:
    """Place a project by investment among those in the library, of the city or of one district.

    Returns
    -------
    mapping
        ``rank`` (1 is the largest; equal amounts share a rank) and ``ranked``, the number of projects with an
        amount.
    """
    amount = project["total_investment"]
    query = select(
        (func.count().filter(Project.total_investment > amount) + 1).label("rank"),
        func.count(Project.total_investment).label("ranked"),
    ).where(Project.city_id == city_id, Project.exit_notice_id.is_(None))
    if district_id is not None:
        query = query.join(ProjectDistrict).where(ProjectDistrict.district_id == district_id)
    return connection.execute(query).mappings().one()


def neighbours(
    connection: Connection, city_id: int, project_id: int, keep: ProjectFilter, order: tuple[str, bool]
) -> RowMapping | None:
    """Find a project's place in a filtered list and the codes before and after it; None: not listed."""
    keys = ordering(*order)
    placed = (
        select(
            Project.id,
            _over(func.row_number(), keys).label("position"),
            func.count().over().label("listed"),
            _over(func.lag(Project.code), keys).label("previous"),
            _over(func.lead(Project.code), keys).label("next"),
        )
        .where(*conditions(city_id, keep))
        .subquery()
    )
    return connection.execute(select(placed).where(placed.c.id == project_id)).mappings().first()


def _over(function: Any, keys: tuple[ColumnElement[Any], ...]) -> Any:
    return function.over(order_by=keys)


def names_by_code(connection: Connection, city_id: int) -> dict[str, str]:
    """Return the name of each project of a city by its code."""
    query = select(Project.code, Project.name).where(Project.city_id == city_id)
    return {row.code: row.name for row in connection.execute(query)}
