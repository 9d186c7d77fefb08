"""The style of the map for an address: sources and layers as MapLibre styles.

The browser switches, orders and dims the groups by the address (assets/map_style.js), so that only what the
server knows has to be asked for: classes, figures, versions.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

from app.components.map import classes
from app.components.map.classes import Classing
from app.components.map.figure import figure_classing, figure_states
from app.components.map.marks import chosen, clicked_place
from app.components.map.scene import ORDER, USUAL, Scene
from app.components.map.sources import Style, sources
from app.components.map.tips import tips
from app.components.map.walk import walk_layers
from app.components.palette import GROUND, INK, MUTED, PRIMARY, colour
from app.i18n import gettext as _
from data.run_figures import UNITS
from data.tiles.catalogue import (
    BUILDINGS_FROM,
    FACILITIES_FROM,
    PARCELS_FROM,
    PROJECTS_FROM,
    SURFACES_FROM,
    ZONES_FROM,
)

FONT = ["system-ui", "Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei"]
NAMES_FROM = 14


def map_style(scene: Scene) -> Style:
    """Return the sources, the groups of layers bottom first, and the figures that tiles do not hold."""
    groups = [{"layer": name, "style": GROUPS[name](scene)} for name in ORDER if scene.supplied(name)]
    return {
        "sources": sources(scene),
        "groups": groups,
        "shown": [name for name in USUAL if scene.supplied(name)],
        "between": walk_layers(scene.walk),
        "over": [*chosen(scene), *clicked_place(scene)],
        "states": figure_states(scene),
        "tips": tips(scene),
    }


# -- layers ---------------------------------------------------------------------------------------------


def _layer(kind: str, name: str, source: str, part: str, paint: Style, **more: Any) -> Style:
    """Return a layer of the style; the opacities that stand in its paint are dimmed in the browser."""
    strength = f"{'icon' if kind == 'symbol' else kind}-opacity"
    fading = ["text-opacity"] if kind == "symbol" else [strength]
    if kind == "circle":
        fading.append("circle-stroke-opacity")
    metadata = {"opacity": fading, "above": kind == "symbol"}
    made = {"id": name, "type": kind, "source": source, "paint": paint, "metadata": metadata}
    return made | ({"source-layer": part} if part else {}) | more


def _fill(part: str, source: str, tint: Any, strength: float, **more: Any) -> Style:
    paint = {"fill-color": tint, "fill-opacity": strength}
    return _layer("fill", f"{part}-fill", source, part, paint, **more)


def _line(part: str, source: str, tint: Any, width: Any, **more: Any) -> Style:
    paint = {"line-color": tint, "line-width": width, "line-opacity": 1}
    return _layer("line", f"{part}-line", source, part, paint, layout={"line-join": "round"}, **more)


def _text(name: str, source: str, part: str, field: Any, **more: Any) -> Style:
    layout = {
        "text-field": field,
        "text-font": FONT,
        "text-size": 12,
        "text-max-width": 9,
        "text-padding": 3,
        **more.pop("layout", {}),
    }
    paint = {
        "text-color": colour(INK),
        "text-halo-color": colour(GROUND),
        "text-halo-width": 1.4,
        "text-opacity": 1,
        **more.pop("paint", {}),
    }
    return _layer("symbol", name, source, part, paint, layout=layout, **more)


def _districts(scene: Scene) -> list[Style]:
    fill = _fill("districts", "districts", colour(MUTED), 0.08)
    if scene.painted("districts"):
        fill = _fill("districts", "districts", figure_classing(scene).expression(), 0.78)
    line = _line(
        "districts", "districts", colour(MUTED), ["interpolate", ["linear"], ["zoom"], 8, 0.9, 14, 1.8]
    )
    names = _text(
        "district-names",
        "places",
        "",
        ["get", "name"],
        layout={
            "text-offset": ["array", "number", 2, ["get", "offset"]],
            "text-size": 12.5,
            "text-allow-overlap": True,
        },
        maxzoom=14.5,
    )
    return [fill, line] + ([] if scene.labels == "off" else [names])


def _cells(layer: str, scene: Scene) -> list[Style]:
    """Units of a run are nothing but what a figure says of them."""
    if not scene.painted(layer):
        return []
    tint = figure_classing(scene).expression()
    return [_fill(layer, layer, tint, 0.7), _line(layer, layer, colour(GROUND), 0.3)]


def _zoning(scene: Scene) -> list[Style]:
    used = scene.layers["zoning"].contents.codes
    uses = classes.zoning(used).expression()
    tint = figure_classing(scene).expression() if scene.painted("zoning") else uses
    return [
        _fill("zoning_cells", "zoning", uses, 0.5),
        _fill("zoning", "zoning", tint, 0.62),
        _line("zoning", "zoning", colour(GROUND), 0.6),
    ]


def _constraints(scene: Scene) -> list[Style]:
    tint = classes.constraints(scene.layers["constraints"].contents.codes).expression()
    line = _line("constraints", "constraints", tint, 1.8)
    line["paint"]["line-dasharray"] = [4, 2]
    name = _text(
        "constraint-names",
        "constraints",
        "constraints",
        ["get", "name"],
        filter=["!=", ["get", "kind"], "road_line"],
        paint={"text-color": tint},
        layout={"text-size": 11},
        minzoom=14,
    )
    return [_fill("constraints", "constraints", tint, 0.1), line, *_named(scene, name)]


def _named(scene: Scene, layer: Style) -> list[Style]:
    return [] if scene.labels == "off" else [layer]


def _parcels(_scene: Scene) -> list[Style]:
    return [_line("parcels", "parcels", colour(MUTED), 0.7)]


def _population(_scene: Scene) -> list[Style]:
    return [_fill("population", "population", population_classing().expression(), 0.6)]


def population_classing() -> Classing:
    """Return the classes of residents per km²."""
    edges = (1_000, 5_000, 10_000, 20_000, 40_000)
    names = [f"< {edges[0]:,}", *(f"{a:,} – {b:,}" for a, b in pairwise(edges)),
             f"≥ {edges[-1]:,}"]  # fmt: skip
    return classes.stepped(["get", "density"], edges, names.__getitem__, _("residents / km²"))


def _buildings(scene: Scene) -> list[Style]:
    tint = classes.buildings(scene.buildings).expression()
    density = ["interpolate", ["linear"], ["get", "count"], 0, 0.1, 40, 0.75]
    cells = _fill("building_cells", "buildings", colour(MUTED), 1)
    cells["paint"]["fill-opacity"] = density
    if scene.current.get("3d") != "1":
        edge = _line("buildings", "buildings", colour(GROUND), 0.5, minzoom=15)
        return [cells, _fill("buildings", "buildings", tint, 0.85), edge]
    paint = {
        "fill-extrusion-color": tint,
        "fill-extrusion-height": ["coalesce", ["get", "height"], 0],
        "fill-extrusion-opacity": 0.9,
        "fill-extrusion-vertical-gradient": True,
    }
    return [cells, _layer("fill-extrusion", "buildings-3d", "buildings", "buildings", paint)]


def _streets(scene: Scene) -> list[Style]:
    grown = _grown(classes.STREETS, thickest=6)
    line = _line("streets", "streets", classes.streets(None).expression(), grown)
    line["layout"]["line-cap"] = "round"
    name = _along("street-names", "streets", "streets", colour(MUTED), minzoom=14)
    return [line, *_named(scene, name)]


def _grown(looks: classes.Looks, thickest: float, more: float = 0) -> Any:
    """Return the width of lines by class, growing with the zoom up to ``thickest`` times."""
    widths = [part for code, (_tint, wide) in looks.items() for part in (code, wide + more)]
    width = ["match", ["to-string", ["get", "class"]], *widths, 0.8 + more]
    steps = [9, ["*", width, 0.5], 13, width, 18, ["*", width, thickest]]
    return ["interpolate", ["exponential", 1.5], ["zoom"], *steps]


def _along(name: str, source: str, part: str, tint: Any, **more: Any) -> Style:
    """Return names that run along lines."""
    layout = {"symbol-placement": "line", "text-size": 11, "symbol-spacing": 320}
    return _text(name, source, part, ["get", "name"], layout=layout, paint={"text-color": tint}, **more)


def _greenways(scene: Scene) -> list[Style]:
    """Greenways on a seam of the ground's colour, so that they can be told from streets and parks."""
    tint = classes.greenways(scene.layers["greenways"].contents.codes).expression()
    seam = _line("greenways", "greenways", colour(GROUND), _grown(classes.GREENWAYS, thickest=3, more=1.6))
    seam["id"] = "greenways-seam"
    line = _line("greenways", "greenways", tint, _grown(classes.GREENWAYS, thickest=3))
    for one in (seam, line):
        one["layout"]["line-cap"] = "round"
    return [seam, line, *_named(scene, _along("greenway-names", "greenways", "greenways", tint, minzoom=13))]


