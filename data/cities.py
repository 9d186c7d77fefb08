"""Cities and their districts: look up by name, add, and give a boundary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from data.errors import N_, Conflict, NotFound
from data.models import City, District

CITY = City.__table__.columns
DISTRICT_NAMES = (
    District.id,
    District.code,
    District.name_zh,
    District.name_en,
    District.aliases,
    District.kind,
    District.section,
    District.position,
)


def city_named(connection: Connection, slug: str) -> RowMapping:
    """Return a city by its slug.

    Raises
    ------
    NotFound
        No city has this slug; the error lists those that exist.
    """
    found = connection.execute(select(*CITY).where(City.slug == slug)).mappings().first()
    if found is not None:
        return found
    known = connection.scalars(select(City.slug).order_by(City.synthetic, City.id)).all()
    raise NotFound(
        N_("There is no city «{slug}»."),
        remedy=N_("Choose one of: {known}. `gengxin city add` makes a new one."),
        slug=slug,
        known=", ".join(known) or "-",
    )


def add_city(connection: Connection, values: Mapping[str, Any]) -> int:
    """Add a city and return its id.

    Raises
    ------
    Conflict
        The slug is taken.
    """
    added = insert(City).values(**values).on_conflict_do_nothing(index_elements=["slug"]).returning(City.id)
    city_id = connection.scalar(added)
    if city_id is None:
        raise Conflict(
            N_("There is already a city «{slug}»."), remedy=N_("Choose another slug."), slug=values["slug"]
        )
    return int(city_id)


def districts_of(connection: Connection, city_id: int) -> Sequence[RowMapping]:
    """List a city's present districts and zones in printed order, with every name they go by."""
    query = (
        select(*DISTRICT_NAMES, District.boundary.is_not(None).label("has_boundary"))
        .where(District.city_id == city_id, District.valid_to.is_(None))
        .order_by(District.position, District.code)
    )
    return connection.execute(query).mappings().all()


def add_districts(connection: Connection, city_id: int, rows: Sequence[Mapping[str, Any]]) -> int:
    """Add districts that the city does not have yet, by code; returns how many were added."""
    if not rows:
        return 0
    complete = [{"aliases": [], "kind": "district", "section": "", "position": 0, **row} for row in rows]
    statement = (
        insert(District)
        .values([{"city_id": city_id, **row} for row in complete])
        .on_conflict_do_nothing(index_elements=["city_id", "code"])
    )
    return connection.execute(statement.returning(District.id)).rowcount


def change_districts(connection: Connection, city_id: int, rows: Sequence[Mapping[str, Any]]) -> int:
    """Change names, aliases, kind, section and position of districts by code; returns how many differed."""
    kept = ("name_zh", "name_en", "aliases", "kind", "section", "position")
    columns = [District.__table__.columns[name] for name in kept]
    changed = 0
    for row in rows:
        wanted = {column.key: row[column.key] for column in columns}
        differs = or_(*[column.is_distinct_from(wanted[column.key]) for column in columns])
        one = update(District).where(District.city_id == city_id, District.code == row["code"], differs)
        changed += connection.execute(one.values(**wanted)).rowcount
    return changed


def set_boundaries(
    connection: Connection, ids: Sequence[int], polygons: Sequence[bytes], crs: str, source: str
) -> int:
    """Store district boundaries that differ from what is stored; returns how many did.

    Parameters
    ----------
    ids, polygons
        Districts and their polygons or multipolygons as WKB in EPSG:4326.
    crs, source
        The datum that the source declares, and where the boundaries come from.
    """
    query = """
        UPDATE district d SET boundary = given.boundary, boundary_crs = :crs, boundary_source = :source
        FROM (SELECT id, ST_Multi(ST_GeomFromWKB(wkb, 4326)) AS boundary
            FROM unnest(CAST(:ids AS integer[]), CAST(:polygons AS bytea[])) AS t(id, wkb)) AS given
        WHERE d.id = given.id AND
            (d.boundary, d.boundary_crs, d.boundary_source) IS DISTINCT FROM (given.boundary, :crs, :source)
    """
    values = {"ids": list(ids), "polygons": list(polygons), "crs": crs, "source": source}
    return connection.execute(text(query), values).rowcount


def area_m2(connection: Connection, city_id: int) -> Mapping[str, float]:
    """Return the area of each district with a boundary by code, in m² of the city's metric CRS."""
    query = text(
        "SELECT d.code, ST_Area(ST_Transform(d.boundary, c.metric_srid)) AS area FROM district d "
        "JOIN city c ON c.id = d.city_id WHERE c.id = :city AND d.boundary IS NOT NULL"
    )
    return {row.code: row.area for row in connection.execute(query, {"city": city_id})}
