"""A unit that is clicked on a map of indicators, in words: its value, what was divided, the verdict."""

from __future__ import annotations

from typing import Any

from dash import Input, Output, State, html

from app import format as write
from app.components.callback import callback
from app.components.indicators.parts import parts_words
from app.components.indicators.table import written
from app.components.indicators.words import picture_name, unit_of
from app.components.view import database, view
from app.i18n import gettext as _
from app.services.indicators.page import MOST_UNITS, Page, Picture, page_of, unit_at
from app.terms import localised


def told_box(picture: Picture, which: int) -> Any:
    """Lay out the place of the words; until a unit is clicked it says that one can be."""
    words = _("Click a unit for its value.")
    if len(picture.table) > MOST_UNITS:
        words = _("More than {most} units are drawn by class. Click a unit for its value.").format(
            most=write.count(MOST_UNITS)
        )
    return html.Div(words, id=f"indicator-told-{which}", className="told", role="status")


def told(page: Page, code: str) -> list[Any]:
    """Say what is known of a unit of the page's first picture."""
    first = page.first
    if first is None:
        return []
    rows = first.table[first.table["unit_code"] == code]
    row = written(page, rows.assign(name=rows[localised("unit_name")].fillna(rows["unit_code"])))[0]
    parts = parts_words(first)[rows.index[0]]
    value = f"{row['value_text']} {unit_of(first.indicator)}".strip()
    if row["value"] is None:
        value = row["reason"] or value
    said = [picture_name(first), parts, row["judged_text"]]
    return [html.B(row["name"]), " ", html.B(value), " · ".join(["", *filter(None, said)])]


def _clicked(which: int) -> None:
    @callback(
        Output(f"indicator-told-{which}", "children"),
        Input(f"indicator-map-{which}", "clickInfo"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def tell(info: dict[str, Any] | None, search: str) -> Any:
        """Say what is known of the unit that was clicked."""
        current = view(search)
        whole = page_of(database(), current.city, current.params)
        page = whole if which == 1 else whole.other
        if not info or not info.get("coordinate") or page is None or page.first is None:
            return _("Click a unit for its value.")
        code = unit_at(database(), page.first.asked.run, *info["coordinate"][:2])
        return _("No unit lies there.") if code is None else told(page, code)


_clicked(1)
_clicked(2)
