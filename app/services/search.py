"""Find projects by a part of their name or code, for a box that completes what is typed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import RowMapping

from data import search as queries
from data.session import Database

MOST = 20
LONGEST = 100


def search(database: Database, city: RowMapping, words: str, limit: int = MOST) -> Sequence[RowMapping]:
    """List the projects that hold every word in name, code or district, the best matches first."""
    asked = words.replace("\x00", "")[:LONGEST].strip()
    if not asked:
        return []
    with database.reading() as connection:
        return queries.matches(connection, city["id"], asked, limit)
