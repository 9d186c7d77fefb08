"""Indicators of the building stock 房屋: age and hazard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gis.catalogue.totals import FLOORS, standing
from gis.frames import Amounts
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


def low_rise_housing(here: Analysis, _asked: Asked) -> Ratio:
    """Residential floor area in buildings of few storeys over that of a known number, per cent."""
    area, storeys = here.weight("floor_area"), _storeys(here)
    known = here.homes.sum(area * np.isfinite(storeys))
    return per(here.homes.sum(area * (storeys <= LOW_RISE)), known, 100.0)


def greatest_storeys(here: Analysis, _asked: Asked) -> Ratio:
    """Storeys of the highest home; beside it the homes of known storeys, of all."""
    storeys, homes = _storeys(here), here.homes
    highest = np.full(len(here.units), np.nan)
    np.fmax.at(highest, homes.unit, storeys[homes.feature])
    return Ratio(highest, homes.sum(np.isfinite(storeys)), homes.sum(standing(here.ground)))


def _storeys(here: Analysis) -> Amounts:
    storeys = here.ground.known("buildings", "floors")[here.ground.homes.rows]
    return np.where(standing(here.ground), storeys, np.nan)


LOW_RISE = 6
COUNTY_TOWNS = Words("建村〔2021〕45号（县城新建住宅）", "建村〔2021〕45号 (new housing of county towns)")
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
    Indicator(
        "low_rise_housing",
        Words("6层及以下住宅占比", "Housing of up to six storeys"),
        "%",
        "buildings",
        "neutral",
        Words(
            "6层及以下住宅建筑面积 ÷ 已知层数的住宅建筑面积，含各年代住宅",
            "residential floor area in buildings of up to six storeys ÷ that of known storeys, old and new",
        ),
        COUNTY_TOWNS,
        low_rise_housing,
        inputs=("buildings", "buildings.use", "buildings.floors"),
    ),
    Indicator(
        "greatest_storeys",
        Words("住宅最高层数", "Storeys of the highest housing"),
        "",
        "buildings",
        "neutral",
        Words("住宅层数的最大值，含各年代住宅", "greatest number of storeys of a home, old and new"),
        COUNTY_TOWNS,
        greatest_storeys,
        inputs=("buildings", "buildings.use", "buildings.floors"),
    ),
)
