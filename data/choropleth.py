"""Figures of districts, zones and projects for choropleth maps; unknown is NULL, never 0."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
from sqlalchemy import (
    Connection,
    Double,
    Float,
    RowMapping,
    Select,
    and_,
    case,
    cast,
    func,
    null,
    or_,
    select,
    text,
)

from data.models import District, Project, ProjectDistrict, ProjectFigure, Zoning
from data.project_day import progress_on, stage_on
from data.projects import BAND_EDGES_YI, YI, ProjectFilter, conditions
from data.run_figures import run_figure, run_value

DONE = ("completed", "operation")
ZONE_FIGURES = {
    "far": Zoning.floor_area_ratio,
    "coverage": Zoning.building_coverage,
    "height": Zoning.height_limit,
    "green": Zoning.green_ratio,
}
SIDES = ("baseline", "planned", "change")
Values = pd.Series


def projects_by_class(
    connection: Connection, city_id: int, keep: ProjectFilter, by: str
) -> dict[str | None, int]:
    """Count the filtered projects that have a boundary by the class that a map gives them.

    ``stage``, ``type``, ``mode`` and ``status`` count by code; ``progress`` and ``investment`` by the
    number of the class; None counts what is not supplied.
    """
    key = _class_of(by, keep)
    query = (
        select(key.label("key"), func.count())
        .where(*conditions(city_id, keep), Project.boundary.is_not(None))
        .group_by(key)
    )
    return {None if code is None else str(code): int(count) for code, count in connection.execute(query)}


def _class_of(by: str, keep: ProjectFilter) -> Any:
    if by == "progress":
        share = func.round(cast(progress_on(keep.day), Double) * 100)
        return case((share.is_(None), None), else_=func.width_bucket(share, [0.5, 25.0, 50.0, 75.0, 100.0]))
    if by == "investment":
        amount = cast(cast(Project.total_investment, Double) / float(YI), Float)
        edges = [float(edge) for edge in BAND_EDGES_YI]
        return case((amount.is_(None), None), else_=func.width_bucket(cast(amount, Double), edges))
    columns = {
        "stage": stage_on(keep.day),
        "type": Project.project_type,
        "mode": Project.renewal_mode,
        "status": Project.boundary_status,
    }
    return columns[by]


# -- projects -------------------------------------------------------------------------------------------


def project_values(connection: Connection, city_id: int, keep: ProjectFilter, figure: str) -> pd.DataFrame:
    """Read a figure of the filtered projects that have a boundary: ``id``, ``code``, ``name``, ``value``.

    ``figure`` is ``investment`` (yuan), ``progress`` (share), ``NAME-SIDE`` of ``codes.FIGURES`` and
    ``SIDES``, or a stored indicator (``data.run_figures``).
    """
    query = select(Project.id, Project.code, Project.name, project_figure(figure, keep).label("value"))
    query = query.where(*conditions(city_id, keep), Project.boundary.is_not(None)).order_by(Project.id)
    rows = connection.execute(query).mappings().all()
    frame = pd.DataFrame(rows, columns=["id", "code", "name", "value"])
    return frame.astype({"value": float})


def project_figure(figure: str, keep: ProjectFilter) -> Any:
    """Return the expression of a figure of ``project_values`` for each project."""
    stored = run_figure(figure)
    if stored is not None:
        return run_value(stored, "project", Project.code, Project.city_id)
    if figure == "investment":
        return Project.total_investment
    if figure == "progress":
        return progress_on(keep.day)
    name, _, side = figure.rpartition("-")
    change = ProjectFigure.planned - ProjectFigure.baseline
    column = {"baseline": ProjectFigure.baseline, "planned": ProjectFigure.planned, "change": change}[side]
    return (
        select(column)
        .where(ProjectFigure.project_id == Project.id, ProjectFigure.figure == name)
        .correlate(Project)
        .scalar_subquery()
    )


def project_figures_known(connection: Connection, city_id: int) -> dict[str, RowMapping]:
    """Count by figure the projects of which ``baseline``, ``planned`` and both (``change``) are known."""
    both = and_(ProjectFigure.baseline.is_not(None), ProjectFigure.planned.is_not(None))
    query = (
        select(
            ProjectFigure.figure,
            func.count(ProjectFigure.baseline).label("baseline"),
            func.count(ProjectFigure.planned).label("planned"),
            func.count().filter(both).label("change"),
        )
        .join(Project)
        .where(Project.city_id == city_id)
        .group_by(ProjectFigure.figure)
    )
    return {row["figure"]: row for row in connection.execute(query).mappings()}


# -- zones ----------------------------------------------------------------------------------------------


def zone_values(connection: Connection, city_id: int, figure: str) -> pd.DataFrame:
    """Read a limit of the zones in force, or a stored indicator: ``id``, ``code``, land use, ``value``."""
    in_force = (
        or_(Zoning.valid_from.is_(None), Zoning.valid_from <= func.current_date()),
        or_(Zoning.valid_to.is_(None), Zoning.valid_to > func.current_date()),
    )
    stored = run_figure(figure)
    value = run_value(stored, "zone", Zoning.code, Zoning.city_id) if stored else ZONE_FIGURES[figure]
    query = select(Zoning.id, Zoning.code, Zoning.land_use, value.label("value"))
    rows = connection.execute(query.where(Zoning.city_id == city_id, *in_force)).mappings().all()
    frame = pd.DataFrame([dict(row) for row in rows], columns=["id", "code", "land_use", "value"])
    return frame.rename(columns={"land_use": "name"}).astype({"value": float})


# -- districts ------------------------------------------------------------------------------------------


def district_values(
    connection: Connection, city_id: int, srid: int, keep: ProjectFilter, figure: str
) -> pd.DataFrame:
    """Read a figure of the present districts: ``code``, ``name_zh``, ``name_en``, ``value``, as printed.

    Sums over projects take the share of a cross-district project that counts for the district; buildings,
    facilities and parks count where their middle lies; population by the share of a cell's area. A stored
    indicator (``data.run_figures``) is that of the newest run.
    """
    stored = run_figure(figure)
    value = run_value(stored, "district", District.code, District.city_id) if stored else null()
    every = (
        select(
            *(District.id, District.code, District.name_zh, District.name_en),
            *(_square_metres(srid), value.label("value")),
        )
        .where(District.city_id == city_id, District.valid_to.is_(None))
        .order_by(District.position, District.code)
    )
    columns = ["id", "code", "name_zh", "name_en", "area", "value"]
    frame = pd.DataFrame(connection.execute(every).mappings().all(), columns=columns)
    frame = frame.set_index("id").astype({"area": float, "value": float})
    if stored is None:
        frame["value"] = _district_figure(connection, (city_id, srid), keep, figure, frame["area"])
    return frame.drop(columns="area").reset_index(drop=True)


def _square_metres(srid: int) -> Any:
    return func.ST_Area(func.ST_Transform(District.boundary, srid)).label("area")


def _district_figure(
    connection: Connection, city: tuple[int, int], keep: ProjectFilter, figure: str, area: Values
) -> Values:
    city_id, srid = city

    def read(query: Any, **bound: Any) -> Values:
        found = dict(tuple(row) for row in connection.execute(query, bound))
        return pd.Series(found, dtype=float).reindex(area.index)

    if figure == "area":
        return area
    if figure in PROJECT_SUMS:
        found = read(_of_projects(city_id, keep, PROJECT_SUMS[figure](keep)))
        return found.fillna(0.0) if figure == "projects" else found
    if figure == "investment_density":
        return read(_of_projects(city_id, keep, PROJECT_SUMS["investment"](keep))) / area
    bound = {"city": city_id, "srid": srid}
    if figure.startswith("facility-"):
        return _where_mapped(read(FACILITIES, **bound, category=figure.removeprefix("facility-")), area)
    if figure == "floor_area_ratio":
        return read(FLOOR_AREA, **bound) / area
    return read(MEASURED[figure], **bound)


def _where_mapped(found: Values, area: Values) -> Values:
    """A district without facilities has none; one without a boundary is not known."""
    return found.fillna(0.0).where(area.notna())


def _of_projects(city_id: int, keep: ProjectFilter, value: Any) -> Select[Any]:
    return (
        select(ProjectDistrict.district_id, value)
        .join(Project)
        .where(*conditions(city_id, keep))
        .group_by(ProjectDistrict.district_id)
    )


def _completed(keep: ProjectFilter) -> Any:
    stage = stage_on(keep.day)
    done = func.count().filter(stage.in_(DONE))
    return cast(done, Double) / func.nullif(func.count(stage), 0)


def _progress(keep: ProjectFilter) -> Any:
    share = progress_on(keep.day)
    weight = case((share.is_not(None), Project.total_investment * ProjectDistrict.share))
    return func.sum(share * weight) / func.nullif(func.sum(weight), 0)


PROJECT_SUMS: dict[str, Callable[[ProjectFilter], Any]] = {
    "projects": lambda _keep: func.count(),
    "investment": lambda _keep: func.sum(Project.total_investment * ProjectDistrict.share),
    "completed": _completed,
    "progress": _progress,
}
# Districts cut into small pieces, so that each feature is tested against few corners; a feature whose middle
# lies on a cut is met twice and counts once.
PIECES = """
    SELECT id AS district_id, ST_Subdivide(mercator, 64) AS shape FROM district
    WHERE city_id = :city AND valid_to IS NULL AND mercator IS NOT NULL
