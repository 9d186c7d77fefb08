"""Projects, problems and what happens to projects, written set-wise by project code."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely
from sqlalchemy import Connection, text

from data.writers.layers import copy_features

FACTS = (
    "name", "name_en", "project_type", "renewal_mode", "total_investment", "implementing_entity",
    "lead_department", "planned_start", "planned_end", "geometry_kind",
    "code_year", "code_batch", "code_serial",
)  # fmt: skip
STAGING = """
CREATE TEMP TABLE staged_project (LIKE project INCLUDING DEFAULTS) ON COMMIT DROP
"""
CHANGE = """
UPDATE project p SET {kept},
    boundary = coalesce(s.boundary, p.boundary), boundary_crs = coalesce(s.boundary_crs, p.boundary_crs),
    boundary_status = CASE WHEN s.boundary IS NULL THEN p.boundary_status ELSE s.boundary_status END
FROM staged_project s WHERE p.city_id = s.city_id AND p.code = s.code
"""
ADD = """
INSERT INTO project (city_id, code, boundary, boundary_status, boundary_crs, {facts})
SELECT s.city_id, s.code, s.boundary, s.boundary_status, s.boundary_crs, {given} FROM staged_project s
WHERE NOT EXISTS (SELECT FROM project p WHERE p.city_id = s.city_id AND p.code = s.code)
"""
PLACE_IN_DISTRICTS = """
INSERT INTO project_district (project_id, district_id, share, share_basis)
SELECT p.id, d.id, 1, 'single' FROM staged_project s
JOIN project p ON s.city_id = p.city_id AND s.code = p.code
CROSS JOIN LATERAL (
    SELECT d.id FROM district d WHERE d.city_id = p.city_id AND d.valid_to IS NULL
        AND ST_Intersects(d.boundary, p.boundary)
    ORDER BY ST_Area(ST_Intersection(d.boundary, p.boundary)) DESC, d.id LIMIT 1
) d WHERE NOT EXISTS (SELECT FROM project_district pd WHERE pd.project_id = p.id)
"""
CLEAR_SHARES = "DELETE FROM project_district WHERE project_id = ANY(:projects)"
LINK_PROBLEMS = """
INSERT INTO problem_project (problem_id, project_id)
SELECT DISTINCT b.id, p.id
FROM unnest(CAST(:problems AS text[]), CAST(:projects AS text[])) AS t(problem, project)
JOIN problem b ON b.city_id = :city AND b.code = t.problem
JOIN project p ON p.city_id = :city AND p.code = t.project
"""
SUMMARY = "SELECT set_config('gengxin.audit', 'summary', true)"


def store_projects(connection: Connection, city_id: int, frame: gpd.GeoDataFrame, crs: str) -> None:
    """Add projects and change those that exist, by code; what the frame does not hold stays as it is."""
    facts = [name for name in FACTS if name in frame]
    given = frame.geometry.notna() & ~shapely.is_empty(frame.geometry.to_numpy())
    status = frame.get("boundary_status", pd.Series(None, index=frame.index, dtype="str"))
    staged = frame[["code", *facts, frame.geometry.name]].assign(
        id=range(len(frame)),
        city_id=city_id,
        name=frame["name"].fillna("") if "name" in frame else "",
        boundary_status=status.fillna("drafted").where(given, "pending"),
        boundary_crs=pd.Series(crs, index=frame.index).where(given),
    )
    connection.execute(text(STAGING))
    copy_features(connection, "project", staged, into="staged_project")
    connection.execute(text("ANALYZE staged_project"))
    connection.execute(text(CHANGE.format(kept=", ".join(map(_kept, ["code", *facts])))))
    columns = list({"name": None, **dict.fromkeys(facts)})
    staged_columns = ", ".join(f"s.{name}" for name in columns)
    connection.execute(text(ADD.format(facts=", ".join(columns), given=staged_columns)))


def _kept(name: str) -> str:
    """Say that a fact (one of ``FACTS``, or the code) stays as it is where the file does not give it."""
    given = "nullif(s.name, '')" if name == "name" else f"s.{name}"
    return f"{name} = coalesce({given}, p.{name})"


def planned_dates(connection: Connection, city_id: int) -> pd.DataFrame:
    """Return ``planned_start`` and ``planned_end`` of a city's projects by code; NaT where not given."""
    query = "SELECT code, planned_start, planned_end FROM project WHERE city_id = :city"
    rows = connection.execute(text(query), {"city": city_id}).all()
    frame = pd.DataFrame(rows, columns=["code", "planned_start", "planned_end"]).set_index("code")
    return frame.astype("datetime64[s]")


def place_in_districts(connection: Connection, shares: pd.DataFrame) -> None:
    """Store the districts that a file names; staged projects without any get the one they mostly lie in."""
    projects = shares["project_id"].unique().tolist()
    connection.execute(text(CLEAR_SHARES), {"projects": projects})
    copy_features(connection, "project_district", shares)
    connection.execute(text(PLACE_IN_DISTRICTS))
    connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


def reach_stages(connection: Connection, events: pd.DataFrame) -> None:
    """Store that projects reached stages (``project_id``, ``stage``, ``on_date``); a stage has one date."""
    statement = text("DELETE FROM stage_event WHERE project_id = :project AND stage = :stage")
    rows = [
        {"project": int(key), "stage": stage} for key, stage in events[["project_id", "stage"]].to_numpy()
    ]
    if rows:
        connection.execute(statement, rows)
        copy_features(connection, "stage_event", events)


def link_problems(connection: Connection, city_id: int, links: pd.DataFrame) -> None:
    """Say which projects treat which problems (``problem`` and ``project`` are codes)."""
    values = {"problems": links["problem"].tolist(), "projects": links["project"].tolist(), "city": city_id}
    connection.execute(text(LINK_PROBLEMS), values)


def log_in_sum(connection: Connection) -> None:
    """Let the audit log hold one line for each statement of this transaction."""
    connection.execute(text(SUMMARY))
