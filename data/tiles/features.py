"""The city's layers in tiles: land, buildings, facilities, streets, people, problems."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, case, func, literal_column, or_, select, union_all
from sqlalchemy.dialects.postgresql import distinct_on

from data.models import (
    BUILDING_CELL,
    Building,
    ConstraintArea,
    District,
    Facility,
    Greenway,
    Parcel,
    PopulationCell,
    Problem,
    StreetEdge,
    Surface,
    Zoning,
)
from data.models.tiles import COARSEST, FINEST
from data.run_figures import LAYERS, NAMED, cells_of
from data.tiles.catalogue import FACILITIES_FROM
from data.tiles.drawing import (
    BOX,
    CELL,
    CITY,
    CLUSTER,
    COLUMN,
    MOST,
    ROW,
    SMALLEST_AREA,
    UNIT,
    in_force,
    inside,
    middle,
    number,
    rounded,
    shapes,
    shortened,
    square,
    width,
)
from data.tiles.grid import EXTENT, PIXEL

# Classes of streets that a zoom shows: those that are far enough apart to be told from one another.
STREETS_FROM = {"expressway": 0, "arterial": 10, "secondary": 12, "local": 13, "path": 14}


def districts(*_form: Any) -> Select[Any]:
    """Districts as they are now."""
    columns = {
        "code": District.code,
        "name_zh": shortened(District.name_zh),
        "name_en": shortened(District.name_en),
        "kind": District.kind,
    }
    return shapes(District, columns, District.city_id == CITY, District.valid_to.is_(None))


def zoning(*_form: Any) -> Select[Any]:
    """Zones in force."""
    columns = {
        "land_use": Zoning.land_use,
        "code": Zoning.code,
        "far": rounded(Zoning.floor_area_ratio, 2),
        "coverage": rounded(Zoning.building_coverage, 2),
        "height": rounded(Zoning.height_limit, 1),
        "green": rounded(Zoning.green_ratio, 2),
    }
    return shapes(Zoning, columns, Zoning.city_id == CITY, in_force(Zoning))


def zoning_cells(*_form: Any) -> Select[Any]:
    """The land use that has most of each cell; zones of more than two cells' width by their own shape."""
    shape = Zoning.mercator
    wide = width(shape) >= UNIT * number(2 * CELL)
    large = shapes(Zoning, {"land_use": Zoning.land_use}, Zoning.city_id == CITY, in_force(Zoning), wide)
    drawn = large.subquery("large")
    return union_all(select(drawn.c.land_use, drawn.c.geom), _mixed(shape, ~wide))  # type: ignore[return-value]


def _mixed(shape: Any, narrow: ColumnElement[bool]) -> Select[Any]:
    x, y = (func.floor(side / number(CELL)) for side in middle(shape))
    within = (Zoning.city_id == CITY, shape.op("&&")(BOX), inside(*middle(shape)), in_force(Zoning), narrow)
    each = (
        select(x.label("x"), y.label("y"), Zoning.land_use, func.sum(func.ST_Area(shape)).label("area"))
        .where(*within)
        .group_by(x, y, Zoning.land_use)
        .subquery("each")
    )
    chosen = (
        select(each.c.x, each.c.y, each.c.land_use)
        .ext(distinct_on(each.c.x, each.c.y))
        .order_by(each.c.x, each.c.y, each.c.area.desc(), each.c.land_use)
        .limit(MOST)
        .subquery("chosen")
    )
    return select(chosen.c.land_use, square(chosen.c.x, chosen.c.y, CELL))


def constraints(*_form: Any) -> Select[Any]:
    """Constraint areas in force that fill a pixel."""
    columns = {"kind": ConstraintArea.kind, "name": shortened(ConstraintArea.name)}
    seen = width(ConstraintArea.mercator) >= UNIT * number(PIXEL)
    return shapes(ConstraintArea, columns, ConstraintArea.city_id == CITY, in_force(ConstraintArea), seen)


def parcels(*_form: Any) -> Select[Any]:
    """Parcels."""
    return shapes(Parcel, {"code": shortened(Parcel.code), "land_use": Parcel.land_use})


def buildings(*_form: Any) -> Select[Any]:
    """Footprints of buildings."""
    columns = {
        "height": rounded(Building.height),
        "floors": Building.floors,
        "year": Building.year_built,
        "use": Building.use,
        "hazard": Building.hazard_grade,
        "disposition": Building.disposition,
    }
    return shapes(Building, columns)


