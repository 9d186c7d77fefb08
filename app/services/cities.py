"""The cities that this installation holds."""

from __future__ import annotations

from sqlalchemy import RowMapping

from data import districts
from data.errors import N_, NotFound
from data.session import Database


def every(database: Database) -> list[RowMapping]:
    """List the cities, real ones first."""
    with database.reading() as connection:
        return districts.cities(connection)


def choose(database: Database, slug: str | None) -> RowMapping:
    """Return the city asked for, or the first one when none is asked for.

    Raises
    ------
    NotFound
        No city has this slug, or the database holds none.
    """
    found = every(database)
    match = [city for city in found if slug in (None, "", city["slug"])]
    if match:
        return match[0]
    raise NotFound(
        N_("There is no city «{slug}»."),
        remedy=N_("Choose one of: {known}. `gengxin city add` makes a new one."),
        slug=slug or "",
        known=", ".join(city["slug"] for city in found) or "-",
    )
