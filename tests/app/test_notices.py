"""What each notice did to the library, and which serial numbers are missing."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import RowMapping, text

from app.services import cities
from app.services.demo import NOTICE
from app.services.imports.register import import_register, set_exit_reason
from app.services.register import notices
from app.services.register.diff import diff
from data.projects import YI
from data.session import Database

LATER = "郑建文〔2026〕7号"
LEFT = ["K202201011", "K202202001"]


@pytest.fixture
def city(zhengzhou: Database) -> RowMapping:
    return cities.choose(zhengzhou, "zhengzhou")


@pytest.fixture
def later(zhengzhou: Database, tmp_path: Path) -> Database:
    write_later(zhengzhou, tmp_path / "later.csv")
    return zhengzhou


def write_later(database: Database, path: Path) -> None:
    """Import a second notice: two left, one entered, one changed its name and one its amount."""
    query = """
        SELECT p.code, e.name, e.amount / 100000000 AS amount, e.area, e.section
        FROM register_entry e JOIN project p ON p.id = e.project_id ORDER BY e.sequence
    """
    with database.reading() as connection:
        rows = [dict(row) for row in connection.execute(text(query)).mappings() if row["code"] not in LEFT]
    rows[1]["name"] += "（二期）"
    rows[2]["amount"] += 1
    rows.append({**rows[-1], "code": "K202504001", "name": "新入库项目", "amount": None})
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["项目编号", "项目名称", "项目总投资（亿元）", "区域", "板块"])
        writer.writerows(["/" if value is None else value for value in row.values()] for row in rows)
    import_register(database, path, city="zhengzhou", notice=LATER, actor="王工")


def test_first_notice_enters_its_printed_list(zhengzhou: Database, city: RowMapping) -> None:
    (first,) = notices.history(zhengzhou, city["id"])
    assert (first["number"], first["published_on"], first["rows"]) == (NOTICE, None, 276)
    assert (first["entered"], first["entered_sum"] / YI) == (23, Decimal("88.4079"))
    assert (first["exited"], first["exited_sum"], first["changed"]) == (0, None, 0)
    assert (first["sum"] / YI, first["amounts_missing"]) == (Decimal("7895.449028"), 0)


def test_later_notice_is_compared_with_the_one_before(later: Database, city: RowMapping) -> None:
    newest, first = notices.history(later, city["id"])
    assert (newest["number"], first["number"]) == (LATER, NOTICE)
    assert (newest["rows"], newest["entered"], newest["exited"], newest["changed"]) == (275, 1, 2, 2)
    assert (newest["entered_sum"], newest["amounts_missing"]) == (None, 1)
    assert newest["imported_by"] == "王工"
    assert first["entered"] == 23


def test_history_counts_what_the_diff_lists(later: Database, city: RowMapping) -> None:
    newest = notices.history(later, city["id"])[0]
    found = diff(later, "zhengzhou")
    assert newest["entered"] == len(found.entered)
    assert newest["exited_sum"] / YI == found.exited_total
    assert newest["changed"] == len(found.changed)
    assert sorted(gone.code for gone in found.exited) == LEFT


def test_missing_serials_are_the_published_61(zhengzhou: Database, city: RowMapping) -> None:
    batches = notices.batches(zhengzhou, city)
    by_year = {year: sum(b.missing for b in batches if b.year == year) for year in (2022, 2023, 2024, 2025)}
    assert by_year == {2022: 16, 2023: 40, 2024: 5, 2025: 0}
    assert sum(batch.printed for batch in batches) == 276
    first = batches[0]
    assert (first.label, first.printed, first.highest, first.missing) == ("202201", 10, 15, 5)
    assert first.codes == ("K202201002", "K202201003", "K202201004", "K202201009", "K202201010")
    assert first.serials == {2, 3, 4, 9, 10}
    assert not first.left


def test_missing_serial_that_left_is_told_from_one_never_seen(later: Database, city: RowMapping) -> None:
    batches = {batch.label: batch for batch in notices.batches(later, city)}
    assert batches["202201"].left == {"K202201011"}
    assert batches["202201"].missing == 6
    assert batches["202202"].left == {"K202202001"}


def test_reason_for_leaving_is_stored_with_its_writer(later: Database) -> None:
    assert {gone.reason for gone in diff(later, "zhengzhou").exited} == {None}
    set_exit_reason(later, "zhengzhou", LEFT[0], "并入相邻项目", actor="李工")
    assert {gone.code: gone.reason for gone in diff(later, "zhengzhou").exited}[LEFT[0]] == "并入相邻项目"
    with later.reading() as connection:
        query = (
            "SELECT actor FROM audit_log WHERE table_name = 'project' AND after ->> 'exit_reason' IS NOT NULL"
        )
        assert connection.scalars(text(query)).all() == ["李工"]


def test_city_without_notice_has_no_history(database: Database) -> None:
    assert notices.history(database, 1) == []
