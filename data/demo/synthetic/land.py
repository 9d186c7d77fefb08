"""Land: blocks and plots with a land use, the limits of the plan for each, and their parcels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data import codes
from data.demo.synthetic import plots
from data.demo.synthetic.chance import Floats, Integers, Texts, pick_each, stream
from data.demo.synthetic.plan import HALF_WIDTHS, Plan
from data.demo.synthetic.plots import Cells, Cuts


@dataclass(frozen=True)
class Grain:
    """How fine a superblock of a character is cut: m² of blocks, plots and parcels, street half width, m."""

    block: float
    plot: float
    parcel: float
    lane: float
    narrow: float


GRAIN = {
    "old": Grain(9_500, 5_000, 900, 4.0, 16),
    "business": Grain(19_000, 12_000, 9_000, 8.0, 40),
    "park": Grain(130_000, 90_000, 90_000, 4.0, 60),
    "campus": Grain(120_000, 60_000, 60_000, 6.0, 60),
    "industry": Grain(75_000, 42_000, 30_000, 9.0, 60),
    "logistics": Grain(90_000, 55_000, 40_000, 9.0, 60),
    "new_town": Grain(52_000, 36_000, 30_000, 9.0, 60),
    "slab": Grain(42_000, 19_000, 15_000, 7.0, 45),
    "tower": Grain(60_000, 34_000, 30_000, 8.0, 55),
    "urban_village": Grain(24_000, 13_000, 3_600, 4.0, 24),
    "rural": Grain(110_000, 60_000, 60_000, 5.0, 60),
    "hamlet": Grain(16_000, 9_000, 3_200, 3.5, 24),
}
CHARACTERS = sorted(GRAIN)
USES: dict[str, dict[str, float]] = {
    "old": {
        "0701": 70, "0702": 3, "0801": 3, "0803": 4, "0804": 3, "0807": 1, "0901": 12, "1401": 2, "1403": 2,
    },
    "business": {
        "0902": 40, "0901": 24, "0903": 4, "0701": 12, "0801": 5, "0803": 3, "1401": 5, "1403": 4, "1208": 3,
    },
    "park": {"1401": 90, "0805": 7, "0803": 3},
    "campus": {"0804": 64, "0802": 18, "0805": 6, "0701": 8, "1401": 4},
    "industry": {"1001": 78, "1300": 5, "1402": 6, "0802": 4, "1208": 3, "1101": 4},
    "logistics": {"1101": 74, "1208": 10, "1300": 6, "1402": 10},
    "new_town": {"0701": 40, "1600": 20, "0902": 9, "0901": 7, "0804": 8, "1401": 9, "0806": 3, "0702": 4},
    "slab": {
        "0701": 66, "0702": 4, "0801": 4, "0804": 8, "0806": 3, "0807": 1, "0901": 8, "1401": 4, "1300": 1,
        "1500": 1,
    },
    "tower": {
        "0701": 66, "0702": 4, "0804": 9, "0901": 8, "0806": 2, "0805": 2, "1401": 6, "1403": 1, "1208": 1,
        "1300": 1,
    },
    "urban_village": {"0701": 84, "0901": 8, "0702": 3, "0804": 3, "1401": 2},
    "rural": {"": 100},
    "hamlet": {"": 100},
}  # fmt: skip
# Limits of the plan by land use: floor area ratio, building coverage, height, green ratio.
LIMITS = {
    "0701": (2.4, 0.28, 80, 0.30), "0702": (1.2, 0.40, 24, 0.25), "0801": (1.8, 0.35, 50, 0.30),
    "0802": (2.0, 0.35, 60, 0.30), "0803": (1.2, 0.40, 30, 0.30), "0804": (0.9, 0.30, 24, 0.35),
    "0805": (0.8, 0.40, 30, 0.30), "0806": (1.8, 0.35, 60, 0.35), "0807": (1.2, 0.30, 24, 0.35),
    "0901": (2.8, 0.50, 60, 0.20), "0902": (5.0, 0.45, 150, 0.20), "0903": (2.0, 0.45, 30, 0.20),
    "1001": (1.6, 0.55, 30, 0.15), "1101": (1.2, 0.55, 24, 0.15), "1208": (0.8, 0.40, 24, 0.20),
    "1300": (0.8, 0.40, 24, 0.30), "1401": (0.05, 0.05, 12, 0.65), "1402": (None, None, None, 0.80),
    "1403": (0.05, 0.05, 9, 0.30), "1500": (1.0, 0.35, 24, 0.30), "1600": (None, None, None, None),
    "1207": (None, None, None, None), "1700": (None, None, None, None),
}  # fmt: skip
HOUSING_LIMITS = {
    "old": (1.2, 0.50, 12, 0.15), "slab": (2.0, 0.30, 36, 0.30), "business": (3.5, 0.30, 100, 0.30),
    "urban_village": (2.8, 0.28, 80, 0.30),
}  # fmt: skip
PATH_SHARE = {"slab": 0.75, "tower": 0.8, "new_town": 0.6, "campus": 0.9, "park": 1.0, "old": 0.35}


@dataclass(frozen=True)
class Land:
    """Blocks, plots and parcels as cells with their quadrilaterals in metres, and the streets between.

    ``plot_block`` and ``parcel_plot`` are rows of the table above; ``character`` is one of ``GRAIN``.
    """

    blocks: Cells
    block_shape: Floats
    block_character: Texts
    plots: Cells
    plot_shape: Floats
    plot_block: Integers
    land_use: Texts
    parcels: Cells
    parcel_shape: Floats
    parcel_plot: Integers
    streets: Cuts
    paths: Cuts

    @property
    def plot_character(self) -> Texts:
        """Return the character of each plot."""
        return np.asarray(self.block_character[self.plot_block])

    @property
    def parcel_use(self) -> Texts:
        """Return the land use of each parcel."""
        return np.asarray(self.land_use[self.parcel_plot])


def draw(seed: int, plan: Plan) -> Land:
    """Cut all superblocks into blocks, plots and parcels, and give the plots a land use."""
    blocks, character, streets = _blocks(stream(seed, "blocks"), plan)
    plot_cells, cuts = _cut(stream(seed, "plots"), plan, blocks, character, "plot", snap=20)
    paths = _paths(stream(seed, "paths"), plan, cuts)
    plot_block = plot_cells.parent
    use = pick_each(
        stream(seed, "land use"), [USES[name] for name in CHARACTERS], _rank(character)[plot_block]
    )
    _use_every_class(stream(seed, "rare land use"), use, character[plot_block])
    parcels = _parcels(stream(seed, "parcels"), plan, plot_cells, character[plot_block], use)
    return Land(
        blocks,
        plots.inside(plan, blocks),
        character,
        plot_cells,
        plots.inside(plan, plot_cells),
        plot_block,
        use,
        parcels,
        plots.inside(plan, parcels),
        parcels.parent,
        streets,
        paths,
    )


def _rank(character: Texts) -> Integers:
    return np.searchsorted(np.array(CHARACTERS), character.astype(str))


def _grain(character: Texts, name: str) -> Floats:
    return np.array([getattr(GRAIN[one], name) for one in CHARACTERS])[_rank(character)]


def _cut(  # noqa: PLR0913
    rng: np.random.Generator, plan: Plan, cells: Cells, character: Texts, level: str, *, snap: int
) -> tuple[Cells, Cuts]:
    street = _grain(character, "lane") if level == "block" else np.zeros(len(cells))
    return plots.cut(
        plan, cells, _grain(character, level), street, rng, snap=snap, narrowest=_grain(character, "narrow")
    )


def _blocks(rng: np.random.Generator, plan: Plan) -> tuple[Cells, Texts, Cuts]:
    """Cut superblocks into blocks; some rural ones hold a village, which is cut again."""
    cells = plots.superblocks(plan)
    character = plan.character.ravel()
    cells = cells.take(character != "river")
    character = character[character != "river"]
    blocks, streets = _cut(rng, plan, cells, character, "block", snap=60)
    character = character[blocks.parent]
    settled = (character == "rural") & (rng.random(len(blocks)) < 0.17)
    names = np.full(int(settled.sum()), "hamlet", dtype=object)
    houses, lanes = _cut(rng, plan, blocks.take(settled), names, "block", snap=30)
    fields, kept = blocks.take(~settled), character[~settled]
    together = Cells(
        *(np.concatenate([getattr(fields, f), getattr(houses, f)]) for f in Cells.__dataclass_fields__)
    )
    character = np.concatenate([kept, np.full(len(houses), "hamlet", dtype=object)])
    order = together.key()
    return together.take(order).rooted(), character[order], plots.joined([streets, lanes])


def _paths(rng: np.random.Generator, plan: Plan, cuts: Cuts) -> Cuts:
    """Let some of the borders between plots be footpaths."""
    character = plan.character.ravel()[cuts.superblock]
    share = np.array([PATH_SHARE.get(name, 0.0) for name in character])
    kept = rng.random(cuts.at.size) < share
    return Cuts(*(getattr(cuts, name)[kept] for name in Cuts.__dataclass_fields__))


def _use_every_class(rng: np.random.Generator, use: Texts, character: Texts) -> None:
    """Give the classes that chance left out to one housing plot each."""
    missing = sorted(set(LIMITS) - set(use) - {"1207", "1700"})
    housing = np.flatnonzero((use == "0701") & np.isin(character, ["slab", "tower", "business"]))
    use[rng.choice(housing, len(missing), replace=False)] = missing


def _parcels(rng: np.random.Generator, plan: Plan, cells: Cells, character: Texts, use: Texts) -> Cells:
    """Cut plots into parcels; only housing, trade and works are shared by several owners."""
    fine = np.isin(use, ["0701", "0901", "0902", "1001", "1101"]) | (character == "hamlet")
    target = np.where(fine, _grain(character, "parcel"), np.inf)
    narrow = np.where(np.isin(character, ["old", "hamlet", "urban_village"]), 18.0, 50.0)
    found, _ = plots.cut(plan, cells, target, np.zeros(len(cells)), rng, snap=1, narrowest=narrow)
    return found.take(found.parent != -1)


def limits(use: Texts, character: Texts) -> Floats:
    """Return FAR, coverage, height and green limits (n, 4) of plots; NaN where the plan sets none."""
    names = sorted(codes.LAND_USES)
    table = np.array([LIMITS[name] for name in names], dtype=float)
    found = table[np.searchsorted(np.array(names), use.astype(str))]
    for name, values in HOUSING_LIMITS.items():
        found[(use == "0701") & (character == name)] = values
    return np.asarray(found)


def street_class(cuts: Cuts) -> Texts:
    """Return the class of cuts that are streets."""
    return np.where(cuts.half_width >= HALF_WIDTHS["secondary"], "secondary", "local").astype(object)
