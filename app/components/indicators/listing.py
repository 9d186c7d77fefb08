"""Every indicator by family: computed, or what it still needs."""

from __future__ import annotations

from typing import Any

from dash import html

from app.components.chips import in_place
from app.components.indicators.words import inputs_words, unit_of, words_in
from app.components.view import View
from app.i18n import gettext as _
from app.services.indicators.catalogue import inputs_of
from app.services.indicators.page import Page
from app.terms import joined
from gis.catalogue import FAMILIES, INDICATORS
from gis.indicator import Indicator

PATH = "/indicators"


def catalogue_list(current: View, page: Page) -> Any:
    """List the catalogue, open where little of it could be computed."""
    counted = _("{computed} of {all} indicators computed").format(
        computed=len(page.computed), all=len(INDICATORS)
    )
    parts = [_family(current, page, family) for family in FAMILIES]
    summary = html.Summary([html.Span(_("All indicators"), className="opener"), html.Span(counted)])
    return html.Details(
        [summary, html.Div(parts, className="families")],
        className="panel catalogue",
        id="indicator-list",
        open=2 * len(page.computed) < len(INDICATORS),
    )


def _family(current: View, page: Page, family: str) -> Any:
    every = [one for one in INDICATORS.values() if one.family == family]
    rows = [_indicator(current, page, one) for one in every]
    return html.Section([html.H2(words_in(FAMILIES[family])), html.Ul(rows)])  # type: ignore[index]


def _indicator(current: View, page: Page, one: Indicator) -> Any:
    here = {"aria-current": "true"} if one is page.indicator else {}
    address = current.link(PATH, units=page.units, indicator=one.code)
    link = in_place([words_in(one.name), _unit(one)], address, **here)
    if one.code in page.computed:
        return html.Li([link, html.Span(_("computed"), className="known")])
    return html.Li([link, html.Span(_needs(page, one), className="needs")], className="lacking")


def _unit(one: Indicator) -> Any:
    return html.Span(unit_of(one), className="unit") if one.unit else None


def _needs(page: Page, one: Indicator) -> str:
    named = lacking(page, one)
    return _("needs: {inputs}").format(inputs=joined(named)) if named else _("not computed in this run")


def lacking(page: Page, one: Indicator) -> list[str]:
    """Name all that an indicator lacks: of what it is made of, what its run found nowhere.

    Nothing is named where the run does not hold the indicator.
    """
    named = inputs_of(one)
    if not page.held.empty:
        mine = page.held[page.held["indicator"] == one.code]
        nowhere = set(page.held.loc[page.held["known"] == 0, "missing"]) if len(mine) else set()
        named = [name for name in named if name in nowhere] or sorted(set(mine["missing"].dropna()))
    return inputs_words(named)
