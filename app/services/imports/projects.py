"""Import projects, and lists about them: money, stages, monthly progress; matched by project code."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import geopandas as gpd
import pandas as pd
from sqlalchemy import Connection

from app.services.register.rules import district_names
from data import cities
from data.errors import N_, Conflict, EmptyFile, Note, RowError
from data.faults import Faults, LayerInvalid
from data.kinds import LIST_KINDS, PLANNED, PROJECTS, Kind
from data.readers.cells import as_text
from data.readers.fields import Wishes, plan_reading, require_order, typed
from data.readers.register import area_key
from data.readers.table import read_table
from data.session import Database, lock_city
from data.writers import city_projects, sources
from data.writers.layers import copy_features

Existing = Literal["refuse", "replace", "add"]
SEPARATORS = r"\s*[,，、;；/+]\s*"
SHARE_PLACES = 10
KEYS = {
    "investments": ["project", "year", "source", "kind"],
    "stages": ["project", "stage"],
    "progress": ["project", "month_end"],
}


@dataclass
class ListReport:
    """What an import of a list did; ``faults`` counts what was left out by kind, ``left_out`` shows some."""

    city: str
    kind: str
    file: str
    rows: int
    stored: int = 0
    replaced: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    left_out: list[RowError] = field(default_factory=list)
    dry_run: bool = False
    notes: list[Note] = field(default_factory=list)


def import_list(  # noqa: PLR0913
    database: Database,
    path: Path,
    *,
    kind: str,
    city: str,
    actor: str,
    wishes: Wishes = Wishes(),  # noqa: B008
    sheet: str | None = None,
    existing: Existing = "refuse",
    skip_faulty: bool = False,
    dry_run: bool = False,
) -> ListReport:
    """Import a CSV or XLSX list about projects, all of a file or nothing of it.

    Parameters
    ----------
    kind
        A key of ``data.kinds.LIST_KINDS``.
    existing
        ``refuse``, ``replace`` all the city has of it, or ``add`` to it.

    Raises
    ------
    LayerInvalid, Conflict, InvalidInput, NotFound, EmptyFile, UnreadableFile, UnsupportedFormat
    """
    chosen, faults = LIST_KINDS[kind], Faults()
    table = read_table(path, sheet=sheet)
    faults.add_errors(table.errors)
    rows = len(table.frame) + len(table.errors)
    if not rows:
        raise EmptyFile(
            N_("It holds no rows."), where=N_("{file}:"), remedy=N_("Export it again."), file=path.name
        )
    frame = table.frame.set_axis(table.header, axis=1)
    fields = typed(frame, plan_reading(chosen, table.header, wishes, path.name), faults)
    _no_row_twice(fields, KEYS[kind], faults)
    with database.writing(actor) as connection:
        city_row = cities.city_named(connection, city)
        lock_city(connection, city_row["id"])
        replaced = make_room(connection, chosen, city_row["id"], existing)
        ids = _known_projects(fields["project"], sources.project_ids(connection, city_row["id"]), faults)
        if existing == "add":
            _not_stored_yet(connection, chosen, fields.assign(project_id=ids), city_row["id"], faults)
        sound = fields.assign(project_id=ids)[~fields.index.isin(faults.take_rows())]
        if faults.count and (sound.empty or not skip_faulty):
            raise LayerInvalid(faults, path.name, rows)
        if chosen.name == "progress":
            city_projects.log_in_sum(connection)
        stored = copy_features(connection, chosen.table, sound.drop(columns="project"))
        if dry_run:
            connection.rollback()
    return ListReport(
        city, kind, path.name, rows, stored, replaced, dict(faults.counts), faults.first, dry_run
    )


def make_room(connection: Connection, kind: Kind, city_id: int, existing: Existing) -> int:
    """Refuse, keep or remove what the city has of a kind, and return how much was removed.

    Projects are changed by code and never removed.
    """
    count = sources.stored_count(connection, kind, city_id)
    if count and existing == "refuse":
        raise Conflict(
            N_("The city has {count} rows of {kind} already."),
            remedy=N_("Say --replace to put the file in their place, or --add to add to them."),
            count=count,
            kind=kind.name,
        )
    if not count or existing == "add" or kind is PROJECTS:
        return 0
    sources.clear(connection, kind, city_id)
    return count


def _no_row_twice(fields: pd.DataFrame, keys: list[str], faults: Faults) -> None:
    present = [key for key in keys if key in fields]
    again = fields[fields.duplicated(present)]
    what = N_("A row above says the same ({keys}).")
    remedy = N_("Delete one of the rows, or add them up.")
    faults.add(
        "duplicate_code", "project", again.index, again["project"], what, remedy, {"keys": ", ".join(present)}
    )


def _known_projects(codes: pd.Series, ids: pd.Series, faults: Faults) -> pd.Series:
    found = codes.map(ids)
    unknown = codes[codes.notna() & found.isna()]
    what, remedy = N_("The city has no project of this code."), N_("Correct it, or import the project first.")
    faults.add("unknown_project", "project", unknown.index, unknown, what, remedy)
    return found.astype("Int64")


def _not_stored_yet(
    connection: Connection, kind: Kind, fields: pd.DataFrame, city_id: int, faults: Faults
) -> None:
    keys = ["project_id", *(key for key in KEYS[kind.name] if key != "project")]
    stored = sources.stored_keys(connection, kind, keys, city_id)
    given = fields.reindex(columns=keys)
    both = pd.MultiIndex.from_frame(given.apply(_written)).isin(
        pd.MultiIndex.from_frame(stored.apply(_written))
    )
    again = fields[both]
    what, remedy = N_("The city has this row already."), N_("Leave it out, or import with --replace.")
    faults.add("stored_code", "project", again.index, again["project"], what, remedy)


def _written(values: pd.Series) -> pd.Series:
    return as_text(values).fillna("")


def new_or_changed(
    connection: Connection, city_id: int, frame: gpd.GeoDataFrame, existing: Existing, faults: Faults
) -> gpd.GeoDataFrame:
    """Return the projects of a file that can be stored; the others are faults; ``replace`` changes."""
    ids = sources.project_ids(connection, city_id)
    stored = frame["code"].isin(ids.index)
    _require_names(frame, stored, faults)
    if existing != "replace":
        again = frame.loc[stored, "code"]
        what, remedy = N_("The city has it already."), N_("Leave it out, or import with --replace.")
        faults.add("stored_code", "code", again.index, again, what, remedy)
    _require_dates(frame, faults)
    _require_period_with_stored(connection, city_id, frame, faults)
    _require_districts(frame, _district_ids(connection, city_id), faults)
    return gpd.GeoDataFrame(frame[~frame.index.isin(faults.take_rows())])


def _require_names(frame: gpd.GeoDataFrame, stored: pd.Series, faults: Faults) -> None:
    names = frame["name"] if "name" in frame else pd.Series(None, index=frame.index)
    nameless = frame.index[~stored & names.isna()]
    what, remedy = (
        N_("A new project needs a name."),
        N_("Fill it in, or name the column (--map name=COLUMN)."),
    )
    faults.add("missing_value", "name", nameless, [""] * len(nameless), what, remedy)


def _require_dates(frame: gpd.GeoDataFrame, faults: Faults) -> None:
    if "stage" in frame:
        dates = frame["stage_date"] if "stage_date" in frame else pd.Series(pd.NaT, index=frame.index)
        undated = frame.loc[frame["stage"].notna() & dates.isna(), "stage"]
        what, remedy = (
            N_("A stage needs its date."),
            N_("Name the column of dates (--map stage_date=COLUMN)."),
        )
        faults.add("missing_value", "stage_date", undated.index, undated, what, remedy)


def _require_period_with_stored(
    connection: Connection, city_id: int, frame: gpd.GeoDataFrame, faults: Faults
) -> None:
    """Check the one date that a file gives against the other that is stored."""
    stored = city_projects.planned_dates(connection, city_id).reindex(frame["code"]).set_index(frame.index)
    given = frame.reindex(columns=list(stored))
    one_given = given.isna().any(axis=1) & given.notna().any(axis=1)
    dates = given.astype(stored.dtypes).fillna(stored)[one_given]
    require_order(dates, PLANNED, faults)


def _district_ids(connection: Connection, city_id: int) -> dict[str, int]:
    known = cities.districts_of(connection, city_id)
    names = {key: found for key, (_, found) in district_names(known).items()}
    return names | {str(row["code"]): int(row["id"]) for row in known}


def _named_districts(frame: gpd.GeoDataFrame, ids: dict[str, int]) -> pd.DataFrame:
    """Return a row for each project and district that it names; the id is NA where there is none."""
    texts = frame["districts"] if "districts" in frame else pd.Series(None, index=frame.index, dtype="str")
    parts = texts.dropna().str.split(SEPARATORS, regex=True).explode()
    found = parts.map(area_key).map(ids).astype("Int64")
    return pd.DataFrame({"code": frame["code"].reindex(parts.index), "name": parts, "district_id": found})


def _require_districts(frame: gpd.GeoDataFrame, ids: dict[str, int], faults: Faults) -> None:
    named = _named_districts(frame, ids)
    unknown = named.loc[named["district_id"].isna(), "name"]
    what, remedy = N_("The city has no such district."), N_("Use one of: {known}.")
    listed = {"known": ", ".join(ids)}
    faults.add("unknown_district", "districts", unknown.index, unknown, what, remedy, listed)


def store_projects(connection: Connection, city_id: int, frame: gpd.GeoDataFrame, crs: str) -> int:
    """Add projects and change those of the same code, with districts and stages; returns how many."""
    city_projects.store_projects(connection, city_id, frame, crs)
    ids = sources.project_ids(connection, city_id)
    city_projects.place_in_districts(connection, _shares(frame, _district_ids(connection, city_id), ids))
    if "stage" in frame:
        events = frame.loc[frame["stage"].notna(), ["code", "stage", "stage_date"]]
        named = events.rename(columns={"stage_date": "on_date"}).assign(project_id=events["code"].map(ids))
        city_projects.reach_stages(connection, pd.DataFrame(named.drop(columns="code")))
    return len(frame)


def _shares(frame: gpd.GeoDataFrame, districts: dict[str, int], projects: pd.Series) -> pd.DataFrame:
    """Return the districts that a file names for its projects, in equal shares that sum to exactly 1."""
    rows = _named_districts(frame, districts)[["code", "district_id"]].drop_duplicates()
    count = rows.groupby("code")["district_id"].transform("size")
    first = rows.groupby("code").cumcount() == 0
    even = (1 / count).round(SHARE_PLACES)
    shares = even.mask(first, 1 - even * (count - 1)).round(SHARE_PLACES)
    basis = count.eq(1).map({True: "single", False: "equal"})
    ids = rows["code"].map(projects).astype("Int64")
    return rows.drop(columns="code").assign(project_id=ids, share=shares, share_basis=basis)


def problem_links(
    connection: Connection, city_id: int, frame: gpd.GeoDataFrame, faults: Faults
) -> pd.DataFrame:
    """Return which problem names which project, by their codes; what cannot be is a fault."""
    texts = frame["projects"] if "projects" in frame else pd.Series(None, index=frame.index, dtype="str")
    codes = texts.dropna().str.split(SEPARATORS, regex=True).explode()
    _known_projects(codes, sources.project_ids(connection, city_id), faults)
    problems = frame["code"] if "code" in frame else pd.Series(None, index=frame.index, dtype="str")
    owners = problems.reindex(codes.index)
    without = codes[owners.isna()]
    what, remedy = N_("A problem with projects needs a code."), N_("Name the column (--map code=COLUMN).")
    faults.add("missing_value", "code", without.index, without, what, remedy)
    return pd.DataFrame({"problem": owners, "project": codes})


def store_problems(connection: Connection, city_id: int, frame: gpd.GeoDataFrame, links: pd.DataFrame) -> int:
    """Add problems and link them to projects; returns how many problems."""
    count = copy_features(connection, "problem", frame.drop(columns="projects", errors="ignore"))
    city_projects.link_problems(connection, city_id, links[links.index.isin(frame.index)])
    return count
