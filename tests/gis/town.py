"""Small towns for the tests of the measures, in CGCS2000 / 3-degree Gauss-Kruger zone 38 (EPSG:4547)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from hypothesis import strategies as st

from gis.analysis import evaluate

ORIGIN = (500_000.0, 3_800_000.0)
FIGURE_EIGHT = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
angles = st.floats(0, 360)
offsets = st.floats(-20_000, 20_000)
seeds = st.integers(0, 10_000)


def frame(*shapes, crs=4547, **columns):
    """A frame of shapes that are given in metres from the origin."""
    placed = [None if shape is None else shapely.transform(shape, lambda xy: xy + ORIGIN) for shape in shapes]
    return gpd.GeoDataFrame(columns, geometry=placed, crs=crs)


def box(x, y, width, height=None):
    return shapely.box(x, y, x + width, y + (width if height is None else height))


def squares(count, side=100.0):
    """A square of count x count square units."""
    row, column = np.indices((count, count)).reshape(2, -1)
    return frame(*shapely.box(column * side, row * side, (column + 1) * side, (row + 1) * side))


def houses(count, seed, extent=300.0):
    """Rectangles at any angle with floors and residents."""
    random = np.random.default_rng(seed)
    centre, size = random.uniform(20, extent - 20, (count, 2)), random.uniform(3, 15, (count, 2))
    turn = np.exp(1j * random.uniform(0, np.pi, count))[:, None]
    corners = (size[:, :1] * [-1, 1, 1, -1] + 1j * size[:, 1:] * [-1, -1, 1, 1]) * turn
    xy = np.stack([corners.real, corners.imag], axis=-1) + centre[:, None]
    floors, population = random.integers(1, 30, count), random.integers(0, 200, count)
    return frame(*shapely.polygons(xy), floors=floors.astype(float), population=population.astype(float))


def streets(count, seed, extent=300.0):
    """Winding lines of four corners."""
    random = np.random.default_rng(seed)
    steps = random.normal(0, extent / 8, (count, 4, 2)).cumsum(axis=1)
    return frame(*shapely.linestrings(random.uniform(0, extent, (count, 1, 2)) + steps))


def points(count, seed, extent=300.0, **columns):
    random = np.random.default_rng(seed)
    return frame(*shapely.points(random.uniform(0, extent, (count, 2))), **columns)


def moved(town, dx, dy, angle):
    """The frame turned about the origin and shifted."""
    shapes = town.geometry.rotate(angle, origin=ORIGIN).translate(dx, dy)
    return town.set_geometry(shapes)


def scaled(town, k):
    return town.set_geometry(town.geometry.scale(k, k, origin=ORIGIN))


def measured(code, units, subject="", basis="", **layers):
    """An indicator of the catalogue of these units, on their index."""
    rows = evaluate(layers, units, indicators=[code])
    rows = rows[(rows["subject"] == subject) & (rows["basis"] == basis)]
    return pd.Series(rows["value"].to_numpy(), units.index)
