"""A layer as a file: GeoPackage, GeoParquet, GeoJSON, zipped Shapefile, CSV, XLSX; some rows at a time."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pyarrow as pa
import pyogrio
import pyproj
import shapely
from pyarrow import compute, csv
from pyarrow import parquet as pq
from sqlalchemy import Connection

from app.services.exports.sheets import INVISIBLE, MOST_ROWS, Head, WorkbookFile, safe_text
from data import layer_export as rows
from data.errors import N_, InvalidInput
from data.layer_export import SHAPE, LayerQuery
from data.layer_fields import LAYERS

GEOPARQUET = "1.1.0"
LONGEST_SHAPEFILE_NAME = 10
SUSPECT = rf"^[\t\r\n]|^[{INVISIBLE}]*[^\pL\pN]"
SHAPEFILE_PARTS = {
    "areas": ("POLYGON", "MULTIPOLYGON"),
    "lines": ("LINESTRING", "MULTILINESTRING"),
    "points": ("POINT",),
    "multipoints": ("MULTIPOINT",),
}
SHAPEFILE_TYPES = {
    "areas": "MultiPolygon", "lines": "MultiLineString", "points": "Point", "multipoints": "MultiPoint",
}  # fmt: skip
DICTIONARY = ("column", "meaning", "unit", "codes")


@dataclass(frozen=True)
class Words:
    """What goes with the rows: a title, facts about the file, and its data dictionary."""

    title: str
    about: Sequence[tuple[str, str]]
    dictionary: Sequence[tuple[str, str, str, str]]

    def readme(self) -> str:
        """Return all of it as plain text."""
        facts = [f"{label}: {value}" for label, value in self.about]
        columns = ["  ".join(part for part in row if part) for row in self.dictionary]
        return "\n".join([self.title, "", *facts, "", *columns, ""])


def write(connection: Connection, query: LayerQuery, kind: str, path: Path, words: Words) -> int:
    """Write a layer to a file in a format; returns the number of its rows."""
    return WRITERS[kind](connection, query, path, words)


class _Counted:
    """Batches that are counted while they pass."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self.rows = 0
        self._batches = batches

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for batch in self._batches:
            self.rows += batch.num_rows
            yield batch


# --- GeoPackage ---


def _geopackage(connection: Connection, query: LayerQuery, path: Path, words: Words) -> int:
    facts = dict(words.about)
    options = {"layer_metadata": facts, "dataset_metadata": {"title": words.title}}
    count = _by_gdal(
        connection, query, path, "GPKG", LAYERS[query.layer].shapes, layer=query.layer, **options
    )
    about = pd.DataFrame(list(words.about), columns=["name", "value"])
    meaning = pd.DataFrame(list(words.dictionary), columns=list(DICTIONARY))
    for name, table in (("about", about), ("data_dictionary", meaning)):
        pyogrio.write_dataframe(table, path, layer=name, driver="GPKG", append=True)
    return count


def _by_gdal(
    connection: Connection, query: LayerQuery, path: Path, driver: str, shapes: str, **options: Any
) -> int:
    passed = _Counted(rows.record_batches(connection, query))
    reader = pa.RecordBatchReader.from_batches(query.schema, iter(passed))
    pyogrio.write_arrow(
        reader,
        path,
        driver=driver,
        geometry_name=SHAPE,
        geometry_type=shapes,
        crs=f"EPSG:{query.srid}",
        **options,
    )
    return passed.rows


# --- GeoParquet ---


def _geoparquet(connection: Connection, query: LayerQuery, path: Path, words: Words) -> int:
    types: set[str] = set()
    bounds = [float("inf"), float("inf"), float("-inf"), float("-inf")]
    count = 0
    with pq.ParquetWriter(path, query.schema, compression="zstd") as writer:
        for batch in rows.record_batches(connection, query):
            shapes = shapely.from_wkb(batch.column(SHAPE).to_numpy(zero_copy_only=False))
            _extend(bounds, types, shapes)
            writer.write_batch(batch)
            count += batch.num_rows
        writer.add_key_value_metadata(
            {
                "geo": json.dumps(_geo(query, types, bounds if types else None)),
                "gengxin": json.dumps(_described(words), ensure_ascii=False),
            }
        )
    return count


def _extend(bounds: list[float], types: set[str], shapes: Any) -> None:
    placed = shapes[~shapely.is_missing(shapes)]
    if not len(placed):
        return
    west, south, east, north = shapely.total_bounds(placed)
    bounds[:] = min(bounds[0], west), min(bounds[1], south), max(bounds[2], east), max(bounds[3], north)
    types.update(shapely.GeometryType(kind).name for kind in set(shapely.get_type_id(placed).tolist()))


