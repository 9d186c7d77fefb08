"""How street lines become a network: what is read, left out, joined, split, reported and changed."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis import errors
from gis.network import WalkNetwork
from tests.gis.network_peer import CRS, lattice, places, streets_of, town

generators = st.integers(0, 2**32 - 1).map(np.random.default_rng)
law = settings(deadline=None, max_examples=40)
CROSS = [[(-100, 0), (100, 0)], [(0, -100), (0, 100)]]
WEST, EAST, SOUTH = (np.array([xy], float) for xy in ((-100, 0), (100, 0), (0, -100)))


def metres(net, one, other):
    return net.nearest(one, other).iloc[0]


# -- the report ------------------------------------------------------------------------------------------


def test_a_square_and_a_street_apart():
    square = [[(0, 0), (1, 0)], [(1, 0), (1, 1)], [(1, 1), (0, 1)], [(0, 1), (0, 0)]]
    net = WalkNetwork.from_edges(streets_of([*square, [(5, 5), (6, 6)]]))
    report = net.report
    assert (report.edges_given, report.edges_kept, report.nodes) == (5, 5, 6)
    assert report.components.tolist() == [4, 2]
    assert (report.duplicates, report.zero_length, report.empty, report.split, report.turned) == (0,) * 5
    assert net.length.tolist() == [1, 1, 1, 1, 2**0.5]
    assert repr(net) == "<WalkNetwork: 5 edges, 6 nodes>"
    assert all(type(value) is int for name, value in report._asdict().items() if name != "components")


def test_what_is_left_out_is_counted_by_its_reason():
    street = [(0, 0), (50, 20), (100, 0)]
    other_course = [(0, 0), (100, 0)]
    lines = [*map(shapely.LineString, [street, street, street[::-1], other_course, [(7, 7), (7, 7)]])]
    streets = streets_of([*lines, None, shapely.LineString()], open=[True] * 7)
    net = WalkNetwork.from_edges(streets, walkable=[True, True, True, False, True, True, True])
    report = net.report
    assert (report.duplicates, report.not_walkable, report.zero_length, report.empty) == (2, 1, 1, 2)
    assert (report.edges_given, report.edges_kept) == (7, 1)
    assert WalkNetwork.from_edges(streets).report.edges_kept == 2


@law
@given(generators)
def test_every_line_is_accounted_for(rng):
    streets = pd.concat([town(rng), town(rng).sample(3, random_state=rng)], ignore_index=True)
    streets = pd.concat([streets, streets.sample(5, random_state=rng)], ignore_index=True)
    walkable = rng.random(len(streets)) < 0.8
    for noding in (False, True):
        net = WalkNetwork.from_edges(streets, walkable, noding=noding)
        report = net.report
        left_out = report.not_walkable + report.duplicates + report.zero_length + report.empty
        assert report.edges_kept == report.edges_given - left_out + report.split == len(net.length)
        assert report.components.sum() == report.nodes == len(net.node_xy)
        assert (np.diff(report.components) <= 0).all()
        assert walkable[net.source].all()


def test_edges_run_from_their_first_vertex_to_their_last():
    net = WalkNetwork.from_edges(town(np.random.default_rng(3)), noding=True)
    ends = shapely.get_coordinates(shapely.get_point(net.geometry, 0))
    assert net.node_xy[net.start] == pytest.approx(ends, abs=0.02)
    assert net.length == pytest.approx(shapely.length(net.geometry), rel=1e-12)


# -- nodes -----------------------------------------------------------------------------------------------


def test_ends_a_hair_apart_are_one_place():
    lines = [[(0, 0), (50, 0.001)], [(50.001, 0), (100, 0)]]
    assert WalkNetwork.from_edges(streets_of(lines)).report.nodes == 3
    assert WalkNetwork.from_edges(streets_of(lines), precision=1e-4).report.nodes == 4


@pytest.mark.parametrize("columns", [("from_node", "to_node"), ("u", "v")])
def test_nodes_may_be_named(columns):
    # A street that passes over the other one at a common vertex.
    lines = [[(-100, 0), (0, 0)], [(0, 0), (100, 0)], [(0, -100), (0, 0)], [(0, 0), (0, 100)]]
    names = dict(zip(columns, (["w", "low", "s", "high"], ["low", "e", "high", "n"]), strict=True))
    net = WalkNetwork.from_edges(streets_of(lines, **names))
    assert net.report.components.tolist() == [3, 3]
    assert metres(net, WEST, EAST) == 200
    assert metres(net, WEST, SOUTH) == np.inf


def test_an_end_without_a_name_is_known_by_its_place():
    lines = [[(0, 0), (100, 0)], [(100, 0), (200, 0)], [(200, 0), (300, 0)]]
    net = WalkNetwork.from_edges(streets_of(lines, u=[1, None, None], v=[2, None, 4]))
    assert net.report.components.tolist() == [4]


def test_streets_drawn_against_their_nodes_are_turned():
    lines = [[(0, 0), (100, 0)], [(200, 0), (100, 0)], [(200, 0), (300, 0)], [(200, 0), (200, 50)]]
    net = WalkNetwork.from_edges(streets_of(lines, u=[1, 2, 3, 3], v=[2, 3, 4, 5]))
    assert net.report.turned == 1
    assert metres(net, np.array([[0.0, 0]]), np.array([[290.0, 0]])) == 290


def test_a_line_without_length_joins_two_names():
    lines = [[(0, 0), (100, 0)], [(100, 0), (100, 0)], [(100, 0), (200, 0)]]
    joined = WalkNetwork.from_edges(streets_of(lines, u=[1, 2, 3], v=[2, 3, 4]))
    assert metres(joined, np.array([[0.0, 0]]), np.array([[200.0, 0]])) == 200
    assert joined.report.zero_length == 0


def test_lines_in_parts_are_merged_or_taken_apart():
    meeting = shapely.MultiLineString([[(0, 0), (50, 0)], [(50, 0), (100, 0)]])
    apart = shapely.MultiLineString([[(0, 50), (10, 50)], [(90, 50), (100, 50)]])
    net = WalkNetwork.from_edges(streets_of([meeting, apart]))
    assert (net.report.edges_kept, net.report.split, net.source.tolist()) == (3, 1, [0, 1, 1])


def test_heights_are_left_out():
    flat = WalkNetwork.from_edges(streets_of([shapely.LineString([(0, 0, 0), (30, 40, 100)])]))
    assert flat.length.tolist() == [50]


# -- what may be walked ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "walkable", ["foot", [True, None, False], pd.Series([1, None, 0]), np.array([True, True, False])]
)
def test_what_may_be_walked_is_a_column_or_an_array(walkable):
    streets = streets_of([[(0, 0), (1, 0)], [(1, 0), (2, 0)], [(2, 0), (3, 0)]], foot=[True, None, False])
    assert WalkNetwork.from_edges(streets, walkable).source.tolist() == [0, 1]
    assert WalkNetwork.from_edges(streets.rename(columns={"foot": "walkable"})).report.not_walkable == 0


@pytest.mark.parametrize(
    ("walkable", "message"),
    [
        (["yes", "no"], "true and false"),
        ([True], "1 truth values were given for 2 streets"),
        (pd.Series([True, True], index=[5, 6]), "another index"),
    ],
)
def test_what_may_be_walked_must_be_said_of_each_street(walkable, message):
    streets = streets_of([[(0, 0), (1, 0)], [(1, 0), (2, 0)]])
    with pytest.raises(errors.BadParameter, match=message):
        WalkNetwork.from_edges(streets, walkable)


def test_a_column_that_is_not_there_is_named():
    with pytest.raises(errors.MissingColumn, match="foot"):
        WalkNetwork.from_edges(streets_of([[(0, 0), (1, 0)]]), "foot")


# -- wrong input -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("crs", "error"), [(4326, errors.GeographicCRS), (None, errors.MissingCRS), (2249, errors.GeographicCRS)]
)
def test_streets_must_be_in_metres(crs, error):
    with pytest.raises(error):
        WalkNetwork.from_edges(streets_of([[(0, 0), (1, 0)]], crs=crs))


@pytest.mark.parametrize(
    "shape", [shapely.Point(1, 1), shapely.box(0, 0, 1, 1), shapely.MultiPoint([(0, 0)])]
)
def test_streets_must_be_lines(shape):
    with pytest.raises(errors.NotALine, match=f"Row 8. A {shape.geom_type}"):
        WalkNetwork.from_edges(
            gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (1, 0)]), shape], index=[7, 8], crs=CRS)
        )


@pytest.mark.parametrize("precision", [0, -1, np.nan, np.inf])
def test_places_are_told_apart_by_metres_above_zero(precision):
    with pytest.raises(errors.BadParameter, match=r"precision is .* above zero"):
        WalkNetwork.from_edges(streets_of([[(0, 0), (1, 0)]]), precision=precision)


def test_a_series_of_lines_is_a_frame_without_columns():
    frame = lattice(2, 100.0)
    net, same = (WalkNetwork.from_edges(streets) for streets in (frame, frame.geometry))
    assert [str(part) for part in net.report] == [str(part) for part in same.report]
    added = streets_of([[(0, 0), (200, 200)]])
    assert net.changed(added.geometry, [3]).source.tolist() == net.changed(added, [3]).source.tolist()


def test_a_street_with_a_coordinate_that_is_no_number_is_named():
    with np.errstate(invalid="ignore"):
        line = shapely.LineString([(0, 0), (np.nan, 0)])
    with pytest.raises(errors.InvalidGeometry, match="Row 0"):
        WalkNetwork.from_edges(streets_of([line]))


@pytest.mark.parametrize("lines", [[], [None], [[(1, 1), (1, 1)]]])
def test_a_network_without_a_street_is_refused(lines):
    with pytest.raises(errors.EmptyNetwork):
        WalkNetwork.from_edges(streets_of(lines))


# -- noding ----------------------------------------------------------------------------------------------


def test_streets_that_cross_meet_only_if_asked():
    assert metres(WalkNetwork.from_edges(streets_of(CROSS)), WEST, SOUTH) == np.inf
    noded = WalkNetwork.from_edges(streets_of(CROSS), noding=True)
    assert metres(noded, WEST, SOUTH) == 200
    assert (noded.report.split, noded.report.nodes, noded.source.tolist()) == (2, 5, [0, 0, 1, 1])


@pytest.mark.parametrize(
    "columns",
    [
        {"bridge": ["yes", None]},
        {"bridge": [False, True]},
        {"bridge": [0.0, 1.0]},
        {"tunnel": ["no", "building_passage"]},
        {"layer": [None, "1"]},
        {"layer": [-1, 0]},
        {"layer": ["1", "1"], "bridge": ["yes", "no"]},
    ],
)
def test_streets_of_different_levels_do_not_meet(columns):
    net = WalkNetwork.from_edges(streets_of(CROSS, **columns), noding=True)
    assert metres(net, WEST, SOUTH) == np.inf
    assert net.report.split == 0


@pytest.mark.parametrize(
    "columns", [{"bridge": ["yes", "viaduct"]}, {"layer": ["0", None]}, {"tunnel": ["no", ""]}]
)
def test_streets_of_one_level_meet(columns):
    assert metres(WalkNetwork.from_edges(streets_of(CROSS, **columns), noding=True), WEST, SOUTH) == 200


def test_the_ends_of_a_bridge_meet_the_ground():
    lines = [[(-100, 0), (-20, 0)], [(-20, 0), (20, 0)], [(20, 0), (100, 0)], CROSS[1]]
    net = WalkNetwork.from_edges(streets_of(lines, bridge=[None, "yes", None, None]), noding=True)
    assert metres(net, WEST, EAST) == 200
    assert metres(net, WEST, SOUTH) == np.inf


@pytest.mark.parametrize("levels", [[None, "yes", None], ["yes", None, "yes"]])
@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0]])
def test_a_bridge_lands_on_the_street_that_it_ends_on_and_passes_over_the_others(levels, order):
    south, north = [(-100, 0), (100, 0)], [(-100, 50), (100, 50)]
    streets = streets_of([south, [(0, 0), (0, 90)], north], bridge=levels)
    foot, over = np.array([[0.0, 90.0]]), np.array([[-100.0, 50.0]])
    net = WalkNetwork.from_edges(streets.iloc[order], noding=True)
    added = WalkNetwork.from_edges(streets.iloc[[0, 2]], noding=True).changed(streets.iloc[[1]])
    for each in (net, added):
        assert metres(each, foot, WEST) == 190
        assert metres(each, foot, over) == np.inf
        assert each.report.split == 1


@pytest.mark.parametrize("gap", [0.0, 0.004, -0.004])
def test_an_end_on_a_street_joins_it(gap):
    net = WalkNetwork.from_edges(streets_of([CROSS[0], [(30, gap), (30, 70)]]), noding=True)
    assert metres(net, WEST, np.array([[30.0, 70.0]])) == pytest.approx(200, abs=0.01)
    assert net.report.split == 1


def test_a_street_that_crosses_itself_can_be_cut_short():
    bow = [(0, 0), (100, 100), (100, 0), (0, 100)]
    one, other = np.array([bow[0]], float), np.array([bow[-1]], float)
    assert metres(WalkNetwork.from_edges(streets_of([bow]), noding=True), one, other) == pytest.approx(
        2 * 50 * 2**0.5
    )


def test_streets_that_run_on_one_another_become_one():
    net = WalkNetwork.from_edges(streets_of([[(0, 0), (100, 0)], [(40, 0), (160, 0)]]), noding=True)
    assert sorted(net.length) == [40, 60, 60]
    assert net.report.duplicates == 1


def test_named_streets_keep_their_names_when_they_are_split():
    net = WalkNetwork.from_edges(streets_of(CROSS, u=["w", "s"], v=["e", "n"]), noding=True)
    assert metres(net, WEST, SOUTH) == 200
    assert net.report.components.tolist() == [5]


def test_a_lattice_of_long_streets_is_that_of_single_blocks():
    long = [[(0, 100 * n), (500, 100 * n)] for n in range(6)] + [
        [(100 * n, 0), (100 * n, 500)] for n in range(6)
    ]
    noded = WalkNetwork.from_edges(streets_of(long), noding=True)
    assert (noded.report.edges_kept, noded.report.nodes) == (60, 36)
    blocks = WalkNetwork.from_edges(lattice(5, 100.0))
    corner = np.array([[0.0, 0.0]])
    assert noded.nearest(blocks.node_xy, corner).tolist() == blocks.nearest(blocks.node_xy, corner).tolist()


# -- changes ---------------------------------------------------------------------------------------------


@law
@given(generators, st.booleans())
def test_a_changed_network_is_that_of_the_changed_streets(rng, named):
    both = pd.concat([town(rng), town(rng, streets=6)], ignore_index=True)
    if named:
        ends = np.round(
            shapely.get_coordinates(shapely.get_point(np.array(both.geometry)[:, None], [0, -1])), 2
        )
        names = [str(xy) for xy in ends.tolist()]
        both = both.assign(u=names[::2], v=names[1::2])
    streets, added = both.iloc[:18], both.iloc[18:]
    removed = rng.choice(18, 5, replace=False)
    origins, facilities = places(rng, 40), places(rng, 4)
    before = WalkNetwork.from_edges(streets)
    snapped = before.snap(origins, 60.0)
    after = before.changed(added, removed)
    expected = WalkNetwork.from_edges(pd.concat([streets.drop(removed), added], ignore_index=True))
    assert [str(part) for part in after.report] == [str(part) for part in expected.report]
    assert after.source.tolist() == expected.source.tolist()
    again = after.resnap(snapped, 60.0)
    assert [part.tobytes() for part in again[:3]] == [
        part.tobytes() for part in after.snap(origins, 60.0)[:3]
    ]
    for how in ({}, {"access_legs": False}):
        assert (
            after.nearest(again, facilities, **how).to_numpy().tobytes()
            == expected.nearest(expected.snap(origins, 60.0), facilities, **how).to_numpy().tobytes()
        )


@law
@given(generators)
def test_streets_added_to_a_noded_network_are_joined_where_they_cross(rng):
    streets, added = town(rng, streets=9), town(rng, streets=3)
    origins, facilities = places(rng, 30), places(rng, 4)
    how = {"noding": True, "precision": 1e-6}
    before = WalkNetwork.from_edges(streets, **how)
    after = before.changed(added, [2, 3])
    expected = WalkNetwork.from_edges(pd.concat([streets.drop([2, 3]), added]), **how)
    assert after.nearest(origins, facilities).to_numpy() == pytest.approx(
        expected.nearest(origins, facilities).to_numpy(), abs=1e-5
    )
    again = after.resnap(before.snap(origins))
    assert again.leg == pytest.approx(after.snap(origins).leg)


@law
@given(generators)
def test_places_as_near_to_a_new_street_as_to_an_old_one_join_what_they_would_without_a_change(rng):
    xy = rng.integers(0, 4, (6, 2, 2)) * 100.0
    new = streets_of([line for line in xy if (line[0] != line[1]).any()])
    blocks, middles = lattice(3, 100.0), rng.integers(0, 7, (60, 2)) * 50.0
    gone = rng.choice(len(blocks), 3, replace=False)
    before = WalkNetwork.from_edges(blocks)
    after = before.changed(new, gone)
    expected = WalkNetwork.from_edges(pd.concat([blocks.drop(gone), new], ignore_index=True)).snap(middles)
    for found in (after.snap(middles), after.resnap(before.snap(middles))):
        assert [part.tobytes() for part in found[:3]] == [part.tobytes() for part in expected[:3]]


def test_changes_follow_one_another():
    blocks = lattice(3, 100.0)
    corner, home = np.array([[0.0, 0.0]]), np.array([[300.0, 300.0]])
    net = WalkNetwork.from_edges(blocks)
    short = streets_of([[(0, 0), (300, 300)]])
    shorter = net.changed(added=short)
    assert metres(shorter, home, corner) == pytest.approx(300 * 2**0.5)
    back = shorter.changed(removed=[len(blocks)])
    assert metres(back, home, corner) == 600
    assert back.report._replace(components=0) == net.report._replace(components=0)
    closed = shorter.changed(added=short.translate(1, 0).to_frame("geometry"), walkable=[False])
    assert closed.report.not_walkable == 1


def test_a_change_names_streets_that_are_there():
    net = WalkNetwork.from_edges(lattice(1, 100.0))
    for position in (4, -1, 1.5, True, "a"):
        with pytest.raises(errors.BadParameter, match=f"{position} is not the position of one of 4 streets"):
            net.changed(removed=[position])
    with pytest.raises(errors.EmptyNetwork):
        net.changed(removed=range(4))
    with pytest.raises(errors.MixedCRS):
        net.changed(added=streets_of([[(0, 0), (1, 1)]], crs=4326))
