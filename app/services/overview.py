"""The city at a glance: its figures, its districts ranked, and what is still missing."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
from sqlalchemy import RowMapping

from data import districts, projects
from data.errors import N_
from data.projects import ProjectFilter
from data.session import Database
from gis.classify import Classes, classify

FIGURES = {
    "projects": N_("Projects"),
    "investment": N_("Investment"),
    "investment_density": N_("Investment per km²"),
    "median": N_("Median project size"),
    "boundary_share": N_("Share with boundary"),
}


@dataclass(frozen=True)
class Overview:
    """What the overview shows; money in yuan, areas in m²."""

    totals: RowMapping
    districts: pd.DataFrame
    boundaries: gpd.GeoDataFrame


def overview(database: Database, city: RowMapping, keep: ProjectFilter | None = None) -> Overview:
    """Read a city's totals, its districts with their figures, and the district polygons (EPSG:4326)."""
    keep = keep or ProjectFilter()
    with database.reading() as connection:
        frame = districts.figures(connection, city["id"], city["metric_srid"], keep)
        return Overview(
            projects.totals(connection, city["id"], keep),
            with_ratios(frame),
            districts.boundaries(connection, city["id"]),
        )


def with_ratios(frame: pd.DataFrame) -> pd.DataFrame:
    """Add investment per area (yuan/m²) and the share of projects with a boundary; NaN where undefined."""
    has_projects = frame["projects"] > 0
    return frame.assign(
        investment_density=frame["investment"] / frame["area_m2"],
        boundary_share=(frame["with_boundary"] / frame["projects"]).where(has_projects),
    )


def on_map(frame: pd.DataFrame, figure: str) -> pd.Series[float]:
    """Return one of ``FIGURES`` for the districts that have a boundary, by code."""
    known = frame.set_index("code").loc[lambda rows: rows["area_m2"].notna()]
    return known[figure].astype(float)


def classes_of(frame: pd.DataFrame, figure: str, scheme: str = "fisher_jenks") -> Classes:
    """Class the districts that are on the map by one of ``FIGURES``."""
    return classify(on_map(frame, figure), scheme)
