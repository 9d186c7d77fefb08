"""History from the audit log: who changed what, when, from what to what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from dash import html
from sqlalchemy import RowMapping

from app import format as write
from app.components.measures import area_words
from app.components.project.words import basis_words, status
from app.i18n import gettext as _
from app.services.exports.columns import written_share
from app.terms import localised, term
from data import codes
from data.errors import N_

FIELDS = {
    "project": {
        "name": N_("Project name"),
        "total_investment": N_("Total investment"),
        "project_type": N_("Type"),
        "renewal_mode": N_("Mode"),
        "stage": N_("Stage"),
        "progress": N_("Works done"),
        "name_en": N_("English name"),
        "implementing_entity": N_("Implementing entity"),
        "lead_department": N_("Lead department"),
        "planned_start": N_("Planned start"),
        "planned_end": N_("Planned end"),
        "geometry_kind": N_("Kind of boundary"),
        "boundary_status": N_("Boundary"),
        "boundary_crs": N_("Coordinates given in"),
        "exit_notice_id": N_("Left with notice"),
        "exit_reason": N_("Reason for leaving"),
    },
    "project_district": {"share": N_("Share"), "share_basis": N_("Set by")},
    "investment": {"amount": N_("Amount"), "notice_id": N_("Notice")},
    "stage_event": {"on_date": N_("Reached on"), "note": N_("Note")},
    "progress_snapshot": {"reported": N_("Reported"), "certified": N_("Certified")},
    "milestone": {
        "name": N_("Milestone"),
        "stage": N_("Stage"),
        "planned_on": N_("Planned"),
        "reached_on": N_("Reached"),
    },
    "project_figure": {"baseline": N_("Present"), "planned": N_("As planned")},
    "document": {
        "title": N_("Title"),
        "kind": N_("Kind"),
        "number": N_("Number"),
        "issued_on": N_("Issued on"),
        "url": N_("Address"),
    },
    "problem_project": {},
}
EVENTS = {
    ("project", "insert"): N_("Project added"),
    ("project", "update"): N_("Project changed"),
    ("project_district", "insert"): N_("{district} added"),
    ("project_district", "update"): N_("Share of {district} changed"),
    ("project_district", "delete"): N_("{district} taken out"),
    ("investment", "insert"): N_("Investment added: {kind}, {source}"),
    ("investment", "update"): N_("Investment changed: {kind}, {source}"),
    ("investment", "delete"): N_("Investment taken out: {kind}, {source}"),
    ("stage_event", "insert"): N_("Stage reached: {stage}"),
    ("stage_event", "update"): N_("Stage changed: {stage}"),
    ("stage_event", "delete"): N_("Stage taken out: {stage}"),
    ("progress_snapshot", "insert"): N_("Progress reported for {month}"),
    ("progress_snapshot", "update"): N_("Progress changed for {month}"),
    ("progress_snapshot", "delete"): N_("Progress taken out for {month}"),
    ("milestone", "insert"): N_("Milestone added"),
    ("milestone", "update"): N_("Milestone changed: {name}"),
    ("milestone", "delete"): N_("Milestone taken out: {name}"),
    ("project_figure", "insert"): N_("Figure added: {figure}"),
    ("project_figure", "update"): N_("Figure changed: {figure}"),
    ("project_figure", "delete"): N_("Figure taken out: {figure}"),
    ("document", "insert"): N_("Document added"),
    ("document", "update"): N_("Document changed: {title}"),
    ("document", "delete"): N_("Document taken out: {title}"),
    ("problem_project", "insert"): N_("A problem that it treats was added"),
    ("problem_project", "update"): N_("A problem that it treats was changed"),
    ("problem_project", "delete"): N_("A problem that it treats was taken out"),
}
Row = Mapping[str, Any]


def history_table(history: Sequence[RowMapping], notices: Mapping[int, str]) -> Any:
    """Lay out a project's history, the newest change first."""
    head = html.Tr([html.Th(text, scope="col") for text in (_("When"), _("Who"), _("What"), _("Change"))])
    body = [_entry(row, notices) for row in history]
    return html.Table([html.Thead(head), html.Tbody(body)], className="grid history")


