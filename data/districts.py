"""Districts with their figures and boundaries."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy import Connection, RowMapping, func, select

from data.frames import read_frame
from data.models import City, District, Project, ProjectDistrict
from data.projects import ProjectFilter, conditions, entered_since_last


def cities(connection: Connection) -> list[RowMapping]:
    """List the cities, real ones first."""
    columns = City.__table__.columns
    return list(connection.execute(select(*columns).order_by(City.synthetic, City.id)).mappings())


def city(connection: Connection, slug: str) -> RowMapping | None:
    """Return a city by its slug, or None."""
    return connection.execute(select(*City.__table__.columns).where(City.slug == slug)).mappings().first()


def figures(connection: Connection, city_id: int, metric_srid: int, keep: ProjectFilter) -> pd.DataFrame:
    """Count and sum the projects of each district, cross-district ones by their share.

    Returns
    -------
    DataFrame
        One row a district in printed order: ``projects`` (count of projects that touch it),
        ``cross_district`` (those among them that touch others too), ``investment`` (yuan, by share),
        ``median`` (yuan, of whole projects), ``with_boundary``, ``entered``, ``area_m2`` (in the city's
        metric CRS; NaN while the boundary is pending).
    """
    parts = (
        select(
            ProjectDistrict.district_id,
            func.count().label("projects"),
            func.count().filter(ProjectDistrict.share < 1).label("cross_district"),
            func.sum(Project.total_investment * ProjectDistrict.share).label("investment"),
            func.percentile_cont(0.5).within_group(Project.total_investment).label("median"),
            func.count(Project.boundary).label("with_boundary"),
            func.count().filter(entered_since_last(city_id)).label("entered"),
        )
        .join(Project)
        .where(*conditions(city_id, keep))
        .group_by(ProjectDistrict.district_id)
        .subquery()
    )
    area = func.ST_Area(func.ST_Transform(District.boundary, metric_srid)).label("area_m2")
    query = (
        select(
            District.id,
            District.code,
            District.name_zh,
            District.name_en,
            District.kind,
            District.section,
            District.boundary_crs,
            District.boundary_source,
            area,
            *[parts.c[name] for name in FIGURES],
        )
        .outerjoin(parts, parts.c.district_id == District.id)
        .where(District.city_id == city_id, District.valid_to.is_(None))
        .order_by(District.position, District.code)
    )
    frame = pd.DataFrame(connection.execute(query).mappings().all(), columns=[*IDENTITY, "area_m2", *FIGURES])
    counts = ["projects", "cross_district", "with_boundary", "entered"]
    frame[counts] = frame[counts].fillna(0).astype(int)
    return frame.astype({"investment": float, "median": float, "area_m2": float})


IDENTITY = ["id", "code", "name_zh", "name_en", "kind", "section", "boundary_crs", "boundary_source"]
FIGURES = ["projects", "cross_district", "investment", "median", "with_boundary", "entered"]


def boundaries(connection: Connection, city_id: int) -> gpd.GeoDataFrame:
    """Read the district polygons that are known (EPSG:4326), with code and names."""
    query = select(District.code, District.name_zh, District.name_en, District.boundary).where(
        District.city_id == city_id, District.boundary.is_not(None), District.valid_to.is_(None)
    )
    return read_frame(connection, query)


def outline(connection: Connection, city_id: int) -> Any:
    """Return the union of the district polygons (EPSG:4326), or None when none is known."""
    frame = boundaries(connection, city_id)
    return None if frame.empty else frame.union_all()
