"""Totals 总量 of each unit, of which the indicators are ratios: land, buildings, people, streets, facilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from gis.frames import Amounts, Mask
from gis.indicator import Asked

if TYPE_CHECKING:
    from gis.analysis import Analysis
    from gis.ground import Ground

ROAD_CLASSES = ("expressway", "arterial", "secondary", "local")
UNBUILT = ("16", "17")
# Of these inputs one is enough for a total of floor area, of people, of households.
FLOORS = ("buildings.floor_area", "buildings.floors")
PEOPLE = ("population.population", "buildings.population")
HOUSEHOLDS = ("population.households", "buildings.households")


def unit(here: Analysis, _asked: Asked) -> Amounts:
    """The unit itself, once."""
    return np.ones(len(here.units))


def land(here: Analysis, _asked: Asked) -> Amounts:
    """Land in m²."""
    return here.area


def km2(here: Analysis, _asked: Asked) -> Amounts:
    """Land in km²."""
    return here.area / 1e6


def footprint(here: Analysis, _asked: Asked) -> Amounts:
    """Building footprint in m²."""
    return here.amount("buildings")


def unbuilt(here: Analysis, _asked: Asked) -> Amounts:
    """Land without buildings in m²."""
    return here.area - here.amount("buildings")


def floors(here: Analysis, _asked: Asked) -> Amounts:
    """Gross floor area in m²."""
    return here.overlap("buildings").sum(here.ground.floor_area)


def exempt(here: Analysis, _asked: Asked) -> Amounts:
    """Floor area in m² that the plan's ratio leaves out."""
    return here.overlap("buildings").sum(here.ground.known("buildings", "exempt_floor_area"))


def counted(here: Analysis, asked: Asked) -> Amounts:
    """Gross floor area in m² without the exempt part."""
    return floors(here, asked) - exempt(here, asked)


def construction_land(here: Analysis, _asked: Asked) -> Amounts:
    """Zoned land in m² but what is reserved and water."""
    use = here.frame("zoning")["land_use"].astype(str)
    return here.amount("zoning", ~use.str[:2].isin(UNBUILT).to_numpy())


def road_land(here: Analysis, _asked: Asked) -> Amounts:
    """Zoned land of streets in m²."""
    return here.amount("zoning", here.frame("zoning")["land_use"].eq("1207").to_numpy(dtype=bool))


def people(here: Analysis, _asked: Asked) -> Amounts:
    """Residents."""
    return here.residents()


def thousands(here: Analysis, _asked: Asked) -> Amounts:
    """Thousands of residents."""
    return here.residents() / 1e3


def ten_thousands(here: Analysis, _asked: Asked) -> Amounts:
    """Ten thousands of residents."""
    return here.residents() / 1e4


def households(here: Analysis, _asked: Asked) -> Amounts:
    """Households, of the population cells by share of area, else of the buildings."""
    layer = "population" if here.ground.supplied("population.households") else "buildings"
    return here.overlap(layer).sum(here.ground.known(layer, "households"))


def hundreds_of_households(here: Analysis, asked: Asked) -> Amounts:
    """Hundreds of households."""
    return households(here, asked) / 1e2


def road_km(here: Analysis, asked: Asked) -> Amounts:
    """Kilometres of centre line; footpaths only where asked for."""
    return here.amount("streets", _streets(here, asked.subject)) / 1e3


def all_roads_km(here: Analysis, _asked: Asked) -> Amounts:
    """Kilometres of centre line of all classes but footpaths."""
    return here.amount("streets", _streets(here, "")) / 1e3


def greenway_km(here: Analysis, _asked: Asked) -> Amounts:
    """Kilometres of greenway."""
    return here.amount("greenways") / 1e3


def junctions(here: Analysis, _asked: Asked) -> Amounts:
    """Places where three and more streets meet."""
    return here.ends_met(3)


def ends(here: Analysis, _asked: Asked) -> Amounts:
    """Places where one street ends and none goes on, footpaths apart."""
    return here.ends_met(1, 1, ROAD_CLASSES)


def facilities(here: Analysis, asked: Asked) -> Amounts:
    """Facilities of a class; an area counts where its middle lies."""
    return here.inside("facilities", _of_class(here, asked))


def capacity(here: Analysis, asked: Asked) -> Amounts:
    """Capacity of the facilities of a class; one that is not known makes its unit unknown."""
    return _by_middle(here, asked, "capacity")


def facility_floors(here: Analysis, asked: Asked) -> Amounts:
    """Floor area in m² of the facilities of a class; one that is not known makes its unit unknown."""
    return _by_middle(here, asked, "floor_area")


def facility_land(here: Analysis, asked: Asked) -> Amounts:
    """Land in m² of the facilities of a class; one drawn as a point makes its unit unknown."""
    drawn = shapely.get_dimensions(here.frame("facilities").geometry.to_numpy()) == 2
    found = here.overlap("facilities")
    return found.sum(np.where(_of_class(here, asked), np.where(drawn, found.whole, np.nan), 0.0))


def projects(here: Analysis, _asked: Asked) -> Amounts:
    """Projects by the share that lies in or counts for the unit."""
    return here.of_projects(None)


def investment(here: Analysis, _asked: Asked) -> Amounts:
    """Total investment of projects in yuan, by the share that lies in or counts for the unit."""
    return here.of_projects("total_investment")


def standing(ground: Ground) -> Mask:
    """Homes that stand; one that a what-if takes away keeps its place among the homes."""
    shapes = ground.frame("buildings").geometry.to_numpy()
    stands: Mask = ~shapely.is_missing(shapes[ground.homes.rows])
    return stands


def _streets(here: Analysis, street_class: str) -> Mask:
    def of_class() -> Mask:
        known = here.frame("streets")["street_class"]
        chosen = known.eq(street_class) if street_class else known.isin(ROAD_CLASSES)
        return chosen.to_numpy(dtype=bool)

    return here.ground.once(("streets", street_class), of_class)


def _of_class(here: Analysis, asked: Asked) -> Mask:
    def of_class() -> Mask:
        return here.frame("facilities")["category"].eq(asked.subject).to_numpy(dtype=bool)

    return here.ground.once(("of_class", asked.subject), of_class)


def _by_middle(here: Analysis, asked: Asked, column: str) -> Amounts:
    values = np.where(_of_class(here, asked), here.ground.known("facilities", column), 0.0)
    return here.middles("facilities").sum(values)
