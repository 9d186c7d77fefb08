"""A real city with its real flaws: Cambridge, Massachusetts, each flaw reported by its right count."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.services.imports.layers import LayerReport, Options, import_layer
from data import cities
from data.faults import LayerInvalid
from data.readers.fields import Wishes
from data.session import Database
from tests.app.register_town import asked

FOLDER = Path(__file__).resolve().parents[3] / "shared/data/cambridge_ma"
pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="the data of Cambridge are not here")
LOTS = Wishes(
    columns={"code": "ML", "floor_area": "GrossArea", "address": "Location"},
    units={"floor_area": "sqft"},
    # One account of the assessor's table has an area below zero.
    values={"floor_area": {"-35616": ""}},
)


@pytest.fixture
def cambridge(database: Database) -> Database:
    with database.writing("test") as connection:
        names = {"slug": "cambridge", "name_zh": "剑桥", "name_en": "Cambridge"}
        cities.add_city(connection, {**names, "metric_srid": 26986})
    return database


def load(database: Database, kind: str, file: str, **options: object) -> LayerReport:
    given = Options(**options)  # type: ignore[arg-type]
    return import_layer(database, FOLDER / file, kind=kind, city="cambridge", actor="test", options=given)


def counts(database: Database, kind: str, file: str, **options: object) -> dict[str, int]:
    with pytest.raises(LayerInvalid) as caught:
        load(database, kind, file, **options)
    return caught.value.counts


def test_zoning_loads_whole(cambridge: Database) -> None:
    wishes = Wishes(columns={"land_use": "ZONE_TYPE", "code": "GlobalID"})
    assert load(cambridge, "zoning", "zoning_districts.parquet", wishes=wishes).stored == 261
    assert asked(cambridge, "SELECT count(*) FROM zoning WHERE land_use = 'C-3'")[0][0] > 0
    assert asked(cambridge, "SELECT layer, name, crs, features, imported_by FROM layer_source") == [
        ("zoning", "zoning_districts.parquet", "EPSG:4326", 261, "test")
    ]


def test_flaws_of_the_parcels_are_counted_and_nothing_is_stored(cambridge: Database) -> None:
    found = counts(
        cambridge, "parcels", "parcels_fy2014.parquet", wishes=LOTS,
        attributes=FOLDER / "assessor_fy2014.parquet", on="ML",
    )  # fmt: skip
    assert found == {"invalid_shape": 37, "missing_shape": 1, "duplicate_code": 80}
    assert asked(cambridge, "SELECT count(*) FROM parcel") == [(0,)]
    assert asked(cambridge, "SELECT count(*) FROM layer_source") == [(0,)]


def test_parcels_load_with_the_assessors_table_repaired_and_without_the_faulty(cambridge: Database) -> None:
    report = load(
        cambridge, "parcels", "parcels_fy2014.parquet", wishes=LOTS,
        attributes=FOLDER / "assessor_fy2014.parquet", on="ML", repair=True, skip_faulty=True,
    )  # fmt: skip
    assert report.faults == {"missing_shape": 1, "duplicate_code": 80}
    assert len(report.repaired) == 37
    assert report.unmatched == 134
    assert report.stored == 13_116 - 81
    assert asked(cambridge, "SELECT count(*), bool_and(ST_IsValid(shape)) FROM parcel") == [(13_035, True)]
    # 98-64 is one account of 4,863 square feet.
    (area,) = asked(cambridge, "SELECT floor_area FROM parcel WHERE code = '98-64'")[0]
    assert area == pytest.approx(4863 * 0.3048**2)


def test_open_space_loads_beside_facilities(cambridge: Database) -> None:
    wishes = Wishes(constants={"category": "park"}, columns={"name": "NAME"})
    assert load(cambridge, "facilities", "open_space.parquet", wishes=wishes).stored == 276
    found = counts(cambridge, "facilities", "facilities.parquet", existing="add")
    assert found == {"unknown_code": 531}
    other = Wishes(constants={"category": "other"})
    assert load(cambridge, "facilities", "facilities.parquet", existing="add", wishes=other).stored == 542
    assert asked(cambridge, "SELECT GeometryType(shape), count(*) FROM facility GROUP BY 1 ORDER BY 1") == [
        ("MULTIPOLYGON", 276 + 68),
        ("POINT", 474),
    ]


def test_streets_are_a_graph_of_two_components_and_57_are_not_seen_to_follow_their_nodes(
    cambridge: Database,
) -> None:
    report = load(
        cambridge, "streets", "street_centerlines.parquet", wishes=Wishes(columns={"code": "ID"}),
        nodes=FOLDER / "street_intersections.parquet",
    )  # fmt: skip
    streets = report.streets
    assert streets is not None
    assert (streets.segments, streets.nodes, streets.components) == (2643, 1872, 2)
    assert (streets.against_nodes, streets.unknown_direction) == (46, 11)
    assert streets.against_nodes + streets.unknown_direction == 57
    assert streets.nodes_named_by_place == 1
    total = "SELECT round(sum(ST_Length(ST_Transform(shape, 26986)))), round(sum(length)) FROM street_edge"
    measured, stored = asked(cambridge, total)[0]
    assert measured == stored


def test_23_invalid_footpaths_are_named_and_can_be_repaired(cambridge: Database) -> None:
    wishes = Wishes(constants={"kind": "green_line"})
    assert counts(cambridge, "constraints", "public_footpaths_poly.parquet", wishes=wishes) == {
        "invalid_shape": 23
    }
    report = load(cambridge, "constraints", "public_footpaths_poly.parquet", wishes=wishes, repair=True)
    assert (report.stored, len(report.repaired)) == (471, 23)


def test_special_permits_load_as_projects_without_the_7_repeated_cases(cambridge: Database) -> None:
    wishes = Wishes(columns={"code": "CaseID", "name": "CaseID"})
    assert counts(cambridge, "projects", "special_permit_areas.parquet", wishes=wishes) == {
        "duplicate_code": 7
    }
    report = load(cambridge, "projects", "special_permit_areas.parquet", wishes=wishes, skip_faulty=True)
    assert (report.stored, report.faults) == (348, {"duplicate_code": 7})
    found = asked(cambridge, "SELECT count(*), count(boundary), min(boundary_status) FROM project")
    assert found == [(348, 348, "drafted")]
