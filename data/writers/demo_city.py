"""A synthetic city into the tables: ids are drawn first, then every frame is copied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from decimal import Decimal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from data.demo.synthetic import TABLES, DemoCity
from data.writers.layers import copy_features

Report = Callable[[str], None]
SOURCE = "gengxin synthetic city, seed {seed}, scale {scale:g} (合成数据)"
CRS = "EPSG:4326"
WHOLE = (
    *("zoning", "constraints", "parcels", "buildings", "facilities", "streets", "greenways", "surfaces"),
    "population",
)
OF_A_PROJECT = ("progress_snapshot", "milestone", "project_figure")
FILLED = [field.name for field in fields(DemoCity) if field.type == "pd.DataFrame"]
REGISTER_MONEY = """
INSERT INTO investment (project_id, year, source, kind, amount, notice_id)
SELECT p.id, NULL, 'register', 'planned', e.amount, e.notice_id FROM project p
JOIN LATERAL (
    SELECT r.amount, r.notice_id FROM register_entry r JOIN register_notice n ON n.id = r.notice_id
    WHERE r.project_id = p.id ORDER BY n.sequence DESC LIMIT 1
) e ON e.amount IS NOT NULL WHERE p.city_id = :city
"""


def store(
    connection: Connection, city_id: int, city: DemoCity, actor: str, report: Report = lambda _: None
) -> None:
    """Copy a synthetic city into an empty city's tables, in the caller's transaction."""
    connection.execute(text("SELECT set_config('gengxin.audit', 'summary', true)"))
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    sources = _add_sources(connection, city_id, city, actor)
    report("projects")
    districts = _store_districts(connection, city_id, city)
    notices = _store_notices(connection, city_id, city, actor)
    projects = _store_projects(connection, city_id, city, districts, notices)
    _store_progress(connection, city, projects)
    for layer in WHOLE:
        report(layer)
        table = TABLES[layer]
        frame = city.tables[table].drop(columns="parcel", errors="ignore")
        copy_features(connection, table, frame.assign(city_id=city_id, source_id=sources[table]))
    _store_problems(connection, city_id, city, projects, sources["problem"])
    connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


def refresh_statistics(connection: Connection) -> None:
    """Let the planner know how many rows there are now."""
    connection.execute(text(f"ANALYZE {', '.join(FILLED)}"))


def _ids(connection: Connection, table: str, count: int) -> NDArray[np.int64]:
    """Draw new ids of a table."""
    statement = text(f"SELECT nextval('{table}_id_seq') FROM generate_series(1, :count)")  # noqa: S608
    return np.array(connection.scalars(statement, {"count": count}).all(), dtype=np.int64)


def _add_sources(connection: Connection, city_id: int, city: DemoCity, actor: str) -> dict[str, int]:
    """Say where each layer comes from; returns the source's id by table."""
    ids = _ids(connection, "layer_source", len(TABLES))
    name = SOURCE.format(seed=city.seed, scale=city.scale)
    sizes = [len(city.tables[table]) for table in TABLES.values()]
    rows = pd.DataFrame({"id": ids, "layer": list(TABLES), "features": sizes})
    copy_features(
        connection,
        "layer_source",
        rows.assign(city_id=city_id, name=name, crs=CRS, source_date=city.day, imported_by=actor),
    )
    return dict(zip(TABLES.values(), (int(one) for one in ids), strict=True))


def _store_districts(connection: Connection, city_id: int, city: DemoCity) -> NDArray[np.int64]:
    ids = _ids(connection, "district", len(city.district))
    drawn = city.district["boundary"].notna()
    name = SOURCE.format(seed=city.seed, scale=city.scale)
    frame = city.district.assign(
        id=ids,
        city_id=city_id,
        boundary_crs=pd.Series(CRS, index=drawn.index).where(drawn, None),
        boundary_source=pd.Series(name, index=drawn.index).where(drawn, None),
    )
    copy_features(connection, "district", frame)
    return ids


