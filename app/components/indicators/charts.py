"""The distribution of an indicator over the units, and two indicators against each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from app.components.charts import axis, chart, corner, layout
from app.components.indicators.words import (
    bounds_words,
    divisor_of,
    figure_writer,
    limits_of,
    picture_name,
    unit_of,
)
from app.components.legend import alike
from app.components.palette import ACCENT, GRID, INK, MUTED, PRIMARY, colour
from app.i18n import gettext as _
from app.services.indicators.page import Page, Picture, compared, same_unit
from app.terms import localised, term
from data.indicator_codes import SCOPES
from data.thresholds.store import Stored

MOST_BINS = 24
FEWEST_BINS = 6
MOST_POINTS = 4_000
HEIGHT = 190
ROOM = 10
"""Room on both sides of the bar of values that are all equal, in its widths."""


def distribution(picture: Picture, reference: Stored | None = None) -> Any:
    """Draw how many units have which value, with the threshold that judges them, or one for reference."""
    divisor, unit = divisor_of(picture.indicator), unit_of(picture.indicator)
    values = picture.known / divisor
    if values.empty:
        return None
    drawn = picture.threshold or reference
    limits = [limit / divisor for limit in (limits_of(drawn) if drawn else [])]
    counts, edges = _bins(values, limits)
    low, high = min([edges[0], *limits]), max([edges[-1], *limits])
    margin = (edges[-1] - edges[0]) * ROOM if alike(values) else (high - low) * 0.04
    shared = layout(
        xaxis=axis(unit, range=[low - margin, high + margin], showgrid=False, **_ticks(picture, values)),
        yaxis=axis(_("Units"), nticks=4, rangemode="tozero", tickformat="d"),
        margin={"l": 40, "r": 12, "t": 24, "b": 8},
        bargap=0,
        **_threshold_marks(_marked(picture.threshold, reference), limits, (low + high) / 2),
    )
    bars = _bars(counts, edges, _hovers(picture, counts, edges * divisor))
    label = _("Distribution of {indicator}; the table says the same").format(indicator=picture_name(picture))
    return chart("distribution", {"data": [bars], "layout": shared}, HEIGHT, label)


def _bins(values: pd.Series[float], limits: list[float]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Count the values in bins of one width; values that are all equal are one narrow bin."""
    if alike(values):
        only = float(values.iloc[0])
        half = max([abs(only - limit) for limit in limits] + ([] if limits else [abs(only)])) / 40 or 0.5
        return np.array([len(values)]), np.array([only - half, only + half])
    bins = int(np.clip(np.ceil(np.sqrt(len(values)) * 1.5), FEWEST_BINS, MOST_BINS))
    return np.histogram(values, bins=bins)


def _ticks(picture: Picture, values: pd.Series[float]) -> dict[str, Any]:
    """Mark round values; of values that are all equal that one."""
    if not alike(values):
        return {"nticks": 8}
    said = _("{value}, all equal").format(value=figure_writer(picture)(picture.known.iloc[0]))
    return {"tickvals": [float(values.iloc[0])], "ticktext": [said]}


def _hovers(picture: Picture, counts: NDArray[np.int64], edges: NDArray[np.float64]) -> list[str]:
    written, unit = figure_writer(picture), unit_of(picture.indicator)
    if alike(picture.known):
        value = written(picture.known.iloc[0])
        return [_("{value} {unit}: {count} units").format(value=value, unit=unit, count=counts[0])]
    return [
        _("{low} – {high} {unit}: {count} units").format(
            low=written(low), high=written(high), unit=unit, count=count
        )
        for low, high, count in zip(edges[:-1], edges[1:], counts.tolist(), strict=True)
    ]


def _bars(counts: NDArray[np.int64], edges: NDArray[np.float64], hovers: list[str]) -> dict[str, Any]:
    return {
        "type": "bar",
        "x": ((edges[:-1] + edges[1:]) / 2).tolist(),
        "y": counts.tolist(),
        "width": np.diff(edges).tolist(),
        "marker": {"color": colour(PRIMARY), "line": {"color": colour(GRID), "width": 1}},
        "hovertext": hovers,
        "hoverinfo": "text",
    }


def _marked(judging: Stored | None, reference: Stored | None) -> str:
    if judging is not None:
        return _("threshold {bounds}").format(bounds=bounds_words(judging.threshold))
    if reference is None:
        return ""
    asked = reference.threshold
    return _("for reference {bounds} ({ground})").format(
        bounds=bounds_words(asked), ground=term(SCOPES, asked.scope)
    )


def _threshold_marks(text: str, limits: list[float], middle: float) -> dict[str, Any]:
    if not text:
        return {}
    lines = [
        {"type": "line", "x0": at, "x1": at, "yref": "paper", "y0": 0, "y1": 1,
         "line": {"color": colour(ACCENT), "width": 2, "dash": "dash"}}
        for at in limits
    ]  # fmt: skip
    note = {
        "x": limits[0], "y": 1, "yref": "paper", "yanchor": "bottom", "showarrow": False,
        "xanchor": "left" if limits[0] < middle else "right",
        "text": text,
        "font": {"size": 12, "color": colour(INK)},
    }  # fmt: skip
    return {"shapes": lines, "annotations": [note]}


def scatter(page: Page) -> Any:
    """Draw two indicators of the same units against each other; of one unit, with the line of equality."""
    if page.first is None or page.second is None:
        return None
    rows = compared(page).dropna(subset=["value", "other"])
    if len(rows) > MOST_POINTS:
        rows = rows.iloc[np.linspace(0, len(rows) - 1, MOST_POINTS).round().astype(int)]
    across, up = (figure_writer(one) for one in (page.first, page.second))
    first, second = (divisor_of(one.indicator) for one in (page.first, page.second))
    named = rows[localised("unit_name")].fillna(rows["unit_code"])
    points = {
        "type": "scattergl" if len(rows) > 1000 else "scatter",
        "mode": "markers",
        "x": (rows["value"] / first).tolist(),
        "y": (rows["other"] / second).tolist(),
        "marker": {"color": colour(PRIMARY), "size": 8 if len(rows) <= 100 else 5, "opacity": 0.75},
        "hovertext": [
            f"<b>{name}</b><br>A {across(x)}<br>B {up(y)}"
            for name, x, y in zip(named, rows["value"], rows["other"], strict=True)
        ],
        "hoverinfo": "text",
    }
    shared = layout(
        xaxis=axis(_titled("A", page.first), nticks=7),
        yaxis=axis(nticks=6),
        margin={"l": 52, "r": 12, "t": 26, "b": 8},
        annotations=[corner(_titled("B", page.second))],
        shapes=_equality(rows[["value", "other"]] / first) if same_unit(page) and len(rows) else [],
    )
    label = _("{first} against {second}; the table says the same").format(
        first=picture_name(page.first), second=picture_name(page.second)
    )
    return chart("scatter", {"data": [points], "layout": shared}, 300, label)


def _titled(letter: str, picture: Picture) -> str:
    unit = unit_of(picture.indicator)
    return f"{letter} · {picture_name(picture)}" + (f" ({unit})" if unit else "")


def _equality(rows: pd.DataFrame) -> list[dict[str, Any]]:
    low, high = float(rows.to_numpy().min()), float(rows.to_numpy().max())
    line = {"color": colour(MUTED), "width": 1, "dash": "dot"}
    return [{"type": "line", "x0": low, "y0": low, "x1": high, "y1": high, "line": line}]
