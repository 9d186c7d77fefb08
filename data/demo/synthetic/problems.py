"""Problems that a check-up 城市体检 found: where, how grave, and which projects treat them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from data.demo.synthetic import plots
from data.demo.synthetic.chance import Texts, either, pick, stream
from data.demo.synthetic.land import Land

# Dimension, indicator, what is wrong in Chinese and English.
FINDINGS = (
    ("housing", "dangerous_housing", "存在C、D级危险住房", "housing of hazard grade C or D"),
    ("housing", "housing_pipes", "住宅老化管线需更新", "worn-out pipes in housing"),
    ("housing", "lift_retrofit", "多层住宅需加装电梯", "walk-ups without a lift"),
    ("community", "elderly_care_coverage", "养老服务设施覆盖不足", "too little elderly care within reach"),
    ("community", "kindergarten_coverage", "普惠幼儿园覆盖不足", "too few kindergartens within reach"),
    ("community", "parking_shortage", "停车泊位缺口大", "parking shortage"),
    ("community", "public_space", "公共活动场地不足", "too little public space"),
    ("block", "middle_school_coverage", "中学服务半径覆盖不足", "secondary school too far"),
    ("block", "park_coverage", "公园绿地服务半径覆盖不足", "park too far"),
    ("block", "old_blocks", "老旧街区、厂区闲置", "idle old quarter or works"),
    ("city", "flooding_points", "易涝积水点", "place that floods"),
    ("city", "road_density", "道路网密度偏低", "street network too sparse"),
    ("city", "historic_protection", "历史建筑空置破损", "historic building empty and damaged"),
)
SEVERITY = {"low": 46, "medium": 38, "high": 16}


@dataclass(frozen=True)
class Findings:
    """The problems, and which projects treat them."""

    problems: pd.DataFrame
    links: pd.DataFrame


def draw(seed: int, count: int, land: Land, place: tuple[Texts, Texts], ground: Texts) -> Findings:
    """Find problems on built plots; a third have a place of their own form, a few no place yet."""
    rng = stream(seed, "problems")
    housing = np.flatnonzero((land.land_use != "") & ~np.isin(land.land_use, ["1401", "1600", "1402"]))
    plot = rng.choice(housing, count)
    finding = rng.integers(0, len(FINDINGS), count)
    home = land.plots.superblock[plot]
    quad = land.plot_shape[plot]
    shape = np.where(rng.random(count) < 0.55, shapely.points(quad.mean(axis=1)), plots.polygons(quad))
    found_on = np.where(rng.random(count) < 0.4, np.datetime64("2024-08-31"), np.datetime64("2026-06-30"))
    project, problem = shapely.STRtree(shape).query(ground, predicate="intersects").reshape(2, -1)
    links = pd.DataFrame({"problem": problem, "project": project}).sort_values(["problem", "project"])
    treated = np.bincount(problem, minlength=count) > 0
    closed = treated & (found_on < np.datetime64("2026-01-01")) & (rng.random(count) < 0.4)
    closing = np.where(closed, found_on + rng.integers(120, 700, count), np.datetime64("NaT"))
    column = [np.array([row[k] for row in FINDINGS], dtype=object)[finding] for k in range(4)]
    problems = pd.DataFrame(
        {
            "code": "T" + pd.Series(np.arange(1, count + 1)).astype(str).str.zfill(5),
            "title": place[0][home] + column[2],
            "title_en": place[1][home] + ": " + column[3],
            "dimension": column[0],
            "indicator": column[1],
            "severity": pick(rng, SEVERITY, count),
            "found_on": found_on,
            "closed_on": closing,
            "shape": either(rng.random(count) < 0.04, None, shape),
        }
    )
    return Findings(problems, links[links["problem"].isin(np.arange(count))].reset_index(drop=True))
