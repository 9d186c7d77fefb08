"""`gengxin export`: what the pages show, as files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.commands.options import City
from app.console import current_settings, opened, pairs, say, working
from data.errors import N_

commands = typer.Typer(help="Export what the pages show.", no_args_is_help=True)


@commands.command("projects")
def export_projects(
    city: City,
    out: Annotated[Path, typer.Option(help="File to write: .csv or .xlsx.")],
    keep: Annotated[
        list[str] | None,
        typer.Option("--filter", metavar="NAME=VALUE", help="A filter as in a page's address."),
    ] = None,
    language: Annotated[str | None, typer.Option(help="zh_CN or en.")] = None,
) -> None:
    """Export the filtered list of projects, exactly as the page lists it."""
    from app.services.export import write_export  # noqa: PLC0415

    filters = pairs(keep or (), "--filter")
    spoken = current_settings(language=language).language
    with working(N_("writing {file}"), file=out.name), opened() as database:
        count = write_export(database, city, out, filters, spoken)
    say(N_("wrote {count} projects to {file}"), count=count, file=out)
