"""Corrections to a project: its shares and the reason for which it left. Each is signed with a name."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import html

from app.components.view import View, database
from app.i18n import gettext as _
from app.services.choices import choices
from app.services.projects.project import Dossier
from app.terms import named


def shares_form(current: View, found: Dossier) -> Any:
    """Offer to enter which part of a project counts for which district."""
    present = {row["code"] for row in found.districts}
    others = [
        {"value": row["code"], "label": named(row)}
        for row in choices(database(), current.city["id"]).districts
        if row["code"] not in present
    ]
    rows = [_share_row(named(row), row["code"], row["share"] * 100) for row in found.districts]
    return html.Details(
        [
            html.Summary(_("Enter other shares")),
            html.Div([*rows, _added_row(others)], className="shares"),
            html.Div([_("Sum"), " ", html.Output(id="shares-sum", className="sum")], className="muted"),
            _signed("shares", _("Save shares")),
        ],
        className="form",
    )


def _share_row(name: str, code: str, percent: Any) -> Any:
    return html.Div([html.Span(name), _percent(code, float(percent), name)], className="share-row")


def _added_row(others: list[dict[str, str]]) -> Any:
    choose = dmc.Select(
        id="share-district",
        data=others,
        placeholder=_("Another district"),
        size="xs",
        searchable=True,
        clearable=True,
        **{"aria-label": _("Another district")},
    )
    return html.Div([choose, _percent("", "", _("Share of the other district"))], className="share-row")


def _percent(code: str, value: float | str, name: str) -> Any:
    return dmc.NumberInput(
        id={"type": "share", "district": code},
        value=value,
        min=0,
        max=100,
        decimalScale=8,
        suffix=" %",
        size="xs",
        hideControls=True,
        w=130,
        **{"aria-label": _("Share of {district} in per cent").format(district=name)},
    )


def reason_form(reason: str | None) -> Any:
    """Ask why a project left the library; the answer is never invented."""
    text = dmc.TextInput(
        id="reason",
        value=reason or "",
        size="xs",
        placeholder=_("Why did it leave the library?"),
        **{"aria-label": _("Reason for leaving")},
    )
    return html.Div([text, _signed("reason", _("Save reason"))], className="form reason")


def _signed(form: str, label: str) -> Any:
    name = dmc.TextInput(
        id=f"{form}-by",
        size="xs",
        w=170,
        placeholder=_("Your name, for the history"),
        persistence=True,
        persistence_type="local",
        **{"aria-label": _("Your name, for the history")},
    )
    return html.Div(
        [name, html.Button(label, id=f"{form}-save", className="button primary")], className="signed"
    )
