"""Why a project left the library 退库原因: said where it is known, asked for where it is not."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, State, html, no_update

from app.components.actor import current_actor
from app.components.callback import callback
from app.components.chips import changed, in_place
from app.components.view import View, database, view
from app.i18n import gettext as _
from app.services.imports.register import set_exit_reason

ASKED = "reason"
LONGEST = 500


def reason_cell(current: View, path: str, code: str, reason: str | None) -> Any:
    """Lay out why a project left, or that no reason is given, with the way to give one."""
    if current.get(ASKED) == code:
        return html.Td(_form(current, path, reason), className="reason")
    words = reason or html.Span(_("reason not given"), className="muted")
    link = in_place(
        _("Change the reason") if reason else _("Give a reason"),
        changed(current, path, **{ASKED: code}),
        className="plain",
        **{"aria-label": _("Give a reason for {code}").format(code=code)},
    )
    return html.Td([words, " ", link], className="reason")


def _form(current: View, path: str, reason: str | None) -> Any:
    return html.Div(
        [
            dmc.TextInput(
                id="exit-reason-text",
                label=_("Why it left"),
                value=reason or "",
                size="xs",
                w=260,
                inputProps={"maxLength": LONGEST},
            ),
            html.Button(_("Save"), id="exit-reason-save", className="button primary"),
            in_place(_("Cancel"), changed(current, path, **{ASKED: ""}), className="plain"),
        ],
        className="reason-form",
        role="group",
        **{"aria-label": _("Give a reason for {code}").format(code=current.get(ASKED))},
    )


@callback(
    Output("url", "search", allow_duplicate=True),
    Input("exit-reason-save", "n_clicks"),
    State("exit-reason-text", "value"),
    State("url", "search"),
    State("url", "pathname"),
    prevent_initial_call=True,
)
def save_reason(clicks: int | None, reason: str | None, search: str, path: str) -> Any:
    """Store the reason and close the form."""
    if not clicks:
        return no_update
    current = view(search)
    set_exit_reason(database(), current.slug, current.get(ASKED), reason or "", actor=current_actor())
    return changed(current, path, **{ASKED: ""}).removeprefix(path)
