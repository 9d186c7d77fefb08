"""A layer read out of the database a few thousand rows at a time, as Arrow batches or as GeoJSON features."""

from __future__ import annotations

import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import islice
from typing import Any

import pyarrow as pa
from pyarrow import csv
from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    Text,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    text,
)

from data import projects as project_queries
from data import selection
from data.layer_fields import LAYERS, Field, Kind, fields, named
from data.models import District
from data.projects import ProjectFilter
from data.selection import Area

ROWS_AT_ONCE = 20_000
PATIENCE_MS = 15 * 60_000
RFC7946_PLACES = 7
SHAPE = "geometry"
ARROW: dict[Kind, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "date": pa.date32(),
    "yes_no": pa.bool_(),
}


@dataclass(frozen=True)
class LayerQuery:
    """What of a layer is to be read: its columns and the conditions of its rows; shapes in ``srid``.

    ``order`` is a value that orders the rows otherwise than the layer does.
    """

    layer: str
    columns: tuple[Field, ...]
    where: tuple[ColumnElement[bool], ...]
    srid: int = 4326
    order: Any = None

    @property
    def shape(self) -> Any:
        """The shapes as an SQL value in the CRS that is asked for."""
        stored = LAYERS[self.layer].shape
        return stored if self.srid == 4326 else func.ST_Transform(stored, self.srid)

    @property
    def schema(self) -> pa.Schema:
        """The columns as Arrow knows them, the shapes (WKB) last."""
        plain = [pa.field(field.name, ARROW[field.kind]) for field in self.columns]
        return pa.schema([*plain, pa.field(SHAPE, pa.binary())])

    def narrowed(self, *where: ColumnElement[bool]) -> LayerQuery:
        """Return the query with further conditions."""
        return replace(self, where=(*self.where, *where))


def layer_query(  # noqa: PLR0913
    layer: str,
    city: RowMapping,
    *,
    area: Area | None = None,
    keep: ProjectFilter | None = None,
    language: str = "zh_CN",
    srid: int = 4326,
) -> LayerQuery:
    """Say which rows and columns of a layer an area and a filter select; the filter is of projects only."""
    keep = keep or ProjectFilter()
    own = [one for field in fields(layer, city, area, keep) for one in named(field, language)]
    return LayerQuery(layer, tuple(own), tuple(_conditions(layer, city, area, keep)), srid)


def _conditions(
    layer: str, city: RowMapping, area: Area | None, keep: ProjectFilter
) -> list[ColumnElement[bool]]:
    table = LAYERS[layer].table
    if layer == "projects":
        asked = project_queries.conditions(city["id"], keep)
        return asked if area is None else [*asked, selection.projects_in(area)]
    found = [table.city_id == city["id"]]
    if layer == "districts":
        found.append(District.valid_to.is_(None))
        return found if area is None else [*found, _districts_in(area)]
    if layer in {"zoning", "constraints"}:
        found.append(selection.in_force(table))
    return found if area is None else [*found, selection.features_in(layer, area)]


def _districts_in(area: Area) -> ColumnElement[bool]:
    itself = District.id == area.district_id
    return itself if area.shape is None else or_(itself, selection.overlaps(District.boundary, area))


def _selected(query: LayerQuery, *columns: Any) -> Select[Any]:
    return select(*columns).where(*query.where).order_by(_order(query))


def be_patient(connection: Connection) -> None:
    """Let the statements of this transaction run as long as writing a large file takes."""
    connection.execute(text(f"SET LOCAL statement_timeout = {PATIENCE_MS}"))


def count(connection: Connection, query: LayerQuery) -> int:
    """Count the rows that a query keeps."""
    rows = select(func.count()).select_from(LAYERS[query.layer].table).where(*query.where)
    return int(connection.scalar(rows) or 0)


def shape_types(connection: Connection, query: LayerQuery) -> set[str]:
    """Name the types of the shapes that a query keeps, e.g. ``POINT``."""
    kind = func.GeometryType(LAYERS[query.layer].shape)
    found = connection.scalars(select(kind).where(*query.where, kind.is_not(None)).distinct())
    return set(found)


