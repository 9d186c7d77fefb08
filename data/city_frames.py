"""All layers of a city as GeoDataFrames 城市图层 in its metric CRS, and a name for their content.

Rows come in the order they were stored. What is not supplied is NaN or None; a layer without rows is absent.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from psycopg import Cursor
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, RowMapping

from data.cities import city_named
from data.codes import PERMEABLE

WGS84 = 4326
STARTED = "(t.valid_from IS NULL OR t.valid_from <= current_date)"
IN_FORCE = f"{STARTED} AND (t.valid_to IS NULL OR t.valid_to > current_date)"
Frames = dict[str, gpd.GeoDataFrame]

# Figures of a project by the name of their column: what is there (baseline) and what is planned.
FIGURES = {
    "floor_area_existing": ("floor_area", "baseline"),
    "floor_area_planned": ("floor_area", "planned"),
    "floor_area_demolished": ("floor_area_demolished", "planned"),
    "floor_area_exempt": ("floor_area_exempt", "planned"),
    "green_area_existing": ("green_area", "baseline"),
    "green_area_planned": ("green_area", "planned"),
}
FIGURES_OF_PROJECT = """LEFT JOIN LATERAL (
    SELECT {} FROM project_figure WHERE project_id = t.id
) f ON true""".format(  # noqa: S608 - trusted names
    ", ".join(
        f"max({when}) FILTER (WHERE figure = '{figure}') AS {name}"
        for name, (figure, when) in FIGURES.items()
    )
)


@dataclass(frozen=True)
class Source:
    """Where a layer's rows come from: SQL of trusted names only, never of a caller's.

    A column is the table's own of that name unless ``expressions`` has another. Of ``kinds``, where they are
    named, are the rows that a frame keeps: it is empty, not absent, where the city has rows of others only.
    """

    table: str
    numbers: Sequence[str] = ()
    texts: Sequence[str] = ()
    flags: Sequence[str] = ()
    shape: str = "t.shape"
    only: str = "true"
    joins: str = ""
    expressions: Mapping[str, str] = field(default_factory=dict)
    kinds: Sequence[str] = ()

    @property
    def names(self) -> list[str]:
        """The names of the columns: numbers, then texts, then flags."""
        return [*self.numbers, *self.texts, *self.flags]

    @property
    def values(self) -> str:
        """What is selected: the shape as WKB in EPSG:4326, then the columns."""
        columns = [self.expressions.get(name, f"t.{name}") for name in self.names]
        return ", ".join([f"ST_AsBinary({self.shape})", *columns])

    @property
    def rows(self) -> str:
        """The FROM and WHERE of the present rows of a city."""
        return f"FROM {self.table} t {self.joins} WHERE t.city_id = %(city)s AND {self.only}"


SOURCES = {
    "districts": Source(
        "district",
        texts=("code", "name_zh", "name_en", "kind"),
        shape="t.boundary",
        only="t.valid_to IS NULL",
    ),
    "projects": Source(
        "project",
        numbers=("total_investment", "progress", *FIGURES),
        texts=("code", "name", "name_en", "stage", "project_type", "renewal_mode", "geometry_kind"),
        shape="t.boundary",
        only="t.exit_notice_id IS NULL",
        joins=FIGURES_OF_PROJECT,
        expressions={
            "total_investment": "t.total_investment::float8",
            **{name: f"f.{name}" for name in FIGURES},
        },
    ),
    "zoning": Source(
        "zoning",
        numbers=("floor_area_ratio", "building_coverage", "height_limit", "green_ratio"),
        texts=("code", "name", "land_use"),
        only=IN_FORCE,
    ),
    "constraints": Source("constraint_area", texts=("code", "name", "kind"), only=IN_FORCE),
    "buildings": Source(
        "building",
        numbers=(
            *("floors", "floor_area", "exempt_floor_area", "height", "year_built", "households"),
            "population",
        ),
        texts=("code", "use", "structure", "hazard_grade", "heritage", "disposition"),
    ),
    "facilities": Source("facility", numbers=("capacity", "floor_area"), texts=("code", "category", "name")),
    "streets": Source(
        "street_edge",
        numbers=("length",),
        texts=("code", "street_class", "name", "from_node", "to_node"),
        flags=("walkable", "one_way"),
    ),
    "greenways": Source("greenway", numbers=("length",), texts=("code", "greenway_class", "name")),
    "permeable": Source("surface", texts=("code", "kind", "name"), kinds=PERMEABLE),
    "population": Source("population_cell", numbers=("population", "households", "year"), texts=("code",)),
}  # fmt: skip
# How much of a project counts for a district, by the places of both in their frames.
SHARES = """
SELECT p.place, d.place, s.share::float8 FROM project_district s
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM project t
    WHERE t.city_id = %(city)s AND {projects}) p ON p.id = s.project_id
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM district t
    WHERE t.city_id = %(city)s AND {districts}) d ON d.id = s.district_id
