"""The notices of a city's project library, and the serial numbers that the newest one does not print."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import RowMapping, select

from app.services.register import summary
from app.services.register.summary import Gap
from data import notices as queries
from data.models import RegisterNotice
from data.session import Database

MOST_SHOWN = 1000


@dataclass(frozen=True)
class Batch:
    """One batch 批次 of the current library: what is printed of it and which serial numbers are missing.

    ``missing`` counts the serial numbers below the highest printed one that are not printed; ``serials`` and
    ``codes`` name them, at most ``MOST_SHOWN`` of one gap; ``left`` are those among them that an earlier
    notice listed.
    """

    year: int
    batch: int
    printed: int
    highest: int
    missing: int
    serials: frozenset[int]
    codes: tuple[str, ...]
    left: frozenset[str]

    @property
    def label(self) -> str:
        """Year and batch as the codes print them, e.g. ``202503``."""
        return f"{self.year:04}{self.batch:02}"


def every(database: Database, city_id: int) -> list[RowMapping]:
    """List a city's notices, the newest first."""
    query = (
        select(*RegisterNotice.__table__.columns)
        .where(RegisterNotice.city_id == city_id)
        .order_by(RegisterNotice.sequence.desc())
    )
    with database.reading() as connection:
        return list(connection.execute(query).mappings())


def newest(database: Database, city_id: int) -> RowMapping | None:
    """Return a city's newest notice, or None before the first import."""
    found = every(database, city_id)
    return found[0] if found else None


def history(database: Database, city_id: int) -> list[RowMapping]:
    """List a city's notices, the newest first, each with what entered, left and changed with it."""
    with database.reading() as connection:
        return queries.history(connection, city_id)


def batches(database: Database, city: RowMapping) -> list[Batch]:
    """List the batches of the current library with their missing serial numbers (缺号).

    The register does not say why a number is missing: not in the current library, reason not given.
    """
    gaps = summary.serial_gaps(database, city["slug"], most_codes=MOST_SHOWN).gaps
    with database.reading() as connection:
        rows = queries.batches(connection, city["id"])
        left = queries.exited_codes(connection, city["id"])
    of_batch: dict[tuple[int, int], list[Gap]] = {}
    for gap in gaps:
        of_batch.setdefault((gap.year, gap.batch), []).append(gap)
    return [_batch(row, of_batch.get((row["year"], row["batch"]), []), left) for row in rows]


def _batch(row: RowMapping, gaps: list[Gap], left: frozenset[str]) -> Batch:
    codes = tuple(code for gap in gaps for code in gap.codes)
    return Batch(
        **row,
        missing=sum(gap.last - gap.first + 1 for gap in gaps),
        serials=frozenset(
            s for gap in gaps for s in range(gap.first, min(gap.last + 1, gap.first + MOST_SHOWN))
        ),
        codes=codes,
        left=left.intersection(codes),
    )
