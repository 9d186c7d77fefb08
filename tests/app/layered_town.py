"""A small invented town inside Zhengzhou with every layer filled, for selection, search and export."""

from __future__ import annotations

from sqlalchemy import Connection, text

from data.session import Database

WEST, SOUTH, STEP = 113.60, 34.70, 0.002
STATEMENTS = (
    """INSERT INTO layer_source (city_id, layer, name, crs, features, source_date, imported_by)
    SELECT c.id, l, 'town.gpkg', 'EPSG:4547', 1, DATE '2025-06-30', 't'
    FROM city c, unnest(ARRAY['zoning', 'buildings', 'streets', 'facilities']) AS l""",
    """INSERT INTO zoning (city_id, code, land_use, name, floor_area_ratio, valid_to, shape)
    SELECT c.id, 'Z' || i, (ARRAY['0701', '0901', '1401'])[1 + i % 3], '地块 ' || i, i % 4 + 0.5,
        CASE WHEN i = 7 THEN DATE '2001-01-01' END,
        ST_Multi(ST_MakeEnvelope(113.60 + (i % 5) * 0.004, 34.70 + i / 5 * 0.004,
            113.6037 + (i % 5) * 0.004, 34.7037 + i / 5 * 0.004, 4326))
    FROM city c, generate_series(0, 24) AS i""",
    """INSERT INTO constraint_area (city_id, code, kind, name, shape)
    SELECT c.id, 'C1', 'historic_block', '老街', ST_Multi(ST_Buffer(ST_Point(113.61, 34.71, 4326), 0.003))
    FROM city c""",
    """INSERT INTO parcel (city_id, code, land_use, address, floor_area, shape)
    SELECT c.id, 'P1', '0701', '=1+1', 900, ST_Multi(ST_MakeEnvelope(113.601, 34.701, 113.602, 34.702, 4326))
    FROM city c""",
    """INSERT INTO building (city_id, code, floors, height, floor_area, year_built, use, households,
        population, shape)
    SELECT c.id, 'B' || i, CASE WHEN i % 11 > 0 THEN i % 7 + 1 END, (i % 7 + 1) * 3.1,
        CASE WHEN i % 5 = 0 THEN 1234.5 END, 1970 + i % 50,
        (ARRAY['residential', 'office', NULL])[1 + i % 3], i % 13, CASE WHEN i % 2 = 0 THEN i % 13 * 2.5 END,
        ST_Multi(ST_MakeEnvelope(113.60 + (i % 20) * 0.001, 34.70 + i / 20 * 0.001,
            113.6004 + (i % 20) * 0.001, 34.7004 + i / 20 * 0.001, 4326))
    FROM city c, generate_series(0, 399) AS i""",
    """INSERT INTO facility (city_id, code, category, name, capacity, shape)
    SELECT c.id, 'F' || i, (ARRAY['kindergarten', 'primary_school', 'metro'])[1 + i % 3],
        CASE WHEN i % 4 > 0 THEN '育才设施 ' || i END, i * 10,
        ST_Point(113.60 + i * 0.0007, 34.70 + i * 0.0007, 4326)
    FROM city c, generate_series(0, 29) AS i""",
    """INSERT INTO facility (city_id, code, category, name, shape)
    SELECT c.id, 'FP', 'park', '人民公园', ST_Multi(ST_MakeEnvelope(113.612, 34.712, 113.616, 34.715, 4326))
    FROM city c""",
    """INSERT INTO street_edge (city_id, code, street_class, name, from_node, to_node, length, shape)
    SELECT c.id, 'S' || i, (ARRAY['arterial', 'local'])[1 + i % 2], CASE WHEN i < 8 THEN '建设路' END,
        'a' || i, 'b' || i, ST_Length(ST_Transform(line, c.metric_srid)), line
    FROM city c, generate_series(0, 9) AS i, LATERAL (SELECT ST_SetSRID(ST_MakeLine(
        ST_Point(113.599, 34.7011 + i * 0.002),
        ST_Point(113.621, 34.7019 + i * 0.002)), 4326) AS line) AS drawn""",
    """INSERT INTO greenway (city_id, code, greenway_class, name, length, shape)
    SELECT c.id, 'G' || i, (ARRAY['region', 'community', NULL])[1 + i % 3], '绿道 ' || i,
        ST_Length(ST_Transform(line, c.metric_srid)), line
    FROM city c, generate_series(0, 5) AS i, LATERAL (SELECT ST_SetSRID(ST_MakeLine(
        ST_Point(113.6021 + i * 0.003, 34.699),
        ST_Point(113.6029 + i * 0.003, 34.721)), 4326) AS line) AS drawn""",
    """INSERT INTO surface (city_id, code, kind, name, shape)
    SELECT c.id, 'M' || i, (ARRAY['green', 'water', 'impermeable'])[1 + i % 3],
        CASE WHEN i % 2 = 0 THEN '片 ' || i END,
        ST_Multi(ST_MakeEnvelope(113.60 + (i % 4) * 0.005, 34.70 + i / 4 * 0.005,
            113.604 + (i % 4) * 0.005, 34.704 + i / 4 * 0.005, 4326))
    FROM city c, generate_series(0, 15) AS i""",
    """INSERT INTO population_cell (city_id, code, population, households, year, shape)
    SELECT c.id, 'Q' || i, CASE WHEN i <> 3 THEN 100 + i END, 40, 2020,
        ST_Multi(ST_MakeEnvelope(113.60 + (i % 4) * 0.005, 34.70 + i / 4 * 0.005,
            113.605 + (i % 4) * 0.005, 34.705 + i / 4 * 0.005, 4326))
    FROM city c, generate_series(0, 15) AS i""",
    """INSERT INTO problem (city_id, code, title, dimension, severity, found_on, shape)
    SELECT c.id, 'X' || i, '停车难 ' || i, 'community', 'medium', DATE '2025-05-01',
        CASE WHEN i > 0 THEN ST_Point(113.603 + i * 0.001, 34.703, 4326) END
    FROM city c, generate_series(0, 3) AS i""",
    """UPDATE project SET boundary_status = 'drafted', boundary_crs = 'EPSG:4490', boundary = ST_Multi(
        ST_MakeEnvelope(113.60 + n * 0.003, 34.702, 113.602 + n * 0.003, 34.706, 4326))
    FROM (SELECT id, row_number() OVER (ORDER BY code) AS n FROM project ORDER BY code LIMIT 6) AS first
    WHERE project.id = first.id""",
    """INSERT INTO stage_event (project_id, stage, on_date)
    SELECT id, (ARRAY['scheme', 'construction'])[1 + id % 2], DATE '2025-01-01' FROM project
    WHERE boundary IS NOT NULL""",
    """UPDATE project SET project_type = 'old_block' WHERE boundary IS NOT NULL AND id % 3 > 0""",
)


def fill(connection: Connection) -> None:
    """Fill every layer of Zhengzhou with the town."""
    for statement in STATEMENTS:
        connection.execute(text(statement))


def filled(database: Database) -> Database:
    """Return the database with the town in it."""
    with database.writing("t") as connection:
        fill(connection)
    return database
