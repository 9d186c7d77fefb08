"""Whole frames into the tables with COPY: the one way in for layers, demo cities and long lists.

Every function works in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import shapely
from geoalchemy2 import Geometry
from pyarrow import compute, csv
from sqlalchemy import Boolean, Column, Connection, Date, Float, Integer, Numeric, Table
from sqlalchemy.types import TypeEngine

from data.models import Base

CHUNK = 50_000
WGS84 = 4326
POLYGON = shapely.GeometryType.POLYGON
# Quoted text and unquoted nothing: COPY then tells an empty text from NULL.
AS_CSV = csv.WriteOptions(include_header=False, quoting_style="needed")


def copy_features(connection: Connection, table: str, frame: pd.DataFrame, *, into: str | None = None) -> int:
    """Copy a frame into a table and return how many rows that were.

    Parameters
    ----------
    connection
        Open in the transaction that the rows belong to.
    table
        A table of ``data.models``.
    frame
        Columns named as the table's; the active geometry of a GeoDataFrame goes to the table's own geometry
        column, in EPSG:4326 (reprojected where its CRS is another), two-dimensional, single polygons as
        multipolygons. NaN, NA, NaT and None become NULL. Columns the frame lacks take their default.
    into
        A temporary table with the same columns, where the rows go instead.

    Raises
    ------
    KeyError
        The table, or a column of the frame, is not one of the models.
    """
    target = Base.metadata.tables[table]
    plain = _plain(frame, target)
    columns = ", ".join(f'"{target.columns[name].name}"' for name in plain.columns)
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - the connection is open
    statement = f"COPY {into or target.name} ({columns}) FROM STDIN (FORMAT csv)"
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for text in _as_csv(plain, target):
            copy.write(text)
    return len(frame)


def geometry_column(table: Table) -> Column[object] | None:
    """Return the geometry column that a table's rows are given, not the one the database computes."""
    return next(
        (one for one in table.columns if isinstance(one.type, Geometry) and one.computed is None), None
    )


def _plain(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return the frame with its geometry under the column's name, in EPSG:4326."""
    if not isinstance(frame, gpd.GeoDataFrame):
        return frame
    column = geometry_column(table)
    if column is None:
        raise KeyError(f"{table.name} has no geometry")
    if frame.crs is not None and frame.crs.to_epsg() != WGS84:
        frame = frame.to_crs(WGS84)
    return pd.DataFrame(frame.rename_geometry(column.name) if frame.geometry.name != column.name else frame)


def _as_csv(frame: pd.DataFrame, table: Table) -> Iterator[pa.Buffer]:
    """Write the frame as CSV, a bounded number of rows at a time."""
    for start in range(0, len(frame), CHUNK):
        part = frame.iloc[start : start + CHUNK]
        arrays = [_array(part[name], table.columns[name].type) for name in part.columns]
        sink = pa.BufferOutputStream()
        csv.write_csv(pa.Table.from_arrays(arrays, names=list(part.columns)), sink, AS_CSV)
        yield sink.getvalue()


def _array(values: pd.Series, kind: TypeEngine[object]) -> pa.Array:
    """Return a column as Arrow, typed as its column asks."""
    if isinstance(kind, Geometry):
        return pa.array(_wkb(values), pa.string())
    found = pa.Array.from_pandas(values)
    if isinstance(kind, Numeric) and not isinstance(kind, Float):
        return found
    wanted = _arrow_type(kind)
    if pa.types.is_floating(found.type) and pa.types.is_integer(wanted):
        return compute.cast(compute.if_else(compute.is_nan(found), None, found), wanted)
    return found.cast(wanted)


def _arrow_type(kind: TypeEngine[object]) -> pa.DataType:
    if isinstance(kind, Integer):
        return pa.int64()
    if isinstance(kind, Float):
        return pa.float64()
    if isinstance(kind, Boolean):
        return pa.bool_()
    return pa.date32() if isinstance(kind, Date) else pa.string()


def _wkb(values: pd.Series) -> object:
    """Return geometries as hexadecimal WKB, flat, polygons as multipolygons; the column knows its SRID."""
    shapes = values.to_numpy(dtype=object, copy=True)
    single = shapely.get_type_id(shapes) == POLYGON
    if single.any():
        shapes[single] = shapely.multipolygons(shapes[single][:, None])
    return shapely.to_wkb(shapes, hex=True, output_dimension=2)
