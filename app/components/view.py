"""What a page shows, read from its address; every view reopens from its URL."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode

from dash import get_app
from sqlalchemy import RowMapping

from app.i18n import gettext, language
from app.services import cities
from app.services.filters import filter_from_query
from data.projects import ProjectFilter
from data.session import Database


def database() -> Database:
    """Return the database of the running web application."""
    found: Database = get_app().server.state.database
    return found


@dataclass(frozen=True)
class View:
    """The state of a page: the city and the parameters of its address."""

    city: RowMapping
    params: dict[str, str]

    @property
    def slug(self) -> str:
        """The city's slug."""
        return str(self.city["slug"])

    @property
    def attribution(self) -> str:
        """Whose data the city's are; the demo cities' in the reader's language."""
        stored = str(self.city["attribution"])
        return gettext(stored)

    @property
    def filter(self) -> ProjectFilter:
        """The project filter that the address asks for."""
        return filter_from_query(self.params)

    def get(self, name: str, default: str = "") -> str:
        """Return one parameter of the address."""
        return self.params.get(name, default)

    def link(self, path: str, **params: str) -> str:
        """Return an address in the same city and language with these parameters and no others."""
        kept = {"city": self.slug, "lang": language()} | {k: v for k, v in params.items() if v}
        return f"{path}?{urlencode(kept)}"

    def with_params(self, **params: str) -> View:
        """Return this view with parameters changed; an empty one is taken out."""
        merged = {k: v for k, v in (self.params | params).items() if v}
        return replace(self, params=merged)


def view(search: str | None) -> View:
    """Read a view from the query part of an address."""
    params = dict(parse_qsl((search or "").lstrip("?")))
    return View(cities.choose(database(), params.get("city")), params)
