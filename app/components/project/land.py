"""Indicators of a project's land: measured of the city's layers, and of the project's own figures."""

from __future__ import annotations

from typing import Any

from dash import html

from app.components.indicators.words import unit_of, words_in
from app.components.project.changes import enough_places
from app.components.project.parts import Part, note, small_table, unknown
from app.components.view import View, database
from app.i18n import gettext as _
from app.services.projects.land import Land, project_land
from app.services.projects.panel import ProjectPanel
from data.errors import N_
from gis.analysis import NOTHING_TO_DIVIDE_BY

PLACES = {"floor_area_ratio": 2, "mean_storeys": 1, "open_space_ratio": 2, "population_density": 0,
          "household_density": 0}  # fmt: skip
SIDES = {
    N_("Measured"): N_("computed now of the city's layers, within the boundary"),
    N_("Present"): N_("as surveyed for the register, of the project's own figures"),
    N_("As planned"): N_("as planned, of the project's own figures"),
}
COUNTED = {
    "floor_area_ratio": N_("gross floor area of the buildings of the layer, exempt floor area too ÷ land"),
    "green_ratio": N_("land zoned as park (1401) or protective green (1402) ÷ land"),
}


def land_part(current: View, panel: ProjectPanel) -> Part:
    """Lay out the indicators of a project's land as measured, as supplied for today, and as planned."""
    title = _("Indicators of its land")
    if panel.project["boundary_status"] == "pending":
        return Part("land", title, _("boundary pending"), None)
    found = project_land(database(), current.city, panel.project["code"], panel.changes, panel.ratios)
    if all(land.measured is None for land in found):
        return Part("land", title, "", None)
    heads = [_("Indicator"), *(html.Span(_(head), title=_(said)) for head, said in SIDES.items())]
    table = small_table(heads, [_row(land) for land in found], label=title)
    how = _(
        "Measured: computed now of the city's layers within the boundary; green is land zoned green alone. "
        "Present and as planned: the project's own figures, as surveyed for the register; both may differ."
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
    pair, places = (land.present, land.planned), PLACES.get(one.code, 1)
    if one.code == "floor_area_ratio":
        places = enough_places(pair, places)
    return [name, _measured(land, places), *(_value(value, places) for value in pair)]


def _measured(land: Land, places: int) -> Any:
    if land.measured is None and land.missing == NOTHING_TO_DIVIDE_BY:
        return html.Span("–", title=_("There is no building on it."))
    counted = COUNTED.get(land.indicator.code)
    return html.Span(_value(land.measured, places), title=_(counted) if counted else None)


def _value(value: float | None, places: int) -> Any:
    return unknown() if value is None else f"{value:,.{places}f}"
