"""`gengxin register`: the project library 项目库 and its notices."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from app.commands.options import City, Json, Notice
from app.console import actor, opened, pairs, say, show, tell, written
from data.errors import N_, InvalidInput

_BASES = {
    "previous notice": N_("compared with {against}; unchanged: {unchanged}"),
    "printed list": N_("the first notice: what entered is its printed list of new entries"),
    "nothing": N_("the first notice, without a list of new entries: what entered is not known"),
}
commands = typer.Typer(help="The project library 项目库 and its notices.", no_args_is_help=True)


@commands.command("summary")
def register_summary(city: City, notice: Notice = None, as_json: Json = False) -> None:
    """Reconcile rows and printed totals of each area, each section and the city (亿元)."""
    from app.services.register.summary import summary  # noqa: PLC0415

    with opened() as database:
        found = summary(database, city, notice)
    columns = ("label", "section", "rows", "sum", "printed", "difference", "new")
    rows = [
        [getattr(line, name) for name in columns]
        for line in (*found.areas, *found.sections, found.city_total)
    ]
    show(found, as_json, (columns, rows))


@commands.command("diff")
def register_diff(
    city: City,
    notice: Notice = None,
    against: Annotated[
        str | None, typer.Option(help="The earlier notice; the one before if not given.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what entered, left and changed with a notice (亿元)."""
    from app.services.register.diff import diff  # noqa: PLC0415

    with opened() as database:
        found = diff(database, city, notice, against)
    entered = [("entered", row.code, row.name, row.amount, row.area) for row in found.entered]
    exited = [
        ("exited", row.code, row.name, row.amount, row.reason or "reason not given") for row in found.exited
    ]
    changed = [
        ("changed", row.code, row.name, change.field, f"{written(change.old)} -> {written(change.new)}")
        for row in found.changed
        for change in row.fields
    ]
    show(found, as_json, (("", "code", "name", "", ""), [*entered, *exited, *changed]))
    if not as_json:
        say(_BASES[found.basis], against=found.against, unchanged=found.unchanged)


@commands.command("gaps")
def register_gaps(city: City, as_json: Json = False) -> None:
    """List serial numbers that the current library does not have; the reason is not given."""
    from app.services.register.summary import serial_gaps  # noqa: PLC0415

    with opened() as database:
        found = serial_gaps(database, city)
    rows = [(gap.year, gap.batch, gap.first, gap.last, " ".join(gap.codes)) for gap in found.gaps]
    show(found, as_json, (("year", "batch", "from", "to", "codes"), rows))
    if not as_json:
        say(
            N_("{count} serial numbers are not in the current library; the reason is not given"),
            count=found.missing,
        )


@commands.command("reason")
def register_reason(code: str, reason: str, city: City) -> None:
    """Say why a project left the library."""
    from app.services.imports.register import set_exit_reason  # noqa: PLC0415

    with opened() as database:
        set_exit_reason(database, city, code, reason, actor=actor())
    tell(f"{code}: {reason}")


@commands.command("shares")
def register_shares(
    code: str,
    shares: Annotated[list[str], typer.Argument(metavar="DISTRICT=SHARE...")],
    city: City,
) -> None:
    """Set by hand which part of a project counts for which district; the shares sum to 1."""
    from app.services.imports.register import set_shares  # noqa: PLC0415

    wanted = {district: _share(value) for district, value in pairs(shares, "DISTRICT=SHARE").items()}
    with opened() as database:
        set_shares(database, city, code, wanted, actor=actor())
    tell(f"{code}: {', '.join(f'{key}={value}' for key, value in wanted.items())}")


def _share(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        what, remedy = N_("«{text}» is not a share."), N_("Write a number such as 0.25.")
        raise InvalidInput(what, remedy=remedy, text=text) from error
