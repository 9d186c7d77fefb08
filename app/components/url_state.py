"""Controls whose values live in the address: a control writes it, the address sets the control."""

from __future__ import annotations

from collections.abc import Mapping

from dash import ClientsideFunction, Input, Output, State, clientside_callback

PREFIX = "filter-"


def control_id(parameter: str) -> str:
    """Return the id of the control that holds an address parameter."""
    return f"{PREFIX}{parameter}"


def bind(page: str, controls: Mapping[str, str]) -> None:
    """Tie controls to the address both ways, in the browser, without asking the server.

    Parameters
    ----------
    page
        Name of the page; its layout holds ``dcc.Store(id=f"{page}-address")``.
    controls
        The address parameters and the property that holds each one's value, e.g. ``{"q": "value"}``.
    """
    held = [(control_id(name), prop) for name, prop in controls.items()]
    clientside_callback(
        ClientsideFunction("gengxin", "writeAddress"),
        Output(f"{page}-address", "data"),
        *[Input(*pair) for pair in held],
        prevent_initial_call=True,
    )
    clientside_callback(
        ClientsideFunction("gengxin", "readAddress"),
        *[Output(*pair) for pair in held],
        Input("url", "search"),
        *[State(*pair) for pair in held],
        prevent_initial_call=True,
    )
