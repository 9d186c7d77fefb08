"""Changes one after the other 先后变更: a feature bears one position through all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame

from gis.change.layer import Change, Rows
from gis.errors import N_, BadParameter
from gis.frames import Mask, require_dimension, require_metric
from gis.ground import Ground
from gis.layers import DIMENSIONS

IN_PLACE = ("buildings",)
"""Layers whose features keep their rows: what goes leaves an empty one."""


def in_turn(ground: Ground, changes: Sequence[Change]) -> list[Change]:
    """Each change with all columns and with rows of its layer as the changes before it leave it.

    Raises
    ------
    BadParameter
        A change names a layer that is not there, or a position at which there is nothing.
    MixedCRS
        What is added is in another CRS.
    NotALine, NotAPolygon
        What is added is a shape of another kind than those of the layer.
    """
    filled: dict[str, Mask] = {}
    found = []
    for change in changes:
        here = filled.get(change.layer, _all_of(ground, change.layer))
        coming, gone = _complete(ground, change), _positions(change, here)
        row = gone if change.layer in IN_PLACE else (np.cumsum(here) - 1)[gone]
        found.append(replace(change, added=coming, removed=row.tolist()))
        stay = here.copy()
        stay[gone] = False
        filled[change.layer] = np.append(stay, np.ones(len(coming), bool))
    return found


def _all_of(ground: Ground, layer: str) -> Mask:
    """Every row of a layer is filled before the first change."""
    if layer not in ground:
        raise BadParameter(
            N_("The layer {layer} is not supplied, so that nothing of it can be changed."), layer=layer
        )
    return np.ones(len(ground.frame(layer)), bool)


def _complete(ground: Ground, change: Change) -> GeoDataFrame:
    """The features that come, with the columns of their layer."""
    old = ground.frame(change.layer)
    if change.added is None:
        return old.iloc[:0]
    require_metric(old, change.added)
    if change.layer in DIMENSIONS:
        require_dimension(change.added, DIMENSIONS[change.layer])
    if change.added.columns.equals(old.columns):
        return change.added
    words = {name: kind for name, kind in old.dtypes.items() if isinstance(kind, pd.StringDtype)}
    # Missing words are words, not numbers: joined as numbers they would turn the whole column into objects.
    return GeoDataFrame(
        change.added.reindex(columns=old.columns).astype(words), geometry="geometry", crs=old.crs
    )


def _positions(change: Change, here: Mask) -> Rows:
    """The positions of what goes, ascending; a truth value is none."""
    given = np.asarray(change.removed).ravel()
    known = np.zeros(len(given), bool)
    if np.issubdtype(given.dtype, np.integer):
        within = (given >= 0) & (given < len(here))
        known[within] = here[given[within]]
    if not known.all():
        raise BadParameter(
            N_("The layer {layer} has no feature at position {row}."),
            layer=change.layer,
            row=given[~known][0],
        )
    return np.unique(given).astype(np.int64)
