"""Indicators: runs, units and values; thresholds as data; a version of what was computed, for caches."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

AUDITED = ("threshold", "indicator_run")
TRANSITIONS = {
    "insert": "NEW TABLE AS new_rows",
    "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "OLD TABLE AS old_rows",
}
BOUNDS = (
    "CASE operator WHEN 'between' THEN low <= high WHEN '=' THEN low = high "
    "WHEN '>=' THEN low IS NOT NULL AND high IS NULL WHEN '>' THEN low IS NOT NULL AND high IS NULL "
    "ELSE high IS NOT NULL AND low IS NULL END IS TRUE"
)
SCOPES = (
    "city", "built_up", "central_city", "main_city", "county_town", "cluster", "locality", "project", "new_housing",
)  # fmt: skip

# A run has millions of values that come by COPY: that theirs is a run is asked once for all of them.
RUN_OF_VALUES = (
    """
CREATE FUNCTION require_run_of_values() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stray integer := (
        SELECT run_id FROM (SELECT DISTINCT run_id FROM new_rows) n
        WHERE NOT EXISTS (SELECT FROM indicator_run r WHERE r.id = n.run_id) LIMIT 1
    );
BEGIN
    IF stray IS NOT NULL THEN
        RAISE EXCEPTION 'there is no indicator_run %', stray USING ERRCODE = 'foreign_key_violation',
            CONSTRAINT = 'fk_indicator_value_run_id', TABLE = 'indicator_value';
    END IF;
    RETURN NULL;
END $$
""",
    """
CREATE TRIGGER require_run AFTER INSERT ON indicator_value REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION require_run_of_values()
""",
    """
CREATE FUNCTION delete_values_of_runs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM indicator_value WHERE run_id IN (SELECT id FROM old_rows);
    RETURN NULL;
END $$
""",
    """
