"""The sources of the map's style: tiles by layer and version, and the few features that are not tiled."""

from __future__ import annotations

import math
from typing import Any
from urllib.parse import quote, urlencode

from app.components.district_map import short_name
from app.components.map.scene import Scene
from app.components.map.state import clicked, filters_of
from app.components.map.walk import walk_source
from app.components.view import View
from app.services.map.catalogue import Layer
from data.tiles import DEEPEST_SOURCE

LARGEST_RADIUS, SMALLEST_RADIUS = 27, 9
Style = dict[str, Any]


def sources(scene: Scene) -> Style:
    """Return the tiles of each layer, the places of districts, and what is chosen or clicked."""
    tiled = {name: _tiles(scene.current, layer) for name, layer in scene.layers.items() if layer.supplied}
    return (
        tiled
        | {"places": {"type": "geojson", "data": _places(scene)}}
        | _chosen_source(scene)
        | _clicked_source(scene)
        | walk_source(scene.current, scene.walk)
    )


def _tiles(current: View, layer: Layer) -> Style:
    asked = {"city": current.slug, "v": layer.version}
    if layer.name == "projects":
        day = {"day": current.get("day")} if current.get("day") else {}
        asked |= filters_of(current) | day
    query = urlencode(asked, quote_via=quote)
    return {
        "type": "vector",
        "tiles": [f"/tiles/{layer.name}/{{z}}/{{x}}/{{y}}.mvt?{query}"],
        "maxzoom": DEEPEST_SOURCE,
        "bounds": list(layer.bounds or ()),
    }


def _places(scene: Scene) -> Style:
    """Return a point in each district: its name, and its projects without boundary as a bubble."""
    placed = scene.districts[scene.districts["lon"].notna()]
    most = max(int(placed["pending"].max()), 1) if len(placed) else 1
    features = [_place(scene, row, most) for row in placed.itertuples()]
    return {"type": "FeatureCollection", "features": features}


def _place(scene: Scene, row: Any, most: int) -> Style:
    count = int(row.pending)
    radius = max(LARGEST_RADIUS * math.sqrt(count / most), SMALLEST_RADIUS) if count else 0
    name = row.name_en if scene.labels == "en" else row.name_zh
    properties = {
        "code": row.code,
        "name": short_name(str(name)),
        "pending": count,
        "radius": round(radius, 1),
        "offset": [0, round(-(radius + 10) / 12, 2) if radius else 0],
    }
    point = {"type": "Point", "coordinates": [round(row.lon, 5), round(row.lat, 5)]}
    return {"type": "Feature", "properties": properties, "geometry": point}


def _chosen_source(scene: Scene) -> Style:
    if scene.chosen is None or not scene.chosen.located:
        return {}
    version = scene.layers["projects"].version
    query = urlencode({"code": scene.chosen.project["code"], "rev": version})
    url = f"/api/v1/cities/{scene.current.slug}/projects.geojson?{query}"
    return {"chosen": {"type": "geojson", "data": url}}


def _clicked_source(scene: Scene) -> Style:
    place = clicked(scene.current)
    if place is None:
        return {}
    return {"place": {"type": "geojson", "data": {"type": "Point", "coordinates": [place.lon, place.lat]}}}
