"""Walking distances against networkx, closed forms and the laws that they obey."""

from __future__ import annotations

from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis import errors
from gis.network import WalkNetwork, entrances, snap
from gis.reach import Destinations
from tests.gis.network_peer import CRS, Peer, lattice, places, streets_of, town
from tests.verified import verified

generators = st.integers(0, 2**32 - 1).map(np.random.default_rng)
law = settings(deadline=None, max_examples=30)
EXACT = 1e-6


def distances(streets, origins, facilities, **how):
    return WalkNetwork.from_edges(streets).nearest(origins, facilities, **how).to_numpy()


def straight(one, other):
    return np.hypot(*(one[:, None] - other[None]).T).T


# -- against a second implementation --------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(generators, st.booleans(), st.sampled_from([5.03, 40.03, np.inf]))
def test_distances_are_those_of_networkx(rng, access_legs, max_snap):
    streets, origins, facilities = town(rng), places(rng, 15), places(rng, 5)
    how = {"max_snap": max_snap, "access_legs": access_legs}
    expected = Peer(streets.geometry, origins, facilities, **how).table(15, 5)
    net = WalkNetwork.from_edges(streets)
    nearest = net.nearest(origins, facilities, **how).to_numpy()
    assert nearest == pytest.approx(expected.min(axis=1), abs=EXACT)
    pairs = net.pairs(origins, facilities, np.inf, **how)
    found = np.full_like(expected, np.inf)
    found[pairs["origin"], pairs["facility"]] = pairs["distance"]
    assert found == pytest.approx(expected, abs=EXACT)
    assert net.within(origins, facilities, 150.0, **how).tolist() == (expected <= 150).sum(axis=1).tolist()


@law
@given(generators)
def test_lines_that_cross_are_walked_as_if_they_were_drawn_in_pieces(rng):
    streets, origins, facilities = town(rng, streets=9), places(rng, 10), places(rng, 4)
    pieces = shapely.get_parts(shapely.node(shapely.union_all(streets.geometry.values)))
    expected = Peer(pieces, origins, facilities, precision=1e-7).table(10, 4).min(axis=1)
    net = WalkNetwork.from_edges(streets, noding=True, precision=1e-7)
    assert net.nearest(origins, facilities).to_numpy() == pytest.approx(expected, abs=EXACT)


# -- closed forms ----------------------------------------------------------------------------------------


def test_on_a_lattice_the_distance_is_the_sum_of_both_coordinates():
    net = WalkNetwork.from_edges(lattice(10, 100.0))
    corner = np.array([[0.0, 0.0]])
    assert net.node_distances(corner).tolist() == net.node_xy.sum(axis=1).tolist()
    along = np.array([[30.0, 200.0], [500.0, 470.0]])
    assert net.nearest(along, corner).tolist() == [230.0, 970.0]


@pytest.mark.parametrize("reach", [99.0, 100.0, 250.0, 800.0])
def test_nodes_of_a_lattice_within_a_distance(reach):
    net = WalkNetwork.from_edges(lattice(20, 100.0))
    middle = np.array([[1000.0, 1000.0]])
    m = reach // 100
    found = (net.node_distances(middle) <= reach).sum()
    verified(f"nodes of a lattice of 100 m within {reach:.0f} m", "2m² + 2m + 1", 2 * m**2 + 2 * m + 1, found)
    assert np.isfinite(net.node_distances(middle, reach)).sum() == 2 * m**2 + 2 * m + 1
    assert len(net.pairs(net.node_xy, middle, reach)) == 2 * m**2 + 2 * m + 1


def test_legs_are_straight_and_can_be_left_out():
    net = WalkNetwork.from_edges(streets_of([[(0, 0), (1000, 0)]]))
    home, shop = np.array([[100.0, 30.0]]), np.array([[400.0, -20.0]])
    assert net.nearest(home, shop).tolist() == [350.0]
    assert net.nearest(home, shop, access_legs=False).tolist() == [300.0]


def test_a_loop_is_walked_the_shorter_way_round():
    ring = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
    net = WalkNetwork.from_edges(streets_of([ring, [(0, 0), (-500, 0)]]))
    assert net.nearest(np.array([[0.0, 90.0]]), np.array([[20.0, 0.0]])).tolist() == [110.0]
    assert net.nearest(np.array([[0.0, 90.0]]), np.array([[100.0, 90.0]])).tolist() == [120.0]


