"""The lists of a notice: what entered, left and changed, and which serial numbers are missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from dash import dcc, html

from app import format as write
from app.components.exit_reason import reason_cell
from app.components.tables import Column, heads, row, table, yi, yi_with_unit
from app.components.view import View
from app.i18n import gettext as _
from app.services.register.diff import Change, Entry, Exit, FieldChange, RegisterDiff
from app.services.register.notices import Batch
from data.errors import N_

MOST_ROWS = 300
LONGEST_STRIP = 200
FIELDS = {
    "name": N_("Project name"),
    "amount": N_("Investment"),
    "area": N_("Area as printed"),
    "section": N_("Section"),
}


def _fits(current: View, *texts: str) -> bool:
    return all(word in " ".join(texts).lower() for word in current.get("find").lower().split())


def _box(name: str, caption: str, columns: Sequence[Column], rows: Iterable[Any], nothing: str) -> Any:
    listed = list(rows)
    if not listed:
        return html.Section(
            [html.H2(caption), html.P(nothing, className="muted")], className="panel quiet", id=name
        )
    shown = listed[:MOST_ROWS]
    if len(listed) > MOST_ROWS:
        more = _("{number} more are not shown; search to narrow the list.").format(
            number=len(listed) - MOST_ROWS
        )
        shown.append(html.Tr(html.Td(more, colSpan=len(columns), className="left muted")))
    body = table(caption, heads(columns), shown, name, "named")
    return html.Section(body, className="table-box tall", tabIndex=0, **{"aria-label": caption})


def _caption(words: str, shown: Sequence[Any], total: Any, known: int) -> str:
    counted = _("{words}: {number}, {money}").format(
        words=words, number=write.count(known), money=yi_with_unit(total)
    )
    return (
        counted if len(shown) == known else counted + _("; {number} fit the search").format(number=len(shown))
    )


def _nothing(known: int, otherwise: str) -> str:
    return _("None fits the search.") if known else otherwise


def entered_list(current: View, found: RegisterDiff) -> Any:
    """List what entered, by the notice before or by the printed list of new entries."""
    rows = [entry for entry in found.entered if _fits(current, entry.code, entry.name, entry.area)]
    words = _("Entered: the printed list of new entries") if found.basis == "printed list" else _("Entered")
    otherwise = _("The notice prints no list.") if found.basis == "nothing" else _("Nothing entered.")
    columns = [Column(_("Project")), Column(_("Area as printed"), left=True), Column(_("Investment"))]
    return _box(
        "entered",
        _caption(words, rows, found.entered_total, len(found.entered)),
        columns,
        (_entered_row(current, entry) for entry in rows),
        _nothing(len(found.entered), otherwise),
    )


def _project(current: View, entry: Entry | Exit | Change) -> Any:
    link = dcc.Link(entry.name, href=current.link(f"/projects/{entry.code}"))
    return html.Span([link, html.Span(entry.code, className="code")])


def _entered_row(current: View, entry: Entry) -> Any:
    tip = _("An earlier notice listed it already")
    again = html.Span(_("returned"), className="badge", title=tip) if entry.returned else None
    return row([_project(current, entry), again], html.Td(entry.area, className="left"), yi(entry.amount, 4))


def exited_list(current: View, path: str, found: RegisterDiff) -> Any:
    """List what left the library, each with its reason or the way to give one."""
    rows = [
        gone for gone in found.exited if _fits(current, gone.code, gone.name, gone.area, gone.reason or "")
    ]
    otherwise = _no_comparison() if found.against is None else _("Nothing left the library.")
    columns = [
        Column(_("Project")),
        Column(_("Area as printed"), left=True),
        Column(_("Investment")),
        Column(_("Reason"), left=True),
    ]
    compared, words = found.against is not None, _("Left the library")
    return _box(
        "exited",
        _caption(words, rows, found.exited_total, len(found.exited)) if compared else words,
        columns,
        (_exited_row(current, path, gone) for gone in rows),
        _nothing(len(found.exited), otherwise),
    )


def _no_comparison() -> str:
    return _("Not known: there is no earlier notice to compare with.")


def _exited_row(current: View, path: str, gone: Exit) -> Any:
    return row(
        _project(current, gone),
        html.Td(gone.area, className="left"),
        yi(gone.amount, 4),
        reason_cell(current, path, gone.code, gone.reason),
    )


def changed_list(current: View, found: RegisterDiff) -> Any:
    """List what two notices print differently, field by field."""
    rows = [change for change in found.changed if _fits(current, change.code, change.name)]
    otherwise = _no_comparison() if found.against is None else _("Nothing changed.")
    columns = [Column(_("Project")), Column(_("Field"), left=True), Column(_("Before and after"), left=True)]
    number = write.count(len(found.changed))
    return _box(
        "changed",
        _("Changed")
        if found.against is None
        else _("Changed, field by field: {number}").format(number=number),
        columns,
        (line for change in rows for line in _changed_rows(current, change)),
        _nothing(len(found.changed), otherwise),
    )


def _changed_rows(current: View, change: Change) -> list[Any]:
    return [
        row(
            _project(current, change) if field is change.fields[0] else "",
            html.Td(_(FIELDS[field.field]), className="left"),
            html.Td(
                [html.Del(_written(field, field.old)), _arrow(), html.Ins(_written(field, field.new))],
                className="left",
            ),
        )
        for field in change.fields
    ]


def _arrow() -> Any:
    return html.Span("→", className="arrow")


def _written(field: FieldChange, value: Any) -> str:
    if field.field == "amount":
        return yi_with_unit(value)
    return value or write.not_supplied()


def gaps_list(current: View, batches: Sequence[Batch]) -> Any:
    """List the batches with missing serial numbers 缺号, drawn and named."""
    missing = sum(batch.missing for batch in batches)
    rows = [batch for batch in batches if batch.missing and _fits(current, batch.label, *batch.codes)]
    columns = [
        Column(_("Batch")),
        Column(_("In the library")),
        Column(_("Missing")),
        Column([_("Serials"), _strip_key()], left=True),
        Column(_("Not in the current library, reason not given"), left=True),
    ]
    caption = _(
        "Missing serials: {number} codes below the highest serial of their batch are not in the current "
        "library; the register gives no reason."
    ).format(number=write.count(missing))
    otherwise = _("No serial is missing below the highest of its batch.")
    return _box(
        "gaps",
        caption,
        columns,
        (_gap_row(current, batch) for batch in rows),
        _nothing(missing, otherwise),
    )


def _gap_row(current: View, batch: Batch) -> Any:
    codes = [_gap_code(current, code) if code in batch.left else html.Span(code) for code in batch.codes]
    return row(
        batch.label,
        write.count(batch.printed),
        write.count(batch.missing),
        html.Td(_strip(batch), className="left"),
        html.Td(codes, className="codes"),
    )


def _gap_code(current: View, code: str) -> Any:
    tip = _("An earlier notice listed it: it left the library")
    return dcc.Link(code, href=current.link(f"/projects/{code}"), title=tip)


def _strip(batch: Batch) -> Any:
    if batch.highest > LONGEST_STRIP:
        return "–"
    label = _("{printed} of {highest} serials are in the library").format(
        printed=batch.printed, highest=batch.highest
    )
    cells = [
        html.Span(className="gap" if serial in batch.serials else None, title=f"{serial:03}")
        for serial in range(1, batch.highest + 1)
    ]
    return html.Div(cells, className="strip", role="img", **{"aria-label": label})


def _strip_key() -> Any:
    there = [html.Div(html.Span(), className="strip"), html.Span(_("in the library"))]
    gap = [html.Div(html.Span(className="gap"), className="strip"), html.Span(_("missing"))]
    return html.Span([*there, *gap], className="strip-key")
