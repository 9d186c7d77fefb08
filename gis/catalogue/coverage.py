"""Indicators of coverage 覆盖: homes within the service radius of facilities, parks, shelters, greenways."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from geopandas import GeoDataFrame

from gis.coverage import covered_mask, park_coverage
from gis.frames import Mask
from gis.ground import WALKABLE, Ground
from gis.indicator import Asked, Indicator, Ratio, Words, per
from gis.inherited import Within
from gis.layers import of_classes

if TYPE_CHECKING:
    from gis.analysis import Analysis

GREENWAY, GREEN_NEAR = 1000.0, 300.0
GREEN = ("1401", "1402")
HOUSING_LAND = "0701"
SHELTERS = Words("皖政办〔2021〕13号", "皖政办〔2021〕13号 (Anhui)")


def service_coverage(here: Analysis, asked: Asked) -> Ratio:
    """Homes within the class's straight service radius."""
    radius = here.parameters.radius(asked.subject)
    return here.share_of_homes(here.ground.near((asked.subject,), radius), asked.basis)


def walk_coverage(here: Analysis, asked: Asked) -> Ratio:
    """Homes within the class's service radius on foot."""
    walked = here.walks(asked.subject, asked.basis)
    return per(walked.within[here.parameters.radius(asked.subject)], walked.weight, 100.0)


def blind_spots(here: Analysis, asked: Asked) -> Ratio:
    """Residents beyond the class's service radius on foot."""
    reached = here.ground.walk(asked.subject) <= here.parameters.radius(asked.subject)
    _value, beyond, whole = here.share_of_homes(~reached, "population")
    return Ratio(np.where(whole > 0, beyond, np.nan), beyond, whole)


def parks(here: Analysis, asked: Asked) -> Ratio:
    """Homes, or housing land, within the radius that a park's size gives it."""
    sizes = here.parameters.park_sizes
    if asked.basis != "land":
        return here.share_of_homes(here.ground.near_parks(), asked.basis)
    land = here.ground.dissolved("zoning", (HOUSING_LAND,), "land_use")
    housing = GeoDataFrame(geometry=land)
    found = park_coverage(here.units, housing, here.ground.facilities("park"), sizes, "area")
    return per(found["numerator"].to_numpy(), found["denominator"].to_numpy(), 100.0)


def green_coverage(here: Analysis, asked: Asked) -> Ratio:
    """Homes within 300 m of any zoned green."""
    return here.share_of_homes(here.ground.by_home(Within(GREEN_NEAR, near_green)), asked.basis)


def near_green(ground: Ground) -> Mask:
    """Whether each home lies within 300 m of zoned green."""
    green = of_classes(ground.frame("zoning"), GREEN, "land_use")
    return covered_mask(ground.homes.points, green, GREEN_NEAR)


def shelter_coverage(here: Analysis, asked: Asked) -> Ratio:
    """Homes within the service radius of a place that can be a shelter."""
    places = here.ground.near(here.parameters.shelters, here.parameters.shelter_radius)
    return here.share_of_homes(places, asked.basis)


def greenway_coverage(here: Analysis, asked: Asked) -> Ratio:
    """Homes within 1 km of a greenway."""
    return here.share_of_homes(here.ground.near_layer("greenways", GREENWAY), asked.basis)


def no_shelter(here: Analysis, _asked: Asked) -> str | None:
    """Shelters are facilities of other classes."""
    known = set(here.parameters.shelters) & set(here.ground.categories)
    return None if known else "facilities:" + "|".join(here.parameters.shelters)


def no_park(here: Analysis, _asked: Asked) -> str | None:
    """Parks are needed with their areas, which one drawn as a point does not have."""
    if "park" not in here.ground.categories:
        return "facilities:park"
    drawn = shapely.get_dimensions(here.ground.facilities("park").geometry.to_numpy())
    return "facilities.geometry" if np.isin(drawn, (0, 1)).any() else None


