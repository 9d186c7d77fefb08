"""The whole city: land, buildings, facilities, streets, people, and how projects move on."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


AUDITED = (
    "stage_event",
    "progress_snapshot",
    "milestone",
    "project_figure",
    "document",
    "problem",
    "problem_project",
)
TRANSITIONS = {
    "insert": "NEW TABLE AS new_rows",
    "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "OLD TABLE AS old_rows",
}
# A load of a whole city says `gengxin.audit = summary`: one line a statement then stands for its rows.
AUDIT = """
CREATE OR REPLACE FUNCTION log_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    who text := coalesce(nullif(current_setting('gengxin.actor', true), ''), 'database:' || session_user);
    loading boolean := coalesce(current_setting('gengxin.audit', true), '') = 'summary';
BEGIN
    IF loading AND TG_OP = 'INSERT' THEN
        INSERT INTO audit_log (actor, table_name, row_id, action, after)
        SELECT who, TG_TABLE_NAME, 0, 'insert', jsonb_build_object('rows', count(*)) FROM new_rows;
    ELSIF loading AND TG_OP = 'UPDATE' THEN
        INSERT INTO audit_log (actor, table_name, row_id, action, after)
        SELECT who, TG_TABLE_NAME, 0, 'update', jsonb_build_object('rows', count(*)) FROM new_rows;
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO audit_log (actor, table_name, row_id, action, after)
        SELECT who, TG_TABLE_NAME, n.id, 'insert', to_jsonb(n) - 'mercator' FROM new_rows n;
    ELSIF TG_OP = 'UPDATE' THEN
        INSERT INTO audit_log (actor, table_name, row_id, action, before, after)
        SELECT who, TG_TABLE_NAME, n.id, 'update', to_jsonb(o) - 'mercator', to_jsonb(n) - 'mercator'
        FROM new_rows n JOIN old_rows o USING (id) WHERE to_jsonb(o) <> to_jsonb(n);
    ELSE
        INSERT INTO audit_log (actor, table_name, row_id, action, before)
        SELECT who, TG_TABLE_NAME, o.id, 'delete', to_jsonb(o) - 'mercator' FROM old_rows o;
    END IF;
    RETURN NULL;
END $$
"""
AUDIT_BEFORE = """
CREATE OR REPLACE FUNCTION log_change() RETURNS trigger LANGUAGE plpgsql AS $$
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

# What a transaction changes is noted at once and counted at its end, so that a long import does not hold up others.
VERSIONS = (
    """
CREATE FUNCTION note_layer_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO layer_change (layer) SELECT unnest(TG_ARGV);
    RETURN NULL;
END $$
""",
    """
CREATE FUNCTION raise_layer_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(20250046);
    UPDATE layer_version SET version = version + 1 WHERE layer = NEW.layer;
    DELETE FROM layer_change WHERE id = NEW.id;
    RETURN NULL;
END $$
""",
    """
CREATE CONSTRAINT TRIGGER raise_layer_version AFTER INSERT ON layer_change
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION raise_layer_version()
""",
)
LAYERS_OF_TABLE = {
    "project": ("projects",),
    "project_district": ("projects",),
    "register_entry": ("projects",),
    "stage_event": ("projects",),
    "progress_snapshot": ("projects",),
    "district": ("districts", "projects"),
    "zoning": ("zoning",),
    "constraint_area": ("constraints",),
    "parcel": ("parcels",),
    "building": ("buildings",),
    "facility": ("facilities",),
    "street_edge": ("streets",),
    "population_cell": ("population",),
    "problem": ("problems",),
    "problem_project": ("problems",),
}

