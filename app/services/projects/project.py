"""Everything known of one project, and the corrections that a person may make to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches

import geopandas as gpd
import shapely
from sqlalchemy import Connection, RowMapping

from app.services.imports import register as register_import
from app.services.projects.listing import Sort
from data import audit, register
from data import districts as city_districts
from data import project as queries
from data.errors import N_, InvalidInput, NotFound
from data.projects import ProjectFilter
from data.session import Database

CLOSE = 6


@dataclass(frozen=True)
class Rank:
    """Place by investment among the library's projects with an amount; ``district`` None: in the city."""

    place: int
    among: int
    district: RowMapping | None = None


@dataclass(frozen=True)
class Dossier:
    """What is known of a project; money in yuan, areas in m², polygons in EPSG:4326."""

    project: RowMapping
    districts: list[RowMapping]
    listings: list[RowMapping]
    investments: list[RowMapping]
    ranks: list[Rank]
    history: list[RowMapping]
    notices: dict[int, str]
    place: RowMapping | None
    boundary: gpd.GeoDataFrame | None
    around: gpd.GeoDataFrame

    @property
    def is_exited(self) -> bool:
        """Whether the newest notice no longer lists the project."""
        return self.project["exit_notice_id"] is not None


def dossier(
    database: Database,
    city: RowMapping,
    code: str,
    keep: ProjectFilter | None = None,
    sort: Sort | None = None,
) -> Dossier:
    """Read everything known of a project, and its place in a filtered list.

    Raises
    ------
    NotFound
        The city has no project of this code.
    """
    with database.reading() as connection:
        project = queries.find(connection, city["id"], code, city["metric_srid"])
        if project is None:
            raise NotFound(
                N_("There is no project «{code}» in this city."),
                remedy=N_("Check the code."),
                code=code[:40],
            )
        return _read(connection, city, project, keep or ProjectFilter(), sort or Sort())


def _read(
    connection: Connection, city: RowMapping, project: RowMapping, keep: ProjectFilter, sort: Sort
) -> Dossier:
    key, city_id = project["id"], city["id"]
    lies_in = queries.districts(connection, key)
    boundary = _boundary(project)
    return Dossier(
        project=project,
        districts=lies_in,
        listings=queries.listings(connection, key),
        investments=queries.investments(connection, key),
        ranks=_ranks(connection, city_id, project, lies_in),
        history=audit.project_history(connection, key, city["metric_srid"]),
        notices={notice["id"]: notice["number"] for notice in register.notices(connection, city_id)},
        place=queries.neighbours(connection, city_id, key, keep, sort),
        boundary=boundary,
        around=gpd.GeoDataFrame() if boundary is None else city_districts.boundaries(connection, city_id),
    )


def _boundary(project: RowMapping) -> gpd.GeoDataFrame | None:
    if project["geojson"] is None:
        return None
    return gpd.GeoDataFrame(
        {"code": [project["code"]], "name": [project["name"]]},
        geometry=[shapely.from_geojson(project["geojson"])],
        crs=4326,
    )


def _ranks(
    connection: Connection, city_id: int, project: RowMapping, districts: Sequence[RowMapping]
) -> list[Rank]:
    if project["total_investment"] is None or project["exit_notice_id"] is not None:
        return []
    found = [queries.rank(connection, city_id, project)]
    found += [queries.rank(connection, city_id, project, district["id"]) for district in districts]
    places: list[RowMapping | None] = [None, *districts]
    return [Rank(row["rank"], row["ranked"], place) for row, place in zip(found, places, strict=True)]


def close_matches(database: Database, city_id: int, code: str) -> list[tuple[str, str]]:
    """Find the projects whose codes are most like one that does not exist; codes with names."""
    with database.reading() as connection:
        names = queries.names_by_code(connection, city_id)
    upper = {known.upper(): known for known in names}
    alike = get_close_matches(code.strip().upper(), list(upper), n=CLOSE, cutoff=0.6)
    return [(upper[key], names[upper[key]]) for key in alike]


def set_share_percentages(
    database: Database, city: str, code: str, percentages: Mapping[str, object], *, actor: str
) -> None:
    """Set by hand which part of a project counts for which district, in per cent that sum to 100.

    Empty and zero percentages take the district out.

    Raises
    ------
    InvalidInput
        A percentage is not a number or below 0, or they do not sum to 100; the error says what they sum to.
    NotFound
        No such city or project.
    """
    given = {district: _percentage(value) for district, value in percentages.items()}
    shares = {district: value / 100 for district, value in given.items() if value}
    total = sum(given.values(), Decimal(0))
    if total != 100:
        raise InvalidInput(
            N_("The shares sum to {total} %, not to 100 %."),
            remedy=N_("Change them so that they sum to 100 %."),
            total=format(total.normalize(), "f"),
        )
    register_import.set_shares(database, city, code, shares, actor=actor)


def _percentage(value: object) -> Decimal:
    if value in (None, ""):
        return Decimal(0)
    try:
        percentage = Decimal(str(value))
    except InvalidOperation:
        percentage = Decimal("NaN")
    if not percentage.is_finite() or not 0 <= percentage <= 100:
        raise InvalidInput(
            N_("A share cannot be «{value}»."),
            remedy=N_("Give each share as a percentage from 0 to 100."),
            value=str(value)[:40],
        )
    return percentage
