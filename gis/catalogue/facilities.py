"""Indicators of the supply of facilities 设施供给: how many, how large, for how much land and how many people."""

from __future__ import annotations

from gis.catalogue import totals
from gis.catalogue.density import CHECK_UP
from gis.catalogue.totals import HOUSEHOLDS, PEOPLE
from gis.indicator import Indicator, Quotient, Words

SHANDONG = Words("鲁政办字〔2023〕168号", "鲁政办字〔2023〕168号 (Shandong)")
FACILITIES = (
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
        Quotient(totals.facilities, totals.km2),
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
        Quotient(totals.facilities, totals.ten_thousands),
        inputs=("facilities",),
        alternatives=PEOPLE,
        subjects="facility",
    ),
    Indicator(
        "facility_capacity_per_1000",
        Words("千人设施容量", "Capacity of facilities per 1,000 residents"),
        "1/1,000 persons",
        "density",
        "higher",
        Words(
            "设施容量（托位、学位、床位、车位）÷ 常住人口（千人）；任一设施容量未提供则不计算",
            "capacity (places, beds, parking spaces) ÷ residents in thousands; unknown where a facility's "
            "capacity is",
        ),
        SHANDONG,
        Quotient(totals.capacity, totals.thousands),
        inputs=("facilities", "facilities.capacity"),
        alternatives=PEOPLE,
        subjects="facility",
    ),
    Indicator(
        "facility_area_per_person",
        Words("人均设施用地面积", "Land of facilities per resident"),
        "m²/person",
        "density",
        "higher",
        Words(
            "设施用地面积 ÷ 常住人口；跨界设施按界内部分计，以点表示的设施面积不详",
            "land of the facilities ÷ residents; of one across an edge the part inside; unknown where one is "
            "drawn as a point",
        ),
        Words("中发〔2016〕6号（人均公园绿地面积）", "中发〔2016〕6号 (park land per person)"),
        Quotient(totals.facility_land, totals.people),
        inputs=("facilities",),
        alternatives=PEOPLE,
        subjects="facility",
    ),
    Indicator(
        "facility_floor_area_per_100_households",
        Words("百户设施建筑面积", "Floor area of facilities per 100 households"),
        "m²/100 households",
        "density",
        "higher",
        Words(
            "设施建筑面积 ÷ 户数（百户）；任一设施建筑面积未提供则不计算",
            "floor area of the facilities ÷ households in hundreds; unknown where a facility's floor area is",
        ),
        SHANDONG,
        Quotient(totals.facility_floors, totals.hundreds_of_households),
        inputs=("facilities", "facilities.floor_area"),
        alternatives=HOUSEHOLDS,
        subjects="facility",
    ),
)
