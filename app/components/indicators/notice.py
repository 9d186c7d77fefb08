"""What an address asks for and does not exist, said above what is shown instead."""

from __future__ import annotations

from typing import Any

from dash import html

from app.components.indicators.words import basis_name, run_name, subject_name, unit_kind, words_in
from app.i18n import gettext as _
from app.services.indicators.asked import EVERY, Wrong
from app.services.indicators.page import Page
from data.errors import N_
from gis.catalogue import INDICATORS

WORDS = {
    "units": N_("«{value}» is no kind of unit; shown is: {shown}."),
    "indicator": N_("«{value}» is no indicator; shown is: {shown}."),
    "class": N_("«{value}» is no class of this indicator; shown is: {shown}."),
    "basis": N_("«{value}» is no basis of this indicator; shown is: {shown}."),
    "run": N_("«{value}» is no run for these units; shown is that of {shown}."),
    "sort": N_("«{value}» is no order of the table."),
}
NO_CHOICE = N_("«{value}» is left out: this indicator has no such choice.")


def notice(page: Page) -> Any:
    """Say what of an address could not be shown, and what is shown instead; None where all could be."""
    if not page.wrong:
        return None
    said = [html.Span(_said(page, wrong)) for wrong in page.wrong]
    return html.P(said, className="notice", role="status")


def _said(page: Page, wrong: Wrong) -> str:
    shown = _shown(page, wrong)
    words = WORDS[wrong.name.removesuffix("2")] if shown or wrong.name == "sort" else NO_CHOICE
    side = "B · " if wrong.name.endswith("2") else ""
    return side + _(words).format(value=wrong.value[:40], shown=shown)


def _shown(page: Page, wrong: Wrong) -> str:
    """Name what is shown instead."""
    picture = page.second if wrong.name.endswith("2") else page.first
    match wrong.name.removesuffix("2"):
        case "units":
            return unit_kind(wrong.shown)
        case "indicator":
            return words_in(INDICATORS[wrong.shown].name)
        case "class" if picture is not None:
            return subject_name(picture.indicator, "" if wrong.shown == EVERY else wrong.shown)
        case "basis" if wrong.shown:
            return basis_name(wrong.shown)
        case "run":
            return next(run_name(run) for run in page.runs if str(run["id"]) == wrong.shown)
    return ""
