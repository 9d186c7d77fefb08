"""Indicators 指标: runs, their units and values, and the thresholds that judge them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from data import indicator_codes as codes
from data.models.base import MERCATOR, VALIDITY, Base, mercator_of, one_of

BYTEWISE = Text(collation="C")
UNIT_SHAPE = Geometry("MULTIPOLYGON", srid=4326, spatial_index=False)
# low and high as the operator needs them: a band has both, a floor only low, a ceiling only high.
BOUNDS = (
    "CASE operator WHEN 'between' THEN low <= high WHEN '=' THEN low = high "
    "WHEN '>=' THEN low IS NOT NULL AND high IS NULL WHEN '>' THEN low IS NOT NULL AND high IS NULL "
    "ELSE high IS NOT NULL AND low IS NULL END IS TRUE"
)


class Threshold(Base):
    """A threshold 阈值 as a document states it: data, never changed, only withdrawn.

    ``digest`` names the content, so that a corrected row is a new one and old verdicts keep theirs. A row
    with a ``city_id`` is that city's own. ``low`` and ``high`` are in ``unit``; ``modal`` is the text's word.
    """

    __tablename__ = "threshold"
    __table_args__ = (
        CheckConstraint(one_of("operator", codes.OPERATORS), name="operator"),
        CheckConstraint(BOUNDS, name="bounds"),
        CheckConstraint(one_of("scope", codes.SCOPES), name="scope"),
        CheckConstraint(one_of("strength", codes.STRENGTHS), name="strength"),
        CheckConstraint(one_of("override", codes.OVERRIDES), name="override"),
        CheckConstraint(VALIDITY, name="validity"),
        Index("ix_threshold_city_id", "city_id"),
    )

    city_id: Mapped[int | None] = mapped_column(ForeignKey("city.id", ondelete="CASCADE"))
    digest: Mapped[str] = mapped_column(unique=True)
    indicator: Mapped[str]
    subject: Mapped[str] = mapped_column(server_default="")
    jurisdiction: Mapped[str]
    scope: Mapped[str]
    year: Mapped[int | None] = mapped_column(SmallInteger)
    operator: Mapped[str]
    low: Mapped[float | None]
    high: Mapped[float | None]
    unit: Mapped[str]
    strength: Mapped[str]
    modal: Mapped[str] = mapped_column(server_default="")
    override: Mapped[str] = mapped_column(server_default="free")
    document: Mapped[str]
    document_no: Mapped[str] = mapped_column(server_default="")
    document_date: Mapped[str] = mapped_column(server_default="")
    clause: Mapped[str] = mapped_column(server_default="")
    valid_from: Mapped[dt.date | None]
    valid_to: Mapped[dt.date | None]
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))


class IndicatorRun(Base):
    """One computation of a city's indicators for one kind of unit, and all that its values depend on.

    ``inputs_hash`` names the content of the city's layers, ``values_hash`` that of the values written: the
    same inputs, parameters and ``code_version`` give the same values, byte for byte. ``held`` sums up which
    indicators the run holds, so that nobody has to count millions of values to offer a choice.
    """

    __tablename__ = "indicator_run"
    __table_args__ = (
        CheckConstraint(one_of("units", codes.UNIT_KINDS), name="units"),
        CheckConstraint("side > 0", name="side"),
        CheckConstraint("finished_at >= started_at", name="times"),
        Index("ix_indicator_run_city_id_units_id", "city_id", "units", "id"),
    )

    city_id: Mapped[int] = mapped_column(ForeignKey("city.id", ondelete="CASCADE"))
    units: Mapped[str]
    side: Mapped[float | None]
    started_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    code_version: Mapped[str]
    inputs_hash: Mapped[str]
    values_hash: Mapped[str]
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONB)
    held: Mapped[list[list[Any]]] = mapped_column(JSONB)
    actor: Mapped[str]
    indicators: Mapped[int]
    units_count: Mapped[int]


# A unit as it was when the run was made, in the order of the run.
INDICATOR_UNIT = Table(
    "indicator_unit",
    Base.metadata,
    Column("run_id", Integer, ForeignKey("indicator_run.id", ondelete="CASCADE"), primary_key=True),
    Column("unit_code", BYTEWISE, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("unit_name_zh", Text),
    Column("unit_name_en", Text),
    Column("shape", UNIT_SHAPE),
    Column("mercator", MERCATOR, mercator_of("shape"), nullable=True),
    Index("ix_indicator_unit_mercator", "mercator", postgresql_using="gist"),
)
# ``value`` is NULL where an input is not supplied, which ``missing`` then names (layer or layer.column), and
# where there is nothing to divide by. Triggers see to it that each value has its run and goes with it.
INDICATOR_VALUE = Table(
    "indicator_value",
    Base.metadata,
    Column("run_id", Integer, primary_key=True, autoincrement=False),
    Column("indicator", BYTEWISE, primary_key=True),
    Column("subject", BYTEWISE, primary_key=True, server_default=""),
    Column("basis", BYTEWISE, primary_key=True, server_default=""),
    Column("unit_code", BYTEWISE, primary_key=True),
    Column("value", Double),
    Column("numerator", Double),
    Column("denominator", Double),
    Column("unit", Text, nullable=False),
    Column("verdict", Text),
    Column("threshold_id", Integer, ForeignKey("threshold.id", ondelete="SET NULL")),
    Column("missing", Text),
    CheckConstraint(one_of("verdict", codes.VERDICTS), name="verdict"),
    CheckConstraint("value IS NULL OR missing IS NULL", name="missing"),
)
