"""Main cities, county towns, clusters and renewal units as areas that a city may draw; units of renewal."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KINDS = (
    "historic_block", "historic_building_zone", "ecological_line", "farmland", "growth_boundary", "blue_line",
    "green_line", "yellow_line", "purple_line", "road_line", "water", "hazard", "old_city", "built_up",
    "central_city",
)  # fmt: skip
NEW = ("main_city", "county_town", "cluster", "renewal_unit")
UNITS = ("district", "zone", "grid", "hexagon", "project", "catchment", "area")


def allow(table: str, column: str, words: tuple[str, ...]) -> None:
    named = ", ".join(repr(word) for word in words)
    name = op.f(f"ck_{table}_{column}")
    op.drop_constraint(name, table, type_="check")
    op.create_check_constraint(name, table, f"{column} IN ({named})")


def upgrade() -> None:
    allow("constraint_area", "kind", (*KINDS, *NEW))
    allow("indicator_run", "units", (*UNITS, "renewal_unit"))


def downgrade() -> None:
    op.execute(f"DELETE FROM constraint_area WHERE kind IN {NEW}")
    op.execute("DELETE FROM indicator_run WHERE units = 'renewal_unit'")
    # The change of the layer is noted at the end of the transaction, in a table that it may drop.
    op.execute("SET CONSTRAINTS ALL IMMEDIATE")
    allow("constraint_area", "kind", KINDS)
    allow("indicator_run", "units", UNITS)
