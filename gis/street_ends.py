"""Where street ends meet 街道端点: junctions and dead ends, and what a change of streets makes of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from geopandas import GeoSeries
from numpy.typing import NDArray
from pyproj import CRS

from gis.frames import LINES, Mask, Places, require_dimension, require_metric, shapes_of
from gis.ranges import above_zero

Cells = NDArray[np.complex128]
Counts = NDArray[np.int64]


class StreetEnds(NamedTuple):
    """The places where street ends lie, and how many meet at each.

    Attributes
    ----------
    cell
        Coordinates over ``precision``, rounded, as complex numbers, ascending: by x and then by y.
    degree
        Ends in each cell.
    precision
        Metres; ends that fall into the same cell are one place.
    """

    cell: Cells
    degree: Counts
    crs: CRS
    precision: float

    @classmethod
    def of(cls, streets: Places, precision: float = 0.01) -> StreetEnds:
        """Count the ends of single lines in a projected CRS in metres; a loop has two at its node.

        Raises
        ------
        NotALine
            A street is a point or a polygon.
        BadParameter
            ``precision`` is not above zero.
        """
        above_zero(precision=precision)
        crs = require_metric(streets)
        cell, degree = np.unique(_ends(streets, precision), return_counts=True)
        return cls(cell, degree, crs, precision)

    def changed(self, removed: Places, added: Places) -> StreetEnds:
        """The ends of the streets without some of them and with others; a cell may be left with none."""
        gone, come = _ends(removed, self.precision), _ends(added, self.precision)
        new, which = np.unique(np.concatenate([gone, come]), return_inverse=True)
        change = np.bincount(which, np.repeat([-1, 1], [len(gone), len(come)]), len(new)).astype(np.int64)
        at, known = self._find(new)
        degree = self.degree.copy()
        degree[at[known]] += change[known]
        cell = np.insert(self.cell, at[~known], new[~known])
        return self._replace(cell=cell, degree=np.insert(degree, at[~known], change[~known]))

    def differing(self, other: StreetEnds) -> Cells:
        """Cells of these in which not as many ends meet as in others."""
        return np.asarray(self.cell[other.at(self.cell) != self.degree])

    def at(self, cell: Cells) -> Counts:
        """How many ends meet in each of some cells."""
        at, known = self._find(cell)
        return np.where(known, np.append(self.degree, 0)[at], 0)

    def places(self, cell: Cells) -> GeoSeries:
        """The points that cells stand for."""
        return GeoSeries(shapely.points(cell.real * self.precision, cell.imag * self.precision), crs=self.crs)

    def meeting(self, least: int, most: float = np.inf) -> GeoSeries:
        """Where at least, and at most, so many ends meet: points, ordered by x and y."""
        return self.places(self.cell[(self.degree >= least) & (self.degree <= most)])

    def _find(self, cell: Cells) -> tuple[Counts, Mask]:
        at = np.searchsorted(self.cell, cell)
        return at, np.append(self.cell, np.nan)[at] == cell


def _ends(streets: Places, precision: float) -> Cells:
    require_dimension(streets, LINES)
    xy, line = shapely.get_coordinates(shapely.get_parts(shapes_of(streets)), return_index=True)
    turn = np.flatnonzero(np.diff(line))
    x, y = np.round(xy[np.concatenate([[0], turn, turn + 1, [-1]])] / precision).T if len(xy) else ([], [])
    ends: Cells = np.asarray(x) + 1j * np.asarray(y)
    return ends
