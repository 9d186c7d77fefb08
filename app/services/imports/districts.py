"""Import district polygons 区划边界: matched to the city's districts by code or name, converted to WGS84."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
import pyproj
import shapely
from geopandas import GeoDataFrame
from sqlalchemy import Connection, RowMapping

from app.services.register.rules import district_names
from data import cities
from data.errors import N_, DistrictsInvalid, EmptyFile, InvalidInput, Note, RowError
from data.readers.polygons import read_polygons
from data.readers.register import area_key
from data.session import Database, lock_city
from gis.boundary import as_multipolygon, check_boundaries
from gis.datum import to_wgs84

HEADINGS = {
    "code": ("code", "adcode", "district_code", "代码", "区划代码", "行政区划代码"),
    "name": ("name_zh", "name", "district", "名称", "区域", "区县"),
    "name_en": ("name_en", "english", "英文名称"),
}


@dataclass(frozen=True)
class DistrictReport:
    """What an import of districts did; ``stored`` boundaries are those that were new or other than before."""

    city: str
    features: int
    added: int
    stored: int
    crs: str
    area_km2: float
    dry_run: bool
    notes: tuple[Note, ...] = ()


def import_districts(  # noqa: PLR0913
    database: Database,
    path: Path,
    *,
    city: str,
    crs: str | None,
    actor: str,
    mapping: Mapping[str, str] | None = None,
    source: str | None = None,
    dry_run: bool = False,
) -> DistrictReport:
    """Import the district polygons of a city, all or none.

    Parameters
    ----------
    path
        GeoJSON, GeoPackage or zipped Shapefile.
    crs
        What the coordinates really are: GCJ02, BD09 or EPSG:n; None: what the file declares.
    mapping
        Attribute by field (``code``, ``name``, ``name_en``) where ours are not recognised.
    source
        Where the boundaries come from; the file's name when None.

    Raises
    ------
    DistrictsInvalid
        Features cannot be used; all of them are named.
    EmptyFile, InvalidInput, NotFound, UnreadableFile, UnsupportedFormat, gis.errors.GisError
    """
    with database.reading() as connection:
        city_row = cities.city_named(connection, city)
    raw = _numbered(read_polygons(path, path.name), path)
    declared = crs or raw.attrs.get("declared_crs")
    frame = _with_fields(to_wgs84(raw, declared), mapping or {}, path)
    _check(frame, city_row["metric_srid"], path)
    with database.writing(actor) as connection:
        lock_city(connection, city_row["id"])
        report = _store(connection, city_row, frame, _name_of(raw, declared), source or path.name)
        if dry_run:
            connection.rollback()
    notes = (*raw.attrs.get("notes", ()), *report.notes)
    return replace(report, dry_run=dry_run, notes=notes)


def _numbered(frame: GeoDataFrame, path: Path) -> GeoDataFrame:
    if frame.empty:
        raise EmptyFile(
            N_("The file holds no features."),
            where=N_("{file}:"),
            remedy=N_("Export the districts again."),
            file=path.name,
        )
    return frame.set_index(pd.RangeIndex(1, len(frame) + 1))


def _name_of(frame: GeoDataFrame, crs: str | None) -> str:
    named = (crs or "").upper().replace("-", "").replace(" ", "")
    return named or (frame.crs.to_string() if frame.crs else "")


def _with_fields(frame: GeoDataFrame, mapping: Mapping[str, str], path: Path) -> GeoDataFrame:
    attributes = [str(name) for name in frame.columns if name != frame.geometry.name]
    found = {field: _attribute(field, attributes, mapping, path) for field in HEADINGS}
    texts = {
        field: frame[attribute].astype("str").fillna("").str.strip() if attribute else ""
        for field, attribute in found.items()
    }
    return GeoDataFrame(texts, geometry=frame.geometry, index=frame.index, crs=frame.crs)


def _attribute(field: str, attributes: Sequence[str], mapping: Mapping[str, str], path: Path) -> str | None:
    wanted = (mapping[field],) if field in mapping else HEADINGS[field]
    lowered = {name.lower(): name for name in attributes}
    found = next((lowered[name.lower()] for name in wanted if name.lower() in lowered), None)
    if found is None and (field in mapping or field == "name"):
        raise InvalidInput(
            N_("There is no attribute for {field}; the file has: {found}."),
            where=N_("{file}:"),
            remedy=N_("Name it (--map {field}=ATTRIBUTE)."),
            field=field,
            found=", ".join(attributes) or "-",
            file=path.name,
        )
    return found


def _check(frame: GeoDataFrame, metric_srid: int, path: Path) -> None:
    errors = _missing_names(frame) + _duplicates(frame, "code") + _duplicates(frame, "name")
    problems = check_boundaries(frame[["code", "geometry"]], None, None, metric_srid)
    errors += [
        RowError(
            int(str(found.row)), "boundary", _label(frame, found.row), found.what, found.remedy, found.values
        )
        for found in problems
        if found.severity == "error"
    ]
    errors = errors or _elsewhere(frame, metric_srid)
    if errors:
        raise DistrictsInvalid(errors, path.name)


def _label(frame: GeoDataFrame, row: object) -> str:
    found = frame.loc[[row], ["code", "name"]].to_numpy().ravel()
    return " ".join(str(part) for part in found if part)


def _missing_names(frame: GeoDataFrame) -> list[RowError]:
    rows = frame.index[frame["name"] == ""]
    what, remedy = N_("It is missing."), N_("Every district needs it; fill it in.")
    return [RowError(row, "name", "", what, remedy) for row in rows]


def _duplicates(frame: GeoDataFrame, field: str) -> list[RowError]:
    given = frame[field][frame[field] != ""]
    first = pd.Series(given.index, index=given).groupby(level=0).first()
    again = given[given.duplicated()]
    return [
        RowError(
            row,
            field,
            value,
            N_("It is already that of feature {first}."),
            N_("Merge the two features into one multipolygon, or correct one of them."),
            {"first": int(first[value])},
        )
        for row, value in zip(again.index.tolist(), again.tolist(), strict=True)
    ]


def _elsewhere(frame: GeoDataFrame, metric_srid: int) -> list[RowError]:
    """Refuse polygons where the city's projected CRS is not defined: they belong to another place or CRS."""
    use = pyproj.CRS(metric_srid).area_of_use
    if use is None:
        return []
    apart = ~shapely.intersects(frame.geometry.to_numpy(), shapely.box(*use.bounds))
    what = N_("The polygon lies outside the area of the city's coordinate system EPSG:{srid} ({area}).")
    remedy = N_("Check the city, and the coordinate system of the file (--crs).")
    values: dict[str, object] = {"srid": metric_srid, "area": use.name}
    return [RowError(row, "boundary", _label(frame, row), what, remedy, values) for row in frame.index[apart]]


