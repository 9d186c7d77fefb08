"""The kinds of layers and lists that can be imported, and the fields of each: one table for all readers.

A heading is recognised in the form of ``data.readers.columns.normal``: without case, blanks and punctuation,
and without the unit at its end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from data import codes
from data.codes import Term

Quantity = Literal["text", "number", "whole", "share", "area", "length", "money", "date", "month", "flag"]
Form = Literal["polygon", "line", "place", "any"]
MOST_WHOLE, MOST_SMALL = 2**31 - 1, 2**15 - 1
OWN_SOURCES = {code: term for code, term in codes.FUNDING_SOURCES.items() if code != "register"}
BOUNDARY_STATUSES = {"drafted": Term("已绘", "Drafted"), "surveyed": Term("已测", "Surveyed")}


class Field(NamedTuple):
    """One field of a kind: its column, the headings it is known by, and what it may hold.

    ``open_list``: texts that are no code of the list are kept as they are. ``extensive``: several rows of an
    attribute table add up.
    """

    name: str
    headings: tuple[str, ...] = ()
    quantity: Quantity = "text"
    required: bool = False
    codes: Mapping[str, Term] | None = None
    open_list: bool = False
    least: float | None = None
    most: float | None = None
    extensive: bool = False


class Period(NamedTuple):
    """Two dates of which the second must come after the first, or at least not before it."""

    first: str
    last: str
    same_day: bool = True


class Kind(NamedTuple):
    """A kind of import: the table it fills, the form of its shapes (None: a list) and its fields."""

    name: str
    table: str
    form: Form | None
    fields: tuple[Field, ...]
    shape_needed: bool = True
    unique_code: bool = True
    period: Period | None = None

    def field(self, name: str) -> Field:
        """Return the field of that name."""
        return next(one for one in self.fields if one.name == name)


def _code(*headings: str, required: bool = False) -> Field:
    return Field("code", ("code", "编号", "编码", "代码", "标识码", *headings), required=required)


def _amount(name: str, *headings: str) -> Field:
    return Field(name, headings, "number", least=0, extensive=True)


NAME = Field("name", ("name", "名称", "label"))
FLOOR_AREA = Field(
    "floor_area",
    ("floorarea", "grossfloorarea", "gfa", "建筑面积", "总建筑面积"),
    "area",
    least=0,
    extensive=True,
)
EXEMPT_FLOOR_AREA = Field(
    "exempt_floor_area",
    ("exemptfloorarea", "不计容建筑面积", "不计容面积"),
    "area",
    least=0,
    extensive=True,
)
POPULATION = _amount("population", "population", "residents", "人口", "常住人口", "人口数")
VALIDITY = (
    Field("valid_from", ("validfrom", "生效日期", "批复日期"), "date"),
    Field("valid_to", ("validto", "失效日期"), "date"),
    Field("legal_instrument", ("legalinstrument", "批文", "批复文号", "法律文件")),
)
PROJECT = Field(
    "project", ("project", "projectcode", "code", "项目编号", "项目代码", "项目编码", "编号"), required=True
)

PLANNED = Period("planned_start", "planned_end")

ZONING = Kind(
    "zoning",
    "zoning",
    "polygon",
    (
        _code("zoneid", "地块编号", "地块编码", "dkbh"),
        Field(
            "land_use",
            ("landuse", "landusecode", "用地性质", "用地代码", "用地分类", "用地用海分类", "yddm", "ydxz"),
            required=True,
            codes=codes.LAND_USES,
            open_list=True,
        ),
        NAME,
        Field("floor_area_ratio", ("floorarearatio", "far", "容积率", "rjl"), "number", least=0),
        Field("building_coverage", ("buildingcoverage", "coverage", "建筑密度", "jzmd"), "share"),
        Field("height_limit", ("heightlimit", "建筑限高", "限高", "建筑高度", "jzxg"), "length", least=0),
        Field("green_ratio", ("greenratio", "绿地率", "ldl"), "share"),
        *VALIDITY,
    ),
    unique_code=False,
    period=Period("valid_from", "valid_to", same_day=False),
)
CONSTRAINTS = Kind(
    "constraints",
    "constraint_area",
    "polygon",
    (
        _code(),
        Field(
            "kind",
            ("kind", "type", "类型", "管控类型", "要素类型"),
            required=True,
            codes=codes.CONSTRAINT_KINDS,
        ),
        NAME,
        *VALIDITY,
    ),
    unique_code=False,
    period=Period("valid_from", "valid_to", same_day=False),
)
PARCELS = Kind(
    "parcels",
    "parcel",
    "polygon",
    (
        _code("parcelid", "lot", "地块编号", "宗地代码", "宗地号", "不动产单元号"),
        Field(
            "land_use",
            ("landuse", "landusecode", "用途", "用地性质", "土地用途", "地类"),
            codes=codes.LAND_USES,
            open_list=True,
        ),
        Field("address", ("address", "location", "地址", "坐落")),
        FLOOR_AREA,
    ),
)
BUILDINGS = Kind(
    "buildings",
    "building",
    "polygon",
    (
        _code("buildingid", "bldgid", "建筑编号", "楼栋编号"),
        Field(
            "floors",
            ("floors", "storeys", "stories", "levels", "层数", "楼层", "地上层数"),
            "whole",
            least=0,
            most=MOST_SMALL,
        ),
        Field("height", ("height", "高度", "建筑高度"), "length", least=0),
        FLOOR_AREA,
        EXEMPT_FLOOR_AREA,
        Field(
            "year_built",
            ("yearbuilt", "year", "建成年代", "建造年代", "建成年份", "竣工年份"),
            "whole",
            least=1,
            most=2999,
        ),
        Field("use", ("use", "usage", "用途", "建筑用途", "使用性质", "功能"), codes=codes.BUILDING_USES),
        Field("structure", ("structure", "结构", "建筑结构", "结构类型"), codes=codes.STRUCTURES),
        Field(
            "hazard_grade",
            ("hazardgrade", "hazard", "危房等级", "鉴定等级", "危险等级"),
            codes=codes.HAZARD_GRADES,
        ),
        Field("heritage", ("heritage", "保护类别", "历史建筑"), codes=codes.HERITAGE),
        Field("disposition", ("disposition", "处置方式", "留改拆", "更新方式"), codes=codes.DISPOSITIONS),
        Field("households", ("households", "户数"), "whole", least=0, most=MOST_WHOLE, extensive=True),
        POPULATION,
    ),
)
FACILITIES = Kind(
    "facilities",
    "facility",
    "place",
    (
        _code("设施编号"),
        Field(
            "category",
            ("category", "type", "class", "类别", "设施类别", "设施类型", "类型"),
            required=True,
            codes=codes.FACILITY_CATEGORIES,
        ),
        NAME,
        _amount("capacity", "capacity", "容量", "规模", "学位数", "床位数"),
        FLOOR_AREA,
    ),
)
STREETS = Kind(
    "streets",
    "street_edge",
    "line",
    (
        _code("道路编号", "路段编号"),
        Field("street_class", ("streetclass", "class", "道路等级", "等级"), codes=codes.STREET_CLASSES),
        Field("name", ("name", "street", "streetname", "道路名称", "路名", "名称")),
        Field("from_node", ("fromnode", "source", "u", "起点", "起始节点", "起点编号")),
        Field("to_node", ("tonode", "target", "v", "终点", "终止节点", "终点编号")),
        Field("one_way", ("oneway", "单行", "单行线"), "flag"),
        Field("walkable", ("walkable", "可步行", "人行"), "flag"),
    ),
)
GREENWAYS = Kind(
    "greenways",
    "greenway",
    "line",
    (
        _code("绿道编号"),
        Field(
            "greenway_class",
            ("greenwayclass", "class", "绿道等级", "绿道级别", "等级"),
            codes=codes.GREENWAY_CLASSES,
        ),
        Field("name", ("name", "绿道名称", "名称")),
    ),
)
SURFACES = Kind(
    "surfaces",
    "surface",
    "polygon",
    (
        _code("图斑编号"),
        Field(
            "kind",
            ("kind", "type", "surface", "下垫面", "下垫面类型", "地表类型", "类型"),
            required=True,
            codes=codes.SURFACE_KINDS,
        ),
        NAME,
    ),
)
POPULATION_CELLS = Kind(
    "population",
    "population_cell",
    "polygon",
    (
        _code("geoid", "网格编号", "普查小区代码"),
        POPULATION,
        _amount("households", "households", "户数", "家庭户数"),
        Field("year", ("year", "年份"), "whole", least=1, most=2999),
    ),
)
PROBLEMS = Kind(
    "problems",
    "problem",
    "any",
    (
        _code("问题编号"),
        Field("title", ("title", "name", "问题", "问题名称", "标题"), required=True),
        Field("title_en", ("titleen", "nameen", "英文名称")),
        Field("dimension", ("dimension", "维度", "尺度", "层级"), required=True, codes=codes.DIMENSIONS),
        Field("indicator", ("indicator", "指标", "体检指标")),
        Field("severity", ("severity", "严重程度", "程度"), codes=codes.SEVERITIES),
        Field("found_on", ("foundon", "found", "发现日期"), "date"),
        Field("closed_on", ("closedon", "closed", "整改日期", "销号日期"), "date"),
        Field("projects", ("projects", "project", "关联项目", "项目编号")),
    ),
    shape_needed=False,
    period=Period("found_on", "closed_on"),
)
PROJECTS = Kind(
    "projects",
    "project",
    "polygon",
    (
        Field(
            "code",
            ("code", "projectcode", "projectid", "项目编号", "项目代码", "项目编码", "编号", "xmbh", "xmdm"),
            required=True,
        ),
        Field("name", ("name", "projectname", "项目名称", "名称", "xmmc")),
        Field("name_en", ("nameen", "英文名称", "项目英文名称")),
        Field(
            "project_type", ("projecttype", "type", "项目类型", "类型", "更新类型"), codes=codes.PROJECT_TYPES
        ),
        Field(
            "renewal_mode",
            ("renewalmode", "mode", "更新方式", "改造方式", "实施方式"),
            codes=codes.RENEWAL_MODES,
        ),
        Field(
            "total_investment", ("totalinvestment", "investment", "总投资", "项目总投资", "总投资额"), "money"
        ),
        Field("implementing_entity", ("implementingentity", "developer", "实施主体", "实施单位")),
        Field("lead_department", ("leaddepartment", "department", "牵头部门", "责任部门", "责任单位")),
        Field("planned_start", ("plannedstart", "计划开工", "计划开工日期", "开工日期"), "date"),
        Field("planned_end", ("plannedend", "计划竣工", "计划竣工日期", "竣工日期"), "date"),
        Field("geometry_kind", ("geometrykind", "空间形态"), codes=codes.GEOMETRY_KINDS),
        Field("boundary_status", ("boundarystatus", "边界状态"), codes=BOUNDARY_STATUSES),
        Field(
            "districts", ("districts", "district", "area", "区域", "所属区域", "所在区县", "区县", "行政区")
        ),
        Field("stage", ("stage", "阶段", "项目阶段"), codes=codes.STAGES),
        Field("stage_date", ("stagedate", "阶段日期", "进入阶段日期"), "date"),
    ),
    shape_needed=False,
    period=PLANNED,
)
INVESTMENTS = Kind(
    "investments",
    "investment",
    None,
    (
        PROJECT,
        Field("year", ("year", "年度", "年份"), "whole", least=1, most=2999),
        Field("source", ("source", "fundingsource", "资金来源", "来源"), required=True, codes=OWN_SOURCES),
        Field(
            "kind", ("kind", "性质", "资金性质", "类别", "口径"), required=True, codes=codes.INVESTMENT_KINDS
        ),
        Field("amount", ("amount", "金额", "投资额", "投资金额", "资金"), "money", required=True),
    ),
)
STAGES = Kind(
    "stages",
    "stage_event",
    None,
    (
        PROJECT,
        Field("stage", ("stage", "阶段", "项目阶段"), required=True, codes=codes.STAGES),
        Field("on_date", ("ondate", "date", "日期", "进入日期"), "date", required=True),
        Field("note", ("note", "备注", "说明")),
    ),
)
PROGRESS = Kind(
    "progress",
    "progress_snapshot",
    None,
    (
        PROJECT,
        Field("month_end", ("monthend", "month", "date", "月份", "月末", "统计月份"), "month", required=True),
        Field(
            "reported",
            ("reported", "progress", "填报进度", "上报进度", "形象进度", "进度"),
            "share",
            required=True,
        ),
        Field("certified", ("certified", "核定进度", "审定进度"), "share"),
    ),
)
LAYER_KINDS = {
    kind.name: kind
    for kind in (
        ZONING, CONSTRAINTS, PARCELS, BUILDINGS, FACILITIES, STREETS, GREENWAYS, SURFACES, POPULATION_CELLS,
        PROBLEMS, PROJECTS,
    )
}  # fmt: skip
LIST_KINDS = {kind.name: kind for kind in (INVESTMENTS, STAGES, PROGRESS)}
