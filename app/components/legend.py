"""Legends that say their classes, their counts and how the classes were found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from dash import html

from app.i18n import gettext as _
from data.errors import N_
from gis.classify import Classes

SCHEMES = {
    "fisher_jenks": N_("natural breaks"),
    "quantiles": N_("quantiles"),
    "equal_interval": N_("equal intervals"),
}


def class_legend(
    title: str,
    classes: Classes,
    values: pd.Series[float],
    colours: list[str],
    write: Callable[[float], str],
) -> Any:
    """Lay out a choropleth's legend.

    Parameters
    ----------
    title
        The figure and its unit.
    classes, values, colours
        The classes, what was classed (on the same index), and one colour each, lowest first.
    write
        Turns an edge into text.
    """
    rows = [
        _row(colour, _interval(low, high, write), int(number))
        for colour, (low, high), number in zip(colours, ranges(classes, values), classes.counts, strict=True)
    ]
    how = html.Div(how_classed(classes, values), className="how")
    return html.Div([html.Div(title, className="title"), *rows, how], className="legend")


def how_classed(classes: Classes, values: pd.Series[float]) -> str:
    """Say how classes were found, or that there was nothing to find."""
    if alike(values):
        return _("all equal")
    if classes.k == 1:
        return _("one class")
    return (
        _("{scheme}, {k} classes").format(scheme=_(SCHEMES[classes.scheme]), k=classes.k) if classes.k else ""
    )


def alike(values: pd.Series[float]) -> bool:
    """Whether the values that are known differ by rounding alone."""
    known = values.dropna()
    return bool(len(known) and np.isclose(known.min(), known.max(), rtol=1e-9, atol=0.0))


def ranges(classes: Classes, values: pd.Series[float]) -> list[tuple[float, float]]:
    """Return the least and the greatest value in each class, so that no two classes share an edge."""
    held = values.groupby(classes.index).agg(["min", "max"])
    return [(float(low), float(high)) for low, high in held.itertuples(index=False)]


def _interval(low: float, high: float, write: Callable[[float], str]) -> str:
    return write(low) if low == high else f"{write(low)} – {write(high)}"


def _row(colour: str, words: str, number: int) -> Any:
    return html.Div(
        [
            html.Span(className="swatch", style={"background": colour}),
            html.Span(words),
            html.Span(number, className="count", title=_("districts in this class")),
        ],
        className="class",
    )
