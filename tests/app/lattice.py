"""A lattice town in PostGIS, 1 km by 1 km in blocks of 100 m: ways on foot are known without a search."""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping, text

from app.services import cities
from data.session import Database
from tests.app.small_city import SRID, point, run, shape

BLOCK, BLOCKS = 100, 10
FACILITIES = {
    "corner shop": ("convenience_store", (100, 100)),
    "far shop": ("convenience_store", (900, 900)),
    "school on a street": ("primary_school", (350, 500)),
    "clinic off a street": ("health_station", (550, 520)),
    "lost": ("hospital", (5000, 5000)),
}
PARK = (600, 100, 700, 200)
PROJECT = (410, 410, 490, 490)
EMPTY_PROJECT = (610, 610, 690, 690)
PEOPLE, HOUSEHOLDS, FLOORS = 1000.0, 400.0, 5


def build(database: Database, *, streets: bool = True, facilities: bool = True) -> RowMapping:
    """Build the town and return it."""
    with database.writing("builder") as connection:
        city = connection.scalar(
            text(
                "INSERT INTO city (slug, name_zh, name_en, metric_srid, synthetic) "
                "VALUES ('lattice', '格网镇', 'Lattice', :srid, true) RETURNING id"
            ),
            {"srid": SRID},
        )
        _land(connection, int(city or 0))
        if streets:
            _streets(connection, int(city or 0))
        if facilities:
            _facilities(connection, int(city or 0))
    return cities.choose(database, "lattice")


def _streets(connection: Connection, city: int) -> None:
    ends = [
        pair
        for i in range(BLOCKS + 1)
        for j in range(BLOCKS)
        for pair in (((j, i), (j + 1, i)), ((i, j), (i, j + 1)))
    ]
    rows = ", ".join(
        f"({city}, 'local', 'S{n}', '{a}', '{b}', {BLOCK}, "
        f"ST_MakeLine({point(*(BLOCK * k for k in a))}, {point(*(BLOCK * k for k in b))}))"
        for n, (a, b) in enumerate(ends)
    )
    run(
        connection,
        "INSERT INTO street_edge (city_id, street_class, code, from_node, to_node, length, shape) "
        f"VALUES {rows}",
    )


def _facilities(connection: Connection, city: int) -> None:
    rows = [
        f"({city}, '{category}', '{name}', {point(*place)})" for name, (category, place) in FACILITIES.items()
    ]
    rows.append(f"({city}, 'park', 'park', {shape(*PARK)})")
    run(connection, f"INSERT INTO facility (city_id, category, name, shape) VALUES {', '.join(rows)}")


def _land(connection: Connection, city: int) -> None:
    run(
        connection,
        f"""INSERT INTO district (city_id, code, name_zh, name_en, aliases, kind, section, position, boundary)
        VALUES ({city}, 'A', '甲区', 'District A', '{{}}', 'district', '', 1, {shape(0, 0, 1000, 1000)})""",
        f"""INSERT INTO building (city_id, code, floors, use, shape)
        VALUES ({city}, 'B1', {FLOORS}, 'residential', {shape(420, 420, 440, 440)})""",
        f"""INSERT INTO population_cell (city_id, code, population, households, year, shape)
        VALUES ({city}, 'Q1', {PEOPLE}, {HOUSEHOLDS}, 2024, {shape(400, 400, 500, 500)})""",
        f"""INSERT INTO project (city_id, code, name, boundary, boundary_status)
        VALUES ({city}, 'K1', 'Project K1', {shape(*PROJECT)}, 'surveyed'),
            ({city}, 'K2', 'Project K2', {shape(*EMPTY_PROJECT)}, 'surveyed'),
            ({city}, 'K9', 'Project K9', NULL, 'pending')""",
        f"""INSERT INTO project_district (project_id, district_id, share)
        SELECT p.id, d.id, 1 FROM project p, district d WHERE p.city_id = {city} AND d.city_id = {city}""",
        f"""INSERT INTO project_figure (project_id, figure, baseline, planned)
        SELECT id, f.figure, f.baseline, f.planned FROM project, (VALUES ('site_area', 6400, 6400),
            ('floor_area', 2000, 3200), ('population', NULL, 64)) AS f(figure, baseline, planned)
        WHERE city_id = {city} AND project.code = 'K1'""",
    )
