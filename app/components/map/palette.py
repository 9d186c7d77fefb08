"""The layer palette: every layer of the city in groups, with switch, opacity, order, source and colouring."""

from __future__ import annotations

import json
from typing import Any

import dash_mantine_components as dmc
from dash import ALL, ClientsideFunction, Input, Output, State, clientside_callback, dcc, html

from app import format as write
from app.components import url_state
from app.components.callback import callback
from app.components.icons import icon
from app.components.map import classes
from app.components.map.figure import title_of
from app.components.map.layer_links import city_links
from app.components.map.legend import layer_name
from app.components.map.scene import ORDER, UNIT_LAYER, USUAL, Scene, is_figure, scene_of
from app.components.map.state import opacity
from app.components.map.style import VISIBLE_FROM
from app.components.view import View, database, view
from app.i18n import gettext as _
from app.i18n import language
from app.services.map.choropleth import UNITS, figure_named, supplied
from data import run_figures
from data.errors import N_

GROUPS = {
    N_("Projects"): ("projects", "pending"),
    N_("Plan"): ("zoning", "constraints", "parcels"),
    N_("City"): (
        *("buildings", "facilities", "streets", "greenways", "surfaces", "population", "districts"),
        *run_figures.UNITS,
    ),
    N_("Problems"): ("problems",),
}
LOOKS = {"by": "value", "buildings": "value", "labels": "value"}


def palette() -> Any:
    """Lay out the palette; what the layers hold comes after the page, which need not wait for it."""
    close = html.Button(
        icon("close"),
        className="tool",
        title=_("Close"),
        **{"aria-label": _("Close"), "data-map-tool": "layers"},
    )
    return html.Div(
        [html.Div([html.H2(_("Layers")), close], className="head"), html.Div(id="map-layers-content")],
        id="map-layers",
        className="map-box-over map-layers",
        hidden=True,
        role="region",
        **{
            "aria-label": _("Layers"),
            "data-order": ",".join(ORDER),
            "data-usual": ",".join(USUAL),
            "data-units": json.dumps(UNIT_LAYER),
        },
    )


@callback(Output("map-layers-content", "children"), Input("map-layers", "id"), State("url", "search"))
def show_palette(_box: str, search: str) -> Any:
    """Lay out the layers; the address holds their state: layers, dim, by, unit, figure, labels."""
    scene = scene_of(_looks(view(search)))
    stores = ("map-layers-set", "map-layers-read", "map-figure-set", "map-look-address")
    return [
        *(_group(scene, title, names) for title, names in GROUPS.items()),
        _colouring(scene),
        city_links(),
        html.P(id="map-layers-said", className="unseen", role="status"),
        *(dcc.Store(id=name) for name in stores),
    ]


def _looks(current: View) -> View:
    """Return what the palette shows of an address: a filter that cannot be is told elsewhere."""
    kept = ("layers", "dim", "by", "buildings", "labels", "figure", "unit")
    looks = View(current.city, {name: current.get(name) for name in kept if current.get(name)})
    return looks if is_figure(looks) else looks.with_params(figure="", unit="")


def _group(scene: Scene, title: str, names: tuple[str, ...]) -> Any:
    rows = [_layer(scene, name) for name in names if name not in run_figures.UNITS or scene.supplied(name)]
    return html.Fieldset([html.Legend(_(title)), *rows], className="group")


def _layer(scene: Scene, name: str) -> Any:
    if not scene.supplied(name):
        return html.Div(
            [html.Span(layer_name(name)), html.Span(write.not_supplied(), className="badge")],
            className="layer absent",
        )
    words = layer_name(name)
    switch = dmc.Switch(
        id={"type": "map-layer", "name": name}, label=words, checked=name in scene.shown, size="xs"
    )
    head = html.Div(
        [switch, html.Span(_count(scene, name), className="count"), *_moves(name)], className="row"
    )
    parts = [head, _strength(scene, name), _facts(scene, name)]
    return html.Div(parts, className="layer", **{"data-layer": name, "data-words": words})


def _count(scene: Scene, name: str) -> str:
    if name == "pending":
        return write.count(scene.placed)
    contents = scene.layers[name].contents
    shown = contents.known.get("boundary") if name in {"projects", "districts"} else contents.features
    return write.count(shown)


def _moves(name: str) -> list[Any]:
    return [
        html.Button(
            icon(step),
            className="tool move",
            title=label,
            **{"aria-label": f"{layer_name(name)}: {label}", "data-layer-move": step},
        )
        for step, label in (("up", _("Move up")), ("down", _("Move down")))
    ]


