"""Thresholds: what documents print, judged to the last digit, kept as they were."""

from __future__ import annotations

import csv
import datetime as dt
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.services.indicators import thresholds as service
from app.services.indicators.thresholds import in_force
from data.cities import city_named
from data.errors import EmptyFile, InvalidInput, RowsInvalid
from data.session import Database
from data.thresholds import (
    Threshold,
    holds,
    judge,
    judge_all,
    read_thresholds,
    severity,
    shipped,
    store,
    stricter,
)
from data.thresholds.reading import SHIPPED
from gis.catalogue import INDICATORS

TODAY = dt.date(2026, 1, 1)
FIELDS = (
    "indicator",
    "operator",
    "low",
    "high",
    "unit",
    "document",
    "scope",
    "strength",
    "valid_from",
    "valid_to",
    "subject",
    "year",
    "modal",
)


def threshold(
    operator: str, low: float | None = None, high: float | None = None, **more: object
) -> Threshold:
    plain = Threshold("road_density", "national", "built_up", operator, low, high, "km/km²", "binding", "文")
    return replace(plain, **more)


def table(folder: Path, *rows: dict[str, object]) -> Path:
    path = folder / "own.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        writer.writeheader()
        writer.writerows(rows)
    return path


def a_row(**values: object) -> dict[str, object]:
    return {
        "indicator": "road_density",
        "operator": ">=",
        "low": 9,
        "unit": "km/km²",
        "document": "本市标准",
    } | values


def named(indicator: str, document_no: str) -> Threshold:
    return next(one for one in shipped() if (one.indicator, one.document_no) == (indicator, document_no))


@pytest.mark.parametrize(("operator", "value", "expected"), [
    (">=", 8.0, True), (">=", 7.999, False), (">", 8.0, False), (">", 8.0001, True),
    ("<=", 8.0, True), ("<=", 8.001, False), ("<", 8.0, False), ("<", 7.9999, True),
    ("=", 8.0, True), ("=", 8.1, False),
])  # fmt: skip
def test_bounds_are_exact(operator: str, value: float, expected: bool) -> None:
    bound = {"low": 8.0} if operator in {">=", ">"} else {"high": 8.0}
    if operator == "=":
        bound = {"low": 8.0, "high": 8.0}
    assert judge(value, threshold(operator, **bound)) == ("pass" if expected else "fail")


def test_eight_kilometres_meet_the_aim_of_2016_and_miss_that_of_2022() -> None:
    assert judge(8.0, named("road_density", "中发〔2016〕6号")) == "pass"
    assert judge(8.0, named("road_density", "建标〔2022〕53号")) == "fail"
    assert judge(8.01, named("road_density", "建标〔2022〕53号")) == "pass"


@pytest.mark.parametrize(("value", "expected"), [
    (5999.0, "fail"), (6000.0, "pass"), (8000.0, "pass"), (10_000.0, "pass"), (10_001.0, "fail"),
])  # fmt: skip
def test_bands_include_both_ends(value: float, expected: str) -> None:
    assert judge(value, named("population_density", "建村〔2021〕45号")) == expected


def test_the_noise_of_float_sums_does_not_turn_a_verdict() -> None:
    all_covered = float(np.nextafter(100.0, 0.0))
    assert judge(all_covered, named("service_coverage", "中发〔2016〕6号")) == "pass"
    assert judge(8.0 + 1e-14, threshold(">", 8.0)) == "fail"
    assert judge(99.9, named("service_coverage", "中发〔2016〕6号")) == "fail"


@pytest.mark.parametrize(("modal", "strength", "expected"), [
    ("", "binding", "fail"), ("", "expected", "warn"), ("", "aspirational", "info"),
    ("不得", "expected", "fail"), ("应", "aspirational", "fail"), ("必须", "binding", "fail"),
    ("原则上", "binding", "warn"), ("一般不得", "binding", "warn"),
    ("力争", "binding", "info"), ("鼓励", "binding", "info"), ("a word nobody knows", "expected", "warn"),
])  # fmt: skip
def test_the_wording_sets_the_severity(modal: str, strength: str, expected: str) -> None:
    one = threshold(">=", 8.0, modal=modal, strength=strength)
    assert severity(one) == judge(1.0, one) == expected
    assert judge(9.0, one) == "pass"


