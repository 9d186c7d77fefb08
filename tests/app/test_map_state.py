"""What the map's address says, and who is named for a change."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import RowMapping

from app.components.actor import actor_of
from app.components.map_layers import map_layers
from app.components.map_state import clicked, hidden, is_drawing, layer_url, opacity
from app.components.view import View
from app.i18n import use_language
from app.services import cities
from app.services.map_view import map_view
from data.projects import ProjectFilter
from data.session import Database

CITY: Any = {"slug": "zhengzhou"}


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    use_language("en")
    yield
    use_language("zh_CN")


def view(**params: str) -> View:
    return View(CITY, params)


@pytest.mark.parametrize("text", ["", "x", "1", "1,2,3,4", "200,10", "10,95", "nan,3", "inf,2", "1,,2"])
def test_a_place_that_is_none_is_no_place(text: str) -> None:
    assert clicked(view(at=text)) is None


def test_a_place_has_a_zoom_or_not() -> None:
    assert clicked(view(at="113.6,34.7")) == clicked(view(at="113.60,34.70"))
    place = clicked(view(at="113.6,34.7,10.5"))
    assert place is not None
    assert (place.lon, place.lat, place.zoom) == (113.6, 34.7, 10.5)


def test_only_known_layers_are_hidden_or_dimmed() -> None:
    current = view(hide="pending,nonsense", dim="drafted:40,surveyed:x,districts:999")
    assert hidden(current) == {"pending"}
    assert [opacity(current, name) for name in ("drafted", "surveyed", "districts", "pending")] == [
        40,
        100,
        100,
        100,
    ]


def test_drawing_needs_a_project() -> None:
    assert is_drawing(view(sel="K1", draw="1"))
    assert not is_drawing(view(draw="1"))
    assert not is_drawing(view(sel="K1"))


def test_the_layer_is_read_with_the_filters_of_the_page_and_no_more() -> None:
    url = layer_url(view(q="a&b", district="410102", sel="K1", v="1,2,3", lang="en"), boundary="drafted")
    assert url.startswith("/api/v1/cities/zhengzhou/projects.geojson?q=a%26b&district=410102&")
    assert "boundary=drafted" in url
    assert "sel=" not in url


@pytest.mark.parametrize(
    ("headers", "actor"),
    [
        ({}, "web"),
        ({"X-Forwarded-User": "wang"}, "web:wang"),
        ({"x-forwarded-user": " li\n\x00 "}, "web:li"),
        ({"X-Forwarded-User": "x" * 500}, "web:" + "x" * 80),
        ({"X-Forwarded-User": "   "}, "web"),
    ],
)
def test_the_actor_is_whom_the_proxy_names(headers: dict[str, str], actor: str) -> None:
    assert actor_of(headers) == actor


def layers_of(database: Database, **params: str) -> dict[str, dict[str, Any]]:
    city: RowMapping = cities.choose(database, "zhengzhou")
    current = View(city, params)
    shown = map_view(database, city, current.filter)
    return {layer["id"]: layer for layer in map_layers(current, shown, None, clicked(current), None)}


def test_one_bubble_a_district_and_none_for_zones(zhengzhou: Database) -> None:
    bubbles = layers_of(zhengzhou)["pending"]["data"]
    assert len(bubbles) == 12
    by_code = {bubble["code"]: bubble for bubble in bubbles}
    assert by_code["410104"]["text"] == "36"
    largest, smaller = by_code["410104"]["radius"], by_code["410105"]["radius"]
    assert (smaller / largest) ** 2 == pytest.approx(24 / 36, rel=0.01)


def test_layers_that_the_filter_excludes_are_not_asked_for(zhengzhou: Database) -> None:
    assert {"drafted", "surveyed"} <= set(layers_of(zhengzhou))
    assert "surveyed" not in layers_of(zhengzhou, boundary="drafted")
    assert not {"drafted", "surveyed"} & set(layers_of(zhengzhou, boundary="pending"))


def test_the_layers_that_a_callback_sends_are_small(zhengzhou: Database) -> None:
    assert len(json.dumps(layers_of(zhengzhou))) < 20_000
    shown = map_view(zhengzhou, cities.choose(zhengzhou, "zhengzhou"), ProjectFilter())
    assert len(shown.listed) <= 40
