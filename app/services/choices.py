"""What a city's filters offer: its districts, years and batches, with their counts."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import RowMapping, func, select

from data.models import District, Project
from data.projects import batch_label
from data.session import Database


@dataclass(frozen=True)
class Choices:
    """Districts in printed order, years and batches that occur, newest first."""

    districts: list[RowMapping]
    years: list[int]
    batches: list[str]


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
    with database.reading() as connection:
        return Choices(
            list(connection.execute(districts).mappings()),
            list(connection.scalars(years.order_by(Project.code_year.desc()))),
            sorted(connection.scalars(batches), reverse=True),
        )
