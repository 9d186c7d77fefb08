"""Indicators of a city: computed, judged and stored whole, the same whenever the inputs are the same."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from psycopg.errors import CheckViolation
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from typer.testing import CliRunner, Result

from app.cli import app
from app.services.indicators import catalogue as indicators
from app.services.indicators import runs as indicator_run
from app.services.indicators.runs import run
from data import indicators as queries
from data.errors import Conflict, InvalidInput, NotFound
from data.session import Database
from gis.catalogue import INDICATORS
from gis.errors import BadParameter, UnknownIndicator
from gis.parameters import Parameters
from tests.app import small_city

KILOMETRES = {
    ("population_density", "", ""): 1000.0,
    ("household_density", "", ""): 400.0,
    ("road_density", "", ""): 1.0,
    ("floor_area_ratio", "", ""): 20 * 20 * 6 / 1e6,
    ("building_coverage", "", ""): 0.04,
    ("mean_storeys", "", ""): 6.0,
    ("renewal_coverage", "", "area"): 5.0,
    ("projects_per_km2", "", ""): 4.0,
    ("investment_per_km2", "", ""): 1.2e9,
    ("zoning_coverage", "", ""): 100.0,
}


@pytest.fixture
def small(database: Database) -> Database:
    """A city of two districts of one square kilometre each."""
    small_city.build(database)
    return database


@pytest.fixture
def gengxin(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, small: Database
) -> Iterator[Callable[..., Result]]:
    """Run `gengxin indicators` on the small city, in English."""
    url = small.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    monkeypatch.setenv("GENGXIN_DATABASE_URL", url)
    monkeypatch.setenv("GENGXIN_HOME", str(tmp_path))
    return lambda *words: CliRunner().invoke(app, ["indicators", *map(str, words)])


def computed(database: Database, **options: object) -> pd.DataFrame:
    """Values of a run by indicator, subject, basis and unit."""
    report = run(database, "small", actor="test", **options)
    with database.reading() as connection:
        table = queries.values(connection, report.run)
    return table.set_index(["indicator", "subject", "basis", "unit_code"])


def count(database: Database, table: str) -> int:
    with database.reading() as connection:
        return int(connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


def change(database: Database, statement: str) -> None:
    with database.writing("test") as connection:
        connection.execute(text(statement))


def test_a_square_kilometre_has_the_figures_that_one_counts_by_hand(small: Database) -> None:
    table = computed(small)
    for key, expected in KILOMETRES.items():
        assert table.loc[(*key, "A"), "value"] == pytest.approx(expected, rel=1e-6), key
    road = table.loc["road_density", "", "", "A"]
    assert (road["numerator"], road["denominator"]) == (
        pytest.approx(1.0, rel=1e-6),
        pytest.approx(1.0, rel=1e-6),
    )
    assert (road["unit"], road["unit_name_zh"], road["unit_name_en"]) == ("km/km²", "甲区", "District A")


def test_values_are_judged_by_the_threshold_in_force(small: Database) -> None:
    small_city.ask_for_roads(small)
    run(small, "small", actor="test")
    found = indicators.show(small, "small", indicators=["road_density", "population_density"])
    by_unit = found.values.set_index(["indicator", "subject", "unit_code"])
    road = by_unit.loc["road_density", "", "A"]
    assert road["verdict"] == "fail"
    assert found.thresholds[road["threshold_id"]].own
    assert pd.isna(by_unit.loc["population_density", "", "A"]["verdict"])
    assert pd.isna(by_unit.loc["road_density", "arterial", "A"]["verdict"])


def test_areas_that_a_city_draws_are_judged_by_what_speaks_of_them(small: Database) -> None:
    drawn = {"main_city": (0, 0, 1000, 100), "built_up": (0, 0, 1000, 120), "cluster": (0, 0, 1000, 1000)}
    rows = [(kind, "NULL", box) for kind, box in drawn.items()]
    rows += [("county_town", "'桃源'", (0, 0, 500, 250)), ("county_town", "NULL", (0, 0, 1000, 1000))]
    drawn_as = (
        f"SELECT id, '{kind}', {name}, {small_city.shape(*box)} FROM city" for kind, name, box in rows
    )
    change(small, f"INSERT INTO constraint_area (city_id, kind, name, shape) {' UNION ALL '.join(drawn_as)}")
    run(small, "small", "area", actor="test")
    values = indicators.show(small, "small", "area").values
    values = values[values["subject"] == ""].set_index(["indicator", "unit_code"])
    verdicts = values["verdict"].dropna()
    assert verdicts["road_density"].to_dict() == {"main_city": "pass", "built_up": "pass"}
    # 500 residents on 0.125 km² are too few for a county town, as 1,000 on 1 km² are; a cluster may have few.
    towns = {"county_town:1": "fail", "county_town:2": "fail"}
    assert verdicts["population_density"].to_dict() == {**towns, "cluster:1": "pass"}
    assert verdicts["land_area"].to_dict() == {"cluster:1": "pass"}
    names = values.loc["land_area", "unit_name_zh"]
    assert names[list(towns)].tolist() == ["桃源", "县城建成区2"]


def test_a_renewal_unit_is_measured_and_told_by_its_name(small: Database) -> None:
    change(
        small,
        "INSERT INTO constraint_area (city_id, kind, code, name, shape) "
        f"SELECT id, 'renewal_unit', 'U1', '北园更新单元', {small_city.shape(0, 0, 500, 500)} FROM city",
    )
    run(small, "small", "renewal_unit", actor="test", indicators=["land_area", "constraint_share"])
    values = indicators.show(small, "small", "renewal_unit").values.set_index(["indicator", "subject"])
    assert values.loc[("land_area", ""), "value"] == pytest.approx(0.25, rel=1e-3)
    assert values.loc[("constraint_share", "renewal_unit"), "value"] == pytest.approx(100)
    assert set(values["unit_name_zh"]) == {"北园更新单元"}


def test_a_city_without_renewal_units_says_how_to_bring_them(small: Database) -> None:
    with pytest.raises(Conflict, match="renewal_unit"):
        run(small, "small", "renewal_unit", actor="test")


def test_what_is_not_supplied_is_named_and_has_no_value(small: Database) -> None:
    change(small, "UPDATE building SET floors = NULL")
    table = computed(small)
    lacking = table.loc["floor_area_ratio", "", "", "A"]
    assert np.isnan(lacking["value"])
    assert lacking["missing"] == "buildings.floor_area | buildings.floors"
    assert table.loc["permeable_ratio", "", "", "A"]["missing"] == "permeable"
    assert (table["value"].isna() | table["missing"].isna()).all()
    assert table.loc[table["value"].isna(), "verdict"].isna().all()


def test_zhengzhou_gets_what_its_money_and_boundaries_give(zhengzhou: Database) -> None:
    report = run(zhengzhou, "zhengzhou", actor="test")
    assert report.units_count == 15
    assert set(report.missing) >= {"districts.geometry", "streets", "buildings", "facilities"}
    money = indicators.show(zhengzhou, "zhengzhou", indicators=["investment_per_km2"]).values
    known = money[money["value"].notna()]
    assert len(known) == 12
    assert set(money.loc[money["value"].isna(), "missing"]) == {"districts.geometry"}
    with zhengzhou.reading() as connection:
        expected = connection.execute(text(
            "SELECT d.code, sum(p.total_investment * s.share)::float8 AS money FROM district d "
            "JOIN project_district s ON s.district_id = d.id JOIN project p ON p.id = s.project_id GROUP BY 1"
        ))  # fmt: skip
        sums = dict(expected.all())
    np.testing.assert_allclose(known["numerator"], [sums[code] for code in known["unit_code"]])
    with pytest.raises(Conflict, match="no project with a boundary"):
        run(zhengzhou, "zhengzhou", "project", actor="test")


def test_the_same_inputs_give_the_same_bytes_and_the_report_says_so(small: Database) -> None:
    first = run(small, "small", actor="test")
    again = run(small, "small", actor="somebody else")
    assert first.identical_to is None
    assert (again.identical_to, again.values_hash) == (first.run, first.values_hash)
    with small.reading() as connection:
        differ = connection.scalar(text(
            "SELECT count(*) FROM (SELECT indicator, subject, basis, unit_code, float8send(value), "
            "float8send(numerator), float8send(denominator), unit, verdict, missing FROM indicator_value "
            "WHERE run_id = :a EXCEPT SELECT indicator, subject, basis, unit_code, float8send(value), "
            "float8send(numerator), float8send(denominator), unit, verdict, missing FROM indicator_value "
            "WHERE run_id = :b) d"), {"a": first.run, "b": again.run},
        )  # fmt: skip
    assert differ == 0
    change(small, "UPDATE building SET floors = 7")
    third = run(small, "small", actor="test")
    assert third.identical_to is None
    assert third.inputs_hash != first.inputs_hash


def test_another_speed_is_another_question(small: Database) -> None:
    first = run(small, "small", actor="test")
    slow = run(small, "small", actor="test", parameters=Parameters(walking_speed=40.0))
    assert (slow.inputs_hash, slow.identical_to) == (first.inputs_hash, None)
    (newest, oldest) = indicators.runs(small, "small")
    assert (newest["parameters"]["walking_speed"], oldest["parameters"]["walking_speed"]) == (40.0, 60.0)


def test_an_interrupted_run_goes_on_where_it_stopped(small: Database, tmp_path: Path) -> None:
    def stops(done: int, _total: int, _code: str) -> None:
        if done == 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(small, "small", actor="test", home=tmp_path, report=stops)
    assert count(small, "indicator_run") == count(small, "indicator_value") == 0
    assert len(list(tmp_path.rglob("*.parquet"))) == 10
    damaged = sorted(tmp_path.rglob("*.parquet"))[0]
    damaged.write_bytes(b"half")
    resumed = run(small, "small", actor="test", home=tmp_path)
    assert resumed.resumed == 9
    assert list(tmp_path.rglob("*.parquet")) == []
    whole = run(small, "small", actor="test")
    assert whole.values_hash == resumed.values_hash


def test_parts_of_other_inputs_are_never_used(small: Database, tmp_path: Path) -> None:
    def stops(done: int, _total: int, _code: str) -> None:
        if done == 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(small, "small", actor="test", home=tmp_path, report=stops)
    change(small, "UPDATE population_cell SET population = 2000")
    fresh = run(small, "small", actor="test", home=tmp_path)
    assert fresh.resumed == 0
    shown = indicators.show(small, "small", indicators=["population_density"]).values
    assert shown.set_index("unit_code").loc["A", "value"] == pytest.approx(2000.0, rel=1e-6)


def test_a_run_is_stored_whole_or_not_at_all(small: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    judged = indicator_run._judged
    monkeypatch.setattr(indicator_run, "_judged", lambda *given: judged(*given).assign(verdict="splendid"))
    with pytest.raises(CheckViolation, match="ck_indicator_value_verdict"):
        run(small, "small", actor="test")
    assert [count(small, f"indicator_{name}") for name in ("run", "unit", "value")] == [0, 0, 0]


@pytest.mark.parametrize(("units", "side", "expected"), [
    ("district", None, ["A", "B"]),
    ("zone", None, ["Z1", "Z2"]),
    ("project", None, ["K1", "K2", "K3", "K4"]),
])  # fmt: skip
def test_units_are_the_features_of_the_city(
    small: Database, units: str, side: float | None, expected: list[str]
) -> None:
    report = run(small, "small", units, actor="test", side=side, indicators=["building_coverage"])
    found = indicators.newest(small, "small", units, "building_coverage")[1]
    assert found["unit_code"].tolist() == expected
    assert report.units_count == len(expected)
    assert found.geometry.notna().all()
    assert found.crs.to_epsg() == 4326


@pytest.mark.parametrize(
    ("units", "side", "area"), [("grid", 250, 250**2), ("hexagon", 100, 1.5 * 3**0.5 * 1e4)]
)
def test_cells_of_a_grid_cover_the_districts(small: Database, units: str, side: float, area: float) -> None:
    run(small, "small", units, actor="test", side=side, indicators=["population_density"])
    found = indicators.newest(small, "small", units, "population_density", side=side)[1]
    metres = found.to_crs(small_city.SRID)
    np.testing.assert_allclose(metres.area, area, rtol=1e-6)
    assert found["numerator"].sum() == pytest.approx(1000.0, rel=1e-6)
    with pytest.raises(NotFound, match=f"--units {units} --side {side + 1}"):
        indicators.newest(small, "small", units, "population_density", side=side + 1)


def test_only_cells_have_a_side(small: Database, gengxin: Callable[..., Result]) -> None:
    with pytest.raises(InvalidInput, match="«district» have no side"):
        run(small, "small", "district", actor="test", side=500)
    run(small, "small", "district", actor="test", indicators=["building_coverage"])
    with pytest.raises(InvalidInput, match="grid, hexagon"):
        indicators.show(small, "small", "district", side=500)
    assert gengxin("show", "--city", "small", "--side", "500").exit_code == 2


def test_codes_that_are_missing_or_repeated_still_name_one_unit(small: Database) -> None:
    change(small, "UPDATE zoning SET code = NULL WHERE code = 'Z1'")
    change(small, "UPDATE zoning SET code = 'Z2', valid_to = NULL WHERE code = 'Z0'")
    run(small, "small", "zone", actor="test", indicators=["building_coverage"])
    found = indicators.newest(small, "small", "zone", "building_coverage")[1]
    assert found["unit_code"].tolist() == ["zone#1", "Z2#2", "Z2#3"]


@pytest.mark.parametrize(("options", "error", "says"), [
    ({"units": "moon"}, InvalidInput, "moon"),
    ({"indicators": ["happiness"]}, UnknownIndicator, "happiness"),
    ({"units": "grid", "side": -1.0}, BadParameter, "above zero"),
    ({"units": "grid", "side": 1.0}, InvalidInput, "cells; 200000 is the most"),
])  # fmt: skip
def test_a_question_that_cannot_be_answered_stores_nothing(
    small: Database, options: dict[str, object], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        run(small, "small", actor="test", **options)
    assert count(small, "indicator_run") == 0


def test_values_go_with_their_city(small: Database) -> None:
    run(small, "small", actor="test", indicators=["building_coverage"])
    with small.writing("test") as connection:
        for table in ("project_district", "investment", "project", "city"):
            connection.execute(text(f"DELETE FROM {table}"))
    assert [count(small, f"indicator_{name}") for name in ("run", "unit", "value")] == [0, 0, 0]


def test_a_run_is_audited_and_raises_the_version_of_the_layer(small: Database) -> None:
    version = "SELECT version FROM layer_version WHERE layer = 'indicators'"
    with small.reading() as connection:
        before = connection.scalar(text(version))
    run(small, "small", actor="李雷", indicators=["building_coverage"])
    with small.reading() as connection:
        assert connection.scalar(text(version)) > before
        logged = connection.scalar(text("SELECT actor FROM audit_log WHERE table_name = 'indicator_run'"))
    assert logged == "李雷"


def test_the_catalogue_on_the_command_line_is_the_catalogue(gengxin: Callable[..., Result]) -> None:
    done = gengxin("list", "--json")
    assert done.exit_code == 0
    cards = json.loads(done.stdout)
    assert [card["code"] for card in cards] == list(INDICATORS)
    assert all(
        card["name_zh"] and card["name_en"] and card["formula_zh"] and card["inputs"] for card in cards
    )
    assert gengxin("list").exit_code == 0


def test_run_and_show_on_the_command_line(gengxin: Callable[..., Result], small: Database) -> None:
    small_city.ask_for_roads(small)
    done = gengxin("run", "--city", "small", "--indicator", "road_density", "--speed", 80, "--json")
    assert done.exit_code == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["units_count"], report["verdicts"]) == (2, {"fail": 2})
    again = gengxin("run", "--city", "small", "--indicator", "road_density", "--speed", 80)
    assert f"those of run {report['run']}, byte for byte" in again.stderr
    shown = json.loads(gengxin("show", "--city", "small", "--indicator", "road_density", "--json").stdout)
    assert shown["run"]["parameters"]["walking_speed"] == 80
    values = {(row["unit_code"], row["subject"]): row for row in shown["values"]}
    assert values["A", ""]["value"] == pytest.approx(1.0, rel=1e-6)
    assert values["A", ""]["verdict"] == "fail"
    assert "甲区" in gengxin("show", "--city", "small").stdout


def test_a_table_shows_a_dash_for_what_is_not_supplied(
    gengxin: Callable[..., Result], small: Database
) -> None:
    change(small, "UPDATE building SET floors = NULL WHERE id = (SELECT min(id) FROM building)")
    assert gengxin("run", "--city", "small", "--indicator", "floor_area_ratio").exit_code == 0
    lines = gengxin("show", "--city", "small", "--indicator", "floor_area_ratio").stdout.splitlines()
    values = [line.split() for line in lines if "floor_area_ratio" in line]
    assert len(values) == 2
    assert "nan" not in " ".join(lines)
    assert any("-" in value and "buildings.floor_area" in value for value in values)


def test_missing_inputs_are_named_on_the_command_line(gengxin: Callable[..., Result]) -> None:
    done = gengxin("run", "--city", "small", "--indicator", "permeable_ratio")
    assert done.exit_code == 0
    assert "not supplied: permeable (2 values)" in done.stderr


@pytest.mark.parametrize(("words", "code"), [
    (("run", "--city", "nowhere"), 1),
    (("run", "--city", "small", "--units", "moon"), 2),
    (("run", "--city", "small", "--indicator", "happiness"), 2),
    (("run", "--city", "small", "--speed", "0"), 2),
    (("run",), 2),
    (("show", "--city", "small"), 1),
    (("show", "--city", "small", "--units", "moon"), 2),
    (("thresholds",), 2),
    (("thresholds", "--city", "nowhere"), 1),
])  # fmt: skip
def test_exit_codes(gengxin: Callable[..., Result], words: tuple[str, ...], code: int) -> None:
    done = gengxin(*words)
    assert done.exit_code == code
    assert done.stdout == ""
    assert done.stderr.startswith("gengxin: ")
    assert len(done.stderr.splitlines()) == 1


def test_thresholds_on_the_command_line(gengxin: Callable[..., Result], tmp_path: Path) -> None:
    listed = json.loads(gengxin("thresholds", "--city", "small", "--json").stdout)
    assert {one["threshold"]["document_no"] for one in listed} >= {"中发〔2016〕6号", "建标〔2022〕53号"}
    own = tmp_path / "own.csv"
    own.write_text(
        "indicator,operator,low,unit,document,scope\nroad_density,>=,0.5,km/km²,本市标准,city\n",
        encoding="utf-8",
    )
    assert gengxin("thresholds", "import", own, "--city", "small").exit_code == 0
    assert "本市标准" in gengxin("thresholds", "--city", "small").stdout
    done = json.loads(gengxin("run", "--city", "small", "--indicator", "road_density", "--json").stdout)
    assert done["verdicts"] == {"fail": 1, "pass": 1}
    own.write_text(own.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    emptied = gengxin("thresholds", "import", own, "--city", "small")
    assert "does not hold are withdrawn: 1" in emptied.stderr
    assert "本市标准" not in gengxin("thresholds", "--city", "small").stdout


def test_a_run_says_what_it_holds_without_counting_its_values(small: Database) -> None:
    change(small, "UPDATE district SET boundary = NULL WHERE code = 'B'")
    report = run(small, "small", actor="test")
    held = indicators.held(small, report.run).set_index(["indicator", "subject", "basis"])
    table = indicators.show(small, "small").values
    known = table.groupby(["indicator", "subject", "basis"])["value"].count()
    assert held["known"].to_dict() == known.to_dict()
    assert held.loc["permeable_ratio", "", ""].tolist()[1:] == [0, "permeable"]
    assert held.loc["road_density", "", ""].tolist() == ["km/km²", 1, "districts.geometry"]


def test_a_value_without_its_run_is_refused(small: Database) -> None:
    with pytest.raises(IntegrityError) as refused:
        change(
            small,
            "INSERT INTO indicator_value (run_id, indicator, unit_code, unit) VALUES (99, 'x', 'A', '')",
        )
    assert refused.value.orig.diag.constraint_name == "fk_indicator_value_run_id"


def test_the_areas_of_a_city_are_different_polygons(demo_city: Database) -> None:
    wanted = ["road_density", "service_coverage", "green_ratio"]
    run(demo_city, "demo-city", "area", actor="test", indicators=wanted)
    shown = indicators.show(demo_city, "demo-city", "area")
    rows = shown.values
    roads = rows[(rows["indicator"] == "road_density") & (rows["subject"] == "")].set_index("unit_code")
    one_each = ["city", "built_up", "central_city", "main_city", "old_city"]
    assert list(roads.index) == [*one_each, "county_town:1", "cluster:1", "cluster:2"]
    assert roads["denominator"].is_unique
    judged = {
        code: shown.thresholds[int(one)].threshold.scope
        for code, one in roads["threshold_id"].dropna().items()
    }
    assert judged == {"built_up": "built_up", "main_city": "main_city"}
    stops = rows[(rows["subject"] == "bus_stop") & (rows["basis"] == "population")].set_index("unit_code")
    assert stops.index[stops["threshold_id"].notna()].tolist() == ["central_city"]


def test_a_catchment_is_its_project_with_the_streets_around(demo_city: Database) -> None:
    for units in ("project", "catchment"):
        run(demo_city, "demo-city", units, actor="test", indicators=["population_density"])
    project, catchment = (
        indicators.show(demo_city, "demo-city", units).values.set_index("unit_code")
        for units in ("project", "catchment")
    )
    assert (catchment["denominator"] > project["denominator"]).all()
    assert (catchment["numerator"] >= project["numerator"] - 1e-6).all()
    assert catchment["verdict"].isna().all()


def test_a_catchment_needs_streets(zhengzhou: Database) -> None:
    with pytest.raises(Conflict, match="boundary"):
        run(zhengzhou, "zhengzhou", "catchment", actor="test")
