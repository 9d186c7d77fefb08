"""Heads and cells of the table beside the map."""

from __future__ import annotations

from typing import Any

import pandas as pd
from dash import html

from app import format as write
from app.components.map.rows import sets
from app.services.map.table import Asked


def head(label: str, column: str, wanted: Asked, *, left: bool = False) -> Any:
    """Lay out the head of a column that sorts by it, downwards first."""
    here = wanted.sort.column == column
    direction = "asc" if here and wanted.sort.descending else "desc"
    order = ("descending" if wanted.sort.descending else "ascending") if here else "none"
    arrow = html.Span({"none": "", "ascending": " ↑", "descending": " ↓"}[order], **{"aria-hidden": "true"})
    button = sets([label, arrow], {"sort": f"{column}.{direction}", "page": ""}, className="sort")
    return html.Th(button, scope="col", className="left" if left else None, **{"aria-sort": order})


def swatched(colour: str | None, words: str) -> Any:
    """Lay out a cell with the colour that the map has for it."""
    mark = html.Span(className="swatch", style={"background": colour}) if colour else None
    return html.Td([mark, words], className="left")


def value_cell(places: int, value: float | None, tint: Any, missing: str = "") -> Any:
    """Lay out a figure with the colour that the map has for it, or why it is not known."""
    if value is None or pd.isna(value):
        return swatched(None, missing or write.not_supplied())
    return swatched(tint if isinstance(tint, str) else None, f"{value:,.{places}f}")


def unseen_head(words: str) -> Any:
    """Lay out the head of a column of buttons."""
    return html.Th(html.Span(words, className="unseen"), scope="col")


def grid(caption: str, heads: list[Any], rows: list[Any]) -> Any:
    """Lay out a table that scrolls, by keyboard too."""
    parts = [html.Caption(caption, className="unseen"), html.Thead(html.Tr(heads)), html.Tbody(rows)]
    return html.Div(html.Table(parts, className="grid"), className="map-table-scroll", tabIndex=0,
                    role="region", **{"aria-label": caption})  # fmt: skip
