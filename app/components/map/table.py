"""The table beside the map: what the map shows, row for row, to read, to sort and to find on the map."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any
from urllib.parse import urlencode

import pandas as pd
from dash import ClientsideFunction, Input, Output, clientside_callback, dcc, html

from app import format as write
from app.components.callback import callback
from app.components.icons import icon
from app.components.map.address import address_of
from app.components.map.classes import PROJECT_LOOKS, Classing, projects, sequence_of
from app.components.map.rows import outline, project_page, sets
from app.components.map.scene import ORDER, USUAL, projects_by
from app.components.map.state import visible
from app.components.map.table_cells import grid, head, swatched, unseen_head, value_cell
from app.components.map.table_layer import cell_table, layer_table
from app.components.project.words import local_name, short_status
from app.components.view import View, database, view
from app.i18n import gettext as _
from app.i18n import language
from app.services.map import table as service
from app.services.map.catalogue import Layer, catalogue
from app.services.map.choropleth import Choropleth
from app.terms import joined, localised, term
from data import codes
from data.errors import N_
from data.projects import YI
from data.run_figures import LAYERS, UNITS

CELL_KINDS = {"grid": N_("Grid cells"), "hexagon": N_("Hexagons"), "renewal_unit": N_("Renewal units")}
COLUMN_OF = {
    "stage": "stage", "type": "project_type", "mode": "renewal_mode", "status": "boundary_status",
    "progress": "progress", "investment": "amount",
}  # fmt: skip


def table_button() -> Any:
    """Lay out the tool that opens the table."""
    label = _("Table of the map (T)")
    return html.Button(
        icon("table"),
        className="tool",
        title=label,
        **{
            "data-map-table": "toggle",
            "aria-label": label,
            "aria-controls": "map-table",
            "aria-keyshortcuts": "T",
            "aria-expanded": "false",
        },
    )


def table_box() -> Any:
    """Lay out the place of the table; empty until the address asks for it."""
    return html.Section(
        [html.Div(id="map-table-content"), dcc.Store(id="map-table-set")],
        id="map-table",
        className="map-table",
        tabIndex=-1,
        **{"aria-label": _("Table of the map")},
    )


@callback(Output("map-table-content", "children"), address_of("table"), Input("map-saved", "data"))
def show_table(search: str, _saved: Any) -> Any:
    """Lay out the table that an address asks for."""
    current = view(search)
    return _table(current) if current.get("view") == "table" else None


def _table(current: View) -> Any:
    layers = catalogue(database(), current.city)
    current = current.with_params(by=projects_by(current, layers))
    wanted = service.asked(current.params)
    kinds = _kinds(current, wanted, layers)
    if wanted.rows == "units":
        found = service.units(database(), current.city, current.params)
        return [_bar(current, wanted, found, kinds), _units(current, wanted, found)]
    if wanted.rows == "projects":
        rows = service.projects(database(), current.city, current.params)
        return [_bar(current, wanted, rows, kinds), _projects(current, wanted, rows)]
    if wanted.rows in UNITS:
        cells = service.cells(database(), current.city, current.params)
        return [_bar(current, wanted, cells, kinds), cell_table(wanted, cells, _tints(cells.shown))]
    features = service.features(database(), current.city, current.params)
    return [_bar(current, wanted, features, kinds), layer_table(wanted, features)]


# --- the bar above the table ---


def _bar(current: View, wanted: service.Asked, shown: service.Paged, kinds: Any) -> Any:
    parts = [
        kinds,
        html.Span(_counted(wanted, shown), className="muted", role="status"),
        _in_view(wanted) if wanted.rows != "units" else None,
        _pages(shown) if shown.pages > 1 and not _is_too_long(shown) else None,
        html.A([icon("download"), "CSV"], href=_csv(current), className="button", download=""),
        sets(icon("close"), {"view": "", "page": "", "box": "", "rows": "", "sort": ""}, className="tool",
             label=_("Close the table"), title=_("Close the table")),
    ]  # fmt: skip
    return html.Div(parts, className="map-table-bar")


def _kinds(current: View, wanted: service.Asked, layers: dict[str, Layer]) -> Any:
    is_zone = current.get("figure") and current.get("unit") == "zone"
    names = {"units": _("Zones") if is_zone else _("Districts"), "projects": _("Projects")}
    if current.get("figure") and current.get("unit") in CELL_KINDS:
        names = {LAYERS[current.get("unit")]: _(CELL_KINDS[current.get("unit")]), **names}
    known = [name for name in ORDER if name in service.FEATURES and layers[name].supplied]
    seen = {*visible(current, known, USUAL), wanted.rows}
    names |= {name: str(term(codes.LAYERS, name)) for name in reversed(known) if name in seen}
    buttons = [_kind(kind, words, wanted) for kind, words in names.items()]
    return html.Div(buttons, className="kinds", role="group", **{"aria-label": _("Rows of the table")})


def _kind(kind: str, words: str, wanted: service.Asked) -> Any:
    pressed = {"aria-pressed": "true" if kind == wanted.rows else "false"}
    if kind in {*UNITS, *service.FEATURES}:
        return html.Button(
            words, className="choice", **{"data-map-table": "layer", "data-rows": kind, **pressed}
        )
    return sets(words, {"rows": kind, "sort": "", "page": ""}, className="choice", **pressed)


def _is_too_long(shown: service.Paged) -> bool:
    return isinstance(shown, service.Features) and shown.too_many


def _counted(wanted: service.Asked, shown: service.Paged) -> str:
    count = write.count(shown.count)
    if _is_too_long(shown):
        return _("more than {count} rows").format(count=count)
    if not wanted.bounds:
        return _("{count} rows").format(count=count)
    words = _("{count} projects in view") if wanted.rows == "projects" else _("{count} rows in view")
    return words.format(count=count)


def _in_view(wanted: service.Asked) -> Any:
    return html.Button(
        _("Only what is in view"),
        className="choice",
        **{"data-map-table": "view", "aria-pressed": "true" if wanted.bounds else "false"},
    )


def _pages(shown: service.Paged) -> Any:
    here = _("Page {page} of {pages}").format(page=shown.page, pages=shown.pages)
    back = sets("‹", {"page": str(shown.page - 1)}, className="choice", label=_("Previous page"),
                disabled=shown.page == 1)  # fmt: skip
    on = sets("›", {"page": str(shown.page + 1)}, className="choice", label=_("Next page"),
              disabled=shown.page == shown.pages)  # fmt: skip
    return html.Span([back, html.Span(here), on], className="pages-of")


def _csv(current: View) -> str:
    asked = {name: value for name, value in current.params.items() if name not in {"city", "page", "view"}}
    query = urlencode(asked | {"lang": language()})
    return f"/api/v1/cities/{current.slug}/map-table.csv?{query}"


# --- projects ---


def _projects(current: View, wanted: service.Asked, shown: service.Projects) -> Any:
    if not shown.rows:
        return html.P(_("No project matches."), className="muted empty")
    look = _(PROJECT_LOOKS[wanted.by])
    heads = [
        unseen_head(_("Show on the map")),
        head(_("Code"), "code", wanted, left=True),
        head(_("Project name"), "name", wanted, left=True),
        head(_("District"), "district", wanted, left=True),
        head(look, "class", wanted, left=True),
        *([head(service.figure_title(shown.shown), "value", wanted, left=True)] if shown.shown else []),
        head(_("Investment, {unit}").format(unit=write.money_unit()), "amount", wanted),
        head(_("Boundary"), "boundary_status", wanted, left=True),
    ]
    classing = projects(wanted.by, dict.fromkeys(_codes_of(wanted.by), 1))
    first = [shown.chosen] if shown.chosen else []
    figured = _figure_cells(shown, [*first, *shown.rows])
    rows = [
        _project(current, wanted, classing, row, value)
        for row, value in zip([*first, *shown.rows], figured, strict=True)
    ]
    return grid(_("Projects of the map, coloured by {look}").format(look=look), heads, rows)


def _codes_of(by: str) -> list[str]:
    lists = {"stage": codes.STAGES, "type": codes.PROJECT_TYPES, "mode": codes.RENEWAL_MODES}
    return list(lists.get(by, ()))


def _figure_cells(shown: service.Projects, rows: list[Any]) -> list[Any]:
    if shown.shown is None:
        return [None] * len(rows)
    tints = _tints(shown.shown).reindex([row["code"] for row in rows])
    return [
        value_cell(shown.shown.figure.places, service.value_of(shown.shown, row), tint)
        for row, tint in zip(rows, tints, strict=True)
    ]


def _project(current: View, wanted: service.Asked, classing: Classing, row: Any, value: Any) -> Any:
    located, chosen = row["boundary_status"] != "pending", row["code"] == current.get("sel")
    words = _("Show on the map") if located else _("Show its district on the map")
    show = sets(icon("locate"), {"sel": row["code"], "at": ""}, className="show", title=words,
                label=f"{words}: {local_name(row)}")  # fmt: skip
    cells = [
        html.Td(show),
        html.Th(dcc.Link(row["code"], href=project_page(current, row["code"])), scope="row"),
        html.Td(local_name(row), className="left wide"),
        html.Td(joined(row[localised("districts")] or []), className="left wrap"),
        _class_cell(wanted.by, classing, row[COLUMN_OF[wanted.by]]),
        *([value] if value is not None else []),
        html.Td(write.money(row["amount"])),
        html.Td(short_status(row["boundary_status"]), className="left"),
    ]
    marks = {"aria-current": "true"} if chosen else {}
    return html.Tr(
        cells, className="chosen" if chosen else None, **marks, **outline(current, row["code"], located)
    )


def _class_cell(by: str, classing: Classing, value: Any) -> Any:
    if value is None:
        return swatched(classing.unknown.colour, write.not_supplied())
    if not classing.stepped:
        found = next((swatch for swatch in classing.swatches if swatch.key == value), classing.unknown)
        return swatched(found.colour, found.label)
    number = float(value) * 100 if by == "progress" else float(value / YI)
    place = bisect_right([swatch.key for swatch in classing.swatches[1:]], number)
    words = write.share(value, 0) if by == "progress" else classing.swatches[place].label
    return swatched(classing.swatches[place].colour, words)


# --- districts and zones ---


def _units(current: View, wanted: service.Asked, found: service.Units) -> Any:
    counts = {
        "projects": _("Projects"), "surveyed": _("Surveyed"), "drafted": _("Drafted"),
        "pending": _("Without boundary"),
    }  # fmt: skip
    counts = {column: label for column, label in counts.items() if column in found.frame}
    title = service.figure_title(found.shown) if found.shown else ""
    heads = [head(_("Name"), "name", wanted, left=True)]
    heads += [head(title, "value", wanted, left=True)] if found.shown else []
    heads += [head(label, column, wanted) for column, label in counts.items()]
    key = "id" if found.shown and found.shown.unit == "zone" else "code"
    frame = found.frame.assign(tint=found.frame[key].map(_tints(found.shown, key)) if found.shown else "")
    named = [str(column) for column in frame]
    rows = [
        _unit(current, found, list(counts), dict(zip(named, values, strict=True)))
        for values in frame.itertuples(index=False, name=None)
    ]
    return grid(_("Districts of the map") if counts else _("Zones of the map"), heads, rows)


def _tints(shown: Choropleth, key: str = "code") -> pd.Series[str]:
    """Return the colour of each unit's class by its key."""
    colours = dict(enumerate(sequence_of(max(shown.classes.k, 1))))
    return pd.Series(shown.classes.index.to_numpy(), index=shown.values[key]).map(colours)


def _unit(current: View, found: service.Units, counts: list[str], row: dict[str, Any]) -> Any:
    kept = bool(counts) and current.get("district") == row["code"]
    name: Any = row["name"]
    if counts:
        name = sets(name, {"district": "" if kept else row["code"]}, className="plain", **{
            "data-district": row["code"], "aria-pressed": "true" if kept else "false",
            "title": _("Keep only this district, and show it"),
        })  # fmt: skip
    cells = [html.Th(name, scope="row")]
    if found.shown is not None:
        cells.append(value_cell(found.shown.figure.places, row["value"], row["tint"]))
    cells += [html.Td(write.count(row[column])) for column in counts]
    return html.Tr(cells, className="chosen" if kept else None)


clientside_callback(
    ClientsideFunction("mapTable", "sync"), Output("map-table-set", "data"), Input("url", "search")
)
clientside_callback(
    ClientsideFunction("mapTable", "filled"),
    Output("map-table-content", "title"),
    Input("map-table-content", "children"),
    prevent_initial_call=True,
)
