"""Greenways 绿道, and what covers the ground 下垫面: river, parks, fields, and the green around buildings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import shapely

from data.demo.synthetic import plots
from data.demo.synthetic.chance import Floats, Integers, Texts, pick, stream
from data.demo.synthetic.ground import river_strips
from data.demo.synthetic.land import Land
from data.demo.synthetic.plan import HALF_WIDTHS, Plan

Column = Texts | Sequence[object]
RIVER = "示范河"
# Every eighth main street of the built-up city has a greenway beside it, the first two from the river.
EVERY, FIRST = 8, 2
BESIDE = HALF_WIDTHS["secondary"] + 5.0
# Footpaths of these characters are greenways where they are long enough, by chance.
LEISURELY = ("park", "campus")
SHORTEST, PATH_CHANCE = 120.0, 0.6
# What covers plots that are not built over, by land use.
OPEN_PLOTS = {
    "1401": {"green": 1}, "1402": {"green": 1}, "1600": {"bare_soil": 1},
    "1403": {"permeable_paving": 60, "impermeable": 40},
}  # fmt: skip
# What lies between the buildings of a parcel and its border: of the setback this part, narrow ones left out.
BELT = {"green": 84, "permeable_paving": 10, "impermeable": 6}
PART, NARROWEST, WIDEST = 0.75, 1.5, 0.2


def greenways(seed: int, plan: Plan, land: Land, place: Texts) -> pd.DataFrame:
    """Return greenways along both banks of the river, beside main streets, and on footpaths of estates."""
    found = pd.concat(
        [_banks(plan), _beside_streets(plan, place), _paths(seed, plan, land, place)], ignore_index=True
    )
    found["code"] = "L" + pd.Series(np.arange(1, len(found) + 1)).astype(str).str.zfill(5)
    found["length"] = np.round(shapely.length(found["shape"].to_numpy()), 3)
    return found


def _greenways(name: Column, level: str, shape: Column) -> pd.DataFrame:
    return pd.DataFrame({"name": name, "greenway_class": level, "shape": shape})


def _banks(plan: Plan) -> pd.DataFrame:
    south, _wet, north = river_strips(plan)
    lines = [
        shapely.LineString(np.concatenate([_middle(bank, 0, 3), _middle(bank[-1:], 1, 2)]))
        for bank in (south, north)
    ]
    return _greenways([f"{RIVER}南岸绿道", f"{RIVER}北岸绿道"], "region", lines)


def _middle(quads: Floats, one: int, other: int) -> Floats:
    return np.asarray((quads[:, one] + quads[:, other]) / 2)


def _beside_streets(plan: Plan, place: Texts) -> pd.DataFrame:
    """Follow main streets from where the city begins to where it ends."""
    built = ~np.isin(plan.character, ["rural", "river"])
    names, lines = [], []
    for j in range((plan.river + 1 + FIRST) % EVERY, plan.rows, EVERY):
        columns = np.flatnonzero(built[:, j])
        if columns.size:
            street = shapely.LineString(plan.corners[columns[0] : columns[-1] + 2, j])
            names.append(place[columns[columns.size // 2] * plan.rows + j] + "绿道")
            lines.append(shapely.offset_curve(street, BESIDE, join_style="mitre"))
    return _greenways(names, "city", lines)


def _paths(seed: int, plan: Plan, land: Land, place: Texts) -> pd.DataFrame:
    cuts = land.paths
    first = plan.place(np.where(cuts.upright, cuts.at, cuts.low), np.where(cuts.upright, cuts.low, cuts.at))
    last = plan.place(np.where(cuts.upright, cuts.at, cuts.high), np.where(cuts.upright, cuts.high, cuts.at))
    leisurely = np.isin(plan.character.ravel()[cuts.superblock], LEISURELY)
    long = np.linalg.norm(last - first, axis=1) >= SHORTEST
    chosen = leisurely & long & (stream(seed, "greenways").random(cuts.at.size) < PATH_CHANCE)
    lines = np.asarray(shapely.linestrings(np.stack([first, last], axis=1)[chosen]), dtype=object)
    return _greenways(place[cuts.superblock[chosen]] + "社区绿道", "community", lines)


def surfaces(seed: int, plan: Plan, land: Land, setback: Floats) -> pd.DataFrame:
    """Return what covers the ground, where it is told; pieces do not overlap.

    ``setback`` is how far the buildings of each parcel stay from its border, m; NaN where none stands.
    """
    rng = stream(seed, "surfaces")
    parts = [_river(plan), _open_plots(rng, land), _fields(land), _belts(rng, land, setback)]
    found = pd.concat(parts, ignore_index=True)
    found["code"] = "M" + pd.Series(np.arange(1, len(found) + 1)).astype(str).str.zfill(7)
    return found


def _surfaces(kind: Texts | str, shape: Texts, name: str | None = None) -> pd.DataFrame:
    return pd.DataFrame({"kind": kind, "name": pd.Series([name] * len(shape), dtype=object), "shape": shape})


def _river(plan: Plan) -> pd.DataFrame:
    south, wet, north = river_strips(plan)
    banks = plots.polygons(np.concatenate([south, north]))
    return pd.concat(
        [_surfaces("water", plots.polygons(wet), RIVER), _surfaces("green", banks, f"{RIVER}滨水绿地")]
    )


def _open_plots(rng: np.random.Generator, land: Land) -> pd.DataFrame:
    shapes = plots.polygons(land.plot_shape)
    rows = {use: np.flatnonzero(land.land_use == use) for use in OPEN_PLOTS}
    kinds = {use: pick(rng, weights, rows[use].size) for use, weights in OPEN_PLOTS.items()}
    return pd.concat([_surfaces(kinds[use], shapes[rows[use]]) for use in OPEN_PLOTS])


def _fields(land: Land) -> pd.DataFrame:
    rural = np.flatnonzero(land.block_character == "rural")
    return _surfaces("permeable", plots.polygons(land.block_shape[rural]))


def _belts(rng: np.random.Generator, land: Land, setback: Floats) -> pd.DataFrame:
    """Return the ground between the border of each built parcel and its buildings, as rings."""
    wide, high = plots.sizes(land.parcel_shape)
    width = np.minimum(PART * setback, WIDEST * np.minimum(wide, high))
    rows: Integers = np.flatnonzero((width >= NARROWEST) & ~np.isin(land.parcel_use, list(OPEN_PLOTS)))
    outer = shapely.linearrings(land.parcel_shape[rows])
    margins = np.repeat(width[rows, None], 4, axis=1)
    inner = np.asarray(shapely.linearrings(plots.inset(land.parcel_shape[rows], margins)))
    rings = np.asarray(shapely.polygons(outer, holes=inner[:, None]), dtype=object)
    return _surfaces(pick(rng, BELT, rows.size), rings)
