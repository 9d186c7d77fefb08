"""Bookmarks 书签: named views of the map, kept in this browser only; each is an address."""

from __future__ import annotations

import json
from typing import Any

from dash import html

from app.components.icons import icon
from app.i18n import gettext as _


def bookmarks_button() -> Any:
    """Lay out the button of the toolbar that opens the bookmarks."""
    label = _("Bookmarks (B)")
    named = {"aria-label": label, "aria-expanded": "false", "aria-controls": "map-bookmarks"}
    return html.Button(
        icon("bookmark"), className="tool", title=label, **{"data-map-tool": "bookmarks", **named}
    )


def bookmarks_box() -> Any:
    """Lay out the list, which the browser fills, and what can be done with it."""
    return html.Div(
        [
            html.H2(_("Bookmarks")),
            html.Div(
                [
                    html.Span(id="bookmark-field"),
                    html.Button(_("Keep this view"), className="button", **{"data-map-tool": "bookmark-add"}),
                ],
                className="bookmark-add",
            ),
            html.Ul(id="bookmark-list", className="bookmarks"),
            html.P(_("No bookmarks yet. Name this view and keep it."), id="bookmark-none", className="how"),
            html.Div(
                [
                    html.Button(_("Export"), className="plain", **{"data-map-tool": "bookmarks-export"}),
                    html.Button(_("Import"), className="plain", **{"data-map-tool": "bookmarks-import"}),
                ],
                className="bookmark-files",
            ),
            html.P(id="bookmark-said", className="how", role="status"),
            html.P(_("Kept in this browser only."), className="how"),
        ],
        id="map-bookmarks",
        className="map-box-over",
        hidden=True,
        **{"data-texts": json.dumps(_texts(), ensure_ascii=False)},
    )


def _texts() -> dict[str, str]:
    return {
        "name": _("Name of the view"),
        "rename": _("Rename"),
        "delete": _("Delete"),
        "full": _("There are too many bookmarks; delete some first."),
        "no_store": _("This browser keeps nothing for this page."),
        "bad_file": _("This file holds no bookmarks."),
        "imported": _("Bookmarks imported: {count}"),
    }
