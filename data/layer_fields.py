"""The columns of the layers that leave as files: what each holds, its unit and its code list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Float, RowMapping, case, cast, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from data import codes
from data.errors import N_
from data.models import (
    INDICATOR_UNIT,
    Building,
    ConstraintArea,
    District,
    Facility,
    Greenway,
    Parcel,
    PopulationCell,
    Problem,
    ProblemProject,
    Project,
    ProjectDistrict,
    StreetEdge,
    Surface,
    Zoning,
)
from data.project_day import progress_on, stage_on
from data.projects import ProjectFilter
from data.selection import Area, length_of, part_inside, share_inside, square_metres_of

Kind = Literal["text", "integer", "number", "date", "yes_no"]
KINDS_OF_DISTRICT = {
    "district": codes.Term("行政区", "District"),
    "functional_zone": codes.Term("功能区", "Functional zone"),
}
STATUSES = {
    "pending": codes.Term("待划定", "Pending"),
    "drafted": codes.Term("初步划定", "Drafted"),
    "surveyed": codes.Term("已测绘", "Surveyed"),
}


@dataclass(frozen=True)
class Field:
    """A column: its name in a file, its SQL value, its meaning (a text to translate), unit, code list."""

    name: str
    value: Any
    meaning: str
    kind: Kind = "text"
    unit: str = ""
    terms: Mapping[str, codes.Term] | None = None


@dataclass(frozen=True)
class Layer:
    """A layer that leaves as a file: its table, its shapes, and how they are to be called in GIS files."""

    table: Any
    shape: Any
    shapes: str


LAYERS: dict[str, Layer] = {
    "projects": Layer(Project, Project.boundary, "MultiPolygon"),
    "districts": Layer(District, District.boundary, "MultiPolygon"),
    "zoning": Layer(Zoning, Zoning.shape, "MultiPolygon"),
    "constraints": Layer(ConstraintArea, ConstraintArea.shape, "MultiPolygon"),
    "parcels": Layer(Parcel, Parcel.shape, "MultiPolygon"),
    "buildings": Layer(Building, Building.shape, "MultiPolygon"),
    "facilities": Layer(Facility, Facility.shape, "Unknown"),
    "streets": Layer(StreetEdge, StreetEdge.shape, "LineString"),
    "greenways": Layer(Greenway, Greenway.shape, "LineString"),
    "surfaces": Layer(Surface, Surface.shape, "MultiPolygon"),
    "population": Layer(PopulationCell, PopulationCell.shape, "MultiPolygon"),
    "problems": Layer(Problem, Problem.shape, "Unknown"),
    "indicators": Layer(INDICATOR_UNIT, INDICATOR_UNIT.columns.shape, "MultiPolygon"),
}
MEASURED = frozenset({"projects", "districts", "zoning", "constraints", "parcels", "buildings", "surfaces"})
CODE = N_("Code of the feature")
NAME = N_("Name")
LAND_USE = N_("Land-use class")
FROM, UNTIL = N_("In force from"), N_("In force until")
INSTRUMENT = N_("Legal instrument")
LENGTH = N_("Length in the city's metric system")
CAPACITY = N_("Capacity, in places of its kind")


def fields(
    layer: str, city: RowMapping, area: Area | None = None, keep: ProjectFilter | None = None
) -> list[Field]:
    """Return the columns of a layer without its shape, those that measure what an area selects last."""
    own = OF_LAYER[layer](keep or ProjectFilter())
    srid = city["metric_srid"]
    if layer in MEASURED:
        size = square_metres_of(LAYERS[layer].shape, srid)
        own.append(Field("area_m2", size, N_("Area in the city's metric system"), "number", "m²"))
    if area is not None and area.shape is not None:
        own += _selected(layer, area, srid)
    if city["synthetic"]:
        own.append(Field("data", literal("synthetic"), N_("Invented for demonstration, not real")))
    return own


def sortable(layer: str) -> tuple[str, ...]:
    """Name the columns that can order the features of a layer."""
    own = (field.name for field in OF_LAYER[layer](ProjectFilter()))
    return (*own, "area_m2") if layer in MEASURED else tuple(own)


def _selected(layer: str, area: Area, srid: int) -> list[Field]:
    shape = LAYERS[layer].shape
    if layer in {"projects", "districts", "zoning", "constraints", "parcels", "surfaces"}:
        size = square_metres_of(part_inside(shape, area), srid)
        return [Field("selected_area_m2", size, N_("Area of the part in the selection"), "number", "m²")]
    if layer in {"streets", "greenways"}:
        metres = length_of(part_inside(shape, area), srid)
        return [Field("selected_length_m", metres, N_("Length of the part in the selection"), "number", "m")]
    if layer == "population":
        share = share_inside(PopulationCell, area, srid)
        return [Field("selected_share", share, N_("Share of the cell's land in the selection"), "number")]
    return []


def named(field: Field, language: str) -> list[Field]:
    """Return a field, with the name of its code after it where it has a code list."""
    if field.terms is None:
        return [field]
    names = {code: term.zh if language == "zh_CN" else term.en for code, term in field.terms.items()}
    return [
        field,
        Field(f"{field.name}_name", case(names, value=field.value), N_("Name of the code before it")),
    ]


def _projects(keep: ProjectFilter) -> list[Field]:
    return [
        Field("code", Project.code, N_("Code in the project library")),
        Field("name", Project.name, NAME),
        Field("name_en", Project.name_en, N_("English name")),
        Field("districts", _districts_of_project(), N_("Codes of its districts")),
        Field("project_type", Project.project_type, N_("Type"), terms=codes.PROJECT_TYPES),
        Field("renewal_mode", Project.renewal_mode, N_("Mode of renewal"), terms=codes.RENEWAL_MODES),
        Field("stage", stage_on(keep.day), N_("Stage"), terms=codes.STAGES),
        Field("progress", progress_on(keep.day), N_("Share of the works done, 0 to 1"), "number"),
        Field(
            "total_investment",
            cast(Project.total_investment, Float),
            N_("Total investment of the whole project"),
            "number",
            "CNY",
        ),
        Field("implementing_entity", Project.implementing_entity, N_("Implementing entity")),
        Field("lead_department", Project.lead_department, N_("Lead department")),
        Field("planned_start", Project.planned_start, N_("Planned start"), "date"),
        Field("planned_end", Project.planned_end, N_("Planned end"), "date"),
        Field("geometry_kind", Project.geometry_kind, N_("Kind of boundary"), terms=codes.GEOMETRY_KINDS),
        Field("boundary_status", Project.boundary_status, N_("Boundary status"), terms=STATUSES),
        Field("boundary_crs", Project.boundary_crs, N_("CRS that the boundary was supplied in")),
    ]


def _districts_of_project() -> Any:
    return (
        select(func.string_agg(District.code, aggregate_order_by(literal("; "), District.position)))
        .select_from(ProjectDistrict)
        .join(District)
        .where(ProjectDistrict.project_id == Project.id)
        .correlate(Project)
        .scalar_subquery()
    )


def _districts(_keep: ProjectFilter) -> list[Field]:
    parent = aliased(District)
    above = select(parent.code).where(parent.id == District.parent_id).correlate(District).scalar_subquery()
    return [
        Field("code", District.code, N_("Code of the district or zone")),
        Field("name_zh", District.name_zh, N_("Chinese name")),
        Field("name_en", District.name_en, N_("English name")),
        Field("kind", District.kind, N_("Kind"), terms=KINDS_OF_DISTRICT),
        Field("section", District.section, N_("Section of the project library")),
        Field("parent", above, N_("Code of the district it belongs to")),
        Field("valid_from", District.valid_from, FROM, "date"),
        Field("valid_to", District.valid_to, UNTIL, "date"),
        Field("legal_instrument", District.legal_instrument, INSTRUMENT),
        Field("boundary_crs", District.boundary_crs, N_("CRS that the boundary was supplied in")),
        Field("boundary_source", District.boundary_source, N_("Source of the boundary")),
    ]


def _zoning(_keep: ProjectFilter) -> list[Field]:
    return [
        Field("code", Zoning.code, CODE),
        Field("land_use", Zoning.land_use, LAND_USE, terms=codes.LAND_USES),
        Field("name", Zoning.name, NAME),
        Field("floor_area_ratio", Zoning.floor_area_ratio, N_("Greatest floor-area ratio"), "number"),
        Field(
            "building_coverage", Zoning.building_coverage, N_("Greatest building coverage, 0 to 1"), "number"
        ),
        Field("height_limit", Zoning.height_limit, N_("Greatest building height"), "number", "m"),
        Field("green_ratio", Zoning.green_ratio, N_("Least green ratio, 0 to 1"), "number"),
        Field("valid_from", Zoning.valid_from, FROM, "date"),
        Field("valid_to", Zoning.valid_to, UNTIL, "date"),
        Field("legal_instrument", Zoning.legal_instrument, INSTRUMENT),
    ]


def _constraints(_keep: ProjectFilter) -> list[Field]:
    return [
        Field("code", ConstraintArea.code, CODE),
        Field("kind", ConstraintArea.kind, N_("Kind of constraint"), terms=codes.CONSTRAINT_KINDS),
        Field("name", ConstraintArea.name, NAME),
        Field("legal_instrument", ConstraintArea.legal_instrument, INSTRUMENT),
        Field("valid_from", ConstraintArea.valid_from, FROM, "date"),
        Field("valid_to", ConstraintArea.valid_to, UNTIL, "date"),
    ]


def _parcels(_keep: ProjectFilter) -> list[Field]:
    return [
        Field("code", Parcel.code, CODE),
        Field("land_use", Parcel.land_use, LAND_USE, terms=codes.LAND_USES),
        Field("address", Parcel.address, N_("Address")),
        Field("floor_area", Parcel.floor_area, N_("Existing gross floor area"), "number", "m²"),
    ]


def _buildings(_keep: ProjectFilter) -> list[Field]:
    return [
        Field("code", Building.code, CODE),
        Field("floors", Building.floors, N_("Floors above ground"), "integer"),
        Field("height", Building.height, N_("Height"), "number", "m"),
        Field("floor_area", Building.floor_area, N_("Floor area as supplied"), "number", "m²"),
        Field(
            "exempt_floor_area",
            Building.exempt_floor_area,
            N_("Floor area that does not count for the floor area ratio"),
            "number",
            "m²",
        ),
        Field("year_built", Building.year_built, N_("Year of construction"), "integer"),
        Field("use", Building.use, N_("Use"), terms=codes.BUILDING_USES),
        Field("structure", Building.structure, N_("Structure"), terms=codes.STRUCTURES),
        Field("hazard_grade", Building.hazard_grade, N_("Hazard grade"), terms=codes.HAZARD_GRADES),
        Field("heritage", Building.heritage, N_("Heritage status"), terms=codes.HERITAGE),
        Field("disposition", Building.disposition, N_("Keep, alter or demolish"), terms=codes.DISPOSITIONS),
        Field("households", Building.households, N_("Households"), "integer"),
        Field("population", Building.population, N_("Residents"), "number"),
    ]


def _facilities(_keep: ProjectFilter) -> list[Field]:
    return [
        Field("code", Facility.code, CODE),
        Field("category", Facility.category, N_("Category"), terms=codes.FACILITY_CATEGORIES),
        Field("name", Facility.name, NAME),
        Field("capacity", Facility.capacity, CAPACITY, "number"),
        Field("floor_area", Facility.floor_area, N_("Floor area as supplied"), "number", "m²"),
    ]


def _streets(_keep: ProjectFilter) -> list[Field]:
    return [
        Field("code", StreetEdge.code, CODE),
        Field("street_class", StreetEdge.street_class, N_("Class"), terms=codes.STREET_CLASSES),
        Field("name", StreetEdge.name, NAME),
        Field("from_node", StreetEdge.from_node, N_("Node where it begins")),
        Field("to_node", StreetEdge.to_node, N_("Node where it ends")),
        Field("one_way", StreetEdge.one_way, N_("One-way"), "yes_no"),
        Field("walkable", StreetEdge.walkable, N_("Can be walked"), "yes_no"),
        Field("length", StreetEdge.length, LENGTH, "number", "m"),
    ]


def _greenways(_keep: ProjectFilter) -> list[Field]:
    return [
        Field("code", Greenway.code, CODE),
        Field("greenway_class", Greenway.greenway_class, N_("Class"), terms=codes.GREENWAY_CLASSES),
        Field("name", Greenway.name, NAME),
        Field("length", Greenway.length, LENGTH, "number", "m"),
    ]


def _surfaces(_keep: ProjectFilter) -> list[Field]:
    return [
        Field("code", Surface.code, CODE),
        Field("kind", Surface.kind, N_("What covers the ground"), terms=codes.SURFACE_KINDS),
        Field("name", Surface.name, NAME),
    ]


def _population(_keep: ProjectFilter) -> list[Field]:
    return [
        Field("code", PopulationCell.code, CODE),
        Field("population", PopulationCell.population, N_("Residents"), "number"),
        Field("households", PopulationCell.households, N_("Households"), "number"),
        Field("year", PopulationCell.year, N_("Year of the count"), "integer"),
    ]


def _problems(_keep: ProjectFilter) -> list[Field]:
    treated = (
        select(func.string_agg(Project.code, aggregate_order_by(literal("; "), Project.code)))
        .select_from(ProblemProject)
        .join(Project)
        .where(ProblemProject.problem_id == Problem.id)
        .correlate(Problem)
        .scalar_subquery()
    )
    return [
        Field("code", Problem.code, CODE),
        Field("title", Problem.title, N_("What was found")),
        Field("title_en", Problem.title_en, N_("What was found, in English")),
        Field("dimension", Problem.dimension, N_("Scale of the check-up"), terms=codes.DIMENSIONS),
        Field("indicator", Problem.indicator, N_("Indicator")),
        Field("severity", Problem.severity, N_("Severity"), terms=codes.SEVERITIES),
        Field("found_on", Problem.found_on, N_("Found on"), "date"),
        Field("closed_on", Problem.closed_on, N_("Closed on"), "date"),
        Field("projects", treated, N_("Codes of the projects that treat it")),
    ]


OF_LAYER: dict[str, Callable[[ProjectFilter], list[Field]]] = {
    "projects": _projects,
    "districts": _districts,
    "zoning": _zoning,
    "constraints": _constraints,
    "parcels": _parcels,
    "buildings": _buildings,
    "facilities": _facilities,
    "streets": _streets,
    "greenways": _greenways,
    "surfaces": _surfaces,
    "population": _population,
    "problems": _problems,
}
