"""The list of projects and one project's dossier, against SQL and the published register."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import RowMapping, text

from app.services import cities
from app.services.imports.register import set_exit_reason
from app.services.projects.listing import Sort, page, sort_from_query, summary
from app.services.projects.project import close_matches, dossier, set_share_percentages
from data.errors import InvalidInput, NotFound
from data.projects import BANDS, SORTABLE, YI, ProjectFilter
from data.session import Database

PUBLISHED = Decimal("7895.45")


@pytest.fixture
def city(zhengzhou: Database) -> RowMapping:
    return cities.choose(zhengzhou, "zhengzhou")


def codes(database: Database, city: RowMapping, keep: ProjectFilter, sort: Sort | None = None) -> list[str]:
    return [row["code"] for row in page(database, city["id"], keep, sort or Sort(), range(500)).rows]


def asked(database: Database, query: str, **values: Any) -> list[Any]:
    with database.reading() as connection:
        return list(connection.scalars(text(query), values))


def test_the_whole_library_is_the_published_one(zhengzhou: Database, city: RowMapping) -> None:
    found = summary(zhengzhou, city["id"], ProjectFilter())
    assert found.totals["projects"] == found.of == 276
    assert abs(found.totals["investment"] / YI - PUBLISHED) <= Decimal("0.005")
    assert found.totals["entered"] == 23


def test_a_filtered_summary_says_what_it_is_taken_from(zhengzhou: Database, city: RowMapping) -> None:
    found = summary(zhengzhou, city["id"], ProjectFilter(bands=(">=100",)))
    expected = asked(
        zhengzhou, "SELECT sum(total_investment) FROM project WHERE total_investment >= 10000000000"
    )
    assert [found.totals["investment"]] == expected
    assert found.of == 276 > found.totals["projects"] > 0


def test_bands_share_out_the_library(zhengzhou: Database, city: RowMapping) -> None:
    parts = [codes(zhengzhou, city, ProjectFilter(bands=(band,))) for band in BANDS]
    assert sum(map(len, parts)) == 276
    assert len(set().union(*parts)) == 276


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("column", SORTABLE)
def test_pages_cover_each_project_once_in_every_order(
    zhengzhou: Database, city: RowMapping, column: str, descending: bool
) -> None:
    sort = Sort(column, descending)
    whole = codes(zhengzhou, city, ProjectFilter(), sort)
    paged = [
        row["code"]
        for start in range(0, 300, 37)
        for row in page(zhengzhou, city["id"], ProjectFilter(), sort, range(start, start + 37)).rows
    ]
    assert paged == whole
    assert len(set(whole)) == 276


def test_amounts_sort_by_size_with_unknown_last_and_ties_by_code(
    zhengzhou: Database, city: RowMapping
) -> None:
    with zhengzhou.writing("test") as connection:
        connection.execute(text("UPDATE project SET total_investment = NULL WHERE code = 'K202201006'"))
    for descending, direction in ((False, "ASC"), (True, "DESC")):
        expected = asked(
            zhengzhou, f"SELECT code FROM project ORDER BY total_investment {direction} NULLS LAST, code"
        )
        found = codes(zhengzhou, city, ProjectFilter(), Sort("amount", descending))
        assert found == expected
        assert found[-1] == "K202201006"


def test_names_sort_by_pinyin(zhengzhou: Database, city: RowMapping) -> None:
    found = codes(zhengzhou, city, ProjectFilter(text="项目"), Sort("name"))
    names = {
        row["code"]: row["name"]
        for row in page(zhengzhou, city["id"], ProjectFilter(), Sort(), range(500)).rows
    }
    firsts = [names[code][0] for code in found]
    assert firsts.index("二") < firsts.index("金") < firsts.index("郑")


def test_words_are_all_required_over_name_code_and_district(zhengzhou: Database, city: RowMapping) -> None:
    expected = asked(
        zhengzhou,
        """SELECT p.code FROM project p WHERE p.name LIKE '%产业园%' AND (p.name LIKE '%金水%' OR EXISTS (
               SELECT FROM project_district pd JOIN district d ON d.id = pd.district_id
               WHERE pd.project_id = p.id AND d.name_zh LIKE '%金水%')) ORDER BY p.code""",
    )
    assert expected
    assert codes(zhengzhou, city, ProjectFilter(text="产业园　金水")) == expected
    assert codes(zhengzhou, city, ProjectFilter(text="k202201001")) == ["K202201001"]
    assert len(codes(zhengzhou, city, ProjectFilter(text="jinshui"))) >= 24


def test_wildcards_are_letters(zhengzhou: Database, city: RowMapping) -> None:
    for wildcard in ("%", "_", "\\", "%%", "K_022"):
        assert codes(zhengzhou, city, ProjectFilter(text=wildcard)) == []
    with zhengzhou.writing("test") as connection:
        connection.execute(text(r"UPDATE project SET name = '100%_\旧城' WHERE code = 'K202201005'"))
    for part in ("0%_", "%", "_\\", "\\旧"):
        assert codes(zhengzhou, city, ProjectFilter(text=part)) == ["K202201005"]


def test_a_cross_district_project_shows_all_its_districts(zhengzhou: Database, city: RowMapping) -> None:
    found = page(zhengzhou, city["id"], ProjectFilter(cross_district=True), Sort()).rows
    assert [row["code"] for row in found] == ["K202201001"]
    assert found[0]["districts_zh"] == ["中原区", "二七区", "金水区"]
    assert sum(found[0]["shares"]) == 1


def test_a_page_is_never_larger_than_allowed(zhengzhou: Database, city: RowMapping) -> None:
    found = page(zhengzhou, city["id"], ProjectFilter(), Sort(), range(10**9))
    assert len(found.rows) == found.count == 276
    assert page(zhengzhou, city["id"], ProjectFilter(), Sort(), range(5000, 5100)).rows == []


def test_a_dossier_ranks_by_investment(zhengzhou: Database, city: RowMapping) -> None:
    found = dossier(zhengzhou, city, "K202201001")
    larger = asked(zhengzhou, "SELECT count(*) FROM project WHERE total_investment > 38800000000")[0]
    assert (found.ranks[0].place, found.ranks[0].among) == (larger + 1, 276)
    assert [rank.district["name_zh"] for rank in found.ranks[1:]] == ["中原区", "二七区", "金水区"]
    assert found.listings[0]["area"] == "中原区+二七区+金水区"
    assert [(row["source"], row["kind"], row["amount"]) for row in found.investments] == [
        ("register", "planned", Decimal("38800000000.00"))
    ]


def test_neighbours_follow_the_filtered_list_in_its_order(zhengzhou: Database, city: RowMapping) -> None:
    keep, sort = ProjectFilter(bands=("50-100",)), sort_from_query({"sort": "amount.desc"})
    listed = codes(zhengzhou, city, keep, sort)
    for place, code in enumerate(listed, 1):
        found = dossier(zhengzhou, city, code, keep, sort).place
        assert found is not None
        assert (found["position"], found["listed"]) == (place, len(listed))
        assert found["previous"] == (listed[place - 2] if place > 1 else None)
        assert found["next"] == (listed[place] if place < len(listed) else None)
    assert dossier(zhengzhou, city, "K202201001", keep, sort).place is None


def test_an_unknown_code_is_not_found_and_those_like_it_are_offered(
    zhengzhou: Database, city: RowMapping
) -> None:
    with pytest.raises(NotFound, match="K209901001"):
        dossier(zhengzhou, city, "K209901001")
    alike = close_matches(zhengzhou, city["id"], "k20220100")
    assert "K202201001" in [code for code, _name in alike]
    assert close_matches(zhengzhou, city["id"], "！？") == []


def test_shares_are_entered_in_per_cent_and_signed(zhengzhou: Database, city: RowMapping) -> None:
    given = {"410102": 50, "410103": "37.5", "410105": 12.5, "410106": "", "410108": None}
    set_share_percentages(zhengzhou, "zhengzhou", "K202201001", given, actor="李工")
    found = dossier(zhengzhou, city, "K202201001")
    assert [row["share"] for row in found.districts] == [Decimal("0.5"), Decimal("0.375"), Decimal("0.125")]
    assert {row["share_basis"] for row in found.districts} == {"entered"}
    newest = found.history[0]
    assert (newest["actor"], newest["table_name"], newest["action"]) == ("李工", "project_district", "update")
    assert newest["before"]["share"] != newest["after"]["share"]


@pytest.mark.parametrize(
    "given",
    [
        {"410102": 50, "410103": 49.99},
        {"410102": 110, "410103": -10},
        {"410102": "half", "410103": 50},
        {"410102": "NaN"},
        {"410102": 50, "999999": 50},
        {},
    ],
)
def test_shares_that_cannot_be_are_refused_and_nothing_is_written(
    zhengzhou: Database, city: RowMapping, given: dict[str, object]
) -> None:
    before = dossier(zhengzhou, city, "K202201001")
    with pytest.raises(InvalidInput):
        set_share_percentages(zhengzhou, "zhengzhou", "K202201001", given, actor="李工")
    after = dossier(zhengzhou, city, "K202201001")
    assert (after.districts, after.history) == (before.districts, before.history)


def test_history_tells_areas_and_exits_not_coordinates(zhengzhou: Database, city: RowMapping) -> None:
    corner = "ST_MakeEnvelope(466000, 3845000, 466000 + {side}, 3845000 + {side}, 4547)"
    square = f"ST_Multi(ST_Transform({corner}, 4326))"
    with zhengzhou.writing("李工") as connection:
        connection.execute(
            text(
                f"UPDATE project SET boundary = {square.format(side=100)}, boundary_status = 'drafted' "
                "WHERE code = 'K202201005'"
            )
        )
    with zhengzhou.writing("王工") as connection:
        connection.execute(
            text(f"UPDATE project SET boundary = {square.format(side=200)} WHERE code = 'K202201005'")
        )
    newest, drawn = dossier(zhengzhou, city, "K202201005").history[:2]
    assert newest["actor"] == "王工"
    assert newest["area_before"] == pytest.approx(10_000, rel=1e-6)
    assert newest["area_after"] == pytest.approx(40_000, rel=1e-6)
    assert "boundary" not in newest["after"]
    assert (drawn["area_before"], drawn["after"]["boundary_status"]) == (None, "drafted")


def test_an_exited_project_is_listed_apart_with_its_reason(zhengzhou: Database, city: RowMapping) -> None:
    with zhengzhou.writing("test") as connection:
        connection.execute(
            text(
                "UPDATE project SET exit_notice_id = (SELECT max(id) FROM register_notice) "
                "WHERE code = 'K202201005'"
            )
        )
    assert codes(zhengzhou, city, ProjectFilter(exited=True)) == ["K202201005"]
    assert "K202201005" not in codes(zhengzhou, city, ProjectFilter())
    found = dossier(zhengzhou, city, "K202201005")
    assert found.is_exited
    assert (found.ranks, found.project["exit_reason"]) == ([], None)
    set_exit_reason(zhengzhou, "zhengzhou", "K202201005", "并入 K202201001", actor="王工")
    assert dossier(zhengzhou, city, "K202201005").project["exit_reason"] == "并入 K202201001"
