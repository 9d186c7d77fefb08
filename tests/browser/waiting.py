"""Waiting for what comes, however slow the machine: no test counts on a length of time."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

import pytest
from playwright.sync_api import Page, expect

Read = TypeVar("Read")
PATIENCE = 60_000
EVERY = 50
RESTS = """() => document.getAnimations().every(one =>
    one.playState !== 'running' || one.effect.getComputedTiming().iterations === Infinity)"""
DRAWN = """() => {
    const gl = window.gengxinMap && window.gengxinMap.gl;
    return Boolean(gl && gl.loaded() && !gl.isMoving());
}"""


def eventually(page: Page, read: Callable[[], Read], holds: Callable[[Read], bool]) -> Read:
    """Read again and again until what was read holds; return it, or fail with what was read last."""
    for _try in range(PATIENCE // EVERY):
        found = read()
        if holds(found):
            return found
        page.wait_for_timeout(EVERY)
    pytest.fail(f"never came true; at last there was {found!r}")


def at_rest(page: Page) -> None:
    """Wait until the opened page has asked for all it needs, has been answered and no longer moves."""
    page.wait_for_load_state("networkidle")
    expect(page.locator("[data-dash-is-loading='true']")).to_have_count(0)
    page.wait_for_function(RESTS)


def map_drawn(page: Page) -> None:
    """Wait until the map is drawn and neither moves nor loads."""
    page.wait_for_function(DRAWN)


def map_opened(page: Page, address: str) -> None:
    """Open the page of the map and wait until it is drawn."""
    page.goto(address)
    expect(page.locator("#map canvas").first).to_be_visible()
    expect(page.locator("#map-scale span")).not_to_be_empty()
    map_drawn(page)


def address_lacks(page: Page, part: str) -> None:
    """Wait until the address no longer says something."""
    expect(page).not_to_have_url(re.compile(re.escape(part)))


def address_says(page: Page, part: str) -> None:
    """Wait until the address says something."""
    expect(page).to_have_url(re.compile(re.escape(part)))
