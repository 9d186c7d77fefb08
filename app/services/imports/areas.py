"""Bring a city's areas in from a table: what a register calls them, and zones that no polygon is known of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from data import cities
from data.readers.areas import read_areas
from data.session import Database


@dataclass(frozen=True)
class AreaReport:
    """How many areas the file holds, and how many were added and changed."""

    rows: int
    added: int
    changed: int
    dry_run: bool


def import_areas(
    database: Database, path: Path, *, city: str, actor: str, dry_run: bool = False
) -> AreaReport:
    """Add a city's districts and functional zones, or change their names, aliases, kind, section and order.

    Boundaries stay as they are; areas that the file does not name are left alone. All or nothing.

    Raises
    ------
    NotFound
        No city has this slug.
    InvalidInput, DistrictsInvalid
        Columns or rows of the file cannot be used.
    """
    rows = read_areas(path)
    with database.writing(actor) as connection:
        city_id = cities.city_named(connection, city)["id"]
        changed = cities.change_districts(connection, city_id, rows)
        added = cities.add_districts(connection, city_id, rows)
        if dry_run:
            connection.rollback()
    return AreaReport(len(rows), added, changed, dry_run)
