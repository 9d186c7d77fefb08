"""Code lists 代码表: what a coded column may hold, with its Chinese and English name, in the usual order.

The names are data, not interface texts: both languages stand here side by side.
"""

from __future__ import annotations

from typing import NamedTuple


class Term(NamedTuple):
    """The two names of a code."""

    zh: str
    en: str


def _terms(**named: tuple[str, str]) -> dict[str, Term]:
    return {code: Term(*names) for code, names in named.items()}


# The eight task groups of 《关于持续推进城市更新行动的意见》 (2025).
PROJECT_TYPES = _terms(
    existing_building=("既有建筑改造利用", "Existing buildings"),
    old_community=("城镇老旧小区整治改造", "Old residential communities"),
    complete_community=("完整社区建设", "Complete communities"),
    old_block=("老旧街区、厂区、城中村更新改造", "Old blocks, factories, urban villages"),
    urban_function=("完善城市功能", "Urban functions"),
    infrastructure=("城市基础设施建设改造", "Infrastructure"),
    ecology=("修复城市生态系统", "Ecological restoration"),
    heritage=("保护传承城市历史文化", "Historic heritage"),
)
RENEWAL_MODES = _terms(
    upgrade=("整治提升", "Upgrade"),
    alteration=("改建完善", "Alteration"),
    rebuild=("拆除新建", "Demolish and rebuild"),
)
# The ladder a project climbs; its order is the order of the stages.
STAGES = _terms(
    library=("项目入库", "In the library"),
    annual_plan=("年度计划", "Annual plan"),
    entity=("实施主体确定", "Entity confirmed"),
    scheme=("实施方案", "Implementation scheme"),
    joint_review=("联合审查", "Joint review"),
    permit=("手续办理", "Permits"),
    construction=("施工建设", "Construction"),
    completed=("竣工验收", "Completed"),
    operation=("运营管理", "In operation"),
)
GEOMETRY_KINDS = _terms(
    area=("片区", "Area"),
    site=("地块", "Site"),
    corridor=("线性", "Corridor"),
    network=("网络", "Network"),
    multi_site=("多点", "Several sites"),
)
FUNDING_SOURCES = _terms(
    register=("项目库总投资", "Project library, total"),
    central_budget=("中央预算内投资", "Central budget"),
    treasury_bond=("超长期特别国债", "Ultra-long special treasury bond"),
    central_subsidy=("中央财政补助", "Central subsidy"),
    local_budget=("地方一般公共预算", "Local budget"),
    special_bond=("地方政府专项债券", "Local special bond"),
    bank_loan=("银行贷款", "Bank loan"),
    enterprise=("企业自筹及社会资本", "Enterprises and private capital"),
    residents=("居民出资", "Residents"),
)
INVESTMENT_KINDS = _terms(planned=("计划", "Planned"), allocated=("到位", "Allocated"), paid=("支付", "Paid"))
# Figures of a project before and after; the unit follows each name.
FIGURES = _terms(
    site_area=("用地面积", "Site area"),
    floor_area=("总建筑面积", "Gross floor area"),
    floor_area_retained=("保留建筑面积", "Floor area retained"),
    floor_area_altered=("改造建筑面积", "Floor area altered"),
    floor_area_demolished=("拆除建筑面积", "Floor area demolished"),
    floor_area_new=("新建建筑面积", "Floor area new"),
    floor_area_exempt=("不计容建筑面积", "Floor area exempt from FAR"),
    green_area=("绿地面积", "Green area"),
    height=("最高建筑高度", "Greatest height"),
    households=("户数", "Households"),
    population=("人口", "Residents"),
    parking=("停车位", "Parking spaces"),
)
FIGURE_UNITS = {
    "site_area": "m²", "floor_area": "m²", "floor_area_retained": "m²", "floor_area_altered": "m²",
    "floor_area_demolished": "m²", "floor_area_new": "m²", "floor_area_exempt": "m²", "green_area": "m²",
    "height": "m", "households": "", "population": "", "parking": "",
}  # fmt: skip
DOCUMENT_KINDS = _terms(
    plan=("计划", "Plan"),
    scheme=("实施方案", "Scheme"),
    opinion=("审查意见", "Review opinion"),
    permit=("许可", "Permit"),
    contract=("合同", "Contract"),
    report=("报告", "Report"),
    other=("其他", "Other"),
)

