"""After a change the distances of the nodes are, to the bit, those of a search on the changed streets."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.network import WalkNetwork
from gis.network.update import FEW, Renewal
from tests.gis.network_peer import lattice, places, streets_of, town

generators = st.integers(0, 2**32 - 1).map(np.random.default_rng)
law = settings(deadline=None, max_examples=60)


def parks(rng, count, size=300.0):
    west, south = rng.uniform(-30, size, (2, count))
    return shapely.box(west, south, west + rng.uniform(5, 90, count), south + rng.uniform(5, 90, count))


def renewed(before, after):
    return Renewal.of(before.ways, after.ways, after.change.number)


def assert_as_searched(before, after, sets):
    doors_before = [before.snap(each, 60.0) for each in sets]
    doors = [after.resnap(each, 60.0) for each in doors_before]
    known = np.array([before.ways.node_distances(each, np.inf) for each in doors_before])
    renewal = renewed(before, after)
    found, nodes = renewal.distances(known, doors, doors_before)
    stays = np.flatnonzero(~np.isin(renewal.node, nodes) & (renewal.node >= 0))
    assert (found[:, renewal.node[stays]] == known[:, stays]).all()
    for row, each in zip(found, sets, strict=True):
        assert row.tobytes() == after.ways.node_distances(after.snap(each, 60.0), np.inf).tobytes()


@law
@given(generators, st.integers(0, 8), st.integers(0, 4))
def test_distances_after_a_change_are_those_of_a_new_search(rng, gone, come):
    blocks = lattice(5, 60.0)
    shifted = {
        xy: rng.normal(0, 9, 2) for xy in {*blocks.get_coordinates().itertuples(index=False, name=None)}
    }
    lines = [[np.add(xy, shifted[xy]) for xy in line.coords] for line in blocks.geometry]
    before = WalkNetwork.from_edges(streets_of(lines))
    after = before.changed(town(rng, streets=come), rng.choice(len(lines), gone, replace=False))
    sets = [places(rng, 1), places(rng, 6), parks(rng, 3), places(rng, 0)]
    assert_as_searched(before, after, sets)


def test_streets_on_a_lattice_where_many_ways_are_equally_long():
    before = WalkNetwork.from_edges(lattice(6, 100.0))
    for removed in ([0], [0, 1, 2, 42, 43], range(0, 84, 2)):
        after = before.changed(streets_of([[(0, 0), (600, 600)]]), list(removed))
        assert_as_searched(before, after, [np.array([[10.0, 5.0]]), np.array([[333.0, 101.0], [0.0, 600.0]])])


def test_a_part_that_is_cut_off_is_infinitely_far_and_near_again_when_joined():
    line = [[(x, 0), (x + 100, 0)] for x in range(0, 500, 100)]
    whole = WalkNetwork.from_edges(streets_of(line))
    cut = whole.changed(removed=[2])
    assert_as_searched(whole, cut, [np.array([[0.0, 5.0]])])
    joined = cut.changed(streets_of([line[2]]))
    assert_as_searched(cut, joined, [np.array([[0.0, 5.0]])])
    assert np.isfinite(joined.node_distances(np.array([[0.0, 5.0]]))).all()


def test_what_cannot_be_matched_is_left_to_a_new_search():
    named = streets_of([[(0, 0), (9, 0)], [(9.5, 0), (20, 0)]], u=["a", "b"], v=["b", "c"])
    whole = WalkNetwork.from_edges(named)
    assert renewed(whole, whole.changed(removed=[0])) is not None
    split = WalkNetwork.from_edges(streets_of([[(0, 0), (9, 0)], [(9, 0), (20, 0)]]))
    edges = np.zeros(2, np.int32)
    assert Renewal.of(whole.ways, split.ways, edges) is None
    many = lattice(40, 10.0)
    large = WalkNetwork.from_edges(many)
    assert renewed(large, large.changed(removed=range(FEW + 1))) is None


@law
@given(generators)
def test_polygons_that_a_change_does_not_reach_keep_their_entrances(rng):
    both = pd.concat([town(rng), town(rng, streets=4)], ignore_index=True)
    before = WalkNetwork.from_edges(both.iloc[:18])
    shapes, homes = parks(rng, 5), places(rng, 30)
    snapped = before.snap(shapes, 60.0)
    after = before.changed(both.iloc[18:], rng.choice(18, 4, replace=False))
    again = after.nearest(homes, after.resnap(snapped, 60.0))
    assert again.to_numpy().tobytes() == after.nearest(homes, after.snap(shapes, 60.0)).to_numpy().tobytes()
