"""The register: city, districts, projects, notices, money, and the log of changes."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

AUDITED = ("city", "district", "project", "project_district", "register_notice", "investment")

AUDIT = """
CREATE FUNCTION log_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    who text := coalesce(nullif(current_setting('gengxin.actor', true), ''), 'database:' || session_user);
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO audit_log (actor, table_name, row_id, action, after)
        SELECT who, TG_TABLE_NAME, n.id, 'insert', to_jsonb(n) FROM new_rows n;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO audit_log (actor, table_name, row_id, action, before, after)
        SELECT who, TG_TABLE_NAME, n.id, 'update', to_jsonb(o), to_jsonb(n)
        FROM new_rows n JOIN old_rows o USING (id) WHERE to_jsonb(o) <> to_jsonb(n);
    ELSE
        INSERT INTO audit_log (actor, table_name, row_id, action, before)
        SELECT who, TG_TABLE_NAME, o.id, 'delete', to_jsonb(o) FROM old_rows o;
    END IF;
    RETURN NULL;
END $$
"""

SHARES = """
CREATE FUNCTION shares_sum_to_one() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    project integer := coalesce(NEW.project_id, OLD.project_id);
    total numeric := (SELECT coalesce(sum(share), 0) FROM project_district WHERE project_id = project);
BEGIN
    IF abs(total - 1) > 0.00000001 AND EXISTS (SELECT FROM project p WHERE p.id = project) THEN
        RAISE EXCEPTION 'shares of project % sum to %, not 1', project, total
            USING ERRCODE = 'check_violation', CONSTRAINT = 'shares_sum_to_one', TABLE = 'project_district';
    END IF;
    RETURN NULL;
