"""Who reads: language and theme of a request, from its address, cookies and browser."""

from __future__ import annotations

from contextvars import ContextVar
from urllib.parse import parse_qs, urlsplit

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from app.i18n import LANGUAGES, preferred, use_language

THEMES = ("light", "dark")
_theme: ContextVar[str] = ContextVar("theme", default="light")


def theme() -> str:
    """Return ``light`` or ``dark`` for the request that is being answered."""
    return _theme.get()


def use_theme(name: str) -> None:
    """Answer in this theme from here on, in this request only: paper is light for every reader."""
    _theme.set(name)


class ReaderMiddleware:
    """Set language and theme before anything answers."""

    def __init__(self, app: ASGIApp, default: str = "zh_CN") -> None:
        self.app = app
        self.default = default

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the request's wishes and pass it on."""
        if scope["type"] == "http":
            request = HTTPConnection(scope)
            use_language(chosen_language(request, self.default))
            wanted = request.cookies.get("gengxin_theme", "light")
            _theme.set(wanted if wanted in THEMES else "light")
        await self.app(scope, receive, send)


def chosen_language(request: HTTPConnection, default: str) -> str:
    """Choose the language: the address, the page that asks, then the browser's own."""
    asking = parse_qs(urlsplit(request.headers.get("referer", "")).query).get("lang", [""])[0]
    for wish in (request.query_params.get("lang", ""), asking):
        if wish in LANGUAGES:
            return wish
    return preferred(request.headers.get("accept-language", ""), default)
