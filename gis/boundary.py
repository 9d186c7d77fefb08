"""Checks on project boundaries (边界) that people draw or upload: nothing is repaired, all is reported."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame, GeoSeries
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from gis.errors import N_, BadParameter, MissingCRS, NotAPolygon, WrongCRS
from gis.measure import metric_crs
from gis.misreading import likely_crs, likely_datum
from gis.problems import INVALID_SHAPES, WORDINGS, Problem

POLYGON, MULTIPOLYGON = 3, 6


@dataclass(frozen=True)
class Limits:
    """What is still a boundary.

    Attributes
    ----------
    minimum_area_m2
        A polygon below it has no area, and a part outside the city below it is a matter of rounding.
    minimum_overlap_m2
        Neighbours that share an edge overlap by less than this.
    max_vertices
        Of one boundary, over all its rings.
    """

    minimum_area_m2: float = 1.0
    minimum_overlap_m2: float = 1.0
    max_vertices: int = 100_000


@dataclass(frozen=True)
class _Place:
    """What boundaries are checked against."""

    outline: BaseGeometry
    metric_srid: int
    limits: Limits

    @cached_property
    def crs(self) -> CRS:
        return metric_crs(self.metric_srid)

    def metric(self, shapes: GeoSeries) -> GeoSeries:
        with np.errstate(invalid="ignore"):
            return shapes.to_crs(self.crs)


_Check = Callable[[GeoSeries, _Place], list[Problem]]


def check_boundaries(
    candidates: GeoDataFrame,
    city_outline: BaseGeometry | None,
    others: GeoDataFrame | None,
    metric_srid: int,
    limits: Limits = Limits(),
) -> list[Problem]:
    """What is wrong with, or worth knowing about, each project boundary (边界检查).

    Parameters
    ----------
    candidates
        Boundaries in EPSG:4326 with a unique index; a ``code`` column, where there is one, names the project.
    city_outline
        Polygon or multipolygon in EPSG:4326; None where the city has no boundary yet, and then nothing is
        said about inside and outside.
    others
        Boundaries already stored, EPSG:4326, with a ``code`` column. Those of the candidates' own codes are
        skipped: they are about to be replaced.
    metric_srid
        EPSG number of the city's projected CRS in metres.
    limits
        Least area, least overlap, most vertices.

    Returns
    -------
    list of Problem
        In the order of the candidates. A boundary without an ``error`` can be stored through
        ``as_multipolygon``. Holes and several parts are allowed.

    Raises
    ------
    MissingCRS, WrongCRS
        A frame is not in EPSG:4326.
    GeographicCRS
        ``metric_srid`` is not projected in metres.

    Notes
    -----
    A boundary wholly outside the city is an error; one that crosses the edge a warning, because published
    city outlines are generalised. The checks run from form to place, and the first error of a boundary ends
    its checks: a shape that is not finite has no area.
    """
    _require_wgs84(candidates)
    if not candidates.index.is_unique:
        raise BadParameter(N_("The boundaries need a unique index."))
    place = _Place(shapely.Polygon() if city_outline is None else city_outline, metric_srid, limits)
    problems, sound = _form_problems(candidates.geometry, place)
    if city_outline is not None:
        problems += _outside_city(sound, place)
    problems += _overlapping(sound, _codes(candidates).loc[sound.index], others, place)
    order = {row: position for position, row in enumerate(candidates.index)}
    return sorted(problems, key=lambda problem: order[problem.row])


def as_multipolygon(geometry: GeoSeries) -> GeoSeries:
    """Every polygon as a two-dimensional multipolygon, the form in which boundaries are stored.

    Parameters
    ----------
    geometry
        Polygons and multipolygons in any CRS; missing ones stay missing, empty ones stay empty.

    Returns
    -------
    GeoSeries
        Same index and CRS; Z and M dropped, coordinates untouched.

    Raises
    ------
    NotAPolygon
        A geometry is of another type.
    """
    shapes = geometry.to_numpy()
    types = shapely.get_type_id(shapes)
    other = ~np.isin(types, (POLYGON, MULTIPOLYGON, -1))
    if other.any():
        raise NotAPolygon(
            WORDINGS["not_a_polygon"].what,
            remedy=WORDINGS["not_a_polygon"].remedy,
            type=geometry.geom_type[other].iloc[0],
        )
    parts, owner = shapely.get_parts(shapely.force_2d(shapes), return_index=True)
    multi = np.full(len(shapes), shapely.MultiPolygon(), object)
    multi[types == -1] = None
    real = ~shapely.is_empty(parts)
    shapely.multipolygons(parts[real], indices=owner[real], out=multi)
    return GeoSeries(multi, index=geometry.index, crs=geometry.crs)


def _form_problems(shapes: GeoSeries, place: _Place) -> tuple[list[Problem], GeoSeries]:
    """The problems of form, and the boundaries that have no error of form."""
    checks: tuple[_Check, ...] = (
        _empty, _not_a_polygon, _not_finite, _too_many_vertices, _wrong_crs, _zero_area, _invalid,
    )  # fmt: skip
    problems: list[Problem] = []
    for check in checks:
        found = check(shapes, place)
        problems += found
        shapes = shapes.drop([problem.row for problem in found])
    return problems + _height_dropped(shapes), shapes


def _problems(kind: str, rows: Iterable[Hashable], **columns: Iterable[Any]) -> list[Problem]:
    """One problem a row; ``columns`` give the values, and may give ``what`` and ``remedy``."""
    wording = WORDINGS[kind]
    table = pd.DataFrame({"row": list(rows), **columns}, dtype=object).to_dict("records")
    return [
        Problem(
            values.pop("row"),
            kind,
            wording.severity,
            values.pop("what", wording.what),
            values.pop("remedy", wording.remedy),
            {str(name): value for name, value in values.items()},
        )
        for values in table
    ]


def _empty(shapes: GeoSeries, _: _Place) -> list[Problem]:
    return _problems("empty", shapes.index[shapes.isna() | shapes.is_empty])


def _not_a_polygon(shapes: GeoSeries, _: _Place) -> list[Problem]:
    other = ~np.isin(shapely.get_type_id(shapes.to_numpy()), (POLYGON, MULTIPOLYGON))
    return _problems("not_a_polygon", shapes.index[other], type=shapes.geom_type[other])


def _not_finite(shapes: GeoSeries, _: _Place) -> list[Problem]:
    coordinates, owner = shapely.get_coordinates(shapes.to_numpy(), return_index=True)
    count = np.bincount(owner[~np.isfinite(coordinates).all(axis=1)], minlength=len(shapes))
    return _problems("not_finite", shapes.index[count > 0], count=count[count > 0])


def _too_many_vertices(shapes: GeoSeries, place: _Place) -> list[Problem]:
    count = shapely.get_num_coordinates(shapes.to_numpy())
    over = count > place.limits.max_vertices
    limit = [place.limits.max_vertices] * int(over.sum())
    return _problems("too_many_vertices", shapes.index[over], count=count[over], limit=limit)


def _wrong_crs(shapes: GeoSeries, place: _Place) -> list[Problem]:
    bounds = shapes.bounds.to_numpy()
    beyond = (bounds < (-180, -90, -180, -90)).any(axis=1) | (bounds > (180, 90, 180, 90)).any(axis=1)
    x, y = (bounds[:, :2] + bounds[:, 2:]).T / 2
    guess = likely_crs(x, y, place.outline, place.metric_srid)
    remedy = guess.remedy_or(WORDINGS["wrong_crs"].remedy)
    wrong = beyond | (guess.remedy != "")
    return _problems(
        "wrong_crs", shapes.index[wrong], x=x[wrong], y=y[wrong], remedy=remedy[wrong], crs=guess.crs[wrong]
    )


def _zero_area(shapes: GeoSeries, place: _Place) -> list[Problem]:
    """A bow-tie may have an area of zero without being thin: it is left to the check for self-crossing."""
    flat = place.metric(shapes)
    with np.errstate(invalid="ignore"):
        hull, area = flat.convex_hull.area, flat.area
    minimum = place.limits.minimum_area_m2
    thin = (hull < minimum) | (flat.is_valid & (area < minimum))
    return _problems(
        "zero_area", shapes.index[thin], area_m2=area[thin], minimum_m2=[minimum] * int(thin.sum())
    )


def _invalid(shapes: GeoSeries, _: _Place) -> list[Problem]:
    faults = shapes.is_valid_reason()[~shapes.is_valid]
    reasons = faults.str.extract(r"^(?P<reason>[^\[]+)\[(?P<x>\S+) (?P<y>[^\]\s]+)")
    reasons[["x", "y"]] = reasons[["x", "y"]].astype(float)
    crossing = reasons["reason"].str.contains("Self-intersection")
    others = reasons[~crossing]
    what = others["reason"].map(INVALID_SHAPES).fillna(WORDINGS["invalid_shape"].what)
    return _problems(
        "self_crossing", reasons.index[crossing], x=reasons.x[crossing], y=reasons.y[crossing]
    ) + _problems("invalid_shape", others.index, what=what, x=others.x, y=others.y)


def _height_dropped(shapes: GeoSeries) -> list[Problem]:
    return _problems("height_dropped", shapes.index[shapes.has_z | shapely.has_m(shapes.to_numpy())])


def _outside_city(shapes: GeoSeries, place: _Place) -> list[Problem]:
    shapely.prepare(place.outline)
    crossing = _only(shapes, ~shapely.covers(place.outline, shapes.to_numpy()))
    apart = ~shapely.intersects(place.outline, crossing.to_numpy())
    outside = _only(crossing, apart)
    guess = likely_datum(outside, place.outline, shapely.intersects)
    remedy = guess.remedy_or(WORDINGS["outside_city"].remedy)
    return _problems("outside_city", outside.index, remedy=remedy, crs=guess.crs) + _partly_outside(
        _only(crossing, ~apart), place
    )


def _partly_outside(shapes: GeoSeries, place: _Place) -> list[Problem]:
    flat = place.metric(shapes)
    city = place.metric(GeoSeries([place.outline], crs=4326)).iloc[0]
    outside = flat.difference(city).area
    over = outside >= place.limits.minimum_area_m2
    guess = likely_datum(_only(shapes, over.to_numpy()), place.outline, shapely.covers)
    return _problems(
        "partly_outside_city",
        shapes.index[over],
        area_m2=outside[over],
        share=(outside / flat.area)[over],
        remedy=guess.remedy_or(WORDINGS["partly_outside_city"].remedy),
        crs=guess.crs,
    )


def _overlapping(
    shapes: GeoSeries, codes: pd.Series[Any], others: GeoDataFrame | None, place: _Place
) -> list[Problem]:
    """Overlaps among the candidates, told to both, and with the stored boundaries."""
    pool, pool_codes = shapes, codes
    if others is not None:
        _require_wgs84(others)
        stored = others[others.geometry.is_valid & ~others.geometry.is_empty]
        pool = GeoSeries(pd.concat([shapes, stored.geometry]))
        pool_codes = pd.concat([codes, _codes(stored)])
    mine, theirs = pool.sindex.query(shapes, predicate="intersects")
    own, other = codes.to_numpy()[mine], pool_codes.to_numpy()[theirs]
    foreign = own != other
    mine, theirs, other = mine[foreign], theirs[foreign], other[foreign]
    flat, other_flat = (place.metric(pool.iloc[rows]).to_numpy() for rows in (mine, theirs))
    area: NDArray[np.float64] = shapely.area(shapely.intersection(flat, other_flat))
    large = area >= place.limits.minimum_overlap_m2
    return _problems("overlapping", shapes.index[mine[large]], other=other[large], area_m2=area[large])


def _codes(frame: GeoDataFrame) -> pd.Series[Any]:
    """The project codes; without a code a boundary goes by its index label."""
    labels = frame.index.to_series()
    return frame["code"].where(frame["code"].notna(), labels) if "code" in frame else labels


def _only(shapes: GeoSeries, chosen: NDArray[np.bool_]) -> GeoSeries:
    return GeoSeries(shapes.loc[chosen])


def _require_wgs84(frame: GeoDataFrame) -> None:
    if frame.crs is None:
        raise MissingCRS(
            N_("The data do not say which coordinate system they are in."),
            remedy=N_("Name it, for example EPSG:4547, GCJ02 or BD09."),
        )
    if frame.crs.to_epsg() != 4326:
        raise WrongCRS(
            N_("Boundaries are checked in EPSG:4326, not in {crs}."),
            remedy=N_("Convert them with to_wgs84 first."),
            crs=frame.crs.to_string(),
        )
