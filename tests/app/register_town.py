"""A small invented city for tests of the register."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import text

from app.services.imports.register import ImportReport, import_register
from data import cities
from data.session import Database

HEADER = "项目编号,项目名称,项目总投资（亿元）,区域,板块"
PATTERN = r"^K(?P<year>\d{4})(?P<batch>\d{2})(?P<serial>\d{3})$"


def found_town(database: Database, slug: str = "town", pattern: str | None = PATTERN) -> None:
    """Add a city with the districts 东区 (East), 西区 (West; also 老西区) and 北区 (North)."""
    with database.writing("test") as connection:
        values = {
            "slug": slug,
            "name_zh": "镇",
            "name_en": "Town",
            "metric_srid": 4547,
            "code_pattern": pattern,
        }
        city_id = cities.add_city(connection, values)
        named = (("e", "东区", "East", []), ("w", "西区", "West", ["老西区"]), ("n", "北区", "North", []))
        rows = [
            {"code": code, "name_zh": zh, "name_en": en, "aliases": aliases, "position": place}
            for place, (code, zh, en, aliases) in enumerate(named)
        ]
        cities.add_districts(connection, city_id, rows)


def written(folder: Path, *rows: str, header: str = HEADER, name: str = "register.csv") -> Path:
    """Write a register of rows such as ``K202501001,旧厂,1.5,东区,城区``."""
    path = folder / name
    path.write_text("\n".join([header, *rows]), encoding="utf-8")
    return path


def imported(database: Database, path: Path, number: str = "镇〔2025〕1号", **options: Any) -> ImportReport:
    """Import a register into the town as 李雷."""
    return import_register(database, path, **({"city": "town", "notice": number, "actor": "李雷"} | options))


def asked(database: Database, query: str, **values: object) -> list[tuple[Any, ...]]:
    """Ask the database something."""
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(text(query), values)]


def contents(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Everything stored, to see that nothing changed."""
    tables = (
        "project",
        "project_district",
        "register_notice",
        "register_entry",
        "register_total",
        "investment",
        "audit_log",
    )
    return {table: asked(database, f"SELECT t::text FROM {table} t ORDER BY t.id") for table in tables}
