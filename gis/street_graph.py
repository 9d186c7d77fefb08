"""Streets as a graph 路网图: the nodes of segments, whether they hang together, and how they are drawn."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis.network import edges

DECIMALS = 7
EQUAL = 1e-9
Lines = NDArray[np.object_]


class Direction(NamedTuple):
    """Segments drawn from their to-node to their from-node, and those of which it cannot be told."""

    against: NDArray[np.bool_]
    unknown: NDArray[np.bool_]


def ends(lines: Lines) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the coordinates of the first and the last point of each line."""
    return (
        shapely.get_coordinates(shapely.get_point(lines, 0)),
        shapely.get_coordinates(shapely.get_point(lines, -1)),
    )


def place_names(coordinates: NDArray[np.float64]) -> pd.Series[str]:
    """Name places by their coordinates (EPSG:4326) to 1e-7 degrees, a centimetre.

    Examples
    --------
    >>> place_names(np.array([[113.5, 34.25]])).tolist()
    ['113.5000000,34.2500000']
    """
    rounded = np.round(coordinates, DECIMALS) + 0.0
    text = [f"{x:.{DECIMALS}f},{y:.{DECIMALS}f}" for x, y in rounded.tolist()]
    return pd.Series(text, dtype="str")


def name_nodes(given: pd.Series[Any], other: pd.Series[Any], lines: Lines, first: bool) -> pd.Series[Any]:
    """Fill missing node names: with the name other segments give the place, else with the place's own."""
    start, end = ends(lines)
    here, there = (start, end) if first else (end, start)
    places = place_names(here).set_axis(given.index)
    named = pd.Series(
        pd.concat([given, other]).to_numpy(), index=pd.concat([places, place_names(there)]).to_numpy()
    ).dropna()
    known = named[~named.index.duplicated()]
    return given.where(given.notna(), places.map(known).where(lambda name: name.notna(), places))


def component_count(from_node: pd.Series[Any], to_node: pd.Series[Any]) -> int:
    """Return the number of connected components 连通分量 of the graph."""
    codes, names = pd.factorize(pd.concat([from_node, to_node]))
    count = len(from_node)
    shape = (len(names), len(names))
    graph = coo_array((np.ones(count, np.int8), (codes[:count], codes[count:])), shape=shape)
    return int(connected_components(graph, directed=False, return_labels=False))


def drawn_against(
    from_node: pd.Series[Any], to_node: pd.Series[Any], lines: Lines, nodes: pd.DataFrame | None = None
) -> Direction:
    """Find segments drawn against from-node -> to-node (与起讫节点方向相反).

    Parameters
    ----------
    nodes
        Columns ``x`` and ``y`` (EPSG:4326) by node name. With it a segment is drawn against its nodes where
        start to from-node plus end to to-node is not shorter than start to to-node plus end to from-node,
        and unknown where a node is not in it. Without it the segments vote, as for a walking network.
    """
    start, end = ends(lines)
    if nodes is None:
        return Direction(_outvoted(from_node, to_node, start, end), np.zeros(len(lines), bool))
    # A degree of longitude shrinks towards the poles.
    scale = np.array([np.cos(np.radians(start[:, 1].mean())), 1.0])
    first = nodes.reindex(from_node)[["x", "y"]].to_numpy() * scale
    last = nodes.reindex(to_node)[["x", "y"]].to_numpy() * scale
    start, end = start * scale, end * scale
    along = _distance(start, first) + _distance(end, last)
    against = _distance(start, last) + _distance(end, first)
    loops = (from_node.to_numpy() == to_node.to_numpy()) & (along >= 0)
    shorter_along = (along < against) & ~np.isclose(along, against, rtol=EQUAL, atol=0)
    return Direction(~shorter_along & ~np.isnan(along) & ~loops, np.isnan(along))


def _distance(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    distance: NDArray[np.float64] = np.hypot(*(a - b).T)
    return distance


def _outvoted(
    from_node: pd.Series[Any], to_node: pd.Series[Any], start: NDArray[np.float64], end: NDArray[np.float64]
) -> NDArray[np.bool_]:
    place = pd.factorize(pd.concat([place_names(start), place_names(end)]))[0]
    named = pd.factorize(pd.concat([from_node, to_node]))[0]
    return edges.drawn_against(named.reshape(2, -1), place.reshape(2, -1))
