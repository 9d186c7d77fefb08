"""A city's layers 图层: which are supplied, of which classes, and their land with no ground in it twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeVar

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame, GeoSeries

from gis.frames import (
    LINES,
    POLYGONS,
    Amounts,
    Mask,
    amounts_of,
    polygons_of,
    require_dimension,
    require_metric,
)
from gis.indicator import OR
from gis.memo import Key, Memo
from gis.overlap import Pairs, disjoint, doubled, overlapping

DIMENSIONS = {"buildings": POLYGONS, "zoning": POLYGONS, "constraints": POLYGONS, "streets": LINES}
Classes = tuple[str, ...] | None
"""Classes of a layer; None: all of its features."""
UNCLASSED = ""
"""Stands among classes for features whose class is not known."""
T = TypeVar("T")


class Layers:
    """Layers by name in one projected CRS in metres; reading one is noted for what is being made of it.

    Parameters
    ----------
    frames
        A layer that is not supplied is absent.
    memo
        What was computed of the same layers before.

    Raises
    ------
    MissingCRS, MixedCRS, GeographicCRS
        The layers are not in one projected CRS in metres.
    NotAPolygon, NotALine
        A building, a zone or a constraint is not a polygon, or a street not a line.
    """

    def __init__(self, frames: Mapping[str, GeoDataFrame], memo: Memo | None = None) -> None:
        self.memo = memo or Memo()
        self._frames = dict(frames)
        if frames:
            require_metric(*frames.values())
        # The layers of a ground that was changed are those of one that was looked at.
        for layer, dimension in DIMENSIONS.items() if memo is None else ():
            if layer in frames:
                require_dimension(frames[layer], dimension)

    @property
    def frames(self) -> Mapping[str, GeoDataFrame]:
        """The layers by name; reading them here is not noted."""
        return MappingProxyType(self._frames)

    def once(self, key: Key, make: Callable[[], T]) -> T:
        """Return what was computed under ``key``, or compute it and keep it."""
        return self.memo.once(key, make)

    def __contains__(self, layer: str) -> bool:
        self.memo.read(layer)
        return layer in self._frames

    def frame(self, layer: str) -> GeoDataFrame:
        """A layer of the city."""
        self.memo.read(layer)
        return self._frames[layer]

    def supplied(self, name: str) -> bool:
        """Whether a layer, or ``layer.column`` with at least one value, or one of several, is supplied."""
        if OR in name:
            return any(self.supplied(one) for one in name.split(OR))
        layer, _, column = name.partition(".")
        if layer not in self or not column:
            return layer in self
        return self.once(("supplied", name), lambda: self._holds(layer, column))

    def _holds(self, layer: str, column: str) -> bool:
        frame = self.frame(layer)
        return column in frame and bool(frame[column].notna().any())

    def known(self, layer: str, column: str) -> Amounts:
        """Return a column of amounts; NaN where it is not supplied."""
        frame = self.frame(layer)
        return amounts_of(frame, column) if column in frame else np.full(len(frame), np.nan)

    def classes(self, layer: str, column: str) -> tuple[str, ...]:
        """The classes that a column of a layer holds, by name; none where it is not supplied."""
        if not self.supplied(f"{layer}.{column}"):
            return ()
        return self.once(
            ("classes", layer, column),
            lambda: tuple(sorted(str(name) for name in self.frame(layer)[column].dropna().unique())),
        )

    def dissolved(self, layer: str, classes: Classes = None, column: str = "") -> GeoSeries:
        """A layer's land, or that of some of its classes, so that no ground is in it twice."""
        lone, several = self.apart(layer, classes, column)
        return GeoSeries(pd.concat([self.frame(layer).geometry[lone], several], ignore_index=True))

    def apart(self, layer: str, classes: Classes = None, column: str = "") -> tuple[Mask, GeoSeries]:
        """Which features of some classes lie over no other of them, and the land of those that do, merged."""
        return self.once(("apart", layer, classes, column), lambda: self._apart(layer, classes, column))

    def _apart(self, layer: str, classes: Classes, column: str) -> tuple[Mask, GeoSeries]:
        frame, (first, second) = self.frame(layer), self.overlapping(layer)
        chosen = np.ones(len(frame), bool) if classes is None else is_of(frame, classes, column)
        both = chosen[first] & chosen[second]
        several = np.zeros(len(frame), bool)
        several[first[both]] = several[second[both]] = True
        return chosen & ~several, GeoSeries(disjoint(frame.geometry.to_numpy()[several]), crs=frame.crs)

    def overlapping(self, layer: str) -> Pairs:
        """Which features of a layer lie over which others."""
        return self.once(("overlapping", layer), lambda: overlapping(polygons_of(self.frame(layer))))

    def doubled(self, layer: str) -> GeoSeries:
        """The ground on which features of a layer lie over each other, so that none is in it twice."""

        def found() -> GeoSeries:
            frame, pairs = self.frame(layer), self.overlapping(layer)
            return GeoSeries(doubled(frame.geometry.to_numpy(), pairs), crs=frame.crs)

        return self.once(("doubled", layer), found)

    def classed(self, layer: str, column: str) -> bool:
        """Whether the class of every feature of a layer is known."""
        return self.once(("classed", layer, column), lambda: bool(self.frame(layer)[column].notna().all()))


def of_classes(frame: GeoDataFrame, classes: Classes, column: str = "street_class") -> GeoDataFrame:
    """The features of some classes, ``UNCLASSED`` among them, or all."""
    return frame if classes is None else frame[is_of(frame, classes, column)]


def is_of(frame: GeoDataFrame, classes: tuple[str, ...], column: str) -> Mask:
    """Whether each feature is of one of some classes; without the column none has a class."""
    if column not in frame:
        return np.full(len(frame), UNCLASSED in classes)
    named: Mask = frame[column].isin(classes).to_numpy(dtype=bool)
    return named | frame[column].isna().to_numpy() if UNCLASSED in classes else named
