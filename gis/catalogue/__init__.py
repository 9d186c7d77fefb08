"""The catalogue of indicators 指标目录: each declared once, with names, unit, formula, inputs and source."""

from __future__ import annotations

from types import MappingProxyType

from gis.catalogue.buildings import BUILDINGS
from gis.catalogue.coverage import COVERAGE
from gis.catalogue.density import DENSITY
from gis.catalogue.facilities import FACILITIES
from gis.catalogue.land import LAND
from gis.catalogue.renewal import RENEWAL
from gis.catalogue.roads import ROADS
from gis.catalogue.walk import WALK
from gis.indicator import Asked, Family, Indicator, Ratio, Words

__all__ = ["FAMILIES", "INDICATORS", "Asked", "Indicator", "Ratio", "Words"]

FAMILIES: dict[Family, Words] = {
    "density": Words("密度", "Density"),
    "land": Words("用地", "Land"),
    "buildings": Words("房屋", "Buildings"),
    "coverage": Words("覆盖", "Coverage"),
    "walk": Words("步行距离", "Walk distance"),
    "renewal": Words("更新", "Renewal"),
}
ALL = (*DENSITY, *ROADS, *FACILITIES, *LAND, *BUILDINGS, *COVERAGE, *WALK, *RENEWAL)
INDICATORS = MappingProxyType({one.code: one for one in ALL})
