"""The pipeline by stage: the ladder with counts and money, and where each district's projects stand."""

from __future__ import annotations

from typing import Any

from dash import html

from app import format as write
from app.components.chips import in_place, local, toggled
from app.components.tables import Column, heads, paired_bars, paired_key, row, table
from app.components.view import View
from app.i18n import gettext as _
from app.services.pipeline import Cell, Group, Matrix, Pipeline, reached
from app.terms import term
from data import codes


def stage_ladder(current: View, shown: Pipeline, path: str) -> Any:
    """Lay out the stages in order: projects that stand there, that came at least so far, and their money."""
    stages = shown.dimensions["stage"]
    groups = {group.key: group for group in stages.groups}
    so_far = reached(stages)
    shares = [part for g in stages.groups for part in (g.project_share, g.investment_share) if part]
    longest, most = max(shares, default=0.0), max(so_far.values(), default=0)
    steps: list[str | None] = [*codes.STAGES, *([None] if None in groups else [])]
    rows = [_step(current, path, stage, groups.get(stage), so_far, most, longest) for stage in steps]
    columns = heads(
        [
            Column(_("Stage")),
            Column(_("Projects"), title=_("Projects that stand at this stage")),
            Column(_("Came so far"), title=_("Projects at this stage or further up the ladder")),
            Column(_("Investment"), title=_("CNY 100 M")),
            Column(paired_key(), left=True, title=_("Of all that fits the other filters")),
        ]
    )
    totals = write.count(shown.totals["projects"]), "", write.money(shown.totals["investment"]), ""
    label = _("Sum of what is chosen") if stages.narrowed else _("Sum")
    total = row(label, *totals, kind="sum")
    caption = _("By stage; a click filters")
    drawn = table(caption, columns, [*rows, total], "by-stage", "pairs")
    return html.Section(drawn, className="table-box fit", **{"data-dimension": "stage"})


def _step(  # noqa: PLR0913, PLR0917
    current: View,
    path: str,
    stage: str | None,
    group: Group | None,
    so_far: dict[str, int],
    most: int,
    longest: float,
) -> Any:
    chosen = group is not None and group.chosen
    return row(
        _stage_link(current, path, stage, chosen),
        write.count(group.projects if group else 0),
        _funnel(so_far[stage], most) if stage else "–",
        write.money(group.investment) if group else "–",
        paired_bars(*((group.project_share, group.investment_share) if group else (0.0, 0.0)), longest),
        kind="dim" if group is None else "",
        chosen=chosen,
    )


def _stage_link(current: View, path: str, stage: str | None, chosen: bool) -> Any:
    if stage is None:
        return html.Span(write.not_supplied(), className="muted")
    name = term(codes.STAGES, stage)
    tip = _("Take this filter out") if chosen else _("Show only {name}").format(name=name)
    state = {"aria-current": "true"} if chosen else {}
    return in_place(name, toggled(current, path, "stage", stage), className="whole-row", title=tip, **state)


def _funnel(count: int, most: int) -> Any:
    bar = html.Span(className="funnel", style={"--length": f"{count / most if most else 0:.4f}"})
    return html.Td([bar, html.Span(write.count(count))], className="so-far")


def stage_matrix(current: View, shown: Pipeline, path: str) -> Any:
    """Lay out money by district and stage with the counts beneath; a stage's heading filters."""
    matrix = shown.matrix
    if matrix is None or not matrix.districts:
        return None
    chosen = set(current.filter.stages)
    columns = [html.Th(_("District"), scope="col")]
    columns += [html.Th(_head(current, path, stage, stage in chosen), scope="col") for stage in matrix.stages]
    most = max((cell.investment or 0 for cell in matrix.cells.values()), default=0)
    rows = [_district(current, path, matrix, code, most) for code in matrix.districts]
    caption = _(
        "Investment by district and stage, {unit}; projects beneath. "
        "Cross-district projects count in each, money by share"
    ).format(unit=write.money_unit())
    return html.Section(
        table(caption, columns, [*rows, _sums(matrix)], "stage-by-district", "matrix"),
        className="table-box fit",
    )


def _head(current: View, path: str, stage: str | None, chosen: bool) -> Any:
    if stage is None:
        return html.Span(write.not_supplied(), className="muted")
    state = {"aria-current": "true"} if chosen else {}
    return in_place(term(codes.STAGES, stage), toggled(current, path, "stage", stage), **state)


def _district(current: View, path: str, matrix: Matrix, code: str, most: Any) -> Any:
    name = local(*matrix.districts[code])
    link = in_place(name, toggled(current, path, "district", code))
    return row(link, *[_cell(matrix.cells.get((code, stage)), most) for stage in matrix.stages])


def _cell(cell: Cell | None, most: Any) -> Any:
    if cell is None:
        return html.Td("–", className="faint")
    strength = float(cell.investment / most) if cell.investment and most else 0.0
    money = html.Div(write.money(cell.investment))
    count = html.Div(write.count(cell.projects), className="count")
    return html.Td([money, count], className="shade", style={"--strength": f"{strength:.3f}"})


def _sums(matrix: Matrix) -> Any:
    return row(_("Sum"), *[_column(matrix, stage) for stage in matrix.stages], kind="sum")


def _column(matrix: Matrix, stage: str | None) -> Any:
    known = [cell.investment for (_code, at), cell in matrix.cells.items() if at == stage and cell.investment]
    return write.money(sum(known)) if known else "–"