def test_what_is_not_supplied_is_not_judged() -> None:
    one = threshold(">=", 8.0)
    assert judge(None, one) is None
    assert judge(float("nan"), one) is None
    assert judge_all([9.0, np.nan, 7.0], one).tolist() == ["pass", None, "fail"]
    assert judge(float("inf"), threshold("<=", high=500.0)) == "fail"


def test_a_mistaken_value_is_never_judged_otherwise_alone_than_among_others() -> None:
    values = np.random.default_rng(1).uniform(0, 20_000, 500)
    for one in shipped():
        assert judge_all(values, one).tolist() == [judge(value, one) for value in values]


@pytest.mark.parametrize(("own", "base", "expected"), [
    (threshold(">=", 9.0), threshold(">=", 8.0), True),
    (threshold(">=", 8.0), threshold(">=", 8.0), True),
    (threshold(">=", 7.0), threshold(">=", 8.0), False),
    (threshold(">", 8.0), threshold(">=", 8.0), True),
    (threshold(">=", 8.0), threshold(">", 8.0), False),
    (threshold(">=", 8.1), threshold(">", 8.0), True),
    (threshold("<=", high=9.0), threshold("<=", high=10.0), True),
    (threshold("<=", high=11.0), threshold("<=", high=10.0), False),
    (threshold(">=", 6.0), threshold("between", 6.0, 8.0), False),
    (threshold("between", 6.5, 7.5), threshold("between", 6.0, 8.0), True),
    (threshold("=", 7.0, 7.0), threshold("between", 6.0, 8.0), True),
    (threshold(">=", 9.0, strength="aspirational"), threshold(">=", 8.0), False),
])  # fmt: skip
def test_stricter_allows_no_value_that_the_other_forbids(
    own: Threshold, base: Threshold, expected: bool
) -> None:
    assert stricter(own, base) is expected
    if expected:
        values = np.linspace(0, 20, 2001)
        assert not (holds(values, own) & ~holds(values, base)).any()


def test_every_shipped_threshold_judges_an_indicator_in_its_unit_and_names_its_document() -> None:
    for one in shipped():
        assert one.unit == INDICATORS[one.indicator].unit, one
        assert one.document, one
        assert one.clause, one
        assert (
            bool(one.subject) == bool(INDICATORS[one.indicator].subjects) or one.indicator == "road_density"
        )
    assert len({one.digest() for one in shipped()}) == len(shipped()) >= 29


def test_the_shipped_file_cites_documents_and_no_place_in_a_copy_of_them() -> None:
    content = SHIPPED.read_text(encoding="utf-8")
    assert not re.search(r"\bL\d{3,}|\bline|行号|\.txt|\.csv|\.md", content)


def test_sources_that_disagree_both_stay() -> None:
    permeable = {(one.jurisdiction, one.low) for one in shipped() if one.indicator == "permeable_ratio"}
    assert permeable == {("national", 45.0), ("福建省", 45.0), ("河北省", 40.0)}


@pytest.mark.parametrize(("row", "field", "said"), [
    (a_row(operator="=>"), "operator", "among the codes"),
    (a_row(low="eight"), "low", "not a number"),
    (a_row(low="nan"), "low", "not a number"),
    (a_row(low=""), "low", "takes: low"),
    (a_row(operator="between", low=8, high=6), "low", "above high"),
    (a_row(high=10), "high", "takes: low"),
    (a_row(document=""), "document", "missing"),
    (a_row(valid_from="2022-13-01"), "valid_from", "not a date"),
    (a_row(scope="moon"), "scope", "among the codes"),
    (a_row(valid_from="2026-12-01", valid_to="2020-01-01"), "valid_to", "not after valid_from"),
    (a_row(valid_from="2026-12-01", valid_to="20261201"), "valid_to", "not after valid_from"),
    (a_row(year="99999999999"), "year", "not a year"),
    (a_row(year="0"), "year", "not a year"),
    (a_row(modal="perhaps"), "modal", "among the codes"),
    (a_row(), "indicator", "that of row 2"),
    (a_row(low="9.0"), "indicator", "that of row 2"),
])  # fmt: skip
def test_a_row_that_cannot_be_used_is_named(
    tmp_path: Path, row: dict[str, object], field: str, said: str
) -> None:
    with pytest.raises(RowsInvalid, match=said) as refused:
        read_thresholds(table(tmp_path, a_row(), row))
    assert {(fault.row, fault.field) for fault in refused.value.rows} == {(3, field)}


