"""What is marked above the layers of the map: the chosen project and the clicked place."""

from __future__ import annotations

from app.components.map.scene import Scene
from app.components.map.sources import Style
from app.components.map.state import clicked
from app.components.palette import ACCENT, INK, colour


def chosen(scene: Scene) -> list[Style]:
    """Return the outline of the chosen project, or of its districts while its boundary is pending."""
    if scene.chosen is None:
        return []
    look = {"line-color": colour(INK), "line-width": 3.2}
    if scene.chosen.located:
        return [
            {
                "id": "chosen",
                "type": "line",
                "source": "chosen",
                "paint": look,
                "layout": {"line-join": "round"},
            }
        ]
    if not scene.layers["districts"].supplied:
        return []
    codes_in = [row["code"] for row in scene.chosen.districts]
    return [
        {
            "id": "chosen-districts",
            "type": "line",
            "source": "districts",
            "source-layer": "districts",
            "filter": ["in", ["get", "code"], ["literal", codes_in]],
            "paint": look,
        }
    ]


def clicked_place(scene: Scene) -> list[Style]:
    """Return the mark of the clicked place."""
    if clicked(scene.current) is None:
        return []
    paint = {
        "circle-color": "rgba(0,0,0,0)",
        "circle-radius": 7,
        "circle-stroke-color": colour(ACCENT),
        "circle-stroke-width": 2.5,
    }
    return [{"id": "place", "type": "circle", "source": "place", "paint": paint}]
