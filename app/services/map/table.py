"""The table that equals a map 图表对照: units or cells with their figure, projects, or a layer's features."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import urlencode

import pandas as pd
import shapely
from sqlalchemy import RowMapping

from app.i18n import gettext as _
from app.i18n import language
from app.services.exports.columns import SYNTHETIC
from app.services.exports.sheets import Cell, Head, write_csv
from app.services.filters import filter_from_query
from app.services.indicators.page import WITH_PARTS
from app.services.map.catalogue import catalogue
from app.services.map.choropleth import Asked as Figured
from app.services.map.choropleth import Choropleth, choropleth
from app.services.projects.listing import Sort
from app.terms import Row, localised, term, worded
from data import boundaries, codes, map_table
from data.errors import N_, InvalidInput
from data.layer_export import LayerQuery, layer_query
from data.layer_fields import Kind, sortable
from data.map_table import Bounds
from data.projects import SORTABLE, YI
from data.run_figures import LAYERS, NAMED, UNITS, RunFigure, cell_rows, how_many_cells, run_figure
from data.selection import Area
from data.session import Database

PAGE = 100
Lines = tuple[list[str], Iterable[list[Cell]]]
LOOKS = ("stage", "type", "mode", "progress", "investment", "status")
MOST_LISTED = 50_000
EDGE = 1e-4
FEATURES = tuple(layer for layer in codes.LAYERS if layer not in {"districts", "projects"})
ROWS_OF = {"district": "units", "zone": "units", **LAYERS}
ORDERS = {
    "units": ("place", "name", "value", "projects", "surveyed", "drafted", "pending"),
    "projects": (*SORTABLE, "class", "value"),
    **dict.fromkeys(UNITS, ("place", "code", "name", "value", "numerator", "denominator")),
    **{layer: ("place", *sortable(layer)) for layer in FEATURES},
}
EVERY_ORDER = frozenset(column for columns in ORDERS.values() for column in columns)


@dataclass(frozen=True)
class Asked:
    """What an address asks of the table: which rows, in which order, from which page, within which bounds."""

    rows: str
    by: str
    sort: Sort
    page: int
    bounds: Bounds | None


@dataclass(frozen=True)
class Paged:
    """How many rows there are, and which page of them is shown."""

    count: int
    page: int

    @property
    def pages(self) -> int:
        """The number of pages; at least one."""
        return max(math.ceil(self.count / PAGE), 1)


@dataclass(frozen=True)
class Projects(Paged):
    """A page of projects, with ``value`` where a figure colours them.

    ``chosen`` is the one that the map points at, where another page lists it.
    """

    rows: list[RowMapping]
    chosen: RowMapping | None
    shown: Choropleth | None


@dataclass(frozen=True)
class Units(Paged):
    """A page of districts or zones: ``code``, ``name``, counts of districts, ``value`` where one is shown."""

    frame: pd.DataFrame
    shown: Choropleth | None


@dataclass(frozen=True)
class Cells(Paged):
    """A page of cells of the newest grid: ``code``, ``value``, its parts, ``missing``, a point in each."""

    rows: list[RowMapping]
    shown: Choropleth


@dataclass(frozen=True)
class Features(Paged):
    """A page of a layer's features, and of which kind each of their columns is.

    ``too_many``: there are more than can be put in order; ``count`` is then the most that can, and no row is
    listed.
    """

    rows: list[RowMapping]
    kinds: Mapping[str, Kind]
    too_many: bool


def asked(query: Mapping[str, str]) -> Asked:
    """Read what an address asks of the table.

    Raises
    ------
    InvalidInput
        The order, the page or the bounds cannot be used.
    """
    rows, by = query.get("rows", ""), query.get("by", "")
    usual = ROWS_OF.get(query.get("unit", ""), "projects") if query.get("figure") else "projects"
    rows = rows if rows in ORDERS and (rows not in UNITS or usual == rows) else usual
    return Asked(
        rows, by if by in LOOKS else "stage", _sort(query.get("sort", ""), ORDERS[rows]),
        _page(query.get("page", "")), _bounds(query.get("box", "")),
    )  # fmt: skip


def _sort(text: str, orders: tuple[str, ...]) -> Sort:
    column, _dot, direction = text.partition(".")
    if not text or (column not in orders and column in EVERY_ORDER):
        return Sort(orders[0])
    if column in orders and direction in {"", "asc", "desc"}:
        return Sort(column, direction == "desc")
    raise InvalidInput(
        N_("The list cannot be sorted by «{sort}»."),
        remedy=N_("Write a column and asc or desc, such as amount.desc. Columns: {known}."),
        sort=text[:40],
        known=", ".join(orders),
    )


def _page(text: str) -> int:
    if not text:
        return 1
    if text.isascii() and text.isdigit() and int(text[:9]) > 0:
        return int(text[:9])
    raise InvalidInput(N_("There is no page «{page}»."), remedy=N_("Pages count from 1."), page=text[:20])


def _bounds(text: str) -> Bounds | None:
    if not text:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        west = south = east = north = math.nan
    if -180 <= west < east <= 180 and -90 <= south < north <= 90:
        return west, south, east, north
    raise InvalidInput(
        N_("«{bounds}» is no rectangle."),
        remedy=N_("Write west,south,east,north in degrees."),
        bounds=text[:60],
    )


def projects(database: Database, city: RowMapping, query: Mapping[str, str]) -> Projects:
    """Read the page of projects that an address asks for; the last one where it asks for a later."""
    wanted, keep = asked(query), filter_from_query(query)
    shown = _figure(database, city, query, {"project"})
    figure = shown.figure.name if shown else ""
    with database.reading() as connection:
        count = map_table.how_many(connection, city["id"], keep, wanted.bounds)
        number = _last(wanted.page, count)
        rows = map_table.project_rows(
            connection, city["id"], keep, wanted.bounds, wanted.sort,
            by=wanted.by, figure=figure, offset=(number - 1) * PAGE, limit=PAGE,
        )  # fmt: skip
        code = query.get("sel", "")
        apart = bool(code) and all(row["code"] != code for row in rows)
        chosen = map_table.project_row(connection, city["id"], keep, code, figure) if apart else None
    return Projects(count, number, rows, chosen, shown)


def _last(page: int, count: int) -> int:
    return min(page, Paged(count, 1).pages)


def cells(database: Database, city: RowMapping, query: Mapping[str, str]) -> Cells:
    """Read the page of cells or renewal units that an address asks for, and what their figure is made of.

    Raises
    ------
    InvalidInput
        There is no such figure of them.
    """
    wanted, shown = asked(query), _of_cells(database, city, query)
    with database.reading() as connection:
        count = how_many_cells(connection, city["id"], shown.unit, wanted.bounds)
        number = _last(wanted.page, count)
        rows = cell_rows(
            connection, city["id"], shown.unit, figured(shown), _of_language(wanted.sort),
            bounds=wanted.bounds, with_parts=WITH_PARTS, offset=(number - 1) * PAGE, limit=PAGE,
        )  # fmt: skip
    return Cells(count, number, rows, shown)


def _of_language(sort: Sort) -> Sort:
    return Sort(localised("name"), sort.descending) if sort.column == "name" else sort


def _of_cells(database: Database, city: RowMapping, query: Mapping[str, str]) -> Choropleth:
    layers = catalogue(database, city)
    wanted = Figured(query.get("unit", ""), query.get("figure", ""))
    return choropleth(database, city, filter_from_query(query), wanted, layers)


def figured(shown: Choropleth) -> RunFigure:
    """Return the stored indicator that a map of cells shows."""
    return run_figure(shown.figure.name) or RunFigure(shown.figure.name)


def features(database: Database, city: RowMapping, query: Mapping[str, str]) -> Features:
    """Read the page that an address asks for of a layer's features: those in view, or all of the city."""
    wanted = asked(query)
    found = _of_layer(city, wanted)
    with database.reading() as connection:
        count = map_table.features_up_to(connection, found, MOST_LISTED)
        too_many, count = count > MOST_LISTED, min(count, MOST_LISTED)
        number = _last(wanted.page, count)
        rows = [] if too_many else map_table.feature_rows(
            connection, found, wanted.sort, offset=(number - 1) * PAGE, limit=PAGE
        )  # fmt: skip
    kinds: dict[str, Kind] = {field.name: "text" if field.terms else field.kind for field in found.columns}
    return Features(count, number, rows, kinds, too_many)


