"""What the panel says of a clicked place and of a project is what SQL says."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Row, text

from data import codes
from data.session import Database
from tests.app import small_city
from tests.browser.conftest import save_screenshot
from tests.browser.pointer import click_at, middle
from tests.browser.waiting import address_says, eventually, map_opened

pytestmark = pytest.mark.browser
HOSTILE_NAME = "<script>document.title='taken'</script>\u202eםולש"
HOSTILE = """
WITH city AS (SELECT id FROM city WHERE slug = 'small'),
project AS (
    INSERT INTO project (city_id, code, name, boundary_status, implementing_entity)
    SELECT id, 'X1', :name, 'pending', :long FROM city
    UNION ALL SELECT id, 'X2', :long, 'pending', NULL FROM city RETURNING id, code
), shares AS (
    INSERT INTO project_district (project_id, district_id, share)
    SELECT project.id, district.id, 1 FROM project, district WHERE district.code = 'B' RETURNING id
)
INSERT INTO document (project_id, kind, title) SELECT id, 'plan', :name FROM project WHERE code = 'X1'
"""


def build_town(database: Database) -> None:
    """The small city whose areas are known, with hostile names."""
    small_city.build(database)
    with database.writing("builder") as connection:
        connection.execute(text(HOSTILE), {"name": HOSTILE_NAME, "long": "长" * 400})


def opened(page: Page, site: str, query: str) -> None:
    page.set_viewport_size({"width": 1100, "height": 800})
    map_opened(page, f"{site}/map?city=small&lang=en&{query}")


def click_middle(page: Page) -> None:
    click_at(page, middle(page.locator("#map")))


def asked(database: Database, query: str) -> list[Row[tuple[object, ...]]]:
    with database.reading() as connection:
        return list(connection.execute(text(query)).all())


def group(page: Page, layer: str) -> Locator:
    return page.locator(f"#map-here [data-layer='{layer}']")


def part(page: Page, name: str) -> Locator:
    return page.locator(f"[data-part='{name}']")


def test_a_click_tells_every_layer_as_sql_does(page: Page, town: tuple[str, Database]) -> None:
    site, database = town
    lon, lat = small_city.lon_lat(database, 120, 120)
    opened(page, site, f"v={lon:.6f},{lat:.6f},18")
    click_middle(page)
    expect(group(page, "buildings")).to_contain_text("Residential")
    address_says(page, "at=")
    seen = re.search(r"at=([\d.]+)(?:%2C|,)([\d.]+)", page.url)
    assert seen is not None
    place = f"ST_SetSRID(ST_MakePoint({seen[1]}, {seen[2]}), 4326)"
    (building,) = asked(
        database,
        f"SELECT floors, height, year_built, hazard_grade FROM building WHERE ST_Covers(shape, {place})",
    )
    for words in (f"Floors{building.floors}", f"{building.height:.1f} m", f"Built in{building.year_built}"):
        expect(group(page, "buildings")).to_contain_text(words)
    expect(group(page, "buildings")).to_contain_text(
        "Not supplied: Floor area, Exempt floor area, Structure, Residents"
    )
    kinds = asked(database, f"SELECT kind FROM constraint_area WHERE ST_Covers(shape, {place})")
    for row in kinds:
        expect(group(page, "constraints")).to_contain_text(codes.CONSTRAINT_KINDS[str(row.kind)].en)
    expect(group(page, "zoning")).to_contain_text("Urban housing 0701")
    expect(group(page, "zoning")).to_contain_text("≤ 2.50")
    projects = asked(
        database, f"SELECT name FROM project WHERE ST_Covers(boundary, {place}) ORDER BY ST_Area(boundary)"
    )
    expect(group(page, "projects").locator(".name")).to_have_text([str(row.name) for row in projects])
    expect(page.locator("#map-here")).to_contain_text("Nothing here: Facilities and parks, Streets")
    save_screenshot(page, "identify")


@pytest.mark.thorough
def test_coordinates_are_copied_in_both_systems(page: Page, town: tuple[str, Database]) -> None:
    site, database = town
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    lon, lat = small_city.lon_lat(database, 120, 130)
    opened(page, site, f"v={lon:.6f},{lat:.6f},18&at={lon:.7f},{lat:.7f},18")
    rows = page.locator(".coordinates > div")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text("EPSG:4547")
    rows.nth(1).get_by_role("button").click()
    expect(rows.nth(1).get_by_role("button")).to_have_text("Copied")
    east, north = map(float, page.evaluate("navigator.clipboard.readText()").split(","))
    assert (east, north) == pytest.approx((small_city.EAST + 120, small_city.NORTH + 130), abs=0.6)


def test_a_place_beyond_the_city_says_so(page: Page, town: tuple[str, Database]) -> None:
    site, _database = town
    opened(page, site, "v=116.4,39.9,14&at=116.4,39.9,14")
    expect(page.locator("#map-here")).to_contain_text("Outside the districts")


def test_the_panel_of_a_clicked_project_says_what_sql_says(page: Page, town: tuple[str, Database]) -> None:
    site, database = town
    lon, lat = small_city.lon_lat(database, 250, 250)
    opened(page, site, f"v={lon:.6f},{lat:.6f},18")
    click_middle(page)
    group(page, "projects").get_by_role("button", name="Show on the map: Project K1").click()
    expect(page.locator("#map-here h2").first).to_have_text("K1")
    address_says(page, "sel=K1")
    steps = part(page, "ladder").locator(".ladder li")
    expect(steps).to_have_count(len(codes.STAGES))
    expect(steps.locator(".stage")).to_have_text([term.en for term in codes.STAGES.values()])
    expect(part(page, "ladder").locator("[aria-current=step]")).to_contain_text("Construction")
    for row in asked(
        database,
        "SELECT e.stage, on_date FROM stage_event e JOIN project p ON p.id = project_id AND code = 'K1'",
    ):
        expect(part(page, "ladder").locator(f"[data-stage='{row.stage}'] .day")).to_have_text(
            str(row.on_date)
        )
    expect(part(page, "ladder").locator("[data-stage='scheme']")).to_contain_text("17 days late")
    expect(part(page, "ladder").locator("[data-stage='completed']")).to_contain_text("overdue by")
    expect(part(page, "money").locator("tr.sum").first).to_have_text("Sum3.000.900.60")
    expect(part(page, "money")).to_contain_text("sums to the library's total of 3.00 CNY 100 M")
    expect(part(page, "changes")).to_contain_text("FAR 1.50 → 2.00")
    green = part(page, "changes").get_by_role("row", name="Green ratio")
    expect(green).to_have_text("Green ratio %20.035.0+15.0percentage points")
    expect(part(page, "land").get_by_role("row", name="Green land ratio")).to_contain_text("20.035.0")
    expect(part(page, "zoning")).to_contain_text("Urban housing 07012.50802.00 ha50.0 %")
    expect(part(page, "constraints")).to_contain_text("Historic block 老街10,000 m²25.0 %")
    expect(part(page, "problems")).to_contain_text("Too few parking spaces")
    expect(part(page, "documents").get_by_role("link", include_hidden=True)).to_have_attribute(
        "href", "https://example.org/a"
    )
    save_screenshot(page, "project-panel")


@pytest.mark.thorough
def test_neighbours_follow_the_distance_and_lead_on(page: Page, town: tuple[str, Database]) -> None:
    site, _database = town
    opened(page, site, "sel=K1")
    near = part(page, "nearby")
    expect(near.locator("[data-code]")).to_have_count(2)
    near.get_by_role("button", name="500 m").click()
    page.wait_for_url("**near=500**")
    expect(near.locator("[data-code]")).to_have_count(3)
    expect(near.locator("[data-code='K4']")).to_contain_text("250 m")
    page.reload()
    expect(near.locator("[data-code]")).to_have_count(3)
    near.locator("[data-code='K3']").get_by_role("button").click()
    expect(page.locator("#map-here h2").first).to_have_text("K3")
    expect(part(page, "money")).to_contain_text("only the library's total")
    expect(part(page, "progress")).to_contain_text("not supplied")


@pytest.mark.thorough
@pytest.mark.parametrize("code", ["X1", "X2"])
def test_hostile_names_stay_words_and_inside_their_box(
    page: Page, town: tuple[str, Database], code: str
) -> None:
    site, database = town
    ((name,),) = asked(database, f"SELECT name FROM project WHERE code = '{code}'")
    opened(page, site, f"sel={code}")
    expect(page.locator(".project-card .name").first).to_have_text(str(name))
    narrow = "place => place.scrollWidth <= place.clientWidth"
    eventually(page, lambda: page.locator("#map-panel").evaluate(narrow), bool)
    page.goto(f"{site}/projects/{code}?city=small&lang=en")
    expect(page.locator("h1")).to_have_text(str(name))
    expect(page.locator("h1")).to_have_css("unicode-bidi", "isolate")
    eventually(page, lambda: page.locator("html").evaluate(narrow), bool)
    assert page.title() != "taken"
    save_screenshot(page, f"hostile-{code}")


@pytest.mark.thorough
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_panel_and_page_lead_to_each_other(page: Page, town: tuple[str, Database], language: str) -> None:
    site, _database = town
    page.goto(f"{site}/projects/K1?city=small&lang={language}")
    side = "zh" if language == "zh_CN" else "en"
    expect(part(page, "ladder").locator("[aria-current=step]")).to_contain_text(
        getattr(codes.STAGES["construction"], side)
    )
    expect(part(page, "money").locator("tr.sum")).to_contain_text("0.60")
    expect(part(page, "nearby").locator("[data-code]")).to_have_count(2)
    part(page, "nearby").get_by_role("button", name="1.00 km").click()
    page.wait_for_url("**near=1000**")
    expect(part(page, "nearby").locator("[data-code]")).to_have_count(3)
    assert page.locator("details").count() == page.locator("details > summary").count()
    save_screenshot(page, f"project-page-{language}")
    page.locator(".dossier-title a.button").click()
    page.wait_for_url("**/map?**sel=K1**")
    expect(page.locator("#map-here h2").first).to_have_text("K1")
    page.locator("#map-here .to-page").click()
    page.wait_for_url("**/projects/K1?**")


def test_a_stage_in_the_pipeline_filters_the_list(page: Page, town: tuple[str, Database]) -> None:
    site, _database = town
    page.goto(f"{site}/pipeline?city=small&lang=en")
    row = page.locator("#by-stage tbody tr", has_text="Construction")
    expect(row.locator("td").nth(0)).to_have_text("1")
    expect(page.locator("#stage-by-district tr.sum")).to_have_text("Sum3.003.006.00")
    page.locator("#by-stage").get_by_role("link", name="Construction").click()
    page.wait_for_url("**stage=construction**")
    expect(page.locator(".figure .number").first).to_have_text("1")
    page.goto(f"{site}/projects?city=small&lang=en&stage=construction")
    expect(page.locator(".ag-row[row-index='0'] [col-id='stage']")).to_have_text("Construction")
    expect(page.locator("#projects-summary")).to_contain_text("1 of 6 projects")
    expect(page.locator("#filter-stage")).to_be_visible()


def test_a_city_without_stages_shows_no_control_for_them(page: Page, shared_site: str) -> None:
    page.goto(f"{shared_site}/projects?lang=en")
    expect(page.locator("#filter-boundary")).to_be_visible()
    expect(page.locator("#filter-stage")).to_be_hidden()
    page.goto(f"{shared_site}/pipeline?lang=en")
    expect(page.locator("#by-year")).to_be_visible()
    expect(page.locator("#by-stage")).to_have_count(0)
