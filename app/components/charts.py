"""Charts with one look in both themes: no decoration, colour-blind safe, a table says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from dash import MATCH, ClientsideFunction, Input, Output, clientside_callback, dcc, html
from numpy.typing import NDArray

from app.components.palette import ACCENT, GRID, INK, MUTED, PRIMARY, colour, rgba
from app.i18n import gettext as _
from app.i18n import language

FONT = "system-ui, 'Noto Sans CJK SC', 'Noto Sans SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
MOST_TEXTS = 80
MOST_UPRIGHT = 24
LOW = 0.25
MOST_POINTS = 1200
Points = NDArray[np.float64]


@dataclass(frozen=True)
class Columns:
    """One measure as columns: name, values (None: unknown), texts at their ends, what hovering says."""

    name: str
    values: Sequence[float | None]
    texts: Sequence[str]
    hovers: Sequence[str]


@dataclass(frozen=True)
class Places:
    """Where columns stand: outer and inner label (year, batch), what a click asks for, which ones stand out.

    Where none is chosen, all stand out.
    """

    groups: Sequence[str]
    labels: Sequence[str]
    keys: Sequence[str]
    chosen: Sequence[bool]


def chart(name: str, figure: dict[str, Any], height: int, label: str) -> Any:
    """Lay out a chart of a fixed height that follows the width of its place.

    The browser puts it in after what stands around it, which need not wait for the drawing library.

    Parameters
    ----------
    label
        What the chart shows, for those who cannot see it; it names the table that says the same.
    """
    config = {
        "displayModeBar": False,
        "responsive": True,
        "scrollZoom": False,
        "doubleClick": False,
        "locale": "zh-CN" if language() == "zh_CN" else "en",
    }
    place = {"height": f"{height}px"}
    graph = dcc.Graph(id=name, figure=figure, config=config, responsive=True, style=place)
    return html.Div(
        [
            dcc.Store(id={"type": "drawing", "name": name}, data=graph.to_plotly_json()),
            html.Div(id={"type": "chart", "name": name}),
        ],
        className="chart",
        style=place,
        role="img",
        **{"aria-label": label},
    )


def layout(**more: Any) -> dict[str, Any]:
    """Return the layout that all charts share."""
    return {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 12, "color": colour(INK)},
        "margin": {"l": 44, "r": 8, "t": 22, "b": 10},
        "showlegend": False,
        "dragmode": False,
        "hovermode": "closest",
        "hoverlabel": {"font": {"family": FONT, "size": 12}, "align": "left"},
        "bargap": 0.28,
    } | more


def axis(title: str = "", **more: Any) -> dict[str, Any]:
    """Return an axis: thin grid, quiet labels with figures in full, no zoom."""
    return {
        "title": {"text": title, "font": {"size": 12, "color": colour(MUTED)}, "standoff": 8},
        "gridcolor": colour(GRID),
        "linecolor": colour(GRID),
        "zerolinecolor": colour(GRID),
        "tickfont": {"size": 11, "color": colour(MUTED)},
        "fixedrange": True,
        "automargin": True,
        "exponentformat": "none",
        "separatethousands": True,
    } | more


def stacked_columns(places: Places, upper: Columns, lower: Columns) -> dict[str, Any]:
    """Draw two measures of the same things one above the other, on one two-level axis."""
    traces = [_columns_of(upper, places, PRIMARY, "y"), _columns_of(lower, places, ACCENT, "y2")]
    shared = layout(
        xaxis=axis(anchor="y2", showgrid=False, dividercolor=colour(GRID), dividerwidth=1, tickangle=0),
        yaxis=axis(domain=[0.56, 1], range=_headroom(upper, 1.22), nticks=4),
        yaxis2=axis(domain=[0, 0.46], range=_headroom(lower, 1.42), nticks=4),
        annotations=[corner(upper.name, 1.0), corner(lower.name, 0.46)],
    )
    return {"data": traces, "layout": shared}


def _columns_of(measure: Columns, places: Places, role: dict[str, str], y: str) -> dict[str, Any]:
    many = len(places.labels) > MOST_TEXTS
    longest = max(map(len, measure.texts), default=0)
    return {
        "type": "bar",
        "name": measure.name,
        "x": [list(places.groups), list(places.labels)],
        "y": list(measure.values),
        "yaxis": y,
        "text": [] if many else list(measure.texts),
        "textposition": "outside",
        "constraintext": "none",
        "textangle": -90 if len(places.labels) > MOST_UPRIGHT and longest > 2 else 0,
        "textfont": {"size": 10, "color": colour(MUTED)},
        "cliponaxis": False,
        "marker": {"color": _shades(places.chosen, role)},
        "customdata": list(places.keys),
        "hovertext": list(measure.hovers),
        "hoverinfo": "text",
    }


def _shades(chosen: Sequence[bool], role: dict[str, str]) -> list[str]:
    pale = colour(GRID)
    return [colour(role) if this or not any(chosen) else pale for this in chosen]


def _headroom(measure: Columns, factor: float) -> list[float]:
    highest = max((value for value in measure.values if value is not None), default=1) or 1
    return [0, highest * factor]


def corner(words: str, y: float = 1.0) -> dict[str, Any]:
    """Return words over the left end of a part of a chart, whose top is at a share of the height."""
    return {
        "text": words, "x": 0, "y": y, "xref": "paper", "yref": "paper", "xanchor": "left",
        "yanchor": "bottom", "yshift": 4, "showarrow": False, "font": {"size": 12, "color": colour(INK)},
    }  # fmt: skip


def lorenz_curve(x: Points, y: Points, top: tuple[float, float], note: str) -> dict[str, Any]:
    """Draw a Lorenz curve against the line of equality, with the largest projects marked.

    Parameters
    ----------
    x, y
        Cumulative shares, from 0 to 1.
    top
        Where the largest ones begin: share of the other projects, share of the others' investment.
    note
        What the mark says.
    """
    kept = _thinned(len(x))
    hovers = [
        _("The smallest {projects} of projects hold {share} of the investment.").format(
            projects=f"{a:.1%}", share=f"{b:.1%}"
        )
        for a, b in zip(x[kept], y[kept], strict=True)
    ]
    curve = _line(x[kept], y[kept], PRIMARY) | {"hovertext": hovers, "hoverinfo": "text", "fill": "tonexty"}
    equality = _line(np.array([0.0, 1.0]), np.array([0.0, 1.0]), MUTED)
    equality["line"] |= {"dash": "dot", "width": 1}
    curve["fillcolor"] = _tint(PRIMARY)
    shared = layout(
        xaxis=_percent(_("Share of projects, the smallest first")),
        yaxis=_percent(_("Share of investment")),
        annotations=[_note(top[0], top[1], note, -84, 10 if top[1] > LOW else -26)],
    )
    return {"data": [equality, curve, _mark(*top)], "layout": shared}


def pareto_curve(
    ranks: Points, cumulative: Points, hovers: Sequence[str], top: int, note: str
) -> dict[str, Any]:
    """Draw the running share of the investment from the largest project down; the first ``top`` marked."""
    kept = _thinned(len(ranks))
    curve = _line(ranks[kept], cumulative[kept], PRIMARY) | {
        "hovertext": [hovers[index] for index in kept],
        "hoverinfo": "text",
    }
    first = _line(np.r_[0.0, ranks[:top]], np.r_[0.0, cumulative[:top]], ACCENT) | {
        "fill": "tozeroy",
        "fillcolor": _tint(ACCENT),
    }
    shared = layout(
        xaxis=axis(_("Projects, the largest first"), rangemode="tozero"),
        yaxis=_percent(_("Running share of investment")),
        annotations=[_note(float(top), float(cumulative[top - 1]), note, 70, 22)] if top else [],
    )
    marked = [_mark(float(top), float(cumulative[top - 1]))] if top else []
    return {"data": [first, curve, *marked], "layout": shared}


def _percent(title: str) -> dict[str, Any]:
    return axis(title, tickformat=".0%", range=[0, 1.02], dtick=0.2)


def _line(x: Points, y: Points, role: dict[str, str]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x.round(5).tolist(),
        "y": y.round(5).tolist(),
        "line": {"color": colour(role), "width": 2},
        "hoverinfo": "skip",
    }


def _tint(role: dict[str, str]) -> str:
    red, green, blue, _opaque = rgba(colour(role))
    return f"rgba({red},{green},{blue},0.14)"


def _mark(x: float, y: float) -> dict[str, Any]:
    marker = {"size": 9, "color": colour(ACCENT)}
    return {"type": "scatter", "mode": "markers", "x": [x], "y": [y], "marker": marker, "hoverinfo": "skip"}


def _note(x: float, y: float, words: str, right: int, down: int) -> dict[str, Any]:
    return {
        "x": x, "y": y, "text": words, "ax": right, "ay": down, "showarrow": True, "arrowhead": 0,
        "arrowwidth": 1, "arrowcolor": colour(MUTED), "standoff": 6,
        "font": {"size": 12, "color": colour(INK)},
    }  # fmt: skip


def _thinned(count: int) -> list[int]:
    if count <= MOST_POINTS:
        return list(range(count))
    return [int(index) for index in np.unique(np.linspace(0, count - 1, MOST_POINTS).round())]


clientside_callback(
    ClientsideFunction("pipeline", "draw"),
    Output({"type": "chart", "name": MATCH}, "children"),
    Input({"type": "drawing", "name": MATCH}, "data"),
)
