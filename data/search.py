"""Find a project by a part of its name or code."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, case, func

from data.models import Project
from data.projects import ProjectFilter, listing


def matches(connection: Connection, city_id: int, words: str, limit: int) -> Sequence[RowMapping]:
    """List the projects whose code or name holds every word: exact code first, then codes, then names."""
    first = next(iter(words.split()), "")
    rank = case(
        (func.upper(Project.code) == first.upper(), 0),
        (func.upper(Project.code).startswith(first.upper(), autoescape=True), 1),
        (Project.name.startswith(first, autoescape=True), 2),
        else_=3,
    )
    query = listing(city_id, ProjectFilter(text=words)).order_by(rank, Project.code).limit(limit)
    return connection.execute(query).mappings().all()
