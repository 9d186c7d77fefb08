"""Layers and lists of a city from each format; each fault named by row, and nothing stored because of one."""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest
import shapely
from typer.testing import CliRunner

from app.cli import app
from app.services.imports.layers import LayerReport
from app.services.imports.projects import ListReport, import_list
from data.errors import Conflict, InvalidInput, UnreadableFile
from data.faults import LayerInvalid
from data.readers.archive import UnsafeArchive
from data.readers.fields import Wishes
from data.session import Database
from tests.app.import_files import SIDE, X, Y, bow_tie, buildings, faults, frame, load, square, written
from tests.app.register_town import asked, found_town


@pytest.fixture
def town(database: Database) -> Database:
    found_town(database)
    return database


@pytest.mark.parametrize("suffix", [".gpkg", ".parquet", ".geojson"])
def test_buildings_load_from_each_format(town: Database, tmp_path: Path, suffix: str) -> None:
    report = load(town, written(tmp_path, buildings(), suffix))
    assert (report.stored, report.faults) == (3, {})
    assert asked(town, "SELECT code, floors, use, floor_area FROM building ORDER BY id") == [
        ("B1", 6, "residential", 15_000.0),
        ("B2", None, "office", 20_000.0),
        (None, 18, None, None),
    ]


def test_a_shapefile_in_gbk_is_read_as_it_is_meant(town: Database, tmp_path: Path) -> None:
    layer = buildings().rename(columns={"建筑面积（公顷）": "面积"}).rename(columns={"建筑用途": "用途"})
    report = load(town, written(tmp_path, layer, ".zip"))
    assert report.stored == 3
    assert asked(town, "SELECT use FROM building WHERE code = 'B1'") == [("residential",)]


def test_coordinates_are_converted_from_what_they_are_said_to_be(town: Database, tmp_path: Path) -> None:
    layer = buildings().to_crs(4547)
    path = written(tmp_path, layer.set_crs(None, allow_override=True), ".parquet")
    assert load(town, path, crs="EPSG:4547").crs == "EPSG:4547"
    ((x, y),) = asked(town, "SELECT ST_XMin(shape), ST_YMin(shape) FROM building WHERE code = 'B1'")
    assert (x, y) == pytest.approx((X, Y), abs=1e-8)


def test_every_fault_is_counted_and_named_by_row(town: Database, tmp_path: Path) -> None:
    layer = frame(
        [
            square(0),
            bow_tie(),
            None,
            shapely.Point(X, Y),
            square(4),
            square(5),
            shapely.box(10, 50, 10.1, 50.1),
        ],
        code=["A", "B", "C", "D", "A", "E", "F"],
        floors=[1, 2, 3, 4, 5, -6, 7],
        use=["住宅", "住宅", "住宅", "住宅", "School", "住宅", "住宅"],
    )
    error = faults(town, written(tmp_path, layer, ".parquet"))
    assert error.counts == {
        "invalid_shape": 1, "missing_shape": 1, "wrong_type": 1, "duplicate_code": 1,
        "unknown_code": 1, "out_of_range": 1, "elsewhere": 1,
    }  # fmt: skip
    assert {(row.row, row.field) for row in error.rows} == {
        (2, "geometry"), (3, "geometry"), (4, "geometry"), (5, "code"), (5, "use"),
        (6, "floors"), (7, "geometry"),
    }  # fmt: skip
    assert "--value use:School=CODE" in str(error)
    assert asked(town, "SELECT count(*) FROM building") == [(0,)]


def test_faulty_rows_can_be_left_out_and_invalid_ones_repaired(town: Database, tmp_path: Path) -> None:
    path = written(tmp_path, frame([square(0), bow_tie(), None], code=["A", "B", "C"]), ".parquet")
    report = load(town, path, repair=True, skip_faulty=True)
    assert (report.stored, report.repaired, report.faults) == (2, [2], {"missing_shape": 1})
    assert asked(town, "SELECT features FROM layer_source") == [(2,)]


def test_values_are_translated_and_placeholders_emptied(town: Database, tmp_path: Path) -> None:
    layer = frame([square(0), square(1)], code=["---", "---"], use=["School", "School"])
    wishes = Wishes(values={"use": {"School": "education"}, "code": {"---": ""}})
    assert load(town, written(tmp_path, layer, ".gpkg"), wishes=wishes).stored == 2
    assert asked(town, "SELECT DISTINCT code, use FROM building") == [(None, "education")]


def test_what_the_city_has_is_kept_replaced_or_added_to(town: Database, tmp_path: Path) -> None:
    path = written(tmp_path, buildings(), ".gpkg")
    load(town, path)
    with pytest.raises(Conflict, match="--replace"):
        load(town, path)
    assert faults(town, path, existing="add").counts == {"stored_code": 2}
    assert load(town, path, existing="replace").replaced == 3
    assert asked(town, "SELECT count(*) FROM building") == [(3,)]
    assert asked(town, "SELECT count(*) FROM layer_source") == [(1,)]


