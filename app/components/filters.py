"""The filter bar: the same on every page that lists projects, and always in the address."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Input, Output, clientside_callback, dcc, html

from app.components import url_state
from app.components.view import View, database
from app.i18n import gettext as _
from app.services.choices import Choices, choices
from app.services.filters import BOUNDARY, STATUS
from app.terms import named, options
from data import codes
from data.projects import BANDS

CONTROLS = {
    "q": "value",
    "district": "value",
    "year": "value",
    "batch": "value",
    "band": "value",
    "stage": "value",
    "type": "value",
    "mode": "value",
    "boundary": "value",
    "entered": "checked",
    "cross": "checked",
    "exited": "checked",
}


def filter_bar(current: View) -> Any:
    """Lay out the filters of a page, set as its address says."""
    offered = choices(database(), current.city["id"])
    return html.Div(
        [
            dcc.Store(id="filters-address"),
            dmc.TextInput(
                id=url_state.control_id("q"),
                value=current.get("q"),
                placeholder=_("Name, code or district"),
                debounce=300,
                size="xs",
                w=180,
                **{"aria-label": _("Search by name, code or district")},
            ),
            _several(current, "district", _("District"), _district_choices(offered), 150),
            _several(current, "year", _("Year"), [str(year) for year in offered.years], 110),
            _several(current, "batch", _("Batch"), offered.batches, 120),
            _several(current, "band", _("Size, {unit}").format(unit=_("CNY 100 M")), list(BANDS), 140),
            *_coded(current, offered),
            _several(current, "boundary", _("Boundary"), _status_choices(), 130),
            _flag(current, "entered", _("New")),
            _flag(current, "cross", _("Cross-district")),
            _flag(current, "exited", _("Exited")),
            html.Button(_("Clear"), id="clear-filters", className="plain"),
        ],
        className="filters",
        role="search",
    )


def _district_choices(offered: Choices) -> list[dict[str, Any]]:
    grouped = groupby(offered.districts, key=lambda row: row["section"])
    return [
        {"group": section or _("Districts"), "items": [{"value": r["code"], "label": named(r)} for r in rows]}
        for section, rows in grouped
    ]


def _status_choices() -> list[dict[str, str]]:
    return [{"value": status, "label": _(STATUS[status])} for status in BOUNDARY]


def _coded(current: View, offered: Choices) -> list[Any]:
    """Offer stage, type and mode; where a city supplies none, the control waits unseen."""
    controls = (
        ("stage", _("Stage"), codes.STAGES, offered.stages, 130),
        ("type", _("Type"), codes.PROJECT_TYPES, offered.types, 150),
        ("mode", _("Mode"), codes.RENEWAL_MODES, offered.modes, 120),
    )
    return [
        _several(current, name, label, options(terms, used), width, shown=bool(used))
        for name, label, terms, used, width in controls
    ]


def _several(  # noqa: PLR0913, PLR0917 - one argument for each trait of the control
    current: View, name: str, label: str, data: list[Any], width: int, shown: bool = True
) -> Any:
    chosen = [part for part in current.get(name).split(",") if part]
    return dmc.MultiSelect(
        id=url_state.control_id(name),
        data=data,
        value=chosen,
        placeholder="" if chosen else label,
        clearable=True,
        searchable=True,
        size="xs",
        className="several",
        style={"minWidth": width} if shown else {"display": "none"},
        comboboxProps={"withinPortal": True},
        **{"aria-label": label},
    )


def _flag(current: View, name: str, label: str) -> Any:
    return dmc.Chip(
        label, id=url_state.control_id(name), checked=current.get(name) == "1", size="xs", variant="outline"
    )


url_state.bind("filters", CONTROLS)
clientside_callback(
    ClientsideFunction("gengxin", "clearFilters"),
    Output("clear-filters", "title"),
    Input("clear-filters", "n_clicks"),
    prevent_initial_call=True,
)
