"""Export of an indicator 指标导出: the units that the page shows, in its order, with where they come from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, case, func, literal, select

from app.i18n import gettext as _
from app.i18n import language, use_language
from app.services.exports.files import Words
from app.services.exports.layers import kind_of, known_kind, write_planned
from app.services.exports.projects import UNSAFE_IN_NAMES
from app.services.indicators.asked import refuse_unknown
from app.services.indicators.page import (
    VERDICT_ORDER,
    WITH_PARTS,
    Page,
    Picture,
    page_of,
    required,
    same_unit,
)
from app.services.indicators.thresholds import bounds
from app.terms import localised, named
from data import cities
from data.errors import N_, NotFound
from data.indicator_codes import UNIT_KINDS, VERDICTS
from data.layer_export import LayerQuery
from data.layer_fields import Field
from data.layer_fields import named as with_name
from data.models import INDICATOR_UNIT, INDICATOR_VALUE
from data.session import Database
from data.thresholds import Threshold

LAYER = "indicators"
UNIT, VALUE = INDICATOR_UNIT.columns, INDICATOR_VALUE.columns
OTHER = INDICATOR_VALUE.alias("other").columns


@dataclass(frozen=True)
class IndicatorExport:
    """One export: what the page shows of a city, and the order of its rows."""

    city: RowMapping
    page: Page
    first: Picture
    sort: str
    day: dt.date

    @property
    def query(self) -> LayerQuery:
        """The units with their values, in the order of the page's table."""
        asked = self.first.asked
        where: tuple[ColumnElement[bool], ...] = (
            UNIT.run_id == asked.run,
            VALUE.run_id == asked.run,
            VALUE.unit_code == UNIT.unit_code,
            VALUE.indicator == asked.indicator,
            VALUE.subject == asked.subject,
            VALUE.basis == asked.basis,
        )
        columns = [one for field in self._fields() for one in with_name(field, language())]
        return LayerQuery(LAYER, tuple(columns), where, order=self._order())

    def _fields(self) -> list[Field]:
        unit = self.first.indicator.unit
        asked = {key: bounds(one.threshold) for key, one in self.first.thresholds.items()}
        asks = case(asked, value=VALUE.threshold_id) if asked else literal(None)
        whole = VALUE.missing.is_(None) | VALUE.missing.in_(WITH_PARTS)
        own = [
            Field("code", UNIT.unit_code, N_("Code of the unit")),
            Field("name_zh", UNIT.unit_name_zh, N_("Chinese name")),
            Field("name_en", UNIT.unit_name_en, N_("English name")),
            Field("value", VALUE.value, N_("Value of the indicator"), "number", unit),
            Field("numerator", case((whole, VALUE.numerator)), N_("What was divided"), "number"),
            Field("denominator", case((whole, VALUE.denominator)), N_("What it was divided by"), "number"),
            Field("unit", VALUE.unit, N_("Unit of the value")),
            Field("verdict", VALUE.verdict, N_("Verdict against the threshold"), terms=VERDICTS),
            Field("threshold", asks, N_("What the threshold asks")),
            Field("missing", VALUE.missing, N_("Input that is not supplied")),
            Field("run", VALUE.run_id, N_("Number of the run"), "integer"),
        ]
        invented = Field("data", literal("synthetic"), N_("Invented for demonstration, not real"))
        return [*own, *self._compared(), *([invented] if self.city["synthetic"] else [])]

    def _compared(self) -> list[Field]:
        second = self.page.second
        if second is None:
            return []
        other = _other(second)
        found = [Field("other", other, N_("Value that it is compared with"), "number", second.indicator.unit)]
        if same_unit(self.page):
            meaning = N_("The value compared with, less the value")
            found.append(Field("difference", other - VALUE.value, meaning, "number", second.indicator.unit))
        return found

    def _order(self) -> Any:
        """Place the rows as the page's table does: what is unknown last, then as the units stand."""
        column, _dot, way = self.sort.partition(".")
        name = func.coalesce(UNIT[localised("unit_name")], UNIT.unit_code).collate("C")
        keys: dict[str, Any] = {"name": name, "verdict": case(VERDICT_ORDER, value=VALUE.verdict)}
        keys |= {one.name: one.value for one in self._fields() if one.kind == "number"}
        key, up = (keys[column], way == "asc") if column in keys else (VALUE.value, False)
        placed = (key.asc() if up else key.desc()).nulls_last()
        return func.row_number().over(order_by=[placed, UNIT.position])

    def file_name(self, kind: str) -> str:
        """Name the file in ASCII: city, that it is invented where it is, indicator, units, date."""
        asked = self.first.asked
        parts = [self.city["slug"], "synthetic" if self.city["synthetic"] else "", asked.indicator]
        parts += [asked.subject, asked.basis, self.page.units, self.day.isoformat()]
        return f"{'-'.join(part for part in parts if part)}.{kind}"

    def file_title(self, kind: str) -> str:
        """Name the file in the reader's language."""
        parts = [named(self.city), self._invented, self._name, self._units, self.day.isoformat()]
        stem = "_".join(part for part in parts if part)
        return f"{UNSAFE_IN_NAMES.sub('-', stem).replace(' ', '-')}.{kind}"

    @property
    def _invented(self) -> str:
        return _("SYNTHETIC data") if self.city["synthetic"] else ""

    @property
    def _name(self) -> str:
        return self._said(self.first.indicator.name)

    @property
    def _units(self) -> str:
        return self._said(UNIT_KINDS[self.page.units])

    @staticmethod
    def _said(words: Any) -> str:
        return str(words.zh if language() == "zh_CN" else words.en)

    def words(self, count: int) -> Words:
        """Return what goes with the rows: definition, threshold, and the run that they come from."""
        title = " · ".join(part for part in (named(self.city), self._name, self._invented) if part)
        meaning = [(field.name, _(field.meaning), field.unit, _codes(field)) for field in self.query.columns]
        return Words(title, self._about(count), meaning)

    def _about(self, count: int) -> list[tuple[str, str]]:
        one, asked, run = self.first.indicator, self.first.asked, self.first.run
        lines = [
            (_("City"), f"{self.city['name_zh']} {self.city['name_en']}"),
            (_("Indicator"), " ".join(filter(None, [one.code, asked.subject, asked.basis]))),
            (_("Formula"), self._said(one.formula)),
            (_("Unit"), one.unit or "1"),
            (_("Source"), self._said(one.source)),
            (_("Threshold"), self._threshold()),
            (_("Units"), f"{count} · {self._units}"),
            (_("Run"), f"{run['id']}, {run['finished_at'].isoformat(timespec='seconds')}, {run['actor']}"),
            (_("Code and inputs"), f"{run['code_version']}, {run['inputs_hash']}"),
            (_("Parameters"), str({name: run["parameters"].get(name) for name in one.parameters} or "–")),
            (_("Source and licence"), _(self.city["attribution"]) or _("not supplied")),
            (_("Coordinate system"), "EPSG:4326"),
            (_("Exported on"), self.day.isoformat()),
            (_("Empty cells"), _("not supplied by the source; never zero")),
        ]
        nature = _("SYNTHETIC data: invented for demonstration, not real")
        return [(_("Nature of the data"), nature), *lines] if self.city["synthetic"] else lines

    def _threshold(self) -> str:
        return "; ".join(_cited(one.threshold) for one in self.first.thresholds.values()) or _("none")


