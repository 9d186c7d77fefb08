"""How projects move on: entry, stages, milestones, monthly progress, money, figures, documents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from data import codes
from data.demo.synthetic.chance import Days, Flags, Floats, Integers, Texts, pick_each, runs, stream

TODAY = np.datetime64("2026-10-31")
LADDER = list(codes.STAGES)
BUILDING, DONE = LADDER.index("construction"), LADDER.index("completed")
YEARS = {2021: 8, 2022: 12, 2023: 18, 2024: 22, 2025: 22, 2026: 18}
# Days from one stage to the next: typical, and how much it varies.
STEPS = ((70, 0.5), (150, 0.6), (150, 0.6), (95, 0.5), (120, 0.6), (110, 0.6), (560, 0.5), (190, 0.6))
# Yuan a square metre of ground, and its spread; demolition and rebuilding cost more.
COSTS = {
    "existing_building": (6000, 0.5), "old_community": (900, 0.4), "complete_community": (450, 0.4),
    "old_block": (4500, 0.4), "urban_function": (6500, 0.5), "infrastructure": (1800, 0.4),
    "ecology": (600, 0.5), "heritage": (5000, 0.5),
}  # fmt: skip
REBUILT = 2.4
SOURCES: dict[str, dict[str, float]] = {
    "existing_building": {"enterprise": 70, "bank_loan": 30},
    "old_community": {
        "central_subsidy": 35, "central_budget": 15, "local_budget": 30, "special_bond": 12, "residents": 8,
    },
    "complete_community": {"local_budget": 45, "central_budget": 25, "enterprise": 30},
    "old_block": {"enterprise": 45, "bank_loan": 35, "special_bond": 20},
    "urban_function": {"local_budget": 40, "special_bond": 35, "enterprise": 25},
    "infrastructure": {"treasury_bond": 40, "special_bond": 30, "local_budget": 30},
    "ecology": {"central_subsidy": 30, "local_budget": 45, "special_bond": 25},
    "heritage": {"local_budget": 45, "enterprise": 30, "central_subsidy": 25},
}  # fmt: skip
DOCUMENTS = {
    "annual_plan": ("plan", "年度城市更新计划"),
    "entity": ("other", "实施主体确认函"),
    "scheme": ("scheme", "实施方案"),
    "joint_review": ("opinion", "联合审查意见"),
    "permit": ("permit", "建设工程规划许可证"),
    "construction": ("contract", "施工合同"),
    "completed": ("report", "竣工验收报告"),
}
MILESTONES = {
    "scheme": "实施方案批复", "permit": "取得规划许可", "construction": "开工", "completed": "竣工验收",
}  # fmt: skip


@dataclass(frozen=True)
class Schedule:
    """Days (projects, stages) when stages are due by plan and when they were or will be reached."""

    planned: Days
    actual: Days
    reached: Flags


def codes_of(seed: int, count: int) -> pd.DataFrame:
    """Return code, year, batch and serial of each project, such as K202301001."""
    rng = stream(seed, "codes")
    years = np.array(list(YEARS))
    year = rng.choice(years, count, p=np.array(list(YEARS.values())) / sum(YEARS.values()))
    batches = max(2, int(np.ceil(count / 2500)))
    batch = rng.integers(1, batches + 1, count)
    batch = np.where(year == 2026, np.minimum(batch, max(1, batches - 1)), batch)
    frame = pd.DataFrame({"code_year": year, "code_batch": batch})
    frame["code_serial"] = frame.groupby(["code_year", "code_batch"]).cumcount() + 1
    frame["entered"] = _days(year, 1 + (batch * 9) // batches, rng.integers(3, 26, count))
    parts = (("code_year", 4), ("code_batch", 2), ("code_serial", 3))
    frame["code"] = "K" + sum(
        (frame[name].astype(str).str.zfill(width) for name, width in parts[1:]),
        start=frame["code_year"].astype(str),
    )
    return frame


def _days(year: Integers, month: Integers, day: Integers) -> Days:
    months = (year - 1970).astype("datetime64[Y]").astype("datetime64[M]") + (month - 1)
    return np.asarray(months.astype("datetime64[D]") + (day - 1).astype("timedelta64[D]"))


def schedule(seed: int, frame: pd.DataFrame) -> Schedule:
    """Draw when each project reaches each stage; some stand still and some are late."""
    rng = stream(seed, "schedule")
    count = len(frame)
    typical = np.array([step for step, _ in STEPS])
    spread = np.array([part for _, part in STEPS])
    big = np.where(frame["renewal_mode"] == "rebuild", 1.5, 1.0)[:, None]
    due = typical * big * rng.uniform(0.85, 1.15, (count, len(STEPS)))
    pace = np.exp(rng.normal(0.12, 0.32, (count, 1)))
    took = np.maximum(8, due * pace * np.exp(rng.normal(0, spread * 0.5, (count, len(STEPS)))))
    entered = frame["entered"].to_numpy().astype("datetime64[D]")[:, None]
    planned = np.concatenate(
        [entered, entered + np.cumsum(np.round(due), axis=1).astype("timedelta64[D]")], axis=1
    )
    actual = np.concatenate(
        [entered, entered + np.cumsum(np.round(took), axis=1).astype("timedelta64[D]")], axis=1
    )
    stuck = np.where(rng.random(count) < 0.1, rng.integers(0, BUILDING, count), len(LADDER))
    reached = (actual <= TODAY) & (np.arange(len(LADDER)) <= stuck[:, None])
    reached[:, 0] = True
    return Schedule(planned, actual, reached)


def stage_events(plan: Schedule) -> pd.DataFrame:
    """Return the stages that projects have reached, with their days."""
    project, stage = np.nonzero(plan.reached)
    return pd.DataFrame(
        {
            "project": project,
            "stage": np.array(LADDER, dtype=object)[stage],
            "on_date": plan.actual[project, stage],
        }
    )


def documents(events: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the document that goes with a stage, where one does; ``event`` is the row of the stage."""
    found = events[events["stage"].isin(list(DOCUMENTS))]
    names = frame["name"].to_numpy()[found["project"]]
    kinds = found["stage"].map(lambda stage: DOCUMENTS[stage][0])
    titles = names + found["stage"].map(lambda stage: DOCUMENTS[stage][1])
    serial = (np.arange(len(found)) % 997 + 1).astype(str)
    years = found["on_date"].dt.year.astype(str)
    return pd.DataFrame(
        {
            "project": found["project"],
            "event": found.index,
            "kind": kinds,
            "title": titles,
            "number": "示更函〔" + years + "〕" + serial + "号",
            "issued_on": found["on_date"],
        }
    ).reset_index(drop=True)


