"""Facilities that can be walked to from one place 步行可达: the distance on foot to each of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from geopandas import GeoSeries
from numpy.typing import NDArray
from shapely import Geometry

from gis.frames import Amounts
from gis.network import Snapped, WalkNetwork, entrances
from gis.network.lines import Integers
from gis.parameters import Parameters

MAX_SNAP = Parameters().max_snap


class Destinations(NamedTuple):
    """Facilities joined to a walking network once, to be reached from many places.

    Attributes
    ----------
    network
        The streets.
    doors
        Every entrance of the facilities, each a place of its own.
    owner
        Position of the facility of each entrance.
    size
        How many facilities there are.
    areas, area_owner
        The shapes that have an area, to be searched by place, and the positions of their facilities.
    """

    network: WalkNetwork
    doors: Snapped
    owner: Integers
    size: int
    areas: shapely.STRtree
    area_owner: Integers

    @classmethod
    def of(cls, network: WalkNetwork, facilities: GeoSeries, max_snap: float = MAX_SNAP) -> Destinations:
        """Join facilities of any shape to a network.

        Parameters
        ----------
        facilities
            Shapes in the CRS of the network.
        max_snap
            Metres beyond which an entrance is not on the network.

        Raises
        ------
        InvalidGeometry
            A polygon crosses itself, or a shape is a collection.
        MissingCRS, MixedCRS
            The shapes declare no CRS, or not that of the network.
        """
        network.require_crs(facilities)
        xy, owner = entrances(facilities, network)
        shapes = np.asarray(facilities.array, dtype=object)
        wide = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
        areas = shapely.STRtree(shapes[wide])
        return cls(network, network.snap(xy, max_snap), owner, len(shapes), areas, wide)

    def metres(self, place: Geometry, max_snap: float = MAX_SNAP) -> Amounts:
        """Walking distance 步行距离 in metres from a place of any shape to each facility.

        Parameters
        ----------
        place
            A point, or a polygon that is left by its entrances, in the CRS of the network.
        max_snap
            Metres beyond which the place is not on the network.

        Returns
        -------
        ndarray
            Metres with the straight legs at both ends; inf where no way leads, 0 where the place and the
            polygon of a facility meet.

        Notes
        -----
        Streets are walked both ways, so the ways from one place to all facilities are found by one search
        from that place (Dijkstra 1959), not by one from each facility.
        """
        start = self.network.snap(one(place), max_snap)
        walked = self.network.nearest(self.doors, start).to_numpy()
        found = np.full(self.size, np.inf)
        np.minimum.at(found, self.owner, walked)
        found[self.area_owner[self.areas.query(place, predicate="intersects")]] = 0.0
        return found


def leg_to_street(network: WalkNetwork, place: Geometry, max_snap: float = MAX_SNAP) -> float:
    """Metres straight from a place to the nearest street; inf where none lies within ``max_snap``."""
    return float(network.snap(one(place), max_snap).leg.min(initial=np.inf))


def one(place: Geometry) -> NDArray[np.object_]:
    """A place as an array of one."""
    array = np.empty(1, dtype=object)
    array[0] = place
    return array
