"""Where people live 居住建筑."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from geopandas import GeoSeries
from numpy.typing import NDArray

from gis.frames import Amounts


class Homes(NamedTuple):
    """Where people live 居住建筑: the middle of each residential building, and its weight on each basis.

    ``rows`` are the positions of the homes among the buildings. A home whose weight is not supplied weighs
    nothing: it is in no numerator and no denominator.
    """

    rows: NDArray[np.int64]
    points: GeoSeries
    weights: Mapping[str, Amounts]

    def take(self, home: NDArray[np.int64]) -> Homes:
        """Some of the homes."""
        weights = {basis: weight[home] for basis, weight in self.weights.items()}
        points = GeoSeries(self.points.to_numpy()[home], crs=self.points.crs)
        return Homes(self.rows[home], points, MappingProxyType(weights))
