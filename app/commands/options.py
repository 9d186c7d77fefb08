"""Options that several commands share, and how a day among them is read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from data.errors import N_, InvalidInput

if TYPE_CHECKING:
    import datetime as dt

City = Annotated[str, typer.Option("--city", help="The city's slug, such as zhengzhou.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Do everything, report, and take it back.")]
Notice = Annotated[str | None, typer.Option("--notice", help="The notice's number; the newest if not given.")]
Mapping = Annotated[
    list[str] | None, typer.Option("--map", metavar="FIELD=COLUMN", help="Which column a field is in.")
]
Crs = Annotated[
    str | None, typer.Option("--crs", help="What the coordinates really are: GCJ02, BD09, EPSG:n.")
]
File = Annotated[Path, typer.Argument(metavar="FILE")]


def read_date(text: str | None) -> dt.date | None:
    """Read a day written as YYYY-MM-DD."""
    import datetime as dt  # noqa: PLC0415

    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError as error:
        what, remedy = N_("«{text}» is not a date."), N_("Write it as YYYY-MM-DD.")
        raise InvalidInput(what, remedy=remedy, text=text) from error
