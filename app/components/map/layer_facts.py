"""What is told of a feature of each layer: its heading, and its facts with their units."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from dash import html

from app import format as write
from app.components.map.rows import sets
from app.components.measures import area_words
from app.i18n import gettext as _
from app.terms import Row, term, translated
from data import codes
from data.errors import N_

Facts = Row
Writer = Callable[[Any], str]


class Fact(NamedTuple):
    """A fact of a feature: the column that holds it, its label (a msgid), and how it is written."""

    column: str
    label: str
    writer: Writer


def _of(terms: Mapping[str, codes.Term]) -> Writer:
    return lambda code: str(term(terms, code))


def _with(unit: str, places: int = 0) -> Writer:
    return lambda value: f"{value:,.{places}f} {unit}".strip()


def _most(writer: Writer) -> Writer:
    return lambda value: f"≤ {writer(value)}"


def _least(writer: Writer) -> Writer:
    return lambda value: f"≥ {writer(value)}"


def _yes_no(value: bool) -> str:
    return _("yes") if value else _("no")


IN_FORCE = (
    Fact("valid_from", N_("In force from"), str),
    Fact("valid_to", N_("In force until"), str),
    Fact("legal_instrument", N_("Legal instrument"), str),
)
AREA = Fact("area_m2", N_("Area"), area_words)
FACTS: dict[str, tuple[Fact, ...]] = {
    "districts": (AREA,),
    "zoning": (
        Fact("floor_area_ratio", N_("Floor area ratio"), _most(_with("", 2))),
        Fact("building_coverage", N_("Building coverage"), _most(write.share)),
        Fact("height_limit", N_("Height limit"), _most(_with("m", 1))),
        Fact("green_ratio", N_("Green ratio"), _least(write.share)),
        AREA,
        *IN_FORCE,
    ),
    "constraints": (
        AREA,
        *IN_FORCE,
    ),
    "parcels": (
        Fact("land_use", N_("Land use"), _of(codes.LAND_USES)),
        Fact("address", N_("Address"), str),
        AREA,
        Fact("floor_area", N_("Floor area"), _with("m²")),
    ),
    "buildings": (
        Fact("floors", N_("Floors"), _with("")),
        Fact("height", N_("Height"), _with("m", 1)),
        Fact("area_m2", N_("Footprint"), _with("m²")),
        Fact("floor_area", N_("Floor area"), _with("m²")),
        Fact("exempt_floor_area", N_("Exempt floor area"), _with("m²")),
        Fact("year_built", N_("Built in"), str),
        Fact("structure", N_("Structure"), _of(codes.STRUCTURES)),
        Fact("hazard_grade", N_("Hazard grade"), _of(codes.HAZARD_GRADES)),
        Fact("disposition", N_("Keep, alter or demolish"), _of(codes.DISPOSITIONS)),
        Fact("households", N_("Households"), _with("")),
        Fact("population", N_("Residents"), _with("")),
        Fact("heritage", N_("Heritage"), _of(codes.HERITAGE)),
    ),
    "facilities": (
        Fact("capacity", N_("Capacity"), _with("")),
        Fact("floor_area", N_("Floor area"), _with("m²")),
        AREA,
    ),
    "streets": (
        Fact("length", N_("Length of the segment"), _with("m")),
        Fact("one_way", N_("One way"), _yes_no),
        Fact("walkable", N_("Walkable"), _yes_no),
    ),
    "greenways": (Fact("length", N_("Length"), _with("m")),),
    "surfaces": (AREA,),
    "problems": (
        Fact("dimension", N_("Check-up level"), _of(codes.DIMENSIONS)),
        Fact("severity", N_("Severity"), _of(codes.SEVERITIES)),
        Fact("indicator", N_("Indicator"), str),
        Fact("found_on", N_("Found on"), str),
        Fact("closed_on", N_("Closed on"), str),
    ),
    "population": (
        Fact("population", N_("Residents"), _with("")),
        Fact("households", N_("Households"), _with("")),
        Fact("year", N_("Year"), str),
        AREA,
    ),
}
NAME = Fact("name", N_("Proper name"), str)
IN_HEADING: dict[str, tuple[Fact, ...]] = {
    "zoning": (Fact("land_use", N_("Land use"), _of(codes.LAND_USES)), NAME),
    "constraints": (Fact("kind", N_("Kind of constraint"), _of(codes.CONSTRAINT_KINDS)), NAME),
    "buildings": (Fact("use", N_("Use"), _of(codes.BUILDING_USES)),),
    "facilities": (Fact("category", N_("Category"), _of(codes.FACILITY_CATEGORIES)), NAME),
    "streets": (NAME, Fact("street_class", N_("Class"), _of(codes.STREET_CLASSES))),
    "greenways": (NAME, Fact("greenway_class", N_("Class"), _of(codes.GREENWAY_CLASSES))),
    "surfaces": (Fact("kind", N_("What covers the ground"), _of(codes.SURFACE_KINDS)), NAME),
    "problems": (Fact("title", N_("What was found"), str),),
}
# Texts that want a line of their own.
LONG = {"legal_instrument", "address", "indicator"}
# What a feature need not have: nothing is missing where these are not given.
OPTIONAL = {"legal_instrument", "valid_from", "valid_to", "heritage", "closed_on", "indicator", "area_m2"}


def told_of(layer: str) -> tuple[Fact, ...]:
    """Return every fact of a feature but its code: those of its heading, then the others."""
    return (*IN_HEADING.get(layer, ()), *FACTS[layer])


def code_of(row: Facts) -> Any:
    """Return the source's own name of a feature, where it has one."""
    return html.Span(f" {row['code']}", className="faint") if row.get("code") else None


