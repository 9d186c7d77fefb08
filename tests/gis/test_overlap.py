"""Overlaps of units and features against closed forms, GEOS, and the laws of sharing ground."""

from __future__ import annotations

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis import clipping
from gis.clipping import common_areas, common_lengths
from gis.overlap import assigned, disjoint, members, overlay, pieces
from tests.gis.town import ORIGIN, angles, box, frame, houses, moved, points, seeds, squares, streets

TWO = frame(box(0, 0, 10), box(10, 0, 10))


def ragged_shapes(count, seed):
    """Polygons with holes, of several parts, with upright and level edges."""
    random = np.random.default_rng(seed)
    places, sizes = random.uniform(0, 100, (30, 2)), random.uniform(5, 25, 30)
    blobs = shapely.buffer(shapely.points(places), sizes, quad_segs=2)
    corner = random.integers(0, 95, (2, 10))
    holes = shapely.union_all(shapely.box(*corner, *(corner + random.integers(2, 12, (2, 10)))))
    picked = [shapely.union_all(blobs[random.integers(0, 30, 4)]) for _ in range(count)]
    return shapely.difference(np.array(picked), holes)


def all_pairs(count):
    return np.indices((count, count)).reshape(2, -1)


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_the_closed_form_is_the_area_that_geos_cuts(seed):
    shapes, (first, second) = ragged_shapes(12, seed), all_pairs(12)
    cut = shapely.area(shapely.intersection(shapes[first], shapes[second]))
    assert common_areas(shapes, shapes, first, second) == pytest.approx(cut, abs=1e-8)


@given(seeds)
@settings(max_examples=20, deadline=None)
def test_the_closed_form_is_the_length_that_geos_cuts(seed):
    shapes, (first, second) = ragged_shapes(12, seed), all_pairs(12)
    steps = np.random.default_rng(seed).normal(0, 20, (12, 6, 2))
    lines = shapely.linestrings(50 + steps.cumsum(axis=1))
    lines[3] = shapely.multilinestrings(list(lines[4:6]))
    cut = shapely.length(shapely.intersection(shapes[first], lines[second]))
    assert common_lengths(shapes, lines, first, second) == pytest.approx(cut, abs=1e-8)


def test_many_pairs_are_summed_a_batch_at_a_time(monkeypatch):
    shapes, (first, second) = ragged_shapes(12, 1), all_pairs(12)
    at_once = common_areas(shapes, shapes, first, second)
    monkeypatch.setattr(clipping, "AT_ONCE", 50)
    assert common_areas(shapes, shapes, first, second) == pytest.approx(at_once, rel=1e-12)


def test_a_hole_and_a_sliver():
    ring = box(0, 0, 10).difference(box(2, 2, 6))
    sliver = box(5, -5, 1e-4, 20)
    placed = overlay(frame(ring), frame(sliver, box(3, 3, 2)))
    assert placed.feature.tolist() == [0]
    assert placed.amount == pytest.approx([4e-4], rel=1e-6)


def test_a_feature_inside_counts_whole_and_one_that_crosses_by_its_part():
    placed = overlay(TWO, frame(box(1, 1, 2), box(8, 0, 4), box(30, 30, 1)))
    assert placed.unit.tolist() == [0, 0, 1]
    assert placed.feature.tolist() == [0, 1, 1]
    assert placed.amount == pytest.approx([4, 8, 8])
    assert placed.whole == pytest.approx([4, 16, 1])
    assert placed.share == pytest.approx([1, 0.5, 0.5])
    assert placed.sum([10, 100, 1000]) == pytest.approx([60, 50])
    assert placed.count().tolist() == [2, 1]


def test_neighbours_that_touch_share_nothing():
    assert overlay(TWO, frame(box(20, 0, 5), box(0, 10, 20, 5))).unit.size == 0


@pytest.mark.parametrize("shift", [0, 1e-9])
def test_a_street_along_a_shared_edge_counts_by_half_on_either_side(shift):
    street = frame(shapely.linestrings([[10 + shift, -5], [10, 15]]))
    assert overlay(TWO, street).sum().sum() == pytest.approx(10)
    level = frame(shapely.linestrings([[0, 10], [20, 10]]))
    assert overlay(TWO, level).sum() == pytest.approx([5, 5])


