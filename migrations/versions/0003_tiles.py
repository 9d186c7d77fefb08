"""What tiles of low zooms draw: counts of buildings by cell, kept by triggers; versions that never return."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COARSEST, FINEST = 6, 12
HALF = 20037508.342789244
LAST = (1 << FINEST + 6) - 1
CELL = 2 * HALF / (LAST + 1)

# The rows of {source} (city_id, mercator, floor_area, sign) are added to, or with sign -1 taken from, their cells.
COUNT = f"""
WITH place AS MATERIALIZED (
    SELECT city_id, sign, floor_area,
        least({LAST}, greatest(0, floor(((ST_XMin(mercator) + ST_XMax(mercator)) / 2 + {HALF}) / {CELL!r})))::int AS x,
        least({LAST}, greatest(0, floor(({HALF} - (ST_YMin(mercator) + ST_YMax(mercator)) / 2) / {CELL!r})))::int AS y
    FROM ({{source}}) AS source
), finest AS (
    SELECT city_id, x, y, sum(sign)::int AS buildings,
        coalesce(sum(sign) FILTER (WHERE floor_area IS NOT NULL), 0)::int AS known,
        coalesce(sum(sign * floor_area), 0) AS floor_area
    FROM place GROUP BY city_id, x, y
    HAVING sum(sign) <> 0 OR coalesce(sum(sign * floor_area), 0) <> 0
        OR sum(sign) FILTER (WHERE floor_area IS NOT NULL) <> 0
), change AS MATERIALIZED (
    SELECT city_id, level, x >> ({FINEST} - level) AS x, y >> ({FINEST} - level) AS y,
        sum(buildings)::int AS buildings, sum(known)::int AS known, sum(floor_area) AS floor_area
    FROM finest CROSS JOIN generate_series({COARSEST}, {FINEST}) AS level GROUP BY 1, 2, 3, 4
), counted AS (
    UPDATE building_cell cell SET buildings = cell.buildings + change.buildings, known = cell.known + change.known,
        floor_area = CASE WHEN cell.known + change.known = 0 THEN 0 ELSE cell.floor_area + change.floor_area END
    FROM change WHERE (cell.city_id, cell.level, cell.y, cell.x) = (change.city_id, change.level, change.y, change.x)
)
INSERT INTO building_cell (city_id, level, y, x, buildings, known, floor_area)
SELECT city_id, level, y, x, buildings, known, floor_area FROM change
WHERE buildings > 0 AND NOT EXISTS (
    SELECT FROM building_cell cell
    WHERE (cell.city_id, cell.level, cell.y, cell.x) = (change.city_id, change.level, change.y, change.x)
)
"""
# One writer of a city's cells at a time: two could otherwise wait for each other's cells.
KEEP_CELLS = f"""
CREATE FUNCTION count_building_cells() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    source text := CASE TG_OP
        WHEN 'INSERT' THEN 'SELECT city_id, mercator, floor_area, 1 AS sign FROM new_rows'
        WHEN 'DELETE' THEN 'SELECT city_id, mercator, floor_area, -1 AS sign FROM old_rows'
        ELSE 'SELECT city_id, mercator, floor_area, 1 AS sign FROM new_rows '
            'UNION ALL SELECT city_id, mercator, floor_area, -1 FROM old_rows' END;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        DELETE FROM building_cell;
        RETURN NULL;
    END IF;
    EXECUTE 'SELECT pg_advisory_xact_lock(20250047, city_id) FROM (SELECT DISTINCT city_id FROM ('
        || source || ') AS source ORDER BY city_id) AS city';
    EXECUTE replace($count${COUNT}$count$, '{{source}}', source);
    DELETE FROM building_cell WHERE buildings = 0;
    RETURN NULL;
END $$
"""
ROWS = {
    "insert": "REFERENCING NEW TABLE AS new_rows",
    "update": "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "REFERENCING OLD TABLE AS old_rows",
    "truncate": "",
}
# A version holds the moment of its change, so that a database restored from a backup never says one again
# that it said before of other features.
RAISE = """
CREATE OR REPLACE FUNCTION raise_layer_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(20250046);
    UPDATE layer_version SET version = {version} WHERE layer = NEW.layer;
    DELETE FROM layer_change WHERE id = NEW.id;
    RETURN NULL;
END $$
"""
MOMENT = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"


def upgrade() -> None:
    op.create_table(
        "building_cell",
        sa.Column("city_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("y", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("x", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("buildings", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("floor_area", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["city_id"], ["city.id"], name=op.f("fk_building_cell_city_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("city_id", "level", "y", "x", name=op.f("pk_building_cell")),
    )
    op.execute(COUNT.format(source="SELECT city_id, mercator, floor_area, 1 AS sign FROM building"))
    op.execute(KEEP_CELLS)
    for event, rows in ROWS.items():
        op.execute(
            f"CREATE TRIGGER count_cells_{event} AFTER {event} ON building {rows} "
            "FOR EACH STATEMENT EXECUTE FUNCTION count_building_cells()"
        )
    op.execute(RAISE.format(version=f"greatest(version + 1, {MOMENT})"))
    op.execute(f"UPDATE layer_version SET version = greatest(version, {MOMENT})")
    op.execute(
        "CREATE TRIGGER note_layer_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON register_notice "
        "FOR EACH STATEMENT EXECUTE FUNCTION note_layer_change('projects')"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER note_layer_change ON register_notice")
    op.execute(RAISE.format(version="version + 1"))
    for event in ROWS:
        op.execute(f"DROP TRIGGER count_cells_{event} ON building")
    op.execute("DROP FUNCTION count_building_cells()")
    op.drop_table("building_cell")
