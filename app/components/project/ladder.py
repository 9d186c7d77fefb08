"""How a project moves on: the ladder of its stages, its milestones, and the works done month by month."""

from __future__ import annotations

from typing import Any

from dash import html
from sqlalchemy import RowMapping

from app import format as write
from app.components.line_picture import Line, line_picture
from app.components.palette import ACCENT, PRIMARY, colour
from app.components.project.parts import Part, dash_or, small_table
from app.i18n import gettext as _
from app.i18n import ngettext
from app.services.projects.panel import ProjectPanel
from app.terms import term
from data import codes


def ladder_part(panel: ProjectPanel) -> Part:
    """Lay out all stages in order: the day each was reached, the plan, and what is late."""
    known = any(row["reached_on"] or row["planned_on"] for row in panel.ladder)
    if not known and panel.project["stage"] is None:
        return Part("ladder", _("Stages"), "", None)
    steps = html.Ol([_step(row) for row in panel.ladder], className="ladder")
    return Part("ladder", _("Stages"), _standing(panel), [steps, _other_milestones(panel)])


def _standing(panel: ProjectPanel) -> str:
    now = next((row for row in panel.ladder if row["is_current"]), None)
    said = str(term(codes.STAGES, panel.project["stage"])) if panel.project["stage"] else ""
    if now is not None and now["reached_on"]:
        said = _("{stage} since {day}").format(stage=said, day=write.date(now["reached_on"]))
    late = len(panel.late)
    behind = ngettext("{count} late", "{count} late", late).format(count=late) if late else ""
    return " · ".join(part for part in (said, behind) if part)


def _step(row: RowMapping) -> Any:
    state = "current" if row["is_current"] else "behind" if row["is_behind"] or row["reached_on"] else "ahead"
    marks = {"aria-current": "step"} if row["is_current"] else {}
    title = row["document"] if not row["document_number"] else f"{row['document']} {row['document_number']}"
    return html.Li(
        [
            html.Span(term(codes.STAGES, row["stage"]), className="stage", title=row["note"] or title),
            html.Span(_day(row), className="day"),
            html.Span(_plan(row), className="plan"),
        ],
        className=f"{state} late" if row["is_late"] else state,
        **{"data-stage": row["stage"], **marks},
    )


def _day(row: RowMapping) -> Any:
    if row["reached_on"]:
        return write.date(row["reached_on"])
    if row["is_behind"] or row["is_current"]:
        return html.Span(_("day not supplied"), className="faint")
    return html.Span("–", className="faint")


def _plan(row: RowMapping) -> Any:
    if row["planned_on"] is None:
        return None
    planned = html.Span(_("planned {day}").format(day=write.date(row["planned_on"])), className="muted")
    return [planned, *lateness(row)]


def lateness(row: RowMapping) -> list[Any]:
    """Say by how many days something is late or overdue; nothing where it is neither."""
    if not row["is_late"]:
        return []
    words = _("{days} days late") if row["reached_on"] else _("overdue by {days} days")
    return [" ", html.Span(words.format(days=write.count(row["days_late"])), className="late-by")]


def _other_milestones(panel: ProjectPanel) -> Any:
    if not panel.milestones:
        return None
    rows = [
        [
            row["name"],
            [dash_or(row["planned_on"], str(row["planned_on"]))],
            [dash_or(row["reached_on"], str(row["reached_on"])), *lateness(row)],
        ]
        for row in panel.milestones
    ]
    heads = [_("Milestone"), _("Planned"), _("Reached")]
    count = len(panel.milestones)
    words = ngettext("{count} milestone", "{count} milestones", count).format(count=count)
    return html.Details([html.Summary(words), small_table(heads, rows)], className="unfold")


def progress_part(panel: ProjectPanel, *, wide: bool = False) -> Part:
    """Draw the works done at each month's end, reported and certified, with the figures as a table."""
    rows = panel.progress
    if not rows:
        return Part("progress", _("Progress"), "", None)
    lines = [
        Line(_("reported"), [row["reported"] for row in rows], colour(PRIMARY)),
        Line(_("certified"), [row["certified"] for row in rows], colour(ACCENT), dashed=True),
    ]
    label = _("Share of the works done by month, reported and certified; the table below says the same")
    picture = line_picture([row["month_end"] for row in rows], lines, label, wide=wide)
    return Part("progress", _("Progress"), _latest(rows), [_key(lines), picture, _months(rows, wide)])


def _latest(rows: list[RowMapping]) -> str:
    last = rows[-1]
    said = [_("{share} reported").format(share=write.share(last["reported"]))]
    if last["certified"] is not None:
        said.append(_("{share} certified").format(share=write.share(last["certified"])))
    return " · ".join([*said, f"{last['month_end']:%Y-%m}"])


def _key(lines: list[Line]) -> Any:
    keys = [
        html.Span([html.Span(className="dash", style={"borderTopColor": line.colour,
            "borderTopStyle": "dashed" if line.dashed else "solid"}), line.name])
        for line in lines
    ]  # fmt: skip
    return html.Div(keys, className="line-key")


def _months(rows: list[RowMapping], is_open: bool) -> Any:
    cells = [
        [f"{row['month_end']:%Y-%m}", write.share(row["reported"]),
         dash_or(row["certified"], write.share(row["certified"]))]
        for row in reversed(rows)
    ]  # fmt: skip
    table = small_table([_("Month"), _("Reported"), _("Certified")], cells)
    return html.Details([html.Summary(_("Month by month")), table], className="unfold", open=is_open)
