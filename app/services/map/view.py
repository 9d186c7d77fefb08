"""What the map shows of the filtered projects: totals, districts with counts, and the chosen project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
from sqlalchemy import Connection, RowMapping

from data import boundaries, choropleth, districts, projects
from data.errors import NotFound
from data.projects import ProjectFilter
from data.session import Database

MOST_LISTED = 40
Bounds = tuple[float, float, float, float]
WORLD: Bounds = (73.0, 18.0, 135.0, 54.0)


@dataclass(frozen=True)
class MapView:
    """Totals count a project once; ``districts`` counts it in each district that it touches.

    ``placed`` counts the projects without boundary of which a district is on the map, each once.
    ``revision`` grows with every change, so that a browser asks for boundaries again only after one.
    """

    totals: RowMapping
    districts: pd.DataFrame
    listed: Sequence[RowMapping]
    placed: int
    revision: int

    @property
    def pending(self) -> int:
        """Projects without boundary, each counted once."""
        return int(self.totals["projects"] - self.totals["with_boundary"])


@dataclass(frozen=True)
class Chosen:
    """A project that the map points at: its facts, its districts, and where to look.

    ``bounds`` are those of its boundary, or of its districts while it has none (``located`` is False then);
    None where neither is known.
    """

    project: RowMapping
    districts: Sequence[RowMapping]
    located: bool
    bounds: Bounds | None


def map_view(database: Database, city: RowMapping, keep: ProjectFilter) -> MapView:
    """Read what the map and its panel show."""
    with database.reading() as connection:
        listing = projects.ordered(projects.listing(city["id"], keep), "amount", descending=True)
        return MapView(
            projects.totals(connection, city["id"], keep),
            boundaries.completeness(connection, city["id"], keep),
            projects.page(connection, listing, limit=MOST_LISTED),
            boundaries.shown_at_districts(connection, city["id"], keep),
            boundaries.revision(connection),
        )


def places(database: Database, city: RowMapping, keep: ProjectFilter) -> pd.DataFrame:
    """Read the districts with a point in each, and how many of their projects have which boundary status."""
    with database.reading() as connection:
        return boundaries.completeness(connection, city["id"], keep)


def placed(database: Database, city: RowMapping, keep: ProjectFilter) -> int:
    """Count the projects without boundary of which a district is on the map, each once."""
    with database.reading() as connection:
        return boundaries.shown_at_districts(connection, city["id"], keep)


def projects_by_class(
    database: Database, city: RowMapping, keep: ProjectFilter, by: str
) -> dict[str | None, int]:
    """Count the filtered projects that the map shows by the class that it gives them."""
    with database.reading() as connection:
        return choropleth.projects_by_class(connection, city["id"], keep, by)


def district_polygons(database: Database, city: RowMapping) -> gpd.GeoDataFrame:
    """Read the district boundaries that are known (EPSG:4326)."""
    with database.reading() as connection:
        return districts.boundaries(connection, city["id"])


def chosen(database: Database, city: RowMapping, code: str) -> Chosen | None:
    """Find the project that an address names; None where the city has none of that code."""
    with database.reading() as connection:
        try:
            project = boundaries.project_with_code(connection, city["id"], code)
        except NotFound:
            return None
        return _located(connection, project)


def _located(connection: Connection, project: RowMapping) -> Chosen:
    parts = boundaries.districts_of_project(connection, project["id"])
    located = project["west"] is not None
    return Chosen(project, parts, located, bounds_of([project] if located else parts))


def bounds_of(rows: Sequence[RowMapping]) -> Bounds | None:
    """Return the bounds around rows with ``west``, ``south``, ``east``, ``north``; None if none is known."""
    known = [row for row in rows if row["west"] is not None]
    if not known:
        return None
    return (
        min(row["west"] for row in known),
        min(row["south"] for row in known),
        max(row["east"] for row in known),
        max(row["north"] for row in known),
    )
