"""Key figures: a number, its unit, what it is, and how it is found."""

from __future__ import annotations

from typing import Any

from dash import html


def figure(  # noqa: PLR0913
    label: str, value: str, unit: str = "", *, note: str = "", definition: str = "", href: str = ""
) -> Any:
    """Lay out one key figure.

    Parameters
    ----------
    label, value, unit, note
        What is counted, the number as text, its unit, and one line of context under it.
    definition
        How the number is found; shown as a tooltip and read to screen readers.
    href
        Where the rows behind the number are listed.
    """
    number = [html.Span(value, className="number"), html.Span(unit, className="unit")]
    body = [
        html.Dt(label, title=definition or None),
        html.Dd(html.A(number, href=href) if href else number),
        html.Dd(note, className="note"),
    ]
    return html.Div(body, className="figure")


def figures(*shown: Any) -> Any:
    """Lay out key figures in a row that wraps."""
    return html.Dl(list(shown), className="figures")


def meter(part: int, whole: int, label: str) -> Any:
    """Draw how much of something is complete, with the counts as text."""
    percent = 100 * part / whole if whole else 0.0
    bar = html.Div(html.Div(style={"width": f"{percent:.2f}%"}), className="track")
    return html.Div(
        [bar, html.Span(f"{part:,}/{whole:,}", className="ratio")],
        className="meter",
        role="img",
        title=label,
        **{"aria-label": f"{label}: {part} / {whole}"},
    )
