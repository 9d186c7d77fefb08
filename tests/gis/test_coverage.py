"""Coverage against closed forms, plain geopandas, and spopt's San Francisco."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis import errors
from gis.coverage import (
    blind_spots,
    constraint_overlaps,
    covered_mask,
    park_coverage,
    renewal_coverage,
    service_coverage,
    service_coverage_walk,
    zoning_coverage,
)
from gis.grid import square_grid
from tests.gis.town import box, frame, houses, points, seeds, squares, streets

CITY = frame(box(0, 0, 10_000))
CENTRE = frame(shapely.Point(5000, 5000))


def homes(*places, **columns):
    columns.setdefault("population", [10.0] * len(places))
    return frame(*map(shapely.Point, places), **columns)


def test_a_home_at_exactly_the_radius_is_covered():
    demand = homes((5300, 5400), (5300, 5400.001), (5000, 5000), population=[1.0, 2.0, 4.0])
    found = service_coverage(CITY, demand, CENTRE, 500)
    assert found.loc[0].to_dict() == pytest.approx({"numerator": 5, "denominator": 7, "share": 5 / 7})


def test_a_facility_beyond_the_edge_of_the_unit_serves_it():
    units = frame(box(0, 0, 100), box(100, 0, 100))
    found = service_coverage(units, homes((90, 50), (10, 50)), frame(shapely.Point(110, 50)), 30)
    assert found["share"].tolist() == pytest.approx([0.5, np.nan], nan_ok=True)


def test_a_polygon_reaches_beyond_its_edge_and_covers_what_lies_in_it():
    park = frame(box(1000, 1000, 2000))
    demand = homes((2000, 2000), (3499, 2000), (3501, 2000), (3300, 3401))
    assert covered_mask(demand, park, 500).tolist() == [True, True, False, False]


def test_a_home_without_a_count_is_in_neither_and_counted_apart():
    found = service_coverage(CITY, homes((5000, 5000), (1, 1), population=[np.nan, 3.0]), CENTRE, 500)
    assert found[["numerator", "denominator"]].to_numpy().tolist() == [[0, 3]]
    assert found.attrs["unknown"] == 1


def test_a_disc_covers_its_area():
    found = service_coverage(CITY, CITY, CENTRE, 500, weight="area")
    assert found["numerator"][0] == pytest.approx(np.pi * 500**2, rel=5e-4)
    assert found["denominator"][0] == pytest.approx(1e8)


def test_area_inside_two_discs_counts_once():
    two = frame(shapely.Point(5000, 5000), shapely.Point(5500, 5000))
    lens = 2 * 500**2 * np.arccos(0.5) - 250 * np.sqrt(4 * 500**2 - 500**2)
    found = service_coverage(CITY, CITY, two, 500, weight="area")
    assert found["numerator"][0] == pytest.approx(2 * np.pi * 500**2 - lens, rel=5e-4)


@given(seeds, st.floats(10, 80))
@settings(max_examples=10, deadline=None)
def test_area_is_that_of_a_plain_overlay(seed, radius):
    units, demand, sites = squares(3), houses(80, seed), points(6, seed + 1)
    discs = shapely.union_all(sites.buffer(radius, quad_segs=32).to_numpy())
    found = service_coverage(units, demand, sites, radius, weight="area")
    for whole, ground in (("denominator", demand), ("numerator", demand.clip(discs))):
        cut = [ground.intersection(unit).area.sum() for unit in units.geometry]
        assert found[whole].tolist() == pytest.approx(cut, abs=1e-4)


@given(seeds, st.floats(0, 200))
@settings(max_examples=20, deadline=None)
def test_the_mask_is_that_of_all_distances(seed, radius):
    demand = points(100, seed)
    for sites in (
        points(8, seed + 1),
        houses(8, seed + 1),
        streets(8, seed + 1),
        gpd.GeoDataFrame(pd.concat([points(3, 1), houses(3, 2), streets(2, 3)])),
    ):
        nearest = np.min([demand.distance(site) for site in sites.geometry], axis=0)
        sure = np.abs(nearest - radius) > 1e-9
        assert (covered_mask(demand, sites, radius) == (nearest <= radius))[sure].all()


def test_each_facility_may_have_a_radius_of_its_own():
    sites = frame(shapely.Point(0, 0), shapely.Point(1000, 0))
    demand = homes((200, 0), (800, 0))
    assert covered_mask(demand, sites, np.array([100.0, 300.0])).tolist() == [False, True]


@pytest.mark.parametrize("sites", [frame(), frame(None)])
def test_without_facilities_nothing_is_covered(sites):
    for weight in ("population", "area"):
        demand = frame(box(0, 0, 10), population=[5.0])
        assert service_coverage(CITY, demand, sites, 500, weight)["share"].tolist() == [0]


def test_without_demand_the_share_is_unknown():
    demand = frame(None, population=[5.0])
    found = service_coverage(CITY, demand, CENTRE, 500)
    assert (found["denominator"][0], np.isnan(found["share"][0])) == (0, True)
    assert covered_mask(demand, CENTRE, 500).tolist() == [False]


@pytest.mark.parametrize("radius", [-1, np.nan])
def test_a_radius_below_zero_is_refused(radius):
    with pytest.raises(errors.BadParameter, match="zero or more"):
        service_coverage(CITY, homes((1, 1)), CENTRE, radius)
    with pytest.raises(errors.BadParameter, match="zero or more"):
        service_coverage(CITY, CITY, CENTRE, radius, weight="area")


def test_parks_reach_as_far_as_their_size_allows():
    parks = frame(box(0, 0, 100, 50), box(2000, 0, 40, 50), box(4000, 0, 10))
    demand = homes((600, 10), (601, 10), (2340, 10), (2341, 10), (4001, 1))
    assert park_coverage(CITY, demand, parks)["numerator"].tolist() == [20]
    wider = park_coverage(CITY, demand, parks, sizes=[(0, 1000)])
    assert wider["numerator"].tolist() == [50]


def test_walking_coverage_counts_the_unreachable_and_leaves_out_the_unknown():
    demand = homes((1, 1), (2, 2), (3, 3), (4, 4))
    found = service_coverage_walk(CITY, demand, [500, 500.1, np.inf, np.nan], 500)
    assert found.loc[0].tolist() == pytest.approx([10, 30, 1 / 3])
    assert found.attrs["unknown"] == 1
    with pytest.raises(errors.BadParameter, match="1 values for 4 rows"):
        service_coverage_walk(CITY, demand, [1.0], 500)


def test_walking_coverage_of_ground_counts_a_polygon_where_its_centroid_lies():
    units, demand = (
        frame(box(0, 0, 100), box(100, 0, 100)),
        frame(box(60, 0, 60), box(150, 0, 10), floors=[2.0, 3.0]),
    )
    found = service_coverage_walk(units, demand, [400, 600], 500, weight="area")
    assert found.to_numpy() == pytest.approx(np.array([[3600, 3600, 1], [0, 100, 0]]))
    found = service_coverage_walk(units, demand, [400, 600], 500, weight="floor_area")
    assert found["denominator"].tolist() == pytest.approx([7200, 300])


def test_renewal_counts_ground_under_two_projects_once():
    units = frame(box(0, 0, 100), box(100, 0, 100))
    projects = frame(box(0, 0, 60, 100), box(40, 0, 80, 100))
    town = frame(box(30, 0, 20), box(110, 0, 20), population=[8.0, 4.0], floors=[2.0, 1.0])
    found = renewal_coverage(units, projects, town)
    assert found["area"].to_numpy().tolist() == [[10_000, 10_000, 1], [2000, 10_000, 0.2]]
    assert found["population"].to_numpy() == pytest.approx(np.array([[8, 8, 1], [2, 4, 0.5]]))
    assert found["floor_area"].to_numpy() == pytest.approx(np.array([[800, 800, 1], [200, 400, 0.5]]))


def test_a_missing_number_of_residents_makes_renewal_unknown_there():
    town = frame(box(0, 0, 10), population=[None], floors=[1.0])
    found = renewal_coverage(frame(box(0, 0, 100)), frame(box(0, 0, 5)), town)
    assert np.isnan(found["population", "share"][0])
    assert found["floor_area", "share"][0] == pytest.approx(0.25)


def test_constraints_that_a_project_touches():
    projects = frame(box(0, 0, 100), box(200, 0, 100)).set_axis(["K1", "K2"])
    constraints = frame(box(50, 0, 100), box(100, 0, 50), box(210, 10, 10)).set_axis(["blue", "red", "old"])
    found = constraint_overlaps(projects, constraints)
    assert found.to_dict("records") == [
        {"project": "K1", "constraint": "blue", "area": pytest.approx(5000), "share": pytest.approx(0.5)},
        {"project": "K2", "constraint": "old", "area": pytest.approx(100), "share": pytest.approx(0.01)},
    ]


def test_zones_cover_once_and_conflict_where_they_overlap():
    zones = frame(box(0, 0, 60, 100), box(50, 0, 30, 100), box(0, 0, 10, 10))
    found = zoning_coverage(frame(box(0, 0, 100), box(500, 0, 10), None), zones)
    assert found["share"].tolist() == pytest.approx([0.8, 0, np.nan], nan_ok=True)
    assert found["conflict"].tolist() == pytest.approx([1100, 0, 0])


def test_blind_spots_are_the_cells_with_demand_out_of_reach():
    demand = homes((5010, 5010), (5030, 5010), (9010, 9010), (1010, 1010), population=[1.0, 3.0, 5.0, 0.0])
    grid = square_grid(demand.buffer(1), 100)
    found = blind_spots(grid, demand, covered_mask(demand, CENTRE, 20))
    assert found["numerator"].tolist() == [3, 5]
    assert found["share"].tolist() == [0.75, 1]
    assert found.geometry.contains(demand.geometry.iloc[[1, 2]], align=False).all()


@pytest.mark.parametrize("labels", [[0, 0, 0], ["a", "b", "a"]])
def test_blind_spots_of_cells_whose_labels_are_not_unique(labels):
    grid = frame(box(0, 0, 10), box(10, 0, 10), box(20, 0, 10)).set_axis(labels)
    demand = homes((5, 5), (15, 5), (25, 5), population=[1.0, 2.0, 3.0])
    found = blind_spots(grid, demand, np.array([False, True, False]))
    assert found["numerator"].tolist() == [1, 3]
    assert found.index.tolist() == [labels[0], labels[2]]


def test_blind_spots_need_a_mark_for_each_home_and_room_for_their_columns():
    grid, demand = frame(box(0, 0, 10)), homes((5, 5), (6, 6))
    for marks in ([True], [True] * 3):
        with pytest.raises(errors.BadParameter, match=f"{len(marks)} values for 2 rows"):
            blind_spots(grid, demand, np.array(marks))
    with pytest.raises(errors.BadParameter, match="a column share already"):
        blind_spots(grid.assign(share=1.0), demand, np.array([True, False]))


def test_an_endless_radius_covers_everything_where_there_is_a_facility():
    demand = frame(box(0, 0, 10), box(90, 0, 20))
    found = service_coverage(frame(box(0, 0, 100)), demand, CENTRE, np.inf, weight="area")
    assert found.loc[0].tolist() == pytest.approx([300, 300, 1])
    nowhere = service_coverage(frame(box(0, 0, 100)), demand, CENTRE.iloc[:0], np.inf, weight="area")
    assert nowhere["share"].tolist() == [0]


@pytest.mark.parametrize("radius", ["x", None, [1.0, 2.0, 3.0]])
def test_a_radius_that_is_no_number_or_not_one_for_each_is_refused(radius):
    with pytest.raises(errors.BadParameter):
        service_coverage(CITY, homes((1, 1)), CENTRE, radius)


@pytest.mark.parametrize("limit", [-1, np.nan])
def test_limits_sizes_and_distances_that_mean_nothing_are_refused(limit):
    with pytest.raises(errors.BadParameter, match="limit"):
        service_coverage_walk(CITY, homes((1, 1)), [5.0], limit)
    with pytest.raises(errors.BadParameter, match="least_area"):
        constraint_overlaps(CITY, CITY, limit)
    for size in ((limit, 300.0), (2000.0, limit)):
        with pytest.raises(errors.BadParameter, match="sizes of parks"):
            park_coverage(CITY, homes((1, 1)), CITY, [size])
    with pytest.raises(errors.NegativeAmount, match="1 distances are below zero, the first in row 1"):
        service_coverage_walk(CITY, homes((1, 1), (2, 2)), [5.0, -5.0], 500)