TWO = ("population", "floor_area")
COVERAGE = (
    Indicator(
        "service_coverage",
        Words("设施服务半径覆盖率", "Service-radius coverage"),
        "%",
        "coverage",
        "higher",
        Words(
            "服务半径（直线）内住宅的人口或建筑面积 ÷ 全部住宅的人口或建筑面积",
            "residents, or residential floor area, within the straight service radius ÷ all",
        ),
        Words(
            "GB 50180-2018 服务半径；城市体检指标", "service radii of GB 50180-2018; city check-up indicators"
        ),
        service_coverage,
        inputs=("buildings", "facilities"),
        subjects="facility",
        bases=TWO,
        parameters=("radii",),
    ),
    Indicator(
        "walk_coverage",
        Words("设施步行覆盖率", "Walking coverage"),
        "%",
        "coverage",
        "higher",
        Words(
            "沿步行网络距离不超过服务半径的住宅人口或建筑面积 ÷ 全部",
            "residents, or residential floor area, whose walk to a facility is within its radius ÷ all",
        ),
        Words("SDG 11.2.1、11.7.1 沿街道计距", "distance along streets as in SDG 11.2.1 and 11.7.1"),
        walk_coverage,
        inputs=("buildings", "facilities", "streets", WALKABLE),
        subjects="facility",
        bases=TWO,
        parameters=("radii", "max_snap"),
    ),
    Indicator(
        "blind_spots",
        Words("步行服务盲区人口", "Residents in blind spots"),
        "persons",
        "coverage",
        "lower",
        Words("步行距离超过服务半径的人口", "residents whose walk is longer than the service radius"),
        Words("由步行覆盖率导出", "derived of walking coverage"),
        blind_spots,
        inputs=("buildings", "buildings.population", "facilities", "streets", WALKABLE),
        subjects="facility",
        parameters=("radii", "max_snap"),
    ),
    Indicator(
        "park_coverage",
        Words("公园绿地服务半径覆盖率", "Park coverage"),
        "%",
        "coverage",
        "higher",
        Words(
            "5000 m² 及以上公园500 m、2000–5000 m² 公园300 m 范围内的人口、住宅建筑面积或居住用地 ÷ 全部",
            "residents, residential floor area or housing land within 500 m of a park of 5,000 m² or more or "
            "300 m of one of 2,000 to 5,000 m² ÷ all",
        ),
        Words("城市体检指标（2021/2022）", "city check-up indicators 2021/2022"),
        parks,
        inputs=("buildings", "facilities"),
        bases=(*TWO, "land"),
        lacks=no_park,
        parameters=("park_sizes",),
    ),
    Indicator(
        "green_coverage",
        Words("300米见绿覆盖率", "Green within 300 m"),
        "%",
        "coverage",
        "higher",
        Words(
            "公园绿地（1401）或防护绿地（1402）300 m（直线）范围内的人口或住宅建筑面积 ÷ 全部，绿地不论大小",
            "residents, or residential floor area, within 300 m (straight) of zoned parks (1401) or protective "
            "green (1402) of any size ÷ all",
        ),
        Words(
            "皖政办〔2021〕13号、杭建科〔2023〕70号（300米见绿、500米见园）",
            "皖政办〔2021〕13号 (Anhui), 杭建科〔2023〕70号 (Hangzhou): green within 300 m, a park within 500 m",
        ),
        green_coverage,
        inputs=("buildings", "zoning", "zoning.land_use"),
        bases=TWO,
    ),
    Indicator(
        "shelter_coverage",
        Words("应急避难场所覆盖率", "Shelter coverage"),
        "%",
        "coverage",
        "higher",
        Words(
            "避难场所500 m 范围内的人口或住宅建筑面积 ÷ 全部",
            "residents, or residential floor area, within 500 m of a shelter ÷ all",
        ),
        SHELTERS,
        shelter_coverage,
        inputs=("buildings", "facilities"),
        bases=TWO,
        lacks=no_shelter,
        parameters=("shelters", "shelter_radius"),
    ),
    Indicator(
        "greenway_coverage",
        Words("绿道服务半径覆盖率", "Greenway coverage"),
        "%",
        "coverage",
        "higher",
        Words(
            "绿道1 km 范围内的人口或住宅建筑面积 ÷ 全部",
            "residents, or residential floor area, within 1 km of a greenway ÷ all",
        ),
        Words("城市体检指标（2021/2022）", "city check-up indicators 2021/2022"),
        greenway_coverage,
        inputs=("buildings", "greenways"),
        bases=TWO,
    ),
)
