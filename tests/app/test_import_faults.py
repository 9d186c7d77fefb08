"""What cannot be stored is named by row and field, never by the database, and nothing of the file is kept."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from app.services.imports.projects import import_list
from data.errors import ROWS_SHOWN, Conflict, EmptyFile, InvalidInput
from data.faults import KEPT, LayerInvalid
from data.readers.fields import Wishes
from data.session import Database
from gis.errors import MissingCRS
from tests.app.import_files import SIDE, X, Y, bow_tie, buildings, faults, frame, load, square, written
from tests.app.register_town import asked, found_town


@pytest.fixture
def town(database: Database) -> Database:
    found_town(database)
    return database


def test_ten_thousand_faults_are_counted_in_full_and_shown_in_part(town: Database, tmp_path: Path) -> None:
    count = 10_000
    layer = frame([bow_tie()] * count, code=["A"] * count, floors=[-1] * count)
    path = written(tmp_path, layer, ".parquet")
    error = faults(town, path)
    assert error.counts == {"invalid_shape": count, "out_of_range": count, "duplicate_code": count - 1}
    assert len(error.rows) == 3 * KEPT
    assert f"… +{3 * count - 1 - ROWS_SHOWN}" in str(error)
    assert len(str(error)) < 5000
    assert faults(town, path, skip_faulty=True).counts == error.counts
    assert asked(town, "SELECT count(*) FROM layer_source") == [(0,)]


def test_numbers_that_are_none_or_too_large(town: Database, tmp_path: Path) -> None:
    layer = frame(
        [square(0), square(1), square(2), square(3)], height=[np.nan, np.inf, 3.0, 3.0],
        floor_area=[1.0, 1.0, 1e305, 1.0], floors=["6", "1e30", "2.5", "six"],
    )  # fmt: skip
    path = written(tmp_path, layer, ".parquet")
    error = faults(town, path, wishes=Wishes(units={"floor_area": "km2"}))
    assert {(row.row, row.field) for row in error.rows} == {
        (2, "height"), (2, "floors"), (3, "floor_area"), (3, "floors"), (4, "floors")
    }  # fmt: skip


def test_height_is_dropped_and_unknown_numbers_stay_unknown(town: Database, tmp_path: Path) -> None:
    layer = frame([shapely.force_3d(square(0), 12.5)], height=[np.nan])
    load(town, written(tmp_path, layer, ".parquet"))
    assert asked(town, "SELECT height, ST_NDims(shape), GeometryType(shape) FROM building") == [
        (None, 2, "MULTIPOLYGON")
    ]


def test_shapes_of_another_type_are_named_as_they_are(town: Database, tmp_path: Path) -> None:
    line = shapely.LineString([(X, Y), (X + SIDE, Y)])
    layer = frame([shapely.GeometryCollection([square(0)]), line], code=["A", "B"])
    error = faults(town, written(tmp_path, layer, ".parquet"))
    assert error.counts == {"wrong_type": 2}
    assert "It is a GeometryCollection" in str(error)
    assert "It is a LineString" in str(error)


def test_metres_declared_as_degrees_are_told_with_what_they_may_be(town: Database, tmp_path: Path) -> None:
    layer = buildings().to_crs(4547).set_crs(4326, allow_override=True)
    error = faults(town, written(tmp_path, layer, ".parquet"))
    assert error.counts == {"elsewhere": 3}
    assert "EPSG:4547" in str(error)


def test_coordinates_without_a_system_are_not_guessed(town: Database, tmp_path: Path) -> None:
    layer = buildings().to_crs(4547).set_crs(None, allow_override=True)
    with pytest.raises(MissingCRS):
        load(town, written(tmp_path, layer, ".parquet"))


@pytest.mark.parametrize(
    ("first", "last", "stored"),
    [("2026-01-01", "2025-12-31", 0), ("2026-01-01", "2026-01-01", 0), ("2026-01-01", None, 1)],
)
def test_a_zone_is_valid_until_after_it_begins(
    town: Database, tmp_path: Path, first: str, last: str | None, stored: int
) -> None:
    layer = frame([square(0)], land_use=["R2"], valid_from=[first], valid_to=[last])
    path = written(tmp_path, layer, ".parquet")
    if not stored:
        assert faults(town, path, "zoning").counts == {"contradiction": 1}
    else:
        assert load(town, path, "zoning").stored == stored
    assert asked(town, "SELECT count(*) FROM zoning") == [(stored,)]


def test_the_date_that_is_stored_counts_with_the_one_that_is_given(town: Database, tmp_path: Path) -> None:
    def dated(**dates: list[object]) -> Path:
        return written(tmp_path, frame([None], code=["K1"], name=["甲"], **dates), ".parquet")

    load(town, dated(planned_start=["2026-01-01"], planned_end=["2027-01-01"]), "projects")
    early = faults(town, dated(planned_end=["2025-01-01"]), "projects", existing="replace")
    assert [(row.field, row.value) for row in early.rows] == [("planned_end", "2025-01-01")]
    # Both together lie after what is stored, so neither may be compared with it.
    load(
        town, dated(planned_start=["2028-01-01"], planned_end=["2029-01-01"]), "projects", existing="replace"
    )
    assert asked(town, "SELECT planned_start::text, planned_end::text FROM project") == [
        ("2028-01-01", "2029-01-01")
    ]


def test_year_and_batch_of_a_project_are_read_from_its_code(town: Database, tmp_path: Path) -> None:
    layer = frame([square(0), None], code=["K202503007", "X"], name=["甲", "乙"])
    report = load(town, written(tmp_path, layer, ".parquet"), "projects")
    assert any("X" in str(note) for note in report.notes)
    assert asked(
        town, "SELECT code_year, code_batch, code_serial FROM project ORDER BY code_year NULLS LAST"
    ) == [(2025, 3, 7), (None, None, None)]


def test_what_a_file_leaves_empty_stays_as_it_is(town: Database, tmp_path: Path) -> None:
    layer = frame([square(0)], code=["K1"], name=["甲"], implementing_entity=["区城投"])
    load(town, written(tmp_path, layer, ".parquet"), "projects")
    before = asked(town, "SELECT count(*) FROM audit_log WHERE table_name = 'project'")
    again = frame([None], code=["K1"], name=[None], implementing_entity=[None])
    again["lead_department"] = ["住建局"]
    load(town, written(tmp_path, again, ".parquet"), "projects", existing="replace")
    assert asked(town, "SELECT name, implementing_entity, lead_department, boundary_status FROM project") == [
        ("甲", "区城投", "住建局", "drafted")
    ]
    after = asked(town, "SELECT count(*) FROM audit_log WHERE table_name = 'project'")
    assert after[0][0] == before[0][0] + 1


class TestAttributes:
    def table(self, folder: Path, text: str) -> Path:
        path = folder / "table.csv"
        path.write_text(text, encoding="utf-8")
        return path

    def zones(self, folder: Path) -> Path:
        return written(folder, frame([square(0), square(1)], k=["A", "B"]), ".parquet")

    def test_a_needed_field_that_the_table_lacks_for_a_feature(self, town: Database, tmp_path: Path) -> None:
        table = self.table(tmp_path, "k,land_use\nA,R2\n")
        error = faults(town, self.zones(tmp_path), "zoning", attributes=table, on="k")
        assert [(row.row, row.field) for row in error.rows] == [(2, "land_use")]

    @pytest.mark.parametrize(
        ("text", "on", "says"),
        [
            ("z,gfa\nA,1\n", "k", "no single column «k»"),
            ("z,gfa\nA,1\n", "z", "no single column «z»"),
            ("k,gfa,gfa\nA,1,2\n", "k", "«gfa» more than once"),
        ],
    )
    def test_columns_that_are_missing_or_stand_twice(
        self, town: Database, tmp_path: Path, text: str, on: str, says: str
    ) -> None:
        with pytest.raises(InvalidInput, match=says):
            load(town, self.zones(tmp_path), "parcels", attributes=self.table(tmp_path, text), on=on)


def test_nodes_must_be_points(town: Database, tmp_path: Path) -> None:
    nodes = tmp_path / "nodes.parquet"
    frame([square(0)], node=["1"]).to_parquet(nodes)
    streets = frame([shapely.LineString([(X, Y), (X + SIDE, Y)])], from_node=["1"], to_node=["2"])
    with pytest.raises(InvalidInput, match=r"nodes\.parquet: .* not points"):
        load(town, written(tmp_path, streets, ".parquet"), "streets", nodes=nodes)


class TestLists:
    HEADER = "project,year,source,kind,amount（元）\n"

    @pytest.fixture
    def town(self, town: Database, tmp_path: Path) -> Database:
        load(town, written(tmp_path, frame([None], code=["K1"], name=["甲"]), ".parquet"), "projects")
        return town

    def listed(self, town: Database, folder: Path, text: str, **options: object) -> int:
        path = folder / "list.csv"
        path.write_text(text, encoding="utf-8")
        return import_list(
            town, path, kind="investments", city="town", actor="test", **options  # type: ignore[arg-type]
        ).stored  # fmt: skip

    def test_a_header_alone_never_empties_what_is_there(self, town: Database, tmp_path: Path) -> None:
        assert self.listed(town, tmp_path, self.HEADER + "K1,2026,bank_loan,paid,1\n") == 1
        with pytest.raises(EmptyFile, match=r"list\.csv: It holds no rows"):
            self.listed(town, tmp_path, self.HEADER, existing="replace")
        text = self.HEADER + "K1,2026,bank_loan,paid,-1\n"
        with pytest.raises(LayerInvalid):
            self.listed(town, tmp_path, text, existing="replace", skip_faulty=True)
        assert asked(town, "SELECT count(*) FROM investment") == [(1,)]

    def test_a_row_that_is_stored_is_known_with_and_without_its_year(
        self, town: Database, tmp_path: Path
    ) -> None:
        rows = "K1,2026,bank_loan,paid,1\nK1,,bank_loan,paid,1\n"
        self.listed(town, tmp_path, self.HEADER + rows)
        with pytest.raises(LayerInvalid) as caught:
            self.listed(town, tmp_path, self.HEADER + rows + "K1,2027,bank_loan,paid,1\n", existing="add")
        assert caught.value.counts == {"stored_code": 2}
        assert [row.row for row in caught.value.rows] == [2, 3]

    def test_a_heading_that_stands_twice(self, town: Database, tmp_path: Path) -> None:
        text = "project,source,kind,amount（元）,amount（元）\nK1,bank_loan,paid,1,2\n"
        with pytest.raises(InvalidInput, match="more than once"):
            self.listed(town, tmp_path, text)


def test_a_layer_of_another_city_leaves_no_trace(town: Database, tmp_path: Path) -> None:
    with town.writing("test") as connection:
        connection.exec_driver_sql(
            "UPDATE district SET boundary = ST_Multi(ST_MakeEnvelope(114, 34.6, 114.1, 34.8, 4326))"
        )
    away = gpd.GeoDataFrame(buildings().drop(columns="geometry"), geometry=[square(200)] * 3, crs=4326)
    with pytest.raises(Conflict, match="All 3 features lie outside the city's districts"):
        load(town, written(tmp_path, away, ".parquet"))
    assert asked(town, "SELECT (SELECT count(*) FROM building), count(*) FROM layer_source") == [(0, 0)]
