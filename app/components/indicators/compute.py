"""What stands in the place of values that have not been computed: why, and a button that computes them."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Input, Output, State, clientside_callback, html

from app.components.chips import changed, in_place
from app.components.indicators.listing import PATH
from app.components.indicators.words import run_name, unit_kind
from app.components.view import View, database
from app.i18n import gettext as _
from app.services.indicators.page import Page, run_holding
from app.services.map.walk_answer import FASTEST, SLOWEST
from app.services.map.walking import SPEED

SIDE = 500
SPEED_INPUT = "indicator-speed"


def not_computed(current: View, page: Page) -> Any:
    """Offer to compute the chosen kind of unit, by a button and by the command that does the same."""
    kind = unit_kind(page.units)
    words = _("Nothing has been computed for this kind of unit yet: {units}.").format(units=kind)
    if page.runs:
        words = _("The chosen run does not hold this indicator.")
    return html.Div(
        [
            html.P([words, " ", _another_run(current, page)]),
            html.P(compute_button(current, page, primary=True)),
            html.P(
                [_("or on the command line:"), " ", html.Code(command(current.slug, page.units))],
                className="remedy",
            ),
        ],
        className="empty not-computed",
    )


def _another_run(current: View, page: Page) -> Any:
    """Lead to the newest run that holds the indicator, if one does."""
    held = run_holding(database(), page.runs, page.indicator.code)
    if held is None:
        return None
    label = _("Show the run of {run}").format(run=run_name(held))
    return in_place(label, changed(current, PATH, run=str(held["id"]), indicator=page.indicator.code))


def command(slug: str, units: str) -> str:
    """Return the command that computes the same."""
    side = f" --side {SIDE}" if units in {"grid", "hexagon"} else ""
    return f"gengxin indicators run --city {slug} --units {units}{side}"


def compute_button(current: View, page: Page, *, primary: bool = False) -> Any:
    """Lay out the button that computes, and where its progress shows."""
    label = _("Compute now") if primary else _("Compute again")
    kind = "button primary" if primary else "button"
    said = {
        "data-city": current.slug,
        "data-units": page.units,
        "data-progress": _("computing {done} of {total}"),
        "data-failed": _("The server went away; load the page again."),
        "data-busy": _("computing…"),
    }
    return html.Span(
        [
            html.Button(label, id="indicator-compute", className=kind, **said),
            html.Label(_("Walking speed"), htmlFor=SPEED_INPUT, className="muted"),
            _speed(page),
            html.Span(id="indicator-progress", className="progress", role="status"),
        ],
        className="compute",
    )


def _speed(page: Page) -> Any:
    """Choose how fast people walk in what is computed; that of the run that is shown to begin with."""
    shown = page.first.run["parameters"].get("walking_speed", SPEED) if page.first else SPEED
    return dmc.NumberInput(
        id=SPEED_INPUT, value=shown, min=SLOWEST, max=FASTEST, step=5, decimalScale=1, allowNegative=False,
        suffix=_(" m/min"), size="xs", w=110,
        **{"aria-label": _("Walking speed in metres a minute")},
    )  # fmt: skip


clientside_callback(
    ClientsideFunction("indicators", "compute"),
    Output("indicator-progress", "title"),
    Input("indicator-compute", "n_clicks"),
    State(SPEED_INPUT, "value"),
    prevent_initial_call=True,
)
