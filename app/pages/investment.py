"""Investment 投资: the printed totals beside the rows' sums, and how concentrated the money is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from dash import Input, Output, dcc, html

from app import format as write
from app.components.callback import callback
from app.components.charts import chart, lorenz_curve, pareto_curve
from app.components.chips import filter_chips, in_place, link_choice, local, toggled
from app.components.figures import figure, figures
from app.components.shell import empty_state, heading
from app.components.tables import (
    Column,
    band_label,
    heads,
    paired_bars,
    paired_key,
    row,
    signed,
    table,
    whole_note,
    yi,
)
from app.components.view import View, database, view
from app.i18n import gettext as _
from app.i18n import language
from app.services.investment import Concentration, InvestmentView, Printed, Reconciliation, investment
from app.services.register import notices
from app.terms import localised
from gis.concentration import lorenz

PATH = "/investment"
TOPS = ("10", "5", "20", "50")


def layout(_current: View) -> Any:
    """Lay out the page; its content follows the address."""
    return [
        heading(_("Investment"), _("Printed totals and concentration")),
        dcc.Loading(html.Div(id="investment"), delay_show=400, type="dot"),
    ]


@callback(Output("investment", "children"), Input("url", "search"))
def show(search: str) -> Any:
    """Show the reconciliation and the concentration for an address."""
    current = view(search)
    if notices.newest(database(), current.city["id"]) is None:
        return empty_state(_("This city has no notice yet."), html.Code(_import_command(current)))
    shown = investment(database(), current.city, current.filter, top_of(current))
    printed = _reconciliation(current, shown.reconciliation)
    if not shown.totals["projects"]:
        nothing = empty_state(_("No project fits these filters."), _("Take a filter out, or clear them all."))
        return [filter_chips(current, PATH), nothing, printed]
    return [
        filter_chips(current, PATH),
        _key_figures(current, shown),
        html.P(whole_note(len(shown.cross_district), current.filter), className="note"),
        html.Div(
            [printed, html.Div([_curve(current, shown), _bands(current, shown)], className="stack")],
            className="columns panels",
        ),
        html.Div([_largest(current, shown), _cross_district(current, shown)], className="columns panels"),
    ]


def top_of(current: View) -> int:
    """Return how many of the largest projects an address asks for."""
    asked = current.get("top")
    return int(asked if asked in TOPS else TOPS[0])


def _import_command(current: View) -> str:
    return f"gengxin import register FILE --city {current.slug} --notice NUMBER"


def _ratio(value: float) -> str:
    return "–" if np.isnan(value) else write.share(value)


def _key_figures(current: View, shown: InvestmentView) -> Any:
    spread, printed, totals = shown.concentration, shown.reconciliation, shown.totals
    agree = _("{agreeing} of {printed}").format(agreeing=printed.agreeing, printed=printed.printed)
    return figures(
        figure(
            _("Total investment"),
            write.money(totals["investment"]),
            write.money_unit() if totals["investment"] is not None else "",
            note=_population(totals["projects"], spread.unknown),
            definition=_(
                "Sum of the amounts that are supplied; a project without an amount is not counted as 0."
            ),
            href=current.link("/projects", **current.params),
        ),
        figure(
            _("Printed totals that agree"),
            agree if printed.printed else write.not_supplied(),
            note=_("within 0.005 {unit}, whole notice").format(unit=write.money_unit()),
            definition=_(
                "Totals printed for areas, sections and the city, against the sums of the notice's rows."
            ),
        ),
        figure(
            _("Share of the largest {number}").format(number=spread.top),
            _ratio(spread.top_share),
            note=_("of the investment"),
            definition=_("Investment of the largest projects over the investment of all with an amount."),
        ),
        figure(
            _("Gini coefficient"),
            "–" if np.isnan(spread.gini) else f"{spread.gini:.3f}",
            note=_("0 all equal, 1 one holds all"),
            definition=_("Twice the area between the line of equality and the Lorenz curve."),
        ),
        figure(
            _("Median project size"),
            write.money(totals["median"]),
            write.money_unit() if totals["median"] is not None else "",
            note=_mean(spread),
            definition=_("Half of the projects with an amount are smaller."),
        ),
    )


def _population(projects: int, unknown: int) -> str:
    words = _("{number} projects").format(number=write.count(projects))
    return words + (", " + _("{number} without amount").format(number=unknown) if unknown else "")


def _mean(spread: Concentration) -> str:
    return _("mean {mean}").format(mean=write.money(spread.amounts.mean())) if len(spread.amounts) else ""


def _reconciliation(current: View, shown: Reconciliation) -> Any:
    columns = heads(
        [
            Column(_("Area as printed")),
            Column(_("Projects")),
            Column(_("Sum of rows")),
            Column(_("Printed total")),
            Column(_("Difference"), title=_("Sum of rows less printed total")),
            Column(_("By share"), title=_by_share()),
        ]
    )
    caption = _("Rows of {notice} beside its printed totals, in {unit}").format(
        notice=shown.notice, unit=write.money_unit()
    )
    rows = [_printed_row(current, printed) for printed in shown.lines]
    return html.Section(table(caption, columns, rows, "printed-totals", "printed"), className="table-box fit")


def _by_share() -> str:
    return _(
        "As printed, a cross-district project is a line of its own and no part of its districts. By share, "
        "each district also holds its part of it, as on the map; both add up to the same city total."
    )


def _printed_row(current: View, printed: Printed) -> Any:
    line = printed.line
    missing = html.Span(
        _("{number} without amount").format(number=line.amounts_missing), className="badge"
    ) if line.amounts_missing else None  # fmt: skip
    return row(
        [_area_link(current, printed), _cross_mark(printed), missing],
        write.count(line.rows),
        yi(line.sum, 4),
        yi(line.printed),
        _difference(printed),
        "–" if printed.by_share is None else yi(printed.by_share),
        kind={"section": "sum section", "city": "sum"}.get(printed.level, ""),
        chosen=_is_chosen(current, printed),
    )


def _area_link(current: View, printed: Printed) -> Any:
    name = local(printed.line.label, printed.line.label_en)
    if printed.level == "section":
        return in_place(name, toggled(current, PATH, "section", printed.line.label))
    if printed.level == "area" and printed.code:
        return in_place(name, toggled(current, PATH, "district", printed.code))
    return name


def _is_chosen(current: View, printed: Printed) -> bool:
    if printed.level == "section":
        return printed.line.label in current.filter.sections
    return printed.code in current.filter.districts


def _cross_mark(printed: Printed) -> Any:
    if printed.level != "area" or printed.code:
        return None
    return html.Span(_("cross-district"), className="badge cross", title=_by_share())


def _difference(printed: Printed) -> Any:
    if printed.agrees is None:
        return html.Td("–", title=_("The notice prints no total here"))
    words = _("agrees within 0.005") if printed.agrees else _("does not agree")
    mark = html.Span("✓" if printed.agrees else "✗", className="tick" if printed.agrees else "tick off")
    return html.Td([signed(printed.line.difference), mark, html.Span(words, className="unseen")], title=words)


def _curve(current: View, shown: InvestmentView) -> Any:
    chosen = "pareto" if current.get("curve") == "pareto" else "lorenz"
    switch = link_choice(
        current,
        PATH,
        "curve",
        {"lorenz": _("Lorenz curve"), "pareto": _("Largest first")},
        _("Kind of curve"),
    )
    tops = link_choice(
        current,
        PATH,
        "top",
        {top: _("top {number}").format(number=top) for top in TOPS},
        _("How many of the largest projects"),
    )
    title = html.Div([html.H2(_("Concentration")), switch, tops], className="panel-title")
    spread = shown.concentration
    if not spread.amounts.sum() > 0:
        return html.Section(
            [title, empty_state(_("No amount is supplied for these projects."))], className="panel"
        )
    drawn = _pareto(spread) if chosen == "pareto" else _lorenz(spread)
    label = _(
        "The largest {number} of {all} projects hold {share} of the investment; the table lists them"
    ).format(number=spread.top, all=len(spread.amounts), share=_ratio(spread.top_share))
    return html.Section([title, chart("concentration", drawn, 316, label)], className="panel")


def _top_note(spread: Concentration) -> str:
    return _("largest {number}: {share}").format(number=spread.top, share=_ratio(spread.top_share))


def _lorenz(spread: Concentration) -> dict[str, Any]:
    x, y = lorenz(spread.amounts)
    begins = 1 - spread.top / len(spread.amounts)
    return lorenz_curve(x, y, (begins, 1 - spread.top_share), _top_note(spread))


def _pareto(spread: Concentration) -> dict[str, Any]:
    running = (spread.amounts.cumsum() / spread.amounts.sum()).to_numpy()
    hovers = [
        f"{rank}. {name}<br>{write.money(amount)} {write.money_unit()}<br>{share:.1%}"
        for rank, (name, amount, share) in enumerate(
            zip(spread.amounts.index, spread.amounts, running, strict=True), 1
        )
    ]
    return pareto_curve(np.arange(1.0, len(running) + 1), running, hovers, spread.top, _top_note(spread))


def _bands(current: View, shown: InvestmentView) -> Any:
    spread = shown.concentration
    counted = shown.totals["projects"]
    shares = spread.bands.assign(of=spread.bands["count"] / counted)
    longest = float(np.nanmax(shares[["of", "share"]].to_numpy()))
    rows = [
        row(
            in_place(band_label(str(name)), toggled(current, PATH, "band", str(name)), className="whole-row"),
            write.count(band["count"]),
            write.money(band["amount"]),
            paired_bars(band["of"], None if pd.isna(band["share"]) else band["share"], longest),
            chosen=name in current.filter.bands,
        )
        for name, band in shares.iterrows()
    ]
    if spread.unknown:
        rows.append(row(_("amount not supplied"), write.count(spread.unknown), write.not_supplied(), ""))
    rows.append(row(_("Sum"), write.count(counted), write.money(shown.totals["investment"]), "", kind="sum"))
    columns = heads(
        [Column(_("Size")), Column(_("Projects")), Column(_("Investment")), Column(paired_key(), left=True)]
    )
    caption = _("By size in {unit}").format(unit=write.money_unit())
    return html.Section(table(caption, columns, rows, "size-bands", "pairs"), className="table-box fit")


def _largest(current: View, shown: InvestmentView) -> Any:
    whole = shown.totals["investment"]
    columns = heads(
        [
            Column(_("Project")),
            Column(_("District"), left=True),
            Column(_("Investment")),
            Column(_("Share of all")),
            Column(_("Running share")),
        ]
    )
    rows, running = [], 0.0
    for project in shown.largest:
        part = float(project["amount"] / whole) if whole and project["amount"] is not None else None
        running += part or 0.0
        rows.append(_largest_row(current, project, part, running))
    caption = _("The largest {number} projects, in {unit}").format(number=len(rows), unit=write.money_unit())
    return html.Section(table(caption, columns, rows, "largest", "named"), className="table-box fit")


def _largest_row(current: View, project: Any, part: float | None, running: float) -> Any:
    several = len(project["district_codes"] or []) > 1
    mark = html.Span(_("cross-district"), className="badge cross") if several else None
    return row(
        [project_link(current, project), mark],
        html.Td(_districts(project), className="left"),
        write.money(project["amount"]),
        "–" if part is None else write.share(part),
        "–" if part is None else write.share(running),
    )


def project_link(current: View, project: Any) -> Any:
    """Link a project's name, with its code, to its page."""
    link = dcc.Link(project["name"], href=current.link(f"/projects/{project['code']}"))
    return html.Span([link, html.Span(project["code"], className="code")])


