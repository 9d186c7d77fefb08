"""The walking network 步行网络: distances, counts and catchments on foot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from geopandas import GeoDataFrame, GeoSeries
from shapely import Geometry

from gis.errors import N_, BadParameter
from gis.network.isochrone import catchments
from gis.network.lines import Floats
from gis.network.near import Search
from gis.network.network import MAX_SNAP, Places, StreetNetwork
from gis.network.snap import Snapped
from gis.ranges import above_zero, from_zero


class WalkNetwork(StreetNetwork):
    """Streets to walk on, with places snapped onto their edges (步行网络).

    A distance is the straight leg from the origin to its edge, the way along the network and the straight leg
    to the facility, in metres. Edges are walked in both directions. What cannot be reached is infinitely far.
    """

    def nearest(
        self,
        origins: Places,
        facilities: Places,
        max_distance: float = np.inf,
        max_snap: float = MAX_SNAP,
        access_legs: bool = True,
    ) -> pd.Series[float]:
        """Walking distance 步行距离 from each origin to the nearest facility.

        Parameters
        ----------
        origins
            Points, in the CRS of the network, or what ``snap`` made of them.
        facilities
            Geometries of any kind, or what ``snap`` made of them.
        max_distance
            Metres beyond which a facility does not count; zero or more.
        max_snap
            Metres beyond which a place is not on the network; zero or more.
        access_legs
            Count the straight legs between places and edges.

        Returns
        -------
        Series
            Metres on the index of ``origins``; inf where no facility can be reached, 0 within the polygon of
            one.

        Raises
        ------
        BadParameter
            A limit is below zero or no number, or an origin is no point.
        MissingCRS, MixedCRS
            A frame or series declares no CRS, or not that of the network.

        Examples
        --------
        >>> from shapely import LineString
        >>> street = GeoDataFrame(geometry=[LineString([(0, 0), (400, 0)])], crs="EPSG:4547")
        >>> homes, shops = np.array([[100.0, 20.0], [100.0, 120.0]]), np.array([[300.0, -10.0]])
        >>> WalkNetwork.from_edges(street).nearest(homes, shops).tolist()
        [230.0, inf]
        """
        from_zero(max_distance=max_distance)
        homes = self._homes(origins, max_snap, access_legs)
        doors = self._doors(facilities, max_snap, access_legs)
        metres = self.ways.nearest(homes, doors, max_distance)
        return pd.Series(metres, index=_index(origins, homes), name="distance")

    def nearest_of_classes(
        self,
        origins: Places,
        facilities: Mapping[str, Places],
        max_distance: float = np.inf,
        max_snap: float = MAX_SNAP,
        access_legs: bool = True,
    ) -> pd.DataFrame:
        """Walking distance from each origin to the nearest facility of each class, as ``nearest``.

        Returns
        -------
        DataFrame
            Metres, one column a class, on the index of ``origins``.
        """
        from_zero(max_distance=max_distance)
        homes = self._homes(origins, max_snap, access_legs)
        metres = {
            name: self.ways.nearest(homes, self._doors(places, max_snap, access_legs), max_distance)
            for name, places in facilities.items()
        }
        return pd.DataFrame(metres, index=_index(origins, homes))

    def node_distances(
        self,
        facilities: Places,
        max_distance: float = np.inf,
        max_snap: float = MAX_SNAP,
        access_legs: bool = True,
    ) -> Floats:
        """Metres on foot from each node to the nearest facility or entrance; inf where there is none."""
        from_zero(max_distance=max_distance)
        return self.ways.node_distances(self._doors(facilities, max_snap, access_legs), max_distance)

    def pairs(
        self,
        origins: Places,
        facilities: Places,
        distance: float,
        max_snap: float = MAX_SNAP,
        access_legs: bool = True,
    ) -> pd.DataFrame:
        """All origins and facilities within a walking distance of each other.

        Returns
        -------
        DataFrame
            Positions ``origin`` and ``facility``, and ``distance`` in metres, sorted by the positions.
        """
        found = self._search(origins, facilities, distance, max_snap, access_legs).all_pairs()
        return pd.DataFrame({"origin": found.home, "facility": found.facility, "distance": found.metres})

    def within(
        self,
        origins: Places,
        facilities: Places,
        distance: float,
        max_snap: float = MAX_SNAP,
        access_legs: bool = True,
    ) -> pd.Series[int]:
        """Count of facilities within a walking distance of each origin, on the index of ``origins``."""
        search = self._search(origins, facilities, distance, max_snap, access_legs)
        count = np.zeros(len(search.homes.edge), np.int64)
        for found in search.pairs():
            count += np.bincount(found.home, minlength=len(count))
        return pd.Series(count, index=_index(origins, search.homes), name="count")

    def isochrone(
        self,
        point: Geometry | Sequence[float] | Snapped,
        distances: Sequence[float],
        *,
        width: float = 25.0,
        max_snap: float = MAX_SNAP,
        access_legs: bool = True,
    ) -> GeoDataFrame:
        """The land beside the streets that can be reached within distances on foot (等时圈).

        Parameters
        ----------
        point
            A place of any shape: a point, or a facility or project that is left by its entrances.
        distances
            Metres on foot, above 0.
        width
            Metres to either side of the streets.

        Returns
        -------
        GeoDataFrame
            A row for each distance, ascending: ``distance``, ``geometry`` (MultiPolygon that holds those of
            the shorter distances; empty where no street is reached), ``length`` (metres of street reached).

        Raises
        ------
        BadParameter
            A distance or the width is not above 0, or not finite.
        """
        above_zero(distances=distances, width=width)
        limits = np.unique(np.asarray(distances, dtype=np.float64))
        doors = self._doors(_one_place(point), max_snap, access_legs)
        shapes, lengths = catchments(self.ways, self.lines, doors, limits, width)
        return GeoDataFrame({"distance": limits, "length": lengths}, geometry=shapes, crs=self.crs)[
            ["distance", "geometry", "length"]
        ]

    def _search(
        self, origins: Places, facilities: Places, distance: float, max_snap: float, access_legs: bool
    ) -> Search:
        from_zero(distance=distance)
        homes = self._homes(origins, max_snap, access_legs)
        return Search.of(self.ways, homes, self._doors(facilities, max_snap, access_legs), distance)

    def _homes(self, origins: Places, max_snap: float, access_legs: bool) -> Snapped:
        homes = self._doors(origins, max_snap, access_legs)
        if homes.owner is not None:
            raise BadParameter(
                N_("An origin is a line or a polygon."),
                remedy=N_("Give points, for example the centroids of buildings."),
            )
        return homes

    def _doors(self, places: Places, max_snap: float, access_legs: bool) -> Snapped:
        doors = self.snap(places, max_snap)
        return doors if access_legs else doors.without_legs()


def _index(origins: Places, homes: Snapped) -> pd.Index[Any]:
    if isinstance(origins, GeoSeries | GeoDataFrame):
        return origins.index
    return pd.RangeIndex(len(homes.edge))


def _one_place(point: Geometry | Sequence[float] | Snapped) -> Places:
    if isinstance(point, Snapped):
        return point
    if isinstance(point, Geometry):
        place = np.full(1, None)
        place[0] = point
        return place
    return np.asarray(point, dtype=np.float64)[None]
