"""Layers of a city as GeoJSON, with the same filters as the pages."""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import RowMapping

from app.services import cities
from app.services.filters import filter_from_query
from app.services.map import layers as services

router = APIRouter(prefix="/api/v1/cities", tags=["layers"])
MEDIA_TYPE = "application/geo+json"
Tolerance = Annotated[float, Query(ge=0, le=1000, description="Thin boundaries by this many metres")]
Codes = Annotated[str, Query(description="These projects only, whatever the filters say; comma-separated")]
Located = Annotated[bool, Query(description="Leave out projects without boundary (their geometry is null)")]
Escape = Annotated[
    Literal["", "html"], Query(description="html: texts are escaped, to be put into a page as they are")
]


@router.get("/{slug}/projects.geojson", response_class=Response)
def projects(  # noqa: PLR0913, PLR0917
    request: Request,
    slug: str,
    code: Codes = "",
    located: Located = False,
    tolerance: Tolerance = 0,
    escape: Escape = "",
) -> Response:
    """Return the projects that the filters keep; the query takes the same filters as the pages."""
    database = request.app.state.database
    city = cities.choose(database, slug)
    keep = filter_from_query(request.query_params)
    codes = [part for part in code.split(",") if part]
    rows = services.projects(database, city, keep, codes=codes, located=located, tolerance=tolerance)
    return _answer(request, city, _escaped(rows) if escape else rows)


@router.get("/{slug}/districts.geojson", response_class=Response)
def districts(request: Request, slug: str, escape: Escape = "") -> Response:
    """Return the districts with the count and investment of the projects that the filters keep."""
    database = request.app.state.database
    city = cities.choose(database, slug)
    rows = services.districts(database, city, filter_from_query(request.query_params))
    return _answer(request, city, _escaped(rows) if escape else rows)


def _escaped(rows: Iterable[services.Feature]) -> Iterable[services.Feature]:
    return (
        (code, {k: html.escape(v) if isinstance(v, str) else v for k, v in properties.items()}, geometry)
        for code, properties, geometry in rows
    )


def _answer(request: Request, city: RowMapping, rows: Iterable[services.Feature]) -> Response:
    said = {"synthetic": True, "attribution": city["attribution"]} if city["synthetic"] else {}
    head = json.dumps({"type": "FeatureCollection", **said}, ensure_ascii=False, separators=(",", ":"))
    body = f'{head[:-1]},"features":[{",".join(_feature(*row) for row in rows)}]}}'.encode()
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=MEDIA_TYPE, headers=headers)


def _feature(code: str, properties: dict[str, Any], geometry: str | None) -> str:
    named = json.dumps(properties, ensure_ascii=False, separators=(",", ":"))
    return (
        f'{{"type":"Feature","id":{json.dumps(code)},"geometry":{geometry or "null"},"properties":{named}}}'
    )
