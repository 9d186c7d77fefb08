"""Indicators of a project's land 项目用地指标: as it is, measured of the city's layers, and as planned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from sqlalchemy import RowMapping

from data import boundaries, city_frames
from data.session import Database
from gis.analysis import evaluate
from gis.catalogue import INDICATORS
from gis.indicator import Indicator

MEASURED = (
    *("floor_area_ratio", "building_coverage", "mean_storeys", "open_space_ratio", "green_ratio"),
    *("population_density", "household_density"),
)
"""The indicators of land that need nothing beyond it."""
LAYERS = ("buildings", "zoning", "population")
# A layer that has nothing on the land but something near it is supplied: its amount on the land is 0.
NEAR = 500.0
WGS84 = 4326
SQUARE_KM = 1e6


@dataclass(frozen=True)
class Land:
    """One indicator of a project's land; None: not supplied.

    Attributes
    ----------
    indicator
        What is measured, with its unit, formula and source.
    measured
        Of the city's layers as they are.
    missing
        What the measure lacks; None where it is known.
    present, planned
        Of the figures supplied for the project.
    """

    indicator: Indicator
    measured: float | None
    missing: str | None
    present: float | None
    planned: float | None


def project_land(
    database: Database,
    city: RowMapping,
    code: str,
    changes: Iterable[RowMapping],
    ratios: RowMapping,
) -> list[Land]:
    """Measure a project's land, and put what is planned beside it; nothing while its boundary is pending.

    Parameters
    ----------
    changes
        The project's figures: ``figure``, ``baseline`` and ``planned``.
    ratios
        The ratios that follow from them, as ``project_panel`` reads them.

    Raises
    ------
    NotFound
        The city has no project with this code.
    """
    with database.reading() as connection:
        boundary = boundaries.project_with_code(connection, city["id"], code)["boundary"]
        if boundary is None:
            return []
        unit = gpd.GeoDataFrame(geometry=[shapely.from_geojson(boundary)], crs=WGS84).to_crs(
            city["metric_srid"]
        )
        around = unit.geometry.iloc[0].buffer(NEAR)
        frames = city_frames.read(connection, city, LAYERS, around)
    table = evaluate(frames, unit, indicators=MEASURED).set_index("indicator")
    sides = [figures_on(changes, ratios, side) for side in ("before", "after")]
    return [_land(name, table.loc[name], *(side.get(name) for side in sides)) for name in MEASURED]


def figures_on(changes: Iterable[RowMapping], ratios: RowMapping, side: str) -> dict[str, float | None]:
    """Return what the figures supplied for a project give, by indicator and in its unit.

    Parameters
    ----------
    side
        ``before`` or ``after``.
    """
    figures = {row["figure"]: row["baseline" if side == "before" else "planned"] for row in changes}
    green = ratios[f"green_ratio_{side}"]
    return {
        "floor_area_ratio": ratios[f"floor_area_ratio_{side}"],
        "green_ratio": None if green is None else green * 100.0,
        "population_density": _per_km2(figures, "population"),
        "household_density": _per_km2(figures, "households"),
    }


def _per_km2(figures: Mapping[str, float | None], name: str) -> float | None:
    amount, site = figures.get(name), figures.get("site_area")
    return None if amount is None or not site else amount / site * SQUARE_KM


def _land(name: str, row: Any, present: float | None, planned: float | None) -> Land:
    value = float(row["value"])
    missing = row["missing"] if isinstance(row["missing"], str) else None
    return Land(INDICATORS[name], value if np.isfinite(value) else None, missing, present, planned)
