"""Downloads of exactly what a page lists, and of the layers of a city."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from app.api.problems import problem
from app.services import cities
from app.services.exports import layers as layer_export
from app.services.exports import projects as export
from app.services.indicators import export as indicator_export
from data.errors import InvalidInput
from data.session import Database

router = APIRouter(tags=["export"])
CHUNK = 256 * 1024


@router.get(
    "/export/{name}",
    summary="A layer or the filtered project list as a file",
    response_class=StreamingResponse,
    responses={
        400: {"description": "No such indicator, class, basis, units or run"},
        404: {"description": "No such city, layer or district"},
        415: {"description": "No such format"},
        422: {"description": "A filter or the area cannot be used"},
    },
)
def export_file(request: Request, name: str, city: str | None = None) -> Response:
    """Answer with ``LAYER.FORMAT``: what the filters and the selected ``area`` keep.

    Layers: projects, districts, zoning, constraints, parcels, buildings, facilities, streets, greenways,
    surfaces, population, problems. Formats: gpkg, parquet, geojson, shp.zip, csv, xlsx; txt describes what
    they would hold.
    ``indicators.FORMAT`` holds the units that the page of indicators shows, with its parameters.
    ``projects.csv`` and ``projects.xlsx`` hold the rows of the Projects page in its order (``sort``).
    The file is complete before its first byte leaves, so an error half-way is an error and not a short file,
    and a slow reader holds no database connection.
    """
    database = request.app.state.database
    layer, _, kind = name.partition(".")
    if layer == "projects" and kind in export.FORMATS:
        return _project_list(database, request, kind, city)
    try:
        planned = _planned(database, layer, kind, request, city)
    except InvalidInput as error:
        return problem(error, 400 if layer == indicator_export.LAYER else None)
    with TemporaryDirectory(prefix="gengxin-") as folder:
        path = Path(folder) / f"layer.{kind}"
        layer_export.write_layer(database, planned, kind, path)
        file = path.open("rb")
    headers = _headers(file, layer_export.content_disposition(planned, kind))
    described = urlencode([*request.query_params.multi_items()])
    headers["Link"] = f'</export/{layer}.txt?{described}>; rel="describedby"; type="text/plain"'
    return StreamingResponse(_chunks(file), media_type=layer_export.MEDIA_TYPES[kind], headers=headers)


def _planned(
    database: Database, layer: str, kind: str, request: Request, city: str | None
) -> layer_export.Planned:
    if layer != indicator_export.LAYER:
        layer_export.known_layer(layer)
    layer_export.known_kind(kind, tuple(layer_export.MEDIA_TYPES))
    slug = cities.choose(database, city)["slug"]
    if layer == indicator_export.LAYER:
        return indicator_export.plan_indicator_export(database, slug, request.query_params)
    return layer_export.plan_layer_export(database, slug, layer, request.query_params)


def _project_list(database: Database, request: Request, kind: str, city: str | None) -> StreamingResponse:
    slug = cities.choose(database, city)["slug"]
    planned = export.plan_export(database, slug, request.query_params)
    file = TemporaryFile()  # noqa: SIM115 - closed when it has been sent
    export.write(database, planned, kind, file)
    headers = _headers(file, export.content_disposition(planned, kind))
    return StreamingResponse(_chunks(file), media_type=export.FORMATS[kind], headers=headers)


def _headers(file: IO[bytes], named: str) -> dict[str, str]:
    length = file.seek(0, 2)
    return {"Content-Disposition": named, "Content-Length": str(length), "Cache-Control": "no-store"}


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    with file:
        while chunk := file.read(CHUNK):
            yield chunk
