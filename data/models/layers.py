"""The layers of a city that are imported whole: land, buildings, facilities, streets, people.

Shapes are EPSG:4326; ``mercator`` is the same in EPSG:3857, kept by the database for tiles. ``code`` is the
source's own name of a feature, where it has one. ``source_id`` says which import a feature came with.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    SmallInteger,
    UniqueConstraint,
    func,
)
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from data import codes
from data.models.base import MERCATOR, SOUND_SHAPE, VALIDITY, Base, mercator_of, one_of

# A type instance remembers whether its column may be NULL, so nullable columns have their own.
MULTIPOLYGON = Geometry("MULTIPOLYGON", srid=4326, spatial_index=False)
ANY_SHAPE = Geometry("GEOMETRY", srid=4326, spatial_index=False)
PLACE = Geometry("GEOMETRY", srid=4326, spatial_index=False)
LINESTRING = Geometry("LINESTRING", srid=4326, spatial_index=False)


class LayerSource(Base):
    """One import of a layer: where its features come from, in which CRS, when and by whom."""

    __tablename__ = "layer_source"
    __table_args__ = (
        CheckConstraint(one_of("layer", codes.LAYERS), name="layer"),
        CheckConstraint("features >= 0", name="features_not_negative"),
        Index("ix_layer_source_city_id_layer", "city_id", "layer"),
    )

    city_id: Mapped[int] = mapped_column(ForeignKey("city.id", ondelete="CASCADE"))
    layer: Mapped[str]
    name: Mapped[str]
    crs: Mapped[str]
    sha256: Mapped[str | None]
    features: Mapped[int]
    source_date: Mapped[dt.date | None]
    imported_by: Mapped[str]
    imported_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class LayerVersion(Base):
    """A number for each layer that grows with every committed change of it; triggers keep it."""

    __tablename__ = "layer_version"
    __table_args__ = (UniqueConstraint("layer"),)

    layer: Mapped[str]
    version: Mapped[int] = mapped_column(BigInteger, server_default="1")


class LayerChange(Base):
    """What the running transaction has changed; a deferred trigger turns it into a version and removes it."""

    __tablename__ = "layer_change"

    layer: Mapped[str]


class _Feature:
    """What every feature of a layer has."""

    city_id: Mapped[int] = mapped_column(ForeignKey("city.id", ondelete="CASCADE"))
    source_id: Mapped[int | None] = mapped_column(ForeignKey("layer_source.id", ondelete="CASCADE"))
    code: Mapped[str | None]

    @declared_attr
    def mercator(cls) -> Mapped[Any]:  # noqa: N805
        return mapped_column(MERCATOR, mercator_of("shape"), nullable=True)


def _of_a_layer(table: str, *rules: Any, unique: bool = True) -> tuple[Any, ...]:
    own = (
        [UniqueConstraint("city_id", "code")]
        if unique
        else [Index(f"ix_{table}_city_id_code", "city_id", "code")]
    )
    return (
        *own,
        *rules,
        CheckConstraint(SOUND_SHAPE, name="shape_sound"),
        Index(f"ix_{table}_shape", "shape", postgresql_using="gist"),
        Index(f"ix_{table}_mercator", "mercator", postgresql_using="gist"),
        Index(f"ix_{table}_source_id", "source_id"),
    )


class Zoning(_Feature, Base):
    """A zone of a regulatory plan 控制性详细规划: land use and what may be built on it.

    ``floor_area_ratio`` 容积率, ``building_coverage`` 建筑密度 (0 to 1) and ``height_limit`` 限高 (m) are
    upper limits, ``green_ratio`` 绿地率 (0 to 1) a lower one.
    """

    __tablename__ = "zoning"
    __table_args__ = _of_a_layer(
        "zoning",
        CheckConstraint("floor_area_ratio >= 0", name="floor_area_ratio"),
        CheckConstraint("building_coverage >= 0 AND building_coverage <= 1", name="building_coverage"),
        CheckConstraint("green_ratio >= 0 AND green_ratio <= 1", name="green_ratio"),
        CheckConstraint("height_limit >= 0", name="height_limit"),
        CheckConstraint(VALIDITY, name="validity"),
        unique=False,
    )

    land_use: Mapped[str]
    name: Mapped[str | None]
    floor_area_ratio: Mapped[float | None]
    building_coverage: Mapped[float | None]
    height_limit: Mapped[float | None]
    green_ratio: Mapped[float | None]
    valid_from: Mapped[dt.date | None]
    valid_to: Mapped[dt.date | None]
    legal_instrument: Mapped[str | None]
    shape: Mapped[Any] = mapped_column(MULTIPOLYGON)


class ConstraintArea(_Feature, Base):
    """An area that limits what may be done: protected block, control line, hazard, old or central city."""

    __tablename__ = "constraint_area"
    __table_args__ = _of_a_layer(
        "constraint_area",
        CheckConstraint(one_of("kind", codes.CONSTRAINT_KINDS), name="kind"),
        CheckConstraint(VALIDITY, name="validity"),
        unique=False,
    )

    kind: Mapped[str]
    name: Mapped[str | None]
    legal_instrument: Mapped[str | None]
    valid_from: Mapped[dt.date | None]
    valid_to: Mapped[dt.date | None]
    shape: Mapped[Any] = mapped_column(MULTIPOLYGON)


class Parcel(_Feature, Base):
    """A parcel 地块 as registered; ``floor_area`` (m²) is the existing gross floor area."""

    __tablename__ = "parcel"
    __table_args__ = _of_a_layer("parcel", CheckConstraint("floor_area >= 0", name="floor_area"))

    land_use: Mapped[str | None]
    address: Mapped[str | None]
    floor_area: Mapped[float | None]
    shape: Mapped[Any] = mapped_column(MULTIPOLYGON)


class Building(_Feature, Base):
    """A building by its footprint; ``height`` in m, ``floor_area`` in m² where the source gives it.

    ``exempt_floor_area`` 不计容建筑面积 (m²) is the part of it that does not count for the floor area ratio.
    """

    __tablename__ = "building"
    __table_args__ = _of_a_layer(
        "building",
        CheckConstraint("floors >= 0", name="floors"),
        CheckConstraint("height >= 0", name="height"),
        CheckConstraint("floor_area >= 0", name="floor_area"),
        CheckConstraint("exempt_floor_area >= 0", name="exempt_floor_area"),
        CheckConstraint("households >= 0", name="households"),
        CheckConstraint("population >= 0", name="population"),
        CheckConstraint(one_of("use", codes.BUILDING_USES), name="use"),
        CheckConstraint(one_of("structure", codes.STRUCTURES), name="structure"),
        CheckConstraint(one_of("hazard_grade", codes.HAZARD_GRADES), name="hazard_grade"),
        CheckConstraint(one_of("heritage", codes.HERITAGE), name="heritage"),
        CheckConstraint(one_of("disposition", codes.DISPOSITIONS), name="disposition"),
    )

    floors: Mapped[int | None] = mapped_column(SmallInteger)
    height: Mapped[float | None]
    floor_area: Mapped[float | None]
    exempt_floor_area: Mapped[float | None]
    year_built: Mapped[int | None] = mapped_column(SmallInteger)
    use: Mapped[str | None]
    structure: Mapped[str | None]
    hazard_grade: Mapped[str | None]
    heritage: Mapped[str | None]
    disposition: Mapped[str | None]
    households: Mapped[int | None]
    population: Mapped[float | None]
    shape: Mapped[Any] = mapped_column(MULTIPOLYGON)


class Facility(_Feature, Base):
    """A facility of the living circle 生活圈设施 or a park: a point or an area, with its capacity."""

    __tablename__ = "facility"
    __table_args__ = _of_a_layer(
        "facility",
        CheckConstraint(one_of("category", codes.FACILITY_CATEGORIES), name="category"),
        CheckConstraint("capacity >= 0", name="capacity"),
        CheckConstraint("floor_area >= 0", name="floor_area"),
        CheckConstraint("GeometryType(shape) IN ('POINT', 'MULTIPOLYGON')", name="shape_type"),
        Index("ix_facility_city_id_category", "city_id", "category"),
    )

    category: Mapped[str]
    name: Mapped[str | None]
    capacity: Mapped[float | None]
    floor_area: Mapped[float | None]
    shape: Mapped[Any] = mapped_column(ANY_SHAPE)


class StreetEdge(_Feature, Base):
    """A street segment between two nodes of the network; ``length`` (m) in the city's metric CRS."""

    __tablename__ = "street_edge"
    __table_args__ = _of_a_layer(
        "street_edge",
        CheckConstraint(one_of("street_class", codes.STREET_CLASSES), name="street_class"),
        CheckConstraint("length > 0", name="length"),
        Index("ix_street_edge_city_id_street_class", "city_id", "street_class"),
    )

    street_class: Mapped[str | None]
    name: Mapped[str | None]
    from_node: Mapped[str]
    to_node: Mapped[str]
    one_way: Mapped[bool | None]
    walkable: Mapped[bool | None]
    length: Mapped[float]
    shape: Mapped[Any] = mapped_column(LINESTRING)


