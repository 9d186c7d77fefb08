"""Which segments are drawn against the nodes that they name: one rule here and in the walking network."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis import street_graph
from gis.network import WalkNetwork
from tests.gis.network_peer import CRS, lattice

DEGREE = 1e-5
generators = st.integers(0, 2**32 - 1).map(np.random.default_rng)


def against(lines, start, end, nodes=None):
    found = street_graph.drawn_against(pd.Series(start), pd.Series(end), np.array(lines), nodes)
    return found.against.tolist(), found.unknown.tolist()


def chain(*turned):
    """Five segments one after the other, of which some are drawn from their to-node to their from-node."""
    pairs = [((x, 0), (x + 1, 0)) for x in range(5)]
    return [shapely.LineString(pair[::-1] if n in turned else pair) for n, pair in enumerate(pairs)]


def test_a_segment_in_a_row_is_outvoted_by_its_neighbours():
    for turned in ([], [1], [2], [3]):
        found, unknown = against(chain(*turned), list("abcde"), list("bcdef"))
        assert np.flatnonzero(found).tolist() == turned
        assert not any(unknown)


def test_the_places_of_nodes_have_the_last_word():
    nodes = pd.DataFrame({"x": np.arange(5.0), "y": 0.0}, index=list("abcde"))
    found, unknown = against(chain(0, 1), list("abcde"), list("bcdef"), nodes)
    assert found == [True, True, False, False, False]
    assert unknown == [False] * 4 + [True]


def test_a_loop_and_an_unnamed_end_are_drawn_neither_way():
    lines = [*chain(1)[:3], shapely.LineString([(3, 0), (4, 1), (3, 0)])]
    assert against(lines, ["a", "b", "c", "d"], ["b", "c", "d", "d"])[0] == [False, True, False, False]
    assert against(lines, ["a", None, "c", "d"], ["b", "c", "d", "d"])[0] == [False] * 4


@settings(deadline=None, max_examples=40)
@given(generators)
def test_as_many_are_turned_as_in_the_walking_network(rng):
    streets = lattice(3, 1.0).geometry
    turned = rng.random(len(streets)) < 0.3
    ends = [tuple(map(str, line.coords)) for line in streets]
    lines = np.where(turned, shapely.reverse(streets.to_numpy()), streets.to_numpy())
    start, end = (pd.Series(names) for names in zip(*ends, strict=True))
    found = street_graph.drawn_against(start, end, shapely.transform(lines, lambda xy: xy * DEGREE)).against
    named = gpd.GeoDataFrame({"u": start, "v": end}, geometry=lines, crs=CRS)
    assert found.sum() == WalkNetwork.from_edges(named).report.turned
