"""Errors as people and programs read them over HTTP."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from app import errors
from data.errors import N_, GengxinError, InvalidInput
from gis.errors import GisError

SECONDS_TO_WAIT = "2"
LONGEST = 40


def register(server: FastAPI) -> None:
    """Answer every named error with its status and one sentence in the reader's language."""
    server.add_exception_handler(GengxinError, _answer)
    server.add_exception_handler(GisError, _answer)
    server.add_exception_handler(RequestValidationError, _refuse)


def problem(error: Exception, status: int | None = None) -> JSONResponse:
    """Say an error as JSON, with its own status or the one given; 503 says when to ask again."""
    status = status or errors.http_status(error)
    if status >= 500:
        logging.getLogger("gengxin").error("%s", error)
    headers = {"Retry-After": SECONDS_TO_WAIT} if status == 503 else None
    body = {"error": type(error).__name__, "detail": errors.translated(error)}
    return JSONResponse(body, status, headers)


def _refuse(_request: Request, error: Exception) -> JSONResponse:
    """Say the first thing that a request got wrong as the other errors are said."""
    first: dict[str, Any] = next(iter(getattr(error, "errors", list)()), {})
    where = [str(part) for part in first.get("loc", ())][1:]
    said = InvalidInput(
        N_("The parameter {name} cannot be «{value}»."),
        remedy=N_("What may be given is described at {place}."),
        name=".".join(where) or "body",
        value=str(first.get("input", ""))[:LONGEST],
        place="/api/docs",
    )
    return problem(said, 422)


def _answer(_request: Request, error: Exception) -> JSONResponse:
    return problem(error)
