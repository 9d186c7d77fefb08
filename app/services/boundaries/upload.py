"""Upload the boundaries of many projects 批量上传边界: matched by code, checked, all or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy import Connection, RowMapping

from app.services.boundaries.checks import check
from data import boundaries, cities
from data.errors import N_, InvalidInput, Note, RowError, RowsInvalid
from data.readers.polygons import read_polygons
from data.session import Database, lock_city
from gis.boundary import as_multipolygon
from gis.datum import to_wgs84
from gis.problems import Problem

CODE_FIELDS = (
    "code", "project_code", "projectcode", "项目编号", "项目代码", "项目编码", "编号", "代码", "xmbh", "xmdm",
)  # fmt: skip
STATUSES = ("drafted", "surveyed")
RESULTS = ("set", "replaced", "unchanged", "faulty")
MISSING = N_("The project code is missing.")
UNKNOWN = N_("No project has the code «{code}».")
TWICE = N_("Several features have the code «{code}».")
EXITED = N_("Project {code} has left the library.")
CHECK_CODE = N_("Correct the code, or import the notice that lists the project first.")
ONE_FEATURE = N_("Merge the features of a project into one multipolygon.")


class BoundariesInvalid(RowsInvalid):
    """Boundaries of a file cannot be used; nothing was written."""


@dataclass(frozen=True)
class UploadRow:
    """What becomes of one feature of a file: one of ``RESULTS``, and what there is to say about it."""

    row: int
    code: str
    name: str
    result: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class UploadReport:
    """What an upload did, or would do; ``written`` counts the boundaries that were new or changed."""

    city: str
    file: str
    crs: str
    code_field: str
    fields: tuple[str, ...]
    rows: tuple[UploadRow, ...]
    written: int
    dry_run: bool
    notes: tuple[Note, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Number of rows by result."""
        found = pd.Series([row.result for row in self.rows], dtype=object).value_counts()
        return {result: int(found.get(result, 0)) for result in RESULTS}


def upload_boundaries(  # noqa: PLR0913
    database: Database,
    source: Path | bytes,
    *,
    city: str,
    crs: str | None,
    actor: str,
    dry_run: bool = False,
    code_field: str | None = None,
    status: str = "drafted",
    filename: str | None = None,
    skip_faulty: bool = False,
) -> UploadReport:
    """Give projects the boundaries that a file holds, all or none.

    Parameters
    ----------
    source, filename
        A path or the content of a GeoJSON, GeoPackage or zipped Shapefile, and the name it came with.
    crs
        What the coordinates really are: GCJ02, BD09 or EPSG:n; None: what the file declares.
    code_field
        The attribute that holds the project code; None: the one that holds the most known codes.
    status
        ``drafted`` or ``surveyed``.
    skip_faulty
        Leave out rows with errors and store the others.

    Raises
    ------
    BoundariesInvalid
        Rows have errors and are not to be left out; all of them are named and nothing is stored.
    InvalidInput, NotFound, UnreadableFile, UnsupportedFormat, EmptyFile, gis.errors.GisError
    """
    _require_status(status)
    name = filename or (source.name if isinstance(source, Path) else "")
    raw = read_polygons(source, name)
    declared = crs or raw.attrs.get("declared_crs")
    frame = to_wgs84(raw.set_index(pd.RangeIndex(1, len(raw) + 1)), declared)
    with database.reading() if dry_run else database.writing(actor) as connection:
        city_row = cities.city_named(connection, city)
        if not dry_run:
            lock_city(connection, city_row["id"])
        field = code_field or _guess(frame, boundaries.codes_of(connection, city_row["id"]), name)
        plan = _plan(connection, city_row, _coded(frame, field, name), status)
        if not dry_run and not skip_faulty:
            _require_no_fault(plan, name)
        written = 0 if dry_run else plan.store(connection, _crs_name(raw, declared), status)
    return UploadReport(
        city_row["slug"],
        name,
        _crs_name(raw, declared),
        field,
        tuple(_attributes(frame)),
        plan.rows,
        written,
        dry_run,
        tuple(raw.attrs.get("notes", ())),
    )


def _require_status(status: str) -> None:
    if status not in STATUSES:
        raise InvalidInput(
            N_("A boundary cannot be «{status}»."), remedy=N_("Choose drafted or surveyed."), status=status
        )


def _crs_name(frame: gpd.GeoDataFrame, declared: str | None) -> str:
    if declared or frame.crs is None:
        return (declared or "").upper().replace("-", "").replace(" ", "")
    return str(frame.crs.to_string())


def _attributes(frame: gpd.GeoDataFrame) -> list[str]:
    return [str(name) for name in frame.columns if name != frame.geometry.name]


def _texts(values: pd.Series[Any]) -> pd.Series[str]:
    return values.astype("string").fillna("").str.normalize("NFKC").str.strip().astype(object)


