"""Is everything there that Gengxin needs, and what to do where it is not (自检)."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from app.i18n import LANGUAGES, LOCALE
from app.services.start import database_for, embedded_server, home_of
from app.settings import Settings
from data import migrate
from data.errors import N_, GengxinError
from data.inspection import libraries, server_facts, shortcoming
from data.installation import installation_for

LEAST_FREE_GB = 2
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SOURCE_LANGUAGE = "en"


@dataclass(frozen=True)
class Finding:
    """One thing looked at. ``name`` and ``remedy`` are texts to translate; ``value`` is shown as it is."""

    name: str
    value: str
    ok: bool = True
    remedy: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Look at everything that Gengxin needs; starts nothing and never raises."""
    looks: list[tuple[str, Callable[[Settings], Iterator[Finding]]]] = [
        (N_("Programs"), _programs),
        (N_("Database"), _database),
        (N_("Chinese fonts"), _fonts),
        (N_("Browser for tests"), _browser),
        (N_("Free disk"), _disk),
        (N_("Languages"), _languages),
    ]
    return [finding for name, look in looks for finding in _safely(name, look, settings)]


def _safely(name: str, look: Callable[[Settings], Iterator[Finding]], settings: Settings) -> list[Finding]:
    try:
        return list(look(settings))
    except GengxinError as error:
        return [Finding(name, str(error), ok=False)]
    except Exception as error:
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        return [Finding(name, reason, ok=False, remedy=N_("Run `make setup` and try again."))]


def _programs(_: Settings) -> Iterator[Finding]:
    new_enough = sys.version_info >= (3, 11)
    remedy = "" if new_enough else N_("Install Python 3.11 or newer.")
    yield Finding("Python", platform.python_version(), new_enough, remedy)
    for package in ("gengxin", "dash", "fastapi", "geopandas", "shapely"):
        yield Finding(package, metadata.version(package))


def _database(settings: Settings) -> Iterator[Finding]:
    if settings.database_url is None:
        server = embedded_server(settings)
        installed = installation_for(server.data_dir)
        yield Finding(N_("Embedded server"), f"PostgreSQL {installed.major}, {server.folder}")
        if server.pid() is None:
            yield Finding(N_("Database"), "-", remedy=N_("It is stopped; `gengxin up` starts it."))
            return
    yield from _running_database(settings)


def _running_database(settings: Settings) -> Iterator[Finding]:
    database = database_for(settings.model_copy(update={"pool_size": 1}))
    try:
        with database.reading() as connection:
            facts = server_facts(connection)
            found = {"PostgreSQL": facts.server, "PostGIS": facts.postgis or "-"}
            found |= libraries(connection) if facts.postgis else {}
    finally:
        database.close()
    yield from (Finding(name, value) for name, value in found.items())
    fault = shortcoming(facts)
    yield Finding(N_("Rights"), str(fault) if fault else facts.account, ok=fault is None)
    yield _tables(database.engine.url.render_as_string(hide_password=False))


def _tables(url: str) -> Finding:
    current, newest = migrate.current(url), migrate.head()
    remedy = "" if current == newest else N_("Run `gengxin db upgrade`.")
    return Finding(N_("Tables"), f"{current or '-'} / {newest}", ok=current == newest, remedy=remedy)


def _fonts(_: Settings) -> Iterator[Finding]:
    missing = N_("Run `sudo apt-get install -y fontconfig fonts-noto-cjk`.")
    families = _output("fc-list", ":lang=zh-cn", "family")
    name = N_("Chinese fonts")
    yield Finding(name, families[0], True) if families else Finding(name, "-", ok=False, remedy=missing)


def _browser(_: Settings) -> Iterator[Finding]:
    """Look for Chromium, which only the tests need: its absence is no fault."""
    path = next((path for path in map(shutil.which, BROWSERS) if path), None)
    version = _output(path, "--version") if path else []
    needed = N_("Only the tests need it; `make test` installs it.")
    yield Finding(N_("Browser for tests"), version[0] if version else "-", remedy="" if version else needed)


def _disk(settings: Settings) -> Iterator[Finding]:
    home = home_of(settings).absolute()
    place = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(place).free / 1e9
    enough = free >= LEAST_FREE_GB
    remedy = "" if enough else N_("Free some space, or set GENGXIN_HOME to a folder on another disk.")
    yield Finding(N_("Free disk"), f"{free:.1f} GB, {place}", ok=enough, remedy=remedy)


def _languages(_: Settings) -> Iterator[Finding]:
    wanted = [name for name in LANGUAGES if name != SOURCE_LANGUAGE]
    missing = [name for name in wanted if not _catalogue(name).exists()]
    remedy = N_("The installation is incomplete; get it anew.") if missing else ""
    yield Finding(N_("Languages"), ", ".join(missing or LANGUAGES), ok=not missing, remedy=remedy)


def _catalogue(name: str) -> Path:
    return LOCALE / name / "LC_MESSAGES" / "messages.po"


def _output(program: str, *words: str) -> list[str]:
    try:
        done = subprocess.run([program, *words], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return done.stdout.strip().splitlines()