# Stage and progress of a project follow from its events; nobody else needs to write them.
DERIVED = {
    "stage": ("stage_event", "on_date DESC, array_position({stages}, e.stage) DESC", "e.stage"),
    "progress": ("progress_snapshot", "month_end DESC", "coalesce(e.certified, e.reported)"),
}
STAGES = (
    "library", "annual_plan", "entity", "scheme", "joint_review", "permit", "construction", "completed", "operation",
)  # fmt: skip
PROJECT_CHECKS = {
    "project_type": "project_type IN ('existing_building', 'old_community', 'complete_community', 'old_block', "
    "'urban_function', 'infrastructure', 'ecology', 'heritage')",
    "renewal_mode": "renewal_mode IN ('upgrade', 'alteration', 'rebuild')",
    "stage": f"stage IN {STAGES}",
    "geometry_kind": "geometry_kind IN ('area', 'site', 'corridor', 'network', 'multi_site')",
    "progress_share": "progress >= 0 AND progress <= 1",
    "planned_dates": "planned_end >= planned_start",
}


def audit_triggers() -> list[str]:
    return [
        f"CREATE TRIGGER audit_{event} AFTER {event} ON {table} REFERENCING {rows} "
        "FOR EACH STATEMENT EXECUTE FUNCTION log_change()"
        for table in AUDITED
        for event, rows in TRANSITIONS.items()
    ]


def version_triggers() -> list[str]:
    return [
        f"CREATE TRIGGER note_layer_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION note_layer_change({', '.join(repr(layer) for layer in layers)})"
        for table, layers in LAYERS_OF_TABLE.items()
    ]


def derivations() -> list[str]:
    found = []
    for column, (table, order, value) in DERIVED.items():
        ordered = order.format(stages=f"ARRAY[{', '.join(repr(stage) for stage in STAGES)}]")
        found.append(f"""
CREATE FUNCTION derive_{column}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE project p SET {column} = newest.value FROM (
        SELECT touched.project_id,
            (SELECT {value} FROM {table} e WHERE e.project_id = touched.project_id ORDER BY {ordered} LIMIT 1) AS value
        FROM (SELECT DISTINCT project_id FROM rows) touched
    ) newest
    WHERE p.id = newest.project_id AND p.{column} IS DISTINCT FROM newest.value;
    RETURN NULL;
END $$
""")
        found += [
            f"CREATE TRIGGER derive_{column}_{event} AFTER {event} ON {table} REFERENCING {side} TABLE AS rows "
            f"FOR EACH STATEMENT EXECUTE FUNCTION derive_{column}()"
            for event, side in {"insert": "NEW", "update": "NEW", "delete": "OLD"}.items()
        ]
    return found


