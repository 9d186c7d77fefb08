"""Facilities that are lines and polygons, and the land that can be reached on foot."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis import errors
from gis.network import WalkNetwork, entrances
from tests.gis.network_peer import CRS, lattice, places, streets_of, town

generators = st.integers(0, 2**32 - 1).map(np.random.default_rng)
law = settings(deadline=None, max_examples=30)
STREET = [(0, 0), (1000, 0)]


def shapes(*given_shapes):
    return gpd.GeoSeries(list(given_shapes), crs=CRS)


def boxes(rng, count):
    low, size = rng.uniform(0, 300, (count, 2)).round(1), rng.uniform(5, 120, (count, 2)).round(1)
    return gpd.GeoSeries(shapely.box(*low.T, *(low + size).T), crs=CRS)


# -- entrances -------------------------------------------------------------------------------------------


def test_a_park_is_entered_where_its_boundary_is_near_a_street():
    net = WalkNetwork.from_edges(streets_of([STREET]))
    xy, owner = entrances(shapes(shapely.box(400, 10, 610, 200)), net)
    assert set(owner) == {0}
    assert (xy[:, 1] <= 30).all()
    assert {400.0, 610.0} == {xy[:, 0].min(), xy[:, 0].max()}
    assert np.diff(np.unique(xy[xy[:, 1] == 10, 0])).max() <= 30


def test_a_park_is_entered_where_streets_cross_its_boundary():
    net = WalkNetwork.from_edges(streets_of([STREET, [(500, -500), (500, 500)]]))
    xy, _owner = entrances(shapes(shapely.box(333, -47, 667, 53)), net, spacing=1e6)
    assert {(500.0, -47.0), (500.0, 53.0)} & {tuple(place) for place in xy.tolist()}
    home = np.array([[0.0, 0.0]])
    assert net.nearest(home, shapes(shapely.box(333, -47, 667, 53))).tolist() == [333.0]


def test_a_park_far_from_every_street_has_its_nearest_corner_as_entrance():
    net = WalkNetwork.from_edges(streets_of([STREET]))
    xy, owner = entrances(shapes(shapely.box(1030, 40, 1100, 100)), net)
    assert (xy.tolist(), owner.tolist()) == ([[1030.0, 40.0]], [0])
    assert net.nearest(np.array([[900.0, 0.0]]), shapes(shapely.box(1030, 40, 1100, 100))).tolist() == [150.0]


def test_entrances_keep_the_order_of_their_places_and_missing_ones_have_none():
    net = WalkNetwork.from_edges(streets_of([STREET]))
    given_shapes = shapes(
        None,
        shapely.MultiPoint([(10, 5), (20, 5)]),
        shapely.LineString([(100, 5), (150, 5)]),
        shapely.Polygon(),
        shapely.MultiPolygon([shapely.box(300, 5, 310, 15), shapely.box(900, 5, 910, 15)]),
        shapely.Point(30, 5),
    )
    _xy, owner = entrances(given_shapes, net)
    assert sorted(set(owner)) == [1, 2, 4, 5]
    assert (np.diff(owner) >= 0).all()
    table = net.pairs(np.array([[10.0, 0.0], [910.0, 0.0]]), given_shapes, np.inf)
    assert table["facility"].tolist() == [1, 2, 4, 5] * 2
    assert table["distance"].round(6).tolist() == [5, 95, 295, 25, 895, 765, 5, 885]


@law
@given(generators)
def test_the_way_to_a_polygon_is_that_to_its_nearest_entrance(rng):
    net = WalkNetwork.from_edges(town(rng))
    homes, parks = places(rng, 40), boxes(rng, 7)
    xy, owner = entrances(parks, net)
    by_entrance = net.pairs(homes, xy, np.inf).assign(owner=lambda pair: owner[pair["facility"]])
    expected = np.full((40, 7), np.inf)
    np.minimum.at(expected, (by_entrance["origin"], by_entrance["owner"]), by_entrance["distance"])
    expected[shapely.intersects(shapely.points(homes)[:, None], np.array(parks)[None])] = 0.0
    table = net.pairs(homes, parks, 250.0)
    found = np.full((40, 7), np.inf)
    found[table["origin"], table["facility"]] = table["distance"]
    assert found == pytest.approx(np.where(expected <= 250, expected, np.inf))
    assert net.nearest(homes, parks).to_numpy() == pytest.approx(expected.min(axis=1))
    assert net.nearest(net.snap(homes), net.snap(parks)).equals(net.nearest(homes, parks))
    assert net.within(homes, parks, 250.0).tolist() == (expected <= 250).sum(axis=1).tolist()


def test_a_home_in_a_park_is_there_even_where_no_street_is():
    net = WalkNetwork.from_edges(streets_of([STREET]))
    wood = shapes(shapely.box(0, 500, 1000, 900), shapely.box(0, 0, 10, 10))
    homes = np.array([[500.0, 700.0], [500.0, 950.0]])
    assert net.nearest(homes, wood).tolist() == [0.0, np.inf]
    assert net.within(homes, wood, 100.0).tolist() == [1, 0]
    assert net.pairs(homes, wood, 100.0).to_numpy().tolist() == [[0, 0, 0.0]]


def test_a_polygon_that_crosses_itself_is_refused():
    net = WalkNetwork.from_edges(streets_of([STREET]))
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    with pytest.raises(errors.InvalidGeometry, match="Row 1"):
        net.nearest(np.array([[0.0, 0.0]]), shapes(shapely.box(0, 0, 1, 1), bow))


# -- isochrones ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reach", [30.0, 100.0, 250.0, 799.0])
def test_the_streets_of_a_lattice_within_a_distance(reach):
    net = WalkNetwork.from_edges(lattice(20, 100.0))
    m, rest = divmod(reach, 100.0)
    found = net.isochrone(shapely.Point(1000, 1000), [reach])
    assert found["length"].item() == pytest.approx(4 * m**2 * 100 + (8 * m + 4) * rest)
    assert found["distance"].tolist() == [reach]


def test_a_street_is_cut_where_the_distance_ends():
    net = WalkNetwork.from_edges(streets_of([STREET]))
    found = net.isochrone((500.0, 30.0), [130.0, 20.0, 230.0], width=10.0)
    assert found["distance"].tolist() == [20.0, 130.0, 230.0]
    assert found["length"].tolist() == [0.0, 200.0, 400.0]
    assert found.geometry.geom_type.tolist() == ["MultiPolygon"] * 3
    assert found.geometry.is_empty.tolist() == [True, False, False]
    assert found.total_bounds.tolist() == [290.0, -10.0, 710.0, 10.0]
    ends = 16 / 2 * 10**2 * np.sin(2 * np.pi / 16)
    assert found.area.tolist() == pytest.approx([0, 200 * 20 + ends, 400 * 20 + ends])
    without = net.isochrone((500.0, 30.0), [130.0], access_legs=False)
    assert (without["length"].item(), without.crs) == (260.0, CRS)


def test_a_loop_is_reached_from_both_sides():
    ring = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
    net = WalkNetwork.from_edges(streets_of([ring, [(0, 0), (-500, 0)]]))
    assert net.isochrone((-50.0, 0.0), [150.0, 250.0, 900.0])["length"].tolist() == [400.0, 700.0, 900.0]
    assert net.isochrone((50.0, 0.0), [60.0, 200.0])["length"].tolist() == [130.0, 550.0]


@law
@given(generators)
def test_the_streets_reached_are_those_within_the_distance_and_catchments_are_nested(rng):
    net = WalkNetwork.from_edges(town(rng))
    start = places(rng, 1)
    found = net.isochrone(start[0], [90.0, 180.0, 400.0], width=0.5)
    share = (np.arange(400) + 0.5) / 400
    foot = shapely.line_interpolate_point(net.geometry[:, None], share, normalized=True)
    xy = shapely.get_coordinates(foot)
    metres = net.nearest(xy, start, access_legs=True).to_numpy().reshape(foot.shape)
    for reach, shape, length in found[["distance", "geometry", "length"]].itertuples(index=False):
        # A foot on a crossing that is not a node may be snapped onto the other street.
        assert (net.length[:, None] / 400 * (metres <= reach)).sum() == pytest.approx(
            length, rel=0.02, abs=20
        )
        inside = shapely.contains_xy(shape, *xy.T).reshape(foot.shape)
        assert inside[metres <= reach].mean() >= 0.99 if (metres <= reach).any() else shape.area < 400
    for smaller, larger in zip(found.geometry[:-1], found.geometry[1:], strict=True):
        assert shapely.difference(smaller, larger).area == pytest.approx(0, abs=1e-6)


def test_a_facility_of_any_shape_has_a_catchment():
    net = WalkNetwork.from_edges(streets_of([STREET]))
    found = net.isochrone(shapely.LineString([(400, 0), (600, 0)]), [100.0])
    assert found["length"].item() == pytest.approx(400.0)
    both = net.snap(np.array([[200.0, 0.0], [250.0, 0.0]]))
    assert net.isochrone(both, [100.0])["length"].tolist() == [250.0]


def test_from_beyond_the_network_nothing_is_reached():
    net = WalkNetwork.from_edges(streets_of([STREET]))
    found = net.isochrone((500.0, 101.0), [1000.0])
    assert found.geometry.is_empty.all()
    assert found["length"].tolist() == [0.0]
    assert net.isochrone((500.0, 101.0), [1000.0], max_snap=200.0)["length"].tolist() == [1000.0]


@pytest.mark.parametrize(
    ("distances", "width"), [([0.0], 25.0), ([-5.0], 25.0), ([np.inf], 25.0), ([100.0], 0.0)]
)
def test_a_catchment_needs_distances_and_a_width_above_zero(distances, width):
    net = WalkNetwork.from_edges(streets_of([STREET]))
    with pytest.raises(errors.BadParameter, match="above zero"):
        net.isochrone((0.0, 0.0), distances, width=width)
