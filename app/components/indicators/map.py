"""The map of an indicator: units filled by class, their names, and a legend that says the same."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any
from urllib.parse import urlencode

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from dash import html
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from app import format as write
from app.components.district_map import city_map, short_name, text_layer
from app.components.indicators.parts import parts_words
from app.components.indicators.told import told_box
from app.components.indicators.words import (
    Write,
    figure_writer,
    picture_name,
    run_name,
    unit_of,
    unknown_words,
    verdict_words,
)
from app.components.legend import alike, how_classed, ranges
from app.components.map.classes import sequence_of, unknown_colour
from app.components.palette import INK, LINE, MUTED, colour, readable_on, rgba
from app.components.shell import empty_state
from app.components.view import View, database
from app.i18n import gettext as _
from app.i18n import language
from app.reader import theme
from app.services.indicators.hatching import hatching_of
from app.services.indicators.page import (
    Classed,
    Page,
    Picture,
    bounds_of,
    class_of_units,
    classes_of,
    shapes_of,
)
from app.terms import localised
from gis.classify import Classes, classify
from gis.overlap import united

MOST_NAMES, MOST_OUTLINED = 40, 2000
ALONE, BESIDE = (620.0, 420.0), (600.0, 330.0)
"""Width and height in pixels of a map that stands alone, and of one of two, on a small screen."""
PADDING, TALL, LAST_NARROW = 24, 16, 0x2E7F
TIP = {"html": "<b>{name}</b><br>{value}<br>{parts}<br>{verdict}", "style": {"fontSize": "12px"}}


def indicator_map(current: View, page: Page, which: int = 1) -> Any:
    """Lay out the map of the first or of the second picture of a page, with its legend."""
    picture = page.first if which == 1 else page.second
    if picture is None:
        return None
    bounds = bounds_of(database(), picture.asked.run)
    if bounds is None:
        return html.Section(empty_state(_("No unit has a boundary yet.")), className="map-box")
    label = _("Map of {indicator}; the table says the same").format(indicator=picture_name(picture))
    layers = [_fills(current, page, picture, which), *_hatching(picture), *_names(page, picture)]
    drawn = city_map(f"indicator-map-{which}", layers, bounds, tooltip=TIP, enable_events=["click"])
    title = html.Div(_side(page, picture, which), className="map-title") if page.second else None
    return html.Section(
        [drawn, title, told_box(picture, which), legend(page, picture)],
        className="map-box",
        role="group",
        **{"aria-label": label},
    )


def _side(page: Page, picture: Picture, which: int) -> str:
    """Name a side of a comparison; by its run too where that is what differs."""
    parts = ["AB"[which - 1], picture_name(picture)]
    runs = {one.asked.run for one in (page.first, page.second) if one}
    return " · ".join([*parts, *([run_name(picture.run)] if len(runs) > 1 else [])])


def _fills(current: View, page: Page, picture: Picture, which: int) -> dict[str, Any]:
    asked = page.params | {"which": str(which), "look": theme(), "lang": language()}
    few = len(picture.table) <= MOST_NAMES
    return {
        "@@type": "GeoJsonLayer",
        "id": "units",
        "data": f"/api/v1/cities/{current.slug}/indicators.geojson?{urlencode(asked)}",
        "getFillColor": "@@=properties.fill",
        "getLineColor": rgba(colour(LINE), 255 if few else 130),
        "lineWidthMinPixels": 1.2 if few else 1,
        "stroked": len(picture.table) <= MOST_OUTLINED,
        "pickable": True,
        "autoHighlight": True,
        "highlightColor": rgba(colour(INK), 40),
    }


def _hatching(picture: Picture) -> list[dict[str, Any]]:
    """Hatch the units whose value is not known."""
    lines = hatching_of(database(), picture)
    look = {"getLineColor": rgba(colour(MUTED), 170), "getLineWidth": 1, "lineWidthUnits": "pixels"}
    layer = {"@@type": "GeoJsonLayer", "id": "unknown", "data": lines, "pickable": False, **look}
    return [layer] if lines else []


def _names(page: Page, picture: Picture) -> list[dict[str, Any]]:
    """Write the names of few units on them, those of the largest first, where they do not touch another."""
    named = localised("unit_name")
    if len(picture.table) > MOST_NAMES or not picture.table[named].notna().any():
        return []
    units = painted(page, picture, shapes_of(database(), picture.asked.run))
    placed = units[units.geometry.notna()]
    points = gpd.GeoSeries(in_sight(placed.geometry.to_numpy())).representative_point()
    names = [short_name(name) for name in placed["name"]]
    box = BESIDE if page.second else ALONE
    kept = fitting(points.get_coordinates().to_numpy(), names, placed.total_bounds.tolist(), box)
    labels = [
        {"position": [round(x, 5), round(y, 5)], "text": name, "color": readable_on(fill), "fill": fill}
        for x, y, name, fill, fits in zip(points.x, points.y, names, placed["fill"], kept, strict=True)
        if fits
    ]
    plate = {"background": True, "getBackgroundColor": "@@=fill", "backgroundPadding": [3, 1]}
    return [text_layer("unit-names", labels, getColor="@@=color", outlineWidth=0, **plate)]


def fitting(
    places: NDArray[np.float64], names: Sequence[str], bounds: Sequence[float], box: tuple[float, float]
) -> list[bool]:
    """Say which of some names can be written at places so that none touches one before it.

    Parameters
    ----------
    places
        Longitude and latitude of the middle of each name.
    bounds
        West, south, east, north of what the map shows, in degrees.
    box
        Width and height of the map in pixels.
    """
    least, most = _mercator(np.reshape(bounds, (2, 2)))
    scale = float(np.min((np.asarray(box) - 2 * PADDING) / np.maximum(most - least, 1e-9)))
    middles = _mercator(places) * scale
    halves = np.array([[sum(map(_wide, name)) / 2, TALL / 2] for name in names])
    kept: list[bool] = []
    for middle, half in zip(middles, halves, strict=True):
        apart = (np.abs(middles[: len(kept)] - middle) >= halves[: len(kept)] + half).any(axis=1)
        kept.append(bool((apart | ~np.array(kept, dtype=bool)).all()))
    return kept


def _mercator(places: NDArray[np.float64]) -> NDArray[np.float64]:
    lon, lat = np.radians(places).T
    return np.column_stack([lon, np.arcsinh(np.tan(lat))])


def _wide(letter: str) -> float:
    """Return the width of a letter in pixels: a Chinese one is as wide as it is tall."""
    return 12.0 if ord(letter) > LAST_NARROW else 7.2


def in_sight(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return what is seen of polygons drawn one over the other; one that is hidden whole is given whole."""
    valid = shapely.make_valid(shapes)
    nothing: BaseGeometry = shapely.Polygon()
    above = list(accumulate(valid[:0:-1], shapely.union, initial=nothing))[::-1]
    seen: NDArray[np.object_] = shapely.difference(valid, above)
    return np.where(shapely.area(seen) > 0, seen, shapes)


