"""What the map's address says, and who is named for a change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import shapely
from sqlalchemy import text

from app.components.actor import actor_of
from app.components.map import scene as map_scene
from app.components.map.scene import scene_of
from app.components.map.state import Clicked, clicked, is_drawing, layer_url, opacity, visible
from app.components.map.style import map_style
from app.components.view import View
from app.i18n import use_language
from app.services import cities
from app.services.boundaries.edit import save_boundary
from app.services.map.view import map_view
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


@pytest.mark.parametrize(
    "text", ["", "x", "1", "1,2,3,4", "1,2,3,2,2", "200,10", "10,95", "nan,3", "inf,2", "1,,2"]
)
def test_a_place_that_is_none_is_no_place(text: str) -> None:
    assert clicked(view(at=text)) is None


def test_a_place_has_a_zoom_or_not() -> None:
    assert clicked(view(at="113.6,34.7")) == clicked(view(at="113.60,34.70"))
    place = clicked(view(at="113.6,34.7,10.5"))
    assert place is not None
    assert (place.lon, place.lat, place.zoom, place.second) == (113.6, 34.7, 10.5, False)
    on_second = clicked(view(at="113.6,34.7,10.5,2"))
    assert on_second == Clicked(113.6, 34.7, 10.5, second=True)


def test_only_known_layers_are_shown_or_dimmed() -> None:
    current = view(layers="projects,nonsense,districts,projects", dim="buildings:40,zoning:x,districts:999")
    known = ("districts", "buildings", "projects")
    assert visible(current, known, ["districts"]) == ["projects", "districts"]
    assert visible(view(), known, ["districts"]) == ["districts"]
    assert visible(view(layers=""), known, ["districts"]) == []
    dimmed = {name: opacity(current, name) for name in ("buildings", "zoning", "districts", "projects")}
    assert dimmed == {"buildings": 40, "zoning": 100, "districts": 100, "projects": 100}


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


@pytest.fixture
def _served(zhengzhou: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(map_scene, "database", lambda: zhengzhou)


def style_of(database: Database, **params: str) -> dict[str, Any]:
    return map_style(scene_of(View(cities.choose(database, "zhengzhou"), params)))


@pytest.mark.usefixtures("_served")
def test_one_bubble_a_district_and_none_for_zones(zhengzhou: Database) -> None:
    places = style_of(zhengzhou)["sources"]["places"]["data"]["features"]
    by_code = {place["properties"]["code"]: place["properties"] for place in places}
    assert len(by_code) == 12
    assert by_code["410104"]["pending"] == 36
    largest, smaller = by_code["410104"]["radius"], by_code["410105"]["radius"]
    assert (smaller / largest) ** 2 == pytest.approx(24 / 36, rel=0.01)


@pytest.mark.usefixtures("_served")
def test_a_filter_is_in_the_address_of_the_projects_tiles_and_counts_the_bubbles(zhengzhou: Database) -> None:
    with zhengzhou.reading() as connection:
        code = connection.scalar(text("SELECT code FROM project ORDER BY code LIMIT 1"))
    square = shapely.geometry.mapping(shapely.box(113.6, 34.75, 113.61, 34.76))
    save_boundary(
        zhengzhou, "zhengzhou", str(code), square, status="drafted", actor="test", accept_warnings=True
    )
    style = style_of(zhengzhou, district="410104", boundary="pending")
    assert "district=410104&boundary=pending" in style["sources"]["projects"]["tiles"][0]
    assert "district=" not in style["sources"]["districts"]["tiles"][0]


def test_the_lists_that_a_callback_sends_are_short(zhengzhou: Database) -> None:
    shown = map_view(zhengzhou, cities.choose(zhengzhou, "zhengzhou"), ProjectFilter())
    assert len(shown.listed) <= 40
