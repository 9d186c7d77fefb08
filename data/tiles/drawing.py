"""What every statement of a tile is made of: its bounds, shapes as it draws them, places on its grid."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    REAL,
    ColumnElement,
    Date,
    Double,
    Integer,
    Select,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
)

from data.tiles.grid import BUFFER, EXTENT, PIXEL

LONGEST_NAME = 80
CELL = EXTENT // 64
CLUSTER = EXTENT // 16
SMALLEST_AREA = 3 * PIXEL


def _bound(name: str, kind: Any = Double) -> Any:
    return bindparam(name, None, type_=kind)


CITY, MOST, TODAY = _bound("city", Integer), _bound("most", Integer), _bound("today", Date)
COLUMN, ROW = _bound("column", Integer), _bound("row", Integer)
WEST, SOUTH, EAST, NORTH, UNIT = (_bound(name) for name in ("west", "south", "east", "north", "unit"))
YI: Any = literal_column("1e8::float8")
BOX = func.ST_MakeEnvelope(WEST, SOUTH, EAST, NORTH, 3857)
REACH = func.ST_Expand(BOX, UNIT * literal_column(str(BUFFER)))


def number(value: float) -> Any:
    """Return a constant of ours as double precision; a bound integer would make the arithmetic numeric."""
    return literal_column(f"{float(value)!r}::float8")


def clipped(shape: Any, *, tolerance: float = PIXEL / 2) -> Any:
    """Return a shape as the tile draws it: simplified by half a pixel, cut at its edge."""
    simple = func.ST_Simplify(shape, UNIT * number(tolerance), True)
    return func.ST_AsMVTGeom(simple, BOX, EXTENT, BUFFER, True).label("geom")


def edges(shape: Any) -> tuple[Any, Any, Any, Any]:
    """Return west, south, east, north of a shape's stored box: to a metre, without reading the shape."""
    box = func.Box2D(shape)
    return func.ST_XMin(box), func.ST_YMin(box), func.ST_XMax(box), func.ST_YMax(box)


def width(shape: Any) -> Any:
    """Return the longer side of a shape's box, in metres of EPSG:3857."""
    west, south, east, north = edges(shape)
    return func.greatest(east - west, north - south)


def share(shape: Any) -> Any:
    """Return the area of a shape's box."""
    west, south, east, north = edges(shape)
    return (east - west) * (north - south)


def shapes(table: Any, columns: dict[str, Any], *only: ColumnElement[bool]) -> Select[Any]:
    """Select the shapes of a table that meet the tile, the largest first, as the tile draws them."""
    shape = table.mercator
    chosen = (
        select(table.id, *(column.label(name) for name, column in columns.items()), shape.label("shape"))
        .where(shape.op("&&")(REACH), *(only or (table.city_id == CITY,)))
        .order_by(share(shape).desc())
        .limit(MOST)
        .subquery("chosen")
    )
    return select(chosen.c.id, *(chosen.c[name] for name in columns), clipped(chosen.c.shape))


def in_force(table: Any) -> ColumnElement[bool]:
    """Whether a feature is in force today."""
    return and_(
        or_(table.valid_from.is_(None), table.valid_from <= TODAY),
        or_(table.valid_to.is_(None), table.valid_to > TODAY),
    )


def shortened(column: Any) -> Any:
    """Return a text short enough for a tile."""
    return func.left(column, LONGEST_NAME)


def rounded(column: Any, digits: int = 0) -> Any:
    """Round a figure so that equal values share one entry of the tile."""
    scale = number(10**digits)
    return cast(func.round(column * scale) / scale, REAL)


def middle(shape: Any) -> tuple[Any, Any]:
    """Return the middle of a shape's box as column and row of the tile's grid."""
    west, south, east, north = edges(shape)
    x, y = (west + east) * number(0.5), (south + north) * number(0.5)
    return (x - WEST) / UNIT, (NORTH - y) / UNIT


def inside(x: Any, y: Any) -> ColumnElement[bool]:
    """Whether a place of the grid lies in the tile; a place on an edge lies in one tile only."""
    start, end = number(0), number(EXTENT)
    return and_(x >= start, x < end, y >= start, y < end)


def square(column: Any, row: Any, side: float) -> Any:
    """Return a cell of the tile's grid as a polygon, its ring turning as tiles want it."""
    x, y, side = column * number(side), row * number(side), number(side)
    return func.ST_ForcePolygonCCW(func.ST_MakeEnvelope(x, y, x + side, y + side)).label("geom")
