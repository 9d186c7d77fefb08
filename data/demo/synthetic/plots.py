"""From superblocks to blocks 街坊, plots and parcels 地块: cuts of rectangles in the lattice."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely

from data.demo.synthetic.chance import Flags, Floats, Integers, Texts
from data.demo.synthetic.plan import HALF_WIDTHS, UNIT, Plan

SEAM = 0.05
WEST, EAST, SOUTH, NORTH = range(4)


@dataclass(frozen=True)
class Cells:
    """Rectangles of the lattice; ``margin`` (n, 4) is half the street (m) on the west, east, south and north.

    ``parent`` is the row of the cell that each was cut from, ``block`` the superblock as a flat index.
    """

    u0: Integers
    u1: Integers
    v0: Integers
    v1: Integers
    margin: Floats
    superblock: Integers
    parent: Integers

    def __len__(self) -> int:
        return self.u0.size

    def take(self, rows: Integers | Flags) -> Cells:
        """Return some of the cells, as children of themselves in this order."""
        return Cells(*(getattr(self, name)[rows] for name in Cells.__dataclass_fields__))

    def rooted(self) -> Cells:
        """Return the same cells as the parents of what is cut from them."""
        return replace(self, parent=np.arange(len(self)))

    def key(self) -> Integers:
        """Return an order of the cells that does not depend on how they were cut."""
        return np.lexsort((self.v0, self.u0, self.superblock))


@dataclass(frozen=True)
class Cuts:
    """Where cells were cut: at ``at`` across the other axis from ``low`` to ``high``."""

    upright: Flags
    at: Integers
    low: Integers
    high: Integers
    superblock: Integers
    half_width: Floats


def joined(parts: list[Cuts]) -> Cuts:
    """Put cuts in one table."""
    return Cuts(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in Cuts.__dataclass_fields__)
    )


def superblocks(plan: Plan) -> Cells:
    """Return all superblocks as cells, with the streets around them as margins."""
    i, j = (a.ravel() for a in np.meshgrid(np.arange(plan.columns), np.arange(plan.rows), indexing="ij"))
    widths = np.vectorize(HALF_WIDTHS.__getitem__, otypes=[float])
    upright, level = widths(plan.upright), widths(plan.level)
    margin = np.stack([upright[i, j], upright[i + 1, j], level[i, j], level[i, j + 1]], axis=1)
    place = np.arange(i.size)
    return Cells(i * UNIT, (i + 1) * UNIT, j * UNIT, (j + 1) * UNIT, margin, place, place)


def corners(plan: Plan, cells: Cells) -> Floats:
    """Return the corners (n, 4, 2) of cells to the street axes: south-west, then counter-clockwise."""
    u = np.stack([cells.u0, cells.u1, cells.u1, cells.u0], axis=1)
    v = np.stack([cells.v0, cells.v0, cells.v1, cells.v1], axis=1)
    i, j = np.divmod(cells.superblock, plan.rows)
    s, t = (u / UNIT - i[:, None])[..., None], (v / UNIT - j[:, None])[..., None]
    c = plan.corners
    south = c[i, j][:, None] * (1 - s) + c[i + 1, j][:, None] * s
    north = c[i, j + 1][:, None] * (1 - s) + c[i + 1, j + 1][:, None] * s
    return np.asarray(south * (1 - t) + north * t)


def inside(plan: Plan, cells: Cells) -> Floats:
    """Return the corners of cells within their margins."""
    return inset(corners(plan, cells), cells.margin)


def inset(quads: Floats, margin: Floats) -> Floats:
    """Move the sides of quadrilaterals inwards by ``margin`` (n, 4): west, east, south, north."""
    sides = np.roll(quads, -1, axis=1) - quads
    unit = sides / np.linalg.norm(sides, axis=2, keepdims=True)
    normal = np.stack([-unit[..., 1], unit[..., 0]], axis=-1)
    start = quads + normal * margin[:, [SOUTH, EAST, NORTH, WEST], None]
    before, direction = np.roll(start, 1, axis=1), np.roll(unit, 1, axis=1)
    gap = start - before
    across = direction[..., 0] * unit[..., 1] - direction[..., 1] * unit[..., 0]
    step = (gap[..., 0] * unit[..., 1] - gap[..., 1] * unit[..., 0]) / across
    return np.asarray(before + direction * step[..., None])


def polygons(quads: Floats) -> Texts:
    """Return quadrilaterals as polygons."""
    return np.asarray(shapely.polygons(quads), dtype=object)


def united(shapes: Texts) -> shapely.Geometry:
    """Unite shapes; a hand's breadth around closes seams, so that the union is sound in degrees too."""
    return shapely.buffer(shapely.union_all(shapes, grid_size=0.01), SEAM, join_style="mitre")


def sizes(quads: Floats) -> tuple[Floats, Floats]:
    """Return mean width and height of quadrilaterals."""
    side = np.linalg.norm(np.roll(quads, -1, axis=1) - quads, axis=2)
    return (side[:, 0] + side[:, 2]) / 2, (side[:, 1] + side[:, 3]) / 2


def cut(  # noqa: PLR0913
    plan: Plan,
    cells: Cells,
    target: Floats,
    street: Floats,
    rng: np.random.Generator,
    *,
    snap: int,
    narrowest: Floats,
    rounds: int = 14,
) -> tuple[Cells, Cuts]:
    """Cut cells in two until they are about ``target`` m² large, with ``street`` m half width between.

    No piece becomes narrower than ``narrowest`` m. Cuts lie on multiples of ``snap`` lattice units, so that
    streets of both sides of a street may meet.
    """
    cells = cells.rooted()
    ready, cuts = [], []
    for _ in range(rounds):
        if not len(cells):
            break
        wide, high = sizes(inside(plan, cells))
        goal = target[cells.parent] * rng.uniform(0.75, 1.6, len(cells))
        upright = wide * rng.uniform(0.85, 1.18, len(cells)) >= high
        low, top = np.where(upright, cells.u0, cells.v0), np.where(upright, cells.u1, cells.v1)
        at = low + np.round(rng.uniform(0.37, 0.63, len(cells)) * (top - low) / snap).astype(np.int64) * snap
        long = np.where(upright, wide, high)
        piece = np.minimum(at - low, top - at) / (top - low) * long - street[cells.parent]
        parts = (wide * high > goal) & (piece > narrowest[cells.parent])
        ready.append(cells.take(~parts))
        cells, found = _halves(cells.take(parts), upright[parts], at[parts], street)
        cuts.append(found)
    ready.append(cells)
    done = Cells(
        *(np.concatenate([getattr(part, name) for part in ready]) for name in Cells.__dataclass_fields__)
    )
    return done.take(done.key()), joined(cuts)


def _halves(cells: Cells, upright: Flags, at: Integers, street: Floats) -> tuple[Cells, Cuts]:
    width = street[cells.parent]
    first, second = cells.margin.copy(), cells.margin.copy()
    first[upright, EAST] = second[upright, WEST] = width[upright]
    first[~upright, NORTH] = second[~upright, SOUTH] = width[~upright]
    one = replace(cells, u1=np.where(upright, at, cells.u1), v1=np.where(upright, cells.v1, at), margin=first)
    two = replace(
        cells, u0=np.where(upright, at, cells.u0), v0=np.where(upright, cells.v0, at), margin=second
    )
    both = Cells(*(np.concatenate([getattr(one, f), getattr(two, f)]) for f in Cells.__dataclass_fields__))
    low, high = np.where(upright, cells.v0, cells.u0), np.where(upright, cells.v1, cells.u1)
    return both, Cuts(upright, at, low, high, cells.superblock, width)
