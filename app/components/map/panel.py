"""The map's panel: everything that the map shows, as lists that read without it."""

from __future__ import annotations

from typing import Any

import pandas as pd
from dash import html

from app import format as write
from app.components.figures import meter
from app.components.map.place_card import place_card
from app.components.map.rows import heading, project_rows, sets, show_all
from app.components.map.state import filters_of
from app.components.project.panel import chosen_card
from app.components.view import View
from app.i18n import gettext as _
from app.services.map.view import Bounds, Chosen, MapView
from app.terms import localised

__all__ = [
    "chosen_card",
    "district_rows",
    "districts_section",
    "jump_of",
    "place_card",
    "project_list",
    "summary",
]


def summary(shown: MapView) -> Any:
    """Say how many projects the filters keep, and how many of them have a boundary."""
    count, known = int(shown.totals["projects"]), int(shown.totals["with_boundary"])
    words = _("{projects} projects · {known} with boundary · {pending} without").format(
        projects=write.count(count), known=write.count(known), pending=write.count(shown.pending)
    )
    return [html.Span(words), meter(known, count, _("Projects with a boundary"))]


def project_list(current: View, shown: MapView) -> Any:
    """List the largest of the filtered projects, with a link to all of them."""
    count = int(shown.totals["projects"])
    if not count:
        return html.P(_("No project matches these filters."), className="muted")
    said = _("by investment, {unit}").format(unit=write.money_unit())
    return [
        heading(_("Projects"), said, current.link("/projects", **filters_of(current)), show_all(count)),
        project_rows(current, shown.listed),
    ]


def districts_section() -> Any:
    """Lay out the place of the districts, with what can be said before they are counted."""
    note = _("A project in several districts counts in each of them here, once in the total.")
    return html.Section(
        [
            heading(_("Districts and zones"), _("projects with boundary")),
            html.Div(id="map-districts", className="map-districts"),
            html.P(note, className="how"),
        ]
    )


def district_rows(current: View, districts: pd.DataFrame) -> list[Any]:
    """List the districts with how complete their boundaries are; a click keeps only the one."""
    return [_district_row(current, row) for row in districts.itertuples()]


def _district_row(current: View, row: Any) -> Any:
    is_kept = current.get("district") == row.code
    unplaced = pd.isna(row.lon)
    badge = (
        html.Span(_("boundary pending"), className="badge") if unplaced and row.kind == "district" else None
    )
    zone = html.Span(_("zone, boundary pending"), className="badge") if unplaced and badge is None else None
    name = getattr(row, localised("name"))
    known = int(row.drafted + row.surveyed)
    detail = _("{drafted} drafted, {surveyed} surveyed, {pending} without boundary").format(
        drafted=row.drafted, surveyed=row.surveyed, pending=row.pending
    )
    return sets(
        [
            html.Span([name, badge, zone], className="name"),
            html.Span(write.count(row.projects), className="count"),
            meter(known, int(row.projects), detail),
        ],
        {"district": "" if is_kept else row.code},
        className="district kept" if is_kept else "district",
        title=detail,
        **{"aria-pressed": "true" if is_kept else "false", "data-district": row.code},
    )


def jump_of(found: Chosen | None, key: str) -> dict[str, Any]:
    """Return where the map goes for a chosen project, and a key that says when it was chosen anew."""
    bounds: Bounds | None = found.bounds if found else None
    return {"key": key, "bounds": list(bounds) if bounds else None}
