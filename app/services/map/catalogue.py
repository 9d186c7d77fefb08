"""The layers of a city's map: what each holds, where it comes from, and the version that its tiles have."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import RowMapping

from app.services.kept import Kept
from app.services.map.tiles import version_of
from data import map_catalogue as stored
from data import sources
from data.run_figures import UNITS, how_many_cells
from data.session import Database
from data.tiles import LAYERS as TILED
from data.tiles.extent import extent

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class Contents:
    """What a layer holds: its features, how many have each code, and of how many each property is known."""

    features: int
    codes: Mapping[str | None, int] = field(default_factory=dict)
    known: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Layer:
    """A layer of a city; ``version`` is what the addresses of its tiles carry.

    ``source`` and ``date`` are those of its newest import, None where it was not imported.
    """

    name: str
    version: str
    contents: Contents
    source: str | None
    date: dt.date | None
    bounds: Bounds | None

    @property
    def supplied(self) -> bool:
        """Whether the city has features of it that a map can show."""
        return self.bounds is not None

    def codes(self) -> list[str]:
        """Return the codes that occur."""
        return [code for code in self.contents.codes if code is not None]


HELD: Kept[tuple[Contents, Bounds | None]] = Kept(512)


def catalogue(database: Database, city: RowMapping) -> dict[str, Layer]:
    """Read what the layers of a city hold; what a layer holds is read once a version."""
    with database.reading() as connection:
        versions = stored.versions(connection)
        imports = sources.newest(connection, city["id"])
    return {
        name: _layer(database, city["id"], name, versions.get(tiled.counted, 0), imports.get(name))
        for name, tiled in TILED.items()
    }


def _layer(database: Database, city_id: int, name: str, version: int, newest: RowMapping | None) -> Layer:
    key = (database, city_id, name)
    contents, bounds = HELD.once(key, version, lambda: _contents(database, city_id, name))
    date = (newest["source_date"] or newest["imported_at"].date()) if newest else None
    source = newest["name"] if newest else None
    addressed = version_of(TILED[name], version, dt.datetime.now(dt.UTC).date())
    return Layer(name, addressed, contents, source, date, bounds)


def _contents(database: Database, city_id: int, name: str) -> tuple[Contents, Bounds | None]:
    with database.reading() as connection:
        bounds = extent(connection, name, city_id)
        if name in stored.CODED:
            codes = stored.codes_used(connection, name, city_id)
            return Contents(sum(codes.values()), codes), bounds
        if name in UNITS:
            return Contents(how_many_cells(connection, city_id, UNITS[name])), bounds
        known = dict(stored.properties_known(connection, name, city_id))
        return Contents(known.pop("features"), known=known), bounds
