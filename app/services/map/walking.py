"""Around a place on foot 步行: the streets reached within minutes, and every facility by walking distance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import Geometry
from sqlalchemy import RowMapping

from app.services.kept import Kept
from data import boundaries, city_frames, map_catalogue
from data.errors import N_
from data.session import Database
from gis.coordinates import in_metres
from gis.frames import Amounts
from gis.ground import Ground
from gis.network import WalkNetwork
from gis.parameters import Parameters
from gis.reach import Destinations, leg_to_street, one

MINUTES = (5.0, 10.0, 15.0)
SPEED = Parameters().walking_speed
MAX_SNAP = Parameters().max_snap
CITIES, PLACES = 4, 64
WGS84 = 4326
DIGITS = 6
LAYERS = ("streets", "facilities")

# Why nothing can be said of walking.
STREETS, TOO_FAR, BOUNDARY = "streets", "too_far", "boundary"
WORDS = {
    STREETS: N_("The streets of this city are not supplied: distances on foot are not known."),
    TOO_FAR: N_("There is no street within {metres} m: nothing can be reached on foot."),
    BOUNDARY: N_("The project has no boundary yet: distances on foot are not known."),
}


@dataclass(frozen=True)
class Asked:
    """What somebody asks: around which place (degrees) or project, within which minutes, how fast (m/min)."""

    at: tuple[float, float] | None = None
    project: str = ""
    minutes: tuple[float, ...] = MINUTES
    speed: float = SPEED


@dataclass(frozen=True)
class Town:
    """A city's walking network with its facilities joined to it, in the city's metric CRS.

    ``facilities`` holds ``code``, ``category``, ``name``, ``lon`` and ``lat`` of a point on each;
    ``walks`` the places that were asked for last.
    """

    network: WalkNetwork
    destinations: Destinations | None
    facilities: pd.DataFrame
    walks: Kept[Walk] = field(default_factory=lambda: Kept(PLACES))


@dataclass(frozen=True)
class Walk:
    """What lies around a place on foot; distances in metres with the straight legs at both ends.

    Attributes
    ----------
    asked
        The place, the minutes (ascending) and the speed.
    missing
        Why nothing is known: ``STREETS``, ``TOO_FAR`` or ``BOUNDARY``; None where all is.
    leg
        Metres straight to the nearest street, None where nothing is known.
    facilities
        Those within the longest time, the nearest first: ``code``, ``category``, ``name``, ``lon``, ``lat``,
        ``metres``, ``minutes``.
    nearest
        The nearest of each class in the city, the same columns and for each time asked (``within_5``, ...)
        how many of the class are reached; NaN metres where no way leads to any.
    """

    asked: Asked
    missing: str | None
    leg: float | None
    facilities: pd.DataFrame
    nearest: pd.DataFrame
    town: Town | None = None
    place: Geometry | None = None

    @property
    def limits(self) -> list[float]:
        """Metres walked in the times asked."""
        return [minutes * self.asked.speed for minutes in self.asked.minutes]

    @property
    def known(self) -> bool:
        """Whether anything can be said."""
        return self.missing is None

    @property
    def has_facilities(self) -> bool:
        """Whether the city's facilities are supplied."""
        return self.town is not None and self.town.destinations is not None

    @cached_property
    def isochrones(self) -> gpd.GeoDataFrame:
        """The streets reached within each time, the land beside and between them (等时圈), EPSG:4326.

        ``minutes``, ``metres``, ``street_metres`` (length of the streets reached) and the shape, which holds
        that of the shorter times.
        """
        if self.town is None or self.place is None or not self.known:
            return gpd.GeoDataFrame(
                {"minutes": [], "metres": [], "street_metres": []}, geometry=gpd.GeoSeries([], crs=WGS84)
            )
        snapped = self.town.network.snap(one(self.place), MAX_SNAP)
        found = self.town.network.isochrone(snapped, self.limits).to_crs(WGS84)
        shapes = shapely.transform(_without_holes(found.geometry.to_numpy()), lambda xy: xy.round(DIGITS))
        times = {"minutes": self.asked.minutes, "metres": found["distance"], "street_metres": found["length"]}
        return gpd.GeoDataFrame(times, geometry=shapes, crs=WGS84)


