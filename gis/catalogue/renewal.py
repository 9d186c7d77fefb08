"""Indicators of renewal 更新: what the projects cover, and what they demolish."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gis.indicator import Asked, Indicator, Ratio, Words, per

if TYPE_CHECKING:
    from gis.analysis import Analysis


def renewal_coverage(here: Analysis, asked: Asked) -> Ratio:
    """Land, residents or floor area inside projects; where projects overlap it counts once."""
    if asked.basis == "area":
        return per(here.union("projects"), here.area, 100.0)
    return here.share_of_homes(here.ground.renewed(), asked.basis)


def demolition_share(here: Analysis, _asked: Asked) -> Ratio:
    """Floor area that projects demolish over the floor area they find, per cent."""
    found = here.overlap("projects")
    demolished = here.ground.known("projects", "floor_area_demolished")
    existing = here.ground.known("projects", "floor_area_existing")
    known = np.isfinite(demolished) & np.isfinite(existing)
    return per(found.sum(np.where(known, demolished, 0.0)), found.sum(np.where(known, existing, 0.0)), 100.0)


RENEWAL = (
    Indicator(
        "renewal_coverage",
        Words("更新项目覆盖率", "Renewal coverage"),
        "%",
        "renewal",
        "neutral",
        Words(
            "更新项目范围内的土地、人口或住宅建筑面积（重叠只计一次）÷ 全部",
            "land, residents or residential floor area inside projects, counted once ÷ all",
        ),
        Words("由项目库边界导出", "derived of the boundaries of the project library"),
        renewal_coverage,
        inputs=("projects", "projects.geometry"),
        bases=("area", "population", "floor_area"),
    ),
    Indicator(
        "demolition_share",
        Words("拆除建筑面积占比", "Demolition share"),
        "%",
        "renewal",
        "lower",
        Words(
            "拆除建筑面积 ÷ 现状总建筑面积（更新单元或项目内）",
            "floor area demolished ÷ existing floor area, within the renewal unit or project",
        ),
        Words("建标〔2022〕53号（原则上不大于20%）", "建标〔2022〕53号 (in principle at most 20 %)"),
        demolition_share,
        inputs=(
            "projects",
            "projects.geometry",
            "projects.floor_area_demolished",
            "projects.floor_area_existing",
        ),
    ),
)
