"""A city's notices as one history, and the serial numbers that a notice prints."""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping, text

HISTORY = """
WITH ordered AS (
    SELECT n.*, lag(n.id) OVER (ORDER BY n.sequence) AS before_id
    FROM register_notice n WHERE n.city_id = :city
)
SELECT o.id, o.number, o.sequence, o.published_on, o.source_name, o.imported_by, o.imported_at, f.*
FROM ordered o CROSS JOIN LATERAL (
    SELECT count(e.id) AS rows, sum(e.amount) AS sum, count(e.id) - count(e.amount) AS amounts_missing,
        count(e.id) FILTER (WHERE {new}) AS entered, sum(e.amount) FILTER (WHERE {new}) AS entered_sum,
        count(b.id) FILTER (WHERE e.id IS NULL) AS exited,
        sum(b.amount) FILTER (WHERE e.id IS NULL) AS exited_sum,
        count(e.id) FILTER (WHERE b.id IS NOT NULL AND {differs}) AS changed
    FROM (SELECT * FROM register_entry WHERE notice_id = o.id) e
    FULL JOIN (SELECT * FROM register_entry WHERE notice_id = o.before_id) b ON b.project_id = e.project_id
) f ORDER BY o.sequence DESC
"""
NEW = "CASE WHEN o.before_id IS NULL THEN e.printed_as_new ELSE b.id IS NULL END"
DIFFERS = "(e.name, e.amount, e.area, e.section) IS DISTINCT FROM (b.name, b.amount, b.area, b.section)"
BATCHES = """
SELECT p.code_year AS year, p.code_batch AS batch, count(*) AS printed, max(p.code_serial) AS highest
FROM register_entry e JOIN project p ON p.id = e.project_id
WHERE e.notice_id = (SELECT id FROM register_notice WHERE city_id = :city ORDER BY sequence DESC LIMIT 1)
    AND p.code_year IS NOT NULL AND p.code_batch IS NOT NULL AND p.code_serial IS NOT NULL
GROUP BY p.code_year, p.code_batch ORDER BY p.code_year, p.code_batch
"""


def history(connection: Connection, city_id: int) -> list[RowMapping]:
    """List a city's notices, the newest first, each with what it did to the library.

    Returns
    -------
    list of mappings
        The notice with ``rows``, ``sum`` and ``amounts_missing`` of what it prints; ``entered``, ``exited``
        (with ``entered_sum``, ``exited_sum``) and ``changed`` against the notice before. The first notice
        has none before: what it prints as new has entered. Money in yuan, None where no amount is known.
    """
    query = text(HISTORY.replace("{new}", NEW).replace("{differs}", DIFFERS))
    return list(connection.execute(query, {"city": city_id}).mappings())


def batches(connection: Connection, city_id: int) -> list[RowMapping]:
    """Count what the newest notice prints of each batch, with the batch's highest serial number."""
    return list(connection.execute(text(BATCHES), {"city": city_id}).mappings())


def exited_codes(connection: Connection, city_id: int) -> frozenset[str]:
    """Return the codes of the projects that are known to have left the library."""
    query = text("SELECT code FROM project WHERE city_id = :city AND exit_notice_id IS NOT NULL")
    return frozenset(connection.scalars(query, {"city": city_id}))
