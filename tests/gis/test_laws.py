"""Laws that hold for every measure: where a town lies and how it is drawn changes no figure."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis import coverage, density, diversity
from gis.overlap import members, overlay
from tests.gis.town import (
    angles,
    frame,
    houses,
    measured,
    moved,
    offsets,
    points,
    scaled,
    seeds,
    squares,
    streets,
)

USES = ["0701", "0901", "1401"]
few = settings(max_examples=15, deadline=None)


def between_units():
    """Streets along the edges that the nine units share."""
    runs = np.array([[[0, at], [300, at]] for at in (100, 200)])
    return frame(*shapely.linestrings(np.concatenate([runs, runs[:, :, ::-1]])))


class Town:
    """Nine units with everything that the measures read."""

    def __init__(self, seed):
        self.units = squares(3)
        self.buildings = houses(80, seed)
        self.streets = pd.concat([streets(20, seed), between_units()], ignore_index=True)
        self.sites = points(5, seed, category=["park"] * 5)
        self.parcels = houses(30, seed + 1).assign(land_use=np.resize(USES, 30))

    def frames(self):
        return vars(self)

    def changed(self, change):
        town = object.__new__(Town)
        vars(town).update({name: change(each) for name, each in self.frames().items()})
        return town

    def indicators(self, radius=60.0):
        units, town = self.units, self.buildings
        reach = coverage.service_coverage(units, town, self.sites, radius)
        uses = diversity.use_areas(units, self.parcels)
        return pd.DataFrame(
            {
                "floor_area_ratio": density.floor_area_ratio(units, town),
                "building_coverage": density.building_coverage(units, town),
                "mean_storeys": measured("mean_storeys", units, buildings=town),
                "open_space_ratio": measured("open_space_ratio", units, buildings=town),
                "green_ratio": measured("green_ratio", units, zoning=self.parcels),
                "population_density": measured("population_density", units, buildings=town),
                "road_density": density.road_density(units, self.streets),
                "per_km2": measured("facilities_per_km2", units, "park", facilities=self.sites),
                "entropy": diversity.land_use_entropy(uses),
                "hill": diversity.hill_number(uses, q=2),
                "covered": reach["share"],
                "zoned": coverage.zoning_coverage(units, self.parcels)["share"],
                "renewed": coverage.renewal_coverage(units, self.parcels, town)["population", "share"],
            }
        )


def same(found, expected):
    np.testing.assert_allclose(found.to_numpy(float), expected.to_numpy(float), rtol=1e-6, atol=1e-9)


@given(seeds, offsets, offsets, angles)
@few
def test_moving_and_turning_a_town_changes_no_indicator(seed, dx, dy, angle):
    town = Town(seed)
    same(town.changed(lambda each: moved(each, dx, dy, angle)).indicators(), town.indicators())


@given(seeds, st.floats(0.5, 20))
@few
def test_a_town_k_times_as_large_has_the_same_ratios_and_densities_that_fall_with_its_ground(seed, k):
    town = Town(seed)
    large = town.changed(lambda each: scaled(each, k)).indicators(radius=60 * k)
    large[["population_density", "per_km2"]] *= k**2
    large["road_density"] *= k
    same(large, town.indicators())


@given(seeds)
@few
def test_the_order_of_rows_changes_no_indicator(seed):
    town = Town(seed)
    shuffled = town.changed(lambda each: each.sample(frac=1, random_state=seed)).indicators()
    same(shuffled.sort_index(), town.indicators())


@given(seeds, st.floats(10, 290), st.booleans())
@few
def test_cutting_a_unit_in_two_keeps_the_sums(seed, cut, upright):
    town = Town(seed)
    whole = frame(shapely.box(0, 0, 300, 300))
    parts = [shapely.box(0, 0, cut, 300), shapely.box(cut, 0, 300, 300)]
    halves = (
        frame(*parts)
        if upright
        else frame(*(shapely.transform(part, lambda xy: xy[:, ::-1]) for part in parts))
    )
    for features in (town.buildings, town.streets):
        assert overlay(halves, features).sum().sum() == pytest.approx(
            overlay(whole, features).sum().sum(), rel=1e-9
        )
    assert members(halves, town.buildings).sum().sum() == len(town.buildings)


@given(seeds, st.floats(0.2, 0.8))
@few
def test_cutting_buildings_in_two_keeps_the_ratios(seed, at):
    town = Town(seed)
    parts = [halves(house, at) for house in town.buildings.geometry]
    cut = town.buildings.loc[town.buildings.index.repeat(2)].set_geometry(np.concatenate(parts), crs=4547)
    for code in ("floor_area_ratio", "building_coverage", "mean_storeys"):
        found, expected = (measured(code, town.units, buildings=each) for each in (cut, town.buildings))
        np.testing.assert_allclose(found, expected, rtol=1e-7)


def halves(house, at):
    """A rectangle cut across."""
    a, b, c, d = shapely.get_coordinates(house)[:4]
    e, f = a + (b - a) * at, d + (c - d) * at
    return shapely.polygons([[a, e, f, d], [e, b, c, f]])


@given(seeds, st.floats(1, 150), st.sampled_from(["population", "area"]))
@few
def test_a_further_facility_or_a_longer_radius_never_lowers_coverage(seed, radius, weight):
    town = Town(seed)
    before = coverage.service_coverage(town.units, town.buildings, town.sites, radius, weight)
    assert before["share"].dropna().between(0, 1).all()
    further = gpd.GeoDataFrame(pd.concat([town.sites, points(1, seed + 7)], ignore_index=True))
    wider = coverage.service_coverage(town.units, town.buildings, town.sites, radius * 1.2, weight)
    more = coverage.service_coverage(town.units, town.buildings, further, radius, weight)
    for after in (wider, more):
        assert (after["numerator"] >= before["numerator"] - 1e-6).all()
        assert after["denominator"].tolist() == pytest.approx(before["denominator"].tolist())


@given(seeds)
@few
def test_a_further_project_never_lowers_renewal(seed):
    town = Town(seed)
    before, after = (
        coverage.renewal_coverage(town.units, town.parcels.iloc[:count], town.buildings)[
            "floor_area", "share"
        ]
        for count in (10, 20)
    )
    assert (after.fillna(0) >= before.fillna(0) - 1e-9).all()
    assert after.dropna().between(0, 1).all()


def test_the_same_input_gives_the_same_bytes():
    assert Town(1).indicators().to_numpy().tobytes() == Town(1).indicators().to_numpy().tobytes()
