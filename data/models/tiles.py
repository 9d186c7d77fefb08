"""What tiles of low zooms draw instead of a million features; triggers keep it."""

from __future__ import annotations

from sqlalchemy import Column, Double, ForeignKey, Integer, SmallInteger, Table

from data.models.base import Base

FINEST = 12
COARSEST = 6

# Buildings by the cell that holds the middle of their footprint. The world is 2^(level + 6) cells wide, rows
# (``y``) from the north: at zoom = level a tile is 64 cells wide. Of ``known`` the floor area is supplied.
BUILDING_CELL = Table(
    "building_cell",
    Base.metadata,
    Column("city_id", Integer, ForeignKey("city.id", ondelete="CASCADE"), primary_key=True),
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("y", Integer, primary_key=True, autoincrement=False),
    Column("x", Integer, primary_key=True, autoincrement=False),
    Column("buildings", Integer, nullable=False),
    Column("known", Integer, nullable=False),
    Column("floor_area", Double, nullable=False),
)
