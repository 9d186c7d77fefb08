"""The list of projects: a page of it, its sum, and the order that its address asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import RowMapping

from data import projects
from data.errors import N_, InvalidInput
from data.projects import SORTABLE, ProjectFilter
from data.session import Database

LARGEST_PAGE = 500


class Sort(NamedTuple):
    """A column of ``data.projects.SORTABLE`` and its direction."""

    column: str = "code"
    descending: bool = False

    def __str__(self) -> str:
        return f"{self.column}.{'desc' if self.descending else 'asc'}"


@dataclass(frozen=True)
class Summary:
    """The filtered list in figures (yuan), and how many projects it is taken from."""

    totals: RowMapping
    of: int


@dataclass(frozen=True)
class Page:
    """A part of the filtered list and the length of the whole list."""

    rows: list[RowMapping]
    count: int


def sort_from_query(query: Mapping[str, str]) -> Sort:
    """Read the order from a ``sort`` parameter such as ``amount.desc``; by code when there is none.

    Raises
    ------
    InvalidInput
        The column or the direction is not one of ours.
    """
    asked = query.get("sort", "")
    column, _dot, direction = asked.partition(".")
    if not asked:
        return Sort()
    if column in SORTABLE and direction in ("", "asc", "desc"):
        return Sort(column, direction == "desc")
    raise InvalidInput(
        N_("The list cannot be sorted by «{sort}»."),
        remedy=N_("Write a column and asc or desc, such as amount.desc. Columns: {known}."),
        sort=asked[:40],
        known=", ".join(SORTABLE),
    )


def summary(database: Database, city_id: int, keep: ProjectFilter) -> Summary:
    """Count and sum the filtered projects, and count all that are in the library (or that left it)."""
    with database.reading() as connection:
        projects.hold_still(connection)
        totals = projects.totals(connection, city_id, keep)
        return Summary(totals, projects.how_many(connection, city_id, ProjectFilter(exited=keep.exited)))


def page(database: Database, city_id: int, keep: ProjectFilter, sort: Sort, rows: range = range(100)) -> Page:
    """Read these rows of the filtered list in its order, at most ``LARGEST_PAGE`` of them."""
    query = projects.ordered(projects.listing(city_id, keep), *sort)
    size = min(len(rows), LARGEST_PAGE)
    with database.reading() as connection:
        projects.hold_still(connection)
        found = projects.page(connection, query, offset=max(rows.start, 0), limit=size)
        return Page(found, projects.how_many(connection, city_id, keep))
