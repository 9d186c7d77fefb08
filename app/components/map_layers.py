"""The layers of the map: districts, project boundaries, and one bubble a district for what has no place."""

from __future__ import annotations

import math
from typing import Any

import geopandas as gpd
import pandas as pd
from deckgl_dash import DeckGL
from deckgl_dash.maplibre import MapLibreConfig

from app.components.district_map import feature_collection, map_style, short_name, simplified, text_layer
from app.components.map_state import Clicked, hidden, layer_url, opacity
from app.components.palette import ACCENT, GROUND, INK, MUTED, PRIMARY, colour, rgba
from app.components.view import View
from app.i18n import gettext as _
from app.i18n import language
from app.services.map_view import Chosen, MapView

LARGEST_RADIUS = 27
SMALLEST_RADIUS = 9
TOLERANCE_METRES = "0.5"
DRAWN: dict[str, Any] = {
    "surveyed": {"role": PRIMARY, "fill": 90, "line": 2.4},
    "drafted": {"role": ACCENT, "fill": 40, "line": 1.3},
}
OUTLINE: dict[str, Any] = {
    "@@type": "GeoJsonLayer",
    "filled": False,
    "lineWidthMinPixels": 3,
    "pickable": False,
}
SKETCH: dict[str, Any] = {
    "@@type": "GeoJsonLayer",
    "id": "sketch",
    "data": [],
    "getFillColor": "@@=properties.fill",
    "getLineColor": "@@=properties.line",
    "lineWidthMinPixels": 2,
    "getPointRadius": "@@=properties.radius",
    "pointRadiusUnits": "pixels",
    "pickable": False,
}
TIP_STYLE = {"fontSize": "12px", "maxWidth": "320px", "padding": "5px 8px"}


def the_map(polygons: gpd.GeoDataFrame) -> DeckGL:
    """Return the map without its layers; the browser adds the view that the address or the city asks for."""
    return DeckGL(
        id="map",
        layers=[],
        layer_data=_district_data(polygons),
        enable_events=["viewStateChange"],
        tooltip={
            "layers": {
                **{name: {"html": "<b>{code}</b> {name}", "style": TIP_STYLE} for name in DRAWN},
                "pending": {"html": "{tip}", "style": TIP_STYLE},
            },
        },
        style={"width": "100%", "height": "100%"},
        maplibre_config=MapLibreConfig(
            style=map_style(),
            interleaved=True,
            attribution_control=False,
            map_options={
                "canvasContextAttributes": {"preserveDrawingBuffer": True},
                "dragRotate": False,
                "touchPitch": False,
                "maxPitch": 0,
                "pitchWithRotate": False,
                "maxZoom": 20,
            },
        ).to_dict(),
    )


def drawing_style() -> dict[str, Any]:
    """Return the look of what is being drawn or measured, in the reader's theme."""
    return {
        "fill": rgba(colour(ACCENT), 70),
        "line": rgba(colour(ACCENT)),
        "corner": rgba(colour(INK)),
        "middle": rgba(colour(GROUND)),
        "halo": rgba(colour(GROUND)),
    }


def _district_data(polygons: gpd.GeoDataFrame) -> dict[str, Any]:
    if polygons.empty:
        return {}
    return {"districts": feature_collection(simplified(polygons[["code", "boundary"]]))}


def map_layers(
    current: View,
    shown: MapView,
    chosen: Chosen | None,
    place: Clicked | None,
    whole: gpd.GeoDataFrame | None,
) -> list[dict[str, Any]]:
    """Return the layers for an address, bottom first.

    Parameters
    ----------
    whole
        Polygons of the districts of a chosen project that has no boundary of its own.
    """
    return [
        _districts(current),
        *[_boundaries(current, shown, status) for status in DRAWN if _asked(current, status)],
        *_chosen(current, shown, chosen, whole),
        OUTLINE | {"id": "pointed", "data": [], "getLineColor": rgba(colour(ACCENT))},
        *_bubbles(current, shown.districts),
        *_marker(place),
        SKETCH,
    ]


def _asked(current: View, status: str) -> bool:
    return not current.filter.boundary or status in current.filter.boundary


def _switch(current: View, layer: str) -> dict[str, Any]:
    return {"visible": layer not in hidden(current), "opacity": opacity(current, layer) / 100}


