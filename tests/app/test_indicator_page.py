"""The page of indicators: what an address chooses, its figures, its map, its export and runs on demand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import requests
import shapely
from fastapi import FastAPI

from app.api import exports, indicators, problems
from app.api.indicators import Wanted
from app.components.indicators.charts import distribution
from app.components.indicators.definition import definition
from app.components.indicators.map import colours, in_sight, legend, painted, shared_classes
from app.components.indicators.notice import notice
from app.components.indicators.table import written
from app.components.indicators.told import told
from app.components.indicators.words import missing_words, picture_name, run_name, verdict_words, writer
from app.i18n import use_language
from app.reader import ReaderMiddleware
from app.services import cities
from app.services.exports.layers import FILES
from app.services.indicators import page as indicator_page
from app.services.indicators.export import plan_indicator_export, write_indicator_file
from app.services.indicators.hatching import hatching_of
from app.services.indicators.page import class_of_units, classes_of, ordered, page_of, shapes_of, unit_at
from app.services.indicators.runs import run
from app.settings import Settings
from data.errors import NotFound, UnsupportedFormat
from data.indicator_codes import UNIT_KINDS
from data.session import Database
from tests.app import small_city
from tests.conftest import copied
from tests.processes import listening

SLUG = "small"


@pytest.fixture(scope="module")
def standing_url(server_url: str, empty_template: str) -> Iterator[str]:
    """A database with a city of two districts of one square kilometre each, computed once."""
    with copied(server_url, empty_template) as url:
        database = Database(url)
        small_city.build(database)
        small_city.ask_for_roads(database)
        run(database, SLUG, actor="test")
        database.close()
        yield url


@pytest.fixture(scope="module")
def standing(standing_url: str) -> Iterator[Database]:
    """The city, for tests that only read."""
    opened = Database(standing_url)
    yield opened
    opened.close()


@pytest.fixture
def small(server_url: str, standing: Database, standing_url: str) -> Iterator[Database]:
    """The city, for a test that writes."""
    standing.engine.dispose()
    with copied(server_url, standing_url.rpartition("/")[2].partition("?")[0]) as url:
        opened = Database(url)
        yield opened
        opened.close()


@pytest.fixture(autouse=True)
def english() -> None:
    use_language("en")


@contextmanager
def served(database: Database, home: Path) -> Iterator[str]:
    """Lend the address of a server of the indicators and exports alone."""
    app = FastAPI()
    app.state.database, app.state.settings = database, Settings(home=home)
    problems.register(app)
    app.include_router(exports.router)
    app.include_router(indicators.router)
    app.add_middleware(ReaderMiddleware, default="en")
    with listening(app) as address:
        yield address


@pytest.fixture
def address(small: Database, tmp_path: Path) -> Iterator[str]:
    """Address of a server of the city that a test writes to."""
    with served(small, tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def reading(standing: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server of the city that tests only read."""
    with served(standing, tmp_path_factory.mktemp("home")) as found:
        yield found


def page(database: Database, **params: str) -> indicator_page.Page:
    return page_of(database, cities.choose(database, SLUG), params)


def picture(database: Database, **params: str) -> indicator_page.Picture:
    found = page(database, **params).first
    assert found is not None
    return found


def test_a_bare_address_shows_an_indicator_that_is_known(standing: Database) -> None:
    shown = page(standing)
    assert shown.units == "district"
    assert shown.first is not None
    assert shown.first.known.size == 2
    assert (shown.second, shown.wrong) == (None, [])