def _store(
    connection: Connection, city: RowMapping, frame: GeoDataFrame, crs: str, source: str
) -> DistrictReport:
    known = cities.districts_of(connection, city["id"])
    missing = frame[_matched(frame, known).isna()]
    added = cities.add_districts(connection, city["id"], _new_rows(missing, len(known), source))
    known = cities.districts_of(connection, city["id"])
    ids = _matched(frame, known).astype(int)
    _require_one_each(frame, ids, source)
    polygons = as_multipolygon(frame.geometry).to_wkb().tolist()
    stored = cities.set_boundaries(connection, ids.tolist(), polygons, crs, source)
    area = cities.area_m2(connection, city["id"])
    total = sum(area[row["code"]] for row in known if row["id"] in set(ids))
    notes = tuple(_other_names(frame, ids, known))
    return DistrictReport(city["slug"], len(frame), added, stored, crs, total / 1e6, False, notes)


def _matched(frame: GeoDataFrame, known: Sequence[RowMapping]) -> pd.Series:
    """Return the id of the district that each feature is, by code, else by any of its names; NA: none."""
    by_code = {row["code"]: row["id"] for row in known}
    by_name = {key: district_id for key, (_, district_id) in district_names(known).items()}
    found = frame["code"].map(by_code).astype("Int64")
    return found.fillna(frame["name"].map(area_key).map(by_name).astype("Int64"))


def _new_rows(frame: GeoDataFrame, position: int, file: str) -> list[dict[str, object]]:
    without_code = frame.index[frame["code"] == ""]
    if len(without_code):
        what = N_("The city has no district of this name, and the feature has no code to make one.")
        remedy = N_("Correct the name, or give the file a column of codes (--map code=ATTRIBUTE).")
        errors = [RowError(row, "code", _label(frame, row), what, remedy) for row in without_code]
        raise DistrictsInvalid(errors, file)
    named = frame[["code", "name", "name_en"]].to_dict("records")
    return [
        {
            "code": row["code"],
            "name_zh": row["name"],
            "name_en": row["name_en"] or row["name"],
            "position": position + place,
        }
        for place, row in enumerate(named, 1)
    ]


def _require_one_each(frame: GeoDataFrame, ids: pd.Series, file: str) -> None:
    twice = ids[ids.duplicated()]
    what = N_("Another feature is the same district.")
    remedy = N_("Merge the two features into one multipolygon, or correct one of them.")
    errors = [RowError(row, "name", _label(frame, row), what, remedy) for row in twice.index]
    if errors:
        raise DistrictsInvalid(errors, file)


def _other_names(frame: GeoDataFrame, ids: pd.Series, known: Sequence[RowMapping]) -> list[Note]:
    names = {row["id"]: {area_key(name) for name in (row["name_zh"], *row["aliases"])} for row in known}
    proper = {row["id"]: row["name_zh"] for row in known}
    return [
        Note(
            N_("«{given}» is stored as «{kept}», the city's own name for it."),
            {"given": name, "kept": proper[key]},
        )
        for name, key in zip(frame["name"], ids, strict=True)
        if area_key(name) not in names[key]
    ]
