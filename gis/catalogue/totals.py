"""Totals 总量 of each unit, of which the indicators are ratios: land, buildings, people, streets, facilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.density import more_exempt
from gis.frames import Amounts, Mask
from gis.ground import Ground
from gis.indicator import OR, Asked, Names, Total, unless
from gis.layers import UNCLASSED

if TYPE_CHECKING:
    from gis.analysis import Analysis

ROAD_CLASSES = ("expressway", "arterial", "secondary", "local")
ROAD_LAND = "1207"
UNBUILT = ("16", "17")
# Of these inputs one is enough for a total of floor area, of people, of households.
FLOORS = ("buildings.floor_area", "buildings.floors")
PEOPLE = ("population.population", "buildings.population")
HOUSEHOLDS = ("population.households", "buildings.households")


@unless("units.geometry")
def unit(here: Analysis, _asked: Asked) -> Amounts:
    """The unit itself, once."""
    return np.ones(len(here.units))


@unless("units.geometry")
def land(here: Analysis, _asked: Asked) -> Amounts:
    """Land in m²."""
    return here.area


@unless("units.geometry")
def km2(here: Analysis, _asked: Asked) -> Amounts:
    """Land in km²."""
    return here.area / 1e6


@unless("buildings")
def footprint(here: Analysis, _asked: Asked) -> Amounts:
    """Building footprint in m²."""
    return here.amount("buildings")


@unless("buildings")
def unbuilt(here: Analysis, _asked: Asked) -> Amounts:
    """Land without buildings in m²."""
    return here.area - here.amount("buildings")


@unless(*FLOORS)
def floors(here: Analysis, _asked: Asked) -> Amounts:
    """Gross floor area in m²."""
    return here.overlap("buildings").sum(here.ground.floor_area)


@unless("buildings.exempt_floor_area")
def exempt(here: Analysis, _asked: Asked) -> Amounts:
    """Floor area in m² that the plan's ratio leaves out."""
    return here.by_share("buildings.exempt_floor_area")


def _counted(here: Analysis, _asked: Asked) -> Amounts:
    gross, less = here.ground.floor_area, here.ground.known("buildings", "exempt_floor_area")
    left = np.where(more_exempt(gross, less), np.nan, np.maximum(gross - less, 0))
    return here.overlap("buildings").sum(left)


def _not_counted(here: Analysis, asked: Asked) -> Names:
    return np.where(np.isnan(floors(here, asked)), OR.join(FLOORS), "buildings.exempt_floor_area")


counted = Total(_counted, _not_counted)
"""Gross floor area in m² without the exempt part; not known where a building has more exempt than gross."""


@unless("zoning.land_use")
def construction_land(here: Analysis, _asked: Asked) -> Amounts:
    """Zoned land in m², counted once, but what is reserved and water."""
    uses = here.ground.classes("zoning", "land_use")
    return here.union("zoning", tuple(use for use in uses if use[:2] not in UNBUILT), "land_use")


@unless("zoning.land_use")
def road_land(here: Analysis, _asked: Asked) -> Amounts:
    """Zoned land of streets in m², counted once."""
    return here.union("zoning", (ROAD_LAND,), "land_use")


def inhabitants(of: tuple[str, ...], each: float = 1.0) -> Total:
    """People or households by so many: of the population cells by share of area, else of the buildings."""
    return Total(
        lambda here, _asked: here.by_share(here.first_supplied(of)) / each,
        lambda here, _asked: here.first_supplied(of),
    )


people, thousands, ten_thousands = (inhabitants(PEOPLE, each) for each in (1.0, 1e3, 1e4))
households, hundreds_of_households = (inhabitants(HOUSEHOLDS, each) for each in (1.0, 1e2))


@unless("streets.street_class")
def road_km(here: Analysis, asked: Asked) -> Amounts:
    """Kilometres of centre line; footpaths only where asked for."""
    return here.amount("streets", _streets(here, asked.subject)) / 1e3


@unless("streets.street_class")
def all_roads_km(here: Analysis, _asked: Asked) -> Amounts:
    """Kilometres of centre line of all classes but footpaths."""
    return here.amount("streets", _streets(here, "")) / 1e3


@unless("greenways")
def greenway_km(here: Analysis, _asked: Asked) -> Amounts:
    """Kilometres of greenway."""
    return here.amount("greenways") / 1e3


@unless("streets")
def junctions(here: Analysis, _asked: Asked) -> Amounts:
    """Places where three and more streets meet."""
    return here.ends_met(3)


@unless("streets.street_class")
def ends(here: Analysis, _asked: Asked) -> Amounts:
    """Places where one street ends and none goes on, footpaths apart."""
    unclassed = here.ends_met(1, classes=(UNCLASSED,))
    return np.where(unclassed > 0, np.nan, here.ends_met(1, 1, ROAD_CLASSES))


@unless("facilities.category")
def facilities(here: Analysis, asked: Asked) -> Amounts:
    """Facilities of a class; an area counts where its middle lies."""
    return here.inside("facilities", _of_class(here, asked))


@unless("facilities.capacity")
def capacity(here: Analysis, asked: Asked) -> Amounts:
    """Capacity of the facilities of a class; one that is not known makes its unit unknown."""
    return _by_middle(here, asked, "capacity")


@unless("facilities.floor_area")
def facility_floors(here: Analysis, asked: Asked) -> Amounts:
    """Floor area in m² of the facilities of a class; one that is not known makes its unit unknown."""
    return _by_middle(here, asked, "floor_area")


@unless("facilities.geometry")
def facility_land(here: Analysis, asked: Asked) -> Amounts:
    """Land in m² of the facilities of a class; one drawn as a point makes its unit unknown."""
    drawn = shapely.get_dimensions(here.frame("facilities").geometry.to_numpy()) == 2
    found = here.overlap("facilities")
    return found.sum(np.where(_of_class(here, asked), np.where(drawn, found.whole, np.nan), 0.0))


@unless("projects.geometry")
def projects(here: Analysis, _asked: Asked) -> Amounts:
    """Projects by the share that lies in or counts for the unit."""
    return here.of_projects(None)


@unless("projects.total_investment")
def investment(here: Analysis, _asked: Asked) -> Amounts:
    """Total investment of projects in yuan, by the share that lies in or counts for the unit."""
    return here.of_projects("total_investment")


def standing(ground: Ground) -> Mask:
    """Homes that stand; one that a what-if takes away keeps its place among the homes."""
    shapes = ground.frame("buildings").geometry.to_numpy()
    stands: Mask = ~shapely.is_missing(shapes[ground.homes.rows])
    return stands


def _streets(here: Analysis, street_class: str) -> Amounts:
    """1 for a street of the class, or of any class of road, NaN for one of no known class, 0 for others."""

    def of_class() -> Amounts:
        known = here.frame("streets")["street_class"]
        chosen = known.isin([street_class] if street_class else ROAD_CLASSES).to_numpy(dtype=float)
        return np.where(known.isna(), np.nan, chosen)

    return here.ground.once(("streets", street_class), of_class)


def _of_class(here: Analysis, asked: Asked) -> Mask:
    def of_class() -> Mask:
        return here.frame("facilities")["category"].eq(asked.subject).to_numpy(dtype=bool)

    return here.ground.once(("of_class", asked.subject), of_class)


def _by_middle(here: Analysis, asked: Asked, column: str) -> Amounts:
    values = np.where(_of_class(here, asked), here.ground.known("facilities", column), 0.0)
    return here.middles("facilities").sum(values)
