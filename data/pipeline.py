"""The pipeline's stages by district: where projects stand, and how much money stands there."""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping, func, select

from data.models import District, Project, ProjectDistrict
from data.project_day import stage_on
from data.projects import ProjectFilter, conditions


def stages_by_district(connection: Connection, city_id: int, keep: ProjectFilter) -> list[RowMapping]:
    """Count and sum the filtered projects of each district by stage, cross-district ones by their share.

    Returns
    -------
    list of mappings
        ``key`` (district code), names, ``stage`` (None: not supplied), ``projects`` that touch the district,
        ``investment`` (yuan, by share; None where no amount is known).
    """
    stage = stage_on(keep.day).label("stage")
    query = (
        select(
            District.code.label("key"),
            District.name_zh,
            District.name_en,
            stage,
            func.count().label("projects"),
            func.sum(Project.total_investment * ProjectDistrict.share).label("investment"),
        )
        .select_from(Project)
        .join(ProjectDistrict)
        .join(District)
        .where(*conditions(city_id, keep))
        .group_by(District.id, stage)
        .order_by(District.position, District.code)
    )
    return list(connection.execute(query).mappings())
