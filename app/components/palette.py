"""Colours of maps and charts in both themes; sequences are single-hue and safe for colour-blind readers."""

from __future__ import annotations

from app.reader import theme
from data.codes import STAGES

SEQUENCES = {
    "light": ("#dfe9f2", "#b5cde2", "#83aacd", "#4c80ae", "#1f5490"),
    "dark": ("#24384d", "#2f5578", "#3f7dbd", "#72a8dc", "#b8d6f2"),
}
NO_DATA = {"light": "#f1f1ee", "dark": "#2a2d31"}
INK = {"light": "#1c2127", "dark": "#e4e7ea"}
MUTED = {"light": "#69727d", "dark": "#98a2ad"}
LINE = {"light": "#ffffff", "dark": "#14171a"}
GRID = {"light": "#e4e5e2", "dark": "#2f3338"}
GROUND = {"light": "#f7f7f5", "dark": "#191c20"}
ACCENT = {"light": "#c2570c", "dark": "#f59a4a"}
PRIMARY = {"light": "#2a66a6", "dark": "#669bd2"}

# viridis: the further a stage, the further from the ground; told apart by lightness alone.
LADDER = ("#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725")


def stage_colours() -> dict[str, str]:
    """Return the colour of each stage in the reader's theme."""
    return dict(zip(STAGES, LADDER if theme() == "dark" else reversed(LADDER), strict=True))


def sequence(classes: int) -> list[str]:
    """Return this many colours from pale to strong, spread over the sequence."""
    colours = SEQUENCES[theme()]
    if classes <= 1:
        return [colours[2]]
    step = (len(colours) - 1) / (classes - 1)
    return [colours[round(index * step)] for index in range(classes)]


def colour(role: dict[str, str]) -> str:
    """Return a role's colour in the reader's theme."""
    return role[theme()]


def rgba(hexadecimal: str, alpha: int = 255) -> list[int]:
    """Return a colour as the list of four bytes that map layers take."""
    return [int(hexadecimal[i : i + 2], 16) for i in (1, 3, 5)] + [alpha]


def readable_on(fill: list[int]) -> list[int]:
    """Return the ink, dark or light, that reads best on a fill; a see-through fill counts as the ground."""
    if fill[3] < 128:
        return rgba(colour(INK))
    red, green, blue = (_linear(part) for part in fill[:3])
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return rgba(INK["light"] if luminance > 0.2 else INK["dark"])


def _linear(part: int) -> float:
    share = part / 255
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)
