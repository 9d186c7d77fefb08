"""The units of a run 评价单元: districts, zones, projects, or the cells of a grid over the city."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from data import codes
from data.codes import Term
from data.errors import N_, Conflict, InvalidInput
from data.indicator_codes import UNIT_KINDS
from gis.frames import Amounts
from gis.grid import hexagon_grid, square_grid
from gis.ground import Ground
from gis.parameters import Parameters

GRIDS = {"grid": square_grid, "hexagon": hexagon_grid}
LAYERS = {
    "district": "districts",
    "zone": "zoning",
    "renewal_unit": "constraints",
    "project": "projects",
    "catchment": "projects",
}
NAMES = {
    "district": ("name_zh", "name_en"),
    "zone": ("name", "name"),
    "renewal_unit": ("name", "name"),
    "project": ("name", "name_en"),
    "catchment": ("name", "name_en"),
}
CITY = Term("全市", "City")
# Different polygons: what holds for one says nothing of another. Of the last two each is a unit of its own.
AREAS = ("built_up", "central_city", "main_city", "old_city")
EACH = ("county_town", "cluster")
MOST = 200_000
DEFAULTS = Parameters()
COUNTED = ("projects", "total_investment")
Frames = Mapping[str, gpd.GeoDataFrame]


def require_kind(kind: str) -> None:
    """Refuse a kind of unit that there is not; raises InvalidInput."""
    if kind not in UNIT_KINDS:
        raise InvalidInput(
            N_("There are no units «{kind}»."),
            remedy=N_("Choose one of: {known}."),
            kind=kind,
            known=", ".join(UNIT_KINDS),
        )


def require_side(kind: str, side: float | None) -> None:
    """Refuse a side of units that are no cells of a grid; raises InvalidInput."""
    if side is not None and kind not in GRIDS:
        raise InvalidInput(
            N_("The units «{kind}» have no side."),
            remedy=N_("Leave the side out, or choose one of: {known}."),
            kind=kind,
            known=", ".join(GRIDS),
        )


def units_of(
    kind: str, frames: Frames, side: float | None = None, parameters: Parameters = DEFAULTS
) -> gpd.GeoDataFrame:
    """Return the units of a city.

    Parameters
    ----------
    kind
        ``district`` (those without a boundary too, whose values are then not supplied), ``zone``,
        ``renewal_unit`` (more than one project may lie in one), ``project`` (those with a boundary),
        ``catchment`` (a project with the land beside the streets that can be walked to from it), ``area``
        (the city, and what it has drawn: built-up area, central, main and old city, each county town and
        cluster), ``grid`` or ``hexagon`` (over the districts).
    side
        Of the cells of a grid, in metres.
    parameters
        How far people walk (``catchment``).

    Returns
    -------
    GeoDataFrame
        ``unit_code`` (unique), ``unit_name_zh``, ``unit_name_en``, ``position`` and the shape in the city's
        metric CRS. Districts carry the ``projects`` and the ``total_investment`` that count for them by the
        shares of the register, which hold where boundaries of projects are pending too.

    Raises
    ------
    InvalidInput
        There is no such kind of unit, or there would be too many cells.
    Conflict
        The city has no unit of this kind.
    BadParameter
        The side is not above zero.
    """
    require_kind(kind)
    if kind in GRIDS:
        found = _cells(kind, frames, side or 0.0)
    elif kind == "area":
        found = _areas(frames)
    else:
        found = _features(kind, frames)
    if kind == "catchment":
        found = found.set_geometry(_catchments(found, frames, parameters))
    found["position"] = np.arange(len(found))
    return found


def layer_of(kind: str) -> str:
    """Name the layer that the units come from."""
    return LAYERS.get(kind, "districts")


def _cells(kind: str, frames: Frames, side: float) -> gpd.GeoDataFrame:
    districts = _shaped("district", frames)
    count = float(districts.area.sum()) / side**2 if side > 0 else 0.0
    if count > MOST:
        raise InvalidInput(
            N_("There would be about {count:.0f} cells; {most} is the most."),
            remedy=N_("Choose a longer side."),
            count=count,
            most=MOST,
        )
    cells = GRIDS[kind](districts, side)
    named = {"unit_code": cells["code"], "unit_name_zh": None, "unit_name_en": None}
    return gpd.GeoDataFrame(named, geometry=cells.geometry, crs=cells.crs)


def _areas(frames: Frames) -> gpd.GeoDataFrame:
    """The city, and the areas in it that it has drawn."""
    city = ("city", CITY, _shaped("district", frames).geometry.union_all())
    codes_of, names, shapes = zip(city, *_drawn(frames), strict=True)
    named = {
        "unit_code": codes_of,
        "unit_name_zh": [name.zh for name in names],
        "unit_name_en": [name.en for name in names],
    }
    return gpd.GeoDataFrame(named, geometry=list(shapes), crs=frames["districts"].crs)


def _drawn(frames: Frames) -> Iterator[tuple[str, Term, BaseGeometry]]:
    """Code, name and shape: of most kinds of area all as one, of county towns and clusters each."""
    for kind in (*AREAS, *EACH) if "constraints" in frames else ():
        drawn = frames["constraints"][frames["constraints"]["kind"] == kind]
        if kind in EACH:
            yield from _each(kind, drawn)
        elif len(drawn):
            yield kind, codes.CONSTRAINT_KINDS[kind], drawn.geometry.union_all()


def _each(kind: str, drawn: gpd.GeoDataFrame) -> Iterator[tuple[str, Term, BaseGeometry]]:
    known = codes.CONSTRAINT_KINDS[kind]
    for number, (name, shape) in enumerate(zip(drawn["name"], drawn.geometry, strict=True), 1):
        numbered = Term(f"{known.zh}{number}", f"{known.en} {number}")
        yield f"{kind}:{number}", numbered if pd.isna(name) else Term(name, name), shape


def _catchments(projects: gpd.GeoDataFrame, frames: Frames, parameters: Parameters) -> gpd.GeoSeries:
    """Each project with the land beside the streets within the catchment on foot of its entrances."""
    if "streets" not in frames:
        raise Conflict(
            N_("The city has no streets to walk on."),
            remedy=N_("Import them: `gengxin import {layer}`."),
            layer="streets",
        )
    network = Ground(frames).network
    limits = [parameters.catchment]
    reached = [
        network.isochrone(shape, limits, max_snap=parameters.max_snap).geometry.iloc[0]
        for shape in projects.geometry
    ]
    beside = gpd.GeoSeries(reached, index=projects.index, crs=projects.crs)
    return projects.geometry.union(beside)


def _features(kind: str, frames: Frames) -> gpd.GeoDataFrame:
    frame = _shaped(kind, frames)
    if kind == "district":
        frame = frames["districts"].assign(**_by_share(frames))
    zh, en = NAMES[kind]
    named = {"unit_code": _codes(frame, kind), "unit_name_zh": frame[zh], "unit_name_en": frame[en]}
    named |= {name: frame[name] for name in COUNTED if name in frame}
    return gpd.GeoDataFrame(named, geometry=frame.geometry, crs=frame.crs).reset_index(drop=True)


def _by_share(frames: Frames) -> dict[str, Amounts]:
    """Sum the projects of each district, and their money, by the shares of the register."""
    if "project_districts" not in frames:
        return {}
    shares, count = frames["project_districts"], len(frames["districts"])
    money = frames["projects"]["total_investment"].to_numpy()[shares["project"]]
    parts = {"projects": shares["share"], "total_investment": shares["share"] * money}
    place = shares["district"].to_numpy()
    return {name: np.bincount(place, part, minlength=count).astype(float) for name, part in parts.items()}


def _shaped(kind: str, frames: Frames) -> gpd.GeoDataFrame:
    frame = frames.get(LAYERS[kind])
    if frame is not None and "kind" in frame:
        frame = frame[frame["kind"] == kind]
    shaped = None if frame is None else frame[frame.geometry.notna()]
    if shaped is None or shaped.empty:
        raise Conflict(
            N_("The city has no {kind} with a boundary."),
            remedy=N_("Import its boundaries: `gengxin import {layer}`."),
            kind=kind,
            layer=LAYERS[kind],
        )
    return shaped


def _codes(frame: gpd.GeoDataFrame, kind: str) -> pd.Series:
    """Return the features' own codes; one that is missing or given twice is told apart by its place."""
    codes = frame["code"].fillna(kind)
    unclear = frame["code"].isna() | codes.duplicated(keep=False)
    places = pd.Series(range(1, len(frame) + 1), index=frame.index).astype("str")
    return codes.mask(unclear, codes + "#" + places)
