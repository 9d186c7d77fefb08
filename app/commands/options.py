"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
