"""Imports of layers: what a city holds already, clearing it, and where each import comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from sqlalchemy import Connection, insert, text, update

from data.kinds import Kind
from data.models import Base, LayerSource

OF_CITY = {
    "investment": "investment t JOIN project p ON p.id = t.project_id AND t.source <> 'register'",
    "stage_event": "stage_event t JOIN project p ON p.id = t.project_id",
    "progress_snapshot": "progress_snapshot t JOIN project p ON p.id = t.project_id",
}
CLEAR_OF_CITY = {
    "investment": "DELETE FROM investment t USING project p "
    "WHERE p.id = t.project_id AND t.source <> 'register' AND p.city_id = :city",
    "stage_event": "DELETE FROM stage_event t USING project p "
    "WHERE p.id = t.project_id AND p.city_id = :city",
    "progress_snapshot": "DELETE FROM progress_snapshot t USING project p "
    "WHERE p.id = t.project_id AND p.city_id = :city",
}


def stored_count(connection: Connection, kind: Kind, city_id: int) -> int:
    """Return how many features or rows of a kind a city has."""
    source = OF_CITY.get(kind.table, f"{kind.table} p")
    query = f"SELECT count(*) FROM {source} WHERE p.city_id = :city"  # noqa: S608
    found = connection.scalar(text(query), {"city": city_id})
    return int(found or 0)


def clear(connection: Connection, kind: Kind, city_id: int) -> None:
    """Remove all features or rows of a kind from a city, with what says where they came from."""
    statement = CLEAR_OF_CITY.get(kind.table, f"DELETE FROM {kind.table} WHERE city_id = :city")  # noqa: S608
    connection.execute(text(statement), {"city": city_id})
    if kind.form is not None:
        forget = "DELETE FROM layer_source WHERE city_id = :city AND layer = :layer"
        connection.execute(text(forget), {"city": city_id, "layer": kind.name})


def add_source(connection: Connection, values: Mapping[str, Any]) -> int:
    """Note an import with the values of ``LayerSource`` and return its id."""
    added = insert(LayerSource).values(features=0, **values).returning(LayerSource.id)
    return int(connection.execute(added).scalar_one())


def set_features(connection: Connection, source_id: int, features: int) -> None:
    """Note how many features came with an import."""
    connection.execute(update(LayerSource).where(LayerSource.id == source_id).values(features=features))


def stored_codes(connection: Connection, kind: Kind, city_id: int) -> pd.Series[str]:
    """Return the codes of a layer's features in a city."""
    query = f"SELECT code FROM {kind.table} WHERE city_id = :city AND code IS NOT NULL"  # noqa: S608
    return pd.Series(connection.scalars(text(query), {"city": city_id}).all(), dtype="str")


def project_ids(connection: Connection, city_id: int) -> pd.Series[int]:
    """Return the ids of a city's projects by code."""
    rows = connection.execute(
        text("SELECT code, id FROM project WHERE city_id = :city"), {"city": city_id}
    ).all()
    return pd.Series({row.code: row.id for row in rows}, dtype="int64")


def refresh_statistics(connection: Connection, kind: Kind) -> None:
    """Let the planner know how many rows there are now."""
    connection.execute(text(f"ANALYZE {kind.table}"))


def stored_keys(connection: Connection, kind: Kind, keys: Sequence[str], city_id: int) -> pd.DataFrame:
    """Return what makes a row of a list one of its own, for all rows of a city."""
    columns = ", ".join(f"t.{Base.metadata.tables[kind.table].columns[key].name}" for key in keys)
    query = f"SELECT {columns} FROM {OF_CITY[kind.table]} WHERE p.city_id = :city"  # noqa: S608
    return pd.DataFrame(connection.execute(text(query), {"city": city_id}).all(), columns=list(keys))
