"""Links to the layers as files 图层导出: of a selection, or of the whole city with the page's filters."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from dash import Output, html

from app.components.callback import callback
from app.components.icons import icon
from app.components.map.address import AREA, COMPARE, HERE, LOOK, TABLE, TIME, VIEW, address_of
from app.components.view import View, view
from app.i18n import gettext as _
from app.i18n import language
from app.services.exports.layers import FILES
from app.terms import worded
from data import codes

OF_THE_VIEW = VIEW | HERE | TABLE | LOOK | TIME | COMPARE


def city_links() -> Any:
    """Lay out where the links to the layers of the whole city stand."""
    return html.Div(id="map-exports")


@callback(Output("map-exports", "children"), address_of("exports"))
def show_city_links(search: str) -> Any:
    """Offer the whole city with the filters of an address."""
    return layer_links(view(search), selected=False)


def layer_links(current: View, *, selected: bool) -> Any:
    """Offer every layer in every format: of the selection, or of the whole city with the page's filters."""
    left_out = OF_THE_VIEW | {"city", "lang"} | (set() if selected else AREA)
    params = {name: value for name, value in current.params.items() if name not in left_out}
    asked = urlencode({"city": current.slug, "lang": language(), **params})
    rows = [_links(layer, worded(known), asked) for layer, known in codes.LAYERS.items()]
    words = _("Export exactly this selection") if selected else _("Export layers")
    table = html.Table(html.Tbody(rows), className="select-table exports")
    return html.Details([html.Summary([icon("download"), words]), table], className="select-group")


def _links(layer: str, name: str, asked: str) -> Any:
    links = [
        html.A(
            kind.removesuffix(".zip"),
            href=f"/export/{layer}.{kind}?{asked}",
            download="",
            **{"aria-label": _("{layer} as {kind}").format(layer=name, kind=kind)},
        )
        for kind in FILES
    ]
    return html.Tr([html.Th(name, scope="row"), html.Td(html.Div(links, className="formats"))])
