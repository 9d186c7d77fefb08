"""What a map shows for an address: the city's layers, the classes of its projects, and a figure."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from app.components.map import classes
from app.components.map.classes import Classing
from app.components.map.state import visible
from app.components.map.walk import is_walking, walk_of
from app.components.view import View, database
from app.i18n import language
from app.services.map import choropleth as figures
from app.services.map import view as service
from app.services.map.catalogue import Layer, catalogue
from app.services.map.choropleth import Asked, Choropleth
from app.services.map.view import Chosen
from app.services.map.walking import Walk
from data import run_figures

ORDER = (
    *("districts", *run_figures.UNITS, "population", "surfaces", "zoning", "parcels", "buildings", "streets"),
    *("greenways", "constraints", "facilities", "projects", "pending", "problems"),
)
"""The layers in the usual order, bottom first."""
USUAL = ("districts", "streets", "projects", "pending")
UNIT_LAYER = {"district": "districts", "zone": "zoning", "project": "projects", **run_figures.LAYERS}


@dataclass(frozen=True)
class Scene:
    """What style and legend are made of: the address, the city's layers, the classes of projects, a figure.

    ``placed`` counts the projects without boundary of which a district is on the map, each once.
    """

    current: View
    layers: dict[str, Layer]
    districts: pd.DataFrame
    projects: Classing
    buildings: str
    figure: Choropleth | None = None
    chosen: Chosen | None = None
    placed: int = 0
    by: str = "status"
    walk: Walk | None = None

    @property
    def labels(self) -> str:
        """Language of the names on the map: ``zh``, ``en`` or ``off``."""
        asked = self.current.get("labels")
        return asked if asked in {"zh", "en", "off"} else ("zh" if language() == "zh_CN" else "en")

    @property
    def shown(self) -> list[str]:
        """The layers that the address shows, bottom first."""
        known = [name for name in ORDER if self.supplied(name)]
        return visible(self.current, known, [name for name in USUAL if name in known])

    @property
    def unheard_of(self) -> list[str]:
        """The layers that the address names and that there are not, each once."""
        asked = dict.fromkeys(self.current.get("layers").split(","))
        return [name for name in asked if name and name not in ORDER]

    @property
    def switched_off(self) -> str:
        """The layer that the figure colours, where the address does not show it; else ''."""
        layer = UNIT_LAYER[self.figure.unit] if self.figure else ""
        return "" if layer in self.shown else layer

    def supplied(self, name: str) -> bool:
        """Whether the city has something to show in a layer."""
        if name != "pending":
            return self.layers[name].supplied
        return bool((self.districts["pending"] > 0).any())

    def painted(self, layer: str) -> bool:
        """Whether a figure colours this layer."""
        return self.figure is not None and UNIT_LAYER[self.figure.unit] == layer


def scene_of(current: View) -> Scene:
    """Read what a map shows for an address.

    Raises
    ------
    InvalidInput
        The address asks for a filter that there is not. A figure that there is not is left out.
    """
    base, city = database(), current.city
    layers = catalogue(base, city)
    by = projects_by(current, layers)
    counts = service.projects_by_class(base, city, current.filter, by)
    asked = asked_figure(current) if is_figure(current) else None
    figure = figures.choropleth(base, city, current.filter, asked, layers) if asked else None
    return Scene(
        current,
        layers,
        service.places(base, city, current.filter),
        classes.projects(by, counts),
        buildings_by(current, layers),
        figure,
        service.chosen(base, city, current.get("sel")),
        service.placed(base, city, current.filter),
        by,
        walk_of(current) if is_walking(current) else None,
    )


def asked_figure(current: View) -> Asked | None:
    """Return the figure that an address asks for."""
    return Asked(current.get("unit") or "district", current.get("figure")) if current.get("figure") else None


def is_figure(current: View) -> bool:
    """Whether the figure that an address asks for is one of its kind of unit."""
    asked = asked_figure(current)
    if asked is None or asked.unit not in figures.UNITS:
        return False
    return asked.figure in figures.figures(asked.unit) or figures.is_stored(asked.figure)


def projects_by(current: View, layers: dict[str, Layer]) -> str:
    """Return what colours the projects: as asked, else stage where it is known, else boundary status."""
    asked = current.get("by")
    if asked in classes.PROJECT_LOOKS:
        return asked
    return "stage" if layers["projects"].contents.known["stage"] else "status"


def buildings_by(current: View, layers: dict[str, Layer]) -> str:
    """Return what colours the buildings: as asked, else the first property that is known."""
    asked, known = current.get("buildings"), layers["buildings"].contents.known
    if asked in classes.BUILDING_FIGURES:
        return asked
    return next((name for name in classes.BUILDING_FIGURES if known[name]), "use")
