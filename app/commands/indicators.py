"""`gengxin indicators`: the catalogue 指标目录, runs, values and thresholds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.options import City, DryRun, Json
from app.console import (
    actor,
    current_settings,
    opened,
    say,
    say_if_dry,
    show,
    use_terminal_language,
)
from data.errors import N_, InvalidInput

if TYPE_CHECKING:
    import pandas as pd

    from app.services.indicators.runs import RunReport
    from gis.parameters import Parameters

UnitKind = Annotated[
    str,
    typer.Option(
        "--units",
        help="What to compute for: district, zone, renewal_unit, grid, hexagon, project, catchment, area.",
    ),
]
Codes = Annotated[
    list[str] | None, typer.Option("--indicator", help="Code of an indicator; all if not given.")
]
Side = Annotated[
    float | None, typer.Option("--side", help="Side of a grid's cells in metres; 500 if not given.")
]
LISTED = ("code", "name_zh", "name_en", "unit", "family", "inputs")
CITIES_AT_ONCE = 4
SHOWN = ("unit_code", "unit_name_zh", "indicator", "subject", "basis", "value", "unit", "verdict", "missing")
commands = typer.Typer(help="Indicators 指标 and their thresholds.", no_args_is_help=True)
limits = typer.Typer(help="Thresholds 阈值 that hold for a city.", invoke_without_command=True)
commands.add_typer(limits, name="thresholds")


@commands.command("list")
def indicators_list(as_json: Json = False) -> None:
    """List the indicators: code, names, unit, family, and the inputs they need."""
    from app.services.indicators.catalogue import catalogue  # noqa: PLC0415

    cards = catalogue()
    rows = [[_joined(getattr(card, name)) for name in LISTED] for card in cards]
    show(cards, as_json, (LISTED, rows))


@commands.command("run")
def indicators_run(  # noqa: PLR0913, PLR0917
    city: Annotated[list[str], typer.Option("--city", help="The city's slug; more than one is allowed.")],
    units: UnitKind = "district",
    side: Side = None,
    indicator: Codes = None,
    speed: Annotated[float | None, typer.Option("--speed", help="Walking speed in m/min.")] = None,
    scheduler: Annotated[
        str | None, typer.Option("--scheduler", help="Dask scheduler whose workers compute, such as tcp://…")
    ] = None,
    as_json: Json = False,
) -> None:
    """Compute the indicators of a city and store them."""
    from app.services.indicators.runs import run  # noqa: PLC0415
    from app.services.start import home_of  # noqa: PLC0415

    home = home_of(current_settings())
    with opened() as database, _counting(N_("computing {city}")) as reporter:

        def compute(slug: str) -> RunReport:
            return run(
                database, slug, units, actor=actor(), side=side, indicators=indicator or (),
                parameters=_parameters(speed), home=home, scheduler=scheduler, report=reporter(slug),
            )  # fmt: skip

        reports = _at_once(compute, city) if scheduler else [compute(slug) for slug in city]
    show(reports if len(city) > 1 else reports[0], as_json, *([] if as_json else [_summary(reports)]))
    for one in reports:
        _tell(one)


@commands.command("show")
def indicators_show(
    city: City,
    units: UnitKind = "district",
    indicator: Codes = None,
    side: Side = None,
    as_json: Json = False,
) -> None:
    """Show the newest values of a city's units."""
    from app.services.indicators.catalogue import show as values_of  # noqa: PLC0415

    with opened() as database:
        found = values_of(database, city, units, indicators=indicator, side=side)
    as_rows = {"run": found.run, "values": _with_none(found.values).to_dict("records")} if as_json else None
    rounded = found.values["value"].map(_rounded, na_action="ignore")
    table = _with_none(found.values.assign(value=rounded)[list(SHOWN)])
    show(as_rows, as_json, (SHOWN, table.itertuples(index=False)))


@limits.callback()
def indicators_thresholds(
    context: typer.Context,
    city: Annotated[str | None, typer.Option("--city", help="The city's slug, such as zhengzhou.")] = None,
    as_json: Json = False,
) -> None:
    """List the thresholds that hold for a city, with their documents."""
    from app.services.indicators.thresholds import bounds, thresholds  # noqa: PLC0415

    if context.invoked_subcommand is not None:
        return
    if city is None:
        raise InvalidInput(N_("Whose thresholds?"), remedy=N_("Name the city: --city SLUG."))
    with opened() as database:
        found = thresholds(database, city)
    headings = (
        "indicator",
        "subject",
        "threshold",
        "scope",
        "jurisdiction",
        "strength",
        "document",
        "clause",
    )
    rows = [
        (t.indicator, t.subject, bounds(t), t.scope, t.jurisdiction, t.modal or t.strength,
         t.document_no or t.document, t.clause)
        for t in (one.threshold for one in found)
    ]  # fmt: skip
    show(found, as_json, (headings, rows))


@limits.command("import")
def thresholds_import(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    city: City,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Put the thresholds of a table in the place of a city's own."""
    from app.services.indicators.thresholds import import_own  # noqa: PLC0415

    with opened() as database:
        report = import_own(database, file, city=city, actor=actor(), dry_run=dry_run)
    counts = (report.city, report.file, report.stored, report.withdrawn)
    show(report, as_json, (("city", "file", "stored", "withdrawn"), [counts]))
    if report.withdrawn:
        text = N_("the city's own thresholds that the file does not hold are withdrawn: {count}")
        say(text, count=report.withdrawn)
    say_if_dry(dry_run)


def _parameters(speed: float | None) -> Parameters:
    from gis.parameters import Parameters  # noqa: PLC0415

    return Parameters() if speed is None else Parameters(walking_speed=speed)


def _summary(reports: list[RunReport]) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    headings = ("city", "run", "units", "values", "known", "pass", "fail", "warn", "info", "seconds")
    rows = [
        (one.city, one.run, one.units_count, one.values, one.known,
         *(one.verdicts.get(name, 0) for name in headings[5:9]), one.seconds)
        for one in reports
    ]  # fmt: skip
    return headings, list(rows)


def _tell(report: RunReport) -> None:
    if report.resumed:
        say(N_("{count} parts were there from an interrupted run"), count=report.resumed)
    if report.identical_to is not None:
        say(N_("the values are those of run {run}, byte for byte"), run=report.identical_to)
    for name, count in report.missing.items():
        say(N_("not supplied: {name} ({count} values)"), name=name, count=count)


def _rounded(value: float) -> str:
    return f"{value:,.3f}".rstrip("0").rstrip(".")


def _with_none(table: pd.DataFrame) -> pd.DataFrame:
    """What is not supplied as None, whatever the kind of a column."""
    return table.astype(object).where(table.notna(), None)


def _joined(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _at_once(compute: Callable[[str], RunReport], slugs: list[str]) -> list[RunReport]:
    """Compute several cities at the same time: the workers of a cluster then never wait for one of them."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    with ThreadPoolExecutor(CITIES_AT_ONCE) as pool:
        try:
            return list(pool.map(compute, slugs))
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _counting(what: str) -> Iterator[Callable[[str], Callable[[int, int, str], None]]]:
    """Show on a terminal how many parts of each city's run are done, and which is being computed."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    from app.i18n import gettext  # noqa: PLC0415

    use_terminal_language()
    console, template = Console(stderr=True), gettext(what)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:

        def reporter(city: str) -> Callable[[int, int, str], None]:
            named = template.format(city=city)
            task = progress.add_task(named, total=None)
            return lambda done, total, part: progress.update(
                task, completed=done, total=total, description=f"{named} {part}".strip()
            )

        yield reporter
