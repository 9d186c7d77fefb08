"""What is said of walking is what a lattice, networkx and the searches of gis say."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import requests
import shapely
from fastapi import FastAPI
from sqlalchemy import RowMapping, text

from app.api import problems, walk
from app.components.map.walk import NESTED, speed_of, speed_words, walk_classing, walk_url
from app.components.view import View
from app.i18n import use_language
from app.services import cities
from app.services.kept import Kept
from app.services.map.walking import Walk, around, around_project
from app.services.projects.land import Land, project_land
from app.services.projects.panel import project_panel
from data import city_frames
from data.errors import NotFound
from data.session import Database
from gis.ground import Ground
from tests.app import lattice
from tests.app.small_city import EAST, NORTH, lon_lat
from tests.app.vision import VISION, nearest
from tests.processes import listening

MINUTES = (5.0, 10.0, 15.0)
MILLIMETRE = 1e-3


@pytest.fixture
def town(database: Database) -> RowMapping:
    return lattice.build(database)


def from_place(database: Database, city: RowMapping, east: float, north: float, speed: float = 60.0) -> Walk:
    return around(database, city, *lon_lat(database, east, north), speed=speed)


def metres(found: Walk) -> dict[str, float]:
    return dict(zip(found.facilities["name"], found.facilities["metres"], strict=True))


def test_distances_on_a_lattice_are_known_without_a_search(database: Database, town: RowMapping) -> None:
    found = from_place(database, town, 300, 300)
    expected = {"school on a street": 250, "corner shop": 400, "park": 400, "clinic off a street": 470}
    assert metres(found) == pytest.approx(expected, abs=MILLIMETRE)
    assert found.facilities["metres"].is_monotonic_increasing
    assert found.facilities["minutes"].to_numpy() == pytest.approx(found.facilities["metres"] / 60)
    nearest = found.nearest.set_index("category")
    assert nearest.loc["convenience_store", "name"] == "corner shop"
    assert nearest.loc["primary_school", ["within_5", "within_10", "within_15"]].tolist() == [1, 1, 1]
    assert nearest.loc["park", ["within_5", "within_10", "within_15"]].tolist() == [0, 1, 1]
    assert nearest["metres"].isna().loc["hospital"], "what no street leads to has no distance"
    assert nearest.loc["hospital", "within_15"] == 0


def test_the_leg_to_the_street_counts_and_a_place_in_a_park_is_there(
    database: Database, town: RowMapping
) -> None:
    found = from_place(database, town, 330, 510)
    assert found.leg == pytest.approx(10, abs=MILLIMETRE)
    assert metres(found)["school on a street"] == pytest.approx(10 + 20, abs=MILLIMETRE)
    assert metres(from_place(database, town, 650, 150))["park"] == 0


def test_isochrones_nest_and_reach_the_streets_of_a_lattice(database: Database, town: RowMapping) -> None:
    areas = from_place(database, town, 500, 500, speed=20).isochrones
    assert areas["metres"].tolist() == [100, 200, 300]
    assert areas["street_metres"].to_numpy() == pytest.approx([400, 1600, 3600], abs=0.01)
    metric = areas.to_crs(town["metric_srid"]).geometry
    assert all(outer.buffer(0.2).covers(inner) for inner, outer in itertools.pairwise(metric))
    reach = shapely.Point(EAST + 500, NORTH + 800)
    assert metric.covers(reach).tolist() == [False, False, True]
    assert metric.is_valid.all()


def test_networkx_says_the_same_of_a_town_with_closed_streets(database: Database, town: RowMapping) -> None:
    closed = "UPDATE street_edge SET walkable = false WHERE id % 7 < 2"
    with database.writing("t") as connection:
        connection.execute(text(closed))
        streets = connection.execute(
            text("SELECT from_node, to_node FROM street_edge WHERE walkable IS DISTINCT FROM false")
        ).all()
    graph = nx.Graph()
    graph.add_weighted_edges_from((row.from_node, row.to_node, lattice.BLOCK) for row in streets)
    for corner in ((4, 4), (2, 7), (8, 3)):
        found = from_place(database, town, lattice.BLOCK * corner[0], lattice.BLOCK * corner[1], 200)
        ways = nx.single_source_dijkstra_path_length(graph, str(corner))
        shops = {"corner shop": "(1, 1)", "far shop": "(9, 9)"}
        said = {name: value for name, value in metres(found).items() if name in shops}
        assert said == pytest.approx({name: ways[node] for name, node in shops.items()}, abs=MILLIMETRE)


def test_one_search_from_the_place_is_the_search_from_every_facility(demo_city: Database) -> None:
    city = cities.choose(demo_city, "demo-city")
    with demo_city.reading() as connection:
        frames = city_frames.read(connection, city, ("streets", "facilities", "projects"))
    network, facilities = Ground(frames).network, frames["facilities"]
    places = np.column_stack([network.node_xy.mean(axis=0) + shift for shift in (0, 400, -700)]).T
    pairs = network.pairs(places, facilities.geometry, 900.0)
    lonlat = gpd.GeoSeries(shapely.points(places), crs=facilities.crs).to_crs(4326)
    for position, place in enumerate(lonlat):
        found = around(demo_city, city, place.x, place.y)
        ours = found.facilities["metres"].to_numpy()
        theirs = pairs.loc[pairs["origin"] == position, "distance"].sort_values().to_numpy()
        assert ours == pytest.approx(theirs, abs=MILLIMETRE)
    surveyed = frames["projects"][frames["projects"].geometry.notna()].iloc[0]
    legs = around_project(demo_city, city, surveyed["code"])
    inside = facilities.intersects(surveyed.geometry)
    assert (legs.facilities["metres"] == 0).sum() == inside.sum()


def test_an_answer_is_made_once_and_quickly(demo_city: Database) -> None:
    city = cities.choose(demo_city, "demo-city")
    start = time.perf_counter()
    first = around(demo_city, city, 114.3, 33.4)
    built = time.perf_counter() - start
    assert around(demo_city, city, 114.3, 33.4) is first
    assert built < 5


def test_what_cannot_be_said_is_said_and_never_zero(database: Database, zhengzhou: Database) -> None:
    town = lattice.build(database, facilities=False)
    far = from_place(database, town, 1150, 500)
    assert (far.missing, far.leg, len(far.isochrones), len(far.facilities)) == ("too_far", None, 0, 0)
    near = from_place(database, town, 1050, 500)
    assert (near.missing, near.has_facilities, len(near.isochrones)) == (None, False, 3)
    assert around_project(database, town, "K9").missing == "boundary"
    with pytest.raises(NotFound):
        around_project(database, town, "K0")
    assert around(zhengzhou, cities.choose(zhengzhou, "zhengzhou"), 113.6, 34.7).missing == "streets"
    assert around(database, town, 0.0, 89.9).missing == "too_far"


def test_an_edit_of_streets_or_facilities_is_seen_at_once(database: Database, town: RowMapping) -> None:
    assert metres(from_place(database, town, 300, 300))["corner shop"] == pytest.approx(400, abs=MILLIMETRE)
    with database.writing("t") as connection:
        connection.execute(text("DELETE FROM facility WHERE name = 'corner shop'"))
    after = from_place(database, town, 300, 300)
    assert "corner shop" not in metres(after)
    assert after.nearest.set_index("category").loc["convenience_store", "name"] == "far shop"
    with database.writing("t") as connection:
        connection.execute(text("DELETE FROM street_edge"))
    assert from_place(database, town, 300, 300).missing == "streets"


def test_a_project_is_left_by_its_boundary(database: Database, town: RowMapping) -> None:
    found = around_project(database, town, "K1")
    assert found.leg == pytest.approx(10, abs=MILLIMETRE)
    # From the boundary's north edge, y = 490: 10 m to the street, and along it.
    assert metres(found)["school on a street"] == pytest.approx(10 + 60, abs=MILLIMETRE)
    with database.writing("t") as connection:
        connection.execute(text("UPDATE project SET boundary = NULL, boundary_status = 'pending' "
                                "WHERE code = 'K1'"))  # fmt: skip
    assert around_project(database, town, "K1").missing == "boundary"


def test_who_asks_at_once_waits_for_one_answer_and_the_oldest_leave() -> None:
    kept: Kept[int] = Kept(2)
    made: list[int] = []

    def make() -> int:
        time.sleep(0.05)
        made.append(1)
        return len(made)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: kept.once("a", 1, make), range(8))) == {1}
    assert [kept.once(key, 1, make) for key in ("b", "c", "c")] == [2, 3, 3]
    assert len(kept) == 2
    assert kept.once("a", 1, make) == 4


def test_the_speed_of_an_address_is_walked_at_and_a_wrong_one_is_said(
    database: Database, town: RowMapping
) -> None:
    use_language("en")
    quick = View(town, {"speed": "80", "at": "113.6,34.7"})
    assert speed_of(quick) == (80.0, "")
    assert walk_url(quick).endswith("at=113.600000,34.700000&speed=80")
    assert "speed" not in walk_url(quick.with_params(speed="60"))
    for wrong in ("quick", "9", "201", "nan", "60,70"):
        metres, refused = speed_of(quick.with_params(speed=wrong))
        assert metres == 60.0
        assert f"The walking speed cannot be «{wrong}»." in refused
        assert "from 10 to 200" in refused
    classes = walk_classing(from_place(database, town, 300, 300, speed=80.0))
    assert classes.title == "On foot at 80 m/min (4.8 km/h)"
    assert [swatch.label for swatch in classes.swatches][-1] == "15 min · 1,200 m"
    assert speed_words(60.0) == "60 m/min (3.6 km/h)"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_isochrones_are_told_apart_by_colour_blind_readers(theme: str) -> None:
    colours = [tint[theme] for tint in NESTED]
    blues = ["#eff3ff", "#bdd7e7", "#6baed6", "#3182bd", "#08519c"]  # ColorBrewer's, marked as safe for them
    apart, safe = (min(nearest(tints, vision)[0] for vision in VISION) for tints in (colours, blues))
    assert apart >= safe


# -- over HTTP ------------------------------------------------------------------------------------------


@pytest.fixture
def address(database: Database, town: RowMapping) -> Iterator[str]:
    app = FastAPI()
    app.state.database = database
    problems.register(app)
    app.include_router(walk.router)
    with listening(app) as found:
        yield f"{found}/api/v1/cities"


def asked(address: str, query: str = "", city: str = "lattice", **options: Any) -> requests.Response:
    return requests.get(f"{address}/{city}/walk?{query}", timeout=20, **options)


def test_the_answer_is_geojson_that_says_what_the_service_says(
    address: str, database: Database, town: RowMapping
) -> None:
    lon, lat = lon_lat(database, 300, 300)
    answer = asked(address, f"at={lon},{lat}&minutes=15,5,5,10")
    body, found = answer.json(), around(database, town, lon, lat)
    assert answer.headers["content-type"].startswith("application/geo+json")
    areas = [f for f in body["features"] if f["properties"]["kind"] == "isochrone"]
    points = [f for f in body["features"] if f["properties"]["kind"] == "facility"]
    assert [area["properties"]["minutes"] for area in areas] == [15, 10, 5], "the shorter lie on the longer"
    assert shapely.geometry.shape(areas[2]["geometry"]).equals(found.isochrones.geometry.iloc[0])
    assert [point["properties"]["name"] for point in points] == found.facilities["name"].tolist()
    assert (body["speed"], body["minutes"], body["max_snap"]) == (60, [5, 10, 15], 100)
    hospital = next(row for row in body["nearest"] if row["category"] == "hospital")
    assert (hospital["metres"], hospital["counts"]) == (None, [0, 0, 0])
    assert body["synthetic"] is True
    again = asked(address, f"at={lon},{lat}", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "query",
    ["", "at=1", "at=a,b", "at=200,0", "at=nan,1", "at=114,34&project=K1", "at=114,34&minutes=0",
     "at=114,34&minutes=5,,10", "at=114,34&minutes=61", "at=114,34&minutes=1,2,3,4,5,6,7",
     "at=114,34&speed=-1", "at=114,34&speed=fast", "at=114,34&minute=5"],
)  # fmt: skip
def test_a_wrong_question_is_answered_400_in_one_line(address: str, query: str) -> None:
    answer = asked(address, query)
    assert answer.status_code == 400
    assert answer.json()["detail"].count("\n") == 0


def test_what_there_is_not_is_404_and_what_is_not_known_is_said(
    address: str, database: Database, zhengzhou: Database
) -> None:
    assert asked(address, "at=114,34", city="nowhere").status_code == 404
    assert asked(address, "project=K0").status_code == 404
    lon, lat = lon_lat(database, 1150, 500)
    far = asked(address, f"at={lon},{lat}").json()
    assert (far["missing"], far["leg"], far["nearest"], far["features"]) == ("too_far", None, [], [])
    assert "100" in far["detail"]


# -- the land of a project ------------------------------------------------------------------------------


def land_of(database: Database, city: RowMapping, code: str) -> dict[str, Land]:
    panel = project_panel(database, city, code)
    assert panel is not None
    found = project_land(database, city, code, panel.changes, panel.ratios)
    return {land.indicator.code: land for land in found}


def test_the_land_of_a_project_is_measured_beside_its_figures(database: Database, town: RowMapping) -> None:
    land = land_of(database, town, "K1")
    measured = {name: one.measured for name, one in land.items()}
    expected = {"floor_area_ratio": 2000 / 6400, "building_coverage": 6.25, "mean_storeys": 5,
                "open_space_ratio": 3, "population_density": 1e5, "household_density": 4e4,
                "green_ratio": None}  # fmt: skip
    assert {k: v for k, v in measured.items() if v is not None} == pytest.approx(
        {k: v for k, v in expected.items() if v is not None}, rel=1e-6
    )
    assert (land["green_ratio"].measured, land["green_ratio"].missing) == (None, "zoning")
    ratio, people = land["floor_area_ratio"], land["population_density"]
    assert (ratio.present, ratio.planned) == (2000 / 6400, 0.5)
    assert people.present is None
    assert people.planned == pytest.approx(10_000)
    assert land["building_coverage"].planned is None


def test_empty_land_is_zero_only_where_the_layer_is_supplied(database: Database, town: RowMapping) -> None:
    land = land_of(database, town, "K2")
    assert (land["building_coverage"].measured, land["population_density"].measured) == (0, 0)
    assert land["mean_storeys"].measured is None
    with database.writing("t") as connection:
        connection.execute(text("DELETE FROM building"))
    bare = land_of(database, town, "K2")["building_coverage"]
    assert (bare.measured, bare.missing) == (None, "buildings")
    assert land_of(database, town, "K9") == {}
