"""Indicators of streets 道路 and greenways 绿道: density, land, classes, crossings and dead ends."""

from __future__ import annotations

from gis.catalogue import totals
from gis.catalogue.density import CHECK_UP
from gis.catalogue.totals import PEOPLE
from gis.indicator import Indicator, Quotient, Words

ROADS_2016 = Words("中发〔2016〕6号", "Central Committee and State Council 2016, 中发〔2016〕6号")
CLASSES = Words(
    "皖政办〔2021〕13号（打通断头路，快速路、主次干道和支路级配合理）",
    "皖政办〔2021〕13号 (open dead ends; expressways, arterials and local streets in sound proportion)",
)
STREETS = ("streets", "streets.street_class")
ROADS = (
    Indicator(
        "road_density",
        Words("道路网密度", "Road network density"),
        "km/km²",
        "density",
        "higher",
        Words(
            "道路中心线长度 ÷ 土地面积；合计含快速路、主干路、次干路、支路，不含步行路；任一道路等级未提供则不计算",
            "length of road centre lines ÷ land area; the total holds expressways, arterials, secondary and "
            "local streets, no footpaths; unknown where a street's class is",
        ),
        ROADS_2016,
        Quotient(totals.road_km, totals.km2),
        inputs=STREETS,
        subjects="street_class",
    ),
    Indicator(
        "road_area_ratio",
        Words("道路面积率", "Road area ratio"),
        "%",
        "density",
        "higher",
        Words(
            "城镇村道路用地（1207）面积（重叠只计一次）÷ 土地面积",
            "zoned road land (1207), counted once ÷ land area",
        ),
        ROADS_2016,
        Quotient(totals.road_land, totals.land, 100.0),
        inputs=("zoning", "zoning.land_use"),
    ),
    Indicator(
        "intersection_density",
        Words("交叉口密度", "Intersection density"),
        "1/km²",
        "density",
        "higher",
        Words("三条及以上道路相交的节点数 ÷ 土地面积", "nodes where three and more streets meet ÷ land area"),
        CHECK_UP,
        Quotient(totals.junctions, totals.km2),
        inputs=("streets",),
    ),
    Indicator(
        "road_class_share",
        Words("道路级配", "Share of a class of street"),
        "%",
        "density",
        "neutral",
        Words(
            "该级道路中心线长度 ÷ 快速路、主干路、次干路、支路中心线总长度；任一道路等级未提供则不计算",
            "length of the class ÷ length of all expressways, arterials, secondary and local streets; unknown "
            "where a street's class is",
        ),
        CLASSES,
        Quotient(totals.road_km, totals.all_roads_km, 100.0),
        inputs=STREETS,
        subjects="street_class",
    ),
    Indicator(
        "dead_end_density",
        Words("断头路密度", "Dead ends"),
        "1/km²",
        "density",
        "lower",
        Words(
            "只有一条道路到达的端点数 ÷ 土地面积；不含步行路，数据边缘截断的道路也计入；"
            "界内有等级未提供的道路端点则不计算",
            "ends that one street alone reaches ÷ land area; no footpaths; streets cut at the edge of the data "
            "count too; unknown where a street of unknown class ends",
        ),
        CLASSES,
        Quotient(totals.ends, totals.km2),
        inputs=STREETS,
    ),
    Indicator(
        "greenway_density",
        Words("绿道密度", "Greenway density"),
        "km/km²",
        "density",
        "higher",
        Words("绿道长度 ÷ 土地面积", "length of greenways ÷ land area"),
        Words(
            "杭建科〔2023〕70号（中心城区和老城区绿道网格建设）",
            "杭建科〔2023〕70号 (Hangzhou: greenway grid of the centre and the old town)",
        ),
        Quotient(totals.greenway_km, totals.km2),
        inputs=("greenways",),
    ),
    Indicator(
        "greenways_per_10000",
        Words("万人拥有绿道长度", "Greenways per 10,000 residents"),
        "km/10,000 persons",
        "density",
        "higher",
        Words("绿道长度 ÷ 常住人口（万人）", "length of greenways ÷ residents in ten thousands"),
        Words("建标〔2022〕53号（城市建成区）", "建标〔2022〕53号 (built-up areas)"),
        Quotient(totals.greenway_km, totals.ten_thousands),
        inputs=("greenways",),
        alternatives=PEOPLE,
    ),
)
