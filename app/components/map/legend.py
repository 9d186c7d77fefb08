"""The legend of the map: every layer that shows, in the classes of its style."""

from __future__ import annotations

from typing import Any

from dash import html

from app import format as write
from app.components.indicators.words import run_name
from app.components.map import classes
from app.components.map.classes import Classing, Swatch
from app.components.map.figure import figure_classing
from app.components.map.scene import Scene
from app.components.map.style import population_classing
from app.components.map.walk import walk_classing
from app.i18n import gettext as _
from app.terms import joined, localised, term
from data import codes
from data.errors import N_
from data.run_figures import LAYERS, UNITS
from data.tiles.catalogue import BUILDINGS_FROM

SHAPES = {
    "districts": "box", "zoning": "box", "parcels": "outline", "buildings": "box", "streets": "rule",
    "constraints": "outline", "facilities": "dot", "projects": "box", "problems": "dot", "population": "box",
    "greenways": "rule", "surfaces": "box", "walk": "box", **dict.fromkeys(UNITS, "box"),
}  # fmt: skip
MOST_REFUSED = 3
NOT_COMPUTED = N_("Nothing has been computed for these units yet; the page Indicators computes it.")
RUN_LAYERS = {
    "cells": N_("Cells of the indicators"),
    "hexagons": N_("Hexagons of the indicators"),
    "renewal_units": N_("Renewal units with indicators"),
}


def layer_name(name: str) -> str:
    """Return what a layer is called."""
    if name == "pending":
        return _("Without boundary, by district")
    if name in RUN_LAYERS:
        return _(RUN_LAYERS[name])
    return str(term(codes.LAYERS, name))


def legend(scene: Scene) -> list[Any]:
    """Say what the colours and marks mean, the figure first, then the top layer, and what is not shown."""
    painted = [name for name in scene.shown if scene.painted(name)]
    others = [name for name in reversed(scene.shown) if name not in painted]
    sections = [section for name in (*painted, *others) for section in _section(scene, name)]
    return [*_refused(scene), *_walk(scene), *sections, *_absent(scene)]


def _walk(scene: Scene) -> list[Any]:
    if scene.walk is None or not scene.walk.known:
        return []
    found = walk_classing(scene.walk)
    return [_classes("walk", found, found.title)]


def _refused(scene: Scene) -> list[Any]:
    """Say what the address asks for and the map cannot show."""
    unknown = _("There is no layer «{layer}»; choose one under Layers.")
    said = [unknown.format(layer=name[:40]) for name in scene.unheard_of[:MOST_REFUSED]]
    return [html.Div(words, className="how", role="status") for words in [*said, _undrawn(scene)] if words]


def _undrawn(scene: Scene) -> str:
    """Say why a figure that is asked for is not drawn; '' where it is."""
    asked = scene.current.get("figure")
    if asked and scene.figure is None:
        return _("There is no figure «{figure}»; choose one under Layers.").format(figure=asked[:40])
    if scene.figure and scene.figure.unit in LAYERS and not scene.supplied(LAYERS[scene.figure.unit]):
        return _(NOT_COMPUTED)
    off = _("The figure colours the layer «{layer}», which is off; switch it on under Layers.")
    return off.format(layer=layer_name(scene.switched_off)) if scene.switched_off else ""


def _section(scene: Scene, name: str) -> list[Any]:
    if scene.painted(name):
        return [_classes(name, figure_classing(scene), _figure_title(scene)), *_computed(scene)]
    if name == "pending":
        return [_pending(scene)]
    found = _classing(scene, name)
    if found is None:
        return []
    return [_classes(name, *found)]


def _classing(scene: Scene, name: str) -> tuple[Classing, str] | None:
    used = scene.layers[name].contents.codes
    if name == "projects":
        title = f"{layer_name(name)} · {_(classes.PROJECT_LOOKS[scene.by])}"
        return scene.projects, f"{title}{_unit(scene.projects)}"
    if name == "buildings":
        title = f"{layer_name(name)} · {_(classes.BUILDING_FIGURES[scene.buildings])}"
        return classes.buildings(scene.buildings), title
    if name == "facilities":
        return Classing("", classes.facility_groups(used), classes.not_supplied(0)), layer_name(name)
    if name == "population":
        found = population_classing()
        return found, f"{layer_name(name)} · {found.unit}"
    if name in {"districts", "parcels", *UNITS}:
        return None
    made = {
        "zoning": classes.zoning,
        "constraints": classes.constraints,
        "streets": classes.streets,
        "greenways": classes.greenways,
        "surfaces": classes.surfaces,
        "problems": classes.problems,
    }[name]
    return made(used), layer_name(name)


def _computed(scene: Scene) -> list[Any]:
    """Say of which run a stored indicator is, and at which walking speed if not the usual."""
    run = scene.figure.run if scene.figure else None
    if run is None:
        return []
    words = _("Computed on {run}").format(run=run_name(run))
    return [html.Div(words, className="how")]


def _unit(found: Classing) -> str:
    return f", {found.unit}" if found.unit else ""


def _figure_title(scene: Scene) -> str:
    found = figure_classing(scene)
    return f"{found.title}{_unit(found)}"


def _classes(name: str, found: Classing, title: str) -> Any:
    shape = SHAPES[name]
    swatches = [swatch for swatch in found.swatches if swatch.count != 0 or name == "projects"]
    rows = [_row(swatch, shape) for swatch in swatches]
    if found.unknown.count or (found.unknown.count is None and found.stepped):
        rows.append(_row(found.unknown, shape))
    if name == "buildings":
        words = _("Below zoom {zoom}, the darker the square the more buildings.").format(zoom=BUILDINGS_FROM)
        rows.append(html.Div(words, className="how"))
    return html.Details([html.Summary(title, className="title"), *rows], className="section", open=True)


def _row(swatch: Swatch, shape: str) -> Any:
    count = html.Span(write.count(swatch.count), className="count") if swatch.count is not None else None
    look = {"--tint": swatch.colour, "background": swatch.colour, "borderColor": swatch.colour}
    if shape == "rule":
        look["--wide"] = f"{classes.line_width(swatch.key):g}px"
    return html.Div(
        [html.Span(className=f"swatch {shape}", style=look), html.Span(swatch.label), count],
        className="class",
    )


def _pending(scene: Scene) -> Any:
    words = _("{count} projects without boundary, shown at their district").format(count=scene.placed)
    return html.Div(
        [
            html.Div([html.Span(className="swatch bubble"), html.Span(words)], className="class"),
            html.Div(_("A bubble counts every project that touches its district."), className="how"),
        ],
        className="section",
    )


def _absent(scene: Scene) -> list[Any]:
    zones = scene.districts[scene.districts["lon"].isna() & (scene.districts["projects"] > 0)]
    if zones.empty:
        return []
    listed = joined(
        f"{name} {count}" for name, count in zip(zones[localised("name")], zones["projects"], strict=True)
    )
    words = _("Not on the map, listed in the panel: {zones}").format(zones=listed)
    return [html.Div(words, className="how")]
