"""The ranking of units by an indicator, in a grid that reads only what is on screen."""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag
import pandas as pd
from dash import ClientsideFunction, Input, Output, State, clientside_callback, html, no_update

from app import format as write
from app.components.callback import callback
from app.components.grids import grid_column, grid_texts
from app.components.indicators.parts import part_title, part_writer, parts_of
from app.components.indicators.words import (
    Write,
    figure_writer,
    missing_words,
    picture_name,
    unit_kind,
    unit_of,
    verdict_name,
)
from app.components.view import View, database, view
from app.i18n import gettext as _
from app.services.indicators.page import VERDICT_ORDER, Page, Picture, ordered, page_of, same_unit
from app.terms import localised
from data.errors import N_

GRID, TABLE = "indicator-grid", "indicator-table"
MOST_AT_ONCE = 1000
DEFAULT = "value.desc"
BLOCK = 100
NARROW, WIDE = 104, 140
HEADINGS = {
    "value": N_("Value"),
    "numerator": N_("Numerator"),
    "denominator": N_("Denominator"),
    "other": N_("Compared with"),
    "difference": N_("Difference"),
}
DESCENDING = ["desc", "asc"]


def ranking(current: View, page: Page) -> Any:
    """Lay out the ranking of the page's units."""
    first = page.first
    if first is None:
        return None
    label = _("Ranking by {indicator}").format(indicator=picture_name(first))
    marks = {"className": "indicator-grid", "role": "region", "aria-label": label}
    columns = _columns(current, page, first)
    # A grid cannot change how it gets its rows, so the two stand in elements of different kinds.
    if len(first.table) <= MOST_AT_ONCE:
        return html.Section(_grid(TABLE, columns, rowData=_all(page)), **marks)
    return html.Div(_grid(GRID, columns, rowModelType="infinite"), **marks)


def _all(page: Page) -> list[dict[str, Any]]:
    return written(page, ordered(page, "", localised("unit_name")).sort_values("position"))


def _grid(name: str, columns: list[dict[str, Any]], **rows: Any) -> Any:
    paged = {
        "cacheBlockSize": BLOCK,
        "maxConcurrentDatasourceRequests": 1,
        "infiniteInitialRowCount": 1,
    }
    return dag.AgGrid(
        id=name,
        className="list-grid",
        columnDefs=columns,
        defaultColDef={
            "sortable": True,
            "resizable": True,
            "suppressMovable": True,
            "suppressHeaderMenuButton": True,
            "wrapHeaderText": True,
            "autoHeaderHeight": True,
            "sortingOrder": DESCENDING,
            "comparator": {"function": "gengxinUnknownLast"},
        },
        getRowId="params.data.code",
        style={"height": "100%"},
        dashGridOptions={
            "theme": {"function": "gengxinTheme(themeQuartz)"},
            "localeText": grid_texts(_("No unit")),
            "suppressMultiSort": True,
            "suppressColumnVirtualisation": True,
            "ensureDomOrder": True,
            "enableCellTextSelection": True,
            "tooltipShowDelay": 400,
            "suppressContextMenu": True,
        }
        | (paged if name == GRID else {}),
        eventListeners={
            "sortChanged": ["gengxinIndicatorSorted(params)"],
            "modelUpdated": ["gengxinIndicatorLoaded(params)"],
        },
        **rows,
    )


def _columns(current: View, page: Page, first: Picture) -> list[dict[str, Any]]:
    unit = unit_of(first.indicator)
    shown = ["value", *(["other"] if page.second else []), *(["difference"] if same_unit(page) else [])]
    shown += [] if page.second else _known_parts(first)
    columns = [
        grid_column(
            "name", unit_kind(page.units), 128, flex=1, tooltipField="name", sortingOrder=["asc", "desc"]
        ),
        *[_number(name, page, unit) for name in shown],
    ]
    if first.thresholds:
        columns.insert(2 if page.second is None else len(columns), _verdict())
    column, _dot, way = (current.get("sort") or DEFAULT).partition(".")
    for one in columns:
        if one["colId"] == column:
            one["sort"] = "asc" if way == "asc" else "desc"
    return columns


