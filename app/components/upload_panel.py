"""Upload the boundaries of many projects: choose a file, see what would happen to each row, then import."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from time import time_ns
from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Input, Output, State, clientside_callback, dcc, html, no_update

from app import errors
from app import format as write
from app.components.actor import current_actor
from app.components.callback import callback
from app.components.icons import icon
from app.components.map.draw import problem_list
from app.components.view import database, view
from app.i18n import gettext as _
from app.services.boundaries.edit import UploadReport, UploadRow, upload_boundaries
from app.settings import settings
from data.errors import N_, GengxinError, InvalidInput
from gis.errors import GisError

MOST_ROWS = 200
MEGABYTE = 2**20
RESULTS = {
    "set": N_("will be set"),
    "replaced": N_("will be replaced"),
    "unchanged": N_("unchanged"),
    "faulty": N_("cannot be used"),
}
AS_IN_FILE, OTHER = "file", "other"


@dataclass(frozen=True)
class Form:
    """What is filled in: the file as the browser sends it, and how to read it."""

    contents: str
    crs: str
    epsg: str
    field: str
    status: str
    name: str
    search: str

    def upload(self, **options: Any) -> UploadReport:
        """Import the file, or say what that would do."""
        return upload_boundaries(
            database(),
            _bytes(self.contents),
            city=view(self.search).slug,
            crs=_crs(self.crs, self.epsg),
            actor=current_actor(),
            code_field=self.field or None,
            status=self.status,
            filename=self.name,
            **options,
        )


def upload_button() -> Any:
    """Return the button that opens the upload."""
    return html.Button([icon("upload"), _("Upload boundaries")], id="upload-open", className="button")


def upload_modal() -> Any:
    """Lay out the upload; it stays closed until its button is pressed."""
    return dmc.Modal(
        id="upload-modal",
        title=_("Upload boundaries for many projects"),
        size="xl",
        children=[
            _explanation(),
            _drop_area(),
            html.Div([_crs_choice(), _code_field(), _status_choice()], className="upload-options"),
            dcc.Loading(html.Div(id="upload-preview"), delay_show=300, type="dot"),
            html.Div(_buttons(), id="upload-buttons", className="map-buttons", hidden=True),
            dcc.Store(id="upload-faulty", data=0),
        ],
        closeButtonProps={"aria-label": _("Close")},
    )


def _explanation() -> Any:
    words = _(
        "GeoJSON, GeoPackage or a zipped Shapefile, matched to the projects by code. "
        "You see what would happen to each row first; then all of it is stored, or nothing."
    )
    return html.P(words, className="muted")


def _drop_area() -> Any:
    words = _("Drop a file here, or press to choose one (at most {size} MB)").format(
        size=settings().max_upload_mb
    )
    return dcc.Upload(
        html.Button([icon("upload"), html.Span(words, id="upload-name")], className="drop"),
        id="upload-file",
        accept=".geojson,.json,.gpkg,.zip",
        max_size=settings().max_upload_mb * MEGABYTE,
        className="upload-drop",
    )


def _crs_choice() -> Any:
    data = [
        {"value": AS_IN_FILE, "label": _("as the file declares")},
        {"value": "GCJ02", "label": _("GCJ-02 (AMap, Tencent)")},
        {"value": "BD09", "label": _("BD-09 (Baidu)")},
        {"value": OTHER, "label": _("EPSG number")},
    ]
    choice = dmc.Select(
        id="upload-crs",
        label=_("Coordinate system"),
        data=data,
        value=AS_IN_FILE,
        size="xs",
        allowDeselect=False,
    )
    number = dmc.TextInput(
        id="upload-epsg", label=_("EPSG"), placeholder="4547", size="xs", w=90, debounce=400
    )
    return html.Div([choice, number], className="upload-crs")


def _code_field() -> Any:
    return dmc.Select(
        id="upload-field",
        label=_("Field with the project code"),
        placeholder=_("found by itself"),
        data=[],
        size="xs",
        clearable=True,
    )


def _status_choice() -> Any:
    data = [{"value": "drafted", "label": _("drafted")}, {"value": "surveyed", "label": _("surveyed")}]
    return dmc.Select(
        id="upload-status",
        label=_("Boundary status"),
        data=data,
        value="drafted",
        size="xs",
        allowDeselect=False,
    )


def _buttons() -> list[Any]:
    return [
        dmc.Checkbox(id="upload-skip", label="", checked=False, size="xs"),
        html.Button("", id="upload-import", className="button primary", disabled=True),
    ]


@callback(
    Output("upload-preview", "children"),
    Output("upload-name", "children"),
    Output("upload-field", "data"),
    Output("upload-buttons", "hidden"),
    Output("upload-import", "children"),
    Output("upload-skip", "label"),
    Output("upload-skip", "style"),
    Output("upload-faulty", "data"),
    Input("upload-file", "contents"),
    Input("upload-crs", "value"),
    Input("upload-epsg", "value"),
    Input("upload-field", "value"),
    Input("upload-status", "value"),
    State("upload-file", "filename"),
    State("url", "search"),
    prevent_initial_call=True,
)
def preview(*asked: Any) -> Any:
    """Say what an import would do to each row, without doing it."""
    form = Form(*asked)
    if not form.contents:
        return (no_update,) * 8
    try:
        report = form.upload(dry_run=True)
    except (GengxinError, GisError) as error:
        return _failure(error), form.name, no_update, True, no_update, no_update, no_update, 0
    counts = report.counts
    ready, faulty = counts["set"] + counts["replaced"], counts["faulty"]
    return (
        _report(report),
        form.name,
        list(report.fields),
        ready == 0,
        _("Import {count} boundaries").format(count=write.count(ready)),
        _("Leave out the {count} rows that cannot be used").format(count=write.count(faulty)),
        {} if faulty else {"display": "none"},
        faulty,
    )


def _failure(error: Exception) -> Any:
    return dmc.Alert(errors.translated(error), color="red", title=_("That did not work"))


def _bytes(contents: str) -> bytes:
    try:
        content = base64.b64decode(contents.partition(",")[2], validate=True)
    except binascii.Error as error:
        raise InvalidInput(N_("The upload is damaged."), remedy=N_("Choose the file again.")) from error
    limit = settings().max_upload_mb
    if len(content) > limit * MEGABYTE:
        raise InvalidInput(N_("The file is larger than {limit} MB."), remedy=N_("Split it."), limit=limit)
    return content


def _crs(choice: str, epsg: str | None) -> str | None:
    if choice != OTHER:
        return None if choice == AS_IN_FILE else choice
    number = (epsg or "").strip().upper().removeprefix("EPSG:")
    if not (number.isascii() and number.isdigit()):
        raise InvalidInput(N_("Give the EPSG number of the coordinate system, for example 4547."))
    return f"EPSG:{number}"


def _report(report: UploadReport) -> Any:
    counted = " · ".join(
        f"{_(RESULTS[result])}: {write.count(count)}" for result, count in report.counts.items() if count
    )
    about = _("{rows} rows, code in «{field}», coordinates read as {crs}").format(
        rows=write.count(len(report.rows)), field=report.code_field, crs=report.crs
    )
    order = {"faulty": 0, "replaced": 1, "set": 2, "unchanged": 3}
    rows = sorted(report.rows, key=lambda row: (order[row.result], not row.problems, row.row))
    more = len(rows) - MOST_ROWS
    rest = (
        html.P(_("… and {count} more rows").format(count=write.count(more)), className="muted")
        if more > 0
        else None
    )
    notes = [html.P(errors.translated_note(note), className="how") for note in report.notes]
    return [
        html.P(html.Strong(counted)),
        html.P(about, className="muted"),
        *notes,
        _table(rows[:MOST_ROWS]),
        rest,
    ]


def _table(rows: list[UploadRow]) -> Any:
    head = [_("Row"), _("Code"), _("Project"), _("Result"), _("Problems")]
    body = [
        html.Tr(
            [
                html.Td(row.row),
                html.Td(row.code or "–", className="left"),
                html.Td(row.name or "–", className="left"),
                html.Td(_(RESULTS[row.result]), className=f"left {row.result}"),
                html.Td(problem_list(row.problems) if row.problems else None, className="left wrapped"),
            ]
        )
        for row in rows
    ]
    table = html.Table(
        [html.Thead(html.Tr([html.Th(text, scope="col") for text in head])), html.Tbody(body)],
        className="grid",
    )
    return html.Div(table, className="table-box upload-table", tabIndex=0)


@callback(
    Output("upload-preview", "children", allow_duplicate=True),
    Output("upload-buttons", "hidden", allow_duplicate=True),
    Output("upload-file", "contents"),
    Output("map-saved", "data", allow_duplicate=True),
    Input("upload-import", "n_clicks"),
    State("upload-skip", "checked"),
    State("upload-file", "contents"),
    State("upload-crs", "value"),
    State("upload-epsg", "value"),
    State("upload-field", "value"),
    State("upload-status", "value"),
    State("upload-file", "filename"),
    State("url", "search"),
    prevent_initial_call=True,
)
def import_all(clicks: int | None, skip: bool, *asked: Any) -> Any:
    """Store what the preview showed, all of it or nothing."""
    form = Form(*asked)
    if not clicks or not form.contents:
        return (no_update,) * 4
    try:
        report = form.upload(skip_faulty=bool(skip))
    except (GengxinError, GisError) as error:
        return _failure(error), True, no_update, no_update
    words = _("{count} boundaries are stored.").format(count=write.count(report.written))
    return dmc.Alert(words, color="green"), True, None, time_ns()


clientside_callback(
    ClientsideFunction("map", "mayImport"),
    Output("upload-import", "disabled"),
    Input("upload-faulty", "data"),
    Input("upload-skip", "checked"),
)
clientside_callback(
    ClientsideFunction("map", "open"),
    Output("upload-modal", "opened"),
    Input("upload-open", "n_clicks"),
    prevent_initial_call=True,
)
