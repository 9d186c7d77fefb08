"""A project's figures before and after: floor area, green, households, and the ratios that follow."""

from __future__ import annotations

from typing import Any

from dash import html
from sqlalchemy import RowMapping

from app import format as write
from app.components.project.parts import Part, bar, note, small_table
from app.i18n import gettext as _
from app.services.projects.panel import ProjectPanel
from app.terms import term
from data import codes
from data.errors import N_

RATIOS = {
    "floor_area_ratio": (
        N_("Floor area ratio"),
        N_("(gross floor area − floor area exempt from FAR, where supplied) / site area"),
    ),
    "green_ratio": (N_("Green ratio"), N_("green area / site area")),
}

SHARES = frozenset({"green_ratio"})
Pair = tuple[float | None, float | None]
MOST_PLACES = 4

# What is done to the present floor area: there is none of it before.
DONE = {f"floor_area_{what}" for what in ("retained", "altered", "demolished", "new")}


def changes_part(panel: ProjectPanel) -> Part:
    """Lay out figures before and after with their change, and the ratios derived from them."""
    if not panel.changes:
        return Part("changes", _("Present and planned"), "", None)
    rows = [_figure(row) for row in panel.changes] + _ratios(panel.ratios)
    heads = [_("Figure"), _("Present"), _("As planned"), _("Difference")]
    table = small_table(heads, rows, label=_("Figures before and after"))
    said = note(_("Ratios are derived from the figures; their tooltips give the formula."))
    return Part("changes", _("Present and planned"), _said(panel.ratios), [table, said])


def _said(ratios: RowMapping) -> str:
    before, after = ratios["floor_area_ratio_before"], ratios["floor_area_ratio_after"]
    if before is None or after is None:
        return ""
    places = enough_places((before, after), 2)
    return _("FAR {before} → {after}").format(before=f"{before:.{places}f}", after=f"{after:.{places}f}")


def _figure(row: RowMapping) -> list[Any]:
    unit = codes.FIGURE_UNITS[row["figure"]]
    name = str(term(codes.FIGURES, row["figure"]))
    pair = row["baseline"], row["planned"]
    cells = _row(name, unit, pair, places=0, title="", share=row["change_share"])
    if row["figure"] in DONE and row["baseline"] is None:
        cells[1] = "–"
    return cells


def _ratios(ratios: RowMapping) -> list[list[Any]]:
    found = []
    for name, (label, formula) in RATIOS.items():
        pair = ratios[f"{name}_before"], ratios[f"{name}_after"]
        if pair == (None, None):
            continue
        found.append(
            _share(_(label), pair, _(formula)) if name in SHARES else _ratio(_(label), pair, _(formula))
        )
    return found


def _ratio(name: str, pair: Pair, formula: str) -> list[Any]:
    before, after = pair
    share = after / before - 1 if before and after is not None else None
    return _row(name, "", pair, places=enough_places(pair, 2), title=formula, share=share)


def _share(name: str, pair: Pair, formula: str) -> list[Any]:
    """Lay out a share of the site in per cent; its difference is in percentage points."""
    before, after = (None if value is None else value * 100.0 for value in pair)
    *cells, difference = _row(name, "%", (before, after), places=1, title=formula, share=None)
    points = html.Div(_("percentage points"), className="faint")
    return [*cells, difference if None in pair else [html.Div(difference), points]]


def enough_places(pair: Pair, least: int) -> int:
    """Return how many decimals two figures need for the difference of what is shown to be the true one.

    Rounding may change it by a twentieth; more than ``MOST_PLACES`` are never shown.

    Examples
    --------
    >>> enough_places((0.2547, 0.2586), 2), enough_places((0.25, 1.8), 2)
    (3, 2)
    """
    before, after = pair
    if before is None or after is None:
        return least
    change = after - before
    for places in range(least, MOST_PLACES):
        if abs(round(after, places) - round(before, places) - change) <= abs(change) / 20:
            return places
    return MOST_PLACES


def _row(  # noqa: PLR0913
    name: str,
    unit: str,
    pair: Pair,
    *,
    places: int,
    title: str,
    share: float | None,
) -> list[Any]:
    before, after = pair
    most = max(before or 0, after or 0)
    words = [html.Span(name, title=title or None, className="formula" if title else None)]
    if unit:
        words.append(html.Span(f" {unit}", className="faint"))
    bars = [
        bar(value / most, kind) for value, kind in ((before, "before"), (after, "after")) if value and most
    ]
    change = None if before is None or after is None else round(after, places) - round(before, places)
    return [
        html.Div([html.Div(words), html.Div(bars, className="pair-bars")]),
        _number(before, places),
        _number(after, places),
        _difference(change, share, places),
    ]


def _difference(change: float | None, share: float | None, places: int) -> Any:
    percent = None if share is None else html.Div(f"{signed(share * 100, 1)} %", className="faint")
    return [html.Div(signed(change, places)), percent] if percent else signed(change, places)


def _number(value: float | None, places: int) -> Any:
    return html.Span(write.not_supplied(), className="faint") if value is None else f"{value:,.{places}f}"


def signed(value: float | None, places: int) -> str:
    """Write a change with its sign; a dash where there is nothing to compare with."""
    if value is None:
        return "–"
    rounded = round(value, places)
    return f"{rounded:{'+' if rounded else ''},.{places}f}".replace("-", "−")
