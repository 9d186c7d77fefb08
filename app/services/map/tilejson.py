"""TileJSON 3.0 of a layer: where its tiles are, what they hold, how far they reach, where it comes from."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from app.i18n import gettext as _
from app.services.map.tiles import STATE, State, city_of, filter_of, layer_named, state_of
from data import sources
from data.session import Database
from data.tiles import DEEPEST_SOURCE, Layer
from data.tiles.extent import extent

Bounds = tuple[float, float, float, float]
NARROWING = ("v", "city", "lang")


def tilejson(database: Database, base: str, name: str, query: Mapping[str, str]) -> dict[str, Any]:
    """Describe the tiles of a layer; those of a synthetic city say so.

    Parameters
    ----------
    base
        Address of the server, without a slash at its end.
    query
        As of a tile: ``city``, and the filters, which the addresses of the tiles then hold.

    Raises
    ------
    NotFound
        No such layer or city.
    InvalidInput
        An unknown parameter, or a filter that is not one of ours.
    """
    layer = layer_named(name)
    filter_of(layer, query)
    with database.reading() as connection:
        bound = {"layer": layer.counted, "city": city_of(query)}
        state = state_of(layer, connection.exec_driver_sql(STATE, bound).one_or_none(), bound["city"])
        source = sources.newest(connection, state.id).get(layer.name)
    return {
        "tilejson": "3.0.0",
        "name": f"{state.slug} {layer.name}",
        "tiles": [_address(base, layer, state, query)],
        "version": state.version,
        "scheme": "xyz",
        "minzoom": 0,
        "maxzoom": DEEPEST_SOURCE,
        "attribution": _attribution(state),
        "synthetic": state.synthetic,
        "source": source["name"] if source else None,
        "date": (source["source_date"] or source["imported_at"].date()).isoformat() if source else None,
        "vector_layers": [_vector_layer(part) for part in layer.parts],
    } | _reach(_bounds(database, layer.name, state))


def _address(base: str, layer: Layer, state: State, query: Mapping[str, str]) -> str:
    kept = {key: value for key, value in sorted(query.items()) if value and key not in NARROWING}
    parameters = urlencode({"city": state.slug, **kept, "v": state.version}, quote_via=quote)
    return f"{base}/tiles/{layer.name}/{{z}}/{{x}}/{{y}}.mvt?{parameters}"


def _attribution(state: State) -> str:
    invented = [_("SYNTHETIC data")] if state.synthetic else []
    return " · ".join([*invented, *filter(None, [state.attribution])])


def _vector_layer(part: Any) -> dict[str, Any]:
    zooms = {"minzoom": part.minzoom, "maxzoom": min(part.maxzoom, DEEPEST_SOURCE)}
    return {"id": part.name, "fields": part.fields, "geometry": part.geometry, **zooms}


def _reach(bounds: Bounds | None) -> dict[str, Any]:
    if bounds is None:
        return {}
    outward = (math.floor, math.floor, math.ceil, math.ceil)
    return {"bounds": [off(edge * 1e5) / 1e5 for off, edge in zip(outward, bounds, strict=True)]}


@functools.lru_cache(maxsize=256)
def _bounds(database: Database, layer: str, state: State) -> Bounds | None:
    with database.reading() as connection:
        return extent(connection, layer, state.id)