class Greenway(_Feature, Base):
    """A greenway 绿道 for walking and cycling; ``length`` (m) in the city's metric CRS."""

    __tablename__ = "greenway"
    __table_args__ = _of_a_layer(
        "greenway",
        CheckConstraint(one_of("greenway_class", codes.GREENWAY_CLASSES), name="greenway_class"),
        CheckConstraint("length > 0", name="length"),
    )

    greenway_class: Mapped[str | None]
    name: Mapped[str | None]
    length: Mapped[float]
    shape: Mapped[Any] = mapped_column(LINESTRING)


class Surface(_Feature, Base):
    """A piece of ground by what covers it 下垫面, which lets water through (``codes.PERMEABLE``) or not."""

    __tablename__ = "surface"
    __table_args__ = _of_a_layer("surface", CheckConstraint(one_of("kind", codes.SURFACE_KINDS), name="kind"))

    kind: Mapped[str]
    name: Mapped[str | None]
    shape: Mapped[Any] = mapped_column(MULTIPOLYGON)


class PopulationCell(_Feature, Base):
    """Residents and households of a census unit or grid cell."""

    __tablename__ = "population_cell"
    __table_args__ = _of_a_layer(
        "population_cell",
        CheckConstraint("population >= 0", name="population"),
        CheckConstraint("households >= 0", name="households"),
    )

    population: Mapped[float | None]
    households: Mapped[float | None]
    year: Mapped[int | None] = mapped_column(SmallInteger)
    shape: Mapped[Any] = mapped_column(MULTIPOLYGON)