def _without_holes(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Blocks whose streets are reached on all sides belong to what is reached."""
    parts, place = shapely.get_parts(shapes, return_index=True)
    whole = np.asarray(shapely.polygons(shapely.get_exterior_ring(parts)), dtype=object)
    land = [shapely.union_all(whole[place == number]) for number in range(len(shapes))]
    return np.array(land, dtype=object)


TOWNS: Kept[Town | None] = Kept(CITIES)


def around(  # noqa: PLR0913, PLR0917
    database: Database,
    city: RowMapping,
    lon: float,
    lat: float,
    minutes: Sequence[float] = MINUTES,
    speed: float = SPEED,
) -> Walk:
    """Say what can be reached on foot from a place (EPSG:4326) of a city.

    Parameters
    ----------
    minutes
        Times on foot, each above 0 and at most an hour.
    speed
        Metres a minute.
    """
    return walk(database, city, Asked((lon, lat), "", tuple(sorted(set(minutes))), speed))


def around_project(
    database: Database,
    city: RowMapping,
    code: str,
    minutes: Sequence[float] = MINUTES,
    speed: float = SPEED,
) -> Walk:
    """Say what can be reached on foot from a project, which is left by the entrances on its boundary.

    Raises
    ------
    NotFound
        The city has no project with this code.
    """
    return walk(database, city, Asked(None, code, tuple(sorted(set(minutes))), speed))


def walk(database: Database, city: RowMapping, asked: Asked) -> Walk:
    """Answer what was asked; a place is searched from once as long as streets and facilities stay the same.

    Raises
    ------
    NotFound
        The city has no project with this code.
    """
    with database.reading() as connection:
        versions = map_catalogue.versions(connection)
        boundary = None
        if asked.project:
            boundary = boundaries.project_with_code(connection, city["id"], asked.project)["boundary"]
    version = tuple(versions.get(layer, 0) for layer in LAYERS)
    town = TOWNS.once((database, city["id"]), version, lambda: _town(database, city))
    if town is None:
        return _nothing(asked, STREETS)
    return town.walks.once(asked, boundary, lambda: _walk(town, _place(city, asked, boundary), asked))


def _town(database: Database, city: RowMapping) -> Town | None:
    with database.reading() as connection:
        frames = city_frames.read(connection, city, LAYERS)
    if "streets" not in frames:
        return None
    network = Ground(frames).network
    facilities = frames.get("facilities")
    if facilities is None:
        return Town(network, None, pd.DataFrame(columns=["code", "category", "name", "lon", "lat"]))
    points = facilities.representative_point().to_crs(WGS84)
    table = pd.DataFrame(facilities[["code", "category", "name"]]).assign(
        lon=points.x.round(DIGITS), lat=points.y.round(DIGITS)
    )
    return Town(network, Destinations.of(network, facilities.geometry), table)


def _place(city: RowMapping, asked: Asked, boundary: str | None) -> Geometry | None:
    srid = int(city["metric_srid"])
    if asked.at is not None:
        there = in_metres(*asked.at, srid)
        return shapely.Point() if there is None else shapely.Point(there)
    if boundary is None:
        return None
    return gpd.GeoSeries([shapely.from_geojson(boundary)], crs=WGS84).to_crs(srid).iloc[0]


def _nothing(asked: Asked, missing: str) -> Walk:
    return Walk(asked, missing, None, pd.DataFrame(), pd.DataFrame())


def _walk(town: Town, place: Geometry | None, asked: Asked) -> Walk:
    if place is None:
        return _nothing(asked, BOUNDARY)
    leg = leg_to_street(town.network, place, MAX_SNAP)
    if not math.isfinite(leg):
        return _nothing(asked, TOO_FAR)
    if town.destinations is None:
        return Walk(asked, None, leg, pd.DataFrame(), pd.DataFrame(), town, place)
    table = _by_distance(town, town.destinations.metres(place, MAX_SNAP), asked)
    reached = table[table["minutes"] <= asked.minutes[-1]]
    return Walk(asked, None, leg, reached, _nearest(table, asked), town, place)


def _by_distance(town: Town, metres: Amounts, asked: Asked) -> pd.DataFrame:
    known = np.where(np.isfinite(metres), metres, np.nan)
    table = town.facilities.assign(metres=known, minutes=known / asked.speed)
    return table.sort_values("metres", kind="stable", ignore_index=True)


def _nearest(table: pd.DataFrame, asked: Asked) -> pd.DataFrame:
    found = table.drop_duplicates("category", ignore_index=True)
    for minutes in asked.minutes:
        count = table["category"][table["minutes"] <= minutes].value_counts()
        found[within(minutes)] = found["category"].map(count).fillna(0).astype(int)
    return found


def within(minutes: float) -> str:
    """Name the column that counts what is reached in so many minutes."""
    return f"within_{minutes:g}"