def _strength(scene: Scene, name: str) -> Any:
    label = _("Opacity of {layer}").format(layer=layer_name(name))
    return dmc.Slider(
        id={"type": "map-dim", "name": name},
        value=opacity(scene.current, name),
        min=0,
        max=100,
        step=5,
        size="xs",
        updatemode="drag",
        label=None,
        thumbLabel=label,
    )


def _facts(scene: Scene, name: str) -> Any:
    found = scene.layers.get(name)
    parts: list[Any] = []
    if found is not None and found.source:
        said = f"{write.date(found.date)} · {found.source}"
        parts.append(html.Span(said, className="source-name", title=said))
    since = VISIBLE_FROM.get(name)
    if since:
        parts.append(_zoom_note(since))
    return html.Div(parts, className="facts") if parts else None


def _zoom_note(since: int) -> Any:
    return html.Button(
        _("from zoom {zoom}").format(zoom=since),
        className="plain zoom-note",
        title=_("Zoom in until its features show"),
        **{"data-zoom-to": str(since)},
    )


# -- colouring ------------------------------------------------------------------------------------------


def _colouring(scene: Scene) -> Any:
    projects = scene.layers["projects"].contents.known
    buildings = scene.layers["buildings"].contents.known
    looks = {
        name: words for name, words in classes.PROJECT_LOOKS.items() if name == "status" or projects[name]
    }
    figures_of = {name: words for name, words in classes.BUILDING_FIGURES.items() if buildings[name]}
    controls = [
        _select("by", _("Projects by"), looks, scene.by),
        _select("buildings", _("Buildings by"), figures_of, scene.buildings),
        _figure_select(scene),
        _labels(scene),
    ]
    return html.Fieldset([html.Legend(_("Colours and names")), *controls], className="group looks")


def _select(name: str, label: str, options: dict[str, str], value: str) -> Any:
    return dmc.Select(
        id=url_state.control_id(name),
        data=[{"value": key, "label": _(words)} for key, words in options.items()],
        value=value if value in options else None,
        label=label,
        size="xs",
        allowDeselect=False,
        disabled=not options,
        placeholder=write.not_supplied(),
        comboboxProps={"withinPortal": True},
    )


def _figure_select(scene: Scene) -> Any:
    data = [
        {"group": _(words), "items": items}
        for unit, words in UNITS.items()
        if (items := _figures(scene, unit))
    ]
    return dmc.Select(
        id="map-figure",
        data=data,
        value=_asked(scene),
        label=_("Figure on the map"),
        placeholder=_("none"),
        size="xs",
        clearable=True,
        searchable=True,
        comboboxProps={"withinPortal": True},
    )


def _asked(scene: Scene) -> str | None:
    return f"{scene.figure.unit}:{scene.figure.figure.name}" if scene.figure else None


def _figures(scene: Scene, unit: str) -> list[dict[str, str]]:
    names = supplied(database(), scene.current.city, unit, scene.layers)
    return [{"value": f"{unit}:{name}", "label": title_of(figure_named(unit, name))} for name in names]


def _labels(scene: Scene) -> Any:
    options = [
        {"value": "zh", "label": "中文"},
        {"value": "en", "label": "English"},
        {"value": "off", "label": _("Off")},
    ]
    control = dmc.SegmentedControl(
        id=url_state.control_id("labels"), data=options, value=scene.labels, size="xs", fullWidth=True
    )
    label = _("Names on the map")
    return html.Div(
        [html.Span(label), control], role="group", **{"aria-label": label, "lang": language()[:2]}
    )


url_state.bind("map-look", LOOKS)
clientside_callback(
    ClientsideFunction("map", "layersSet"),
    Output("map-layers-set", "data"),
    Input({"type": "map-layer", "name": ALL}, "checked"),
    Input({"type": "map-dim", "name": ALL}, "value"),
    State({"type": "map-layer", "name": ALL}, "id"),
    prevent_initial_call=True,
)
clientside_callback(
    ClientsideFunction("map", "layersRead"),
    Output("map-layers-read", "data"),
    Input("url", "search"),
    State({"type": "map-layer", "name": ALL}, "id"),
    State({"type": "map-layer", "name": ALL}, "checked"),
    State({"type": "map-dim", "name": ALL}, "value"),
    State("map-figure", "value"),
)
clientside_callback(
    ClientsideFunction("map", "figureSet"),
    Output("map-figure-set", "data"),
    Input("map-figure", "value"),
    prevent_initial_call=True,
)
