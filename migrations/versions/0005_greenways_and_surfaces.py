"""Greenways, the surfaces of the ground that let water through or not, and floor area exempt from the ratio."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

LAYERS = (
    "projects", "districts", "zoning", "constraints", "parcels", "buildings", "facilities", "streets",
    "greenways", "surfaces", "population", "problems",
)  # fmt: skip
NEW = {"greenway": "greenways", "surface": "surfaces"}
CLASSES = ("region", "city", "community")
KINDS = ("green", "water", "permeable_paving", "bare_soil", "permeable", "impermeable")


def one_of(column: str, codes: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(code) for code in codes)})"


def shape_of(kind: str) -> sa.Column:
    return sa.Column(
        "shape",
        Geometry(kind, srid=4326, dimension=2, spatial_index=False, nullable=False),
        nullable=False,
    )


def feature_columns() -> list[sa.Column]:
    return [
        sa.Column("city_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column(
            "mercator",
            Geometry(srid=3857, dimension=2, spatial_index=False),
            sa.Computed("st_transform(shape, 3857)", persisted=True),
            nullable=True,
        ),
        sa.Column("id", sa.Integer(), nullable=False),
    ]


def feature_rules(table: str) -> list[sa.Constraint]:
    return [
        sa.CheckConstraint(
            "ST_IsValid(shape) AND NOT ST_IsEmpty(shape)", name=op.f(f"ck_{table}_shape_sound")
        ),
        sa.ForeignKeyConstraint(
            ["city_id"], ["city.id"], name=op.f(f"fk_{table}_city_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["layer_source.id"], name=op.f(f"fk_{table}_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("city_id", "code", name=op.f(f"uq_{table}_city_id_code")),
    ]


def index(table: str) -> None:
    for column in ("mercator", "shape"):
        op.create_geospatial_index(
            f"ix_{table}_{column}", table, [column], unique=False, postgresql_using="gist", postgresql_ops={}
        )
    op.create_index(f"ix_{table}_source_id", table, ["source_id"], unique=False)


def name_layers(layers: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_layer_source_layer"), "layer_source", type_="check")
    op.create_check_constraint(op.f("ck_layer_source_layer"), "layer_source", one_of("layer", layers))


def upgrade() -> None:
    op.create_geospatial_table(
        "greenway",
        sa.Column("greenway_class", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("length", sa.Double(), nullable=False),
        shape_of("LINESTRING"),
        *feature_columns(),
        sa.CheckConstraint(one_of("greenway_class", CLASSES), name=op.f("ck_greenway_greenway_class")),
        sa.CheckConstraint("length > 0", name=op.f("ck_greenway_length")),
        *feature_rules("greenway"),
    )
    op.create_geospatial_table(
        "surface",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        shape_of("MULTIPOLYGON"),
        *feature_columns(),
        sa.CheckConstraint(one_of("kind", KINDS), name=op.f("ck_surface_kind")),
        *feature_rules("surface"),
    )
    op.add_column("building", sa.Column("exempt_floor_area", sa.Double(), nullable=True))
    op.create_check_constraint(op.f("ck_building_exempt_floor_area"), "building", "exempt_floor_area >= 0")
    name_layers(LAYERS)
    for table, layer in NEW.items():
        index(table)
        op.execute(
            f"INSERT INTO layer_version (layer, version) "
            f"VALUES ('{layer}', (extract(epoch FROM clock_timestamp()) * 1000)::bigint)"
        )
        op.execute(
            f"CREATE TRIGGER note_layer_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION note_layer_change('{layer}')"
        )


def downgrade() -> None:
    for table, layer in NEW.items():
        op.drop_geospatial_table(table)
        op.execute(f"DELETE FROM layer_source WHERE layer = '{layer}'")
        op.execute(f"DELETE FROM layer_version WHERE layer = '{layer}'")
    name_layers(tuple(layer for layer in LAYERS if layer not in NEW.values()))
    op.drop_constraint(op.f("ck_building_exempt_floor_area"), "building", type_="check")
    op.drop_column("building", "exempt_floor_area")
