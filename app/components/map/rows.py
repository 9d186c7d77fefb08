"""What the map's cards and lists are made of: headings, rows of projects, buttons that change the address."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from dash import dcc, html

from app import format as write
from app.components.icons import icon
from app.components.map.state import filters_of, layer_url
from app.components.project.words import local_name, short_status
from app.components.view import View
from app.i18n import gettext as _


def heading(title: Any, said: str = "", href: str = "", link: str = "") -> Any:
    """Lay out a heading, what it is about, and a link to more."""
    more = dcc.Link(link, href=href) if href else None
    return html.Div([html.H2(title), html.Span(said, className="muted"), more], className="map-heading")


def card(title: Any, said: str, children: Sequence[Any], kind: str = "") -> Any:
    """Lay out a card of the panel with a button that closes it."""
    close = sets(icon("close"), {"at": "", "sel": "", "draw": ""}, className="tool", label=_("Close"))
    head = html.Div([html.H2(title), html.Span(said, className="muted"), close], className="map-heading")
    return html.Section([head, *children], className=f"map-card {kind}".strip())


def show_all(count: int) -> str:
    """Say that a link leads to all of a number of projects."""
    return _("Show all {count}").format(count=write.count(count))


def project_rows(current: View, rows: Sequence[Any]) -> Any:
    """List projects, each with a button that shows it on the map."""
    return html.Ul([_row(current, row) for row in rows], className="map-rows")


def _row(current: View, row: Any) -> Any:
    located = row["boundary_status"] != "pending"
    name = local_name(row)
    link = dcc.Link(name, href=project_page(current, row["code"]), className="name")
    facts = [row["code"], short_status(row["boundary_status"])]
    if len(row["district_codes"] or []) > 1:
        facts.append(_("cross-district"))
    amount = write.money(row["amount"])
    return html.Li(
        [
            _show_button(row["code"], name, located),
            html.Div([link, html.Span(" · ".join(facts), className="facts")]),
            html.Span(amount, className="amount" if row["amount"] is not None else "amount faint"),
        ],
        className="located" if located else "",
        **outline(current, row["code"], located),
    )


def outline(current: View, code: str, located: bool) -> dict[str, str]:
    """Return the attribute by which a row that is pointed at shows its boundary on the map."""
    return {"data-outline": layer_url(View(current.city, {}), code=code)} if located else {}


def project_page(current: View, code: str) -> str:
    """Return the address of a project's page, in the filtered list."""
    return current.link(f"/projects/{quote(code, safe='')}", **filters_of(current))


def _show_button(code: str, name: str, located: bool) -> Any:
    title = _("Show on the map") if located else _("Show its district on the map")
    return sets(
        icon("locate"), {"sel": code, "at": ""}, className="show", title=title, label=f"{title}: {name}"
    )


def sets(words: Any, params: dict[str, str], *, label: str = "", **attributes: Any) -> Any:
    """Return a button that changes parameters of the address in the browser, and nothing else of it."""
    named = {"aria-label": label} if label else {}
    return html.Button(words, **{"data-params": json.dumps(params), **named, **attributes})
