"""One map from errors to exit codes and HTTP statuses, and how they are said."""

from __future__ import annotations

from data import errors as data_errors
from data.errors import GengxinError, Note, RowError, RowsInvalid
from gis.errors import BadParameter, GisError, UnknownIndicator
from gis.problems import Problem

USAGE, FAILURE = 2, 1
STATUS: dict[type[Exception], int] = {
    data_errors.NotFound: 404,
    data_errors.Conflict: 409,
    data_errors.DatabaseUnavailable: 503,
    data_errors.Busy: 503,
    data_errors.InvalidInput: 422,
    data_errors.RowsInvalid: 422,
    data_errors.UnreadableFile: 422,
    data_errors.UnsupportedFormat: 415,
    data_errors.EmptyFile: 422,
    GisError: 422,
}
EXIT_CODE: dict[type[Exception], int] = {
    data_errors.InvalidInput: USAGE,
    BadParameter: USAGE,
    UnknownIndicator: USAGE,
}


def http_status(error: Exception) -> int:
    """Return the HTTP status of an error; 500 for one that nobody named."""
    return _of(error, STATUS, 500)


def exit_code(error: Exception) -> int:
    """Return the exit code of an error: 2 for wrong usage, 1 for every other failure."""
    return _of(error, EXIT_CODE, FAILURE)


def _of(error: Exception, known: dict[type[Exception], int], default: int) -> int:
    return next((known[kind] for kind in type(error).__mro__ if kind in known), default)


def translated(error: Exception) -> str:
    """Say an error in the reader's language: what, where, and what to do."""
    from app.i18n import gettext  # noqa: PLC0415 - reading the catalogue is slow, and most commands end well

    if not isinstance(error, GengxinError | GisError):
        return str(error)
    values = dict(error.values)
    if isinstance(error, RowsInvalid):
        shown = error.rows[: data_errors.ROWS_SHOWN]
        values["faults"] = _joined([translated_row(row) for row in shown], "; ")
    if summary := getattr(error, "summary", ()):
        values["summary"] = ", ".join(f"{count} × {gettext(label)}" for label, count in summary)
    if problems := getattr(error, "problems", ()):
        values["problems"] = _joined([translated_problem(problem) for problem in problems])
    return _joined([gettext(part).format(**values) for part in error.parts()])


def translated_row(row: RowError) -> str:
    """Say what is wrong with one cell in the reader's language."""
    from app.i18n import gettext  # noqa: PLC0415

    place = gettext(data_errors.ROW).format(row=row.row, field=row.field, value=row.shown)
    return _joined([place, *(gettext(part).format(**row.values) for part in (row.what, row.remedy))])


def translated_problem(problem: Problem) -> str:
    """Say what is wrong with a boundary in the reader's language."""
    from app.i18n import gettext  # noqa: PLC0415

    parts = (part for part in (problem.what, problem.remedy) if part)
    return _joined([gettext(part).format(**problem.values) for part in parts])


def _joined(parts: list[str], between: str = " ") -> str:
    """Join sentences; Chinese ones end in a full-width mark and stand together."""
    from app.i18n import language  # noqa: PLC0415

    return ("" if language() == "zh_CN" else between).join(parts)


def translated_note(note: Note) -> str:
    """Say a note in the reader's language."""
    from app.i18n import gettext  # noqa: PLC0415

    return gettext(note.what).format(**note.values)
