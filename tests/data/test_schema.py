"""The tables themselves refuse what must not be stored, whoever writes."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from data import migrate
from data.session import Database

SQUARE = "MULTIPOLYGON(((113 34, 114 34, 114 35, 113 35, 113 34)))"
BOW_TIE = "MULTIPOLYGON(((113 34, 114 35, 114 34, 113 35, 113 34)))"
EMPTY = "MULTIPOLYGON EMPTY"


def run(connection: Connection, statement: str, **values: object) -> int | None:
    result = connection.execute(text(statement), values)
    return result.scalar() if result.returns_rows else None


def a_city(connection: Connection, slug: str = "town") -> int | None:
    return run(
        connection,
        "INSERT INTO city (slug, name_zh, name_en, metric_srid) "
        "VALUES (:slug, '镇', 'Town', 4547) RETURNING id",
        slug=slug,
    )


def a_district(
    connection: Connection, city: int | None, code: str = "1", wkt: str | None = None
) -> int | None:
    return run(
        connection,
        "INSERT INTO district (city_id, code, name_zh, name_en, boundary) "
        "VALUES (:city, :code, '区', 'D', ST_GeomFromText(:wkt, 4326)) RETURNING id",
        city=city,
        code=code,
        wkt=wkt,
    )


def a_project(connection: Connection, city: int | None, code: str = "K1", **values: object) -> int | None:
    given = {"total_investment": 1, "boundary": None, "boundary_status": "pending", "exit_reason": None}
    return run(
        connection,
        "INSERT INTO project (city_id, code, name, total_investment, boundary, boundary_status, exit_reason) "
        "VALUES (:city, :code, 'n', :total_investment, ST_GeomFromText(:boundary, 4326), :boundary_status, "
        ":exit_reason) RETURNING id",
        city=city,
        code=code,
        **(given | values),
    )


def a_notice(connection: Connection, city: int | None, number: str = "1", sequence: int = 1) -> int | None:
    return run(
        connection,
        "INSERT INTO register_notice (city_id, number, sequence, source_name, source_sha256, imported_by) "
        "VALUES (:city, :number, :sequence, 'f', 'x', 'me') RETURNING id",
        city=city,
        number=number,
        sequence=sequence,
    )


def a_share(connection: Connection, project: int | None, district: int | None, share: str = "1") -> None:
    run(
        connection,
        "INSERT INTO project_district (project_id, district_id, share) VALUES (:project, :district, :share)",
        project=project,
        district=district,
        share=share,
    )


def an_entry(connection: Connection, notice: int | None, project: int | None, amount: int = 1) -> None:
    run(
        connection,
        "INSERT INTO register_entry (notice_id, project_id, sequence, name, amount, area) "
        "VALUES (:notice, :project, 1, 'n', :amount, 'a')",
        notice=notice,
        project=project,
        amount=amount,
    )


def money(connection: Connection, project: int | None, amount: int = 1, kind: str = "planned") -> None:
    run(
        connection,
        "INSERT INTO investment (project_id, source, kind, amount) "
        "VALUES (:project, 'register', :kind, :amount)",
        project=project,
        kind=kind,
        amount=amount,
    )


def a_total(connection: Connection, notice: int | None, level: str = "area", printed: int = 1) -> None:
    run(
        connection,
        "INSERT INTO register_total (notice_id, level, label, printed) "
        "VALUES (:notice, :level, 'a', :printed)",
        notice=notice,
        level=level,
        printed=printed,
    )


def entries(connection: Connection, *amounts: int) -> None:
    city = a_city(connection)
    notice, project = a_notice(connection, city), a_project(connection, city)
    for amount in amounts:
        an_entry(connection, notice, project, amount)


def shares_of_one_project(connection: Connection, *shares: str) -> None:
    city = a_city(connection)
    project = a_project(connection, city)
    for code, share in enumerate(shares):
        a_share(connection, project, a_district(connection, city, str(code)), share)


BREACHES = {
    "uq_city_slug": lambda c: (a_city(c), a_city(c)),
    "ck_city_slug": lambda c: a_city(c, "Not A Slug"),
    "uq_district_city_id_code": lambda c: [a_district(c, city, "1") for city in [a_city(c)] * 2],
    "uq_project_city_id_code": lambda c: [a_project(c, city, "K1") for city in [a_city(c)] * 2],
    "ck_project_code_given": lambda c: a_project(c, a_city(c), ""),
    "ck_project_total_investment_not_negative": lambda c: a_project(c, a_city(c), total_investment=-1),
    "ck_project_boundary_status": lambda c: a_project(c, a_city(c), boundary=SQUARE, boundary_status="x"),
    "ck_project_boundary_status_true": lambda c: a_project(c, a_city(c), boundary_status="drafted"),
    "ck_project_exit_reason_of_exit": lambda c: a_project(c, a_city(c), exit_reason="moved"),
    "fk_project_city_id": lambda c: a_project(c, 0),
    "fk_district_city_id": lambda c: a_district(c, 0),
    "fk_project_district_district_id": lambda c: a_share(c, a_project(c, a_city(c)), 0),
    "fk_register_entry_project_id": lambda c: an_entry(c, a_notice(c, a_city(c)), 0),
    "uq_register_notice_city_id_number": lambda c: [
        a_notice(c, city, "1", sequence) for city, sequence in zip([a_city(c)] * 2, (1, 2), strict=True)
    ],
    "uq_register_notice_city_id_sequence": lambda c: [
        a_notice(c, city, number) for city, number in zip([a_city(c)] * 2, "12", strict=True)
    ],
    "ck_investment_amount_not_negative": lambda c: money(c, a_project(c, a_city(c)), -1),
    "ck_investment_kind": lambda c: money(c, a_project(c, a_city(c)), kind="hoped"),
    "uq_investment_project_id_year_source_kind": lambda c: [
        money(c, project) for project in [a_project(c, a_city(c))] * 2
    ],
    "ck_register_entry_amount_not_negative": lambda c: entries(c, -1),
    "uq_register_entry_notice_id_project_id": lambda c: entries(c, 1, 1),
    "ck_register_total_level": lambda c: a_total(c, a_notice(c, a_city(c)), level="street"),
    "ck_register_total_printed_not_negative": lambda c: a_total(c, a_notice(c, a_city(c)), printed=-1),
}


@pytest.mark.parametrize("constraint", BREACHES)
def test_constraint_refuses_and_is_named(database: Database, constraint: str) -> None:
    with pytest.raises(IntegrityError) as refused, database.writing("test") as connection:
        BREACHES[constraint](connection)
    assert refused.value.orig.diag.constraint_name == constraint


@pytest.mark.parametrize("wkt", [BOW_TIE, EMPTY])
def test_unsound_polygon_is_refused_for_districts_and_projects(database: Database, wkt: str) -> None:
    with (
        pytest.raises(IntegrityError, match="ck_district_boundary_sound"),
        database.writing("test") as connection,
    ):
        a_district(connection, a_city(connection), wkt=wkt)
    with (
        pytest.raises(IntegrityError, match="ck_project_boundary_sound"),
        database.writing("test") as connection,
    ):
        a_project(connection, a_city(connection), boundary=wkt, boundary_status="drafted")


def test_the_same_code_in_two_cities_is_two_projects(database: Database) -> None:
    with database.writing("test") as connection:
        for slug in ("one", "two"):
            a_project(connection, a_city(connection, slug))
        assert run(connection, "SELECT count(*) FROM project") == 2


@pytest.mark.parametrize(("shares", "constraint"), [
    (["0.5"], "shares_sum_to_one"),
    (["0.5", "0.4999"], "shares_sum_to_one"),
    (["0.7", "0.7"], "shares_sum_to_one"),
    (["1.5"], "ck_project_district_share"),
    (["0"], "ck_project_district_share"),
])  # fmt: skip
def test_shares_that_do_not_sum_to_one_are_refused(
    database: Database, shares: list[str], constraint: str
) -> None:
    with pytest.raises(IntegrityError) as refused, database.writing("test") as connection:
        shares_of_one_project(connection, *shares)
    assert refused.value.orig.diag.constraint_name == constraint


def test_shares_are_judged_at_the_end_so_that_they_can_be_changed_one_by_one(database: Database) -> None:
    with database.writing("test") as connection:
        shares_of_one_project(connection, "0.5", "0.25", "0.25")
    with pytest.raises(IntegrityError, match="not 1"), database.writing("test") as connection:
        run(connection, "DELETE FROM project_district WHERE share = 0.5")
    with database.writing("test") as connection:
        run(connection, "UPDATE project_district SET share = share / 2 + 0.125")
        run(connection, "UPDATE project_district SET share = 0.5 WHERE share = 0.375")
    with database.writing("test") as connection:
        run(connection, "DELETE FROM project")


def test_log_has_actor_and_the_row_before_and_after(database: Database) -> None:
    with database.writing("李雷") as connection:
        project = a_project(connection, a_city(connection))
    with database.writing("韩梅梅") as connection:
        run(connection, "UPDATE project SET name = 'm'")
        run(connection, "UPDATE project SET name = 'm'")
    with database.writing("third") as connection:
        run(connection, "DELETE FROM project")
    with database.reading() as connection:
        found = connection.execute(
            text(
                "SELECT actor, action, row_id, before ->> 'name', after ->> 'name' FROM audit_log "
                "WHERE table_name = 'project' ORDER BY id"
            )
        ).all()
    assert found == [
        ("李雷", "insert", project, None, "n"),
        ("韩梅梅", "update", project, "n", "m"),
        ("third", "delete", project, "m", None),
    ]


def test_boundaries_and_audited_tables_are_indexed(database: Database) -> None:
    with database.reading() as connection:
        found = connection.execute(
            text("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'")
        )
        indexes = dict(found.all())
    for name in ("ix_district_boundary", "ix_project_boundary"):
        assert "USING gist (boundary)" in indexes[name]
    for name in (
        "ix_project_district_district_id",
        "ix_register_entry_project_id",
        "ix_audit_log_table_name_row_id",
        "ix_project_city_id_exit_notice_id",
    ):
        assert name in indexes


def test_reading_cannot_write(database: Database) -> None:
    with pytest.raises(Exception, match="read-only"), database.reading() as connection:
        run(connection, "DELETE FROM city")


def test_migrations_go_down_and_up_again_and_agree_with_the_models(
    database: Database, database_url: str
) -> None:
    migrate.check(database_url)
    migrate.downgrade(database_url)
    with database.reading() as connection:
        left = run(
            connection,
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' "
            "AND tablename NOT IN ('alembic_version', 'spatial_ref_sys')",
        )
        functions = run(
            connection, "SELECT count(*) FROM pg_proc WHERE proname IN ('log_change', 'shares_sum_to_one')"
        )
    assert (left, functions) == (0, 0)
    migrate.upgrade(database_url)
    migrate.check(database_url)
    assert migrate.current(database_url) == migrate.head()
