"""Indicators of the catalogue that no other test reckons: each against a figure that follows in the head."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gis.analysis import Analysis, evaluate
from gis.catalogue import INDICATORS
from gis.errors import NegativeAmount
from gis.ground import Ground
from gis.parameters import Parameters
from gis.what_if import Change, what_if
from tests.gis.lattice_town import frames, halves
from tests.gis.town import box, frame, measured

KM2 = frame(box(0, 0, 1000))
CIRCLE = Parameters(circle=("kindergarten", "convenience_store"))


def people(*counts: float):
    """Cells of 100 m by 100 m with residents, and half as many households."""
    shapes = [box(100 * k, 0, 100) for k in range(len(counts))]
    return frame(*shapes, population=list(counts), households=[count / 2 for count in counts])


def lines(*ends, **columns):
    return frame(*(shapely.LineString(pair) for pair in ends), **columns)


class TestFloorArea:
    TOWN = frame(
        box(0, 0, 100), box(200, 0, 50), floors=[6.0, 2.0], exempt_floor_area=[10_000.0, 1_000.0]
    )  # fmt: skip

    def test_the_ratio_is_what_counts_and_what_is_exempt(self):
        names = ("floor_area_ratio", "counted_floor_area_ratio", "exempt_floor_area_ratio")
        gross, counted, exempt = (measured(name, KM2, buildings=self.TOWN)[0] for name in names)
        assert gross == pytest.approx((60_000 + 5_000) / 1e6)
        assert exempt == pytest.approx(11_000 / 1e6)
        assert counted + exempt == pytest.approx(gross)

    def test_an_exempt_floor_area_that_is_not_known_is_not_zero(self):
        units = frame(box(0, 0, 150), box(150, 0, 150))
        town = self.TOWN.assign(exempt_floor_area=[10_000.0, np.nan])
        for name in ("counted_floor_area_ratio", "exempt_floor_area_ratio"):
            assert measured(name, units, buildings=town).isna().tolist() == [False, True]

    @pytest.mark.parametrize("name", ["counted_floor_area_ratio", "exempt_floor_area_ratio"])
    def test_without_the_column_it_is_not_supplied(self, name):
        town = self.TOWN.drop(columns="exempt_floor_area")
        rows = evaluate({"buildings": town}, KM2, indicators=[name])
        assert rows["missing"].tolist() == ["buildings.exempt_floor_area"]

    def test_less_than_none_is_refused(self):
        with pytest.raises(NegativeAmount, match="exempt_floor_area"):
            measured("exempt_floor_area_ratio", KM2, buildings=self.TOWN.assign(exempt_floor_area=-1.0))


def test_the_land_of_a_unit_in_km2():
    units = frame(box(0, 0, 1000, 2000), None)
    assert measured("land_area", units, districts=units).tolist() == pytest.approx([2.0, np.nan], nan_ok=True)


class TestFacilities:
    TOWN = frame(
        shapely.Point(10, 10), box(500, 500, 100), box(950, 0, 100),
        category=["nursery", "park", "park"], capacity=[46.0, np.nan, np.nan],
        floor_area=[500.0, np.nan, np.nan],
    )  # fmt: skip
    RESIDENTS = people(6_000, 4_000)

    def found(self, name, subject):
        return measured(name, KM2, subject, facilities=self.TOWN, population=self.RESIDENTS)[0]

    def test_nursery_places_per_1000_residents(self):
        assert self.found("facility_capacity_per_1000", "nursery") == pytest.approx(4.6)
        assert np.isnan(self.found("facility_capacity_per_1000", "park"))

    def test_park_land_per_resident_counts_the_part_inside(self):
        assert self.found("facility_area_per_person", "park") == pytest.approx(15_000 / 10_000)

    def test_the_land_of_a_point_is_not_known(self):
        assert np.isnan(self.found("facility_area_per_person", "nursery"))

    def test_floor_area_per_100_households(self):
        assert self.found("facility_floor_area_per_100_households", "nursery") == pytest.approx(10.0)


class TestRoads:
    # A cross of four streets whose northern one goes on, and a footpath.
    TOWN = lines(
        [(500, 500), (900, 500)], [(500, 500), (100, 500)], [(500, 500), (500, 700)],
        [(500, 700), (500, 900)], [(500, 500), (500, 100)], [(900, 500), (900, 800)],
        street_class=["arterial", "arterial", "local", "local", "local", "path"],
    )  # fmt: skip

    def test_ends_of_footpaths_are_no_dead_ends_and_join_none(self):
        assert measured("dead_end_density", KM2, streets=self.TOWN).tolist() == [4.0]
        assert measured("intersection_density", KM2, streets=self.TOWN).tolist() == [1.0]

    def test_the_classes_share_the_whole_without_footpaths(self):
        shares = {
            name: measured("road_class_share", KM2, name, streets=self.TOWN)[0]
            for name in ("", "expressway", "arterial", "local")
        }
        assert shares == pytest.approx({"": 100, "expressway": 0, "arterial": 50, "local": 50})

    def test_a_street_of_unknown_class_matters_where_it_lies(self):
        town = lines(
            [(0, 500), (900, 500)], [(1100, 500), (1900, 500)], [(1500, 500), (2500, 500)],
            street_class=["local", "local", None],
        )  # fmt: skip
        units = frame(box(0, 0, 1000), box(1000, 0, 1000), box(2000, 0, 1000))
        for name, known in {"road_density": 0.9, "road_class_share": 100.0, "dead_end_density": 2.0}.items():
            found = measured(name, units, streets=town).tolist()
            assert found == pytest.approx([known, np.nan, np.nan], nan_ok=True)
        assert measured("dead_end_density", frame(box(1600, 0, 200, 1000)), streets=town).tolist() == [0.0]

    def test_greenways_by_land_and_by_residents(self):
        way = lines([(-500, 500), (1000, 500)])
        given = {"greenways": way, "population": people(2_000)}
        assert measured("greenway_density", KM2, **given).tolist() == pytest.approx([1.0])
        assert measured("greenways_per_10000", KM2, **given).tolist() == pytest.approx([5.0])


class TestHousing:
    TOWN = frame(
        box(0, 0, 10), box(20, 0, 10), box(40, 0, 10), box(60, 0, 10),
        floors=[6.0, 18.0, np.nan, 30.0], floor_area=[600.0, 1800.0, 900.0, 3000.0],
        use=["residential", "residential", "residential", "office"],
    )  # fmt: skip

    def test_low_housing_of_that_whose_storeys_are_known(self):
        assert measured("low_rise_housing", KM2, buildings=self.TOWN).tolist() == pytest.approx([25.0])

    def test_the_highest_home_is_no_office(self):
        assert measured("greatest_storeys", KM2, buildings=self.TOWN).tolist() == [18.0]

    def test_where_no_home_stands_none_is_highest(self):
        assert measured("greatest_storeys", frame(box(500, 500, 9)), buildings=self.TOWN).isna().all()


class TestGroundThatIsZonedTwice:
    """Land counts once, however many zones of its class lie on it."""

    UNIT = frame(box(0, 0, 100))

    def test_two_green_zones_on_one_place(self):
        land = frame(box(0, 0, 100), box(0, 0, 100), box(0, 0, 100), land_use=["1401", "1401", "1402"])
        assert measured("green_ratio", self.UNIT, zoning=land).tolist() == pytest.approx([100.0])

    def test_zones_that_overlap_in_part(self):
        land = frame(box(0, 0, 60, 100), box(40, 0, 60, 100), box(0, 0, 30, 100), land_use=["1207"] * 3)
        homes = frame(box(0, 0, 10), floors=[100.0])
        assert measured("road_area_ratio", self.UNIT, zoning=land).tolist() == pytest.approx([100.0])
        ratio = measured("construction_land_ratio", self.UNIT, zoning=land, buildings=homes)
        assert ratio.tolist() == pytest.approx([1.0])

    def test_all_land_is_reserved(self):
        given = {
            "zoning": frame(box(0, 0, 100), land_use=["16"]),
            "buildings": frame(box(0, 0, 9), floors=[1.0]),
        }
        assert measured("construction_land_ratio", self.UNIT, **given).isna().all()

    @pytest.mark.parametrize("zones", [2, 3, 5])
    def test_a_conflict_is_land_not_zones(self, zones):
        land = frame(*[box(0, 0, 50, 100)] * zones, box(50, 0, 50, 100), land_use=["0701"] * (zones + 1))
        assert measured("zoning_conflict", self.UNIT, zoning=land).tolist() == pytest.approx([50.0])

    def test_housing_land_counts_once_near_a_park(self):
        land = frame(box(0, 0, 50, 100), box(0, 0, 50, 100), box(50, 0, 50, 100), land_use=["0701"] * 3)
        given = {
            "zoning": land,
            "buildings": frame(box(0, 0, 9)),
            "facilities": frame(box(0, 0, 99), category=["park"]),
        }
        rows = evaluate(given, self.UNIT, indicators=["park_coverage"])
        assert rows.set_index("basis").loc["land", "denominator"] == pytest.approx(10_000)

    def test_a_park_drawn_as_a_point_has_no_size(self):
        given = {"buildings": frame(box(0, 0, 9), population=[1.0], use=["residential"], floors=[1.0])}
        given["facilities"] = frame(box(0, 0, 99), shapely.Point(5, 5), category=["park"] * 2)
        rows = evaluate(given, self.UNIT, indicators=["park_coverage", "service_coverage"])
        found = rows.set_index(["indicator", "basis"])
        assert found.loc[("park_coverage", "population"), "missing"] == "facilities.geometry"
        assert found.loc[("service_coverage", "population"), "value"] == 100.0

    def test_land_of_unknown_use_matters_where_it_could_add(self):
        land = frame(box(0, 0, 100), box(20, 20, 10), box(100, 0, 10), land_use=["1401", None, None])
        units = frame(box(0, 0, 100), box(100, 0, 100))
        assert measured("green_ratio", units, zoning=land).tolist() == pytest.approx(
            [100, np.nan], nan_ok=True
        )


class TestSupplyOfUnknownCapacity:
    """The capacity that nobody supplied is not none."""

    STREET = lines([(0, 50), (1000, 50)])
    HOMES = frame(box(100, 50, 10), box(900, 50, 10), use=["residential"] * 2, population=[1000.0] * 2)

    def reached(self, *capacity, homes=HOMES, catchment=300.0):
        clinics = frame(
            shapely.Point(150, 50), shapely.Point(850, 50),
            category=["clinic"] * 2, capacity=list(capacity),
        )  # fmt: skip
        given = {"streets": self.STREET, "buildings": homes, "facilities": clinics}
        halves = frame(box(0, 0, 500), box(500, 0, 500))
        parameters = Parameters(catchment=catchment)
        return evaluate(given, halves, indicators=["two_step_access"], parameters=parameters)

    def test_the_units_that_reach_it_are_unknown(self):
        rows = self.reached(20.0, np.nan)
        assert rows["value"].tolist() == pytest.approx([20.0, np.nan], nan_ok=True)
        assert rows["missing"][1] == "facilities.capacity"

    def test_all_that_reach_it_are(self):
        assert self.reached(20.0, np.nan, catchment=1000.0)["value"].isna().all()

    def test_where_nobody_lives_nobody_reaches_it(self):
        rows = self.reached(20.0, np.nan, homes=self.HOMES.assign(population=[1000.0, 0.0]), catchment=1000.0)
        assert rows["missing"].tolist() == ["facilities.capacity", "zero_denominator"]
        rows = self.reached(20.0, np.nan, homes=self.HOMES.assign(population=[1000.0, 0.0]))
        assert rows["value"].tolist() == pytest.approx([20.0, np.nan], nan_ok=True)


def test_green_within_300_metres_of_any_size():
    homes = frame(
        box(0, 0, 10), box(0, 600, 10), use=["residential"] * 2, population=[30.0, 70.0], floors=[1.0, 1.0]
    )
    land = frame(box(305, 0, 10), box(0, 900, 10), land_use=["1401", "0701"])
    found = measured("green_coverage", KM2, basis="population", buildings=homes, zoning=land)
    assert found.tolist() == pytest.approx([30.0])


class TestCommunities:
    def town(self):
        """Housing zones of one block each; the shops and the kindergarten reach those in the south-west."""
        given = frames()
        x, y = np.meshgrid(np.arange(10) * 100.0, np.arange(5) * 100.0)
        blocks = shapely.box(x.ravel(), y.ravel(), x.ravel() + 100, y.ravel() + 100)
        zoning = given["zoning"].iloc[[0] * 50].reset_index(drop=True)
        given["zoning"] = zoning.set_geometry(blocks, crs=4547)
        return given

    def test_a_community_is_complete_where_all_its_homes_are(self):
        rows = evaluate(self.town(), halves(), parameters=CIRCLE, indicators=["complete_communities"])
        homes = evaluate(self.town(), halves(), parameters=CIRCLE, indicators=["circle_share"])
        assert rows["value"].tolist() == pytest.approx(homes["value"][:2].tolist())
        assert 0 < rows["value"][1] < rows["value"][0]

    def test_one_home_out_of_reach_makes_its_community_incomplete(self):
        given = self.town()
        given["zoning"] = given["zoning"].iloc[:1].set_geometry([shapely.box(0, 0, 1000, 500)], crs=4547)
        rows = evaluate(given, halves(), parameters=CIRCLE, indicators=["complete_communities"])
        assert rows["value"].isna().tolist() == [False, True]
        assert rows["value"][0] == 0

    def test_a_house_that_goes_makes_another_unit_complete(self):
        given = self.town()
        given["zoning"] = given["zoning"].iloc[:1].set_geometry([shapely.box(0, 0, 999, 60)], crs=4547)
        analysis = Analysis(Ground(given, CIRCLE), halves())
        assert analysis.ratio(INDICATORS["complete_communities"], ("", "")).value[0] == 0
        far = np.flatnonzero(given["buildings"].geometry.centroid.x > 700).tolist()
        found = what_if(analysis, [Change("buildings", removed=far)], ["complete_communities"])
        assert found["value"].tolist() == [100.0]


@pytest.mark.parametrize("code", INDICATORS)
def test_an_indicator_without_its_data_names_what_it_lacks(code):
    rows = evaluate({}, KM2, indicators=[code])
    assert rows["value"].isna().all()
    assert rows["missing"].notna().all()
