"""Indicators of walking distance 步行距离 to facilities, of supply within reach, and of the living circle."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from gis.access import shared
from gis.catalogue.coverage import HOUSING_LAND
from gis.frames import Amounts, Mask, amounts_of
from gis.ground import WALKABLE
from gis.indicator import Asked, Indicator, Ratio, Words, per
from gis.parameters import METRES, MINUTES

if TYPE_CHECKING:
    from gis.analysis import Analysis
    from gis.ground import Ground

    Limit = Callable[[Analysis], float]


def walk_statistic(here: Analysis, asked: Asked, *, statistic: str) -> Ratio:
    """Mean, median or p90 of the walk, weighted; homes that reach nothing are in the denominator only."""
    walked = here.walks(asked.subject, asked.basis)
    value = walked.mean if statistic == "mean" else walked.quantiles[statistic]
    return Ratio(value, walked.reached, walked.weight)


def walk_share(here: Analysis, asked: Asked, *, limit: Limit) -> Ratio:
    """Homes whose walk is within a limit."""
    walked = here.walks(asked.subject, asked.basis)
    return per(walked.within[limit(here)], walked.weight, 100.0)


def facilities_reached(here: Analysis, asked: Asked) -> Ratio:
    """Facilities within the class's radius on foot, on average of the homes."""
    return weighted_mean(here, here.ground.reached(asked.subject), asked.basis)


def two_step_access(here: Analysis, asked: Asked) -> Ratio:
    """Places per 1,000 residents by the two-step floating catchment."""
    score = here.ground.once(("two_step", asked.subject), lambda: _two_step(here, asked.subject))
    mean = weighted_mean(here, score, "population")
    return mean._replace(value=mean.value * 1e3)


def _two_step(here: Analysis, category: str) -> Amounts:
    pairs = here.ground.pairs(category)
    reached = pairs["distance"].to_numpy() <= here.parameters.catchment
    home, facility = (pairs[name].to_numpy()[reached] for name in ("origin", "facility"))
    capacity = amounts_of(here.ground.facilities(category), "capacity")
    return shared(here.weight("population"), capacity, home, facility)


def no_capacity(here: Analysis, asked: Asked) -> str | None:
    """Supply is the capacity of the facilities."""
    known = here.ground.facilities(asked.subject)["capacity"].notna().any()
    return None if known else CAPACITY


def access_score(here: Analysis, asked: Asked) -> Ratio:
    """Soft access score, on average of the homes."""
    return weighted_mean(here, here.ground.score(asked.subject), asked.basis)


def circle_completeness(here: Analysis, asked: Asked) -> Ratio:
    """Classes reached in 15 minutes of those required, on average of the homes, per cent."""
    mean = weighted_mean(here, here.ground.circle()[0], asked.basis)
    return mean._replace(value=mean.value * 100)


def circle_share(here: Analysis, asked: Asked) -> Ratio:
    """Homes that reach every required class in 15 minutes."""
    return here.share_of_homes(here.ground.circle()[1], asked.basis)


def complete_communities(here: Analysis, _asked: Asked) -> Ratio:
    """Housing zones of which every home reaches every required class, of those with homes, per cent."""
    complete, inhabited = here.ground.once(("communities",), lambda: _communities(here.ground))
    zones = here.middles("zoning")
    return per(zones.sum(complete), zones.sum(inhabited), 100.0)


def _communities(ground: Ground) -> tuple[Mask, Mask]:
    """Which zones hold only homes with a complete circle, and which hold homes at all."""
    zoning = ground.frame("zoning")
    homes = ground.homes_in("zoning")
    inhabited = (homes.count() > 0) & zoning["land_use"].eq(HOUSING_LAND).to_numpy(dtype=bool)
    return inhabited & (homes.sum(~ground.circle()[1]) == 0), inhabited


def circle_incomplete(here: Analysis, _asked: Asked) -> str | None:
    """A circle cannot be judged while a required class is not supplied."""
    absent = [name for name in here.parameters.circle if name not in here.ground.categories]
    return f"facilities:{absent[0]}" if absent else None


def weighted_mean(here: Analysis, values: Amounts, basis: str) -> Ratio:
    """Mean of a value of the homes, weighted by the basis; one that weighs nothing need not be known."""
    weight = here.weight(basis)
    return per(here.homes.sum(np.where(weight > 0, weight * values, 0.0)), here.all_weight(basis))


TWO = ("population", "floor_area")
NEEDS = ("buildings", "facilities", "streets", WALKABLE)
CAPACITY = "facilities.capacity"
SNAP = ("max_snap", "access_legs")
ALONG = Words(
    "沿步行网络，起讫点垂足落在路段上，含两端直线段",
    "along the walking network, from edge to edge, with the straight legs at both ends",
)
STATISTICS = {
    "mean": Words("平均", "mean"),
    "median": Words("中位", "median"),
    "p90": Words("90分位", "p90"),
}


def _statistic(name: str, words: Words) -> Indicator:
    return Indicator(
        f"walk_{name}",
        Words(f"{words.zh}步行距离", f"Walking distance, {words.en}"),
        "m",
        "walk",
        "lower",
        Words(
            f"住宅到最近设施步行距离的加权{words.zh}值，不可达者不计入",
            f"weighted {words.en} of the walk from each home to the nearest facility; unreachable homes left out",
        ),
        ALONG,
        partial(walk_statistic, statistic=name),
        inputs=NEEDS,
        subjects="facility",
        bases=TWO,
        parameters=SNAP,
    )


