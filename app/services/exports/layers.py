"""Export of a layer 图层导出: exactly what an area and a filter select, with source, CRS and dictionary."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from sqlalchemy import RowMapping

from app.i18n import gettext as _
from app.i18n import language, use_language
from app.services.exports.files import Words
from app.services.exports.files import write as write_file
from app.services.exports.projects import UNSAFE_IN_NAMES, filter_words
from app.services.filters import filter_from_query
from app.services.map.selection import Selected, area_words, select_area
from app.terms import named, worded
from data import cities, layer_export, projects, sources
from data.codes import LAYERS
from data.errors import N_, InvalidInput, NotFound, UnsupportedFormat
from data.layer_export import LayerQuery, layer_query
from data.layer_fields import Field
from data.projects import ProjectFilter
from data.session import Database

MEDIA_TYPES = {
    "gpkg": "application/geopackage+sqlite3",
    "parquet": "application/vnd.apache.parquet",
    "geojson": "application/geo+json",
    "shp.zip": "application/zip",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "txt": "text/plain; charset=utf-8",
}
FILES = tuple(kind for kind in MEDIA_TYPES if kind != "txt")
RULES = {
    "projects": N_("projects whose boundary shares ground with the area, wholly counted"),
    "inside": N_("projects whose boundary lies wholly within the area"),
    "inner_point": N_("features whose inner point lies in the area"),
    "overlap": N_("features that share ground with the area; the part inside is measured in its own column"),
}
BY_INNER_POINT = frozenset({"buildings", "facilities", "problems"})


@dataclass(frozen=True)
class LayerExport:
    """One export: a layer of a city, what is kept of it, and when it was asked for."""

    city: RowMapping
    layer: str
    keep: ProjectFilter
    selected: Selected | None
    query: LayerQuery
    source: RowMapping | None
    districts: Mapping[str, str]
    day: dt.date

    def file_name(self, kind: str) -> str:
        """Name the file in ASCII: city, that it is invented where it is, layer, selection, date."""
        parts = [self.city["slug"], "synthetic" if self.city["synthetic"] else "", self.layer]
        parts += ["selection" if self.selected else "", self.day.isoformat()]
        return f"{'-'.join(part for part in parts if part)}.{kind}"

    def file_title(self, kind: str) -> str:
        """Name the file in the reader's language."""
        parts = [named(self.city), self._invented, self._layer_name, _("selection") if self.selected else ""]
        stem = "_".join(part for part in [*parts, self.day.isoformat()] if part)
        return f"{UNSAFE_IN_NAMES.sub('-', stem).replace(' ', '-')}.{kind}"

    @property
    def _layer_name(self) -> str:
        return worded(LAYERS[self.layer])

    @property
    def _invented(self) -> str:
        return _("SYNTHETIC data") if self.city["synthetic"] else ""

    def words(self, count: int) -> Words:
        """Return what goes with the rows."""
        title = " · ".join(part for part in (named(self.city), self._layer_name, self._invented) if part)
        return Words(title, self._about(count), [self._meaning(field) for field in self.query.columns])

    def _about(self, count: int) -> list[tuple[str, str]]:
        crs = f"EPSG:{self.query.srid}"
        lines = [
            (_("City"), f"{self.city['name_zh']} {self.city['name_en']}"),
            (_("Layer"), f"{self.layer}: {self._layer_name}"),
            (_("Features"), str(count)),
            (_("Source"), self._source()),
            (_("Source and licence"), _(self.city["attribution"]) or _("not supplied")),
            (_("Coordinate system"), crs),
            (_("Areas and lengths"), _("in EPSG:{srid}").format(srid=self.city["metric_srid"])),
            (_("Filters"), self._filters()),
            (_("Selection"), self._selection()),
            (_("Exported on"), self.day.isoformat()),
            (_("Empty cells"), _("not supplied by the source; never zero")),
        ]
        nature = _("SYNTHETIC data: invented for demonstration, not real")
        return [(_("Nature of the data"), nature), *lines] if self.city["synthetic"] else lines

    def _source(self) -> str:
        if self.source is None:
            return _("not supplied")
        day = self.source["source_date"]
        dated = day.isoformat() if day else _("date not supplied")
        return f"{self.source['name']} ({dated})"

    def _filters(self) -> str:
        words = filter_words(self.keep, self.districts) if self.layer == "projects" else []
        if self.layer == "projects" and self.keep.day:
            words.append(f"{_('state on')}: {self.keep.day.isoformat()}")
        return "; ".join(words) or _("none")

    def _selection(self) -> str:
        if self.selected is None:
            return _("none, the whole city")
        return f"{area_words(self.selected)}; {_(self._rule())}"

    def _rule(self) -> str:
        if self.layer == "projects":
            return RULES["inside" if self.selected and self.selected.area.inside else "projects"]
        return RULES["inner_point" if self.layer in BY_INNER_POINT else "overlap"]

    @staticmethod
    def _meaning(field: Field) -> tuple[str, str, str, str]:
        listed = "; ".join(f"{code} = {worded(known)}" for code, known in (field.terms or {}).items())
        return field.name, _(field.meaning), field.unit, listed


