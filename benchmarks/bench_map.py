"""The map in a browser, on a synthetic city of 10,000 projects and more than a million buildings.

Printed are the largest contentful paint and the bytes of a visit, and for each thing that a person does the
callbacks of the page: how long they took as the browser sees them, and how large their answers were.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Request
from sqlalchemy import text

from app.services.demo import load_demo_city
from benchmarks.browser import chromium, visit, visiting
from data.session import Database
from tests.browser.conftest import serving
from tests.conftest import copied

SCALE = 100
LARGEST_ANSWER = 500_000
CALLBACK = "_dash-update-component"
TIMES = 8
CITY = "/map?city=demo-city&lang=en"
HERE = "114.3,33.4"
VIEWS = {
    "whole city": "",
    "zoning and streets, z13": f"&layers=zoning,streets,projects&v={HERE},13",
    "buildings in 3D, z15.5": f"&layers=buildings,streets&3d=1&v={HERE},15.5,50",
    "figure by district": "&figure=investment&unit=district",
}
STEPS = {
    "filter by district": ("district", [f"99010{n % 6 + 1}" for n in range(TIMES)]),
    "filter by words": ("q", [f"K20{21 + n % 5}0{n % 3 + 1}" for n in range(TIMES)]),
    "state on a day": ("day", [f"202{n % 4 + 2}-0{n + 1}-30" for n in range(1, TIMES + 1)]),
    "click on the map": ("at", [f"{114.28 + n * 0.004},{33.39 + n * 0.003},15" for n in range(TIMES)]),
    "figure by district": ("figure", ["investment", "projects", "progress", "area"] * (TIMES // 4)),
    "select 1 km²": (
        "area",
        [f"rect:{w},33.395,{w + 0.0108},33.404" for w in (114.28 + n * 0.01 for n in range(TIMES))],
    ),
}


class Heard:
    """The callbacks that a page has asked for, and how many of them wait for their answer."""

    def __init__(self, page: Page) -> None:
        self.page, self.waiting = page, 0
        self.answered: list[Request] = []
        page.on("request", self._begin)
        page.on("requestfinished", self._end)
        page.on("requestfailed", self._end)

    def _begin(self, request: Request) -> None:
        self.waiting += CALLBACK in request.url

    def _end(self, request: Request) -> None:
        if CALLBACK in request.url:
            self.waiting -= 1
            self.answered.append(request)

    def after(self, name: str, values: list[str]) -> tuple[list[float], list[int]]:
        """Milliseconds and bytes of each callback while a parameter of the address takes these values."""
        self.answered.clear()
        for value in [*values, ""]:
            self.page.evaluate(
                "([name, value]) => window.gengxinMap.setParams({[name]: value})", [name, value]
            )
            self._settle()
        given = [(one.timing["responseEnd"], one.response()) for one in self.answered]
        bodies = [(took, answer.body()) for took, answer in given if answer and answer.status == 200]
        return [took for took, _body in bodies], [len(body) for _took, body in bodies]

    def _settle(self) -> None:
        quiet = time.monotonic()
        while time.monotonic() - quiet < 0.35:
            self.page.wait_for_timeout(50)
            if self.waiting:
                quiet = time.monotonic()


@pytest.fixture(scope="module")
def big_city(server_url: str, empty_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server on a migrated database that holds the synthetic city at scale 100."""
    with copied(server_url, empty_template) as url:
        database = Database(url)
        load_demo_city(database, SCALE)
        with database.reading() as connection:
            counts = "SELECT (SELECT count(*) FROM project), (SELECT count(*) FROM building)"
            projects, buildings = connection.execute(text(counts)).one()
        print(f"\n{projects:,} projects, {buildings:,} buildings")
        with serving(url, tmp_path_factory.mktemp("map") / "server.log") as site:
            yield site
        database.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def drawn(page: Page) -> None:
    page.wait_for_selector("#map-legend .class")
    page.wait_for_function("() => window.gengxinMap.gl && window.gengxinMap.gl.areTilesLoaded()")
    page.wait_for_timeout(1000)


def test_a_visit_of_the_map(big_city: str, browser: Browser) -> None:
    for name, query in VIEWS.items():
        with visiting(browser) as page:
            first = visit(page, f"{big_city}{CITY}{query}", drawn)
            again = visit(page, f"{big_city}{CITY}{query}", drawn)
        print(
            f"{name:>24}: largest paint {first[0]:5.0f} ms, {first[1] / 1e6:5.2f} MB; "
            f"again {again[0]:5.0f} ms, {again[1] / 1e6:5.2f} MB"
        )
        assert again[1] < first[1] / 4


def test_the_callbacks_of_the_map(big_city: str, browser: Browser) -> None:
    with visiting(browser) as page:
        visit(page, f"{big_city}{CITY}&v={HERE},14", drawn)
        heard = Heard(page)
        for words, (name, values) in STEPS.items():
            took, sizes = heard.after(name, values)
            print(
                f"{words:>24}: {len(took):3} callbacks, median {np.median(took):4.0f} ms, "
                f"p95 {np.quantile(took, 0.95):4.0f} ms, largest answer {max(sizes) / 1e3:4.0f} kB"
            )
            assert max(sizes) <= LARGEST_ANSWER


def test_the_buildings_are_drawn(big_city: str, browser: Browser) -> None:
    with visiting(browser) as page:
        visit(page, f"{big_city}{CITY}{VIEWS['buildings in 3D, z15.5']}", drawn)
        there = page.evaluate("gengxinMap.gl.queryRenderedFeatures({layers: ['buildings-3d']}).length")
    assert there > 100
