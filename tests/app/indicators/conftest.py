"""A city whose indicators are computed once, and servers of its indicators and exports alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI

from app.api import exports, indicators, problems
from app.i18n import use_language
from app.reader import ReaderMiddleware
from app.services.indicators.runs import run
from app.settings import Settings
from data.session import Database
from tests.app import small_city
from tests.app.indicators.asked import SLUG
from tests.conftest import copied
from tests.processes import listening


@pytest.fixture(scope="module")
def standing_url(server_url: str, empty_template: str) -> Iterator[str]:
    """A database with a city of two districts of one square kilometre each, computed once."""
    with copied(server_url, empty_template) as url:
        database = Database(url)
        small_city.build(database)
        small_city.ask_for_roads(database)
        run(database, SLUG, actor="test")
        database.close()
        yield url


@pytest.fixture(scope="module")
def standing(standing_url: str) -> Iterator[Database]:
    """The city, for tests that only read."""
    opened = Database(standing_url)
    yield opened
    opened.close()


@pytest.fixture
def small(server_url: str, standing: Database, standing_url: str) -> Iterator[Database]:
    """The city, for a test that writes."""
    standing.engine.dispose()
    with copied(server_url, standing_url.rpartition("/")[2].partition("?")[0]) as url:
        opened = Database(url)
        yield opened
        opened.close()


@pytest.fixture(autouse=True)
def english() -> None:
    use_language("en")


@contextmanager
def served(database: Database, home: Path) -> Iterator[str]:
    """Lend the address of a server of the indicators and exports alone."""
    app = FastAPI()
    app.state.database, app.state.settings = database, Settings(home=home)
    problems.register(app)
    app.include_router(exports.router)
    app.include_router(indicators.router)
    app.add_middleware(ReaderMiddleware, default="en")
    with listening(app) as address:
        yield address


@pytest.fixture
def address(small: Database, tmp_path: Path) -> Iterator[str]:
    """Address of a server of the city that a test writes to."""
    with served(small, tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def reading(standing: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server of the city that tests only read."""
    with served(standing, tmp_path_factory.mktemp("home")) as found:
        yield found
