"""The map's panel: everything that the map shows, as lists that read without it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import pandas as pd
from dash import dcc, html
from sqlalchemy import RowMapping

from app import format as write
from app.components.figures import meter
from app.components.icons import icon
from app.components.map_state import filters_of, layer_url
from app.components.project_words import short_status
from app.components.view import View
from app.i18n import gettext as _
from app.i18n import language, ngettext
from app.services.identify import Pending, Place
from app.services.map_view import Bounds, Chosen, MapView


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
        _heading(_("Projects"), said, current.link("/projects", **filters_of(current)), _all_of(count)),
        _rows(current, shown.listed),
    ]


def _all_of(count: int) -> str:
    return _("Show all {count}").format(count=write.count(count))


def _heading(title: str, said: str, href: str = "", link: str = "") -> Any:
    more = dcc.Link(link, href=href) if href else None
    return html.Div([html.H2(title), html.Span(said, className="muted"), more], className="map-heading")


def _rows(current: View, rows: Sequence[RowMapping]) -> Any:
    return html.Ul([_row(current, row) for row in rows], className="map-rows")


def _row(current: View, row: RowMapping) -> Any:
    located = row["boundary_status"] != "pending"
    link = dcc.Link(row["name"], href=_page(current, row["code"]), className="name")
    facts = [row["code"], short_status(row["boundary_status"])]
    if len(row["district_codes"] or []) > 1:
        facts.append(_("cross-district"))
    amount = write.money(row["amount"])
    return html.Li(
        [
            _show_button(row["code"], row["name"], located),
            html.Div([link, html.Span(" · ".join(facts), className="facts")]),
            html.Span(amount, className="amount" if row["amount"] is not None else "amount faint"),
        ],
        className="located" if located else "",
        **({"data-outline": layer_url(View(current.city, {}), code=row["code"])} if located else {}),
    )


def _page(current: View, code: str) -> str:
    return current.link(f"/projects/{quote(code, safe='')}", **filters_of(current))


def _show_button(code: str, name: str, located: bool) -> Any:
    title = _("Show on the map") if located else _("Show its district on the map")
    return sets(
        icon("locate"), {"sel": code, "at": ""}, className="show", title=title, label=f"{title}: {name}"
    )


def sets(words: Any, params: dict[str, str], *, label: str = "", **attributes: Any) -> Any:
    """Return a button that changes parameters of the address in the browser, and nothing else of it."""
    named = {"aria-label": label} if label else {}
    return html.Button(words, **{"data-params": json.dumps(params), **named, **attributes})


def district_table(current: View, districts: pd.DataFrame) -> Any:
    """List the districts with how complete their boundaries are; a click keeps only the one."""
    said = _("projects with boundary")
    rows = [_district_row(current, row) for row in districts.itertuples()]
    note = html.P(
        _("A project in several districts counts in each of them here, once in the total."), className="how"
    )
    return [_heading(_("Districts and zones"), said), html.Div(rows, className="map-districts"), note]


def _district_row(current: View, row: Any) -> Any:
    is_kept = current.get("district") == row.code
    unplaced = pd.isna(row.lon)
    badge = (
        html.Span(_("boundary pending"), className="badge") if unplaced and row.kind == "district" else None
    )
    zone = html.Span(_("zone, boundary pending"), className="badge") if unplaced and badge is None else None
    name = row.name_zh if language() == "zh_CN" else row.name_en
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


def place_card(current: View, place: Place) -> Any:
    """Say what lies at the clicked place."""
    where = f"{place.lon:.5f}, {place.lat:.5f}"
    if not place.districts and not place.projects:
        return _card(_("Here"), where, [html.P(_("Outside the districts whose boundary is known."))])
    boundaries = [_boundaries_here(current, place)] if place.projects else []
    return _card(_("Here"), where, [*boundaries, *[_pending_here(current, part) for part in place.pending]])


def _card(title: str, said: str, children: list[Any]) -> Any:
    close = sets(icon("close"), {"at": "", "sel": "", "draw": ""}, className="tool", label=_("Close"))
    head = html.Div([html.H2(title), html.Span(said, className="muted"), close], className="map-heading")
    return html.Section([head, *children], className="map-card")


def _boundaries_here(current: View, place: Place) -> Any:
    count = len(place.projects)
    said = ngettext("{count} boundary here", "{count} boundaries here", count).format(count=count)
    return html.Div([html.H3(said), _rows(current, place.projects)])


def _pending_here(current: View, part: Pending) -> Any:
    name = part.district["name_zh" if language() == "zh_CN" else "name_en"]
    words = _("{count} projects of {district} without boundary").format(count=part.count, district=name)
    if not part.count:
        return html.Div(
            [html.H3(name), html.P(_("No filtered project here is without boundary."), className="muted")]
        )
    kept = filters_of(current) | {"district": part.district["code"], "boundary": "pending"}
    more = dcc.Link(_all_of(part.count), href=current.link("/projects", **kept))
    return html.Div([html.H3(words), _rows(current, part.largest), html.P(more)])


def chosen_card(current: View, found: Chosen) -> Any:
    """Lay out the chosen project: its facts, and what can be done with its boundary."""
    project = found.project
    names = [row["name_zh" if language() == "zh_CN" else "name_en"] for row in found.districts]
    pairs = [
        (_("Investment"), f"{write.money(project['amount'])} {write.money_unit()}")
        if project["amount"] is not None
        else (_("Investment"), write.not_supplied()),
        (_("District"), ("、" if language() == "zh_CN" else ", ").join(names)),
        (_("Boundary"), short_status(project["boundary_status"])),
        *_boundary_facts(project),
    ]
    facts = html.Dl([html.Div([html.Dt(label), html.Dd(value)]) for label, value in pairs], className="facts")
    page = dcc.Link(project["name"], href=_page(current, project["code"]), className="name")
    return _card(project["code"], "", [html.P(page), facts, _where(found), _boundary_tools(project)])


def _boundary_facts(project: RowMapping) -> list[tuple[str, str]]:
    if project["area_m2"] is None:
        return []
    return [(_("Area"), area_words(project["area_m2"])), (_("Source datum"), project["boundary_crs"] or "–")]


def area_words(square_metres: float) -> str:
    """Write an area in km² and hectares."""
    return f"{square_metres / 1e6:,.4f} km² · {square_metres / 1e4:,.2f} ha"


def _where(found: Chosen) -> Any:
    if found.located:
        return None
    if found.bounds is None:
        words = _("It has no boundary, nor has its district: it cannot be shown on the map.")
    else:
        words = _("It has no boundary yet: the map shows its district, not its place.")
    return html.P(words, className="how")


def _boundary_tools(project: RowMapping) -> Any:
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
    return html.Div([draw, delete] if known else [draw], className="map-buttons")


def jump_of(found: Chosen | None, key: str) -> dict[str, Any]:
    """Return where the map goes for a chosen project, and a key that says when it was chosen anew."""
    bounds: Bounds | None = found.bounds if found else None
    return {"key": key, "bounds": list(bounds) if bounds else None}