def test_of_parallel_streets_the_shorter_is_walked():
    bent, direct = [(0, 0), (50, 80), (100, 0)], [(0, 0), (100, 0)]
    tails = [[(-50, 0), (0, 0)], [(100, 0), (150, 0)]]
    for order in ([bent, direct, *tails], [*tails, direct, bent]):
        assert distances(streets_of(order), np.array([[-50.0, 0]]), np.array([[150.0, 0]])).tolist() == [
            200.0
        ]


def test_a_facility_on_a_node_and_an_origin_at_a_facility():
    net = WalkNetwork.from_edges(lattice(2, 100.0))
    node = np.array([[100.0, 100.0]])
    assert net.nearest(np.array([[100.0, 100.0], [100.0, 130.0]]), node).tolist() == [0.0, 30.0]


# -- snapping --------------------------------------------------------------------------------------------


@law
@given(generators, st.sampled_from([1.03, 30.03, np.inf]))
def test_a_place_is_snapped_onto_the_nearest_edge(rng, max_snap):
    streets, xy = town(rng), places(rng, 40)
    net = WalkNetwork.from_edges(streets)
    found = net.snap(xy, max_snap)
    points = shapely.points(xy)
    away = shapely.distance(points[:, None], net.geometry[None]).min(axis=1)
    assert found.leg == pytest.approx(np.where(away <= max_snap, away, np.inf), abs=EXACT)
    on = found.on
    foot = shapely.line_interpolate_point(net.geometry[found.edge[on]], found.at[on])
    assert shapely.distance(points[on], foot) == pytest.approx(found.leg[on], abs=EXACT)


def test_snapping_onto_edges_is_not_snapping_onto_nodes():
    net = WalkNetwork.from_edges(streets_of([[(0, 0), (1000, 0)]]))
    assert net.snap(np.array([[500.0, 10.0]]))[:3] == (0, 500.0, 10.0)


def test_a_place_out_of_reach_is_unreachable_and_never_at_zero():
    net = WalkNetwork.from_edges(streets_of([[(0, 0), (100, 0)]]))
    far = np.array([[50.0, 100.1], [50.0, 100.0]])
    assert net.nearest(far, np.array([[50.0, 0.0]])).tolist() == [np.inf, 100.0]
    assert net.nearest(np.array([[50.0, 0.0]]), far[:1]).tolist() == [np.inf]
    assert net.within(far, far, 1e9).tolist() == [0, 1]
    assert net.snap(far).edge.tolist() == [-1, 0]


def test_a_street_that_is_not_connected_is_unreachable():
    streets = streets_of([[(0, 0), (100, 0)], [(0, 50), (100, 50)]])
    assert distances(streets, np.array([[50.0, 50.0]]), np.array([[50.0, 0.0]])).tolist() == [np.inf]


def test_missing_and_empty_places_are_unreachable():
    net = WalkNetwork.from_edges(streets_of([[(0, 0), (100, 0)]]))
    homes = gpd.GeoSeries([shapely.Point(10, 0), None, shapely.Point()], index=list("abc"), crs=CRS)
    found = net.nearest(homes, homes)
    assert found.to_dict() == {"a": 0.0, "b": np.inf, "c": np.inf}
    assert net.nearest(np.array([[np.nan, 0.0], [20.0, 0.0]]), homes).tolist() == [np.inf, 10.0]


def test_no_origins_and_no_facilities():
    net = WalkNetwork.from_edges(streets_of([[(0, 0), (100, 0)]]))
    nothing, home = np.empty((0, 2)), np.array([[10.0, 0.0]])
    for none in (nothing, [], gpd.GeoSeries([], crs=CRS)):
        assert net.nearest(home, none).tolist() == [np.inf]
        assert net.within(home, none, 100.0).tolist() == [0]
        assert len(net.nearest(none, home)) == len(net.within(none, home, 9.0)) == 0
        for table in (net.pairs(home, none, 100.0), net.pairs(none, home, 100.0)):
            assert table.dtypes.astype(str).to_dict() == {
                "origin": "int64",
                "facility": "int64",
                "distance": "float64",
            }
            assert table.empty


def test_answers_are_on_the_index_of_the_origins():
    net = WalkNetwork.from_edges(streets_of([[(0, 0), (100, 0)]]))
    homes = gpd.GeoDataFrame(geometry=gpd.points_from_xy([1, 2], [0, 0]), index=[7, 3], crs=CRS)
    shops = {"shop": np.array([[0.0, 0.0]]), "school": np.array([[100.0, 0.0]])}
    table = net.nearest_of_classes(homes, shops)
    expected = pd.DataFrame({"shop": [1.0, 2.0], "school": [99.0, 98.0]}, index=[7, 3])
    pd.testing.assert_frame_equal(table, expected)
    snapped = net.nearest_of_classes(net.snap(homes), {name: net.snap(xy) for name, xy in shops.items()})
    pd.testing.assert_frame_equal(snapped, expected.reset_index(drop=True))


