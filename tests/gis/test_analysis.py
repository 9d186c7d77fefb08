"""Indicators of the catalogue on a town of which every figure follows in the head."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from gis.analysis import BOUNDARY, NOTHING_TO_DIVIDE_BY, Analysis, evaluate
from gis.catalogue import FAMILIES, INDICATORS
from gis.errors import BadParameter, GeographicCRS, GisError, MixedCRS, UnknownIndicator
from gis.ground import Ground
from gis.parameters import EXPLAINED, Parameters
from gis.what_if import Change, what_if
from tests.gis.lattice_town import frames, halves

Values = dict[tuple[str, str, str], list[float]]
FLOORS = "buildings.floor_area | buildings.floors"


def supplied() -> dict:
    """The town with all that it supplies known."""
    given = frames()
    given["buildings"]["exempt_floor_area"] = 0.0
    given["facilities"]["floor_area"] = given["facilities"]["capacity"] = 100.0
    return given


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


def lacks(given: dict, code: str, subject: str = "", basis: str = "") -> list[str | None]:
    """What each half of a town lacks of an indicator."""
    rows = evaluate(given, halves(), indicators=[code])
    rows = rows[(rows["subject"] == subject) & (rows["basis"] == basis)]
    return rows["missing"].astype(object).where(rows["missing"].notna(), None).tolist()


class TestTheNameOfWhatIsMissing:
    """A value that is not known names what it lacks, however much else its indicator is made of."""

    @pytest.mark.parametrize(
        ("code", "subject", "layer", "column", "rows", "named"),
        [
            ("facility_capacity_per_1000", "kindergarten", "facilities", "capacity", [0], None),
            ("facility_floor_area_per_100_households", "kindergarten", "facilities", "floor_area", [0], None),
            ("counted_floor_area_ratio", "", "buildings", "exempt_floor_area", [0], None),
            ("counted_floor_area_ratio", "", "buildings", "floors", [0], FLOORS),
            ("construction_land_ratio", "", "buildings", "floors", [0], FLOORS),
            ("construction_land_ratio", "", "zoning", "land_use", [0], None),
            ("road_area_ratio", "", "zoning", "land_use", [0], None),
            ("green_ratio", "", "zoning", "land_use", [0], None),
            ("road_density", "", "streets", "street_class", [22], None),
            ("road_density", "local", "streets", "street_class", [22], None),
            ("road_class_share", "local", "streets", "street_class", [22], None),
            ("dead_end_density", "", "streets", "street_class", [22], None),
            ("population_density", "", "buildings", "population", [0], None),
            ("facilities_per_10000", "kindergarten", "buildings", "population", [0], None),
        ],
    )
    def test_it_is_the_unknown_one(self, code, subject, layer, column, rows, named) -> None:
        given = supplied()
        assert lacks(given, code, subject) == [None, None]
        given[layer] = given[layer].astype({column: object})
        given[layer].loc[rows, column] = None
        assert lacks(given, code, subject) == [named or f"{layer}.{column}", None]

    def test_a_facility_drawn_as_a_point_lacks_its_outline(self) -> None:
        assert lacks(frames(), "facility_area_per_person", "kindergarten") == ["facilities.geometry", None]

    def test_a_unit_that_lies_nowhere_lacks_its_boundary(self) -> None:
        units = halves()
        units.loc[0, "geometry"] = None
        rows = evaluate(frames(), units)
        lacking = rows[(rows["unit"] == 0) & rows["missing"].isin([BOUNDARY])]
        supplied = rows[(rows["unit"] == 1) & rows["value"].notna()]
        assert set(supplied["indicator"]) <= set(lacking["indicator"])

    @pytest.mark.parametrize("land_use", [None, "absent"])
    def test_land_of_no_known_use_is_not_supplied(self, land_use: str | None) -> None:
        given = supplied()
        zoning = given["zoning"].drop(columns="land_use")
        given["zoning"] = zoning if land_use else zoning.assign(land_use=None)
        for code in ("road_area_ratio", "construction_land_ratio", "green_ratio"):
            assert lacks(given, code) == ["zoning.land_use"] * 2
        assert lacks(given, "park_coverage", basis="land") == ["zoning.land_use"] * 2

    def test_without_the_use_of_buildings_residents_are_still_known_and_housing_is_not(self) -> None:
        given = frames()
        given["buildings"] = given["buildings"].drop(columns="use")
        assert lacks(given, "service_coverage", "park", "population") == [None, None]
        assert lacks(given, "service_coverage", "park", "floor_area") == ["buildings.use"] * 2
        assert lacks(given, "greatest_storeys") == ["buildings.use"] * 2

    def test_facilities_of_no_class_are_of_none(self) -> None:
        given = frames()
        given["facilities"] = given["facilities"].drop(columns="category")
        assert lacks(given, "service_coverage", basis="population") == ["facilities.category"] * 2

    def test_whatever_column_is_not_there_nothing_fails(self, found: pd.DataFrame) -> None:
        given = supplied()
        for layer, frame in given.items():
            for column in frame.columns.drop("geometry"):
                rows = evaluate({**given, layer: frame.drop(columns=column)}, halves())
                assert (rows["value"].notna() == rows["missing"].isna()).all()


class TestWithoutAStreetToWalk:
    """Where no street may be walked, what is measured on foot is not supplied, and all else is."""

    def on_foot(self, rows: pd.DataFrame, missing: str) -> None:
        known = evaluate(frames(), halves())
        walks = known["indicator"].map(lambda code: "streets.walkable" in INDICATORS[code].inputs)
        assert set(rows.loc[walks, "missing"]) - {"facilities:community_centre"} == {missing}
        same = ~walks & ~known["indicator"].isin(["road_density", "road_class_share", "dead_end_density"])
        pd.testing.assert_series_equal(rows.loc[same, "missing"], known.loc[same, "missing"])

    def test_none_is_walkable(self) -> None:
        given = frames()
        given["streets"]["walkable"] = False
        self.on_foot(evaluate(given, halves()), "streets.walkable")
        assert lacks(given, "road_density") == [None, None]

    def test_the_layer_is_empty(self) -> None:
        given = frames()
        self.on_foot(evaluate({**given, "streets": given["streets"].iloc[:0]}, halves()), "streets.walkable")

    def test_the_last_street_goes(self) -> None:
        analysis = Analysis(Ground(frames()), halves())
        every = Change("streets", removed=range(len(frames()["streets"])))
        rows = what_if(analysis, [every], ["walk_mean", "road_density", "building_coverage"])
        assert set(rows["indicator"]) == {"walk_mean", "road_density"}
        assert set(rows.loc[rows["indicator"] == "walk_mean", "missing"]) == {"streets.walkable"}

    def test_the_last_goes_and_another_comes(self) -> None:
        given = frames()
        new = given["streets"].iloc[:30].copy()
        changes = [Change("streets", removed=range(len(given["streets"]))), Change("streets", new)]
        found = what_if(Analysis(Ground(given), halves()), changes, ["walk_mean"])
        self.agree(found, evaluate({**given, "streets": new}, halves(), indicators=["walk_mean"]))

    def test_the_first_street_comes(self) -> None:
        given = frames()
        closed = {**given, "streets": given["streets"].assign(walkable=False)}
        found = what_if(
            Analysis(Ground(closed), halves()), [Change("streets", given["streets"])], ["walk_mean"]
        )
        self.agree(found, evaluate(given, halves(), indicators=["walk_mean"]))

    def agree(self, found: pd.DataFrame, full: pd.DataFrame) -> None:
        both = full.merge(found, on=["unit", "indicator", "subject", "basis"], suffixes=("", "_found"))
        assert len(both) == len(found) > 0
        assert both["value_found"].tolist() == pytest.approx(both["value"].tolist(), nan_ok=True)


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

    @pytest.mark.parametrize("year", [1e4, 1980.5, 0, "1980"])
    def test_a_year_that_is_none_is_refused(self, year: object) -> None:
        with pytest.raises(BadParameter, match="not a year"):
            Parameters(age_years=(year,))

    def test_a_number_of_residents_without_end_is_refused(self) -> None:
        given = frames()
        given["buildings"].loc[0, "population"] = np.inf
        with pytest.raises(GisError, match="population"):
            evaluate(given, halves(), indicators=["population_density"])
