"""What all tables share: naming of constraints, column types, the integer key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from geoalchemy2 import Geometry
from sqlalchemy import Computed, Date, MetaData, Numeric, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
MONEY = Numeric(18, 2)
MULTIPOLYGON = Geometry("MULTIPOLYGON", srid=4326, spatial_index=False)
MERCATOR = Geometry("GEOMETRY", srid=3857, spatial_index=False)
SOUND_SHAPE = "ST_IsValid(shape) AND NOT ST_IsEmpty(shape)"
VALIDITY = "valid_to IS NULL OR valid_from IS NULL OR valid_to > valid_from"
SOUND_POLYGON = "boundary IS NULL OR (ST_IsValid(boundary) AND NOT ST_IsEmpty(boundary))"


class Base(DeclarativeBase):
    """Base of all tables, with one naming convention for constraints."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {str: Text, Decimal: MONEY, dt.date: Date}  # noqa: RUF012

    id: Mapped[int] = mapped_column(primary_key=True)


def one_of(column: str, codes: Iterable[str]) -> str:
    """Return the SQL condition that a column holds one of these codes, or nothing."""
    return f"{column} IN ({', '.join(repr(code) for code in codes)})"


def mercator_of(column: str) -> Computed:
    """Return the geometry of a column in EPSG:3857, kept by the database for tiles."""
    return Computed(f"st_transform({column}, 3857)", persisted=True)
