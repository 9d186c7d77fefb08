"""A notice is imported whole or not at all, once, and with everything it says."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from app.services.demo import FOLDER, NOTICE, load_zhengzhou
from app.services.imports.register import import_register, set_exit_reason, set_shares
from data.errors import Conflict, InvalidInput, NotFound, RegisterInvalid
from data.session import Database
from tests.app.register_town import HEADER, asked, contents, found_town, imported, written

MILL = "K202501001,旧厂更新,1.5,东区,城区"
STREET = "K202501002,老街更新,2,西区,城区"
RIVER = "K202502001,河岸更新,9,东区+西区+北区,城区"
SHARES = (
    "SELECT d.code, s.share, s.share_basis FROM project_district s JOIN district d ON d.id = s.district_id "
    "JOIN project p ON p.id = s.project_id WHERE p.code = 'K202502001' ORDER BY d.position"
)
ZONES = "SELECT name_zh FROM district WHERE kind = 'functional_zone' AND boundary IS NULL ORDER BY position"
FIRST, SECOND, THIRD = "镇〔2025〕1号", "镇〔2025〕2号", "镇〔2025〕3号"


@pytest.fixture
def town(database: Database) -> Database:
    found_town(database)
    return database


def current(database: Database) -> list[str]:
    return [
        code
        for (code,) in asked(database, "SELECT code FROM project WHERE exit_notice_id IS NULL ORDER BY code")
    ]


class TestFirstNotice:
    def test_projects_money_and_snapshot_are_stored(self, town: Database, tmp_path: Path) -> None:
        report = imported(town, written(tmp_path, MILL, STREET), published_on=dt.date(2025, 3, 1))
        assert (report.rows, report.entered, report.exited, report.written) == (2, 2, 0, True)
        assert asked(
            town, "SELECT code, name, total_investment, code_year, code_batch, code_serial FROM project"
        ) == [
            ("K202501001", "旧厂更新", Decimal("150000000"), 2025, 1, 1),
            ("K202501002", "老街更新", Decimal("200000000"), 2025, 1, 2),
        ]
        assert asked(
            town, "SELECT year, source, kind, amount, notice_id IS NOT NULL FROM investment ORDER BY id"
        ) == [
            (None, "register", "planned", Decimal("150000000"), True),
            (None, "register", "planned", Decimal("200000000"), True),
        ]
        assert asked(town, "SELECT sequence, name, area, section FROM register_entry ORDER BY 1") == [
            (1, "旧厂更新", "东区", "城区"),
            (2, "老街更新", "西区", "城区"),
        ]
        (notice,) = asked(
            town, "SELECT number, sequence, published_on, source_name, imported_by FROM register_notice"
        )
        assert notice == (FIRST, 1, dt.date(2025, 3, 1), "register.csv", "李雷")
        assert set(
            asked(town, "SELECT DISTINCT actor FROM audit_log WHERE table_name <> 'city' AND row_id > 0")
        ) >= {("李雷",)}

    def test_amount_not_given_is_unknown_and_no_investment(self, town: Database, tmp_path: Path) -> None:
        imported(town, written(tmp_path, MILL.replace("1.5", "/")))
        assert asked(town, "SELECT total_investment FROM project") == [(None,)]
        assert asked(town, "SELECT * FROM investment") == []

    def test_a_cross_district_project_has_equal_shares_that_sum_to_one(
        self, town: Database, tmp_path: Path
    ) -> None:
        imported(town, written(tmp_path, RIVER, MILL))
        shares = asked(
            town,
            SHARES,
        )
        assert [code for code, _, _ in shares] == ["e", "w", "n"]
        assert {basis for _, _, basis in shares} == {"equal"}
        assert sum(share for _, share, _ in shares) == 1

    @pytest.mark.parametrize(
        "area", ["东区、老西区", "东区/西区", "East+West", "东区＋西区", "东 区+西区+老西区"]
    )
    def test_areas_are_known_by_each_name_and_separator(
        self, town: Database, tmp_path: Path, area: str
    ) -> None:
        imported(town, written(tmp_path, MILL.replace("东区", area)))
        assert asked(town, "SELECT count(*), sum(share) FROM project_district") == [(2, Decimal(1))]
        assert asked(town, "SELECT area FROM register_entry") == [(area,)]

    def test_codes_of_another_pattern_are_kept_and_reported(self, town: Database, tmp_path: Path) -> None:
        report = imported(town, written(tmp_path, MILL, STREET.replace("K202501002", "旧-7")))
        assert [str(note) for note in report.notes] == [
            "1 codes do not follow the city's pattern; they are kept as they are: 旧-7."
        ]
        assert asked(town, "SELECT code_year FROM project WHERE code = '旧-7'") == [(None,)]

    def test_a_city_without_a_pattern_reports_nothing(self, database: Database, tmp_path: Path) -> None:
        found_town(database, pattern=None)
        assert imported(database, written(tmp_path, MILL)).notes == ()
        assert asked(database, "SELECT code_year FROM project") == [(None,)]

    def test_hostile_text_is_stored_as_it_is(self, town: Database, tmp_path: Path) -> None:
        names = ["=HYPERLINK(1)", "<script>x</script>", "'; DROP TABLE project; --", "\\N", "%(x)s {y}"]
        rows = [f"K20250100{n},{name},1,东区,城区" for n, name in enumerate(names)]
        imported(town, written(tmp_path, *rows))
        assert [name for (name,) in asked(town, "SELECT name FROM project ORDER BY code")] == names


class TestRefusals:
    def test_one_bad_row_and_nothing_is_written(self, town: Database, tmp_path: Path) -> None:
        before = contents(town)
        with pytest.raises(RegisterInvalid, match="row 3, area «南区»"):
            imported(town, written(tmp_path, MILL, STREET.replace("西区", "南区")))
        assert contents(town) == before

    def test_unknown_city_lists_those_known(self, town: Database, tmp_path: Path) -> None:
        with pytest.raises(NotFound, match="Choose one of: town"):
            imported(town, written(tmp_path, MILL), city="nowhere")

    @pytest.mark.parametrize("number", ["", "  ", "x" * 101, "a\nb"])
    def test_a_notice_needs_a_number(self, town: Database, tmp_path: Path, number: str) -> None:
        with pytest.raises(InvalidInput, match="not the number of a notice"):
            imported(town, written(tmp_path, MILL), number)

    def test_a_write_needs_an_actor(self, town: Database, tmp_path: Path) -> None:
        with pytest.raises(InvalidInput, match="needs an actor"):
            imported(town, written(tmp_path, MILL), actor=" ")


class TestSameNotice:
    def test_the_same_content_writes_nothing_and_says_so(self, town: Database, tmp_path: Path) -> None:
        path = written(tmp_path, MILL, RIVER)
        imported(town, path)
        before = contents(town)
        report = imported(town, path)
        assert not report.written
        assert "nothing was written" in str(report.notes[-1])
        assert contents(town) == before

    def test_other_content_is_a_conflict(self, town: Database, tmp_path: Path) -> None:
        imported(town, written(tmp_path, MILL))
        before = contents(town)
        with pytest.raises(Conflict, match="already with other content"):
            imported(town, written(tmp_path, MILL.replace("1.5", "1.6")))
        assert contents(town) == before

    def test_a_correction_replaces_the_latest_notice(self, town: Database, tmp_path: Path) -> None:
        imported(town, written(tmp_path, MILL, STREET))
        path = written(tmp_path, MILL.replace("1.5", "1.6"), RIVER)
        report = imported(town, path, correction=True)
        assert report.written
        assert current(town) == ["K202501001", "K202502001"]
        assert asked(town, "SELECT count(*) FROM register_notice") == [(1,)]
        assert asked(town, "SELECT count(*) FROM register_entry") == [(2,)]
        assert asked(
            town,
            "SELECT amount FROM investment i JOIN project p ON p.id = project_id WHERE code = 'K202501001'",
        ) == [(Decimal("160000000"),)]

    def test_only_the_latest_notice_can_be_corrected(self, town: Database, tmp_path: Path) -> None:
        imported(town, written(tmp_path, MILL))
        imported(town, written(tmp_path, MILL, STREET), SECOND)
        with pytest.raises(Conflict, match="Only the latest"):
            imported(town, written(tmp_path, STREET), correction=True)


class TestNextNotice:
    def test_projects_leave_without_a_reason_and_are_not_deleted(
        self, town: Database, tmp_path: Path
    ) -> None:
        imported(town, written(tmp_path, MILL, STREET))
        report = imported(town, written(tmp_path, MILL), SECOND)
        assert (report.against, report.exited, report.unchanged) == (FIRST, 1, 1)
        assert asked(
            town,
            "SELECT p.exit_reason, n.number FROM project p JOIN register_notice n ON n.id = p.exit_notice_id",
        ) == [(None, SECOND)]

    def test_a_project_that_returns_has_not_left(self, town: Database, tmp_path: Path) -> None:
        imported(town, written(tmp_path, MILL, STREET))
        imported(town, written(tmp_path, MILL), SECOND, exit_reasons={"K202501002": "合并"})
        assert asked(town, "SELECT exit_reason FROM project WHERE code = 'K202501002'") == [("合并",)]
        report = imported(town, written(tmp_path, MILL, STREET), THIRD)
        assert report.entered == 1
        assert current(town) == ["K202501001", "K202501002"]
        assert asked(town, "SELECT exit_reason FROM project WHERE code = 'K202501002'") == [(None,)]

    def test_unchanged_projects_are_not_touched(self, town: Database, tmp_path: Path) -> None:
        imported(town, written(tmp_path, MILL, RIVER))
        before = asked(town, "SELECT count(*) FROM audit_log")
        imported(town, written(tmp_path, MILL, RIVER), SECOND)
        assert asked(town, "SELECT count(*) FROM audit_log") == [(before[0][0] + 1,)]

    def test_new_districts_replace_the_old_ones(self, town: Database, tmp_path: Path) -> None:
        imported(town, written(tmp_path, RIVER))
        imported(town, written(tmp_path, RIVER.replace("东区+西区+北区", "北区")), SECOND)
        assert asked(town, "SELECT share, share_basis FROM project_district") == [(Decimal(1), "single")]

    def test_an_amount_no_longer_given_is_unknown(self, town: Database, tmp_path: Path) -> None:
        imported(town, written(tmp_path, MILL))
        imported(town, written(tmp_path, MILL.replace("1.5", "/")), SECOND)
        assert asked(town, "SELECT total_investment FROM project") == [(None,)]
        assert asked(town, "SELECT * FROM investment") == []

    def test_an_older_notice_is_refused_unless_asked_for(self, town: Database, tmp_path: Path) -> None:
        imported(town, written(tmp_path, MILL), SECOND)
        for older in ("镇〔2025〕1号", "镇[2024]9号", "别镇〔2024〕99号"):
            with pytest.raises(Conflict, match="is older than"):
                imported(town, written(tmp_path, MILL, STREET), older)
        assert imported(town, written(tmp_path, MILL, STREET), FIRST, out_of_order=True).entered == 1

    def test_dates_decide_before_numbers(self, town: Database, tmp_path: Path) -> None:
        imported(town, written(tmp_path, MILL), "甲", published_on=dt.date(2025, 2, 1))
        with pytest.raises(Conflict, match="is older than"):
            imported(town, written(tmp_path, STREET), "乙", published_on=dt.date(2025, 1, 1))

    def test_two_cities_do_not_touch_each_other(self, town: Database, tmp_path: Path) -> None:
        found_town(town, slug="other")
        imported(town, written(tmp_path, MILL, STREET))
        report = imported(town, written(tmp_path, MILL), city="other")
        assert (report.entered, report.exited) == (1, 0)
        assert asked(town, "SELECT count(*) FROM project WHERE exit_notice_id IS NULL") == [(3,)]


class TestSections:
    SECTIONS = "SELECT name_zh, section FROM district ORDER BY position"

    def test_printed_sections_reach_districts_without_one(self, town: Database, tmp_path: Path) -> None:
        imported(town, written(tmp_path, MILL, STREET.replace("城区", "郊区"), RIVER))
        assert asked(town, self.SECTIONS) == [("东区", "城区"), ("西区", "郊区"), ("北区", "")]
        assert asked(
            town,
            "SELECT actor, after->>'section' FROM audit_log "
            "WHERE table_name = 'district' AND action = 'update' ORDER BY after->>'code'",
        ) == [("李雷", "城区"), ("李雷", "郊区")]

    def test_a_section_that_is_there_stays(self, town: Database, tmp_path: Path) -> None:
        imported(town, written(tmp_path, MILL), FIRST)
        imported(town, written(tmp_path, MILL.replace("城区", "郊区")), SECOND)
        assert asked(town, self.SECTIONS)[0] == ("东区", "城区")

    def test_two_sections_of_one_district_set_none(self, town: Database, tmp_path: Path) -> None:
        other = "K202501003,码头更新,1,老西区,郊区"
        imported(town, written(tmp_path, STREET, other))
        assert asked(town, self.SECTIONS)[1] == ("西区", "")

    def test_a_dry_run_sets_none(self, town: Database, tmp_path: Path) -> None:
        imported(town, written(tmp_path, MILL), dry_run=True)
        assert asked(town, self.SECTIONS)[0] == ("东区", "")


class TestDryRun:
    def test_it_reports_and_takes_everything_back(self, town: Database, tmp_path: Path) -> None:
        imported(town, written(tmp_path, MILL))
        before = contents(town)
        report = imported(town, written(tmp_path, STREET), SECOND, dry_run=True)
        assert (report.dry_run, report.entered, report.exited) == (True, 1, 1)
        assert contents(town) == before


class TestTotals:
    HEADER = f"{HEADER},区域总投资（亿元）,板块总投资"

    def test_totals_of_columns_and_file_are_stored(self, town: Database, tmp_path: Path) -> None:
        path = written(tmp_path, f"{MILL},1.5,3.5", f"{STREET},2,3.5", header=self.HEADER)
        rows = ("area,城区,东区,1.5", "city,,镇,3.5")
        totals = written(tmp_path, *rows, header="level,section,district,printed_total_yi", name="totals.csv")
        imported(town, path, totals=totals)
        found = asked(town, "SELECT level, label, printed / 100000000 FROM register_total ORDER BY id")
        assert found == [
            ("area", "东区", Decimal("1.5")),
            ("area", "西区", 2),
            ("section", "城区", Decimal("3.5")),
            ("city", "镇", Decimal("3.5")),
        ]

    @pytest.mark.parametrize(
        ("row", "says"), [("area,城区,东区,9", "Another total"), ("area,城区,北区,1", "No row")]
    )
    def test_a_total_that_contradicts_or_belongs_to_nothing_is_refused(
        self, town: Database, tmp_path: Path, row: str, says: str
    ) -> None:
        path = written(tmp_path, f"{MILL},1.5,1.5", header=self.HEADER)
        totals = written(tmp_path, row, header="level,section,district,printed_total_yi", name="totals.csv")
        with pytest.raises(RegisterInvalid, match=says):
            imported(town, path, totals=totals)


class TestReasons:
    def test_a_reason_is_stored_with_who_gave_it(self, town: Database, tmp_path: Path) -> None:
        imported(town, written(tmp_path, MILL, STREET))
        imported(town, written(tmp_path, MILL), SECOND)
        set_exit_reason(town, "town", "K202501002", " 已完工 ", actor="韩梅梅")
        assert asked(town, "SELECT exit_reason FROM project WHERE code = 'K202501002'") == [("已完工",)]
        assert asked(town, "SELECT actor FROM audit_log ORDER BY id DESC LIMIT 1") == [("韩梅梅",)]

    def test_reasons_are_refused_where_they_do_not_belong(self, town: Database, tmp_path: Path) -> None:
        imported(town, written(tmp_path, MILL))
        with pytest.raises(Conflict, match="still in the library"):
            set_exit_reason(town, "town", "K202501001", "x", actor="a")
        with pytest.raises(NotFound, match="no project «K9»"):
            set_exit_reason(town, "town", "K9", "x", actor="a")
        with pytest.raises(InvalidInput, match="empty"):
            set_exit_reason(town, "town", "K202501001", " ", actor="a")

    def test_a_wrong_reason_takes_the_import_back(self, town: Database, tmp_path: Path) -> None:
        before = contents(town)
        with pytest.raises(Conflict):
            imported(town, written(tmp_path, MILL), exit_reasons={"K202501001": "x"})
        assert contents(town) == before


class TestShares:
    def test_entered_shares_outlive_a_notice_with_the_same_areas(
        self, town: Database, tmp_path: Path
    ) -> None:
        imported(town, written(tmp_path, RIVER))
        wanted = {"e": Decimal("0.5"), "w": Decimal("0.3"), "n": Decimal("0.2")}
        set_shares(town, "town", "K202502001", wanted, actor="韩梅梅")
        imported(town, written(tmp_path, RIVER.replace("9", "10"), MILL), SECOND)
        shares = asked(
            town,
            SHARES,
        )
        assert {code: share for code, share, _ in shares} == wanted
        assert {basis for _, _, basis in shares} == {"entered"}

    def test_other_areas_make_entered_shares_void(self, town: Database, tmp_path: Path) -> None:
        imported(town, written(tmp_path, RIVER))
        wanted = {"e": Decimal("0.5"), "w": Decimal("0.3"), "n": Decimal("0.2")}
        set_shares(town, "town", "K202502001", wanted, actor="韩梅梅")
        imported(town, written(tmp_path, RIVER.replace("+北区", "")), SECOND)
        assert (
            asked(town, "SELECT share, share_basis FROM project_district") == [(Decimal("0.5"), "equal")] * 2
        )

    @pytest.mark.parametrize(
        ("shares", "says"),
        [
            ({"e": "0.5", "w": "0.4"}, "sum to 0.9"),
            ({"e": "1.5", "w": "-0.5"}, "not above 0"),
            ({}, "sum to 0"),
            ({"e": "NaN"}, "sum to NaN"),
            ({"e": "0.33333333333", "w": "0.66666666667"}, "ten decimals"),
            ({"x": "1"}, "no district «x»"),
        ],
    )
    def test_shares_that_cannot_be_are_refused(
        self, town: Database, tmp_path: Path, shares: dict[str, str], says: str
    ) -> None:
        imported(town, written(tmp_path, RIVER))
        before = contents(town)
        with pytest.raises(InvalidInput, match=says):
            set_shares(town, "town", "K202502001", {k: Decimal(v) for k, v in shares.items()}, actor="a")
        assert contents(town) == before


class TestZhengzhou:
    def test_loading_again_changes_nothing(self, zhengzhou: Database) -> None:
        before = contents(zhengzhou)
        load_zhengzhou(zhengzhou)
        assert contents(zhengzhou) == before

    def test_an_interrupted_load_is_finished(self, zhengzhou: Database) -> None:
        with zhengzhou.writing("test") as connection:
            connection.exec_driver_sql("DELETE FROM project")
            connection.exec_driver_sql("DELETE FROM register_notice")
            connection.exec_driver_sql("UPDATE district SET boundary = NULL WHERE code = '410102'")
        load_zhengzhou(zhengzhou)
        assert asked(zhengzhou, "SELECT count(boundary) FROM district") == [(12,)]
        assert asked(zhengzhou, "SELECT count(*) FROM register_entry") == [(276,)]

    def test_the_published_notice_has_no_day_and_nothing_invented(self, zhengzhou: Database) -> None:
        assert asked(zhengzhou, "SELECT number, published_on FROM register_notice") == [(NOTICE, None)]
        invented = (
            "SELECT count(*) FROM project WHERE project_type IS NOT NULL OR renewal_mode IS NOT NULL "
            "OR stage IS NOT NULL OR boundary_status <> 'pending'"
        )
        assert asked(zhengzhou, invented) == [(0,)]
        assert asked(zhengzhou, ZONES) == [("经开区",), ("高新区",), ("郑东新区",)]

    def test_the_cross_district_project_belongs_to_three(self, zhengzhou: Database) -> None:
        found = asked(
            zhengzhou,
            "SELECT d.name_zh, s.share_basis FROM project_district s JOIN district d ON d.id = s.district_id "
            "JOIN project p ON p.id = s.project_id WHERE p.code = 'K202201001' ORDER BY d.position",
        )
        assert found == [("中原区", "equal"), ("二七区", "equal"), ("金水区", "equal")]
        assert asked(zhengzhou, "SELECT sum(share) FROM project_district") == [(276,)]

    def test_the_next_notice_with_one_dearer_project_changes_one(
        self, zhengzhou: Database, tmp_path: Path
    ) -> None:
        text = (
            (FOLDER / "register_2025_45.csv")
            .read_text(encoding="utf-8-sig")
            .replace(",388,中原区+", ",400,中原区+")
        )
        path = tmp_path / "next.csv"
        path.write_text(text, encoding="utf-8")
        report = import_register(zhengzhou, path, city="zhengzhou", notice="郑建文〔2025〕60号", actor="a")
        assert (report.entered, report.exited, report.changed, report.unchanged) == (0, 0, 1, 275)
