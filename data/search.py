"""Find projects, districts, facilities and streets by a part of their name or code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, case, func, select

from data.models import District, Facility, Project, StreetEdge
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


def _holds(text: Any, words: str) -> list[ColumnElement[bool]]:
    """Whether a text holds every word, whatever its case."""
    return [text.icontains(word, autoescape=True) for word in words.split()]


def _begins(text: Any, words: str) -> ColumnElement[int]:
    first = next(iter(words.split()), "")
    return case((text.istartswith(first, autoescape=True), 0), else_=1)


def districts(connection: Connection, city_id: int, words: str, limit: int) -> Sequence[RowMapping]:
    """List the present districts and zones that go by such a name or code, with their bounds."""
    names = func.concat_ws(
        " ", District.code, District.name_zh, District.name_en, func.array_to_string(District.aliases, " ")
    )
    query = (
        select(District.code, District.name_zh, District.name_en, District.kind, *_bounds(District.boundary))
        .where(District.city_id == city_id, District.valid_to.is_(None), *_holds(names, words))
        .order_by(_begins(District.name_zh, words), District.position, District.code)
        .limit(limit)
    )
    return connection.execute(query).mappings().all()


def facilities(connection: Connection, city_id: int, words: str, limit: int) -> Sequence[RowMapping]:
    """List facilities and parks by name, with a place inside each."""
    place = func.ST_PointOnSurface(Facility.shape)
    found = (
        select(Facility.id)
        .where(Facility.city_id == city_id, *_holds(Facility.name, words))
        .order_by(_begins(Facility.name, words), Facility.name, Facility.code)
        .limit(limit)
        .subquery()
    )
    query = (
        select(
            Facility.code,
            Facility.name,
            Facility.category,
            func.ST_X(place).label("lon"),
            func.ST_Y(place).label("lat"),
        )
        .where(Facility.id.in_(select(found.c.id)))
        .order_by(_begins(Facility.name, words), Facility.name, Facility.code)
    )
    return connection.execute(query).mappings().all()


def streets(connection: Connection, city_id: int, words: str, limit: int) -> Sequence[RowMapping]:
    """List streets by name, all segments of a name together, with their bounds and length (m)."""
    query = (
        select(
            StreetEdge.name,
            func.sum(StreetEdge.length).label("length"),
            *_bounds(func.ST_Extent(StreetEdge.shape)),
        )
        .where(StreetEdge.city_id == city_id, *_holds(StreetEdge.name, words))
        .group_by(StreetEdge.name)
        .order_by(_begins(StreetEdge.name, words), func.length(StreetEdge.name), StreetEdge.name)
        .limit(limit)
    )
    return connection.execute(query).mappings().all()


def extent(connection: Connection, city_id: int) -> RowMapping:
    """Return the bounds of a city's districts (EPSG:4326), NULL where none is known."""
    query = select(*_bounds(func.ST_Extent(District.boundary))).where(
        District.city_id == city_id, District.valid_to.is_(None)
    )
    return connection.execute(query).mappings().one()


def _bounds(shape: Any) -> list[Any]:
    names = {"west": func.ST_XMin, "south": func.ST_YMin, "east": func.ST_XMax, "north": func.ST_YMax}
    return [edge(shape).label(name) for name, edge in names.items()]
