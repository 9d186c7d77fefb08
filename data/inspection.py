"""What a database offers, and whether that is enough for Gengxin (数据库检查)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from data.errors import N_, DatabaseUnavailable

OLDEST_POSTGIS = (3, 2)
FACTS = text(
    """
    SELECT current_setting('server_version') AS server,
           current_database() AS database,
           current_user AS account,
           (SELECT extversion FROM pg_extension WHERE extname = 'postgis') AS postgis,
           (SELECT default_version FROM pg_available_extensions WHERE name = 'postgis') AS offered,
           has_schema_privilege(coalesce(current_schema(), 'public'), 'CREATE') AS may_create_tables,
           has_database_privilege(current_database(), 'TEMPORARY') AS may_create_temporary
    """
)


@dataclass(frozen=True)
class ServerFacts:
    """What one database says about its server, PostGIS and our rights; None where there is none."""

    server: str
    database: str
    account: str
    postgis: str | None
    offered: str | None
    may_create_tables: bool
    may_create_temporary: bool


def server_facts(connection: Connection) -> ServerFacts:
    """Read what the database says about itself."""
    return ServerFacts(**connection.execute(FACTS).mappings().one())


def libraries(connection: Connection) -> dict[str, str]:
    """Return the versions of GEOS and PROJ that PostGIS works with."""
    row = connection.execute(text("SELECT postgis_geos_version() AS geos, postgis_proj_version() AS proj"))
    geos, proj = row.one()
    return {"GEOS": str(geos), "PROJ": str(proj).split()[0]}


def shortcoming(facts: ServerFacts) -> DatabaseUnavailable | None:
    """Return what keeps Gengxin from working in this database, or None."""
    if facts.postgis is None and facts.offered is None:
        return _lacking(
            facts,
            N_("The server has no PostGIS."),
            N_("Install PostGIS 3.2 or newer on the server, or unset GENGXIN_DATABASE_URL."),
        )
    if _numbers(facts.postgis or facts.offered or "") < OLDEST_POSTGIS:
        return _lacking(
            facts,
            N_("PostGIS {postgis} is too old; 3.2 or newer is needed."),
            N_("Update PostGIS on the server and run `ALTER EXTENSION postgis UPDATE`."),
        )
    if not (facts.may_create_tables and facts.may_create_temporary):
        return _lacking(
            facts,
            N_("The account {account} may not create tables."),
            N_(
                "As the database's owner, run: GRANT CREATE ON SCHEMA public TO {account}; "
                "GRANT TEMPORARY ON DATABASE {database} TO {account};"
            ),
        )
    return None


def ensure_usable(connection: Connection) -> None:
    """See to it that the database has PostGIS and lets us work.

    Raises
    ------
    DatabaseUnavailable
        PostGIS is missing or too old, or the account lacks rights; says what to run.
    """
    facts = server_facts(connection)
    fault = shortcoming(facts)
    if fault is not None:
        raise fault
    if facts.postgis is None:
        _create_postgis(connection, facts)


def _create_postgis(connection: Connection, facts: ServerFacts) -> None:
    try:
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS postgis"))
    except DBAPIError as error:
        raise _lacking(
            facts,
            N_("PostGIS is not switched on and the account {account} may not do so."),
            N_("As a superuser, run in this database: CREATE EXTENSION postgis;"),
        ) from error


def _lacking(facts: ServerFacts, what: str, remedy: str) -> DatabaseUnavailable:
    return DatabaseUnavailable(
        what,
        where=N_("Database {database}:"),
        remedy=remedy,
        database=facts.database,
        account=facts.account,
        postgis=facts.postgis or facts.offered,
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
