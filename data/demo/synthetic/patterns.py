"""How building types are laid out on a parcel: sizes, gaps, floors, years and what they are used for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Span = tuple[float, float]


@dataclass(frozen=True)
class Pattern:
    """A way to build a parcel; metres and years.

    ``shade`` is the part of a building's height that must lie between it and the next to the north 日照间距,
    ``kept`` the share of places that are built, ``shapes`` the weights of footprint forms.
    """

    length: Span
    depth: Span
    gap: Span
    rows: Span
    shade: float
    setback: float
    floors: Span
    storey: float
    kept: float
    years: Span
    use: Mapping[str, float]
    structure: Mapping[str, float]
    shapes: Mapping[str, float] = field(default_factory=lambda: {"bar": 1})
    home: float = 0.0


BRICK = {"brick_concrete": 82, "frame": 16, "other": 2}
FRAME = {"frame": 80, "shear_wall": 14, "brick_concrete": 6}
TALL = {"shear_wall": 86, "frame": 14}
SHED = {"steel": 58, "frame": 30, "brick_concrete": 10, "other": 2}
PATTERNS = {
    "courtyard": Pattern(
        (9, 17), (8, 15), (0.6, 1.8), (0.6, 2.0), 0, 0.6, (1, 2.6), 3.2, 0.95, (1905, 1992),
        {"residential": 78, "mixed": 12, "commercial": 7, "culture": 1, "public": 2},
        {"brick_wood": 55, "brick_concrete": 43, "other": 2},
        {"ring": 28, "corner": 22, "cup": 22, "bar": 28}, 62,
    ),
    "infill": Pattern(
        (24, 46), (10, 13), (5, 9), (3, 6), 0.7, 3, (3, 6.9), 3.0, 0.92, (1968, 1998),
        {"residential": 88, "mixed": 12}, BRICK, {"bar": 4, "corner": 1}, 62,
    ),
    "slab": Pattern(
        (36, 62), (11, 13.5), (6, 11), (1, 5), 0.86, 4, (5, 7.4), 2.9, 0.93, (1978, 2004),
        {"residential": 93, "mixed": 7}, BRICK, {"bar": 12, "corner": 1}, 78,
    ),
    "mid_rise": Pattern(
        (34, 54), (13, 15.5), (12, 18), (6, 10), 0.85, 7, (9, 18.9), 2.95, 0.92, (1999, 2016),
        {"residential": 95, "mixed": 5}, TALL, {"bar": 8, "notched": 3}, 98,
    ),
    "tower": Pattern(
        (25, 36), (16, 21), (17, 26), (12, 20), 0.52, 10, (17, 33.9), 2.95, 0.88, (2004, 2025),
        {"residential": 96, "mixed": 4}, TALL, {"cross": 4, "notched": 4, "bar": 2}, 108,
    ),
    "house": Pattern(
        (9, 13), (9, 13), (1.2, 2.4), (1.2, 2.6), 0, 0.8, (3, 6.8), 3.1, 0.95, (1984, 2014),
        {"residential": 82, "mixed": 16, "commercial": 2}, BRICK, {"bar": 9, "corner": 1}, 46,
    ),
    "farmhouse": Pattern(
        (10, 16), (8, 12), (3, 8), (5, 12), 0, 2, (1, 3.4), 3.2, 0.8, (1974, 2020),
        {"residential": 96, "storage": 3, "other": 1}, {"brick_concrete": 84, "brick_wood": 12, "other": 4},
        {"bar": 5, "corner": 3, "cup": 2}, 95,
    ),
    "shops": Pattern(
        (34, 76), (24, 48), (8, 14), (9, 15), 0, 4, (2, 6.9), 4.4, 0.92, (1986, 2023),
        {"commercial": 90, "mixed": 10}, FRAME, {"bar": 5, "corner": 3, "cup": 2},
    ),
    "shophouse": Pattern(
        (16, 30), (11, 17), (2, 5), (3, 6), 0, 1.5, (2, 4.6), 3.6, 0.95, (1955, 2016),
        {"commercial": 76, "mixed": 24}, BRICK, {"bar": 6, "corner": 2, "cup": 1}, 90,
    ),
    "office": Pattern(
        (30, 48), (26, 40), (18, 30), (18, 30), 0.12, 7, (8, 38.9), 3.9, 0.9, (1994, 2025),
        {"office": 78, "commercial": 12, "mixed": 10}, TALL, {"bar": 6, "notched": 2, "cross": 1},
    ),
    "hall": Pattern(
        (46, 96), (24, 50), (9, 16), (10, 18), 0, 7, (1, 2.5), 7.5, 0.86, (1966, 2022),
        {"industrial": 88, "storage": 8, "office": 4}, SHED, {"bar": 9, "corner": 1},
    ),
    "warehouse": Pattern(
        (60, 130), (34, 62), (16, 26), (18, 28), 0, 9, (1, 1.9), 9.0, 0.9, (1990, 2025),
        {"storage": 92, "office": 8}, {"steel": 85, "frame": 15},
    ),
    "school": Pattern(
        (44, 70), (12, 17), (14, 20), (20, 28), 0, 8, (3, 5.9), 3.8, 0.75, (1980, 2024),
        {"education": 100}, FRAME, {"bar": 5, "corner": 3, "cup": 2},
    ),
    "campus": Pattern(
        (42, 84), (17, 32), (22, 36), (24, 38), 0, 12, (3, 12.9), 3.8, 0.66, (1956, 2023),
        {"education": 90, "culture": 6, "office": 4}, FRAME, {"bar": 5, "corner": 3, "cup": 3, "notched": 2},
    ),
    "hospital": Pattern(
        (42, 72), (18, 28), (14, 22), (16, 26), 0.1, 8, (4, 15.9), 3.9, 0.85, (1982, 2024),
        {"health": 100}, FRAME, {"bar": 3, "corner": 3, "notched": 3},
    ),
    "public": Pattern(
        (30, 54), (14, 22), (10, 18), (12, 20), 0.2, 5, (2, 7.9), 3.7, 0.78, (1958, 2022),
        {"public": 72, "office": 18, "culture": 10}, FRAME, {"bar": 5, "corner": 3, "cup": 2},
    ),
    "culture": Pattern(
        (34, 64), (26, 46), (18, 30), (18, 30), 0, 8, (1, 4.9), 5.5, 0.7, (1955, 2023),
        {"culture": 100}, FRAME, {"bar": 4, "notched": 2, "ring": 1},
    ),
    "works": Pattern(
        (16, 32), (12, 20), (12, 24), (12, 24), 0, 6, (1, 2.9), 4.5, 0.55, (1978, 2022),
        {"other": 80, "storage": 20}, FRAME,
    ),
    "pavilion": Pattern(
        (8, 20), (6, 13), (60, 110), (60, 110), 0, 14, (1, 2.2), 4.0, 0.6, (1962, 2022),
        {"culture": 55, "public": 25, "commercial": 20}, {"frame": 60, "brick_wood": 40},
    ),
}  # fmt: skip
PATTERN_OF_USE = {
    "0702": "public", "0801": "public", "0802": "campus", "0803": "culture", "0804": "school",
    "0805": "culture", "0806": "hospital", "0807": "public", "0901": "shops", "0902": "office",
    "0903": "shops", "1001": "hall", "1101": "warehouse", "1208": "works", "1300": "works",
    "1401": "pavilion", "1500": "public",
}  # fmt: skip
# Housing by character: the weights of its patterns.
HOUSING = {
    "old": {"courtyard": 82, "infill": 18},
    "slab": {"slab": 84, "mid_rise": 12, "tower": 4},
    "tower": {"tower": 52, "mid_rise": 40, "slab": 8},
    "business": {"tower": 70, "mid_rise": 20, "slab": 10},
    "new_town": {"tower": 70, "mid_rise": 30},
    "campus": {"slab": 60, "mid_rise": 40},
    "urban_village": {"house": 100},
    "hamlet": {"farmhouse": 100},
}
# Footprint forms in a unit square around 0; the courtyard's ring has a second line, its hole.
FORMS: dict[str, tuple[tuple[float, float], ...]] = {
    "bar": ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)),
    "corner": ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.0), (-0.1, 0.0), (-0.1, 0.5), (-0.5, 0.5)),
    "cup": (
        (-0.5, -0.5), (-0.18, -0.5), (-0.18, 0.12), (0.18, 0.12), (0.18, -0.5), (0.5, -0.5),
        (0.5, 0.5), (-0.5, 0.5),
    ),
    "notched": (
        (-0.5, -0.5), (-0.12, -0.5), (-0.12, -0.36), (0.12, -0.36), (0.12, -0.5), (0.5, -0.5),
        (0.5, 0.5), (0.12, 0.5), (0.12, 0.36), (-0.12, 0.36), (-0.12, 0.5), (-0.5, 0.5),
    ),
    "cross": (
        (-0.22, -0.5), (0.22, -0.5), (0.22, -0.2), (0.5, -0.2), (0.5, 0.26), (0.22, 0.26),
        (0.22, 0.5), (-0.22, 0.5), (-0.22, 0.26), (-0.5, 0.26), (-0.5, -0.2), (-0.22, -0.2),
    ),
    "ring": ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)),
}  # fmt: skip
YARD = ((-0.2, -0.2), (-0.2, 0.2), (0.2, 0.2), (0.2, -0.2))
