"""`gengxin db`: the database, embedded or named by the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from app.commands.options import Json
from app.console import current_settings, say, show
from data.errors import N_, InvalidInput

if TYPE_CHECKING:
    from data.embedded import EmbeddedServer

commands = typer.Typer(
    help="The database: the embedded one, or that of GENGXIN_DATABASE_URL.", no_args_is_help=True
)


def _embedded() -> EmbeddedServer:
    from app.services.start import embedded_server  # noqa: PLC0415

    settings = current_settings()
    if settings.database_url is not None:
        raise InvalidInput(
            N_("GENGXIN_DATABASE_URL names a database that Gengxin does not start or stop."),
            remedy=N_("Unset it to use the embedded one."),
        )
    return embedded_server(settings)


@commands.command("start")
def db_start() -> None:
    """Start the embedded database and leave it running."""
    typer.echo(_embedded().start())


@commands.command("stop")
def db_stop() -> None:
    """Stop the embedded database."""
    say(N_("stopped") if _embedded().stop() else N_("it was not running"))


@commands.command("status")
def db_status(as_json: Json = False) -> None:
    """Show what the embedded database is doing."""
    from dataclasses import asdict  # noqa: PLC0415

    status = _embedded().status()
    show(status, as_json, (("what", "value"), asdict(status).items()))


@commands.command("url")
def db_url() -> None:
    """Print the database's address."""
    settings = current_settings()
    typer.echo(settings.database_url or _embedded().url)


@commands.command("upgrade")
def db_upgrade() -> None:
    """Bring the tables up to date."""
    from app.services.start import running_database  # noqa: PLC0415
    from data import migrate  # noqa: PLC0415

    with running_database(current_settings()) as url:
        migrate.upgrade(url)
        say(N_("up to date ({revision})"), revision=migrate.current(url))
