"""Who makes a change through the dashboard."""

from __future__ import annotations

from collections.abc import Mapping

from dash import ctx

WEB = "web"
HEADER = "x-forwarded-user"
LONGEST = 80


def current_actor() -> str:
    """Return the actor of the callback that is being answered, for the audit log.

    ``web:NAME`` where a proxy that signs people in names them in ``X-Forwarded-User``, else ``web``.
    """
    return actor_of(ctx.headers or {})


def actor_of(headers: Mapping[str, str]) -> str:
    """Return the actor that a request's headers name."""
    given = next((value for name, value in headers.items() if name.lower() == HEADER), "")
    name = "".join(letter for letter in given if letter.isprintable()).strip()[:LONGEST]
    return f"{WEB}:{name}" if name else WEB
