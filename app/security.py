"""Headers that keep a page from running what is not ours."""

from __future__ import annotations

from urllib.parse import urlsplit

from dash import Dash
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class SecurityHeaders:
    """Add a content security policy and its companions to every answer."""

    def __init__(self, app: ASGIApp, dashboard: Dash, basemap: str | None = None) -> None:
        self.app = app
        self.dashboard = dashboard
        self.basemap = basemap
        self._policy: str | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers to its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(scope=message), scope["path"])
            await send(message)

        await self.app(scope, receive, with_headers)

    def _add(self, headers: MutableHeaders, path: str) -> None:
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["X-Frame-Options"] = "SAMEORIGIN"
        if not path.startswith("/api/docs"):
            headers["Content-Security-Policy"] = self.policy()

    def policy(self) -> str:
        """Return the content security policy; inline scripts only by the hash of what Dash writes."""
        if self._policy is None:
            hashes = " ".join(self.dashboard.csp_hashes())
            tiles = _origin(self.basemap)
            self._policy = (
                f"default-src 'self'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; "
                f"img-src 'self' data: blob: {tiles}; connect-src 'self' {tiles}; font-src 'self' data:; "
                "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; frame-ancestors 'self'"
            )
        return self._policy


def _origin(address: str | None) -> str:
    if not address:
        return ""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
