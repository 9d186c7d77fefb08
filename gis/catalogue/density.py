"""Indicators of density 密度: people, floor area, streets, facilities and projects on the ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gis.density import street_intersections
from gis.frames import Amounts
from gis.indicator import Asked, Indicator, Ratio, Words, per
from gis.overlap import members

if TYPE_CHECKING:
    from gis.analysis import Analysis

KM2 = 1e6
CHECK_UP = Words("城市体检通行口径", "as city check-ups count it")
ROADS_2016 = Words("中发〔2016〕6号", "Central Committee and State Council 2016, 中发〔2016〕6号")
ROAD_CLASSES = ("expressway", "arterial", "secondary", "local")


def population_density(here: Analysis, _asked: Asked) -> Ratio:
    """Residents per km²."""
    return per(here.residents(), here.area / KM2)


def household_density(here: Analysis, _asked: Asked) -> Ratio:
    """Households per km²."""
    layer = "population" if here.ground.supplied("population.households") else "buildings"
    return per(here.overlap(layer).sum(here.ground.known(layer, "households")), here.area / KM2)


def building_coverage(here: Analysis, _asked: Asked) -> Ratio:
    """Footprint over land, per cent."""
    return per(here.amount("buildings"), here.area, 100.0)


def floor_area_ratio(here: Analysis, _asked: Asked) -> Ratio:
    """Gross floor area over land."""
    return per(here.overlap("buildings").sum(here.ground.floor_area), here.area)


def construction_land_ratio(here: Analysis, _asked: Asked) -> Ratio:
    """Gross floor area over construction land."""
    land = here.frame("zoning")["land_use"].astype(str)
    built = ~land.str[:2].isin(["16", "17"]).to_numpy()
    return per(here.overlap("buildings").sum(here.ground.floor_area), here.amount("zoning", built))


def mean_storeys(here: Analysis, _asked: Asked) -> Ratio:
    """Gross floor area over footprint."""
    return per(here.overlap("buildings").sum(here.ground.floor_area), here.amount("buildings"))


def open_space_ratio(here: Analysis, _asked: Asked) -> Ratio:
    """Unbuilt land over gross floor area."""
    open_land = here.area - here.amount("buildings")
    return per(open_land, here.overlap("buildings").sum(here.ground.floor_area))


def road_density(here: Analysis, asked: Asked) -> Ratio:
    """Kilometres of centre line per km²; footpaths only where asked for."""
    classes = here.frame("streets")["street_class"]
    wanted = classes.eq(asked.subject) if asked.subject else classes.isin(ROAD_CLASSES)
    return per(here.amount("streets", wanted.to_numpy(dtype=bool)) / 1e3, here.area / KM2)


def road_area_ratio(here: Analysis, _asked: Asked) -> Ratio:
    """Road land over land, per cent."""
    roads = here.frame("zoning")["land_use"].eq("1207").to_numpy(dtype=bool)
    return per(here.amount("zoning", roads), here.area, 100.0)


def intersection_density(here: Analysis, _asked: Asked) -> Ratio:
    """Junctions of three and more streets per km²."""
    found = here.once(
        ("junctions",), lambda: members(here.units, street_intersections(here.frame("streets")))
    )
    return per(found.sum(), here.area / KM2)


def facilities_per_km2(here: Analysis, asked: Asked) -> Ratio:
    """Facilities of a class per km²."""
    return per(_count(here, asked), here.area / KM2)


def facilities_per_10000(here: Analysis, asked: Asked) -> Ratio:
    """Facilities of a class per 10,000 residents."""
    return per(_count(here, asked), here.residents() / 1e4)


def _count(here: Analysis, asked: Asked) -> Amounts:
    chosen = here.frame("facilities")["category"].eq(asked.subject).to_numpy(dtype=bool)
    return here.inside("facilities", chosen)


def projects_per_km2(here: Analysis, _asked: Asked) -> Ratio:
    """Projects per km², by the share that lies in or counts for the unit."""
    return per(here.of_projects(None), here.area / KM2)


def investment_per_km2(here: Analysis, _asked: Asked) -> Ratio:
    """Total investment of projects, in yuan, by the share that lies in or counts for the unit."""
    return per(here.of_projects("total_investment"), here.area / KM2)


def unplaced(here: Analysis, _asked: Asked) -> str | None:
    """Projects count by the register's shares, or by their boundaries."""
    placed = "projects" in here.units or here.ground.supplied("projects.geometry")
    return None if placed else "projects.geometry"


