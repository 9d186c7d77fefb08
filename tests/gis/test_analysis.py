"""Indicators of the catalogue on a town of which every figure follows in the head."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from gis.analysis import NOTHING_TO_DIVIDE_BY, evaluate
from gis.catalogue import FAMILIES, INDICATORS
from gis.errors import GeographicCRS, MixedCRS, UnknownIndicator
from gis.parameters import EXPLAINED, Parameters
from tests.gis.lattice_town import frames, halves

Values = dict[tuple[str, str, str], list[float]]


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    return evaluate(frames(), halves())


@pytest.fixture(scope="module")
def values(found: pd.DataFrame) -> Values:
    keys = ["indicator", "subject", "basis"]
    return {key: rows["value"].tolist() for key, rows in found.groupby(keys, observed=True)}


# Half a town is 0.25 km²: 25 houses of 400 m² and 2,000 m² floor area with 50 residents each.
IN_THE_HEAD = {
    ("population_density", "", ""): [5000.0, 5000.0],
    ("household_density", "", ""): [2000.0, 2000.0],
    ("building_coverage", "", ""): [4.0, 4.0],
    ("floor_area_ratio", "", ""): [0.2, 0.2],
    ("mean_storeys", "", ""): [5.0, 5.0],
    ("open_space_ratio", "", ""): [4.8, 4.8],
    # Six rows and five columns of 500 m in each half, and the column on their edge by halves; the outer
    # column and rows lie on the edge of the unit and count by half.
    ("road_density", "", ""): [20.0, 20.0],
    ("road_density", "arterial", ""): [1.0, 1.0],
    ("road_area_ratio", "", ""): [0.0, 40.0],
    ("facilities_per_km2", "convenience_store", ""): [4.0, 4.0],
    ("facilities_per_10000", "kindergarten", ""): [8.0, 0.0],
    ("construction_land_ratio", "", ""): [0.2, 0.2],
    ("green_ratio", "", ""): [0.0, 60.0],
    ("land_use_diversity", "", ""): [1.0, float(np.exp(-(0.6 * np.log(0.6) + 0.4 * np.log(0.4))))],
    ("zoning_coverage", "", ""): [100.0, 100.0],
    ("zoning_conflict", "", ""): [0.0, 0.0],
    ("old_buildings", "before_1980", ""): [100.0, 0.0],
    ("old_buildings", "before_2005", ""): [100.0, 0.0],
    ("hazardous_buildings", "D", ""): [20.0, 20.0],
    # Two projects of 2 ha that share 1 ha: 3 ha of 25, with three houses.
    ("renewal_coverage", "", "area"): [12.0, 0.0],
    ("renewal_coverage", "", "population"): [12.0, 0.0],
    ("renewal_coverage", "", "floor_area"): [12.0, 0.0],
    ("projects_per_km2", "", ""): [8.0, 0.0],
    ("investment_per_km2", "", ""): [1.6e9, 0.0],
}


@pytest.mark.parametrize("key", IN_THE_HEAD, ids=lambda key: "-".join(filter(None, key)))
def test_a_figure_that_follows_in_the_head(values: Values, key: tuple[str, str, str]) -> None:
    assert values[key] == pytest.approx(IN_THE_HEAD[key], rel=1e-9)


def walks_to(corner: tuple[float, float]) -> np.ndarray:
    """The walk from the middle of each block: 50 m to the nearest edge, along the lattice to a corner."""
    x, y = np.meshgrid(np.arange(10) * 100.0 + 50, np.arange(5) * 100.0 + 50)
    return (np.abs(x - corner[0]) + np.abs(y - corner[1])).ravel()


def test_the_walk_to_a_corner_is_that_of_a_lattice(values: Values) -> None:
    walks = walks_to((0, 0))
    west = np.tile(np.arange(10) < 5, 5)
    for name, statistic in {"mean": np.mean, "median": np.median}.items():
        expected = [statistic(walks[west]), statistic(walks[~west])]
        assert values["walk_" + name, "kindergarten", "population"] == pytest.approx(expected)
    for metres in (300, 500, 1000):
        expected = [100 * np.mean(walks[half] <= metres) for half in (west, ~west)]
        assert values[f"walk_within_{metres}m", "kindergarten", "floor_area"] == pytest.approx(expected)


def test_minutes_are_metres_at_the_speed(values: Values) -> None:
    assert (
        values["walk_within_5min", "kindergarten", "population"]
        == (values["walk_within_300m", "kindergarten", "population"])
    )
    faster = evaluate(
        frames(), halves(), parameters=Parameters(walking_speed=100.0), indicators=["walk_within_5min"]
    )
    chosen = faster[(faster["subject"] == "kindergarten") & (faster["basis"] == "population")]
    assert chosen["value"].tolist() == values["walk_within_500m", "kindergarten", "population"]


def test_walking_never_covers_more_than_the_radius(values: Values) -> None:
    for subject in ("kindergarten", "convenience_store"):
        walked = values["walk_coverage", subject, "population"]
        assert (np.array(walked) <= np.array(values["service_coverage", subject, "population"])).all()


def test_capacity_is_conserved(found: pd.DataFrame) -> None:
    rows = found[(found["indicator"] == "two_step_access") & (found["subject"] == "kindergarten")]
    assert rows["numerator"].sum() == pytest.approx(100.0)


def test_blind_spots_are_what_walking_coverage_leaves(found: pd.DataFrame) -> None:
    def of(code: str) -> pd.DataFrame:
        rows = found[(found["indicator"] == code) & (found["subject"] == "kindergarten")]
        return rows[rows["basis"].isin(["", "population"])].set_index("unit")

    covered = of("walk_coverage")
    assert of("blind_spots")["value"].tolist() == pytest.approx(
        (covered["denominator"] - covered["numerator"]).tolist()
    )


def test_what_is_not_supplied_is_named_and_never_zero(found: pd.DataFrame) -> None:
    lacking = found[found["indicator"].isin(["permeable_ratio", "greenway_coverage", "circle_share"])]
    assert lacking["value"].isna().all()
    named = dict(zip(lacking["indicator"], lacking["missing"], strict=True))
    assert named["permeable_ratio"] == "permeable"
    assert named["greenway_coverage"] == "greenways"
    assert named["circle_share"] == "facilities:community_centre"
    shops = found[(found["indicator"] == "two_step_access") & (found["subject"] == "convenience_store")]
    assert set(shops["missing"]) == {"facilities.capacity"}


def test_a_known_value_lacks_nothing_and_an_unknown_one_says_why(found: pd.DataFrame) -> None:
    assert (found["value"].notna() == found["missing"].isna()).all()


def test_a_missing_floor_count_makes_the_unit_unknown() -> None:
    given = frames()
    given["buildings"].loc[0, "floors"] = np.nan
    rows = evaluate(given, halves(), indicators=["floor_area_ratio"])
    assert rows["value"].isna().tolist() == [True, False]
    assert rows["missing"][0] == "buildings.floor_area | buildings.floors"


def test_a_unit_without_residents_has_no_share_of_them() -> None:
    given = frames()
    given["buildings"].loc[given["buildings"].geometry.centroid.x > 500, "population"] = 0.0
    rows = evaluate(given, halves(), indicators=["service_coverage"])
    east = rows[(rows["unit"] == 1) & (rows["subject"] == "kindergarten")].set_index("basis")
    assert east.loc["population", "missing"] == NOTHING_TO_DIVIDE_BY
    assert east.loc["floor_area", "value"] == 0.0


def test_districts_take_the_shares_of_the_register() -> None:
    units = halves().assign(projects=[1.5, 0.5], total_investment=[2e8, 2e8])
    rows = evaluate({"projects": frames()["projects"]}, units, indicators=["investment_per_km2"])
    assert rows["value"].tolist() == [8e8, 8e8]


def test_the_same_input_gives_the_same_bytes(found: pd.DataFrame) -> None:
    again = evaluate(frames(), halves())
    for column in ("value", "numerator", "denominator"):
        assert found[column].to_numpy().tobytes() == again[column].to_numpy().tobytes()


def test_wrong_input_has_a_named_error() -> None:
    given = frames()
    with pytest.raises(UnknownIndicator, match="charm"):
        evaluate(given, halves(), indicators=["charm"])
    with pytest.raises(MixedCRS):
        evaluate({**given, "zoning": given["zoning"].to_crs(4549)}, halves())
    with pytest.raises(GeographicCRS):
        evaluate({name: frame.to_crs(4490) for name, frame in given.items()}, halves())


class TestCatalogue:
    @pytest.mark.parametrize("code", INDICATORS)
    def test_an_indicator_is_explained_in_both_languages(self, code: str) -> None:
        one = INDICATORS[code]
        for words in (one.name, one.formula, one.source):
            assert words.zh.strip()
            assert words.en.strip()
        assert re.search(r"[\u4e00-\u9fff]", one.name.zh)
        assert not re.search(r"[\u4e00-\u9fff]", one.name.en)
        assert one.family in FAMILIES
        assert set(one.parameters) <= set(EXPLAINED)

    def test_every_parameter_is_explained(self) -> None:
        assert set(EXPLAINED) == set(Parameters.__dataclass_fields__)

    @pytest.mark.parametrize("name", ["walking_speed", "max_snap", "catchment"])
    @pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
    def test_a_parameter_out_of_range_is_refused(self, name: str, value: float) -> None:
        with pytest.raises(ValueError, match=name):
            Parameters(**{name: value})
