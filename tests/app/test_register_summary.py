"""The register adds up to what the notice prints (郑建文〔2025〕45号, domain notes section 4.4)."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from app.plain import plain
from app.services.demo import NOTICE
from app.services.register.summary import serial_gaps, summary
from data.errors import NotFound
from data.session import Database
from tests.app.register_town import HEADER, found_town, imported, written

PRINTED = {
    "中原区+二七区+金水区": (1, "388", "388", 0),
    "中原区": (25, "947.99", "947.991028", 3),
    "二七区": (20, "602.55", "602.553", 2),
    "金水区": (23, "780.79", "780.787", 1),
    "管城区": (36, "1547.65", "1547.6505", 1),
    "惠济区": (17, "481.36", "481.36", 1),
    "经开区": (9, "63.33", "63.332", 1),
    "高新区": (20, "904.44", "904.4378", 4),
    "郑东新区": (22, "668.77", "668.77", 1),
    "荥阳市": (14, "288.35", "288.3487", 2),
    "巩义市": (22, "482.74", "482.7351", 2),
    "新密市": (19, "137.30", "137.304", 1),
    "新郑市": (19, "168.01", "168.007", 2),
    "上街区": (8, "27.85", "27.85", 0),
    "中牟县": (13, "359.40", "359.4008", 1),
    "登封市": (8, "46.92", "46.9221", 1),
    "市内五区": (122, "4748.34", "4748.341528", 8),
    "各开发区": (51, "1636.54", "1636.5398", 6),
    "各区县（市）": (103, "1510.57", "1510.5677", 9),
    "郑州市": (276, "7895.45", "7895.449028", 23),
}
"""Label: rows, printed total, sum of the rows (亿元), new entries."""


def test_all_twenty_printed_totals_reconcile_within_0_005_yi(zhengzhou: Database) -> None:
    found = summary(zhengzhou, "zhengzhou")
    lines = {line.label: line for line in (*found.areas, *found.sections, found.city_total)}
    assert list(lines) == list(PRINTED)
    for label, (rows, printed, total, new) in PRINTED.items():
        line = lines[label]
        assert (line.rows, line.printed, line.sum, line.new) == (rows, Decimal(printed), Decimal(total), new)
        assert line.difference == Decimal(total) - Decimal(printed)
        assert abs(line.difference) <= Decimal("0.005")
        assert line.amounts_missing == 0


def test_the_city_in_one_line(zhengzhou: Database) -> None:
    found = summary(zhengzhou, "zhengzhou", NOTICE)
    assert (found.projects, found.total) == (276, Decimal("7895.449028"))
    assert found.reconciled is True
    assert found.largest_difference == Decimal("0.0049")
    assert found.areas[0].label_en == "Zhongyuan District + Erqi District + Jinshui District"
    assert found.areas[4].label_en == "Guancheng Hui District"


def test_json_has_exact_numbers(zhengzhou: Database) -> None:
    found = plain(summary(zhengzhou, "zhengzhou"))
    assert found["total"] == 7895.449028
    assert found["areas"][0]["sum"] == 388
    assert found["sections"][0]["difference"] == 0.001528
    assert {"city", "notice", "areas", "sections", "city_total", "reconciled"} <= set(found)


def test_61_serial_numbers_are_missing(zhengzhou: Database) -> None:
    found = serial_gaps(zhengzhou, "zhengzhou")
    assert found.missing == 61
    assert found.by_year == {2022: 16, 2023: 40, 2024: 5, 2025: 0}
    codes = [code for gap in found.gaps for code in gap.codes]
    assert len(codes) == len(set(codes)) == 61
    assert codes[:3] == ["K202201002", "K202201003", "K202201004"]


def test_a_total_that_does_not_add_up_is_told(database: Database, tmp_path: Path) -> None:
    found_town(database)
    header = f"{HEADER},区域总投资（亿元）"
    imported(
        database, written(tmp_path, "K202501001,a,1.5,东区,,1.4", "K202501005,b,/,东区,,", header=header)
    )
    found = summary(database, "town")
    assert found.reconciled is False
    assert found.largest_difference == Decimal("0.1")
    assert (found.areas[0].rows, found.areas[0].amounts_missing, found.sections) == (2, 1, ())
    assert [gap.codes for gap in serial_gaps(database, "town").gaps] == [
        ("K202501002", "K202501003", "K202501004")
    ]


def test_unknown_amounts_have_no_sum_and_nothing_printed_reconciles_nothing(
    database: Database, tmp_path: Path
) -> None:
    found_town(database)
    imported(database, written(tmp_path, "K202501001,a,/,东区,城区"))
    found = summary(database, "town")
    assert (found.total, found.areas[0].sum, found.reconciled, found.largest_difference) == (None,) * 4


def test_a_huge_gap_is_told_without_writing_out_each_code(database: Database, tmp_path: Path) -> None:
    found_town(database, pattern=r"^K(?P<year>\d{4})(?P<batch>\d{2})(?P<serial>\d{9})$")
    imported(database, written(tmp_path, "K202501999999999,a,1,东区,城区"))
    found = serial_gaps(database, "town")
    assert found.missing == 999_999_998
    assert (found.gaps[0].first, found.gaps[0].last, len(found.gaps[0].codes)) == (1, 999_999_998, 1000)


def test_what_is_not_there_is_named(zhengzhou: Database) -> None:
    with pytest.raises(NotFound, match="no city «nowhere»"):
        summary(zhengzhou, "nowhere")
    with pytest.raises(NotFound, match="Choose one of: 郑建文"):
        summary(zhengzhou, "zhengzhou", "1号")
    found_town(zhengzhou)
    with pytest.raises(NotFound, match="No notice"):
        summary(zhengzhou, "town")