PEOPLE = ("population.population", "buildings.population")
DENSITY = (
    Indicator(
        "population_density",
        Words("人口密度", "Population density"),
        "persons/km²",
        "density",
        "band",
        Words(
            "常住人口 ÷ 土地面积；跨界人口单元按面积比例分摊",
            "residents ÷ land area; a population cell across an edge counts by its share of area",
        ),
        Words("建标〔2022〕53号（组团人口密度）", "建标〔2022〕53号 (density of clusters)"),
        population_density,
        alternatives=PEOPLE,
    ),
    Indicator(
        "household_density",
        Words("户密度", "Household density"),
        "households/km²",
        "density",
        "neutral",
        Words("户数 ÷ 土地面积", "households ÷ land area"),
        CHECK_UP,
        household_density,
        alternatives=("population.households", "buildings.households"),
    ),
    Indicator(
        "building_coverage",
        Words("建筑密度", "Building coverage"),
        "%",
        "density",
        "neutral",
        Words(
            "建筑基底面积 ÷ 土地面积；跨界建筑按界内部分计",
            "building footprint ÷ land area; of a footprint across an edge the part inside",
        ),
        CHECK_UP,
        building_coverage,
        inputs=("buildings",),
    ),
    Indicator(
        "floor_area_ratio",
        Words("容积率", "Floor area ratio"),
        "",
        "density",
        "neutral",
        Words(
            "总建筑面积 ÷ 土地面积；建筑面积未提供时为基底面积 × 层数；缺层数则不计算",
            "gross floor area ÷ land area; floor area as supplied, else footprint × floors; unknown where a "
            "floor count is missing",
        ),
        CHECK_UP,
        floor_area_ratio,
        inputs=("buildings",),
        alternatives=("buildings.floor_area", "buildings.floors"),
    ),
    Indicator(
        "construction_land_ratio",
        Words("建筑总面积与建设用地面积之比", "Floor area over construction land"),
        "",
        "density",
        "band",
        Words(
            "总建筑面积 ÷ 规划建设用地面积（不含留白用地和陆地水域）",
            "gross floor area ÷ zoned construction land (without reserved land and water)",
        ),
        Words("建村〔2021〕45号（县城 0.6–0.8）", "建村〔2021〕45号 (county towns, 0.6 to 0.8)"),
        construction_land_ratio,
        inputs=("buildings", "zoning"),
        alternatives=("buildings.floor_area", "buildings.floors"),
    ),
    Indicator(
        "mean_storeys",
        Words("平均层数", "Mean storeys"),
        "",
        "density",
        "neutral",
        Words("总建筑面积 ÷ 建筑基底面积", "gross floor area ÷ building footprint"),
        Words("Spacematrix（Berghauser Pont、Haupt 2010）", "Spacematrix (Berghauser Pont and Haupt 2010)"),
        mean_storeys,
        inputs=("buildings",),
        alternatives=("buildings.floor_area", "buildings.floors"),
    ),
    Indicator(
        "open_space_ratio",
        Words("开敞空间率", "Open space ratio"),
        "",
        "density",
        "higher",
        Words(
            "（土地面积 − 建筑基底面积）÷ 总建筑面积", "(land area − building footprint) ÷ gross floor area"
        ),
        Words("Spacematrix（Berghauser Pont、Haupt 2010）", "Spacematrix (Berghauser Pont and Haupt 2010)"),
        open_space_ratio,
        inputs=("buildings",),
        alternatives=("buildings.floor_area", "buildings.floors"),
    ),
    Indicator(
        "road_density",
        Words("道路网密度", "Road network density"),
        "km/km²",
        "density",
        "higher",
        Words(
            "道路中心线长度 ÷ 土地面积；合计含快速路、主干路、次干路、支路，不含步行路",
            "length of road centre lines ÷ land area; the total holds expressways, arterials, secondary and "
            "local streets, no footpaths",
        ),
        ROADS_2016,
        road_density,
        inputs=("streets", "streets.street_class"),
        subjects="street_class",
    ),
    Indicator(
        "road_area_ratio",
        Words("道路面积率", "Road area ratio"),
        "%",
        "density",
        "higher",
        Words("城镇村道路用地（1207）面积 ÷ 土地面积", "zoned road land (1207) ÷ land area"),
        ROADS_2016,
        road_area_ratio,
        inputs=("zoning",),
    ),
    Indicator(
        "intersection_density",
        Words("交叉口密度", "Intersection density"),
        "1/km²",
        "density",
        "higher",
        Words("三条及以上道路相交的节点数 ÷ 土地面积", "nodes where three and more streets meet ÷ land area"),
        CHECK_UP,
        intersection_density,
        inputs=("streets",),
    ),
    Indicator(
        "facilities_per_km2",
        Words("设施密度", "Facility density"),
        "1/km²",
        "density",
        "higher",
        Words(
            "设施数 ÷ 土地面积；面状设施以中心计",
            "facilities ÷ land area; an area counts where its middle lies",
        ),
        CHECK_UP,
        facilities_per_km2,
        inputs=("facilities",),
        subjects="facility",
    ),
    Indicator(
        "facilities_per_10000",
        Words("万人拥有设施数", "Facilities per 10,000 residents"),
        "1/10,000 persons",
        "density",
        "higher",
        Words("设施数 ÷ 常住人口（万人）", "facilities ÷ residents in ten thousands"),
        CHECK_UP,
        facilities_per_10000,
        inputs=("facilities",),
        alternatives=PEOPLE,
        subjects="facility",
    ),
    Indicator(
        "projects_per_km2",
        Words("更新项目密度", "Renewal projects per km²"),
        "1/km²",
        "renewal",
        "neutral",
        Words(
            "项目数 ÷ 土地面积；跨单元项目按所占份额计",
            "projects ÷ land area; a project across units counts by its share",
        ),
        CHECK_UP,
        projects_per_km2,
        inputs=("projects",),
        lacks=unplaced,
    ),
    Indicator(
        "investment_per_km2",
        Words("更新投资强度", "Renewal investment per km²"),
        "CNY/km²",
        "renewal",
        "neutral",
        Words(
            "项目总投资 ÷ 土地面积；跨单元项目按所占份额计",
            "total investment of projects ÷ land area; a project across units counts by its share",
        ),
        CHECK_UP,
        investment_per_km2,
        inputs=("projects", "projects.total_investment"),
        lacks=unplaced,
    ),
)