def _within(code: str, name: Words, formula: Words, limit: Limit, *parameters: str) -> Indicator:
    return Indicator(
        f"walk_within_{code}",
        name,
        "%",
        "walk",
        "higher",
        formula,
        ALONG,
        partial(walk_share, limit=limit),
        inputs=NEEDS,
        subjects="facility",
        bases=TWO,
        parameters=(*parameters, *SNAP),
    )


def _within_metres(metres: int) -> Indicator:
    return _within(
        f"{metres}m",
        Words(f"步行{metres}米可达率", f"Within {metres} m on foot"),
        Words(
            f"步行距离不超过{metres}米的人口或住宅建筑面积 ÷ 全部（含不可达）",
            f"residents, or floor area, whose walk is at most {metres} m ÷ all, unreachable ones included",
        ),
        lambda _here: float(metres),
    )


def _within_minutes(minutes: int) -> Indicator:
    return _within(
        f"{minutes}min",
        Words(f"步行{minutes}分钟可达率", f"Within {minutes} min on foot"),
        Words(
            f"步行{minutes}分钟内的人口或住宅建筑面积 ÷ 全部（含不可达）",
            f"residents, or floor area, whose walk takes at most {minutes} min ÷ all, unreachable ones included",
        ),
        lambda here: here.parameters.reach(minutes),
        "walking_speed",
    )


WALK = (
    *(_statistic(name, words) for name, words in STATISTICS.items()),
    *(_within_metres(metres) for metres in METRES),
    *(_within_minutes(minutes) for minutes in MINUTES),
    Indicator(
        "facilities_reached",
        Words("步行可达设施数", "Facilities within reach"),
        "",
        "walk",
        "higher",
        Words(
            "服务半径步行范围内设施数的加权平均",
            "facilities within the service radius on foot, weighted mean",
        ),
        Words("累积机会法", "cumulative opportunities"),
        facilities_reached,
        inputs=NEEDS,
        subjects="facility",
        bases=TWO,
        parameters=("radii", *SNAP),
    ),
    Indicator(
        "two_step_access",
        Words("千人可达设施容量（两步移动搜索法）", "Reachable capacity per 1,000 residents (2SFCA)"),
        "1/1,000 persons",
        "walk",
        "higher",
        Words(
            "Aᵢ = Σⱼ Sⱼ ÷ Σₖ Pₖ（均在搜索半径内）；Σ AᵢPᵢ = Σ Sⱼ；可达设施中任一容量未提供则不计算",
            "Aᵢ = Σⱼ Sⱼ ÷ Σₖ Pₖ, all within the catchment; Σ AᵢPᵢ = Σ Sⱼ; unknown where residents reach a "
            "facility of unknown capacity",
        ),
        Words("Luo、Wang 2003", "Luo and Wang 2003"),
        two_step_access,
        inputs=(*NEEDS, "buildings.population", CAPACITY),
        subjects="facility",
        lacks=no_capacity,
        parameters=("catchment", *SNAP),
    ),
    Indicator(
        "access_score",
        Words("软阈值可达性", "Soft access score"),
        "",
        "walk",
        "higher",
        Words(
            "1 − 1 ÷ (1 + e^(−5(d−500)/500)) 的加权平均", "weighted mean of 1 − 1 ÷ (1 + e^(−5(d−500)/500))"
        ),
        Words("Higgs 等 2019", "Higgs et al. 2019"),
        access_score,
        inputs=NEEDS,
        subjects="facility",
        bases=TWO,
        parameters=SNAP,
    ),
    Indicator(
        "circle_completeness",
        Words("15分钟生活圈设施完整度", "Completeness of the 15-minute circle"),
        "%",
        "walk",
        "higher",
        Words(
            "15分钟步行可达的设施类别数 ÷ 所需类别数，按住宅加权平均",
            "classes reached on foot in 15 minutes ÷ classes required, weighted mean of the homes",
        ),
        Words("《完整居住社区建设标准（试行）》", "standard of complete communities (trial)"),
        circle_completeness,
        inputs=NEEDS,
        bases=TWO,
        lacks=circle_incomplete,
        parameters=("circle", "walking_speed", *SNAP),
    ),
    Indicator(
        "circle_share",
        Words("15分钟生活圈覆盖率", "Residents with a complete 15-minute circle"),
        "%",
        "walk",
        "higher",
        Words(
            "15分钟步行可达全部所需设施类别的人口或住宅建筑面积 ÷ 全部",
            "residents, or floor area, that reach every required class on foot in 15 minutes ÷ all",
        ),
        Words(
            "《完整居住社区建设标准（试行）》；建标〔2022〕53号",
            "standard of complete communities (trial); 建标〔2022〕53号",
        ),
        circle_share,
        inputs=NEEDS,
        bases=TWO,
        lacks=circle_incomplete,
        parameters=("circle", "walking_speed", *SNAP),
    ),
    Indicator(
        "complete_communities",
        Words("完整居住社区占比（按居住地块）", "Complete communities (of housing zones)"),
        "%",
        "walk",
        "higher",
        Words(
            "全部住宅15分钟步行可达全部所需设施类别的居住地块（0701）数 ÷ 有住宅的居住地块数；"
            "只核设施，不核标准的其他内容",
            "housing zones (0701) of which all homes reach every required class on foot in 15 minutes ÷ housing "
            "zones with homes; of the standard the facilities only",
        ),
        Words(
            "《完整居住社区建设标准（试行）》；建标〔2022〕53号",
            "standard of complete communities (trial); 建标〔2022〕53号",
        ),
        complete_communities,
        inputs=(*NEEDS, "buildings.use", "zoning", "zoning.land_use"),
        lacks=circle_incomplete,
        parameters=("circle", "walking_speed", *SNAP),
    ),
)
