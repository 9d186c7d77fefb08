"""Pipeline 项目库: counts and money side by side, and what each notice changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import ClientsideFunction, Input, Output, clientside_callback, dcc, html

from app import format as write
from app.components.callback import callback
from app.components.charts import Columns, Places, chart, stacked_columns
from app.components.chips import in_place, local, toggled
from app.components.figures import figure, figures
from app.components.filters import filter_bar
from app.components.shell import empty_state, heading
from app.components.stage_tables import stage_ladder, stage_matrix
from app.components.tables import Column, band_label, heads, paired_bars, paired_key, row, table, whole_note
from app.components.view import View, database, view
from app.i18n import gettext as _
from app.services.pipeline import Dimension, Group, Pipeline, pipeline
from data.errors import N_

PATH = "/pipeline"
HEADS = {
    "year": N_("Year"),
    "batch": N_("Batch"),
    "band": N_("Size"),
    "district": N_("District"),
    "stage": N_("Stage"),
    "type": N_("Type"),
    "mode": N_("Mode"),
}
CAPTIONS = {
    "year": N_("By year of the code"),
    "batch": N_("By batch"),
    "band": N_("By size in {unit}"),
    "district": N_("By district; cross-district projects count in each, money by share"),
    "type": N_("By type of renewal"),
    "mode": N_("By way of renewal"),
}
UNKNOWN = {
    "year": N_("code without a year"),
    "batch": N_("code without a batch"),
    "band": N_("amount not supplied"),
    "district": N_("not supplied"),
    "stage": N_("not supplied"),
    "type": N_("not supplied"),
    "mode": N_("not supplied"),
}


def layout(current: View) -> Any:
    """Lay out the page; its content follows the address."""
    return [
        heading(_("Pipeline"), _("Count and investment side by side")),
        filter_bar(current),
        dcc.Loading(html.Div(id="pipeline"), delay_show=400, type="dot"),
    ]


@callback(Output("pipeline", "children"), Input("url", "search"))
def show(search: str) -> Any:
    """Show the library in its dimensions, and its notices, for an address."""
    current = view(search)
    shown = pipeline(database(), current.city, current.filter)
    notices = _notices(current, shown)
    if not shown.totals["projects"]:
        return [
            empty_state(_("No project fits these filters."), _("Take a filter out, or clear them all.")),
            notices,
        ]
    panels = {
        name: _panel(current, shown, dimension)
        for name, dimension in shown.dimensions.items()
        if name != "stage"
    }
    return [
        _key_figures(current, shown),
        html.P(whole_note(shown.cross_district, current.filter), className="note"),
        html.P(_register_note(shown), className="note"),
        *_progress(current, shown, panels),
        html.Div(
            [panels["district"], html.Div([panels["band"], panels["year"]], className="stack")],
            className="columns panels",
        ),
        _batches(shown, panels["batch"]),
        notices,
    ]


def _register_note(shown: Pipeline) -> str:
    if shown.supplies_progress:
        return ""
    return _(
        "No stage, type or progress is supplied by this register: "
        "an entry says only that a project is admitted."
    )


def _progress(current: View, shown: Pipeline, panels: dict[str, Any]) -> list[Any]:
    if shown.matrix is None:
        return []
    kinds = html.Div([panels["type"], panels["mode"]], className="stack")
    pair = html.Div([stage_ladder(current, shown, PATH), kinds], className="columns panels")
    return [pair, stage_matrix(current, shown, PATH)]


def _key_figures(current: View, shown: Pipeline) -> Any:
    totals = shown.totals
    listed = current.link("/projects", **current.params)
    return figures(
        figure(
            _("Projects"),
            write.count(totals["projects"]),
            definition=_("Projects that fit the filters; a project in several districts counts once."),
            href=listed,
        ),
        figure(
            _("Total investment"),
            write.money(totals["investment"]),
            write.money_unit() if totals["investment"] is not None else "",
            note=without_amount(totals["projects"] - totals["with_amount"]),
            definition=_(
                "Sum of the amounts that are supplied; a project without an amount is not counted as 0."
            ),
            href=current.link("/investment", **current.params),
        ),
        figure(
            _("Median project size"),
            write.money(totals["median"]),
            write.money_unit() if totals["median"] is not None else "",
            definition=_("Half of the projects with an amount are smaller."),
        ),
        figure(
            _("Entered with the last notice"),
            write.count(totals["entered"] or 0),
            definition=_("Projects that the newest notice adds to the one before it."),
            href=current.link("/projects", **current.params | {"entered": "1"}),
        ),
    )


def without_amount(number: int) -> str:
    """Say how many projects have no amount, where there are any."""
    return _("{number} without amount").format(number=number) if number else ""


def _panel(current: View, shown: Pipeline, dimension: Dimension) -> Any:
    groups = _ordered(current, dimension)
    longest = max(
        (share for g in groups for share in (g.project_share, g.investment_share) if share), default=0
    )
    columns = heads(
        [
            Column(_(HEADS[dimension.name])),
            Column(_("Projects"), sort="projects"),
            Column(_("Investment"), sort="investment", title=_("CNY 100 M")),
            Column(paired_key(), left=True, title=_("Of all that fits the other filters")),
        ],
        current if dimension.name == "district" else None,
        PATH,
    )
    rows = [_row(current, dimension, group, longest) for group in groups]
    caption = _(CAPTIONS[dimension.name]).format(unit=write.money_unit())
    shown_table = table(
        caption, columns, [*rows, _sum_row(shown, dimension)], f"by-{dimension.name}", "pairs"
    )
    return html.Section(shown_table, className="table-box fit", **{"data-dimension": dimension.name})


def _ordered(current: View, dimension: Dimension) -> Sequence[Group]:
    by = current.get("sort")
    if dimension.name == "district" and by in {"projects", "investment"}:
        return sorted(dimension.groups, key=lambda group: getattr(group, by) or 0, reverse=True)
    return dimension.groups


def _row(current: View, dimension: Dimension, group: Group, longest: float) -> Any:
    return row(
        _link(current, dimension, group),
        write.count(group.projects),
        write.money(group.investment),
        paired_bars(group.project_share, group.investment_share, longest),
        kind="dim" if dimension.narrowed and not group.chosen else "",
        chosen=group.chosen,
    )


def _link(current: View, dimension: Dimension, group: Group) -> Any:
    if group.key is None:
        return html.Span(_(UNKNOWN[dimension.name]), className="muted")
    name = local(group.name_zh, group.name_en)
    tip = _("Take this filter out") if group.chosen else _("Show only {name}").format(name=name)
    state = {"aria-current": "true"} if group.chosen else {}
    return in_place(
        band_label(name) if dimension.name == "band" else name,
        toggled(current, PATH, dimension.name, group.key),
        className="whole-row",
        title=tip,
        **state,
    )


def _sum_row(shown: Pipeline, dimension: Dimension) -> Any:
    label = _("Sum of what is chosen") if dimension.narrowed else _("Sum")
    title = _("Each project once and whole") if dimension.name == "district" else None
    return row(
        html.Span(label, title=title),
        write.count(shown.totals["projects"]),
        write.money(shown.totals["investment"]),
        without_amount(shown.totals["projects"] - shown.totals["with_amount"]),
        kind="sum",
    )


def _batches(shown: Pipeline, panel: Any) -> Any:
    groups = [group for group in shown.dimensions["batch"].groups if group.key]
    if not groups:
        return panel
    keys = [str(group.key) for group in groups]
    years, numbers = [key[:4] for key in keys], [key[4:] for key in keys]
    places = Places(years, numbers, keys, [group.chosen for group in groups])
    drawn = stacked_columns(places, _counted(groups), _summed(groups))
    label = _("Projects and investment by batch; the table beside it says the same")
    picture = html.Section(
        [
            html.H2(_("Batches in the order of their codes; a click filters")),
            chart("batch-chart", drawn, 372, label),
        ],
        className="panel",
    )
    return html.Div([picture, panel], className="wide-split")


def _counted(groups: Sequence[Group]) -> Columns:
    counts = [group.projects for group in groups]
    return Columns(
        _("Projects"), counts, [str(count) for count in counts], [_hover(group) for group in groups]
    )


def _summed(groups: Sequence[Group]) -> Columns:
    amounts = [write.in_yi(group.investment) for group in groups]
    name = _("Investment, {unit}").format(unit=write.money_unit())
    return Columns(name, amounts, [_short(amount) for amount in amounts], [_hover(group) for group in groups])


def _short(amount: float | None) -> str:
    return "" if amount is None else f"{amount:,.0f}" if amount >= 10 else f"{amount:.1f}"


def _hover(group: Group) -> str:
    return _("Batch {batch}<br>{projects} projects<br>{money} {unit}").format(
        batch=group.key,
        projects=write.count(group.projects),
        money=write.money(group.investment),
        unit=write.money_unit() if group.investment is not None else "",
    )


def _notices(current: View, shown: Pipeline) -> Any:
    if not shown.notices:
        return None
    columns = heads(
        [
            Column(_("Notice")),
            Column(_("Day"), left=True),
            Column(_("Entered")),
            Column(_("Investment")),
            Column(_("Left")),
            Column(_("Investment")),
            Column(_("Changed")),
            Column(_("In the library")),
            Column(_("Investment")),
        ]
    )
    rows = [_notice_row(current, notice, first=notice is shown.notices[-1]) for notice in shown.notices]
    caption = _("What entered and left with each notice; whole library, money in {unit}").format(
        unit=write.money_unit()
    )
    return html.Section(table(caption, columns, rows, "notice-history"), className="table-box fit")


def _notice_row(current: View, notice: Any, first: bool) -> Any:
    link = dcc.Link(notice["number"], href=current.link("/notices", notice=notice["number"]))
    mark = html.Span(_("first notice here"), className="badge") if first else None
    none_before = html.Td("–", title=_("No earlier notice to compare with"))
    left = [none_before] * 3 if first else [
        write.count(notice["exited"]), _sum(notice["exited_sum"]), write.count(notice["changed"])
    ]  # fmt: skip
    return row(
        [link, mark],
        html.Td(day(notice["published_on"]), className="left"),
        html.Td(write.count(notice["entered"]), title=_("Printed as new in the notice") if first else None),
        _sum(notice["entered_sum"]),
        *left,
        write.count(notice["rows"]),
        write.money(notice["sum"]),
    )


def _sum(yuan: Any) -> str:
    return "–" if yuan is None else write.money(yuan)


def day(published_on: Any) -> str:
    """Write the day of a notice, or that the notice prints none."""
    return _("not printed") if published_on is None else write.date(published_on)


clientside_callback(
    ClientsideFunction("pipeline", "filterByColumn"),
    Output("batch-chart", "clickData"),
    Input("batch-chart", "clickData"),
    prevent_initial_call=True,
)