def test_an_address_that_says_nonsense_still_shows_something_and_says_so(standing: Database) -> None:
    shown = page(standing, units="parish", indicator="happiness", run="x", sort="up")
    assert (shown.units, shown.indicator) == ("district", page(standing).indicator)
    assert [one.name for one in shown.wrong] == ["sort", "units", "run", "indicator"]
    said = "".join(texts(notice(shown)))
    assert "«parish» is no kind of unit; shown is: District." in said
    assert f"«happiness» is no indicator; shown is: {shown.indicator.name.en}." in said
    shown = page(standing, indicator="road_density", basis="moon", class2="pub", **{"class": "motorway"})
    assert shown.first is not None
    assert shown.first.asked.subject == ""
    assert shown.first.known.tolist() == pytest.approx([1.0, 0.0])
    said = "".join(texts(notice(shown)))
    assert "«motorway» is no class of this indicator; shown is: All." in said
    assert "«moon» is left out: this indicator has no such choice." in said
    assert "B · «pub» is no class of this indicator" in said
    assert notice(page(standing, indicator="road_density", **{"class": "all"})) is None


def texts(part: Any) -> Iterator[str]:
    """Every text of a laid-out part."""
    if isinstance(part, str):
        yield part
    for child in part if isinstance(part, list) else [getattr(part, "children", None)]:
        if child is not None:
            yield from texts(child)


def test_what_is_shown_has_an_address_of_its_own(standing: Database) -> None:
    asked = {"indicator": "service_coverage", "class": "kindergarten", "indicator2": "road_density"}
    shown = page(standing, **asked, basis2="nonsense", units="parish")
    again = page(standing, **shown.params)
    assert again.wrong == []
    assert again.params == shown.params
    assert again.first is not None
    assert again.second is not None
    assert again.first.asked[1:] == ("service_coverage", "kindergarten", "population")
    assert again.second.asked[1] == "road_density"


def test_an_address_chooses_class_and_basis(standing: Database) -> None:
    shown = picture(standing, indicator="service_coverage", basis="floor_area", **{"class": "kindergarten"})
    assert shown.asked[1:] == ("service_coverage", "kindergarten", "floor_area")
    assert shown.known.tolist() == [100.0]
    assert picture_name(shown) == "Service-radius coverage · Kindergarten · residential floor area"


def test_units_without_a_run_have_no_picture(standing: Database) -> None:
    shown = page(standing, units="grid", indicator="road_density")
    assert (shown.first, shown.runs, shown.indicator.code) == (None, [], "road_density")


def test_what_is_missing_is_named_and_its_parts_are_no_figures(standing: Database) -> None:
    shown = picture(standing, indicator="greenway_coverage")
    assert shown.known.empty
    assert set(shown.missing) == {"greenways"}
    assert missing_words("greenways") == "Greenways"
    assert missing_words("population.population | buildings.population") == (
        "Population (residents) or Buildings (residents)"
    )
    assert shown.table[["numerator", "denominator"]].isna().all(axis=None)


def test_the_newest_run_is_shown_and_an_older_one_by_its_number(small: Database) -> None:
    first = picture(small).asked.run
    again = run(small, SLUG, actor="test").run
    assert picture(small).asked.run == again
    assert picture(small, run=str(first)).asked.run == first


def test_two_runs_are_compared_unit_by_unit(small: Database) -> None:
    older = picture(small).asked.run
    with small.writing("test") as connection:
        small_city.run(connection, "UPDATE population_cell SET population = 1500")
    run(small, SLUG, actor="test")
    shown = page(small, indicator="population_density", run2=str(older))
    rows = indicator_page.compared(shown)
    assert rows["value"].tolist() == pytest.approx([1500.0, 0.0])
    assert rows["other"].tolist() == pytest.approx([1000.0, 0.0])
    assert rows["difference"].tolist() == pytest.approx([-500.0, 0.0])


def test_indicators_of_unlike_units_have_no_difference(standing: Database) -> None:
    shown = page(standing, indicator="population_density", indicator2="road_density")
    rows = indicator_page.compared(shown)
    assert rows["other"].tolist() == pytest.approx([1.0, 0.0])
    assert "difference" not in rows