def milestones(plan: Schedule) -> pd.DataFrame:
    """Return what each project plans to reach by when, and when it did."""
    parts = []
    for stage, name in MILESTONES.items():
        column = LADDER.index(stage)
        reached = plan.actual[:, column].copy()
        reached[~plan.reached[:, column]] = np.datetime64("NaT")
        parts.append(
            pd.DataFrame(
                {
                    "project": np.arange(len(reached)),
                    "name": name,
                    "stage": stage,
                    "planned_on": plan.planned[:, column],
                    "reached_on": reached,
                }
            )
        )
    return pd.concat(parts).sort_values(["project", "planned_on"], kind="stable").reset_index(drop=True)


def progress(seed: int, plan: Schedule) -> pd.DataFrame:
    """Return reported and certified progress at each month's end since works began."""
    rng = stream(seed, "progress")
    building = np.flatnonzero(plan.reached[:, BUILDING])
    start, end = plan.actual[building, BUILDING], plan.actual[building, DONE]
    first = start.astype("datetime64[M]")
    last = np.minimum(end.astype("datetime64[M]"), TODAY.astype("datetime64[M]"))
    owner, step = runs((last - first).astype(np.int64) + 1)
    month_end = (first[owner] + step + 1).astype("datetime64[D]") - 1
    part = ((month_end - start[owner]) / np.maximum(end - start, np.timedelta64(30, "D"))[owner]).clip(0, 1)
    done = month_end >= end[owner]
    reported = np.where(done, 1.0, np.round(part**2 * (3 - 2 * part), 3).clip(0, 0.995))
    behind = rng.uniform(0.0, 0.06, building.size)[owner]
    certified = np.where(done, 1.0, np.round((reported - behind).clip(0), 3))
    certified[(month_end == TODAY) & (rng.random(owner.size) < 0.55)] = np.nan
    certified[rng.random(owner.size) < 0.05] = np.nan
    return pd.DataFrame(
        {"project": building[owner], "month_end": month_end, "reported": reported, "certified": certified}
    )


