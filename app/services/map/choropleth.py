"""Choropleth figures 分级设色 of districts, zones and projects: which there are, their values and classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import pandas as pd
from sqlalchemy import RowMapping

from app.services.indicators import figures as run_figures
from app.services.map.catalogue import Layer
from data import choropleth as stored
from data import codes, map_catalogue
from data.errors import N_, InvalidInput
from data.projects import YI, ProjectFilter
from data.run_figures import LAYERS, cell_values, run_figure, run_of
from data.session import Database
from gis.classify import Classes, classify

UNITS = {
    "district": N_("District"),
    "zone": N_("Zone"),
    "project": N_("Project"),
    "renewal_unit": N_("Renewal unit"),
    "grid": N_("Grid cell"),
    "hexagon": N_("Hexagon"),
}
CLASSES = 5
YI_PER_KM2 = N_("CNY 100 M / km²")
SIDES = {
    "baseline": N_("{figure}, before"),
    "planned": N_("{figure}, planned"),
    "change": N_("{figure}, change"),
}


@dataclass(frozen=True)
class Figure:
    """A figure: its name in addresses, its title, its unit, and what the stored value is divided by.

    ``term`` holds the two names of a coded figure, whose place in ``title`` is ``{figure}``.
    """

    name: str
    title: str
    unit: str = ""
    divisor: float = 1.0
    places: int = 0
    term: codes.Term | None = None


DISTRICT = (
    Figure("projects", N_("Projects")),
    Figure("investment", N_("Investment"), N_("CNY 100 M"), float(YI), 2),
    Figure("investment_density", N_("Investment per km²"), YI_PER_KM2, float(YI) / 1e6, 2),
    Figure("progress", N_("Progress, weighted by investment"), "%", 0.01, 1),
    Figure("completed", N_("Share of projects completed"), "%", 0.01, 1),
    Figure("area", N_("Area"), "km²", 1e6, 1),
    Figure("population", N_("Population")),
    Figure("floor_area", N_("Building floor area"), N_("10,000 m²"), 1e4, 1),
    Figure("floor_area_ratio", N_("Floor area ratio, gross"), "", 1.0, 3),
    Figure("green_area", N_("Parks and squares"), N_("ha"), 1e4, 1),
)
ZONE = (
    Figure("far", N_("Limit of the floor area ratio"), "", 1.0, 2),
    Figure("coverage", N_("Limit of the building density"), "%", 0.01, 0),
    Figure("height", N_("Height limit"), "m", 1.0, 1),
    Figure("green", N_("Least green ratio"), "%", 0.01, 0),
)
PROJECT = (
    Figure("investment", N_("Investment"), N_("CNY 100 M"), float(YI), 2),
    Figure("progress", N_("Progress"), "%", 0.01, 0),
)


@dataclass(frozen=True)
class Choropleth:
    """A figure of every unit, in classes.

    ``values`` holds ``value`` in the figure's unit (NaN where not supplied), ``code`` and names; of projects
    and zones also ``id``. ``version`` is that of the stored indicators, ``run`` what one is read from.
    """

    unit: str
    figure: Figure
    values: pd.DataFrame
    classes: Classes
    version: str = ""
    run: Mapping[str, Any] | None = None

    @property
    def missing(self) -> int:
        """Units of which the figure is not supplied."""
        return int(self.values["value"].isna().sum())

    def lower_bounds(self) -> list[float]:
        """Return the least value of each class."""
        held = self.values["value"].groupby(self.classes.index).min()
        return [float(low) for low in held]


def figures(unit: str) -> dict[str, Figure]:
    """Return the figures of a kind of unit by name.

    Raises
    ------
    InvalidInput
        There is no such kind of unit.
    """
    if unit not in UNITS:
        raise InvalidInput(
            N_("There are no figures of «{unit}»."),
            remedy=N_("Choose among: {known}."),
            unit=unit[:40],
            known=", ".join(UNITS),
        )
    every = {"district": _district, "zone": _zone, "project": _project}.get(unit, tuple)()
    return {figure.name: figure for figure in every}


def is_stored(name: str) -> bool:
    """Whether a figure is an indicator of a stored run (``ind:CODE[:SUBJECT[:BASIS]]``)."""
    return run_figures.indicator_of(name) is not None


def _district() -> tuple[Figure, ...]:
    counted = (
        Figure(f"facility-{code}", N_("Facilities: {figure}"), term=term)
        for code, term in codes.FACILITY_CATEGORIES.items()
    )
    return (*DISTRICT, *counted)


def _zone() -> tuple[Figure, ...]:
    return ZONE


def _project() -> tuple[Figure, ...]:
    changed = (
        Figure(f"{code}-{side}", title, codes.FIGURE_UNITS[code], term=term)
        for code, term in codes.FIGURES.items()
        for side, title in SIDES.items()
    )
    return (*PROJECT, *changed)


def figure_named(unit: str, name: str) -> Figure:
    """Return a figure of a kind of unit: one of ``figures``, or a stored indicator ``ind:...``.

    Raises
    ------
    InvalidInput
        There is no such figure of it.
    """
    known = figures(unit)
    stored = run_figures.indicator_of(name)
    if stored is not None:
        found, name = stored[0], stored[1].name
        term, places = run_figures.term_of(*stored), run_figures.places_of(found)
        if found.unit == "CNY/km²":
            return Figure(name, "{figure}", YI_PER_KM2, float(YI), 2, term)
        return Figure(name, "{figure}", found.unit, places=places, term=term)
    if name not in known:
        raise InvalidInput(
            N_("There is no figure «{figure}» of {unit} units."),
            remedy=N_("Choose among: {known}."),
            figure=name[:40],
            unit=unit,
            known=", ".join(known),
        )
    return known[name]


def supplied(database: Database, city: RowMapping, unit: str, layers: dict[str, Layer]) -> list[str]:
    """Name the figures of a kind of unit that the city's data can give, and what is stored of its units."""
    return [*_supplied(database, city, unit, layers), *run_figures.offered(database, city, unit)]


