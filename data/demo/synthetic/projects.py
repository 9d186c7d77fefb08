"""Renewal projects: what they renew, where, in which district, and under which code and name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from data.demo.synthetic import ground, plots
from data.demo.synthetic.chance import Flags, Integers, Texts, either, pick, pick_each, runs, stream
from data.demo.synthetic.land import Land
from data.demo.synthetic.plan import HALF_WIDTHS, Plan

TYPES = {
    "old_community": 30, "infrastructure": 16, "urban_function": 14, "old_block": 15, "existing_building": 8,
    "complete_community": 6, "ecology": 6, "heritage": 5,
}  # fmt: skip
KINDS: dict[str, dict[str, float]] = {
    "old_community": {"multi_site": 35, "site": 35, "area": 30},
    "infrastructure": {"corridor": 60, "network": 40},
    "urban_function": {"site": 75, "multi_site": 25},
    "old_block": {"area": 85, "site": 15},
    "existing_building": {"site": 100},
    "complete_community": {"area": 80, "network": 20},
    "ecology": {"corridor": 45, "site": 40, "multi_site": 15},
    "heritage": {"area": 75, "site": 25},
}
MODES: dict[str, dict[str, float]] = {
    "old_community": {"upgrade": 88, "alteration": 12},
    "infrastructure": {"upgrade": 70, "alteration": 30},
    "urban_function": {"upgrade": 25, "alteration": 45, "rebuild": 30},
    "old_block": {"upgrade": 12, "alteration": 28, "rebuild": 60},
    "existing_building": {"alteration": 85, "rebuild": 15},
    "complete_community": {"upgrade": 80, "alteration": 20},
    "ecology": {"upgrade": 75, "alteration": 25},
    "heritage": {"upgrade": 60, "alteration": 40},
}
# The land that a type looks for: characters of the block, land uses of the plot.
GROUND = {
    "old_community": ({"slab", "old", "campus"}, {"0701"}),
    "urban_function": (
        {"slab", "tower", "old", "business", "new_town"},
        {"0803", "0804", "0805", "0806", "0901", "1403", "0702"},
    ),
    "old_block": ({"urban_village", "old", "industry", "slab"}, {"0701", "1001", "0901"}),
    "existing_building": ({"business", "slab", "old", "industry"}, {"0901", "0902", "1001", "0801"}),
    "complete_community": ({"slab", "tower"}, {"0701"}),
    "ecology": ({"park", "slab", "tower", "new_town", "campus", "industry"}, {"1401", "1402"}),
    "heritage": ({"old"}, {"0701", "0803", "0901"}),
    "infrastructure": (
        {"slab", "tower", "business", "new_town", "industry", "old"}, {"0701", "0902", "1001"},
    ),
}  # fmt: skip
PHRASES = {
    "old_community": (
        ("老旧小区改造项目", "old communities upgrade"), ("小区综合整治项目", "estate improvement"),
    ),
    "infrastructure": (
        ("道路管网改造工程", "streets and pipes renewal"), ("排水防涝提升工程", "drainage upgrade"),
        ("供热管网更新工程", "heating network renewal"),
    ),
    "urban_function": (
        ("公共服务中心建设项目", "public service centre"), ("医疗康养综合体项目", "health and care complex"),
        ("文体中心提升项目", "culture and sports centre"),
    ),
    "old_block": (
        ("片区城中村改造项目", "urban village renewal"), ("老厂区更新项目", "old works renewal"),
        ("老旧街区更新项目", "old quarter renewal"),
    ),
    "existing_building": (
        ("低效楼宇改造项目", "underused buildings conversion"), ("创意产业园项目", "creative works park"),
    ),
    "complete_community": (("完整社区建设项目", "complete community"),),
    "ecology": (("滨水生态修复项目", "waterside restoration"), ("口袋公园群建设项目", "pocket parks")),
    "heritage": (
        ("历史街区保护更新项目", "historic quarter conservation"), ("传统院落修缮项目", "courtyards repair"),
    ),
}  # fmt: skip
DEPARTMENTS = (
    "市住房和城乡建设局",
    "市自然资源和规划局",
    "市城市管理局",
    "区人民政府",
    "市文物局",
    "市水务局",
)
ENTITIES = (
    "城市更新有限公司",
    "城建发展集团",
    "置业有限公司",
    "文旅投资有限公司",
    "市政工程有限公司",
    "街道办事处",
)


@dataclass(frozen=True)
class Sites:
    """What each project covers: its polygon in metres and the superblock where it begins."""

    shape: Texts
    superblock: Integers


def draw(
    seed: int, count: int, plan: Plan, land: Land, place: tuple[Texts, Texts]
) -> tuple[pd.DataFrame, Texts]:
    """Return the projects and the ground of each, also of those whose boundary is not drawn yet."""
    rng = stream(seed, "projects")
    kind_of = _all_used(rng, pick(rng, TYPES, count), list(TYPES))
    row = np.searchsorted(sorted(TYPES), kind_of.astype(str))
    frame = pd.DataFrame({"project_type": kind_of})
    frame["renewal_mode"] = pick_each(rng, [MODES[name] for name in sorted(TYPES)], row)
    frame["geometry_kind"] = pick_each(rng, [KINDS[name] for name in sorted(TYPES)], row)
    sites = _sites(seed, plan, land, frame)
    frame["superblock"] = sites.superblock
    _name(rng, frame, place)
    frame["lead_department"] = rng.choice(np.array(DEPARTMENTS, dtype=object), count)
    entity = rng.choice(np.array(ENTITIES, dtype=object), count)
    unnamed = rng.random(count) < 0.12
    frame["implementing_entity"] = either(unnamed, None, place[0][sites.superblock] + entity)
    status = pick(rng, {"pending": 18, "drafted": 52, "surveyed": 30}, count)
    frame["boundary_status"] = _all_used(rng, status, ["pending", "drafted", "surveyed"])
    pending = frame["boundary_status"] == "pending"
    frame["boundary"] = either(pending, None, sites.shape)
    frame["boundary_crs"] = either(pending, None, "EPSG:4547")
    return frame, sites.shape


def _all_used(rng: np.random.Generator, found: Texts, names: list[str]) -> Texts:
    found[rng.choice(found.size, len(names), replace=False)] = names
    return found


def _sites(seed: int, plan: Plan, land: Land, frame: pd.DataFrame) -> Sites:
    """Choose the ground of every project by its geometry kind."""
    shape = np.empty(len(frame), dtype=object)
    superblock = np.zeros(len(frame), dtype=np.int64)
    taken = np.zeros(len(land.blocks), dtype=bool)
    pairs = frame[["project_type", "geometry_kind"]].astype(str)
    for project_type, kind in sorted(set(pairs.itertuples(index=False, name=None))):
        rows = np.flatnonzero((pairs["project_type"] == project_type) & (pairs["geometry_kind"] == kind))
        rng = stream(seed, f"sites {project_type} {kind}")
        if kind == "corridor":
            found = _corridors(rng, plan, rows.size, water=project_type == "ecology")
        elif kind == "network":
            found = _networks(rng, plan, land, project_type, rows.size)
        elif kind == "area":
            found = _areas(rng, plan, land, project_type, rows.size, taken)
        else:
            found = _plot_sites(rng, land, project_type, rows.size, several=kind == "multi_site")
        shape[rows], superblock[rows] = found.shape, found.superblock
    return Sites(shape, superblock)


def _wanted(land: Land, project_type: str) -> Integers:
    """Return the plots that a type of project looks for."""
    characters, uses = GROUND[project_type]
    fits = np.isin(land.land_use, sorted(uses))
    both = fits & np.isin(land.plot_character, sorted(characters))
    return np.flatnonzero(both if both.any() else fits)


def _spread(rng: np.random.Generator, rows: Integers, count: int) -> Integers:
    """Choose rows, each once before any comes again."""
    return rng.permutation(rows)[np.arange(count) % rows.size]


def _plot_sites(
    rng: np.random.Generator, land: Land, project_type: str, count: int, *, several: bool
) -> Sites:
    """Take whole plots: one, or some of the same use in one superblock."""
    candidates = _wanted(land, project_type)
    seeds = _spread(rng, candidates, count)
    shapes = plots.polygons(land.plot_shape)
    if not several:
        return Sites(shapes[seeds], land.plots.superblock[seeds])
    home = land.plots.superblock
    order = candidates[np.argsort(home[candidates], kind="stable")]
    first = np.searchsorted(home[order], home[seeds], side="left")
    last = np.searchsorted(home[order], home[seeds], side="right")
    owner, step = runs(np.minimum(last - first, rng.integers(3, 7, count)))
    return Sites(_union(owner, shapes[order[first[owner] + step]], count), home[seeds])


def _areas(  # noqa: PLR0913, PLR0917
    rng: np.random.Generator, plan: Plan, land: Land, project_type: str, count: int, taken: Flags
) -> Sites:
    """Take adjoining blocks of one superblock, to the axes of the streets around them."""
    candidates = np.unique(land.plot_block[_wanted(land, project_type)])
    free = candidates[~taken[candidates]]
    seeds = _spread(rng, free if free.size >= count else candidates, count)
    gross = plots.polygons(plots.corners(plan, land.blocks))
    owner, beside = shapely.STRtree(gross).query(
        shapely.buffer(gross[seeds], -3), predicate="dwithin", distance=4.0
    )
    same = land.blocks.superblock[beside] == land.blocks.superblock[seeds][owner]
    same &= (rng.random(owner.size) < 0.5) | (beside == seeds[owner])
    owner, beside = owner[same], beside[same]
    taken[beside] = True
    return Sites(_union(owner, gross[beside], count), land.blocks.superblock[seeds])


def _corridors(rng: np.random.Generator, plan: Plan, count: int, *, water: bool) -> Sites:
    """Take stretches of a main street from side to side, or of the river with its banks."""
    if water:
        strips = np.stack([plots.polygons(part) for part in ground.river_strips(plan)], axis=1)
        start = rng.integers(0, plan.columns - 1, count)
        owner, step = runs(np.minimum(rng.integers(2, 5, count), plan.columns - start))
        shape = _union(np.repeat(owner, 3), strips[start[owner] + step].ravel(), count)
        return Sites(shape, start * plan.rows + plan.river)
    i, j = np.nonzero(np.isin(plan.level, ["arterial", "secondary"]))
    chosen = _spread(rng, np.arange(i.size), count)
    owner, step = runs(np.minimum(rng.integers(2, 6, count), plan.columns - i[chosen]))
    column, line = i[chosen][owner] + step, j[chosen][owner]
    ends = np.stack([plan.corners[column, line], plan.corners[column + 1, line]], axis=1)
    width = np.array([HALF_WIDTHS[name] for name in plan.level[i[chosen], j[chosen]]])
    strips = shapely.buffer(
        shapely.linestrings(ends), width[owner] + 2, join_style="mitre", cap_style="square"
    )
    row = np.minimum(j[chosen], plan.rows - 1)
    return Sites(_union(owner, strips, count), i[chosen] * plan.rows + row)


def _networks(rng: np.random.Generator, plan: Plan, land: Land, project_type: str, count: int) -> Sites:
    """Take the streets within and around a superblock."""
    homes = np.unique(land.plots.superblock[_wanted(land, project_type)])
    seeds = _spread(rng, homes, count)
    blocks = plots.polygons(land.block_shape)
    order = np.argsort(land.blocks.superblock, kind="stable")
    home = land.blocks.superblock[order]
    first, last = np.searchsorted(home, seeds, side="left"), np.searchsorted(home, seeds, side="right")
    owner, step = runs(last - first)
    members = shapely.multipolygons(blocks[order[first[owner] + step]], indices=owner)
    cells = plots.polygons(plots.inside(plan, plots.superblocks(plan).take(seeds)))
    around = shapely.buffer(cells, 9, join_style="mitre")
    return Sites(shapely.difference(around, members), seeds)


def _union(owner: Integers, shapes: Texts, count: int) -> Texts:
    """Unite the shapes of each owner."""
    order = np.argsort(owner, kind="stable")
    bounds = np.searchsorted(owner[order], np.arange(1, count))
    return np.array([plots.united(part) for part in np.split(shapes[order], bounds)], dtype=object)


def _name(rng: np.random.Generator, frame: pd.DataFrame, place: tuple[Texts, Texts]) -> None:
    at = frame["superblock"].to_numpy()
    count = np.array([len(PHRASES[name]) for name in frame["project_type"]])
    chosen = (rng.random(len(frame)) * count).astype(int)
    phrase = [PHRASES[name][k] for name, k in zip(frame["project_type"], chosen, strict=True)]
    frame["name"] = place[0][at] + np.array([zh for zh, _ in phrase], dtype=object)
    frame["name_en"] = place[1][at] + " " + np.array([en for _, en in phrase], dtype=object)
    again = frame.groupby("name").cumcount()
    numbered = again > 0
    frame.loc[numbered, "name"] += "（" + (again[numbered] + 1).astype(str) + "期）"
    frame.loc[numbered, "name_en"] += ", phase " + (again[numbered] + 1).astype(str)


def shares(frame: pd.DataFrame, ground_shape: Texts, plan: Plan, districts: pd.DataFrame) -> pd.DataFrame:
    """Return the share of each project in each district by area; the zone's projects are all its own."""
    admin = districts["boundary"].notna().to_numpy()
    areas = districts["boundary"][admin].to_numpy()
    project, district = shapely.STRtree(areas).query(ground_shape, predicate="intersects")
    area = shapely.area(shapely.intersection(ground_shape[project], areas[district]))
    part = area / np.bincount(project, area, minlength=len(frame))[project]
    kept = part >= 0.04
    project, district, part = project[kept], district[kept], part[kept]
    units = np.round(part / np.bincount(project, part, minlength=len(frame))[project], 4)
    zone = _in_zone(frame, plan)
    inside = zone[project]
    found = pd.DataFrame({"project": project[~inside], "district": district[~inside], "part": units[~inside]})
    own = pd.DataFrame({"project": np.flatnonzero(zone), "district": len(districts) - 1, "part": 1.0})
    found = pd.concat([found, own], ignore_index=True)
    found = found.sort_values(["project", "part", "district"], ascending=[True, False, True])
    ten_thousandths = (found["part"] * 10_000).round().astype(np.int64)
    rest = 10_000 - ten_thousandths.groupby(found["project"]).transform("sum")
    ten_thousandths += rest.where(~found["project"].duplicated(), 0)
    found["share"] = ten_thousandths / 10_000
    several = found["project"].duplicated(keep=False)
    found["share_basis"] = np.where(several, "entered", "single")
    return found.drop(columns="part").reset_index(drop=True)


def _in_zone(frame: pd.DataFrame, plan: Plan) -> Flags:
    """Tell which projects lie in the development zone: those in the new town and the industrial quarter."""
    character = plan.character.ravel()[frame["superblock"]]
    return np.isin(character, ["new_town"]) | (np.isin(character, ["industry"]) & (frame.index % 2 == 0))
