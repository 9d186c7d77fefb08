"""What lies in an area 选区: which features count there, and their sums in the city's metric CRS.

A project counts where its boundary shares ground with the area (or lies wholly within it); land, streets and
population count by the part inside; a building or facility counts where its inner point lies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    Numeric,
    RowMapping,
    and_,
    case,
    cast,
    false,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.sql.elements import SQLColumnExpression

from data.errors import N_, NotFound
from data.models import (
    Building,
    ConstraintArea,
    District,
    Facility,
    Greenway,
    Parcel,
    PopulationCell,
    Problem,
    Project,
    ProjectDistrict,
    StreetEdge,
    Surface,
    Zoning,
)
from data.project_day import stage_on
from data.projects import ProjectFilter, conditions

QUADRANT_SEGMENTS = 90
SUMMED: dict[str, Any] = {
    "zoning": Zoning,
    "constraints": ConstraintArea,
    "buildings": Building,
    "facilities": Facility,
    "streets": StreetEdge,
    "greenways": Greenway,
    "surfaces": Surface,
    "population": PopulationCell,
}
LAYER_TABLES: dict[str, Any] = {**SUMMED, "parcels": Parcel, "problems": Problem}
BY_INNER_POINT = frozenset({"buildings", "facilities", "problems"})


@dataclass(frozen=True)
class Area:
    """A selected area: its shape as WKB (EPSG:4326), and its district where it is one.

    ``shape`` is None for a district whose boundary is pending; ``inside`` keeps only the projects that lie
    wholly within.
    """

    shape: bytes | None
    district_id: int | None = None
    inside: bool = False


@dataclass(frozen=True)
class Sums:
    """Sums of what lies in an area; ``supplied`` names the layers that the city has at all."""

    projects: RowMapping
    stages: Sequence[RowMapping]
    types: Sequence[RowMapping]
    buildings: Mapping[str, Any]
    uses: Sequence[RowMapping]
    facilities: Sequence[RowMapping]
    zoning: Sequence[RowMapping]
    constraints: Sequence[RowMapping]
    streets: Sequence[RowMapping]
    greenways: Sequence[RowMapping]
    surfaces: Sequence[RowMapping]
    population: RowMapping
    supplied: frozenset[str]


def circle(connection: Connection, place: tuple[float, float], metres: float, srid: int) -> bytes:
    """Return the circle around a place in the city's metric CRS, as WKB in EPSG:4326."""
    centre = func.ST_Transform(func.ST_SetSRID(func.ST_Point(*place), 4326), srid)
    ring = func.ST_Transform(func.ST_Buffer(centre, metres, QUADRANT_SEGMENTS), 4326)
    return bytes(connection.execute(select(func.ST_AsBinary(ring))).scalar_one())


def district(connection: Connection, city_id: int, code: str) -> RowMapping:
    """Return id, names and boundary (WKB, None while pending) of a present district.

    Raises
    ------
    NotFound
        The city has no such district.
    """
    query = select(
        District.id,
        District.code,
        District.name_zh,
        District.name_en,
        func.ST_AsBinary(District.boundary).label("shape"),
    ).where(District.city_id == city_id, District.code == code, District.valid_to.is_(None))
    found = connection.execute(query).mappings().first()
    if found is None:
        raise NotFound(
            N_("There is no district «{code}» in this city."),
            remedy=N_("Choose one from the list of districts."),
            code=code[:40],
        )
    return found


def square_metres(connection: Connection, area: Area, srid: int) -> float | None:
    """Measure an area in the city's metric CRS; None while its boundary is pending."""
    if area.shape is None:
        return None
    return float(connection.scalar(select(func.ST_Area(func.ST_Transform(shape_of(area), srid)))) or 0.0)


def shape_of(area: Area) -> Any:
    """Return the area's shape as an SQL value."""
    return func.ST_GeomFromWKB(area.shape, 4326)


def overlaps(shape: Any, area: Area) -> ColumnElement[bool]:
    """Whether a shape shares ground with the area; a common edge alone does not count."""
    there = shape_of(area)
    shares = and_(func.ST_Intersects(shape, there), ~func.ST_Touches(shape, there))
    # Most shapes lie wholly within, which a prepared area tells fast; ST_Touches is slow.
    return and_(shape.op("&&")(there), or_(func.ST_Contains(there, shape), shares))


def centred(shape: Any, area: Area) -> ColumnElement[bool]:
    """Whether a shape's inner point lies in the area: areas side by side do not both count it."""
    there = shape_of(area)
    return and_(shape.op("&&")(there), func.ST_Covers(there, func.ST_PointOnSurface(shape)))


