"""What can be wrong with a boundary, and how it is said."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, Literal

from gis.errors import N_

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Problem:
    """One thing to know about one boundary.

    Attributes
    ----------
    row
        Index label of the boundary in the frame that was checked.
    kind
        Stable name, a key of ``WORDINGS``.
    severity
        ``error``: cannot be stored; ``warning``: can, but somebody should look; ``note``: for information.
    what, remedy
        English templates marked for translation, filled from ``values``.
    """

    row: Hashable
    kind: str
    severity: Severity
    what: str
    remedy: str
    values: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return " ".join(part.format(**self.values) for part in (self.what, self.remedy) if part)


@dataclass(frozen=True)
class Wording:
    """Severity and English templates of a kind of problem."""

    severity: Severity
    what: str
    remedy: str = ""


REDRAW = N_("Redraw the boundary there, or repair the geometry in the source file.")

WORDINGS: dict[str, Wording] = {
    "empty": Wording(
        "error", N_("There is no boundary."), N_("Draw one, or leave the project out of the file.")
    ),
    "not_a_polygon": Wording(
        "error",
        N_("The boundary is a {type}, not a polygon."),
        N_("Export the area as a polygon or multipolygon."),
    ),
    "not_finite": Wording(
        "error", N_("{count} coordinates are not numbers."), N_("Repair the geometry in the source file.")
    ),
    "too_many_vertices": Wording(
        "error",
        N_("The boundary has {count} vertices; the limit is {limit}."),
        N_("Simplify it, or split the project into several areas."),
    ),
    "wrong_crs": Wording(
        "error",
        N_("The coordinates, near ({x:.6g}, {y:.6g}), are not longitude and latitude in this city."),
        N_("Name the coordinate system the file is really in."),
    ),
    "zero_area": Wording(
        "error",
        N_("The boundary has an area of {area_m2:.2f} m²; the least is {minimum_m2:g} m²."),
        N_("Draw the whole area, not a line or a point."),
    ),
    "self_crossing": Wording(
        "error", N_("The boundary crosses or touches itself at ({x:.6f}, {y:.6f})."), REDRAW
    ),
    "invalid_shape": Wording("error", N_("The rings do not make a polygon near ({x:.6f}, {y:.6f})."), REDRAW),
    "outside_city": Wording(
        "error",
        N_("The boundary lies outside the city."),
        N_("Check the city chosen and the coordinate system of the file."),
    ),
    "partly_outside_city": Wording(
        "warning",
        N_("{area_m2:.0f} m² of the boundary ({share:.1%}) lie outside the city."),
        N_("Check the boundary along the edge of the city."),
    ),
    "overlapping": Wording(
        "warning",
        N_("The boundary overlaps project {other} by {area_m2:.0f} m²."),
        N_("Check which of the two projects the land belongs to."),
    ),
    "height_dropped": Wording("note", N_("Heights or measures in the coordinates are not stored.")),
}

INVALID_SHAPES: dict[str, str] = {
    "Hole lies outside shell": N_("A hole lies outside its polygon near ({x:.6f}, {y:.6f})."),
    "Holes are nested": N_("A hole lies inside another hole near ({x:.6f}, {y:.6f})."),
    "Nested shells": N_("One part lies inside another near ({x:.6f}, {y:.6f})."),
    "Interior is disconnected": N_("Holes cut the polygon into pieces near ({x:.6f}, {y:.6f})."),
    "Too few points in geometry component": N_(
        "A ring has fewer than three corners near ({x:.6f}, {y:.6f})."
    ),
}
"""What GEOS calls the faults of a polygon that does not cross itself."""
