"""Places joined to a changed network: those that the change does not reach stay where they were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.frames import coordinates_of
from gis.network.entrances import SPACING, entrances
from gis.network.lines import Integers, Lines
from gis.network.snap import OFF, SLACK, SegmentIndex, Snapped, nearest_edge

if TYPE_CHECKING:
    from gis.network.network import StreetNetwork

N = TypeVar("N", bound=np.generic)


@dataclass(frozen=True)
class Around:
    """The edges around some places, to be entered from."""

    index: tuple[SegmentIndex, ...]
    geometry: Lines
    edge_tree: shapely.STRtree


def resnapped(
    after: StreetNetwork, before: StreetNetwork, number: Integers, snapped: Snapped, max_snap: float
) -> Snapped:
    """What ``snap`` would make of the same places after a change, from what it made of them before.

    Parameters
    ----------
    after, before
        The networks.
    number
        What number each edge of ``before`` bears in ``after``, -1: none.
    """
    edge = np.append(number, OFF)[snapped.edge].astype(np.int32)
    if snapped.owner is None:
        return _points(after, snapped, edge, max_snap)
    again = _reached(after, before, number, snapped, max_snap)
    if not len(again):
        return snapped._replace(edge=edge)
    shapes = np.asarray(snapped.places[again], dtype=object)
    xy, owner = entrances(shapes, _around(after, before, number, shapes, max_snap))
    new = nearest_edge(after.index, xy, max_snap)
    left = np.flatnonzero(~np.isin(snapped.owner, again))
    order = np.argsort(np.concatenate([snapped.owner[left], again[owner]]), kind="stable")

    def both(old: NDArray[N], found: NDArray[N]) -> NDArray[N]:
        return np.concatenate([old[left], found])[order]

    at, leg = both(snapped.at, new.at), both(snapped.leg, new.leg)
    return Snapped(both(edge, new.edge), at, leg, snapped.places, both(snapped.owner, again[owner]))


def _points(after: StreetNetwork, snapped: Snapped, edge: Integers, max_snap: float) -> Snapped:
    """Points whose edge is gone, or to which an edge that comes is as near, look for another."""
    xy, at, leg = coordinates(snapped.places), snapped.at.copy(), snapped.leg.copy()
    near = nearest_edge(after.index[-1:], xy, max_snap)
    again = np.flatnonzero((edge == OFF) & snapped.on | (near.edge != OFF) & (near.leg <= leg))
    edge[again], at[again], leg[again] = nearest_edge(after.index, xy[again], max_snap)[:3]
    return Snapped(edge, at, leg, snapped.places)


def _reached(
    after: StreetNetwork, before: StreetNetwork, number: Integers, snapped: Snapped, max_snap: float
) -> Integers:
    """Places whose entrances may be others: an edge goes or comes as near as they look for one."""
    reach = np.full(len(snapped.places), max_snap)
    np.minimum.at(reach, snapped.owners, snapped.leg)
    reach = np.maximum(reach, SPACING) + SLACK
    lines = np.concatenate([before.geometry[number == OFF], after.geometry[after.added]])
    place, _line = shapely.STRtree(lines).query(snapped.places, predicate="dwithin", distance=reach)
    return np.unique(place)


def _around(
    after: StreetNetwork, before: StreetNetwork, number: Integers, shapes: Lines, distance: float
) -> Around:
    """The edges within a distance of shapes, and those that come."""
    west, south, east, north = shapely.bounds(shapes).T
    far = distance + SPACING
    boxes = shapely.box(west - far, south - far, east + far, north + far)
    near = number[before.edge_tree.query(boxes)[1]]
    edges = np.union1d(near[near != OFF], after.added)
    geometry = after.geometry[edges]
    return Around(after.index, geometry, shapely.STRtree(geometry))


def coordinates(places: NDArray[Any]) -> NDArray[np.float64]:
    """Coordinates of places that are given as points or as coordinates."""
    return coordinates_of(places) if places.dtype == object else places
