"""The parts of what is known of a project, for the map's panel and for the project's own page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from dash import html

from app import format as write


class Part(NamedTuple):
    """One part: its name, title, one line that sums it up, and its body; None: nothing is supplied."""

    name: str
    title: str
    said: str
    body: Any | None


def folded(parts: Sequence[Part], closed: Sequence[str] = ()) -> list[Any]:
    """Lay out parts one below the other, to fold; those with nothing in one line each."""
    return [_fold(part, part.name not in closed) for part in parts]


def _fold(part: Part, is_open: bool) -> Any:
    if part.body is None:
        return html.P(
            [html.Span(part.title), html.Span(part.said or write.not_supplied(), className="faint")],
            className="part empty-part",
            **{"data-part": part.name},
        )
    head = html.Summary([html.H3(part.title), html.Span(part.said, className="muted")])
    body = html.Div(part.body)
    return html.Details([head, body], open=is_open, className="part", **{"data-part": part.name})


def panels(parts: Sequence[Part]) -> list[Any]:
    """Lay out the parts that hold something as the panels of a page."""
    return [_panel(part) for part in parts if part.body is not None]


def _panel(part: Part) -> Any:
    said = html.Span(part.said, className="muted") if part.said else None
    head = html.Div([html.H2(part.title), said], className="panel-title part-title")
    return html.Section([head, html.Div(part.body)], className="panel part", **{"data-part": part.name})


def without(parts: Sequence[Part]) -> Any:
    """List the parts of which nothing is supplied, in one panel; None where there are none."""
    empty = [part for part in parts if part.body is None]
    return html.Section(folded(empty), className="panel") if empty else None


def small_table(
    heads: Sequence[Any], rows: Sequence[Sequence[Any]], *, left: int = 1, last: str = "", label: str = ""
) -> Any:
    """Lay out a dense table; the first ``left`` columns hold words, ``last`` marks the last row as a sum."""
    head = [
        html.Th(words, scope="col", className="left" if i < left else None) for i, words in enumerate(heads)
    ]
    body = [_row(cells, left, last if place == len(rows) - 1 else "") for place, cells in enumerate(rows)]
    named = {"aria-label": label} if label else {}
    table = html.Table([html.Thead(html.Tr(head)), html.Tbody(body)], className="grid small", **named)
    return html.Div(table, className="scroll", tabIndex=0)


def _row(cells: Sequence[Any], left: int, kind: str) -> Any:
    first, *others = cells
    shown = [html.Td(cell, className="left" if i < left - 1 else None) for i, cell in enumerate(others)]
    return html.Tr([html.Th(first, scope="row"), *shown], className=kind or None)


def unknown() -> Any:
    """Say that a value is not supplied."""
    return html.Span(write.not_supplied(), className="faint")


def dash_or(value: Any, words: str) -> str:
    """Return words for a value that is known, a dash in a table's cell otherwise."""
    return "–" if value is None else words


def bar(share: float, kind: str, label: str = "") -> Any:
    """Draw a length between 0 and 1 of its place."""
    marks = {"role": "img", "aria-label": label} if label else {"aria-hidden": "true"}
    return html.Div(className=f"length {kind}", style={"--length": f"{share:.4f}"}, **marks)


def note(words: str) -> Any:
    """Lay out a line that says how figures are found."""
    return html.P(words, className="how")
