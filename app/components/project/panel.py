"""The panel of the project that the map points at: its facts, and every part of what is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html
from sqlalchemy import RowMapping

from app import format as write
from app.components.history import history_table
from app.components.icons import icon
from app.components.map.rows import card, project_page, sets
from app.components.measures import area_in_full
from app.components.project.changes import changes_part
from app.components.project.ladder import ladder_part, progress_part
from app.components.project.land import land_part
from app.components.project.money import money_part
from app.components.project.on_foot import on_foot_part
from app.components.project.parts import Part, folded, unknown
from app.components.project.surroundings import (
    constraints_part,
    documents_part,
    nearby_part,
    problems_part,
    zoning_part,
)
from app.components.project.words import local_name, short_status
from app.components.view import View, database
from app.i18n import gettext as _
from app.i18n import ngettext
from app.services.exports.columns import written_share
from app.services.map.view import Chosen
from app.services.projects.panel import ProjectPanel, project_panel, within_from_query
from app.terms import named, term
from data import codes

Pairs = list[tuple[str, Any]]
CLOSED = ("documents", "history")


def chosen_card(current: View, found: Chosen) -> Any:
    """Lay out the chosen project: its facts, what can be done with its boundary, and all its parts."""
    project = found.project
    panel = read_panel(current, project["code"])
    if panel is None:
        return None
    page = dcc.Link(local_name(panel.project), href=project_page(current, project["code"]), className="name")
    more = dcc.Link(_("Project page"), href=project_page(current, project["code"]), className="to-page")
    head = [html.P(page), _on_day(panel), facts_list(panel_facts(panel)), _where(found)]
    head.append(_boundary_tools(project, more))
    parts = [*parts_of(current, panel, on_map=True), history_part(panel)]
    return card(project["code"], "", [*head, *folded(parts, CLOSED)], "project-card")


def read_panel(current: View, code: str) -> ProjectPanel | None:
    """Read a project for the view's city and its distance to neighbours."""
    return project_panel(
        database(),
        current.city,
        code,
        within=within_from_query(current.get("near")),
        day=current.filter.day,
    )


def parts_of(current: View, panel: ProjectPanel, *, on_map: bool) -> list[Part]:
    """Return every part of a project in the order in which people ask for it."""
    return [
        ladder_part(panel),
        money_part(panel, wide=not on_map),
        progress_part(panel, wide=not on_map),
        changes_part(panel),
        land_part(current, panel),
        zoning_part(panel),
        constraints_part(panel),
        nearby_part(current, panel, on_map=on_map),
        on_foot_part(current, panel.project["code"], on_map=on_map),
        problems_part(panel),
        documents_part(panel),
    ]


def history_part(panel: ProjectPanel) -> Part:
    """Lay out who changed what of the project, the newest change first."""
    if not panel.history:
        return Part("history", _("History"), _("no change since the city was loaded"), None)
    count = len(panel.history)
    said = ngettext("{count} change", "{count} changes", count).format(count=count)
    body = html.Div(history_table(panel.history, panel.notices), className="scroll", tabIndex=0)
    return Part("history", _("History"), said, body)


def panel_facts(panel: ProjectPanel) -> Pairs:
    """Return a project's facts for the map's panel."""
    project = panel.project
    amount = project["total_investment"]
    money = unknown() if amount is None else f"{write.money(amount)} {write.money_unit()}"
    return [
        (_("Investment"), money),
        *coded_facts(project),
        (_("District"), _districts(panel.districts)),
        *planning_facts(project),
        *_boundary(project),
    ]


def coded_facts(project: RowMapping) -> Pairs:
    """Return type, mode, stage and share of the works done."""
    named = (
        (_("Type"), term(codes.PROJECT_TYPES, project["project_type"])),
        (_("Mode"), term(codes.RENEWAL_MODES, project["renewal_mode"])),
        (_("Stage"), term(codes.STAGES, project["stage"])),
    )
    done = unknown() if project["progress"] is None else write.share(project["progress"])
    return [*((label, name or unknown()) for label, name in named), (_("Works done"), done)]


def planning_facts(project: RowMapping) -> Pairs:
    """Return who carries a project out, who leads it, and when it is planned to be built."""
    return [
        (_("Implementing entity"), project["implementing_entity"] or unknown()),
        (_("Lead department"), project["lead_department"] or unknown()),
        (_("Planned works"), _planned(project)),
    ]


def _planned(project: RowMapping) -> Any:
    start, end = project["planned_start"], project["planned_end"]
    if start is None and end is None:
        return unknown()
    ends = ["?" if day is None else write.date(day) for day in (start, end)]
    return " – ".join(ends)


def _districts(rows: Sequence[RowMapping]) -> Any:
    if not rows:
        return unknown()
    if len(rows) == 1:
        return named(rows[0])
    return [
        html.Div([named(row), html.Span(f" {written_share(row['share'])}", className="muted")])
        for row in rows
    ]


def _boundary(project: RowMapping) -> Pairs:
    status = (_("Boundary"), short_status(project["boundary_status"]))
    if project["area_m2"] is None:
        return [status]
    kind = term(codes.GEOMETRY_KINDS, project["geometry_kind"])
    area = area_in_full(project["area_m2"])
    status = (status[0], f"{status[1]} · {kind}" if kind else status[1])
    return [status, (_("Area"), area), (_("Source datum"), project["boundary_crs"] or "–")]


def facts_list(pairs: Pairs) -> Any:
    """Lay out facts as pairs of name and value."""
    return html.Dl([html.Div([html.Dt(label), html.Dd(value)]) for label, value in pairs], className="facts")


def _where(found: Chosen) -> Any:
    if found.located:
        return None
    if found.bounds is None:
        words = _("It has no boundary, nor has its district: it cannot be shown on the map.")
    else:
        words = _("It has no boundary yet: the map shows its district, not its place.")
    return html.P(words, className="how")


def _on_day(panel: ProjectPanel) -> Any:
    if panel.day is None:
        return None
    stage = term(codes.STAGES, panel.stage_on_day) or write.not_supplied()
    words = _("Stage on {day}, the day of the map: {stage}. Below stands what is known now.")
    return html.P(words.format(day=write.date(panel.day), stage=stage), className="how")


def _boundary_tools(project: RowMapping, more: Any) -> Any:
    code = project["code"]
    known = project["boundary_status"] != "pending"
    words = _("Edit the boundary") if known else _("Draw the boundary")
    draw = sets(
        [icon("draw"), words], {"sel": code, "draw": "1", "at": ""}, className="button", id="draw-start"
    )
    delete = html.Button(
        [icon("delete"), _("Delete")],
        id={"type": "delete-boundary", "code": code},
        className="button",
        title=_("Delete the boundary; it can be undone"),
    )
    return html.Div([draw, delete, more] if known else [draw, more], className="map-buttons")
