"""Errors as people and programs read them over HTTP."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from app import errors
from data.errors import GengxinError
from gis.errors import GisError


def register(server: FastAPI) -> None:
    """Answer every named error with its status and one sentence in the reader's language."""
    server.add_exception_handler(GengxinError, _answer)
    server.add_exception_handler(GisError, _answer)


def _answer(_request: Request, error: Exception) -> JSONResponse:
    status = errors.http_status(error)
    if status >= 500:
        logging.getLogger("gengxin").error("%s", error)
    return JSONResponse({"error": type(error).__name__, "detail": errors.translated(error)}, status)
