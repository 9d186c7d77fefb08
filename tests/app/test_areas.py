"""A city's areas from a table: zones without a polygon, and the names that a register prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.services.city_setup import add_city
from app.services.imports.areas import import_areas
from app.services.imports.register import import_register
from app.services.register.summary import summary
from data import cities
from data.errors import DistrictsInvalid, InvalidInput
from data.session import Database

AREAS = """code,name_zh,name_en,aliases,kind,section
a1,东回族区,East Hui District,东区,district,市区
z1,高新区,High-tech Zone,,functional_zone,各开发区
"""
REGISTER = """项目编号,项目名称,项目总投资（亿元）,区域
K202501001,一号项目,1.5,东区
K202501002,二号项目,2.5,高新区
"""


@pytest.fixture
def town(database: Database) -> Database:
    add_city(database, "town", name_zh="示范", name_en="Town", metric_srid=4547, actor="test")
    return database


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "areas.csv"
    path.write_text(text, encoding=encoding)
    return path


def stored(database: Database) -> list[tuple[str, str, list[str], str, str]]:
    with database.reading() as connection:
        city_id = cities.city_named(connection, "town")["id"]
        rows = cities.districts_of(connection, city_id)
    return [(r["code"], r["name_zh"], r["aliases"], r["kind"], r["section"]) for r in rows]


EXPECTED = [
    ("a1", "东回族区", ["东区"], "district", "市区"),
    ("z1", "高新区", [], "functional_zone", "各开发区"),
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_areas_are_added_and_a_register_finds_them(town: Database, tmp_path: Path, encoding: str) -> None:
    report = import_areas(town, written(tmp_path, AREAS, encoding), city="town", actor="test")
    assert (report.rows, report.added, report.changed) == (2, 2, 0)
    assert stored(town) == EXPECTED
    register = tmp_path / "register.csv"
    register.write_text(REGISTER, encoding="utf-8")
    import_register(town, register, city="town", notice="一号", actor="test")
    assert {line.label: line.rows for line in summary(town, "town").areas} == {"东区": 1, "高新区": 1}


def test_a_second_import_changes_only_what_differs(town: Database, tmp_path: Path) -> None:
    import_areas(town, written(tmp_path, AREAS), city="town", actor="test")
    changed = AREAS.replace("东区,district", "东区 老东区,district")
    report = import_areas(town, written(tmp_path, changed), city="town", actor="test")
    assert (report.added, report.changed) == (0, 1)
    assert stored(town)[0][2] == ["东区", "老东区"]


def test_a_dry_run_writes_nothing(town: Database, tmp_path: Path) -> None:
    report = import_areas(town, written(tmp_path, AREAS), city="town", actor="test", dry_run=True)
    assert report.added == 2
    assert stored(town) == []


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (",无编号,No Code,,,", "code"),
        ("a1,又一个,Again,,,", "code"),
        ("b1,东回族区,Again,,,", "name_zh"),
        ("b1,西区,,,,", "name_en"),
        ("b1,西区,West,,village,", "kind"),
    ],
)
def test_a_faulty_row_is_named_and_nothing_is_written(
    town: Database, tmp_path: Path, line: str, field: str
) -> None:
    with pytest.raises(DistrictsInvalid) as refused:
        import_areas(town, written(tmp_path, AREAS + line + "\n"), city="town", actor="test")
    assert [(row.row, row.field) for row in refused.value.rows] == [(4, field)]
    assert stored(town) == []


def test_missing_columns_are_named(town: Database, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="name_en"):
        import_areas(town, written(tmp_path, "code,name_zh\na,甲\n"), city="town", actor="test")
