"""Isochrones and facilities on foot, around a place or a project."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from app.api.layers import MEDIA_TYPE
from app.api.problems import problem
from app.i18n import gettext as _
from app.services import cities
from app.services.map import walking
from app.services.map.walk_answer import asked_from_texts, geojson, refuse_unknown
from data.errors import InvalidInput

router = APIRouter(prefix="/api/v1/cities", tags=["walk"])
At = Annotated[str, Query(description="Longitude and latitude in degrees (EPSG:4326): 113.62,34.75")]
Project = Annotated[str, Query(description="Code of a project, instead of a place: by its entrances")]
Minutes = Annotated[str, Query(description="One to six times on foot, up to 60, separated by commas")]
Speed = Annotated[str, Query(description="Metres a minute, 10 to 200; 60 if not given")]


@router.get("/{slug}/walk", response_class=JSONResponse)
def walk(  # noqa: PLR0913, PLR0917
    request: Request, slug: str, at: At = "", project: Project = "", minutes: Minutes = "", speed: Speed = ""
) -> Response:
    """Return what can be reached on foot as GeoJSON: isochrones, and the facilities inside them.

    Features of ``kind`` ``isochrone`` are nested, the longest time first; those of ``kind`` ``facility`` come
    by walking distance. ``nearest`` holds the nearest facility of each class with the counts within each of
    the minutes. Where nothing can be said, ``missing`` names why (``streets``, ``too_far``, ``boundary``) and
    ``detail`` says it in one sentence; a distance that is not known is null, never 0.
    """
    try:
        refuse_unknown(request.query_params)
        asked = asked_from_texts(at, project, minutes, speed)
    except InvalidInput as error:
        return problem(error, 400)
    database = request.app.state.database
    city = cities.choose(database, slug)
    found = walking.walk(database, city, asked)
    body = geojson(city, found)
    if found.missing is not None:
        body["detail"] = _(walking.WORDS[found.missing]).format(metres=f"{walking.MAX_SNAP:g}")
    response = JSONResponse(body, media_type=MEDIA_TYPE)
    tag = f'W/"{hashlib.sha256(response.body).hexdigest()[:20]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return response
