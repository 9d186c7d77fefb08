"""Import a published notice of the project library 项目库: all of it, or nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

import pandas as pd
from sqlalchemy import Connection, RowMapping

from app.services.register.rules import (
    all_totals,
    area_shares,
    checked_number,
    checked_shares,
    code_parts,
    district_names,
    is_older,
    require_known,
    with_new_list,
)
from data import cities
from data import register as queries
from data.errors import N_, Conflict, InvalidInput, Note
from data.readers.register import Register, read_register
from data.session import Database, lock_city
from data.writers import register as writer


@dataclass(frozen=True)
class ImportReport:
    """What an import did; ``entered`` to ``unchanged`` compare with the notice stored before."""

    city: str
    notice: str
    against: str | None
    rows: int
    entered: int
    exited: int
    changed: int
    unchanged: int
    printed_as_new: int
    written: bool
    dry_run: bool
    notes: tuple[Note, ...] = field(default=())


@dataclass(frozen=True)
class _Plan:
    """One import: the city, the files as read, and what the caller wants."""

    city: RowMapping
    number: str
    published_on: dt.date | None
    register: Register
    totals: pd.DataFrame
    areas: pd.DataFrame
    reasons: dict[str, str]
    actor: str
    correction: bool
    out_of_order: bool

    @property
    def header(self) -> dict[str, object]:
        return {
            "number": self.number,
            "published_on": self.published_on,
            "source_name": self.register.file,
            "source_sha256": self.register.sha256,
            "actor": self.actor,
        }


def import_register(  # noqa: PLR0913
    database: Database,
    path: Path,
    *,
    city: str,
    notice: str,
    actor: str,
    published_on: dt.date | None = None,
    mapping: Mapping[str, str] | None = None,
    unit: str | None = None,
    sheet: str | None = None,
    totals: Path | None = None,
    new_list: Path | None = None,
    exit_reasons: Mapping[str, str] | None = None,
    correction: bool = False,
    out_of_order: bool = False,
    dry_run: bool = False,
) -> ImportReport:
    """Import a notice of a city's project library (城市更新项目库) in one transaction.

    Two imports into one city wait for each other. The same notice with the same content writes nothing.

    Parameters
    ----------
    path
        CSV or XLSX; see ``data.readers.register.read_register`` for ``mapping``, ``unit`` and ``sheet``.
    city, notice
        The city's slug and the notice's number as printed, such as 郑建文〔2025〕45号.
    published_on
        The day, where the notice prints one.
    totals
        File of printed totals (level, section, district, printed total) for what the rows do not print.
    new_list
        The notice's list of new entries; each must be in the register with the same name, amount and area.
    exit_reasons
        Why projects left, by code; without one an exit's reason stays *not given*.
    correction
        Correct the city's latest notice, where it is already stored with other content.
    out_of_order
        Take the notice as the newest although its number says that it is older than the latest stored one.
    dry_run
        Do everything, report, and take it back.

    Raises
    ------
    RegisterInvalid
        Rows cannot be used; all of them are named.
    Conflict
        The notice is stored with other content, or is older than the latest one.
    NotFound, InvalidInput, UnreadableFile, UnsupportedFormat, EmptyFile
    """
    with database.reading() as connection:
        city_row = cities.city_named(connection, city)
        names = district_names(cities.districts_of(connection, city_row["id"]))
    proper = {key: name for key, (name, _) in names.items()}
    read = read_register(path, areas=proper, mapping=mapping, unit=unit, sheet=sheet)
    plan = _Plan(
        city=city_row,
        number=checked_number(notice),
        published_on=published_on,
        register=with_new_list(read, new_list, unit),
        totals=all_totals(read, totals, unit),
        areas=area_shares(read.frame["area"], names),
        reasons=dict(exit_reasons or {}),
        actor=actor,
        correction=correction,
        out_of_order=out_of_order,
    )
    with database.writing(actor) as connection:
        report = _carry_out(connection, plan)
        if dry_run:
            connection.rollback()
    if report.written and not dry_run:
        with database.writing(actor) as connection:
            writer.refresh_statistics(connection)
    return replace(report, dry_run=dry_run)


def _carry_out(connection: Connection, plan: _Plan) -> ImportReport:
    lock_city(connection, plan.city["id"])
    known = queries.notices(connection, plan.city["id"])
    parts, notes = code_parts(plan.register.frame["code"], plan.city["code_pattern"])
    writer.stage(connection, plan.register.frame.join(parts), plan.totals, plan.areas)
    stored = next((notice for notice in known if notice["number"] == plan.number), None)
    written = stored is None or _differs(connection, plan, stored)
    if written:
        notes += _write(connection, plan, known, stored)
    else:
        notes.append(Note(N_("This notice is stored already with the same content; nothing was written.")))
    for code, reason in plan.reasons.items():
        _give_reason(connection, plan.city["id"], code, reason)
    return _report(connection, plan, written, (*plan.register.notes, *notes))


def _differs(connection: Connection, plan: _Plan, stored: RowMapping) -> bool:
    redated = plan.published_on not in (None, stored["published_on"])
    return bool(redated) or writer.stored_differs(connection, stored["id"])


def _write(
    connection: Connection, plan: _Plan, known: Sequence[RowMapping], stored: RowMapping | None
) -> list[Note]:
    city_id = plan.city["id"]
    if stored is None:
        _require_newest(plan, known)
        notice_id = writer.add_notice(connection, city_id, plan.header)
        writer.mark_exits(connection, city_id, notice_id)
    else:
        _require_correctable(plan, known, stored)
        notice_id = stored["id"]
        writer.mark_exits(connection, city_id, notice_id)
        writer.clear_notice(connection, notice_id, plan.header)
    writer.store(connection, city_id, notice_id)
    return [] if stored is None else [Note(N_("The stored notice was replaced by this correction of it."))]


def _require_newest(plan: _Plan, known: Sequence[RowMapping]) -> None:
    latest = known[0] if known else None
    if latest is None or plan.out_of_order or not _precedes(plan, latest):
        return
    raise Conflict(
        N_("{number} is older than {latest}, the latest notice of this city."),
        remedy=N_(
            "Notices are imported in the order of their publication. If the older one is to count as the "
            "newest all the same, say so (--out-of-order)."
        ),
        number=plan.number,
        latest=latest["number"],
    )


def _precedes(plan: _Plan, latest: RowMapping) -> bool:
    if plan.published_on and latest["published_on"]:
        return bool(plan.published_on < latest["published_on"])
    return is_older(plan.number, latest["number"])


def _require_correctable(plan: _Plan, known: Sequence[RowMapping], stored: RowMapping) -> None:
    if not plan.correction:
        raise Conflict(
            N_("{number} is stored already with other content, imported from {file}."),
            remedy=N_("Check the number. If this file corrects the stored notice, say so (--correction)."),
            number=plan.number,
            file=stored["source_name"],
        )
    if stored["id"] != known[0]["id"]:
        raise Conflict(
            N_("Only the latest notice can be corrected, and {number} is followed by {latest}."),
            remedy=N_("Later notices build on it; import a new notice instead."),
            number=plan.number,
            latest=known[0]["number"],
        )


def _report(connection: Connection, plan: _Plan, written: bool, notes: tuple[Note, ...]) -> ImportReport:
    notice = queries.notice_numbered(connection, plan.city["id"], plan.number)
    before = queries.notice_before(connection, notice)
    counts = queries.counts(connection, notice["id"], before["id"] if before else None)
    return ImportReport(
        city=plan.city["slug"],
        notice=plan.number,
        against=before["number"] if before else None,
        rows=len(plan.register.frame),
        printed_as_new=int(plan.register.frame["printed_as_new"].sum()),
        written=written,
        dry_run=False,
        notes=notes,
        **counts,
    )


def set_exit_reason(database: Database, city: str, code: str, reason: str, *, actor: str) -> None:
    """Say why a project left the library (退库原因).

    Raises
    ------
    NotFound
        No such city or project.
    Conflict
        The project is still in the library.
    InvalidInput
        The reason is empty.
    """
    with database.writing(actor) as connection:
        _give_reason(connection, cities.city_named(connection, city)["id"], code, reason)


def _give_reason(connection: Connection, city_id: int, code: str, reason: str) -> None:
    project = queries.project_of(connection, city_id, code)
    if not reason.strip():
        raise InvalidInput(
            N_("The reason is empty."), remedy=N_("Say why {code} left the library."), code=code
        )
    if project["exit_notice_id"] is None:
        raise Conflict(
            N_("{code} is still in the library, so it has no reason for leaving."),
            remedy=N_("Check the code."),
            code=code,
        )
    writer.set_exit_reason(connection, project["id"], reason.strip())


def set_shares(
    database: Database, city: str, code: str, shares: Mapping[str, Decimal], *, actor: str
) -> None:
    """Set by hand which part of a project counts for which district (分摊比例).

    Parameters
    ----------
    shares
        Share by district code; they must sum to 1.

    Raises
    ------
    InvalidInput
        A share is not above 0 and at most 1, the shares do not sum to 1, or a district is unknown.
    NotFound
        No such city or project.
    """
    checked = checked_shares(shares)
    with database.writing(actor) as connection:
        city_id = cities.city_named(connection, city)["id"]
        lock_city(connection, city_id)
        project = queries.project_of(connection, city_id, code)
        ids = {row["code"]: row["id"] for row in cities.districts_of(connection, city_id)}
        require_known(list(checked), ids)
        writer.set_shares(connection, project["id"], {ids[key]: share for key, share in checked.items()})
