"""Project 项目: everything known of one project, what is not, and how it came to be so."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote

import geopandas as gpd
from dash import ALL, ClientsideFunction, Input, Output, State, clientside_callback, dcc, html, no_update

from app import format as write
from app.components.callback import callback
from app.components.district_map import city_map, feature_collection
from app.components.history import history_table
from app.components.icons import icon
from app.components.measures import area_words
from app.components.palette import ACCENT, MUTED, colour, rgba
from app.components.project import forms
from app.components.project.panel import (
    coded_facts,
    facts_list,
    parts_of,
    planning_facts,
    read_panel,
)
from app.components.project.parts import Part, panels, unknown, without
from app.components.project.register import dossier_table, notices_panel, printed_money, section
from app.components.project.surroundings import nearby_part
from app.components.project.words import basis_words, full_amount, local_name, status
from app.components.shell import empty_state
from app.components.view import View, database, view
from app.i18n import gettext as _
from app.services.exports.columns import band_words, written_share
from app.services.imports.register import set_exit_reason
from app.services.projects.listing import sort_from_query
from app.services.projects.project import Dossier, close_matches, dossier, set_share_percentages
from app.terms import named
from data.errors import InvalidInput, NotFound

PATH = "/projects/"
LEFT = ("ladder", "progress", "changes", "land", "problems", "documents")
RIGHT = ("zoning", "constraints", "on-foot")


def layout(current: View, code: str) -> Any:
    """Lay out the page of the project that the address names."""
    return html.Div(_body(current, unquote(code)), id="project-body")


def _body(current: View, code: str) -> Any:
    try:
        found = _dossier(current, code)
    except NotFound:
        return _not_found(current, code)
    panel = read_panel(current, found.project["code"])
    if panel is None:
        return _not_found(current, code)
    parts = {part.name: part for part in parts_of(current, panel, on_map=False)}
    left = [_facts(found), *panels([parts[name] for name in LEFT]), notices_panel(found)]
    right = [_districts(current, found), _boundary(current, found), *_money(found, parts["money"])]
    right += [*panels([parts[name] for name in RIGHT]), _nearby(parts["nearby"]), without([*parts.values()])]
    return [
        _crumbs(current, found),
        _title(current, found),
        _exit(found) if found.is_exited else None,
        html.Div([html.Div(left), html.Div(right)], className="columns dossier"),
        section(
            _("History"),
            html.Div(history_table(found.history, found.notices), className="scroll", tabIndex=0),
        ),
    ]


def _dossier(current: View, code: str) -> Dossier:
    try:
        keep, sort = current.filter, sort_from_query(current.params)
    except InvalidInput:
        keep, sort = None, None
    return dossier(database(), current.city, code, keep, sort)


def _not_found(current: View, code: str) -> Any:
    alike = close_matches(database(), current.city["id"], code)
    links = [html.Li(dcc.Link(f"{key} {name}", href=_address(current, key))) for key, name in alike]
    likely = [html.P(_("Codes that are like it:")), html.Ul(links)] if links else []
    home = dcc.Link(_("All projects"), href=current.link("/projects"))
    words = _("There is no project «{code}» in this city.").format(code=code[:60])
    return [html.H1(_("Not found")), empty_state(words, home), html.Div(likely, className="alike")]


def _address(current: View, code: str) -> str:
    return current.link(PATH + quote(code, safe=""), **_others(current))


def _others(current: View) -> dict[str, str]:
    return {name: value for name, value in current.params.items() if name not in {"city", "lang"}}


def _crumbs(current: View, found: Dossier) -> Any:
    back = dcc.Link(["← ", _("Projects")], href=current.link("/projects", **_others(current)))
    return html.Nav([back, _neighbours(current, found)], className="crumbs", **{"aria-label": _("Projects")})


def _neighbours(current: View, found: Dossier) -> Any:
    place = found.place
    if place is None:
        return html.Span(_("not in the filtered list"), className="muted")
    where = _("{place} of {listed}").format(place=place["position"], listed=write.count(place["listed"]))
    return html.Span(
        [
            _step(current, place["previous"], "‹", _("Previous project")),
            html.Span(where, className="muted"),
            _step(current, place["next"], "›", _("Next project")),
        ],
        className="steps",
    )


def _step(current: View, code: str | None, sign: str, label: str) -> Any:
    if code is None:
        return html.Span(sign, className="step off", **{"aria-hidden": "true"})
    return dcc.Link(sign, href=_address(current, code), title=f"{label} {code}", className="step")


def _title(current: View, found: Dossier) -> Any:
    project = found.project
    badges = [
        (project["entered"], _("new with the last notice"), "badge fresh"),
        (len(found.districts) > 1, _("cross-district"), "badge cross"),
        (found.is_exited, _("left the library"), "badge bad"),
    ]
    shown = [html.Span(text, className=style) for holds, text, style in badges if holds]
    copy = html.Button([icon("link"), _("Copy link")], id="copy-link", className="button")
    shown_at = html.A(
        [icon("locate"), _("On the map")], href=current.link("/map", sel=project["code"]), className="button"
    )
    done = dcc.Store(id="copied-word", data=_("Link copied"))
    words = html.Div([html.H1(local_name(project)), html.Span(project["code"], className="subtitle"), *shown])
    said = html.Span(id="copied", role="status", className="muted")
    return html.Div(
        [words, html.Div([said, shown_at, copy, done], className="actions")],
        className="heading dossier-title",
    )


def _or_unknown(value: Any) -> Any:
    return unknown() if value in (None, "") else value


def _facts(found: Dossier) -> Any:
    project = found.project
    amount = project["total_investment"]
    money = [html.Strong(write.money(amount)), f" {write.money_unit()}"]
    known = [
        (_("Code"), [html.Code(project["code"]), " ", html.Span(_code_words(project), className="muted")]),
        (_("Total investment"), unknown() if amount is None else money),
        (_("In full"), unknown() if amount is None else full_amount(amount)),
        (_("Size band"), _band(project["band"])),
        (_("Rank by investment"), _ranks(found)),
    ]
    known += [*coded_facts(project), *planning_facts(project)]
    return section(_("The project"), facts_list(known))


def _code_words(project: Any) -> str:
    if project["code_year"] is None:
        return _("the code does not follow the city's pattern")
    parts = [_("year {year}").format(year=project["code_year"])]
    if project["code_batch"] is not None:
        parts.append(_("batch {batch}").format(batch=project["code_batch"]))
    if project["code_serial"] is not None:
        parts.append(_("serial number {serial}").format(serial=project["code_serial"]))
    return " · ".join(parts)


def _band(band: str | None) -> Any:
    return unknown() if band is None else f"{band_words(band)} {write.money_unit()}"


def _ranks(found: Dossier) -> Any:
    if not found.ranks:
        return (
            html.Span(_("not ranked: left the library"), className="faint") if found.is_exited else unknown()
        )
    lines = []
    for rank in found.ranks:
        where = _("in the city") if rank.district is None else named(rank.district)
        lines.append(
            html.Div(
                [html.Strong(f"{rank.place:,}"), f" / {rank.among:,} ", html.Span(where, className="muted")]
            )
        )
    return lines


def _districts(current: View, found: Dossier) -> Any:
    amount = found.project["total_investment"]
    rows = [
        [
            dcc.Link(named(row), href=current.link("/projects", district=row["code"])),
            row["section"],
            basis_words(row["share_basis"]),
            written_share(row["share"]),
            unknown() if amount is None else write.money(amount * row["share"]),
        ]
        for row in found.districts
    ]
    heads = [
        _("District"),
        _("Section"),
        _("Share set by"),
        _("Share"),
        _("Part, {unit}").format(unit=write.money_unit()),
    ]
    return section(_("Districts"), dossier_table(heads, rows, left=3), forms.shares_form(current, found))


def _boundary(current: View, found: Dossier) -> Any:
    project = found.project
    address = current.link("/map", sel=project["code"], draw="1")
    if found.boundary is None:
        words = _("The notice prints no boundary. It can be drawn on the map or uploaded.")
        draw = html.A([icon("draw"), _("Draw the boundary")], href=address, className="button")
        return section(
            _("Boundary"), html.P([html.Span(status("pending"), className="badge"), " ", words]), draw
        )
    facts = [
        (_("Status"), status(project["boundary_status"])),
        (_("Area"), area_words(project["area_m2"])),
        (_("Coordinates given in"), _or_unknown(project["boundary_crs"])),
    ]
    edit = html.A([icon("draw"), _("Edit on the map")], href=address, className="button")
    return section(
        _("Boundary"),
        facts_list(facts),
        html.Div(_small_map(found.boundary, found.around), className="small-map"),
        edit,
    )


def _small_map(boundary: gpd.GeoDataFrame, around: gpd.GeoDataFrame) -> Any:
    layers = [
        {
            "@@type": "GeoJsonLayer",
            "id": "districts",
            "data": feature_collection(around[["code", "boundary"]]),
            "filled": False,
            "getLineColor": rgba(colour(MUTED), 120),
            "lineWidthMinPixels": 1,
        },
        {
            "@@type": "GeoJsonLayer",
            "id": "project",
            "data": feature_collection(boundary),
            "getFillColor": rgba(colour(ACCENT), 70),
            "getLineColor": rgba(colour(ACCENT)),
            "lineWidthMinPixels": 2,
        },
    ]
    west, south, east, north = boundary.total_bounds
    return city_map("project-map", layers, (west, south, east, north), tooltip=False)


def _nearby(part: Part) -> Any:
    return html.Div(panels([part]), id="project-nearby")


def _money(found: Dossier, part: Part) -> list[Any]:
    if part.body is not None:
        return panels([part])
    return [printed_money(found)] if found.investments else []


def _exit(found: Dossier) -> Any:
    project = found.project
    words = _("No longer listed since notice {notice}.").format(notice=project["exit_notice"])
    reason = project["exit_reason"]
    said = [
        html.Span(_("Reason"), className="muted"),
        " ",
        reason or html.Span(_("not given"), className="faint"),
    ]
    return html.Section([html.P([words, " ", *said]), forms.reason_form(reason)], className="panel exit")


@callback(
    Output("project-nearby", "children"),
    Input("url", "search"),
    State("url", "pathname"),
    prevent_initial_call=True,
)
def show_nearby(search: str, path: str) -> Any:
    """List the neighbours within the distance that the address asks for."""
    current = view(search)
    panel = read_panel(current, _code(path)) if path.startswith(PATH) else None
    return no_update if panel is None else panels([nearby_part(current, panel, on_map=False)])


@callback(
    Output("project-body", "children", allow_duplicate=True),
    Input("shares-save", "n_clicks"),
    State({"type": "share", "district": ALL}, "value"),
    State({"type": "share", "district": ALL}, "id"),
    State("share-district", "value"),
    State("shares-by", "value"),
    State("url", "pathname"),
    State("url", "search"),
    prevent_initial_call=True,
)
def save_shares(  # noqa: PLR0913, PLR0917 - one argument for each control of the form
    clicks: int | None,
    values: list[Any],
    ids: list[dict[str, str]],
    added: str,
    who: str,
    path: str,
    search: str,
) -> Any:
    """Write the shares that a person entered and show the project anew."""
    if not clicks:
        return no_update
    current, code = view(search), _code(path)
    named = {key["district"] or added: value for key, value in zip(ids, values, strict=True)}
    given = {district: value for district, value in named.items() if district}
    set_share_percentages(database(), current.slug, code, given, actor=who or "")
    return _body(current, code)


@callback(
    Output("project-body", "children", allow_duplicate=True),
    Input("reason-save", "n_clicks"),
    State("reason", "value"),
    State("reason-by", "value"),
    State("url", "pathname"),
    State("url", "search"),
    prevent_initial_call=True,
)
def save_reason(clicks: int | None, reason: str, who: str, path: str, search: str) -> Any:
    """Write why a project left the library and show the project anew."""
    if not clicks:
        return no_update
    current, code = view(search), _code(path)
    set_exit_reason(database(), current.slug, code, reason or "", actor=who or "")
    return _body(current, code)


def _code(path: str) -> str:
    return unquote(path.removeprefix(PATH))


clientside_callback(
    ClientsideFunction("projects", "sum"),
    Output("shares-sum", "children"),
    Output("shares-sum", "className"),
    Input({"type": "share", "district": ALL}, "value"),
)
clientside_callback(
    ClientsideFunction("projects", "copy"),
    Output("copied", "children"),
    Input("copy-link", "n_clicks"),
    State("copied-word", "data"),
    prevent_initial_call=True,
)
