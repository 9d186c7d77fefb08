"""The frame of every page: header, navigation, city, language, theme, and the line that names the source."""

from __future__ import annotations

import logging
from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Input, Output, State, clientside_callback, dcc, html, set_props

from app import errors
from app.components.icons import icon
from app.components.view import View, database
from app.i18n import LANGUAGES, language
from app.i18n import gettext as _
from app.reader import theme
from app.services import cities
from app.services.register import notices
from app.terms import named
from data.errors import N_, GengxinError
from gis.errors import GisError

PAGES = (
    ("/", N_("Overview")),
    ("/map", N_("Map")),
    ("/pipeline", N_("Pipeline")),
    ("/investment", N_("Investment")),
    ("/indicators", N_("Indicators")),
    ("/projects", N_("Projects")),
    ("/notices", N_("Notices")),
)
THEME = {
    "primaryColor": "gengxin",
    "colors": {
        "gengxin": [
            "#eef4fb", "#d9e6f4", "#b3cde9", "#8ab2dd", "#669bd2",
            "#3f7dbd", "#2a66a6", "#1f5490", "#18447a", "#0f3362",
        ]
    },
    "fontFamily": "var(--font)",
    "defaultRadius": "sm",
}  # fmt: skip


def page_frame() -> Any:
    """Lay out what stays while pages change."""
    return dmc.MantineProvider(
        [
            dcc.Location(id="url", refresh="callback-nav"),
            html.A(_("Skip to the content"), href="#main", className="skip"),
            html.Div(id="header"),
            html.Div(id="error-notice", role="alert"),
            html.Main(id="main", tabIndex=-1, children=loading()),
            html.Div(id="footer"),
        ],
        theme=THEME,
        forceColorScheme=theme(),
    )


def loading() -> Any:
    """Show that a page is on its way."""
    return html.Div(
        [dmc.Skeleton(h=28, w=260), dmc.Skeleton(h=88), dmc.Skeleton(h=420)], className="skeletons"
    )


def header(view: View, path: str) -> Any:
    """Lay out the bar at the top for a page of a city."""
    return html.Header(
        [
            html.A(
                [
                    html.Span("更新", className="brand-zh", lang="zh"),
                    html.Span("Gengxin", className="brand-en"),
                ],
                href=view.link("/"),
                className="brand",
                title=_("Overview"),
            ),
            city_switcher(view, path),
            synthetic_badge(view),
            html.Nav(
                [_tab(view, path, *entry) for entry in PAGES], className="pages", **{"aria-label": _("Pages")}
            ),
            html.Div([_print_button(), _language_switch(), _theme_button()], className="tools"),
        ],
        className="bar",
    )


def city_switcher(view: View, path: str) -> Any:
    """Offer the other cities; only the name when there is one city."""
    known = cities.every(database())
    if len(known) == 1:
        return html.Span(named(view.city), className="city")
    target = [html.Span(named(view.city)), icon("chevron")]
    items = [
        dmc.MenuItem(named(city), href=f"{path}?city={city['slug']}&lang={language()}") for city in known
    ]
    opener = {"component": "button", "className": "city", "aria-label": _("Choose a city")}
    return dmc.Menu(
        [
            dmc.MenuTarget(html.Span(target), boxWrapperProps=opener),
            dmc.MenuDropdown(items),
        ]
    )


def synthetic_badge(view: View) -> Any:
    """Say that a city's data are invented, wherever they show."""
    if not view.city["synthetic"]:
        return None
    return html.Span(_("synthetic data"), className="badge synthetic", title=_("Invented for demonstration"))


def _tab(view: View, path: str, target: str, label: str) -> Any:
    here = target == path or (target != "/" and path.startswith(target))
    current = {"aria-current": "page"} if here else {}
    return dmc.Anchor(
        _(label),
        href=view.link(target),
        className="page-link here" if here else "page-link",
        unstyled=True,
        **current,
    )


def _print_button() -> Any:
    return html.Button(
        icon("print"), id="print", className="tool", title=_("Print"), **{"aria-label": _("Print")}
    )


def _theme_button() -> Any:
    label = _("Light theme") if theme() == "dark" else _("Dark theme")
    picture = icon("sun" if theme() == "dark" else "moon")
    return html.Button(picture, id="theme", className="tool", title=label, **{"aria-label": label})


def _language_switch() -> Any:
    other = next(name for name in LANGUAGES if name != language())
    return html.Button(
        LANGUAGES[other], id="language", value=other, className="tool word", lang=other.replace("_", "-")
    )


def footer(view: View) -> Any:
    """Name the source of what is shown, its notice and its licence."""
    newest = notices.newest(database(), view.city["id"])
    source = [view.attribution]
    if newest is not None:
        source.insert(0, _("Source: {notice}.").format(notice=newest["number"]))
    return html.Footer(
        [
            synthetic_badge(view),
            html.Span(" ".join(part for part in source if part)),
            html.Span(id="printed-at", **{"data-label": _("Printed")}),
        ],
        className="source",
    )


def heading(title: str, subtitle: str = "", actions: Any = None) -> Any:
    """Lay out a page's title, what it is about, and what can be done with it."""
    words = [html.H1(title), html.Span(subtitle, className="subtitle")]
    return html.Div(
        [html.Div(words, className="words"), html.Div(actions, className="actions")], className="heading"
    )


def report(error: Exception) -> None:
    """Show a failed callback's error above the page until it is closed; log what was not foreseen."""
    if isinstance(error, (GengxinError, GisError)):
        sentence = errors.translated(error)
    else:
        logging.getLogger("gengxin").error("A callback failed", exc_info=error)
        sentence = _("Gengxin made a mistake. It is written to the log; try again, or reload the page.")
    set_props("error-notice", {"children": error_box(sentence)})


def error_box(sentence: str) -> Any:
    """Say what went wrong and what to do."""
    return dmc.Alert(sentence, title=_("That did not work"), color="red", withCloseButton=True)


def empty_state(what: str, remedy: Any = "") -> Any:
    """Say that there is nothing to show, and what to do about it."""
    return html.Div([html.P(what), html.P(remedy, className="remedy")], className="empty")


def city_label(view: View) -> str:
    """Return the city's name in the reader's language."""
    return named(view.city)


clientside_callback(
    ClientsideFunction("gengxin", "arrive"),
    Output("main", "title"),
    Input("main", "children"),
    prevent_initial_call=True,
)
clientside_callback(
    ClientsideFunction("gengxin", "leave"),
    Output("error-notice", "title"),
    Input("url", "href"),
    prevent_initial_call=True,
)
clientside_callback(
    ClientsideFunction("gengxin", "toggleTheme"),
    Output("theme", "title"),
    Input("theme", "n_clicks"),
    prevent_initial_call=True,
)
clientside_callback(
    ClientsideFunction("gengxin", "switchLanguage"),
    Output("language", "title"),
    Input("language", "n_clicks"),
    State("language", "value"),
    prevent_initial_call=True,
)
clientside_callback(
    ClientsideFunction("gengxin", "print"),
    Output("print", "title"),
    Input("print", "n_clicks"),
    prevent_initial_call=True,
)
