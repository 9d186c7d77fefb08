"""Compute the indicators of a city 指标计算: read its layers, measure its units, judge, store it whole."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from sqlalchemy import RowMapping, text

from app.services.indicators import thresholds
from app.services.indicators.chunks import Chunk, Measuring, chunks, joined
from app.services.indicators.parts import Parts, kept_parts, key_of
from app.services.indicators.tally import Tally
from app.services.indicators.thresholds import InForce
from app.services.indicators.units import GRIDS, layer_of, require_side, units_of
from app.services.indicators.version import code_version
from data import cities, city_frames
from data import indicators as queries
from data.session import Database
from data.thresholds import judge_all, store
from data.thresholds.store import Stored
from gis.analysis import chosen
from gis.catalogue import INDICATORS
from gis.ground import Ground
from gis.parameters import Parameters

SIDE = 500.0
CHUNK = 2000
DEFAULTS = Parameters()
Report = Callable[[int, int, str], None]
# The parts that make up each chunk.
Done = Mapping[str, Sequence[str]]
UNIT_COLUMNS = ["unit_code", "position", "unit_name_zh", "unit_name_en", "geometry"]


class Question(NamedTuple):
    """What is asked: the units, and of which indicators; ``indicators`` empty: all."""

    units: str = "district"
    side: float | None = None
    indicators: tuple[str, ...] = ()
    parameters: Parameters = DEFAULTS
    chunk: int = CHUNK


@dataclass(frozen=True)
class RunReport:
    """What a run did.

    Attributes
    ----------
    identical_to
        The earlier run on the same inputs, parameters and code; its values are the same, byte for byte.
    resumed
        Parts that an interrupted run had finished.
    missing
        How many values are not supplied, by the input they lack.
    """

    run: int
    city: str
    units: str
    units_count: int
    values: int
    known: int
    verdicts: dict[str, int]
    missing: dict[str, int]
    seconds: float
    inputs_hash: str
    values_hash: str
    code_version: str
    identical_to: int | None = None
    resumed: int = 0


@dataclass
class Work:
    """One run under way: what was read, and what is asked of it."""

    city: RowMapping
    question: Question
    frames: city_frames.Frames
    inputs_hash: str
    found: list[Stored]
    units: gpd.GeoDataFrame
    report: Report
    resumed: int = 0
    tally: Tally = field(default_factory=Tally)
    started: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))

    @property
    def key(self) -> str:
        """Names all that the values depend on."""
        asked = self.question._asdict() | {"parameters": _plain(self.question)}
        return key_of(inputs=self.inputs_hash, code=code_version(), **asked)

    @property
    def layers(self) -> city_frames.Frames:
        """The layers that are measured."""
        return {name: frame for name, frame in self.frames.items() if name != "project_districts"}


def run(  # noqa: PLR0913
    database: Database,
    city: str,
    units: str = "district",
    *,
    actor: str,
    side: float | None = None,
    indicators: Collection[str] = (),
    parameters: Parameters = DEFAULTS,
    home: Path | None = None,
    scheduler: str | None = None,
    chunk: int = CHUNK,
    report: Report = lambda _done, _total, _code: None,
) -> RunReport:
    """Compute indicators of a city and store them in one transaction.

    Parameters
    ----------
    units, side
        The kind of unit, and the side of the cells of a grid in metres (default 500).
    indicators
        Codes of the catalogue; all of it if empty.
    home
        Where finished parts are kept until the run is stored; None: nowhere.
    scheduler, chunk
        Address of a Dask scheduler, whose workers then do the same work; units that are measured at once.
    report
        Told how many parts are done, how many there are, and which is next.

    Raises
    ------
    NotFound, InvalidInput, Conflict, gis.errors.GisError
        There is no such city, unit or indicator; nothing is stored.
    """
    require_side(units, side)
    codes = tuple(one.code for one in chosen(list(indicators))) if indicators else ()
    cell = (SIDE if side is None else side) if units in GRIDS else None
    thresholds.ensure(database)
    work = _prepare(database, city, Question(units, cell, codes, parameters, chunk), report)
    with kept_parts(home, f"{city}.{units}", work.key) as parts:
        plan = chunks(work.units, chunk)
        done = _on_cluster(work, plan, parts, scheduler) if scheduler else _alone(work, plan, parts)
        for one in plan:
            work.tally.add(_labelled(work, _loaded(parts, done[one.name])))
        tables = (_labelled(work, _loaded(parts, done[one.name])) for one in plan)
        return _store(database, work, tables, actor)


def _prepare(database: Database, city: str, question: Question, report: Report) -> Work:
    """Read everything at one moment, so that the name of the inputs is that of the frames."""
    with database.reading() as connection:
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        row = cities.city_named(connection, city)
        inputs = city_frames.inputs_hash(connection, row)
        frames = city_frames.read(connection, row)
        found = store.stored(connection, row)
    units = units_of(question.units, frames, question.side, question.parameters)
    return Work(row, question, frames, inputs, found, units, report)


def _alone(work: Work, plan: Sequence[Chunk], parts: Parts) -> Done:
    """Compute part by part, one an indicator and chunk; what an interrupted run finished is used again."""
    ground = Ground(work.layers, work.question.parameters)
    wanted = chosen(work.question.indicators or None)
    done: Done = {chunk.name: [f"{chunk.name}.{one.code}" for one in wanted] for chunk in plan}
    for place, chunk in enumerate(plan):
        measuring = Measuring(ground, work.units, chunk)
        for step, (name, indicator) in enumerate(zip(done[chunk.name], wanted, strict=True)):
            work.report(place * len(wanted) + step, len(plan) * len(wanted), indicator.code)
            if parts.load(name) is None:
                parts.save(name, measuring.table(indicator))
            else:
                work.resumed += 1
        measuring.forget()
    work.report(len(plan) * len(wanted), len(plan) * len(wanted), "")
    return done


def _on_cluster(work: Work, plan: Sequence[Chunk], parts: Parts, scheduler: str) -> Done:
    """Compute chunk by chunk on a cluster; what an interrupted run finished is used again."""
    from app.services.indicators import cluster  # noqa: PLC0415 - only here is Dask needed

    left = [chunk for chunk in plan if parts.load(chunk.name) is None]
    work.resumed = len(plan) - len(left)
    task = cluster.Task(work.key, work.question.parameters, work.question.indicators)
    with cluster.connected(scheduler, code_version()) as client:
        work.report(work.resumed, len(plan), "")
        tables = cluster.computed(client, work.layers, work.units, left, task)
        for count, (chunk, table) in enumerate(tables, work.resumed + 1):
            parts.save(chunk.name, table)
            work.report(count, len(plan), chunk.name)
    return {chunk.name: [chunk.name] for chunk in plan}


def _loaded(parts: Parts, names: Sequence[str]) -> pd.DataFrame:
    found = [parts.load(name) for name in names]
    return joined([table for table in found if table is not None])


def _labelled(work: Work, table: pd.DataFrame) -> pd.DataFrame:
    """Give each row its unit's code and the unit of its value, and name a boundary that is pending."""
    place = table["unit"].to_numpy()
    nowhere = work.units.geometry.isna().to_numpy()[place] & table["value"].isna().to_numpy()
    missing = table["missing"].astype(object).mask(nowhere, f"{layer_of(work.question.units)}.geometry")
    measured = {code: one.unit for code, one in INDICATORS.items()}
    return table.drop(columns="unit").assign(
        unit_code=work.units["unit_code"].to_numpy()[place],
        unit=table["indicator"].map(measured),
        missing=missing,
    )


