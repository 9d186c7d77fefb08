"""What an indicator means: formula, source, inputs, parameters and thresholds, one click away."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from dash import html

from app.components.indicators.words import (
    DIRECTIONS,
    SUBJECT_LABELS,
    basis_name,
    bounds_words,
    missing_words,
    speed_words,
    unit_of,
    where_words,
    words_in,
)
from app.components.tables import Column, heads, row, table
from app.i18n import gettext as _
from app.services.indicators.catalogue import inputs_of
from app.services.indicators.page import Page, Thresholds
from app.terms import joined, term
from data import codes
from data.indicator_codes import OVERRIDES, STRENGTHS
from data.thresholds.store import Stored
from gis.indicator import OR, Indicator
from gis.parameters import DEFAULT_RADIUS, EXPLAINED, Parameters


def definition(page: Page, thresholds: Thresholds, letter: str = "") -> Any:
    """Lay out the definition of the page's indicator, closed until it is asked for.

    Parameters
    ----------
    letter
        Of the side that it defines, where two are compared.
    """
    one = page.indicator
    summary = html.Summary(
        [
            html.Span(_("Definition, source and thresholds"), className="opener"),
            html.Span(letter, className="letter") if letter else None,
            html.Span(f"{words_in(one.name)} = {words_in(one.formula)}", className="gist"),
        ]
    )
    body = html.Div(
        [
            html.Dl([_fact(label, said) for label, said in _facts(page, one) if said], className="facts"),
            html.Div(
                [_thresholds(thresholds.found, thresholds.judging), _parameters(page, one)],
                className="tables",
            ),
        ],
        className="body",
    )
    name = f"indicator-definition{letter and '-'}{letter.lower()}"
    return html.Details([summary, body], className="panel definition", id=name)


def _fact(label: str, said: Any) -> Any:
    return html.Div([html.Dt(label), html.Dd(said)])


def _facts(page: Page, one: Indicator) -> list[tuple[str, Any]]:
    bases = [basis_name(basis) for basis in one.bases if basis]
    run = page.first.run if page.first else None
    return [
        (_("Formula"), words_in(one.formula)),
        (_("Unit"), unit_of(one) or _("none, a ratio")),
        (_("Direction"), _(DIRECTIONS[one.direction])),
        (_("Basis"), joined(bases)),
        (_("By class"), _(SUBJECT_LABELS[one.subjects]) if one.subjects else ""),
        (_("Source"), words_in(one.source)),
        (_("Needs"), _inputs(page, one)),
        (_("Code of the indicator"), html.Code(one.code)),
        (_("Computed"), _provenance(run) if run else ""),
    ]


def _inputs(page: Page, one: Indicator) -> Any:
    """List the inputs; those that the run found missing are marked, with a word as well as a colour."""
    lacking = page.first.missing if page.first else {}
    return html.Ul([_input(name, lacking) for name in inputs_of(one)], className="inputs")


def _input(name: str, lacking: Mapping[str, int]) -> Any:
    either = set(name.split(OR))
    count = sum(number for missing, number in lacking.items() if either >= set(missing.split(OR)))
    if not count:
        return html.Li(missing_words(name))
    mark = html.Span(_("not supplied for {count} units").format(count=count), className="badge bad")
    return html.Li([missing_words(name), mark])


def _provenance(run: Mapping[str, Any]) -> Any:
    words = _("run {run} of {time} by {actor}, walking speed {speed}, code {code}, inputs {inputs}")
    return words.format(
        speed=speed_words(run["parameters"]["walking_speed"]),
        run=run["id"],
        time=run["finished_at"].astimezone().strftime("%Y-%m-%d %H:%M"),
        actor=run["actor"],
        code=run["code_version"],
        inputs=run["inputs_hash"][:12],
    )


def _thresholds(found: list[Stored], judging: Collection[int]) -> Any:
    if not found:
        return html.P(_("No document sets a threshold for it."), className="muted")
    columns = heads(
        [
            Column(_("Threshold")),
            Column(_("Ground"), left=True),
            Column(_("Strength"), left=True),
            Column(_("Document"), left=True),
        ]
    )
    rows = [_threshold(one, one.id in judging) for one in found]
    if judging:
        caption = _("Thresholds in force; where documents disagree all are listed")
    else:
        caption = _("For reference: none of these thresholds speaks of the units shown")
    return table(caption, columns, rows, kind="named")


def _threshold(one: Stored, judges: bool) -> Any:
    asked = one.threshold
    strength = [str(term(STRENGTHS, asked.strength)), f"“{asked.modal}”" if asked.modal else ""]
    strength += [str(term(OVERRIDES, asked.override))] if asked.override != "free" else []
    year = _("by {year}").format(year=asked.year) if asked.year else ""
    mark = html.Span(_("judges here"), className="badge good") if judges else None
    own = html.Span(_("the city's own"), className="badge") if one.own else None
    return row(
        [bounds_words(asked), mark, own],
        html.Td(" ".join(filter(None, [where_words(asked), year])), className="left wrap"),
        html.Td(" · ".join(filter(None, strength)), className="left wrap"),
        html.Td([f"{asked.document} {asked.document_no}", html.Br(), asked.clause], className="left wrap"),
        chosen=judges,
    )


def _parameters(page: Page, one: Indicator) -> Any:
    """Lay out the parameters that the indicator depends on, and behind a click all others of the run."""
    caption = _("Parameters of this run and the reasons for their defaults")
    others = [name for name in EXPLAINED if name not in one.parameters]
    more = [html.Summary(_("Other parameters of this run")), _parameter_table(page, others, caption)]
    own = _parameter_table(page, one.parameters, caption) if one.parameters else None
    return html.Div([own, html.Details(more) if page.first else None])


def _parameter_table(page: Page, names: Sequence[str], caption: str) -> Any:
    defaults, run = Parameters(), (page.first.run["parameters"] if page.first else {})
    rows = [
        row(
            html.Code(name),
            html.Td(_said(run.get(name, getattr(defaults, name)), page), className="left wrap"),
            html.Td(words_in(EXPLAINED[name]), className="left wrap"),
        )
        for name in names
    ]
    columns = heads([Column(_("Parameter")), Column(_("Value"), left=True), Column(_("Meaning"), left=True)])
    return table(caption, columns, rows, kind="named")


def _said(value: Any, page: Page) -> str:
    """Write a parameter; of one by class that of the class that is shown, or of each."""
    if isinstance(value, Mapping):
        subject = page.first.asked.subject if page.first else ""
        if subject in codes.FACILITY_CATEGORIES:
            return f"{value.get(subject, DEFAULT_RADIUS):g}"
        return ", ".join(f"{_said(name, page)} {radius:g}" for name, radius in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(_said(part, page) for part in value) or "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value in codes.FACILITY_CATEGORIES:
        return str(term(codes.FACILITY_CATEGORIES, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
