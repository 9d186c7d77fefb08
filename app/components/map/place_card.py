"""The card of a clicked place: its coordinates, and what lies there, grouped by layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from app.components.map.layer_facts import FACTS, HEADS, LONG, OPTIONAL, Fact, Facts, code_of
from app.components.map.rows import card, project_rows, show_all
from app.components.map.scene import USUAL
from app.components.map.state import filters_of, visible
from app.components.project.on_foot import on_foot
from app.components.view import View
from app.i18n import gettext as _
from app.i18n import ngettext
from app.services.map.identify import Metric, Pending, Place
from app.terms import joined, named, term
from data import codes

ORDER = ("districts", "projects", *("zoning", "constraints", "parcels", "buildings", "facilities"),
         *("streets", "greenways", "problems", "population", "surfaces"))  # fmt: skip


def place_card(current: View, place: Place) -> Any:
    """Say what lies at the clicked place."""
    groups = [_districts(current, place.districts), _projects(current, place), *_layers(current, place)]
    pending = [_pending_here(current, part) for part in place.pending]
    nothing = not (place.districts or place.projects or place.found)
    outside = html.P(_("Outside the districts whose boundary is known."), className="muted")
    said = [outside if nothing else None, *groups, *pending, *_rest(place)]
    parts = [_coordinates(place), on_foot(current), *said]
    return card(_("Here"), current.get("day"), parts, "here")


def _layers(current: View, place: Place) -> list[Any]:
    on_map = visible(current, ORDER, USUAL)
    found = [name for name in ORDER if name in place.found]
    shown, others = ([name for name in found if (name in on_map) is seen] for seen in (True, False))
    aside = html.P(_("Not switched on in the map:"), className="how") if others else None
    return [*(_group(name, place.found[name]) for name in shown), aside,
            *(_group(name, place.found[name]) for name in others)]  # fmt: skip


def _coordinates(place: Place) -> Any:
    rows = [_coordinate("WGS84", f"{place.lon:.5f}, {place.lat:.5f}", _("Longitude, latitude"))]
    if place.metric is not None:
        rows.append(_metric(place.metric))
    return html.Div(rows, className="coordinates")


def _metric(metric: Metric) -> Any:
    words = f"{metric.east:,.2f}, {metric.north:,.2f}"
    title = _("Easting, northing in {name}").format(name=metric.name)
    return _coordinate(f"EPSG:{metric.srid}", words, title, f"{metric.east:.2f},{metric.north:.2f}")


def _coordinate(crs: str, words: str, title: str, copied: str = "") -> Any:
    label = _("Copy the coordinates in {crs}").format(crs=crs)
    copy = html.Button(
        _("Copy"),
        className="plain",
        title=label,
        **{"data-copy": copied or words.replace(" ", ""), "data-copied": _("Copied"), "aria-label": label},
    )
    return html.Div([html.Span(crs, className="muted"), html.Span(words, title=title), copy])


def _title(name: str, count: int | None = None) -> Any:
    words = term(codes.LAYERS, name)
    return html.H3([words, html.Span(f" {count}", className="faint")] if count else words)


def _districts(current: View, rows: Sequence[Facts]) -> Any:
    if not rows:
        return None
    items = []
    for row in rows:
        link = dcc.Link(named(row), href=current.link("/projects", district=row["code"]))
        items.append(_item("districts", row, [link, code_of(row)]))
    return _section("districts", items)


def _projects(current: View, place: Place) -> Any:
    if not place.projects:
        return None
    count = len(place.projects)
    said = ngettext("{count} boundary here", "{count} boundaries here", count).format(count=count)
    head = html.H3([term(codes.LAYERS, "projects"), html.Span(f" · {said}", className="faint")])
    return html.Div([head, project_rows(current, place.projects)], **{"data-layer": "projects"})


def _group(name: str, rows: Sequence[Facts]) -> Any:
    return _section(name, [_item(name, row, HEADS[name](row)) for row in rows])


def _section(name: str, items: list[Any]) -> Any:
    count = len(items) if len(items) > 1 else None
    return html.Div([_title(name, count), *items], **{"data-layer": name})


def _item(name: str, row: Facts, head: list[Any]) -> Any:
    known = [fact for fact in FACTS[name] if row.get(fact.column) is not None]
    missing = [f for f in FACTS[name] if row.get(f.column) is None and f.column not in OPTIONAL]
    pairs = [_pair(fact, row) for fact in known]
    return html.Div(
        [html.Div(head, className="what"), html.Dl(pairs, className="pairs"), _missing(missing)],
        className="here-item",
    )


def _pair(fact: Fact, row: Facts) -> Any:
    words = [html.Dt(_(fact.label)), html.Dd(fact.writer(row[fact.column]))]
    return html.Div(words, className="long" if fact.writer is str and fact.column in LONG else None)


def _missing(facts: Sequence[Fact]) -> Any:
    if not facts:
        return None
    names = joined([_(fact.label) for fact in facts])
    return html.P(_("Not supplied: {names}").format(names=names), className="faint")


def _rest(place: Place) -> list[Any]:
    said = [(_("Nothing here: {layers}"), place.empty), (_("Zoom in for: {layers}"), place.closer)]
    return [
        html.P(
            words.format(layers=joined([str(term(codes.LAYERS, name)) for name in names])), className="how"
        )
        for words, names in said
        if names
    ]


def _pending_here(current: View, part: Pending) -> Any:
    name = named(part.district)
    words = _("{count} projects of {district} without boundary").format(count=part.count, district=name)
    if not part.count:
        said = html.P(_("No filtered project here is without boundary."), className="muted")
        return html.Div([html.H3(name), said])
    kept = filters_of(current) | {"district": part.district["code"], "boundary": "pending"}
    more = dcc.Link(show_all(part.count), href=current.link("/projects", **kept))
    return html.Div([html.H3(words), project_rows(current, part.largest), html.P(more)])
