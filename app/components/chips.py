"""Choices and filters as links: each leads to the same page with one parameter of its address changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from app.components.icons import icon
from app.components.view import View, database
from app.i18n import gettext as _
from app.i18n import language
from app.services.choices import choices
from app.terms import term
from data import codes
from data.errors import N_

LISTS = ("district", "section", "year", "batch", "band", "stage", "type", "mode", "boundary")
LABELS = {
    "q": N_("Text"),
    "district": N_("District"),
    "section": N_("Section"),
    "year": N_("Year"),
    "batch": N_("Batch"),
    "band": N_("Size"),
    "stage": N_("Stage"),
    "type": N_("Type"),
    "mode": N_("Mode"),
    "boundary": N_("Boundary"),
    "min": N_("At least"),
    "max": N_("At most"),
    "entered": N_("New"),
    "cross": N_("Cross-district"),
    "exited": N_("Exited"),
    "day": N_("On the day"),
}
CODED = {"stage": codes.STAGES, "type": codes.PROJECT_TYPES, "mode": codes.RENEWAL_MODES}
FLAGS = ("entered", "cross", "exited")


def local(name_zh: str, name_en: str) -> str:
    """Return the name in the reader's language."""
    return name_zh if language() == "zh_CN" else name_en


def in_place(words: Any, href: str, **attributes: Any) -> Any:
    """Return a link within the page: it changes the address without loading or scrolling."""
    return html.A(words, href=href, **{"data-in-place": "true"} | attributes)


def changed(current: View, path: str, **params: str) -> str:
    """Return this page's address with parameters changed; an empty one is taken out."""
    return current.link(path, **current.with_params(**params).params)


def toggled(current: View, path: str, name: str, value: str) -> str:
    """Return this page's address with a value of a list parameter put in, or taken out if it is there."""
    chosen = [part for part in current.get(name).split(",") if part]
    kept = [part for part in chosen if part != value] if value in chosen else [*chosen, value]
    return changed(current, path, **{name: ",".join(kept)})


def link_choice(current: View, path: str, name: str, options: Mapping[str, str], label: str) -> Any:
    """Lay out a choice of one parameter's value; the first option is what an address without it means."""
    first = next(iter(options))
    asked = current.get(name)
    chosen = asked if asked in options else first
    links = [
        in_place(
            words,
            changed(current, path, **{name: "" if value == first else value}),
            className="choice",
            **({"aria-current": "true"} if value == chosen else {}),
        )
        for value, words in options.items()
    ]
    return html.Div(links, className="choices", role="group", **{"aria-label": label})


def filter_chips(current: View, path: str) -> Any:
    """List the filters of an address, each with a link that takes it out; None when there are none."""
    chips = [chip for name in LABELS for chip in _chips(current, path, name)]
    if not chips:
        return None
    clear = in_place(_("Clear"), changed(current, path, **dict.fromkeys(LABELS, "")), className="plain")
    return html.Div([*chips, clear], className="chips", role="group", **{"aria-label": _("Filters")})


def _chips(current: View, path: str, name: str) -> list[Any]:
    value = current.get(name)
    if name in LISTS:
        parts = [part for part in value.split(",") if part]
        return [_chip(_said(current, name, part), toggled(current, path, name, part)) for part in parts]
    if not value or (name in FLAGS and value != "1"):
        return []
    words = _(LABELS[name]) if name in FLAGS else f"{_(LABELS[name])}: {value}"
    return [_chip(words, changed(current, path, **{name: ""}))]


def _said(current: View, name: str, value: str) -> str:
    if name == "district":
        offered = choices(database(), current.city["id"]).districts
        return {row["code"]: local(row["name_zh"], row["name_en"]) for row in offered}.get(value, value)
    if name in CODED:
        return f"{_(LABELS[name])}: {term(CODED[name], value)}"
    return value if name == "section" else f"{_(LABELS[name])}: {value}"


def _chip(words: str, without: str) -> Any:
    label = _("Remove the filter {filter}").format(filter=words)
    return in_place([words, icon("close")], without, className="chip", **{"aria-label": label})
