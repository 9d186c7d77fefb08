"""A what-if gives what a full run on the changed layers gives, and nothing that does not change."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.analysis import Analysis, evaluate
from gis.errors import BadParameter, MixedCRS
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


def applied(changes: Sequence[Change]) -> dict[str, gpd.GeoDataFrame]:
    changed = frames()
    for change in changes:
        kept = changed[change.layer].drop(index=list(change.removed))
        parts = [kept] if change.added is None else [kept, change.added.reindex(columns=kept.columns)]
        changed[change.layer] = pd.concat(parts, ignore_index=True)
    return changed


def full_run(changes: Sequence[Change]) -> pd.DataFrame:
    return evaluate(applied(changes), halves(), parameters=Parameters(surveyed=CATEGORIES))


def differences(changes: Sequence[Change]) -> pd.DataFrame:
    """What a full run before and one after differ in."""
    before, after = evaluate(frames(), halves()), full_run(changes)
    both = after.merge(before, on=KEYS, how="outer", suffixes=("", "_before"))
    same = np.isclose(both["value"], both["value_before"], rtol=1e-12, atol=0, equal_nan=True)
    return both[~same].sort_values(KEYS).reset_index(drop=True)


def assert_as_a_full_run(analysis: Analysis, changes: Sequence[Change]) -> None:
    found = what_if(analysis, changes)
    expected = differences(changes)
    found = found[found["value"].notna() | found["before"].notna()].sort_values(KEYS).reset_index(drop=True)
    large = ~np.isclose(expected["value"], expected["value_before"], rtol=1e-9, atol=1e-12)
    keys = set(found[KEYS].itertuples(index=False))
    assert set(expected.loc[large, KEYS].itertuples(index=False)) <= keys
    full = full_run(changes).set_index(KEYS)
    at = full.loc[list(found[KEYS].itertuples(index=False, name=None))]
    for figure in FIGURES:
        np.testing.assert_allclose(found[figure], at[figure], rtol=1e-9, atol=1e-9)


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


PLACE = st.tuples(st.integers(0, 97).map(lambda n: n * 10.3), st.integers(0, 47).map(lambda n: n * 10.3))


@settings(max_examples=6, deadline=None)
@given(data=st.data())
def test_any_change_gives_what_a_full_run_gives(analysis: Analysis, data: st.DataObject) -> None:
    def removed(count: int) -> list[int]:
        return sorted(data.draw(st.sets(st.integers(0, count - 1), max_size=3)))

    changes = [
        Change("buildings", house(*data.draw(PLACE), 10.0), removed(50)),
        Change("facilities", shop(*data.draw(PLACE), data.draw(st.sampled_from(CATEGORIES[:2]))), removed(3)),
        Change("streets", path(*data.draw(PLACE), 1000.0, 500.0), removed(100)),
    ]
    assert_as_a_full_run(analysis, data.draw(st.permutations(changes)))


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
