"""The first indicators of each city: computed while the dashboard serves, once, so that a page shows them."""

from __future__ import annotations

import logging
import os
from typing import NamedTuple

from sqlalchemy import text

from app.settings import Settings
from data.errors import GengxinError
from data.session import Database
from gis.errors import GisError

ACTOR = "gengxin up"
# Districts of every city; of an invented one, which is there to show what can be done, a grid too.
LACKING = text(
    "SELECT c.slug, wanted.units FROM city c "
    "CROSS JOIN (VALUES ('district'), ('grid')) AS wanted (units) "
    "WHERE (wanted.units = 'district' OR c.synthetic) AND NOT EXISTS "
    "(SELECT FROM indicator_run r WHERE r.city_id = c.id AND r.units = wanted.units) "
    "ORDER BY wanted.units, c.synthetic, c.id"
)


class First(NamedTuple):
    """A run that a city still lacks."""

    city: str
    units: str


def lacking(database: Database) -> list[First]:
    """List the runs that are to be made; one query, and nothing where all have been made."""
    with database.reading() as connection:
        return [First(*row) for row in connection.execute(LACKING)]


def compute(database: Database) -> list[First]:
    """Compute what is lacking and return what was computed; cities that cannot be measured are left out."""
    made = []
    for first in lacking(database):
        from app.services.indicators.runs import run  # noqa: PLC0415 - slow to import, and seldom needed

        try:
            run(database, first.city, first.units, actor=ACTOR)
        except (GengxinError, GisError) as error:
            logging.getLogger("gengxin").info("No indicators of %s: %s", first.city, error)
        else:
            made.append(first)
    return made


def main() -> None:
    """Compute what is lacking in the database of the settings, behind all else that the machine does."""
    os.nice(10)
    database = Database(str(Settings().database_url))
    try:
        compute(database)
    finally:
        database.close()


if __name__ == "__main__":
    main()
