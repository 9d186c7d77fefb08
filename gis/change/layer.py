"""A change 变更 of one layer, and what every layer has in common when it changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame, GeoSeries
from numpy.typing import NDArray

from gis.analysis import Analysis
from gis.frames import Mask, polygons_of
from gis.ground import Ground
from gis.inherited import Within
from gis.layers import of_classes
from gis.memo import Kept, Memo
from gis.overlap import Overlap, Pairs, disjoint, doubled, members, overlapping, overlay

Rows = NDArray[np.int64]
SLACK = 1e-6
"""Metres, for rounding."""


@dataclass(frozen=True)
class Change:
    """Features of one layer that are added, and positions of those that are taken away.

    ``added`` has the layer's columns, in the same CRS; what it lacks is not supplied. A feature bears one
    position through all changes of a sequence: those of the layer as it was come first, those added follow
    one another, and the position of what is taken away stays empty.
    """

    layer: str
    added: GeoDataFrame | None = None
    removed: Sequence[int] = ()


def shapes(ground: Ground, change: Change) -> NDArray[np.object_]:
    """The shapes that go, and those that come."""
    frames = removed(ground, change), added(ground, change)
    return np.concatenate([np.asarray(frame.geometry.array, object) for frame in frames])


def removed(ground: Ground, change: Change) -> GeoDataFrame:
    """The features that go."""
    return ground.frame(change.layer).iloc[list(change.removed)]


def added(ground: Ground, change: Change) -> GeoDataFrame:
    """The features that come."""
    return ground.frame(change.layer).iloc[:0] if change.added is None else change.added


def staying(ground: Ground, change: Change) -> Mask:
    """Which features of the layer stay."""
    stay = np.ones(len(ground.frame(change.layer)), bool)
    stay[list(change.removed)] = False
    return stay


def with_layer(analysis: Analysis, change: Change) -> Analysis:
    """Drop the removed features and append the added ones."""
    ground, layer = analysis.ground, change.layer
    old, new, stay = ground.frame(layer), added(ground, change), staying(ground, change)
    memo = ground.memo.without(_spoiled(old, change))
    _keep_overlap(analysis, memo, layer, stay, new)
    frames = {**ground.frames, layer: pd.concat([old[stay], new], ignore_index=True)}
    _keep_land(analysis, memo, frames[layer], change)
    _keep_overlapping(ground.memo, memo, frames[layer], change, stay)
    # A class whose last facility goes is still known: there is none.
    parameters = replace(ground.parameters, surveyed=ground.categories)
    after = Ground(frames, parameters, memo)
    _keep_homes_in(ground, after, change)
    _keep_near(ground, after, shapes(ground, change))
    return Analysis(after, analysis.units, analysis.own)


def _keep_overlap(analysis: Analysis, memo: Memo, layer: str, stay: Mask, new: GeoDataFrame) -> None:
    """What the units share with features that stay is what it was; their positions move up."""
    for name, lay in (("overlap", overlay), ("middles", members)):
        kept = analysis.ground.memo.kept.get((analysis.own, name, layer))
        if kept is not None:
            moved = _moved_up(kept.value, stay).joined(lay(analysis.units, new))
            memo.kept[analysis.own, name, layer] = Kept(moved, kept.reads)


def _keep_near(before: Ground, after: Ground, about: NDArray[np.object_]) -> None:
    """What lies within a distance of homes is what it was, but for homes that the change lies so near to."""
    for key, kept in before.memo.kept.items():
        if key[0] == "by_home" and isinstance(key[1], Within) and key not in after.memo.kept:
            within, asked = key[1], key[2:]
            homes = _homes_about(before, about, within.radius)
            value = kept.value.copy()
            value[homes] = after.of_homes(homes, inherits=False).by_home(within, *asked)
            after.memo.kept[key] = Kept(value, kept.reads)


def _keep_homes_in(before: Ground, after: Ground, change: Change) -> None:
    """Homes that lie in nothing that goes or comes lie in what they lay in."""
    key = ("homes_in", change.layer)
    kept, stay = before.memo.kept.get(key), staying(before, change)
    if kept is None:
        return
    homes = _homes_about(before, shapes(before, change), 0.0)
    new = after.of_homes(homes, inherits=False).homes_in(change.layer)
    left = kept.value.without(~np.isin(np.arange(len(kept.value.whole)), homes))
    unit = np.concatenate([(np.cumsum(stay) - 1)[left.unit], new.unit])
    feature = np.concatenate([left.feature, homes[new.feature]])
    order = np.lexsort((feature, unit))
    found = Overlap(new.units, unit[order], feature[order], np.ones(len(order)), kept.value.whole)
    after.memo.kept[key] = Kept(found, kept.reads)


def _homes_about(ground: Ground, about: NDArray[np.object_], distance: float) -> Rows:
    """Homes within the bounds of shapes, or a distance of these."""
    far = distance + SLACK
    west, south, east, north = shapely.bounds(about[~shapely.is_missing(about)]).T
    boxes = shapely.box(west - far, south - far, east + far, north + far)
    return np.unique(ground.homes.points.sindex.query(boxes)[1]).astype(np.int64)


def _keep_land(analysis: Analysis, memo: Memo, frame: GeoDataFrame, change: Change) -> None:
    """Land that features cover, or cover twice, is what it was in units that the change does not touch."""
    units, wanted = analysis.units, {(name, change.layer) for name in _LAND}
    old = {key: kept for key, kept in analysis.ground.memo.kept.items() if key[1:3] in wanted}
    near = units.sindex.query(shapes(analysis.ground, change), predicate="intersects")[1] if old else []
    rows = np.unique(near).astype(np.int64)
    here = frame.iloc[np.unique(frame.sindex.query(units.geometry.iloc[rows])[1])] if old else frame
    for key, kept in old.items():
        covered = polygons_of(of_classes(here, *key[3:]) if key[3:] else here)  # type: ignore[arg-type]
        land = GeoSeries(_LAND[str(key[1])](covered), crs=frame.crs)
        amount = kept.value.copy()
        amount[rows] = overlay(units.iloc[rows], land).sum()
        memo.kept[key] = Kept(amount, kept.reads)


def _keep_overlapping(kept: Memo, memo: Memo, frame: GeoDataFrame, change: Change, stay: Mask) -> None:
    """Which features that stay lie over each other is known; those that come are looked at alone."""
    key = ("overlapping", change.layer)
    if key not in kept.kept:
        return
    old, place, first = kept.kept[key].value, np.cumsum(stay) - 1, int(stay.sum())
    both = stay[old.first] & stay[old.second]
    touching = frame.sindex.query(frame.geometry.iloc[first:], predicate="intersects")[1]
    near = np.union1d(touching, np.arange(first, len(frame)))
    new = overlapping(polygons_of(frame.iloc[near]))
    comes = near[new.second] >= first
    found = Pairs(
        np.concatenate([place[old.first[both]], near[new.first[comes]]]),
        np.concatenate([place[old.second[both]], near[new.second[comes]]]),
    )
    memo.kept[key] = Kept(found, kept.kept[key].reads)


def _doubled(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    return doubled(shapes, overlapping(shapes))


_LAND = {"union": disjoint, "doubled": _doubled}


def _moved_up(old: Overlap, stay: Mask) -> Overlap:
    left = old.without(stay)
    place = np.cumsum(stay) - 1
    return Overlap(old.units, left.unit, place[left.feature], left.amount, old.whole[stay])


def _spoiled(old: GeoDataFrame, change: Change) -> set[str]:
    if change.layer != "facilities":
        return {change.layer}
    classes = set(old["category"].iloc[list(change.removed)])
    classes |= set() if change.added is None else set(change.added["category"])
    return {"facilities", *(f"facilities:{name}" for name in classes)}