def _districts(project: Any) -> str:
    names = project[localised("districts")]
    return (" + " if language() == "en" else "、").join(names or []) or write.not_supplied()


def _cross_district(current: View, shown: InvestmentView) -> Any:
    caption = _("Cross-district projects and how they are shared, in {unit}").format(unit=write.money_unit())
    columns = heads(
        [
            Column(_("Project")),
            Column(_("District"), left=True),
            Column(_("Share of project")),
            Column(_("Investment")),
        ]
    )
    rows = [line for project in shown.cross_district for line in _shared_rows(current, project)]
    if not rows:
        rows = [html.Tr(html.Td(_("None among these projects."), colSpan=4, className="left muted"))]
    return html.Section(table(caption, columns, rows, "cross-district", "named"), className="table-box fit")


def _shared_rows(current: View, project: Any) -> list[Any]:
    names = project[localised("districts")]
    parts = [
        row(
            "",
            html.Td(name, className="left"),
            write.share(share),
            "–" if project["amount"] is None else write.money(project["amount"] * share),
        )
        for name, share in zip(names, project["shares"], strict=True)
    ]
    whole = row(
        project_link(current, project),
        html.Td(_("{number} districts").format(number=len(parts)), className="left muted"),
        write.share(1, 0),
        write.money(project["amount"]),
        kind="sum",
    )
    return [whole, *parts]
