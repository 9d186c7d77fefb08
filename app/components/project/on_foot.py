"""What can be reached on foot 步行, as lists: the nearest facility of each class, and all by distance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
import pandas as pd
from dash import ClientsideFunction, Input, Output, State, clientside_callback, html

from app import format as write
from app.components.map.rows import sets
from app.components.map.walk import is_walking, speed_of, speed_words, walk_classing, walk_of, walk_url
from app.components.measures import distance_words
from app.components.project.parts import Part, note, small_table
from app.components.view import View
from app.i18n import gettext as _
from app.i18n import ngettext
from app.services.map.walk_answer import FASTEST, SLOWEST
from app.services.map.walking import MAX_SNAP, SPEED, WORDS, Walk, within
from app.terms import term
from data import codes

MOST_LISTED = 60
SPEED_INPUT = "walk-speed"
Row = Mapping[Any, Any]


def on_foot(current: View) -> Any:
    """Lay out the part of a clicked place's card: a switch, and with it the facilities by distance."""
    found = walk_of(current) if is_walking(current) else None
    body = _body(current, found, flies=True) if found is not None else []
    if found is not None and found.known:
        body.insert(0, _speed(current))
    head = html.H3([_("On foot"), _switch(current, _("Isochrones and facilities on foot"))])
    return html.Div([head, *body], className="on-foot", **{"data-part": "on-foot"})


def on_foot_part(current: View, code: str, *, on_map: bool) -> Part:
    """Lay out the facilities around a project, by the distance from the entrances on its boundary."""
    title = _("Facilities around it on foot")
    found = walk_of(current.with_params(sel=code))
    if found is None or not found.known or not found.has_facilities:
        return Part("on-foot", title, "" if found is None or found.known else said_missing(found), None)
    count = len(found.facilities)
    longest = f"{found.asked.minutes[-1]:g}"
    said = ngettext("{count} within {minutes} min", "{count} within {minutes} min", count)
    switch = [_switch(current, _("Isochrones"), words=_("Isochrones")), _speed(current)] if on_map else []
    return Part("on-foot", title, said.format(count=count, minutes=longest),
                [*switch, *_body(current, found, flies=on_map)])  # fmt: skip


def said_missing(found: Walk) -> str:
    """Say why nothing is known of walking."""
    return _(WORDS[str(found.missing)]).format(metres=f"{MAX_SNAP:g}")


def _switch(current: View, label: str, *, words: str = "") -> Any:
    is_on = is_walking(current)
    marks = {"role": "switch", "aria-checked": "true" if is_on else "false", "title": label}
    track = html.Span(className="track", **{"aria-hidden": "true"})
    return sets([words, track], {"walk": "" if is_on else "1"}, label=label, className="switch", **marks)


def _speed(current: View) -> Any:
    """Lay out the choice of the walking speed: any within bounds, and the way back to the usual one."""
    speed = speed_of(current)
    shown, usual = f"{speed.metres:g}", f"{SPEED:g}"
    number = dmc.NumberInput(
        id=SPEED_INPUT, name=shown, value=speed.metres, min=SLOWEST, max=FASTEST, step=5, placeholder=usual,
        debounce=True, clampBehavior="blur", allowNegative=False, decimalScale=1, size="xs", w=68,
        **{"aria-label": _("Walking speed in metres a minute")},
    )  # fmt: skip
    back = sets(_("Usual: {speed}").format(speed=usual), {"speed": ""}, className="plain")
    parts = [
        html.Span(_("Walking speed")),
        number,
        html.Span(_("m/min = {kmh} km/h").format(kmh=f"{speed.metres * 0.06:.3g}"), className="muted"),
        back if speed.metres != SPEED or speed.refused else None,
        html.P(speed.refused, className="how", role="status") if speed.refused else None,
    ]
    return html.Div(parts, className="walk-speed")


def _body(current: View, found: Walk, *, flies: bool) -> list[Any]:
    if not found.known:
        return [html.P(said_missing(found), className="how", role="status")]
    how = _("Along streets at {speed}, with the straight ways to and from them.")
    parts: list[Any] = [note(how.format(speed=speed_words(found.asked.speed)))]
    if not found.has_facilities:
        return [*parts, note(_("The facilities of this city are not supplied."))]
    return [*parts, _nearest(found, flies), _all(current, found, flies)]


def _nearest(found: Walk, flies: bool) -> Any:
    swatches = walk_classing(found).swatches
    times = [
        html.Span([html.Span(className="swatch", style={"background": swatch.colour}), f"≤ {swatch.key}"])
        for swatch in swatches
    ]
    heads = [_("Nearest of each class, count within minutes"), *times]
    rows = [_class(found, row, flies) for row in found.nearest.to_dict("records")]
    return small_table(
        heads, rows, label=_("Nearest facility of each class, and how many within the minutes")
    )


def _class(found: Walk, row: Row, flies: bool) -> list[Any]:
    counts = [write.count(row[within(minutes)]) for minutes in found.asked.minutes]
    return [html.Div([_place(row, flies), _way(row)]), *counts]


def _all(current: View, found: Walk, flies: bool) -> Any:
    count, longest = len(found.facilities), f"{found.asked.minutes[-1]:g}"
    if not count:
        return note(_("No facility within {minutes} min.").format(minutes=longest))
    words = ngettext("{count} facility within {minutes} min, by distance",
                     "All {count} within {minutes} min, by distance", count)  # fmt: skip
    listed = found.facilities.head(MOST_LISTED).to_dict("records")
    rows = [html.Li([_place(row, flies), _way(row)]) for row in listed]
    more = _("The first {shown} are listed.").format(shown=MOST_LISTED) if count > MOST_LISTED else ""
    file = html.A(_("All as GeoJSON"), href=walk_url(current), target="_blank", rel="noopener")
    head = html.Summary(words.format(count=count, minutes=longest))
    return html.Details(
        [head, html.Ol(rows, className="by-distance"), html.P([more, " ", file], className="how")]
    )


def _place(row: Row, flies: bool) -> Any:
    """Name a facility by its class; its own name and the way to it follow in a line."""
    kind, name = str(term(codes.FACILITY_CATEGORIES, row["category"])), _name(row)
    if not flies:
        return html.Div(kind)
    place = f"{row['lon']:.6f},{row['lat']:.6f}"
    label = _("Show on the map: {name}").format(name=f"{kind} {name}".rstrip())
    return html.Button(kind, className="plain fly", title=label, **{"data-fly": place, "aria-label": label})


def _name(row: Row) -> str:
    return next((row[part] for part in ("name", "code") if isinstance(row[part], str)), "")


def _way(row: Row) -> Any:
    name = html.Span(f"{_name(row)} ", className="faint")
    return html.Div([_distance(row), " ", name], className="way")


def _distance(row: Row) -> Any:
    if pd.isna(row["metres"]):
        return html.Span(_("no way"), className="faint", title=_("No street leads there on foot."))
    if row["metres"] == 0:
        return html.Span(_("inside"))
    minutes = _("{minutes} min").format(minutes=f"{row['minutes']:.1f}")
    return html.Span([distance_words(row["metres"]), html.Span(f" · {minutes}", className="faint")])


clientside_callback(
    ClientsideFunction("map", "speed"),
    Output("map-paced", "data"),
    Input(SPEED_INPUT, "value"),
    State(SPEED_INPUT, "name"),
    State(SPEED_INPUT, "placeholder"),
    prevent_initial_call=True,
)
