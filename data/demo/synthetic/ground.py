"""The city's areas as frames: districts, zoning, parcels, constraint areas, streets, population cells."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import numpy as np
import pandas as pd
import shapely

from data.demo.synthetic import names, plots
from data.demo.synthetic.chance import Flags, Floats, Integers, Texts, runs, stream
from data.demo.synthetic.land import Land, limits
from data.demo.synthetic.plan import HALF_WIDTHS, UNIT, Plan
from data.demo.synthetic.streets import Network

CELL = 250.0
BANK = 24.0
PLAN_DATE = dt.date(2021, 6, 30)
LAW = "示政规〔{year}〕{serial}号"


def quads(plan: Plan) -> Texts:
    """Return every superblock to the street axes, flat."""
    return plots.polygons(plots.corners(plan, plots.superblocks(plan)))


def districts(plan: Plan, count: int) -> pd.DataFrame:
    """Return the districts with their boundaries along main streets, and a zone whose boundary is pending."""
    cells, member = quads(plan), plan.district.ravel()
    rows = [
        {
            "code": f"9901{k + 1:02d}",
            "name_zh": names.DISTRICTS[k][0],
            "name_en": names.DISTRICTS[k][1],
            "kind": "district",
            "section": "中心城区" if k < max(3, count // 2) else "外围城区",
            "position": k + 1,
            "boundary": shapely.coverage_union_all(cells[member == k]),
        }
        for k in range(count)
    ]
    zone = {
        "code": "jingkai",
        "name_zh": names.ZONE[0],
        "name_en": names.ZONE[1],
        "kind": "functional_zone",
        "section": "各开发区",
        "position": count + 1,
        "boundary": None,
    }
    return pd.DataFrame([*rows, zone])


def river_strips(plan: Plan) -> tuple[Floats, Floats, Floats]:
    """Return the southern green, the water and the northern green of each column as quadrilaterals."""
    south, north = plan.corners[:, plan.river], plan.corners[:, plan.river + 1]
    across = north - south
    unit = across / np.linalg.norm(across, axis=1, keepdims=True)
    quay = HALF_WIDTHS["secondary"]
    lines = [
        south + quay * unit,
        south + (quay + BANK) * unit,
        north - (quay + BANK) * unit,
        north - quay * unit,
    ]
    first, second, third = (
        np.stack([low[:-1], low[1:], high[1:], high[:-1]], axis=1) for low, high in pairwise(lines)
    )
    return first, second, third


def zoning(seed: int, plan: Plan, land: Land) -> pd.DataFrame:
    """Return the regulatory plan: plots with limits, street land, the river and its banks."""
    rng = stream(seed, "zoning")
    planned = np.flatnonzero(land.land_use != "")
    use = land.land_use[planned]
    rule = limits(use, land.plot_character[planned])
    rule[:, 0] = np.round(rule[:, 0] * rng.choice([0.8, 0.9, 1.0, 1.0, 1.1, 1.25], use.size), 2)
    plot_rows = _zones(plan, use, plots.polygons(land.plot_shape[planned]), land.plots.superblock[planned])
    plot_rows[["floor_area_ratio", "building_coverage", "height_limit", "green_ratio"]] = rule
    south, wet, north = river_strips(plan)
    column = np.arange(plan.columns) * plan.rows + plan.river
    banks = np.concatenate([south, north])
    green = _zones(plan, np.full(len(banks), "1401", dtype=object), plots.polygons(banks), np.tile(column, 2))
    green[["floor_area_ratio", "building_coverage", "height_limit", "green_ratio"]] = (0.05, 0.05, 12.0, 0.65)
    water = _zones(plan, np.full(len(wet), "1700", dtype=object), plots.polygons(wet), column)
    found = pd.concat([plot_rows, _street_land(plan, land), green, water], ignore_index=True)
    serial = found.groupby("superblock").cumcount() + 1
    found["code"] = found.pop("unit") + "-" + serial.astype(str).str.zfill(3)
    return found.drop(columns="superblock")


def _zones(plan: Plan, use: Texts, shape: Texts, superblock: Integers) -> pd.DataFrame:
    i, j = np.divmod(superblock, plan.rows)
    unit = pd.Series(i + 1).astype(str).str.zfill(3) + pd.Series(j + 1).astype(str).str.zfill(3)
    law = [LAW.format(year=2021, serial=11 + k) for k in plan.district.ravel()[superblock]]
    return pd.DataFrame(
        {
            "land_use": use,
            "shape": shape,
            "superblock": superblock,
            "unit": "SF-" + unit,
            "valid_from": PLAN_DATE,
            "legal_instrument": law,
        }
    )


def _street_land(plan: Plan, land: Land) -> pd.DataFrame:
    """Return what lies between the blocks of each built-up superblock."""
    built = np.flatnonzero(~np.isin(plan.character.ravel(), ["rural", "river"]))
    owner = land.blocks.superblock
    shapes = plots.polygons(land.block_shape)
    kept = np.isin(owner, built)
    members = shapely.multipolygons(shapes[kept], indices=np.searchsorted(built, owner[kept]))
    streets = shapely.difference(quads(plan)[built], members)
    return _zones(plan, np.full(built.size, "1207", dtype=object), streets, built)


def parcels(plan: Plan, land: Land, buildings: pd.DataFrame, place: Texts) -> pd.DataFrame:
    """Return the parcels with their code, use, address and existing floor area."""
    count = land.parcel_plot.size
    floor_area = np.bincount(buildings["parcel"], buildings["floor_area"], minlength=count)
    use = land.parcel_use.copy()
    use[use == ""] = None
    serial = runs(np.bincount(land.parcels.superblock, minlength=plan.columns * plan.rows))[1]
    code = (
        "D"
        + pd.Series(land.parcels.superblock).astype(str).str.zfill(5)
        + pd.Series(serial + 1).astype(str).str.zfill(4)
    )
    address = pd.Series(place[land.parcels.superblock]) + pd.Series(serial + 1).astype(str) + "号"
    return pd.DataFrame(
        {
            "code": code,
            "land_use": use,
            "address": address,
            "floor_area": np.round(floor_area, 1),
            "shape": plots.polygons(land.parcel_shape),
        }
    )


def streets(seed: int, network: Network) -> pd.DataFrame:
    """Return the street segments with the names of their nodes."""
    rng = stream(seed, "streets")
    size = network.start.size
    name = names.street_names(
        stream(seed, "street names"), network.upright, network.at, network.street_class, UNIT
    )
    name[network.bridge] = name[network.bridge] + "桥"
    one_way = (network.street_class == "local") & (rng.random(size) < 0.06)
    return pd.DataFrame(
        {
            "code": "S" + pd.Series(np.arange(1, size + 1)).astype(str).str.zfill(7),
            "street_class": network.street_class,
            "name": name,
            "from_node": "N" + pd.Series(network.start).astype(str),
            "to_node": "N" + pd.Series(network.end).astype(str),
            "one_way": one_way,
            "walkable": network.street_class != "expressway",
            "length": np.round(network.length, 3),
            "shape": network.shape,
        }
    )


def population(buildings: pd.DataFrame) -> pd.DataFrame:
    """Return residents and households by cells of 250 m."""
    homes = buildings[buildings["households"] > 0]
    at = shapely.get_coordinates(shapely.centroid(homes["shape"].to_numpy()))
    cell = np.floor(at / CELL).astype(np.int64)
    frame = pd.DataFrame({"x": cell[:, 0], "y": cell[:, 1]})
    frame[["population", "households"]] = homes[["population", "households"]].to_numpy(dtype=float)
    cells = frame.groupby(["y", "x"], as_index=False).sum()
    x, y = cells["x"].to_numpy() * CELL, cells["y"].to_numpy() * CELL
    return pd.DataFrame(
        {
            "code": "P" + cells["x"].astype(str) + "_" + cells["y"].astype(str),
            "population": cells["population"],
            "households": cells["households"],
            "year": 2025,
            "shape": shapely.box(x, y, x + CELL, y + CELL),
        }
    )


def constraints(plan: Plan, land: Land, buildings: pd.DataFrame, place: Texts) -> pd.DataFrame:
    """Return the areas that limit what may be done: lines, protected blocks, hazards, extents of the city."""
    parts = [
        *_extents(plan),
        *_heritage(plan, buildings, place),
        _renewal_units(plan, place),
        *_waters(plan),
        *_rural(plan, land),
        *_plots(land, place),
        _roads(plan),
    ]
    found = pd.concat(parts, ignore_index=True)
    serial = found.groupby("kind").cumcount() + 1
    found["code"] = found["kind"] + "-" + serial.astype(str).str.zfill(4)
    found["valid_from"] = PLAN_DATE
    found["legal_instrument"] = LAW.format(year=2021, serial=8)
    return found


def _one(kind: str, name: str, shape: shapely.Geometry) -> pd.DataFrame:
    return pd.DataFrame({"kind": [kind], "name": [name], "shape": [shape]})


def _many(kind: str, name: Texts | list[str], shape: Texts) -> pd.DataFrame:
    return pd.DataFrame({"kind": kind, "name": name, "shape": shape})


def _extents(plan: Plan) -> list[pd.DataFrame]:
    """Return the extents that plans and thresholds speak of, each another polygon."""
    cells, character = quads(plan), plan.character.ravel()
    reach = np.linalg.norm(plan.centres / plan.half, axis=-1).ravel()
    river = character == "river"
    built = ~np.isin(character, ["rural", "river"])
    growing = _grown(plan, built | (river & (reach < 0.8)))
    outermost = np.flatnonzero(built)[[reach[built].argmax()]]
    west = plan.centres[..., 0].ravel() < 0
    return [
        _one("old_city", "老城区", plots.united(cells[(character == "old") | ((reach < 0.2) & built)])),
        _one("built_up", "建成区", plots.united(cells[(built & (character != "new_town"))])),
        _one("central_city", "中心城区", plots.united(cells[reach < 0.66])),
        _one("main_city", "主城区", plots.united(cells[built & (reach < 0.5)])),
        _one("cluster", "西部组团", plots.united(cells[built & west])),
        _one("cluster", "东部组团", plots.united(cells[built & ~west])),
        _one("county_town", "示范县城建成区", plots.united(cells[outermost])),
        _one("growth_boundary", "城镇开发边界", plots.united(cells[growing])),
    ]


def _grown(plan: Plan, built: Flags) -> Flags:
    """Add the superblocks that have built-up land on two sides."""
    grid = built.reshape(plan.columns, plan.rows)
    padded = np.pad(grid, 1)
    beside = padded[2:, 1:-1].astype(int) + padded[:-2, 1:-1] + padded[1:-1, 2:] + padded[1:-1, :-2]
    return np.asarray((grid | (beside >= 2)).ravel())


def _heritage(plan: Plan, buildings: pd.DataFrame, place: Texts) -> list[pd.DataFrame]:
    old = np.flatnonzero(plan.character.ravel() == "old")
    chosen = old[::3] if old.size > 2 else old[:1]
    cells = plots.superblocks(plan).take(chosen)
    blocks = plots.polygons(plots.inside(plan, cells))
    listed = buildings[buildings["heritage"].isin(["monument", "historic"])]
    zones = shapely.buffer(shapely.convex_hull(listed["shape"].to_numpy()), 12, join_style="mitre")
    return [
        _many("historic_block", place[chosen] + "历史文化街区", blocks),
        _many("purple_line", place[chosen] + "城市紫线", shapely.buffer(blocks, 10, join_style="mitre")),
        _many("historic_building_zone", ["历史建筑保护范围"] * len(listed), zones),
    ]


def _renewal_units(plan: Plan, place: Texts) -> pd.DataFrame:
    """Return the blocks of the old city, and of the factories, that are to be renewed as a whole."""
    character = plan.character.ravel()
    chosen = np.flatnonzero(np.isin(character, ["old", "industry"]))
    blocks = plots.polygons(plots.inside(plan, plots.superblocks(plan).take(chosen)))
    return _many("renewal_unit", place[chosen] + "更新单元", blocks)


def _waters(plan: Plan) -> list[pd.DataFrame]:
    south, wet, north = river_strips(plan)
    water = plots.united(plots.polygons(wet))
    banks = np.concatenate([south, wet, north])
    low = plots.polygons(wet[: max(1, len(wet) // 4)])
    flood = shapely.buffer(plots.united(low), 160)
    return [
        _one("water", "示范河", water),
        _one("blue_line", "示范河城市蓝线", plots.united(plots.polygons(banks))),
        _one("hazard", "示范河洪涝风险区", flood),
    ]


def _rural(plan: Plan, land: Land) -> list[pd.DataFrame]:
    fields = np.flatnonzero(land.block_character == "rural")
    owner = land.blocks.superblock[fields]
    turn = np.arctan2(plan.centres[..., 1], plan.centres[..., 0]).ravel()
    hills = (plan.character.ravel() == "rural") & (turn > 1.9) & (turn < 2.9)
    if not hills.any():
        hills[owner[:1]] = True
    tilled = fields[~hills[owner]] if (~hills[owner]).any() else fields
    ecological = plots.united(quads(plan)[hills])
    return [
        _many("farmland", ["永久基本农田"] * tilled.size, plots.polygons(land.block_shape[tilled])),
        _one("ecological_line", "西北山体生态保护红线", ecological),
    ]


def _plots(land: Land, place: Texts) -> list[pd.DataFrame]:
    found = []
    for kind, uses, suffix in (
        ("green_line", ["1401", "1402"], "城市绿线"),
        ("yellow_line", ["1208", "1300"], "城市黄线"),
    ):
        rows = np.flatnonzero(np.isin(land.land_use, uses))
        name = place[land.plots.superblock[rows]] + suffix
        found.append(_many(kind, name, plots.polygons(land.plot_shape[rows])))
    return found


def _roads(plan: Plan) -> pd.DataFrame:
    """Return the red lines of expressways and arterials, one area for each stretch between main streets."""
    lines, widths = [], []
    for classes, step in ((plan.upright, (0, 1)), (plan.level, (1, 0))):
        i, j = np.nonzero(np.isin(classes, ["expressway", "arterial"]))
        ends = np.stack([plan.corners[i, j], plan.corners[i + step[0], j + step[1]]], axis=1)
        lines.append(np.asarray(shapely.linestrings(ends), dtype=object))
        widths.append(np.array([HALF_WIDTHS[name] for name in classes[i, j]]))
    strips = np.asarray(shapely.buffer(np.concatenate(lines), np.concatenate(widths), cap_style="flat"))
    return _many("road_line", ["道路红线"] * strips.size, strips)
