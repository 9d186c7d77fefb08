"""Checks on the shapes of whole layers, and the form in which they are stored."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray
from shapely import GeometryType as Type
from shapely.geometry.base import BaseGeometry

from gis.errors import N_
from gis.misreading import likely_crs
from gis.problems import INVALID_SHAPES

Form = Literal["polygon", "line", "place", "any"]
Shapes = NDArray[np.object_]
Mask = NDArray[np.bool_]
POLYGONS = (Type.POLYGON, Type.MULTIPOLYGON)
TYPES: dict[str, tuple[Type, ...]] = {
    "polygon": POLYGONS,
    "line": (Type.LINESTRING,),
    "place": (*POLYGONS, Type.POINT),
    "any": (*POLYGONS, Type.POINT, Type.LINESTRING, Type.MULTILINESTRING, Type.MULTIPOINT),
}
TYPE_NAMES = {
    "polygon": "Polygon, MultiPolygon",
    "line": "LineString",
    "place": "Point, Polygon, MultiPolygon",
    "any": "Point, LineString, Polygon",
}
MEND = N_("Repair the geometry in the source; or import with --repair, or without it with --skip-faulty.")
CROSSING = N_("The geometry crosses or touches itself at ({x:.6f}, {y:.6f}).")
UNSOUND = N_("The geometry is invalid near ({x:.6f}, {y:.6f}): {reason}.")


class Fault(NamedTuple):
    """One sort of fault: the positions of the shapes that have it, how it is said, and values for each."""

    kind: str
    at: NDArray[np.intp]
    what: str
    remedy: str
    values: list[dict[str, Any]]
    whats: list[str] | None = None


def examine(shapes: Shapes, form: Form, broken: Mask, needed: bool = True) -> tuple[list[Fault], Mask]:
    """Name the faults of shapes (图形检查), at most one for each, and say which have none.

    Parameters
    ----------
    shapes
        Geometries in EPSG:4326; missing ones are None.
    form
        ``polygon``, ``line``, ``place`` (point or polygon) or ``any``.
    broken
        Shapes that could not be built from their coordinates.
    needed
        Whether a missing shape is a fault.
    """
    open_rows = np.ones(len(shapes), bool)
    missing = shapely.is_missing(shapes)
    faults = [
        _fault("broken_shape", broken, N_("The coordinates make no shape."), MEND),
        *([_fault("missing_shape", missing & ~broken, *_MISSING)] if needed else []),
        _fault("missing_shape", ~missing & shapely.is_empty(shapes), *_MISSING),
        _wrong_type(shapes, form),
        _not_finite(shapes),
        _no_length(shapes, form),
        _invalid(shapes, ~missing),
    ]
    found = []
    for fault in faults:
        first = open_rows[fault.at]
        open_rows[fault.at] = False
        found.append(_some(fault, first))
    return [fault for fault in found if len(fault.at)], open_rows


_MISSING = (
    N_("There is no geometry."),
    N_("Give it one in the source, or import without it with --skip-faulty."),
)


def _fault(kind: str, wrong: Mask, what: str, remedy: str, **values: Any) -> Fault:
    at = np.flatnonzero(wrong)
    columns = pd.DataFrame(values, index=at).to_dict("records") if values else [{} for _ in at]
    return Fault(kind, at, what, remedy, [{str(key): one for key, one in row.items()} for row in columns])


def _some(fault: Fault, chosen: Mask) -> Fault:
    values = [one for one, kept in zip(fault.values, chosen, strict=True) if kept]
    whats = (
        None if fault.whats is None else [one for one, kept in zip(fault.whats, chosen, strict=True) if kept]
    )
    return fault._replace(at=fault.at[chosen], values=values, whats=whats)


def _wrong_type(shapes: Shapes, form: Form) -> Fault:
    types = shapely.get_type_id(shapes)
    wrong = ~np.isin(types, [*map(int, TYPES[form]), -1])
    what = N_("It is a {type}, not one of: {allowed}.")
    remedy = N_("Export the layer with shapes of that type, or each part as a feature of its own.")
    names = [shape.geom_type for shape in shapes[wrong]]
    return _fault("wrong_type", wrong, what, remedy, type=names, allowed=TYPE_NAMES[form])


def _not_finite(shapes: Shapes) -> Fault:
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    bad = np.zeros(len(shapes), bool)
    bad[owner[~np.isfinite(coordinates).all(axis=1)]] = True
    return _fault("invalid_shape", bad, N_("Some coordinates are not numbers."), MEND)


def _no_length(shapes: Shapes, form: Form) -> Fault:
    flat = (form == "line") & (shapely.length(shapes) == 0)
    what, remedy = N_("The edge has no length."), N_("Remove it, or import without it with --skip-faulty.")
    return _fault("no_length", flat, what, remedy)


def _invalid(shapes: Shapes, given: Mask) -> Fault:
    wrong = given & ~shapely.is_valid(shapes)
    reasons = pd.Series(shapely.is_valid_reason(shapes[wrong]), dtype="str")
    parts = reasons.str.extract(r"^(?P<reason>[^\[]+)\[(?P<x>\S+) (?P<y>[^\]\s]+)")
    crossing = parts["reason"].str.contains("Self-intersection").fillna(False).astype(bool)
    whats = parts["reason"].map(INVALID_SHAPES).fillna(UNSOUND).mask(crossing, CROSSING).tolist()
    place = parts[["x", "y"]].astype(float)
    reason = parts["reason"].fillna(reasons).to_numpy()
    values = {"x": place["x"].to_numpy(), "y": place["y"].to_numpy(), "reason": reason}
    return _fault("invalid_shape", wrong, UNSOUND, MEND, **values)._replace(whats=whats)


def elsewhere(shapes: Shapes, metric_srid: int, outline: BaseGeometry | None) -> Fault:
    """Name the shapes outside the area in which the city's metric CRS is defined, and a likelier CRS."""
    use = pyproj.CRS(metric_srid).area_of_use
    if use is None:
        return _fault("elsewhere", np.zeros(len(shapes), bool), "", "")
    bounds = shapely.bounds(shapes)
    west, south, east, north = use.bounds
    x, y = (bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2
    away = ~((x >= west) & (x <= east) & (y >= south) & (y <= north)) & np.isfinite(x)
    place = shapely.box(*use.bounds) if outline is None else outline
    guess = likely_crs(x[away], y[away], place, metric_srid)
    likely = set(guess.remedy)
    remedy = N_("Check the city, and the coordinate system of the file (--crs).")
    remedy = likely.pop() or remedy if len(likely) == 1 else remedy
    what = N_("({x:.6g}, {y:.6g}) lies outside the area of the city's EPSG:{srid} ({area}).")
    values = {"x": x[away], "y": y[away], "srid": metric_srid, "area": use.name, "crs": guess.crs}
    return _fault("elsewhere", away, what, remedy, **values)


def repaired(shapes: Shapes, form: Form) -> tuple[Shapes, Mask]:
    """Make invalid polygons valid where an area is left of them (修复图形); says which were changed.

    The rings are kept as they were drawn (GEOS's ``structure`` method); what collapses to a line is dropped.
    """
    polygonal = np.isin(shapely.get_type_id(shapes), list(map(int, POLYGONS)))
    finite = np.isfinite(shapely.area(shapes))
    wrong = polygonal & finite & ~shapely.is_valid(shapes) & (form != "line")
    made = shapely.make_valid(shapes[wrong], method="structure", keep_collapsed=False)
    good = np.isin(shapely.get_type_id(made), list(map(int, POLYGONS))) & ~shapely.is_empty(made)
    mended = shapes.copy()
    changed = np.zeros(len(shapes), bool)
    changed[np.flatnonzero(wrong)[good]] = True
    mended[changed] = made[good]
    return mended, changed


def one_part(shapes: Shapes, form: Form) -> Shapes:
    """Join lines of several parts that follow each other, and unwrap points and lines of a single part."""
    types = shapely.get_type_id(shapes)
    if form == "line":
        several = types == Type.MULTILINESTRING
        joined = shapes.copy()
        joined[several] = shapely.line_merge(shapes[several])
        return joined
    single = (types == Type.MULTIPOINT) & (shapely.get_num_geometries(shapes) == 1)
    unwrapped = shapes.copy()
    unwrapped[single] = shapely.get_geometry(shapes[single], 0)
    return unwrapped
