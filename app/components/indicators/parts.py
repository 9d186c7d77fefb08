"""What an indicator's value is made of: what was divided and by what, each with its name and unit."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from app import format as write
from app.components.indicators.words import Write, unit_words, writer
from app.i18n import gettext as _
from app.services.indicators.page import Picture
from data.errors import N_


class Part(NamedTuple):
    """A total that a value is made of; ``{of}`` in its name is what the basis counts, in whose unit it is.

    ``divisor`` is the stored unit in the unit that is shown.
    """

    name: str
    unit: str = ""
    divisor: float = 1.0


ALL = Part("{of}")
BASES = {
    "": Part(N_("Residents")),
    "population": Part(N_("Residents")),
    "floor_area": Part(N_("Residential floor area"), "m²"),
    "land": Part(N_("Housing land"), "m²"),
    "area": Part(N_("Land area"), "m²"),
}
LAND, KM2 = Part(N_("Land area"), "m²"), Part(N_("Land area"), "km²")
PEOPLE, HOUSEHOLDS = Part(N_("Residents")), Part(N_("Households"))
TEN_THOUSANDS = Part(N_("Residents"), N_("10,000 persons"))
FLOORS, FOOTPRINT = Part(N_("Gross floor area"), "m²"), Part(N_("Building footprint"), "m²")
EXEMPT = Part(N_("Exempt floor area"), "m²")
STREETS, GREENWAYS = Part(N_("Length of streets"), "km"), Part(N_("Length of greenways"), "km")
COUNTED = Part(N_("Number of facilities"))
INVESTMENT = Part(N_("Total investment"), N_("CNY 100 M"), float(write.YUAN_PER_YI))
COVERED, REACHING = Part(N_("{of} covered")), Part(N_("{of} reaching one"))
NEAR, COMPLETE = Part(N_("{of} within the limit")), Part(N_("{of} reaching all"))
USES, ZONED = Part(N_("Land uses")), Part(N_("Land that is zoned"), "m²")

PARTS = {
    "population_density": (PEOPLE, KM2),
    "household_density": (HOUSEHOLDS, KM2),
    "building_coverage": (FOOTPRINT, LAND),
    "floor_area_ratio": (FLOORS, LAND),
    "counted_floor_area_ratio": (Part(N_("Floor area without the exempt"), "m²"), LAND),
    "exempt_floor_area_ratio": (EXEMPT, LAND),
    "construction_land_ratio": (FLOORS, Part(N_("Construction land"), "m²")),
    "mean_storeys": (FLOORS, FOOTPRINT),
    "open_space_ratio": (Part(N_("Land without buildings"), "m²"), FLOORS),
    "projects_per_km2": (Part(N_("Projects")), KM2),
    "investment_per_km2": (INVESTMENT, KM2),
    "road_density": (STREETS, KM2),
    "road_area_ratio": (Part(N_("Road land"), "m²"), LAND),
    "intersection_density": (Part(N_("Intersections")), KM2),
    "road_class_share": (STREETS, Part(N_("Length of all streets"), "km")),
    "dead_end_density": (Part(N_("Dead ends")), KM2),
    "greenway_density": (GREENWAYS, KM2),
    "greenways_per_10000": (GREENWAYS, TEN_THOUSANDS),
    "facilities_per_km2": (COUNTED, KM2),
    "facilities_per_10000": (COUNTED, TEN_THOUSANDS),
    "facility_capacity_per_1000": (
        Part(N_("Capacity of facilities")),
        Part(N_("Residents"), N_("1,000 persons")),
    ),
    "facility_area_per_person": (Part(N_("Land of facilities"), "m²"), PEOPLE),
    "facility_floor_area_per_100_households": (
        Part(N_("Floor area of facilities"), "m²"),
        Part(N_("Households"), N_("100 households")),
    ),
    "land_use_entropy": (USES, ZONED),
    "land_use_diversity": (USES, ZONED),
    "green_ratio": (Part(N_("Green land"), "m²"), LAND),
    "permeable_ratio": (Part(N_("Permeable ground"), "m²"), LAND),
    "zoning_coverage": (ZONED, LAND),
    "zoning_conflict": (Part(N_("Land zoned more than once"), "m²"), LAND),
    "constraint_share": (Part(N_("Land under constraints"), "m²"), LAND),
    "old_buildings": (
        Part(N_("Floor area built before"), "m²"),
        Part(N_("Floor area of known year"), "m²"),
    ),
    "hazardous_buildings": (
        Part(N_("Floor area of the grades"), "m²"),
        Part(N_("Floor area with a grade"), "m²"),
    ),
    "low_rise_housing": (
        Part(N_("Floor area up to six storeys"), "m²"),
        Part(N_("Floor area of known storeys"), "m²"),
    ),
    "greatest_storeys": (Part(N_("Homes of known storeys")), Part(N_("Homes"))),
    "service_coverage": (COVERED, ALL),
    "walk_coverage": (COVERED, ALL),
    "blind_spots": (Part(N_("{of} beyond the radius")), ALL),
    "park_coverage": (COVERED, ALL),
    "green_coverage": (COVERED, ALL),
    "shelter_coverage": (COVERED, ALL),
    "greenway_coverage": (COVERED, ALL),
    "walk_mean": (REACHING, ALL),
    "walk_median": (REACHING, ALL),
    "walk_p90": (REACHING, ALL),
    "walk_within_300m": (NEAR, ALL),
    "walk_within_500m": (NEAR, ALL),
    "walk_within_1000m": (NEAR, ALL),
    "walk_within_5min": (NEAR, ALL),
    "walk_within_10min": (NEAR, ALL),
    "walk_within_15min": (NEAR, ALL),
    "facilities_reached": (Part(N_("{of} × facilities")), ALL),
    "two_step_access": (Part(N_("Capacity that they reach")), ALL),
    "access_score": (Part(N_("{of} × score")), ALL),
    "circle_completeness": (Part(N_("{of} × share of classes")), ALL),
    "circle_share": (COMPLETE, ALL),
    "complete_communities": (Part(N_("Complete housing zones")), Part(N_("Housing zones with homes"))),
    "renewal_coverage": (Part(N_("{of} inside projects")), ALL),
    "demolition_share": (
        Part(N_("Floor area demolished"), "m²"),
        Part(N_("Existing floor area"), "m²"),
    ),
}
"""What stands beside a value; the others, such as areas, are made of nothing."""
NOT_DIVIDED = frozenset(
    {
        "walk_mean", "walk_median", "walk_p90", "greatest_storeys", "land_use_entropy", "land_use_diversity",
        "blind_spots",
    }
)  # fmt: skip
"""The indicators of which the value is not the one part over the other."""


def parts_of(picture: Picture) -> dict[str, Part]:
    """Return what a picture's values are made of, as ``made_of`` does."""
    return made_of(picture.indicator.code, picture.asked.basis)


