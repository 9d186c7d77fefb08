"""Links to the layers as files 图层导出: of a selection, or of the whole city with the page's filters."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from dash import Output, html

from app.components.callback import callback
from app.components.icons import icon
from app.components.map_address import address_of
from app.components.view import View, view
from app.i18n import gettext as _
from app.i18n import language
from app.services.layer_export import FILES
from data import codes
from data.codes import Term

OF_THE_VIEW = frozenset(
    {"v", "sel", "at", "layers", "dim", "by", "figure", "unit", "compare", "3d", "labels", "panel", "draw"}
)


def city_links() -> Any:
    """Lay out where the links to the layers of the whole city stand."""
    return html.Div(id="map-exports")


@callback(Output("map-exports", "children"), address_of("exports"))
def show_city_links(search: str) -> Any:
    """Offer the whole city with the filters of an address."""
    return layer_links(view(search), selected=False)


def layer_links(current: View, *, selected: bool) -> Any:
    """Offer every layer in every format: of the selection, or of the whole city with the page's filters."""
    left_out = OF_THE_VIEW | {"city", "lang"} | (frozenset() if selected else {"area", "inside"})
    params = {name: value for name, value in current.params.items() if name not in left_out}
    asked = urlencode({"city": current.slug, "lang": language(), **params})
    rows = [_links(layer, named, asked) for layer, named in codes.LAYERS.items()]
    words = _("Export exactly this selection") if selected else _("Export layers")
    table = html.Table(html.Tbody(rows), className="select-table exports")
    return html.Details([html.Summary([icon("download"), words]), table], className="select-group")


def _links(layer: str, named: Term, asked: str) -> Any:
    name = named.zh if language() == "zh_CN" else named.en
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