# Land-use classes of 《国土空间调查、规划、用途管制用地用海分类指南》 (2023) that a city's plan uses.
LAND_USES = {
    "0701": Term("城镇住宅用地", "Urban housing"),
    "0702": Term("城镇社区服务设施用地", "Community services"),
    "0801": Term("机关团体用地", "Government"),
    "0802": Term("科研用地", "Research"),
    "0803": Term("文化用地", "Culture"),
    "0804": Term("教育用地", "Education"),
    "0805": Term("体育用地", "Sports"),
    "0806": Term("医疗卫生用地", "Health"),
    "0807": Term("社会福利用地", "Welfare"),
    "0901": Term("商业用地", "Commerce"),
    "0902": Term("商务金融用地", "Business and finance"),
    "0903": Term("娱乐用地", "Entertainment"),
    "1001": Term("工业用地", "Industry"),
    "1101": Term("物流仓储用地", "Logistics and storage"),
    "1207": Term("城镇村道路用地", "Streets"),
    "1208": Term("交通场站用地", "Transport stations"),
    "1300": Term("公用设施用地", "Utilities"),
    "1401": Term("公园绿地", "Parks"),
    "1402": Term("防护绿地", "Protective green"),
    "1403": Term("广场用地", "Squares"),
    "1500": Term("特殊用地", "Special use"),
    "1600": Term("留白用地", "Reserved"),
    "1700": Term("陆地水域", "Water"),
}
CONSTRAINT_KINDS = _terms(
    historic_block=("历史文化街区", "Historic block"),
    historic_building_zone=("历史建筑保护范围", "Protected buildings"),
    ecological_line=("生态保护红线", "Ecological red line"),
    farmland=("永久基本农田", "Permanent farmland"),
    growth_boundary=("城镇开发边界", "Urban growth boundary"),
    blue_line=("城市蓝线", "Blue line"),
    green_line=("城市绿线", "Green line"),
    yellow_line=("城市黄线", "Yellow line"),
    purple_line=("城市紫线", "Purple line"),
    road_line=("道路红线", "Road red line"),
    water=("水域", "Water"),
    hazard=("灾害风险区", "Hazard area"),
    old_city=("老城区", "Old city"),
    built_up=("建成区", "Built-up area"),
    central_city=("中心城区", "Central city"),
    main_city=("主城区", "Main city"),
    county_town=("县城建成区", "County town"),
    cluster=("组团", "Cluster"),
    renewal_unit=("更新单元（片区）", "Renewal unit"),
)
BUILDING_USES = _terms(
    residential=("住宅", "Residential"),
    mixed=("商住混合", "Mixed"),
    commercial=("商业", "Commercial"),
    office=("办公", "Office"),
    industrial=("工业", "Industrial"),
    storage=("仓储", "Storage"),
    education=("教育", "Education"),
    health=("医疗", "Health"),
    culture=("文化体育", "Culture and sports"),
    public=("公共服务", "Public service"),
    other=("其他", "Other"),
)
STRUCTURES = _terms(
    brick_wood=("砖木", "Brick and timber"),
    brick_concrete=("砖混", "Brick and concrete"),
    frame=("框架", "Concrete frame"),
    shear_wall=("剪力墙", "Shear wall"),
    steel=("钢结构", "Steel"),
    other=("其他", "Other"),
)
# Grades of 《危险房屋鉴定标准》: C partly, D wholly dangerous.
HAZARD_GRADES = _terms(A=("A级", "A"), B=("B级", "B"), C=("C级", "C"), D=("D级", "D"))
HERITAGE = _terms(
    monument=("文物保护单位", "Monument"),
    historic=("历史建筑", "Historic building"),
    traditional=("传统风貌建筑", "Traditional building"),
)
DISPOSITIONS = _terms(keep=("留", "Keep"), alter=("改", "Alter"), demolish=("拆", "Demolish"))
FACILITY_CATEGORIES = _terms(
    kindergarten=("幼儿园", "Kindergarten"),
    primary_school=("小学", "Primary school"),
    middle_school=("中学", "Middle school"),
    nursery=("托育机构", "Nursery"),
    health_station=("社区卫生服务站", "Health station"),
    hospital=("医院", "Hospital"),
    elderly_care=("养老服务设施", "Elderly care"),
    community_centre=("社区综合服务设施", "Community centre"),
    market=("菜市场", "Market"),
    convenience_store=("便民商店", "Convenience store"),
    canteen=("社区食堂", "Community canteen"),
    post_station=("邮件快递驿站", "Parcel station"),
    culture=("文化活动设施", "Culture"),
    sports=("体育健身场地", "Sports ground"),
    park=("公园绿地", "Park"),
    square=("广场", "Square"),
    bus_stop=("公交站", "Bus stop"),
    metro=("轨道站", "Metro station"),
    parking=("停车场", "Car park"),
    charging=("充电设施", "Charging"),
    fire_station=("消防站", "Fire station"),
    waste_station=("垃圾收集站", "Waste station"),
    toilet=("公共厕所", "Public toilet"),
    other=("其他", "Other"),
)
STREET_CLASSES = _terms(
    expressway=("快速路", "Expressway"),
    arterial=("主干路", "Arterial"),
    secondary=("次干路", "Secondary"),
    local=("支路", "Local street"),
    path=("步行路", "Footpath"),
)
# The levels of 《绿道规划设计导则》 (2016).
GREENWAY_CLASSES = _terms(
    region=("区域级绿道", "Regional"),
    city=("市级绿道", "City"),
    community=("社区级绿道", "Community"),
)
# What covers the ground, as run-off is told apart by in 《海绵城市建设技术指南》 (2014).
SURFACE_KINDS = _terms(
    green=("绿地", "Green land"),
    water=("水面", "Water"),
    permeable_paving=("透水铺装", "Permeable paving"),
    bare_soil=("非铺砌土地面", "Unpaved soil"),
    permeable=("其他可渗透地面", "Other permeable ground"),
    impermeable=("不透水地面", "Impermeable ground"),
)
PERMEABLE = tuple(kind for kind in SURFACE_KINDS if kind != "impermeable")
# The four scales of a city check-up 城市体检.
DIMENSIONS = _terms(
    housing=("住房", "Housing"),
    community=("小区（社区）", "Community"),
    block=("街区", "Block"),
    city=("城区（城市）", "City"),
)
SEVERITIES = _terms(low=("一般", "Minor"), medium=("较重", "Moderate"), high=("严重", "Severe"))
LAYERS = _terms(
    projects=("更新项目", "Projects"),
    districts=("行政区与功能区", "Districts"),
    zoning=("用地规划", "Zoning"),
    constraints=("管控要素", "Constraints"),
    parcels=("地块", "Parcels"),
    buildings=("建筑", "Buildings"),
    facilities=("设施与公园", "Facilities and parks"),
    streets=("道路", "Streets"),
    greenways=("绿道", "Greenways"),
    surfaces=("下垫面", "Ground surfaces"),
    population=("人口", "Population"),
    problems=("体检问题", "Check-up problems"),
)