def test_two_pictures_of_one_indicator_share_their_classes(standing: Database) -> None:
    shown = page(standing, indicator="renewal_coverage", basis="area", basis2="floor_area")
    assert shown.first is not None
    assert shown.second is not None
    one, other = shared_classes(shown, shown.first), shared_classes(shown, shown.second)
    assert one.classes.edges.tolist() == other.classes.edges.tolist()
    assert len(one.values) == len(other.values) == 4


def test_rows_are_ordered_with_the_unknown_last(standing: Database) -> None:
    shown = page(standing, indicator="mean_storeys")
    assert shown.first is not None
    assert shown.first.table["value"].isna().tolist() == [False, True]
    for sort in ("value.desc", "value.asc", "", "nonsense.up"):
        assert ordered(shown, sort, "unit_name_en")["unit_code"].tolist() == ["A", "B"]
    assert ordered(shown, "name.desc", "unit_name_en")["unit_code"].tolist() == ["B", "A"]


def test_the_table_says_not_supplied_and_never_zero(standing: Database) -> None:
    shown = page(standing, indicator="mean_storeys")
    known, unknown = written(shown, ordered(shown, "", "unit_name_en"))
    assert (known["value"], known["value_text"]) == (6.0, "6.000")
    assert (unknown["value"], unknown["value_text"]) == (None, "not supplied")
    assert unknown["reason"] == "nothing to count here, such as no homes"


def test_the_threshold_in_force_judges_with_a_word(standing: Database) -> None:
    shown = page(standing, indicator="road_density")
    assert shown.first is not None
    assert shown.first.verdicts() == {"fail": 2}
    assert shown.first.threshold is not None
    found, judging, reference = indicator_page.thresholds_of(standing, cities.choose(standing, SLUG), shown)
    assert judging == {shown.first.threshold.id}
    assert reference is None
    assert {one.threshold.indicator for one in found} == {"road_density"}
    assert len(found) > 1
    rows = written(shown, ordered(shown, "", "unit_name_en"))
    assert {row["judged_text"] for row in rows} == {"Does not meet it"}


def test_what_speaks_of_other_ground_stands_beside_and_judges_nothing(standing: Database) -> None:
    shown = page(standing, indicator="green_ratio")
    assert shown.first is not None
    assert shown.first.threshold is None
    assert shown.first.verdicts() == {}
    found, judging, reference = indicator_page.thresholds_of(standing, cities.choose(standing, SLUG), shown)
    assert not judging
    assert reference is not None
    assert reference in found
    assert reference.threshold.scope == "built_up"
    drawn = str(distribution(shown.first, reference))
    assert "for reference ≥ 38.9 % (Built-up area)" in drawn
    assert "for reference" not in str(distribution(shown.first))


def test_each_area_is_told_what_is_asked_of_it(small: Database) -> None:
    with small.writing("test") as connection:
        for kind in ("county_town", "cluster"):
            drawn = f"SELECT id, '{kind}', {small_city.shape(0, 0, 1000, 1000)} FROM city"
            small_city.run(connection, f"INSERT INTO constraint_area (city_id, kind, shape) {drawn}")
    run(small, SLUG, "area", actor="test")
    shown = page(small, units="area", indicator="population_density")
    assert shown.first is not None
    said = dict(zip(shown.first.table["unit_code"], verdict_words(shown.first), strict=True))
    assert said["county_town:1"] == "Does not meet it (6,000 – 10,000 persons/km²)"
    assert said["cluster:1"] == "Meets the threshold (≤ 10,000 persons/km²)"
    assert said["city"] == ""
    assert shown.first.threshold is None
    judging = indicator_page.thresholds_of(small, cities.choose(small, SLUG), shown).judging
    assert judging == set(shown.first.thresholds)


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


