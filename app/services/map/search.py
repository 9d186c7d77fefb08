"""Search 搜索: what is called so, or lies there, for a box that completes what is typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping

from app.services.coordinates import Bounds, Place, read_coordinates
from data import search as queries
from data.session import Database

MOST = 20
MOST_OF_A_KIND = 8
LONGEST = 100


@dataclass(frozen=True)
class Found:
    """What a search found, by kind, the best matches first."""

    place: Place | None
    projects: Sequence[RowMapping]
    districts: Sequence[RowMapping]
    facilities: Sequence[RowMapping]
    streets: Sequence[RowMapping]

    @property
    def empty(self) -> bool:
        """Whether nothing was found."""
        return not (self.place or self.projects or self.districts or self.facilities or self.streets)


NOTHING = Found(None, (), (), (), ())


def search(database: Database, city: RowMapping, words: str, limit: int = MOST) -> Sequence[RowMapping]:
    """List the projects that hold every word in name, code or district, the best matches first."""
    asked = _cleaned(words)
    if not asked:
        return []
    with database.reading() as connection:
        return queries.matches(connection, city["id"], asked, limit)


def search_everything(database: Database, city: RowMapping, words: str, limit: int = MOST_OF_A_KIND) -> Found:
    """Find what is called so, of every kind, and the place where the words are coordinates."""
    asked, city_id = _cleaned(words), city["id"]
    if not asked:
        return NOTHING
    with database.reading() as connection:
        place = read_coordinates(asked, city["metric_srid"], _bounds(queries.extent(connection, city_id)))
        if place is not None:
            return Found(place, (), (), (), ())
        return Found(
            None,
            queries.matches(connection, city_id, asked, limit),
            queries.districts(connection, city_id, asked, limit),
            queries.facilities(connection, city_id, asked, limit),
            queries.streets(connection, city_id, asked, limit),
        )


def _cleaned(words: str) -> str:
    return words.replace("\x00", "")[:LONGEST].strip()


def _bounds(row: RowMapping) -> Bounds | None:
    if row["west"] is None:
        return None
    return row["west"], row["south"], row["east"], row["north"]
