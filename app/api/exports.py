"""Downloads of exactly what a page lists."""

from __future__ import annotations

from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import IO

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from app.services import cities
from app.services.export import FORMATS, content_disposition, known_format, plan_export, write

router = APIRouter(tags=["export"])
CHUNK = 64 * 1024


@router.get(
    "/export/projects.{kind}",
    summary="The filtered project list as CSV or XLSX",
    response_class=StreamingResponse,
    responses={404: {"description": "No such city"}, 415: {"description": "No such format"}},
)
def export_projects(request: Request, kind: str, city: str | None = None) -> StreamingResponse:
    """Answer with the rows of the Projects page, in its order; the query takes the same filters and ``sort``.

    The file is complete before its first byte leaves, so an error half-way is an error and not a short file,
    and a slow reader holds no database connection.
    """
    database = request.app.state.database
    known_format(kind)
    slug = cities.choose(database, city)["slug"]
    export = plan_export(database, slug, request.query_params)
    file = TemporaryFile()  # noqa: SIM115 - closed when it has been sent
    write(database, export, kind, file)
    headers = {
        "Content-Disposition": content_disposition(export, kind),
        "Content-Length": str(file.tell()),
        "Cache-Control": "no-store",
    }
    return StreamingResponse(_chunks(file), media_type=FORMATS[kind], headers=headers)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    with file:
        while chunk := file.read(CHUNK):
            yield chunk
