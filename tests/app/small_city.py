"""A small city in whole metres, so that areas and distances are known without computing them."""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping, text

from app.services import cities
from data.cities import city_named
from data.session import Database
from data.thresholds import Threshold
from data.thresholds.store import replace_own

SRID = 4547
EAST, NORTH = 500_000, 3_840_000
PROJECTS = {
    "K1": (100, 100, 300, 300),
    "K2": (120, 120, 140, 140),
    "K3": (450, 100, 500, 200),
    "K4": (550, 100, 600, 200),
}


def build(database: Database) -> RowMapping:
    """Build the city and return it."""
    with database.writing("builder") as connection:
        city = connection.scalar(
            text(
                "INSERT INTO city (slug, name_zh, name_en, metric_srid, synthetic) "
                "VALUES ('small', '小城', 'Small City', :srid, true) RETURNING id"
            ),
            {"srid": SRID},
        )
        _land(connection, int(city or 0))
        _projects(connection, int(city or 0))
    return cities.choose(database, "small")


def shape(west: float, south: float, east: float, north: float) -> str:
    """Write a rectangle, in metres from the city's corner, as an SQL expression in EPSG:4326."""
    box = f"{EAST + west}, {NORTH + south}, {EAST + east}, {NORTH + north}, {SRID}"
    return f"ST_Multi(ST_Transform(ST_MakeEnvelope({box}), 4326))"


def point(east: float, north: float) -> str:
    """Write a point, in metres from the city's corner, as an SQL expression in EPSG:4326."""
    return f"ST_Transform(ST_SetSRID(ST_MakePoint({EAST + east}, {NORTH + north}), {SRID}), 4326)"


def lon_lat(database: Database, east: float, north: float) -> tuple[float, float]:
    """Return a point, in metres from the city's corner, in degrees."""
    with database.reading() as connection:
        row = connection.execute(
            text(f"SELECT ST_X(p) AS lon, ST_Y(p) AS lat FROM {point(east, north)} p")
        ).one()
    return row.lon, row.lat


def ask_for_roads(database: Database, city: str = "small") -> None:
    """The city asks for 8 km of streets per km², in its districts too."""
    own = Threshold("road_density", "本市", "city", ">=", 8.0, None, "km/km²", "binding", "本市标准")
    with database.writing("test") as connection:
        replace_own(connection, city_named(connection, city), [own])


def run(connection: Connection, *statements: str) -> None:
    for statement in statements:
        connection.execute(text(statement.replace(":", "\\:")))


def _land(connection: Connection, city: int) -> None:
    line = f"ST_MakeLine({point(0, 50)}, {point(1000, 50)})"
    run(
        connection,
        f"""INSERT INTO district (city_id, code, name_zh, name_en, aliases, kind, section, position, boundary)
        VALUES ({city}, 'A', '甲区', 'District A', '{{}}', 'district', '', 1, {shape(0, 0, 1000, 1000)}),
            ({city}, 'B', '乙区', 'District B', '{{}}', 'district', '', 2, {shape(1000, 0, 2000, 1000)})""",
        f"""INSERT INTO zoning (city_id, code, land_use, floor_area_ratio, building_coverage, height_limit,
            green_ratio, valid_to, shape)
        VALUES ({city}, 'Z1', '0701', 2.5, 0.25, 80, 0.35, NULL, {shape(0, 0, 200, 1000)}),
            ({city}, 'Z2', '0901', 4, NULL, 100, NULL, NULL, {shape(200, 0, 1000, 1000)}),
            ({city}, 'Z0', '1001', 1, NULL, NULL, NULL, '2000-01-01', {shape(0, 0, 500, 1000)})""",
        f"""INSERT INTO constraint_area (city_id, code, kind, name, shape)
        VALUES ({city}, 'C1', 'historic_block', '老街', {shape(100, 100, 200, 200)}),
            ({city}, 'C2', 'old_city', NULL, {shape(0, 0, 1000, 1000)})""",
        f"""INSERT INTO parcel (city_id, code, land_use, address, floor_area, shape)
        VALUES ({city}, 'P1', '0701', '一号', 12000, {shape(100, 100, 200, 200)})""",
        f"""INSERT INTO building (city_id, code, floors, height, year_built, use, structure, hazard_grade,
            disposition, households, shape)
        VALUES ({city}, 'B1', 6, 18, 1986, 'residential', NULL, 'C', 'alter', 36,
            {shape(110, 110, 130, 130)})""",
        f"""INSERT INTO facility (city_id, code, category, name, capacity, shape)
        VALUES ({city}, 'F1', 'kindergarten', '花园', 270, {point(150, 150)}),
            ({city}, 'F2', 'park', NULL, NULL, {shape(400, 400, 450, 450)})""",
        f"""INSERT INTO street_edge (city_id, code, street_class, name, from_node, to_node, length, shape)
        VALUES ({city}, 'S1', 'arterial', '大道', '1', '2', 1000, {line})""",
        f"""INSERT INTO population_cell (city_id, code, population, households, year, shape)
        VALUES ({city}, 'Q1', 1000, 400, 2024, {shape(0, 0, 500, 500)})""",
        f"""INSERT INTO problem (city_id, code, title, title_en, dimension, severity, found_on, shape)
        VALUES ({city}, 'T1', '缺少停车位', 'Too few parking spaces', 'community', 'high', '2024-05-01',
            {point(120, 120)})""",
    )


