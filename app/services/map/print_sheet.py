"""The words of a printed map 图面整饰: title, filters, dated sources, the district table, the project."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping

from app import format as write
from app.i18n import gettext as _
from app.services.exports.projects import filter_words
from app.services.filters import STATUS, filter_from_query
from app.services.map.prints import SYNTHETIC, file_name
from app.terms import joined, localised, named, term, translated
from data import cities, codes, districts, project, register, sources
from data.session import Database

Pairs = list[tuple[str, str]]


def print_sheet(database: Database, city: RowMapping, query: Mapping[str, str]) -> dict[str, Any]:
    """Return what a print of the map at an address says, as texts in the reader's language.

    Raises
    ------
    InvalidInput
        A filter cannot be used.
    """
    day = dt.datetime.now(dt.UTC).astimezone().date().isoformat()
    with database.reading() as connection:
        return {
            "title": _("{city}: renewal projects on the map").format(city=named(city)),
            "synthetic": _(SYNTHETIC) if city["synthetic"] else "",
            "filters": _("Filters: {filters}").format(filters=_filters(connection, city, query)),
            "sources": _sources(connection, city, query.get("layers")),
            "printed": _("Printed {day}").format(day=day),
            "file": file_name(city, day),
            "districts": _district_table(connection, city, query),
            "project": _profile(connection, city, query.get("sel", "")),
        }


def _filters(connection: Connection, city: RowMapping, query: Mapping[str, str]) -> str:
    names = {row["code"]: named(row) for row in cities.districts_of(connection, city["id"])}
    words = filter_words(filter_from_query(query), names)
    if query.get("day"):
        words.append(_("state on {day}").format(day=query["day"][:10]))
    return "; ".join(words) or _("none")


def _sources(connection: Connection, city: RowMapping, layers: str | None) -> list[str]:
    """Name the newest notice, then the newest imports of the layers that show; None means all."""
    asked = None if layers is None else set(layers.split(","))
    notices = register.notices(connection, city["id"])
    said = [_dated(notices[0]["number"], notices[0]["published_on"])] if notices else []
    imports: dict[str, list[str]] = {}
    for layer, row in sources.newest(connection, city["id"]).items():
        if asked is None or layer in asked:
            source = _dated(row["name"], row["source_date"] or row["imported_at"].date())
            imports.setdefault(source, []).append(str(term(codes.LAYERS, layer)))
    return [*said, *(f"{joined(names)}: {source}" for source, names in imports.items())]


def _dated(name: str, day: dt.date | None) -> str:
    return f"{name} ({day.isoformat()})" if day else name


def _district_table(connection: Connection, city: RowMapping, query: Mapping[str, str]) -> dict[str, Any]:
    """Return heads and rows: each district with the projects that the filters keep, and their sums."""
    frame = districts.figures(connection, city["id"], city["metric_srid"], filter_from_query(query))
    rows = [
        [name, write.count(count), write.money(_known(invested)), write.count(known)]
        for name, count, invested, known in zip(
            frame[localised("name")],
            frame["projects"],
            frame["investment"],
            frame["with_boundary"],
            strict=True,
        )
    ]
    invested = _("Investment, {unit}").format(unit=write.money_unit())
    return {"heads": [_("District"), _("Projects"), invested, _("With boundary")], "rows": rows}


def _known(number: float) -> float | None:
    return None if math.isnan(number) else number


def _profile(connection: Connection, city: RowMapping, code: str) -> dict[str, Any] | None:
    """Return the chosen project's name and facts; None where the address names none."""
    if not code:
        return None
    found = project.find(connection, city["id"], code, city["metric_srid"])
    if found is None:
        return None
    places = [named(row) for row in project.districts(connection, found["id"])]
    survey = STATUS[found["boundary_status"]]
    facts: Pairs = [
        (_("Code"), found["code"]),
        (_("District"), joined(places)),
        (_("Investment"), _money(found["total_investment"])),
        (_("Type"), term(codes.PROJECT_TYPES, found["project_type"]) or write.not_supplied()),
        (_("Mode"), term(codes.RENEWAL_MODES, found["renewal_mode"]) or write.not_supplied()),
        (_("Stage"), term(codes.STAGES, found["stage"]) or write.not_supplied()),
        (_("Progress"), write.share(found["progress"], 0)),
        (_("Implementing entity"), found["implementing_entity"] or write.not_supplied()),
        (_("Boundary"), _(survey)),
        (_("Area"), _hectares(found["area_m2"])),
    ]
    return {"title": translated(found, "name"), "facts": facts}


def _money(yuan: Decimal | None) -> str:
    return write.not_supplied() if yuan is None else f"{write.money(yuan)} {write.money_unit()}"


def _hectares(square_metres: float | None) -> str:
    return write.not_supplied() if square_metres is None else f"{square_metres / 1e4:,.2f} ha"
