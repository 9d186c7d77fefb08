"""`gengxin import KIND`: the layers of a city, and the lists about its projects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.options import City, Crs, DryRun, File, Json, Mapping, read_date
from app.console import actor, opened, pairs, say, say_if_dry, show, tell, tell_notes, use_terminal_language
from data.errors import N_, InvalidInput
from data.kinds import LAYER_KINDS, LIST_KINDS

if TYPE_CHECKING:
    from app.services.imports.layers import LayerReport
    from app.services.imports.projects import Existing, ListReport
    from data.readers.fields import Wishes

ROWS_TOLD = 20
HELP = {
    "zoning": "Import zones of a regulatory plan: land use and what may be built.",
    "constraints": "Import areas that limit what may be done: protected blocks, control lines, hazards.",
    "parcels": "Import parcels, with a table of attributes where there is one.",
    "buildings": "Import buildings by their footprints.",
    "facilities": "Import facilities and parks, points or areas.",
    "streets": "Import street segments as a graph.",
    "greenways": "Import greenways, lines for walking and cycling.",
    "surfaces": "Import what covers the ground, which lets water through or not.",
    "population": "Import residents and households of census units or grid cells.",
    "problems": "Import problems that a city check-up found.",
    "projects": "Import projects: facts and boundaries, by project code.",
    "investments": "Import money of projects by year, source and kind.",
    "stages": "Import on which day projects reached which stage.",
    "progress": "Import monthly progress of projects.",
}
Layer = Annotated[str | None, typer.Option("--layer", help="Which layer, where the file holds several.")]
Source = Annotated[str | None, typer.Option("--source", help="Where the features come from.")]
Day = Annotated[str | None, typer.Option("--date", help="Day of the source (YYYY-MM-DD).")]
Replace = Annotated[bool, typer.Option("--replace", help="Put the file in the place of what the city has.")]
Add = Annotated[bool, typer.Option("--add", help="Add to what the city has.")]
Repair = Annotated[bool, typer.Option("--repair", help="Make invalid polygons valid; each is reported.")]
Skip = Annotated[bool, typer.Option("--skip-faulty", help="Leave out faulty rows; each is counted.")]
Values = Annotated[
    list[str] | None, typer.Option("--value", metavar="FIELD:GIVEN=CODE", help="What a value means.")
]
Units = Annotated[list[str] | None, typer.Option("--unit", metavar="FIELD=UNIT", help="Unit of a field.")]
Same = Annotated[
    list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="The same value for all rows.")
]
Table = Annotated[
    Path | None, typer.Option("--attributes", help="Table whose rows are joined to the features.")
]
On = Annotated[str | None, typer.Option("--on", help="The column that both files have.")]
Nodes = Annotated[Path | None, typer.Option("--nodes", help="Points with the names of street nodes.")]
Sheet = Annotated[str | None, typer.Option("--sheet", help="Name of the XLSX sheet.")]


def add_to(commands: typer.Typer) -> None:
    """Give a group of commands one for each kind."""
    for name in LAYER_KINDS:
        commands.command(name, help=HELP[name])(_layer_command(name))
    for name in LIST_KINDS:
        commands.command(name, help=HELP[name])(_list_command(name))


def _layer_command(kind: str) -> Callable[..., None]:
    def run(  # noqa: PLR0913, PLR0917
        file: File,
        city: City,
        layer: Layer = None,
        crs: Crs = None,
        mapping: Mapping = None,
        value: Values = None,
        unit: Units = None,
        same: Same = None,
        source: Source = None,
        date: Day = None,
        replace: Replace = False,
        add: Add = False,
        repair: Repair = False,
        skip_faulty: Skip = False,
        attributes: Table = None,
        on: On = None,
        nodes: Nodes = None,
        dry_run: DryRun = False,
        as_json: Json = False,
    ) -> None:
        from app.services.imports import layers as service  # noqa: PLC0415

        if (attributes is None) != (on is None):
            raise InvalidInput(N_("--attributes and --on go together."), remedy=N_("Give both or neither."))
        options = service.Options(
            layer=layer, crs=crs, wishes=_wishes(mapping, value, unit, same), source=source,
            source_date=read_date(date), existing=_existing(replace, add), repair=repair,
            skip_faulty=skip_faulty, dry_run=dry_run, attributes=attributes, on=on, nodes=nodes,
        )  # fmt: skip
        with _counting(N_("importing {file}"), file=file.name) as advance, opened() as database:
            report = service.import_layer(
                database, file, kind=kind, city=city, actor=actor(), options=options, advance=advance
            )
        _show(report, as_json, ("features", "stored", "replaced"))

    return run


def _list_command(kind: str) -> Callable[..., None]:
    def run(  # noqa: PLR0913, PLR0917
        file: File,
        city: City,
        sheet: Sheet = None,
        mapping: Mapping = None,
        value: Values = None,
        unit: Units = None,
        same: Same = None,
        replace: Replace = False,
        add: Add = False,
        skip_faulty: Skip = False,
        dry_run: DryRun = False,
        as_json: Json = False,
    ) -> None:
        from app.services.imports import projects as service  # noqa: PLC0415

        wishes, existing = _wishes(mapping, value, unit, same), _existing(replace, add)
        with opened() as database:
            report = service.import_list(
                database,
                file,
                kind=kind,
                city=city,
                actor=actor(),
                wishes=wishes,
                sheet=sheet,
                existing=existing,
                skip_faulty=skip_faulty,
                dry_run=dry_run,
            )
        _show(report, as_json, ("rows", "stored", "replaced"))

    return run


def _wishes(
    mapping: list[str] | None, value: list[str] | None, unit: list[str] | None, same: list[str] | None
) -> Wishes:
    from data.readers.fields import Wishes  # noqa: PLC0415

    meanings: dict[str, dict[str, str]] = {}
    for named, meaning in pairs(value or (), "--value").items():
        field, colon, given = named.partition(":")
        if not colon:
            raise InvalidInput(
                N_("--value {text} cannot be used."), remedy=N_("Write it as FIELD:GIVEN=CODE."), text=named
            )
        meanings.setdefault(field, {})[given] = meaning
    return Wishes(
        pairs(mapping or (), "--map"), pairs(unit or (), "--unit"), meanings, pairs(same or (), "--set")
    )


def _existing(replace: bool, add: bool) -> Existing:
    if replace and add:
        raise InvalidInput(N_("--replace and --add exclude each other."), remedy=N_("Give one of them."))
    return "replace" if replace else "add" if add else "refuse"


@contextmanager
def _counting(what: str, **values: object) -> Iterator[Callable[[int, int], None]]:
    """Show on a terminal how much of a file is done."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    from app.i18n import gettext  # noqa: PLC0415

    use_terminal_language()
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(gettext(what).format(**values), total=None)
        yield lambda done, total: progress.update(task, advance=done, total=total)


def _show(report: LayerReport | ListReport, as_json: bool, columns: tuple[str, ...]) -> None:
    from app.errors import translated_row  # noqa: PLC0415

    tell_notes(report.notes)
    if report.faults:
        count = sum(report.faults.values())
        say(N_("{count} faults were left out:"), count=count)
        for fault in report.left_out[:ROWS_TOLD]:
            tell(translated_row(fault))
        if count > ROWS_TOLD:
            tell(f"… +{count - ROWS_TOLD}")
    say_if_dry(report.dry_run)
    row: list[Any] = [getattr(report, name) for name in columns]
    show(report, as_json, (columns, [row]))