def legend(page: Page, picture: Picture) -> Any:
    """Lay out the classes that a map's colours stand for, how many units each has, and what is not known."""
    classed = shared_classes(page, picture)
    classes = classed.classes
    index = class_of_units(picture, classes)
    counts = index.value_counts()
    written = figure_writer(picture)
    edges = edges_of(classed, written)
    rows = [
        _row(tint, words, int(counts.get(place, 0)))
        for place, (tint, words) in enumerate(zip(colours(classes), edges, strict=True))
    ]
    if unknown := int(index.isna().sum()):
        rows.append(_row(unknown_colour(), _unknown(picture), unknown, "swatch hatched"))
    title = f"{picture_name(picture)} {_bracketed(unit_of(picture.indicator))}".strip()
    how = html.Div(how_classed(*classed), className="how")
    return html.Div([html.Div(title, className="title"), *rows, how], className="legend")


def _bracketed(unit: str) -> str:
    return f"({unit})" if unit else ""


def _unknown(picture: Picture) -> str:
    """Name what is not known by its reasons."""
    reasons = [unknown_words(name) for name in picture.missing]
    return reasons[0] if len(reasons) == 1 else _("no value")


def _row(tint: str, words: str, number: int, kind: str = "swatch") -> Any:
    return html.Div(
        [
            html.Span(className=kind, style={"backgroundColor": tint}),
            html.Span(words),
            html.Span(number, className="count", title=_("units in this class")),
        ],
        className="class",
    )