def _verdict() -> dict[str, Any]:
    return grid_column(
        "verdict", _("Verdict"), 168, cellRenderer="IndicatorVerdict", tooltipField="judged_text"
    )


def _known_parts(picture: Picture) -> list[str]:
    return [name for name in parts_of(picture) if picture.table[name].notna().any()]


def _number(name: str, page: Page, unit: str) -> dict[str, Any]:
    heading, meaning = _headings(name, page, unit)
    wide = WIDE if name in {"value", "other"} else NARROW
    hover = "reason" if name == "value" else f"{name}_text"
    return grid_column(
        name, heading, wide, type="rightAligned", tooltipField=hover, headerTooltip=meaning,
        cellClassRules={"unknown": f"params.data && params.data.{name} === null"},
        valueFormatter={"function": f"params.data ? params.data.{name}_text : ''"},
    )  # fmt: skip


def _headings(name: str, page: Page, unit: str) -> tuple[str, str]:
    """Name a column with its unit, and say what that is."""
    title = _(HEADINGS[name])
    if page.first is not None and (part := parts_of(page.first).get(name)):
        return part_title(part), f"{title}: {part_title(part)}"
    if page.second is not None:
        title = {"value": "A", "other": "B", "difference": "B − A"}[name]
        unit = unit_of(page.second.indicator) if name == "other" else unit
    heading = f"{title}, {unit}" if unit else title
    return heading, heading


@callback(Output(GRID, "getRowsResponse"), Input(GRID, "getRowsRequest"), State("url", "search"))
def rows(request: dict[str, Any] | None, search: str) -> Any:
    """Read the rows that the grid asks for."""
    if not request:
        return no_update
    current = view(search)
    page = page_of(database(), current.city, current.params)
    if page.first is None:
        return {"rowData": [], "rowCount": 0}
    model = request.get("sortModel") or []
    sort = f"{model[0]['colId']}.{model[0]['sort']}" if model else current.get("sort", DEFAULT)
    found = ordered(page, sort, localised("unit_name"))
    part = found.iloc[int(request["startRow"]) : int(request["endRow"])]
    return {"rowData": written(page, part), "rowCount": len(found)}


def written(page: Page, part: pd.DataFrame) -> list[dict[str, Any]]:
    """Write rows as the grid shows them: each figure as a number, null where not known, and as a text."""
    if page.first is None:
        return []
    whole = page.first.table
    writers = {name: part_writer(one, whole[name]) for name, one in parts_of(page.first).items()}
    writers["value"] = figure_writer(page.first)
    if page.second is not None:
        writers["other"] = figure_writer(page.second)
        writers |= {"difference": writers["value"]} if "difference" in part else {}
    return [_row(row, writers) for row in part.to_dict("records")]


def _row(row: dict[Any, Any], writers: dict[str, Write]) -> dict[str, Any]:
    judged = row["verdict"] if pd.notna(row["verdict"]) else None
    shown: dict[str, Any] = {
        "code": row["unit_code"],
        "name": row["name"],
        "verdict": judged and VERDICT_ORDER[judged],
        "judged": judged,
        "judged_text": verdict_name(judged),
        "reason": missing_words(row["missing"]) if pd.notna(row["missing"]) else "",
    }
    for name, write_figure in writers.items():
        known = pd.notna(row[name])
        shown[name] = row[name] if known else None
        shown[f"{name}_text"] = write_figure(row[name]) if known else _unknown(name)
    return shown


def _unknown(name: str) -> str:
    return write.not_supplied() if name in {"value", "other"} else "–"


clientside_callback(
    ClientsideFunction("indicators", "renew"),
    Output("indicator-shown", "data"),
    Input("indicators", "children"),
    prevent_initial_call=True,
)
clientside_callback(
    ClientsideFunction("indicators", "follow"),
    Output("indicator-sorted", "data"),
    Input("url", "search"),
    prevent_initial_call=True,
)
