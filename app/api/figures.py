"""Figures of districts, zones and projects, as choropleth maps show them."""

from __future__ import annotations

import hashlib
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from app.services import cities
from app.services.filters import filter_from_query
from app.services.map.catalogue import catalogue
from app.services.map.choropleth import Asked, choropleth

router = APIRouter(prefix="/api/v1/cities", tags=["figures"])
DIGITS = 6


@router.get("/{slug}/figures/{unit}/{figure}.json")
def figures(request: Request, slug: str, unit: str, figure: str) -> Response:
    """Return a figure of every unit; null where it is not supplied. Takes the filters of the pages."""
    database = request.app.state.database
    city = cities.choose(database, slug)
    keep = filter_from_query(request.query_params)
    found = choropleth(database, city, keep, Asked(unit, figure), catalogue(database, city))
    values = found.values["value"].round(DIGITS).astype(object)
    key = "code" if unit == "district" else "id"
    answer: dict[str, Any] = {
        "unit": unit,
        "figure": figure,
        "measure": found.figure.unit,
        "synthetic": bool(city["synthetic"]),
        "ids": found.values[key].tolist(),
        "values": values.where(found.values["value"].notna(), None).tolist(),
    }
    response = JSONResponse(answer)
    tag = f'W/"{hashlib.sha256(response.body).hexdigest()[:20]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return response
