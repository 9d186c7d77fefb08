"""Real PostGIS for every test: one server a run, one database a test, copied from a prepared template."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings
from sqlalchemy import create_engine, make_url, text

from data import migrate
from data.embedded import EmbeddedServer
from data.session import Database, engine_for
from tests.verified import write_table

settings.register_profile("steady", deadline=None)
settings.load_profile("steady")
ROOT = Path(__file__).resolve().parent.parent
ROOM = 6_000_000_000
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def _execute(url: str, *statements: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def _named(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def _exists(url: str, name: str) -> bool:
    engine = engine_for(url)
    with engine.connect() as connection:
        found = connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name})
    engine.dispose()
    return found is not None


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder of this test run, the same for all its worker processes."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base


@pytest.fixture(scope="session")
def server_url(run_folder: Path, testrun_uid_or_pid: str) -> Iterator[str]:
    """URL of a running PostGIS: ``GENGXIN_DATABASE_URL`` or an embedded one of this run's own."""
    given = os.environ.get("GENGXIN_DATABASE_URL")
    if given:
        yield engine_for(given).url.render_as_string(hide_password=False)
        return
    server = EmbeddedServer(_quickest_folder() / f"gengxin-test-{testrun_uid_or_pid}", options=FAST)
    users = run_folder / "server-users"
    with FileLock(run_folder / "server.lock"):
        url = server.start()
        users.write_text(str(int(users.read_text() if users.exists() else 0) + 1))
    yield url
    with FileLock(run_folder / "server.lock"):
        left = int(users.read_text()) - 1
        users.write_text(str(left))
        if left == 0:
            server.destroy()


@pytest.fixture(scope="session")
def testrun_uid_or_pid(request: pytest.FixtureRequest) -> str:
    """A name of this run that its worker processes share."""
    workers = getattr(request.config, "workerinput", None)
    return workers["testrunuid"][:12] if workers else str(os.getpid())


def _template(server_url: str, run_folder: Path, name: str, prepare: object) -> str:
    with FileLock(run_folder / f"{name}.lock"):
        if not _exists(server_url, name):
            _execute(server_url, f'CREATE DATABASE "{name}"')
            url = _named(server_url, name)
            _execute(url, "CREATE EXTENSION IF NOT EXISTS postgis")
            prepare(url)  # type: ignore[operator]
    return name


def _load_zhengzhou(url: str) -> None:
    from app.services.demo import load_zhengzhou  # noqa: PLC0415

    migrate.upgrade(url)
    database = Database(url)
    load_zhengzhou(database)
    database.close()


def _load_demo_city(url: str) -> None:
    from app.services.demo import load_demo_city  # noqa: PLC0415

    migrate.upgrade(url)
    database = Database(url)
    load_demo_city(database, scale=0.1)
    database.close()


def _quickest_folder() -> Path:
    """In memory where there is room: copying a template there takes a tenth of the time."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > ROOM else Path("/tmp")


@contextmanager
def copied(server_url: str, template: str) -> Iterator[str]:
    """Lend the URL of a copy of a template database, and drop it at the end."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    _execute(server_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield _named(server_url, name)
    _execute(server_url, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def empty_template(server_url: str, run_folder: Path, testrun_uid_or_pid: str) -> str:
    """A migrated database without rows."""
    return _template(server_url, run_folder, f"empty_{testrun_uid_or_pid}", migrate.upgrade)


@pytest.fixture(scope="session")
def zhengzhou_template(server_url: str, run_folder: Path, testrun_uid_or_pid: str) -> str:
    """A migrated database that holds the real demo city."""
    return _template(server_url, run_folder, f"zhengzhou_{testrun_uid_or_pid}", _load_zhengzhou)


@pytest.fixture(scope="session")
def demo_city_template(server_url: str, run_folder: Path, testrun_uid_or_pid: str) -> str:
    """A migrated database that holds a small 示范市 Demo City (scale 0.1), every table filled."""
    return _template(server_url, run_folder, f"demo_city_{testrun_uid_or_pid}", _load_demo_city)


@pytest.fixture
def database_url(server_url: str, empty_template: str) -> Iterator[str]:
    """URL of a fresh, migrated, empty database of this test's own."""
    with copied(server_url, empty_template) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh, migrated, empty database of this test's own."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def zhengzhou_url(server_url: str, zhengzhou_template: str) -> Iterator[str]:
    """URL of a database of this test's own that holds Zhengzhou's library and districts."""
    with copied(server_url, zhengzhou_template) as url:
        yield url


@pytest.fixture
def zhengzhou(zhengzhou_url: str) -> Iterator[Database]:
    """A database of this test's own that holds Zhengzhou's library and districts."""
    opened = Database(zhengzhou_url)
    yield opened
    opened.close()


@pytest.fixture
def demo_city_url(server_url: str, demo_city_template: str) -> Iterator[str]:
    """URL of a database of this test's own that holds a small Demo City (slug demo-city)."""
    with copied(server_url, demo_city_template) as url:
        yield url


@pytest.fixture
def demo_city(demo_city_url: str) -> Iterator[Database]:
    """A database of this test's own that holds a small Demo City (slug demo-city)."""
    opened = Database(demo_city_url)
    yield opened
    opened.close()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--verified", type=Path, help="Markdown file to list figures in beside those of others")


def pytest_sessionfinish(session: pytest.Session) -> None:
    file = session.config.getoption("--verified")
    if file is not None:
        write_table(file)
