"""Lines split where they cross on one level, and where one ends on another."""

from __future__ import annotations

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from gis.network.lines import Floats, Integers, Polylines, lines_of
from gis.network.streets import Streets, broken


def split_crossings(streets: Streets, precision: float) -> Streets:
    """Split lines where they cross, touch or overlap on one level, and where another one ends on them.

    Parameters
    ----------
    streets
        Lines in metres.
    precision
        Metres within which an end lies on a line and crossings are one place.

    Notes
    -----
    Lines of different levels pass over each other, but none ends in the air: where an end lies on a line, as
    that of a footbridge on the street it lands on, both meet whatever their levels. A line that crosses
    itself is first taken apart into its segments.
    """
    streets = _without_own_crossings(streets)
    tree = shapely.STRtree(streets.line)
    one, other = tree.query(streets.line, predicate="dwithin", distance=precision)
    apart = one != other
    one, other = one[apart], other[apart]
    ends = shapely.get_point(streets.line[one], np.array([[0], [-1]]))
    touching = shapely.dwithin(ends, streets.line[other], precision)
    corner = shapely.get_coordinates(ends[touching])
    half = (one < other) & (streets.level[one] == streets.level[other])
    shared = shapely.intersection(streets.line[one[half]], streets.line[other[half]])
    crossing, pair = shapely.get_coordinates(shared, return_index=True)
    crossing = _one_place(corner, crossing, precision)
    line = np.concatenate(
        [np.broadcast_to(other, touching.shape)[touching], one[half][pair], other[half][pair]]
    )
    return _split(streets, line, np.concatenate([corner, crossing, crossing]), precision)


def _one_place(corner: Floats, crossing: Floats, precision: float) -> Floats:
    """Crossings within the precision of each other or of an end, each moved to the first of them."""
    xy = np.concatenate([corner, crossing])
    near = cKDTree(xy).query_pairs(precision, output_type="ndarray") if len(xy) else np.empty((0, 2), int)
    graph = coo_array((np.ones(len(near), np.int8), near.T), shape=(len(xy), len(xy)))
    _count, cluster = connected_components(graph, directed=False)
    _label, first, member = np.unique(cluster, return_index=True, return_inverse=True)
    place: Floats = xy[first[member]][len(corner) :]
    return place


def _without_own_crossings(streets: Streets) -> Streets:
    crossing = np.flatnonzero(~shapely.is_simple(streets.line))
    if not len(crossing):
        return streets
    vertices = Polylines.of(streets.line[crossing])
    return _split(streets, crossing[vertices.line], vertices.xy, 0.0, vertices.along)


def _split(
    streets: Streets, line: Integers, xy: Floats, precision: float, along: Floats | None = None
) -> Streets:
    """Split lines at places on them; ``along`` says where where a line passes a place twice."""
    whole = Polylines.of(streets.line)
    if along is None:
        along = shapely.line_locate_point(streets.line[line], shapely.points(xy))
    inside = (along > precision) & (along < whole.length[line] - precision)
    line, xy, along = line[inside], xy[inside], along[inside]
    order = np.lexsort((along, line))
    line, xy, along = line[order], xy[order], along[order]
    new = np.ones(len(line), bool)
    new[1:] = (line[1:] != line[:-1]) | (along[1:] - along[:-1] > precision)
    return _cut(streets, whole, line[new], along[new], xy[new])


def _cut(streets: Streets, whole: Polylines, line: Integers, along: Floats, xy: Floats) -> Streets:
    # A place of a cut ends one part and begins the next, so it stands twice among the vertices.
    kind = np.repeat([0, 1, 2], [len(line), len(line), len(whole.line)])
    owner = np.concatenate([line, line, whole.line])
    order = np.lexsort((kind, np.concatenate([along, along, whole.along]), owner))
    part = np.cumsum((kind[order] == 1) | np.r_[False, np.diff(owner[order]) > 0])
    lines = lines_of(np.concatenate([xy, xy, whole.xy])[order], part)
    first = np.searchsorted(part, np.arange(len(lines)))
    return broken(streets, lines, owner[order][first])
