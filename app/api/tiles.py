"""Vector tiles of a city's layers, and their TileJSON."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse

from app.api.problems import problem
from app.services.map.tile_cache import Stored
from app.services.map.tilejson import tilejson
from app.services.map.tiles import State, TileService, Wish, wish
from data.errors import InvalidInput

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
FRESH = "private, max-age=86400, immutable"
CHECK = "private, no-cache"


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Close the tiles' connections when the server stops."""
    yield
    service = getattr(app.state, "tiles", None)
    if service is not None:
        await service.close()


router = APIRouter(prefix="/tiles", tags=["tiles"], lifespan=lifespan)


def service_of(app: Any) -> TileService:
    """Return the application's tiles, made at the first request."""
    if getattr(app.state, "tiles", None) is None:
        chosen = getattr(app.state, "settings", None)
        app.state.tiles = TileService(app.state.database, chosen.pool_size if chosen else 8)
    service: TileService = app.state.tiles
    return service


@router.get("/{layer}/{z}/{x}/{y}.mvt", response_class=Response)
async def tile(request: Request, layer: str, z: str, x: str, y: str) -> Response:
    """Return a tile of a layer; the query takes ``city``, ``v``, ``day`` and the filters of the pages."""
    try:
        wanted = wish(layer, z, x, y, request.query_params)
    except InvalidInput as error:
        return problem(error, 400)
    service = service_of(request.app)
    state = await service.state(wanted.layer.name, wanted.city)
    headers = _headers(wanted, state)
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    made = await service.tile(wanted, state)
    return _answer(made, headers, "gzip" in request.headers.get("accept-encoding", ""))


@router.get("/{layer}.json")
def description(request: Request, layer: str) -> Response:
    """Return the TileJSON of a layer; the query takes ``city`` and the filters of the pages."""
    base = str(request.base_url).rstrip("/")
    try:
        found = tilejson(request.app.state.database, base, layer, request.query_params)
    except InvalidInput as error:
        return problem(error, 400)
    return JSONResponse(found, headers={"Cache-Control": CHECK} | _marked(found["synthetic"]))


def _marked(synthetic: bool) -> dict[str, str]:
    return {"X-Gengxin-Synthetic": "true"} if synthetic else {}


def _headers(wanted: Wish, state: State) -> dict[str, str]:
    return {
        "ETag": f'W/"{wanted.digest(state)}"',
        "Cache-Control": FRESH if wanted.version == state.version else CHECK,
        "Vary": "Accept-Encoding",
        **_marked(state.synthetic),
    }


def _answer(made: Stored, headers: dict[str, str], zipped: bool) -> Response:
    if made.omitted:
        headers["X-Gengxin-Omitted"] = str(made.omitted)
    if not made.body:
        return Response(status_code=204, headers=headers)
    if zipped:
        return Response(made.body, media_type=MEDIA_TYPE, headers=headers | {"Content-Encoding": "gzip"})
    return Response(gzip.decompress(made.body), media_type=MEDIA_TYPE, headers=headers)
