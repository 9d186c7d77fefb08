"""The pipeline 项目库: counts and money side by side, by year, batch, district and size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import accumulate
from math import isnan
from typing import Any

from sqlalchemy import Connection, RowMapping

from data import codes, districts, notices, projects
from data.investment import supplies_progress
from data.pipeline import stages_by_district
from data.projects import BANDS, ProjectFilter
from data.session import Database

OWN_FILTER = {
    "year": ("years",),
    "batch": ("batches",),
    "band": ("bands",),
    "district": ("districts", "sections"),
    "stage": ("stages",),
    "type": ("types",),
    "mode": ("modes",),
}
CODED = {"stage": codes.STAGES, "type": codes.PROJECT_TYPES, "mode": codes.RENEWAL_MODES}


@dataclass(frozen=True)
class Group:
    """Projects of one year, batch, size band, district or code; ``key`` None: the source does not say.

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
class Cell:
    """The projects of a district at one stage; ``investment`` in yuan by share, None where none is known."""

    projects: int
    investment: Decimal | None


@dataclass(frozen=True)
class Matrix:
    """Where the projects of each district stand; ``cells`` by district and stage (None: not supplied)."""

    districts: dict[str, tuple[str, str]]
    stages: tuple[str | None, ...]
    cells: dict[tuple[str, str | None], Cell]


@dataclass(frozen=True)
class Pipeline:
    """What the pipeline page shows; money in yuan.

    The dimensions stage, type and mode, and ``matrix``, are there where the city supplies any of them.
    """

    totals: RowMapping
    dimensions: dict[str, Dimension]
    cross_district: int
    notices: list[RowMapping]
    supplies_progress: bool
    matrix: Matrix | None


def pipeline(database: Database, city: RowMapping, keep: ProjectFilter | None = None) -> Pipeline:
    """Count and sum a city's projects in every dimension, and list what each notice changed.

    A project in several districts counts in each, with its share of the money, and once in the totals.
    """
    keep = keep or ProjectFilter()
    with database.reading() as connection:
        supplied = supplies_progress(connection, city["id"])
        named = [name for name in OWN_FILTER if supplied or name not in CODED]
        return Pipeline(
            totals=projects.totals(connection, city["id"], keep),
            dimensions={name: _dimension(connection, city, keep, name) for name in named},
            cross_district=projects.how_many(connection, city["id"], replace(keep, cross_district=True)),
            notices=notices.history(connection, city["id"]),
            supplies_progress=supplied,
            matrix=_matrix(stages_by_district(connection, city["id"], keep)) if supplied else None,
        )


def reached(stages: Dimension) -> dict[str, int]:
    """Count for each stage the projects that stand there or further up the ladder."""
    counts = {group.key: group.projects for group in stages.groups if group.key}
    beyond = accumulate(counts.get(stage, 0) for stage in reversed(codes.STAGES))
    return dict(zip(reversed(codes.STAGES), beyond, strict=True))


def _matrix(rows: Sequence[RowMapping]) -> Matrix:
    cells = {(row["key"], row["stage"]): Cell(row["projects"], row["investment"]) for row in rows}
    held = {row["stage"] for row in rows}
    ladder: list[str | None] = [stage for stage in codes.STAGES if stage in held]
    return Matrix(
        districts={row["key"]: (row["name_zh"], row["name_en"]) for row in rows},
        stages=(*ladder, None) if None in held else tuple(ladder),
        cells=cells,
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
    if name in CODED:
        return _coded(keyed, CODED[name])
    if name == "band":
        keyed.sort(key=lambda row: BANDS.index(row["key"]) if row["key"] else len(BANDS))
    return [{**row, "name_zh": row["key"] or "", "name_en": row["key"] or ""} for row in keyed]


def _coded(rows: Sequence[dict[str, Any]], terms: Mapping[str, codes.Term]) -> list[dict[str, Any]]:
    order = list(terms)
    placed = sorted(rows, key=lambda row: order.index(row["key"]) if row["key"] else len(order))
    nobody = codes.Term("", "")
    named = [(row, terms.get(row["key"], nobody)) for row in placed]
    return [{**row, "name_zh": term.zh, "name_en": term.en} for row, term in named]


def _districts(connection: Connection, city: RowMapping, keep: ProjectFilter) -> list[dict[str, Any]]:
    frame = districts.figures(connection, city["id"], city["metric_srid"], keep)
    present = frame[frame["projects"] > 0].rename(columns={"code": "key"})
    rows = [dict(zip(present.columns, values, strict=True)) for values in present.to_numpy()]
    return [{**row, "investment": _decimal(row["investment"])} for row in rows]


def _decimal(yuan: float) -> Decimal | None:
    return None if isnan(yuan) else Decimal(str(round(yuan, 2)))
