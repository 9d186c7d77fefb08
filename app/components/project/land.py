"""Indicators of a project's land: measured of the city's layers, and of the project's own figures."""

from __future__ import annotations

from typing import Any

from dash import html

from app.components.indicators.words import unit_of, words_in
from app.components.project.parts import Part, note, small_table, unknown
from app.components.view import View, database
from app.i18n import gettext as _
from app.services.projects.land import Land, project_land
from app.services.projects.panel import ProjectPanel
from gis.analysis import NOTHING_TO_DIVIDE_BY

PLACES = {"floor_area_ratio": 2, "mean_storeys": 1, "open_space_ratio": 2, "population_density": 0,
          "household_density": 0}  # fmt: skip


def land_part(current: View, panel: ProjectPanel) -> Part:
    """Lay out the indicators of a project's land as measured, as supplied for today, and as planned."""
    title = _("Indicators of its land")
    if panel.project["boundary_status"] == "pending":
        return Part("land", title, _("boundary pending"), None)
    found = project_land(database(), current.city, panel.project["code"], panel.changes, panel.ratios)
    if all(land.measured is None for land in found):
        return Part("land", title, "", None)
    heads = [_("Indicator"), _("Measured"), _("Present"), _("As planned")]
    table = small_table(heads, [_row(land) for land in found], label=title)
    how = _(
        "Measured within the boundary of the city's layers; present and planned by the project's figures."
    )
    return Part("land", title, "", [table, note(how)])


def _row(land: Land) -> list[Any]:
    one = land.indicator
    unit = f" {unit_of(one)}" if one.unit else ""
    formula = f"{words_in(one.formula)} · {words_in(one.source)}"
    name = [
        html.Span(words_in(one.name), title=formula, className="formula"),
        html.Span(unit, className="faint"),
    ]
    values = [_value(one.code, value) for value in (land.present, land.planned)]
    return [name, _measured(land), *values]


def _measured(land: Land) -> Any:
    if land.measured is None and land.missing == NOTHING_TO_DIVIDE_BY:
        return html.Span("–", title=_("There is no building on it."))
    return _value(land.indicator.code, land.measured)


def _value(code: str, value: float | None) -> Any:
    return unknown() if value is None else f"{value:,.{PLACES.get(code, 1)}f}"
