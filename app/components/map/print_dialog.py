"""The print dialog of the map 打印: paper, scale, parts of the sheet, a preview, and PNG, PDF or printer."""

from __future__ import annotations

import json
from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Input, Output, clientside_callback, dcc, html

from app.components.callback import callback
from app.components.icons import icon
from app.components.map.basemap import attributions, ground_style
from app.components.map.compare import second_view
from app.components.map.legend import legend
from app.components.map.scene import Scene, scene_of
from app.components.map.style import map_style
from app.components.view import View, database, view
from app.i18n import gettext as _
from app.reader import use_theme
from app.services.map.print_sheet import print_sheet
from app.services.map.prints import PAPERS
from app.settings import settings
from data.errors import N_

PAPER_NAMES = {
    "a4-landscape": N_("A4, landscape"),
    "a4-portrait": N_("A4, portrait"),
    "a3-landscape": N_("A3, landscape"),
    "a3-portrait": N_("A3, portrait"),
}
SCALES = (1_000, 2_000, 5_000, 10_000, 25_000, 50_000, 100_000, 200_000)
PARTS = {
    "legend": N_("Legend"),
    "scale": N_("Scale bar"),
    "north": N_("North arrow"),
    "date": N_("Date"),
    "source": N_("Sources"),
    "filters": N_("Filters"),
    "districts": N_("Table of districts"),
    "project": N_("The chosen project"),
}
OFF_AT_FIRST = {"districts"}
WORDS = {
    "scale": N_("{ratio} on this paper, in the middle of the map"),
    "source": N_("Source: {sources}"),
    "drawing": N_("Drawing the map …"),
    "drawn": N_("{width} × {height} dots, 200 dpi"),
    "failed": N_("The sheet could not be made: {reason}"),
    "no_map": N_("This browser draws no map, so there is none to print; the tables print with the page."),
}


def print_dialog(current: View) -> Any:
    """Lay out the dialog; the browser fills and opens it."""
    return html.Dialog(
        [
            _options(current),
            html.Div(_preview(), className="print-sheet"),
            *[dcc.Store(id=name) for name in ("print-asked", "print-made", "print-filled")],
            html.Div(id="print-legend", className="map-legend", **{"aria-hidden": "true"}),
        ],
        id="map-print",
        className="print-dialog",
        **{
            "aria-labelledby": "map-print-heading",
            "data-city": current.slug,
            "data-papers": json.dumps(_papers()),
            "data-words": json.dumps({name: _(text) for name, text in WORDS.items()}, ensure_ascii=False),
        },
    )


@callback(
    Output("print-made", "data"),
    Output("print-legend", "children"),
    Input("print-asked", "data"),
    prevent_initial_call=True,
)
def make_sheet(asked: dict[str, Any]) -> Any:
    """Say how the maps of an address are drawn on paper, light for every reader, and what stands there."""
    use_theme("light")
    current = view(asked["search"])
    second = second_view(current)
    scenes = [scene_of(one) for one in ([current, second] if second else [current])]
    shown = {"layers": ",".join(scenes[0].shown)}
    facts = print_sheet(database(), current.city, {**current.params, **shown})
    credit = " · ".join(part for part in (*attributions(settings()), current.attribution) if part)
    made = {
        "turn": asked["turn"],
        "facts": facts | {"credit": credit},
        "ground": ground_style(),
        "styles": [map_style(scene) for scene in scenes],
    }
    return made, _legends(scenes)


def _legends(scenes: list[Scene]) -> list[Any]:
    """Return the legends of the maps; what two of them share stands once."""
    parts = [part for scene in scenes for part in legend(scene)]
    return list({repr(part): part for part in parts}.values())


def _papers() -> dict[str, Any]:
    return {
        name: {"width": paper.width, "height": paper.height, "dots": paper.pixels}
        for name, paper in PAPERS.items()
    }


def _options(current: View) -> Any:
    papers = [(name, _(label)) for name, label in PAPER_NAMES.items()]
    ratios = [("", _("as on the screen")), *[(str(number), f"1:{number:,}") for number in SCALES]]
    parts = [
        dmc.Checkbox(id=f"print-with-{name}", label=_(label), checked=name not in OFF_AT_FIRST, size="xs")
        for name, label in PARTS.items()
    ]
    return html.Div(
        [
            html.H2(_("Print the map"), id="map-print-heading"),
            dmc.TextInput(id="print-title", label=_("Title"), size="xs"),
            _choice("print-paper", _("Paper"), papers),
            _choice("print-scale", _("Scale"), ratios),
            html.Div(
                parts, className="print-parts", role="group", **{"aria-label": _("What stands on the sheet")}
            ),
            _synthetic_note(current),
            html.Div(_buttons(), className="print-buttons"),
        ],
        className="print-options",
    )


def _choice(name: str, label: str, offered: list[tuple[str, str]]) -> Any:
    options = [html.Option(words, value=value) for value, words in offered]
    return html.Label([html.Span(label), html.Select(options, id=name)], className="print-choice")


def _synthetic_note(current: View) -> Any:
    if not current.city["synthetic"]:
        return None
    return html.P(_("The mark of synthetic data stands on every sheet."), className="muted")


def _buttons() -> list[Any]:
    kinds = (("png", "download", "PNG"), ("pdf", "download", "PDF"), ("paper", "print", _("Print")))
    return [
        *[
            html.Button([icon(picture), words], className="button", disabled=True, **{"data-print": kind})
            for kind, picture, words in kinds
        ],
        html.Button(_("Close"), className="button", **{"data-print": "close"}),
    ]


def _preview() -> list[Any]:
    return [
        html.Div(id="print-preview", role="img", **{"aria-label": _("Preview of the sheet")}),
        html.Div(id="print-status", className="muted", role="status"),
    ]


clientside_callback(
    ClientsideFunction("mapPrint", "made"), Output("print-filled", "data"), Input("print-made", "data")
)