def building_cells(zoom: int, *_form: Any) -> Select[Any]:
    """How many buildings and how much floor area each cell of the tile holds."""
    cell = BUILDING_CELL.c
    level = min(max(zoom, COARSEST), FINEST)
    across = 1 << (level + 6 - zoom)
    side = EXTENT / across
    first, top = COLUMN * across, ROW * across
    chosen = (
        select(cell.x - first, cell.y - top, cell.buildings, cell.known, cell.floor_area)
        .where(cell.city_id == CITY, cell.level == level)
        .where(cell.x.between(first, first + across - 1), cell.y.between(top, top + across - 1))
        .order_by(cell.buildings.desc())
        .limit(MOST)
        .subquery("chosen")
    )
    x, y, buildings, known, floor_area = chosen.c
    return select(
        buildings.label("count"),
        case((known > 0, rounded(floor_area))).label("floor_area"),
        square(x, y, side),
    )


def facility_areas(*_form: Any) -> Select[Any]:
    """Areas of facilities that are large enough to be seen."""
    columns = {"category": Facility.category, "name": shortened(Facility.name)}
    large = width(Facility.mercator) >= UNIT * number(SMALLEST_AREA)
    return shapes(
        Facility, columns, Facility.city_id == CITY, func.ST_Dimension(Facility.mercator) == 2, large
    )


def facilities(zoom: int, *_form: Any) -> Select[Any]:
    """Single facilities, or below the zoom that has room for them clusters of one category."""
    x, y = middle(Facility.mercator)
    within = (Facility.city_id == CITY, Facility.mercator.op("&&")(BOX), inside(x, y))
    if zoom >= FACILITIES_FROM:
        return (
            select(
                Facility.id,
                Facility.category,
                shortened(Facility.name).label("name"),
                literal_column("1", Integer).label("count"),
                func.ST_Point(x, y).label("geom"),
            )
            .where(*within)
            .order_by(Facility.capacity.desc().nulls_last())
            .limit(MOST)
        )
    place = select(Facility.category, x.label("x"), y.label("y")).where(*within).subquery("place")
    return (
        select(
            place.c.category,
            func.count().label("count"),
            func.ST_Point(func.avg(place.c.x), func.avg(place.c.y)).label("geom"),
        )
        .group_by(place.c.category, *(func.floor(side / number(CLUSTER)) for side in (place.c.x, place.c.y)))
        .order_by(func.count().desc())
        .limit(MOST)
    )


def streets(zoom: int, *_form: Any) -> Select[Any]:
    """Streets of the classes that the zoom has room for."""
    shown = [name for name, least in STREETS_FROM.items() if zoom >= least]
    kind = StreetEdge.street_class
    known = kind.in_(shown) if len(shown) < len(STREETS_FROM) else or_(kind.in_(shown), kind.is_(None))
    columns = {"class": kind}
    if zoom >= STREETS_FROM["local"]:
        columns["name"] = shortened(StreetEdge.name)
    return shapes(StreetEdge, columns, StreetEdge.city_id == CITY, known)


def greenways(*_form: Any) -> Select[Any]:
    """Greenways."""
    return shapes(Greenway, {"class": Greenway.greenway_class, "name": shortened(Greenway.name)})


def surfaces(*_form: Any) -> Select[Any]:
    """What covers the ground, where it fills a pixel."""
    columns = {"kind": Surface.kind, "name": shortened(Surface.name)}
    seen = width(Surface.mercator) >= UNIT * number(PIXEL)
    return shapes(Surface, columns, Surface.city_id == CITY, seen)


def population(*_form: Any) -> Select[Any]:
    """Residents by census unit or grid cell."""
    area = func.nullif(func.ST_Area(func.geography(PopulationCell.shape)), 0)
    columns = {
        "population": rounded(PopulationCell.population),
        "households": rounded(PopulationCell.households),
        "density": rounded(PopulationCell.population / area * number(1e6)),
    }
    return shapes(PopulationCell, columns)


def cells(units: str, *_form: Any) -> Select[Any]:
    """Units of the newest run for a kind of unit, numbered by their place in it."""
    found = cells_of(CITY, units).subquery("cell").c
    names = {"name_zh": shortened(found.name_zh), "name_en": shortened(found.name_en)}
    facts = {"code": found.code} | (names if LAYERS[units] in NAMED else {})
    return shapes(found, facts, found.id.is_not(None))


def _problem_facts() -> dict[str, Any]:
    return {
        "code": Problem.code,
        "title": shortened(Problem.title),
        "dimension": Problem.dimension,
        "severity": Problem.severity,
    }


def problem_areas(*_form: Any) -> Select[Any]:
    """Problems that a check-up found, those with an area."""
    area = func.ST_Dimension(Problem.mercator) == 2
    return shapes(Problem, _problem_facts(), Problem.city_id == CITY, area)


def problems(*_form: Any) -> Select[Any]:
    """Problems that a check-up found, as points."""
    x, y = middle(Problem.mercator)
    facts = _problem_facts()
    return (
        select(Problem.id, *(column.label(name) for name, column in facts.items()))
        .add_columns(func.ST_Point(x, y).label("geom"))
        .where(Problem.city_id == CITY, Problem.mercator.op("&&")(BOX), inside(x, y))
        .order_by(Problem.id)
        .limit(MOST)
    )
