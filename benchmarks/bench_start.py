"""How long a second start takes, and what a first view costs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from benchmarks.browser import chromium, visit, visiting
from data.embedded import EmbeddedServer
from tests.processes import free_port, running_up


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


def settled(page: Page) -> None:
    page.wait_for_selector(".figure")
    page.wait_for_timeout(2500)


def test_first_view(home: Path, tmp_path: Path) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}/?lang=zh_CN"
    with running_up(home, port, tmp_path / "up.log"), chromium() as browser, visiting(browser) as page:
        visits = {name: visit(page, address, settled) for name in ("first view", "again")}
    for name, (paint, size) in visits.items():
        print(f"\n{name}: largest paint {paint:.0f} ms (<= 2000), {size / 1e6:.2f} MB compressed (<= 3)")
    assert visits["again"][1] < visits["first view"][1] / 5
