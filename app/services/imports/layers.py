"""Import a layer of a city 导入图层: zoning, buildings, streets …, all of a file or nothing of it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, RowMapping

from app.services.imports.projects import (
    Existing,
    make_room,
    new_or_changed,
    problem_links,
    store_problems,
    store_projects,
)
from app.services.imports.seen_codes import SeenCodes
from app.services.imports.streets import StreetFigures, as_edges, read_nodes
from app.services.register.rules import code_parts
from data import cities, districts
from data.errors import N_, Conflict, Note, RowError
from data.faults import Faults, LayerInvalid
from data.kinds import LAYER_KINDS, Kind
from data.readers.attributes import Attributes, by_key, read_attributes, require_key
from data.readers.cells import as_text
from data.readers.features import PART, FeatureFile, Part, open_features
from data.readers.fields import Plan, Wishes, plan_reading, require_order, require_values, typed
from data.session import Database, lock_city
from data.writers import sources
from data.writers.layers import copy_features
from gis import features
from gis.datum import to_wgs84
from gis.measure import to_metric

Advance = Callable[[int, int], None]
ROWS_TOLD = 20


@dataclass(frozen=True)
class Options:
    """How a file is to be read and stored.

    Attributes
    ----------
    crs
        What the coordinates really are: GCJ02, BD09 or EPSG:n; None: what the file declares.
    existing
        Where the city has features: ``refuse`` the import, ``replace`` them, or ``add`` to them.
    repair
        Make invalid polygons valid; each is reported.
    skip_faulty
        Leave out rows with faults and store the others; each is reported.
    attributes, on
        A table whose rows are joined to the features by a field that both have.
    nodes
        Points with the names of the street nodes, to compare the drawing of segments with.
    """

    layer: str | None = None
    crs: str | None = None
    wishes: Wishes = field(default_factory=Wishes)
    source: str | None = None
    source_date: dt.date | None = None
    existing: Existing = "refuse"
    repair: bool = False
    skip_faulty: bool = False
    dry_run: bool = False
    attributes: Path | None = None
    on: str | None = None
    nodes: Path | None = None


@dataclass
class LayerReport:
    """What an import did. ``faults`` counts what was left out by kind, ``left_out`` shows the first of it."""

    city: str
    kind: str
    file: str
    crs: str
    features: int
    stored: int = 0
    replaced: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    left_out: list[RowError] = field(default_factory=list)
    repaired: list[int] = field(default_factory=list)
    unmatched: int | None = None
    streets: StreetFigures | None = None
    dry_run: bool = False
    notes: list[Note] = field(default_factory=list)


@dataclass
class _Run:
    """One import under way."""

    connection: Connection
    city: RowMapping
    kind: Kind
    file: FeatureFile
    plan: Plan
    options: Options
    report: LayerReport
    seen: SeenCodes
    joined: pd.DataFrame | None
    on: str | None
    faults: Faults = field(default_factory=Faults)
    outside: int = 0


def import_layer(  # noqa: PLR0913
    database: Database,
    path: Path,
    *,
    kind: str,
    city: str,
    actor: str,
    options: Options = Options(),
    advance: Advance | None = None,
) -> LayerReport:
    """Import a layer, all of a file or nothing of it.

    Parameters
    ----------
    path
        GeoPackage, GeoParquet, GeoJSON or zipped Shapefile, read a bounded number of features at a time.
    kind
        A key of ``data.kinds.LAYER_KINDS``.
    advance
        Told how many features are done and how many there are.

    Raises
    ------
    LayerInvalid
        Features have faults and are not to be left out; all are counted, and nothing is stored.
    Conflict
        The city has features of this kind, and nobody said whether to replace them or to add to them.
    InvalidInput, NotFound, EmptyFile, UnreadableFile, UnsupportedFormat, gis.errors.GisError
    """
    chosen = LAYER_KINDS[kind]
    attributes = read_attributes(options.attributes, options.on or "") if options.attributes else None
    with open_features(path, layer=options.layer) as file, database.writing(actor) as connection:
        city_row = cities.city_named(connection, city)
        lock_city(connection, city_row["id"])
        run = _prepare(connection, city_row, chosen, file, attributes, options)
        source = _source_values(run, path, actor)
        source_id = sources.add_source(connection, source)
        run.report.stored = _store(run, source_id, advance or (lambda *_: None))
        _finish(run, source_id)
        if options.dry_run:
            connection.rollback()
    return run.report


def _prepare(  # noqa: PLR0913, PLR0917
    connection: Connection,
    city: RowMapping,
    kind: Kind,
    file: FeatureFile,
    attributes: Attributes | None,
    options: Options,
) -> _Run:
    there = map(str, attributes.frame.columns) if attributes else ()
    if attributes:
        require_key(file.columns, attributes.on, file.name)
    extra = [column for column in there if column not in file.columns]
    plan = plan_reading(kind, [*file.columns, *extra], options.wishes, file.name)
    joined = by_key(attributes, plan.only(extra, constants=False)) if attributes else None
    crs = options.crs or file.declared_crs or (file.crs.to_string() if file.crs else "")
    report = LayerReport(city["slug"], kind.name, file.name, crs.upper(), file.count, dry_run=options.dry_run)
    report.notes += file.notes
    report.replaced = make_room(connection, kind, city["id"], options.existing)
    merges = kind.name == "projects" or not kind.unique_code
    stored = pd.Series(dtype="str") if merges else sources.stored_codes(connection, kind, city["id"])
    own = plan.only(file.columns, constants=True)
    on = attributes.on if attributes else None
    return _Run(connection, city, kind, file, own, options, report, SeenCodes(stored), joined, on)


def _source_values(run: _Run, path: Path, actor: str) -> dict[str, object]:
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return {
        "city_id": run.city["id"],
        "layer": run.kind.name,
        "name": run.options.source or path.name,
        "crs": run.report.crs,
        "sha256": digest,
        "source_date": run.options.source_date,
        "imported_by": actor,
    }


def _store(run: _Run, source_id: int, advance: Advance) -> int:
    """Copy the sound features; streets are a graph and projects may exist, so these are stored as a whole."""
    whole = run.kind.name in {"streets", "projects", "problems"}
    kept: list[gpd.GeoDataFrame] = []
    stored = 0
    for sound in _sound_parts(run, advance):
        if run.faults.count and not run.options.skip_faulty:
            kept = []
        elif whole:
            kept.append(sound)
        else:
            stored += copy_features(run.connection, run.kind.table, _owned(sound, run, source_id))
    _refuse_faults(run)
    stored += _store_whole(run, kept, source_id) if kept else 0
    _refuse_faults(run, nothing_sound=not stored)
    return stored


def _refuse_faults(run: _Run, *, nothing_sound: bool = False) -> None:
    """Stop because of faults that are not to be left out, or that leave nothing to store."""
    if run.faults.count and (nothing_sound or not run.options.skip_faulty):
        raise LayerInvalid(run.faults, run.file.name, run.file.count)


def _owned(frame: gpd.GeoDataFrame, run: _Run, source_id: int) -> gpd.GeoDataFrame:
    owned = frame.assign(city_id=run.city["id"], source_id=source_id)
    if run.kind.name != "greenways":
        return owned
    return owned.assign(length=to_metric(owned, run.city["metric_srid"]).length)


def _store_whole(run: _Run, parts: list[gpd.GeoDataFrame], source_id: int) -> int:
    frame = gpd.GeoDataFrame(pd.concat(parts))
    if run.kind.name == "projects":
        frame = new_or_changed(run.connection, run.city["id"], frame, run.options.existing, run.faults)
        _refuse_faults(run)
        code, notes = code_parts(frame["code"], run.city["code_pattern"])
        run.report.notes += notes
        return store_projects(
            run.connection, run.city["id"], gpd.GeoDataFrame(frame.join(code)), run.report.crs
        )
    if run.kind.name == "problems":
        links = problem_links(run.connection, run.city["id"], frame, run.faults)
        _refuse_faults(run)
        sound = frame[~frame.index.isin(run.faults.take_rows())]
        return store_problems(run.connection, run.city["id"], _owned(sound, run, source_id), links)
    nodes = read_nodes(run.options.nodes) if run.options.nodes else None
    edges, run.report.streets, notes = as_edges(frame, run.city["metric_srid"], nodes)
    run.report.notes += notes
    return copy_features(run.connection, run.kind.table, _owned(edges, run, source_id))


def _sound_parts(run: _Run, advance: Advance) -> Iterator[gpd.GeoDataFrame]:
    """Read, convert and check the file part by part; yields the features without a fault."""
    outline = districts.outline(run.connection, run.city["id"])
    unmatched, several = 0, 0
    for part in run.file.parts(PART):
        shapes = _shapes(part, run, outline)
        fields = typed(pd.DataFrame(part.frame), run.plan, run.faults)
        if run.joined is not None and run.on is not None:
            fields, missing, more = _with_attributes(fields, as_text(part.frame[run.on]), run)
            unmatched, several = unmatched + missing, several + more
        _check_rows(fields, run)
        bad = run.faults.take_rows()
        frame = gpd.GeoDataFrame(fields, geometry=gpd.GeoSeries(shapes, index=fields.index, crs=4326))
        advance(len(frame), run.file.count)
        yield frame[~frame.index.isin(bad)]
    if run.joined is not None:
        run.report.unmatched = unmatched
        run.report.notes += _join_notes(unmatched, several, run)


def _shapes(part: Part, run: _Run, outline: BaseGeometry | None) -> features.Shapes:
    """Return shapes in WGS84 of the form the kind asks for; faults are noted."""
    form = run.kind.form or "any"
    wgs84 = to_wgs84(part.frame, run.options.crs or run.file.declared_crs)
    shapes = features.one_part(wgs84.geometry.to_numpy().copy(), form)
    if run.options.repair:
        shapes, changed = features.repaired(shapes, form)
        run.report.repaired += part.frame.index[changed].tolist()
    found, sound = features.examine(shapes, form, part.broken, run.kind.shape_needed)
    checked = shapes.copy()
    checked[~sound] = None
    away = features.elsewhere(checked, run.city["metric_srid"], outline)
    for fault in (*found, away):
        _note_faults(fault, part.frame.index, run.faults)
    if outline is not None:
        given = sound & ~shapely.is_missing(shapes)
        shapely.prepare(outline)
        run.outside += int((given & ~shapely.intersects(outline, shapes)).sum())
    return shapes


def _note_faults(fault: features.Fault, rows: pd.Index, faults: Faults) -> None:
    if fault.whats is None:
        faults.add(
            fault.kind,
            "geometry",
            rows[fault.at],
            [""] * len(fault.at),
            fault.what,
            fault.remedy,
            fault.values,
        )
        return
    whats = np.array(fault.whats, dtype=object)
    for what in pd.unique(whats):
        chosen = np.flatnonzero(whats == what)
        values = [fault.values[at] for at in chosen]
        faults.add(
            fault.kind, "geometry", rows[fault.at[chosen]], [""] * len(chosen), what, fault.remedy, values
        )


def _with_attributes(fields: pd.DataFrame, keys: pd.Series, run: _Run) -> tuple[pd.DataFrame, int, int]:
    """Join the table's fields by key; returns how many features have no row there, and how many several."""
    assert run.joined is not None  # noqa: S101 - the caller looks
    found = run.joined.reindex(keys).set_index(fields.index)
    added = found.drop(columns=["rows", *(name for name in fields if name in found)])
    for one in run.kind.fields:
        if one.required and one.name in added:
            require_values(one, added[one.name], run.faults)
    joined = fields.join(added)
    return joined, int(found["rows"].isna().sum()), int((found["rows"] > 1).sum())


