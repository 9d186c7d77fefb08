"""Printed totals reconcile, and concentration is as published."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import RowMapping, text

from app.services import cities
from app.services.investment import InvestmentView, Printed, investment
from data.projects import YI, ProjectFilter
from data.session import Database

PUBLISHED = {
    "中原区+二七区+金水区": (1, "388", "388"),
    "中原区": (25, "947.99", "947.991028"),
    "二七区": (20, "602.55", "602.553"),
    "金水区": (23, "780.79", "780.787"),
    "管城区": (36, "1547.65", "1547.6505"),
    "惠济区": (17, "481.36", "481.36"),
    "市内五区": (122, "4748.34", "4748.341528"),
    "经开区": (9, "63.33", "63.332"),
    "高新区": (20, "904.44", "904.4378"),
    "郑东新区": (22, "668.77", "668.77"),
    "各开发区": (51, "1636.54", "1636.5398"),
    "荥阳市": (14, "288.35", "288.3487"),
    "巩义市": (22, "482.74", "482.7351"),
    "新密市": (19, "137.30", "137.304"),
    "新郑市": (19, "168.01", "168.007"),
    "上街区": (8, "27.85", "27.85"),
    "中牟县": (13, "359.40", "359.4008"),
    "登封市": (8, "46.92", "46.9221"),
    "各区县（市）": (103, "1510.57", "1510.5677"),
    "郑州市": (276, "7895.45", "7895.449028"),
}


@pytest.fixture
def city(zhengzhou: Database) -> RowMapping:
    return cities.choose(zhengzhou, "zhengzhou")


def shown(
    database: Database, city: RowMapping, keep: ProjectFilter | None = None, top: int = 10
) -> InvestmentView:
    return investment(database, city, keep or ProjectFilter(), top)


def by_label(found: InvestmentView) -> dict[str, Printed]:
    return {printed.line.label: printed for printed in found.reconciliation.lines}


def test_all_twenty_printed_totals_reconcile(zhengzhou: Database, city: RowMapping) -> None:
    found = shown(zhengzhou, city).reconciliation
    lines = {p.line.label: (p.line.rows, p.line.printed, p.line.sum) for p in found.lines}
    assert lines == {k: (n, Decimal(printed), Decimal(rows)) for k, (n, printed, rows) in PUBLISHED.items()}
    assert (found.printed, found.agreeing) == (20, 20)
    assert max(abs(p.line.difference or 0) for p in found.lines) == Decimal("0.0049")


def test_sections_stand_before_their_areas_and_the_city_last(zhengzhou: Database, city: RowMapping) -> None:
    found = shown(zhengzhou, city).reconciliation
    kinds = [(printed.level, printed.line.section) for printed in found.lines]
    sections = ("市内五区", 6), ("各开发区", 3), ("各区县（市）", 7)
    expected = [pair for name, areas in sections for pair in [("section", name), *[("area", name)] * areas]]
    assert kinds == [*expected, ("city", "")]


def test_a_total_that_does_not_agree_is_said(zhengzhou: Database, city: RowMapping) -> None:
    with zhengzhou.writing("test") as connection:
        connection.execute(
            text("UPDATE register_total SET printed = printed + 600000 WHERE label = '惠济区'")
        )
    found = shown(zhengzhou, city)
    assert by_label(found)["惠济区"].agrees is False
    assert (found.reconciliation.printed, found.reconciliation.agreeing) == (20, 19)


def test_without_printed_totals_nothing_agrees_or_disagrees(zhengzhou: Database, city: RowMapping) -> None:
    with zhengzhou.writing("test") as connection:
        connection.execute(text("DELETE FROM register_total"))
    found = shown(zhengzhou, city)
    assert {p.agrees for p in found.reconciliation.lines} == {None}
    assert found.reconciliation.printed == 0


def test_by_share_moves_the_cross_district_project_and_keeps_the_sum(
    zhengzhou: Database, city: RowMapping
) -> None:
    lines = by_label(shown(zhengzhou, city))
    third = Decimal(388) / 3
    for name in ("中原区", "二七区", "金水区"):
        assert lines[name].by_share == pytest.approx((lines[name].line.sum or 0) + third, abs=Decimal("1e-6"))
    assert lines["管城区"].code == "410104"
    assert lines["管城区"].by_share == lines["管城区"].line.sum
    assert (lines["中原区+二七区+金水区"].code, lines["中原区+二七区+金水区"].by_share) == (None, None)
    assert lines["郑州市"].by_share == lines["郑州市"].line.sum
    assert lines["市内五区"].by_share == lines["市内五区"].line.sum


def test_concentration_is_as_published(zhengzhou: Database, city: RowMapping) -> None:
    found = shown(zhengzhou, city).concentration
    assert round(found.top_share, 3) == 0.312
    assert found.bands["count"].tolist() == [39, 70, 47, 64, 39, 17]
    assert round(found.bands.loc[">=100", "share"], 3) == 0.415
    assert [round(found.bands.loc[band, "amount"] / 1e8) for band in ("50-100", ">=100")] == [2709, 3278]
    assert round(found.amounts.median() / 1e8, 1) == 7.4
    assert round(found.amounts.mean() / 1e8, 1) == 28.6
    assert found.amounts.iloc[[0, -1]].div(1e8).round(4).tolist() == [457.47, 0.0508]


def test_gini_equals_the_mean_difference(zhengzhou: Database, city: RowMapping) -> None:
    query = """
        SELECT sum(abs(a.total_investment - b.total_investment)) / (2 * count(*) * avg(a.total_investment))
        FROM project a CROSS JOIN project b
    """
    with zhengzhou.reading() as connection:
        expected = connection.scalar(text(query))
    assert shown(zhengzhou, city).concentration.gini == pytest.approx(float(expected))


@pytest.mark.parametrize("top", [5, 10, 20, 50])
def test_largest_projects_add_up_to_the_top_share(zhengzhou: Database, city: RowMapping, top: int) -> None:
    found = shown(zhengzhou, city, top=top)
    assert len(found.largest) == top
    assert found.largest[0]["name"] == "中原区西岗、柿园片区城市更新项目"
    largest = sum(project["amount"] for project in found.largest)
    assert float(largest / found.totals["investment"]) == pytest.approx(found.concentration.top_share)


def test_cross_district_projects_are_listed_with_their_shares(zhengzhou: Database, city: RowMapping) -> None:
    (project,) = shown(zhengzhou, city).cross_district
    assert (project["code"], project["amount"]) == ("K202201001", 388 * YI)
    assert project["districts_zh"] == ["中原区", "二七区", "金水区"]
    assert sum(project["shares"]) == 1


def test_a_filter_narrows_concentration_and_not_the_reconciliation(
    zhengzhou: Database, city: RowMapping
) -> None:
    found = shown(zhengzhou, city, ProjectFilter(districts=("410104",)))
    assert len(found.concentration.amounts) == 36
    assert found.totals["investment"] / YI == Decimal("1547.6505")
    assert found.cross_district == []
    assert len(found.reconciliation.lines) == 20


def test_unknown_amounts_take_no_part_in_concentration(zhengzhou: Database, city: RowMapping) -> None:
    with zhengzhou.writing("test") as connection:
        connection.execute(text("UPDATE project SET total_investment = NULL WHERE code_year = 2022"))
    found = shown(zhengzhou, city).concentration
    assert (found.unknown, len(found.amounts), int(found.bands["count"].sum())) == (21, 255, 255)
    nothing = shown(zhengzhou, city, ProjectFilter(years=(2022,)))
    assert (nothing.concentration.top, nothing.totals["investment"]) == (0, None)
    assert nothing.largest[0]["amount"] is None
