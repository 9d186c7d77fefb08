"""Add a city, and show what is known of one."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pyproj
from sqlalchemy import RowMapping

from data import cities
from data import register as queries
from data.errors import N_, InvalidInput
from data.session import Database

SLUG = re.compile(r"[a-z][a-z0-9-]{1,62}")
CODE_GROUPS = {"year", "batch", "serial"}


@dataclass(frozen=True)
class CityCard:
    """A city with its districts and notices."""

    city: dict[str, object]
    districts: list[dict[str, object]]
    notices: list[dict[str, object]]


def add_city(  # noqa: PLR0913
    database: Database,
    slug: str,
    *,
    name_zh: str,
    name_en: str,
    metric_srid: int,
    actor: str,
    currency: str = "CNY",
    attribution: str = "",
    code_pattern: str | None = None,
    synthetic: bool = False,
) -> None:
    """Add a city.

    Parameters
    ----------
    slug
        Its name in addresses and commands: small letters, digits, hyphens.
    metric_srid
        EPSG number of its projected coordinate system in metres; areas and lengths are measured in it.
    code_pattern
        Regular expression of project codes with the named groups year, batch and serial; None: any code.

    Raises
    ------
    Conflict
        The slug is taken.
    InvalidInput
        Slug, coordinate system or pattern cannot be used.
    """
    check_slug(slug)
    _check_srid(metric_srid)
    _check_pattern(code_pattern)
    values = {
        "slug": slug,
        "name_zh": name_zh,
        "name_en": name_en,
        "metric_srid": metric_srid,
        "currency": currency,
        "attribution": attribution,
        "code_pattern": code_pattern,
        "synthetic": synthetic,
    }
    with database.writing(actor) as connection:
        cities.add_city(connection, values)


def check_slug(slug: str) -> None:
    """Refuse what cannot stand for a city in addresses and commands."""
    if not SLUG.fullmatch(slug):
        raise InvalidInput(
            N_("«{slug}» cannot be a city's slug."),
            remedy=N_("Use 2 to 63 small letters, digits and hyphens, a letter first."),
            slug=slug,
        )


def _check_srid(srid: int) -> None:
    try:
        crs = pyproj.CRS.from_epsg(srid)
    except pyproj.exceptions.CRSError:
        crs = None
    if crs is None or not crs.is_projected or crs.axis_info[0].unit_conversion_factor != 1:
        raise InvalidInput(
            N_("EPSG:{srid} is not a projected coordinate system in metres."),
            remedy=N_("Name the city's own, such as 4547 (CGCS2000 / 3-degree Gauss-Kruger CM 114E)."),
            srid=srid,
        )


def _check_pattern(pattern: str | None) -> None:
    if pattern is None:
        return
    try:
        missing = CODE_GROUPS - set(re.compile(pattern).groupindex)
    except re.error as error:
        missing = {str(error)}
    if missing:
        raise InvalidInput(
            N_("The code pattern «{pattern}» cannot be used: {missing}."),
            remedy=N_("Use a regular expression with the named groups year, batch and serial."),
            pattern=pattern,
            missing=", ".join(sorted(missing)),
        )


def show_city(database: Database, slug: str) -> CityCard:
    """Return a city with its districts and notices.

    Raises
    ------
    NotFound
        No city has this slug.
    """
    with database.reading() as connection:
        city = cities.city_named(connection, slug)
        districts = cities.districts_of(connection, city["id"])
        notices = queries.notices(connection, city["id"])
    return CityCard(
        _without_id(city), [_without_id(row) for row in districts], [_without_id(row) for row in notices]
    )


def _without_id(row: RowMapping) -> dict[str, object]:
    return {name: value for name, value in row.items() if name not in {"id", "city_id"}}
