"""What lies in the selected area: figures by kind, the largest projects, and the files that hold the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dash import html
from sqlalchemy import RowMapping

from app import format as write
from app.components.icons import icon
from app.components.map.layer_links import layer_links
from app.components.map.rows import project_rows, sets
from app.components.shell import synthetic_badge
from app.components.view import View
from app.i18n import gettext as _
from app.services.map.selection import Selection, area_words
from app.terms import term
from data import codes
from data.codes import Term

Row = tuple[Any, ...]


def hectares(square_metres: float | None) -> str:
    """Write square metres in hectares."""
    return write.not_supplied() if square_metres is None else f"{float(square_metres) / 1e4:,.2f} ha"


def square_metres(value: float | None) -> str:
    """Write square metres in full."""
    return write.not_supplied() if value is None else f"{float(value):,.0f} m²"


def kilometres(metres: float | None) -> str:
    """Write metres in kilometres."""
    return write.not_supplied() if metres is None else f"{float(metres) / 1e3:,.2f} km"


def panel(current: View, found: Selection) -> list[Any]:
    """Lay out everything about a selection."""
    parts = [_projects(current, found)]
    if found.square_metres is None:
        words = _("The boundary of this zone is pending, so only its projects are known.")
        parts.append(html.P(words, className="how"))
    else:
        parts += [
            _buildings(found), _facilities(found), _zoning(found), _constraints(found),
            _lines(found, "streets", _("Streets"), codes.STREET_CLASSES),
            _lines(found, "greenways", _("Greenways"), codes.GREENWAY_CLASSES),
            _surfaces(found), _population(found), html.P(_measured(), className="how"),
        ]  # fmt: skip
    return [
        html.Div([_head(current, found), *parts, layer_links(current, selected=True)], className="map-card")
    ]


def _measured() -> str:
    return _(
        "Buildings and facilities count where their inner point lies; land and streets by the part inside."
    )


def _head(current: View, found: Selection) -> Any:
    size = "" if found.square_metres is None else hectares(found.square_metres)
    said = " · ".join(part for part in (area_words(found.selected), size) if part)
    close = sets(icon("close"), {"area": "", "inside": ""}, className="tool", label=_("Clear the selection"))
    title = [html.H2(_("Selection")), html.Span(said, className="muted", id="selection-size")]
    return html.Div([*title, synthetic_badge(current), close], className="map-heading")


def _projects(current: View, found: Selection) -> Any:
    sums = found.sums.projects
    facts: list[tuple[str, str]] = [
        (_("Projects"), write.count(sums["projects"])),
        (_("Investment, {unit}").format(unit=write.money_unit()), _money(sums)),
        (_share_words(found), _by_share(sums)),
    ]
    if found.square_metres is not None:
        facts += [
            (_("Sites, whole"), hectares(sums["site_area"])),
            (_("of them inside"), hectares(sums["site_inside"])),
        ]
    notes = [html.P(note, className="how") for note in _project_notes(found)]
    listed = project_rows(current, found.listed[:8]) if found.listed else None
    heads = (_("Count"), write.money_unit())
    by = [
        _table(_counted(found.sums.stages, codes.STAGES), (_("By stage"), *heads)),
        _table(_counted(found.sums.types, codes.PROJECT_TYPES), (_("By type"), *heads)),
    ]
    breakdown = html.Details([html.Summary(_("By stage and type")), *by]) if sums["projects"] else None
    return html.Div([_facts(facts), _rule(current), *notes, listed, breakdown], className="select-group")


def _money(sums: RowMapping) -> str:
    if sums["investment"] is None:
        return write.not_supplied() if sums["projects"] else write.money(0)
    known = write.money(sums["investment"])
    if sums["with_amount"] == sums["projects"]:
        return known
    return _("{amount} of {known} projects").format(amount=known, known=sums["with_amount"])


def _share_words(found: Selection) -> str:
    if found.selected.district is not None:
        return _("by the district's share")
    return _("by the share of land inside")


def _by_share(sums: RowMapping) -> str:
    return write.not_supplied() if sums["investment"] is None else write.money(sums["investment_by_share"])


def _rule(current: View) -> Any:
    inside = current.get("inside") == "1"
    words = (
        _("A project counts, whole, when it lies wholly within.")
        if inside
        else _("A project counts, whole, when it overlaps.")
    )
    change = _("count all that overlap") if inside else _("count only those wholly within")
    button = sets(change, {"inside": "" if inside else "1"}, className="plain")
    return html.P([words, " ", button], className="how")


def _project_notes(found: Selection) -> list[str]:
    if found.selected.district is not None:
        words = _("The library lists {count} of them here; the others reach into it by their boundary.")
        recorded = words.format(count=write.count(found.sums.projects["recorded"]))
        return [recorded, _("Projects without boundary count in the districts that the library names.")]
    if not found.unplaced:
        return []
    words = _(
        "{count} projects without boundary have no place and count in no drawn area; select a district."
    )
    return [words.format(count=write.count(found.unplaced))]


def _counted(rows: Sequence[RowMapping], terms: Mapping[str, Term]) -> list[Row]:
    order = {code: place for place, code in enumerate(terms)}
    ordered = sorted(rows, key=lambda row: order.get(row["key"], len(order)))
    return [
        (_name(terms, row["key"]), write.count(row["projects"]), write.money(row["investment"]))
        for row in ordered
    ]


def _name(terms: Mapping[str, Term], code: str | None) -> str:
    return term(terms, code) or write.not_supplied()


def _buildings(found: Selection) -> Any:
    sums = found.sums.buildings
    if "buildings" not in found.sums.supplied:
        return _group(_("Buildings"), write.not_supplied(), [])
    facts = [
        (_("Footprints"), hectares(sums["footprint"] or 0)),
        (
            _("Floor area"),
            _of_known(square_metres(sums["floor_area"]), sums["with_floor_area"], sums["buildings"]),
        ),
        (_("Households"), write.count(sums["households"])),
        (_("Residents"), write.count(sums["population"])),
    ]
    rows = [
        (
            _name(codes.BUILDING_USES, row["key"]),
            write.count(row["buildings"]),
            square_metres(row["floor_area"]),
        )
        for row in found.sums.uses
    ]
    shown = facts if sums["buildings"] else []
    heads = (_("Use"), _("Count"), _("Floor area"))
    return _group(_("Buildings"), write.count(sums["buildings"]), rows, shown, heads=heads)


def _of_known(words: str, known: int, every: int) -> str:
    if known == every:
        return words
    return _("{figure} of {known} buildings").format(figure=words, known=write.count(known))


def _facilities(found: Selection) -> Any:
    rows = [
        (
            _name(codes.FACILITY_CATEGORIES, row["key"]),
            write.count(row["facilities"]),
            write.count(row["capacity"]),
        )
        for row in found.sums.facilities
    ]
    total = sum(row["facilities"] for row in found.sums.facilities)
    heads = (_("Category"), _("Count"), _("Capacity"))
    return _supplied(found, "facilities", _("Facilities"), write.count(total), rows, heads)


def _zoning(found: Selection) -> Any:
    whole = found.square_metres or 1.0
    rows = [
        (_name(codes.LAND_USES, row["key"]), hectares(row["area"]), write.share(row["area"] / whole))
        for row in found.sums.zoning
    ]
    total = hectares(sum(row["area"] for row in found.sums.zoning))
    heads = (_("Land use"), _("Inside"), _("Of the area"))
    return _supplied(found, "zoning", _("Zoned land"), total, rows, heads)


def _constraints(found: Selection) -> Any:
    whole = found.square_metres or 1.0
    rows = [
        (_name(codes.CONSTRAINT_KINDS, row["key"]), hectares(row["area"]), write.share(row["area"] / whole))
        for row in found.sums.constraints
    ]
    total = write.count(sum(row["features"] for row in found.sums.constraints))
    heads = (_("Constraint"), _("Inside"), _("Of the area"))
    return _supplied(found, "constraints", _("Constraints"), total, rows, heads)


def _lines(found: Selection, layer: str, title: str, classes: Mapping[str, Term]) -> Any:
    sums = getattr(found.sums, layer)
    rows = [
        (_name(classes, row["key"]), kilometres(row["length"]), write.count(row["features"])) for row in sums
    ]
    heads = (_("Class"), _("Inside"), _("Segments"))
    return _supplied(found, layer, title, kilometres(sum(row["length"] for row in sums)), rows, heads)


def _surfaces(found: Selection) -> Any:
    whole = found.square_metres or 1.0
    rows = [
        (_name(codes.SURFACE_KINDS, row["key"]), hectares(row["area"]), write.share(row["area"] / whole))
        for row in found.sums.surfaces
    ]
    total = hectares(sum(row["area"] for row in found.sums.surfaces if row["key"] in codes.PERMEABLE))
    heads = (_("What covers the ground"), _("Inside"), _("Of the area"))
    return _supplied(found, "surfaces", _("Permeable ground"), total, rows, heads)


def _population(found: Selection) -> Any:
    sums = found.sums.population
    if "population" not in found.sums.supplied:
        return _group(_("Population, estimated"), write.not_supplied(), [])
    facts = [(_("Households"), write.count(sums["households"] or 0)), (_("Year"), _years(sums))]
    note = _("Each census cell by the share of its land inside: an estimate.")
    total = write.count(round(sums["population"] or 0))
    return _group(_("Population, estimated"), total, [], facts, note=note)


def _years(sums: RowMapping) -> str:
    first, last = sums["first_year"], sums["last_year"]
    if first is None:
        return write.not_supplied()
    return str(first) if first == last else f"{first}–{last}"


def _supplied(  # noqa: PLR0913, PLR0917
    found: Selection, layer: str, title: str, total: str, rows: list[Row], heads: Sequence[str]
) -> Any:
    if layer not in found.sums.supplied:
        return _group(title, write.not_supplied(), [])
    return _group(title, total, rows, heads=heads)


def _group(  # noqa: PLR0913
    title: str,
    total: str,
    rows: list[Row],
    facts: Iterable[tuple[str, str]] = (),
    *,
    heads: Sequence[str] = (),
    note: str = "",
) -> Any:
    line = [html.Span(title), html.Span(total, className="total")]
    listed = list(facts)
    if not rows and not listed:
        return html.Div(line, className="select-group empty-group")
    body = [_facts(listed) if listed else None, _table(rows, heads) if rows else None]
    said = html.P(note, className="how") if note else None
    return html.Details([html.Summary(line), *body, said], className="select-group")


def _facts(facts: Sequence[tuple[str, str]]) -> Any:
    return html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in facts], className="facts")


def _table(rows: Sequence[Row], heads: Sequence[str]) -> Any:
    head = html.Thead(html.Tr([html.Th(word, scope="col") for word in heads]))
    lines = [html.Tr([html.Th(row[0], scope="row"), *[html.Td(cell) for cell in row[1:]]]) for row in rows]
    return html.Table([head, html.Tbody(lines)], className="select-table")
