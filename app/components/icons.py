"""A few line icons, drawn in place: no font and no network."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from dash import html

PATHS = {
    "print": "M6 9V3h12v6M6 18H4v-7h16v7h-2M7 15h10v6H7z",
    "sun": "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8"
    "M12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M19 5l-2 2M7 17l-2 2",
    "moon": "M20 14.5A8 8 0 0 1 9.5 4 8 8 0 1 0 20 14.5z",
    "chevron": "M6 9l6 6 6-6",
    "download": "M12 3v12M7 10l5 5 5-5M4 20h16",
    "draw": "M4 20l4-1L19 8l-3-3L5 16zM14 7l3 3",
    "upload": "M12 16V4M7 9l5-5 5 5M4 20h16",
    "fit": "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
    "select": "M4 4h4M12 4h4M20 4v4M20 12v4M4 12v4M4 4v4M4 20h4M14 13l7 3-3 1-1 3z",
    "rectangle": "M4 6h16v12H4z",
    "circle": "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 12h8",
    "bookmark": "M6 3h12v18l-6-4-6 4z",
    "measure": "M3 17L17 3l4 4L7 21zM8 12l2 2M11 9l2 2M14 6l2 2",
    "layers": "M12 3l9 5-9 5-9-5zM3 13l9 5 9-5",
    "cube": "M12 3l8 4.5v9L12 21l-8-4.5v-9zM4 7.5l8 4.5 8-4.5M12 12v9",
    "up": "M6 15l6-6 6 6",
    "down": "M6 9l6 6 6-6",
    "undo": "M9 7H4V2M4 7a9 9 0 1 1-1 8",
    "delete": "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13",
    "search": "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14M16 16l5 5",
    "time": "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7v5l4 2",
    "play": "M7 4l13 8-13 8z",
    "pause": "M8 4v16M16 4v16",
    "back": "M15 5l-7 7 7 7",
    "forward": "M9 5l7 7-7 7",
    "compare": "M4 5h16v14H4zM12 5v14",
    "embed": "M8 7l-5 5 5 5M16 7l5 5-5 5",
    "link": "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
    "close": "M5 5l14 14M19 5L5 19",
    "plus": "M12 5v14M5 12h14",
    "minus": "M5 12h14",
    "area": "M5 6l13-2 2 12-9 4-7-6zM5 6v.1M18 4v.1M20 16v.1M11 20v.1M4 14v.1",
    "locate": "M12 21s7-6.6 7-12a7 7 0 1 0-14 0c0 5.4 7 12 7 12M12 7a2 2 0 1 0 0 4 2 2 0 0 0 0-4",
    "table": "M4 5h16v14H4zM4 10h16M4 14.5h16M10 5v14",
    "panel": "M4 5h16v14H4zM10 5v14",
    "redo": "M15 7h5V2M20 7a9 9 0 1 0 1 8",
}


def icon(name: str) -> Any:
    """Return an icon in the colour of the text around it; it says nothing to a screen reader."""
    svg = (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='black' "
        f"stroke-width='1.8' stroke-linecap='round' stroke-linejoin='round'><path d='{PATHS[name]}'/></svg>"
    )
    mask = f'url("data:image/svg+xml,{quote(svg)}")'
    return html.Span(
        className="icon", style={"maskImage": mask, "WebkitMaskImage": mask}, **{"aria-hidden": "true"}
    )
