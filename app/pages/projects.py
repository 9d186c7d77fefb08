"""Projects 项目: the filtered list in a grid that reads only what is on screen, and its exports."""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag
from dash import ClientsideFunction, Input, Output, State, clientside_callback, dcc, html, no_update
from sqlalchemy import RowMapping

from app import format as write
from app.components.callback import callback
from app.components.filters import filter_bar
from app.components.grids import grid_column, grid_texts
from app.components.icons import icon
from app.components.project.words import full_amount, shares_words, short_status
from app.components.shell import heading
from app.components.view import View, database, view
from app.i18n import gettext as _
from app.services.exports.columns import band_words
from app.services.projects.listing import Sort, Summary, page, sort_from_query, summary
from app.terms import joined, localised, term
from data import codes
from data.errors import InvalidInput

GRID = "projects-grid"
BLOCK = 100
ROWS_KEPT = 40


def layout(current: View) -> Any:
    """Lay out the page; its rows, sum and exports follow the address."""
    exports = [_export_link("csv", _("CSV")), _export_link("xlsx", _("Excel"))]
    return [
        heading(_("Projects"), _("Renewal project library"), exports),
        filter_bar(current),
        html.Div(id="projects-summary", className="list-summary", **{"aria-live": "polite"}),
        dcc.Store(id="projects-shown"),
        html.Div([_grid(current), html.Div(id="projects-empty")], className="list-box"),
    ]


def _export_link(kind: str, label: str) -> Any:
    title = _("Download exactly the filtered list as {format}").format(format=label)
    return html.A([icon("download"), label], id=f"export-{kind}", className="button", title=title, href="#")


def _grid(current: View) -> Any:
    return dag.AgGrid(
        id=GRID,
        className="list-grid",
        columnDefs=_columns(_asked_sort(current)),
        defaultColDef={
            "sortable": False,
            "resizable": True,
            "suppressMovable": True,
            "suppressHeaderMenuButton": True,
            "sortingOrder": ["asc", "desc", None],
        },
        rowModelType="infinite",
        getRowId="params.data.code",
        style={"height": "100%"},
        dashGridOptions={
            "theme": {"function": "gengxinTheme(themeQuartz)"},
            "localeText": grid_texts(_("No project matches")),
            "cacheBlockSize": BLOCK,
            "maxBlocksInCache": ROWS_KEPT,
            "maxConcurrentDatasourceRequests": 1,
            "blockLoadDebounceMillis": 60,
            "infiniteInitialRowCount": 1,
            "suppressMultiSort": True,
            "suppressCellFocus": False,
            "suppressColumnVirtualisation": False,
            "enableCellTextSelection": True,
            "tooltipShowDelay": 400,
            "suppressContextMenu": True,
        },
        eventListeners={
            "sortChanged": ["gengxinSorted(params)"],
            "cellKeyDown": ["gengxinKey(params)"],
            "bodyScrollEnd": ["gengxinScrolled(params)"],
            "modelUpdated": ["gengxinLoaded(params)"],
        },
    )


def _asked_sort(current: View) -> Sort:
    try:
        return sort_from_query(current.params)
    except InvalidInput:
        return Sort()


def _columns(sort: Sort) -> list[dict[str, Any]]:
    unit = write.money_unit()
    columns = [
        _column("code", _("Code"), 110, sort=True, pinned="left", cellRenderer="ProjectLink"),
        _column(
            "name", _("Project name"), 216, sort=True, flex=1, cellRenderer="ProjectLink", tooltipField="name"
        ),
        _column("district", _("District"), 150, sort=True, cellRenderer="DistrictCell", **SHARES),
        _column("section", _("Section"), 100, tooltipField="section"),
        _column(
            "amount",
            _("Total, {unit}").format(unit=unit),
            140,
            sort=True,
            type="rightAligned",
            tooltipField="amount_full",
            cellClassRules=UNKNOWN,
            sortingOrder=["desc", "asc", None],
            headerTooltip=_("Total investment in {unit}; a figure's tooltip gives it in yuan").format(
                unit=unit
            ),
        ),
        _column("year", _("Year"), 64, sort=True, cellClassRules=UNKNOWN),
        _column("batch", _("Batch"), 80, sort=True, cellClassRules=UNKNOWN),
        _column("band", _("Size band"), 84, cellClassRules=UNKNOWN),
        _column("boundary_status", _("Boundary"), 86, sort=True),
        _column("entered", _("New"), 60, cellRenderer="BadgeCell"),
        _column("project_type", _("Type"), 110, sort=True, cellClassRules=UNKNOWN, **TYPE),
        _column("renewal_mode", _("Mode"), 94, sort=True, cellClassRules=UNKNOWN),
        _column("stage", _("Stage"), 110, sort=True, cellClassRules=UNKNOWN),
    ]
    for column in columns:
        if column["colId"] == sort.column:
            column["sort"] = "desc" if sort.descending else "asc"
    return columns


