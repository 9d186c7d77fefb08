"""Amounts of projects as the analysis of their concentration needs them."""

from __future__ import annotations

import pandas as pd
from sqlalchemy import Connection, exists, or_, select

from data.models import Project
from data.projects import ProjectFilter, conditions


def amounts(connection: Connection, city_id: int, keep: ProjectFilter) -> pd.Series:
    """Read the filtered projects' total investment (yuan; NaN where unknown), indexed by name."""
    query = (
        select(Project.name, Project.total_investment)
        .where(*conditions(city_id, keep))
        .order_by(Project.total_investment.desc().nulls_last(), Project.code)
    )
    rows = connection.execute(query).all()
    return pd.Series([row[1] for row in rows], index=[row[0] for row in rows], dtype=float)


def supplies_progress(connection: Connection, city_id: int) -> bool:
    """Tell whether any project of a city has a type, a mode of renewal or a stage."""
    told = or_(
        Project.project_type.is_not(None), Project.renewal_mode.is_not(None), Project.stage.is_not(None)
    )
    return bool(connection.scalar(select(exists().where(Project.city_id == city_id, told))))