def _cited(one: Threshold) -> str:
    parts = [bounds(one), one.modal, one.strength, one.document, one.document_no, one.clause]
    return ", ".join(part for part in parts if part)


def _other(second: Picture) -> Any:
    asked = second.asked
    return (
        select(OTHER.value)
        .where(
            OTHER.run_id == asked.run,
            OTHER.indicator == asked.indicator,
            OTHER.subject == asked.subject,
            OTHER.basis == asked.basis,
            OTHER.unit_code == UNIT.unit_code,
        )
        .correlate(INDICATOR_UNIT)
        .scalar_subquery()
    )


def _codes(field: Field) -> str:
    return "; ".join(f"{code} = {IndicatorExport._said(term)}" for code, term in (field.terms or {}).items())


def plan_indicator_export(database: Database, city_slug: str, params: Mapping[str, str]) -> IndicatorExport:
    """Read what an address of the page asks to export, in the reader's language.

    Raises
    ------
    InvalidInput
        The address asks for what does not exist.
    NotFound
        No such city, or nothing of it has been computed.
    """
    refuse_unknown(params, ("city", "lang"))
    with database.reading() as connection:
        city = cities.city_named(connection, city_slug)
    page = required(page_of(database, city, params))
    if page.first is None:
        raise NotFound(
            N_("The indicator {indicator} has not been computed for these units."),
            remedy=N_("Run `gengxin indicators run --city {city} --units {units}`."),
            indicator=page.indicator.code,
            city=city_slug,
            units=page.units,
        )
    day = dt.datetime.now().astimezone().date()
    return IndicatorExport(city, page, page.first, params.get("sort", ""), day)


def write_indicator_file(
    database: Database, city_slug: str, path: Path, params: Mapping[str, str], spoken: str = "zh_CN"
) -> int:
    """Write an indicator to a file whose suffix names the format, as ``write_layer_file`` does a layer.

    Raises
    ------
    UnsupportedFormat, InvalidInput, NotFound
        As ``write_layer_file`` and ``plan_indicator_export``.
    """
    known_kind(kind_of(path))
    use_language(spoken)
    return write_planned(database, plan_indicator_export(database, city_slug, params), path)
