"""A change of streets 道路变更: what lies far from them keeps its walks."""

from __future__ import annotations

import numpy as np
import pandas as pd
from geopandas import GeoSeries
from shapely import Geometry

from gis.analysis import Analysis
from gis.change.layer import Change, Rows, added, removed, shapes, with_layer
from gis.errors import EmptyNetwork
from gis.frames import Mask
from gis.ground import Ground, walkable
from gis.inherited import OTHER, Inherited
from gis.layers import of_classes
from gis.memo import Kept
from gis.network import Snapped
from gis.network.lines import Integers
from gis.network.snap import OFF
from gis.network.update import Renewal
from gis.overlap import members


def with_streets(analysis: Analysis, change: Change) -> Analysis:
    """Drop the removed streets and append the added ones; join anew what joined those."""
    found = with_layer(analysis, change)
    before, after = analysis.ground, found.ground
    _keep_ends(analysis, found, change)
    if ("network",) not in before.memo.kept:
        return found
    try:
        _keep_network(before, after, change)
    except EmptyNetwork:
        return found
    if ("doors",) not in before.memo.kept:
        return found
    edges = _keep_distances(before, after)
    origins = _keep_pairs(before, after, GeoSeries(shapes(before, change)).union_all())
    moved = np.union1d(origins, _moved(before, after, edges))
    row = np.arange(len(before.homes.rows))
    row[moved] = OTHER
    inherited = Inherited(before, row, _alone(after, moved))
    ground = Ground(after.frames, after.parameters, after.memo, inherited)
    return Analysis(ground, analysis.units, analysis.own)


def _keep_ends(analysis: Analysis, found: Analysis, change: Change) -> None:
    """Count the ends of streets where they change, and what meets there in each unit."""
    before, after = analysis.ground.memo.kept, found.ground.memo.kept
    going, coming = removed(analysis.ground, change), added(analysis.ground, change)
    for key, kept in before.items():
        if key[0] == "street_ends":
            of_class = [of_classes(frame, key[1]) for frame in (going, coming)]  # type: ignore[arg-type]
            after[key] = Kept(kept.value.changed(*of_class), kept.reads)
    for key, kept in before.items():
        if key[1:2] == ("ends_met",):
            least, most, classes = key[2:]
            old, new = before["street_ends", classes].value, after["street_ends", classes].value
            cell = new.differing(old)
            met = [((ends.at(cell) >= least) & (ends.at(cell) <= most)).astype(float) for ends in (old, new)]
            here = members(analysis.units, new.places(cell))
            # Counts are whole numbers: their difference is exact.
            after[key] = Kept(kept.value + here.sum(met[1] - met[0]), kept.reads)


def _keep_network(before: Ground, after: Ground, change: Change) -> None:
    """The changed network, and the doors on it."""
    old, memo = before.memo.kept, after.memo
    open_ = None if change.added is None else walkable(change.added)
    network = before.network.changed(change.added, list(change.removed), open_)
    memo.kept["network",] = Kept(network, old["network",].reads)
    for key, kept in old.items():
        if key[0] in ("doors", "entrances"):
            memo.kept[key] = Kept(network.resnap(kept.value, before.parameters.max_snap), kept.reads)


def _keep_distances(before: Ground, after: Ground) -> Mask:
    """Distances of the nodes; return on which edges they are others, or the doors of facilities."""
    classes = [str(key[1]) for key in before.memo.kept if key[0] == "at_nodes"]
    number, edges = _number(after), np.ones(len(after.network.start), bool)
    if not classes:
        return ~edges
    new = after.network.ways
    renewal = Renewal.of(before.network.ways, new, number)
    if renewal is None:
        return edges
    old = np.stack([before.memo.kept["at_nodes", name].value for name in classes])
    doors, doors_before = ([ground.entrances(name) for name in classes] for ground in (after, before))
    counted = ([after.counted(each) for each in some] for some in (doors, doors_before))
    table, nodes = renewal.distances(old, *counted)
    for name, metres in zip(classes, table, strict=True):
        after.memo.kept["at_nodes", name] = Kept(metres, before.memo.kept["at_nodes", name].reads)
    node = np.zeros(len(new.node_xy), bool)
    node[nodes] = True
    edges = node[new.start] | node[new.end] | renewal.added
    edges[_differing(doors, doors_before, number)] = True
    return edges


def _number(after: Ground) -> Integers:
    """The new number of each edge of the network before, -1: gone."""
    change = after.network.change
    return np.empty(0, np.int32) if change is None else change.number


def _differing(doors: list[Snapped], doors_before: list[Snapped], number: Integers) -> Integers:
    """Edges on which the doors are not those of before."""
    new, old = (Snapped.joined(some) for some in (doors, doors_before))
    old = old._replace(edge=np.append(number, OFF)[old.edge])
    tables = [
        pd.DataFrame({"owner": some.owners, "edge": some.edge, "at": some.at, "leg": some.leg})
        for some in (new, old)
    ]
    both = pd.concat([table.drop_duplicates() for table in tables])
    edge: Integers = both.drop_duplicates(keep=False)["edge"].to_numpy()
    return np.setdiff1d(edge, [OFF])


def _moved(before: Ground, after: Ground, edges: Mask) -> Rows:
    """Homes on edges of which something is new, and those that join the network elsewhere."""
    old, new = before.doors, after.doors
    same = (np.append(_number(after), OFF)[old.edge] == new.edge) & (old.at == new.at) & (old.leg == new.leg)
    return np.flatnonzero(~same | (np.append(edges, False)[new.edge]))


def _alone(ground: Ground, home: Rows) -> Ground:
    """The ground for some homes, of which nothing is known but where they join the network."""
    alone = ground.of_homes(home, inherits=False)
    alone.memo.kept["doors",] = Kept(ground.doors.take(home), ground.memo.kept["doors",].reads)
    for key, kept in ground.memo.kept.items():
        if key[0] == "pairs":
            pairs = _of_origins(kept.value, home, len(ground.homes.rows))
            alone.memo.kept[key] = Kept(pairs, kept.reads)
    return alone


def _of_origins(pairs: pd.DataFrame, home: Rows, homes: int) -> pd.DataFrame:
    number = np.full(homes, OTHER)
    number[home] = np.arange(len(home))
    origin = number[pairs["origin"].to_numpy()]
    row = np.flatnonzero(origin != OTHER)
    return pairs.take(row).assign(origin=origin[row])


def _keep_pairs(before: Ground, after: Ground, about: Geometry) -> Rows:
    """Search anew for the pairs of facilities that reach the changed streets; return the homes of others."""
    old = {str(key[1]): kept for key, kept in before.memo.kept.items() if key[0] == "pairs"}
    near = {name: _within_reach(after, name, about) for name in old}
    new = after.pairs_with({name: rows for name, rows in near.items() if len(rows)})
    searched = []
    for number, (name, kept) in enumerate(old.items()):
        pairs = kept.value
        if name in new:
            again = np.isin(pairs["facility"].to_numpy(), near[name])
            searched += [pairs[again].assign(category=number), new[name].assign(category=number)]
            pairs = pd.concat([pairs[~again], new[name]], ignore_index=True)
        after.memo.kept["pairs", name] = Kept(pairs, kept.reads)
    if not searched:
        return np.empty(0, np.int64)
    others = pd.concat(searched).drop_duplicates(keep=False)
    return np.unique(others["origin"].to_numpy())


def _within_reach(ground: Ground, category: str, about: Geometry) -> Rows:
    reach = ground.reach(category) + ground.parameters.max_snap
    return np.flatnonzero(ground.facilities(category).geometry.dwithin(about, reach))