def of_types(query: LayerQuery, types: Sequence[str], *, unplaced: bool) -> LayerQuery:
    """Narrow a query to shapes of these types, with or without the rows that have none."""
    stored = LAYERS[query.layer].shape
    kept = func.GeometryType(stored).in_(types)
    return query.narrowed(or_(kept, stored.is_(None)) if unplaced else kept)


def record_batches(connection: Connection, query: LayerQuery) -> Iterator[pa.RecordBatch]:
    """Read the rows as Arrow batches with shapes as WKB, by COPY."""
    schema, lines = query.schema, _copied(connection, query)
    while some := list(islice(lines, ROWS_AT_ONCE)):
        yield _batch(b"".join(some), schema)


def _copied(connection: Connection, query: LayerQuery) -> Iterator[bytes]:
    shape = func.encode(func.ST_AsBinary(query.shape), "hex").label(SHAPE)
    asked = _selected(query, *[field.value.label(field.name) for field in query.columns], shape)
    compiled = asked.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - the connection is open
    with driver.cursor() as cursor:
        statement = f"COPY ({compiled}) TO STDOUT (FORMAT csv)"
        with cursor.copy(statement, compiled.params) as copy:
            for line in copy:
                yield bytes(line)


def _batch(lines: bytes, schema: pa.Schema) -> pa.RecordBatch:
    types = {field.name: field.type for field in schema} | {SHAPE: pa.string()}
    table = csv.read_csv(
        BytesIO(lines),
        read_options=csv.ReadOptions(column_names=schema.names, use_threads=False, block_size=len(lines) + 1),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types=types,
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            null_values=[""],
            true_values=["t"],
            false_values=["f"],
        ),
    )
    columns = [column.combine_chunks() for column in table.columns]
    return pa.RecordBatch.from_arrays([*columns[:-1], _from_hex(columns[-1])], schema=schema)


def _from_hex(texts: pa.StringArray) -> pa.BinaryArray:
    """Turn hexadecimal texts into bytes, all at once: the data halve, and so do the offsets."""
    texts = pa.array(texts) if texts.offset == 0 else pa.concat_arrays([texts])
    valid, offsets, data = texts.buffers()
    halves = pa.array(memoryview(offsets).cast("i")) if offsets else pa.array([], pa.int32())
    starts = pa.compute.divide(halves, 2).cast(pa.int32())
    plain = pa.py_buffer(binascii.unhexlify(memoryview(data)[: halves[-1].as_py()])) if data else data
    return pa.BinaryArray.from_buffers(
        pa.binary(), len(texts), [valid, starts.buffers()[1], plain], null_count=texts.null_count
    )


def feature_texts(connection: Connection, query: LayerQuery) -> Iterator[str]:
    """Read the rows as GeoJSON features (RFC 7946: WGS 84, outer rings counter-clockwise)."""
    plain = _selected(query, *[field.value.label(field.name) for field in query.columns]).order_by(None)
    # ST_ForcePolygonCCW turns lines round as well, which would reverse one-way streets.
    turned = case(
        (func.ST_Dimension(query.shape) == 2, func.ST_ForcePolygonCCW(query.shape)), else_=query.shape
    )
    shape = func.ST_AsGeoJSON(turned, RFC7946_PLACES).label(SHAPE)
    rows = plain.add_columns(shape, _order(query).label("place")).subquery()
    properties = func.json_build_object(
        *[part for field in query.columns for part in (literal(field.name), rows.c[field.name])]
    )
    feature = func.concat(
        '{"type":"Feature","geometry":',
        func.coalesce(rows.c[SHAPE], "null"),
        ',"properties":',
        cast(properties, Text),
        "}",
    )
    for row in project_queries.streamed(connection, select(feature.label("feature")).order_by(rows.c.place)):
        yield row["feature"]


def _order(query: LayerQuery) -> Any:
    if query.order is not None:
        return query.order
    table = LAYERS[query.layer].table
    return table.code if query.layer == "projects" else table.id
