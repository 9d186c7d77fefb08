"""The basemap under the map: none, 天地图, OpenStreetMap, or tiles of one's own, as the settings say."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from app.components.palette import GROUND, colour
from app.i18n import gettext as _
from app.i18n import language
from app.settings import Settings, settings

TIANDITU = (
    "https://t{host}.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}"
    "&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={key}"
)
OSM = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
HOSTS = range(8)
DEEPEST = {"tianditu": 18, "osm": 19, "own": 22}


def basemap(chosen: Settings) -> str | None:
    """Return which basemap the settings ask for; None for none."""
    if chosen.basemap == "none":
        return "own" if chosen.basemap_url else None
    return chosen.basemap


def ground_style() -> dict[str, Any]:
    """Return the MapLibre style under the map: a plain ground, and the basemap that the settings name."""
    ground = {"id": "ground", "type": "background", "paint": {"background-color": colour(GROUND)}}
    style: dict[str, Any] = {"version": 8, "sources": {}, "layers": [ground]}
    chosen = settings()
    name = basemap(chosen)
    for layer, tiles in _tiles(chosen, name).items():
        style["sources"][layer] = {
            "type": "raster",
            "tiles": tiles,
            "tileSize": 256,
            "maxzoom": DEEPEST[name or "own"],
        }
        style["layers"].append({"id": layer, "type": "raster", "source": layer})
    return style


def _tiles(chosen: Settings, name: str | None) -> dict[str, list[str]]:
    if name == "tianditu":
        names = "cva" if language() == "zh_CN" else "eva"
        return {f"basemap-{layer}": _tianditu(layer, chosen.tianditu_key) for layer in ("vec", names)}
    if name == "osm":
        return {"basemap": [OSM]}
    return {"basemap": [chosen.basemap_url]} if name and chosen.basemap_url else {}


def _tianditu(layer: str, key: str) -> list[str]:
    return [TIANDITU.format(host=host, layer=layer, key=quote(key, safe="")) for host in HOSTS]


def addresses(chosen: Settings) -> list[str]:
    """Return the addresses of tiles that the page may load, for the content security policy."""
    return [address for tiles in _tiles(chosen, basemap(chosen)).values() for address in tiles]


def attributions(chosen: Settings) -> list[str]:
    """Return what the basemap's owner asks to be named, and the map's approval number 审图号."""
    named = {"tianditu": _("Basemap: Tianditu"), "osm": _("© OpenStreetMap contributors")}
    own = named.get(basemap(chosen) or "", "")
    approved = _("Map approval number: {number}").format(number=chosen.map_approval)
    return [
        part for part in (own, chosen.basemap_attribution, approved if chosen.map_approval else "") if part
    ]
