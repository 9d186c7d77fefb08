"""A notice into the tables: COPY into a staging table, then one statement for each thing that changes.

Every function works in the caller's transaction, which holds the city's lock (``data.session.lock_city``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd
from sqlalchemy import Connection, text

# A table that was just filled has no statistics yet, and a nested loop over two of 60,000 rows takes an hour.
PLANNING = "SET LOCAL enable_nestloop = off"
TABLES = "project, project_district, register_entry, investment"
STAGING = (
    PLANNING,
    """CREATE TEMP TABLE staged (
        sequence integer, code text, name text, amount numeric(18, 2), area text, section text,
        printed_as_new boolean, code_year integer, code_batch integer, code_serial integer
    ) ON COMMIT DROP""",
    """CREATE TEMP TABLE staged_total (
        level text, label text, section text, printed numeric(18, 2)
    ) ON COMMIT DROP""",
    """CREATE TEMP TABLE staged_area (
        area text, district_id integer, share numeric(12, 10), share_basis text
    ) ON COMMIT DROP""",
)
CODE_PARTS = ("code_year", "code_batch", "code_serial")
ROW = ("sequence", "code", "name", "amount", "area", "section", "printed_as_new", *CODE_PARTS)
TOTAL = ("level", "label", "section", "printed")
AREA = ("area", "district_id", "share", "share_basis")

UPDATE_PROJECTS = """
UPDATE project p SET name = s.name, total_investment = s.amount, code_year = s.code_year,
    code_batch = s.code_batch, code_serial = s.code_serial, exit_notice_id = NULL, exit_reason = NULL
FROM staged s WHERE p.city_id = :city AND p.code = s.code AND
    (p.name, p.total_investment, p.code_year, p.code_batch, p.code_serial, p.exit_notice_id)
    IS DISTINCT FROM (s.name, s.amount, s.code_year, s.code_batch, s.code_serial, NULL::integer)
"""
INSERT_PROJECTS = """
INSERT INTO project (city_id, code, name, total_investment, code_year, code_batch, code_serial)
SELECT :city, s.code, s.name, s.amount, s.code_year, s.code_batch, s.code_serial FROM staged s
WHERE NOT EXISTS (SELECT FROM project p WHERE p.city_id = :city AND p.code = s.code) ORDER BY s.sequence
"""
REASSIGNED = """
CREATE TEMP TABLE reassigned ON COMMIT DROP AS
WITH wanted AS (
    SELECT area, array_agg(district_id ORDER BY district_id) AS districts FROM staged_area GROUP BY area
), present AS (
    SELECT pd.project_id, array_agg(pd.district_id ORDER BY pd.district_id) AS districts
    FROM project_district pd JOIN project p ON p.id = pd.project_id WHERE p.city_id = :city GROUP BY 1
)
SELECT p.id AS project_id, s.area, present.districts IS NOT NULL AS had_districts
FROM staged s JOIN project p ON p.city_id = :city AND p.code = s.code
JOIN wanted ON wanted.area = s.area LEFT JOIN present ON present.project_id = p.id
WHERE wanted.districts IS DISTINCT FROM present.districts
"""
DELETE_SHARES = """
DELETE FROM project_district pd USING reassigned r WHERE pd.project_id = r.project_id AND r.had_districts
"""
INSERT_SHARES = """
INSERT INTO project_district (project_id, district_id, share, share_basis)
SELECT r.project_id, a.district_id, a.share, a.share_basis FROM reassigned r JOIN staged_area a USING (area)
"""
INSERT_ENTRIES = """
INSERT INTO register_entry (notice_id, project_id, sequence, name, amount, area, section, printed_as_new)
SELECT :notice, p.id, s.sequence, s.name, s.amount, s.area, s.section, s.printed_as_new
FROM staged s JOIN project p ON p.city_id = :city AND p.code = s.code
"""
INSERT_TOTALS = """
INSERT INTO register_total (notice_id, level, label, section, printed)
SELECT :notice, level, label, section, printed FROM staged_total
"""
UPSERT_INVESTMENT = """
INSERT INTO investment AS i (project_id, year, source, kind, amount, notice_id)
SELECT p.id, NULL, 'register', 'planned', s.amount, :notice
FROM staged s JOIN project p ON p.city_id = :city AND p.code = s.code WHERE s.amount IS NOT NULL
ON CONFLICT (project_id, coalesce(year, 0), source, kind) DO UPDATE
SET amount = excluded.amount, notice_id = excluded.notice_id WHERE i.amount <> excluded.amount
"""
DELETE_INVESTMENT = """
DELETE FROM investment i USING project p, staged s
WHERE i.project_id = p.id AND p.city_id = :city AND p.code = s.code AND s.amount IS NULL
    AND i.source = 'register' AND i.kind = 'planned' AND i.year IS NULL
"""
SET_SECTIONS = """
UPDATE district d SET section = printed.section
FROM (
    SELECT a.district_id, min(s.section) AS section FROM staged s JOIN staged_area a USING (area)
    WHERE a.share_basis = 'single' AND s.section <> ''
    GROUP BY a.district_id HAVING count(DISTINCT s.section) = 1
) printed
WHERE d.id = printed.district_id AND d.city_id = :city AND d.section = ''
"""
MARK_EXITS = """
UPDATE project p SET exit_notice_id = :notice WHERE p.city_id = :city AND p.exit_notice_id IS NULL
    AND EXISTS (SELECT FROM register_entry e WHERE e.project_id = p.id)
    AND NOT EXISTS (SELECT FROM staged s WHERE s.code = p.code)