def _entry(row: RowMapping, notices: Mapping[int, str]) -> Any:
    return html.Tr(
        [
            html.Th(f"{row['at']:%Y-%m-%d %H:%M} UTC", scope="row"),
            html.Td(row["actor"], className="left"),
            html.Td(_event(row), className="left"),
            html.Td([_change(*change) for change in changes(row, notices)], className="left wrap"),
        ]
    )


def _event(row: RowMapping) -> str:
    kept = row["after"] or row["before"]
    words = EVENTS[row["table_name"], row["action"]]
    return _(words).format(
        district=row[localised("name")] or "",
        kind=term(codes.INVESTMENT_KINDS, kept.get("kind", "")),
        source=source_words(kept.get("source", "")),
        stage=term(codes.STAGES, kept.get("stage", "")),
        figure=term(codes.FIGURES, kept.get("figure", "")),
        month=str(kept.get("month_end", ""))[:7],
        name=kept.get("name", ""),
        title=kept.get("title", ""),
    )


def source_words(source: str) -> str:
    """Write where money comes from; the register's own total has a name of ours."""
    return _("project library notice") if source == "register" else str(term(codes.FUNDING_SOURCES, source))


def changes(row: RowMapping, notices: Mapping[int, str]) -> list[tuple[str, str, str]]:
    """List the fields that a change touched, with the words for before and after; an area for a boundary."""
    before, after = row["before"] or {}, row["after"] or {}
    found = [
        (_(label), _word(name, before, notices), _word(name, after, notices))
        for name, label in FIELDS[row["table_name"]].items()
        if before.get(name) != after.get(name)
    ]
    if row["table_name"] == "project" and (row["area_before"] or row["area_after"]):
        found.append((_("Area"), _area(row["area_before"]), _area(row["area_after"])))
    return found


def _word(name: str, values: Row, notices: Mapping[int, str]) -> str:
    value = values.get(name)
    if value is None:
        return ""
    writer = _WRITERS.get(name)
    return str(value) if writer is None else writer(value, notices)


def _money(value: Any, _notices: Mapping[int, str]) -> str:
    return f"{write.money(Decimal(str(value)))} {write.money_unit()}"


def _notice(value: Any, notices: Mapping[int, str]) -> str:
    return notices.get(int(value), str(value))


def _coded(terms: Mapping[str, codes.Term]) -> Callable[[Any, Mapping[int, str]], str]:
    return lambda value, _notices: str(term(terms, value))


def _share(value: Any, _notices: Mapping[int, str]) -> str:
    return write.share(value)


def _figure(value: Any, _notices: Mapping[int, str]) -> str:
    return f"{value:,.2f}".removesuffix(".00")


_WRITERS: dict[str, Callable[[Any, Mapping[int, str]], str]] = {
    "total_investment": _money,
    "amount": _money,
    "boundary_status": lambda value, _notices: status(value),
    "share": lambda value, _notices: written_share(Decimal(str(value))),
    "share_basis": lambda value, _notices: basis_words(value),
    "exit_notice_id": _notice,
    "notice_id": _notice,
    "project_type": _coded(codes.PROJECT_TYPES),
    "renewal_mode": _coded(codes.RENEWAL_MODES),
    "stage": _coded(codes.STAGES),
    "geometry_kind": _coded(codes.GEOMETRY_KINDS),
    "kind": _coded(codes.DOCUMENT_KINDS),
    "progress": _share,
    "reported": _share,
    "certified": _share,
    "baseline": _figure,
    "planned": _figure,
}


def _area(square_metres: float | None) -> str:
    return "" if square_metres is None else area_words(square_metres)


def _change(label: str, before: str, after: str) -> Any:
    arrow = [html.Del(before), " → "] if before else []
    return html.Div([html.Span(label, className="muted"), " ", *arrow, html.Ins(after or _("none"))])