class Problem(_Feature, Base):
    """A problem that a city check-up 城市体检 found, tied to an indicator and, where known, to a place."""

    __tablename__ = "problem"
    __table_args__ = (
        UniqueConstraint("city_id", "code"),
        CheckConstraint(one_of("dimension", codes.DIMENSIONS), name="dimension"),
        CheckConstraint(one_of("severity", codes.SEVERITIES), name="severity"),
        CheckConstraint("closed_on >= found_on", name="closed_after_found"),
        CheckConstraint("shape IS NULL OR (ST_IsValid(shape) AND NOT ST_IsEmpty(shape))", name="shape_sound"),
        Index("ix_problem_shape", "shape", postgresql_using="gist"),
        Index("ix_problem_mercator", "mercator", postgresql_using="gist"),
    )

    title: Mapped[str]
    title_en: Mapped[str | None]
    dimension: Mapped[str]
    indicator: Mapped[str | None]
    severity: Mapped[str | None]
    found_on: Mapped[dt.date | None]
    closed_on: Mapped[dt.date | None]
    shape: Mapped[Any | None] = mapped_column(PLACE)


class ProblemProject(Base):
    """Which project treats which problem."""

    __tablename__ = "problem_project"
    __table_args__ = (
        UniqueConstraint("problem_id", "project_id"),
        Index("ix_problem_project_project_id", "project_id"),
    )

    problem_id: Mapped[int] = mapped_column(ForeignKey("problem.id", ondelete="CASCADE"))
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