def _guess(frame: gpd.GeoDataFrame, codes: set[str], file: str) -> str:
    """Choose the attribute with the most known codes, else one that is named like a code."""
    found = _attributes(frame)
    known = pd.Series({name: int(_texts(frame[name]).isin(codes).sum()) for name in found}, dtype=int)
    if len(known) and known.max() > 0:
        return str(known.idxmax())
    named = [name for name in found if name.lower() in CODE_FIELDS]
    return named[0] if named else _no_field("", found, file)


def _no_field(field: str, found: list[str], file: str) -> str:
    raise InvalidInput(
        N_("No attribute «{field}» holds project codes; the file has: {found}."),
        where=N_("{file}:"),
        remedy=N_("Choose the attribute that holds the project code."),
        field=field or "code",
        found=", ".join(found) or "-",
        file=file,
    )


def _coded(frame: gpd.GeoDataFrame, field: str, file: str) -> gpd.GeoDataFrame:
    if field not in _attributes(frame):
        _no_field(field, _attributes(frame), file)
    return gpd.GeoDataFrame({"code": _texts(frame[field])}, geometry=frame.geometry, crs=frame.crs)


@dataclass(frozen=True)
class _Plan:
    """The rows with their results, and the boundaries to write by project id."""

    rows: tuple[UploadRow, ...]
    shapes: gpd.GeoSeries

    def store(self, connection: Connection, crs: str, status: str) -> int:
        """Write the boundaries; returns how many were new or other than before."""
        polygons = self.shapes.to_wkb().tolist()
        return boundaries.write(connection, self.shapes.index.tolist(), polygons, crs, status)


def _plan(connection: Connection, city: RowMapping, frame: gpd.GeoDataFrame, status: str) -> _Plan:
    known = boundaries.projects_with_codes(connection, city["id"], frame["code"].unique().tolist())
    matched = frame.join(known, on="code")
    of_code = _code_problems(matched)
    of_shape = _without_strangers(check(connection, city, frame), of_code)
    problems = of_code + _status_problems(matched, status) + of_shape
    by_row = pd.Series(problems, dtype=object).groupby([found.row for found in problems]).agg(tuple)
    faulty = {found.row for found in problems if found.severity == "error"}
    sound = matched[~matched.index.isin(faulty)]
    shapes = as_multipolygon(sound.geometry)
    results = _results(matched, shapes, status)
    rows = zip(matched.index, matched["code"], matched["name"].fillna(""), results, strict=True)
    listed = tuple(
        UploadRow(row, code, name, result, by_row.get(row, ())) for row, code, name, result in rows
    )
    to_write = results.loc[sound.index].isin(["set", "replaced"])
    return _Plan(listed, gpd.GeoSeries(shapes[to_write].set_axis(sound["id"][to_write].astype(int))))


def _without_strangers(problems: list[Problem], of_code: list[Problem]) -> list[Problem]:
    """Leave out overlaps with rows that have no project of their own and so are never stored."""
    strangers = {found.values["code"] for found in of_code if found.kind in {"unknown_code", "missing_code"}}
    return [found for found in problems if found.values.get("other") not in strangers]


def _results(matched: gpd.GeoDataFrame, shapes: gpd.GeoSeries, status: str) -> pd.Series[str]:
    results = pd.Series("faulty", index=matched.index)
    stored = matched.loc[shapes.index]
    same = (shapes.to_wkb() == stored["wkb"]) & (stored["status"] == status)
    results[shapes.index] = "replaced"
    results[shapes.index[stored["wkb"].isna()]] = "set"
    results[shapes.index[same]] = "unchanged"
    return results


def _code_problems(matched: gpd.GeoDataFrame) -> list[Problem]:
    missing = matched["code"] == ""
    unknown = ~missing & matched["id"].isna()
    twice = ~missing & matched["code"].duplicated(keep=False)
    exited = matched["exited"].eq(True)
    return [
        *_said(matched[missing], "missing_code", "error", MISSING, CHECK_CODE),
        *_said(matched[unknown], "unknown_code", "error", UNKNOWN, CHECK_CODE),
        *_said(matched[twice], "duplicate_code", "error", TWICE, ONE_FEATURE),
        *_said(matched[exited], "exited", "warning", EXITED),
    ]


def _status_problems(matched: gpd.GeoDataFrame, status: str) -> list[Problem]:
    lowered = matched[matched["status"].eq("surveyed") & (status == "drafted")]
    what = N_("The boundary replaces a surveyed one by a drafted one.")
    return _said(lowered, "replaces_surveyed", "warning", what)


def _said(rows: gpd.GeoDataFrame, kind: str, severity: Any, what: str, remedy: str = "") -> list[Problem]:
    return [Problem(row, kind, severity, what, remedy, {"code": code}) for row, code in rows["code"].items()]


def _require_no_fault(plan: _Plan, file: str) -> None:
    faults = [
        _row_error(row, found) for row in plan.rows for found in row.problems if found.severity == "error"
    ]
    if faults:
        raise BoundariesInvalid(faults, file)


def _row_error(row: UploadRow, found: Problem) -> RowError:
    return RowError(row.row, "boundary", row.code, found.what, found.remedy, found.values)