ORDER BY 1, 2
""".format(  # noqa: S608 - trusted names
    projects=SOURCES["projects"].only, districts=SOURCES["districts"].only
)


def read(
    connection: Connection,
    city: RowMapping | str,
    layers: Collection[str] | None = None,
    within: BaseGeometry | None = None,
) -> Frames:
    """Read a city's layers.

    Parameters
    ----------
    city
        A row of ``data.cities.city_named``, or its slug.
    layers
        Names among ``SOURCES``; all if not given.
    within
        Only features that meet this shape, in the city's metric CRS.

    Returns
    -------
    dict
        Layers by name in ``EPSG:{city.metric_srid}``, positions as index; numbers are float64. Where projects
        and districts are both read whole, ``project_districts`` holds the positions ``project`` and
        ``district`` and the ``share`` of the one that counts for the other; it has no shapes.

    Raises
    ------
    NotFound
        No city has this slug.
    """
    city = _known(connection, city)
    wanted = [name for name in SOURCES if layers is None or name in layers]
    frames = {name: _layer(connection, city, SOURCES[name], within) for name in wanted}
    if within is None and {"projects", "districts"} <= set(wanted):
        frames["project_districts"] = _shares(connection, city)
    return {name: _kept(name, frame) for name, frame in frames.items() if len(frame)}


def inputs_hash(connection: Connection, city: RowMapping | str) -> str:
    """Name the content of all layers of a city: the same rows in the same order have the same name.

    Neither ids nor times of imports take part, so that a city loaded twice from the same files keeps it.
    """
    city = _known(connection, city)
    layers = [
        f"(SELECT md5(string_agg(md5(ROW({one.values})::text), '' ORDER BY t.id)) {one.rows})"
        for one in SOURCES.values()
    ]
    shares = f"(SELECT md5(string_agg(r::text, '')) FROM ({SHARES}) r)"  # noqa: S608 - trusted names
    parts = ", ".join(f"coalesce({part}, '')" for part in (*layers, shares))
    query = f"SELECT md5(concat_ws('|', %(srid)s::text, {parts}))"
    values = {"city": city["id"], "srid": str(city["metric_srid"])}
    return str(_rows(connection, query, values)[0][0])


def _known(connection: Connection, city: RowMapping | str) -> RowMapping:
    return city_named(connection, city) if isinstance(city, str) else city


def _rows(connection: Connection, query: str, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
    """Read rows through the driver, in binary: three times as fast as through SQLAlchemy."""
    driver: Any = connection.connection.driver_connection
    cursor: Cursor[tuple[Any, ...]] = driver.cursor(binary=True)
    with cursor:
        return cursor.execute(query, values).fetchall()


def _layer(
    connection: Connection, city: RowMapping, source: Source, within: BaseGeometry | None
) -> gpd.GeoDataFrame:
    query, srid = f"SELECT {source.values} {source.rows}", int(city["metric_srid"])
    values: dict[str, object] = {"city": city["id"]}
    if within is not None:
        query += f" AND ST_Intersects({source.shape}, ST_GeomFromWKB(%(within)s, {WGS84}))"
        values["within"] = gpd.GeoSeries([within], crs=srid).to_crs(WGS84).to_wkb().iloc[0]
    return _frame(_rows(connection, f"{query} ORDER BY t.id", values), source, srid)


def _frame(rows: list[tuple[Any, ...]], source: Source, srid: int) -> gpd.GeoDataFrame:
    """Make a frame of rows that begin with a shape."""
    shapes, *values = zip(*rows, strict=True) if rows else ((), *(() for _ in source.names))
    found = dict(zip(source.names, values, strict=True))
    columns: dict[str, object] = {name: np.array(found[name], dtype=float) for name in source.numbers}
    columns |= {name: pd.array(found[name], dtype="str") for name in source.texts}
    columns |= {name: np.array(found[name], dtype=object) for name in source.flags}
    geometry = gpd.GeoSeries(shapely.from_wkb(np.array(shapes, dtype=object)), crs=WGS84)
    return gpd.GeoDataFrame(columns, geometry=geometry.to_crs(srid))


def _kept(name: str, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    kinds = SOURCES[name].kinds if name in SOURCES else ()
    return frame[frame["kind"].isin(kinds)].reset_index(drop=True) if kinds else frame


def _shares(connection: Connection, city: RowMapping) -> gpd.GeoDataFrame:
    rows = _rows(connection, SHARES, {"city": city["id"]})
    table = pd.DataFrame(rows, columns=["project", "district", "share"])
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(np.full(len(rows), None), crs=city["metric_srid"]))