CREATE TRIGGER delete_values AFTER DELETE ON indicator_run REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION delete_values_of_runs()
""",
)


def audit_triggers() -> list[str]:
    return [
        f"CREATE TRIGGER audit_{event} AFTER {event} ON {table} REFERENCING {rows} "
        "FOR EACH STATEMENT EXECUTE FUNCTION log_change()"
        for table in AUDITED
        for event, rows in TRANSITIONS.items()
    ]


def upgrade() -> None:
    op.create_table(
        "threshold",
        sa.Column("city_id", sa.Integer(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=True),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("low", sa.Double(), nullable=True),
        sa.Column("high", sa.Double(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("strength", sa.Text(), nullable=False),
        sa.Column("modal", sa.Text(), server_default="", nullable=False),
        sa.Column("override", sa.Text(), server_default="free", nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("document_no", sa.Text(), server_default="", nullable=False),
        sa.Column("document_date", sa.Text(), server_default="", nullable=False),
        sa.Column("clause", sa.Text(), server_default="", nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "operator IN ('>=', '>', '<=', '<', 'between', '=')", name=op.f("ck_threshold_operator")
        ),
        sa.CheckConstraint(BOUNDS, name=op.f("ck_threshold_bounds")),
        sa.CheckConstraint(f"scope IN {SCOPES}", name=op.f("ck_threshold_scope")),
        sa.CheckConstraint(
            "strength IN ('binding', 'expected', 'aspirational')", name=op.f("ck_threshold_strength")
        ),
        sa.CheckConstraint("override IN ('stricter_only', 'free')", name=op.f("ck_threshold_override")),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_from IS NULL OR valid_to > valid_from",
            name=op.f("ck_threshold_validity"),
        ),
        sa.ForeignKeyConstraint(
            ["city_id"], ["city.id"], name=op.f("fk_threshold_city_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_threshold")),
        sa.UniqueConstraint("digest", name=op.f("uq_threshold_digest")),
    )
    op.create_index("ix_threshold_city_id", "threshold", ["city_id"], unique=False)
    op.create_table(
        "indicator_run",
        sa.Column("city_id", sa.Integer(), nullable=False),
        sa.Column("units", sa.Text(), nullable=False),
        sa.Column("side", sa.Double(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code_version", sa.Text(), nullable=False),
        sa.Column("inputs_hash", sa.Text(), nullable=False),
        sa.Column("values_hash", sa.Text(), nullable=False),
        sa.Column("parameters", postgresql.JSONB(), nullable=False),
        sa.Column("held", postgresql.JSONB(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("indicators", sa.Integer(), nullable=False),
        sa.Column("units_count", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "units IN ('district', 'zone', 'grid', 'hexagon', 'project', 'catchment', 'area')",
            name=op.f("ck_indicator_run_units"),
        ),
        sa.CheckConstraint("side > 0", name=op.f("ck_indicator_run_side")),
        sa.CheckConstraint("finished_at >= started_at", name=op.f("ck_indicator_run_times")),
        sa.ForeignKeyConstraint(
            ["city_id"], ["city.id"], name=op.f("fk_indicator_run_city_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_run")),
    )
    op.create_index(
        "ix_indicator_run_city_id_units_id", "indicator_run", ["city_id", "units", "id"], unique=False
    )
    op.create_geospatial_table(
        "indicator_unit",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("unit_code", sa.Text(collation="C"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("unit_name_zh", sa.Text(), nullable=True),
        sa.Column("unit_name_en", sa.Text(), nullable=True),
        sa.Column(
            "shape",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column(
            "mercator",
            Geometry(
                srid=3857, dimension=2, spatial_index=False, from_text="ST_GeomFromEWKT", name="geometry"
            ),
            sa.Computed("st_transform(shape, 3857)", persisted=True),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["indicator_run.id"], name=op.f("fk_indicator_unit_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "unit_code", name=op.f("pk_indicator_unit")),
    )
    op.create_geospatial_index(
        "ix_indicator_unit_mercator",
        "indicator_unit",
        ["mercator"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_table(
        "indicator_value",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("indicator", sa.Text(collation="C"), nullable=False),
        sa.Column("subject", sa.Text(collation="C"), server_default="", nullable=False),
        sa.Column("basis", sa.Text(collation="C"), server_default="", nullable=False),
        sa.Column("unit_code", sa.Text(collation="C"), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("numerator", sa.Double(), nullable=True),
        sa.Column("denominator", sa.Double(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("threshold_id", sa.Integer(), nullable=True),
        sa.Column("missing", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "verdict IN ('pass', 'fail', 'warn', 'info')", name=op.f("ck_indicator_value_verdict")
        ),
        sa.CheckConstraint("value IS NULL OR missing IS NULL", name=op.f("ck_indicator_value_missing")),
        sa.ForeignKeyConstraint(
            ["threshold_id"],
            ["threshold.id"],
            name=op.f("fk_indicator_value_threshold_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint(
            "run_id", "indicator", "subject", "basis", "unit_code", name=op.f("pk_indicator_value")
        ),
    )
    for statement in (*audit_triggers(), *RUN_OF_VALUES):
        op.execute(statement)
    op.execute(
        "INSERT INTO layer_version (layer, version) "
        "VALUES ('indicators', (extract(epoch FROM clock_timestamp()) * 1000)::bigint)"
    )
    op.execute(
        "CREATE TRIGGER note_layer_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON indicator_run "
        "FOR EACH STATEMENT EXECUTE FUNCTION note_layer_change('indicators')"
    )


def downgrade() -> None:
    op.execute("DELETE FROM layer_version WHERE layer = 'indicators'")
    op.drop_table("indicator_value")
    op.drop_geospatial_index(
        "ix_indicator_unit_mercator",
        table_name="indicator_unit",
        postgresql_using="gist",
        column_name="mercator",
    )
    op.drop_geospatial_table("indicator_unit")
    op.drop_index("ix_indicator_run_city_id_units_id", table_name="indicator_run")
    op.drop_table("indicator_run")
    op.execute("DROP FUNCTION require_run_of_values(), delete_values_of_runs()")
    op.drop_index("ix_threshold_city_id", table_name="threshold")
    op.drop_table("threshold")
