"""Indicators of density 密度: people, floor area and projects on the ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gis.catalogue import totals
from gis.catalogue.totals import FLOORS, HOUSEHOLDS, PEOPLE
from gis.indicator import Asked, Indicator, Quotient, Words

if TYPE_CHECKING:
    from gis.analysis import Analysis

CHECK_UP = Words("城市体检通行口径", "as city check-ups count it")
CLUSTERS = Words("建标〔2022〕53号（组团规模与人口密度）", "建标〔2022〕53号 (size and density of clusters)")
SPACEMATRIX = Words(
    "Spacematrix（Berghauser Pont、Haupt 2010）", "Spacematrix (Berghauser Pont and Haupt 2010)"
)


def unplaced(here: Analysis, _asked: Asked) -> str | None:
    """Projects count by the register's shares, or by their boundaries."""
    placed = "projects" in here.units or here.ground.supplied("projects.geometry")
    return None if placed else "projects.geometry"


EXEMPT = Words(
    "苏政办规〔2024〕3号（增设的楼梯、电梯、公共走廊、无障碍设施、风道、外墙保温等可不计入规划容积率）",
    "苏政办规〔2024〕3号 (Jiangsu: stairs, lifts, corridors, ducts, insulation that are added may be exempt)",
)
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
        CLUSTERS,
        Quotient(totals.people, totals.km2),
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
        Quotient(totals.households, totals.km2),
        alternatives=HOUSEHOLDS,
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
        Quotient(totals.footprint, totals.land, 100.0),
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
        Quotient(totals.floors, totals.land),
        inputs=("buildings",),
        alternatives=FLOORS,
    ),
    Indicator(
        "counted_floor_area_ratio",
        Words("计容容积率", "Floor area ratio without exempt floor area"),
        "",
        "density",
        "neutral",
        Words(
            "（总建筑面积 − 不计容建筑面积）÷ 土地面积；任一建筑未提供不计容建筑面积则不计算",
            "(gross floor area − floor area that the plan exempts) ÷ land area; unknown where a building's "
            "exempt floor area is",
        ),
        EXEMPT,
        Quotient(totals.counted, totals.land),
        inputs=("buildings", "buildings.exempt_floor_area"),
        alternatives=FLOORS,
    ),
    Indicator(
        "exempt_floor_area_ratio",
        Words("不计容建筑面积比", "Exempt floor area over land"),
        "",
        "density",
        "neutral",
        Words(
            "不计容建筑面积 ÷ 土地面积；容积率 = 计容容积率 + 不计容建筑面积比",
            "floor area that the plan exempts ÷ land area; floor area ratio = the ratio without exempt floor "
            "area + this",
        ),
        EXEMPT,
        Quotient(totals.exempt, totals.land),
        inputs=("buildings", "buildings.exempt_floor_area"),
    ),
    Indicator(
        "construction_land_ratio",
        Words("建筑总面积与建设用地面积之比", "Floor area over construction land"),
        "",
        "density",
        "band",
        Words(
            "总建筑面积 ÷ 规划建设用地面积（不含留白用地和陆地水域，重叠只计一次）",
            "gross floor area ÷ zoned construction land (without reserved land and water), counted once",
        ),
        Words("建村〔2021〕45号（县城 0.6–0.8）", "建村〔2021〕45号 (county towns, 0.6 to 0.8)"),
        Quotient(totals.floors, totals.construction_land),
        inputs=("buildings", "zoning", "zoning.land_use"),
        alternatives=FLOORS,
    ),
    Indicator(
        "mean_storeys",
        Words("平均层数", "Mean storeys"),
        "",
        "density",
        "neutral",
        Words("总建筑面积 ÷ 建筑基底面积", "gross floor area ÷ building footprint"),
        SPACEMATRIX,
        Quotient(totals.floors, totals.footprint),
        inputs=("buildings",),
        alternatives=FLOORS,
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
        SPACEMATRIX,
        Quotient(totals.unbuilt, totals.floors),
        inputs=("buildings",),
        alternatives=FLOORS,
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
        Quotient(totals.projects, totals.km2),
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
        Quotient(totals.investment, totals.km2),
        inputs=("projects", "projects.total_investment"),
        lacks=unplaced,
    ),
    Indicator(
        "land_area",
        Words("土地面积", "Land area"),
        "km²",
        "density",
        "neutral",
        Words("评价单元的平面面积", "area of the unit in the plane"),
        CLUSTERS,
        Quotient(totals.km2, totals.unit),
        inputs=("districts",),
    ),
)