"""
STORED_DIFFERS = """
WITH stored AS (
    SELECT e.sequence, p.code, e.name, e.amount, e.area, e.section, e.printed_as_new
    FROM register_entry e JOIN project p ON p.id = e.project_id WHERE e.notice_id = :notice
), given AS (
    SELECT sequence, code, name, amount, area, section, printed_as_new FROM staged
), stored_total AS (
    SELECT level, label, section, printed FROM register_total WHERE notice_id = :notice
)
SELECT EXISTS (TABLE stored EXCEPT TABLE given) OR EXISTS (TABLE given EXCEPT TABLE stored)
    OR EXISTS (TABLE stored_total EXCEPT TABLE staged_total)
    OR EXISTS (TABLE staged_total EXCEPT TABLE stored_total)
"""


def stage(connection: Connection, rows: pd.DataFrame, totals: pd.DataFrame, areas: pd.DataFrame) -> None:
    """Copy a notice's rows, printed totals and the districts of each printed area into staging tables."""
    for statement in STAGING:
        connection.execute(text(statement))
    _copy(connection, "staged", rows, ROW)
    _copy(connection, "staged_total", totals, TOTAL)
    _copy(connection, "staged_area", areas, AREA)
    connection.execute(text("ANALYZE staged"))


def _copy(connection: Connection, table: str, frame: pd.DataFrame, columns: Sequence[str]) -> None:
    """Copy a frame; None and NA become NULL."""
    plain = frame[list(columns)].astype(object)
    rows: Iterable[tuple[Any, ...]] = plain.where(plain.notna(), None).itertuples(index=False, name=None)
    driver = connection.connection.driver_connection
    assert driver is not None  # noqa: S101 - the connection is open
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def stored_differs(connection: Connection, notice_id: int) -> bool:
    """Tell whether the stored snapshot of a notice is another one than the staged."""
    return bool(connection.scalar(text(STORED_DIFFERS), {"notice": notice_id}))


def add_notice(connection: Connection, city_id: int, values: Mapping[str, Any]) -> int:
    """Add a notice after the city's last one and return its id."""
    statement = """
        INSERT INTO register_notice
            (city_id, number, sequence, published_on, source_name, source_sha256, imported_by)
        SELECT :city, :number, coalesce(max(sequence), 0) + 1, :published_on, :source_name, :source_sha256,
            :actor
        FROM register_notice WHERE city_id = :city RETURNING id
    """
    return int(connection.execute(text(statement), {"city": city_id, **values}).scalar_one())


def clear_notice(connection: Connection, notice_id: int, values: Mapping[str, Any]) -> None:
    """Empty a notice's snapshot for a correction of it, and say where the correction comes from."""
    statement = """
        UPDATE register_notice SET published_on = coalesce(:published_on, published_on),
            source_name = :source_name, source_sha256 = :source_sha256, imported_by = :actor,
            imported_at = now() WHERE id = :notice
    """
    connection.execute(text(statement), {"notice": notice_id, **values})
    for statement in (
        "DELETE FROM register_entry WHERE notice_id = :notice",
        "DELETE FROM register_total WHERE notice_id = :notice",
    ):
        connection.execute(text(statement), {"notice": notice_id})


def mark_exits(connection: Connection, city_id: int, notice_id: int) -> None:
    """Let the projects leave that a notice listed once and the staged one does not; nothing is deleted.

    Before ``clear_notice``: what only the withdrawn version of a notice listed leaves too.
    """
    connection.execute(text(MARK_EXITS), {"city": city_id, "notice": notice_id})


def store(connection: Connection, city_id: int, notice_id: int) -> None:
    """Write the staged notice: projects, districts, snapshot, printed totals, money and missing sections."""
    values = {"city": city_id, "notice": notice_id}
    for statement in (
        UPDATE_PROJECTS,
        INSERT_PROJECTS,
        REASSIGNED,
        DELETE_SHARES,
        INSERT_SHARES,
        INSERT_ENTRIES,
        INSERT_TOTALS,
        UPSERT_INVESTMENT,
        DELETE_INVESTMENT,
        SET_SECTIONS,
    ):
        connection.execute(text(statement), values)
    connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


def set_exit_reason(connection: Connection, project_id: int, reason: str | None) -> None:
    """Store why a project left the library."""
    statement = """
        UPDATE project SET exit_reason = :reason
        WHERE id = :project AND exit_reason IS DISTINCT FROM :reason
    """
    connection.execute(text(statement), {"project": project_id, "reason": reason})


def set_shares(connection: Connection, project_id: int, shares: Mapping[int, Decimal]) -> None:
    """Replace a project's districts by these, with the shares that a person entered."""
    connection.execute(
        text("DELETE FROM project_district WHERE project_id = :project AND NOT district_id = ANY(:kept)"),
        {"project": project_id, "kept": list(shares)},
    )
    statement = """
        INSERT INTO project_district (project_id, district_id, share, share_basis)
        VALUES (:project, :district, :share, 'entered') ON CONFLICT (project_id, district_id)
        DO UPDATE SET share = excluded.share, share_basis = 'entered'
    """
    rows = [{"project": project_id, "district": key, "share": value} for key, value in shares.items()]
    connection.execute(text(statement), rows)
    connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


def refresh_statistics(connection: Connection) -> None:
    """Let the planner know how many rows there are now, instead of at some later time."""
    connection.execute(text(f"ANALYZE {TABLES}"))