def upgrade() -> None:
    op.create_table(
        "layer_change",
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_layer_change")),
    )
    op.create_table(
        "layer_version",
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_layer_version")),
        sa.UniqueConstraint("layer", name=op.f("uq_layer_version_layer")),
    )
    op.create_table(
        "layer_source",
        sa.Column("city_id", sa.Integer(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("crs", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("features", sa.Integer(), nullable=False),
        sa.Column("source_date", sa.Date(), nullable=True),
        sa.Column("imported_by", sa.Text(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "layer IN ('projects', 'districts', 'zoning', 'constraints', 'parcels', 'buildings', 'facilities', 'streets', 'population', 'problems')",
            name=op.f("ck_layer_source_layer"),
        ),
        sa.CheckConstraint("features >= 0", name=op.f("ck_layer_source_features_not_negative")),
        sa.ForeignKeyConstraint(
            ["city_id"], ["city.id"], name=op.f("fk_layer_source_city_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_layer_source")),
    )
    op.create_index("ix_layer_source_city_id_layer", "layer_source", ["city_id", "layer"], unique=False)
    op.create_geospatial_table(
        "building",
        sa.Column("floors", sa.SmallInteger(), nullable=True),
        sa.Column("height", sa.Double(), nullable=True),
        sa.Column("floor_area", sa.Double(), nullable=True),
        sa.Column("year_built", sa.SmallInteger(), nullable=True),
        sa.Column("use", sa.Text(), nullable=True),
        sa.Column("structure", sa.Text(), nullable=True),
        sa.Column("hazard_grade", sa.Text(), nullable=True),
        sa.Column("heritage", sa.Text(), nullable=True),
        sa.Column("disposition", sa.Text(), nullable=True),
        sa.Column("households", sa.Integer(), nullable=True),
        sa.Column("population", sa.Double(), nullable=True),
        sa.Column(
            "shape",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("city_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column(
            "mercator",
            Geometry(
                srid=3857, dimension=2, spatial_index=False, from_text="ST_GeomFromEWKT", name="geometry"
            ),
            sa.Computed("st_transform(shape, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "disposition IN ('keep', 'alter', 'demolish')", name=op.f("ck_building_disposition")
        ),
        sa.CheckConstraint("hazard_grade IN ('A', 'B', 'C', 'D')", name=op.f("ck_building_hazard_grade")),
        sa.CheckConstraint(
            "heritage IN ('monument', 'historic', 'traditional')", name=op.f("ck_building_heritage")
        ),
        sa.CheckConstraint(
            "structure IN ('brick_wood', 'brick_concrete', 'frame', 'shear_wall', 'steel', 'other')",
            name=op.f("ck_building_structure"),
        ),
        sa.CheckConstraint(
            "use IN ('residential', 'mixed', 'commercial', 'office', 'industrial', 'storage', 'education', 'health', 'culture', 'public', 'other')",
            name=op.f("ck_building_use"),
        ),
        sa.CheckConstraint(
            "ST_IsValid(shape) AND NOT ST_IsEmpty(shape)", name=op.f("ck_building_shape_sound")
        ),
        sa.CheckConstraint("floor_area >= 0", name=op.f("ck_building_floor_area")),
        sa.CheckConstraint("floors >= 0", name=op.f("ck_building_floors")),
        sa.CheckConstraint("height >= 0", name=op.f("ck_building_height")),
        sa.CheckConstraint("households >= 0", name=op.f("ck_building_households")),
        sa.CheckConstraint("population >= 0", name=op.f("ck_building_population")),
        sa.ForeignKeyConstraint(
            ["city_id"], ["city.id"], name=op.f("fk_building_city_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["layer_source.id"], name=op.f("fk_building_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_building")),
        sa.UniqueConstraint("city_id", "code", name=op.f("uq_building_city_id_code")),
    )
    op.create_geospatial_index(
        "ix_building_mercator",
        "building",
        ["mercator"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_geospatial_index(
        "ix_building_shape", "building", ["shape"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_index("ix_building_source_id", "building", ["source_id"], unique=False)
    op.create_geospatial_table(
        "constraint_area",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("legal_instrument", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column(
            "shape",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("city_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column(
            "mercator",
            Geometry(
                srid=3857, dimension=2, spatial_index=False, from_text="ST_GeomFromEWKT", name="geometry"
            ),
            sa.Computed("st_transform(shape, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('historic_block', 'historic_building_zone', 'ecological_line', 'farmland', 'growth_boundary', 'blue_line', 'green_line', 'yellow_line', 'purple_line', 'road_line', 'water', 'hazard', 'old_city', 'built_up', 'central_city')",
            name=op.f("ck_constraint_area_kind"),
        ),
        sa.CheckConstraint(
            "ST_IsValid(shape) AND NOT ST_IsEmpty(shape)", name=op.f("ck_constraint_area_shape_sound")
        ),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_from IS NULL OR valid_to > valid_from",
            name=op.f("ck_constraint_area_validity"),
        ),
        sa.ForeignKeyConstraint(
            ["city_id"], ["city.id"], name=op.f("fk_constraint_area_city_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["layer_source.id"], name=op.f("fk_constraint_area_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_constraint_area")),
    )
    op.create_index("ix_constraint_area_city_id_code", "constraint_area", ["city_id", "code"], unique=False)
    op.create_geospatial_index(
        "ix_constraint_area_mercator",
        "constraint_area",
        ["mercator"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_geospatial_index(
        "ix_constraint_area_shape",
        "constraint_area",
        ["shape"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index("ix_constraint_area_source_id", "constraint_area", ["source_id"], unique=False)
    op.create_geospatial_table(
        "facility",
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("capacity", sa.Double(), nullable=True),
        sa.Column("floor_area", sa.Double(), nullable=True),
        sa.Column(
            "shape",
            Geometry(
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("city_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column(
            "mercator",
            Geometry(
                srid=3857, dimension=2, spatial_index=False, from_text="ST_GeomFromEWKT", name="geometry"
            ),
            sa.Computed("st_transform(shape, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "GeometryType(shape) IN ('POINT', 'MULTIPOLYGON')", name=op.f("ck_facility_shape_type")
        ),
        sa.CheckConstraint(
            "category IN ('kindergarten', 'primary_school', 'middle_school', 'nursery', 'health_station', 'hospital', 'elderly_care', 'community_centre', 'market', 'convenience_store', 'canteen', 'post_station', 'culture', 'sports', 'park', 'square', 'bus_stop', 'metro', 'parking', 'charging', 'fire_station', 'waste_station', 'toilet', 'other')",
            name=op.f("ck_facility_category"),
        ),
        sa.CheckConstraint(
            "ST_IsValid(shape) AND NOT ST_IsEmpty(shape)", name=op.f("ck_facility_shape_sound")
        ),
        sa.CheckConstraint("capacity >= 0", name=op.f("ck_facility_capacity")),
        sa.CheckConstraint("floor_area >= 0", name=op.f("ck_facility_floor_area")),
        sa.ForeignKeyConstraint(
            ["city_id"], ["city.id"], name=op.f("fk_facility_city_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["layer_source.id"], name=op.f("fk_facility_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility")),
        sa.UniqueConstraint("city_id", "code", name=op.f("uq_facility_city_id_code")),
    )
    op.create_index("ix_facility_city_id_category", "facility", ["city_id", "category"], unique=False)
    op.create_geospatial_index(
        "ix_facility_mercator",
        "facility",
        ["mercator"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_geospatial_index(
        "ix_facility_shape", "facility", ["shape"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_index("ix_facility_source_id", "facility", ["source_id"], unique=False)
    op.create_geospatial_table(
        "parcel",
        sa.Column("land_use", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("floor_area", sa.Double(), nullable=True),
        sa.Column(
            "shape",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("city_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column(
            "mercator",
            Geometry(
                srid=3857, dimension=2, spatial_index=False, from_text="ST_GeomFromEWKT", name="geometry"
            ),
            sa.Computed("st_transform(shape, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("ST_IsValid(shape) AND NOT ST_IsEmpty(shape)", name=op.f("ck_parcel_shape_sound")),
        sa.CheckConstraint("floor_area >= 0", name=op.f("ck_parcel_floor_area")),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name=op.f("fk_parcel_city_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["source_id"], ["layer_source.id"], name=op.f("fk_parcel_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcel")),
        sa.UniqueConstraint("city_id", "code", name=op.f("uq_parcel_city_id_code")),
    )
    op.create_geospatial_index(
        "ix_parcel_mercator", "parcel", ["mercator"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_geospatial_index(
        "ix_parcel_shape", "parcel", ["shape"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_index("ix_parcel_source_id", "parcel", ["source_id"], unique=False)
    op.create_geospatial_table(
        "population_cell",
        sa.Column("population", sa.Double(), nullable=True),
        sa.Column("households", sa.Double(), nullable=True),
        sa.Column("year", sa.SmallInteger(), nullable=True),
        sa.Column(
            "shape",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("city_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column(
            "mercator",
            Geometry(
                srid=3857, dimension=2, spatial_index=False, from_text="ST_GeomFromEWKT", name="geometry"
            ),
            sa.Computed("st_transform(shape, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "ST_IsValid(shape) AND NOT ST_IsEmpty(shape)", name=op.f("ck_population_cell_shape_sound")
        ),
        sa.CheckConstraint("households >= 0", name=op.f("ck_population_cell_households")),
        sa.CheckConstraint("population >= 0", name=op.f("ck_population_cell_population")),
        sa.ForeignKeyConstraint(
            ["city_id"], ["city.id"], name=op.f("fk_population_cell_city_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["layer_source.id"], name=op.f("fk_population_cell_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_population_cell")),
        sa.UniqueConstraint("city_id", "code", name=op.f("uq_population_cell_city_id_code")),
    )
    op.create_geospatial_index(
        "ix_population_cell_mercator",
        "population_cell",
        ["mercator"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_geospatial_index(
        "ix_population_cell_shape",
        "population_cell",
        ["shape"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index("ix_population_cell_source_id", "population_cell", ["source_id"], unique=False)
    op.create_geospatial_table(
        "problem",
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=True),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=True),
        sa.Column("severity", sa.Text(), nullable=True),
        sa.Column("found_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column(
            "shape",
            Geometry(
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column("city_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column(
            "mercator",
            Geometry(
                srid=3857, dimension=2, spatial_index=False, from_text="ST_GeomFromEWKT", name="geometry"
            ),
            sa.Computed("st_transform(shape, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "dimension IN ('housing', 'community', 'block', 'city')", name=op.f("ck_problem_dimension")
        ),
        sa.CheckConstraint("severity IN ('low', 'medium', 'high')", name=op.f("ck_problem_severity")),
        sa.CheckConstraint("closed_on >= found_on", name=op.f("ck_problem_closed_after_found")),
        sa.CheckConstraint(
            "shape IS NULL OR (ST_IsValid(shape) AND NOT ST_IsEmpty(shape))",
            name=op.f("ck_problem_shape_sound"),
        ),
        sa.ForeignKeyConstraint(
            ["city_id"], ["city.id"], name=op.f("fk_problem_city_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["layer_source.id"], name=op.f("fk_problem_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem")),
        sa.UniqueConstraint("city_id", "code", name=op.f("uq_problem_city_id_code")),
    )
    op.create_geospatial_index(
        "ix_problem_mercator",
        "problem",
        ["mercator"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_geospatial_index(
        "ix_problem_shape", "problem", ["shape"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_geospatial_table(
        "street_edge",
        sa.Column("street_class", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("from_node", sa.Text(), nullable=False),
        sa.Column("to_node", sa.Text(), nullable=False),
        sa.Column("one_way", sa.Boolean(), nullable=True),
        sa.Column("walkable", sa.Boolean(), nullable=True),
        sa.Column("length", sa.Double(), nullable=False),
        sa.Column(
            "shape",
            Geometry(
                geometry_type="LINESTRING",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("city_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column(
            "mercator",
            Geometry(
                srid=3857, dimension=2, spatial_index=False, from_text="ST_GeomFromEWKT", name="geometry"
            ),
            sa.Computed("st_transform(shape, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "street_class IN ('expressway', 'arterial', 'secondary', 'local', 'path')",
            name=op.f("ck_street_edge_street_class"),
        ),
        sa.CheckConstraint(
            "ST_IsValid(shape) AND NOT ST_IsEmpty(shape)", name=op.f("ck_street_edge_shape_sound")
        ),
        sa.CheckConstraint("length > 0", name=op.f("ck_street_edge_length")),
        sa.ForeignKeyConstraint(
            ["city_id"], ["city.id"], name=op.f("fk_street_edge_city_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["layer_source.id"], name=op.f("fk_street_edge_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_street_edge")),
        sa.UniqueConstraint("city_id", "code", name=op.f("uq_street_edge_city_id_code")),
    )
    op.create_index(
        "ix_street_edge_city_id_street_class", "street_edge", ["city_id", "street_class"], unique=False
    )
    op.create_geospatial_index(
        "ix_street_edge_mercator",
        "street_edge",
        ["mercator"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_geospatial_index(
        "ix_street_edge_shape",
        "street_edge",
        ["shape"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index("ix_street_edge_source_id", "street_edge", ["source_id"], unique=False)
    op.create_geospatial_table(
        "zoning",
        sa.Column("land_use", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("floor_area_ratio", sa.Double(), nullable=True),
        sa.Column("building_coverage", sa.Double(), nullable=True),
        sa.Column("height_limit", sa.Double(), nullable=True),
        sa.Column("green_ratio", sa.Double(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("legal_instrument", sa.Text(), nullable=True),
        sa.Column(
            "shape",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("city_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column(
            "mercator",
            Geometry(
                srid=3857, dimension=2, spatial_index=False, from_text="ST_GeomFromEWKT", name="geometry"
            ),
            sa.Computed("st_transform(shape, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("ST_IsValid(shape) AND NOT ST_IsEmpty(shape)", name=op.f("ck_zoning_shape_sound")),
        sa.CheckConstraint(
            "building_coverage >= 0 AND building_coverage <= 1", name=op.f("ck_zoning_building_coverage")
        ),
        sa.CheckConstraint("floor_area_ratio >= 0", name=op.f("ck_zoning_floor_area_ratio")),
        sa.CheckConstraint("green_ratio >= 0 AND green_ratio <= 1", name=op.f("ck_zoning_green_ratio")),
        sa.CheckConstraint("height_limit >= 0", name=op.f("ck_zoning_height_limit")),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_from IS NULL OR valid_to > valid_from", name=op.f("ck_zoning_validity")
        ),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name=op.f("fk_zoning_city_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["source_id"], ["layer_source.id"], name=op.f("fk_zoning_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zoning")),
    )
    op.create_index("ix_zoning_city_id_code", "zoning", ["city_id", "code"], unique=False)
    op.create_geospatial_index(
        "ix_zoning_mercator", "zoning", ["mercator"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_geospatial_index(
        "ix_zoning_shape", "zoning", ["shape"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_index("ix_zoning_source_id", "zoning", ["source_id"], unique=False)
    op.create_table(
        "document",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('plan', 'scheme', 'opinion', 'permit', 'contract', 'report', 'other')",
            name=op.f("ck_document_kind"),
        ),
        sa.CheckConstraint("url ~ '^https?://'", name=op.f("ck_document_url")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_document_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    op.create_index("ix_document_project_id", "document", ["project_id"], unique=False)
    op.create_table(
        "milestone",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("reached_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "stage IN ('library', 'annual_plan', 'entity', 'scheme', 'joint_review', 'permit', 'construction', 'completed', 'operation')",
            name=op.f("ck_milestone_stage"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_milestone_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone")),
        sa.UniqueConstraint("project_id", "name", name=op.f("uq_milestone_project_id_name")),
    )
    op.create_table(
        "problem_project",
        sa.Column("problem_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["problem_id"], ["problem.id"], name=op.f("fk_problem_project_problem_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_problem_project_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_problem_project")),
        sa.UniqueConstraint(
            "problem_id", "project_id", name=op.f("uq_problem_project_problem_id_project_id")
        ),
    )
    op.create_index("ix_problem_project_project_id", "problem_project", ["project_id"], unique=False)
    op.create_table(
        "progress_snapshot",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("month_end", sa.Date(), nullable=False),
        sa.Column("reported", sa.Double(), nullable=False),
        sa.Column("certified", sa.Double(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "date_trunc('month', month_end + 1) = month_end + 1", name=op.f("ck_progress_snapshot_month_end")
        ),
        sa.CheckConstraint("certified >= 0 AND certified <= 1", name=op.f("ck_progress_snapshot_certified")),
        sa.CheckConstraint("reported >= 0 AND reported <= 1", name=op.f("ck_progress_snapshot_reported")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_progress_snapshot_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_progress_snapshot")),
        sa.UniqueConstraint(
            "project_id", "month_end", name=op.f("uq_progress_snapshot_project_id_month_end")
        ),
    )
    op.create_table(
        "project_figure",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("figure", sa.Text(), nullable=False),
        sa.Column("baseline", sa.Double(), nullable=True),
        sa.Column("planned", sa.Double(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "figure IN ('site_area', 'floor_area', 'floor_area_retained', 'floor_area_altered', 'floor_area_demolished', 'floor_area_new', 'floor_area_exempt', 'green_area', 'height', 'households', 'population', 'parking')",
            name=op.f("ck_project_figure_figure"),
        ),
        sa.CheckConstraint("baseline >= 0", name=op.f("ck_project_figure_baseline_not_negative")),
        sa.CheckConstraint(
            "baseline IS NOT NULL OR planned IS NOT NULL", name=op.f("ck_project_figure_figure_given")
        ),
        sa.CheckConstraint("planned >= 0", name=op.f("ck_project_figure_planned_not_negative")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_figure_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_figure")),
        sa.UniqueConstraint("project_id", "figure", name=op.f("uq_project_figure_project_id_figure")),
    )
    op.create_table(
        "stage_event",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "stage IN ('library', 'annual_plan', 'entity', 'scheme', 'joint_review', 'permit', 'construction', 'completed', 'operation')",
            name=op.f("ck_stage_event_stage"),
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_stage_event_document_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_stage_event_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stage_event")),
        sa.UniqueConstraint("project_id", "stage", name=op.f("uq_stage_event_project_id_stage")),
    )
    op.create_index(
        "ix_stage_event_project_id_on_date", "stage_event", ["project_id", "on_date"], unique=False
    )
    op.add_geospatial_column(
        "district",
        sa.Column(
            "mercator",
            Geometry(
                srid=3857, dimension=2, spatial_index=False, from_text="ST_GeomFromEWKT", name="geometry"
            ),
            sa.Computed("st_transform(boundary, 3857)", persisted=True),
            nullable=True,
        ),
    )
    op.create_geospatial_index(
        "ix_district_mercator",
        "district",
        ["mercator"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.add_column("project", sa.Column("progress", sa.Double(), nullable=True))
    op.add_column("project", sa.Column("name_en", sa.Text(), nullable=True))
    op.add_column("project", sa.Column("implementing_entity", sa.Text(), nullable=True))
    op.add_column("project", sa.Column("lead_department", sa.Text(), nullable=True))
    op.add_column("project", sa.Column("planned_start", sa.Date(), nullable=True))
    op.add_column("project", sa.Column("planned_end", sa.Date(), nullable=True))
    op.add_column("project", sa.Column("geometry_kind", sa.Text(), nullable=True))
    op.add_geospatial_column(
        "project",
        sa.Column(
            "mercator",
            Geometry(
                srid=3857, dimension=2, spatial_index=False, from_text="ST_GeomFromEWKT", name="geometry"
            ),
            sa.Computed("st_transform(boundary, 3857)", persisted=True),
            nullable=True,
        ),
    )
    op.create_geospatial_index(
        "ix_project_mercator",
        "project",
        ["mercator"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )

    for name, rule in PROJECT_CHECKS.items():
        op.create_check_constraint(op.f(f"ck_project_{name}"), "project", rule)
    layers = sorted({layer for layers in LAYERS_OF_TABLE.values() for layer in layers})
    op.bulk_insert(
        sa.table("layer_version", sa.column("layer", sa.Text)), [{"layer": layer} for layer in layers]
    )
    for statement in (AUDIT, *audit_triggers(), *VERSIONS, *version_triggers(), *derivations()):
        op.execute(statement)


def downgrade() -> None:
    op.execute(AUDIT_BEFORE)
    for table in ("project", "project_district", "register_entry", "district"):
        op.execute(f"DROP TRIGGER note_layer_change ON {table}")
    for name in PROJECT_CHECKS:
        op.drop_constraint(op.f(f"ck_project_{name}"), "project", type_="check")
    op.drop_geospatial_index(
        "ix_project_mercator", table_name="project", postgresql_using="gist", column_name="mercator"
    )
    op.drop_geospatial_column("project", "mercator")
    op.drop_column("project", "geometry_kind")
    op.drop_column("project", "planned_end")
    op.drop_column("project", "planned_start")
    op.drop_column("project", "lead_department")
    op.drop_column("project", "implementing_entity")
    op.drop_column("project", "name_en")
    op.drop_column("project", "progress")
    op.drop_geospatial_index(
        "ix_district_mercator", table_name="district", postgresql_using="gist", column_name="mercator"
    )
    op.drop_geospatial_column("district", "mercator")
    op.drop_index("ix_stage_event_project_id_on_date", table_name="stage_event")
    op.drop_table("stage_event")
    op.drop_table("project_figure")
    op.drop_table("progress_snapshot")
    op.drop_index("ix_problem_project_project_id", table_name="problem_project")
    op.drop_table("problem_project")
    op.drop_table("milestone")
    op.drop_index("ix_document_project_id", table_name="document")
    op.drop_table("document")
    op.drop_index("ix_zoning_source_id", table_name="zoning")
    op.drop_geospatial_index(
        "ix_zoning_shape", table_name="zoning", postgresql_using="gist", column_name="shape"
    )
    op.drop_geospatial_index(
        "ix_zoning_mercator", table_name="zoning", postgresql_using="gist", column_name="mercator"
    )
    op.drop_index("ix_zoning_city_id_code", table_name="zoning")
    op.drop_geospatial_table("zoning")
    op.drop_index("ix_street_edge_source_id", table_name="street_edge")
    op.drop_geospatial_index(
        "ix_street_edge_shape", table_name="street_edge", postgresql_using="gist", column_name="shape"
    )
    op.drop_geospatial_index(
        "ix_street_edge_mercator", table_name="street_edge", postgresql_using="gist", column_name="mercator"
    )
    op.drop_index("ix_street_edge_city_id_street_class", table_name="street_edge")
    op.drop_geospatial_table("street_edge")
    op.drop_geospatial_index(
        "ix_problem_shape", table_name="problem", postgresql_using="gist", column_name="shape"
    )
    op.drop_geospatial_index(
        "ix_problem_mercator", table_name="problem", postgresql_using="gist", column_name="mercator"
    )
    op.drop_geospatial_table("problem")
    op.drop_index("ix_population_cell_source_id", table_name="population_cell")
    op.drop_geospatial_index(
        "ix_population_cell_shape", table_name="population_cell", postgresql_using="gist", column_name="shape"
    )
    op.drop_geospatial_index(
        "ix_population_cell_mercator",
        table_name="population_cell",
        postgresql_using="gist",
        column_name="mercator",
    )
    op.drop_geospatial_table("population_cell")
    op.drop_index("ix_parcel_source_id", table_name="parcel")
    op.drop_geospatial_index(
        "ix_parcel_shape", table_name="parcel", postgresql_using="gist", column_name="shape"
    )
    op.drop_geospatial_index(
        "ix_parcel_mercator", table_name="parcel", postgresql_using="gist", column_name="mercator"
    )
    op.drop_geospatial_table("parcel")
    op.drop_index("ix_facility_source_id", table_name="facility")
    op.drop_geospatial_index(
        "ix_facility_shape", table_name="facility", postgresql_using="gist", column_name="shape"
    )
    op.drop_geospatial_index(
        "ix_facility_mercator", table_name="facility", postgresql_using="gist", column_name="mercator"
    )
    op.drop_index("ix_facility_city_id_category", table_name="facility")
    op.drop_geospatial_table("facility")
    op.drop_index("ix_constraint_area_source_id", table_name="constraint_area")
    op.drop_geospatial_index(
        "ix_constraint_area_shape", table_name="constraint_area", postgresql_using="gist", column_name="shape"
    )
    op.drop_geospatial_index(
        "ix_constraint_area_mercator",
        table_name="constraint_area",
        postgresql_using="gist",
        column_name="mercator",
    )
    op.drop_index("ix_constraint_area_city_id_code", table_name="constraint_area")
    op.drop_geospatial_table("constraint_area")
    op.drop_index("ix_building_source_id", table_name="building")
    op.drop_geospatial_index(
        "ix_building_shape", table_name="building", postgresql_using="gist", column_name="shape"
    )
    op.drop_geospatial_index(
        "ix_building_mercator", table_name="building", postgresql_using="gist", column_name="mercator"
    )
    op.drop_geospatial_table("building")
    op.drop_index("ix_layer_source_city_id_layer", table_name="layer_source")
    op.drop_table("layer_source")
    op.drop_table("layer_version")
    op.drop_table("layer_change")
    op.execute("DROP FUNCTION note_layer_change(), raise_layer_version(), derive_stage(), derive_progress()")
