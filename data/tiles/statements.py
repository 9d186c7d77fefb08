"""The statement of each source layer: features of a city inside a tile, the largest first, as MVT bytes.

A statement takes ``city``, the bounds of the tile, ``unit`` (metres a step of its grid), ``most`` (features)
and, where a layer is dated, ``today``. It answers with one row: the bytes and how many features were chosen.
Without ``most`` it chooses all.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, literal_column, select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from data import run_figures
from data.projects import ProjectFilter
from data.tiles import features, projects
from data.tiles.catalogue import LAYERS
from data.tiles.grid import EXTENT

DIALECT = PGDialect_psycopg()  # type: ignore[no-untyped-call]
PARTS: dict[str, Callable[..., Select[Any]]] = {
    "projects": projects.boundaries,
    "project_bubbles": projects.bubbles,
    "districts": features.districts,
    "zoning": features.zoning,
    "zoning_cells": features.zoning_cells,
    "constraints": features.constraints,
    "parcels": features.parcels,
    "buildings": features.buildings,
    "building_cells": features.building_cells,
    "facility_areas": features.facility_areas,
    "facilities": features.facilities,
    "streets": features.streets,
    "greenways": features.greenways,
    "surfaces": features.surfaces,
    "population": features.population,
    **{layer: functools.partial(features.cells, units) for units, layer in run_figures.LAYERS.items()},
    "problem_areas": features.problem_areas,
    "problems": features.problems,
}


@dataclass(frozen=True)
class Statement:
    """SQL with the values that are bound to it for every tile; those of one tile come with the request."""

    sql: str
    values: dict[str, Any]

    def bound(self, tile: dict[str, Any]) -> dict[str, Any]:
        """Return the values for a tile."""
        return {name: tile.get(name, value) for name, value in self.values.items()}


@dataclass(frozen=True)
class Reading:
    """How a source layer is read: ``mvt``, the features that it draws; ``matching``, how many there are."""

    part: str
    mvt: Statement
    matching: Statement


@functools.lru_cache(maxsize=256)
def readings(layer: str, zoom: int, city_id: int, keep: ProjectFilter) -> tuple[Reading, ...]:
    """Return how each source layer is read that a tile of this zoom holds."""
    return tuple(
        _reading(part.name, PARTS[part.name](zoom, city_id, keep)) for part in LAYERS[layer].at(zoom)
    )


def _reading(name: str, chosen: Select[Any]) -> Reading:
    found = chosen.subquery("feature")
    key = ("id",) if "id" in found.c else ()
    mvt = func.ST_AsMVT(literal_column("feature"), name, EXTENT, "geom", *key)
    drawn = select(mvt.label("mvt"), func.count().label("features")).select_from(found)
    return Reading(name, _compiled(drawn), _compiled(select(func.count()).select_from(found)))


def _compiled(query: Select[Any]) -> Statement:
    compiled = query.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
    return Statement(str(compiled), dict(compiled.params))