def test_a_dry_run_stores_nothing(town: Database, tmp_path: Path) -> None:
    assert load(town, written(tmp_path, buildings(), ".gpkg"), dry_run=True).stored == 3
    assert asked(town, "SELECT count(*) FROM building") == [(0,)]


def test_zoning_reads_shares_in_per_cent_and_keeps_foreign_land_uses(town: Database, tmp_path: Path) -> None:
    layer = frame(
        [square(0), square(1)], 用地性质=["城镇住宅用地", "R2"], 容积率=[2.5, 3.0], 绿地率=["35%", "0.3"],
    )  # fmt: skip
    layer["建筑密度（%）"] = [28, 30]
    load(town, written(tmp_path, layer, ".gpkg"), "zoning")
    assert asked(town, "SELECT land_use, building_coverage, green_ratio FROM zoning ORDER BY id") == [
        ("0701", pytest.approx(0.28), pytest.approx(0.35)),
        ("R2", pytest.approx(0.30), pytest.approx(0.30)),
    ]


def test_streets_get_nodes_where_their_ends_meet(town: Database, tmp_path: Path) -> None:
    lines = [
        shapely.LineString([(X, Y), (X + SIDE, Y)]),
        shapely.LineString([(X + SIDE, Y), (X + SIDE, Y + SIDE)]),
        shapely.LineString([(X + 9 * SIDE, Y), (X + 9 * SIDE, Y + SIDE)]),
    ]
    report = load(
        town, written(tmp_path, frame(lines, 道路等级=["主干路", "支路", None]), ".gpkg"), "streets"
    )
    assert report.streets is not None
    assert (report.streets.nodes, report.streets.components) == (5, 2)
    ((first, second),) = asked(
        town, "SELECT a.to_node, b.from_node FROM street_edge a, street_edge b WHERE a.id + 1 = b.id"
        " AND a.street_class = 'arterial'",
    )  # fmt: skip
    assert first == second
    same = "SELECT max(abs(length - ST_Length(ST_Transform(shape, 4547)))) FROM street_edge"
    assert asked(town, same)[0][0] < 1e-6


def test_a_segment_drawn_against_its_nodes_is_outvoted(town: Database, tmp_path: Path) -> None:
    at = [(X + step * SIDE, Y) for step in range(5)]
    lines = [shapely.LineString(pair) for pair in pairwise(at)]
    lines[1] = shapely.LineString([at[2], at[1]])
    layer = frame(lines, from_node=["0", "1", "2", "3"], to_node=["1", "2", "3", "4"])
    report = load(town, written(tmp_path, layer, ".gpkg"), "streets")
    assert report.streets is not None
    assert (report.streets.against_nodes, report.streets.components) == (1, 1)


def test_an_edge_without_length_is_a_fault(town: Database, tmp_path: Path) -> None:
    layer = frame([shapely.LineString([(X, Y), (X, Y)])], name=["x"])
    assert faults(town, written(tmp_path, layer, ".parquet"), "streets").counts == {"no_length": 1}


def test_parcels_take_sums_from_a_table_of_attributes(town: Database, tmp_path: Path) -> None:
    table = tmp_path / "lots.csv"
    table.write_text("lot,gfa,address\nA,10,东路\nA,5,西路\nC,1,\n", encoding="gbk")
    layer = frame([square(0), square(1)], lot=["A", "B"])
    report = load(town, written(tmp_path, layer, ".gpkg"), "parcels", attributes=table, on="lot")
    assert report.unmatched == 1
    assert asked(town, "SELECT code, floor_area, address FROM parcel ORDER BY code") == [
        ("A", 15.0, None),
        ("B", None, None),
    ]


def projects(town: Database, tmp_path: Path, **options: object) -> LayerReport:
    layer = frame(
        [square(0), None], 项目编号=["K1", "K2"], 项目名称=["甲", "乙"],
        项目类型=["城镇老旧小区整治改造", None],
        区县=["东区", "东区、西区"], stage=["construction", None], stage_date=["2026-03-01", None],
    )  # fmt: skip
    layer["总投资（亿元）"] = ["1.5", None]
    return load(town, written(tmp_path, layer, ".gpkg"), "projects", **options)


def test_projects_come_with_facts_districts_and_stage(town: Database, tmp_path: Path) -> None:
    assert projects(town, tmp_path).stored == 2
    assert asked(
        town, "SELECT code, project_type, total_investment, stage, boundary_status FROM project ORDER BY code"
    ) == [
        ("K1", "old_community", Decimal("150000000.00"), "construction", "drafted"),
        ("K2", None, None, None, "pending"),
    ]
    shares = "SELECT sum(share), count(*) FROM project_district GROUP BY project_id"
    assert sorted(asked(town, shares)) == [(1, 1), (1, 2)]
    with pytest.raises(Conflict):
        projects(town, tmp_path)
    assert projects(town, tmp_path, existing="replace").stored == 2
    assert asked(town, "SELECT count(*) FROM project") == [(2,)]


