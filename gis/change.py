"""The ground of a city after a change 变更: what it does not reach is kept, what it adds is joined on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame, GeoSeries
from numpy.typing import NDArray
from shapely import Geometry

from gis.analysis import Analysis
from gis.errors import N_, BadParameter
from gis.frames import Mask, require_metric
from gis.ground import Ground, Homes, walkable
from gis.memo import Kept, Key, Memo
from gis.network import Snapped
from gis.overlap import Overlap, members, overlay

Rows = NDArray[np.int64]
Patch = Callable[[Any, Key, Analysis, Mask], Any]


@dataclass(frozen=True)
class Change:
    """Features of one layer that are added, and positions of those that are taken away.

    ``added`` has the layer's columns, in the same CRS; what it lacks is not supplied.
    """

    layer: str
    added: GeoDataFrame | None = None
    removed: Sequence[int] = ()


def changed(analysis: Analysis, changes: Sequence[Change]) -> Analysis:
    """Return the same units on the changed ground, with all that the change does not reach.

    Raises
    ------
    BadParameter
        A change names a layer that is not there, or a position that it does not have.
    MixedCRS
        What is added is in another CRS.
    """
    special = {"buildings": _with_buildings, "streets": _with_streets}
    for change in changes:
        _check(analysis.ground, change)
        analysis = special.get(change.layer, _with_layer)(analysis, change)
    return analysis


def touched(before: Analysis, after: Analysis, changes: Sequence[Change]) -> Rows:
    """Units in which something differs after changes of buildings and streets."""
    known = len(before.ground.homes.rows)
    differ = np.ones(len(after.ground.homes.rows), bool)
    differ[:known] = False
    for key, kept in before.ground.memo.kept.items():
        if key[0] == "walk":
            differ[:known] |= after.ground.walk(str(key[1]))[:known] != kept.value
        elif key[0] == "pairs":
            differ[after.ground.pairs(str(key[1])).attrs.get("anew", [])] = True
    homes = after.homes
    here = [homes.unit[differ[homes.feature]]]
    lie = before.units.sindex
    here += [lie.query(_shapes(before, change), predicate="intersects")[1] for change in changes]
    return np.unique(np.concatenate(here)).astype(np.int64)


def _shapes(analysis: Analysis, change: Change) -> NDArray[np.object_]:
    """The shapes that go, and those that come."""
    gone = analysis.ground.frame(change.layer).geometry.array[list(change.removed)]
    come = GeoSeries([]) if change.added is None else change.added.geometry
    return np.concatenate([np.asarray(gone, object), np.asarray(come.array, object)])


def _check(ground: Ground, change: Change) -> None:
    if change.layer not in ground:
        raise BadParameter(
            N_("The layer {layer} is not supplied, so that nothing of it can be changed."), layer=change.layer
        )
    frame = ground.frame(change.layer)
    beyond = [row for row in change.removed if not 0 <= row < len(frame)]
    if beyond:
        raise BadParameter(
            N_("The layer {layer} has no feature at position {row}."), layer=change.layer, row=beyond[0]
        )
    if change.added is not None:
        require_metric(frame, change.added)


# -- layers whose features are few, or read as a whole --------------------------------------------------


def _with_layer(analysis: Analysis, change: Change) -> Analysis:
    """Drop the removed features and append the added ones."""
    ground, layer = analysis.ground, change.layer
    old, added, stay = ground.frame(layer), _columns_of(ground.frame(layer), change), _stay(ground, change)
    memo = ground.memo.without(_spoiled(old, change))
    _keep_overlap(analysis, memo, layer, stay, added)
    frames = {**ground.frames, layer: pd.concat([old[stay], added], ignore_index=True)}
    # A class whose last facility goes is still known: there is none.
    parameters = replace(ground.parameters, surveyed=ground.categories)
    return Analysis(Ground(frames, parameters, memo), analysis.units, analysis.own)


def _stay(ground: Ground, change: Change) -> Mask:
    stay = np.ones(len(ground.frame(change.layer)), bool)
    stay[list(change.removed)] = False
    return stay


def _keep_overlap(analysis: Analysis, memo: Memo, layer: str, stay: Mask, added: GeoDataFrame) -> None:
    """What the units share with features that stay is what it was; their positions move up."""
    for name, lay in (("overlap", overlay), ("middles", members)):
        kept = analysis.ground.memo.kept.get((analysis.own, name, layer))
        if kept is not None:
            moved = _moved_up(kept.value, stay).joined(lay(analysis.units, added))
            memo.kept[analysis.own, name, layer] = Kept(moved, kept.reads)


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


def _columns_of(old: GeoDataFrame, change: Change) -> GeoDataFrame:
    added = old.iloc[:0] if change.added is None else change.added
    return GeoDataFrame(added.reindex(columns=old.columns), geometry="geometry", crs=old.crs)


# -- streets: what lies far from them keeps its walks ---------------------------------------------------


def _with_streets(analysis: Analysis, change: Change) -> Analysis:
    ground = analysis.ground
    found = _with_layer(analysis, change)
    memo, old = found.ground.memo, ground.memo.kept
    if ("network",) not in old:
        return found
    open_ = None if change.added is None else walkable(change.added)
    network = ground.network.changed(change.added, list(change.removed), open_)
    memo.kept["network",] = Kept(network, old["network",].reads)
    if ("doors",) in old:
        doors = network.resnap(ground.doors, ground.parameters.max_snap)
        memo.kept["doors",] = Kept(doors, old["doors",].reads)
    about = GeoSeries(_shapes(analysis, change)).union_all()
    for key, kept in old.items():
        if key[0] == "pairs":
            memo.kept[key] = Kept(_pairs_near(found.ground, kept.value, str(key[1]), about), kept.reads)
        elif key[0] == "entrances":
            memo.kept[key] = Kept(network.resnap(kept.value, ground.parameters.max_snap), kept.reads)
    return found


def _pairs_near(ground: Ground, old: pd.DataFrame, category: str, about: Geometry) -> pd.DataFrame:
    """Pairs anew of the facilities from which the changed streets can be reached."""
    reach = ground.reach(category) + ground.parameters.max_snap
    near = np.flatnonzero(ground.facilities(category).geometry.dwithin(about, reach))
    if not len(near):
        return old
    here, new = old["facility"].isin(near), ground.pairs_with(category, near)
    both = pd.concat([old[~here], new], ignore_index=True)
    anew = np.union1d(old.loc[here, "origin"], new["origin"])
    both.attrs.update(origins=old.attrs["origins"], anew=anew)
    return both


# -- buildings: a city has many, so that what was computed of the others is kept ------------------------


def _with_buildings(analysis: Analysis, change: Change) -> Analysis:
    """Append the added buildings and blank the removed ones, so that all positions stay."""
    ground = analysis.ground
    old, added = ground.frame("buildings"), _columns_of(ground.frame("buildings"), change)
    stay = _stay(ground, change)
    blanked = old.set_geometry(old.geometry.where(stay, None))
    frames = {**ground.frames, "buildings": pd.concat([blanked, added], ignore_index=True)}
    memo = ground.memo.without({"buildings"})
    beside = Ground({**ground.frames, "buildings": added}, ground.parameters, Memo(dict(memo.kept)))
    here = Analysis(beside, analysis.units)
    for key, kept in ground.memo.kept.items():
        patch = _PATCHES.get(str(key[0])) or _OF_UNITS.get(key[1:])
        if "buildings" in kept.reads and patch is not None:
            memo.kept[key] = Kept(patch(kept.value, key, here, stay), kept.reads)
    return Analysis(Ground(frames, ground.parameters, memo), analysis.units, analysis.own)


def _homes(old: Homes, _key: Key, beside: Analysis, stay: Mask) -> Homes:
    """Homes that go keep their place and weigh nothing."""
    new, here = beside.ground.homes, stay[old.rows]
    weights = {
        basis: np.concatenate([np.where(here, weight, 0.0), new.weights[basis]])
        for basis, weight in old.weights.items()
    }
    points = GeoSeries(np.concatenate([old.points.array, new.points.array]), crs=old.points.crs)
    return Homes(np.concatenate([old.rows, new.rows + len(stay)]), points, MappingProxyType(weights))


def _doors(old: Snapped, _key: Key, beside: Analysis, _stay: Mask) -> Snapped:
    new = beside.ground.doors
    fields = (np.concatenate([getattr(old, name), getattr(new, name)]) for name in Snapped._fields[:4])
    return Snapped(*fields)


def _pairs(old: pd.DataFrame, key: Key, beside: Analysis, _stay: Mask) -> pd.DataFrame:
    new, before = beside.ground.pairs(str(key[1])), old.attrs["origins"]
    both = pd.concat([old, new.assign(origin=new["origin"] + before)], ignore_index=True)
    both.attrs = {**old.attrs, "origins": before + new.attrs["origins"]}
    return both


def _circle(old: tuple[Any, Any], _key: Key, beside: Analysis, _stay: Mask) -> tuple[Any, Any]:
    new = beside.ground.circle()
    return np.concatenate([old[0], new[0]]), np.concatenate([old[1], new[1]])


def _by_home(ask: Callable[..., NDArray[Any]]) -> Patch:
    """What a home's value depends on is the home alone: the others keep theirs."""
    return lambda old, key, beside, _stay: np.concatenate([old, ask(beside.ground, *key[1:])])


def _overlap(old: Overlap, _key: Key, beside: Analysis, stay: Mask) -> Overlap:
    return old.without(stay).joined(overlay(beside.units, beside.frame("buildings")))


def _members(old: Overlap, _key: Key, beside: Analysis, _stay: Mask) -> Overlap:
    return old.joined(members(beside.units, beside.ground.homes.points))


_PATCHES: Mapping[str, Patch] = {
    "floor_area": _by_home(lambda ground: ground.floor_area),
    "homes": _homes,
    "doors": _doors,
    "walk": _by_home(Ground.walk),
    "near": _by_home(Ground.near),
    "near_parks": _by_home(Ground.near_parks),
    "near_greenways": _by_home(Ground.near_greenways),
    "renewed": _by_home(Ground.renewed),
    "pairs": _pairs,
    "reached": _by_home(Ground.reached),
    "score": _by_home(Ground.score),
    "circle": _circle,
}
_OF_UNITS: Mapping[Key, Patch] = {("overlap", "buildings"): _overlap, ("homes",): _members}
