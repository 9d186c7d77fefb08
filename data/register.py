"""Questions to the register: its notices, what they print, and what differs between two of them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, select, text

from data.errors import N_, NotFound
from data.models import RegisterNotice

NOTICE = RegisterNotice.__table__.columns

AREAS = """
SELECT e.area AS label, e.section, count(*) AS rows, count(*) - count(e.amount) AS amounts_missing,
    sum(e.amount) AS sum, min(t.printed) AS printed, count(*) FILTER (WHERE {new}) AS new
FROM register_entry e LEFT JOIN register_entry b ON b.project_id = e.project_id AND b.notice_id = :before
LEFT JOIN register_total t ON t.notice_id = e.notice_id AND t.level = 'area' AND t.label = e.area
WHERE e.notice_id = :notice GROUP BY e.area, e.section ORDER BY min(e.sequence), e.area
"""
SECTIONS = """
SELECT e.section AS label, e.section, count(*) AS rows, count(*) - count(e.amount) AS amounts_missing,
    sum(e.amount) AS sum, min(t.printed) AS printed, count(*) FILTER (WHERE {new}) AS new
FROM register_entry e LEFT JOIN register_entry b ON b.project_id = e.project_id AND b.notice_id = :before
LEFT JOIN register_total t ON t.notice_id = e.notice_id AND t.level = 'section' AND t.label = e.section
WHERE e.notice_id = :notice AND e.section <> '' GROUP BY e.section ORDER BY min(e.sequence), e.section
"""
WHOLE = """
SELECT '' AS section, count(*) AS rows, count(*) - count(e.amount) AS amounts_missing, sum(e.amount) AS sum,
    count(*) FILTER (WHERE {new}) AS new, (SELECT t.label FROM register_total t
        WHERE t.notice_id = :notice AND t.level = 'city' ORDER BY t.id LIMIT 1) AS label,
    (SELECT t.printed FROM register_total t
        WHERE t.notice_id = :notice AND t.level = 'city' ORDER BY t.id LIMIT 1) AS printed
FROM register_entry e LEFT JOIN register_entry b ON b.project_id = e.project_id AND b.notice_id = :before
WHERE e.notice_id = :notice
"""
ENTERED = """
SELECT p.code, e.name, e.amount, e.area, e.section, EXISTS (
        SELECT FROM register_entry o JOIN register_notice n ON n.id = o.notice_id
        JOIN register_notice m ON m.id = e.notice_id
        WHERE o.project_id = e.project_id AND n.sequence < m.sequence) AS returned
FROM register_entry e JOIN project p ON p.id = e.project_id
LEFT JOIN register_entry b ON b.project_id = e.project_id AND b.notice_id = :before
WHERE e.notice_id = :notice AND {new} ORDER BY e.sequence, p.code
"""
EXITED = """
SELECT p.code, b.name, b.amount, b.area, b.section, p.exit_reason AS reason
FROM register_entry b JOIN project p ON p.id = b.project_id
LEFT JOIN register_entry e ON e.project_id = b.project_id AND e.notice_id = :notice
WHERE b.notice_id = :before AND e.id IS NULL ORDER BY b.sequence, p.code
"""
CHANGED = """
SELECT p.code, e.name, b.name AS old_name, e.amount, b.amount AS old_amount, e.area, b.area AS old_area,
    e.section, b.section AS old_section
FROM register_entry e JOIN register_entry b ON b.project_id = e.project_id AND b.notice_id = :before
JOIN project p ON p.id = e.project_id WHERE e.notice_id = :notice AND
    (e.name, e.amount, e.area, e.section) IS DISTINCT FROM (b.name, b.amount, b.area, b.section)
ORDER BY e.sequence, p.code
"""
COUNTS = """
SELECT count(e.id) FILTER (WHERE b.id IS NULL) AS entered,
    count(b.id) FILTER (WHERE e.id IS NULL) AS exited,
    count(*) FILTER (WHERE e.id IS NOT NULL AND b.id IS NOT NULL AND e.printed IS DISTINCT FROM b.printed)
        AS changed,
    count(*) FILTER (WHERE e.id IS NOT NULL AND b.id IS NOT NULL AND e.printed IS NOT DISTINCT FROM b.printed)
        AS unchanged
FROM (SELECT id, project_id, (name, amount, area, section) AS printed
    FROM register_entry WHERE notice_id = :notice) e
FULL JOIN (SELECT id, project_id, (name, amount, area, section) AS printed
    FROM register_entry WHERE notice_id = :before) b ON b.project_id = e.project_id