def test_a_run_says_a_speed_that_is_not_the_usual(small: Database, address: str) -> None:
    usual = picture(small).run
    assert "m/min" not in run_name(usual)
    url = f"{address}/api/v1/cities/{SLUG}/indicators/runs"
    assert requests.post(url, json={"units": "district", "speed": 900}, timeout=60).status_code == 422
    assert requests.post(url, json={"units": "district", "speed": 80}, timeout=60).status_code == 200
    quick = picture(small).run
    assert quick["parameters"]["walking_speed"] == 80
    assert run_name(quick).endswith(" · 80 m/min")


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


@pytest.mark.parametrize("kind", FILES)
def test_every_format_holds_the_rows_of_the_table(standing: Database, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"i.{kind}"
    asked = {"indicator": "road_density", "sort": "value.asc"}
    assert write_indicator_file(standing, SLUG, path, asked, "en") == 2
    found = _read(path, kind)
    shown = ordered(page(standing, **asked), "value.asc", "unit_name_en")
    assert found["code"].tolist() == shown["unit_code"].tolist() == ["B", "A"]
    for name in ("value", "numerator"):
        assert found[name].tolist() == pytest.approx(shown[name].tolist())
    assert found["verdict"].tolist() == ["fail", "fail"]
    assert found["data"].tolist() == ["synthetic", "synthetic"]
    assert found["run"].nunique() == 1


def _read(path: Path, kind: str) -> pd.DataFrame:
    if kind == "parquet":
        return gpd.read_parquet(path)
    if kind in {"csv", "xlsx"}:
        return pd.read_csv(path) if kind == "csv" else pd.read_excel(path)
    if kind == "shp.zip":
        return gpd.read_file(f"zip://{path}!indicators.shp").rename(columns={"denominato": "denominator"})
    return gpd.read_file(path, layer="indicators")


def test_an_export_of_a_comparison_holds_both(standing: Database, tmp_path: Path) -> None:
    asked = {"indicator": "renewal_coverage", "basis": "area", "basis2": "floor_area"}
    write_indicator_file(standing, SLUG, tmp_path / "i.csv", asked, "en")
    found = pd.read_csv(tmp_path / "i.csv").set_index("code")
    rows = indicator_page.compared(page(standing, **asked)).set_index("unit_code")
    assert found["other"].tolist()[:1] == rows["other"].tolist()[:1] == [100.0]
    assert found["difference"].tolist()[0] == pytest.approx(95.0)


def test_an_export_leaves_unknown_cells_empty_and_says_why(standing: Database, tmp_path: Path) -> None:
    write_indicator_file(standing, SLUG, tmp_path / "i.csv", {"indicator": "greenway_coverage"}, "en")
    found = pd.read_csv(tmp_path / "i.csv")
    assert found[["value", "numerator", "denominator"]].isna().all(axis=None)
    assert set(found["missing"]) == {"greenways"}


def test_an_export_says_where_it_comes_from(standing: Database) -> None:
    planned = plan_indicator_export(standing, SLUG, {"indicator": "road_density"})
    said = planned.words(2).readme()
    for part in (
        planned.first.run["inputs_hash"],
        planned.first.run["code_version"],
        "SYNTHETIC",
        "8 km/km²",
    ):
        assert part in said
    assert planned.file_name("csv").startswith("small-synthetic-road_density-district-")


def test_an_export_of_what_is_not_there_says_so(standing: Database, reading: str, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="not been computed"):
        write_indicator_file(standing, SLUG, tmp_path / "i.csv", {"units": "grid"}, "en")
    with pytest.raises(UnsupportedFormat):
        write_indicator_file(standing, SLUG, tmp_path / "i.doc", {}, "en")
    assert list(tmp_path.glob("i.*")) == []
    url = f"{reading}/export/indicators.csv?city={SLUG}"
    assert requests.get(f"{url}&units=grid", timeout=30).status_code == 404
    assert requests.get(f"{reading}/export/indicators.doc?city={SLUG}", timeout=30).status_code == 415
    good = requests.get(url, timeout=30)
    assert (good.status_code, len(good.text.splitlines())) == (200, 3)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("units=parish", "The parameter units cannot be «parish». Choose among: district,"),
        ("indicator=road_densty", "The parameter indicator cannot be «road_densty». Perhaps road_density"),
        ("indicator=xyz", "«xyz». `gengxin indicators list` names them all."),
        ("indicator=road_density&class=pub", "The parameter class cannot be «pub». Choose among: all"),
        ("indicator=road_density&basis=moon", "The parameter basis cannot be «moon». Leave it out."),
        ("indicator=service_coverage&basis=moon", "Choose among: population, floor_area."),
        ("run=x", "The parameter run cannot be «x». Choose among: 1."),
        ("run2=x", "The parameter run2 cannot be «x»."),
        ("indicator2=xyz", "The parameter indicator2 cannot be «xyz»."),
        ("sort=value.up", "The parameter sort cannot be «value.up»."),
        ("indicater=road_density", "Indicators have no parameter «indicater»."),
        ("indicator=" + "x" * 5000, "«" + "x" * 40 + "»"),
    ],
)
def test_what_does_not_exist_is_refused_over_http(reading: str, query: str, said: str) -> None:
    for url in (
        f"{reading}/api/v1/cities/{SLUG}/indicators.geojson?lang=en&{query}",
        f"{reading}/export/indicators.csv?city={SLUG}&lang=en&{query}",
    ):
        answer = requests.get(url, timeout=30)
        assert answer.status_code == 400
        assert answer.json()["error"] == "InvalidInput"
        assert said in answer.json()["detail"]