def part_inside(shape: Any, area: Area) -> Any:
    """Return the part of a shape that lies in the area."""
    there = shape_of(area)
    return case((func.ST_Covers(there, shape), shape), else_=func.ST_Intersection(shape, there))


def projects_in(area: Area) -> ColumnElement[bool]:
    """Whether a project counts; one without boundary counts only in its own district."""
    if area.shape is None:
        return _recorded(area)
    located = _lies_there(area)
    if area.district_id is None:
        return located
    return or_(located, and_(Project.boundary.is_(None), _recorded(area)))


def _recorded(area: Area) -> ColumnElement[bool]:
    """Whether the register names the area's district for a project; never so for an area that is none."""
    members = select(ProjectDistrict.project_id).where(ProjectDistrict.district_id == area.district_id)
    return Project.id.in_(members)


def _lies_there(area: Area) -> ColumnElement[bool]:
    if area.inside:
        there = shape_of(area)
        return and_(Project.boundary.op("@")(there), func.ST_Covers(there, Project.boundary))
    return overlaps(Project.boundary, area)


def features_in(layer: str, area: Area) -> ColumnElement[bool]:
    """Whether a feature of one of the layers of a whole city counts in an area."""
    if area.shape is None:
        return false()
    table = LAYER_TABLES[layer]
    rule = centred if layer in BY_INNER_POINT else overlaps
    return rule(table.shape, area)


def in_force(table: Any) -> ColumnElement[bool]:
    """Whether a feature is in force today; one of a layer without dates always is."""
    if not hasattr(table, "valid_to"):
        return true()
    return and_(
        or_(table.valid_from.is_(None), table.valid_from <= func.current_date()),
        or_(table.valid_to.is_(None), table.valid_to > func.current_date()),
    )


def square_metres_of(shape: Any, srid: int) -> SQLColumnExpression[float]:
    """Return the area of a shape in a metric CRS as an SQL value."""
    return func.ST_Area(func.ST_Transform(shape, srid))


def length_of(shape: Any, srid: int) -> SQLColumnExpression[float]:
    """Return the length of a line in a metric CRS as an SQL value."""
    return func.ST_Length(func.ST_Transform(shape, srid))


def sums(connection: Connection, city: RowMapping, area: Area, keep: ProjectFilter) -> Sums:
    """Sum up what lies in an area, of the projects those that the filter keeps."""
    city_id, srid = city["id"], city["metric_srid"]
    uses = _rows(connection, _buildings(city_id, srid, area))
    return Sums(
        projects=projects_sum(connection, city, area, keep),
        stages=_projects_by(connection, city_id, area, keep, stage_on(keep.day)),
        types=_projects_by(connection, city_id, area, keep, Project.project_type),
        buildings=_totals(uses),
        uses=uses,
        facilities=_rows(connection, _facilities(city_id, area)),
        zoning=_rows(connection, _land("zoning", Zoning.land_use, city_id, srid, area)),
        constraints=_rows(connection, _land("constraints", ConstraintArea.kind, city_id, srid, area)),
        streets=_rows(connection, _lines("streets", StreetEdge.street_class, city_id, srid, area)),
        greenways=_rows(connection, _lines("greenways", Greenway.greenway_class, city_id, srid, area)),
        surfaces=_rows(connection, _land("surfaces", Surface.kind, city_id, srid, area)),
        population=connection.execute(_population(city_id, srid, area)).mappings().one(),
        supplied=_supplied(connection, city_id),
    )


def _rows(connection: Connection, query: Any) -> Sequence[RowMapping]:
    return connection.execute(query).mappings().all()


def _supplied(connection: Connection, city_id: int) -> frozenset[str]:
    query = select(
        *[
            select(table.id).where(table.city_id == city_id).exists().label(layer)
            for layer, table in SUMMED.items()
        ]
    )
    there = connection.execute(query).mappings().one()
    return frozenset(layer for layer in SUMMED if there[layer])


def _share_of_project(area: Area, srid: int) -> Any:
    """Return the part of a project that counts for an area: the recorded one of a district, else by land."""
    if area.district_id is None:
        part = square_metres_of(part_inside(Project.boundary, area), srid)
        return cast(part / func.nullif(square_metres_of(Project.boundary, srid), 0), Numeric)
    recorded = select(ProjectDistrict.share).where(
        ProjectDistrict.project_id == Project.id, ProjectDistrict.district_id == area.district_id
    )
    return func.coalesce(recorded.correlate(Project).scalar_subquery(), 0)


