"""The table of a map holds what the map shows, in the order asked for, and its CSV every row of it."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from sqlalchemy import RowMapping, text

from app.i18n import use_language
from app.services import cities, map_table
from app.services.boundaries import save_boundary
from data.errors import InvalidInput
from data.session import Database

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