def _judges(work: Work) -> Mapping[str, InForce]:
    day, city = dt.datetime.now(dt.UTC).date(), work.city["name_zh"]
    return thresholds.judges(work.found, work.question.units, work.units["unit_code"], day, city)


def _judged(values: pd.DataFrame, judges: Mapping[str, InForce]) -> pd.DataFrame:
    verdict = np.full(len(values), None, dtype=object)
    threshold = np.full(len(values), np.nan)
    for area, (indicator, subject), one in ((a, key, one) for a in judges for key, one in judges[a].items()):
        rows = ((values["indicator"] == indicator) & (values["subject"] == subject)).to_numpy()
        if area:
            rows = rows & (values["unit_code"] == area).to_numpy()
        verdict[rows] = judge_all(values["value"].to_numpy()[rows], one.threshold)
        threshold[rows] = one.id
    threshold[pd.isna(verdict)] = np.nan
    # In the order of the table's key, which then grows at its end.
    order = np.lexsort([values[name].cat.codes.to_numpy() for name in ("basis", "subject", "indicator")])
    return values.assign(verdict=verdict, threshold_id=threshold).iloc[order]


def _store(database: Database, work: Work, tables: Iterable[pd.DataFrame], actor: str) -> RunReport:
    record = _record(work, actor)
    verdicts: Counter[str] = Counter()
    judges = _judges(work)
    with database.writing(actor) as connection:
        before = queries.same_run(connection, record)
        run_id = queries.add_run(connection, record, work.units[UNIT_COLUMNS])
        for table in tables:
            values = _judged(table, judges)
            verdicts.update(values["verdict"].dropna())
            queries.add_values(connection, run_id, values)
        queries.refresh_statistics(connection)
    same = before is not None and before["values_hash"] == record["values_hash"]
    return _report(work, record, run_id, verdicts, before["id"] if before is not None and same else None)


def _record(work: Work, actor: str) -> dict[str, Any]:
    held = work.tally.held()
    return {
        "city_id": work.city["id"],
        "units": work.question.units,
        "side": work.question.side,
        "started_at": work.started,
        "finished_at": dt.datetime.now(dt.UTC),
        "code_version": code_version(),
        "inputs_hash": work.inputs_hash,
        "values_hash": work.tally.values_hash,
        "parameters": _plain(work.question),
        "held": held,
        "actor": actor,
        "indicators": len({row[0] for row in held}),
        "units_count": len(work.units),
    }


def _report(
    work: Work, record: dict[str, Any], run_id: int, verdicts: Counter[str], same: int | None
) -> RunReport:
    return RunReport(
        run=run_id,
        city=work.city["slug"],
        units=work.question.units,
        units_count=len(work.units),
        values=work.tally.count,
        known=work.tally.known,
        verdicts=dict(sorted(verdicts.items())),
        missing=dict(sorted(work.tally.missing.items())),
        seconds=round((dt.datetime.now(dt.UTC) - work.started).total_seconds(), 3),
        inputs_hash=record["inputs_hash"],
        values_hash=record["values_hash"],
        code_version=record["code_version"],
        identical_to=same,
        resumed=work.resumed,
    )


def _plain(question: Question) -> dict[str, Any]:
    """Write the parameters, and which indicators were asked for, as JSON has them."""
    chosen_only = {"indicators": list(question.indicators)} if question.indicators else {}
    plain = {name: dict(value) if name == "radii" else value for name, value in _fields(question.parameters)}
    return plain | chosen_only


def _fields(parameters: Parameters) -> Sequence[tuple[str, Any]]:
    return [(name, getattr(parameters, name)) for name in Parameters.__dataclass_fields__]
