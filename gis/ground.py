"""What is known of a city once, whatever its units: homes, the walking network, distances to facilities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeVar

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame, GeoSeries
from numpy.typing import NDArray

from gis.access import count_reachable, living_circle, soft_access
from gis.coverage import covered_mask, park_radii
from gis.density import floor_area
from gis.frames import Amounts, Mask, amounts_of, points_of, polygons_of, require_metric
from gis.memo import Key, Memo
from gis.network import Snapped, WalkNetwork
from gis.overlap import disjoint, members
from gis.parameters import Parameters

QUARTER_HOUR = 15.0
HOME_USES = ("residential", "mixed")
POPULATION, FLOOR_AREA = "population", "floor_area"
T = TypeVar("T")


class Homes(NamedTuple):
    """Where people live 居住建筑: the middle of each residential building, and its weight on each basis.

    ``rows`` are the positions of the homes among the buildings. A home whose weight is not supplied weighs
    nothing: it is in no numerator and no denominator.
    """

    rows: NDArray[np.int64]
    points: GeoSeries
    weights: Mapping[str, Amounts]


class Ground:
    """A city's layers in one projected CRS, with what is computed of them once and kept.

    Parameters
    ----------
    frames
        Layers by name (``buildings``, ``facilities``, ``streets``, ...) in one projected CRS in metres.
        A layer that is not supplied is absent.
    parameters
        The parameters of the run.
    memo
        What was computed of the same layers before.

    Raises
    ------
    MissingCRS, MixedCRS, GeographicCRS
        The layers are not in one projected CRS in metres.
    """

    def __init__(
        self,
        frames: Mapping[str, GeoDataFrame],
        parameters: Parameters | None = None,
        memo: Memo | None = None,
    ) -> None:
        self.parameters = parameters or Parameters()
        self.memo = memo or Memo()
        self._frames = dict(frames)
        if frames:
            require_metric(*frames.values())

    @property
    def frames(self) -> Mapping[str, GeoDataFrame]:
        """The layers by name; reading them here is not noted."""
        return MappingProxyType(self._frames)

    def once(self, key: Key, make: Callable[[], T]) -> T:
        """Return what was computed under ``key``, or compute it and keep it."""
        return self.memo.once(key, make)

    def __contains__(self, layer: str) -> bool:
        self.memo.read(layer)
        return layer in self._frames

    def frame(self, layer: str) -> GeoDataFrame:
        """A layer of the city."""
        self.memo.read(layer)
        return self._frames[layer]

    def supplied(self, name: str) -> bool:
        """Whether a layer, or ``layer.column`` with at least one value, is supplied."""
        layer, _, column = name.partition(".")
        if layer not in self or not column:
            return layer in self
        return self.once(("supplied", name), lambda: self._holds(self.frame(layer), column))

    @staticmethod
    def _holds(frame: GeoDataFrame, column: str) -> bool:
        return column in frame and bool(frame[column].notna().any())

    def known(self, layer: str, column: str) -> Amounts:
        """Return a column of amounts; NaN where it is not supplied."""
        frame = self.frame(layer)
        return amounts_of(frame, column) if column in frame else np.full(len(frame), np.nan)

    @property
    def homes(self) -> Homes:
        """The homes of the city.

        Buildings used as housing, at least in part, or in which people are registered. Residential floor
        area is that of these buildings.
        """
        return self.once(("homes",), self._homes)

    def _homes(self) -> Homes:
        buildings = self.frame("buildings")
        people = self.known("buildings", "population")
        inhabited = buildings["use"].isin(HOME_USES).to_numpy() | (people > 0)
        rows = np.flatnonzero(inhabited & ~shapely.is_missing(buildings.geometry.array))
        middles = GeoSeries(points_of(buildings.iloc[rows]), crs=buildings.crs)
        weights = {POPULATION: people, FLOOR_AREA: self.floor_area}
        weights = {basis: np.nan_to_num(weight[rows]) for basis, weight in weights.items()}
        return Homes(rows, middles, MappingProxyType(weights))

    def dissolved(self, layer: str, column: str | None = None, value: str = "") -> GeoSeries:
        """A layer's land, or that of one of its classes, so that no ground is in it twice."""

        def merged() -> GeoSeries:
            frame = self.frame(layer)
            chosen = frame if column is None else frame[frame[column] == value]
            return GeoSeries(disjoint(polygons_of(chosen)), crs=frame.crs)

        return self.once(("dissolved", layer, column, value), merged)

    def near_parks(self) -> Mask:
        """Whether each home lies within the radius that a park's size gives it."""
        return self.once(("near_parks",), self._near_parks)

    def _near_parks(self) -> Mask:
        parks = self.facilities("park")
        radii = park_radii(parks, self.parameters.park_sizes)
        serve = np.isfinite(radii)
        return covered_mask(self.homes.points, parks[serve], radii[serve])

    def near_greenways(self, radius: float) -> Mask:
        """Whether each home lies within a straight distance of a greenway."""
        return self.once(
            ("near_greenways", radius),
            lambda: covered_mask(self.homes.points, self.frame("greenways"), radius),
        )

    def renewed(self) -> Mask:
        """Whether each home lies in a project."""

        def inside() -> Mask:
            found = members(self.frame("projects"), self.homes.points)
            return np.bincount(found.feature, minlength=len(self.homes.points)) > 0

        return self.once(("renewed",), inside)

    @property
    def floor_area(self) -> Amounts:
        """Gross floor area 建筑面积 of each building in m²: as supplied, else footprint times floors."""
        return self.once(("floor_area",), lambda: floor_area(self.frame("buildings")))

    @property
    def network(self) -> WalkNetwork:
        """The walking network of the streets that may be walked."""
        return self.once(("network",), self._network)

    def _network(self) -> WalkNetwork:
        return WalkNetwork.from_edges(self.frame("streets"), walkable=walkable(self.frame("streets")))

    @property
    def doors(self) -> Snapped:
        """Where the homes join the network."""
        limit = self.parameters.max_snap
        return self.once(("doors",), lambda: self.network.snap(self.homes.points, limit))

    def facilities(self, category: str) -> GeoDataFrame:
        """The facilities of a class, in the order of their layer."""

        def of_the_class() -> GeoDataFrame:
            self.memo.read(f"facilities:{category}")
            frame = self._frames["facilities"]
            return frame[frame["category"] == category]

        return self.once(("facilities", category), of_the_class)

    def classes(self, layer: str, column: str) -> tuple[str, ...]:
        """The classes that a column of a layer holds, by name; none where the layer is not supplied."""
        if layer not in self:
            return ()
        return self.once(
            ("classes", layer, column),
            lambda: tuple(sorted(str(name) for name in self.frame(layer)[column].dropna().unique())),
        )

    @property
    def categories(self) -> tuple[str, ...]:
        """Classes of facility of which it is known where they are: those in the data, and those surveyed."""
        found = {*self.classes("facilities", "category"), *self.parameters.surveyed}
        return tuple(sorted(found)) if "facilities" in self else ()

    def walk(self, category: str) -> Amounts:
        """Walk 步行距离 in metres from each home to the nearest facility of a class; inf: none reached."""
        return self.once(("walk", category), lambda: self._walk(category))

    def _walk(self, category: str) -> Amounts:
        doors, homes = self._counted(self.entrances(category)), self._counted(self.doors)
        return self.network.ways.nearest(homes, doors, np.inf, self._at_nodes(category))

    def entrances(self, category: str) -> Snapped:
        """Where the facilities of a class join the network."""
        places = ("entrances", category)
        limit = self.parameters.max_snap
        return self.once(places, lambda: self.network.snap(self.facilities(category).geometry, limit))

    def _at_nodes(self, category: str) -> Amounts:
        """Metres from each node of the network to the nearest facility of a class."""
        ways = self.network.ways
        return self.once(
            ("at_nodes", category),
            lambda: ways.node_distances(self._counted(self.entrances(category)), np.inf),
        )

    def _counted(self, places: Snapped) -> Snapped:
        return places if self.parameters.access_legs else places.without_legs()

    def near(self, categories: tuple[str, ...], radius: float) -> Mask:
        """Whether each home lies within a straight distance of a facility of one of the classes."""
        return self.once(("near", categories, radius), lambda: self._near(categories, radius))

    def _near(self, categories: tuple[str, ...], radius: float) -> Mask:
        found = [covered_mask(self.homes.points, self.facilities(name), radius) for name in categories]
        inside: Mask = np.logical_or.reduce(found)
        return inside

    def reach(self, category: str) -> float:
        """How far people walk to a class at most, in metres: its service radius, or the catchment."""
        return max(self.parameters.radius(category), self.parameters.catchment)

    def pairs(self, category: str) -> pd.DataFrame:
        """All homes and facilities of a class within its ``reach`` on foot.

        Positions ``origin`` and ``facility``, and ``distance`` in metres.
        """
        return self.once(("pairs", category), lambda: self._pairs(category))

    def _pairs(self, category: str) -> pd.DataFrame:
        boxes = self.facilities(category).geometry.bounds
        homes = self.homes.points.total_bounds
        return self.pairs_with(category, np.flatnonzero(_close(boxes, homes, self.reach(category))))

    def pairs_with(self, category: str, rows: NDArray[np.int64]) -> pd.DataFrame:
        """The pairs with some facilities of a class, by their positions."""
        found = self.network.pairs(
            self.doors,
            self.facilities(category).iloc[rows],
            self.reach(category),
            max_snap=self.parameters.max_snap,
            access_legs=self.parameters.access_legs,
        )
        found["facility"] = rows[found["facility"].to_numpy()]
        found.attrs["origins"] = len(self.homes.rows)
        return found

    def reached(self, category: str) -> Amounts:
        """How many facilities of a class each home has within the service radius on foot."""
        return self.once(("reached", category), lambda: self._reached(category))

    def _reached(self, category: str) -> Amounts:
        pairs = self.pairs(category)
        near = pairs[pairs["distance"] <= self.parameters.radius(category)]
        return np.asarray(count_reachable(near, len(self.homes.rows)), float)

    def score(self, category: str) -> Amounts:
        """Soft access score of each home, 1 near to 0 far."""
        return self.once(("score", category), lambda: soft_access(self.walk(category)))

    def circle(self) -> tuple[Amounts, Mask]:
        """Share of the required classes that each home reaches in 15 minutes, and whether it is all."""
        return self.once(("circle",), self._circle)

    def _circle(self) -> tuple[Amounts, Mask]:
        required = self.parameters.circle
        walks = pd.DataFrame({name: self.walk(name) for name in required})
        found = living_circle(walks, required, self.parameters.reach(QUARTER_HOUR))
        return np.asarray(found["completeness"], float), found["complete"].to_numpy(dtype=bool)


def walkable(streets: GeoDataFrame) -> Mask:
    """Which streets may be walked: those of which it is not said that they may not."""
    if "walkable" not in streets:
        return np.ones(len(streets), bool)
    return ~streets["walkable"].eq(False).to_numpy(dtype=bool)


def _close(boxes: pd.DataFrame, box: Amounts, distance: float) -> Mask:
    """Boxes that are not farther from a box than a distance; none where it is that of nothing."""
    west, south, east, north = box
    beside = (boxes["maxx"] >= west - distance) & (boxes["minx"] <= east + distance)
    return np.asarray(beside & (boxes["maxy"] >= south - distance) & (boxes["miny"] <= north + distance))
