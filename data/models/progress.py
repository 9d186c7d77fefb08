"""How a project moves on: stages, monthly progress, milestones, figures before and after, documents."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data import codes
from data.models.base import Base, one_of


class StageEvent(Base):
    """A project reached a stage on a day; its newest event says ``project.stage``."""

    __tablename__ = "stage_event"
    __table_args__ = (
        UniqueConstraint("project_id", "stage"),
        CheckConstraint(one_of("stage", codes.STAGES), name="stage"),
        Index("ix_stage_event_project_id_on_date", "project_id", "on_date"),
    )

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    stage: Mapped[str]
    on_date: Mapped[dt.date]
    document_id: Mapped[int | None] = mapped_column(ForeignKey("document.id", ondelete="SET NULL"))
    note: Mapped[str | None]


class ProgressSnapshot(Base):
    """Share of the works done (0 to 1) at a month's end: reported 填报, and certified 核定 where it was."""

    __tablename__ = "progress_snapshot"
    __table_args__ = (
        UniqueConstraint("project_id", "month_end"),
        CheckConstraint("reported >= 0 AND reported <= 1", name="reported"),
        CheckConstraint("certified >= 0 AND certified <= 1", name="certified"),
        CheckConstraint("date_trunc('month', month_end + 1) = month_end + 1", name="month_end"),
    )

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    month_end: Mapped[dt.date]
    reported: Mapped[float]
    certified: Mapped[float | None]


class Milestone(Base):
    """What a project plans to reach by a day, and when it did."""

    __tablename__ = "milestone"
    __table_args__ = (
        UniqueConstraint("project_id", "name"),
        CheckConstraint(one_of("stage", codes.STAGES), name="stage"),
    )

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    name: Mapped[str]
    stage: Mapped[str | None]
    planned_on: Mapped[dt.date | None]
    reached_on: Mapped[dt.date | None]


class ProjectFigure(Base):
    """A figure of a project before (现状 baseline) and after (规划 planned); units by ``codes.FIGURES``."""

    __tablename__ = "project_figure"
    __table_args__ = (
        UniqueConstraint("project_id", "figure"),
        CheckConstraint(one_of("figure", codes.FIGURES), name="figure"),
        CheckConstraint("baseline >= 0", name="baseline_not_negative"),
        CheckConstraint("planned >= 0", name="planned_not_negative"),
        CheckConstraint("baseline IS NOT NULL OR planned IS NOT NULL", name="figure_given"),
    )

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    figure: Mapped[str]
    baseline: Mapped[float | None]
    planned: Mapped[float | None]


class Document(Base):
    """A document about a project: a plan, an opinion, a permit, a report. ``url`` is a web address."""

    __tablename__ = "document"
    __table_args__ = (
        CheckConstraint(one_of("kind", codes.DOCUMENT_KINDS), name="kind"),
        CheckConstraint("url ~ '^https?://'", name="url"),
        Index("ix_document_project_id", "project_id"),
    )

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    kind: Mapped[str]
    title: Mapped[str]
    number: Mapped[str | None]
    issued_on: Mapped[dt.date | None]
    url: Mapped[str | None]
