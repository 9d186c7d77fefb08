"""Type, mode and stage in lists: named in the reader's language, in the order of their codes."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from sqlalchemy import RowMapping, text

from app.i18n import use_language
from app.pages.projects import row_of_grid
from app.services.choices import choices
from app.services.exports.projects import filter_words, write_export
from app.services.filters import filter_from_query
from app.services.projects.listing import Sort, page
from app.terms import options, term
from data import codes
from data.projects import ProjectFilter
from data.session import Database
from tests.app import small_city

STAGES_GIVEN = {"K1": "construction", "K2": "annual_plan", "K3": "library"}


@pytest.fixture
def small(database: Database) -> RowMapping:
    city = small_city.build(database)
    with database.writing("t") as connection:
        connection.execute(
            text("INSERT INTO stage_event (project_id, stage, on_date) "
                 "SELECT id, 'annual_plan', '2024-01-01' FROM project WHERE code = 'K2'")
        )  # fmt: skip
    return city


@pytest.fixture(autouse=True)
def english() -> None:
    use_language("en")


def listed(database: Database, city: RowMapping, column: str, descending: bool = False) -> list[str]:
    return [row["code"] for row in page(database, city["id"], ProjectFilter(), Sort(column, descending)).rows]


def test_stages_sort_by_the_ladder_and_unknown_last(database: Database, small: RowMapping) -> None:
    assert listed(database, small, "stage") == ["K3", "K2", "K1", "K4"]
    assert listed(database, small, "stage", descending=True) == ["K1", "K2", "K3", "K4"]
    assert listed(database, small, "project_type") == ["K1", "K3", "K2", "K4"]


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_grid_names_codes(database: Database, small: RowMapping, language: str) -> None:
    use_language(language)
    rows = {
        row["code"]: row_of_grid(row) for row in page(database, small["id"], ProjectFilter(), Sort()).rows
    }
    side = "zh" if language == "zh_CN" else "en"
    assert rows["K1"]["stage"] == getattr(codes.STAGES["construction"], side)
    assert rows["K1"]["project_type"] == getattr(codes.PROJECT_TYPES["old_community"], side)
    assert rows["K1"]["renewal_mode"] == getattr(codes.RENEWAL_MODES["upgrade"], side)
    assert {"stage", "project_type", "renewal_mode"} <= set(rows["K4"]["unknown"])


def test_an_export_names_codes_as_the_grid_does(
    database: Database, small: RowMapping, tmp_path: Path
) -> None:
    write_export(database, "small", tmp_path / "out.csv", {"stage": "construction,library"}, "zh_CN")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out.csv").read_text(encoding="utf-8-sig"))))
    heading = next(name for name in rows[0] if "阶段" in name)
    assert {row["项目编号"] if "项目编号" in row else row["编号"]: row[heading] for row in rows} == {
        "K1": codes.STAGES["construction"].zh,
        "K3": codes.STAGES["library"].zh,
    }


def test_filters_offer_only_what_occurs_in_the_order_of_the_codes(
    database: Database, small: RowMapping
) -> None:
    offered = choices(database, small["id"])
    assert [choice["value"] for choice in options(codes.STAGES, offered.stages)] == [
        "library",
        "annual_plan",
        "construction",
    ]
    assert (offered.types, offered.modes) == ({"old_community"}, {"upgrade"})


def test_a_city_without_stages_offers_none(zhengzhou: Database) -> None:
    with zhengzhou.reading() as connection:
        city = connection.scalar(text("SELECT id FROM city"))
    offered = choices(zhengzhou, int(city or 0))
    assert (offered.stages, offered.types, offered.modes) == (set(), set(), set())


def test_a_filter_is_said_in_words() -> None:
    keep = filter_from_query({"stage": "permit", "type": "heritage", "mode": "rebuild"})
    assert filter_words(keep, {}) == [
        "stage: Permits",
        "type: Historic heritage",
        "mode: Demolish and rebuild",
    ]


def test_a_code_that_no_list_holds_stands_for_itself() -> None:
    assert term(codes.LAND_USES, "C-2A") == "C-2A"
    assert term(codes.LAND_USES, None) is None