def test_beyond_the_largest_distance_a_facility_does_not_count():
    net = WalkNetwork.from_edges(lattice(5, 100.0))
    corner = np.array([[0.0, 0.0]])
    found = net.nearest(net.node_xy, corner, max_distance=300.0)
    assert found.max() == np.inf
    assert found[np.isfinite(found)].max() == 300.0


# -- laws ------------------------------------------------------------------------------------------------


@law
@given(generators, st.floats(-3, 3), st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4)))
def test_moving_and_turning_change_no_distance(rng, angle, shift):
    streets, origins, facilities = town(rng), places(rng, 15), places(rng, 3)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])

    def moved(xy):
        return xy @ turn.T + shift

    turned = streets.set_geometry(shapely.transform(streets.geometry.values, moved))
    # A loop bends back on its own end, where the foot of a place may lie on either side of the tie.
    assert distances(turned, moved(origins), moved(facilities), max_snap=np.inf) == pytest.approx(
        distances(streets, origins, facilities, max_snap=np.inf), abs=EXACT
    )


@law
@given(generators, st.floats(0.01, 1000))
def test_a_map_k_times_as_large_has_k_times_the_distances(rng, k):
    streets, origins, facilities = town(rng), places(rng, 15), places(rng, 3)
    larger = streets.set_geometry(shapely.transform(streets.geometry.values, lambda xy: xy * k))
    found = WalkNetwork.from_edges(larger, precision=0.01 * k).nearest(
        origins * k, facilities * k, max_snap=60 * k
    )
    expected = distances(streets, origins, facilities, max_snap=60) * k
    assert found.to_numpy() == pytest.approx(expected, rel=1e-9, abs=EXACT)


@law
@given(generators)
def test_the_order_of_streets_and_facilities_changes_no_bit(rng):
    blocks = lattice(6, 50.0)
    for streets, size in ((town(rng), 300.0), (blocks, 300.0)):
        origins, facilities = places(rng, 30, size).round(-1), places(rng, 6, size).round(-1)
        shuffled = streets.sample(frac=1, random_state=rng)
        found = distances(shuffled, origins, rng.permutation(facilities))
        assert found.tobytes() == distances(streets, origins, facilities).tobytes()


@law
@given(generators)
def test_one_facility_more_raises_no_distance(rng):
    streets, origins, facilities = town(rng), places(rng, 30), places(rng, 4)
    assert (distances(streets, origins, facilities) <= distances(streets, origins, facilities[1:])).all()


@law
@given(generators, st.integers(0, 17))
def test_a_longer_street_lowers_no_distance(rng, which):
    streets = town(rng)
    nodes = WalkNetwork.from_edges(streets).node_xy
    longer = streets.geometry.values.copy()
    way = shapely.get_coordinates(longer[which])
    longer[which] = shapely.LineString([way[0], way[0] + (1000.0, 1000.0), *way])
    after = distances(streets.set_geometry(longer), nodes, nodes[:3])
    assert (after >= distances(streets, nodes, nodes[:3]) - EXACT).all()


@law
@given(generators)
def test_no_way_on_foot_is_shorter_than_the_straight_line(rng):
    streets, origins, facilities = town(rng), places(rng, 30), places(rng, 6)
    pairs = WalkNetwork.from_edges(streets).pairs(origins, facilities, np.inf)
    line = straight(origins, facilities)[pairs["origin"], pairs["facility"]]
    assert (pairs["distance"].to_numpy() >= line - EXACT).all()


@law
@given(generators)
def test_pairs_are_sorted_and_their_least_is_the_nearest(rng):
    streets, origins, facilities = town(rng), places(rng, 30), places(rng, 6)
    net = WalkNetwork.from_edges(streets)
    pairs = net.pairs(origins, facilities, 400.0)
    assert pairs[["origin", "facility"]].apply(tuple, axis=1).is_monotonic_increasing
    assert not pairs.duplicated(["origin", "facility"]).any()
    least = pairs.groupby("origin")["distance"].min().reindex(range(30), fill_value=np.inf)
    assert least.to_numpy() == pytest.approx(net.nearest(origins, facilities, 400.0).to_numpy(), abs=EXACT)


