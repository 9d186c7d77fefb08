"""Square and hexagon grids (网格) whose cells are the same for the same place, whatever area is asked for."""

from __future__ import annotations

import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from pyproj import CRS

from gis.errors import N_, BadParameter
from gis.frames import Amounts, Places, Shapes, polygons_of, require_metric

MOST_CELLS = 4_000_000
EDGE, HAIR = 1e-9, 1e-6
"""How much smaller a cell is asked than it is: a part of its width, but no more than so many metres."""
SQUARE = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]])
HEXAGON = np.array([[2, 0], [1, 1], [-1, 1], [-2, 0], [-1, -1], [1, -1], [2, 0]])
HALF_HEIGHT = np.sqrt(3) / 2
Numbers = NDArray[np.int64]


def square_grid(area: Places, side: float) -> GeoDataFrame:
    """Square cells (方格网) that share ground with an area.

    Parameters
    ----------
    area
        Polygons in a projected CRS in metres.
    side
        Length of a cell's side in metres.

    Returns
    -------
    GeoDataFrame
        ``code`` "column_row" counted from the origin of the CRS, and whole cells, by row and column. A cell
        of one size has the same code and the same corners in every grid of that CRS.

    Raises
    ------
    GeographicCRS, MissingCRS, NotAPolygon, InvalidGeometry
        The area cannot be covered in metres.
    BadParameter
        ``side`` is not above zero, or so small that there would be more than four million cells.

    Examples
    --------
    >>> from geopandas import GeoSeries
    >>> square_grid(GeoSeries([shapely.box(10, 10, 110, 90)], crs=4547), 100)["code"].tolist()
    ['0_0', '1_0']
    """
    crs, shapes = require_metric(area), polygons_of(area)
    column, row = _places(shapes, np.array([side, side]))
    corners = np.stack([column, row], axis=-1)[:, None] + SQUARE
    return _grid(column, row, corners * side, shapes, crs)


def hexagon_grid(area: Places, side: float) -> GeoDataFrame:
    """Hexagon cells (六边形网格) with a corner to the east that share ground with an area.

    Parameters
    ----------
    area
        Polygons in a projected CRS in metres.
    side
        Length of a cell's side in metres; its area is 3 sqrt(3) / 2 side².

    Returns
    -------
    GeoDataFrame
        As ``square_grid``; every second column stands half a cell higher.

    Raises
    ------
    GeographicCRS, MissingCRS, NotAPolygon, InvalidGeometry, BadParameter
        As ``square_grid``.
    """
    crs, shapes = require_metric(area), polygons_of(area)
    step = np.array([side / 2, side * HALF_HEIGHT])
    column, row = _places(shapes, step * (3, 2), margin=1)
    # Corners are whole steps of one lattice, so that neighbours share theirs bit by bit.
    centres = np.stack([3 * column, 2 * row + column % 2], axis=-1)
    return _grid(column, row, (centres[:, None] + HEXAGON) * step, shapes, crs)


def _places(shapes: Shapes, cell: Amounts, margin: int = 0) -> tuple[Numbers, Numbers]:
    """Columns and rows of the cells around the shapes, row by row."""
    if not (np.isfinite(cell).all() and (cell > 0).all()):
        raise BadParameter(N_("The side of a cell must be above zero."))
    known = shapes[~shapely.is_missing(shapes)]
    if not known.size:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    bounds = shapely.total_bounds(known)
    low = np.floor(bounds[:2] / cell) - margin
    count = np.floor(bounds[2:] / cell) + margin + 1 - low
    if count.prod() > MOST_CELLS:
        raise BadParameter(
            N_("There would be {count:.0f} cells; {most} is the most."),
            remedy=N_("Choose a longer side."),
            count=count.prod(),
            most=MOST_CELLS,
        )
    row, column = np.indices(count[::-1].astype(np.int64)).reshape(2, -1)
    return column + low[0].astype(np.int64), row + low[1].astype(np.int64)


def _grid(column: Numbers, row: Numbers, corners: Amounts, shapes: Shapes, crs: CRS) -> GeoDataFrame:
    centre = corners[:, :-1].mean(axis=1, keepdims=True)
    # A cell that only touches the area shares no ground with it: it is asked a hair smaller than it is.
    less = np.minimum(EDGE, HAIR / np.ptp(corners, axis=1, keepdims=True))
    asked = shapely.polygons(centre + (corners - centre) * (1 - less))
    met = np.unique(shapely.STRtree(asked).query(shapes, predicate="intersects")[1])
    codes = [f"{x}_{y}" for x, y in zip(column[met].tolist(), row[met].tolist(), strict=True)]
    return GeoDataFrame({"code": codes}, geometry=shapely.polygons(corners[met]), crs=crs)
