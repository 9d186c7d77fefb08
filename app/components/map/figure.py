"""The figure of a choropleth map in words, classes and colours."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from app.components.map import classes
from app.components.map.classes import Classing, Swatch
from app.components.map.scene import Scene
from app.components.map.state import filters_of
from app.i18n import gettext as _
from app.services.map.choropleth import Choropleth, Figure, is_stored
from app.terms import worded
from data.run_figures import LAYERS

# Where the values of a kind of unit are states of features: the source, and its layers.
STATED = {
    "project": ("projects", ["projects", "project_bubbles"]),
    "zone": ("zoning", ["zoning"]),
    **{units: (layer, [layer]) for units, layer in LAYERS.items()},
}


def figure_classing(scene: Scene) -> Classing:
    """Return the classes of the scene's figure; legend and style are made of it."""
    found = scene.figure
    if found is None:
        raise ValueError("The scene has no figure.")
    lows = found.lower_bounds()
    colours = classes.sequence_of(max(len(lows), 1))
    counts = found.classes.counts.tolist()
    ranges = _ranges(found)
    swatches = tuple(Swatch(low, ranges[i], colours[i], int(counts[i])) for i, low in enumerate(lows))
    return Classing(
        _figure_source(found), swatches, classes.not_supplied(found.missing), stepped=True,
        title=figure_title(found), unit=_(found.figure.unit), how=found.classes.scheme,
    )  # fmt: skip


def _figure_source(found: Choropleth) -> Any:
    if found.unit in STATED and _is_state(found):
        return ["feature-state", "value"]
    if found.unit == "zone":
        return ["*", ["get", found.figure.name], 1 / found.figure.divisor] if found.figure.divisor != 1 else [
            "get", found.figure.name
        ]  # fmt: skip
    known = found.values.dropna(subset=["value"])
    values = dict(zip(known["code"], known["value"].round(6), strict=True))
    return ["get", ["get", "code"], ["literal", values]]


def figure_title(found: Choropleth) -> str:
    """Return what a figure is called."""
    return title_of(found.figure)


def title_of(figure: Figure) -> str:
    """Return what a figure is called in the reader's language."""
    named = figure.term
    if named is None:
        return _(figure.title)
    return _(figure.title).format(figure=worded(named))


def figure_value(found: Choropleth, value: float) -> str:
    """Write a value of a figure without its unit."""
    return f"{value:,.{found.figure.places}f}"


def _ranges(found: Choropleth) -> list[str]:
    held = found.values["value"].groupby(found.classes.index).agg(["min", "max"])
    return [
        figure_value(found, low)
        if low == high
        else f"{figure_value(found, low)} – {figure_value(found, high)}"
        for low, high in held.itertuples(index=False)
    ]


def figure_states(scene: Scene) -> dict[str, Any] | None:
    """Return where the browser reads the values that tiles do not hold: of projects, stored ones of zones."""
    found = scene.figure
    if found is None or found.unit not in STATED or not _is_state(found):
        return None
    source, layers = STATED[found.unit]
    if not scene.layers[source].supplied:
        return None
    day = {"day": scene.current.get("day")} if scene.current.get("day") else {}
    asked = filters_of(scene.current) | day | {"v": f"{scene.layers[source].version}.{found.version}"}
    place = f"{found.unit}/{quote(found.figure.name)}.json"
    url = f"/api/v1/cities/{scene.current.slug}/figures/{place}?{urlencode(asked)}"
    return {"source": source, "layers": layers, "url": url}


def _is_state(found: Choropleth) -> bool:
    """Whether the browser keeps the values as states of features."""
    return found.unit == "project" or is_stored(found.figure.name)
