"""Checks on frames that are measured together: one metric coordinate system, sound shapes, known columns."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame, GeoSeries
from numpy.typing import NDArray
from pyproj import CRS
from shapely import GeometryType
from shapely.geometry.base import BaseGeometry

from gis.errors import (
    N_,
    BadParameter,
    GeographicCRS,
    GisError,
    InvalidGeometry,
    MissingColumn,
    MissingCRS,
    MixedCRS,
    NegativeAmount,
    NotALine,
    NotAPolygon,
)
from gis.measure import is_metric

T = TypeVar("T", bound=np.generic)
Shapes = NDArray[np.object_]
Amounts = NDArray[np.float64]
Mask = NDArray[np.bool_]
Places = GeoDataFrame | GeoSeries
LINES, POLYGONS = 1, 2
"""Dimensions of shapes."""


def require_metric(*frames: Places) -> CRS:
    """Return the one projected CRS in metres (投影坐标系) that all the frames declare.

    Raises
    ------
    MissingCRS
        A frame declares none.
    MixedCRS
        They differ.
    GeographicCRS
        It is in degrees or in feet.
    BadParameter
        A frame has no shapes at all, such as a plain DataFrame.
    """
    systems = [_declared(frame) for frame in frames]
    other = next((crs for crs in systems if not systems[0].equals(crs, ignore_axis_order=True)), None)
    if other is not None:
        raise MixedCRS(
            N_("The frames are in different coordinate systems: {first} and {other}."),
            remedy=N_("Bring them into one projected system in metres first."),
            first=systems[0].name,
            other=other.name,
        )
    if not is_metric(systems[0]):
        raise GeographicCRS(
            N_("{name} is not projected in metres."),
            remedy=N_("Bring the frames into the city's projected system, for example EPSG:4547."),
            name=systems[0].name,
        )
    return systems[0]


def require_dimension(frame: Places, dimension: int) -> None:
    """Refuse a frame with shapes of another dimension than ``LINES`` or ``POLYGONS``; none or empty may be.

    Raises
    ------
    NotALine, NotAPolygon
        A shape is something else; the first is named by its row.
    """
    shapes = np.asarray(frame.geometry.array, dtype=object)
    found = shapely.get_dimensions(shapes)
    other = (found >= 0) & (found != dimension) & ~shapely.is_empty(shapes)
    if other.any():
        first = int(np.flatnonzero(other)[0])
        refusal, what = _NEEDED[dimension]
        raise refusal(what, where=N_("Row {row}."), row=frame.index[first], kind=shapes[first].geom_type)


_NEEDED = {
    LINES: (NotALine, N_("A {kind} was given where a line is needed.")),
    POLYGONS: (NotAPolygon, N_("A {kind} was given where a polygon is needed.")),
}


def shapes_of(frame: Places) -> Shapes:
    """Return the points, lines and polygons of a frame as an array; None where missing or empty.

    Raises
    ------
    InvalidGeometry
        A polygon crosses itself, a coordinate is not finite, or a shape is a collection; the first is named.
    """
    shapes = np.array(frame.geometry.array, dtype=object)
    shapes[shapely.is_empty(shapes)] = None
    kinds = shapely.get_type_id(shapes)
    _refuse(frame, shapes, kinds == GeometryType.GEOMETRYCOLLECTION)
    # A line of no length is invalid to GEOS, yet its length is known.
    line = np.isin(kinds, (GeometryType.LINESTRING, GeometryType.LINEARRING, GeometryType.MULTILINESTRING))
    _refuse(frame, shapes, line & ~np.isfinite(shapely.length(shapes)))
    _refuse(frame, shapes, ~line & (kinds >= 0) & ~shapely.is_valid(shapes))
    return shapes


def polygons_of(frame: Places) -> Shapes:
    """Return the polygons of a frame as an array; None where missing or empty.

    Raises
    ------
    NotAPolygon
        A shape is a point or a line.
    InvalidGeometry
        A polygon crosses itself; the first is named by its row.
    """
    shapes = shapes_of(frame)
    require_dimension(frame, POLYGONS)
    return shapes


def points_of(frame: Places) -> Shapes:
    """Return where each row lies: a point itself, of a line or polygon its centroid; None where missing."""
    shapes = shapes_of(frame)
    extended = shapely.get_type_id(shapes) != GeometryType.POINT
    shapes[extended] = shapely.centroid(shapes[extended])
    return shapes


def coordinates_of(points: Shapes) -> Amounts:
    """Return x and y of points, shape (n, 2); NaN where missing."""
    return np.column_stack([shapely.get_x(points), shapely.get_y(points)])


def amounts_of(frame: pd.DataFrame, column: str) -> Amounts:
    """Return a column of amounts >= 0 as floats; NaN where not supplied.

    Raises
    ------
    MissingColumn
        The frame does not have it.
    BadParameter
        It holds something that is not a number, or an infinite one; the first is named.
    NegativeAmount
        An amount is below zero; the first is named.
    """
    values = column_of(frame, column)
    try:
        amounts = values.to_numpy(float, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise BadParameter(
            N_("The column {column} holds something that is not a number."), column=column
        ) from error
    negative = N_("{count} values of {column} are below zero, the first in row {row}.")
    refuse_rows(frame, amounts < 0, NegativeAmount, negative, column=column)
    infinite = N_("{count} values of {column} are infinite, the first in row {row}.")
    refuse_rows(frame, np.isinf(amounts), BadParameter, infinite, column=column)
    return amounts


def refuse_rows(
    frame: pd.DataFrame, wrong: Mask, refusal: type[GisError], what: str, column: str = ""
) -> None:
    """Raise an error about the rows that are wrong, if any; ``what`` may name {count}, {row} and {column}."""
    if wrong.any():
        row = frame.index[np.flatnonzero(wrong)[0]]
        raise refusal(what, count=int(wrong.sum()), row=row, column=column)


def for_each_row(values: NDArray[T], rows: int) -> NDArray[T]:
    """Return values of which there is one for each row; raises BadParameter where there is not."""
    if values.shape != (rows,):
        raise BadParameter(N_("There are {given} values for {rows} rows."), given=values.size, rows=rows)
    return values


def column_of(frame: pd.DataFrame, column: str) -> pd.Series:
    """Return a column by its name; raises MissingColumn where the frame does not have it."""
    if column not in frame:
        raise MissingColumn(
            N_("The column {column} is missing."),
            remedy=N_("The columns are {columns}: supply it, or rename one of them."),
            column=column,
            columns=", ".join(map(str, frame.columns)),
        )
    return frame[column]


def land_area(units: GeoDataFrame) -> pd.Series[float]:
    """Area of each unit (用地面积) in square metres on ``units.index``; NaN where it has none."""
    require_metric(units)
    area = units.geometry.area
    return area.where(area > 0)


def totals(position: NDArray[np.int64], amount: Amounts | Mask, size: int) -> Amounts:
    """Sum amounts by the position they belong to; 0 where there is none."""
    return np.bincount(position, weights=amount, minlength=size).astype(float)


def sums(amount: Amounts, first: NDArray[np.int64]) -> Amounts:
    """Sum amounts in runs that follow each other; ``first`` is where each begins, and where the last ends.

    Examples
    --------
    >>> sums(np.array([1.0, 2.0, 4.0]), np.array([0, 2, 2, 3])).tolist()
    [3.0, 0.0, 4.0]
    """
    begin, filled = first[:-1], np.diff(first) > 0
    found = np.zeros(len(begin))
    if filled.any():
        found[filled] = np.add.reduceat(amount, begin[filled])
    return found


def _declared(frame: Places) -> CRS:
    if not isinstance(frame, GeoSeries) and getattr(frame, "active_geometry_name", None) is None:
        raise BadParameter(
            N_("A {kind} without shapes was given where a layer with shapes is needed."),
            remedy=N_("Read the layer with its geometry."),
            kind=type(frame).__name__,
        )
    if frame.crs is None:
        raise MissingCRS(
            N_("The data do not say which coordinate system they are in."),
            remedy=N_("Declare it before measuring."),
        )
    return frame.crs


def _refuse(frame: Places, shapes: Shapes, faulty: Mask) -> None:
    if not faulty.any():
        return
    first = int(np.flatnonzero(faulty)[0])
    raise InvalidGeometry(
        N_("The geometry cannot be measured: {reason}."),
        where=N_("Row {row}."),
        remedy=N_("Mend it in the source; {count} rows are affected."),
        row=frame.index[first],
        reason=_reason(shapes[first]),
        count=int(faulty.sum()),
    )


def _reason(shape: BaseGeometry) -> str:
    return shape.geom_type if shape.geom_type == "GeometryCollection" else str(shapely.is_valid_reason(shape))
