"""Headers that keep a page from running what is not ours."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

from dash import Dash
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class SecurityHeaders:
    """Add a content security policy and its companions to every answer.

    Only the embedded map (``embed=1``) may stand in frames of ``embedders``; all else only in our own.
    """

    def __init__(
        self, app: ASGIApp, dashboard: Dash, basemap: Sequence[str] = (), embedders: Sequence[str] = ()
    ) -> None:
        self.app = app
        self.dashboard = dashboard
        self.basemap = tuple(basemap)
        self.embedders = tuple(embedders)
        self._policy: str | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers to its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(scope=message), scope["path"], self._embedders(scope))
            await send(message)

        await self.app(scope, receive, with_headers)

    def _embedders(self, scope: Scope) -> tuple[str, ...]:
        asked = parse_qs(scope["query_string"].decode("latin-1"))
        is_embedded = scope["path"].rstrip("/") == "/map" and asked.get("embed") == ["1"]
        return self.embedders if is_embedded else ()

    def _add(self, headers: MutableHeaders, path: str, embedders: tuple[str, ...]) -> None:
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        if not embedders:
            headers["X-Frame-Options"] = "SAMEORIGIN"
        if not path.startswith("/api/docs"):
            headers["Content-Security-Policy"] = " ".join([self.policy(), *embedders])

    def policy(self) -> str:
        """Return the content security policy; inline scripts only by the hash of what Dash writes.

        Who may frame the page stands last, so that more may follow.
        """
        if self._policy is None:
            hashes = " ".join(self.dashboard.csp_hashes())
            tiles = " ".join(dict.fromkeys(_origin(address) for address in self.basemap))
            self._policy = (
                f"default-src 'self'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; "
                f"img-src 'self' data: blob: {tiles}; connect-src 'self' {tiles}; font-src 'self' data:; "
                "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; frame-ancestors 'self'"
            )
        return self._policy


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
