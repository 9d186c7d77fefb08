"""How the command line speaks: JSON or tables on stdout, notes, progress and one line of error on stderr."""

from __future__ import annotations

import getpass
import json
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from data.errors import N_, DatabaseUnavailable, GengxinError, InvalidInput, Note

if TYPE_CHECKING:
    from app.settings import Settings
    from data.session import Database

ENDED_BY_KEYBOARD = 130
WIDE = 400


class Commands(TyperGroup):
    """A group of commands that ends every error with one line on stderr and an exit code."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run a command; 0: done, 1: failed, 2: wrong usage."""
        try:
            result = super().main(*args, **{**extra, "standalone_mode": False})
        except KeyboardInterrupt:
            sys.exit(ENDED_BY_KEYBOARD)
        except Exception as error:
            sys.exit(_fail(error))
        sys.exit(result if isinstance(result, int) else 0)


def _fail(error: Exception) -> int:
    use_terminal_language()
    if hasattr(error, "format_message"):
        line, code = _usage(error), int(getattr(error, "exit_code", 1))
    else:
        line, code = _failure(error)
    if line:
        sys.stderr.write(f"gengxin: {' '.join(line.split())}\n")
    return code


def _usage(error: Any) -> str:
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        error.exit_code = 0
        return ""
    hint = f" ({context.command_path} --help)" if context else ""
    return f"{error.format_message()}{hint}"


def _failure(error: Exception) -> tuple[str, int]:
    from pydantic import ValidationError  # noqa: PLC0415
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    from app.errors import exit_code, translated  # noqa: PLC0415
    from gis.errors import GisError  # noqa: PLC0415

    if isinstance(error, GengxinError | GisError):
        return translated(error), exit_code(error)
    if isinstance(error, ValidationError):
        return _settings_fault(error), 2
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}", 1
    logging.getLogger("gengxin").debug("unexpected", exc_info=error)
    if isinstance(error, DBAPIError):
        return f"the database refused: {str(error.orig).splitlines()[0]}", 1
    return f"unexpected {type(error).__name__}: {error}. Please report it with the command you ran.", 1


def _settings_fault(error: Any) -> str:
    faults = (
        f"GENGXIN_{'_'.join(map(str, fault['loc'])).upper()}: {fault['msg']}" for fault in error.errors()
    )
    return "; ".join(faults)


def use_terminal_language() -> None:
    """Speak the language of the terminal (LC_ALL, LC_MESSAGES, LANG), English where it is not ours."""
    from app.i18n import preferred, use_language  # noqa: PLC0415

    named = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    use_language(preferred(next(filter(None, named), "en"), "en"))


def actor() -> str:
    """Return who runs the command, for the audit log."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def current_settings(**overrides: object) -> Settings:
    """Read the settings; options of the command go before the environment."""
    from app.settings import Settings  # noqa: PLC0415

    given: dict[str, Any] = {name: value for name, value in overrides.items() if value is not None}
    return Settings(**given)


@contextmanager
def opened() -> Iterator[Database]:
    """Lend the database with its tables up to date; an embedded server started for it is stopped after."""
    from app.services.start import database_for, running_database  # noqa: PLC0415
    from data import migrate  # noqa: PLC0415

    settings = current_settings()
    with running_database(settings) as url:
        if settings.database_url is None:
            migrate.upgrade(url)
        elif migrate.current(url) != migrate.head():
            raise DatabaseUnavailable(
                N_("The database's tables are not those of this version of Gengxin."),
                remedy=N_("Run `gengxin db upgrade`."),
            )
        database = database_for(settings)
        try:
            yield database
        finally:
            database.close()


@contextmanager
def working(what: str, **values: object) -> Iterator[Callable[[str], None]]:
    """Show on a terminal that work is going on; ``what`` is a text to translate and fill.

    Lends a function that shows another text, already in the reader's language, in its place.
    """
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(_worded(what, values))
        yield lambda step: progress.update(task, description=step)


def pairs(given: Iterable[str], option: str) -> dict[str, str]:
    """Read ``name=value`` options.

    Raises
    ------
    InvalidInput
        One of them has no ``=``, or a name is given twice.
    """
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or name.strip() in found:
            raise InvalidInput(
                N_("{option} {text} cannot be used."),
                remedy=N_("Write it as NAME=VALUE, each name once."),
                option=option,
                text=text,
            )
        found[name.strip()] = value.strip()
    return found


def show(result: object, as_json: bool, *tables: tuple[Sequence[str], Iterable[Sequence[object]]]) -> None:
    """Print a result: as JSON, or as tables of (headings, rows)."""
    if as_json:
        show_json(result)
        return
    from rich.console import Console  # noqa: PLC0415

    console = Console(width=None if sys.stdout.isatty() else WIDE)
    for headings, rows in tables:
        console.print(_table(headings, rows))


def _table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Any:
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(written(value)) for value in row))
    return table


def written(value: object) -> str:
    """Write a value for a table: amounts in full without trailing zeros, a dash for what is not known."""
    from decimal import Decimal  # noqa: PLC0415

    if isinstance(value, Decimal):
        return f"{value.normalize():,f}"
    return "-" if value is None else str(value)


def show_json(result: object) -> None:
    """Print a result as JSON."""
    from app.plain import plain  # noqa: PLC0415

    typer.echo(json.dumps(plain(result), ensure_ascii=False, indent=2))


def tell(line: str) -> None:
    """Print one line for a person, where it cannot disturb what is piped on."""
    typer.echo(line, err=True)


def say(message: str, **values: object) -> None:
    """Print a line for a person in the language of the terminal; ``message`` is a text to fill."""
    tell(_worded(message, values))


def _worded(message: str, values: dict[str, object]) -> str:
    from app.i18n import gettext  # noqa: PLC0415 - reading the catalogue is slow

    use_terminal_language()
    return gettext(message).format(**values)


def say_if_dry(dry_run: bool) -> None:
    """Say after a dry run that it was one."""
    if dry_run:
        say(N_("dry run: nothing was written"))


def tell_notes(notes: Iterable[Note]) -> None:
    """Print what a person should know about what was read."""
    from app.errors import translated_note  # noqa: PLC0415

    use_terminal_language()
    for note in notes:
        tell(translated_note(note))
