"""Bring a database to the newest tables, and say how far it is."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from data.session import engine_for

FOLDER = Path(__file__).resolve().parent.parent / "migrations"


def configuration(url: str) -> Config:
    """Return Alembic's configuration for this database; no file is needed."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["url"] = url
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Upgrade the tables; does nothing, and quickly, when they are up to date."""
    if revision == "head" and current(url) == head():
        return
    command.upgrade(configuration(url), revision)


def downgrade(url: str, revision: str = "base") -> None:
    """Take the tables back to a revision."""
    command.downgrade(configuration(url), revision)


def check(url: str) -> None:
    """Raise when the models and the tables differ."""
    command.check(configuration(url))


def current(url: str) -> str | None:
    """Return the database's revision, or None before the first upgrade."""
    engine = engine_for(url)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def head() -> str | None:
    """Return the newest revision that this version of Gengxin knows."""
    return ScriptDirectory(str(FOLDER)).get_current_head()
