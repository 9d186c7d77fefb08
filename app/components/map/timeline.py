"""The time slider: the projects at each stage over the months, and the state of the library on one day."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from urllib.parse import quote

import pandas as pd
from dash import ClientsideFunction, Input, Output, clientside_callback, dcc, html

from app import format as write
from app.components.callback import callback
from app.components.icons import icon
from app.components.map.address import address_of
from app.components.palette import GRID, MUTED, PRIMARY, colour, stage_colours
from app.components.view import database, view
from app.i18n import gettext as _
from app.services.map import timeline as service
from app.terms import term
from data.codes import STAGES

WIDTH, HEIGHT = 1000, 100


def time_button() -> Any:
    """Lay out the tool that opens the time slider."""
    label = _("Time")
    return html.Button(
        icon("time"),
        className="tool",
        title=label,
        **{
            "data-time": "open",
            "aria-label": label,
            "aria-expanded": "false",
            "aria-controls": "map-time",
        },
    )


def time_box() -> Any:
    """Lay out the place of the slider; it is filled when an address opens it (``day`` or ``time``)."""
    return html.Section(
        [
            dcc.Store(id="map-time-asked"),
            dcc.Store(id="map-time-shown"),
            html.Div(id="map-time-frame"),
            html.Div(id="map-time-said", **{"aria-live": "polite"}),
        ],
        id="map-time",
        className="map-time",
        hidden=True,
        **{"aria-label": _("Time")},
    )


@callback(Output("map-time-frame", "children"), Input("map-time-asked", "data"), prevent_initial_call=True)
def show_frame(asked: str | None) -> Any:
    """Draw the slider for the city and filters of an address."""
    if asked is None:
        return None
    current = view(asked)
    found = service.over_time(database(), current.city, current.filter)
    by_year = current.get("time") == "year" or not found.months
    return _year_frame(found) if by_year else _day_frame(found)


@callback(Output("map-time-said", "children"), address_of("day"))
def show_day(search: str) -> Any:
    """Count the projects of the address's day by stage."""
    current = view(search)
    if not (current.get("day") or current.get("time")):
        return None
    found = service.on_day(database(), current.city, current.filter)
    return [_totals(found), _stage_list(found)]


def _totals(found: service.Day) -> Any:
    words = _("{projects} projects · {money} {unit}").format(
        projects=write.count(found.totals["projects"]),
        money=write.money(found.totals["investment"]),
        unit=write.money_unit(),
    )
    when = found.on.isoformat() if found.on else _("today")
    return html.P([html.B(when), " ", html.Span(words)], className="totals")


def _stage_list(found: service.Day) -> Any:
    return html.Ul([_stage_item(row["stage"], row["projects"]) for row in found.stages], className="stages")


def _stage_item(stage: str | None, projects: int) -> Any:
    fill = colour(MUTED) if stage is None else stage_colours()[stage]
    return html.Li(
        [
            html.Span(className="swatch", style={"background": fill}),
            html.Span(term(STAGES, stage) or _("stage not supplied")),
            html.B(write.count(projects)),
        ]
    )


def _day_frame(found: service.Timeline) -> Any:
    days = [day.isoformat() for day in found.months]
    note = _("Stages are dated from {first} to {last}.").format(first=days[0][:7], last=days[-1][:7])
    return _frame("day", days, _areas(found.by_stage), _year_ticks(found.months), note)


def _year_frame(found: service.Timeline) -> Any:
    years = [str(year) for year in found.by_year]
    note = _("Up to the entry year in the project code.")
    if not found.months:
        note = _("The city supplies no stage dates: the slider follows the entry year in the project code.")
    if not years:
        return html.P(_("The city supplies neither stage dates nor entry years."), className="how")
    ticks = [(place, year) for place, year in zip(_places(len(years)), years, strict=True)]
    return _frame("year", years, _bars(pd.Series(found.by_year)), ticks, note)


def _frame(kind: str, stops: list[str], picture: str, ticks: list[tuple[float, str]], note: str) -> Any:
    slider = html.Div(
        [
            html.Img(src=picture, alt="", className="history"),
            html.Div(html.Span(className="thumb"), className="now"),
        ],
        className="track",
        role="slider",
        tabIndex=0,
        **{
            "aria-label": _("Day") if kind == "day" else _("Entry year"),
            "aria-valuemin": "0",
            "aria-valuemax": str(len(stops) - 1),
        },
    )
    marks = html.Div([_tick(*tick) for tick in ticks], className="ticks", **{"aria-hidden": "true"})
    return html.Div(
        [_controls(kind, note), html.Div([slider, marks], className="rail")],
        className="frame",
        **{"data-kind": kind, "data-stops": json.dumps(stops), "data-today": _("today")},
    )


