"""What the pointer says of a feature of the map."""

from __future__ import annotations

from typing import Any

from app import format as write
from app.components.map.figure import figure_title
from app.components.map.scene import Scene
from app.i18n import gettext as _
from app.services.map.choropleth import is_stored
from app.terms import localised, term
from data import codes
from data.run_figures import NAMED, UNITS


def tips(scene: Scene) -> dict[str, Any]:
    """Return what the pointer says of a feature, by layer of the style; the browser fills in the values."""
    stages = {code: str(term(codes.STAGES, code)) for code in codes.STAGES}
    project = {
        "title": ["code", "name"],
        "rows": [{"label": _("Stage"), "value": "stage", "words": stages}, *_figure_row(scene, "projects")],
    }
    several = {"count": _("{count} projects"), **project}
    districts = {"title": [localised("name")], "rows": []}
    found = {
        "projects-fill": project,
        "project-bubbles": several,
        "pending": {
            "title": ["name"],
            "rows": [{"label": _("Projects without boundary, shown at their district"), "value": "pending"}],
        },
        "problems-point": {"title": ["code", "title"], "rows": []},
    }
    if scene.painted("districts"):
        found["districts-fill"] = districts | {"rows": _figure_row(scene, "districts")}
    if scene.painted("zoning"):
        found["zoning-fill"] = {"title": ["code"], "rows": _figure_row(scene, "zoning")}
    for layer in filter(scene.painted, UNITS):
        title = localised("name") if layer in NAMED else "code"
        found[f"{layer}-fill"] = {"title": [title], "rows": _figure_row(scene, layer)}
    return {"layers": found, "unknown": write.not_supplied()}


def _figure_row(scene: Scene, layer: str) -> list[dict[str, Any]]:
    shown = scene.figure
    if shown is None or not scene.painted(layer):
        return []
    row = {"label": figure_title(shown), "unit": _(shown.figure.unit), "places": shown.figure.places}
    if layer in {"projects", *UNITS} or (layer == "zoning" and is_stored(shown.figure.name)):
        return [row | {"state": "value"}]
    if layer == "zoning":
        return [row | {"value": shown.figure.name, "divisor": shown.figure.divisor}]
    known = shown.values.dropna(subset=["value"])
    return [row | {"value": "code", "values": dict(zip(known["code"], known["value"], strict=True))}]
