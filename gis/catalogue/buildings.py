"""Indicators of the building stock 房屋: age and hazard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gis.indicator import Asked, Indicator, Ratio, Words, per

if TYPE_CHECKING:
    from gis.analysis import Analysis


def old_buildings(here: Analysis, asked: Asked) -> Ratio:
    """Floor area built before a year over floor area of known year, per cent."""
    built = here.ground.known("buildings", "year_built")
    area = np.where(np.isnan(built), 0.0, here.ground.floor_area)
    old = built < int(asked.subject.removeprefix("before_"))
    found = here.overlap("buildings")
    return per(found.sum(area * old), found.sum(area), 100.0)


def hazardous_buildings(here: Analysis, asked: Asked) -> Ratio:
    """Floor area of the hazard grades asked for over floor area of known grade, per cent."""
    grade = here.frame("buildings")["hazard_grade"]
    area = np.where(grade.isna(), 0.0, here.ground.floor_area)
    found = here.overlap("buildings")
    return per(found.sum(area * grade.isin(list(asked.subject)).to_numpy(dtype=bool)), found.sum(area), 100.0)


FLOORS = ("buildings.floor_area", "buildings.floors")
BUILDINGS = (
    Indicator(
        "old_buildings",
        Words("老旧房屋占比", "Old buildings"),
        "%",
        "buildings",
        "lower",
        Words(
            "某年以前建成的建筑面积 ÷ 已知建成年代的建筑面积",
            "floor area built before the year ÷ floor area of known year",
        ),
        Words(
            "国家和山东老旧小区改造政策（1980、2000、2005年分界）",
            "national and Shandong policies on old communities (1980, 2000, 2005)",
        ),
        old_buildings,
        inputs=("buildings", "buildings.year_built"),
        alternatives=FLOORS,
        subjects="age",
        parameters=("age_years",),
    ),
    Indicator(
        "hazardous_buildings",
        Words("危险房屋占比", "Hazardous buildings"),
        "%",
        "buildings",
        "lower",
        Words("该等级建筑面积 ÷ 已鉴定建筑面积", "floor area of the grade ÷ floor area with a grade"),
        Words("《危险房屋鉴定标准》等级", "grades of the standard for dangerous buildings"),
        hazardous_buildings,
        inputs=("buildings", "buildings.hazard_grade"),
        alternatives=FLOORS,
        subjects="hazard",
    ),
)