def _join_notes(unmatched: int, several: int, run: _Run) -> list[Note]:
    values: dict[str, object] = {"count": unmatched, "several": several, "total": run.file.count}
    return [
        Note(N_("{count} of {total} features have no row in the table of attributes."), values),
        Note(
            N_("{several} features have several rows there: sums were taken, and texts where all agree."),
            values,
        ),
    ]


def _check_rows(fields: pd.DataFrame, run: _Run) -> None:
    if run.kind.period:
        require_order(fields, run.kind.period, run.faults)
    if run.kind.unique_code and "code" in fields:
        run.seen.check(fields["code"], run.faults)


def _finish(run: _Run, source_id: int) -> None:
    report, counted = run.report, run.report.features
    sources.set_features(run.connection, source_id, report.stored)
    sources.refresh_statistics(run.connection, run.kind)
    report.faults, report.left_out = dict(run.faults.counts), run.faults.first
    if run.outside == counted and counted:
        raise Conflict(
            N_("All {count} features lie outside the city's districts."),
            remedy=N_("Check the city, and the coordinate system of the file (--crs)."),
            count=counted,
        )
    report.notes += _final_notes(run)


def _final_notes(run: _Run) -> list[Note]:
    report = run.report
    repaired: dict[str, object] = {
        "count": len(report.repaired),
        "rows": ", ".join(map(str, report.repaired[:ROWS_TOLD]))
        + (" …" if report.repaired[ROWS_TOLD:] else ""),
    }
    outside: dict[str, object] = {"count": run.outside, "total": report.features}
    told = [
        (report.repaired, Note(N_("{count} geometries were repaired: rows {rows}."), repaired)),
        (run.outside, Note(N_("{count} of {total} features lie outside the city's districts."), outside)),
        (
            report.features - report.stored,
            Note(
                N_("{count} of {total} features were left out."),
                {"count": report.features - report.stored, "total": report.features},
            ),
        ),
    ]
    return [note for tell, note in told if tell]
