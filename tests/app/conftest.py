"""A town that only reading tests share: filling and serving one for each of them would take minutes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from data.session import Database
from tests.app.tile_town import Client, build_town, serving
from tests.conftest import copied


@dataclass(frozen=True)
class StandingTown:
    """A town whose every layer has features, and a server of its tiles."""

    client: Client
    database: Database
    city: int


@pytest.fixture(scope="session")
def standing_town(server_url: str, empty_template: str) -> Iterator[StandingTown]:
    """A town that no test may write to."""
    with copied(server_url, empty_template) as url:
        database = Database(url)
        city = build_town(database)
        with serving(database) as client:
            yield StandingTown(client, database, city)
        database.close()