def test_an_upright_street_along_a_shared_edge_counts_by_half_in_each():
    assert overlay(TWO, frame(shapely.linestrings([[10, -5], [10, 15]]))).sum().tolist() == [5, 5]


def test_no_pairs_share_nothing():
    nobody, squares = np.empty(0, np.int64), np.array([box(0, 0, 1)])
    assert common_areas(squares, squares, nobody, nobody).size == 0
    assert common_lengths(squares, squares, nobody, nobody).size == 0


@given(st.floats(-1, 1), seeds)
@settings(max_examples=30, deadline=None)
def test_a_street_along_a_slanting_shared_edge_is_neither_lost_nor_doubled(slant, seed):
    top, bottom = (10 + slant, 10), (10 - slant, 0)
    left = shapely.Polygon([(0, 0), bottom, top, (0, 10)])
    right = shapely.Polygon([bottom, (20, 0), (20, 10), top])
    places = np.linspace(0, 1, 2 + seed % 5)
    along = shapely.line_interpolate_point(shapely.linestrings([bottom, top]), places, normalized=True)
    street = shapely.linestrings(shapely.get_coordinates(along))
    assert overlay(frame(left, right), frame(street)).sum().sum() == pytest.approx(street.length, abs=1e-6)


def drawn_along(start, end, pieces, random):
    """A line from start to end in so many pieces, their corners rounded as coordinates are."""
    cuts = np.r_[0, np.sort(random.uniform(0, 1, pieces - 1)), 1][:, None]
    return np.array(start) + cuts * (np.array(end) - np.array(start))


@pytest.mark.parametrize("seed", range(5))
def test_each_piece_of_a_street_along_a_slanting_edge_counts_by_half_in_either_unit(seed):
    random = np.random.default_rng(seed)
    (x, y), corner = random.uniform(500, 8000, 2), ORIGIN + random.uniform(-1e4, 1e4, 2)
    left, right = (corner + np.array([(0, 0), *rest]) for rest in ([(x, y), (0, y)], [(x, 0), (x, y)]))
    line = drawn_along(corner, left[1], 200, random)
    streets = geopandas.GeoSeries(shapely.linestrings(np.stack([line[:-1], line[1:]], axis=1)), crs=4547)
    units = geopandas.GeoDataFrame(geometry=shapely.polygons(np.stack([left, right])), crs=4547)
    placed = overlay(units, streets)
    by_unit = np.zeros((2, len(streets)))
    by_unit[placed.unit, placed.feature] = placed.amount
    assert by_unit.sum(axis=0) == pytest.approx(streets.length, rel=1e-9, abs=1e-9)
    assert by_unit[0].sum() == pytest.approx(streets.length.sum() / 2, rel=1e-5)


@given(angles, seeds)
@settings(max_examples=30, deadline=None)
def test_streets_along_a_turned_lattice_are_shared_out_whole(angle, seed):
    random = np.random.default_rng(seed)
    lines = [drawn_along((0, at), (300, at), 7, random)[:, ::way] for at in (100, 200) for way in (1, -1)]
    town = squares(3)
    roads = frame(*shapely.linestrings(lines))
    straight, turned = (
        overlay(units, streets).sum()
        for units, streets in ((town, roads), (moved(town, 7, 5, angle), moved(roads, 7, 5, angle)))
    )
    assert turned.sum() == pytest.approx(1200, abs=1e-6)
    assert turned == pytest.approx(straight, abs=1e-3)
    assert straight == pytest.approx([100, 150, 100, 150, 200, 150, 100, 150, 100])


@given(angles, seeds)
@settings(max_examples=30, deadline=None)
def test_splitting_a_unit_along_a_street_keeps_the_length_of_streets(angle, seed):
    random = np.random.default_rng(seed)
    ends = [(0.0, random.uniform(0, 100)), (100.0, random.uniform(0, 100))]
    lower = shapely.polygons([(0, 0), (100, 0), ends[1], ends[0]])
    upper = shapely.polygons([ends[0], ends[1], (100, 100), (0, 100)])
    roads = [drawn_along(*ends, 9, random), *random.uniform(5, 95, (3, 9, 2))]
    roads = moved(frame(*map(shapely.linestrings, roads)), 0, 0, angle)
    whole, halves = (moved(frame(*each), 0, 0, angle) for each in ([box(0, 0, 100)], [lower, upper]))
    before, after = overlay(whole, roads), overlay(halves, roads)
    assert after.sum().sum() == pytest.approx(before.sum().sum(), rel=1e-9)
    assert np.bincount(before.feature, before.amount) == pytest.approx(roads.length, rel=1e-9)


