"""Notices 公告: what entered, left and changed with each of them, and which serials are missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import Input, Output, dcc, html

from app import format as write
from app.components import url_state
from app.components.callback import callback
from app.components.chips import changed as address
from app.components.chips import in_place, link_choice
from app.components.notice_lists import changed_list, entered_list, exited_list, gaps_list
from app.components.shell import empty_state, heading
from app.components.tables import Column, heads, row, table, yi_with_unit
from app.components.view import View, database, view
from app.i18n import gettext as _
from app.services.register import notices
from app.services.register.diff import RegisterDiff, diff
from app.services.register.notices import Batch

PATH = "/notices"


def layout(current: View) -> Any:
    """Lay out the page; its content follows the address."""
    find = dmc.TextInput(
        id=url_state.control_id("find"),
        value=current.get("find"),
        placeholder=_("Search these lists"),
        debounce=300,
        size="xs",
        w=220,
        **{"aria-label": _("Search these lists by name, code or area")},
    )
    return [
        dcc.Store(id="notices-address"),
        heading(_("Notices"), _("What entered, left and changed in the project library"), find),
        dcc.Loading(html.Div(id="notices"), delay_show=400, type="dot"),
    ]


@callback(Output("notices", "children"), Input("url", "search"))
def show(search: str) -> Any:
    """Show the notices, one of them compared with the one before, and the missing serial numbers."""
    current = view(search)
    known = notices.history(database(), current.city["id"])
    if not known:
        command = f"gengxin import register FILE --city {current.slug} --notice NUMBER"
        return empty_state(_("This city has no notice yet."), html.Code(command))
    found = diff(database(), current.slug, current.get("notice") or None)
    batches = notices.batches(database(), current.city)
    parts = {
        "entered": lambda: entered_list(current, found),
        "exited": lambda: exited_list(current, PATH, found),
        "changed": lambda: changed_list(current, found),
        "gaps": lambda: gaps_list(current, batches),
    }
    asked = current.get("show")
    wanted = [asked] if asked in parts else list(parts)
    return [
        _list(current, known, found),
        _basis(found),
        _choice(current, found, batches),
        *[parts[name]() for name in wanted],
    ]


def _list(current: View, known: Sequence[Any], found: RegisterDiff) -> Any:
    columns = heads(
        [
            Column(_("Notice")),
            Column(_("Day"), left=True),
            Column(_("Rows")),
            Column(_("Investment")),
            Column(_("Entered")),
            Column(_("Left")),
            Column(_("Changed")),
            Column(_("Imported"), left=True),
            Column(_("By"), left=True),
            Column(_("File"), left=True),
        ]
    )
    rows = [
        _list_row(current, notice, notice["number"] == found.notice, notice is known[-1]) for notice in known
    ]
    caption = _("Notices, the newest first; money in {unit}").format(unit=write.money_unit())
    return html.Section(table(caption, columns, rows, "notice-list"), className="table-box fit")


def _list_row(current: View, notice: Any, chosen: bool, first: bool) -> Any:
    state = {"aria-current": "true"} if chosen else {}
    link = in_place(notice["number"], address(current, PATH, notice=notice["number"]), **state)
    published = notice["published_on"]
    no_earlier = html.Td("–", title=_("No earlier notice to compare with"))
    return row(
        link,
        html.Td(_("not printed") if published is None else write.date(published), className="left"),
        write.count(notice["rows"]),
        write.money(notice["sum"]),
        write.count(notice["entered"]),
        no_earlier if first else write.count(notice["exited"]),
        no_earlier if first else write.count(notice["changed"]),
        html.Td(notice["imported_at"].strftime("%Y-%m-%d %H:%M UTC"), className="left"),
        html.Td(notice["imported_by"], className="left"),
        html.Td(notice["source_name"], className="left muted wrap"),
        chosen=chosen,
    )


def _basis(found: RegisterDiff) -> Any:
    money = yi_with_unit(found.entered_total)
    sentences = {
        "previous notice": _("Compared with {against}, the notice before it."),
        "printed list": _(
            "The first notice here, so there is none before it to compare with; what entered is its printed "
            "list of new entries ({entered}, {money})."
        ),
        "nothing": _(
            "The first notice here, and it prints no list of new entries: what entered is not supplied."
        ),
    }
    sentence = sentences[found.basis].format(against=found.against, entered=len(found.entered), money=money)
    return html.Div([html.H2(found.notice), html.Span(sentence, className="muted")], className="basis")


def _choice(current: View, found: RegisterDiff, batches: Sequence[Batch]) -> Any:
    missing = sum(batch.missing for batch in batches)
    compared = found.against is not None
    options = {
        "all": _("All"),
        "entered": _counted(_("Entered"), None if found.basis == "nothing" else len(found.entered)),
        "exited": _counted(_("Left"), len(found.exited) if compared else None),
        "changed": _counted(_("Changed"), len(found.changed) if compared else None),
        "gaps": _counted(_("Missing serials"), missing),
    }
    unchanged = _counted(_("Unchanged"), found.unchanged)
    choice = link_choice(current, PATH, "show", options, _("What to list"))
    return html.Div([choice, html.Span(unchanged, className="muted", id="unchanged")], className="chips")


def _counted(words: str, number: int | None) -> str:
    return f"{words} {'–' if number is None else write.count(number)}"


url_state.bind("notices", {"find": "value"})