def made_of(indicator: str, basis: str) -> dict[str, Part]:
    """Return what an indicator's values are made of, by column and named for a basis; of nothing none."""
    columns = zip(("numerator", "denominator"), PARTS.get(indicator, ()), strict=False)
    return {column: _counted(part, BASES[basis]) for column, part in columns}


def _counted(part: Part, basis: Part) -> Part:
    unit = basis.unit if "{of}" in part.name else part.unit
    return Part(_(part.name).format(of=_(basis.name)), unit_words(unit), part.divisor)


def part_title(part: Part) -> str:
    """Return what a part is called, with its unit."""
    return f"{part.name}, {part.unit}" if part.unit else part.name


def part_writer(part: Part, values: pd.Series[float]) -> Write:
    """Return what writes figures of a part in the unit that is shown, without it."""
    written = writer(values / part.divisor)
    return lambda value: written(value / part.divisor)


def parts_words(picture: Picture) -> list[str]:
    """Say of each unit what its value is made of; '' where that is nothing, or not known."""
    rows, sign = picture.table, " · " if picture.indicator.code in NOT_DIVIDED else " ÷ "
    known = rows[["numerator", "denominator"]].notna().all(axis=1)
    said = [_said(part, rows[name]) for name, part in parts_of(picture).items()]
    both = zip(*said, strict=True) if said else [()] * len(rows)
    return [sign.join(words) if whole else "" for words, whole in zip(both, known, strict=True)]


def _said(part: Part, values: pd.Series[float]) -> list[str]:
    written = part_writer(part, values)
    return [f"{part.name} {written(value)} {part.unit}".strip() for value in values]