def test_an_edge_with_a_corner_more_in_one_unit_than_in_the_other_still_shares_a_street_out():
    corner = (40.0004, 20.0)
    units = frame(
        shapely.Polygon([(0, 0), (100, 0), (100, 50)]),
        shapely.Polygon([(0, 0), corner, (0, 50)]),
        shapely.Polygon([corner, (100, 50), (0, 50)]),
    )
    street = frame(shapely.linestrings([(0, 0), (100, 50)]))
    assert overlay(units, street).sum().sum() == pytest.approx(street.length[0], rel=1e-4)
    assert overlay(units, street).sum()[0] == pytest.approx(street.length[0] / 2, rel=1e-4)


@pytest.mark.parametrize("aside", [0.0, 0.0005, -0.0005, 0.002])
def test_a_street_beside_an_edge_counts_on_its_own_side_the_more_the_farther_it_lies(aside):
    east = 0.5 + np.clip(aside / 0.002, -0.5, 0.5)
    placed = overlay(TWO, frame(shapely.linestrings([[10 + aside, 0], [10 + aside, 10]])))
    assert placed.sum() == pytest.approx([10 * (1 - east), 10 * east], abs=1e-3)


def test_a_street_on_the_rim_of_all_units_counts_by_half():
    assert overlay(TWO, frame(shapely.linestrings([[0, 0], [20, 0]]))).sum().tolist() == [5, 5]


def test_a_point_on_an_edge_counts_once_in_a_tiling():
    grid = squares(2)
    on_edges = frame(
        shapely.Point(100, 50), shapely.Point(100, 100), shapely.Point(50, 0), shapely.Point(50, 50)
    )
    assert members(grid, on_edges).sum().tolist() == [4, 0, 0, 0]


def test_a_point_counts_in_each_of_the_units_that_overlap_it():
    units = frame(box(0, 0, 10), box(0, 0, 5), box(5, 0, 5))
    assert members(units, frame(shapely.Point(2, 2))).sum().tolist() == [1, 1, 0]
    assert members(units, frame(shapely.Point(5, 2))).sum().tolist() == [1, 0, 0]


def test_polygons_are_members_where_their_centroid_lies():
    assert members(TWO, frame(box(7, 0, 5))).unit.tolist() == [0]


def test_features_of_every_kind_in_one_frame():
    mixed = frame(shapely.Point(5, 5), box(8, 0, 4), shapely.linestrings([[5, 5], [15, 5]]), None)
    placed = overlay(TWO, mixed)
    assert placed.whole == pytest.approx([1, 16, 10, np.nan], nan_ok=True)
    assert placed.sum(np.ones(4)) == pytest.approx([2, 1])


def test_units_and_features_that_are_missing_have_no_pair():
    placed = overlay(frame(None, shapely.Polygon(), box(0, 0, 10)), frame(None, box(1, 1, 1)))
    assert (placed.units, placed.unit.tolist(), placed.feature.tolist()) == (3, [2], [1])


@pytest.mark.parametrize("features", [frame(), frame(None), frame(box(500, 500, 1))])
@pytest.mark.parametrize("units", [frame(), frame(None), TWO])
def test_nothing_gives_nothing(units, features):
    assert overlay(units, features).sum().tolist() == [0] * len(units)
    assert members(units, features).sum().tolist() == [0] * len(units)
    assert pieces(units, features).shape.size == 0


def test_a_missing_value_makes_its_units_unknown():
    placed = overlay(TWO, frame(box(8, 0, 4), box(1, 1, 1), box(15, 5, 1)))
    assert np.isnan(placed.sum([1, np.nan, 1])).tolist() == [True, False]


