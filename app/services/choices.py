"""What a city's filters offer: its districts, years and batches, with their counts."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import RowMapping, func, select

from data.models import District, Project
from data.projects import batch_label
from data.session import Database


@dataclass(frozen=True)
class Choices:
    """Districts in printed order, years and batches that occur, newest first; the codes that occur."""

    districts: list[RowMapping]
    years: list[int]
    batches: list[str]
    stages: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    modes: frozenset[str] = frozenset()


def choices(database: Database, city_id: int) -> Choices:
    """Read what can be chosen in a city's filters."""
    in_city = Project.city_id == city_id
    years = select(Project.code_year).where(in_city, Project.code_year.is_not(None)).distinct()
    label = func.coalesce(batch_label()).label("label")
    batches = select(label).where(in_city, Project.code_batch.is_not(None)).distinct()
    districts = (
        select(District.code, District.name_zh, District.name_en, District.section)
        .where(District.city_id == city_id, District.valid_to.is_(None))
        .order_by(District.position, District.code)
    )
    coded = (Project.stage, Project.project_type, Project.renewal_mode)
    used = select(*[func.array_agg(column.distinct()).filter(column.is_not(None)) for column in coded])
    with database.reading() as connection:
        stages, types, modes = (
            frozenset(found or ()) for found in connection.execute(used.where(in_city)).one()
        )
        return Choices(
            list(connection.execute(districts).mappings()),
            list(connection.scalars(years.order_by(Project.code_year.desc()))),
            sorted(connection.scalars(batches), reverse=True),
            stages,
            types,
            modes,
        )
