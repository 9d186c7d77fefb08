"""One file per page of the dashboard; the router below shows the one that the address names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import Input, Output, State, html

from app.components.callback import callback
from app.components.shell import empty_state, footer, header, heading
from app.components.view import View, view
from app.i18n import gettext as _
from app.pages import indicators, investment, notices, overview, pipeline, project, projects
from app.pages import map as map_page

LAYOUTS: dict[str, Callable[[View], Any]] = {
    "/": overview.layout,
    "/map": map_page.layout,
    "/pipeline": pipeline.layout,
    "/investment": investment.layout,
    "/indicators": indicators.layout,
    "/projects": projects.layout,
    "/notices": notices.layout,
}


def lost(current: View) -> Any:
    """Say that an address leads nowhere."""
    home = html.A(_("Go to the overview"), href=current.link("/"))
    return [heading(_("Not found")), empty_state(_("There is no page at this address."), home)]


@callback(
    Output("main", "children"),
    Output("header", "children"),
    Output("footer", "children"),
    Input("url", "pathname"),
    State("url", "search"),
)
def show_page(path: str, search: str) -> tuple[Any, Any, Any]:
    """Show the page at an address, and the frame that goes with it."""
    current = view(search)
    if path.startswith("/projects/"):
        content = project.layout(current, path.removeprefix("/projects/"))
    else:
        content = LAYOUTS.get(path.rstrip("/") or "/", lost)(current)
    return content, header(current, path), footer(current)