def test_left_out_and_appended_features():
    old, new = frame(box(1, 1, 2), box(8, 0, 4)), frame(box(12, 2, 1))
    less = overlay(TWO, old).without(np.array([True, False]))
    assert less.sum() == pytest.approx([4, 0])
    assert less.joined(overlay(TWO, new)).sum([1, 1, 7]) == pytest.approx([1, 7])
    whole = overlay(TWO, old).joined(overlay(TWO, new))
    assert (
        whole.sum().tolist() == overlay(TWO, frame(box(1, 1, 2), box(8, 0, 4), box(12, 2, 1))).sum().tolist()
    )


def test_features_that_belong_by_record_count_whole():
    placed = assigned(TWO, frame(box(8, 0, 4), box(1, 1, 1), None), [1, -1, 0])
    assert placed.sum().tolist() == [0, 16]


def test_pieces_are_the_shapes_behind_the_amounts():
    features = frame(box(8, 0, 4), box(1, 1, 1))
    cut, placed = pieces(TWO, features), overlay(TWO, features)
    assert (cut.unit.tolist(), cut.feature.tolist()) == (placed.unit.tolist(), placed.feature.tolist())
    assert shapely.area(cut.shape) == pytest.approx(placed.amount)


def test_merging_counts_ground_once_and_leaves_neighbours_apart():
    shapes = np.array(
        [box(0, 0, 10), box(5, 0, 10), box(15, 0, 5), None, box(16, 1, 1), box(0, 20, 1)], object
    )
    merged = disjoint(shapes)
    assert sorted(shapely.area(merged)) == pytest.approx([1, 25, 150])


@given(seeds)
@settings(max_examples=10, deadline=None)
def test_merged_ground_is_the_ground_of_the_union(seed):
    shapes = houses(60, seed).geometry.to_numpy()
    assert shapely.area(disjoint(shapes)).sum() == pytest.approx(shapely.union_all(shapes).area)


@given(seeds)
@settings(max_examples=10, deadline=None)
def test_a_tiling_shares_every_feature_out(seed):
    grid, whole = squares(3), shapely.transform(box(0, 0, 300), lambda xy: xy + ORIGIN)
    for features, amount in ((houses(60, seed), "area"), (streets(40, seed), "length")):
        inside = shapely.intersection(features.geometry.to_numpy(), whole)
        expected = getattr(shapely, amount)(inside).sum()
        assert overlay(grid, features).sum().sum() == pytest.approx(expected, abs=1e-5)
    assert members(grid, points(200, seed)).sum().sum() == 200


def test_the_same_input_gives_the_same_bytes_and_the_order_of_features_does_not_matter():
    grid, town = squares(3), houses(200, 1)
    first, again = overlay(grid, town), overlay(grid, town)
    assert first.amount.tobytes() == again.amount.tobytes()
    assert overlay(grid, town.iloc[::-1]).sum() == pytest.approx(first.sum())


def test_pieces_leave_out_the_lines_along_which_edges_run():
    land, step = (
        shapely.box(0, 0, 4, 1),
        shapely.Polygon([(0, 1), (1, 1), (1, 0.5), (2, 0.5), (2, 2), (0, 2)]),
    )
    assert shapely.intersection(land, step).geom_type == "GeometryCollection"
    (found,) = pieces(frame(land), frame(step)).shape
    assert (found.geom_type, found.area) == ("Polygon", 0.5)


def test_a_unit_that_is_a_sliver_shares_what_lies_on_it():
    sliver, house = frame(box(0, 0, 1e-7, 1)), frame(box(-5, -5, 10))
    assert overlay(sliver, house).sum() == pytest.approx(sliver.area, rel=1e-9)
    crossing = frame(shapely.linestrings([(-5, 0.5), (5, 0.5)]))
    assert overlay(sliver, crossing).sum() == pytest.approx([1e-7], rel=1e-2)


def test_a_street_of_no_length_has_no_part_in_any_unit():
    still = shapely.linestrings([(5, 5), (5, 5)])
    placed = overlay(TWO, frame(still, shapely.linestrings([(1, 1), (4, 5)])))
    assert placed.feature.tolist() == [1]
    assert placed.sum([1, 1]).tolist() == [1, 0]
    assert assigned(TWO, frame(still), [0]).sum([1]).tolist() == [0, 0]
