"""What lies at a place, layer by layer: one statement for all layers, each bounded and read by its index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    Select,
    and_,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import JSONB

from data.models import (
    Building,
    City,
    ConstraintArea,
    District,
    Facility,
    Greenway,
    Parcel,
    PopulationCell,
    Problem,
    ProblemProject,
    Project,
    StreetEdge,
    Surface,
    Zoning,
)
from data.projects import ProjectFilter, conditions, listing

Facts = dict[str, Any]


@dataclass(frozen=True)
class Probe:
    """How a layer is asked: what is told of a feature, how near it must be, and how many are told.

    ``pixels`` is the distance on the screen that still counts as hit, 0 where the feature must cover the
    place; ``zoom`` is the least zoom at which single features of the layer can be told apart.
    """

    table: Any
    facts: tuple[str, ...]
    pixels: int = 0
    zoom: float = 0
    most: int = 4
    area: bool = True


PROBES = {
    "zoning": Probe(
        Zoning,
        (
            *("code", "land_use", "name", "floor_area_ratio", "building_coverage", "height_limit"),
            *("green_ratio", "valid_from", "valid_to", "legal_instrument"),
        ),
        most=6,
    ),
    "constraints": Probe(
        ConstraintArea,
        ("code", "kind", "name", "legal_instrument", "valid_from", "valid_to"),
        most=16,
    ),
    "parcels": Probe(Parcel, ("code", "land_use", "address", "floor_area"), zoom=13),
    "buildings": Probe(
        Building,
        (
            *("code", "floors", "height", "floor_area", "exempt_floor_area", "year_built"),
            *("use", "structure", "hazard_grade", "heritage", "disposition", "households", "population"),
        ),
        zoom=13,
    ),
    "facilities": Probe(
        Facility, ("code", "category", "name", "capacity", "floor_area"), pixels=8, zoom=12, most=8
    ),
    "streets": Probe(
        StreetEdge,
        ("code", "street_class", "name", "length", "one_way", "walkable"),
        pixels=8,
        zoom=12,
        most=1,
        area=False,
    ),
    "greenways": Probe(Greenway, ("code", "greenway_class", "name", "length"), pixels=8, most=2, area=False),
    "surfaces": Probe(Surface, ("code", "kind", "name"), zoom=12),
    "problems": Probe(
        Problem,
        (
            *("code", "title", "title_en", "dimension", "indicator", "severity"),
            *("found_on", "closed_on"),
        ),
        pixels=8,
        most=8,
    ),
    "population": Probe(PopulationCell, ("code", "population", "households", "year"), zoom=11, most=2),
}
PROJECT_PIXELS = 4
MOST_PROJECTS = 40


@dataclass(frozen=True)
class Spot:
    """A place on the screen: EPSG:3857 metres, and how many of these a pixel is wide."""

    x: float
    y: float
    pixel: float


def at(
    connection: Connection, city_id: int, keep: ProjectFilter, spot: Spot, layers: Sequence[str]
) -> tuple[dict[str, list[Facts]], dict[str, bool]]:
    """Read what lies at a place and which layers the city has, in one statement.

    Parameters
    ----------
    layers
        Layers of ``PROBES`` to ask; districts and the filtered projects always are.

    Returns
    -------
    features, present
        The facts of the features by layer, the nearest first and of these the smallest; ``area_m2`` in the
        city's metric CRS. Whether the city has any feature of each layer.
    """
    asked = [_districts(city_id), _projects(city_id, keep)]
    asked += [_features(name, PROBES[name], city_id) for name in layers]
    values = {"x": spot.x, "y": spot.y, "pixel": spot.pixel}
    # Each part reads a handful of rows by an index: a parallel worker takes longer to start than to help.
    connection.execute(text("SET LOCAL max_parallel_workers_per_gather = 0"))
    found: dict[str, list[Facts]] = {"districts": [], "projects": [], **{name: [] for name in layers}}
    present: dict[str, bool] = {}
    for layer, facts in connection.execute(union_all(_present(city_id), *asked), values):
        if layer == "present":
            present = facts
        else:
            found[layer].append(facts)
    return {name: sorted(rows, key=_place) for name, rows in found.items()}, present


def _place(facts: Facts) -> int:
    return int(facts.pop("place"))


def _point() -> Any:
    return func.ST_SetSRID(func.ST_MakePoint(bindparam("x", type_=Float), bindparam("y", type_=Float)), 3857)


def _meets(shape: Any, pixels: int) -> ColumnElement[bool]:
    if not pixels:
        met: ColumnElement[bool] = func.ST_Covers(shape, _point())
        return met
    within: ColumnElement[bool] = func.ST_DWithin(shape, _point(), pixels * bindparam("pixel", type_=Float))
    return within


def _nearest_first(shape: Any) -> tuple[Any, Any]:
    return func.ST_Distance(shape, _point()), func.ST_Area(shape)


def _told(layer: str, query: Select[Any]) -> Select[Any]:
    rows = query.subquery(f"{layer}_here")
    return select(
        literal(layer).label("layer"), func.to_jsonb(rows.table_valued(), type_=JSONB).label("facts")
    )


def _numbered(keys: Sequence[Any]) -> Any:
    return func.row_number().over(order_by=keys).label("place")


def _districts(city_id: int) -> Select[Any]:
    query = select(
        _numbered((District.position, District.code)),
        District.code,
        District.name_zh,
        District.name_en,
        District.kind,
        District.section,
        _area_m2(District.boundary, city_id),
    ).where(District.city_id == city_id, District.valid_to.is_(None), _meets(District.mercator, 0))
    return _told("districts", query)


def _projects(city_id: int, keep: ProjectFilter) -> Select[Any]:
    keys = (*_nearest_first(Project.mercator), Project.code)
    query = listing(city_id, keep).where(_meets(Project.mercator, PROJECT_PIXELS))
    return _told("projects", query.add_columns(_numbered(keys)).order_by(*keys).limit(MOST_PROJECTS))


def _features(layer: str, probe: Probe, city_id: int) -> Select[Any]:
    table = probe.table
    keys = (*_nearest_first(table.mercator), table.id)
    columns = [getattr(table, name) for name in probe.facts]
    if probe.area:
        columns.append(_area_m2(table.shape, city_id))
    if layer == "problems":
        columns.append(_treated_by())
    query = (
        select(_numbered(keys), *columns)
        .where(table.city_id == city_id, _meets(table.mercator, probe.pixels), _in_force(table))
        .order_by(*keys)
        .limit(probe.most)
    )
    return _told(layer, query)


def _in_force(table: Any) -> ColumnElement[bool]:
    if not hasattr(table, "valid_to"):
        return true()
    today = func.current_date()
    return and_(
        or_(table.valid_from.is_(None), table.valid_from <= today),
        or_(table.valid_to.is_(None), table.valid_to > today),
    )


def _area_m2(shape: Any, city_id: int) -> Any:
    srid = select(City.metric_srid).where(City.id == city_id).scalar_subquery()
    area = func.ST_Area(func.ST_Transform(shape, srid))
    return func.nullif(area, 0).label("area_m2")


def _treated_by() -> Any:
    return (
        select(func.array_agg(Project.code))
        .join(ProblemProject, ProblemProject.project_id == Project.id)
        .where(ProblemProject.problem_id == Problem.id)
        .correlate(Problem)
        .scalar_subquery()
        .label("projects")
    )


def _present(city_id: int) -> Select[Any]:
    tables = {name: probe.table for name, probe in PROBES.items()}
    has = [part for name, table in tables.items() for part in (literal(name), _any_of(table, city_id))]
    pending = exists().where(*conditions(city_id, ProjectFilter(boundary=("pending",))))
    return select(
        literal("present").label("layer"),
        func.jsonb_build_object(*has, literal("pending"), pending, type_=JSONB).label("facts"),
    )


def _any_of(table: Any, city_id: int) -> ColumnElement[bool]:
    return exists().where(table.city_id == city_id)
