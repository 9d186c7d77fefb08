"""Indicators of land 用地: mix of uses, green land, permeable ground, zoning and constraints."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from pandas import DataFrame, Series

from gis.catalogue.coverage import GREEN
from gis.diversity import hill_number, land_use_entropy, use_areas
from gis.indicator import Asked, Indicator, Ratio, Words, per

if TYPE_CHECKING:
    from gis.analysis import Analysis


def evenness(here: Analysis, _asked: Asked) -> Ratio:
    """Shannon entropy of the zoned land uses over its greatest value."""
    return _mix(here, land_use_entropy)


def diversity(here: Analysis, _asked: Asked) -> Ratio:
    """Hill number of order 1 of the zoned land uses: as many equal uses would be as mixed."""
    return _mix(here, hill_number)


def _mix(here: Analysis, measure: Callable[[DataFrame], Series[float]]) -> Ratio:
    """A mix has no numerator: how many uses there are, and the m² that are classed, stand for it."""
    areas = here.once(
        ("uses",), lambda: use_areas(here.units, here.frame("zoning"), overlap=here.overlap("zoning"))
    )
    found = (measure(areas), (areas > 0).sum(axis=1), areas.sum(axis=1))
    return Ratio(*(np.asarray(one, float) for one in found))


def green_ratio(here: Analysis, _asked: Asked) -> Ratio:
    """Green land over land, per cent; where green zones overlap the land counts once."""
    return per(here.union("zoning", GREEN, "land_use"), here.area, 100.0)


def permeable_ratio(here: Analysis, _asked: Asked) -> Ratio:
    """Permeable ground over land, per cent; where surfaces overlap the ground counts once."""
    return per(here.union("permeable"), here.area, 100.0)


def zoning_coverage(here: Analysis, _asked: Asked) -> Ratio:
    """Land that a zone covers over land, per cent; where zones overlap the land counts once."""
    return per(here.union("zoning"), here.area, 100.0)


def zoning_conflict(here: Analysis, _asked: Asked) -> Ratio:
    """Land that zones cover more than once over land, per cent; the land counts once."""
    return per(here.doubled("zoning"), here.area, 100.0)


def constraint_share(here: Analysis, asked: Asked) -> Ratio:
    """Land under a kind of constraint over land, per cent; where they overlap the land counts once."""
    return per(here.union("constraints", (asked.subject,), "kind"), here.area, 100.0)


LAND = (
    Indicator(
        "land_use_entropy",
        Words("用地混合度", "Land-use mix"),
        "",
        "land",
        "higher",
        Words(
            "−Σ p·ln p ÷ ln k，p 为各用地性质面积占比，k 为全市用地类别数",
            "−Σ p ln p ÷ ln k, with p the share of each land use and k the number of uses in the city",
        ),
        Words("Shannon 1948；Cervero、Kockelman 1997", "Shannon 1948; Cervero and Kockelman 1997"),
        evenness,
        inputs=("zoning", "zoning.land_use"),
    ),
    Indicator(
        "land_use_diversity",
        Words("用地多样性（希尔数）", "Land-use diversity (Hill number)"),
        "",
        "land",
        "higher",
        Words("exp(−Σ p·ln p)：相当于多少种等量用地", "exp(−Σ p ln p): as many equal uses would be as mixed"),
        Words("Hill 1973", "Hill 1973"),
        diversity,
        inputs=("zoning", "zoning.land_use"),
    ),
    Indicator(
        "green_ratio",
        Words("绿地率", "Green land ratio"),
        "%",
        "land",
        "higher",
        Words(
            "公园绿地（1401）与防护绿地（1402）面积（重叠只计一次）÷ 土地面积",
            "zoned parks (1401) and protective green (1402), counted once ÷ land area",
        ),
        Words("建标〔2022〕53号（建成区绿地率）", "建标〔2022〕53号 (green ratio of the built-up area)"),
        green_ratio,
        inputs=("zoning", "zoning.land_use"),
    ),
    Indicator(
        "permeable_ratio",
        Words("可渗透地面面积比例", "Permeable ground"),
        "%",
        "land",
        "higher",
        Words(
            "可渗透地面面积（不透水地面以外的下垫面，含水面）÷ 土地面积",
            "permeable ground (every surface but impermeable ground; water counts) ÷ land area",
        ),
        Words(
            "建标〔2022〕53号（建成区平均可渗透面积占比）",
            "建标〔2022〕53号 (mean permeable share of built-up areas)",
        ),
        permeable_ratio,
        inputs=("permeable",),
    ),
    Indicator(
        "zoning_coverage",
        Words("控规覆盖率", "Zoning coverage"),
        "%",
        "land",
        "higher",
        Words("用地规划覆盖面积（重叠只计一次）÷ 土地面积", "zoned land, counted once ÷ land area"),
        Words("数据质量核查", "check of the data"),
        zoning_coverage,
        inputs=("zoning",),
    ),
    Indicator(
        "zoning_conflict",
        Words("用地规划重叠率", "Zoning conflict"),
        "%",
        "land",
        "lower",
        Words(
            "重复规划的土地面积（只计一次）÷ 土地面积", "land zoned more than once, counted once ÷ land area"
        ),
        Words("数据质量核查", "check of the data"),
        zoning_conflict,
        inputs=("zoning",),
    ),
    Indicator(
        "constraint_share",
        Words("管控要素占比", "Land under constraints"),
        "%",
        "land",
        "neutral",
        Words(
            "某类管控要素覆盖面积（重叠只计一次）÷ 土地面积",
            "land under a kind of constraint, counted once ÷ land area",
        ),
        Words("三区三线等管控要求", "control lines of spatial planning"),
        constraint_share,
        inputs=("constraints", "constraints.kind"),
        subjects="constraint",
    ),
)
