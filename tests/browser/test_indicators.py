"""The page of indicators in a browser: choices in the address, map, table, definition, comparison, runs."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import text

from app.services.demo import load_zhengzhou
from app.services.indicators.runs import run
from data.session import Database
from gis.catalogue import INDICATORS
from tests.app import small_city
from tests.browser.conftest import save_screenshot, serving
from tests.browser.pointer import middle
from tests.browser.test_pages import SERIOUS
from tests.browser.waiting import at_rest, eventually
from tests.conftest import copied

pytestmark = pytest.mark.browser
CITY = "demo-city"


@pytest.fixture(scope="session")
def measured_site(
    server_url: str, demo_city_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Address of a server on the demo city with two runs of districts; Zhengzhou has none."""
    log = tmp_path_factory.mktemp("indicators") / "server.log"
    with copied(server_url, demo_city_template) as url:
        database = Database(url)
        load_zhengzhou(database)
        small_city.ask_for_roads(database, CITY)
        with database.writing("test") as connection:
            connection.execute(text("DELETE FROM surface"))
        chosen = ["population_density", "road_density", "service_coverage", "permeable_ratio"]
        run(database, CITY, actor="test", indicators=chosen)
        run(database, CITY, actor="test", indicators=chosen)
        database.close()
        with serving(url, log) as address:
            yield address


def opened(page: Page, site: str, **params: str) -> None:
    query = "&".join(f"{name}={value}" for name, value in params.items())
    page.goto(f"{site}/indicators?{query}")
    expect(page.locator("#indicator-list")).to_be_visible()
    at_rest(page)


def choice(page: Page, label: str) -> Locator:
    return page.get_by_role("combobox", name=label, exact=True).or_(
        page.get_by_role("textbox", name=label, exact=True)
    )


def first_cells(page: Page, column: str) -> list[str]:
    cells = page.locator(f".ag-center-cols-container .ag-row .ag-cell[col-id='{column}']")
    expect(cells.first).to_be_visible()
    return cells.all_inner_texts()


@pytest.mark.parametrize("language", ["zh_CN", pytest.param("en", marks=pytest.mark.thorough)])
def test_an_indicator_is_mapped_ranked_distributed_and_judged(
    page: Page, measured_site: str, language: str
) -> None:
    opened(page, measured_site, city=CITY, lang=language, indicator="road_density")
    expect(page.locator(".badge.synthetic").first).to_be_visible()
    expect(page.locator("#indicator-map-1 canvas").first).to_be_visible()
    expect(page.locator(".legend .class")).not_to_have_count(0)
    expect(page.locator("#distribution")).to_contain_text("8 km/km²")
    verdicts = first_cells(page, "verdict")
    assert all(text[0] in "✓✗" and len(text) > 2 for text in verdicts if text)
    values = [float(text) for text in first_cells(page, "value") if text[0].isdigit()]
    assert values == sorted(values, reverse=True)
    save_screenshot(page, f"indicators-{language}")
    faults = Axe().run(page).response["violations"]
    assert [(f["id"], f["nodes"][0]["html"]) for f in faults if f["impact"] in SERIOUS] == []


def test_a_threshold_of_other_ground_is_shown_for_reference(page: Page, measured_site: str) -> None:
    opened(page, measured_site, city=CITY, lang="en", indicator="population_density")
    expect(page.locator("#distribution")).to_contain_text("for reference ≤ 10,000 persons/km² (Cluster)")
    expect(page.get_by_text("For reference", exact=True)).to_be_visible()
    expect(page.locator(".ag-cell[col-id='verdict']")).to_have_count(0)