SHARES = {"tooltipField": "shares"}
TYPE = {"tooltipField": "project_type"}
UNKNOWN = {"unknown": "params.data && params.data.unknown.indexOf(params.colDef.field) >= 0"}


def _column(name: str, title: str, width: int, *, sort: bool = False, **more: Any) -> dict[str, Any]:
    return grid_column(name, title, width, sortable=sort, **more)


@callback(Output(GRID, "getRowsResponse"), Input(GRID, "getRowsRequest"), State("url", "search"))
def rows(request: dict[str, Any] | None, search: str) -> Any:
    """Read the rows that the grid asks for."""
    if not request:
        return no_update
    current = view(search)
    wanted = range(int(request["startRow"]), int(request["endRow"]))
    found = page(database(), current.city["id"], current.filter, _grid_sort(request), wanted)
    return {"rowData": [row_of_grid(row) for row in found.rows], "rowCount": found.count}


def _grid_sort(request: dict[str, Any]) -> Sort:
    model = request.get("sortModel") or []
    return sort_from_query({"sort": f"{model[0]['colId']}.{model[0]['sort']}"}) if model else Sort()


def row_of_grid(row: RowMapping) -> dict[str, Any]:
    """Write a project as the grid shows it; ``unknown`` names the fields that the source does not give."""
    districts = row[localised("districts")] or []
    shown = {
        "code": row["code"],
        "name": row["name"],
        "district": joined(districts),
        "cross": _("cross") if len(districts) > 1 else "",
        "shares": shares_words(districts, row["shares"] or []),
        "section": "、".join(dict.fromkeys(part for part in row["sections"] or [] if part)),
        "amount": write.money(row["amount"]),
        "amount_full": full_amount(row["amount"]),
        "year": row["year"],
        "batch": row["batch_label"],
        "band": row["band"] and band_words(row["band"]),
        "boundary_status": short_status(row["boundary_status"]),
        "entered": _("new") if row["entered"] else "",
        "project_type": term(codes.PROJECT_TYPES, row["project_type"]),
        "renewal_mode": term(codes.RENEWAL_MODES, row["renewal_mode"]),
        "stage": term(codes.STAGES, row["stage"]),
    }
    unknown = [name for name, value in shown.items() if value is None]
    if row["amount"] is None:
        unknown.append("amount")
    return shown | dict.fromkeys(unknown, write.not_supplied()) | {"unknown": unknown}


@callback(
    Output("projects-summary", "children"),
    Output("projects-empty", "children"),
    Output("export-csv", "href"),
    Output("export-xlsx", "href"),
    Input("url", "search"),
)
def show_summary(search: str) -> Any:
    """Say what the list sums to, and point the exports at it."""
    current = view(search)
    found = summary(database(), current.city["id"], current.filter)
    links = [current.link(f"/export/projects.{kind}", **_list_params(current)) for kind in ("csv", "xlsx")]
    return _summary_line(found), None if found.totals["projects"] else _nothing(found), *links


def _list_params(current: View) -> dict[str, str]:
    return {name: value for name, value in current.params.items() if name not in {"city", "lang"}}


def _summary_line(found: Summary) -> Any:
    totals = found.totals
    counted = _("{shown} of {of} projects").format(
        shown=write.count(totals["projects"]), of=write.count(found.of)
    )
    missing = totals["projects"] - totals["with_amount"]
    parts = [html.Strong(counted)]
    if totals["with_amount"]:
        parts.append(html.Span([html.Strong(write.money(totals["investment"])), f" {write.money_unit()}"]))
        parts.append(html.Span(_("median {median}").format(median=write.money(totals["median"]))))
    if missing:
        parts.append(html.Span(_("{count} without an amount").format(count=write.count(missing))))
    return parts


def _nothing(found: Summary) -> Any:
    if not found.of:
        words = _("There are no projects here.")
        return html.Div(html.P(words), className="empty")
    clear = html.Button(_("Clear filters"), id="projects-clear", className="button")
    return html.Div([html.P(_("No project matches these filters.")), clear], className="empty")


clientside_callback(
    ClientsideFunction("projects", "follow"),
    Output("projects-shown", "data"),
    Input("url", "search"),
    State("projects-shown", "data"),
)
clientside_callback(
    ClientsideFunction("gengxin", "clearFilters"),
    Output("projects-clear", "title"),
    Input("projects-clear", "n_clicks"),
    prevent_initial_call=True,
)
