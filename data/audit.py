"""The audit log as history: who changed what of a project, and when."""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping, text

HISTORY = """
WITH mine AS (
    SELECT * FROM audit_log WHERE table_name = 'project' AND row_id = :project
    UNION ALL
    SELECT * FROM audit_log WHERE table_name IN ('project_district', 'investment', 'stage_event',
        'progress_snapshot', 'milestone', 'project_figure', 'document', 'problem_project')
        AND (coalesce(after, before) ->> 'project_id')::integer = :project
)
SELECT m.id, m.at, m.actor, m.table_name, m.action, m.before - 'boundary' AS before,
    m.after - 'boundary' AS after, d.name_zh, d.name_en,
    m.before -> 'boundary' IS DISTINCT FROM m.after -> 'boundary' AS reshaped,
    CASE WHEN jsonb_typeof(m.before -> 'boundary') = 'object'
        THEN ST_Area(ST_Transform(ST_GeomFromGeoJSON(m.before -> 'boundary'), :srid)) END AS area_before,
    CASE WHEN jsonb_typeof(m.after -> 'boundary') = 'object'
        THEN ST_Area(ST_Transform(ST_GeomFromGeoJSON(m.after -> 'boundary'), :srid)) END AS area_after
FROM mine m LEFT JOIN district d ON m.table_name = 'project_district'
    AND d.id = (coalesce(m.after, m.before) ->> 'district_id')::integer
ORDER BY m.at DESC, m.id DESC LIMIT :most
"""


def project_history(
    connection: Connection, project_id: int, metric_srid: int, most: int = 200
) -> list[RowMapping]:
    """List the changes to a project and to all that is kept of it, the newest first.

    Returns
    -------
    list of mappings
        ``at``, ``actor``, ``table_name``, ``action`` (insert, update, delete), ``before`` and ``after`` (the
        rows without their boundary), ``reshaped`` with ``area_before`` and ``area_after`` (m² in the city's
        metric CRS; None without a boundary), and the names of the district that a share belongs to.
    """
    values = {"project": project_id, "srid": metric_srid, "most": most}
    return list(connection.execute(text(HISTORY), values).mappings())
