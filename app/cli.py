"""The `gengxin` command. Exit codes: 0 done, 1 failed, 2 wrong usage."""

from __future__ import annotations

from typing import Annotated

import typer

from app.commands import city, database, exports, imports, indicators, register
from app.commands.options import Json
from app.console import Commands, current_settings, show, tell, use_terminal_language

app = typer.Typer(
    cls=Commands,
    help="Gengxin 更新: a planning dashboard for urban renewal.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(database.commands, name="db")
app.add_typer(city.commands, name="city")
app.add_typer(imports.commands, name="import")
app.add_typer(register.commands, name="register")
app.add_typer(exports.commands, name="export")
app.add_typer(indicators.commands, name="indicators")


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415

        try:
            typer.echo(f"gengxin {version('gengxin')}")
        except PackageNotFoundError:
            typer.echo("gengxin (not installed, run from its folder)")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def up(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Start everything for a person: database, tables, demo cities, server."""
    from app.services import start  # noqa: PLC0415

    start.up(current_settings(host=host, port=port), tell)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    workers: Annotated[int | None, typer.Option(help="Web processes.")] = None,
) -> None:
    """Serve the dashboard on a database that is ready."""
    from app.services import start  # noqa: PLC0415

    start.serve(current_settings(host=host, port=port, workers=workers), tell)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Look at everything that Gengxin needs, and say what to do where it is missing."""
    from app.i18n import gettext as _  # noqa: PLC0415
    from app.services.doctor import examine  # noqa: PLC0415

    found = examine(current_settings())
    use_terminal_language()
    rows = [(_("ok") if one.ok else _("FAULT"), _(one.name), one.value, _(one.remedy)) for one in found]
    show(found, as_json, (("", "what", "found", "remedy"), rows))
    if not all(one.ok for one in found):
        raise typer.Exit(1)


if __name__ == "__main__":
    app()
