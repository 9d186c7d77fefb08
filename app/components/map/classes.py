"""The classes of the map's layers: one table from which the style, the legend and the tooltips are made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from app.components.palette import NO_DATA, colour, sequence, stage_colours
from app.i18n import gettext as _
from app.services.filters import STATUS
from app.terms import term
from data import codes
from data.errors import N_
from data.projects import BAND_EDGES_YI, BANDS

Used = Mapping[str | None, int]
Looks = Mapping[str, tuple[dict[str, str], float]]

LAND_USES = {
    "07": "#f2d469", "0702": "#e8a7b8", "08": "#e58bb0", "0804": "#d77fb0", "0806": "#e06a8c",
    "09": "#d9534f", "10": "#a9805b", "11": "#8f77b5", "1207": "#c4c6c8", "1208": "#9a9da1",
    "13": "#5f93a8", "1401": "#6fae5c", "1402": "#97c27f", "1403": "#bcd6a3", "15": "#8a8f5c",
    "16": "#dcdcd2", "17": "#8fbfe0",
}  # fmt: skip
CONSTRAINTS = {
    "historic_block": "#8c4b9e", "historic_building_zone": "#b07ac0", "ecological_line": "#1b7f4d",
    "farmland": "#b8a02c", "growth_boundary": "#4a5560", "blue_line": "#2f7fd0", "green_line": "#3f9b4f",
    "yellow_line": "#d8a800", "purple_line": "#7a3fa8", "road_line": "#cc3b33", "water": "#6ba8d8",
    "hazard": "#e0661c", "old_city": "#946038", "built_up": "#7c8894", "central_city": "#3d6fa3",
    "main_city": "#4f8f86", "county_town": "#c27a55", "cluster": "#6b6fb5", "renewal_unit": "#d0457e",
}  # fmt: skip
# Of the ten colours of Petroff, Accessible Color Sequences for Data Visualization (2021).
TYPES = ("#3f90da", "#ffa90e", "#e76300", "#bd1f01", "#832db6", "#717581", "#92dadd", "#a96b59")
MODES = {"upgrade": "#56b4e9", "alteration": "#e69f00", "rebuild": "#c2410c"}
SURVEY = {"surveyed": "#2a76b8", "drafted": "#d9730d"}
USES = {
    "residential": "#f2d469", "mixed": "#e9a35e", "commercial": "#d9534f", "office": "#b96aa3",
    "industrial": "#a9805b", "storage": "#8f77b5", "education": "#d77fb0", "health": "#e06a8c",
    "culture": "#63b3a4", "public": "#5f93a8", "other": "#9aa1a8",
}  # fmt: skip
HAZARDS = {"A": "#5aa3cf", "B": "#a9cfe4", "C": "#f0a04b", "D": "#b3261e"}
DISPOSITIONS = {"keep": "#4c80ae", "alter": "#e69f00", "demolish": "#b3261e"}
SEVERITIES = {"low": "#f2c14e", "medium": "#e0761c", "high": "#a8201a"}
FACILITIES: dict[str, tuple[str, tuple[str, ...]]] = {
    N_("Education and care"): ("#832db6", ("kindergarten", "primary_school", "middle_school", "nursery")),
    N_("Health and old age"): ("#bd1f01", ("health_station", "hospital", "elderly_care")),
    N_("Community and shops"): (
        "#ffa90e",
        ("community_centre", "market", "convenience_store", "canteen", "post_station"),
    ),
    N_("Culture and sports"): ("#e76300", ("culture", "sports")),
    N_("Parks and squares"): ("#b9ac70", ("park", "square")),
    N_("Transport"): ("#3f90da", ("bus_stop", "metro", "parking", "charging")),
    N_("Safety and hygiene"): ("#717581", ("fire_station", "waste_station", "toilet", "other")),
}
STREETS = {
    "expressway": ({"light": "#c98a3c", "dark": "#a8783c"}, 3.2),
    "arterial": ({"light": "#9aa0a6", "dark": "#6b7279"}, 2.4),
    "secondary": ({"light": "#a9aeb4", "dark": "#5b6168"}, 1.6),
    "local": ({"light": "#b6bbc0", "dark": "#4c5259"}, 1.0),
    "path": ({"light": "#b6bbc0", "dark": "#4c5259"}, 0.7),
}
GREENWAYS = {
    "region": ({"light": "#06401f", "dark": "#d8f7e4"}, 3.2),
    "city": ({"light": "#1c7a43", "dark": "#5fc48c"}, 2.4),
    "community": ({"light": "#3d9e68", "dark": "#3a8a5f"}, 1.8),
}
LINES = {**STREETS, **GREENWAYS}
SURFACES = {
    "green": "#4f9a3f", "water": "#6fb1e2", "permeable_paving": "#f5c332", "bare_soil": "#8a4f28",
    "permeable": "#e2efc0", "impermeable": "#777c84",
}  # fmt: skip
# Greatest heights of 《城市居住区规划设计标准》 GB 50180-2018, table 4.0.2.
HEIGHTS = (18, 27, 36, 54, 80)
# Communities finished by the end of 2000 are old ones in the national programme; decades otherwise.
YEARS = (1980, 1990, 2001, 2011, 2021)
BUILDING_FIGURES = {
    "use": N_("Use"),
    "height": N_("Height"),
    "year": N_("Year built"),
    "hazard": N_("Hazard grade"),
    "disposition": N_("Keep, alter, demolish"),
}
PROJECT_LOOKS = {
    "stage": N_("Stage"),
    "type": N_("Type"),
    "mode": N_("Renewal mode"),
    "progress": N_("Progress"),
    "investment": N_("Investment"),
    "status": N_("Boundary status"),
}


@dataclass(frozen=True)
class Swatch:
    """One class: the value that it stands for, or the least one; its name, colour, and number of features."""

    key: Any
    label: str
    colour: str
    count: int | None = None


@dataclass(frozen=True)
class Classing:
    """How a property is coloured, in classes of values or, where ``stepped``, of numbers."""

    source: Any
    swatches: tuple[Swatch, ...]
    unknown: Swatch
    stepped: bool = False
    title: str = ""
    unit: str = ""
    how: str = ""

    def expression(self) -> Any:
        """Return the colour as an expression of the style."""
        if not self.swatches:
            return self.unknown.colour
        if self.stepped:
            first, *rest = self.swatches
            steps = chain.from_iterable((swatch.key, swatch.colour) for swatch in rest)
            is_number = ["==", ["typeof", self.source], "number"]
            stepped = ["step", ["to-number", self.source], first.colour, *steps]
            return ["case", is_number, stepped if rest else first.colour, self.unknown.colour]
        pairs = chain.from_iterable((swatch.key, swatch.colour) for swatch in self.swatches)
        return ["match", ["to-string", self.source], *pairs, self.unknown.colour]


def not_supplied(count: int | None = None) -> Swatch:
    """Return the class of what is not known."""
    return Swatch(None, _("not supplied"), unknown_colour(), count)


def unknown_colour() -> str:
    """Return the grey of what is not known; it is in no scale."""
    return {NO_DATA["light"]: "#b9bcbf", NO_DATA["dark"]: "#5b6067"}[colour(NO_DATA)]


def coded(
    source: str, terms: Mapping[str, codes.Term], colours: Mapping[str, str], used: Used | None
) -> Classing:
    """Return the classes of a coded property; only codes that occur, in the list's order."""
    shown = [code for code in terms if used is None or used.get(code)]
    swatches = tuple(
        Swatch(code, str(term(terms, code)), colours[code], used.get(code) if used else None)
        for code in shown
    )
    return Classing(["get", source], swatches, not_supplied(used.get(None) if used else None))


