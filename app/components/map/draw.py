"""Draw the boundary of a project on the map: tools, checks by name, saving, deleting, and taking it back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from time import time_ns
from typing import Any

import dash_mantine_components as dmc
from dash import ALL, ClientsideFunction, Input, Output, State, clientside_callback, ctx, dcc, html, no_update

from app.components.actor import current_actor
from app.components.callback import callback
from app.components.icons import icon
from app.components.map.address import address_of
from app.components.map.state import is_drawing
from app.components.measures import area_in_full
from app.components.view import database, view
from app.i18n import gettext as _
from app.services.boundaries.edit import (
    Boundary,
    boundary,
    check_boundary,
    delete_boundary,
    save_boundary,
    undo_boundary,
)
from data.errors import N_, NotFound
from gis.problems import Problem

EMPTY = {"type": "FeatureCollection", "features": []}
KINDS = {
    "empty": N_("no boundary"),
    "not_a_polygon": N_("not a polygon"),
    "not_finite": N_("coordinates missing"),
    "too_many_vertices": N_("too many vertices"),
    "wrong_crs": N_("wrong coordinate system"),
    "zero_area": N_("no area"),
    "self_crossing": N_("crosses itself"),
    "invalid_shape": N_("rings do not fit"),
    "outside_city": N_("outside the city"),
    "partly_outside_city": N_("partly outside the city"),
    "overlapping": N_("overlaps another project"),
    "height_dropped": N_("heights dropped"),
    "missing_code": N_("code missing"),
    "unknown_code": N_("unknown code"),
    "duplicate_code": N_("code twice"),
    "exited": N_("left the library"),
    "replaces_surveyed": N_("replaces a surveyed boundary"),
}


def draw_frame() -> list[Any]:
    """Lay out where the drawing tools come up, and the stores between them and the map."""
    return [
        dcc.Store(id="drawn-code"),
        dcc.Store(id="map-params"),
        dcc.Store(id="map-params-set"),
        dcc.Store(id="map-saved"),
        html.Div(id="draw-box", className="draw-box"),
        html.Div(id="map-notice", className="map-notice", role="status"),
    ]


def problem_list(problems: Sequence[Problem]) -> Any:
    """List problems by name, the blocking ones marked."""
    return html.Ul([_problem(found) for found in problems], className="problems")


def _problem(found: Problem) -> Any:
    severity = {"error": _("error"), "warning": _("warning"), "note": _("note")}[found.severity]
    sentence = " ".join(_(part).format(**found.values) for part in (found.what, found.remedy) if part)
    badge = html.Span(severity, className=f"badge {'bad' if found.severity == 'error' else ''}")
    return html.Li([badge, html.Strong(_(KINDS.get(found.kind, found.kind))), html.Span(sentence)])


@callback(
    Output("draw-box", "children"),
    Output("drawn-code", "data"),
    address_of("draw"),
    State("drawn-code", "data"),
)
def open_tools(search: str, begun: str | None) -> Any:
    """Bring the drawing tools up where the address asks for them, and put them away where it does not."""
    current = view(search)
    code = current.get("sel") if is_drawing(current) else None
    if code == begun:
        return no_update, no_update
    if code is None:
        return None, None
    try:
        return _tools(boundary(database(), current.slug, code)), code
    except NotFound:
        return None, None


def _features(stored: Boundary) -> dict[str, Any]:
    """Return the parts of a boundary as one feature each, as the drawing edits them."""
    parts = stored.geometry["coordinates"] if stored.geometry else []
    shapes = [{"type": "Polygon", "coordinates": part} for part in parts]
    return EMPTY | {"features": [{"type": "Feature", "properties": {}, "geometry": part} for part in shapes]}


def _tools(stored: Boundary) -> Any:
    status = dmc.SegmentedControl(
        id="draw-status",
        data=[{"value": "drafted", "label": _("drafted")}, {"value": "surveyed", "label": _("surveyed")}],
        value="surveyed" if stored.status == "surveyed" else "drafted",
        size="xs",
        **{"aria-label": _("Boundary status")},
    )
    modes = [
        _mode("draw", "draw", _("Draw")),
        _mode("modify", "locate", _("Edit corners")),
        _mode("delete", "delete", _("Delete")),
        _action("undo", "undo", _("Undo")),
        _action("redo", "redo", _("Redo")),
    ]
    save = html.Button(_("Save"), id="draw-save", className="button primary")
    cancel = html.Button(_("Cancel"), id="draw-cancel", className="button", **{"data-map-tool": "cancel"})
    title = html.Strong(_("Boundary of {code}").format(code=stored.code))
    return [
        html.Div(
            [title, *modes, html.Span(id="draw-area", className="draw-area"), status, save, cancel],
            role="toolbar",
            className="draw-tools",
            **{
                "aria-label": _("Draw the boundary"),
                "data-code": stored.code,
                "data-features": json.dumps(_features(stored)["features"]),
            },
        ),
        html.Div(id="draw-hint", className="how", role="status"),
        html.Div(
            [
                html.Div(id="draw-problems", role="alert"),
                html.Button(_("Save anyway"), id="draw-save-anyway", className="button", hidden=True),
            ],
            className="draw-refusal",
        ),
    ]


def _mode(name: str, picture: str, words: str) -> Any:
    return html.Button(
        [icon(picture), words], className="button", **{"data-map-tool": name, "aria-pressed": "false"}
    )


def _action(name: str, picture: str, words: str) -> Any:
    return html.Button(
        icon(picture), className="tool", title=words, **{"data-map-tool": name, "aria-label": words}
    )


@callback(
    Output("draw-problems", "children"),
    Output("draw-save-anyway", "hidden"),
    Output("map-params", "data"),
    Output("map-notice", "children"),
    Output("map-saved", "data"),
    Input("draw-save", "n_clicks"),
    Input("draw-save-anyway", "n_clicks"),
    State("map-drawn", "data"),
    State("draw-status", "value"),
    State("url", "search"),
    prevent_initial_call=True,
)
def save(_save: int, anyway: int | None, features: dict[str, Any] | None, status: str, search: str) -> Any:
    """Check what was drawn, say what is wrong with it by name, and save it when nothing is."""
    if not ctx.triggered or not ctx.triggered[0]["value"]:
        return (no_update,) * 5
    current = view(search)
    code, drawn = current.get("sel"), features or EMPTY
    problems = check_boundary(database(), current.slug, code, drawn)
    accepted = ctx.triggered_id == "draw-save-anyway" and bool(anyway)
    if not _may_save(problems, accepted):
        blocked = any(problem.severity == "error" for problem in problems)
        return _refusal(problems, blocked), blocked, no_update, no_update, no_update
    saved = save_boundary(
        database(),
        current.slug,
        code,
        drawn,
        status=status,
        actor=current_actor(),
        accept_warnings=accepted,
    )
    return None, True, {"draw": ""}, _saved_notice(saved), time_ns()


def _may_save(problems: Sequence[Problem], accepted: bool) -> bool:
    found = {problem.severity for problem in problems}
    return "error" not in found and (accepted or "warning" not in found)


def _refusal(problems: Sequence[Problem], blocked: bool) -> Any:
    words = _("Not saved: mend the errors first.") if blocked else _("Not saved yet: look at the warnings.")
    return [html.Strong(words), problem_list(problems)]


def _saved_notice(saved: Boundary) -> Any:
    area = area_in_full(saved.area_m2) if saved.area_m2 is not None else ""
    return _notice(
        _("The boundary of {code} is saved: {area}.").format(code=saved.code, area=area), saved.code
    )


def _notice(words: str, code: str) -> Any:
    undo = html.Button(
        [icon("undo"), _("Undo")], id={"type": "undo-boundary", "code": code}, className="button"
    )
    close = html.Button(
        icon("close"), className="tool", **{"data-map-tool": "close-notice", "aria-label": _("Close")}
    )
    return html.Div([html.Span(words), undo, close])


@callback(
    Output("map-notice", "children", allow_duplicate=True),
    Output("map-saved", "data", allow_duplicate=True),
    Input({"type": "delete-boundary", "code": ALL}, "n_clicks"),
    Input({"type": "undo-boundary", "code": ALL}, "n_clicks"),
    State("url", "search"),
    prevent_initial_call=True,
)
def delete_or_undo(_deletes: list[int], _undos: list[int], search: str) -> Any:
    """Delete a boundary, or restore the one before the last change."""
    if not ctx.triggered_id or not ctx.triggered[0]["value"]:
        return no_update, no_update
    current, pressed = view(search), ctx.triggered_id
    code, stamp = pressed["code"], time_ns()
    if pressed["type"] == "delete-boundary":
        delete_boundary(database(), current.slug, code, actor=current_actor())
        return _notice(_("The boundary of {code} is deleted.").format(code=code), code), stamp
    restored = undo_boundary(database(), current.slug, code, actor=current_actor())
    return _notice(_restored_words(restored), code), stamp


def _restored_words(restored: Boundary) -> str:
    if restored.area_m2 is None:
        return _("Undone: {code} has no boundary.").format(code=restored.code)
    return _("Undone: {code} has the boundary from before: {area}.").format(
        code=restored.code, area=area_in_full(restored.area_m2)
    )


clientside_callback(
    ClientsideFunction("gengxin", "setParams"),
    Output("map-params-set", "data"),
    Input("map-params", "data"),
    prevent_initial_call=True,
)
