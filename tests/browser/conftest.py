"""A real Chromium on a real server on a database of the test's own."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from data.session import Database
from tests import processes
from tests.browser.waiting import PATIENCE

expect.set_options(timeout=PATIENCE)
ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Each window would start pages of its own for the list under the address box: a second of a core.
    "--disable-features=PaintHolding,HttpsUpgrades,WebUIOmniboxPopup,WebUIOmniboxAimPopup",
]
HARMLESS = re.compile(r"GL Driver Message|WebGL: CONTEXT_LOST|Automatic fallback to software WebGL")
# Without a graphics card drawing maps is slow; half the pixels each way suffice where nobody looks.
SHARPNESS = 1.0 if "GENGXIN_SCREENSHOTS" in os.environ else 0.5
SCREENSHOTS = Path(os.environ.get("GENGXIN_SCREENSHOTS", ROOT / "build" / "screenshots"))


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield opened
    opened.close()


@contextlib.contextmanager
def serving(database_url: str, log: Path) -> Iterator[str]:
    """Serve the dashboard as a process of its own and stop it at the end."""
    port = processes.free_port()
    with processes.serving(database_url, port, log):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def site(zhengzhou_url: str, tmp_path: Path) -> Iterator[str]:
    """Address of a server on a database that only this test writes to."""
    with serving(zhengzhou_url, tmp_path / "server.log") as address:
        yield address


@pytest.fixture
def site_database(zhengzhou_url: str, site: str) -> Iterator[Database]:
    """The database behind ``site``."""
    opened = Database(zhengzhou_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def shared_site(
    server_url: str, zhengzhou_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Address of one server that tests which only read may share."""
    from tests.conftest import copied  # noqa: PLC0415

    log = tmp_path_factory.mktemp("site") / "server.log"
    with copied(server_url, zhengzhou_template) as url, serving(url, log) as address:
        yield address


@pytest.fixture(scope="session")
def demo_site_url(server_url: str, demo_city_template: str) -> Iterator[str]:
    """URL of a database with Zhengzhou and the demo city that browser tests only read."""
    from tests.conftest import copied  # noqa: PLC0415

    with copied(server_url, demo_city_template) as url:
        yield url


@pytest.fixture(scope="session")
def demo_site(demo_site_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of one server on the demo city that tests which only read may share."""
    with serving(demo_site_url, tmp_path_factory.mktemp("demo") / "server.log") as address:
        yield address


@pytest.fixture
def demo_site_database(demo_site_url: str) -> Iterator[Database]:
    """The database behind ``demo_site``."""
    opened = Database(demo_site_url)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def town(
    request: pytest.FixtureRequest,
    server_url: str,
    empty_template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[str, Database]]:
    """A server on a town that the module's ``build_town`` fills, and its database; no test writes to it."""
    from tests.conftest import copied  # noqa: PLC0415

    with copied(server_url, empty_template) as url:
        database = Database(url)
        request.module.build_town(database)
        with serving(url, tmp_path_factory.mktemp("town") / "server.log") as address:
            yield address, database
        database.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(
        viewport={"width": 1440, "height": 900}, locale="zh-CN", device_scale_factor=SHARPNESS
    )
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that fails its test on any console error, page error, failed request or error status."""
    faults: list[str] = []
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and not HARMLESS.search(message.text):
            faults.append(f"console: {message.text}")

    opened.on("console", heard)
    opened.on("pageerror", lambda error: faults.append(f"page error: {error}"))
    opened.on("requestfailed", lambda request: faults.append(f"failed: {request.url} {request.failure}"))
    opened.on(
        "response",
        lambda answer: faults.append(f"{answer.status}: {answer.url}") if answer.status >= 400 else None,
    )
    yield opened
    aborted = re.compile(r"net::ERR_ABORTED")
    assert [fault for fault in faults if not aborted.search(fault)] == []


def save_screenshot(page: Page, name: str) -> None:
    """Keep a picture for people to look at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")
