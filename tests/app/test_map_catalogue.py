"""The map's layers: what each holds, the version of its tiles, its style, legend and default."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text

from app.components.map import classes
from app.components.map import legend as map_legend
from app.components.map import scene as map_scene
from app.components.map.scene import Scene, scene_of
from app.components.map.style import map_style
from app.components.view import View
from app.i18n import use_language
from app.services import cities
from app.services.map.catalogue import catalogue
from data import codes
from data.session import Database


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    use_language("en")
    yield
    use_language("zh_CN")


@pytest.fixture
def _served(demo_city: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(map_scene, "database", lambda: demo_city)


def scene(database: Database, **params: str) -> Scene:
    return scene_of(View(cities.choose(database, "demo-city"), params))


def layers_of(style: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {layer["id"]: layer for group in style["groups"] for layer in group["style"]}


def counted(database: Database, table: str, more: str = "") -> int:
    with database.reading() as connection:
        sql = (
            f"SELECT count(*) FROM {table} t JOIN city c ON c.id = t.city_id AND c.slug = 'demo-city' {more}"
        )
        return int(connection.scalar(text(sql)) or 0)


def test_a_layer_says_how_much_it_holds_and_where_it_comes_from(demo_city: Database) -> None:
    found = catalogue(demo_city, cities.choose(demo_city, "demo-city"))
    tables = {"buildings": "building", "zoning": "zoning", "streets": "street_edge", "problems": "problem"}
    for name, table in tables.items():
        assert found[name].contents.features == counted(demo_city, table), name
        assert found[name].supplied
        assert found[name].source
        assert found[name].date
    assert found["projects"].contents.known["boundary"] == counted(
        demo_city, "project", "WHERE boundary IS NOT NULL AND exit_notice_id IS NULL"
    )


def test_what_a_city_has_not_is_not_supplied(zhengzhou: Database) -> None:
    found = catalogue(zhengzhou, cities.choose(zhengzhou, "zhengzhou"))
    assert [name for name, layer in found.items() if layer.supplied] == ["districts"]


def test_a_change_of_a_layer_changes_its_version_and_no_other(demo_city: Database) -> None:
    city = cities.choose(demo_city, "demo-city")
    before = catalogue(demo_city, city)
    with demo_city.writing("t") as connection:
        connection.execute(text("DELETE FROM facility WHERE category = 'toilet'"))
    after = catalogue(demo_city, city)
    assert [name for name in after if after[name].version != before[name].version] == ["facilities"]
    assert "toilet" not in after["facilities"].codes()
    assert after["facilities"].contents.features < before["facilities"].contents.features


@pytest.mark.usefixtures("_served")
def test_the_projects_tiles_take_the_filters_of_the_page_and_others_do_not(demo_city: Database) -> None:
    params = {"stage": "construction", "q": "a&b", "day": "2025-06-30", "sel": "K1", "v": "1,2,3"}
    sources = map_style(scene(demo_city, **params))["sources"]
    asked = sources["projects"]["tiles"][0]
    assert "stage=construction" in asked
    assert "q=a%26b" in asked
    assert "day=2025-06-30" in asked
    assert "sel=" not in asked
    assert "construction" not in sources["buildings"]["tiles"][0]


@pytest.mark.usefixtures("_served")
def test_the_legend_has_the_colours_of_the_style(demo_city: Database) -> None:
    for by in classes.PROJECT_LOOKS:
        shown = scene(demo_city, by=by)
        drawn = json.dumps(layers_of(map_style(shown))["projects-fill"]["paint"]["fill-color"])
        said = json.dumps(
            [part.to_plotly_json() for part in map_legend.legend(shown)], default=str, ensure_ascii=False
        )
        for swatch in shown.projects.swatches:
            assert swatch.colour in drawn, by
            assert swatch.colour in said, by
            assert swatch.label in said, by


@pytest.mark.usefixtures("_served")
@pytest.mark.parametrize("by", classes.PROJECT_LOOKS)
def test_the_legend_counts_every_project_on_the_map_once(demo_city: Database, by: str) -> None:
    found = scene(demo_city, by=by).projects
    total = sum(swatch.count or 0 for swatch in (*found.swatches, found.unknown))
    assert total == counted(demo_city, "project", "WHERE boundary IS NOT NULL AND exit_notice_id IS NULL")


def test_every_code_has_a_colour() -> None:
    assert set(classes.land_use_colours()) == set(codes.LAND_USES)
    assert set(classes.CONSTRAINTS) == set(codes.CONSTRAINT_KINDS)
    assert set(classes.facility_colours()) == set(codes.FACILITY_CATEGORIES)
    assert set(classes.STREETS) == set(codes.STREET_CLASSES)
    assert set(classes.GREENWAYS) == set(codes.GREENWAY_CLASSES)
    assert set(classes.SURFACES) == set(codes.SURFACE_KINDS)
    assert set(classes.USES) == set(codes.BUILDING_USES)
    assert len(set(classes.TYPES)) == len(codes.PROJECT_TYPES)


@pytest.mark.usefixtures("_served")
@pytest.mark.parametrize(
    ("layer", "of_style", "property_of_style", "terms"),
    [
        ("greenways", "greenways-line", "line-color", codes.GREENWAY_CLASSES),
        ("surfaces", "surfaces-fill", "fill-color", codes.SURFACE_KINDS),
    ],
)
def test_greenways_and_surfaces_show_when_they_are_switched_on(
    demo_city: Database, layer: str, of_style: str, property_of_style: str, terms: dict[str, codes.Term]
) -> None:
    assert layer not in scene(demo_city).shown
    shown = scene(demo_city, layers=layer)
    drawn = layers_of(map_style(shown))[of_style]["paint"][property_of_style]
    legend = [part.to_plotly_json() for part in map_legend.legend(shown)]
    said = json.dumps(legend, default=str, ensure_ascii=False)
    held = shown.layers[layer].contents.codes
    assert sum(held.values()) == counted(demo_city, layer.removesuffix("s"))
    for code, count in held.items():
        assert drawn[drawn.index(code) + 1] in said
        assert terms[str(code)].en in said
        assert f"{count:,}" in said


@pytest.mark.usefixtures("_served")
def test_buildings_stand_up_only_in_three_dimensions(demo_city: Database) -> None:
    flat = layers_of(map_style(scene(demo_city)))
    tall = layers_of(map_style(scene(demo_city, **{"3d": "1"})))
    assert flat["buildings-fill"]["type"] == "fill"
    assert tall["buildings-3d"]["type"] == "fill-extrusion"
    assert not any(layer["type"] == "fill-extrusion" for layer in flat.values())


@pytest.mark.usefixtures("_served")
def test_names_are_chinese_english_or_none(demo_city: Database) -> None:
    zh = map_style(scene(demo_city, labels="zh"))["sources"]["places"]["data"]["features"]
    en = map_style(scene(demo_city, labels="en"))["sources"]["places"]["data"]["features"]
    assert {f["properties"]["name"] for f in zh}.isdisjoint(f["properties"]["name"] for f in en)
    off = layers_of(map_style(scene(demo_city, labels="off")))
    named = [name for name in off if name.endswith("-names")]
    assert named == []


@pytest.mark.usefixtures("_served")
def test_unknown_is_a_grey_of_its_own_in_every_scale(demo_city: Database) -> None:
    for unit, name in (("district", "investment"), ("zone", "far"), ("project", "floor_area-change")):
        style = map_style(scene(demo_city, unit=unit, figure=name))
        layer = {"district": "districts-fill", "zone": "zoning-fill", "project": "projects-fill"}[unit]
        expression = layers_of(style)[layer]["paint"]["fill-color"]
        assert expression[0] == "case"
        assert expression[-1] == classes.unknown_colour()
        assert expression[-1] not in json.dumps(expression[:-1])


@pytest.mark.usefixtures("_served")
def test_a_style_is_small(demo_city: Database) -> None:
    for unit, name in (("district", "investment"), ("project", "investment"), ("zone", "far")):
        assert len(json.dumps(map_style(scene(demo_city, unit=unit, figure=name)))) < 60_000


def test_many_who_ask_at_once_count_a_layer_once(zhengzhou: Database) -> None:
    city = cities.choose(zhengzhou, "zhengzhou")
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: catalogue(zhengzhou, city), range(8)))
    for name in found[0]:
        assert len({id(one[name].contents) for one in found}) == 1, name
    assert all(one == found[0] for one in found)