def plan_layer_export(
    database: Database, city_slug: str, layer: str, params: Mapping[str, str]
) -> LayerExport:
    """Read what an address asks to export, in the reader's language.

    Raises
    ------
    NotFound
        No such city, layer or district.
    InvalidInput
        A filter, the area or the CRS cannot be used.
    """
    known_layer(layer)
    keep = filter_from_query(params)
    with database.reading() as connection:
        city = cities.city_named(connection, city_slug)
        selected = select_area(connection, city, params)
        return LayerExport(
            city=city,
            layer=layer,
            keep=keep,
            selected=selected,
            query=layer_query(
                layer,
                city,
                area=selected.area if selected else None,
                keep=keep,
                language=language(),
                srid=_srid(city, params.get("crs", "")),
            ),
            source=sources.newest(connection, city["id"]).get(layer),
            districts={row["code"]: named(row) for row in cities.districts_of(connection, city["id"])},
            day=dt.datetime.now().astimezone().date(),
        )


def known_layer(layer: str) -> str:
    """Return a layer that can be exported.

    Raises
    ------
    NotFound
        There is no such layer.
    """
    if layer in LAYERS:
        return layer
    raise NotFound(
        N_("There is no layer «{layer}»."),
        remedy=N_("Choose among: {known}."),
        layer=layer[:20],
        known=", ".join(LAYERS),
    )


def known_kind(kind: str, known: Sequence[str] = FILES) -> str:
    """Return a format that we write.

    Raises
    ------
    UnsupportedFormat
        It is none of ours.
    """
    if kind in known:
        return kind
    raise UnsupportedFormat(
        N_("Layers cannot be exported as «{kind}»."),
        remedy=N_("Choose among: {known}."),
        kind=kind[:20],
        known=", ".join(known),
    )


def _srid(city: RowMapping, asked: str) -> int:
    allowed = {"": 4326, "4326": 4326, str(city["metric_srid"]): int(city["metric_srid"])}
    if asked in allowed:
        return allowed[asked]
    raise InvalidInput(
        N_("The export cannot be in EPSG:{asked}."),
        remedy=N_("Choose 4326 or the city's own {metric}."),
        asked=asked[:20],
        metric=city["metric_srid"],
    )


class Planned(Protocol):
    """What is written to a file: its rows, the words that go with them, and what the file is called."""

    @property
    def query(self) -> LayerQuery:
        """Which rows and columns."""
        ...

    def words(self, count: int) -> Words:
        """Return what goes with the rows."""
        ...

    def file_name(self, kind: str) -> str:
        """Name the file in ASCII."""
        ...

    def file_title(self, kind: str) -> str:
        """Name the file in the reader's language."""
        ...


def write_layer(database: Database, export: Planned, kind: str, path: Path) -> int:
    """Write an export to a file that does not exist yet; returns the number of features."""
    with database.reading() as connection:
        layer_export.be_patient(connection)
        projects.hold_still(connection)
        words = export.words(layer_export.count(connection, export.query))
        if kind == "txt":
            path.write_text(words.readme(), encoding="utf-8-sig")
            return 0
        return write_file(connection, export.query, kind, path, words)


def write_layer_file(  # noqa: PLR0913, PLR0917
    database: Database,
    city_slug: str,
    layer: str,
    path: Path,
    params: Mapping[str, str],
    spoken: str = "zh_CN",
) -> int:
    """Write a layer to a file whose suffix names the format; a CSV gets a text beside it that describes it.

    The file appears when it is complete, or not at all.

    Raises
    ------
    UnsupportedFormat
        The suffix names no format of ours.
    NotFound, InvalidInput
        As ``plan_layer_export``.
    """
    known_kind(kind_of(path))
    use_language(spoken)
    return write_planned(database, plan_layer_export(database, city_slug, layer, params), path)


def write_planned(database: Database, export: Planned, path: Path) -> int:
    """Write a planned export to a file as ``write_layer_file`` does."""
    kind = known_kind(kind_of(path))
    count = _in_place(database, export, kind, path)
    if kind == "csv":
        _in_place(database, export, "txt", path.with_name(f"{path.stem}.README.txt"))
    return count


def kind_of(path: Path) -> str:
    """Return the format that a file's name asks for."""
    name = path.name.lower()
    return "shp.zip" if name.endswith(".shp.zip") else path.suffix.lstrip(".").lower()


def _in_place(database: Database, export: Planned, kind: str, path: Path) -> int:
    part = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        count = write_layer(database, export, kind, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return count


def content_disposition(export: Planned, kind: str) -> str:
    """Return the header that names a download: plain ASCII first, then the real name (RFC 5987)."""
    real = quote(export.file_title(kind), safe="")
    return f"attachment; filename=\"{export.file_name(kind)}\"; filename*=UTF-8''{real}"
