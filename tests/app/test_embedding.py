"""Who may show the dashboard in a frame: our own pages, and only the embedded map elsewhere."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import ValidationError

from app.security import SecurityHeaders
from app.settings import Settings

PARTNER = "https://planning.example.org"


def headers(path: str, *embedders: str) -> dict[str, str]:
    """Ask the middleware for a page and return the headers of its answer."""
    sent: list[Any] = []

    async def page(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def keep(message: Any) -> None:
        sent.append(message)

    guarded = SecurityHeaders(page, SimpleNamespace(csp_hashes=list), embedders=embedders)
    place, _mark, query = path.partition("?")
    asyncio.run(guarded({"type": "http", "path": place, "query_string": query.encode()}, keep, keep))
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}


@pytest.mark.parametrize("path", ["/", "/map", "/map?embed=0", "/projects?embed=1", "/map?embed=1&embed=0"])
def test_other_sites_frame_nothing_but_the_embedded_map(path: str) -> None:
    found = headers(path, PARTNER)
    assert found["content-security-policy"].endswith("frame-ancestors 'self'")
    assert found["x-frame-options"] == "SAMEORIGIN"


def test_the_embedded_map_stands_in_the_frames_of_the_named_sites() -> None:
    found = headers("/map?city=demo-city&embed=1", PARTNER)
    assert found["content-security-policy"].endswith(f"frame-ancestors 'self' {PARTNER}")
    assert "x-frame-options" not in found


def test_without_the_setting_the_embedded_map_stays_at_home() -> None:
    found = headers("/map?embed=1")
    assert found["content-security-policy"].endswith("frame-ancestors 'self'")
    assert found["x-frame-options"] == "SAMEORIGIN"


@pytest.mark.parametrize(
    "origins", ["*", "https://*", "example.org", f"{PARTNER}/map", f"{PARTNER}; x 'none'"]
)
def test_an_origin_that_is_none_is_refused(origins: str) -> None:
    with pytest.raises(ValidationError, match="embed_origins"):
        Settings(embed_origins=origins)


def test_several_origins_are_separated_by_commas() -> None:
    assert Settings(embed_origins=f"{PARTNER}, http://10.0.0.1:8080").embed_origins.count("http") == 2