END $$
"""

SHARES_TRIGGER = """
CREATE CONSTRAINT TRIGGER shares_sum_to_one AFTER INSERT OR UPDATE OR DELETE ON project_district
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION shares_sum_to_one()
"""

TRANSITIONS = {
    "insert": "NEW TABLE AS new_rows",
    "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "OLD TABLE AS old_rows",
}


def audit_triggers() -> list[str]:
    return [
        f"CREATE TRIGGER audit_{event} AFTER {event} ON {table} REFERENCING {rows} "
        "FOR EACH STATEMENT EXECUTE FUNCTION log_change()"
        for table in AUDITED
        for event, rows in TRANSITIONS.items()
    ]


def upgrade() -> None:
    op.create_table(
        "audit_log",
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index("ix_audit_log_table_name_row_id", "audit_log", ["table_name", "row_id"], unique=False)
    op.create_table(
        "city",
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("metric_srid", sa.Integer(), nullable=False),
        sa.Column("currency", sa.Text(), server_default="CNY", nullable=False),
        sa.Column("synthetic", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("attribution", sa.Text(), server_default="", nullable=False),
        sa.Column("code_pattern", sa.Text(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("slug ~ '^[a-z][a-z0-9-]{1,62}$'", name=op.f("ck_city_slug")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_city")),
        sa.UniqueConstraint("slug", name=op.f("uq_city_slug")),
    )
    op.create_geospatial_table(
        "district",
        sa.Column("city_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("aliases", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("kind", sa.Text(), server_default="district", nullable=False),
        sa.Column("section", sa.Text(), server_default="", nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column(
            "boundary",
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
        sa.Column("boundary_crs", sa.Text(), nullable=True),
        sa.Column("boundary_source", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("legal_instrument", sa.Text(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('district', 'functional_zone')", name=op.f("ck_district_kind")),
        sa.CheckConstraint(
            "boundary IS NULL OR (ST_IsValid(boundary) AND NOT ST_IsEmpty(boundary))",
            name=op.f("ck_district_boundary_sound"),
        ),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_from IS NULL OR valid_to > valid_from",
            name=op.f("ck_district_validity"),
        ),
        sa.ForeignKeyConstraint(
            ["city_id"], ["city.id"], name=op.f("fk_district_city_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["district.id"], name=op.f("fk_district_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_district")),
        sa.UniqueConstraint("city_id", "code", name=op.f("uq_district_city_id_code")),
    )
    op.create_geospatial_index(
        "ix_district_boundary",
        "district",
        ["boundary"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_table(
        "register_notice",
        sa.Column("city_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("source_name", sa.Text(), nullable=False),
        sa.Column("source_sha256", sa.Text(), nullable=False),
        sa.Column("imported_by", sa.Text(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["city_id"], ["city.id"], name=op.f("fk_register_notice_city_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_notice")),
        sa.UniqueConstraint("city_id", "number", name=op.f("uq_register_notice_city_id_number")),
        sa.UniqueConstraint("city_id", "sequence", name=op.f("uq_register_notice_city_id_sequence")),
    )
    op.create_geospatial_table(
        "project",
        sa.Column("city_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("code_year", sa.Integer(), nullable=True),
        sa.Column("code_batch", sa.Integer(), nullable=True),
        sa.Column("code_serial", sa.Integer(), nullable=True),
        sa.Column("total_investment", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("project_type", sa.Text(), nullable=True),
        sa.Column("renewal_mode", sa.Text(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column(
            "boundary",
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
        sa.Column("boundary_status", sa.Text(), server_default="pending", nullable=False),
        sa.Column("boundary_crs", sa.Text(), nullable=True),
        sa.Column("exit_notice_id", sa.Integer(), nullable=True),
        sa.Column("exit_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(boundary_status = 'pending') = (boundary IS NULL)", name=op.f("ck_project_boundary_status_true")
        ),
        sa.CheckConstraint(
            "boundary_status IN ('pending', 'drafted', 'surveyed')", name=op.f("ck_project_boundary_status")
        ),
        sa.CheckConstraint("code <> ''", name=op.f("ck_project_code_given")),
        sa.CheckConstraint(
            "boundary IS NULL OR (ST_IsValid(boundary) AND NOT ST_IsEmpty(boundary))",
            name=op.f("ck_project_boundary_sound"),
        ),
        sa.CheckConstraint(
            "exit_reason IS NULL OR exit_notice_id IS NOT NULL", name=op.f("ck_project_exit_reason_of_exit")
        ),
        sa.CheckConstraint("total_investment >= 0", name=op.f("ck_project_total_investment_not_negative")),
        sa.ForeignKeyConstraint(
            ["city_id"], ["city.id"], name=op.f("fk_project_city_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["exit_notice_id"], ["register_notice.id"], name=op.f("fk_project_exit_notice_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
        sa.UniqueConstraint("city_id", "code", name=op.f("uq_project_city_id_code")),
    )
    op.create_geospatial_index(
        "ix_project_boundary",
        "project",
        ["boundary"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(
        "ix_project_city_id_exit_notice_id", "project", ["city_id", "exit_notice_id"], unique=False
    )
    op.create_table(
        "register_total",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("section", sa.Text(), server_default="", nullable=False),
        sa.Column("printed", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("level IN ('area', 'section', 'city')", name=op.f("ck_register_total_level")),
        sa.CheckConstraint("printed >= 0", name=op.f("ck_register_total_printed_not_negative")),
        sa.ForeignKeyConstraint(
            ["notice_id"],
            ["register_notice.id"],
            name=op.f("fk_register_total_notice_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_total")),
        sa.UniqueConstraint(
            "notice_id", "level", "label", name=op.f("uq_register_total_notice_id_level_label")
        ),
    )
    op.create_table(
        "investment",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('planned', 'allocated', 'paid')", name=op.f("ck_investment_kind")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_investment_amount_not_negative")),
        sa.ForeignKeyConstraint(["notice_id"], ["register_notice.id"], name=op.f("fk_investment_notice_id")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_investment_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_investment")),
    )
    op.create_index(
        "uq_investment_project_id_year_source_kind",
        "investment",
        ["project_id", sa.literal_column("coalesce(year, 0)"), "source", "kind"],
        unique=True,
    )
    op.create_table(
        "project_district",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("district_id", sa.Integer(), nullable=False),
        sa.Column("share", sa.Numeric(precision=12, scale=10), nullable=False),
        sa.Column("share_basis", sa.Text(), server_default="single", nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "share_basis IN ('single', 'equal', 'entered')", name=op.f("ck_project_district_share_basis")
        ),
        sa.CheckConstraint("share > 0 AND share <= 1", name=op.f("ck_project_district_share")),
        sa.ForeignKeyConstraint(
            ["district_id"], ["district.id"], name=op.f("fk_project_district_district_id")
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_district_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_district")),
        sa.UniqueConstraint(
            "project_id", "district_id", name=op.f("uq_project_district_project_id_district_id")
        ),
    )
    op.create_index("ix_project_district_district_id", "project_district", ["district_id"], unique=False)
    op.create_table(
        "register_entry",
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("section", sa.Text(), server_default="", nullable=False),
        sa.Column("printed_as_new", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_register_entry_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["notice_id"],
            ["register_notice.id"],
            name=op.f("fk_register_entry_notice_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_register_entry_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_entry")),
        sa.UniqueConstraint("notice_id", "project_id", name=op.f("uq_register_entry_notice_id_project_id")),
    )
    op.create_index("ix_register_entry_project_id", "register_entry", ["project_id"], unique=False)
    for statement in (AUDIT, *audit_triggers(), SHARES, SHARES_TRIGGER):
        op.execute(statement)


def downgrade() -> None:
    op.drop_index("ix_register_entry_project_id", table_name="register_entry")
    op.drop_table("register_entry")
    op.drop_index("ix_project_district_district_id", table_name="project_district")
    op.drop_table("project_district")
    op.drop_index("uq_investment_project_id_year_source_kind", table_name="investment")
    op.drop_table("investment")
    op.drop_table("register_total")
    op.drop_index("ix_project_city_id_exit_notice_id", table_name="project")
    op.drop_geospatial_index(
        "ix_project_boundary", table_name="project", postgresql_using="gist", column_name="boundary"
    )
    op.drop_geospatial_table("project")
    op.drop_table("register_notice")
    op.drop_geospatial_index(
        "ix_district_boundary", table_name="district", postgresql_using="gist", column_name="boundary"
    )
    op.drop_geospatial_table("district")
    op.drop_table("city")
    op.drop_index("ix_audit_log_table_name_row_id", table_name="audit_log")
    op.drop_table("audit_log")
    op.execute("DROP FUNCTION log_change(), shares_sum_to_one()")
