"""Is the process alive, and can it serve?"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """Answer as long as the process lives."""
    return {"status": "ok"}


@router.get("/readyz")
def readyz(request: Request) -> dict[str, str]:
    """Answer when the database does; 503 otherwise."""
    with request.app.state.database.reading() as connection:
        version = connection.scalar(text("SELECT postgis_lib_version()"))
    return {"status": "ok", "postgis": str(version)}


@router.get("/metrics", include_in_schema=False)
def metrics() -> Response:
    """Figures of this process for Prometheus."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