def _projects(connection: Connection, city: int) -> None:
    for code, box in PROJECTS.items():
        run(
            connection,
            f"""INSERT INTO project (city_id, code, name, total_investment, boundary, boundary_status)
            VALUES ({city}, '{code}', 'Project {code}', 300000000, {shape(*box)}, 'surveyed')""",
            f"""INSERT INTO project_district (project_id, district_id, share)
            SELECT p.id, d.id, 1 FROM project p, district d WHERE p.code = '{code}' AND d.code = 'A'""",
        )
    of_k1 = "SELECT id FROM project WHERE code = 'K1'"
    run(
        connection,
        """UPDATE project SET project_type = 'old_community', renewal_mode = 'upgrade',
            implementing_entity = '城投公司', lead_department = '住建局', planned_start = '2024-03-01',
            planned_end = '2026-12-31' WHERE code IN ('K1', 'K3')""",
        f"INSERT INTO document (project_id, kind, title, number, issued_on, url) "
        f"VALUES (({of_k1}), 'scheme', '方案', '〔2024〕1号', '2024-02-01', 'https://example.org/a')",
        *[
            f"INSERT INTO stage_event (project_id, stage, on_date) VALUES (({of_k1}), '{stage}', '{day}')"
            for stage, day in (
                ("library", "2023-01-10"),
                ("scheme", "2024-02-01"),
                ("construction", "2024-06-01"),
            )
        ],
        "INSERT INTO stage_event (project_id, stage, on_date) "
        "SELECT id, 'library', '2024-01-01' FROM project WHERE code = 'K3'",
        f"""INSERT INTO milestone (project_id, name, stage, planned_on, reached_on) VALUES
            (({of_k1}), '方案批复', 'scheme', '2024-01-15', '2024-02-01'),
            (({of_k1}), '开工', 'construction', '2024-06-30', '2024-06-01'),
            (({of_k1}), '竣工', 'completed', '2025-01-31', NULL),
            (({of_k1}), '移交', 'operation', '2099-01-31', NULL),
            (({of_k1}), '居民大会', NULL, '2023-05-01', '2023-05-01')""",
        f"""INSERT INTO investment (project_id, year, source, kind, amount) VALUES
            (({of_k1}), NULL, 'register', 'planned', 300000000),
            (({of_k1}), 2024, 'local_budget', 'planned', 100000000),
            (({of_k1}), 2024, 'local_budget', 'allocated', 90000000),
            (({of_k1}), 2024, 'local_budget', 'paid', 60000000),
            (({of_k1}), 2024, 'special_bond', 'planned', 150000000),
            (({of_k1}), 2025, 'special_bond', 'planned', 50000000)""",
        f"""INSERT INTO progress_snapshot (project_id, month_end, reported, certified) VALUES
            (({of_k1}), '2024-06-30', 0.05, 0.04), (({of_k1}), '2024-07-31', 0.15, 0.10),
            (({of_k1}), '2024-08-31', 0.30, NULL)""",
        f"""INSERT INTO project_figure (project_id, figure, baseline, planned) VALUES
            (({of_k1}), 'site_area', 40000, 40000), (({of_k1}), 'floor_area', 60000, 90000),
            (({of_k1}), 'floor_area_exempt', NULL, 10000), (({of_k1}), 'green_area', 8000, 14000),
            (({of_k1}), 'households', 500, NULL)""",
        f"INSERT INTO problem_project (problem_id, project_id) VALUES ((SELECT id FROM problem), ({of_k1}))",
    )