"""
MIDDLE = """
    ST_SetSRID(ST_Point((ST_XMin(b.mercator) + ST_XMax(b.mercator)) / 2,
        (ST_YMin(b.mercator) + ST_YMax(b.mercator)) / 2), 3857)
"""
FLOOR_AREA = text(f"""
WITH piece AS MATERIALIZED ({PIECES}), met AS (
    SELECT DISTINCT piece.district_id, b.id, b.floor_area FROM piece JOIN building b
    ON b.mercator && piece.shape AND b.city_id = :city AND ST_Intersects(piece.shape, {MIDDLE})
)
SELECT district_id, sum(floor_area) FROM met GROUP BY 1 HAVING count(*) = count(floor_area)
""")  # noqa: S608 - of our own constants
FACILITIES = text(f"""
WITH piece AS MATERIALIZED ({PIECES})
SELECT piece.district_id, count(DISTINCT b.id) FROM piece JOIN facility b
ON b.mercator && piece.shape AND b.city_id = :city AND b.category = :category
    AND ST_Intersects(piece.shape, {MIDDLE})
GROUP BY 1
""")  # noqa: S608 - of our own constants
GREEN = text(f"""
WITH piece AS MATERIALIZED ({PIECES}), met AS (
    SELECT DISTINCT ON (piece.district_id, b.id) piece.district_id, b.shape FROM piece JOIN facility b
    ON b.mercator && piece.shape AND b.city_id = :city AND b.category IN ('park', 'square')
        AND ST_Dimension(b.shape) = 2 AND ST_Intersects(piece.shape, {MIDDLE})
)
SELECT district_id, sum(ST_Area(ST_Transform(shape, CAST(:srid AS integer)))) FROM met GROUP BY 1
""")  # noqa: S608 - of our own constants
POPULATION = text(f"""
WITH piece AS MATERIALIZED ({PIECES}), cell AS MATERIALIZED (
    SELECT mercator AS shape, population, ST_Area(mercator) AS whole FROM population_cell
    WHERE city_id = :city AND population IS NOT NULL
)
SELECT piece.district_id, sum(cell.population * CASE WHEN ST_CoveredBy(cell.shape, piece.shape) THEN 1
    ELSE ST_Area(ST_Intersection(cell.shape, piece.shape)) / nullif(cell.whole, 0) END)
FROM piece JOIN cell ON ST_Intersects(cell.shape, piece.shape) GROUP BY 1
""")  # noqa: S608 - of our own constants
MEASURED = {"floor_area": FLOOR_AREA, "green_area": GREEN, "population": POPULATION}
