"""What is known of a city once, whatever its units: homes, the walking network, distances to facilities."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame, GeoSeries
from numpy.typing import NDArray

from gis.access import count_reachable, living_circle, soft_access
from gis.coverage import covered_mask, park_radii
from gis.density import floor_area
from gis.errors import EmptyNetwork
from gis.frames import Amounts, Mask, points_of
from gis.homes import Homes
from gis.inherited import Inherited, V, Within
from gis.layers import Classes, Layers, is_of, of_classes
from gis.memo import Kept, Key, Memo
from gis.network import Snapped, WalkNetwork
from gis.network.near import ByEdge, Search
from gis.overlap import Overlap, members
from gis.parameters import Parameters
from gis.street_ends import StreetEnds

QUARTER_HOUR = 15.0
HOME_USES = ("residential", "mixed")
# What is kept of buildings whichever of them are homes.
OF_BUILDINGS = ("supplied", "floor_area")
POPULATION, FLOOR_AREA = "population", "floor_area"
WALKABLE = "streets.walkable"


class Ground(Layers):
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
    inherited
        Another ground that knows values of the homes.

    Raises
    ------
    MissingCRS, MixedCRS, GeographicCRS
        The layers are not in one projected CRS in metres.
    NotAPolygon, NotALine
        A building, a zone or a constraint is not a polygon, or a street not a line.
    """

    def __init__(
        self,
        frames: Mapping[str, GeoDataFrame],
        parameters: Parameters | None = None,
        memo: Memo | None = None,
        inherited: Inherited | None = None,
    ) -> None:
        super().__init__(frames, memo)
        self.parameters = parameters or Parameters()
        self.inherited = inherited

    def _holds(self, layer: str, column: str) -> bool:
        """As of all layers; of ``WALKABLE``, which need not be a column, whether a street may be walked."""
        return self._has_network() if f"{layer}.{column}" == WALKABLE else super()._holds(layer, column)

    def _has_network(self) -> bool:
        try:
            return len(self.network.start) > 0
        except EmptyNetwork:
            return False

    @property
    def homes(self) -> Homes:
        """The homes of the city.

        Buildings used as housing, at least in part, or in which people are registered; where no use is
        supplied the latter. Residential floor area is that of these buildings.
        """
        return self.once(("homes",), self._homes)

    def _homes(self) -> Homes:
        buildings = self.frame("buildings")
        people = self.known("buildings", "population")
        inhabited = is_of(buildings, HOME_USES, "use") | (people > 0)
        rows = np.flatnonzero(inhabited & ~shapely.is_missing(buildings.geometry.array))
        middles = GeoSeries(points_of(buildings.iloc[rows]), crs=buildings.crs)
        weights = {POPULATION: people, FLOOR_AREA: self.floor_area}
        weights = {basis: np.nan_to_num(weight[rows]) for basis, weight in weights.items()}
        return Homes(rows, middles, MappingProxyType(weights))

    def by_home(self, value: Callable[..., V], *asked: Hashable) -> V:
        """A value of each home, an array that ``value`` makes of this ground and of what is asked.

        What the value of one home is must not hang on the others, so that a change keeps it for them.
        """
        return self.once(("by_home", value, *asked), lambda: self._of_all(value, *asked))

    def _of_all(self, value: Callable[..., V], *asked: Hashable) -> V:
        inherited = self._knowing(("by_home", value, *asked))
        if inherited is None:
            return value(self, *asked)
        return inherited.values(np.arange(len(self.homes.rows)), value, *asked)

    def values(self, home: NDArray[np.int64], value: Callable[..., V], *asked: Hashable) -> V:
        """A value of some homes, as ``by_home`` gives it of all."""
        key = ("by_home", value, *asked)
        inherited = None if key in self.memo.kept else self._knowing(key)
        return (
            self.by_home(value, *asked)[home] if inherited is None else inherited.values(home, value, *asked)
        )

    def _knowing(self, key: Key) -> Inherited | None:
        """What knows a value of the homes that was computed before a change, if it was."""
        reads = self.inherited.reads(key) if self.inherited else None
        self.memo.read(*(reads or ()))
        return None if reads is None else self.inherited

    def settle(self) -> None:
        """Keep what is inherited, so that a further change leaves it."""
        before = self.inherited.before.memo.kept if self.inherited else {}
        for key in before.keys() - self.memo.kept.keys():
            if key[0] == "by_home":
                self.by_home(*key[1:])  # type: ignore[arg-type]

    def of_homes(self, home: NDArray[np.int64], inherits: bool = True) -> Ground:
        """The same ground for some of the homes alone, with what is known of these or without."""
        memo = self.memo.without({"buildings"})
        memo.kept |= {key: kept for key, kept in self.memo.kept.items() if key[0] in OF_BUILDINGS}
        memo.kept["homes",] = Kept(self.homes.take(home), self.memo.kept["homes",].reads)
        return Ground(self._frames, self.parameters, memo, Inherited(self, home) if inherits else None)

    def homes_in(self, layer: str) -> Overlap:
        """The homes in each feature of a layer."""
        return self.once(("homes_in", layer), lambda: self._homes_in(layer))

    def _homes_in(self, layer: str) -> Overlap:
        frame, homes = self.frame(layer), self.homes.points
        around = shapely.box(*homes.total_bounds) if len(homes) else shapely.Point()
        near = np.sort(frame.sindex.query(around)).astype(np.int64)
        found = members(frame.iloc[near], homes)
        return Overlap(len(frame), near[found.unit], found.feature, found.amount, found.whole)

    def near_parks(self) -> Mask:
        """Whether each home lies within the radius that a park's size gives it."""
        farthest = max((radius for _area, radius in self.parameters.park_sizes), default=0.0)
        return self.by_home(Within(farthest, Ground._near_parks))

    def _near_parks(self) -> Mask:
        parks = self.facilities("park")
        radii = park_radii(parks, self.parameters.park_sizes)
        serve = np.isfinite(radii)
        return covered_mask(self.homes.points, parks[serve], radii[serve])

    def near_layer(self, layer: str, radius: float) -> Mask:
        """Whether each home lies within a straight distance of a feature of a layer."""
        return self.by_home(Within(radius, Ground._near_layer), layer, radius)

    def _near_layer(self, layer: str, radius: float) -> Mask:
        return covered_mask(self.homes.points, self.frame(layer), radius)

    def renewed(self) -> Mask:
        """Whether each home lies in a project."""
        return self.by_home(Within(0.0, Ground._renewed))

    def _renewed(self) -> Mask:
        found = self.homes_in("projects")
        return np.bincount(found.feature, minlength=len(self.homes.points)) > 0

    @property
    def floor_area(self) -> Amounts:
        """Gross floor area 建筑面积 of each building in m²: as supplied, else footprint times floors."""
        return self.once(("floor_area",), self._floor_area)

    def _floor_area(self) -> Amounts:
        buildings = self.frame("buildings")
        known = "floor_area" in buildings or "floors" in buildings
        return floor_area(buildings) if known else np.full(len(buildings), np.nan)

    def street_ends(self, classes: Classes = None) -> StreetEnds:
        """Where the ends of streets meet: of all, or of some classes."""
        return self.once(
            ("street_ends", classes), lambda: StreetEnds.of(of_classes(self.frame("streets"), classes))
        )

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

    @property
    def categories(self) -> tuple[str, ...]:
        """Classes of facility of which it is known where they are: those in the data, and those surveyed."""
        found = {*self.classes("facilities", "category"), *self.parameters.surveyed}
        known = "facilities" in self and "category" in self.frame("facilities")
        return tuple(sorted(found)) if known else ()

    def walk(self, category: str) -> Amounts:
        """Walk 步行距离 in metres from each home to the nearest facility of a class; inf: none reached."""
        return self.by_home(Ground._walk, category)

    def _walk(self, category: str) -> Amounts:
        doors, homes = self.counted(self.entrances(category)), self.counted(self.doors)
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
            lambda: ways.node_distances(self.counted(self.entrances(category)), np.inf),
        )

    def counted(self, places: Snapped) -> Snapped:
        """Places with their straight legs, or without where these do not count."""
        return places if self.parameters.access_legs else places.without_legs()

    def near(self, categories: tuple[str, ...], radius: float) -> Mask:
        """Whether each home lies within a straight distance of a facility of one of the classes."""
        return self.by_home(Within(radius, Ground._near), categories, radius)

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
        return self.once(("pairs", category), lambda: self.pairs_of([category])[category])

    def pairs_of(self, categories: Iterable[str]) -> dict[str, pd.DataFrame]:
        """The pairs with the facilities of several classes, found in one search."""
        homes = self.homes.points.total_bounds
        boxes = {name: shapely.bounds(self.facilities(name).geometry.to_numpy()) for name in categories}
        return self.pairs_with({name: _close(box, homes, self.reach(name)) for name, box in boxes.items()})

    def pairs_with(self, chosen: Mapping[str, NDArray[np.int64]]) -> dict[str, pd.DataFrame]:
        """The pairs with some facilities of several classes, by their positions."""
        if not chosen:
            return {}
        doors = Snapped.joined([self.entrances(name).of_places(rows) for name, rows in chosen.items()])
        homes, doors, reach = self.counted(self.doors), self.counted(doors), max(map(self.reach, chosen))
        found = Search.of(self.network.ways, homes, doors, reach, self._homes_by_edge()).all_pairs()
        first = np.cumsum([0, *map(len, chosen.values())])
        of_class = np.searchsorted(first, found.facility, side="right") - 1
        tables = {}
        for number, (name, rows) in enumerate(chosen.items()):
            here = (of_class == number) & (found.metres <= self.reach(name))
            facility = rows[found.facility[here] - first[number]]
            columns = {"origin": found.home[here], "facility": facility, "distance": found.metres[here]}
            tables[name] = pd.DataFrame(columns)
        return tables

    def _homes_by_edge(self) -> ByEdge:
        """The homes by the edges that they join."""
        return self.once(("by_edge",), lambda: ByEdge.of(self.doors, len(self.network.start)))

    def reached(self, category: str) -> Amounts:
        """How many facilities of a class each home has within the service radius on foot."""
        return self.by_home(Ground._reached, category)

    def _reached(self, category: str) -> Amounts:
        pairs = self.pairs(category)
        near = pairs[pairs["distance"] <= self.parameters.radius(category)]
        return np.asarray(count_reachable(near, len(self.homes.rows)), float)

    def score(self, category: str) -> Amounts:
        """Soft access score of each home, 1 near to 0 far."""
        return self.by_home(Ground._score, category)

    def _score(self, category: str) -> Amounts:
        return soft_access(self.walk(category))

    def circle(self) -> tuple[Amounts, Mask]:
        """Share of the required classes that each home reaches in 15 minutes, and whether it is all."""
        completeness = self.by_home(Ground._completeness)
        return completeness, completeness == 1

    def _completeness(self) -> Amounts:
        required = self.parameters.circle
        walks = pd.DataFrame({name: self.walk(name) for name in required})
        found = living_circle(walks, required, self.parameters.reach(QUARTER_HOUR))
        return np.asarray(found["completeness"], float)


def walkable(streets: GeoDataFrame) -> Mask:
    """Which streets may be walked: those of which it is not said that they may not."""
    if "walkable" not in streets:
        return np.ones(len(streets), bool)
    return ~streets["walkable"].eq(False).to_numpy(dtype=bool)


def _close(boxes: Amounts, box: Amounts, distance: float) -> NDArray[np.int64]:
    """Boxes that are not farther from a box than a distance; none where it is that of nothing."""
    beside = (boxes[:, 2:] >= box[:2] - distance) & (boxes[:, :2] <= box[2:] + distance)
    return np.flatnonzero(beside.all(axis=1))
