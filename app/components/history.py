"""History from the audit log: who changed what, when, from what to what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from dash import html
from sqlalchemy import RowMapping

from app import format as write
from app.components.project_words import basis_words, kind_words, status
from app.i18n import gettext as _
from app.i18n import language
from app.services.export_columns import written_share
from data.errors import N_

FIELDS = {
    "project": {
        "name": N_("Name"),
        "total_investment": N_("Total investment"),
        "project_type": N_("Type"),
        "renewal_mode": N_("Mode"),
        "stage": N_("Stage"),
        "boundary_status": N_("Boundary"),
        "boundary_crs": N_("Coordinates given in"),
        "exit_notice_id": N_("Left with notice"),
        "exit_reason": N_("Reason for leaving"),
    },
    "project_district": {"share": N_("Share"), "share_basis": N_("Set by")},
    "investment": {"amount": N_("Amount"), "notice_id": N_("Notice")},
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
        district=row["name_zh" if language() == "zh_CN" else "name_en"] or "",
        kind=kind_words(kept.get("kind", "")),
        source=source_words(kept.get("source", "")),
    )


def source_words(source: str) -> str:
    """Write where money comes from; the register's own total has a name of ours."""
    return _("project library notice") if source == "register" else source


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


_WRITERS: dict[str, Callable[[Any, Mapping[int, str]], str]] = {
    "total_investment": _money,
    "amount": _money,
    "boundary_status": lambda value, _notices: status(value),
    "share": lambda value, _notices: written_share(Decimal(str(value))),
    "share_basis": lambda value, _notices: basis_words(value),
    "exit_notice_id": _notice,
    "notice_id": _notice,
}


def _area(square_metres: float | None) -> str:
    return "" if square_metres is None else area_words(square_metres)


def area_words(square_metres: float) -> str:
    """Write an area in hectares, or in km² from 1 km² on."""
    if square_metres >= 1e6:
        return f"{write.area_km2(square_metres)} km²"
    return f"{square_metres / 1e4:,.2f} ha"


def _change(label: str, before: str, after: str) -> Any:
    arrow = [html.Del(before), " → "] if before else []
    return html.Div([html.Span(label, className="muted"), " ", *arrow, html.Ins(after or _("none"))])
