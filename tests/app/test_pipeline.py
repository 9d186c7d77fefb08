"""The pipeline's figures are the register's."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import RowMapping, text

from app.services import cities
from app.services.pipeline import Dimension, Group, pipeline, reached
from data import codes
from data.projects import BANDS, YI, ProjectFilter
from data.session import Database
from tests.app import small_city

PUBLISHED_YEARS = {
    "2022": (21, "1817.20"),
    "2023": (113, "4267.52"),
    "2024": (112, "1644.46"),
    "2025": (30, "166.27"),
}
PUBLISHED_BANDS = dict(zip(BANDS, (39, 70, 47, 64, 39, 17), strict=True))
LAST_BATCHES = {"202501": 7, "202502": 13, "202503": 10}


@pytest.fixture
def city(zhengzhou: Database) -> RowMapping:
    return cities.choose(zhengzhou, "zhengzhou")


def groups(dimension: Dimension) -> dict[str | None, Group]:
    return {group.key: group for group in dimension.groups}


def rounded(yuan: Decimal | None) -> str:
    assert yuan is not None
    return str(round(yuan / YI, 2))


def test_years_are_as_published(zhengzhou: Database, city: RowMapping) -> None:
    years = groups(pipeline(zhengzhou, city).dimensions["year"])
    assert {
        key: (group.projects, rounded(group.investment)) for key, group in years.items()
    } == PUBLISHED_YEARS


def test_size_bands_are_as_published_and_in_order(zhengzhou: Database, city: RowMapping) -> None:
    dimension = pipeline(zhengzhou, city).dimensions["band"]
    assert {group.key: group.projects for group in dimension.groups} == PUBLISHED_BANDS
    assert [group.key for group in dimension.groups] == list(BANDS)
    largest = groups(dimension)[">=100"]
    assert largest.project_share == pytest.approx(17 / 276)
    assert round(largest.investment_share or 0, 3) == 0.415


def test_batches_follow_the_codes(zhengzhou: Database, city: RowMapping) -> None:
    batches = groups(pipeline(zhengzhou, city).dimensions["batch"])
    assert len(batches) == 2 + 17 + 19 + 3
    assert {key: batches[key].projects for key in LAST_BATCHES} == LAST_BATCHES
    assert rounded(batches["202307"].investment) == "654.94"


def test_totals_of_every_dimension_are_the_libraries(zhengzhou: Database, city: RowMapping) -> None:
    shown = pipeline(zhengzhou, city)
    assert (shown.totals["projects"], rounded(shown.totals["investment"])) == (276, "7895.45")
    for name in ("year", "batch", "band"):
        rows = shown.dimensions[name].groups
        assert sum(group.projects for group in rows) == 276
        assert sum(group.investment or 0 for group in rows) == shown.totals["investment"]
        assert sum(group.investment_share or 0 for group in rows) == pytest.approx(1)


def test_cross_district_project_counts_in_each_district_and_its_money_once(
    zhengzhou: Database, city: RowMapping
) -> None:
    districts = pipeline(zhengzhou, city).dimensions["district"].groups
    assert sum(group.projects for group in districts) == 276 + 2
    assert sum(group.investment or 0 for group in districts) / YI == pytest.approx(
        Decimal("7895.449028"), abs=Decimal("1e-6")
    )
    by_name = {group.name_zh: group for group in districts}
    assert by_name["中原区"].projects == 25 + 1
    assert rounded(by_name["中原区"].investment) == "1077.32"


def test_district_row_is_by_share_and_the_total_whole(zhengzhou: Database, city: RowMapping) -> None:
    shown = pipeline(zhengzhou, city, ProjectFilter(districts=("410102",)))
    assert (shown.totals["projects"], rounded(shown.totals["investment"])) == (26, "1335.99")
    assert rounded(groups(shown.dimensions["district"])["410102"].investment) == "1077.32"
    assert shown.cross_district == 1


def test_own_filter_marks_and_other_filters_narrow(zhengzhou: Database, city: RowMapping) -> None:
    shown = pipeline(zhengzhou, city, ProjectFilter(years=(2024,)))
    years = groups(shown.dimensions["year"])
    assert {key: group.projects for key, group in years.items()} == {
        k: n for k, (n, _) in PUBLISHED_YEARS.items()
    }
    assert [key for key, group in years.items() if group.chosen] == ["2024"]
    assert shown.dimensions["year"].narrowed
    assert not shown.dimensions["band"].narrowed
    assert sum(group.projects for group in shown.dimensions["band"].groups) == 112
    assert {key[:4] for key in groups(shown.dimensions["batch"]) if key} == {"2024"}


@pytest.mark.parametrize("keep", [ProjectFilter(text="厂"), ProjectFilter(bands=(">=100",), years=(2023,))])
def test_filtered_groups_equal_plain_sql(zhengzhou: Database, city: RowMapping, keep: ProjectFilter) -> None:
    query = """
        SELECT code_year::text, count(*), sum(total_investment) FROM project
        WHERE (:band = '' OR total_investment >= 100e8) AND name LIKE '%' || :word || '%' GROUP BY 1
    """
    with zhengzhou.reading() as connection:
        rows = connection.execute(text(query), {"word": keep.text, "band": "".join(keep.bands)}).all()
    found = groups(pipeline(zhengzhou, city, keep).dimensions["year"])
    assert {(key, group.projects, group.investment) for key, group in found.items()} == {
        tuple(row) for row in rows
    }


def test_project_without_amount_is_counted_and_not_summed_as_zero(
    zhengzhou: Database, city: RowMapping
) -> None:
    with zhengzhou.writing("test") as connection:
        connection.execute(text("UPDATE project SET total_investment = NULL WHERE code = 'K202307002'"))
    shown = pipeline(zhengzhou, city)
    assert shown.totals["projects"] - shown.totals["with_amount"] == 1
    assert rounded(shown.totals["investment"]) == "7437.98"
    bands = groups(shown.dimensions["band"])
    assert list(bands)[-1] is None
    assert (bands[None].projects, bands[None].investment, bands[None].investment_share) == (1, None, None)
    assert bands[">=100"].projects == 16
    alone = pipeline(zhengzhou, city, ProjectFilter(text="K202307002"))
    assert (alone.totals["projects"], alone.totals["investment"]) == (1, None)


def test_nothing_fits(zhengzhou: Database, city: RowMapping) -> None:
    shown = pipeline(zhengzhou, city, ProjectFilter(text="no such project"))
    assert shown.totals["projects"] == 0
    assert all(not dimension.groups for dimension in shown.dimensions.values())


def test_register_supplies_no_progress_until_a_project_has_some(
    zhengzhou: Database, city: RowMapping
) -> None:
    assert not pipeline(zhengzhou, city).supplies_progress
    with zhengzhou.writing("test") as connection:
        connection.execute(text("UPDATE project SET stage = 'construction' WHERE code = 'K202201001'"))
    assert pipeline(zhengzhou, city).supplies_progress


@pytest.fixture
def small(database: Database) -> RowMapping:
    return small_city.build(database)


def test_stages_are_counted_in_ladder_order(database: Database, small: RowMapping) -> None:
    shown = pipeline(database, small)
    stages = shown.dimensions["stage"].groups
    assert [(group.key, group.projects) for group in stages] == [
        ("library", 1),
        ("construction", 1),
        (None, 2),
    ]
    assert (stages[0].name_zh, stages[0].name_en) == (codes.STAGES["library"].zh, codes.STAGES["library"].en)
    so_far = reached(shown.dimensions["stage"])
    assert (so_far["library"], so_far["annual_plan"], so_far["construction"], so_far["completed"]) == (
        2,
        1,
        1,
        0,
    )
    assert [group.key for group in shown.dimensions["type"].groups] == ["old_community", None]
    assert sum(group.investment or 0 for group in stages) == shown.totals["investment"]


def test_a_chosen_stage_narrows_the_other_dimensions(database: Database, small: RowMapping) -> None:
    shown = pipeline(database, small, ProjectFilter(stages=("construction",)))
    assert shown.totals["projects"] == 1
    assert [group.key for group in shown.dimensions["stage"].groups if group.chosen] == ["construction"]
    assert len(shown.dimensions["stage"].groups) == 3
    assert [group.key for group in shown.dimensions["mode"].groups] == ["upgrade"]


def test_money_by_district_and_stage_sums_to_the_total(database: Database, small: RowMapping) -> None:
    with database.writing("t") as connection:
        connection.execute(
            text("UPDATE project_district SET share = 0.25 WHERE project_id = "
                 "(SELECT id FROM project WHERE code = 'K1')")
        )  # fmt: skip
        connection.execute(
            text("INSERT INTO project_district (project_id, district_id, share, share_basis) "
                 "SELECT p.id, d.id, 0.75, 'entered' FROM project p, district d "
                 "WHERE p.code = 'K1' AND d.code = 'B'")
        )  # fmt: skip
    shown = pipeline(database, small)
    assert shown.matrix is not None
    assert shown.matrix.stages == ("library", "construction", None)
    assert list(shown.matrix.districts) == ["A", "B"]
    cells = {at: (cell.projects, cell.investment) for at, cell in shown.matrix.cells.items()}
    assert cells["A", "construction"] == (1, Decimal(75_000_000))
    assert cells["B", "construction"] == (1, Decimal(225_000_000))
    assert cells["A", None] == (2, Decimal(600_000_000))
    assert sum(cell.investment or 0 for cell in shown.matrix.cells.values()) == shown.totals["investment"]


def test_a_city_without_stages_keeps_its_years_and_shows_no_ladder(
    zhengzhou: Database, city: RowMapping
) -> None:
    shown = pipeline(zhengzhou, city)
    assert set(shown.dimensions) == {"year", "batch", "band", "district"}
    assert shown.matrix is None