def _of_layer(city: RowMapping, wanted: Asked) -> LayerQuery:
    area = Area(shapely.box(*wanted.bounds).wkb) if wanted.bounds else None
    return layer_query(wanted.rows, city, area=area, language=language())


def layer_file(database: Database, city: RowMapping, query: Mapping[str, str]) -> str:
    """Return the address of the export that holds every row of a layer's table."""
    wanted, params = asked(query), {"city": city["slug"], "lang": language()}
    reach = catalogue(database, city)[wanted.rows].bounds
    if wanted.bounds and reach:
        # A view of half a continent is no area that an export takes; what lies in it reaches no farther.
        seen = shapely.box(*wanted.bounds)
        part = seen.intersection(shapely.box(*reach).buffer(EDGE, join_style="mitre"))
        edges = (seen if part.area == 0 else part).bounds
        params["area"] = f"rect:{','.join(f'{edge:.6f}' for edge in edges)}"
    return f"/export/{wanted.rows}.csv?{urlencode(params)}"


def units(database: Database, city: RowMapping, query: Mapping[str, str]) -> Units:
    """Read the page of districts, or of zones where the map shows their figure, in the order asked for."""
    wanted, (frame, shown) = asked(query), _every_unit(database, city, query)
    number = _last(wanted.page, len(frame))
    return Units(len(frame), number, frame.iloc[(number - 1) * PAGE : number * PAGE], shown)


def _every_unit(
    database: Database, city: RowMapping, query: Mapping[str, str]
) -> tuple[pd.DataFrame, Choropleth | None]:
    shown = _figure(database, city, query, {"district", "zone"})
    if shown is not None and shown.unit == "zone":
        frame = shown.values.assign(name=[str(term(codes.LAND_USES, use)) for use in shown.values["name"]])
    else:
        frame = _districts(database, city, query, shown)
    return _ordered(frame, asked(query).sort), shown


