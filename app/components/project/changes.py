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
    return _("FAR {before} → {after}").format(before=f"{before:.2f}", after=f"{after:.2f}")


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
        share = pair[1] / pair[0] - 1 if pair[0] and pair[1] is not None else None
        places = 3 if name == "green_ratio" else 2
        found.append(_row(_(label), "", pair, places=places, title=_(formula), share=share))
    return found


def _row(  # noqa: PLR0913
    name: str,
    unit: str,
    pair: tuple[float | None, float | None],
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
    change = after - before if before is not None and after is not None else None
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