def _events(answer: requests.Response) -> list[dict[str, Any]]:
    return [json.loads(line[6:]) for line in answer.text.splitlines() if line.startswith("data: ")]


def test_a_run_asked_for_tells_its_progress_and_is_stored(standing: Database, reading: str) -> None:
    url = f"{reading}/api/v1/cities/{SLUG}/indicators/runs"
    answer = requests.post(
        url, json={"units": "grid", "side": 500}, timeout=60, headers={"X-Forwarded-User": "li"}
    )
    told = _events(answer)
    assert [one["done"] for one in told[:-1]] == list(range(len(told) - 1))
    shown = picture(standing, units="grid")
    assert told[-1]["run"] == shown.asked.run
    assert shown.run["actor"] == "web:li"
    assert len(shown.table) >= 8


@pytest.mark.parametrize("kind", UNIT_KINDS)
def test_every_kind_of_unit_may_be_asked_for(kind: str) -> None:
    assert Wanted(units=kind).units == kind


def test_a_run_that_cannot_be_made_says_why(small: Database, address: str) -> None:
    url = f"{address}/api/v1/cities/{SLUG}/indicators/runs"
    with small.writing("test") as connection:
        small_city.run(connection, "DELETE FROM zoning")
    (told,) = _events(requests.post(f"{url}?lang=en", json={"units": "zone"}, timeout=60))
    assert told["error"] == "Conflict"
    assert "no zone with a boundary" in told["detail"]
    refused = requests.post(url, json={"units": "parish"}, timeout=30)
    assert refused.status_code == 422
    assert refused.json()["detail"].startswith("The parameter units cannot be «parish».")
    assert requests.post(url, data={"units": "district"}, timeout=30).status_code == 422
    unknown = f"{address}/api/v1/cities/nowhere/indicators/runs"
    assert requests.post(unknown, json={"units": "district"}, timeout=30).status_code == 404


def test_one_run_of_the_same_units_at_a_time(standing: Database, reading: str) -> None:
    indicators.UNDER_WAY.add((SLUG, "district"))
    try:
        url = f"{reading}/api/v1/cities/{SLUG}/indicators/runs?lang=en"
        answer = requests.post(url, json={"units": "district"}, timeout=30)
    finally:
        indicators.UNDER_WAY.discard((SLUG, "district"))
    assert answer.status_code == 409
    assert "being computed" in answer.json()["detail"]
