"""A visit of a page in Chromium: when its largest part is painted, and what comes over the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS

LARGEST_PAINT = """
window.painted = 0;
new PerformanceObserver(list => { for (const entry of list.getEntries()) window.painted = entry.startTime; })
    .observe({type: "largest-contentful-paint", buffered: true});
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Lend a browser."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@contextmanager
def visiting(browser: Browser) -> Iterator[Page]:
    """Lend a page with an empty cache that notes when its largest part is painted."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.add_init_script(LARGEST_PAINT)
    yield page
    context.close()


def visit(page: Page, address: str, settle: Callable[[Page], object]) -> tuple[float, float]:
    """Return the largest contentful paint (ms) and the bytes over the wire of a visit, until it settles."""
    sent: list[float] = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: sent.append(event["encodedDataLength"]))
    page.goto(address)
    settle(page)
    session.detach()
    return float(page.evaluate("window.painted")), sum(sent)
