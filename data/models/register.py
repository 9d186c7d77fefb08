"""The register's tables: cities, districts, projects, notices, money, and the log of changes."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Numeric,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from data import codes
from data.models.base import (
    MERCATOR,
    MULTIPOLYGON,
    SOUND_POLYGON,
    VALIDITY,
    Base,
    mercator_of,
    one_of,
)


class City(Base):
    """A city whose renewal is planned here; ``synthetic`` marks invented data wherever it shows."""

    __tablename__ = "city"
    __table_args__ = (CheckConstraint("slug ~ '^[a-z][a-z0-9-]{1,62}$'", name="slug"),)

    slug: Mapped[str] = mapped_column(unique=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    metric_srid: Mapped[int]
    currency: Mapped[str] = mapped_column(server_default="CNY")
    synthetic: Mapped[bool] = mapped_column(server_default=text("false"))
    attribution: Mapped[str] = mapped_column(server_default="")
    code_pattern: Mapped[str | None]


class District(Base):
    """An administrative district or a functional zone; its boundary may be pending."""

    __tablename__ = "district"
    __table_args__ = (
        UniqueConstraint("city_id", "code"),
        CheckConstraint("kind IN ('district', 'functional_zone')", name="kind"),
        CheckConstraint(SOUND_POLYGON, name="boundary_sound"),
        CheckConstraint(VALIDITY, name="validity"),
        Index("ix_district_boundary", "boundary", postgresql_using="gist"),
        Index("ix_district_mercator", "mercator", postgresql_using="gist"),
    )

    city_id: Mapped[int] = mapped_column(ForeignKey("city.id", ondelete="CASCADE"))
    code: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    aliases: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    kind: Mapped[str] = mapped_column(server_default="district")
    section: Mapped[str] = mapped_column(server_default="")
    position: Mapped[int] = mapped_column(server_default="0")
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("district.id"))
    boundary: Mapped[Any | None] = mapped_column(MULTIPOLYGON)
    mercator: Mapped[Any | None] = mapped_column(MERCATOR, mercator_of("boundary"))
    boundary_crs: Mapped[str | None]
    boundary_source: Mapped[str | None]
    valid_from: Mapped[dt.date | None]
    valid_to: Mapped[dt.date | None]
    legal_instrument: Mapped[str | None]


class RegisterNotice(Base):
    """A published notice of the project library, kept as a snapshot; ``sequence`` orders a city's notices."""

    __tablename__ = "register_notice"
    __table_args__ = (UniqueConstraint("city_id", "number"), UniqueConstraint("city_id", "sequence"))

    city_id: Mapped[int] = mapped_column(ForeignKey("city.id", ondelete="CASCADE"))
    number: Mapped[str]
    sequence: Mapped[int]
    published_on: Mapped[dt.date | None]
    source_name: Mapped[str]
    source_sha256: Mapped[str]
    imported_by: Mapped[str]
    imported_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class Project(Base):
    """A renewal project 更新项目; ``exit_notice_id`` names the notice that no longer lists it.

    ``stage`` and ``progress`` (share done, 0 to 1) are kept by triggers: those of the newest ``stage_event``
    and ``progress_snapshot``.
    """

    __tablename__ = "project"
    __table_args__ = (
        UniqueConstraint("city_id", "code"),
        CheckConstraint("code <> ''", name="code_given"),
        CheckConstraint("total_investment >= 0", name="total_investment_not_negative"),
        CheckConstraint(SOUND_POLYGON, name="boundary_sound"),
        CheckConstraint("boundary_status IN ('pending', 'drafted', 'surveyed')", name="boundary_status"),
        CheckConstraint("(boundary_status = 'pending') = (boundary IS NULL)", name="boundary_status_true"),
        CheckConstraint("exit_reason IS NULL OR exit_notice_id IS NOT NULL", name="exit_reason_of_exit"),
        CheckConstraint(one_of("project_type", codes.PROJECT_TYPES), name="project_type"),
        CheckConstraint(one_of("renewal_mode", codes.RENEWAL_MODES), name="renewal_mode"),
        CheckConstraint(one_of("stage", codes.STAGES), name="stage"),
        CheckConstraint(one_of("geometry_kind", codes.GEOMETRY_KINDS), name="geometry_kind"),
        CheckConstraint("progress >= 0 AND progress <= 1", name="progress_share"),
        CheckConstraint("planned_end >= planned_start", name="planned_dates"),
        Index("ix_project_boundary", "boundary", postgresql_using="gist"),
        Index("ix_project_mercator", "mercator", postgresql_using="gist"),
        Index("ix_project_city_id_exit_notice_id", "city_id", "exit_notice_id"),
    )

    city_id: Mapped[int] = mapped_column(ForeignKey("city.id", ondelete="CASCADE"))
    code: Mapped[str]
    name: Mapped[str]
    code_year: Mapped[int | None]
    code_batch: Mapped[int | None]
    code_serial: Mapped[int | None]
    total_investment: Mapped[Decimal | None]
    project_type: Mapped[str | None]
    renewal_mode: Mapped[str | None]
    stage: Mapped[str | None]
    progress: Mapped[float | None]
    name_en: Mapped[str | None]
    implementing_entity: Mapped[str | None]
    lead_department: Mapped[str | None]
    planned_start: Mapped[dt.date | None]
    planned_end: Mapped[dt.date | None]
    geometry_kind: Mapped[str | None]
    boundary: Mapped[Any | None] = mapped_column(MULTIPOLYGON)
    mercator: Mapped[Any | None] = mapped_column(MERCATOR, mercator_of("boundary"))
    boundary_status: Mapped[str] = mapped_column(server_default="pending")
    boundary_crs: Mapped[str | None]
    exit_notice_id: Mapped[int | None] = mapped_column(ForeignKey("register_notice.id"))
    exit_reason: Mapped[str | None]


