"""A printed sheet of the map as PDF."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Query, Request, Response

from app.services import cities
from app.services.map import prints
from app.services.map.prints import Paper

router = APIRouter(prefix="/api/v1", tags=["print"])
# Each sheet that is unpacked takes tens of megabytes.
FEW = CapacityLimiter(2)
BINARY = {"type": "string", "format": "binary"}
PaperName = Annotated[str, Query(description="Paper and its orientation: " + ", ".join(prints.PAPERS))]
Title = Annotated[str, Query(description="Title of the document")]


@router.post(
    "/print.pdf",
    summary="A printed map as PDF",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}}, 415: {"description": "Not sent as PNG"}},
    openapi_extra={"requestBody": {"required": True, "content": {"image/png": {"schema": BINARY}}}},
)
async def print_pdf(
    request: Request, paper: PaperName = "a4-landscape", title: Title = "", city: str | None = None
) -> Response:
    """Return one page of the paper's exact size, filled with the PNG of the request's body (200 dpi)."""
    size = prints.paper_named(paper)
    prints.require_picture(request.headers.get("content-type", ""))
    picture = await _body(request, size)
    row = await to_thread.run_sync(cities.choose, request.app.state.database, city)
    made = await to_thread.run_sync(prints.pdf, picture, size, title, row, limiter=FEW)
    name = prints.file_name(row, dt.date.today().isoformat())
    headers = {"Content-Disposition": f'attachment; filename="{name}.pdf"', "Cache-Control": "no-store"}
    return Response(made, media_type="application/pdf", headers=headers)


async def _body(request: Request, paper: Paper) -> bytes:
    """Read the body, no more of it than a picture of the paper can take."""
    declared = request.headers.get("content-length", "")
    prints.require_size(int(declared) if declared.isdigit() else 0, paper)
    body = bytearray()
    async for part in request.stream():
        body += part
        prints.require_size(len(body), paper)
    return bytes(body)
