"""The synthetic city as a whole: every table as a frame, in EPSG:4326."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import pandas as pd
import pyproj
import shapely

from data.demo.synthetic import (
    buildings,
    facilities,
    ground,
    land,
    library,
    names,
    nature,
    plan,
    problems,
    programme,
    projects,
    streets,
)
from data.demo.synthetic.chance import Floats, Texts, stream

METRIC = 4547
CENTRE = (114.30, 33.40)
NAME = ("示范市", "Demo City")
CODE_PATTERN = r"^K(?P<year>\d{4})(?P<batch>\d{2})(?P<serial>\d{3})$"
DAY = dt.date(2026, 10, 31)
GEOMETRY = ("shape", "boundary")
TABLES = {
    "projects": "project",
    "districts": "district",
    "zoning": "zoning",
    "constraints": "constraint_area",
    "parcels": "parcel",
    "buildings": "building",
    "facilities": "facility",
    "streets": "street_edge",
    "greenways": "greenway",
    "surfaces": "surface",
    "population": "population_cell",
    "problems": "problem",
}
Report = Callable[[str], None]


@dataclass(frozen=True)
class DemoCity:
    """A synthetic city (合成数据): one frame a table, columns named as the table's.

    Shapes are shapely geometries in EPSG:4326. Rows point to each other by place: ``project``, ``district``,
    ``notice``, ``event``, ``problem`` hold the row of that frame; ``building.parcel`` the row of its parcel.
    """

    seed: int
    scale: float
    district: pd.DataFrame
    zoning: pd.DataFrame
    constraint_area: pd.DataFrame
    parcel: pd.DataFrame
    building: pd.DataFrame
    facility: pd.DataFrame
    street_edge: pd.DataFrame
    greenway: pd.DataFrame
    surface: pd.DataFrame
    population_cell: pd.DataFrame
    project: pd.DataFrame
    project_district: pd.DataFrame
    register_notice: pd.DataFrame
    register_entry: pd.DataFrame
    register_total: pd.DataFrame
    investment: pd.DataFrame
    stage_event: pd.DataFrame
    progress_snapshot: pd.DataFrame
    milestone: pd.DataFrame
    project_figure: pd.DataFrame
    document: pd.DataFrame
    problem: pd.DataFrame
    problem_project: pd.DataFrame

    @property
    def day(self) -> dt.date:
        """The day that everything is told as of; never the clock's."""
        return DAY

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the frames by table."""
        return {name: value for name, value in vars(self).items() if isinstance(value, pd.DataFrame)}


def generate(seed: int = 1, scale: float = 1, report: Report = lambda _: None) -> DemoCity:
    """Generate the synthetic city of a seed; the same seed and scale give the same bytes.

    Parameters
    ----------
    seed
        Which of the possible cities.
    scale
        1 is about 15,000 buildings, 300 projects and 6 districts; buildings grow with it, projects somewhat
        slower, and from 10 on there are 16 districts.
    report
        Called with each layer (of ``codes.LAYERS``) before it is made.
    """
    report("streets")
    count = 6 if scale < 10 else 16
    outline = plan.draw(seed, scale, count)
    lots = land.draw(seed, outline)
    network = streets.draw(outline, lots)
    place = names.places(stream(seed, "places"), outline.columns * outline.rows)
    report("buildings")
    pattern = buildings.patterns(seed, lots)
    houses = buildings.draw(seed, lots, pattern)
    houses["exempt_floor_area"] = buildings.exempt(seed, houses)
    setback = buildings.setbacks(pattern)
    frames = _areas(seed, count, outline, lots, network, houses, setback, place[0], report)
    frames |= _programme(seed, scale, outline, lots, houses, frames["district"], place, report)
    frames["building"] = _with_codes(houses, frames["parcel"])
    return DemoCity(seed, scale, **{name: _in_degrees(frame) for name, frame in frames.items()})


def _areas(  # noqa: PLR0913, PLR0917
    seed: int,
    count: int,
    outline: plan.Plan,
    lots: land.Land,
    network: streets.Network,
    houses: pd.DataFrame,
    setback: Floats,
    place: Texts,
    report: Report,
) -> dict[str, pd.DataFrame]:
    makers: dict[str, Callable[[], pd.DataFrame]] = {
        "districts": partial(ground.districts, outline, count),
        "zoning": partial(ground.zoning, seed, outline, lots),
        "constraints": partial(ground.constraints, outline, lots, houses, place),
        "parcels": partial(ground.parcels, outline, lots, houses, place),
        "facilities": partial(facilities.draw, seed, lots, network, place, outline.rows),
        "streets": partial(ground.streets, seed, network),
        "greenways": partial(nature.greenways, seed, outline, lots, place),
        "surfaces": partial(nature.surfaces, seed, outline, lots, setback),
        "population": partial(ground.population, houses),
    }
    found = {}
    for layer, make in makers.items():
        report(layer)
        found[TABLES[layer]] = make()
    return found


def _programme(  # noqa: PLR0913, PLR0917
    seed: int,
    scale: float,
    outline: plan.Plan,
    lots: land.Land,
    houses: pd.DataFrame,
    districts: pd.DataFrame,
    place: tuple[Texts, Texts],
    report: Report,
) -> dict[str, pd.DataFrame]:
    report("projects")
    count = max(60, round(300 * scale**0.77))
    frame, sites = projects.draw(seed, count, outline, lots, place)
    frame = pd.concat([programme.codes_of(seed, count), frame], axis=1)
    frame["total_investment"] = programme.amounts(seed, frame, shapely.area(sites))
    shares = projects.shares(frame, sites, outline, districts)
    frame["area"], frame["section"] = library.areas(shares, districts, count)
    moves = programme.schedule(seed, frame)
    frame["planned_start"] = moves.planned[:, programme.BUILDING]
    frame["planned_end"] = moves.planned[:, programme.DONE]
    existing = _existing(seed, frame, sites, houses)
    entries = library.entries(seed, frame)
    frame = frame.join(library.exits(entries, count))
    events = programme.stage_events(moves)
    found = problems.draw(seed, max(40, round(count * 0.9)), lots, place, sites)
    return {
        "project": frame.drop(columns=["superblock", "entered", "area", "section"]),
        "project_district": shares,
        "register_notice": library.notices(),
        "register_entry": entries.drop(columns="code"),
        "register_total": library.totals(entries, NAME[0]),
        "investment": programme.investment(seed, frame, moves),
        "stage_event": events,
        "progress_snapshot": programme.progress(seed, moves),
        "milestone": programme.milestones(moves),
        "project_figure": programme.figures(seed, frame, existing, shapely.area(sites)),
        "document": programme.documents(events, frame),
        "problem": found.problems,
        "problem_project": found.links,
    }


def _existing(seed: int, frame: pd.DataFrame, sites: Texts, houses: pd.DataFrame) -> pd.DataFrame:
    """Decide what becomes of the buildings in projects, and sum up what stands in each."""
    areal = np.flatnonzero(~frame["geometry_kind"].isin(["corridor", "network"]))
    middles = shapely.point_on_surface(houses["shape"].to_numpy())
    project, building = shapely.STRtree(middles).query(sites[areal], predicate="intersects")
    pairs = pd.DataFrame({"project": areal[project], "building": building})
    pairs = pairs.sort_values(["building", "project"]).drop_duplicates("building")
    rows = pairs["building"].to_numpy()
    fate = programme.dispositions(seed, frame["renewal_mode"].to_numpy()[pairs["project"]])
    listed = houses["heritage"].notna().to_numpy()[rows]
    fate[listed & (fate == "demolish")] = "alter"
    disposition = np.full(len(houses), None, dtype=object)
    disposition[rows] = fate
    houses["disposition"] = disposition
    inside = houses.iloc[rows][["floor_area", "height", "households", "population"]].assign(
        project=pairs["project"].to_numpy(), fate=fate
    )
    sums = inside.groupby("project").agg(
        height=("height", "max"), households=("households", "sum"), population=("population", "sum")
    )
    floors = inside.pivot_table(index="project", columns="fate", values="floor_area", aggfunc="sum")
    return (
        sums.join(floors.reindex(columns=["keep", "alter", "demolish"]))
        .reindex(range(len(frame)))
        .fillna(0.0)
    )


def _with_codes(houses: pd.DataFrame, parcel: pd.DataFrame) -> pd.DataFrame:
    found = houses.drop(columns="serial")
    owner = houses["parcel"].to_numpy()
    found["code"] = parcel["code"].to_numpy()[owner] + "-" + (houses["serial"] + 1).astype(str).str.zfill(3)
    return found


def _in_degrees(frame: pd.DataFrame) -> pd.DataFrame:
    """Move the shapes of a frame from metres around the centre to EPSG:4326."""
    for column in GEOMETRY:
        if column in frame:
            frame[column] = _transformed(frame[column].to_numpy(dtype=object))
    return frame


def _transformed(shapes: Texts) -> Texts:
    back, east, north = _way_back()

    def move(points: Floats) -> Floats:
        return np.column_stack(back.transform(points[:, 0] + east, points[:, 1] + north))

    return np.asarray(shapely.transform(shapes, move), dtype=object)


@cache
def _way_back() -> tuple[pyproj.Transformer, float, float]:
    """Return the way from metres to degrees, and where the centre is in metres."""
    back = pyproj.Transformer.from_crs(METRIC, 4326, always_xy=True)
    east, north = back.transform(*CENTRE, direction="INVERSE")
    return back, float(east), float(north)