def _districts(current: View) -> dict[str, Any]:
    return {
        "@@type": "GeoJsonLayer",
        "id": "districts",
        "getFillColor": rgba(colour(MUTED), 22),
        "getLineColor": rgba(colour(MUTED), 190),
        "lineWidthMinPixels": 1.1,
        **_switch(current, "districts"),
    }


def _boundaries(current: View, shown: MapView, status: str) -> dict[str, Any]:
    look = DRAWN[status]
    params = {"boundary": status, "tolerance": TOLERANCE_METRES, "rev": str(shown.revision)}
    return {
        "@@type": "GeoJsonLayer",
        "id": status,
        "data": layer_url(current, **params),
        "getFillColor": rgba(colour(look["role"]), look["fill"]),
        "getLineColor": rgba(colour(look["role"])),
        "lineWidthMinPixels": look["line"],
        "pickable": True,
        "autoHighlight": True,
        "highlightColor": rgba(colour(look["role"]), 120),
        **_switch(current, status),
    }


def _chosen(
    current: View, shown: MapView, chosen: Chosen | None, whole: gpd.GeoDataFrame | None
) -> list[dict[str, Any]]:
    outline = OUTLINE | {"id": "chosen", "getLineColor": rgba(colour(INK))}
    if chosen is None:
        return []
    if chosen.located:
        url = layer_url(View(current.city, {}), code=chosen.project["code"], rev=str(shown.revision))
        return [outline | {"data": url}]
    if whole is None or whole.empty:
        return []
    return [outline | {"id": "chosen-districts", "data": feature_collection(simplified(whole))}]


def _bubbles(current: View, districts: pd.DataFrame) -> list[dict[str, Any]]:
    placed = districts[districts["lon"].notna()]
    most = max(int(districts["pending"].max()), 1) if len(districts) else 1
    bubbles = [_bubble(row, most) for row in placed[placed["pending"] > 0].itertuples()]
    radii = {bubble["code"]: bubble["radius"] for bubble in bubbles}
    names = [_name(row, radii.get(row.code, 0)) for row in placed.itertuples()]
    switch = _switch(current, "pending")
    return [
        {
            "@@type": "ScatterplotLayer",
            "id": "pending",
            "data": bubbles,
            "getPosition": "@@=position",
            "getRadius": "@@=radius",
            "radiusUnits": "pixels",
            "getFillColor": rgba(colour(INK), 205),
            "getLineColor": rgba(colour(GROUND)),
            "stroked": True,
            "lineWidthUnits": "pixels",
            "getLineWidth": 1.5,
            "pickable": True,
            **switch,
        },
        text_layer("pending-counts", bubbles, getColor=rgba(colour(GROUND)), outlineWidth=0, **switch),
        text_layer(
            "district-names", names, getPixelOffset="@@=offset", visible="districts" not in hidden(current)
        ),
    ]


def _bubble(row: Any, most: int) -> dict[str, Any]:
    tip = _("{district}: {count} projects without boundary, shown at their district")
    return {
        "code": row.code,
        "position": [round(row.lon, 5), round(row.lat, 5)],
        "radius": round(max(LARGEST_RADIUS * math.sqrt(row.pending / most), SMALLEST_RADIUS), 1),
        "text": str(row.pending),
        "tip": tip.format(district=_safe(_local(row)), count=row.pending),
    }


def _safe(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _name(row: Any, radius: float) -> dict[str, Any]:
    position = [round(row.lon, 5), round(row.lat, 5)]
    return {
        "position": position,
        "text": short_name(_local(row)),
        "offset": [0, -(radius + 10) if radius else 0],
    }


def _local(row: Any) -> str:
    return str(row.name_zh if language() == "zh_CN" else row.name_en)


def _marker(place: Clicked | None) -> list[dict[str, Any]]:
    if place is None:
        return []
    return [
        {
            "@@type": "ScatterplotLayer",
            "id": "place",
            "data": [{"position": [place.lon, place.lat]}],
            "getPosition": "@@=position",
            "getRadius": 7,
            "radiusUnits": "pixels",
            "filled": False,
            "stroked": True,
            "lineWidthUnits": "pixels",
            "getLineWidth": 2.5,
            "getLineColor": rgba(colour(ACCENT)),
        }
    ]
