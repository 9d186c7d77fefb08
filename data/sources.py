"""Where a city's layers come from: the newest import of each."""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping, select
from sqlalchemy.dialects.postgresql import distinct_on

from data.models import LayerSource


def newest(connection: Connection, city_id: int) -> dict[str, RowMapping]:
    """Return the newest import of each layer that has one: ``name``, ``source_date``, ``imported_at``."""
    query = (
        select(LayerSource.layer, LayerSource.name, LayerSource.source_date, LayerSource.imported_at)
        .where(LayerSource.city_id == city_id)
        .order_by(LayerSource.layer, LayerSource.imported_at.desc(), LayerSource.id.desc())
        .ext(distinct_on(LayerSource.layer))
    )
    return {row["layer"]: row for row in connection.execute(query).mappings()}
