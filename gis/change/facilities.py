"""A change of facilities 设施变更: the others of their class keep their doors and their pairs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gis.analysis import Analysis
from gis.change.layer import Change, Rows, staying, with_layer
from gis.frames import Mask
from gis.ground import Ground
from gis.memo import Kept
from gis.network import Snapped
from gis.network.update import Renewal

KEPT = ("entrances", "at_nodes", "pairs")


def with_facilities(analysis: Analysis, change: Change) -> Analysis:
    """Drop the removed facilities and append the added ones."""
    found = with_layer(analysis, change)
    before, after = analysis.ground, found.ground
    stay = staying(before, change)
    known = {key for key in before.memo.kept if key[0] in KEPT} - after.memo.kept.keys()
    for category in sorted({str(key[1]) for key in known}):
        stays = stay[before.frame("facilities")["category"].eq(category).to_numpy(dtype=bool)]
        _keep_entrances(before, after, category, stays)
        if ("at_nodes", category) in known:
            _keep_distances(before, after, category)
        if ("pairs", category) in known:
            _keep_pairs(before, after, category, stays)
    return found


def _keep_entrances(before: Ground, after: Ground, category: str, stays: Mask) -> None:
    kept = before.memo.kept["entrances", category]
    left = kept.value.of_places(np.flatnonzero(stays))
    new = after.facilities(category).iloc[stays.sum() :]
    joined = Snapped.joined([left, after.network.snap(new, after.parameters.max_snap)])
    after.memo.kept["entrances", category] = Kept(joined, kept.reads)


def _keep_distances(before: Ground, after: Ground, category: str) -> None:
    """Distances of the nodes, where only the doors are others."""
    kept, ways = before.memo.kept["at_nodes", category], after.network.ways
    same = Renewal(ways, ways, np.arange(len(ways.length)), np.arange(len(ways.node_xy)))
    doors, doors_before = ([ground.counted(ground.entrances(category))] for ground in (after, before))
    table, _nodes = same.distances(kept.value[None], doors, doors_before)
    after.memo.kept["at_nodes", category] = Kept(table[0], kept.reads)


def _keep_pairs(before: Ground, after: Ground, category: str, stays: Mask) -> None:
    kept = before.memo.kept["pairs", category]
    facility = kept.value["facility"].to_numpy()
    row = np.flatnonzero(stays[facility])
    left = kept.value.take(row).assign(facility=(np.cumsum(stays) - 1)[facility[row]])
    new: Rows = np.arange(stays.sum(), len(after.facilities(category)))
    pairs = pd.concat([left, after.pairs_with({category: new})[category]], ignore_index=True)
    after.memo.kept["pairs", category] = Kept(pairs, kept.reads)
