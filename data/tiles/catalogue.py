"""Which source layers a layer's tiles hold, from which zoom to which, with which properties."""

from __future__ import annotations

from dataclasses import dataclass

from data import run_figures
from data.tiles.grid import DEEPEST

PROJECTS_FROM = 11
ZONES_FROM = 12
BUILDINGS_FROM = 13
FACILITIES_FROM = 12
PARCELS_FROM = 13
SURFACES_FROM = 12
DEEPEST_SOURCE = 16
Fields = dict[str, str]


@dataclass(frozen=True)
class Part:
    """A source layer of a tile: its name, geometry, zooms (both included) and properties with their kind."""

    name: str
    geometry: str
    fields: Fields
    minzoom: int = 0
    maxzoom: int = DEEPEST


@dataclass(frozen=True)
class Layer:
    """A layer of a city and the source layers of its tiles, drawn in this order."""

    name: str
    parts: tuple[Part, ...]
    dated: bool = False
    made_of: str = ""

    @property
    def counted(self) -> str:
        """Under which name ``layer_version`` counts the changes of what its tiles are made of."""
        return self.made_of or self.name

    def at(self, zoom: int) -> tuple[Part, ...]:
        """Return the source layers that a tile of this zoom holds."""
        return tuple(part for part in self.parts if part.minzoom <= zoom <= part.maxzoom)


def _text(*names: str) -> Fields:
    return dict.fromkeys(names, "String")


def _unit(layer: str) -> Fields:
    return _text("code", "name_zh", "name_en") if layer in run_figures.NAMED else _text("code")


def _number(*names: str) -> Fields:
    return dict.fromkeys(names, "Number")


PROJECT = _text("code", "name", "stage", "type", "mode", "status") | _number("year", "progress", "amount")
ALL = (
    Layer(
        "projects",
        (
            Part("projects", "polygon", PROJECT, minzoom=PROJECTS_FROM),
            Part("project_bubbles", "point", PROJECT | _number("count")),
        ),
    ),
    Layer("districts", (Part("districts", "polygon", _text("code", "name_zh", "name_en", "kind")),)),
    Layer(
        "zoning",
        (
            Part("zoning_cells", "polygon", _text("land_use"), maxzoom=ZONES_FROM - 1),
            Part(
                "zoning",
                "polygon",
                _text("land_use", "code") | _number("far", "coverage", "height", "green"),
                minzoom=ZONES_FROM,
            ),
        ),
        dated=True,
    ),
    Layer("constraints", (Part("constraints", "polygon", _text("kind", "name")),), dated=True),
    Layer("parcels", (Part("parcels", "polygon", _text("code", "land_use"), minzoom=PARCELS_FROM),)),
    Layer(
        "buildings",
        (
            Part("building_cells", "polygon", _number("count", "floor_area"), maxzoom=BUILDINGS_FROM - 1),
            Part(
                "buildings",
                "polygon",
                _number("height", "floors", "year") | _text("use", "hazard", "disposition"),
                minzoom=BUILDINGS_FROM,
            ),
        ),
    ),
    Layer(
        "facilities",
        (
            Part("facility_areas", "polygon", _text("category", "name")),
            Part("facilities", "point", _text("category", "name") | _number("count")),
        ),
    ),
    Layer("streets", (Part("streets", "line", _text("class", "name")),)),
    Layer("greenways", (Part("greenways", "line", _text("class", "name")),)),
    Layer("surfaces", (Part("surfaces", "polygon", _text("kind", "name"), minzoom=SURFACES_FROM),)),
    Layer("population", (Part("population", "polygon", _number("population", "households", "density")),)),
    *(
        Layer(layer, (Part(layer, "polygon", _unit(layer)),), made_of="indicators")
        for layer in run_figures.UNITS
    ),
    Layer(
        "problems",
        (
            Part("problem_areas", "polygon", _text("code", "title", "dimension", "severity")),
            Part("problems", "point", _text("code", "title", "dimension", "severity")),
        ),
    ),
)
LAYERS = {layer.name: layer for layer in ALL}
