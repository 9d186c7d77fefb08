"""What the panel and the page of a project show beside its facts: how it moves on, costs, changes, lies."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import Connection, RowMapping

from data import audit, register
from data import project as projects
from data import project_panel as queries
from data.errors import N_, InvalidInput
from data.session import Database

NEARBY_METRES = 200
FARTHEST_METRES = 5_000
MOST_NEARBY = 30
MOST_CHANGES = 200
TIE = Decimal(500_000)


@dataclass(frozen=True)
class Money:
    """A project's money in yuan, by source and year; ``printed`` is the total that the library gives.

    ``rows`` is by source and year, ``sources`` and ``years`` their sums, ``whole`` the sum of all. All have
    ``planned``, ``allocated`` and ``paid``, None where nothing of a kind is supplied.
    """

    rows: list[RowMapping]
    sources: list[RowMapping]
    years: list[RowMapping]
    whole: RowMapping | None
    printed: Decimal | None

    @property
    def gap(self) -> Decimal | None:
        """What the planned money lacks of the printed total; None where either is not supplied."""
        planned = self.whole["planned"] if self.whole else None
        return None if planned is None or self.printed is None else self.printed - planned

    @property
    def ties(self) -> bool:
        """Whether planned money and printed total are equal to half a unit of the last printed place."""
        return self.gap is not None and abs(self.gap) < TIE


@dataclass(frozen=True)
class ProjectPanel:
    """What is known of a project; money in yuan, areas in m², distances in m of the city's metric CRS.

    ``stage_on_day`` is the stage that it had reached by ``day``, None where none was reported by then.
    """

    project: RowMapping
    districts: list[RowMapping]
    today: dt.date
    ladder: list[RowMapping]
    milestones: list[RowMapping]
    money: Money
    progress: list[RowMapping]
    changes: list[RowMapping]
    ratios: RowMapping
    zoning: list[RowMapping]
    constraints: list[RowMapping]
    nearby: list[RowMapping]
    within: int
    problems: list[RowMapping]
    documents: list[RowMapping]
    history: list[RowMapping]
    notices: dict[int, str]
    day: dt.date | None = None
    stage_on_day: str | None = None

    @property
    def late(self) -> list[RowMapping]:
        """The stages that were reached late, or are overdue."""
        return [row for row in self.ladder if row["is_late"]]


def project_panel(  # noqa: PLR0913
    database: Database,
    city: RowMapping,
    code: str,
    *,
    within: int = NEARBY_METRES,
    today: dt.date | None = None,
    day: dt.date | None = None,
) -> ProjectPanel | None:
    """Read all that is known of a project; None where the city has none of that code.

    Parameters
    ----------
    within
        How near (m) another project counts as a candidate for joint renewal 联动更新. A working default, not
        a legal distance.
    today
        The day by which a planned day has passed; None: the day of the server.
    day
        A day of which the stage is asked too.
    """
    now = today or dt.datetime.now().astimezone().date()
    with database.reading() as connection:
        project = projects.find(connection, city["id"], code, city["metric_srid"])
        if project is None:
            return None
        found = _read(connection, city, project, within, now)
        stage = queries.stage_at(connection, project["id"], day)
        return replace(found, day=day, stage_on_day=stage)


def _read(
    connection: Connection, city: RowMapping, project: RowMapping, within: int, today: dt.date
) -> ProjectPanel:
    key, srid = project["id"], city["metric_srid"]
    return ProjectPanel(
        project=project,
        districts=projects.districts(connection, key),
        today=today,
        ladder=queries.ladder(connection, key, today),
        milestones=queries.milestones(connection, key, today),
        money=_money(queries.money(connection, key), project["total_investment"]),
        progress=queries.progress(connection, key),
        changes=queries.changes(connection, key),
        ratios=queries.ratios(connection, key),
        zoning=queries.zoning(connection, key, srid),
        constraints=queries.constraints(connection, key, srid),
        nearby=queries.nearby(connection, key, srid, within, MOST_NEARBY),
        within=within,
        problems=queries.problems(connection, key),
        documents=queries.documents(connection, key),
        history=audit.project_history(connection, key, srid, MOST_CHANGES),
        notices={notice["id"]: notice["number"] for notice in register.notices(connection, city["id"])},
    )


def _money(rows: list[RowMapping], printed: Decimal | None) -> Money:
    levels: list[list[RowMapping]] = [[], [], [], []]
    for row in rows:
        levels[row["level"]].append(row)
    by_both, by_source, by_year, whole = levels
    return Money(by_both, by_source, by_year, whole[0] if by_both else None, printed)


def within_from_query(value: str) -> int:
    """Read a distance for candidates of joint renewal, in whole metres; the default for an empty one.

    Raises
    ------
    InvalidInput
        It is not a whole number of metres up to ``FARTHEST_METRES``.
    """
    if not value:
        return NEARBY_METRES
    metres = int(value) if value.isascii() and value.isdigit() and len(value) <= 5 else 0
    if 1 <= metres <= FARTHEST_METRES:
        return metres
    raise InvalidInput(
        N_("The distance to neighbours cannot be «{value}»."),
        remedy=N_("Give whole metres from 1 to {most}."),
        value=value[:40],
        most=FARTHEST_METRES,
    )