def _geo(query: LayerQuery, types: set[str], bounds: Sequence[float] | None) -> dict[str, Any]:
    words = {
        "POINT": "Point", "LINESTRING": "LineString", "POLYGON": "Polygon", "MULTIPOINT": "MultiPoint",
        "MULTILINESTRING": "MultiLineString", "MULTIPOLYGON": "MultiPolygon",
        "GEOMETRYCOLLECTION": "GeometryCollection",
    }  # fmt: skip
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": sorted(words[kind] for kind in types),
        "crs": pyproj.CRS.from_epsg(query.srid).to_json_dict(),
    }
    if bounds is not None:
        column["bbox"] = [float(edge) for edge in bounds]
    return {"version": GEOPARQUET, "primary_column": SHAPE, "columns": {SHAPE: column}}


def _described(words: Words) -> dict[str, Any]:
    return {
        "title": words.title,
        "about": dict(words.about),
        "data_dictionary": [dict(zip(DICTIONARY, row, strict=True)) for row in words.dictionary],
    }


# --- GeoJSON ---


def _geojson(connection: Connection, query: LayerQuery, path: Path, words: Words) -> int:
    if query.srid != 4326:
        raise InvalidInput(
            N_("GeoJSON is in WGS 84 only (RFC 7946)."),
            remedy=N_("Choose another format, or leave the CRS out."),
        )
    count = 0
    with path.open("w", encoding="utf-8") as file:
        file.write(f'{{"type":"FeatureCollection","name":{json.dumps(query.layer)},"features":[')
        for text in rows.feature_texts(connection, query):
            file.write(f"{',' if count else ''}\n{text}")
            count += 1
        file.write(f'\n],"metadata":{json.dumps(_described(words), ensure_ascii=False)}}}\n')
    return count


# --- Shapefile ---


def _shapefile(connection: Connection, query: LayerQuery, path: Path, words: Words) -> int:
    renamed = short_names([field.name for field in query.columns])
    with TemporaryDirectory(prefix="gengxin-") as folder:
        count = sum(
            _shapefile_part(connection, part, Path(folder) / f"{name}.shp", shapes, renamed)
            for name, shapes, part in _shapefile_parts(connection, query)
        )
        _write_names(Path(folder) / "columns.csv", renamed, words)
        (Path(folder) / "README.txt").write_text(words.readme(), encoding="utf-8-sig")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for file in sorted(Path(folder).iterdir()):
                archive.write(file, file.name)
    return count


def _shapefile_parts(connection: Connection, query: LayerQuery) -> Iterator[tuple[str, str, LayerQuery]]:
    """Part a layer by its kinds of shapes, because a Shapefile holds one; rows without go with the first."""
    declared = LAYERS[query.layer].shapes
    if declared != "Unknown":
        yield query.layer, declared, query
        return
    found = rows.shape_types(connection, query)
    kinds = [kind for kind, types in SHAPEFILE_PARTS.items() if found & set(types)] or ["points"]
    if unfit := found - {name for types in SHAPEFILE_PARTS.values() for name in types}:
        raise InvalidInput(
            N_("A Shapefile cannot hold shapes of the type {types}."),
            remedy=N_("Choose GeoPackage instead."),
            types=", ".join(sorted(unfit)),
        )
    for place, kind in enumerate(kinds):
        part = rows.of_types(query, SHAPEFILE_PARTS[kind], unplaced=place == 0)
        yield f"{query.layer}-{kind}" if len(kinds) > 1 else query.layer, SHAPEFILE_TYPES[kind], part


def _shapefile_part(
    connection: Connection, query: LayerQuery, path: Path, shapes: str, renamed: Mapping[str, str]
) -> int:
    names = [renamed.get(name, name) for name in query.schema.names]
    schema = pa.schema([field.with_name(name) for field, name in zip(query.schema, names, strict=True)])
    passed = _Counted(rows.record_batches(connection, query))
    reader = pa.RecordBatchReader.from_batches(schema, (batch.rename_columns(names) for batch in passed))
    pyogrio.write_arrow(
        reader,
        path,
        driver="ESRI Shapefile",
        geometry_name=SHAPE,
        geometry_type=shapes,
        crs=f"EPSG:{query.srid}",
        encoding="UTF-8",
    )
    if not path.with_suffix(".cpg").exists():
        path.with_suffix(".cpg").write_text("UTF-8", encoding="ascii")
    return passed.rows


