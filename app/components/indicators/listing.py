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
    """Name what an indicator lacks: what its run found missing, else all that it is made of."""
    held = page.held[page.held["indicator"] == one.code]
    missing = sorted(set(held["missing"].dropna()) - {"districts.geometry"})
    named = missing or ([] if len(held) else inputs_of(one))
    if not named:
        return _("not computed in this run")
    return _("needs: {inputs}").format(inputs=joined(inputs_words(named)))