def _zoning(row: Facts) -> list[Any]:
    return [
        _named(term(codes.LAND_USES, row["land_use"]), row["land_use"]),
        _aside(row["name"]),
        code_of(row),
    ]


def _constraint(row: Facts) -> list[Any]:
    kind = term(codes.CONSTRAINT_KINDS, row["kind"])
    return [html.Strong(kind), _aside(row["name"] if row["name"] != kind else None), code_of(row)]


def _parcel(row: Facts) -> list[Any]:
    return [html.Strong(row["code"] or _("Parcel"))]


def _building(row: Facts) -> list[Any]:
    use = term(codes.BUILDING_USES, row["use"])
    return [html.Strong(use) if use else html.Span(_("use not supplied"), className="faint"), code_of(row)]


def _facility(row: Facts) -> list[Any]:
    return [html.Strong(term(codes.FACILITY_CATEGORIES, row["category"])), _aside(row["name"]), code_of(row)]


def _street(row: Facts) -> list[Any]:
    named = row["name"] or _("no name supplied")
    return [html.Strong(named), _aside(term(codes.STREET_CLASSES, row["street_class"])), code_of(row)]


def _greenway(row: Facts) -> list[Any]:
    named = row["name"] or _("no name supplied")
    return [html.Strong(named), _aside(term(codes.GREENWAY_CLASSES, row["greenway_class"])), code_of(row)]


def _surface(row: Facts) -> list[Any]:
    return [html.Strong(term(codes.SURFACE_KINDS, row["kind"])), _aside(row["name"]), code_of(row)]


def _problem(row: Facts) -> list[Any]:
    treated = [_chosen(code) for code in row["projects"] or []]
    said = [html.Span(_("treated by"), className="faint"), *treated] if treated else []
    return [html.Strong(translated(row, "title")), code_of(row), html.Div(said, className="treated")]


def _population(row: Facts) -> list[Any]:
    return [html.Strong(row["code"] or _("Population cell"))]


def _chosen(code: str) -> Any:
    return sets(code, {"sel": code, "at": ""}, className="plain", label=_("Show {code}").format(code=code))


def _named(name: str | None, code: str) -> Any:
    return html.Strong(name if name == code else f"{name} {code}")


def _aside(words: str | None) -> Any:
    return html.Span(f" {words}") if words else None


HEADS: dict[str, Callable[[Facts], list[Any]]] = {
    "zoning": _zoning,
    "constraints": _constraint,
    "parcels": _parcel,
    "buildings": _building,
    "facilities": _facility,
    "streets": _street,
    "greenways": _greenway,
    "surfaces": _surface,
    "problems": _problem,
    "population": _population,
}
