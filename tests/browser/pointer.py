"""The pointer as a person moves it: it comes from somewhere, and a press lasts."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

Place = tuple[float, float]


def middle(place: Locator) -> Place:
    """The middle of an element in pixels of the window."""
    place.scroll_into_view_if_needed()
    box = place.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def click_at(page: Page, place: Place) -> None:
    """Click a place of the window."""
    x, y = place
    page.mouse.move(x - 15, y - 9)
    page.mouse.move(x, y, steps=4)
    page.mouse.click(x, y, delay=40)


def drag(page: Page, start: Place, end: Place) -> None:
    """Press at one place and let go at the other."""
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=8)
    page.mouse.up()
