"""The map component, and what is drawn on it for an address."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
from deckgl_dash import DeckGL
from deckgl_dash.maplibre import MapLibreConfig

from app.components.map import legend
from app.components.map.basemap import ground_style
from app.components.map.figure import title_of
from app.components.map.scene import scene_of
from app.components.map.style import map_style
from app.components.palette import ACCENT, GROUND, INK, colour
from app.components.view import View
from app.services.map.choropleth import figure_named

STEEPEST = 70


def the_map() -> DeckGL:
    """Return the map without its layers; the browser adds view and style as the address asks for."""
    return DeckGL(
        id="map",
        layers=[],
        enable_events=False,
        tooltip=False,
        style={"width": "100%", "height": "100%"},
        maplibre_config=MapLibreConfig(
            style=ground_style(),
            interleaved=True,
            attribution_control=False,
            map_options={
                "canvasContextAttributes": {"preserveDrawingBuffer": True},
                "dragRotate": False,
                "touchPitch": False,
                "maxPitch": STEEPEST,
                "maxZoom": 20,
                "fadeDuration": 0,
            },
        ).to_dict(),
    )


def drawing_style() -> dict[str, Any]:
    """Return the look of what is being drawn or measured, in the reader's theme."""
    return {
        "fill": f"{colour(ACCENT)}46",
        "line": colour(ACCENT),
        "corner": colour(INK),
        "middle": colour(GROUND),
        "halo": colour(GROUND),
    }


def drawn_style(current: View) -> dict[str, Any]:
    """Return the style of a map for an address."""
    return map_style(scene_of(current))


def style_legend(current: View) -> list[Any]:
    """Return the legend of a map for an address."""
    return legend.legend(scene_of(current))


def figure_name(unit: str, name: str) -> str:
    """Return what a figure of a kind of unit is called."""
    return title_of(figure_named(unit, name))


def district_edges(polygons: gpd.GeoDataFrame) -> dict[str, list[float]]:
    """Return the bounds of each district by code."""
    edges = polygons.bounds.round(5).to_numpy().tolist()
    return dict(zip(polygons["code"], edges, strict=True))
