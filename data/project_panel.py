"""How a project moves on, what it costs and changes, and what it touches: each answer one statement."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, RowMapping, select, text

from data.codes import FIGURES, FUNDING_SOURCES, STAGES
from data.models import Project
from data.project_day import stage_on

LADDER = """
SELECT s.stage, s.step, coalesce(e.on_date, m.reached_on) AS reached_on, e.note, m.planned_on,
    d.title AS document, d.number AS document_number, d.url AS document_url,
    s.stage = p.stage AS is_current,
    s.step < array_position(CAST(:stages AS text[]), p.stage) AS is_behind,
    settled.on_date > m.planned_on AS is_late, settled.on_date - m.planned_on AS days_late
FROM project p CROSS JOIN unnest(CAST(:stages AS text[])) WITH ORDINALITY AS s(stage, step)
LEFT JOIN stage_event e ON e.project_id = p.id AND e.stage = s.stage
LEFT JOIN document d ON d.id = e.document_id
LEFT JOIN (
    SELECT stage, max(planned_on) AS planned_on,
        CASE WHEN bool_and(reached_on IS NOT NULL) THEN max(reached_on) END AS reached_on
    FROM milestone WHERE project_id = :project AND stage IS NOT NULL GROUP BY stage
) m ON m.stage = s.stage
CROSS JOIN LATERAL (SELECT coalesce(e.on_date, m.reached_on,
    CASE WHEN s.step > coalesce(array_position(CAST(:stages AS text[]), p.stage), 0)
        THEN CAST(:today AS date) END) AS on_date) settled
WHERE p.id = :project ORDER BY s.step
"""
MILESTONES = """
SELECT name, stage, planned_on, reached_on,
    coalesce(reached_on, CAST(:today AS date)) > planned_on AS is_late,
    coalesce(reached_on, CAST(:today AS date)) - planned_on AS days_late
FROM milestone WHERE project_id = :project ORDER BY coalesce(planned_on, reached_on), name
"""
MONEY = """
SELECT i.source, i.year,
    sum(i.amount) FILTER (WHERE i.kind = 'planned') AS planned,
    sum(i.amount) FILTER (WHERE i.kind = 'allocated') AS allocated,
    sum(i.amount) FILTER (WHERE i.kind = 'paid') AS paid,
    grouping(i.source, i.year) AS level
FROM investment i WHERE i.project_id = :project AND i.source <> 'register'
GROUP BY GROUPING SETS ((i.source, i.year), (i.source), (i.year), ())
ORDER BY level, array_position(CAST(:sources AS text[]), i.source), i.source, i.year NULLS FIRST
"""
PROGRESS = """
SELECT month_end, reported, certified FROM progress_snapshot WHERE project_id = :project ORDER BY month_end
"""
CHANGES = """
SELECT figure, baseline, planned, planned - baseline AS change,
    (planned - baseline) / nullif(baseline, 0) AS change_share
FROM project_figure WHERE project_id = :project
ORDER BY array_position(CAST(:figures AS text[]), figure)
"""
RATIOS = """
WITH f AS (
    SELECT figure, baseline, planned FROM project_figure WHERE project_id = :project
), sides AS (
    SELECT max(baseline) FILTER (WHERE figure = 'site_area') AS site_before,
        max(planned) FILTER (WHERE figure = 'site_area') AS site_after,
        max(baseline) FILTER (WHERE figure = 'floor_area') AS floor_before,
        max(planned) FILTER (WHERE figure = 'floor_area') AS floor_after,
        max(baseline) FILTER (WHERE figure = 'floor_area_exempt') AS exempt_before,
        max(planned) FILTER (WHERE figure = 'floor_area_exempt') AS exempt_after,
        max(baseline) FILTER (WHERE figure = 'green_area') AS green_before,
        max(planned) FILTER (WHERE figure = 'green_area') AS green_after
    FROM f
)
SELECT (floor_before - coalesce(exempt_before, 0)) / nullif(site_before, 0) AS floor_area_ratio_before,
    (floor_after - coalesce(exempt_after, 0)) / nullif(site_after, 0) AS floor_area_ratio_after,
    green_before / nullif(site_before, 0) AS green_ratio_before,
    green_after / nullif(site_after, 0) AS green_ratio_after
