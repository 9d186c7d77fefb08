"""What entered, left and changed between two notices of the project library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping

from app.services.register.summary import in_yi
from data import cities
from data import register as queries
from data.errors import N_, InvalidInput
from data.session import Database

Basis = Literal["previous notice", "printed list", "nothing"]
COMPARED = ("name", "amount", "area", "section")


@dataclass(frozen=True)
class Entry:
    """A project that entered; amount in 亿元. ``returned``: an earlier notice had it already."""

    code: str
    name: str
    amount: Decimal | None
    area: str
    section: str
    returned: bool


@dataclass(frozen=True)
class Exit:
    """A project that left, as it was printed last; amount in 亿元. ``reason`` None: not given."""

    code: str
    name: str
    amount: Decimal | None
    area: str
    section: str
    reason: str | None


@dataclass(frozen=True)
class FieldChange:
    """One field of a project that two notices print differently; amounts in 亿元."""

    field: str
    old: str | Decimal | None
    new: str | Decimal | None


@dataclass(frozen=True)
class Change:
    """A project that two notices print differently."""

    code: str
    name: str
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True)
class RegisterDiff:
    """Two notices compared; amounts in 亿元.

    ``basis`` says how entries are known: from the ``previous notice``; for a city's first notice from its
    ``printed list`` of new entries; or from ``nothing``, where it has no such list either. Without a notice
    to compare with, ``against`` and ``unchanged`` are None and nothing counts as exited or changed. A total
    is None where no amount of its projects is known.
    """

    city: str
    notice: str
    against: str | None
    basis: Basis
    entered: tuple[Entry, ...]
    entered_total: Decimal | None
    exited: tuple[Exit, ...]
    exited_total: Decimal | None
    changed: tuple[Change, ...]
    unchanged: int | None


def diff(
    database: Database, city: str, notice: str | None = None, against: str | None = None
) -> RegisterDiff:
    """Compare a notice with an earlier one (入库、出库、变更).

    Parameters
    ----------
    notice
        The later notice's number; the newest when None.
    against
        The earlier notice's number; the one just before when None.

    Raises
    ------
    NotFound
        No such city or notice.
    InvalidInput
        ``against`` is not earlier than ``notice``.
    """
    with database.reading() as connection:
        city_id = cities.city_named(connection, city)["id"]
        now = queries.notice_numbered(connection, city_id, notice)
        before = _earlier(connection, city_id, now, against)
        if before is None:
            return _first(city, now, queries.entered(connection, now["id"], None))
        ids = (now["id"], before["id"])
        entered = tuple(_entry(row) for row in queries.entered(connection, *ids))
        exited = tuple(_exit(row) for row in queries.exited(connection, *ids))
        changed = tuple(_change(row) for row in queries.changed(connection, *ids))
        unchanged = queries.counts(connection, *ids)["unchanged"]
    return RegisterDiff(
        city=city,
        notice=now["number"],
        against=before["number"],
        basis="previous notice",
        entered=entered,
        entered_total=_total(entered),
        exited=exited,
        exited_total=_total(exited),
        changed=changed,
        unchanged=unchanged,
    )


def _earlier(connection: Connection, city_id: int, now: RowMapping, against: str | None) -> RowMapping | None:
    if against is None:
        return queries.notice_before(connection, now)
    before = queries.notice_numbered(connection, city_id, against)
    if before["sequence"] < now["sequence"]:
        return before
    raise InvalidInput(
        N_("{against} is not earlier than {notice}."),
        remedy=N_("Name the later notice first."),
        against=against,
        notice=now["number"],
    )


def _first(city: str, now: RowMapping, rows: Sequence[RowMapping]) -> RegisterDiff:
    entered = tuple(_entry(row) for row in rows)
    basis: Basis = "printed list" if entered else "nothing"
    return RegisterDiff(city, now["number"], None, basis, entered, _total(entered), (), Decimal(0), (), None)


def _entry(row: RowMapping) -> Entry:
    return Entry(**_in_yi(row))


def _exit(row: RowMapping) -> Exit:
    return Exit(**_in_yi(row))


def _in_yi(row: RowMapping) -> dict[str, Any]:
    return {**row, "amount": in_yi(row["amount"])}


def _change(row: RowMapping) -> Change:
    values = {**_in_yi(row), "old_amount": in_yi(row["old_amount"])}
    fields = tuple(
        FieldChange(name, values[f"old_{name}"], values[name])
        for name in COMPARED
        if values[f"old_{name}"] != values[name]
    )
    return Change(row["code"], row["name"], fields)


def _total(rows: Sequence[Entry] | Sequence[Exit]) -> Decimal | None:
    known = [row.amount for row in rows if row.amount is not None]
    return None if rows and not known else sum(known, Decimal(0))
