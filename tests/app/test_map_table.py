"""The table of a map holds what the map shows, in the order asked for, and its CSV every row of it."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import RowMapping, text

from app.components.map.classes import sequence_of
from app.components.map.table import _tints
from app.i18n import use_language
from app.services import cities
from app.services.boundaries.edit import save_boundary
from app.services.exports.layers import write_layer_file
from app.services.map import table as map_table
from data.errors import InvalidInput
from data.session import Database
from tests.app.layered_town import filled

CODE = "K202202001"


@pytest.fixture
def city(zhengzhou: Database) -> RowMapping:
    use_language("en")
    return cities.choose(zhengzhou, "zhengzhou")


def square(lon: float, lat: float) -> dict[str, Any]:
    ring = [[lon, lat], [lon + 0.01, lat], [lon + 0.01, lat + 0.01], [lon, lat + 0.01], [lon, lat]]
    return {"type": "Polygon", "coordinates": [ring]}


def scalar(database: Database, query: str) -> Any:
    with database.reading() as connection:
        return connection.scalar(text(query))


def test_pages_hold_every_project_once_in_the_order(zhengzhou: Database, city: RowMapping) -> None:
    query = {"rows": "projects", "sort": "amount.desc"}
    first = map_table.projects(zhengzhou, city, query)
    pages = [map_table.projects(zhengzhou, city, query | {"page": str(n)}) for n in range(1, first.pages + 1)]
    codes = [row["code"] for page in pages for row in page.rows]
    assert len(codes) == len(set(codes)) == first.count == scalar(zhengzhou, "SELECT count(*) FROM project")
    amounts = [row["amount"] for page in pages for row in page.rows if row["amount"] is not None]
    assert amounts == sorted(amounts, reverse=True)
    assert map_table.projects(zhengzhou, city, query | {"page": "999"}).page == first.pages


def test_in_view_are_the_projects_whose_boundary_touches_the_rectangle(
    zhengzhou: Database, city: RowMapping
) -> None:
    save_boundary(zhengzhou, "zhengzhou", CODE, square(113.61, 34.70), status="drafted", actor="t")
    box = {"box": "113.615,34.705,113.7,34.8"}
    assert [row["code"] for row in map_table.projects(zhengzhou, city, box).rows] == [CODE]
    assert map_table.projects(zhengzhou, city, {"box": "113.63,34.7,113.7,34.8"}).count == 0


def test_projects_are_ordered_by_the_class_that_colours_them(zhengzhou: Database, city: RowMapping) -> None:
    with zhengzhou.writing("t") as connection:
        for code, stage in ((CODE, "construction"), ("K202201001", "library")):
            connection.execute(
                text("""INSERT INTO stage_event (project_id, stage, on_date)
                SELECT id, :stage, '2025-01-01' FROM project WHERE code = :code"""),
                {"code": code, "stage": stage},
            )
    rows = map_table.projects(zhengzhou, city, {"by": "stage", "sort": "class.desc"}).rows
    assert [row["stage"] for row in rows[:3]] == ["construction", "library", None]


def test_the_chosen_project_is_shown_although_another_page_lists_it(
    zhengzhou: Database, city: RowMapping
) -> None:
    last = map_table.projects(zhengzhou, city, {"page": "3"}).rows[-1]["code"]
    assert map_table.projects(zhengzhou, city, {"sel": last}).chosen["code"] == last  # type: ignore[index]
    assert map_table.projects(zhengzhou, city, {"sel": last, "page": "3"}).chosen is None
    assert map_table.projects(zhengzhou, city, {"sel": last, "year": "1999"}).chosen is None


def test_districts_carry_the_figure_of_the_map(zhengzhou: Database, city: RowMapping) -> None:
    found = map_table.units(zhengzhou, city, {"figure": "projects", "unit": "district", "sort": "value.desc"})
    assert found.count == scalar(zhengzhou, "SELECT count(*) FROM district WHERE valid_to IS NULL")
    top = found.frame.iloc[0]
    query = f"""SELECT count(*) FROM project_district JOIN district d ON d.id = district_id
        JOIN project p ON p.id = project_id WHERE d.code = '{top["code"]}' AND p.exit_notice_id IS NULL"""
    assert top["value"] == top["projects"] == scalar(zhengzhou, query)
    assert found.frame["value"].is_monotonic_decreasing


def test_rows_have_the_colour_of_the_map(zhengzhou: Database, city: RowMapping) -> None:
    found = map_table.units(zhengzhou, city, {"figure": "projects", "unit": "district"})
    assert found.shown is not None
    tints = _tints(found.shown)
    ranked = found.frame.sort_values("value")["code"].map(tints).drop_duplicates().tolist()
    assert ranked == sequence_of(found.shown.classes.k)


BOX = "113.603,34.7025,113.6111,34.7093"
ENVELOPE = f"ST_MakeEnvelope({BOX}, 4326)"
INNER_POINT = f"ST_Covers({ENVELOPE}, ST_PointOnSurface(shape))"
SHARED_GROUND = f"ST_Relate({ENVELOPE}, shape, 'T********')"
IN_FORCE = "coalesce(valid_to > current_date, true)"


def shown_codes(database: Database, city: RowMapping, query: dict[str, str]) -> list[str]:
    return [row["code"] for row in map_table.features(database, city, query).rows]


@pytest.mark.parametrize(
    ("layer", "where"),
    [
        ("buildings", f"building WHERE {INNER_POINT}"),
        ("facilities", f"facility WHERE {INNER_POINT}"),
        ("streets", f"street_edge WHERE {SHARED_GROUND}"),
        ("zoning", f"zoning WHERE {SHARED_GROUND} AND {IN_FORCE}"),
        ("constraints", f"constraint_area WHERE {SHARED_GROUND}"),
        ("population", f"population_cell WHERE {SHARED_GROUND}"),
        ("greenways", f"greenway WHERE {SHARED_GROUND}"),
        ("surfaces", f"surface WHERE {SHARED_GROUND}"),
        ("parcels", f"parcel WHERE {SHARED_GROUND}"),
        ("problems", f"problem WHERE {INNER_POINT}"),
    ],
)
def test_features_in_view_are_those_of_the_database_and_of_the_export(
    zhengzhou: Database, city: RowMapping, tmp_path: Path, layer: str, where: str
) -> None:
    query = {"rows": layer, "box": BOX}
    codes = shown_codes(filled(zhengzhou), city, query)
    with zhengzhou.reading() as connection:
        assert codes == list(connection.scalars(text(f"SELECT code FROM {where} ORDER BY id")))
    path, params = urlsplit(map_table.layer_file(zhengzhou, city, query))[2:4]
    assert path == f"/export/{layer}.csv"
    write_layer_file(zhengzhou, "zhengzhou", layer, tmp_path / "rows.csv", dict(parse_qsl(params)), "en")
    with (tmp_path / "rows.csv").open(encoding="utf-8-sig") as file:
        assert [row["code"] for row in csv.DictReader(file)] == codes


def test_features_are_ordered_and_paged_by_the_database(zhengzhou: Database, city: RowMapping) -> None:
    filled(zhengzhou)
    query = {"rows": "buildings", "sort": "floors.desc"}
    pages = [map_table.features(zhengzhou, city, query | {"page": str(n)}) for n in (1, 2, 3, 4)]
    assert (pages[0].count, pages[0].pages) == (400, 4)
    shown = [row["code"] for page in pages for row in page.rows]
    with zhengzhou.reading() as connection:
        order = "SELECT code FROM building ORDER BY floors DESC NULLS LAST, id"
        assert shown == list(connection.scalars(text(order)))
    assert pages[3].rows[-1]["floors"] is None
    by_name = map_table.features(zhengzhou, city, {"rows": "buildings", "sort": "use.asc"}).rows
    assert by_name[0]["use"] == "office"


def test_more_features_than_can_be_put_in_order_are_not_listed(
    zhengzhou: Database, city: RowMapping, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(zhengzhou)
    monkeypatch.setattr(map_table, "MOST_LISTED", 399)
    found = map_table.features(zhengzhou, city, {"rows": "buildings"})
    assert (found.too_many, found.count, found.rows) == (True, 399, [])
    monkeypatch.setattr(map_table, "MOST_LISTED", 400)
    assert len(map_table.features(zhengzhou, city, {"rows": "buildings"}).rows) == map_table.PAGE


def test_an_order_of_other_rows_is_left_alone(zhengzhou: Database, city: RowMapping) -> None:
    assert map_table.projects(zhengzhou, city, {"rows": "projects", "sort": "floors.desc"}).count == 276
    with pytest.raises(InvalidInput):
        map_table.features(zhengzhou, city, {"rows": "buildings", "sort": "shape.desc"})


def test_a_view_wider_than_the_city_is_exported_as_far_as_the_layer_reaches(
    zhengzhou: Database, city: RowMapping, tmp_path: Path
) -> None:
    wide = {"rows": "facilities", "box": "73,18,135,54"}
    address = map_table.layer_file(filled(zhengzhou), city, wide)
    params = dict(parse_qsl(urlsplit(address).query))
    assert write_layer_file(zhengzhou, "zhengzhou", "facilities", tmp_path / "all.csv", params, "en") == 31
    assert map_table.features(zhengzhou, city, wide).count == 31


def written(database: Database, city: RowMapping, query: dict[str, str]) -> list[dict[str, str]]:
    file = io.BytesIO()
    map_table.write(database, city, query, file)
    return list(csv.DictReader(io.StringIO(file.getvalue().decode("utf-8-sig"))))


def test_csv_holds_all_pages(zhengzhou: Database, city: RowMapping) -> None:
    rows = written(zhengzhou, city, {"rows": "projects", "sort": "code.asc", "district": "410103"})
    shown = map_table.projects(zhengzhou, city, {"sort": "code.asc", "district": "410103"})
    assert [row["Code"] for row in rows] == [row["code"] for row in shown.rows]
    assert len(written(zhengzhou, city, {"rows": "projects"})) == 276
    units = written(zhengzhou, city, {"rows": "units", "figure": "area", "unit": "district"})
    assert {"Name", "Area, km²"} <= set(units[0])
    assert "" in {row["Area, km²"] for row in units}


@pytest.mark.parametrize(
    "query", [{"sort": "drop.desc"}, {"sort": "amount.up"}, {"page": "-1"}, {"page": "0"}, {"box": "1,2,3"},
              {"box": "5,5,1,1"}, {"box": "nan,0,1,1"}],
)  # fmt: skip
def test_what_cannot_be_asked_is_said(zhengzhou: Database, city: RowMapping, query: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        map_table.projects(zhengzhou, city, query)