def _store_notices(connection: Connection, city_id: int, city: DemoCity, actor: str) -> NDArray[np.int64]:
    ids = _ids(connection, "register_notice", len(city.register_notice))
    copy_features(
        connection, "register_notice", city.register_notice.assign(id=ids, city_id=city_id, imported_by=actor)
    )
    return ids


def _store_projects(
    connection: Connection,
    city_id: int,
    city: DemoCity,
    districts: NDArray[np.int64],
    notices: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Copy the projects, their shares, the notices' rows and totals, and all money."""
    ids = _ids(connection, "project", len(city.project))
    gone = city.project["exit_notice"]
    frame = city.project.drop(columns="exit_notice").assign(id=ids, city_id=city_id)
    frame["exit_notice_id"] = pd.Series(notices)[gone.fillna(0).astype(int)].to_numpy()
    frame["exit_notice_id"] = frame["exit_notice_id"].astype("Int64").where(gone.notna())
    frame["total_investment"] = _yuan(frame["total_investment"])
    copy_features(connection, "project", frame)
    shares = city.project_district
    copy_features(
        connection,
        "project_district",
        shares.drop(columns=["project", "district"]).assign(
            project_id=ids[shares["project"]], district_id=districts[shares["district"]]
        ),
    )
    _store_library(connection, city, ids, notices)
    connection.execute(text(REGISTER_MONEY), {"city": city_id})
    money = city.investment
    copy_features(
        connection,
        "investment",
        money.drop(columns=["project", "fen"]).assign(
            project_id=ids[money["project"]], amount=_yuan(money["fen"], Decimal("0.01"))
        ),
    )
    return ids


def _store_library(
    connection: Connection, city: DemoCity, ids: NDArray[np.int64], notices: NDArray[np.int64]
) -> None:
    rows, totals = city.register_entry, city.register_total
    copy_features(
        connection,
        "register_entry",
        rows.drop(columns=["project", "notice"]).assign(
            project_id=ids[rows["project"]], notice_id=notices[rows["notice"]], amount=_yuan(rows["amount"])
        ),
    )
    copy_features(
        connection,
        "register_total",
        totals.drop(columns="notice").assign(
            notice_id=notices[totals["notice"]], printed=_yuan(totals["printed"])
        ),
    )


def _yuan(values: pd.Series, unit: Decimal = Decimal(1)) -> pd.Series:
    """Return whole numbers of a unit as exact amounts in yuan; NaN stays unknown."""
    whole = values.round().astype("Int64").astype(object)
    return whole.map(lambda value: Decimal(value) * unit, na_action="ignore").where(values.notna(), None)


def _store_progress(connection: Connection, city: DemoCity, projects: NDArray[np.int64]) -> None:
    """Copy stages with their documents, monthly progress, milestones and figures."""
    events, papers = city.stage_event, city.document
    ids = _ids(connection, "document", len(papers))
    copy_features(
        connection,
        "document",
        papers.drop(columns=["project", "event"]).assign(id=ids, project_id=projects[papers["project"]]),
    )
    proof = pd.Series(pd.NA, index=events.index, dtype="Int64")
    proof.iloc[papers["event"].to_numpy()] = ids
    copy_features(connection, "stage_event", _of(events, projects).assign(document_id=proof))
    for table in OF_A_PROJECT:
        copy_features(connection, table, _of(city.tables[table], projects))


def _of(frame: pd.DataFrame, projects: NDArray[np.int64]) -> pd.DataFrame:
    return frame.drop(columns="project").assign(project_id=projects[frame["project"]])


def _store_problems(
    connection: Connection, city_id: int, city: DemoCity, projects: NDArray[np.int64], source: int
) -> None:
    ids = _ids(connection, "problem", len(city.problem))
    copy_features(connection, "problem", city.problem.assign(id=ids, city_id=city_id, source_id=source))
    links = city.problem_project
    copy_features(
        connection,
        "problem_project",
        pd.DataFrame({"problem_id": ids[links["problem"]], "project_id": projects[links["project"]]}),
    )
