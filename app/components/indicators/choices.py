"""The choices of the page of indicators, all in its address: indicator, class, basis, units, run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import ALL, ClientsideFunction, Input, Output, State, clientside_callback, dcc, html

from app.components.chips import changed, in_place, link_choice
from app.components.icons import icon
from app.components.indicators.listing import PATH
from app.components.indicators.words import (
    SUBJECT_LABELS,
    basis_name,
    run_name,
    subject_name,
    unit_kind,
    words_in,
)
from app.components.map.scene import UNIT_LAYER
from app.components.view import View, database
from app.i18n import gettext as _
from app.services.indicators.asked import CHOICES, EVERY, ORDERS
from app.services.indicators.page import Page, Picture, run_on_map
from app.services.map.choropleth import UNITS
from data.indicator_codes import UNIT_KINDS
from gis.catalogue import FAMILIES, INDICATORS
from gis.indicator import Indicator

CHOICE = "indicator-choice"
SHORT = 25
SECOND = tuple(f"{name}2" for name in CHOICES)


def choices(current: View, page: Page) -> Any:
    """Lay out the choices, and those of the second picture where two are compared."""
    rows: list[Any] = [
        html.Div(
            [
                *_of_picture(page, page.first, ""),
                _kinds(current, page),
                _run(page, page.run, ""),
                _comparison(current, page),
                _on_the_map(current, page),
            ],
            className="filters",
            role="search",
        )
    ]
    if page.second is not None:
        label = html.Span("B", className="letter", title=_("Compared with"))
        second = [label, *_of_picture(page, page.second, "2"), _run(page, page.second.run, "2")]
        rows[0].children.insert(0, html.Span("A", className="letter"))
        rows.append(html.Div(second, className="filters", role="group", **{"aria-label": _("Compared with")}))
    return html.Div(rows, className="choices-box")


def held(page: Page) -> dict[str, Any]:
    """Say what is shown, so that the browser knows which control a person has changed, and what it exports.

    ``alike`` lists the indicators that can be shown in the same class and on the same basis.
    """
    pictures = {"": page.first, "2": page.second}
    alike = {suffix: _alike(page, picture) for suffix, picture in pictures.items() if picture}
    return {"shown": page.params, "alike": alike, "orders": ORDERS}


def _alike(page: Page, picture: Picture) -> list[str]:
    asked = picture.asked
    same = page.held[page.held["subject"] == asked.subject]["indicator"].unique()
    return [code for code in same if asked.basis in INDICATORS[code].bases]


def _of_picture(page: Page, picture: Picture | None, suffix: str) -> list[Any]:
    indicator = picture.indicator if picture else page.indicator
    controls = [_indicator(page, indicator, suffix)]
    if picture is not None and indicator.subjects:
        controls.append(_subject(page, picture, suffix))
    if picture is not None and len(indicator.bases) > 1:
        data = [{"value": basis, "label": basis_name(basis)} for basis in indicator.bases]
        controls.append(_select(f"basis{suffix}", _("Basis"), data, picture.asked.basis, 170))
    return controls


def _indicator(page: Page, chosen: Indicator, suffix: str) -> Any:
    data = [
        {
            "group": words_in(words),
            "items": [
                {"value": one.code, "label": _label(page, one)}
                for one in INDICATORS.values()
                if one.family == family
            ],
        }
        for family, words in FAMILIES.items()
    ]
    return _select(f"indicator{suffix}", _("Indicator"), data, chosen.code, 300)


def _label(page: Page, one: Indicator) -> str:
    name = words_in(one.name)
    if page.held.empty or one.code in page.computed:
        return name
    held = one.code in set(page.held["indicator"])
    return (_("{name} – not supplied") if held else _("{name} – not in this run")).format(name=name)


def _subject(page: Page, picture: Picture, suffix: str) -> Any:
    one = picture.indicator
    found = page.subjects(one.code)
    names = {subject: subject_name(one, subject) for subject in found}
    data = [{"value": subject or EVERY, "label": names[subject]} for subject in found]
    return _select(
        f"class{suffix}", _(SUBJECT_LABELS[one.subjects]), data, picture.asked.subject or EVERY, 170
    )


def _run(page: Page, run: Mapping[str, Any] | None, suffix: str) -> Any:
    if run is None:
        return None
    data = [{"value": str(run["id"]), "label": run_name(run)} for run in page.runs]
    wide = 210 if max(len(one["label"]) for one in data) < SHORT else 260
    return _select(f"run{suffix}", _("Computed on"), data, str(run["id"]), wide)


def _select(name: str, label: str, data: Sequence[Mapping[str, Any]], value: str, width: int) -> Any:
    return dmc.Select(
        id={"type": CHOICE, "name": name},
        data=data,
        value=value,
        searchable=True,
        allowDeselect=False,
        size="xs",
        w=width,
        maxDropdownHeight=420,
        nothingFoundMessage=_("Nothing found"),
        comboboxProps={"withinPortal": True},
        **{"aria-label": label},
    )


def _kinds(current: View, page: Page) -> Any:
    computed = {run["units"] for run in page.every_run}
    ordered = [page_first for page_first in UNIT_KINDS if page_first in computed]
    ordered += [kind for kind in UNIT_KINDS if kind not in computed]
    bare = current.with_params(run="", run2="", sort="", units=page.units)
    return link_choice(bare, PATH, "units", {kind: unit_kind(kind) for kind in ordered}, _("Kind of unit"))


def _on_the_map(current: View, page: Page) -> Any:
    """Lead to the same figure among the other layers of the map, where that shows this run."""
    first = page.first
    if first is None or page.units not in UNITS or first.known.empty:
        return None
    if first.asked.run != run_on_map(database(), page)["id"]:
        return None
    figure = ":".join(["ind", *first.asked[1:]]).rstrip(":")
    layers = ",".join(dict.fromkeys(["districts", UNIT_LAYER[page.units]]))
    address = current.link("/map", unit=page.units, figure=figure, layers=layers)
    return dcc.Link([icon("layers"), _("On the map")], href=address, className="button")


def _comparison(current: View, page: Page) -> Any:
    if page.second is not None:
        alone = changed(current, PATH, **dict.fromkeys(SECOND, ""))
        return in_place([icon("close"), _("Stop comparing")], alone, className="button")
    if page.first is None:
        return None
    href = changed(current, PATH, **_compared_with(page, page.first))
    return in_place([icon("compare"), _("Compare")], href, className="button", id="indicator-compare")


def _compared_with(page: Page, first: Picture) -> dict[str, str]:
    """Say with what a comparison begins: the other basis, else the run before, else the next indicator."""
    other = [basis for basis in first.indicator.bases if basis != first.asked.basis]
    if other:
        return {"basis2": other[0]}
    before = [run for run in page.runs if run["id"] < first.asked.run and run["side"] == first.run["side"]]
    if before:
        return {"run2": str(before[0]["id"])}
    known = [code for code in INDICATORS if code in page.computed]
    after = [code for code in known if code != first.indicator.code]
    return {"indicator2": after[0] if after else first.indicator.code}


clientside_callback(
    ClientsideFunction("indicators", "choose"),
    Output("indicators-chosen", "data"),
    Input({"type": CHOICE, "name": ALL}, "value"),
    State("indicators-held", "data"),
    prevent_initial_call=True,
)