FROM sides
"""
# What rounds to 0 m² is an edge that two maps share, not an overlap.
LEAST_AREA = 0.5
ZONING = """
SELECT t.land_use, count(*) AS zones, sum(t.area) AS area_m2, sum(t.area) / t.whole AS share,
    min(t.floor_area_ratio) AS least_ratio, max(t.floor_area_ratio) AS greatest_ratio,
    min(t.height_limit) AS least_height, max(t.height_limit) AS greatest_height
FROM (
    SELECT z.land_use, z.floor_area_ratio, z.height_limit,
        ST_Area(ST_Transform(ST_Intersection(z.shape, p.boundary), :srid)) AS area,
        ST_Area(ST_Transform(p.boundary, :srid)) AS whole
    FROM project p JOIN zoning z ON z.city_id = p.city_id AND ST_Intersects(z.shape, p.boundary)
    WHERE p.id = :project AND (z.valid_from IS NULL OR z.valid_from <= current_date)
        AND (z.valid_to IS NULL OR z.valid_to > current_date)
) t WHERE t.area >= :least GROUP BY t.land_use, t.whole ORDER BY area_m2 DESC, t.land_use
"""
CONSTRAINTS = """
SELECT t.kind, t.name, t.code, t.legal_instrument, t.area AS area_m2, t.area / t.whole AS share
FROM (
    SELECT c.kind, c.name, c.code, c.legal_instrument,
        ST_Area(ST_Transform(ST_Intersection(c.shape, p.boundary), :srid)) AS area,
        ST_Area(ST_Transform(p.boundary, :srid)) AS whole
    FROM project p JOIN constraint_area c ON c.city_id = p.city_id AND ST_Intersects(c.shape, p.boundary)
    WHERE p.id = :project AND (c.valid_from IS NULL OR c.valid_from <= current_date)
        AND (c.valid_to IS NULL OR c.valid_to > current_date)
) t WHERE t.area >= :least ORDER BY t.area DESC, t.kind, t.code
"""
# A Mercator metre is cos(latitude) metres long on the ground, so this box holds all that is near enough.
NEARBY = """
WITH here AS (
    SELECT p.*, ST_Transform(p.boundary, :srid) AS metric,
        ST_Expand(p.mercator, 1.01 * :within / cos(radians(least(85,
            greatest(abs(ST_YMin(p.boundary)), abs(ST_YMax(p.boundary))) + 0.1)))) AS around
    FROM project p WHERE p.id = :project
)
SELECT * FROM (
    SELECT n.code, n.name, n.name_en, n.stage, n.project_type, n.total_investment AS amount,
        ST_Distance(ST_Transform(n.boundary, :srid), here.metric) AS distance,
        coalesce(n.implementing_entity = here.implementing_entity, false) AS same_entity,
        EXISTS (SELECT 1 FROM project_district a JOIN project_district b USING (district_id)
            WHERE a.project_id = n.id AND b.project_id = here.id) AS same_district
    FROM here JOIN project n ON n.city_id = here.city_id AND n.id <> here.id AND n.mercator && here.around
    WHERE n.exit_notice_id IS NULL
) near WHERE near.distance <= :within ORDER BY near.distance, near.code LIMIT :most
"""
PROBLEMS = """
SELECT b.code, b.title, b.title_en, b.dimension, b.indicator, b.severity, b.found_on, b.closed_on,
    ST_X(middle) AS lon, ST_Y(middle) AS lat
