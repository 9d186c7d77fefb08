"""Colours that colour-blind readers tell apart, and graphics that stand out from their ground."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from app.components import palette
from app.components.map import classes
from tests.app.vision import VISION, ciede2000, contrast, lab, nearest

# Petroff, Accessible Color Sequences for Data Visualization (2021); ColorBrewer's Blues, which its
# authors mark as safe for the colour-blind.
PETROFF = [
    "#3f90da",
    "#ffa90e",
    "#bd1f01",
    "#94a4a2",
    "#832db6",
    "#a96b59",
    "#e76300",
    "#b9ac70",
    "#717581",
    "#92dadd",
]
BLUES = ["#eff3ff", "#bdd7e7", "#6baed6", "#3182bd", "#08519c"]
CATEGORIES: dict[str, Sequence[str]] = {
    "project types": classes.TYPES,
    "renewal modes": list(classes.MODES.values()),
    "boundary status": list(classes.SURVEY.values()),
    "hazard grades": list(classes.HAZARDS.values()),
    "dispositions": list(classes.DISPOSITIONS.values()),
    "ground surfaces": list(classes.SURFACES.values()),
    "greenways": [tints["light"] for tints, _width in classes.GREENWAYS.values()],
    "greenways in the dark": [tints["dark"] for tints, _width in classes.GREENWAYS.values()],
    "severities": list(classes.SEVERITIES.values()),
    "facility groups": [tint for tint, _members in classes.FACILITIES.values()],
}


def worst(colours: Sequence[str]) -> float:
    return min(nearest(list(colours), vision)[0] for vision in VISION)


def test_distance_is_that_of_the_published_pairs() -> None:
    first = np.array(
        [[50, 2.6772, -79.7751], [50, 2.5, 0], [60.2574, -34.0099, 36.2677], [2.0776, 0.0795, -1.135]]
    )
    second = np.array(
        [[50, 0, -82.7485], [73, 25, -18], [60.4626, -34.1751, 39.4387], [0.9033, -0.0636, -0.5514]]
    )
    assert ciede2000(first, second) == pytest.approx([2.0425, 27.1492, 1.2644, 0.9082], abs=5e-5)


@pytest.mark.parametrize("name", CATEGORIES)
def test_categories_are_as_far_apart_as_in_a_palette_made_for_colour_blind_readers(name: str) -> None:
    assert worst(CATEGORIES[name]) >= worst(PETROFF)


@pytest.mark.parametrize("theme", palette.SEQUENCES)
def test_classes_of_a_sequence_are_as_far_apart_as_in_blues(theme: str) -> None:
    assert worst(palette.SEQUENCES[theme]) >= worst(BLUES)


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize(
    "colours", [*palette.SEQUENCES.values(), palette.LADDER], ids=["light", "dark", "stages"]
)
def test_a_sequence_grows_lighter_or_darker_in_every_vision(colours: Sequence[str], vision: str) -> None:
    steps = np.diff(lab(list(colours), vision)[:, 0])
    assert abs(np.sign(steps).sum()) == len(steps)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("role", ["INK", "MUTED", "ACCENT", "PRIMARY"])
def test_lines_and_marks_stand_out_from_the_ground(role: str, theme: str) -> None:
    """WCAG 2.2, 1.4.11: at least 3:1 for graphics that are needed to understand."""
    assert contrast(getattr(palette, role)[theme], palette.GROUND[theme]) >= 3


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_greenways_stand_out_from_the_ground(theme: str) -> None:
    assert min(contrast(tints[theme], palette.GROUND[theme]) for tints, _ in classes.GREENWAYS.values()) >= 3
