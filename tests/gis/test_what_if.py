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
    """The layers after changes, whose labels are the positions that features bear through all of them."""
    changed = frames()
    for layer in {change.layer for change in changes}:
        own = [change for change in changes if change.layer == layer]
        parts = [changed[layer], *(change.added for change in own if change.added is not None)]
        whole = pd.concat(parts, ignore_index=True).reindex(columns=changed[layer].columns)
        changed[layer] = whole.drop(index=[row for change in own for row in change.removed])
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
    "a street upon others": [Change("streets", path(0, 0, 0, 484.1))],
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


def draw_added(data: st.DataObject, layer: str) -> gpd.GeoDataFrame | None:
    def place() -> tuple[float, float]:
        return data.draw(st.integers(0, 97)) * 10.3, data.draw(st.integers(0, 47)) * 10.3

    x, y = place()
    park = shop(x, y, "park").set_geometry([shapely.box(x, y, x + 90, y + 130)])
    made = {
        "buildings": lambda: house(x, y, 10.0),
        "facilities": lambda: pd.concat(
            [shop(*place(), data.draw(st.sampled_from(CATEGORIES[:2])), 30.0), park]
        ),
        "streets": lambda: path(x, y, *place()),
        "projects": lambda: site(x, y),
        "zoning": lambda: zone(x, y, data.draw(st.sampled_from(["1401", "0701"]))),
    }
    return made[layer]() if data.draw(st.booleans()) else None


MOST_REMOVED = {"buildings": 3, "facilities": 3, "streets": 12, "projects": 2, "zoning": 3}


def draw_changes(data: st.DataObject, most: int = 4) -> list[Change]:
    """Changes one after the other, which may take away again what those before them added."""
    there = {layer: set(range(len(frames()[layer]))) for layer in MOST_REMOVED}
    size = {layer: len(rows) for layer, rows in there.items()}
    changes = []
    for layer in data.draw(st.lists(st.sampled_from(list(MOST_REMOVED)), min_size=1, max_size=most)):
        gone = (
            data.draw(st.sets(st.integers(0, size[layer] - 1), max_size=MOST_REMOVED[layer])) & there[layer]
        )
        added = draw_added(data, layer)
        count = 0 if added is None else len(added)
        there[layer] = (there[layer] - gone) | set(range(size[layer], size[layer] + count))
        size[layer] += count
        changes.append(Change(layer, added, sorted(gone)))
    return changes


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


@settings(max_examples=15, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(data=st.data())
def test_any_changes_give_what_a_full_run_gives(town: Analysis, data: st.DataObject) -> None:
    assert_as_a_full_run(town, draw_changes(data))


@pytest.mark.parametrize("layer", MOST_REMOVED)
@settings(max_examples=3, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(data=st.data())
def test_what_is_added_and_taken_away_again_changes_nothing(
    town: Analysis, layer: str, data: st.DataObject
) -> None:
    added, first = draw_added(data, layer), len(frames()[layer])
    removed = [] if added is None else range(first, first + len(added))
    found = what_if(town, [Change(layer, added), Change(layer, removed=removed)])
    assert np.allclose(found["value"], found["before"], rtol=1e-9, atol=1e-12, equal_nan=True)


@pytest.mark.parametrize("layer", MOST_REMOVED)
def test_positions_are_those_before_the_first_change(analysis: Analysis, layer: str) -> None:
    in_turn = what_if(analysis, [Change(layer, removed=[0]), Change(layer, removed=[1])])
    at_once = what_if(analysis, [Change(layer, removed=[1, 0, 1])])
    assert set(in_turn["unit"]) == set(at_once["unit"])
    for figure in FIGURES:
        np.testing.assert_allclose(in_turn[figure], at_once[figure], rtol=1e-9, atol=1e-12)
    with pytest.raises(BadParameter, match=f"{layer} has no feature at position 0"):
        what_if(analysis, [Change(layer, removed=[0]), Change(layer, removed=[0])])


def test_streets_that_go_one_after_the_other_are_missed_where_each_lay() -> None:
    units = gpd.GeoDataFrame(
        geometry=[shapely.box(x, -50, x + 1000, 50) for x in range(0, 6000, 1000)], crs=CRS
    )
    lines = pd.concat([path(x + 100, 0, x + 900, 0) for x in range(0, 6000, 1000)], ignore_index=True)
    houses = pd.concat([house(x + 490, 5, 10.0) for x in range(0, 6000, 1000)], ignore_index=True)
    made = Analysis(Ground({"streets": lines.assign(street_class="local"), "buildings": houses}), units)
    changes = [Change("streets", removed=[0]), Change("streets", removed=[3])]
    found = what_if(made, changes, ["road_density"])
    assert found.loc[found["subject"] == "", "unit"].tolist() == [0, 3]


@pytest.mark.parametrize("code", ["facilities_reached", "walk_mean", "two_step_access", "road_density"])
@pytest.mark.parametrize("houses", [[], [Change("buildings", house(310, 310, 9.0))]])
def test_one_indicator_alone_loses_no_unit(code: str, houses: list[Change]) -> None:
    made = Analysis(Ground(frames(), Parameters(surveyed=CATEGORIES)), square_grid(halves().geometry, 60.0))
    changes = [*houses, Change("streets", removed=[2, 60])]
    found = what_if(made, changes, [code]).set_index(KEYS)
    before, after = (
        evaluate(layers, made.units, parameters=made.parameters, indicators=[code]).set_index(KEYS)["value"]
        for layers in (frames(), applied(changes))
    )
    differ = ~np.isclose(after, before, rtol=1e-9, atol=1e-12, equal_nan=True)
    assert differ.any()
    assert set(after.index[differ]) <= set(found.index)


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


def test_what_is_taken_away_to_the_last_is_known_to_be_none(analysis: Analysis) -> None:
    """A full run cannot know, but for classes that it is told were surveyed."""
    changes = [Change("facilities", removed=[0]), Change("buildings", removed=range(50))]
    found, full = what_if(analysis, changes), evaluate(applied(changes), analysis.units)
    told = full_run(analysis, changes)
    assert "kindergarten" in set(found["subject"])
    assert "kindergarten" not in set(full["subject"])
    assert "kindergarten" in set(told.index.get_level_values("subject"))
    ours, theirs = (rows[rows["indicator"] == "population_density"] for rows in (found, full))
    assert ours["value"].tolist() == [0.0, 0.0]
    assert theirs["missing"].str.contains("buildings.population", regex=False).tolist() == [True, True]


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
    for removed, named in (([50], "50"), ([-1], "-1"), ([1.5], "1.5"), ([True], "True"), (["a"], "a")):
        with pytest.raises(BadParameter, match=f"no feature at position {named}"):
            what_if(analysis, [Change("buildings", removed=removed)])
    with pytest.raises(MixedCRS):
        what_if(analysis, [Change("facilities", shop(1, 1, "park").to_crs(4549))])
