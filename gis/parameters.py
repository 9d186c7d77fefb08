"""Parameters of the indicators 参数: each has a name, a default, and the reason for the default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from gis.errors import N_, BadParameter
from gis.indicator import Words

# GB 50180-2018, as cited: kindergarten 300 m, primary school 500 m, middle school 1,000 m. The others follow
# the standard's 5-, 10- and 15-minute circles (300, 500, 800 to 1,000 m) by the scale a class serves.
RADII = MappingProxyType(
    {
        "kindergarten": 300.0,
        "nursery": 300.0,
        "convenience_store": 300.0,
        "post_station": 300.0,
        "canteen": 300.0,
        "elderly_care": 300.0,
        "health_station": 300.0,
        "middle_school": 1000.0,
        "hospital": 1000.0,
        "metro": 1000.0,
        "fire_station": 1000.0,
    }
)
DEFAULT_RADIUS = 500.0
# Walks within which homes are counted.
METRES = (300, 500, 1000)
MINUTES = (5, 10, 15)
YEARS = 10_000
# Kinds of facility that the construction standard of complete communities 完整居住社区建设标准（试行） names.
CIRCLE = (
    "community_centre",
    "kindergarten",
    "nursery",
    "elderly_care",
    "health_station",
    "convenience_store",
    "post_station",
    "sports",
)


@dataclass(frozen=True)
class Parameters:
    """What may be chosen about a run; distances in metres, speed in metres a minute."""

    walking_speed: float = 60.0
    max_snap: float = 100.0
    access_legs: bool = True
    radii: Mapping[str, float] = field(default_factory=lambda: RADII)
    circle: tuple[str, ...] = CIRCLE
    catchment: float = 1000.0
    park_sizes: tuple[tuple[float, float], ...] = ((5000.0, 500.0), (2000.0, 300.0))
    shelters: tuple[str, ...] = ("park", "square", "sports")
    shelter_radius: float = 500.0
    age_years: tuple[int, ...] = (1980, 2000, 2005)
    surveyed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("walking_speed", "max_snap", "catchment", "shelter_radius"):
            _positive(name, getattr(self, name))
        for category, radius in self.radii.items():
            _positive(f"radii.{category}", radius)
        for year in self.age_years:
            _year(year)

    def radius(self, category: str) -> float:
        """Service radius 服务半径 of a facility class, in metres."""
        return self.radii.get(category, DEFAULT_RADIUS)

    def reach(self, minutes: float) -> float:
        """Metres walked in so many minutes."""
        return minutes * self.walking_speed


def _positive(name: str, value: float) -> None:
    if not 0 < value < float("inf"):
        raise BadParameter(
            N_("The parameter {name} is {value}; it must be above zero."),
            remedy=N_("Give a distance in metres or a speed in metres a minute."),
            name=name,
            value=value,
        )


def _year(value: int) -> None:
    if not isinstance(value, int) or not 0 < value < YEARS:
        raise BadParameter(
            N_("The parameter age_years holds {value}, which is not a year."),
            remedy=N_("Give whole numbers from 1 to 9999, such as 1980."),
            value=value,
        )


EXPLAINED = MappingProxyType(
    {
        "walking_speed": Words(
            "步行速度，米/分钟；默认60：15分钟约合900米，在GB 50180-2018十五分钟生活圈800至1000米之内",
            "walking speed in m/min; default 60, so that 15 minutes are 900 m, within the 800 to 1,000 m "
            "that GB 50180-2018 gives for the 15-minute circle",
        ),
        "max_snap": Words(
            "点到步行网络的最大直线距离，米；默认100，更远则视为不可达",
            "greatest straight distance from a place to the walking network in m; default 100, beyond it the "
            "place is unreachable",
        ),
        "access_legs": Words(
            "是否计入起讫点到路段的直线段；默认计入",
            "whether the straight legs from place to street count; default yes",
        ),
        "radii": Words(
            "各类设施服务半径，米；幼儿园300、小学500、中学1000引自GB 50180-2018，"
            "其余为按生活圈层级设定的默认值",
            "service radius of each class of facility in m; kindergarten 300, primary school 500 and middle "
            "school 1,000 as cited of GB 50180-2018, the others are defaults by the circle they serve",
        ),
        "circle": Words(
            "生活圈所需设施类别；默认取《完整居住社区建设标准（试行）》所列设施中本系统已有的类别",
            "classes of facility that a living circle needs; default: those of the standard of complete "
            "communities that this system stores",
        ),
        "catchment": Words(
            "两步移动搜索法的步行搜索半径，米；默认1000",
            "walking catchment of the two-step method in m; default 1,000",
        ),
        "park_sizes": Words(
            "公园规模与服务半径：5000平方米及以上500米，2000至5000平方米300米，更小不计（城市体检指标说明2021/2022）",
            "sizes of parks and their radius: from 5,000 m² 500 m, from 2,000 m² 300 m, smaller ones do not "
            "count (city check-up indicators of 2021/2022)",
        ),
        "shelters": Words(
            "可作应急避难场所的设施类别；默认公园、广场、体育场地（皖政办〔2021〕13号所列类型）",
            "classes of facility usable as emergency shelters; default: parks, squares, sports grounds (the "
            "kinds named in 皖政办〔2021〕13号)",
        ),
        "shelter_radius": Words(
            "应急避难场所服务半径，米；默认500（皖政办〔2021〕13号）",
            "service radius of a shelter in m; default 500 (皖政办〔2021〕13号)",
        ),
        "surveyed": Words(
            "已普查的设施类别：没有记录即为没有该设施；默认为数据中出现的类别",
            "classes of facility that were surveyed, so that none recorded means none; default: those in "
            "the data",
        ),
        "age_years": Words(
            "建成年代分界年；默认1980、2000、2005（国家和山东老旧小区改造政策所用年份）",
            "years that part the ages of buildings; default 1980, 2000, 2005 (years that national and "
            "Shandong policies on old communities use)",
        ),
    }
)