def _figure(
    database: Database, city: RowMapping, query: Mapping[str, str], of: set[str]
) -> Choropleth | None:
    name, unit = query.get("figure", ""), query.get("unit") or "district"
    if not name or unit not in of:
        return None
    layers = catalogue(database, city)
    return choropleth(database, city, filter_from_query(query), Figured(unit, name), layers)


def _districts(
    database: Database, city: RowMapping, query: Mapping[str, str], shown: Choropleth | None
) -> pd.DataFrame:
    with database.reading() as connection:
        frame = boundaries.completeness(connection, city["id"], filter_from_query(query))
    frame["name"] = frame[localised("name")]
    if shown is not None:
        frame["value"] = frame["code"].map(shown.values.set_index("code")["value"])
    return frame


def _ordered(frame: pd.DataFrame, sort: Sort) -> pd.DataFrame:
    if sort.column not in frame.columns:
        return frame
    return frame.sort_values(sort.column, ascending=not sort.descending, na_position="last", kind="stable")


def write(database: Database, city: RowMapping, query: Mapping[str, str], file: BinaryIO) -> int:
    """Write the table that an address shows, all its pages, as CSV; returns the number of rows."""
    lines = {"units": _unit_lines, "projects": _project_lines}.get(asked(query).rows, _cell_lines)
    heads, rows = lines(database, city, query)
    said = [_(SYNTHETIC)] if city["synthetic"] else []
    titles = [*heads, _("Data")] if said else heads
    return write_csv(file, [Head(title) for title in titles], ([*row, *said] for row in rows))


def _unit_lines(database: Database, city: RowMapping, query: Mapping[str, str]) -> Lines:
    every, shown = _every_unit(database, city, query)
    heads = {"code": _("Code"), "name": _("Name"), "projects": _("Projects"), "surveyed": _("Surveyed")}
    heads |= {"drafted": _("Drafted"), "pending": _("Without boundary")}
    if shown is not None:
        heads["value"] = figure_title(shown)
    columns = [column for column in heads if column in every]
    frame = every[columns]
    cells = frame.astype(object).where(frame.notna(), None)
    rows = ([_cell(value) for value in row] for row in cells.itertuples(index=False))
    return [heads[column] for column in columns], rows


def _cell_lines(database: Database, city: RowMapping, query: Mapping[str, str]) -> Lines:
    wanted, shown = asked(query), _of_cells(database, city, query)
    with database.reading() as connection:
        rows = cell_rows(
            connection, city["id"], shown.unit, figured(shown), _of_language(wanted.sort),
            bounds=wanted.bounds, with_parts=WITH_PARTS,
        )  # fmt: skip
    named = {localised("name"): _("Renewal unit")} if wanted.rows in NAMED else {}
    heads = [
        _("Feature code"),
        *named.values(),
        figure_title(shown),
        _("Numerator"),
        _("Denominator"),
        _("Input that is not supplied"),
    ]
    before, after = ("code", *named), ("numerator", "denominator", "missing")
    return heads, (
        [_cell(one) for one in (*map(row.get, before), value_of(shown, row), *map(row.get, after))]
        for row in rows
    )


def _cell(value: object) -> Cell:
    return value if value is None or isinstance(value, str | int) else f"{value:.12g}"


def value_of(shown: Choropleth, row: Row) -> float | None:
    """Return the figure of a row in the figure's unit; None where it is not supplied."""
    return None if row["value"] is None else float(row["value"]) / shown.figure.divisor


def figure_title(shown: Choropleth) -> str:
    """Return a figure's name with its unit in the reader's language."""
    figure = shown.figure
    coded = worded(figure.term) if figure.term else ""
    title = _(figure.title).format(figure=coded)
    return f"{title}, {_(figure.unit)}" if figure.unit else title


def _project_lines(database: Database, city: RowMapping, query: Mapping[str, str]) -> Lines:
    wanted, keep = asked(query), filter_from_query(query)
    shown = _figure(database, city, query, {"project"})
    with database.reading() as connection:
        rows = map_table.project_rows(
            connection, city["id"], keep, wanted.bounds, wanted.sort,
            by=wanted.by, figure=shown.figure.name if shown else "",
        )  # fmt: skip
    districts = localised("districts")
    titles = [
        _("Code"), _("Project name"), _("District"), _("Stage"), _("Type"), _("Mode"), _("Progress"),
        _("Investment, CNY 100 M"), _("Boundary"),
    ]  # fmt: skip
    titles += (figure_title(shown),) if shown else ()
    cells = (
        [
            row["code"], row["name"], "; ".join(row[districts] or []), term(codes.STAGES, row["stage"]),
            term(codes.PROJECT_TYPES, row["project_type"]), term(codes.RENEWAL_MODES, row["renewal_mode"]),
            _cell(row["progress"]), None if row["amount"] is None else row["amount"] / YI,
            row["boundary_status"], *([_cell(value_of(shown, row))] if shown else []),
        ]
        for row in rows
    )  # fmt: skip
    return titles, cells