def colours(classes: Classes) -> list[str]:
    """Return a colour for each class, pale to strong."""
    return sequence_of(max(classes.k, 1))[: classes.k]


def edges_of(classed: Classed, written: Write) -> list[str]:
    """Write the least and the greatest value of each class."""
    pairs = [(written(low), written(high)) for low, high in ranges(*classed)]
    return [low if low == high else f"{low} – {high}" for low, high in pairs]


def shared_classes(page: Page, picture: Picture) -> Classed:
    """Return the classes of a picture, which the other one on the page shares if it is the same indicator."""
    classed = classes_of(picture, page.second if picture is page.first else page.first)
    return classed._replace(classes=classify(classed.values, k=1)) if alike(classed.values) else classed


def painted(page: Page, picture: Picture, units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return units with ``fill``, and with a tooltip's texts: ``name``, ``value``, ``parts``, ``verdict``.

    The largest come first, so that none hides a smaller one that lies in it.
    """
    classed = shared_classes(page, picture)
    classes = classed.classes
    index = class_of_units(picture, classes)
    tints = [rgba(tint) for tint in colours(classes)]
    unknown = rgba(unknown_colour())
    rows, write_value = picture.table, figure_writer(picture)
    unit = unit_of(picture.indicator)
    told = rows[localised("unit_name")].fillna(rows["unit_code"])
    found = units.loc[rows["unit_code"], ["geometry"]].assign(
        fill=pd.Series([unknown if pd.isna(i) else tints[int(i)] for i in index], dtype=object).to_numpy(),
        name=told.to_numpy(),
        value=[
            f"{write_value(value)} {unit}" if pd.notna(value) else _lacking(missing)
            for value, missing in zip(rows["value"], rows["missing"], strict=True)
        ],
        parts=parts_words(picture),
        verdict=verdict_words(picture),
    )
    return found.iloc[np.argsort(-shapely.area(found.geometry.to_numpy()), kind="stable")]


def merged(page: Page, picture: Picture, units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the land of each class in one piece: too many units for a page to draw one by one."""
    classed = shared_classes(page, picture)
    classes = classed.classes
    index = class_of_units(picture, classes).fillna(-1).to_numpy(int)
    edges = edges_of(classed, figure_writer(picture))
    tints = [rgba(tint) for tint in colours(classes)]
    shapes = units.loc[picture.table["unit_code"], "geometry"].to_numpy()
    held = np.unique(index)
    unit = unit_of(picture.indicator)
    counts = [_("{count} units").format(count=write.count(int((index == one).sum()))) for one in held]
    return gpd.GeoDataFrame(
        {
            "fill": pd.Series([rgba(unknown_colour()) if i < 0 else tints[i] for i in held], dtype=object),
            "name": [_unknown(picture) if i < 0 else f"{edges[i]} {unit}".strip() for i in held],
            "value": counts,
            "parts": "",
            "verdict": "",
        },
        geometry=[united(shapes[index == one]) for one in held],
        crs=units.crs,
    )


def _lacking(missing: str | None) -> str:
    return unknown_words(missing) if missing else write.not_supplied()