def _surfaces(scene: Scene) -> list[Style]:
    tint = classes.surfaces(scene.layers["surfaces"].contents.codes).expression()
    return [_fill("surfaces", "surfaces", tint, 0.6)]


def _facilities(scene: Scene) -> list[Style]:
    pairs = [part for pair in classes.facility_colours().items() for part in pair]
    tint = ["match", ["to-string", ["get", "category"]], *pairs, classes.unknown_colour()]
    many = ["coalesce", ["get", "count"], 1]
    grown = ["sqrt", many]
    radius = [
        "interpolate",
        ["linear"],
        ["zoom"],
        10,
        ["*", 1.6, grown],
        13,
        ["*", 2.4, grown],
        16,
        ["*", 4.5, grown],
    ]
    paint = {
        "circle-color": tint,
        "circle-radius": radius,
        "circle-stroke-color": colour(GROUND),
        "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 11, 0.3, 14, 1],
        "circle-opacity": 0.95,
        "circle-stroke-opacity": 1,
    }
    parks = _text(
        "park-names",
        "facilities",
        "facility_areas",
        ["get", "name"],
        layout={"text-size": 11},
        paint={"text-color": classes.facility_colours()["park"]},
        minzoom=13,
    )
    return [
        _fill("facility_areas", "facilities", tint, 0.35),
        _layer("circle", "facilities-point", "facilities", "facilities", paint),
        *_named(scene, parks),
    ]


