"""The pipeline 项目库: counts and money side by side, by year, batch, district and size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from math import isnan
from typing import Any

from sqlalchemy import Connection, RowMapping

from data import districts, notices, projects
from data.investment import supplies_progress
from data.projects import BANDS, ProjectFilter
from data.session import Database

OWN_FILTER = {
    "year": ("years",),
    "batch": ("batches",),
    "band": ("bands",),
    "district": ("districts", "sections"),
}


@dataclass(frozen=True)
class Group:
    """Projects of one year, batch, size band or district; ``key`` None: the source does not say.

    ``investment`` in yuan, None where no amount is known; the shares are of the dimension's whole.
    """

    key: str | None
    name_zh: str
    name_en: str
    projects: int
    investment: Decimal | None
    project_share: float | None
    investment_share: float | None
    chosen: bool


@dataclass(frozen=True)
class Dimension:
    """One way to divide the library; its own filter marks groups as chosen, the other filters narrow them."""

    name: str
    groups: tuple[Group, ...]
    narrowed: bool


@dataclass(frozen=True)
class Pipeline:
    """What the pipeline page shows; money in yuan."""

    totals: RowMapping
    dimensions: dict[str, Dimension]
    cross_district: int
    notices: list[RowMapping]
    supplies_progress: bool


def pipeline(database: Database, city: RowMapping, keep: ProjectFilter | None = None) -> Pipeline:
    """Count and sum a city's projects in every dimension, and list what each notice changed.

    A project in several districts counts in each, with its share of the money, and once in the totals.
    """
    keep = keep or ProjectFilter()
    with database.reading() as connection:
        return Pipeline(
            totals=projects.totals(connection, city["id"], keep),
            dimensions={name: _dimension(connection, city, keep, name) for name in OWN_FILTER},
            cross_district=projects.how_many(connection, city["id"], replace(keep, cross_district=True)),
            notices=notices.history(connection, city["id"]),
            supplies_progress=supplies_progress(connection, city["id"]),
        )


def _dimension(connection: Connection, city: RowMapping, keep: ProjectFilter, name: str) -> Dimension:
    chosen = [str(value) for field in OWN_FILTER[name] for value in getattr(keep, field)]
    others = _without(keep, name)
    if name == "district":
        rows = _districts(connection, city, others)
    else:
        rows = _named(projects.grouped(connection, city["id"], others, name), name)
    whole = projects.totals(connection, city["id"], others)
    groups = [_group(row, whole, chosen) for row in rows]
    return Dimension(name, tuple(groups), bool(chosen))


def _without(keep: ProjectFilter, name: str) -> ProjectFilter:
    cleared: dict[str, Any] = dict.fromkeys(OWN_FILTER[name], ())
    return replace(keep, **cleared)


def _group(row: dict[str, Any], whole: RowMapping, chosen: Sequence[str]) -> Group:
    return Group(
        key=row["key"],
        name_zh=row["name_zh"],
        name_en=row["name_en"],
        projects=row["projects"],
        investment=row["investment"],
        project_share=_share(row["projects"], whole["projects"]),
        investment_share=_share(row["investment"], whole["investment"]),
        chosen=row["key"] in chosen or row.get("section") in chosen,
    )


def _share(part: Decimal | int | None, whole: Decimal | int | None) -> float | None:
    return None if part is None or not whole else float(part / whole)


def _named(rows: Sequence[RowMapping], name: str) -> list[dict[str, Any]]:
    keyed = [{**row, "key": None if row["key"] is None else str(row["key"])} for row in rows]
    if name == "band":
        keyed.sort(key=lambda row: BANDS.index(row["key"]) if row["key"] else len(BANDS))
    return [{**row, "name_zh": row["key"] or "", "name_en": row["key"] or ""} for row in keyed]


def _districts(connection: Connection, city: RowMapping, keep: ProjectFilter) -> list[dict[str, Any]]:
    frame = districts.figures(connection, city["id"], city["metric_srid"], keep)
    present = frame[frame["projects"] > 0].rename(columns={"code": "key"})
    rows = [dict(zip(present.columns, values, strict=True)) for values in present.to_numpy()]
    return [{**row, "investment": _decimal(row["investment"])} for row in rows]


def _decimal(yuan: float) -> Decimal | None:
    return None if isnan(yuan) else Decimal(str(round(yuan, 2)))