def _supplied(database: Database, city: RowMapping, unit: str, layers: dict[str, Layer]) -> list[str]:
    if unit in LAYERS:
        return []
    if unit == "zone":
        return [figure.name for figure in ZONE] if layers["zoning"].supplied else []
    if unit == "project":
        return _supplied_projects(database, city, layers["projects"])
    return _supplied_districts(layers) if layers["districts"].supplied else []


def _supplied_districts(layers: dict[str, Layer]) -> list[str]:
    known, facilities = layers["projects"].contents.known, layers["facilities"].contents.codes
    needs = {
        "progress": known["progress"],
        "completed": known["stage"],
        "population": layers["population"].contents.features,
        "floor_area": layers["buildings"].contents.features,
        "floor_area_ratio": layers["buildings"].contents.features,
        "green_area": facilities.get("park", 0) + facilities.get("square", 0),
        **{f"facility-{code}": facilities.get(code, 0) for code in codes.FACILITY_CATEGORIES},
    }
    return [name for name in figures("district") if needs.get(name, 1)]


def _supplied_projects(database: Database, city: RowMapping, layer: Layer) -> list[str]:
    if not layer.supplied:
        return []
    given = _project_figures(database, city["id"], layer.version)
    known = [name for name in ("investment", "progress") if layer.contents.known[name]]
    return [*known, *(name for name in figures("project") if name in given)]


@lru_cache(maxsize=64)
def _project_figures(database: Database, city_id: int, _version: str) -> frozenset[str]:
    with database.reading() as connection:
        counts = stored.project_figures_known(connection, city_id)
    return frozenset(f"{name}-{side}" for name, row in counts.items() for side in SIDES if row[side])


class Asked(NamedTuple):
    """The figure that somebody asks for: the kind of unit and the figure's name."""

    unit: str
    figure: str


def choropleth(
    database: Database, city: RowMapping, keep: ProjectFilter, asked: Asked, layers: dict[str, Layer]
) -> Choropleth:
    """Read a figure of all units and class it; read once a version of what it is made of.

    Raises
    ------
    InvalidInput
        There is no such unit or figure.
    """
    figure = figure_named(*asked)
    place = (city["id"], city["metric_srid"])
    versions = (*(layer.version for layer in layers.values()), runs_version(database))
    return _choropleth(database, place, keep, Asked(asked.unit, figure.name), versions)


def runs_version(database: Database) -> str:
    """Return the version of the stored indicators."""
    with database.reading() as connection:
        return str(map_catalogue.versions(connection).get("indicators", 0))


@lru_cache(maxsize=64)
def _choropleth(
    database: Database, city: tuple[int, int], keep: ProjectFilter, asked: Asked, versions: tuple[str, ...]
) -> Choropleth:
    unit, figure = asked.unit, figure_named(*asked)
    with database.reading() as connection:
        if unit == "district":
            values = stored.district_values(connection, *city, keep, figure.name)
        elif unit == "zone":
            values = stored.zone_values(connection, city[0], figure.name)
        elif unit in LAYERS:
            values = cell_values(connection, city[0], unit, figure.name)
        else:
            values = stored.project_values(connection, city[0], keep, figure.name)
        held = run_figure(figure.name)
        found = run_of(connection, city[0], unit, held.indicator) if held else None
    values["value"] = values["value"] / figure.divisor
    scheme = "fisher_jenks" if unit == "district" else "quantiles"
    classes = classify(values["value"], scheme, CLASSES)
    return Choropleth(unit, figure, values, classes, versions[-1], dict(found) if found else None)
