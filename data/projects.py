"""Projects as people ask for them: one filter for the grid, the map, the charts and the export."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    RowMapping,
    Select,
    case,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from data.codes import PROJECT_TYPES, RENEWAL_MODES
from data.models import District, Project, ProjectDistrict, RegisterEntry, RegisterNotice
from data.project_day import entered_by, has_left, ladder, stage_on

YI = Decimal(100_000_000)
BAND_EDGES_YI = (1, 5, 10, 50, 100)
BANDS = ("<1", "1-5", "5-10", "10-50", "50-100", ">=100")
PINYIN = "zh-x-icu"
SORTABLE = (
    *("code", "name", "amount", "year", "batch", "district", "boundary_status"),
    *("stage", "project_type", "renewal_mode"),
)


@dataclass(frozen=True)
class ProjectFilter:
    """What to keep; an empty field keeps everything. Amounts in yuan, bands by ``BANDS``.

    ``day`` keeps what the library held on a day; ``stages`` then means the stages of that day.
    """

    text: str = ""
    districts: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    batches: tuple[str, ...] = ()
    bands: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    boundary: tuple[str, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    entered: bool = False
    cross_district: bool = False
    exited: bool = False
    day: dt.date | None = None

    def active(self) -> list[str]:
        """Name the fields that narrow the list."""
        return [
            field.name for field in fields(self) if getattr(self, field.name) not in ("", (), None, False)
        ]


def band() -> ColumnElement[str]:
    """Size band 规模段 of a project by its total investment, the lower edge included; NULL when unknown."""
    amount = Project.total_investment
    rungs = [(amount < edge * YI, name) for edge, name in zip(BAND_EDGES_YI, BANDS[:-1], strict=True)]
    return case((amount.is_(None), None), *rungs, else_=BANDS[-1])


def latest_notice(city_id: int) -> Any:
    """Return a scalar subquery: the id of the city's newest notice."""
    return (
        select(RegisterNotice.id)
        .where(RegisterNotice.city_id == city_id)
        .order_by(RegisterNotice.sequence.desc())
        .limit(1)
        .scalar_subquery()
    )


def entered_since_last(city_id: int) -> ColumnElement[bool]:
    """Whether a project entered with the newest notice: absent from the one before.

    A city's first notice has none before it; there its printed list of new entries says.
    """
    newest = latest_notice(city_id)
    now, before = RegisterEntry.__table__.alias(), RegisterEntry.__table__.alias()
    previous = (
        select(RegisterNotice.id)
        .where(RegisterNotice.city_id == city_id)
        .order_by(RegisterNotice.sequence.desc())
        .offset(1)
        .limit(1)
        .scalar_subquery()
    )
    was_there = select(before.c.id).where(
        before.c.project_id == now.c.project_id, before.c.notice_id == previous
    )
    return Project.id.in_(
        select(now.c.project_id).where(
            now.c.notice_id == newest,
            case((previous.is_(None), now.c.printed_as_new), else_=~was_there.exists()),
        )
    )


def conditions(city_id: int, keep: ProjectFilter) -> list[ColumnElement[bool]]:
    """Turn a filter into bound SQL conditions on ``Project``."""
    held = [has_left(keep.day) if keep.exited else ~has_left(keep.day)]
    if keep.day is not None:
        held.append(entered_by(keep.day))
    if keep.stages:
        held.append(stage_on(keep.day).in_(keep.stages))
    return narrowing(city_id, keep) + held


def narrowing(city_id: int, keep: ProjectFilter) -> list[ColumnElement[bool]]:
    """Return the conditions of a filter that are the same on every day: all but day, stages and exits."""
    found = [Project.city_id == city_id]
    found += [_matches(city_id, word) for word in keep.text.split()]
    if keep.districts or keep.sections:
        found.append(_lies_in(keep))
    if keep.years:
        found.append(Project.code_year.in_(keep.years))
    if keep.batches:
        found.append(batch_label().in_(keep.batches))
    if keep.bands:
        found.append(band().in_(keep.bands))
    named = ((Project.project_type, keep.types), (Project.renewal_mode, keep.modes))
    found += [column.in_(wanted) for column, wanted in named if wanted]
    if keep.boundary:
        found.append(Project.boundary_status.in_(keep.boundary))
    if keep.minimum is not None:
        found.append(Project.total_investment >= keep.minimum)
    if keep.maximum is not None:
        found.append(Project.total_investment <= keep.maximum)
    if keep.entered:
        found.append(entered_since_last(city_id))
    if keep.cross_district:
        found.append(_district_count() > 1)
    return found


def batch_label() -> ColumnElement[str]:
    """Return year and batch as the code prints them, e.g. ``202503``."""
    return func.to_char(Project.code_year, "FM0000").concat(func.to_char(Project.code_batch, "FM00"))


