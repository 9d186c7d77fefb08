"""What a project touches and treats: zoning, constraints, neighbours, problems; and its documents."""

from __future__ import annotations

import json
from typing import Any

from dash import dcc, html
from sqlalchemy import RowMapping

from app import format as write
from app.components.icons import icon
from app.components.map.rows import outline, project_page, sets
from app.components.measures import area_words, distance_words
from app.components.project.parts import Part, note, small_table
from app.components.project.words import local_name
from app.components.view import View
from app.i18n import gettext as _
from app.i18n import ngettext
from app.services.projects.panel import ProjectPanel
from app.terms import term, translated
from data import codes

DISTANCES = (100, 200, 500, 1000)


def zoning_part(panel: ProjectPanel) -> Part:
    """List the land uses that the plan foresees within the boundary, with area and share."""
    if not panel.zoning:
        return Part("zoning", _("Zoning within it"), _nowhere(panel, _("none")), None)
    rows = [
        [
            [term(codes.LAND_USES, row["land_use"]), html.Span(f" {row['land_use']}", className="faint")],
            _range(row["least_ratio"], row["greatest_ratio"], 2),
            _range(row["least_height"], row["greatest_height"], 0),
            area_words(row["area_m2"]),
            write.share(row["share"]),
        ]
        for row in panel.zoning
    ]
    heads = [_("Land use"), _("FAR ≤"), _("Height ≤, m"), _("Area"), _("Of the project")]
    count = len(panel.zoning)
    said = ngettext("{count} land use", "{count} land uses", count).format(count=count)
    return Part("zoning", _("Zoning within it"), said, small_table(heads, rows, label=_("Zoning within it")))


def _nowhere(panel: ProjectPanel, words: str) -> str:
    return _("boundary pending") if panel.project["boundary_status"] == "pending" else words


def _range(least: float | None, greatest: float | None, places: int) -> str:
    if least is None or greatest is None:
        return "–"
    low, high = f"{least:,.{places}f}", f"{greatest:,.{places}f}"
    return low if low == high else f"{low}–{high}"


def constraints_part(panel: ProjectPanel) -> Part:
    """List the protected, controlled and hazard areas that the boundary touches, with area and share."""
    if not panel.constraints:
        return Part("constraints", _("Constraints it touches"), _nowhere(panel, _("none")), None)
    rows = [
        [
            _constraint(row),
            area_words(row["area_m2"]),
            write.share(row["share"]),
        ]
        for row in panel.constraints
    ]
    heads = [_("Constraint"), _("Area"), _("Of the project")]
    table = small_table(heads, rows, label=_("Constraints it touches"))
    return Part("constraints", _("Constraints it touches"), write.count(len(rows)), table)


def _constraint(row: RowMapping) -> Any:
    kind, name = term(codes.CONSTRAINT_KINDS, row["kind"]), row["name"] or row["code"]
    return kind if name == kind else [kind, _aside(name)]


def _aside(words: str | None) -> Any:
    return html.Span(f" {words}", className="faint") if words else None


def nearby_part(current: View, panel: ProjectPanel, *, on_map: bool) -> Part:
    """List the projects near enough to be renewed together 联动更新."""
    title = _("Neighbours for joint renewal")
    if panel.project["boundary_status"] == "pending":
        return Part("nearby", title, _("boundary pending"), None)
    count = len(panel.nearby)
    said = ngettext("{count} within {distance}", "{count} within {distance}", count).format(
        count=count, distance=distance_words(panel.within)
    )
    rows = html.Ul([_neighbour(current, row, on_map) for row in panel.nearby], className="map-rows")
    basis = _("Edge to edge. The distance is a working default, not a legal one.")
    return Part("nearby", title, said, [_distances(panel.within), rows if count else None, note(basis)])


def _distances(within: int) -> Any:
    buttons = [
        sets(
            distance_words(metres),
            {"near": "" if metres == DISTANCES[1] else str(metres)},
            className="choice",
            **({"aria-pressed": "true"} if metres == within else {"aria-pressed": "false"}),
        )
        for metres in DISTANCES
    ]
    return html.Div(buttons, className="choices", role="group", **{"aria-label": _("Distance")})


def _neighbour(current: View, row: RowMapping, on_map: bool) -> Any:
    joined = [_("same district")] if row["same_district"] else []
    joined += [_("same entity")] if row["same_entity"] else []
    stage = term(codes.STAGES, row["stage"])
    facts = [distance_words(row["distance"]), *([stage] if stage else []), *joined]
    link = dcc.Link(local_name(row), href=project_page(current, row["code"]), className="name")
    return html.Li(
        [
            _show(current, row, on_map),
            html.Div([link, html.Span(" · ".join(facts), className="facts")]),
            html.Span(write.money(row["amount"]), className="amount"),
        ],
        className="located",
        **{"data-code": row["code"], **outline(current, row["code"], located=True)},
    )


def _show(current: View, row: RowMapping, on_map: bool) -> Any:
    label = _("Show on the map")
    said = {"className": "show", "title": label, "aria-label": f"{label}: {local_name(row)}"}
    if on_map:
        return html.Button(
            icon("locate"), **{"data-params": json.dumps({"sel": row["code"], "at": ""}), **said}
        )
    return html.A(icon("locate"), href=current.link("/map", sel=row["code"]), **said)


def problems_part(panel: ProjectPanel) -> Part:
    """List the check-up problems that the project treats."""
    title = _("Problems it treats")
    if not panel.problems:
        return Part("problems", title, "", None)
    rows = [
        [
            [translated(row, "title"), _aside(row["code"])],
            term(codes.DIMENSIONS, row["dimension"]),
            term(codes.SEVERITIES, row["severity"]) or "–",
            _found(row),
        ]
        for row in panel.problems
    ]
    heads = [_("Problem"), _("Check-up level"), _("Severity"), _("Found on")]
    return Part("problems", title, write.count(len(rows)), small_table(heads, rows, left=3, label=title))


def _found(row: RowMapping) -> str:
    found = "–" if row["found_on"] is None else write.date(row["found_on"])
    return f"{found} → {write.date(row['closed_on'])}" if row["closed_on"] else found


def documents_part(panel: ProjectPanel) -> Part:
    """List the project's documents with their numbers and days; a link where they can be read."""
    if not panel.documents:
        return Part("documents", _("Documents"), "", None)
    rows = [
        [
            [_document(row), _aside(row["number"])],
            term(codes.DOCUMENT_KINDS, row["kind"]),
            "–" if row["issued_on"] is None else write.date(row["issued_on"]),
        ]
        for row in panel.documents
    ]
    table = small_table([_("Document"), _("Kind"), _("Issued on")], rows, left=2, label=_("Documents"))
    return Part("documents", _("Documents"), write.count(len(rows)), table)


def _document(row: RowMapping) -> Any:
    if not row["url"]:
        return row["title"]
    return html.A(row["title"], href=row["url"], target="_blank", rel="noopener noreferrer")
