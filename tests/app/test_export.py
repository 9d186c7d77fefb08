"""Exports: the filtered list row for row, numbers as numbers, and no text that runs as a formula."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import text

from app.i18n import use_language
from app.services.exports.projects import content_disposition, plan_export, write_export
from app.services.exports.sheets import INVISIBLE, Head, WorkbookFile, safe_text, write_csv
from app.services.filters import filter_from_query
from app.services.projects.listing import page, sort_from_query
from data.errors import InvalidInput, NotFound, UnsupportedFormat
from data.projects import YI
from data.session import Database

FILTERS: list[dict[str, str]] = [
    {},
    {"q": "城市更新 金水", "sort": "amount.desc"},
    {"district": "410105,410104", "year": "2023,2024", "sort": "name.asc"},
    {"band": "<1,>=100", "sort": "batch.desc"},
    {"entered": "1"},
    {"cross": "1"},
    {"min": "10", "max": "12.5", "sort": "district.desc"},
    {"q": "no such project"},
]


def read_csv(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def read_xlsx(path: Path) -> list[dict[str, Any]]:
    heads, *rows = openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)
    return [dict(zip(map(str, heads), row, strict=True)) for row in rows]


def listed(database: Database, params: Mapping[str, str]) -> list[Any]:
    with database.reading() as connection:
        city = connection.scalar(text("SELECT id FROM city WHERE slug = 'zhengzhou'"))
    return page(database, city, filter_from_query(params), sort_from_query(params), range(500)).rows


def test_units_stand_in_the_brackets_of_the_language(zhengzhou: Database, tmp_path: Path) -> None:
    write_export(zhengzhou, "zhengzhou", tmp_path / "zh.csv", {"q": "no such project"}, "zh_CN")
    head = (tmp_path / "zh.csv").read_text(encoding="utf-8-sig")
    assert "总投资（亿元）" in head
    assert "(" not in head


@pytest.mark.parametrize("params", FILTERS, ids=lambda params: "&".join(params) or "all")
def test_an_export_is_the_filtered_list_row_for_row(
    zhengzhou: Database, tmp_path: Path, params: dict[str, str]
) -> None:
    expected = listed(zhengzhou, params)
    for name, read in (("list.csv", read_csv), ("list.xlsx", read_xlsx)):
        count = write_export(zhengzhou, "zhengzhou", tmp_path / name, params, "en")
        rows = read(tmp_path / name)
        assert [row["Code"] for row in rows] == [row["code"] for row in expected]
        assert [row["Project name"] for row in rows] == [row["name"] for row in expected]
        amounts = [Decimal(str(row["Total investment in full (CNY)"])) for row in rows]
        assert amounts == [row["amount"] for row in expected]
        assert count == len(expected)


def test_totals_work_and_reconcile_with_the_published_figure(zhengzhou: Database, tmp_path: Path) -> None:
    write_export(zhengzhou, "zhengzhou", tmp_path / "all.xlsx", {}, "en")
    amounts = [row["Total investment (CNY 100 M)"] for row in read_xlsx(tmp_path / "all.xlsx")]
    assert all(isinstance(amount, int | float) for amount in amounts)
    assert sum(amounts) == pytest.approx(7895.45, abs=0.005)


def test_csv_starts_with_a_byte_order_mark_and_excel_makes_no_date_of_a_band(
    zhengzhou: Database, tmp_path: Path
) -> None:
    write_export(zhengzhou, "zhengzhou", tmp_path / "all.csv", {}, "en")
    assert (tmp_path / "all.csv").read_bytes().startswith(b"\xef\xbb\xbfCode,Project name")
    bands = {row["Size band (CNY 100 M)"] for row in read_csv(tmp_path / "all.csv")}
    assert bands <= {"<1", "1–5", "5–10", "10–50", "50–100", "≥100"}


def test_unknown_is_an_empty_cell_and_the_definitions_say_so(zhengzhou: Database, tmp_path: Path) -> None:
    with zhengzhou.writing("test") as connection:
        connection.execute(text("UPDATE project SET total_investment = NULL WHERE code = 'K202201006'"))
    write_export(zhengzhou, "zhengzhou", tmp_path / "a.csv", {"q": "K202201006"}, "en")
    write_export(zhengzhou, "zhengzhou", tmp_path / "a.xlsx", {"q": "K202201006"}, "en")
    assert read_csv(tmp_path / "a.csv")[0]["Total investment (CNY 100 M)"] == ""
    assert read_xlsx(tmp_path / "a.xlsx")[0]["Total investment (CNY 100 M)"] is None
    words = definitions(tmp_path / "a.xlsx")
    assert words["Empty cells"][1] == "not supplied by the source; never zero"
    assert words["Total investment"][4] == "not supplied by the notice"


def definitions(path: Path) -> dict[str, tuple[Any, ...]]:
    sheet = openpyxl.load_workbook(path).worksheets[1]
    return {str(row[0]): row for row in sheet.iter_rows(values_only=True)}


def test_definitions_say_filters_notice_sum_and_every_column(zhengzhou: Database, tmp_path: Path) -> None:
    params = {"district": "410105", "band": "50-100", "min": "60", "entered": "0", "sort": "amount.desc"}
    write_export(zhengzhou, "zhengzhou", tmp_path / "a.xlsx", params, "en")
    words, rows = definitions(tmp_path / "a.xlsx"), read_xlsx(tmp_path / "a.xlsx")
    assert "district: Jinshui" in words["Filters"][1]
    assert "size, CNY 100 M: 50-100; at least, CNY 100 M: 60" in words["Filters"][1]
    assert words["Order"][1] == "Total investment, descending"
    assert words["Source notice"][1] == "郑建文〔2025〕45号"
    assert words["Projects"][1] == len(rows) > 0
    assert words["Sum, CNY 100 M"][1] == pytest.approx(
        sum(row["Total investment (CNY 100 M)"] for row in rows)
    )
    assert "cnmaps" in words["Source and licence"][1]
    for heading in rows[0]:
        assert words[heading.split(" (")[0]][1]


def test_the_data_sheet_is_made_to_be_worked_with(zhengzhou: Database, tmp_path: Path) -> None:
    write_export(zhengzhou, "zhengzhou", tmp_path / "a.xlsx", {}, "en")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    assert sheet.freeze_panes == "C2"
    assert sheet.auto_filter.ref == "A1:P277"
    assert sheet["F2"].number_format == "#,##0.00"
    assert sheet.column_dimensions["B"].width > 40


def test_a_synthetic_city_says_so_in_name_rows_and_definitions(zhengzhou: Database, tmp_path: Path) -> None:
    with zhengzhou.writing("test") as connection:
        connection.execute(text("UPDATE city SET synthetic = true"))
    use_language("en")
    header = content_disposition(plan_export(zhengzhou, "zhengzhou", {}), "csv")
    assert 'filename="zhengzhou-synthetic-projects-' in header
    assert "SYNTHETIC" in header
    for name, read in (("a.csv", read_csv), ("a.xlsx", read_xlsx)):
        write_export(zhengzhou, "zhengzhou", tmp_path / name, {}, "en")
        assert {row["Data"] for row in read(tmp_path / name)} == {
            "Synthetic: invented for demonstration, not real projects"
        }
    assert definitions(tmp_path / "a.xlsx")["Nature of the data"][1].startswith("Synthetic")


def test_file_names_are_chinese_and_safe(zhengzhou: Database) -> None:
    with zhengzhou.writing("test") as connection:
        connection.execute(text("UPDATE register_notice SET number = '郑/建\\文\"45'"))
    use_language("zh_CN")
    header = content_disposition(plan_export(zhengzhou, "zhengzhou", {}), "xlsx")
    plain, _sep, encoded = header.partition("; filename*=UTF-8''")
    assert plain.isascii()
    name = unquote(encoded)
    assert name.startswith("郑州市_")
    assert name.endswith(".xlsx")
    assert not set(name) & set('/\\"\r\n')


@pytest.mark.parametrize(
    "params", [{"year": "abc"}, {"band": "small"}, {"min": "x"}, {"boundary": "?"}, {"sort": "id"}]
)
def test_wrong_input_leaves_no_file(zhengzhou: Database, tmp_path: Path, params: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        write_export(zhengzhou, "zhengzhou", tmp_path / "a.csv", params)
    assert list(tmp_path.iterdir()) == []


def test_unknown_format_and_city_are_named(zhengzhou: Database, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedFormat, match="pdf"):
        write_export(zhengzhou, "zhengzhou", tmp_path / "a.pdf", {})
    with pytest.raises(NotFound, match="atlantis"):
        write_export(zhengzhou, "atlantis", tmp_path / "a.csv", {})


HOSTILE = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1",
    "\n=1",
    "\ufeff=1+1",
    "  =1+1",
    "\u3000=cmd|' /C calc'!A0",
    "＝1+1",
    "＋1",
    "－1＋1",
    "＠x",
    "\u200b=1",
    "﹣1+1",
    "-",
    "=",
]
HARMLESS = [
    "-5",
    "-5.25",
    "+7",
    "-1,234.50",
    "-1e-5",
    "3.14",
    "金水河",
    "K202201001",
    "a=b",
    "1-5",
    "",
    "'x",
    "−5 °C",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_a_formula_becomes_text(value: str) -> None:
    assert safe_text(value) == f"'{value}"


@pytest.mark.parametrize("value", HARMLESS)
def test_numbers_and_plain_text_stay(value: str) -> None:
    assert safe_text(value) == value


@given(
    st.text(
        alphabet=st.sampled_from([*"=+-@＝＋－＠'0123456789.,eE \t\r\n\u3000\ufeff\u200b金ab"]), max_size=12
    )
)
@example("--5")
@example("-5\n=1")
def test_no_exported_text_starts_a_formula(value: str) -> None:
    written = safe_text(value)
    visible = unicodedata.normalize("NFKC", written.lstrip(INVISIBLE)[:1])
    if visible in {"=", "+", "-", "@"} and visible:
        assert Decimal(written.replace(",", "")) is not None
    assert written.lstrip("'") == value.lstrip("'")
    assert not written.startswith(("\t", "\r", "\n"))


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2))
def test_numbers_are_written_as_numbers_even_when_negative(amount: Decimal) -> None:
    file = io.BytesIO()
    write_csv(file, [Head("a")], [[amount], [str(amount)]])
    assert file.getvalue().decode("utf-8-sig").split() == ["a", f"{amount:f}", str(amount)]


def test_workbook_text_is_never_a_formula_and_numbers_stay_negative() -> None:
    file = io.BytesIO()
    book = WorkbookFile(file, "test")
    book.table("t", [Head("=x"), Head("n")], [(value, Decimal("-1.5")) for value in HOSTILE])
    book.close()
    sheet = openpyxl.load_workbook(file).worksheets[0]
    for row in sheet.iter_rows(min_row=2):
        assert row[0].data_type == "s"
        assert str(row[0].value).startswith("'")
        assert (row[1].data_type, row[1].value) == ("n", -1.5)
    assert sheet["A1"].value == "'=x"


def test_hostile_names_in_the_library_are_disarmed(zhengzhou: Database, tmp_path: Path) -> None:
    hostile = '=HYPERLINK("http://evil","x")'
    with zhengzhou.writing("test") as connection:
        connection.execute(
            text("UPDATE project SET name = :name WHERE code = 'K202201005'"), {"name": hostile}
        )
    write_export(zhengzhou, "zhengzhou", tmp_path / "a.csv", {"q": "K202201005"}, "en")
    assert read_csv(tmp_path / "a.csv")[0]["Project name"] == f"'{hostile}"


def test_exact_yuan_survive_as_yi(zhengzhou: Database, tmp_path: Path) -> None:
    with zhengzhou.writing("test") as connection:
        connection.execute(
            text("UPDATE project SET total_investment = 123456789.01 WHERE code = 'K202201005'")
        )
    write_export(zhengzhou, "zhengzhou", tmp_path / "a.csv", {"q": "K202201005"}, "en")
    row = read_csv(tmp_path / "a.csv")[0]
    assert Decimal(row["Total investment (CNY 100 M)"]) * YI == Decimal("123456789.01")
    assert row["Total investment in full (CNY)"] == "123456789.01"