def amounts(seed: int, frame: pd.DataFrame, area: Floats) -> Floats:
    """Draw the total investment of each project on ``area`` m² in whole million yuan; a few are not given."""
    rng = stream(seed, "amounts")
    cost, spread = np.array([COSTS[name] for name in frame["project_type"]]).T
    rebuild = np.where(frame["renewal_mode"] == "rebuild", REBUILT, 1.0)
    yuan = area * cost * rebuild * np.exp(spread * rng.normal(0, 1, len(frame)).clip(-2, 2.1))
    found = np.maximum(np.round(yuan / 1e6), 2) * 1e6
    found[rng.random(len(frame)) < 0.015] = np.nan
    return np.asarray(found)


def investment(seed: int, frame: pd.DataFrame, plan: Schedule) -> pd.DataFrame:
    """Part each total over sources and years to the fen; allocate and pay what is due by today."""
    rng = stream(seed, "investment")
    known = np.flatnonzero(frame["total_investment"].notna())
    first = plan.planned[known, BUILDING].astype("datetime64[Y]").astype(np.int64) + 1970
    last = plan.planned[known, DONE].astype("datetime64[Y]").astype(np.int64) + 1970
    weights = np.array(
        [[SOURCES[name].get(s, 0) for s in codes.FUNDING_SOURCES] for name in frame["project_type"]]
    )[known]
    own, source = np.nonzero(weights)
    cell, step = runs((last - first + 1)[own])
    project, source = own[cell], source[cell]
    weight = (
        weights[project, source] * rng.uniform(0.6, 1.4, own.size)[cell] * rng.uniform(0.5, 1.5, cell.size)
    )
    planned = _parts(frame["total_investment"].to_numpy()[known], project, weight)
    year = first[project] + step
    late = plan.reached[known, BUILDING][project]
    allocated = np.round(planned * _due(rng, year, late, (0.75, 1.0)))
    paid = np.round(allocated * _due(rng, year, late, (0.55, 0.98)))
    kinds = {"planned": planned, "allocated": allocated, "paid": paid}
    parts = [
        pd.DataFrame({"project": known[project], "year": year, "source": source, "kind": kind, "fen": fen})
        for kind, fen in kinds.items()
    ]
    found = pd.concat(parts, ignore_index=True)
    found["source"] = np.array(list(codes.FUNDING_SOURCES), dtype=object)[found["source"]]
    return found[(found["fen"] > 0)].reset_index(drop=True)


def _parts(total: Floats, owner: Integers, weight: Floats) -> Floats:
    """Part totals (yuan) by weight into whole fen whose sums are exact."""
    whole = np.bincount(owner, weight)
    order = np.cumsum(weight)
    before = np.concatenate([[0.0], np.cumsum(whole)])[:-1]
    upto = np.round(total[owner] * 100 * ((order - before[owner]) / whole[owner]).clip(0, 1))
    first = np.concatenate([[True], owner[1:] != owner[:-1]])
    last = np.concatenate([first[1:], [True]])
    upto[last] = total[owner[last]] * 100
    return np.asarray(upto - np.where(first, 0, np.concatenate([[0.0], upto[:-1]])))