def _controls(kind: str, note: str) -> Any:
    return html.Div(
        [
            _control("back", _("One step back")),
            _control("play", _("Play"), **{"aria-pressed": "false"}),
            _control("forward", _("One step forward")),
            html.Span(className="day", **{"data-label": _("Day")}),
            html.Button(_("today"), className="plain", **{"data-time": "reset"}),
            html.Div(
                [_kind("day", _("Stage on a day"), kind), _kind("year", _("Entry year"), kind)],
                className="kinds",
                role="group",
                **{"aria-label": _("What the slider follows")},
            ),
            html.Span(note, className="how", title=note),
            _control("close", _("Close the time slider")),
        ],
        className="controls",
    )


def _control(name: str, label: str, **attributes: str) -> Any:
    named = {"aria-label": label, "data-time": name, **attributes}
    return html.Button(icon(name), className="tool", title=label, **named)


def _kind(name: str, words: str, chosen: str) -> Any:
    pressed = "true" if name == chosen else "false"
    return html.Button(words, className="choice", **{"data-time": name, "aria-pressed": pressed})


def _tick(place: float, words: str) -> Any:
    return html.Span(words, style={"left": f"{place * 100:.3f}%"})


def _places(stops: int) -> list[float]:
    return [stop / max(stops - 1, 1) for stop in range(stops)]


def _year_ticks(months: list[dt.date]) -> list[tuple[float, str]]:
    places = zip(_places(len(months)), months, strict=True)
    return [(place, str(month.year)) for place, month in places if month.month == 6]


def _areas(by_stage: pd.DataFrame) -> str:
    """Draw the projects at each stage over the months, stacked, the first stage at the bottom."""
    most = max(int(by_stage.sum(axis=1).max()), 1)
    tops = by_stage.cumsum(axis=1) / most * HEIGHT
    bottoms = tops - by_stage / most * HEIGHT
    colours = stage_colours() | {service.NOT_SUPPLIED: colour(MUTED)}
    places = _places(len(by_stage))
    shapes = [
        f"<path fill='{colours[stage]}' d='{_area(places, tops[stage], bottoms[stage])}'/>"
        for stage in by_stage.columns
    ]
    return _picture(shapes + _quarters(list(by_stage.index)))


def _area(places: list[float], top: pd.Series[float], bottom: pd.Series[float]) -> str:
    there = [f"{x * WIDTH:.1f} {HEIGHT - y:.1f}" for x, y in zip(places, top, strict=True)]
    back = [f"{x * WIDTH:.1f} {HEIGHT - y:.1f}" for x, y in zip(places, bottom, strict=True)]
    return f"M{' L'.join(there + back[::-1])}Z"


def _quarters(months: list[dt.date]) -> list[str]:
    places = zip(_places(len(months)), months, strict=True)
    return [
        f"<path stroke='{colour(GRID)}' stroke-opacity='{0.9 if month.month == 12 else 0.4}' "
        f"vector-effect='non-scaling-stroke' d='M{place * WIDTH:.1f} 0V{HEIGHT}'/>"
        for place, month in places
        if month.month % 3 == 0
    ]


def _bars(counts: pd.Series[int]) -> str:
    """Draw the projects entered by each year, those of the year itself darker on top."""
    tall = counts / max(int(counts.sum()), 1) * HEIGHT
    wide = WIDTH / max(len(counts) - 1, 1) * 0.6
    rows = zip(_places(len(counts)), tall.cumsum(), tall, strict=True)
    return _picture(
        [
            f"<path fill='{colour(role)}' d='M{place * WIDTH - wide / 2:.1f} {HEIGHT - top:.1f}"
            f"h{wide:.1f}v{part:.1f}h-{wide:.1f}Z'/>"
            for place, top, entered in rows
            for role, part in ((GRID, top), (PRIMARY, entered))
        ]
    )


def _picture(shapes: list[str]) -> str:
    svg = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' preserveAspectRatio='none'>"
        f"{''.join(shapes)}</svg>"
    )
    return f"data:image/svg+xml,{quote(svg)}"


clientside_callback(
    ClientsideFunction("mapTime", "asked"), Output("map-time-asked", "data"), Input("url", "search")
)
clientside_callback(
    ClientsideFunction("mapTime", "shown"),
    Output("map-time-shown", "data"),
    Input("map-time-frame", "children"),
)
