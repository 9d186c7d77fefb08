"""A map of the city's districts: fills by class, names, bubbles for what has no place yet."""

from __future__ import annotations

import json
import re
from typing import Any

import geopandas as gpd
import shapely
from deckgl_dash import DeckGL
from deckgl_dash.maplibre import MapLibreConfig

from app.components.map.basemap import ground_style
from app.components.palette import GROUND, INK, LINE, colour, readable_on, rgba
from data.indicator_codes import UNIT_KINDS

SIMPLIFY_DEGREES = 0.0006
RENEWAL_UNIT = UNIT_KINDS["renewal_unit"]
KIND = re.compile(rf"(?<=.)( (District|County|City|{RENEWAL_UNIT.en})|{RENEWAL_UNIT.zh[:4]})$", re.IGNORECASE)
"""The word for a unit's kind at the end of its name."""
FONT = "system-ui, 'Noto Sans CJK SC', 'Noto Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"


def simplified(polygons: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Thin neighbouring polygons together for small scales, so that no gap opens between them."""
    thinned = shapely.coverage_simplify(polygons.geometry.to_numpy(), SIMPLIFY_DEGREES)
    return polygons.set_geometry(gpd.GeoSeries(thinned, index=polygons.index, crs=polygons.crs))


def feature_collection(frame: gpd.GeoDataFrame) -> dict[str, Any]:
    """Return a frame as GeoJSON with six decimals (about 0.1 m)."""
    rounded = frame.set_geometry(shapely.set_precision(frame.geometry.to_numpy(), 1e-6, mode="pointwise"))
    collection: dict[str, Any] = json.loads(rounded.to_json(drop_id=True))
    return collection


def bounds_of(frame: gpd.GeoDataFrame) -> tuple[float, float, float, float]:
    """Return west, south, east and north of a frame in its own units."""
    west, south, east, north = (float(edge) for edge in frame.total_bounds)
    return west, south, east, north


def short_name(name: str) -> str:
    """Return a unit's name as a map label: without the word for its kind."""
    return KIND.sub("", name)


def district_layers(districts: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Return the layers of district fills and names.

    Parameters
    ----------
    districts
        Polygons in EPSG:4326 with ``fill`` ([r, g, b, a]) and ``label`` (text).
    """
    points = districts.geometry.representative_point()
    labels = [
        {"position": [round(x, 5), round(y, 5)], "text": text, "color": readable_on(fill)}
        for x, y, text, fill in zip(points.x, points.y, districts["label"], districts["fill"], strict=True)
    ]
    return [
        {
            "@@type": "GeoJsonLayer",
            "id": "districts",
            "data": feature_collection(districts),
            "getFillColor": "@@=properties.fill",
            "getLineColor": rgba(colour(LINE)),
            "lineWidthMinPixels": 1.2,
            "pickable": True,
            "autoHighlight": True,
            "highlightColor": rgba(colour(INK), 40),
        },
        text_layer("district-names", labels, getColor="@@=color", outlineWidth=0),
    ]


def text_layer(name: str, labels: list[dict[str, Any]], **options: Any) -> dict[str, Any]:
    """Return a layer of texts with a halo, drawn with the reader's own fonts."""
    return {
        "@@type": "TextLayer",
        "id": name,
        "data": labels,
        "getPosition": "@@=position",
        "getText": "@@=text",
        "getSize": 12,
        "getColor": rgba(colour(INK)),
        "characterSet": sorted({letter for label in labels for letter in label["text"]}),
        "fontFamily": FONT,
        "fontWeight": 600,
        "fontSettings": {"sdf": True, "fontSize": 48, "radius": 16, "buffer": 10, "smoothing": 0.2},
        "outlineWidth": 5,
        "outlineColor": rgba(colour(GROUND), 235),
        "pickable": False,
    } | options


def city_map(
    name: str, layers: list[dict[str, Any]], bounds: tuple[float, float, float, float], **options: Any
) -> DeckGL:
    """Return a map that shows these bounds (west, south, east, north; degrees)."""
    west, south, east, north = bounds
    return DeckGL(
        id=name,
        layers=layers,
        initial_view_state={"longitude": (west + east) / 2, "latitude": (south + north) / 2, "zoom": 8.5},
        maplibre_config=MapLibreConfig(
            style=ground_style(),
            interleaved=True,
            map_options={
                "bounds": [[west, south], [east, north]],
                "fitBoundsOptions": {"padding": 24},
                "canvasContextAttributes": {"preserveDrawingBuffer": True},
                "dragRotate": False,
            },
        ).to_dict(),
        **{"style": {"width": "100%", "height": "100%"}, "tooltip": True} | options,
    )
