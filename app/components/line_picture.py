"""Lines over months as a small picture: no drawing library, sharp on paper, in the reader's theme."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from dash import html

from app.components.palette import GRID, MUTED, colour

LEFT, TOP, RIGHT, BOTTOM = 34, 8, 8, 18
FONT = "font-family='system-ui, sans-serif' font-size='10'"


@dataclass(frozen=True)
class Line:
    """A line: its name, a share (0 to 1) for each day or None where it has none, and its look."""

    name: str
    values: Sequence[float | None]
    colour: str
    dashed: bool = False


def line_picture(days: Sequence[dt.date], lines: Sequence[Line], label: str, *, wide: bool = False) -> Any:
    """Draw shares over days, from 0 to 100 %; a gap where a value is missing joins its neighbours."""
    width, height = (640, 190) if wide else (316, 110)
    first = days[0].toordinal()
    span = max(days[-1].toordinal() - first, 1)
    across, down = width - LEFT - RIGHT, height - TOP - BOTTOM
    x = [LEFT + across * (day.toordinal() - first) / span for day in days]
    drawn = [_rulers(width, height, down), _days(days, x, height)]
    drawn += [_drawn(line, x, down) for line in lines]
    picture = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' "
        f"width='{width}' height='{height}'>{''.join(drawn)}</svg>"
    )
    return html.Img(src=f"data:image/svg+xml,{quote(picture)}", alt=label, className="line-picture")


def _rulers(width: int, height: int, down: float) -> str:
    parts = []
    for share in (0, 0.5, 1):
        y = height - BOTTOM - down * share
        parts.append(
            f"<line x1='{LEFT}' x2='{width - RIGHT}' y1='{y:.1f}' y2='{y:.1f}' stroke='{colour(GRID)}'/>"
            f"<text x='{LEFT - 5}' y='{y + 3.5:.1f}' text-anchor='end' fill='{colour(MUTED)}' {FONT}>"
            f"{share:.0%}</text>"
        )
    return "".join(parts)


def _days(days: Sequence[dt.date], x: Sequence[float], height: int) -> str:
    ends = [(days[0], x[0], "start")] + ([(days[-1], x[-1], "end")] if len(days) > 1 else [])
    return "".join(
        f"<text x='{at:.1f}' y='{height - 4}' text-anchor='{anchor}' fill='{colour(MUTED)}' {FONT}>"
        f"{day:%Y-%m}</text>"
        for day, at, anchor in ends
    )


def _drawn(line: Line, x: Sequence[float], down: float) -> str:
    known = [
        (at, TOP + down * (1 - value)) for at, value in zip(x, line.values, strict=True) if value is not None
    ]
    if not known:
        return ""
    points = " ".join(f"{at:.1f},{y:.1f}" for at, y in known)
    dashes = " stroke-dasharray='4 3'" if line.dashed else ""
    at, y = known[-1]
    return (
        f"<polyline points='{points}' fill='none' stroke='{line.colour}' stroke-width='2'{dashes}/>"
        f"<circle cx='{at:.1f}' cy='{y:.1f}' r='3' fill='{line.colour}'/>"
    )