FROM problem b JOIN problem_project m ON m.problem_id = b.id
LEFT JOIN LATERAL ST_PointOnSurface(b.shape) AS middle ON true
WHERE m.project_id = :project ORDER BY array_position(ARRAY['high', 'medium', 'low'], b.severity), b.code
"""
DOCUMENTS = """
SELECT kind, title, number, issued_on, url FROM document
WHERE project_id = :project ORDER BY issued_on DESC NULLS LAST, id
"""


def ladder(connection: Connection, project_id: int, today: dt.date) -> list[RowMapping]:
    """List all stages in order with the day a project reached each, and the day it was planned to.

    Returns
    -------
    list of mappings
        ``reached_on`` by the stage's event, else by its milestones; ``planned_on`` of the stage's last
        milestone; ``is_late``: reached after the planned day, or still ahead and that day has passed;
        ``days_late`` against the planned day. None where there is nothing to compare, as for a stage that
        lies behind without a day.
    """
    return _rows(connection, LADDER, project=project_id, stages=list(STAGES), today=today)


def stage_at(connection: Connection, project_id: int, day: dt.date | None) -> str | None:
    """Return the stage that a project had reached by a day, its stage now for None."""
    found: str | None = connection.scalar(select(stage_on(day)).where(Project.id == project_id))
    return found


def milestones(connection: Connection, project_id: int, today: dt.date) -> list[RowMapping]:
    """List a project's milestones in planned order, with what is late."""
    return _rows(connection, MILESTONES, project=project_id, today=today)


def money(connection: Connection, project_id: int) -> list[RowMapping]:
    """Sum a project's planned, allocated and paid money by source and year; without the register's total.

    ``level`` 0: of a source and year, 1: of a source, 2: of a year, 3: of all.
    """
    return _rows(connection, MONEY, project=project_id, sources=list(FUNDING_SOURCES))


def progress(connection: Connection, project_id: int) -> list[RowMapping]:
    """List a project's reported and certified share of the works by month's end."""
    return _rows(connection, PROGRESS, project=project_id)


def changes(connection: Connection, project_id: int) -> list[RowMapping]:
    """List a project's figures before and after, their difference, and that as a share of the first."""
    return _rows(connection, CHANGES, project=project_id, figures=list(FIGURES))


def ratios(connection: Connection, project_id: int) -> RowMapping:
    """Derive floor area ratio 容积率 and green ratio 绿地率 before and after from a project's figures.

    FAR = (floor area - floor area exempt from FAR, where given) / site area; green ratio = green area / site
    area. None where a part is not supplied.
    """
    return connection.execute(text(RATIOS), {"project": project_id}).mappings().one()


def zoning(connection: Connection, project_id: int, metric_srid: int) -> list[RowMapping]:
    """Sum the zones in force within a project's boundary by land use: m² and share of the project."""
    return _rows(connection, ZONING, project=project_id, srid=metric_srid, least=LEAST_AREA)


def constraints(connection: Connection, project_id: int, metric_srid: int) -> list[RowMapping]:
    """List the constraint areas in force that a project touches: m² within it and share of the project."""
    return _rows(connection, CONSTRAINTS, project=project_id, srid=metric_srid, least=LEAST_AREA)


def nearby(
    connection: Connection, project_id: int, metric_srid: int, within: float, most: int
) -> list[RowMapping]:
    """List the library's projects within a distance (m) of a project's boundary, the nearest first."""
    return _rows(connection, NEARBY, project=project_id, srid=metric_srid, within=within, most=most)


def problems(connection: Connection, project_id: int) -> list[RowMapping]:
    """List the check-up problems 体检问题 that a project treats, the gravest first."""
    return _rows(connection, PROBLEMS, project=project_id)


def documents(connection: Connection, project_id: int) -> list[RowMapping]:
    """List a project's documents, the newest first."""
    return _rows(connection, DOCUMENTS, project=project_id)


def _rows(connection: Connection, query: str, **values: object) -> list[RowMapping]:
    return list(connection.execute(text(query), values).mappings())
