"""The map of the page of indicators: classes, names, hatching, clicks, and its GeoJSON."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import requests
import shapely

from app.api import indicators
from app.components.district_map import short_name
from app.components.indicators.charts import distribution
from app.components.indicators.definition import definition
from app.components.indicators.map import colours, fitting, in_sight, legend, painted
from app.components.indicators.told import told
from app.components.indicators.words import writer
from app.i18n import use_language
from app.services import cities
from app.services.indicators import page as indicator_page
from app.services.indicators.hatching import hatching_of
from app.services.indicators.page import class_of_units, classes_of, shapes_of, unit_at
from app.services.indicators.runs import run
from data.session import Database
from tests.app import small_city
from tests.app.indicators.asked import SLUG, page, picture, texts


def test_legend_counts_and_map_colours_agree(standing: Database) -> None:
    shown = page(standing, indicator="mean_storeys")
    assert shown.first is not None
    units = painted(shown, shown.first, shapes_of(standing, shown.first.asked.run))
    classes = classes_of(shown.first).classes
    assert class_of_units(shown.first, classes).isna().tolist() == [False, True]
    swatches = json.dumps(legend(shown, shown.first).to_plotly_json(), default=lambda x: x.to_plotly_json())
    for tint in colours(classes):
        assert tint in swatches
    fills = ["#" + "".join(f"{part:02x}" for part in fill[:3]) for fill in units["fill"]]
    assert fills[0] in colours(classes)
    assert fills[1] not in colours(classes)
    assert fills[1] in swatches
    assert "nothing to count here, such as no homes" in swatches


@pytest.mark.parametrize(
    ("values", "value", "said"),
    [
        ([15667.0, 4.0], 15667.0, "15,667"),
        ([15667.0, 0.004], 0.004, "0.004"),
        ([0.1750, 0.0066], 0.0066, "0.0066"),
        ([8.0, 9.123], 8.0, "8.000"),
        ([float("nan")], float("nan"), "not supplied"),
    ],
)
def test_figures_have_the_places_of_the_greatest(values: list[float], value: float, said: str) -> None:
    use_language("en")
    assert writer(pd.Series(values))(value).startswith(said[:6])


def test_values_that_are_all_equal_are_one_class_and_one_bar_at_the_value(standing: Database) -> None:
    shown = page(standing, indicator="land_area")
    assert shown.first is not None
    said = list(texts(legend(shown, shown.first)))
    assert "all equal" in said
    assert not any("classes" in words for words in said)
    drawn = distribution(shown.first).children[0].data["props"]["figure"]
    (bars,) = drawn["data"]
    assert (bars["x"], bars["y"]) == (pytest.approx([1.0]), [2])
    assert bars["hovertext"] == ["1.000 km²: 2 units"]
    assert drawn["layout"]["xaxis"]["ticktext"] == ["1.000, all equal"]
    low, high = drawn["layout"]["xaxis"]["range"]
    assert 0 < low < 1 < high


def test_axes_write_figures_in_full_and_money_in_hundred_millions(standing: Database) -> None:
    drawn = (
        distribution(picture(standing, indicator="investment_per_km2")).children[0].data["props"]["figure"]
    )
    across = drawn["layout"]["xaxis"]
    assert (across["exponentformat"], across["separatethousands"]) == ("none", True)
    assert across["title"]["text"] == "CNY 100 M / km²"
    assert max(drawn["data"][0]["x"]) < 12


def test_names_that_would_touch_another_are_left_out() -> None:
    bounds, box = (0.0, 0.0, 1.0, 1.0), (1048.0, 1048.0)
    wide = 7.2 * 10 / 1000
    for apart, kept in ((0.99 * wide, [True, False]), (1.01 * wide, [True, True])):
        places = np.array([[0.1, 0.1], [0.1 + apart, 0.1]])
        assert fitting(places, ["a" * 10, "b" * 10], bounds, box) == kept
    chain = np.array([[0.1, 0.1], [0.1 + 0.6 * wide, 0.1], [0.1 + 1.2 * wide, 0.1]])
    assert fitting(chain, ["a" * 10] * 3, bounds, box) == [True, False, True], "the second is not there"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("宝井更新单元", "宝井"),
        ("Baojing Renewal Unit", "Baojing"),
        ("Xihukou District", "Xihukou"),
        ("更新单元", "更新单元"),
    ],
)
def test_a_label_leaves_out_the_word_for_the_kind(name: str, said: str) -> None:
    assert short_name(name) == said


def test_each_side_of_a_comparison_has_its_definition(standing: Database) -> None:
    shown = page(standing, indicator="population_density", indicator2="road_density")
    assert shown.other is not None
    city = cities.choose(standing, SLUG)
    first, second = (
        "".join(texts(definition(side, indicator_page.thresholds_of(standing, city, side), letter)))
        for side, letter in ((shown, "A"), (shown.other, "B"))
    )
    assert "Population density = " in first
    assert "Road network density = " in second
    assert "≥ 8 km/km²" in second
    assert "≥ 8 km/km²" not in first
    assert "walking speed 60 m/min" in first
    assert "walking_speed" in second, "what else was chosen for the run stands behind a click"


def test_unknown_units_are_hatched_and_no_other_ground(standing: Database) -> None:
    shown = picture(standing, indicator="mean_storeys")
    shapes = shapes_of(standing, shown.asked.run)
    lines = shapely.from_geojson(json.dumps(hatching_of(standing, shown)))
    unknown = shapes.loc["B", "geometry"]
    assert lines.length > 0
    assert lines.within(unknown.buffer(2e-5))
    assert unknown.within(lines.buffer(max(shapes.total_bounds[2:] - shapes.total_bounds[:2]) / 70))
    assert hatching_of(standing, picture(standing, indicator="road_density")) is None


def test_a_unit_within_another_is_drawn_over_it_named_beside_it_and_found_by_a_click(small: Database) -> None:
    row = f"'old_city', {small_city.shape(0, 0, 500, 500)}"
    with small.writing("test") as connection:
        small_city.run(
            connection, f"INSERT INTO constraint_area (city_id, kind, shape) SELECT id, {row} FROM city"
        )
    run(small, SLUG, "area", actor="test")
    shown = page(small, units="area", indicator="land_area")
    assert shown.first is not None
    units = painted(shown, shown.first, shapes_of(small, shown.first.asked.run))
    assert units.index.tolist() == ["city", "old_city"]
    city, old = units.geometry
    ring, same = in_sight(units.geometry.to_numpy())
    assert ring.area == pytest.approx(city.area - old.area)
    assert same.equals(old)
    inside = old.representative_point()
    assert unit_at(small, shown.first.asked.run, inside.x, inside.y) == "old_city"


def test_a_clicked_unit_says_what_is_known_of_it(standing: Database) -> None:
    shown = page(standing, indicator="mean_storeys")
    assert shown.first is not None
    shapes = shapes_of(standing, shown.first.asked.run)
    for code, said in (("A", "6.000"), ("B", "nothing to count here")):
        inside = shapes.loc[code, "geometry"].representative_point()
        assert unit_at(standing, shown.first.asked.run, inside.x, inside.y) == code
        assert said in "".join(texts(told(shown, code)))
    assert unit_at(standing, shown.first.asked.run, 0.0, 0.0) is None


def test_geojson_holds_every_unit_with_its_value(reading: str) -> None:
    url = f"{reading}/api/v1/cities/{SLUG}/indicators.geojson?indicator=population_density"
    answer = requests.get(url, timeout=30)
    found = answer.json()
    assert found["synthetic"] is True
    rows = {row["properties"]["code"]: row for row in found["features"]}
    assert rows["A"]["properties"]["value"] == pytest.approx(1000.0)
    assert rows["A"]["properties"]["numerator"] == pytest.approx(1000.0)
    assert rows["A"]["properties"]["denominator"] == pytest.approx(1.0)
    assert shapely.from_geojson(json.dumps(rows["A"]["geometry"])).is_valid
    again = requests.get(url, timeout=30, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_texts_of_the_map_are_escaped(small: Database, address: str) -> None:
    with small.writing("test") as connection:
        small_city.run(connection, "UPDATE district SET name_en = '<b>&' WHERE code = 'A'")
    run(small, SLUG, actor="test")
    url = f"{address}/api/v1/cities/{SLUG}/indicators.geojson?look=dark&lang=en"
    names = [row["properties"]["name"] for row in requests.get(url, timeout=30).json()["features"]]
    assert names == ["&lt;b&gt;&amp;", "District B"]


def test_many_units_are_drawn_by_class(
    small: Database, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indicators, "MOST_UNITS", 5)
    run(small, SLUG, "grid", actor="test", side=250.0)
    url = f"{address}/api/v1/cities/{SLUG}/indicators.geojson?units=grid&look=light&lang=en"
    rows = requests.get(url, timeout=30).json()["features"]
    shown = page(small, units="grid")
    assert shown.first is not None
    assert len(rows) == classes_of(shown.first).classes.k
    units = shapes_of(small, shown.first.asked.run)
    area = sum(shapely.from_geojson(json.dumps(row["geometry"])).area for row in rows)
    assert area == pytest.approx(shapely.area(units.geometry.to_numpy()).sum(), rel=1e-3)


def test_shapes_are_thinned_without_gaps(zhengzhou: Database) -> None:
    use_language("en")
    done = run(zhengzhou, "zhengzhou", actor="test", indicators=["projects_per_km2"])
    units = shapes_of(zhengzhou, done.run)
    whole = units[units.geometry.notna()].geometry.to_numpy()
    assert shapely.get_num_coordinates(whole).sum() <= indicator_page.POINTS
    assert shapely.coverage_is_valid(whole)
