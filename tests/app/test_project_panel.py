"""What the panel of a project says is what SQL and plain arithmetic say."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import RowMapping, text

from app.components.project.changes import enough_places
from app.services.projects.panel import ProjectPanel, project_panel, within_from_query
from data.codes import STAGES
from data.errors import InvalidInput
from data.session import Database
from tests.app import small_city

TODAY = dt.date(2025, 3, 2)


@pytest.fixture
def small(database: Database) -> RowMapping:
    return small_city.build(database)


def panel_of(database: Database, city: RowMapping, code: str = "K1", within: int = 200) -> ProjectPanel:
    found = project_panel(database, city, code, within=within, today=TODAY)
    assert found is not None
    return found


def test_the_ladder_holds_every_stage_in_order_with_its_day(database: Database, small: RowMapping) -> None:
    ladder = panel_of(database, small).ladder
    assert [row["stage"] for row in ladder] == list(STAGES)
    reached = {row["stage"]: row["reached_on"] for row in ladder if row["reached_on"]}
    with database.reading() as connection:
        stored = connection.execute(
            text("SELECT e.stage, on_date FROM stage_event e JOIN project p ON p.id = e.project_id "
                 "WHERE p.code = 'K1'")
        ).all()  # fmt: skip
    assert reached == {row.stage: row.on_date for row in stored}
    assert [row["stage"] for row in ladder if row["is_current"]] == ["construction"]
    behind = [row["stage"] for row in ladder if row["is_behind"]]
    assert behind == ["library", "annual_plan", "entity", "scheme", "joint_review", "permit"]


def test_late_is_reached_after_the_plan_or_overdue_today(database: Database, small: RowMapping) -> None:
    ladder = {row["stage"]: row for row in panel_of(database, small).ladder}
    assert (ladder["scheme"]["is_late"], ladder["scheme"]["days_late"]) == (True, 17)
    assert (ladder["construction"]["is_late"], ladder["construction"]["days_late"]) == (False, -29)
    assert (ladder["completed"]["is_late"], ladder["completed"]["days_late"]) == (True, 30)
    assert ladder["operation"]["is_late"] is False
    assert ladder["permit"]["is_late"] is None
    assert [row["stage"] for row in panel_of(database, small).late] == ["scheme", "completed"]


def test_a_stage_that_lies_behind_without_a_day_is_not_called_late(
    database: Database, small: RowMapping
) -> None:
    with database.writing("t") as connection:
        connection.execute(
            text("INSERT INTO milestone (project_id, name, stage, planned_on) SELECT id, 'x', 'permit', "
                 "'2024-05-01' FROM project WHERE code = 'K1'")
        )  # fmt: skip
    permit = next(row for row in panel_of(database, small).ladder if row["stage"] == "permit")
    assert (permit["is_behind"], permit["reached_on"], permit["is_late"]) == (True, None, None)


@pytest.mark.parametrize(
    ("day", "stage"), [("2022-12-31", None), ("2024-02-01", "scheme"), ("2024-06-01", "construction")]
)
def test_the_stage_on_a_day_is_the_last_that_was_reached_by_then(
    database: Database, small: RowMapping, day: str, stage: str | None
) -> None:
    found = project_panel(database, small, "K1", today=TODAY, day=dt.date.fromisoformat(day))
    assert found is not None
    assert (found.stage_on_day, found.project["stage"]) == (stage, "construction")


def test_money_by_source_and_year_sums_to_the_total(database: Database, small: RowMapping) -> None:
    money = panel_of(database, small).money
    assert [(row["source"], row["planned"]) for row in money.sources] == [
        ("local_budget", Decimal(100_000_000)),
        ("special_bond", Decimal(200_000_000)),
    ]
    years = {row["year"]: (row["planned"], row["allocated"], row["paid"]) for row in money.years}
    assert years == {2024: (250_000_000, 90_000_000, 60_000_000), 2025: (50_000_000, None, None)}
    assert money.whole is not None
    assert sum(row["planned"] for row in money.rows) == money.whole["planned"] == Decimal(300_000_000)
    assert (money.gap, money.ties) == (Decimal(0), True)


def test_a_gap_between_sources_and_the_printed_total_is_told(database: Database, small: RowMapping) -> None:
    with database.writing("t") as connection:
        connection.execute(text("UPDATE project SET total_investment = 300500000 WHERE code = 'K1'"))
    money = panel_of(database, small).money
    assert (money.gap, money.ties) == (Decimal(500_000), False)
    alone = panel_of(database, small, "K3").money
    assert (alone.whole, alone.gap, alone.ties) == (None, None, False)


def test_figures_change_and_ratios_follow_from_them(database: Database, small: RowMapping) -> None:
    found = panel_of(database, small)
    changes = {row["figure"]: row for row in found.changes}
    assert list(changes) == ["site_area", "floor_area", "floor_area_exempt", "green_area", "households"]
    assert (changes["floor_area"]["change"], changes["floor_area"]["change_share"]) == (30_000, 0.5)
    assert changes["households"]["change"] is None
    ratios = found.ratios
    assert ratios["floor_area_ratio_before"] == pytest.approx(60_000 / 40_000)
    assert ratios["floor_area_ratio_after"] == pytest.approx((90_000 - 10_000) / 40_000)
    assert (ratios["green_ratio_before"], ratios["green_ratio_after"]) == pytest.approx((0.2, 0.35))
    assert panel_of(database, small, "K3").ratios["floor_area_ratio_before"] is None


def test_a_figure_from_nothing_has_no_share_of_change(database: Database, small: RowMapping) -> None:
    with database.writing("t") as connection:
        connection.execute(
            text("UPDATE project_figure SET baseline = 0 WHERE figure IN ('site_area', 'parking')")
        )
    found = panel_of(database, small)
    site = next(row for row in found.changes if row["figure"] == "site_area")
    assert (site["change"], site["change_share"]) == (40_000, None)
    assert found.ratios["floor_area_ratio_before"] is None


def test_zoning_and_constraints_are_cut_at_the_boundary(database: Database, small: RowMapping) -> None:
    found = panel_of(database, small)
    zones = {row["land_use"]: (row["area_m2"], row["share"], row["greatest_ratio"]) for row in found.zoning}
    assert set(zones) == {"0701", "0901"}
    assert zones["0701"] == pytest.approx((20_000, 0.5, 2.5), rel=1e-6)
    assert zones["0901"] == pytest.approx((20_000, 0.5, 4), rel=1e-6)
    areas = {row["kind"]: (row["area_m2"], row["share"]) for row in found.constraints}
    assert areas["old_city"] == pytest.approx((40_000, 1), rel=1e-6)
    assert areas["historic_block"] == pytest.approx((10_000, 0.25), rel=1e-6)
    assert sum(row["share"] for row in found.zoning) == pytest.approx(1, rel=1e-6)
    assert found.project["area_m2"] == pytest.approx(40_000, rel=1e-6)


def test_areas_that_only_share_an_edge_are_not_touched(database: Database, small: RowMapping) -> None:
    with database.writing("t") as connection:
        small_city.run(
            connection,
            f"""INSERT INTO constraint_area (city_id, code, kind, shape)
            VALUES ({small["id"]}, 'C3', 'green_line', {small_city.shape(300, 100, 400, 300)})""",
        )
    kinds = {row["kind"] for row in panel_of(database, small).constraints}
    assert kinds == {"historic_block", "old_city"}


@pytest.mark.parametrize(("within", "near"), [(149, ["K2"]), (151, ["K2", "K3"]), (300, ["K2", "K3", "K4"])])
def test_neighbours_lie_within_the_distance(
    database: Database, small: RowMapping, within: int, near: list[str]
) -> None:
    found = panel_of(database, small, within=within)
    assert [row["code"] for row in found.nearby] == near
    distances = {row["code"]: row["distance"] for row in found.nearby}
    wanted = {"K2": 0, "K3": 150, "K4": 250}
    assert distances == pytest.approx({code: wanted[code] for code in near}, abs=1e-3)


def test_neighbours_say_what_joins_them_and_those_that_left_are_none(
    database: Database, small: RowMapping
) -> None:
    near = {row["code"]: row for row in panel_of(database, small).nearby}
    assert (near["K3"]["stage"], near["K3"]["same_entity"], near["K3"]["same_district"]) == (
        "library",
        True,
        True,
    )
    assert (near["K2"]["stage"], near["K2"]["same_entity"]) == (None, False)
    with database.writing("t") as connection:
        connection.execute(
            text("INSERT INTO register_notice (city_id, number, sequence, source_name, source_sha256, "
                 "imported_by) VALUES (:city, 'N1', 1, '', '', 't')"),
            {"city": small["id"]},
        )  # fmt: skip
        connection.execute(
            text("UPDATE project SET exit_notice_id = (SELECT id FROM register_notice) WHERE code = 'K2'")
        )
        connection.execute(text("DELETE FROM project_district WHERE project_id = "
                                "(SELECT id FROM project WHERE code = 'K3')"))  # fmt: skip
        connection.execute(
            text("INSERT INTO project_district (project_id, district_id, share) SELECT p.id, d.id, 1 "
                 "FROM project p, district d WHERE p.code = 'K3' AND d.code = 'B'")
        )  # fmt: skip
    (left,) = panel_of(database, small).nearby
    assert (left["code"], left["same_district"]) == ("K3", False)


def test_problems_documents_progress_and_history_are_the_projects_own(
    database: Database, small: RowMapping
) -> None:
    found = panel_of(database, small)
    assert [row["title"] for row in found.problems] == ["缺少停车位"]
    assert [(row["kind"], row["url"]) for row in found.documents] == [("scheme", "https://example.org/a")]
    assert [(row["reported"], row["certified"]) for row in found.progress] == [
        (0.05, 0.04),
        (0.15, 0.1),
        (0.3, None),
    ]
    assert {row["table_name"] for row in found.history} == {
        *("project", "project_district", "investment", "stage_event", "progress_snapshot", "milestone"),
        *("project_figure", "document", "problem_project"),
    }
    other = panel_of(database, small, "K4")
    empty = (other.problems, other.documents, other.progress, other.changes, other.milestones)
    assert empty == ([], [], [], [], [])


def test_a_project_without_boundary_touches_nothing(database: Database, small: RowMapping) -> None:
    with database.writing("t") as connection:
        connection.execute(
            text("UPDATE project SET boundary = NULL, boundary_status = 'pending' WHERE code = 'K1'")
        )
    found = panel_of(database, small)
    assert (found.zoning, found.constraints, found.nearby) == ([], [], [])
    assert project_panel(database, small, "K9") is None


@pytest.mark.parametrize(("value", "metres"), [("", 200), ("50", 50), ("5000", 5000)])
def test_the_distance_to_neighbours_is_read(value: str, metres: int) -> None:
    assert within_from_query(value) == metres


@pytest.mark.parametrize("value", ["0", "-1", "5001", "1e3", "二百", "99999999999"])
def test_a_distance_that_cannot_be_is_refused(value: str) -> None:
    with pytest.raises(InvalidInput):
        within_from_query(value)


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        (0.2547, 0.2586, ["0.255", "0.259"]),
        (0.2543, 0.2595, ["0.2543", "0.2595"]),
        (1.5, 2.0, ["1.50", "2.00"]),
        (0.25, 0.25, ["0.25", "0.25"]),
        (0.33341, 0.33352, ["0.3334", "0.3335"]),
    ],
)
def test_a_difference_is_that_of_the_figures_shown(before: float, after: float, shown: list[str]) -> None:
    places = enough_places((before, after), 2)
    written = [f"{value:.{places}f}" for value in (before, after)]
    difference = round(round(after, places) - round(before, places), places)
    assert written == shown
    assert float(written[1]) - float(written[0]) == pytest.approx(difference, abs=1e-12)
    assert difference or before == after
