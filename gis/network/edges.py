"""Streets as edges between nodes, and what is reported of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.network.lines import Flags, Floats, Integers, Polylines
from gis.network.streets import UNNAMED, Fate, Streets

# What integers and floats of 64 bits hold.
MOST_PLACES, EXACT = 2.0**62, 2.0**53


class NetworkReport(NamedTuple):
    """What became of the lines that a network was built from.

    ``edges_kept = edges_given - not_walkable - duplicates - zero_length - empty + split``

    Attributes
    ----------
    edges_given
        Rows of the frame.
    edges_kept
        Edges of the network.
    not_walkable
        Lines left out by ``walkable``.
    duplicates
        Lines left out because another has the same ends and the same course, in either direction.
    zero_length
        Lines without length, left out; one whose ends bear different names is kept.
    empty
        Rows without geometry.
    split
        Edges gained where lines in several parts were taken apart and crossing lines split.
    nodes
        Nodes of the network.
    components
        Count of nodes of each connected component 连通分量, largest first.
    turned
        Edges drawn against the nodes that they name.
    """

    edges_given: int
    edges_kept: int
    not_walkable: int
    duplicates: int
    zero_length: int
    empty: int
    split: int
    nodes: int
    components: Integers
    turned: int


class Edges(NamedTuple):
    """The edges and nodes of a network.

    Attributes
    ----------
    street : (m,) array
        Position of each edge's street.
    start, end : (m,) arrays of int32
        Nodes at the first and the last vertex.
    node_xy : (n, 2) array
        Coordinates of the nodes.
    duplicates, zero_length, turned
        As in NetworkReport.
    """

    street: Integers
    start: Integers
    end: Integers
    node_xy: Floats
    duplicates: int
    zero_length: int
    turned: int


def join_ends(streets: Streets, course: Polylines, precision: float) -> Edges:
    """Number the nodes at the ends of streets, and leave out duplicates and streets without length.

    Parameters
    ----------
    streets, course
        The streets, and their vertices in metres.
    precision
        Metres to which the coordinates of an end are rounded to tell its place.
    """
    ends = course.ends
    place = _place(ends.reshape(-1, 2), precision).reshape(2, -1)
    named = streets.ends.T.copy()
    turned = drawn_against(named, place)
    named[:, turned] = named[::-1, turned]
    node = _label(named, place)
    short = (node[0] == node[1]) & (course.length == 0)
    again = _repeated(streets, node) & ~short
    kept = np.flatnonzero(~short & ~again)
    number, label = pd.factorize(node[:, kept].ravel())
    xy = np.empty((len(label), 2))
    xy[number[::-1]] = ends[:, kept].reshape(-1, 2)[::-1]
    start, end = number.astype(np.int32).reshape(2, -1)
    return Edges(kept, start, end, xy, int(again.sum()), int(short.sum()), int(turned[kept].sum()))


def drawn_against(named: Integers, place: Integers) -> Flags:
    """Find streets drawn from their to-node to their from-node (与起讫节点方向相反).

    A node is where most of the streets that name it end: each has a vote for both of its places. Where each
    name has one place, none is.

    Parameters
    ----------
    named, place : (2, n) arrays
        Numbers of the names, below zero where there is none, and of the places of the first and last ends.
    """
    stated = named != UNNAMED
    place_of = np.zeros(named.max(initial=0) + 1, place.dtype)
    place_of[named[stated]] = place[stated]
    if (place_of[named[stated]] == place[stated]).all():
        return np.zeros(named.shape[1], bool)
    apart = (named[0] != named[1]) & (place[0] != place[1]) & stated.all(axis=0)
    both = named[:, None] * (place.max(initial=0) + 1) + place
    code = pd.factorize(both.ravel())[0]
    votes = np.bincount(code)[code].reshape(both.shape)
    return np.asarray(apart & (votes[0, 1] + votes[1, 0] > votes[0, 0] + votes[1, 1]))


def report_of(fate: NDArray[np.int8], streets: Streets, edges: Edges) -> NetworkReport:
    """Count what was given, left out and kept."""
    nodes = len(edges.node_xy)
    graph = coo_array((np.ones(len(edges.start), np.int8), (edges.start, edges.end)), shape=(nodes, nodes))
    _count, component = connected_components(graph, directed=False)
    return NetworkReport(
        edges_given=len(fate),
        edges_kept=len(edges.street),
        not_walkable=int((fate == Fate.NOT_WALKABLE).sum()),
        duplicates=edges.duplicates,
        zero_length=edges.zero_length,
        empty=int((fate == Fate.EMPTY).sum()),
        split=len(streets.line) - int((fate == Fate.STREET).sum()),
        nodes=nodes,
        components=np.sort(np.bincount(component))[::-1].astype(np.int64),
        turned=edges.turned,
    )


def _place(xy: Floats, precision: float) -> Integers:
    steps = np.round(xy / precision)
    low, high = steps.min(axis=0, initial=np.inf), steps.max(axis=0, initial=-np.inf)
    if np.prod(high - low + 1) < MOST_PLACES and np.abs(steps).max(initial=0) < EXACT:
        x, y = (steps - low).astype(np.int64).T
    else:
        x, y = (pd.factorize(axis)[0] for axis in steps.T)
    code: Integers = pd.factorize(x * (int(y.max(initial=0)) + 1) + y)[0]
    return code


def _label(named: Integers, place: Integers) -> Integers:
    """A number for each end: that of its name, of the first name given to its place, or of its place."""
    name_of_place = np.full(place.max(initial=0) + 1, UNNAMED)
    stated = np.flatnonzero(named.ravel() != UNNAMED)[::-1]
    name_of_place[place.ravel()[stated]] = named.ravel()[stated]
    name = np.where(named == UNNAMED, name_of_place[place], named)
    return np.where(name == UNNAMED, named.max(initial=0) + 1 + place, name)


def _repeated(streets: Streets, node: Integers) -> Flags:
    """Find streets of which another has the same course; the one drawn first by its bytes is kept."""
    key = node.min(axis=0) * (node.max(initial=0) + 1) + node.max(axis=0)
    suspect = np.flatnonzero(pd.Series(key).duplicated(keep=False))
    suspect = suspect[np.argsort(shapely.to_wkb(streets.line[suspect]), kind="stable")]
    course = shapely.to_wkb(shapely.normalize(streets.line[suspect]))
    again = np.zeros(len(key), bool)
    again[suspect] = pd.DataFrame({"key": key[suspect], "course": course}).duplicated()
    return again