def test_problems_are_tied_to_projects(town: Database, tmp_path: Path) -> None:
    projects(town, tmp_path)
    layer = frame(
        [shapely.Point(X, Y)], code=["P1"], title=["缺停车"], dimension=["小区（社区）"], projects=["K1、K2"],
    )  # fmt: skip
    load(town, written(tmp_path, layer, ".gpkg"), "problems")
    assert asked(town, "SELECT count(*) FROM problem_project") == [(2,)]
    layer["projects"] = ["K9"]
    layer["code"] = ["P2"]
    error = faults(town, written(tmp_path, layer, ".parquet"), "problems", existing="add")
    assert error.counts == {"unknown_project": 1}


def listed(town: Database, folder: Path, kind: str, text: str, **options: object) -> ListReport:
    path = folder / f"{kind}.csv"
    path.write_text(text, encoding="gbk")
    return import_list(town, path, kind=kind, city="town", actor="test", **options)  # type: ignore[arg-type]


def test_lists_give_projects_money_stages_and_progress(town: Database, tmp_path: Path) -> None:
    projects(town, tmp_path)
    listed(
        town,
        tmp_path,
        "investments",
        "项目编号,年度,资金来源,口径,金额（万元）\nK1,2026,银行贷款,到位,12.5\n",
    )
    listed(town, tmp_path, "stages", "项目编号,阶段,日期\nK2,项目入库,2025年1月2日\n", existing="add")
    listed(town, tmp_path, "progress", "项目编号,月份,填报进度\nK1,2026-02,35%\n")
    assert asked(town, "SELECT source, kind, amount FROM investment WHERE source <> 'register'") == [
        ("bank_loan", "allocated", Decimal("125000.00"))
    ]
    assert asked(town, "SELECT stage FROM project WHERE code = 'K2'") == [("library",)]
    assert asked(town, "SELECT month_end, reported FROM progress_snapshot") == [(dt.date(2026, 2, 28), 0.35)]
    assert asked(town, "SELECT progress FROM project WHERE code = 'K1'") == [(0.35,)]


def test_faults_of_a_list_are_named_by_the_rows_of_the_spreadsheet(town: Database, tmp_path: Path) -> None:
    projects(town, tmp_path)
    text = "项目编号,月份,进度\nK1,2026-02,35%\nK1,2026-02,36%\nK9,2026-02,1\nK2,February,1.5\n"
    with pytest.raises(LayerInvalid) as caught:
        listed(town, tmp_path, "progress", text)
    assert caught.value.counts == {
        "duplicate_code": 1, "unknown_project": 1, "not_a_date": 1, "out_of_range": 1
    }  # fmt: skip
    assert {row.row for row in caught.value.rows} == {3, 4, 5}
    assert asked(town, "SELECT count(*) FROM progress_snapshot") == [(0,)]


def test_money_without_a_unit_is_not_guessed(town: Database, tmp_path: Path) -> None:
    projects(town, tmp_path)
    with pytest.raises(InvalidInput, match="--unit amount=UNIT"):
        listed(town, tmp_path, "investments", "项目编号,资金来源,口径,金额\nK1,银行贷款,到位,12\n")


def test_a_hostile_archive_and_a_misnamed_file_are_refused(town: Database, tmp_path: Path) -> None:
    path = tmp_path / "evil.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../evil.shp", b"x")
    with pytest.raises(UnsafeArchive):
        load(town, path)
    path = tmp_path / "not.gpkg"
    path.write_bytes(b"hello")
    with pytest.raises(UnreadableFile, match="content"):
        load(town, path)


def test_features_in_another_city_are_refused_by_row(town: Database, tmp_path: Path) -> None:
    layer = buildings().set_geometry([shapely.box(34.7, 114.0, 34.8, 114.1).buffer(0)] * 3)
    layer = layer.set_crs(4326, allow_override=True)
    layer.geometry = [shapely.box(34.7, 80, 34.8, 80.1)] * 3
    assert faults(town, written(tmp_path, layer, ".parquet")).counts == {"elsewhere": 3}


def test_the_command_reports_json_and_faults_in_one_line(
    town: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENGXIN_DATABASE_URL", database_url)
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    path = str(written(tmp_path, buildings(), ".gpkg"))
    done = CliRunner().invoke(app, ["import", "buildings", path, "--city", "town", "--json"])
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["stored"] == 3
    again = CliRunner().invoke(app, ["import", "buildings", path, "--city", "town"])
    assert again.exit_code == 1
    assert "--replace" in again.stderr
    both = CliRunner().invoke(app, ["import", "buildings", path, "--city", "town", "--add", "--replace"])
    assert both.exit_code == 2