def short_names(names: Sequence[str]) -> dict[str, str]:
    """Give each column a name of at most ten characters, as Shapefiles ask; no two the same.

    Examples
    --------
    >>> short_names(["code", "floor_area_ratio", "floor_area_ratio_name"])
    {'code': 'code', 'floor_area_ratio': 'floor_area', 'floor_area_ratio_name': 'floor_are1'}
    """
    found: dict[str, str] = {}
    for name in names:
        short, number = name[:LONGEST_SHAPEFILE_NAME], 0
        while short in found.values():
            number += 1
            short = f"{name[: LONGEST_SHAPEFILE_NAME - len(str(number))]}{number}"
        found[name] = short
    return found


def _write_names(path: Path, renamed: Mapping[str, str], words: Words) -> None:
    meanings = {row[0]: row[1:] for row in words.dictionary}
    table = pd.DataFrame(
        [(short, name, *meanings[name]) for name, short in renamed.items()],
        columns=["shapefile_column", *DICTIONARY],
    )
    table.to_csv(path, index=False, encoding="utf-8-sig")


# --- tables ---


def _csv(connection: Connection, query: LayerQuery, path: Path, _words: Words) -> int:
    schema = _table_schema(query, with_shape=True)
    count = 0
    with path.open("wb") as file:
        file.write(b"\xef\xbb\xbf")
        with csv.CSVWriter(file, schema) as writer:
            for batch in rows.record_batches(connection, query):
                writer.write_batch(_as_table(batch, schema))
                count += batch.num_rows
    return count


def _table_schema(query: LayerQuery, *, with_shape: bool) -> pa.Schema:
    plain = [field for field in query.schema if field.name != SHAPE]
    east, north = ("lon", "lat") if query.srid == 4326 else ("x", "y")
    places = [pa.field(east, pa.float64()), pa.field(north, pa.float64())]
    return pa.schema([*plain, *places, *([pa.field("wkt", pa.string())] if with_shape else [])])


def _as_table(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Turn a batch into columns of a table: safe texts, a point inside each shape, the shape as WKT."""
    shapes = shapely.from_wkb(batch.column(SHAPE).to_numpy(zero_copy_only=False))
    inner = shapely.point_on_surface(shapes)
    plain = [_safe(column) for column in batch.columns[:-1]]
    places = [
        pa.array(part.round(7), from_pandas=True) for part in (shapely.get_x(inner), shapely.get_y(inner))
    ]
    found = [*plain, *places]
    if "wkt" in schema.names:
        found.append(pa.array(shapely.to_wkt(shapes, rounding_precision=7), pa.string()))
    return pa.RecordBatch.from_arrays(found, schema=schema)


def _safe(column: pa.Array) -> pa.Array:
    """Disarm texts that a spreadsheet would take for a formula; only those that may be are looked at."""
    if not pa.types.is_string(column.type):
        return column
    suspect = compute.fill_null(compute.match_substring_regex(column, SUSPECT), False)
    if not compute.any(suspect).as_py():
        return column
    mended = [safe_text(value) for value in column.filter(suspect).to_pylist()]
    return compute.replace_with_mask(column, suspect, pa.array(mended, pa.string()))


def _xlsx(connection: Connection, query: LayerQuery, path: Path, words: Words) -> int:
    total = rows.count(connection, query)
    if total > MOST_ROWS:
        raise InvalidInput(
            N_("{count} rows do not fit an Excel sheet."), remedy=N_("Choose GeoPackage or CSV."), count=total
        )
    schema = _table_schema(query, with_shape=False)
    with path.open("wb") as file:
        book = WorkbookFile(file, words.title)
        count = book.table(
            query.layer, [Head(name) for name in schema.names], _cells(connection, query, schema)
        )
        book.text("README", (32, 70, 12, 60), _sheet(words))
        book.close()
    return count


def _cells(connection: Connection, query: LayerQuery, schema: pa.Schema) -> Iterator[Sequence[Any]]:
    for batch in rows.record_batches(connection, query):
        table = _as_table(batch, schema)
        yield from zip(*[_plain(column) for column in table.columns], strict=True)


def _plain(column: pa.Array) -> list[Any]:
    if pa.types.is_date(column.type) or pa.types.is_boolean(column.type):
        column = column.cast(pa.string())
    return list(column.to_pylist())


def _sheet(words: Words) -> Iterator[tuple[bool, Sequence[str]]]:
    yield True, (words.title,)
    for label, value in words.about:
        yield False, (label, value)
    yield False, ()
    yield True, DICTIONARY
    for row in words.dictionary:
        yield False, row


WRITERS = {
    "gpkg": _geopackage,
    "parquet": _geoparquet,
    "geojson": _geojson,
    "shp.zip": _shapefile,
    "csv": _csv,
    "xlsx": _xlsx,
}
