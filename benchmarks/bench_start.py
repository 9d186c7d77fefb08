"""How long a second start takes, and what a first view costs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from data.embedded import EmbeddedServer
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.processes import free_port, running_up

LCP = """
window.painted = 0;
new PerformanceObserver(list => { for (const entry of list.getEntries()) window.painted = entry.startTime; })
    .observe({type: "largest-contentful-paint", buffered: true});
"""


@pytest.fixture
def home(run_folder: Path) -> Iterator[Path]:
    folder = Path("/tmp") / f"gengxin-bench-{time.monotonic_ns()}"
    yield folder
    EmbeddedServer(folder).destroy()


def seconds_to_serve(home: Path, log: Path) -> float:
    start = time.perf_counter()
    with running_up(home, free_port(), log):
        return time.perf_counter() - start


def test_second_start(home: Path, tmp_path: Path) -> None:
    first = seconds_to_serve(home, tmp_path / "first.log")
    later = [seconds_to_serve(home, tmp_path / "later.log") for _run in range(3)]
    seconds = ", ".join(f"{one:.2f}" for one in later)
    print(f"\nstart to a served page: first {first:.2f} s, later {seconds} s (<= 5 s)")
    assert min(later) < first


def view(page: Page, address: str, figure: str) -> tuple[float, float]:
    """Largest contentful paint (ms) and bytes over the wire of one visit."""
    sent: list[float] = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: sent.append(event["encodedDataLength"]))
    page.goto(address)
    page.wait_for_selector(figure)
    page.wait_for_timeout(2500)
    session.detach()
    return float(page.evaluate("window.painted")), sum(sent)


def test_first_view(home: Path, tmp_path: Path) -> None:
    port = free_port()
    with running_up(home, port, tmp_path / "up.log"), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.add_init_script(LCP)
        first = view(page, f"http://127.0.0.1:{port}/?lang=zh_CN", ".figure")
        again = view(page, f"http://127.0.0.1:{port}/?lang=zh_CN", ".figure")
        browser.close()
    for name, (paint, size) in {"first view": first, "again": again}.items():
        print(f"\n{name}: largest paint {paint:.0f} ms (<= 2000), {size / 1e6:.2f} MB compressed (<= 3)")
    assert again[1] < first[1] / 5
