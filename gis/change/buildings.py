"""A change of buildings 房屋变更: a city has many, so that what was computed of the others is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from geopandas import GeoSeries

from gis.analysis import Analysis
from gis.change.layer import Change, added, staying
from gis.frames import Amounts, Mask
from gis.ground import Ground
from gis.homes import Homes
from gis.inherited import OTHER, Inherited
from gis.memo import Kept, Key, Memo
from gis.network import Snapped
from gis.overlap import Overlap, members, overlay


class Here(NamedTuple):
    """The new buildings alone on the same ground, and which of the old buildings and homes stay."""

    new: Analysis
    stay: Mask
    homes_stay: Mask

    @property
    def ground(self) -> Ground:
        """The ground of the new buildings."""
        return self.new.ground


def with_buildings(analysis: Analysis, change: Change) -> Analysis:
    """Append the added buildings and blank the removed ones, so that all positions stay."""
    ground = analysis.ground
    old, new, stay = ground.frame("buildings"), added(ground, change), staying(ground, change)
    memo = ground.memo.without({"buildings"})
    beside = Ground({**ground.frames, "buildings": new}, ground.parameters, Memo(dict(memo.kept)))
    known = {str(key[1]): kept for key, kept in ground.memo.kept.items() if key[0] == "pairs"}
    for name, pairs in beside.pairs_of(known).items():
        beside.memo.kept["pairs", name] = Kept(pairs, known[name].reads)
    homes = ground.memo.kept.get(("homes",))
    here = Here(Analysis(beside, analysis.units), stay, stay[homes.value.rows if homes else []])
    for key, kept in ground.memo.kept.items():
        patch = _PATCHES.get(str(key[0])) or _OF_UNITS.get(key[1:])
        if "buildings" in kept.reads and patch is not None:
            memo.kept[key] = Kept(patch(kept.value, key, here), kept.reads)
    blanked = old.set_geometry(old.geometry.where(stay, None))
    frames = {**ground.frames, "buildings": pd.concat([blanked, new], ignore_index=True)}
    inherited = _inherited(ground, beside) if homes else None
    changed = Ground(frames, ground.parameters, memo, inherited)
    return Analysis(changed, analysis.units, analysis.own)


def _inherited(before: Ground, beside: Ground) -> Inherited:
    """What a home is depends on it alone: the old ones keep it, the new ones follow."""
    old, new = len(before.homes.rows), len(beside.homes.rows)
    return Inherited(before, np.append(np.arange(old), np.full(new, OTHER)), beside)


def _homes(old: Homes, _key: Key, here: Here) -> Homes:
    """Homes that go keep their position, lie nowhere and weigh nothing."""
    new = here.ground.homes
    weights = {
        basis: np.concatenate([np.where(here.homes_stay, weight, 0.0), new.weights[basis]])
        for basis, weight in old.weights.items()
    }
    left = np.array(old.points.array, object)
    left[~here.homes_stay] = None
    points = GeoSeries(np.concatenate([left, new.points.array]), crs=old.points.crs)
    return Homes(np.concatenate([old.rows, new.rows + len(here.stay)]), points, MappingProxyType(weights))


def _doors(old: Snapped, _key: Key, here: Here) -> Snapped:
    return Snapped.joined([old, here.ground.doors])


def _pairs(old: pd.DataFrame, key: Key, here: Here) -> pd.DataFrame:
    left = old[here.homes_stay[old["origin"]]]
    new = here.ground.pairs(str(key[1]))
    return pd.concat([left, new.assign(origin=new["origin"] + len(here.homes_stay))], ignore_index=True)


def _floor_area(old: Amounts, _key: Key, here: Here) -> Amounts:
    return np.concatenate([old, here.ground.floor_area])


def _homes_in(old: Overlap, key: Key, here: Here) -> Overlap:
    return old.without(here.homes_stay).joined(here.ground.homes_in(str(key[1])))


def _overlap(old: Overlap, _key: Key, here: Here) -> Overlap:
    return old.without(here.stay).joined(overlay(here.new.units, here.new.frame("buildings")))


def _members(old: Overlap, _key: Key, here: Here) -> Overlap:
    return old.without(here.homes_stay).joined(members(here.new.units, here.ground.homes.points))


Patch = Callable[[Any, Key, Here], Any]
_PATCHES: Mapping[str, Patch] = {
    "floor_area": _floor_area,
    "homes": _homes,
    "doors": _doors,
    "homes_in": _homes_in,
    "pairs": _pairs,
}
_OF_UNITS: Mapping[Key, Patch] = {("overlap", "buildings"): _overlap, ("homes",): _members}
