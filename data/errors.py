"""Errors of the data layer, worded for the person who can mend them: what, where, what to do."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

ROWS_SHOWN = 20
LONGEST_SHOWN = 60


def N_(message: str) -> str:  # noqa: N802
    """Mark a text for translation and return it as it is."""
    return message


class GengxinError(Exception):
    """What went wrong, where, and what to do about it.

    Parameters
    ----------
    what, where, remedy
        English templates marked with ``N_``; ``{name}`` fields are filled from ``values``.
    values
        The values of the fields: a row number, a column name, what was found there.
    """

    def __init__(self, what: str, *, where: str = "", remedy: str = "", **values: object) -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        self.values = values
        super().__init__(what)

    def parts(self) -> list[str]:
        """The templates that hold text, in reading order."""
        return [part for part in (self.where, self.what, self.remedy) if part]

    def __str__(self) -> str:
        return " ".join(part.format(**self.values) for part in self.parts())


class NotFound(GengxinError):
    """The thing asked for is not in the database."""


class InvalidInput(GengxinError):
    """A value, option or form field cannot be used as it stands."""


class Conflict(GengxinError):
    """The write would contradict what is already stored."""


class DatabaseUnavailable(GengxinError):
    """The database cannot be reached or cannot be used as it is set up."""


class Busy(GengxinError):
    """The database cannot answer now; asking again in a moment may succeed."""


class UnreadableFile(GengxinError):
    """The file is damaged, hostile or not what its name says."""


class UnsupportedFormat(GengxinError):
    """The kind of file is not one that Gengxin reads."""


class EmptyFile(GengxinError):
    """The file holds no rows or features."""


class PostGISMissing(DatabaseUnavailable):
    """No PostgreSQL server with PostGIS is installed on this machine."""


class SocketPathUnusable(DatabaseUnavailable):
    """The folder for the server's socket cannot be created, entered or is too long a path."""


class DataFolderOfOtherVersion(DatabaseUnavailable):
    """The data folder was made by another major version of PostgreSQL."""


class StartFailed(DatabaseUnavailable):
    """The embedded server did not start."""


class StartTimeout(DatabaseUnavailable):
    """Another process holds the start lock for too long."""


ROW = N_("row {row}, {field} «{value}»:")


@dataclass(frozen=True)
class Note:
    """Something a person should know about what was read; not an error. ``what`` is a template."""

    what: str
    values: dict[str, object] = dataclasses.field(default_factory=dict)

    def __str__(self) -> str:
        return self.what.format(**self.values)


@dataclass(frozen=True)
class RowError:
    """What is wrong with one cell of a file: where it is, what was found, what to do.

    ``row`` is the row as a spreadsheet counts (from 1, the header included), ``field``
    the column's meaning or heading, ``what`` and ``remedy`` are templates filled from ``values``.
    """

    row: int
    field: str
    value: str
    what: str
    remedy: str
    values: dict[str, object] = dataclasses.field(default_factory=dict)

    @property
    def shown(self) -> str:
        """The value, shortened so that it fits a line."""
        flat = " ".join(self.value.split())
        return flat if len(flat) <= LONGEST_SHOWN else flat[: LONGEST_SHOWN - 1] + "…"

    def __str__(self) -> str:
        place = ROW.format(row=self.row, field=self.field, value=self.shown)
        return " ".join([place, self.what.format(**self.values), self.remedy.format(**self.values)])


class RowsInvalid(GengxinError):
    """Rows of a file cannot be used; nothing was written. ``rows`` holds every fault, by row."""

    def __init__(self, rows: Sequence[RowError], file: str) -> None:
        self.rows = tuple(sorted(rows, key=lambda row: row.row))
        super().__init__(
            N_("{count} faults, nothing was imported: {faults}{more}"),
            where=N_("{file}:"),
            count=len(rows),
            file=file,
            faults="; ".join(str(row) for row in self.rows[:ROWS_SHOWN]),
            more=f" … +{len(rows) - ROWS_SHOWN}" if len(rows) > ROWS_SHOWN else "",
        )


class RegisterInvalid(RowsInvalid):
    """Rows of a register cannot be used."""


class DistrictsInvalid(RowsInvalid):
    """Districts of a file cannot be used."""