def _projects(scene: Scene) -> list[Style]:
    tint = (figure_classing(scene) if scene.painted("projects") else scene.projects).expression()
    drafted = ["==", ["get", "status"], "drafted"]
    width = ["interpolate", ["linear"], ["zoom"], 10, 1, 15, 2.2]
    dashed = _line("projects", "projects", tint, width, filter=drafted)
    dashed["id"], dashed["paint"]["line-dasharray"] = "projects-drafted", [3, 1.4]
    whole = _line("projects", "projects", tint, width, filter=["!", drafted])
    name = ["coalesce", ["get", "name"], ["get", "code"]] if scene.labels == "zh" else ["get", "code"]
    names = _text(
        "project-names", "projects", "projects", name, layout={"text-size": 11.5}, minzoom=NAMES_FROM
    )
    strength = 0.12 if scene.painted("districts") else 0.5
    return [
        _fill("projects", "projects", tint, strength),
        whole,
        dashed,
        *_bubbles(tint),
        *_named(scene, names),
    ]


def _bubbles(tint: Any) -> list[Style]:
    """Clusters below the zoom of boundaries; a cluster of one has the colour of its project."""
    single = ["==", ["get", "count"], 1]
    paint = {
        "circle-color": ["case", single, tint, colour(PRIMARY)],
        "circle-radius": [
            "case",
            single,
            5,
            ["interpolate", ["linear"], ["sqrt", ["get", "count"]], 1.4, 9, 12, 24],
        ],
        "circle-stroke-color": colour(GROUND),
        "circle-stroke-width": 1.3,
        "circle-opacity": 0.92,
        "circle-stroke-opacity": 1,
    }
    counts = _text(
        "project-counts",
        "projects",
        "project_bubbles",
        ["to-string", ["get", "count"]],
        filter=[">", ["get", "count"], 1],
        layout={"text-allow-overlap": True, "text-size": 11.5},
        paint={"text-color": "#ffffff", "text-halo-width": 0},
    )
    return [_layer("circle", "project-bubbles", "projects", "project_bubbles", paint), counts]


def _pending(_scene: Scene) -> list[Style]:
    there = [">", ["get", "pending"], 0]
    paint = {
        "circle-color": colour(INK),
        "circle-radius": ["get", "radius"],
        "circle-opacity": 0.8,
        "circle-stroke-color": colour(GROUND),
        "circle-stroke-width": 1.5,
        "circle-stroke-opacity": 1,
    }
    counts = _text(
        "pending-counts",
        "places",
        "",
        ["to-string", ["get", "pending"]],
        filter=there,
        layout={"text-allow-overlap": True, "text-ignore-placement": True},
        paint={"text-color": colour(GROUND), "text-halo-width": 0},
    )
    return [_layer("circle", "pending", "places", "", paint, filter=there), counts]


def _problems(scene: Scene) -> list[Style]:
    tint = classes.problems(scene.layers["problems"].contents.codes).expression()
    paint = {
        "circle-color": tint,
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 9, 3, 15, 6],
        "circle-stroke-color": colour(INK),
        "circle-stroke-width": 1,
        "circle-opacity": 0.95,
        "circle-stroke-opacity": 1,
    }
    edge = _line("problem_areas", "problems", tint, 1.6)
    edge["paint"]["line-dasharray"] = [1.5, 1.5]
    return [
        _fill("problem_areas", "problems", tint, 0.18),
        edge,
        _layer("circle", "problems-point", "problems", "problems", paint),
    ]


GROUPS: dict[str, Callable[[Scene], list[Style]]] = {
    "districts": _districts,
    **{layer: partial(_cells, layer) for layer in UNITS},
    "population": _population,
    "surfaces": _surfaces,
    "zoning": _zoning,
    "parcels": _parcels,
    "buildings": _buildings,
    "streets": _streets,
    "greenways": _greenways,
    "constraints": _constraints,
    "facilities": _facilities,
    "projects": _projects,
    "pending": _pending,
    "problems": _problems,
}
"""How each layer is drawn."""
VISIBLE_FROM = {
    "buildings": BUILDINGS_FROM, "zoning": ZONES_FROM, "projects": PROJECTS_FROM,
    "facilities": FACILITIES_FROM, "parcels": PARCELS_FROM, "surfaces": SURFACES_FROM,
}  # fmt: skip
"""Zoom from which a layer shows its features; below it shows cells or bubbles, parcels nothing."""
