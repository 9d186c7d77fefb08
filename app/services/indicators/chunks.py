"""A run in chunks of units 分块计算: bounded in memory, the same on one machine and on many.

A chunk takes part with the units that touch it, because a point on a common edge belongs to the first of the
units that meet there. The chunks are the same wherever they are measured, so that the last bit of a sum does
not depend on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.analysis import Analysis, as_table, chosen, measure
from gis.ground import Ground
from gis.indicator import Indicator

NAMES = ("indicator", "subject", "basis")


class Chunk(NamedTuple):
    """Units that are measured together: positions of those wanted, and of these with all that touch them."""

    name: str
    wanted: NDArray[np.intp]
    near: NDArray[np.intp]


def chunks(units: gpd.GeoDataFrame, size: int) -> list[Chunk]:
    """Part units into chunks in their order."""
    shapes = units.geometry.to_numpy()
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    starts = range(0, len(units), size)
    return [_chunk(start, min(start + size, len(units)), first, second) for start in starts]


class Measuring:
    """A chunk being measured, one indicator after the other, on a ground that serves the next chunks too."""

    def __init__(self, ground: Ground, units: gpd.GeoDataFrame, chunk: Chunk) -> None:
        self._analysis = Analysis(ground, units.iloc[chunk.near])
        self._chunk = chunk

    def table(self, indicator: Indicator) -> pd.DataFrame:
        """Measure an indicator; rows as of ``gis.analysis.evaluate``, with positions among all units."""
        near = self._chunk.near
        table = as_table(list(measure(self._analysis, indicator)), len(near))
        table["unit"] = near[table["unit"].to_numpy()]
        return table[np.isin(table["unit"], self._chunk.wanted)].reset_index(drop=True)

    def forget(self) -> None:
        """Let go of what was computed of these units alone."""
        memo, own = self._analysis.ground.memo, self._analysis.own
        memo.kept = {key: value for key, value in memo.kept.items() if key[0] is not own}


def measured(ground: Ground, units: gpd.GeoDataFrame, chunk: Chunk, codes: Sequence[str]) -> pd.DataFrame:
    """Measure all indicators of these codes, or of the catalogue, for a chunk."""
    measuring = Measuring(ground, units, chunk)
    table = joined([measuring.table(indicator) for indicator in chosen(codes or None)])
    measuring.forget()
    return table


def joined(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put tables one below the other."""
    for name in NAMES:
        every = sorted({str(value) for table in tables for value in table[name].cat.categories})
        tables = [table.assign(**{name: table[name].cat.set_categories(every)}) for table in tables]
    return pd.concat(tables, ignore_index=True)


def pieces(units: gpd.GeoDataFrame, chunk: Chunk) -> tuple[gpd.GeoDataFrame, Chunk]:
    """Return only the units that a chunk needs, and the chunk with positions among these."""
    here = np.arange(len(chunk.near))
    return units.iloc[chunk.near], Chunk(chunk.name, here[np.isin(chunk.near, chunk.wanted)], here)


def _chunk(start: int, stop: int, first: NDArray[np.intp], second: NDArray[np.intp]) -> Chunk:
    wanted = np.arange(start, stop)
    touching = second[(first >= start) & (first < stop)]
    return Chunk(f"{start:07}-{stop:07}", wanted, np.union1d(wanted, touching))