def stepped(source: Any, edges: Iterable[float], name: Callable[[int], str], unit: str = "") -> Classing:
    """Return the classes of a number between edges, pale to strong; a value on an edge belongs above it."""
    bounds = list(edges)
    colours = sequence_of(len(bounds) + 1)
    keys = [None, *bounds]
    swatches = tuple(Swatch(keys[i], name(i), colours[i]) for i in range(len(keys)))
    return Classing(source, swatches, not_supplied(), stepped=True, unit=unit)


def sequence_of(classes: int) -> list[str]:
    """Return this many colours from pale to strong; between the palette's where it has fewer."""
    base = sequence(5)
    if classes <= len(base):
        return sequence(classes)
    places = [index * (len(base) - 1) / (classes - 1) for index in range(classes)]
    return [_between(base[int(at)], base[min(int(at) + 1, len(base) - 1)], at % 1) for at in places]


def _between(one: str, other: str, share: float) -> str:
    parts = [(int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in parts)


def land_use_colours() -> dict[str, str]:
    """Return the colour of each land use: its own, or that of its class."""
    return {code: LAND_USES.get(code) or LAND_USES[code[:2]] for code in codes.LAND_USES}


def zoning(used: Used | None, source: str = "land_use") -> Classing:
    """Land uses in the colours that Chinese plans give them."""
    return coded(source, codes.LAND_USES, land_use_colours(), used)


def constraints(used: Used | None) -> Classing:
    """Kinds of constraint areas; control lines in the colour of their name."""
    return coded("kind", codes.CONSTRAINT_KINDS, CONSTRAINTS, used)


def problems(used: Used | None) -> Classing:
    """Severities of check-up problems."""
    return coded("severity", codes.SEVERITIES, SEVERITIES, used)


def streets(used: Used | None) -> Classing:
    """Street classes."""
    return coded(
        "class", codes.STREET_CLASSES, {code: colour(look[0]) for code, look in STREETS.items()}, used
    )


def greenways(used: Used | None) -> Classing:
    """Classes of greenways, the widest net strongest."""
    return coded(
        "class", codes.GREENWAY_CLASSES, {code: colour(look[0]) for code, look in GREENWAYS.items()}, used
    )


def line_width(code: object) -> float:
    """Return how wide the streets or greenways of a class are drawn, in pixels; 1 where there is no class."""
    return max(LINES[code][1], 1.0) if isinstance(code, str) and code in LINES else 1.0


def surfaces(used: Used | None) -> Classing:
    """What covers the ground."""
    return coded("kind", codes.SURFACE_KINDS, SURFACES, used)


def facility_colours() -> dict[str, str]:
    """Return the colour of each facility category: that of its group."""
    return {code: tint for tint, members in FACILITIES.values() for code in members}


def facility_groups(used: Used) -> tuple[Swatch, ...]:
    """Return the groups of facilities that occur, with their number."""
    counts = {
        name: (tint, sum(used.get(code, 0) for code in members))
        for name, (tint, members) in FACILITIES.items()
    }
    return tuple(Swatch(name, _(name), tint, count) for name, (tint, count) in counts.items() if count)


def buildings(figure: str) -> Classing:
    """Buildings by use, height, year, hazard grade or disposition."""
    if figure == "height":
        return stepped(["get", "height"], [edge + 0.001 for edge in HEIGHTS], _height_name, "m")
    if figure == "year":
        return stepped(["get", "year"], YEARS, _year_name)
    lists: dict[str, tuple[Mapping[str, codes.Term], Mapping[str, str]]] = {
        "use": (codes.BUILDING_USES, USES),
        "hazard": (codes.HAZARD_GRADES, HAZARDS),
        "disposition": (codes.DISPOSITIONS, DISPOSITIONS),
    }
    return coded(figure, *lists[figure], None)


def _height_name(index: int) -> str:
    if index == 0:
        return f"≤ {HEIGHTS[0]} m"
    return f"> {HEIGHTS[-1]} m" if index == len(HEIGHTS) else f"{HEIGHTS[index - 1]} – {HEIGHTS[index]} m"


def _year_name(index: int) -> str:
    if index == 0:
        return _("before {year}").format(year=YEARS[0])
    return f"{YEARS[-1]} –" if index == len(YEARS) else f"{YEARS[index - 1]} – {YEARS[index] - 1}"


def projects(by: str, used: Used) -> Classing:
    """Projects by stage, type, mode, boundary status, progress or investment, with their counts.

    Parameters
    ----------
    used
        Number of projects by class, as ``data.projects_by_class`` counts them.
    """
    if by == "progress":
        return _counted(stepped(["get", "progress"], PROGRESS_EDGES, _progress_name, "%"), used)
    if by == "investment":
        return _counted(stepped(["get", "amount"], BAND_EDGES_YI, lambda i: BANDS[i]), used)
    if by == "status":
        swatches = tuple(Swatch(k, _(STATUS[k]), tint, used.get(k, 0)) for k, tint in SURVEY.items())
        return Classing(["get", "status"], swatches, not_supplied())
    lists: dict[str, tuple[Mapping[str, codes.Term], Mapping[str, str]]] = {
        "stage": (codes.STAGES, stage_colours()),
        "type": (codes.PROJECT_TYPES, dict(zip(codes.PROJECT_TYPES, TYPES, strict=True))),
        "mode": (codes.RENEWAL_MODES, MODES),
    }
    return coded(by, *lists[by], used)


# Done nothing, a quarter each, done all.
PROGRESS_EDGES = (0.5, 25, 50, 75, 100)


def _progress_name(index: int) -> str:
    return ("0 %", "1 – 24 %", "25 – 49 %", "50 – 74 %", "75 – 99 %", "100 %")[index]


def _counted(classing: Classing, used: Used) -> Classing:
    swatches = tuple(
        Swatch(s.key, s.label, s.colour, used.get(str(i), 0)) for i, s in enumerate(classing.swatches)
    )
    return Classing(classing.source, swatches, not_supplied(used.get(None)), stepped=True, unit=classing.unit)