def _due(rng: np.random.Generator, year: Integers, begun: Flags, span: tuple[float, float]) -> Floats:
    """Return the part of a year's money that has come: all that is due, part of this year's, none later."""
    part = np.select([year < 2026, year == 2026], [1.0, 0.75], 0.0)
    return np.asarray(part * begun * rng.uniform(*span, year.size))


def figures(seed: int, frame: pd.DataFrame, existing: pd.DataFrame, area: Floats) -> pd.DataFrame:
    """Return figures before and after; existing floor area = retained + altered + demolished.

    ``existing`` holds for each project what stands on its ground: ``keep``, ``alter`` and ``demolish`` in m²
    of floor area, ``height`` in m, ``households``, ``population``.
    """
    rng = stream(seed, "figures")
    ground_only = frame["geometry_kind"].isin(["corridor", "network"]).to_numpy()
    kept, altered, gone = (np.round(existing[name].to_numpy()) for name in ("keep", "alter", "demolish"))
    rebuild = (frame["renewal_mode"] == "rebuild").to_numpy()
    new = np.round(np.where(rebuild, gone * rng.uniform(1.3, 2.1, len(frame)), (gone + 0.03 * altered)))
    new = np.where(rebuild, np.minimum(new, area * 3.2), new).round()
    before = kept + altered + gone
    after = kept + altered + new
    growth = np.where(before > 0, after / np.maximum(before, 1), 1.0)
    homes, people = (existing[name].to_numpy() for name in ("households", "population"))
    green = np.round(area * rng.uniform(0.06, 0.24, len(frame)))
    height = existing["height"].to_numpy()
    nothing = np.full(len(frame), np.nan)
    rows: dict[str, tuple[ArrayLike, ArrayLike]] = {
        "site_area": (np.round(area), np.round(area)),
        "floor_area": (before, after),
        "floor_area_retained": (nothing, kept),
        "floor_area_altered": (nothing, altered),
        "floor_area_demolished": (nothing, gone),
        "floor_area_new": (nothing, new),
        "floor_area_exempt": (nothing, np.round(new * rng.uniform(0.02, 0.12, len(frame)))),
        "green_area": (green, np.round(np.minimum(green * rng.uniform(1.0, 1.9, len(frame)), 0.5 * area))),
        "height": (
            height,
            np.where(rebuild, np.maximum(height, np.round(rng.uniform(36, 99, len(frame)), 1)), height),
        ),
        "households": (homes, np.round(homes * growth)),
        "population": (people, np.round(people * growth)),
        "parking": (np.round(homes * 0.25), np.round(homes * growth * rng.uniform(0.35, 1.0, len(frame)))),
    }
    of_ground = ("site_area", "green_area")
    parts = [
        pd.DataFrame({"project": np.arange(len(frame)), "figure": name, "baseline": one, "planned": two})[
            ~ground_only | (name in of_ground)
        ]
        for name, (one, two) in rows.items()
    ]
    return pd.concat(parts).sort_values("project", kind="stable").reset_index(drop=True)


def dispositions(seed: int, mode: Texts) -> Texts:
    """Say of each building in a project of this mode whether it is kept, altered or demolished 留改拆."""
    tables = {
        "upgrade": {"keep": 22, "alter": 76, "demolish": 2},
        "alteration": {"keep": 22, "alter": 63, "demolish": 15},
        "rebuild": {"keep": 9, "alter": 6, "demolish": 85},
    }
    names = sorted(tables)
    rows = np.searchsorted(names, mode.astype(str))
    return pick_each(stream(seed, "dispositions"), [tables[name] for name in names], rows)
