"""Errors as people and programs read them over HTTP."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from app import errors
from data.errors import GengxinError
from gis.errors import GisError

SECONDS_TO_WAIT = "2"


def register(server: FastAPI) -> None:
    """Answer every named error with its status and one sentence in the reader's language."""
    server.add_exception_handler(GengxinError, _answer)
    server.add_exception_handler(GisError, _answer)


def problem(error: Exception, status: int | None = None) -> JSONResponse:
    """Say an error as JSON, with its own status or the one given; 503 says when to ask again."""
    status = status or errors.http_status(error)
    if status >= 500:
        logging.getLogger("gengxin").error("%s", error)
    headers = {"Retry-After": SECONDS_TO_WAIT} if status == 503 else None
    body = {"error": type(error).__name__, "detail": errors.translated(error)}
    return JSONResponse(body, status, headers)


def _answer(_request: Request, error: Exception) -> JSONResponse:
    return problem(error)