def projects_sum(connection: Connection, city: RowMapping, area: Area, keep: ProjectFilter) -> RowMapping:
    """Count the projects of an area, sum their investment (yuan; whole and by share) and their sites (m²)."""
    srid = city["metric_srid"]
    part = None if area.shape is None else square_metres_of(part_inside(Project.boundary, area), srid)
    query = select(
        func.count().label("projects"),
        func.count().filter(_recorded(area)).label("recorded"),
        func.count(Project.total_investment).label("with_amount"),
        func.sum(Project.total_investment).label("investment"),
        func.sum(Project.total_investment * _share_of_project(area, srid)).label("investment_by_share"),
        func.count(Project.boundary).label("with_boundary"),
        func.sum(square_metres_of(Project.boundary, srid)).label("site_area"),
        func.sum(cast(part, Float)).label("site_inside"),
    ).where(*conditions(city["id"], keep), projects_in(area))
    return connection.execute(query).mappings().one()


def _projects_by(
    connection: Connection, city_id: int, area: Area, keep: ProjectFilter, key: Any
) -> Sequence[RowMapping]:
    query = (
        select(
            key.label("key"),
            func.count().label("projects"),
            func.sum(Project.total_investment).label("investment"),
        )
        .where(*conditions(city_id, keep), projects_in(area))
        .group_by(key)
    )
    return _rows(connection, query)


BUILDING_FIGURES = ("buildings", "with_floor_area", "footprint", "floor_area", "households", "population")


def _totals(uses: Sequence[RowMapping]) -> dict[str, Any]:
    """Add up the figures of all uses; one that no use supplies is unknown, counts are 0."""
    known = {name: [row[name] for row in uses if row[name] is not None] for name in BUILDING_FIGURES}
    counts = ("buildings", "with_floor_area")
    return {name: sum(values) if values or name in counts else None for name, values in known.items()}


def _buildings(city_id: int, srid: int, area: Area) -> Any:
    footprint: Any = square_metres_of(Building.shape, srid)
    found = (
        select(
            Building.use.label("key"),
            footprint.label("footprint"),
            Building.floor_area.label("supplied"),
            Building.floors,
            Building.households,
            Building.population,
        )
        .where(Building.city_id == city_id, features_in("buildings", area))
        .offset(0)
        .subquery()
    )
    floor_area = func.coalesce(found.c.supplied, found.c.footprint * found.c.floors)
    return (
        select(
            found.c.key,
            func.count().label("buildings"),
            func.count(floor_area).label("with_floor_area"),
            func.sum(floor_area).label("floor_area"),
            *[func.sum(found.c[name]).label(name) for name in ("footprint", "households", "population")],
        )
        .group_by(found.c.key)
        .order_by(func.count().desc())
    )


def _facilities(city_id: int, area: Area) -> Any:
    return (
        select(
            Facility.category.label("key"),
            func.count().label("facilities"),
            func.sum(Facility.capacity).label("capacity"),
        )
        .where(Facility.city_id == city_id, features_in("facilities", area))
        .group_by(Facility.category)
        .order_by(func.count().desc())
    )


def _land(layer: str, key: Any, city_id: int, srid: int, area: Area) -> Any:
    table = LAYER_TABLES[layer]
    covered = func.sum(square_metres_of(part_inside(table.shape, area), srid)) if area.shape else func.sum(0)
    return (
        select(key.label("key"), func.count().label("features"), covered.label("area"))
        .where(table.city_id == city_id, in_force(table), features_in(layer, area))
        .group_by(key)
        .order_by(covered.desc())
    )


def _lines(layer: str, key: Any, city_id: int, srid: int, area: Area) -> Any:
    table = LAYER_TABLES[layer]
    metres = func.sum(length_of(part_inside(table.shape, area), srid)) if area.shape else func.sum(0)
    return (
        select(key.label("key"), func.count().label("features"), metres.label("length"))
        .where(table.city_id == city_id, features_in(layer, area))
        .group_by(key)
        .order_by(metres.desc())
    )


def share_inside(table: Any, area: Area, srid: int) -> Any:
    """Return the share of a cell's land that lies in the area."""
    part = square_metres_of(part_inside(table.shape, area), srid)
    return part / func.nullif(square_metres_of(table.shape, srid), 0)


def _population(city_id: int, srid: int, area: Area) -> Any:
    share = share_inside(PopulationCell, area, srid) if area.shape else 0
    return select(
        func.count().label("cells"),
        func.count(PopulationCell.population).label("with_population"),
        func.sum(PopulationCell.population * share).label("population"),
        func.sum(PopulationCell.households * share).label("households"),
        func.min(PopulationCell.year).label("first_year"),
        func.max(PopulationCell.year).label("last_year"),
    ).where(PopulationCell.city_id == city_id, features_in("population", area))
