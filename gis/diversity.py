"""How mixed the land use of a unit is (用地混合度): entropy and Hill numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame
from pandas import Series
from scipy.special import logsumexp, xlogy

from gis.errors import N_, BadParameter
from gis.frames import POLYGONS, Amounts, column_of, require_dimension, require_metric
from gis.overlap import Overlap, overlay


def use_areas(
    units: GeoDataFrame,
    parcels: GeoDataFrame,
    column: str = "land_use",
    *,
    overlap: Overlap | None = None,
) -> pd.DataFrame:
    """Area (m²) of each land use in each unit (各类用地面积).

    Parameters
    ----------
    units, parcels
        Polygons in one projected CRS in metres.
    column
        The land use of a parcel; parcels without one take no part.
    overlap
        ``overlay(units, parcels)`` where it is at hand.

    Returns
    -------
    DataFrame
        On ``units.index``, a column a use in order of its name.

    Raises
    ------
    NotAPolygon
        A parcel is a point or a line.
    """
    require_metric(units, parcels)
    require_dimension(parcels, POLYGONS)
    placed = overlay(units, parcels) if overlap is None else overlap
    use, names = pd.factorize(column_of(parcels, column), sort=True)
    placed = placed.without(use >= 0)
    cell = placed.unit * len(names) + use[placed.feature]
    areas = np.bincount(cell, weights=placed.amount, minlength=len(units) * len(names))
    return pd.DataFrame(areas.reshape(len(units), len(names)), units.index, names)


def land_use_entropy(areas: pd.DataFrame, classes: int | None = None) -> Series[float]:
    """Evenness of the land uses of each unit (用地混合度, normalised Shannon entropy), 0 to 1.

    Parameters
    ----------
    areas
        As ``use_areas`` gives them.
    classes
        How many land uses there can be; None: as many as ``areas`` has.

    Returns
    -------
    Series
        On ``areas.index``: 0 for one use, 1 where all have the same area; NaN where no use is known, or where
        there is only one class to mix.

    Raises
    ------
    BadParameter
        ``classes`` is less than the uses found.

    Notes
    -----
    H = -sum(p ln p) / ln k, p the share of a use in the unit's classed area: Shannon (1948); for land use
    Frank and Pivo (1994).
    """
    k = areas.shape[1] if classes is None else classes
    if k < areas.shape[1]:
        raise BadParameter(
            N_("There are {found} land uses, more than {classes}."), found=areas.shape[1], classes=k
        )
    entropy = _shannon(areas.to_numpy())
    return Series(entropy / np.log(k) if k > 1 else np.nan, areas.index)


def hill_number(areas: pd.DataFrame, q: float = 1.0) -> Series[float]:
    """Effective number of land uses of each unit (希尔数): as many equal uses would be as mixed.

    Parameters
    ----------
    areas
        As ``use_areas`` gives them.
    q
        0 counts the uses, 1 weighs them by their area, 2 by its square, inf looks at the largest alone.

    Returns
    -------
    Series
        1 to the number of uses; NaN where no use is known.

    Raises
    ------
    BadParameter
        ``q`` is below zero.

    Notes
    -----
    D = sum(p^q)^(1 / (1 - q)), at q = 1 its limit exp(-sum(p ln p)): Hill (1973).
    """
    if not q >= 0:
        raise BadParameter(N_("The order {q} of a Hill number is below zero."), q=q)
    amounts = areas.to_numpy()
    if q == 1:
        return Series(np.exp(_shannon(amounts)), areas.index)
    shares, known = _shares(amounts), amounts.sum(axis=1) > 0
    if np.isinf(q):
        return Series(1 / np.where(known, shares.max(axis=1, initial=0), np.nan), areas.index)
    # In logarithms no power vanishes.
    log = q * np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    sums = logsumexp(np.where(shares > 0, log, -np.inf)[known], axis=1)
    effective = np.full(len(areas), np.nan)
    effective[known] = np.exp(sums / (1 - q))
    return Series(effective, areas.index)


def _shannon(areas: Amounts) -> Amounts:
    shares = _shares(areas)
    # Without + 0.0 a single use would have the entropy -0.0.
    return np.where(areas.sum(axis=1) > 0, -xlogy(shares, shares).sum(axis=1) + 0.0, np.nan)


def _shares(areas: Amounts) -> Amounts:
    total = areas.sum(axis=1, keepdims=True)
    return areas / np.where(total > 0, total, np.nan)
