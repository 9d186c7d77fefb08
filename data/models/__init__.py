"""The tables. Geometry in EPSG:4326, money as NUMERIC in the city's currency, unknown as NULL."""

from data.models.base import MONEY, MULTIPOLYGON, Base
from data.models.indicators import INDICATOR_UNIT, INDICATOR_VALUE, IndicatorRun, Threshold
from data.models.layers import (
    Building,
    ConstraintArea,
    Facility,
    LayerChange,
    LayerSource,
    LayerVersion,
    Parcel,
    PopulationCell,
    Problem,
    ProblemProject,
    StreetEdge,
    Zoning,
)
from data.models.progress import Document, Milestone, ProgressSnapshot, ProjectFigure, StageEvent
from data.models.register import (
    AuditLog,
    City,
    District,
    Investment,
    Project,
    ProjectDistrict,
    RegisterEntry,
    RegisterNotice,
    RegisterTotal,
)
from data.models.tiles import BUILDING_CELL

__all__ = [
    "BUILDING_CELL",
    "INDICATOR_UNIT",
    "INDICATOR_VALUE",
    "MONEY",
    "MULTIPOLYGON",
    "AuditLog",
    "Base",
    "Building",
    "City",
    "ConstraintArea",
    "District",
    "Document",
    "Facility",
    "IndicatorRun",
    "Investment",
    "LayerChange",
    "LayerSource",
    "LayerVersion",
    "Milestone",
    "Parcel",
    "PopulationCell",
    "Problem",
    "ProblemProject",
    "ProgressSnapshot",
    "Project",
    "ProjectDistrict",
    "ProjectFigure",
    "RegisterEntry",
    "RegisterNotice",
    "RegisterTotal",
    "StageEvent",
    "StreetEdge",
    "Threshold",
    "Zoning",
]
