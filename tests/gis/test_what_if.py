"""A what-if gives what a full run on the changed layers gives, and nothing that does not change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from gis.analysis import Analysis, evaluate
from gis.errors import BadParameter, MixedCRS
from gis.grid import square_grid
from gis.ground import Ground
from gis.parameters import Parameters
from gis.what_if import KEYS, Change, what_if
from tests.gis.lattice_town import CRS, frames, halves

CATEGORIES = ("convenience_store", "kindergarten", "park")
FIGURES = ["value", "numerator", "denominator"]


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    made = Analysis(Ground(frames()), halves())
    what_if(made, [])
    return made


def house(x: float, y: float, people: float) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"floors": [3.0], "use": ["residential"], "population": [people], "year_built": [1990.0]},
        geometry=[shapely.box(x, y, x + 15, y + 15)],
        crs=CRS,
    )


def shop(x: float, y: float, category: str, capacity: float = np.nan) -> gpd.GeoDataFrame:
    columns = {"category": [category], "capacity": [capacity]}
    return gpd.GeoDataFrame(columns, geometry=[shapely.Point(x, y)], crs=CRS)


def path(x: float, y: float, to_x: float, to_y: float) -> gpd.GeoDataFrame:
    line = shapely.LineString([(x, y), (to_x, to_y)])
    return gpd.GeoDataFrame({"street_class": ["path"]}, geometry=[line], crs=CRS)


def site(x: float, y: float) -> gpd.GeoDataFrame:
    columns = {"total_investment": [2e8]}
    return gpd.GeoDataFrame(columns, geometry=[shapely.box(x, y, x + 150, y + 90)], crs=CRS)


def zone(x: float, y: float, land_use: str) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"land_use": [land_use]}, geometry=[shapely.box(x, y, x + 90, y + 210)], crs=CRS)


def applied(changes: Sequence[Change]) -> dict[str, gpd.GeoDataFrame]:
    changed = frames()
    for change in changes:
        kept = changed[change.layer].drop(index=list(change.removed))
        parts = [kept] if change.added is None else [kept, change.added.reindex(columns=kept.columns)]
        changed[change.layer] = pd.concat(parts, ignore_index=True)
    return changed


def full_run(analysis: Analysis, changes: Sequence[Change]) -> pd.DataFrame:
    parameters = replace(analysis.parameters, surveyed=CATEGORIES)
    return evaluate(applied(changes), analysis.units, parameters=parameters).set_index(KEYS)


def assert_as_a_full_run(analysis: Analysis, changes: Sequence[Change]) -> None:
    """What differs is what a full run before and one after differ in; what is small is rounding."""
    found = what_if(analysis, changes).set_index(KEYS)
    before, after = evaluate(analysis.ground, analysis.units).set_index(KEYS), full_run(analysis, changes)
    values = pd.concat({"before": before["value"], "after": after["value"]}, axis="columns")
    alike = np.isclose(values["after"], values["before"], rtol=1e-9, atol=1e-12, equal_nan=True)
    assert set(values.index[~alike]) <= set(found.index)
    found = found[found["value"].notna() | found["before"].notna()]
    for figure in FIGURES:
        np.testing.assert_allclose(found[figure], after.loc[found.index, figure], rtol=1e-9, atol=1e-9)


CHANGES = {
    "a shop": [Change("facilities", shop(500, 300, "convenience_store"))],
    "no kindergarten": [Change("facilities", removed=[0])],
    "a park": [Change("facilities", shop(100, 100, "park").set_geometry([shapely.box(60, 60, 190, 190)]))],
    "a house": [Change("buildings", house(310, 310, 120.0))],
    "houses go": [Change("buildings", removed=[0, 7, 49])],
    "one house for another": [Change("buildings", house(20, 20, 9.0), [3])],
    "a path": [Change("streets", path(0, 0, 500, 500))],
    "a street goes": [Change("streets", removed=[2, 60])],
    "a project": [Change("projects", site(600, 100))],
    "no project": [Change("projects", removed=[0])],
    "a zone": [Change("zoning", zone(300, 100, "1401"), [0])],
    "all at once": [
        Change("buildings", house(310, 310, 120.0), [4]),
        Change("facilities", shop(400, 300, "kindergarten", 50.0), [1]),
        Change("streets", path(0, 0, 500, 500), [1]),
        Change("projects", site(600, 100), [1]),
    ],
}


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
def test_a_change_gives_what_a_full_run_gives(analysis: Analysis, changes: list[Change]) -> None:
    assert_as_a_full_run(analysis, changes)


def draw_changes(data: st.DataObject) -> list[Change]:
    def removed(count: int, most: int = 3) -> list[int]:
        return sorted(data.draw(st.sets(st.integers(0, count - 1), max_size=most)))

    def place() -> tuple[float, float]:
        return data.draw(st.integers(0, 97)) * 10.3, data.draw(st.integers(0, 47)) * 10.3

    x, y = place()
    park = shop(x, y, "park").set_geometry([shapely.box(x, y, x + 90, y + 130)])
    shops = pd.concat([shop(*place(), data.draw(st.sampled_from(CATEGORIES[:2])), 30.0), park])
    return [
        Change("buildings", house(*place(), 10.0), removed(50)),
        Change("facilities", shops, removed(4)),
        Change("streets", path(*place(), *place()), removed(115, 12)),
        Change("projects", site(*place()), removed(2, 2)),
        Change("zoning", zone(*place(), data.draw(st.sampled_from(["1401", "0701"]))), removed(3)),
        Change("streets", path(*place(), 1000.0, 500.0), removed(100)),
    ]


TOWNS = {
    "halves": (halves(), Parameters(surveyed=CATEGORIES, circle=CATEGORIES[:2])),
    "cells": (square_grid(halves().geometry, 110.0), Parameters(surveyed=CATEGORIES, circle=CATEGORIES[1:])),
    "without legs": (halves(), Parameters(surveyed=CATEGORIES, access_legs=False)),
}


@pytest.fixture(scope="module", params=TOWNS.values(), ids=TOWNS)
def town(request: pytest.FixtureRequest) -> Analysis:
    units, parameters = request.param
    made = Analysis(Ground(frames(), parameters), units)
    what_if(made, [])
    return made


@settings(max_examples=8, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(data=st.data())
def test_any_changes_give_what_a_full_run_gives(town: Analysis, data: st.DataObject) -> None:
    changes = draw_changes(data)
    some = data.draw(st.sets(st.integers(0, len(changes) - 1), min_size=1))
    # Positions of the second change of streets are those after the first.
    order = data.draw(st.permutations(sorted(some)))
    if {2, 5} <= some and order.index(5) < order.index(2):
        order = sorted(some)
    assert_as_a_full_run(town, [changes[number] for number in order])


@settings(max_examples=8, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(data=st.data())
def test_any_change_of_one_layer_gives_what_a_full_run_gives(town: Analysis, data: st.DataObject) -> None:
    assert_as_a_full_run(town, [data.draw(st.sampled_from(draw_changes(data)[:5]))])


def test_a_change_before_anything_is_known_gives_what_a_full_run_gives() -> None:
    for known in ([], ["walk_mean"], ["facilities_reached", "road_density"]):
        for name in ("one house for another", "a street goes", "all at once"):
            made = Analysis(Ground(frames(), Parameters(surveyed=CATEGORIES)), halves())
            evaluate(made.ground, made.units, indicators=known)
            assert_as_a_full_run(made, CHANGES[name])


@pytest.mark.parametrize("legs", [True, False])
def test_streets_and_houses_change_as_in_a_full_run_without_legs_too(legs: bool) -> None:
    parameters = Parameters(surveyed=CATEGORIES, access_legs=legs)
    made = Analysis(Ground(frames(), parameters), halves())
    changes = [
        Change("streets", path(0, 30, 500, 470), [3]),
        Change("buildings", house(310, 310, 120.0), [4]),
    ]
    found = what_if(made, changes).set_index(KEYS)
    full = evaluate(applied(changes), halves(), parameters=parameters).set_index(KEYS)
    assert len(found) > 20
    np.testing.assert_allclose(found["value"], full.loc[found.index, "value"], rtol=1e-9, atol=1e-9)
    before = evaluate(frames(), halves(), parameters=parameters).set_index(KEYS)
    other = full.index.difference(found.index)
    np.testing.assert_allclose(full.loc[other, "value"], before.loc[other, "value"], rtol=1e-9, atol=1e-9)


def test_streets_change_where_nobody_lives() -> None:
    streets = frames()["streets"]
    found = what_if(
        Analysis(Ground({"streets": streets}), halves()), [Change("streets", removed=[0, 1, 10, 60])]
    )
    left = evaluate({"streets": streets.drop(index=[0, 1, 10, 60])}, halves()).set_index(KEYS)
    assert set(found["indicator"]) >= {"road_density", "intersection_density"}
    np.testing.assert_allclose(found["value"], left.loc[found.set_index(KEYS).index, "value"], rtol=1e-12)


def test_a_house_around_a_yard_counts_where_its_middle_lies() -> None:
    yard = shapely.box(400, 200, 600, 400) - shapely.box(420, 220, 600, 380)
    court = house(0, 0, 70.0).set_geometry([yard])
    given = frames()
    given["buildings"] = pd.concat([given["buildings"], court], ignore_index=True)
    units = square_grid(halves().geometry, 40.0)
    made = Analysis(Ground(given), units)
    found = what_if(made, [Change("buildings", removed=[50])], ["walk_mean", "walk_within_500m"])
    full = evaluate({**given, "buildings": given["buildings"].iloc[:50]}, units).set_index(KEYS)
    assert len(found)
    np.testing.assert_allclose(found["value"], full.loc[found.set_index(KEYS).index, "value"], rtol=1e-9)
    assert court.centroid.iloc[0].x < 500


def test_nothing_changed_is_nothing(analysis: Analysis) -> None:
    assert what_if(analysis, []).empty


def test_a_shop_changes_nothing_about_kindergartens_or_land(analysis: Analysis) -> None:
    found = what_if(analysis, CHANGES["a shop"])
    assert set(found["subject"]) == {"convenience_store"}
    assert not set(found["indicator"]) & {"population_density", "floor_area_ratio", "road_density"}


def test_adding_a_facility_never_lowers_coverage_or_lengthens_a_walk(analysis: Analysis) -> None:
    found = what_if(analysis, CHANGES["a shop"])
    assert (found.loc[found["indicator"] == "walk_coverage"].eval("value >= before")).all()
    assert (found.loc[found["indicator"] == "walk_mean"].eval("value <= before")).all()


def test_the_ground_itself_is_not_changed(analysis: Analysis) -> None:
    before = evaluate(analysis.ground, analysis.units)
    what_if(analysis, CHANGES["all at once"])
    pd.testing.assert_frame_equal(evaluate(analysis.ground, analysis.units), before)


def test_wrong_changes_are_refused(analysis: Analysis) -> None:
    with pytest.raises(BadParameter, match="population"):
        what_if(analysis, [Change("population", removed=[0])])
    with pytest.raises(BadParameter, match="50"):
        what_if(analysis, [Change("buildings", removed=[50])])
    with pytest.raises(MixedCRS):
        what_if(analysis, [Change("facilities", shop(1, 1, "park").to_crs(4549))])
