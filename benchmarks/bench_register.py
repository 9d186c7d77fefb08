"""How long a notice takes to import, and how much memory; a row-by-row import measured beside ours."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from app.services.demo import FOLDER, NOTICE, ZHENGZHOU
from app.services.imports.register import import_register
from data import cities
from data.models import District, Investment, Project, ProjectDistrict, RegisterEntry, RegisterNotice
from data.session import Database

AREAS = ("North", "South", "East", "West", "North+South")
IMPORT = """
import json, re, sys, time
from pathlib import Path
from app.services.imports.register import import_register
from data.session import Database

url, path, notice = sys.argv[1:]
database = Database(url)
start = time.perf_counter()
report = import_register(database, Path(path), city="town", notice=notice, actor="bench")
seconds = time.perf_counter() - start
# Not ru_maxrss: that one counts the process from which this one was forked.
peak = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
print(json.dumps({"seconds": seconds, "peak_mb": peak, "rows": report.rows, "changed": report.changed}))
"""


def register_file(path: Path, rows: int, dearer: int = 0) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["序号", "项目编号", "项目名称", "项目总投资（亿元）", "区域", "板块"])
        for serial in range(rows):
            code = f"K2024{serial // 999 + 1:02d}{serial % 999 + 1:03d}"
            name = f"示范片区第{serial}号城市更新项目"
            amount = f"{(serial % 977) / 100 + dearer:.4f}"
            writer.writerow([serial + 1, code, name, amount, AREAS[serial % len(AREAS)], "城区"])
    return path


@pytest.fixture
def town(database: Database) -> Database:
    """A city with four districts and no project."""
    with database.writing("bench") as connection:
        values = {"slug": "town", "name_zh": "示范", "name_en": "Town", "metric_srid": 4547}
        city_id = cities.add_city(connection, values | {"code_pattern": ZHENGZHOU["code_pattern"]})
        rows = [{"code": name.lower(), "name_zh": name, "name_en": name} for name in AREAS[:4]]
        cities.add_districts(connection, city_id, rows)
    return database


def measured(url: str, path: Path, notice: str) -> dict[str, float]:
    command = [sys.executable, "-c", IMPORT, url, str(path), notice]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1])
    figures: dict[str, float] = json.loads(done.stdout)
    print(
        f"\n{path.name} as {notice}: " + ", ".join(f"{name} {value:.2f}" for name, value in figures.items())
    )
    return figures


def row_by_row(database: Database, path: Path) -> int:
    """Import as a loop would: one statement for each row of each table, in one transaction."""
    with path.open(encoding="utf-8") as file, database.writing("naive") as connection:
        city_id = cities.city_named(connection, "town")["id"]
        found = connection.execute(select(District.name_zh, District.id).where(District.city_id == city_id))
        districts = dict(found.all())
        header = {
            "number": "naive",
            "sequence": 9,
            "source_name": "x",
            "source_sha256": "x",
            "imported_by": "x",
        }
        notice = insert(RegisterNotice).values(city_id=city_id, **header).returning(RegisterNotice.id)
        notice_id = connection.scalar(notice)
        count = 0
        for sequence, code, name, printed, area, _ in list(csv.reader(file))[1:]:
            amount = Decimal(printed) * 10**8
            project = insert(Project).values(
                city_id=city_id, code=f"N{code}", name=name, total_investment=amount, code_year=int(code[1:5])
            )
            project_id = connection.scalar(project.returning(Project.id))
            parts = area.split("+")
            for part in parts:
                values = {"district_id": districts[part], "share": Decimal(1) / len(parts)}
                connection.execute(insert(ProjectDistrict).values(project_id=project_id, **values))
            entry = {"notice_id": notice_id, "name": name, "area": area, "section": "城区"}
            values = {"sequence": int(sequence), "amount": amount}
            connection.execute(insert(RegisterEntry).values(project_id=project_id, **entry, **values))
            money = {"source": "register", "kind": "planned", "amount": amount, "notice_id": notice_id}
            connection.execute(insert(Investment).values(project_id=project_id, **money))
            count += 1
    return count


def test_the_published_register_takes_less_than_a_second(database_url: str, zhengzhou_url: str) -> None:
    database = Database(zhengzhou_url)
    with database.writing("bench") as connection:
        for table in ("register_entry", "investment", "project_district", "project", "register_notice"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    start = time.perf_counter()
    report = import_register(
        database,
        FOLDER / "register_2025_45.csv",
        city="zhengzhou",
        notice=NOTICE,
        totals=FOLDER / "printed_totals.csv",
        new_list=FOLDER / "new_entries_2025_45.csv",
        actor="bench",
    )
    seconds = time.perf_counter() - start
    database.close()
    print(f"\n{report.rows} rows: {seconds:.3f} s")
    assert (report.rows, report.entered) == (276, 276)
    assert seconds < 1


def test_sixty_thousand_rows_take_15_seconds_and_400_mb(
    town: Database, database_url: str, tmp_path: Path
) -> None:
    first = measured(database_url, register_file(tmp_path / "first.csv", 60_000), "号1")
    same = measured(database_url, register_file(tmp_path / "first.csv", 60_000), "号2")
    dearer = measured(database_url, register_file(tmp_path / "dearer.csv", 60_000, dearer=1), "号3")
    assert [run["changed"] for run in (first, same, dearer)] == [0, 0, 60_000]
    for run in (first, same, dearer):
        assert run["seconds"] <= 15
        assert run["peak_mb"] < 400


def test_set_based_import_is_several_times_faster_than_row_by_row(town: Database, tmp_path: Path) -> None:
    path = register_file(tmp_path / "register.csv", 5_000)
    start = time.perf_counter()
    assert row_by_row(town, path) == 5_000
    naive = time.perf_counter() - start
    start = time.perf_counter()
    assert import_register(town, path, city="town", notice="号1", actor="bench").rows == 5_000
    ours = time.perf_counter() - start
    print(f"\n5,000 rows: ours {ours:.2f} s, row by row {naive:.2f} s, ratio {naive / ours:.1f}")
    assert naive / ours >= 3