class ProjectDistrict(Base):
    """The part of a project that counts for a district; the shares of a project sum to 1."""

    __tablename__ = "project_district"
    __table_args__ = (
        UniqueConstraint("project_id", "district_id"),
        CheckConstraint("share > 0 AND share <= 1", name="share"),
        CheckConstraint("share_basis IN ('single', 'equal', 'entered')", name="share_basis"),
        Index("ix_project_district_district_id", "district_id"),
    )

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    district_id: Mapped[int] = mapped_column(ForeignKey("district.id"))
    share: Mapped[Decimal] = mapped_column(Numeric(12, 10))
    share_basis: Mapped[str] = mapped_column(server_default="single")


class RegisterEntry(Base):
    """One printed row of a notice; ``area`` and ``section`` as printed."""

    __tablename__ = "register_entry"
    __table_args__ = (
        UniqueConstraint("notice_id", "project_id"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        Index("ix_register_entry_project_id", "project_id"),
    )

    notice_id: Mapped[int] = mapped_column(ForeignKey("register_notice.id", ondelete="CASCADE"))
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    sequence: Mapped[int]
    name: Mapped[str]
    amount: Mapped[Decimal | None]
    area: Mapped[str]
    section: Mapped[str] = mapped_column(server_default="")
    printed_as_new: Mapped[bool] = mapped_column(server_default=text("false"))


class RegisterTotal(Base):
    """A total that a notice prints for an area, a section or the city, to reconcile the rows with."""

    __tablename__ = "register_total"
    __table_args__ = (
        UniqueConstraint("notice_id", "level", "label"),
        CheckConstraint("level IN ('area', 'section', 'city')", name="level"),
        CheckConstraint("printed >= 0", name="printed_not_negative"),
    )

    notice_id: Mapped[int] = mapped_column(ForeignKey("register_notice.id", ondelete="CASCADE"))
    level: Mapped[str]
    label: Mapped[str]
    section: Mapped[str] = mapped_column(server_default="")
    printed: Mapped[Decimal]


class Investment(Base):
    """Money of a project by year, funding source and kind; the register's total has source ``register``."""

    __tablename__ = "investment"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint("kind IN ('planned', 'allocated', 'paid')", name="kind"),
        Index(
            "uq_investment_project_id_year_source_kind",
            "project_id",
            text("coalesce(year, 0)"),
            "source",
            "kind",
            unique=True,
        ),
    )

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    year: Mapped[int | None]
    source: Mapped[str]
    kind: Mapped[str]
    amount: Mapped[Decimal]
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("register_notice.id"))


class AuditLog(Base):
    """Who changed which row when, with the row before and after; written by triggers only."""

    __tablename__ = "audit_log"
    __table_args__ = (Index("ix_audit_log_table_name_row_id", "table_name", "row_id"),)

    at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.clock_timestamp())
    actor: Mapped[str]
    table_name: Mapped[str]
    row_id: Mapped[int]
    action: Mapped[str]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