def test_no_bit_depends_on_how_the_work_is_divided(monkeypatch):
    rng = np.random.default_rng(4)
    net = WalkNetwork.from_edges(town(rng, 200, 400, 2000.0))
    xy = places(rng, 5000, 2000.0)
    found = net.snap(xy)
    monkeypatch.setattr(snap, "CHUNK", 100)
    monkeypatch.setattr(snap, "CANDIDATES", 1)
    monkeypatch.setattr(snap.os, "cpu_count", lambda: 1)
    again = net.snap(xy)
    assert [field.tobytes() for field in found[:3]] == [field.tobytes() for field in again[:3]]


# -- wrong input -----------------------------------------------------------------------------------------


def test_places_in_another_coordinate_system_are_refused():
    net = WalkNetwork.from_edges(streets_of([[(0, 0), (100, 0)]]))
    places_in_degrees = gpd.GeoSeries([shapely.Point(113.6, 34.7)], crs=4326)
    with pytest.raises(errors.MixedCRS, match="WGS 84"):
        net.nearest(places_in_degrees, np.array([[0.0, 0.0]]))


def test_coordinates_of_another_shape_are_refused():
    net = WalkNetwork.from_edges(streets_of([[(0, 0), (100, 0)]]))
    with pytest.raises(errors.BadParameter, match=r"\(n, 2\)"):
        net.snap(np.array([1.0, 2.0]))


def test_an_origin_is_a_point():
    net = WalkNetwork.from_edges(streets_of([[(0, 0), (100, 0)]]))
    house = gpd.GeoSeries([shapely.box(0, 0, 10, 10)], crs=CRS)
    with pytest.raises(errors.BadParameter, match="centroids"):
        net.nearest(house, np.array([[0.0, 0.0]]))


NAN, HALL = float("nan"), np.array([[50.0, 0.0]])


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (lambda net: net.nearest(HALL, HALL, max_distance=-1), "max_distance is -1; it must be zero or more"),
        (lambda net: net.nearest(HALL, HALL, max_distance=NAN), "max_distance is nan"),
        (lambda net: net.nearest(HALL, HALL, max_snap=-1), "max_snap is -1"),
        (lambda net: net.nearest_of_classes(HALL, {"shop": HALL}, NAN), "max_distance is nan"),
        (lambda net: net.nearest_of_classes(HALL, {}, -1), "max_distance is -1"),
        (lambda net: net.node_distances(HALL, -1), "max_distance is -1"),
        (lambda net: net.within(HALL, HALL, -1), "distance is -1"),
        (lambda net: net.within(HALL, HALL, NAN), "distance is nan"),
        (lambda net: net.pairs(HALL, HALL, NAN), "distance is nan"),
        (lambda net: net.snap(HALL, NAN), "max_snap is nan"),
        (lambda net: net.resnap(net.snap(HALL), -1), "max_snap is -1"),
        (
            lambda net: net.isochrone(HALL[0], [100], width=np.inf),
            "width is inf; it must be finite and above zero",
        ),
        (lambda net: net.isochrone(HALL[0], [100], width=0), "width is 0.0"),
        (lambda net: net.isochrone(HALL[0], [100, NAN]), "distances is nan"),
        (lambda net: entrances(np.array([shapely.box(0, 0, 9, 9)]), net, 0), "spacing is 0.0"),
    ],
)
def test_metres_with_which_nothing_can_be_measured_are_refused(asked, message):
    with pytest.raises(errors.BadParameter, match=message):
        asked(WalkNetwork.from_edges(streets_of([[(0, 0), (100, 0)]])))


def test_a_limit_of_zero_is_a_limit():
    net = WalkNetwork.from_edges(streets_of([[(0, 0), (100, 0)]]))
    places = np.array([[50.0, 0.0], [60.0, 0.0]])
    assert net.nearest(places, HALL, max_distance=0).tolist() == [0.0, np.inf]
    assert net.within(places, HALL, 0).tolist() == [1, 0]
    assert net.snap(np.array([[50.0, 0.0], [50.0, 1.0]]), 0).on.tolist() == [True, False]


def test_a_series_says_which_coordinate_system_it_is_in():
    net = WalkNetwork.from_edges(streets_of([[(0, 0), (100, 0)]]))
    points = [shapely.Point(50, 0)]
    undeclared = gpd.GeoSeries(points)
    for given_places in (undeclared, undeclared.to_frame("geometry")):
        for asked in (net.snap, partial(net.nearest, HALL), partial(Destinations.of, net), net.changed):
            with pytest.raises(errors.MissingCRS):
                asked(given_places)
    assert net.nearest(np.array(points), np.array(points)).tolist() == [0.0]
