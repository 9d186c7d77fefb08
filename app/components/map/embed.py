"""The map in other people's pages: the view that a frame shows, and the lines that put it there."""

from __future__ import annotations

from typing import Any

from dash import html

from app.components.icons import icon
from app.components.map.state import filters_of
from app.components.shell import city_label, synthetic_badge
from app.components.view import View, database
from app.i18n import gettext as _
from app.services.choices import choices
from app.services.exports.projects import filter_words
from app.settings import settings
from app.terms import named


def is_embedded(current: View) -> bool:
    """Whether an address asks for the map alone, to stand in another page."""
    return current.get("embed") == "1"


def embed_button() -> Any:
    """Lay out the tool that offers the lines to copy."""
    label = _("Embed in a web page")
    return html.Button(
        icon("embed"), className="tool", title=label, **{"aria-label": label, "data-embed": "open"}
    )


def embed_dialog(current: View) -> Any:
    """Lay out the dialog with the lines to copy; the browser fills in the address of the view."""
    close = html.Button(icon("close"), className="tool", **{"aria-label": _("Close"), "data-embed": "close"})
    return html.Dialog(
        [
            html.Div([html.H2(_("Embed this view"), id="map-embed-heading"), close], className="top"),
            html.P(_("Paste these lines into a page; they show the map as you see it now.")),
            html.Textarea(
                id="map-embed-lines", readOnly=True, rows=4, **{"aria-labelledby": "map-embed-heading"}
            ),
            html.P(_who_may(), className="how"),
            html.Button(_("Copy"), className="button primary", **{"data-embed": "copy"}),
            html.Span(className="said", role="status", **{"data-said": _("Copied")}),
        ],
        id="map-embed",
        className="map-embed",
        **{"aria-labelledby": "map-embed-heading", "data-title": _title(current)},
    )


def _who_may() -> str:
    allowed = settings().embed_origins
    if not allowed:
        return _("Only pages of this site may show it; others are allowed with GENGXIN_EMBED_ORIGINS.")
    return _("Pages of this site and of {sites} may show it.").format(sites=allowed)


def _title(current: View) -> str:
    return _("{city}: renewal projects on the map").format(city=city_label(current))


def embed_title(current: View) -> Any:
    """Name the map and its filters over an embedded view, with the way to the whole of it; None elsewhere."""
    if not is_embedded(current):
        return None
    whole = current.with_params(embed="").params
    link = html.A(
        _("Open the full view"),
        href=current.link("/map", **{name: value for name, value in whole.items() if name != "city"}),
        target="_blank",
        rel="noopener",
        **{"data-embed": "full"},
    )
    words = [html.H2(_title(current)), synthetic_badge(current), html.Span(_kept(current), className="muted")]
    return html.Div([*words, link], className="map-embed-title")


def _kept(current: View) -> str:
    if not filters_of(current):
        return ""
    names = {row["code"]: named(row) for row in choices(database(), current.city["id"]).districts}
    return "; ".join(filter_words(current.filter, names))
