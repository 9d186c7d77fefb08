"""Buildings: rows of footprints on each parcel, and what is known of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from data.demo.synthetic.chance import Floats, Integers, Texts, pick_each, runs, stream, uniform_each
from data.demo.synthetic.land import Land
from data.demo.synthetic.patterns import FORMS, HOUSING, PATTERN_OF_USE, PATTERNS, YARD

PERSONS = 2.55
OCCUPIED = 0.88
NAMES = sorted(PATTERNS)
HAZARDS = (
    (25, {"A": 97, "B": 3}),
    (40, {"A": 78, "B": 21, "C": 1}),
    (60, {"A": 46, "B": 43, "C": 9, "D": 2}),
    (999, {"A": 20, "B": 46, "C": 25, "D": 9}),
)
TODAY = 2026
# Tall buildings raised on an open storey 架空层, by this chance, and since when.
TALL, RAISED, OPEN_FROM = 9, 0.45, 2000


@dataclass(frozen=True)
class _Frame:
    """Each parcel in axes along its streets: ``corner`` (n, 4, 2) from the south-west, and its ground.

    ``south`` and ``north`` bound what is between its lower and its upper side at every place.
    """

    corner: Floats
    east: Floats
    across: Floats
    south: Floats
    north: Floats

    def sides(self, owner: Integers, low: Floats, high: Floats) -> tuple[Floats, Floats]:
        """Return how far west and east a row from ``low`` to ``high`` may reach within its parcel."""
        corner = self.corner[owner]
        west = [_at(corner[:, 0], corner[:, 3], y) for y in (low, high)]
        east = [_at(corner[:, 1], corner[:, 2], y) for y in (low, high)]
        return np.maximum(*west), np.minimum(*east)


def _at(start: Floats, end: Floats, y: Floats) -> Floats:
    """Return x on the lines from start to end where they are at y."""
    return np.asarray(start[:, 0] + (end[:, 0] - start[:, 0]) * (y - start[:, 1]) / (end[:, 1] - start[:, 1]))


def draw(seed: int, land: Land, pattern: Integers) -> pd.DataFrame:
    """Build every parcel: a frame with the footprint ``shape`` in metres and the row of its ``parcel``."""
    built = np.flatnonzero(pattern >= 0)
    frame = _frames(land.parcel_shape[built])
    layout = _layout(stream(seed, "layout"), frame, pattern[built])
    return _describe(stream(seed, "buildings"), land, built, pattern[built], frame, layout)


def setbacks(pattern: Integers) -> Floats:
    """Return how far the buildings of each parcel stay from its border, m; NaN where nothing is built."""
    return np.where(pattern >= 0, _of(pattern, "setback"), np.nan)


def exempt(seed: int, found: pd.DataFrame) -> Floats:
    """Return the floor area 不计容建筑面积 (m²) exempt from the ratio: one open storey at most."""
    rng = stream(seed, "exempt floor area")
    storey = (found["floor_area"] / found["floors"]).to_numpy()
    tall = ((found["floors"] >= TALL) & (found["year_built"] >= OPEN_FROM)).to_numpy()
    raised = tall & (rng.random(len(found)) < RAISED)
    return np.asarray(np.round(storey * rng.uniform(0.4, 0.9, len(found)) * raised, 1))


def patterns(seed: int, land: Land) -> Integers:
    """Choose how each parcel is built; -1 where it is not."""
    rng = np.random.default_rng(stream(seed, "patterns").integers(2**32))
    character = land.plot_character[land.parcel_plot]
    use = land.parcel_use
    names = np.array([PATTERN_OF_USE.get(one, "") for one in use], dtype=object)
    names[(use == "0901") & np.isin(character, ["old", "urban_village"])] = "shophouse"
    names[(use == "0804") & (character == "campus")] = "campus"
    for kind, weights in HOUSING.items():
        homes = np.flatnonzero((character == kind) & ((use == "0701") | (kind == "hamlet")))
        names[homes] = pick_each(rng, [weights], np.zeros(homes.size, dtype=np.int64))
    names[(use == "0701") & (names == "")] = "slab"
    found = np.searchsorted(np.array(NAMES), names.astype(str))
    return np.where(names == "", -1, found)


def _frames(quads: Floats) -> _Frame:
    along = (quads[:, 1] - quads[:, 0]) + (quads[:, 2] - quads[:, 3])
    east = along / np.linalg.norm(along, axis=1, keepdims=True)
    across = np.stack([-east[:, 1], east[:, 0]], axis=1)
    corner = np.stack([np.einsum("nkd,nd->nk", quads, axis) for axis in (east, across)], axis=-1)
    south, north = corner[:, [0, 1], 1].max(axis=1), corner[:, [2, 3], 1].min(axis=1)
    return _Frame(corner, east, across, south, north)


def _of(pattern: Integers, name: str, side: int | None = None) -> Floats:
    values = [getattr(PATTERNS[one], name) for one in NAMES]
    return np.array([value if side is None else value[side] for value in values], dtype=float)[pattern]


def _draw(rng: np.random.Generator, pattern: Integers, name: str) -> Floats:
    return uniform_each(rng, _of(pattern, name, 0), _of(pattern, name, 1))


@dataclass(frozen=True)
class _Layout:
    """Where buildings stand: row of the parcel, centre in its axes, sides, and the floors of each parcel."""

    owner: Integers
    x: Floats
    y: Floats
    length: Floats
    depth: Floats
    floors: Integers


def _layout(rng: np.random.Generator, frame: _Frame, pattern: Integers) -> _Layout:
    """Set out rows of buildings on each parcel, with the gap that daylight asks for; leave some out.

    A row follows the sides of its parcel, so that rows of a slanting parcel are staggered.
    """
    floors = np.floor(_draw(rng, pattern, "floors"))
    setback = _of(pattern, "setback")
    high = frame.north - frame.south - 2 * setback
    depth = np.minimum(_draw(rng, pattern, "depth"), high)
    between = _draw(rng, pattern, "rows") + _of(pattern, "shade") * floors * _of(pattern, "storey")
    fits = depth > 0.6 * _of(pattern, "depth", 0)
    rows = np.where(fits, np.floor((high + between) / (depth + between)), 0).astype(np.int64)
    owner, row = runs(rows)
    pitch = (high / np.maximum(rows, 1))[owner]
    own_depth = depth[owner] * rng.uniform(0.9, 1.0, owner.size)
    sway = rng.uniform(-0.2, 0.2, owner.size) * (pitch - own_depth)
    middle = (frame.south + setback)[owner] + (row + 0.5) * pitch + sway
    return _along(rng, frame, pattern, _Rows(owner, middle, own_depth), floors.astype(np.int64))


@dataclass(frozen=True)
class _Rows:
    """Rows of buildings: the parcel's place, where the row's middle is, and how deep it is."""

    owner: Integers
    middle: Floats
    depth: Floats


def _along(
    rng: np.random.Generator, frame: _Frame, pattern: Integers, rows: _Rows, floors: Integers
) -> _Layout:
    """Fill each row from side to side with buildings of about one length."""
    kind = pattern[rows.owner]
    half = rows.depth / 2
    west, east = frame.sides(rows.owner, rows.middle - half, rows.middle + half)
    west, east = west + _of(kind, "setback"), east - _of(kind, "setback")
    gap = _draw(rng, pattern, "gap")[rows.owner]
    typical = _draw(rng, pattern, "length")[rows.owner]
    wide = east - west
    count = np.maximum(np.round((wide + gap) / (typical + gap)), 1)
    length = np.minimum((wide + gap) / count - gap, 1.25 * _of(kind, "length", 1))
    count = np.where(length > 0.7 * _of(kind, "length", 0), count, 0).astype(np.int64)
    line, place = runs(count)
    alone = (np.bincount(rows.owner, count, minlength=pattern.size) == 1)[rows.owner]
    kept = alone[line] | (rng.random(line.size) < _of(kind, "kept")[line])
    line, place = line[kept], place[kept]
    pitch = wide[line] / count[line]
    own = length[line] * rng.uniform(0.86, 1.0, line.size)
    x = west[line] + (place + 0.5) * pitch + rng.uniform(-0.2, 0.2, line.size) * (pitch - own)
    return _Layout(rows.owner[line], x, rows.middle[line], own, rows.depth[line], floors)


def _shapes(frame: _Frame, layout: _Layout, form: Texts, turn: Floats) -> Texts:
    """Draw the footprints; ``turn`` is 1 or -1 for forms that look the other way."""
    found = np.empty(layout.owner.size, dtype=object)
    for name, unit in FORMS.items():
        rows = np.flatnonzero(form == name)
        outer = shapely.linearrings(_ring(frame, layout, rows, np.array(unit), turn))
        if name == "ring":
            inner = np.asarray(shapely.linearrings(_ring(frame, layout, rows, np.array(YARD), turn)))
            found[rows] = shapely.polygons(outer, holes=inner[:, None])
        else:
            found[rows] = shapely.polygons(outer)
    return found


def _ring(frame: _Frame, layout: _Layout, rows: Integers, unit: Floats, turn: Floats) -> Floats:
    owner = layout.owner[rows]
    a = layout.x[rows, None] + layout.length[rows, None] * unit[None, :, 0]
    b = layout.y[rows, None] + (layout.depth * turn)[rows, None] * unit[None, :, 1]
    return np.asarray(a[..., None] * frame.east[owner, None] + b[..., None] * frame.across[owner, None])


def _describe(  # noqa: PLR0913, PLR0917
    rng: np.random.Generator, land: Land, built: Integers, pattern: Integers, frame: _Frame, layout: _Layout
) -> pd.DataFrame:
    kind = pattern[layout.owner]
    form = pick_each(rng, [PATTERNS[name].shapes for name in NAMES], kind)
    shape = _shapes(frame, layout, form, rng.choice([-1.0, 1.0], kind.size))
    parcel = built[layout.owner]
    floors = np.maximum(1, layout.floors[layout.owner] + rng.choice([-1, 0, 0, 0, 0, 1], kind.size))
    years = np.floor(_draw(rng, pattern, "years"))[layout.owner] + rng.integers(0, 3, kind.size)
    found = pd.DataFrame({"shape": shape, "parcel": parcel})
    found["floors"] = floors
    found["height"] = np.round(floors * _of(kind, "storey") + rng.uniform(0.2, 1.6, kind.size), 1)
    found["floor_area"] = np.round(shapely.area(shape) * floors, 1)
    found["year_built"] = np.minimum(years, TODAY - 1).astype(np.int64)
    found["use"] = pick_each(rng, [PATTERNS[name].use for name in NAMES], kind)
    found["structure"] = pick_each(rng, [PATTERNS[name].structure for name in NAMES], kind)
    found["hazard_grade"] = _hazard(rng, found["year_built"].to_numpy())
    character = land.plot_character[land.parcel_plot[parcel]]
    found["heritage"] = _heritage(rng, found, character)
    _settle(rng, found, _of(kind, "home"))
    serial = runs(np.bincount(parcel, minlength=land.parcel_plot.size))[1]
    found["serial"] = serial
    return found


def _hazard(rng: np.random.Generator, years: Integers) -> Texts:
    """Grade buildings by age; some were never examined."""
    age = np.searchsorted([limit for limit, _ in HAZARDS], TODAY - years, side="right")
    found = pick_each(rng, [weights for _, weights in HAZARDS], np.minimum(age, len(HAZARDS) - 1))
    found[rng.random(years.size) < 0.05] = None
    return found


def _heritage(rng: np.random.Generator, found: pd.DataFrame, character: Texts) -> Texts:
    listed = pick_each(
        rng,
        [{"none": 1}, {"none": 70, "traditional": 24, "historic": 5, "monument": 1}],
        ((character == "old") & (found["year_built"] < 1966).to_numpy()).astype(np.int64),
    )
    listed[listed == "none"] = None
    return listed


def _settle(rng: np.random.Generator, found: pd.DataFrame, home: Floats) -> None:
    """House people: a home for each ``home`` m² of housing, not all of them lived in."""
    part = found["use"].map({"residential": 1.0, "mixed": 0.7}).fillna(0.0).to_numpy()
    homes = np.floor(found["floor_area"].to_numpy() * part / np.maximum(home, 1.0)) * (home > 0)
    homes = np.where((part > 0) & (home > 0), np.maximum(homes, 1), homes)
    households = rng.binomial(homes.astype(np.int64), OCCUPIED)
    found["households"] = households
    found["population"] = np.round(households * rng.normal(PERSONS, 0.18, households.size).clip(1.8, 3.4))