"""
GAPS = """
WITH printed AS (
    SELECT p.code_year AS year, p.code_batch AS batch, p.code_serial AS serial, p.code,
        lag(p.code_serial, 1, 0) OVER batch AS before
    FROM register_entry e JOIN project p ON p.id = e.project_id
    WHERE e.notice_id = :notice AND p.code_serial IS NOT NULL
    WINDOW batch AS (PARTITION BY p.code_year, p.code_batch ORDER BY p.code_serial)
)
SELECT year, batch, before + 1 AS first, serial - 1 AS last, code AS next_code FROM printed
WHERE serial - before > 1 ORDER BY year, batch, serial
"""
YEARS = """
SELECT DISTINCT p.code_year AS year FROM register_entry e JOIN project p ON p.id = e.project_id
WHERE e.notice_id = :notice AND p.code_year IS NOT NULL ORDER BY 1
"""
NEW_SINCE_PREVIOUS = "b.id IS NULL"
PRINTED_AS_NEW = "e.printed_as_new"


def notices(connection: Connection, city_id: int) -> Sequence[RowMapping]:
    """List a city's notices, the newest first."""
    query = select(*NOTICE).where(RegisterNotice.city_id == city_id).order_by(RegisterNotice.sequence.desc())
    return connection.execute(query).mappings().all()


def notice_numbered(connection: Connection, city_id: int, number: str | None) -> RowMapping:
    """Return a notice by its number, or the newest one when none is given.

    Raises
    ------
    NotFound
        There is no such notice, or none at all.
    """
    known = notices(connection, city_id)
    for notice in known:
        if number is None or notice["number"] == number:
            return notice
    if not known:
        raise NotFound(
            N_("No notice of this city's project library was imported yet."),
            remedy=N_("Import one with `gengxin import register`."),
        )
    raise NotFound(
        N_("There is no notice «{number}»."),
        remedy=N_("Choose one of: {known}."),
        number=number,
        known=", ".join(notice["number"] for notice in known),
    )


def notice_before(connection: Connection, notice: RowMapping) -> RowMapping | None:
    """Return the notice that a notice follows, or None for a city's first one."""
    query = (
        select(*NOTICE)
        .where(RegisterNotice.city_id == notice["city_id"], RegisterNotice.sequence < notice["sequence"])
        .order_by(RegisterNotice.sequence.desc())
        .limit(1)
    )
    return connection.execute(query).mappings().first()


def lines(connection: Connection, level: str, notice_id: int, before_id: int | None) -> Sequence[RowMapping]:
    """Count and sum a notice's rows beside its printed totals.

    Parameters
    ----------
    level
        ``area``, ``section`` or ``city``; a cross-district project is an area of its own, as printed.
    before_id
        The notice before: rows that it does not have are new. None: rows printed as new are.

    Returns
    -------
    sequence of mappings
        In printed order: ``label``, ``section``, ``rows``, ``amounts_missing``, ``sum`` and ``printed``
        (yuan, None where unknown), ``new``.
    """
    query = {"area": AREAS, "section": SECTIONS, "city": WHOLE}[level]
    return _rows(connection, query, notice_id, before_id)


def entered(connection: Connection, notice_id: int, before_id: int | None) -> Sequence[RowMapping]:
    """List what entered with a notice; without one before, what it prints as new."""
    return _rows(connection, ENTERED, notice_id, before_id)


def exited(connection: Connection, notice_id: int, before_id: int) -> Sequence[RowMapping]:
    """List what the notice before has and this one has not, as last printed."""
    return _rows(connection, EXITED, notice_id, before_id)


def changed(connection: Connection, notice_id: int, before_id: int) -> Sequence[RowMapping]:
    """List what both notices print, and print differently, with the old values."""
    return _rows(connection, CHANGED, notice_id, before_id)


def counts(connection: Connection, notice_id: int, before_id: int | None) -> RowMapping:
    """Count the projects that entered, exited, changed and stayed between two notices."""
    return _rows(connection, COUNTS, notice_id, before_id)[0]


def gaps(connection: Connection, notice_id: int) -> Sequence[RowMapping]:
    """List runs of serial numbers below each batch's highest that the notice does not print."""
    return _rows(connection, GAPS, notice_id, None)


def years(connection: Connection, notice_id: int) -> list[int]:
    """List the years in the codes that a notice prints."""
    return [row["year"] for row in _rows(connection, YEARS, notice_id, None)]


def _rows(connection: Connection, query: str, notice_id: int, before_id: int | None) -> Sequence[RowMapping]:
    new = PRINTED_AS_NEW if before_id is None else NEW_SINCE_PREVIOUS
    statement = text(query.replace("{new}", new))
    return connection.execute(statement, {"notice": notice_id, "before": before_id}).mappings().all()


def project_of(connection: Connection, city_id: int, code: str) -> RowMapping:
    """Return a project's id and exit by its code.

    Raises
    ------
    NotFound
        The city has no project of this code.
    """
    query = text(
        "SELECT id, code, name, exit_notice_id, exit_reason FROM project "
        "WHERE city_id = :city AND code = :code"
    )
    found = connection.execute(query, {"city": city_id, "code": code}).mappings().first()
    if found is None:
        raise NotFound(
            N_("There is no project «{code}» in this city."), remedy=N_("Check the code."), code=code
        )
    return found