def test_it_fits_900_px_in_the_dark_theme(page: Page, measured_site: str) -> None:
    page.context.add_cookies([{"name": "gengxin_theme", "value": "dark", "url": measured_site}])
    page.set_viewport_size({"width": 900, "height": 800})
    opened(page, measured_site, city=CITY, lang="en", indicator="road_density")
    page.locator(".indicator-grid").scroll_into_view_if_needed()
    first_cells(page, "name")
    save_screenshot(page, "indicators-900-dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= 900
    faults = Axe().run(page).response["violations"]
    assert [(f["id"], f["nodes"][0]["html"]) for f in faults if f["impact"] in SERIOUS] == []


def test_choices_are_made_with_the_keyboard_and_live_in_the_address(page: Page, measured_site: str) -> None:
    opened(page, measured_site, city=CITY, lang="en")
    indicator = choice(page, "Indicator")
    indicator.focus()
    indicator.fill("Service-radius")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**indicator=service_coverage**")
    expect(page.locator(".legend .title")).to_contain_text("Service-radius coverage")
    facility = choice(page, "Class of facility")
    facility.click()
    page.get_by_role("option", name="Park", exact=True).click()
    page.wait_for_url("**class=park**")
    expect(page.locator(".legend .title")).to_contain_text("Park · residents")
    page.reload()
    expect(page.locator(".legend .title")).to_contain_text("Park · residents")
    page.go_back()
    expect(page.locator(".legend .title")).to_contain_text("Bus stop · residents")
    page.go_back()
    expect(page.locator(".legend .title")).to_contain_text("Population density")


def test_the_order_of_the_table_is_in_the_address_and_in_the_exports(page: Page, measured_site: str) -> None:
    opened(page, measured_site, city=CITY, lang="en", indicator="road_density")
    first_cells(page, "name")
    page.locator(".ag-header-cell[col-id='name']").click()
    page.wait_for_url("**sort=name.asc**")
    names = eventually(page, lambda: first_cells(page, "name"), lambda names: names == sorted(names))
    for kind in ("csv", "xlsx", "gpkg", "geojson", "parquet"):
        expect(page.locator(f"#export-indicators-{kind}")).to_have_attribute(
            "href", re.compile(rf"/export/indicators\.{kind}\?.*sort=name\.asc")
        )
    with page.expect_download() as download:
        page.locator("#export-indicators-csv").click()
    lines = download.value.path().read_text("utf-8-sig").splitlines()
    assert [line.split('","')[2].split('"')[0] for line in lines[1:]] == names


HEADINGS = ".ag-header-cell-text"
CUT = "(some) => some.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.innerText)"


@pytest.mark.parametrize(
    ("indicator", "said"),
    [
        ("road_density", {"Value, km/km²", "Length of streets, km", "Land area, km²"}),
        ("population_density", {"Value, persons/km²", "Residents", "Land area, km²"}),
    ],
)
def test_the_headings_of_the_ranking_say_their_units_in_full(
    page: Page, measured_site: str, indicator: str, said: set[str]
) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    opened(page, measured_site, city=CITY, lang="en", indicator=indicator)
    first_cells(page, "denominator")
    assert said <= set(page.locator(HEADINGS).all_inner_texts())
    assert page.locator(HEADINGS).evaluate_all(CUT) == []


@pytest.mark.parametrize("indicator", ["road_density", "service_coverage", "population_density"])
def test_no_button_stands_in_a_row_of_its_own(page: Page, measured_site: str, indicator: str) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    opened(page, measured_site, city=CITY, lang="en", indicator=indicator)
    last = page.get_by_role("link", name="On the map").bounding_box()
    before = page.locator("#indicator-compare").bounding_box()
    assert last is not None
    assert before is not None
    assert last["y"] == before["y"]


def test_the_definition_is_one_click_away(page: Page, measured_site: str) -> None:
    opened(page, measured_site, city=CITY, lang="en", indicator="road_density")
    body = page.locator("#indicator-definition .body")
    expect(body).to_be_hidden()
    page.locator("#indicator-definition > summary").focus()
    page.keyboard.press("Enter")
    expect(body).to_be_visible()
    expect(body).to_contain_text("km/km²")
    expect(body.locator("tr.chosen")).to_have_count(1)
    expect(body.locator("tr.chosen")).to_contain_text("judges here")
    expect(body).to_contain_text("Streets")


@pytest.mark.thorough
def test_two_runs_stand_side_by_side(page: Page, measured_site: str) -> None:
    opened(page, measured_site, city=CITY, lang="en", indicator="road_density")
    page.locator("#indicator-compare").click()
    page.wait_for_url("**run2=**")
    expect(page.locator("#indicator-map-2 canvas").first).to_be_visible()
    expect(page.locator("#scatter")).to_contain_text("B · Road network density")
    eventually(page, lambda: set(first_cells(page, "difference")), lambda found: found <= {"0.00", "–"})
    first, second = page.locator(".legend").all_inner_texts()
    assert first == second
    save_screenshot(page, "indicators-compared")
    page.get_by_role("link", name="Stop comparing").click()
    page.wait_for_url(re.compile(r"^(?!.*run2)"))
    expect(page.locator("#indicator-map-2")).to_have_count(0)


def test_two_indicators_stand_side_by_side(page: Page, measured_site: str) -> None:
    asked = {"indicator": "road_density", "indicator2": "population_density"}
    opened(page, measured_site, city=CITY, lang="en", **asked)
    assert len(first_cells(page, "other")) == 7
    expect(page.locator(".ag-header-cell[col-id='difference']")).to_have_count(0)
    expect(page.locator(".map-title")).to_have_text(["A · Road network density", "B · Population density"])
    expect(page.locator("#indicator-definition-a .gist")).to_contain_text("Road network density = ")
    expect(page.locator("#indicator-definition-b .gist")).to_contain_text("Population density = ")


def test_a_wrong_address_shows_something_and_says_so(page: Page, measured_site: str) -> None:
    opened(page, measured_site, city=CITY, lang="en", indicator="happiness", run="x")
    expect(page.locator(".notice")).to_contain_text("«happiness» is no indicator; shown is:")
    expect(page.locator(".notice")).to_contain_text("«x» is no run for these units")
    href = page.locator("#export-indicators-csv").get_attribute("href") or ""
    assert "happiness" not in href
    assert page.request.get(f"{measured_site}{href}").status == 200
    choice(page, "Indicator").click()
    page.get_by_role("option", name="Road network density", exact=True).click()
    page.wait_for_url("**indicator=road_density**")
    expect(page.locator(".notice")).to_have_count(1)
    expect(page.locator(".notice")).not_to_contain_text("happiness")


def test_a_unit_is_told_at_the_first_click(page: Page, measured_site: str) -> None:
    opened(page, measured_site, city=CITY, lang="en", indicator="road_density")
    expect(page.locator(".told")).to_have_text("Click a unit for its value.")
    expect(page.locator(".legend .hatched")).to_have_count(1)
    place = middle(page.locator("#indicator-map-1"))
    page.mouse.move(place[0] - 9, place[1])
    page.mouse.move(*place, steps=4)
    expect(page.locator(".deck-tooltip")).to_contain_text("km/km²")
    page.mouse.click(*place)
    expect(page.locator(".told b")).to_have_count(2)
    name, value = page.locator(".told b").all_inner_texts()
    row = page.locator(".ag-center-cols-container .ag-row").filter(has_text=name)
    assert value == row.locator("[col-id='value']").inner_text() + " km/km²"


def test_an_indicator_that_lacks_its_input_says_which(page: Page, measured_site: str) -> None:
    opened(page, measured_site, city=CITY, lang="en", indicator="permeable_ratio")
    expect(page.locator(".empty")).to_contain_text("It lacks: Permeable ground")
    expect(page.locator("#indicator-list")).to_contain_text("needs: Permeable ground")
    assert set(first_cells(page, "value")) == {"not supplied"}


def test_what_has_not_been_computed_is_computed_on_demand(page: Page, measured_site: str) -> None:
    opened(page, measured_site, city="zhengzhou", lang="en", indicator="investment_per_km2")
    expect(page.locator(".empty code")).to_have_text(
        "gengxin indicators run --city zhengzhou --units district"
    )
    save_screenshot(page, "indicators-empty")
    page.get_by_role("button", name="Compute now").click()
    expect(page.locator(".legend .title")).to_contain_text("Renewal investment")
    expect(page.locator("#indicator-list summary")).to_contain_text(
        f"3 of {len(INDICATORS)} indicators computed"
    )
    expect(page.locator("#indicator-list")).to_contain_text("needs: Buildings")
    save_screenshot(page, "indicators-zhengzhou")


def test_a_run_that_cannot_be_made_says_why(page: Page, measured_site: str) -> None:
    opened(page, measured_site, city="zhengzhou", lang="en", units="zone")
    page.get_by_role("button", name="Compute now").click()
    expect(page.locator("#indicator-progress")).to_contain_text("no zone with a boundary")
    expect(page.get_by_role("button", name="Compute now")).to_be_enabled()