def _matches(city_id: int, word: str) -> ColumnElement[bool]:
    """Whether a word stands in a project's name, its code or a name of one of its districts."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    wanted = f"%{escaped}%"
    aliases = func.array_to_string(District.aliases, " ")
    names = func.concat_ws(" ", District.name_zh, District.name_en, aliases)
    named = (District.city_id == city_id, names.ilike(wanted))
    there = select(ProjectDistrict.project_id).join(District).where(*named)
    own = [column.ilike(wanted) for column in (Project.name, Project.name_en, Project.code)]
    return or_(*own, Project.id.in_(there))


def _lies_in(keep: ProjectFilter) -> ColumnElement[bool]:
    wanted = []
    if keep.districts:
        wanted.append(District.code.in_(keep.districts))
    if keep.sections:
        wanted.append(District.section.in_(keep.sections))
    return (
        select(ProjectDistrict.id)
        .join(District)
        .where(ProjectDistrict.project_id == Project.id, *wanted)
        .exists()
    )


def _district_count() -> Any:
    return (
        select(func.count())
        .where(ProjectDistrict.project_id == Project.id)
        .correlate(Project)
        .scalar_subquery()
    )


def _districts(column: Any) -> Any:
    return (
        select(func.array_agg(aggregate_order_by(column, District.position, District.code)))
        .select_from(ProjectDistrict)
        .join(District)
        .where(ProjectDistrict.project_id == Project.id)
        .correlate(Project)
        .scalar_subquery()
    )


def _first_district() -> Any:
    return (
        select(func.min(District.position))
        .select_from(ProjectDistrict)
        .join(District)
        .where(ProjectDistrict.project_id == Project.id)
        .correlate(Project)
        .scalar_subquery()
    )


def listing(city_id: int, keep: ProjectFilter) -> Select[Any]:
    """Select the filtered projects with the columns that lists, grids and exports show."""
    columns: list[Any] = [
        Project.id,
        Project.code,
        Project.name,
        Project.name_en,
        Project.total_investment.label("amount"),
        Project.code_year.label("year"),
        Project.code_batch.label("batch"),
        batch_label().label("batch_label"),
        band().label("band"),
        Project.project_type,
        Project.renewal_mode,
        stage_on(keep.day).label("stage"),
        Project.boundary_status,
        Project.exit_reason,
        _districts(District.code).label("district_codes"),
        _districts(District.name_zh).label("districts_zh"),
        _districts(District.name_en).label("districts_en"),
        _districts(District.section).label("sections"),
        _districts(ProjectDistrict.share).label("shares"),
        entered_since_last(city_id).label("entered"),
    ]
    return select(*columns).where(*conditions(city_id, keep))


def ordering(sort: str = "code", descending: bool = False) -> tuple[ColumnElement[Any], ...]:
    """Return the sort keys for one of ``SORTABLE``: unknown last, Chinese names by pinyin, ties by code."""
    columns: dict[str, Any] = {
        "code": Project.code,
        "name": Project.name.collate(PINYIN),
        "amount": Project.total_investment,
        "year": Project.code_year,
        "batch": batch_label(),
        "district": _first_district(),
        "boundary_status": Project.boundary_status,
        "stage": ladder(Project.stage),
        "project_type": _in_order(Project.project_type, PROJECT_TYPES),
        "renewal_mode": _in_order(Project.renewal_mode, RENEWAL_MODES),
    }
    column = columns.get(sort, Project.code)
    return (column.desc() if descending else column.asc()).nulls_last(), Project.code.asc()


def _in_order(column: Any, terms: Collection[str]) -> ColumnElement[int]:
    return case({code: place for place, code in enumerate(terms)}, value=column)


def ordered(query: Select[Any], sort: str = "code", descending: bool = False) -> Select[Any]:
    """Order a listing by one of ``SORTABLE``; unknown amounts last; ties by code."""
    return query.order_by(*ordering(sort, descending))


def page(
    connection: Connection, query: Select[Any], *, offset: int = 0, limit: int | None = None
) -> list[RowMapping]:
    """Read a part of a listing; the rows before it are only counted off, not computed."""
    if limit is None and not offset:
        return list(connection.execute(query).mappings())
    ids = connection.scalars(query.with_only_columns(Project.id).offset(offset).limit(limit)).all()
    return list(connection.execute(query.where(Project.id.in_(ids))).mappings()) if ids else []


def totals(connection: Connection, city_id: int, keep: ProjectFilter) -> RowMapping:
    """Count the filtered projects, sum and median their investment (yuan), count those with a boundary."""
    query = select(
        func.count().label("projects"),
        func.sum(Project.total_investment).label("investment"),
        func.percentile_cont(0.5).within_group(Project.total_investment).label("median"),
        func.count(Project.total_investment).label("with_amount"),
        func.count(Project.boundary).label("with_boundary"),
        func.sum(entered_since_last(city_id).cast(Integer)).label("entered"),
    ).where(*conditions(city_id, keep))
    return connection.execute(query).mappings().one()


def grouped(connection: Connection, city_id: int, keep: ProjectFilter, by: str) -> list[RowMapping]:
    """Count projects and sum investment by ``year``, ``batch``, ``band``, ``stage``, ``type`` or ``mode``.

    A project counts once.
    """
    keys: dict[str, Any] = {
        "year": Project.code_year,
        "batch": batch_label(),
        "band": band(),
        "stage": stage_on(keep.day),
        "type": Project.project_type,
        "mode": Project.renewal_mode,
    }
    key = keys[by].label("key")
    query = (
        select(key, func.count().label("projects"), func.sum(Project.total_investment).label("investment"))
        .where(*conditions(city_id, keep))
        .group_by(key)
        .order_by(key)
    )
    return list(connection.execute(query).mappings())


def hold_still(connection: Connection) -> None:
    """Let all that this transaction reads be of one moment; before its first query."""
    connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


def how_many(connection: Connection, city_id: int, keep: ProjectFilter) -> int:
    """Count the filtered projects."""
    query = select(func.count()).select_from(Project).where(*conditions(city_id, keep))
    return int(connection.scalar(query) or 0)


def streamed(connection: Connection, query: Select[Any], size: int = 2_000) -> Iterator[RowMapping]:
    """Read a whole listing a few rows at a time, in the connection's transaction."""
    options = {"stream_results": True, "yield_per": size}
    yield from connection.execute(query, execution_options=options).mappings()
