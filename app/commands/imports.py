"""`gengxin import`: files into the database, all of a file or nothing of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands import layers
from app.commands.options import City, Crs, DryRun, File, Json, Mapping, read_date
from app.console import actor, opened, pairs, say_if_dry, show, tell_notes, working
from data.errors import N_

if TYPE_CHECKING:
    from app.services.imports.register import ImportReport

commands = typer.Typer(help="Import files: all of a file, or nothing of it.", no_args_is_help=True)
layers.add_to(commands)


@commands.command("register")
def import_register(  # noqa: PLR0913, PLR0917
    file: File,
    city: City,
    notice: Annotated[str, typer.Option(help="The notice's number as printed, such as 郑建文〔2025〕45号.")],
    date: Annotated[str | None, typer.Option(help="Its day (YYYY-MM-DD), where it prints one.")] = None,
    mapping: Mapping = None,
    unit: Annotated[
        str | None, typer.Option(help="元, 万元 or 亿元, where the headings do not say it.")
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="Name of the XLSX sheet.")] = None,
    totals: Annotated[Path | None, typer.Option(help="File of printed totals.")] = None,
    new_list: Annotated[Path | None, typer.Option(help="The notice's list of new entries.")] = None,
    exit_reason: Annotated[
        list[str] | None, typer.Option(metavar="CODE=REASON", help="Why a project left.")
    ] = None,
    correction: Annotated[bool, typer.Option(help="Correct the latest notice, stored already.")] = False,
    out_of_order: Annotated[bool, typer.Option(help="Take an older notice as the newest.")] = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Import a published notice of the project library from CSV or XLSX."""
    from app.services.imports import register as service  # noqa: PLC0415

    published_on, mapped = read_date(date), pairs(mapping or (), "--map")
    reasons = pairs(exit_reason or (), "--exit-reason")
    with working(N_("importing {file}"), file=file.name), opened() as database:
        report = service.import_register(
            database,
            file,
            city=city,
            notice=notice,
            published_on=published_on,
            mapping=mapped,
            unit=unit,
            sheet=sheet,
            totals=totals,
            new_list=new_list,
            exit_reasons=reasons,
            correction=correction,
            out_of_order=out_of_order,
            dry_run=dry_run,
            actor=actor(),
        )
    _show_import(report, as_json)


def _show_import(report: ImportReport, as_json: bool) -> None:
    tell_notes(report.notes)
    say_if_dry(report.dry_run)
    counts = ("rows", "entered", "exited", "changed", "unchanged", "printed_as_new")
    headings = (*counts[:-1], "new")
    show(report, as_json, (headings, [[getattr(report, name) for name in counts]]))


@commands.command("areas")
def import_areas(file: File, city: City, dry_run: DryRun = False, as_json: Json = False) -> None:
    """Import a table of districts and functional zones: codes, names, aliases, kinds, sections."""
    from app.services.imports import areas as service  # noqa: PLC0415

    with opened() as database:
        report = service.import_areas(database, file, city=city, dry_run=dry_run, actor=actor())
    say_if_dry(report.dry_run)
    columns = ("rows", "added", "changed")
    show(report, as_json, (columns, [[getattr(report, name) for name in columns]]))


@commands.command("districts")
def import_districts(  # noqa: PLR0913, PLR0917
    file: File,
    city: City,
    crs: Crs = None,
    mapping: Mapping = None,
    source: Annotated[str | None, typer.Option(help="Where the boundaries come from.")] = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Import district polygons (GeoJSON, GeoPackage, zipped Shapefile), matched by code or name."""
    from app.services.imports import districts as service  # noqa: PLC0415

    mapped = pairs(mapping or (), "--map")
    with working(N_("importing {file}"), file=file.name), opened() as database:
        report = service.import_districts(
            database, file, city=city, crs=crs, mapping=mapped, source=source, dry_run=dry_run, actor=actor()
        )
    tell_notes(report.notes)
    say_if_dry(report.dry_run)
    row = (report.features, report.added, report.stored, report.crs, f"{report.area_km2:,.2f}")
    show(report, as_json, (("features", "added", "stored", "crs", "area_km2"), [row]))


@commands.command("boundaries")
def import_boundaries(  # noqa: PLR0913, PLR0917
    file: File,
    city: City,
    crs: Crs = None,
    code_field: Annotated[str | None, typer.Option(help="Attribute that holds the project code.")] = None,
    status: Annotated[str, typer.Option(help="drafted or surveyed.")] = "drafted",
    skip_faulty: Annotated[bool, typer.Option(help="Leave out what has errors.")] = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Import project boundaries (GeoJSON, GeoPackage, zipped Shapefile), matched by project code."""
    from app.services.boundaries.upload import upload_boundaries  # noqa: PLC0415

    with working(N_("importing {file}"), file=file.name), opened() as database:
        report = upload_boundaries(
            database,
            file,
            city=city,
            crs=crs,
            code_field=code_field,
            status=status,
            skip_faulty=skip_faulty,
            dry_run=dry_run,
            actor=actor(),
        )
    tell_notes(report.notes)
    say_if_dry(report.dry_run)
    rows = [(row.row, row.code, row.result, "; ".join(map(str, row.problems))) for row in report.rows]
    show(report, as_json, (("row", "code", "result", "problems"), rows))
