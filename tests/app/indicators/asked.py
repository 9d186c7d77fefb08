"""What tests ask of the page of indicators, and what it says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.services import cities
from app.services.indicators import page as indicator_page
from app.services.indicators.page import page_of
from data.session import Database

SLUG = "small"


def page(database: Database, **params: str) -> indicator_page.Page:
    return page_of(database, cities.choose(database, SLUG), params)


def picture(database: Database, **params: str) -> indicator_page.Picture:
    found = page(database, **params).first
    assert found is not None
    return found


def texts(part: Any) -> Iterator[str]:
    """Every text of a laid-out part."""
    if isinstance(part, str):
        yield part
    for child in part if isinstance(part, list) else [getattr(part, "children", None)]:
        if child is not None:
            yield from texts(child)
