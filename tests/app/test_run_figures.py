"""Stored indicators on the map are those of the newest run; what it does not know stays unknown."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pytest
import requests
from fastapi import FastAPI
from sqlalchemy import RowMapping, text

from app.api import figures as figures_api
from app.api import problems
from app.api import tiles as tiles_api
from app.i18n import use_language
from app.services.indicators import catalogue as indicators
from app.services.indicators.export import write_indicator_file
from app.services.map import table as map_table
from app.services.map.catalogue import catalogue
from app.services.map.choropleth import Asked, Choropleth, choropleth, figure_named, supplied
from app.services.map.table import write
from data.errors import InvalidInput
from data.projects import ProjectFilter
from data.run_figures import LAYERS
from data.session import Database
from tests.app import lattice
from tests.processes import listening

FIGURES = "/api/v1/cities/lattice/figures"
ZOOM = 14
FAR, COVERAGE = "ind:floor_area_ratio", "ind:building_coverage"


@pytest.fixture
def town(database: Database) -> RowMapping:
    city = lattice.build(database)
    with database.writing("t") as connection:
        connection.execute(
            text("INSERT INTO zoning (city_id, code, land_use, shape) SELECT city_id, 'Z-' || code, '0701', "
                 "boundary FROM project WHERE boundary IS NOT NULL")
        )  # fmt: skip
        connection.execute(
            text("INSERT INTO constraint_area (city_id, kind, code, name, shape) "
                 "SELECT city_id, 'renewal_unit', 'U-' || code, code || '更新单元', boundary "
                 "FROM project WHERE boundary IS NOT NULL")
        )  # fmt: skip
    for units in ("district", "zone", "project", *LAYERS):
        indicators.run(database, "lattice", units, actor="t", indicators=["floor_area_ratio", "walk_mean"])
    return city


def figure(database: Database, city: RowMapping, unit: str, name: str) -> Choropleth:
    layers = catalogue(database, city)
    return choropleth(database, city, ProjectFilter(), Asked(unit, name), layers)


def values(found: Choropleth) -> dict[str, float]:
    known = found.values.dropna(subset=["value"])
    return dict(zip(known["code"], known["value"], strict=True))


def test_the_newest_run_colours_districts_zones_and_projects(database: Database, town: RowMapping) -> None:
    ratio = lattice.FLOORS * 400
    assert values(figure(database, town, "district", FAR)) == pytest.approx({"A": ratio / 1e6}, rel=1e-6)
    of_projects = {"K1": ratio / 6400, "K2": 0}
    assert values(figure(database, town, "project", FAR)) == pytest.approx(of_projects, rel=1e-6)
    of_zones = {f"Z-{code}": value for code, value in of_projects.items()}
    assert values(figure(database, town, "zone", FAR)) == pytest.approx(of_zones, rel=1e-6)
    unknown = figure(database, town, "district", COVERAGE)
    assert (values(unknown), unknown.missing) == ({}, 1), "no run holds it"


def test_a_newer_run_shows_at_once(database: Database, town: RowMapping) -> None:
    before = values(figure(database, town, "project", FAR))
    with database.writing("t") as connection:
        connection.execute(text("UPDATE building SET floors = floors * 2"))
    assert values(figure(database, town, "project", FAR)) == before, "a run is what was computed then"
    indicators.run(database, "lattice", "project", actor="t", indicators=["floor_area_ratio"])
    assert values(figure(database, town, "project", FAR))["K1"] == pytest.approx(2 * before["K1"])


def test_only_what_a_run_knows_is_offered_and_named_in_both_languages(
    database: Database, town: RowMapping
) -> None:
    layers = catalogue(database, town)
    assert FAR in supplied(database, town, "zone", layers)
    assert COVERAGE not in supplied(database, town, "zone", layers)
    named = figure_named("district", "ind:walk_mean:park:population")
    assert named.term is not None
    assert named.term.en == "Walking distance, mean · Park · residents"
    assert named.unit == "m"


@pytest.mark.parametrize(
    "name", ["ind:nope", "ind:walk_mean:park:nope", "ind:floor_area_ratio:park", "ind:a:b:c:d", "ind:"]
)
def test_an_indicator_that_there_is_not_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput):
        figure_named("district", name)


def test_the_table_that_equals_the_map_holds_the_same(database: Database, town: RowMapping) -> None:
    file = io.BytesIO()
    write(database, town, {"figure": FAR, "unit": "project", "rows": "projects", "lang": "en"}, file)
    said = file.getvalue().decode("utf-8-sig")
    assert "0.31" in said


@pytest.fixture
def address(database: Database, town: RowMapping) -> Iterator[str]:
    app = FastAPI()
    app.state.database = database
    problems.register(app)
    app.include_router(figures_api.router)
    app.include_router(tiles_api.router)
    with listening(app) as found:
        yield found


def test_values_are_read_by_the_number_of_the_feature(address: str, database: Database) -> None:
    answer = requests.get(f"{address}{FIGURES}/zone/{FAR}.json", timeout=20).json()
    with database.reading() as connection:
        ids = dict(tuple(row) for row in connection.execute(text("SELECT id, code FROM zoning")))
    said = {ids[key]: value for key, value in zip(answer["ids"], answer["values"], strict=True)}
    assert said == pytest.approx({"Z-K1": 0.3125, "Z-K2": 0}, rel=1e-5)


@pytest.mark.parametrize(("units", "layer"), LAYERS.items())
def test_units_of_a_run_have_tiles_and_values_by_the_same_number(
    address: str, database: Database, units: str, layer: str
) -> None:
    tile = requests.get(f"{address}/tiles/{layer}.json?city=lattice", timeout=20).json()
    answer = requests.get(f"{address}{FIGURES}/{units}/{FAR}.json", timeout=20).json()
    with database.reading() as connection:
        newest = text("SELECT max(id) FROM indicator_run WHERE units = :units")
        run = connection.scalar(newest, {"units": units})
        query = "SELECT unit_code, value FROM indicator_value WHERE run_id = :run AND indicator = :code"
        bound = {"run": run, "code": "floor_area_ratio"}
        stored = {row.unit_code: row.value for row in connection.execute(text(query), bound)}
        number = "SELECT position + 1, unit_code FROM indicator_unit WHERE run_id = :run"
        codes = dict(tuple(row) for row in connection.execute(text(number), {"run": run}))
    said = {codes[key]: value for key, value in zip(answer["ids"], answer["values"], strict=True)}
    assert said == pytest.approx(stored, abs=1e-6)
    drawn = cells_near(address, tile)
    assert {key: cell["code"] for key, cell in drawn.items()} == codes
    names = {cell.get("name_en") for cell in drawn.values()}
    assert names == ({"K1更新单元", "K2更新单元"} if units == "renewal_unit" else {None})


def column(lon: float) -> int:
    return int((lon + 180) / 360 * 2**ZOOM)


def row_of(lat: float) -> int:
    return int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**ZOOM)


def cells_near(address: str, tile: dict[str, Any]) -> dict[int, dict[str, Any]]:
    """The cells in the tiles of zoom 14 that the layer reaches, by their number."""
    west, south, east, north = tile["bounds"]
    (layer,) = tile["vector_layers"]
    found: dict[int, dict[str, Any]] = {}
    for x in range(column(west), column(east) + 1):
        for y in range(row_of(north), row_of(south) + 1):
            url = tile["tiles"][0].format(z=ZOOM, x=x, y=y)
            content = requests.get(url, timeout=20).content
            held = mapbox_vector_tile.decode(content)[layer["id"]]["features"] if content else []
            found |= {feature["id"]: feature["properties"] for feature in held}
    return found


def test_a_run_of_fewer_indicators_hides_none_of_the_others(town: RowMapping, database: Database) -> None:
    layers, before = catalogue(database, town), figure(database, town, "grid", FAR)
    for units in ("grid", "district"):
        indicators.run(database, "lattice", units, actor="t", side=None, indicators=["building_coverage"])
    held = [{FAR, COVERAGE} & set(supplied(database, town, units, layers)) for units in ("grid", "district")]
    assert held == [{FAR}, {FAR, COVERAGE}]
    assert figure(database, town, "grid", FAR).values.equals(before.values)
    old, new = (figure(database, town, "district", name).run for name in (FAR, COVERAGE))
    assert old["finished_at"] < new["finished_at"]


def test_a_new_run_has_new_tiles(address: str, database: Database) -> None:
    before = requests.get(f"{address}/tiles/cells.json?city=lattice", timeout=20).json()
    drawn = cells_near(address, before)
    finer = ["floor_area_ratio", "walk_mean"]
    indicators.run(database, "lattice", "grid", actor="t", side=250, indicators=finer)
    after = requests.get(f"{address}/tiles/cells.json?city=lattice", timeout=20).json()
    assert after["version"] != before["version"]
    assert len(cells_near(address, after)) > len(drawn)


def in_table(database: Database, city: RowMapping, **query: str) -> list[RowMapping]:
    return map_table.cells(database, city, {"figure": FAR, "unit": "grid"} | query).rows


@pytest.mark.parametrize(("units", "least"), [("grid", 4), ("hexagon", 4), ("renewal_unit", 2)])
def test_the_table_of_a_run_is_the_export_of_the_indicator(
    database: Database, town: RowMapping, tmp_path: Path, units: str, least: int
) -> None:
    use_language("en")
    path = tmp_path / "cells.csv"
    asked = {"units": units, "indicator": "floor_area_ratio", "sort": "value.asc"}
    assert write_indicator_file(database, "lattice", path, asked, "en")
    with path.open(encoding="utf-8-sig") as file:
        exported = list(csv.DictReader(file))
    query = {"figure": FAR, "unit": units, "sort": "value.asc"}
    file_of_map = io.BytesIO()
    assert write(database, town, query, file_of_map) == len(exported) >= least
    written = list(csv.DictReader(io.StringIO(file_of_map.getvalue().decode("utf-8-sig"))))
    codes = [row["code"] for row in exported]
    assert codes == [row["Feature code"] for row in written]
    assert codes == [row["code"] for row in in_table(database, town, unit=units, sort="value.asc")]
    for ours, theirs in (
        ("Floor area ratio", "value"),
        *((n.title(), n) for n in ("numerator", "denominator")),
    ):
        expected = [number(row[theirs]) for row in exported]
        assert [number(row[ours]) for row in written] == pytest.approx(expected)


def number(text: str) -> float:
    return float(text) if text else -1.0


def test_cells_are_narrowed_to_the_view_ordered_and_paged_by_the_database(
    database: Database, town: RowMapping, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = in_table(database, town)
    lon, lat = every[0]["lon"], every[0]["lat"]
    seen = in_table(database, town, box=f"{lon - 1e-5},{lat - 1e-5},{lon + 1e-5},{lat + 1e-5}")
    assert [row["code"] for row in seen] == [every[0]["code"]]
    monkeypatch.setattr(map_table, "PAGE", 2)
    found = map_table.cells(database, town, {"figure": FAR, "unit": "grid"})
    assert (found.count, found.pages) == (len(every), math.ceil(len(every) / 2))
    pages = [in_table(database, town, sort="value.desc", page=str(n + 1)) for n in range(found.pages)]
    values = [row["value"] for page in pages for row in page]
    known = [value for value in values if value is not None]
    assert known == sorted(known, reverse=True)
    assert values == known + [None] * (len(values) - len(known)), "what is not known comes last"
    unheld = map_table.cells(database, town, {"figure": COVERAGE, "unit": "grid"}).rows
    assert {(row["value"], row["numerator"]) for row in unheld} == {(None, None)}


def test_renewal_units_are_listed_by_name(database: Database, town: RowMapping) -> None:
    for code, column in (("en", "name_en"), ("zh_CN", "name_zh")):
        use_language(code)
        rows = in_table(database, town, unit="renewal_unit", sort="name.desc")
        assert [row["code"] for row in rows] == ["U-K2", "U-K1"]
        assert rows[0][column] == "K2更新单元"
    file = io.BytesIO()
    write(database, town, {"figure": FAR, "unit": "renewal_unit"}, file)
    assert "K1更新单元" in file.getvalue().decode("utf-8-sig")


@pytest.mark.parametrize(("units", "layer"), LAYERS.items())
def test_only_a_figure_of_its_units_lists_them(units: str, layer: str) -> None:
    asked = {"figure": FAR, "unit": units}
    others = set(LAYERS.values()) - {layer}
    assert map_table.asked(asked).rows == layer
    assert {map_table.asked(asked | {"rows": other}).rows for other in others} == {layer}


def test_only_a_figure_of_the_grid_lists_cells() -> None:
    grid = {"figure": FAR, "unit": "grid"}
    assert map_table.asked(grid | {"rows": "projects"}).rows == "projects"
    assert map_table.asked({"rows": "cells"}).rows == "projects"
    assert map_table.asked({"rows": "cells", "figure": "area", "unit": "district"}).rows == "units"