def test_a_table_without_its_columns_or_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("name,value\nroad,8\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="indicator, operator"):
        read_thresholds(path)
    path.write_text("", encoding="utf-8")
    with pytest.raises(EmptyFile):
        read_thresholds(path)


def test_thresholds_are_stored_once_and_withdrawn_but_kept(database: Database) -> None:
    service.ensure(database)
    service.ensure(database)
    with database.writing("test") as connection:
        assert connection.scalar(text("SELECT count(*) FROM threshold")) == len(shipped())
        connection.execute(text("UPDATE threshold SET digest = 'old' WHERE indicator = 'green_ratio'"))
        assert not store.is_current(connection)
    service.ensure(database)
    with database.reading() as connection:
        rows = connection.execute(
            text(
                "SELECT digest, withdrawn_at IS NULL FROM threshold "
                "WHERE indicator = 'green_ratio' ORDER BY id"
            )
        ).all()
    assert [current for _, current in rows] == [False, True]


@pytest.mark.parametrize(("columns", "constraint"), [
    ("'>=', NULL, 8, 'city', 'binding'", "ck_threshold_bounds"),
    ("'between', 8, 6, 'city', 'binding'", "ck_threshold_bounds"),
    ("'~', 8, NULL, 'city', 'binding'", "ck_threshold_operator"),
    ("'>=', 8, NULL, 'moon', 'binding'", "ck_threshold_scope"),
    ("'>=', 8, NULL, 'city', 'perhaps'", "ck_threshold_strength"),
])  # fmt: skip
def test_the_table_refuses_a_threshold_that_cannot_judge(
    database: Database, columns: str, constraint: str
) -> None:
    with pytest.raises(IntegrityError) as refused, database.writing("test") as connection:
        connection.execute(text(
            "INSERT INTO threshold (digest, indicator, jurisdiction, unit, document, operator, low, high, "
            f"scope, strength) VALUES ('x', 'road_density', 'national', '', 'd', {columns})"
        ))  # fmt: skip
    assert refused.value.orig.diag.constraint_name in {constraint, "ck_threshold_bounds"}


def test_a_city_gets_those_of_the_nation_and_its_province_only(zhengzhou: Database) -> None:
    found = service.thresholds(zhengzhou, "zhengzhou")
    assert {one.threshold.jurisdiction for one in found} == {"national"}
    with zhengzhou.writing("test") as connection:
        connection.execute(text("UPDATE district SET code = '34' || right(code, 4) WHERE length(code) = 6"))
    found = service.thresholds(zhengzhou, "zhengzhou")
    assert {one.threshold.jurisdiction for one in found} == {"national", "安徽省"}


def test_the_newest_document_is_in_force_and_only_for_its_ground(zhengzhou: Database) -> None:
    found = service.thresholds(zhengzhou, "zhengzhou")
    main_city = in_force(found, "area", TODAY, "郑州市", "main_city")
    assert main_city["road_density", ""].threshold.document_no == "建标〔2022〕53号"
    built_up = in_force(found, "area", TODAY, "郑州市", "built_up")
    assert built_up["road_density", ""].threshold.document_no == "中发〔2016〕6号"
    cluster = in_force(found, "area", TODAY, "郑州市", "cluster:2")
    assert {key[0] for key in cluster} == {"population_density", "land_area"}
    town = in_force(found, "area", TODAY, "郑州市", "county_town:1")
    assert {key[0] for key in town} == {"population_density", "construction_land_ratio"}
    assert in_force(found, "grid", TODAY, "郑州市")["population_density", ""].threshold.high == 15_000
    assert set(in_force(found, "project", TODAY, "郑州市")) >= {("demolition_share", "")}
    assert ("road_density", "") not in in_force(found, "area", dt.date(2022, 1, 1), "郑州市", "main_city")


def test_a_district_is_judged_by_what_is_asked_of_cities_alone(zhengzhou: Database) -> None:
    found = service.thresholds(zhengzhou, "zhengzhou")
    assert {one.threshold.scope for one in in_force(found, "district", TODAY, "郑州市").values()} == {"city"}
    beside = service.for_reference(found, "district", TODAY, "郑州市")
    assert beside["road_density", ""].threshold.scope == "main_city"
    assert beside["green_ratio", ""].threshold.scope == "built_up"
    assert not service.for_reference(found, "grid", TODAY, "郑州市")


def test_a_citys_own_threshold_goes_first_and_can_be_taken_back(zhengzhou: Database, tmp_path: Path) -> None:
    own = table(tmp_path, a_row(low=7, scope="city"))
    report = service.import_own(zhengzhou, own, city="zhengzhou", actor="test", dry_run=True)
    assert (report.stored, report.dry_run) == (1, True)
    assert not any(one.own for one in service.thresholds(zhengzhou, "zhengzhou"))
    service.import_own(zhengzhou, own, city="zhengzhou", actor="test")
    chosen = in_force(service.thresholds(zhengzhou, "zhengzhou"), "district", TODAY, "郑州市")
    assert chosen["road_density", ""].own
    assert chosen["road_density", ""].threshold.low == 7
    again = service.import_own(zhengzhou, own, city="zhengzhou", actor="test")
    assert (again.stored, again.withdrawn) == (1, 0)
    emptied = service.import_own(zhengzhou, table(tmp_path), city="zhengzhou", actor="test")
    assert (emptied.stored, emptied.withdrawn) == (0, 1)
    assert not any(one.own for one in service.thresholds(zhengzhou, "zhengzhou"))


def test_own_thresholds_may_only_be_stricter_where_the_source_says_so(
    zhengzhou: Database, tmp_path: Path
) -> None:
    plain = a_row(indicator="construction_land_ratio", operator="between", unit="", scope="county_town")
    service.import_own(
        zhengzhou, table(tmp_path, plain | {"low": 0.65, "high": 0.75}), city="zhengzhou", actor="test"
    )
    with pytest.raises(RowsInvalid, match=r"laxer than 0\.6 – 0\.8 of 建村〔2021〕45号") as refused:
        service.import_own(
            zhengzhou, table(tmp_path, plain | {"low": 0.5, "high": 0.8}), city="zhengzhou", actor="test"
        )
    assert [fault.row for fault in refused.value.rows] == [2]
    held = [one.threshold.low for one in service.thresholds(zhengzhou, "zhengzhou") if one.own]
    assert held == [0.65]


@pytest.mark.parametrize(("row", "said"), [
    (a_row(indicator="happiness"), "no such indicator"), (a_row(unit="m"), "another unit"),
    (a_row(subject="motorway"), r"no such class.*arterial"),
    (a_row(indicator="green_ratio", unit="%", subject="park"), "no such class.*Leave it empty"),
    (a_row(indicator="service_coverage", unit="%", subject="temple"), "no such class.*kindergarten"),
    (a_row(indicator="service_coverage", unit="%"), "missing.*kindergarten"),
    (a_row(indicator="constraint_share", unit="%", subject="moon"), "no such class"),
    (a_row(indicator="hazardous_buildings", unit="%", subject="B"), "no such class.*CD"),
    (a_row(indicator="old_buildings", unit="%", subject="before_1850"), "no such class.*before_1980"),
])  # fmt: skip
def test_own_thresholds_speak_of_indicators_that_exist_in_their_unit(
    zhengzhou: Database, tmp_path: Path, row: dict[str, object], said: str
) -> None:
    with pytest.raises(RowsInvalid, match=said):
        service.import_own(zhengzhou, table(tmp_path, row), city="zhengzhou", actor="test")


def test_a_class_is_judged_by_its_own_threshold(zhengzhou: Database, tmp_path: Path) -> None:
    rows = [
        a_row(subject="arterial", scope="city", valid_from="2020-01-01", valid_to="9999-12-31", year="2030")
    ]
    rows += [a_row(indicator="hazardous_buildings", unit="%", subject="CD", operator="<=", low="", high=1)]
    report = service.import_own(zhengzhou, table(tmp_path, *rows), city="zhengzhou", actor="test")
    assert (report.stored, report.withdrawn) == (2, 0)
    chosen = in_force(service.thresholds(zhengzhou, "zhengzhou"), "district", TODAY, "郑州市")
    assert chosen["road_density", "arterial"].threshold.year == 2030
    assert chosen["hazardous_buildings", "CD"].own


def test_thresholds_go_with_their_city(zhengzhou: Database, tmp_path: Path) -> None:
    service.import_own(zhengzhou, table(tmp_path, a_row()), city="zhengzhou", actor="test")
    with zhengzhou.writing("test") as connection:
        city_named(connection, "zhengzhou")
        for table_name in (
            "project_district",
            "register_total",
            "register_entry",
            "investment",
            "project",
            "city",
        ):
            connection.execute(text(f"DELETE FROM {table_name}"))
        assert connection.scalar(text("SELECT count(*) FROM threshold WHERE city_id IS NOT NULL")) == 0
