"""Ranges of parameters that a caller gives: what lies outside is refused where it comes in."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from gis.errors import N_, BadParameter


def from_zero(**given: float) -> None:
    """Refuse parameters, by name, that are below zero or no number; infinity is without a limit.

    Raises
    ------
    BadParameter
        The first that lies outside.
    """
    for name, value in given.items():
        if not value >= 0:
            raise BadParameter(
                N_("The parameter {name} is {value}; it must be zero or more."), name=name, value=value
            )


def above_zero(**given: ArrayLike) -> None:
    """Refuse parameters, by name, numbers or several, that are not finite and above zero.

    Raises
    ------
    BadParameter
        The first that lies outside.
    """
    for name, numbers in given.items():
        values = np.ravel(np.asarray(numbers, dtype=np.float64))
        wrong = values[~((values > 0) & np.isfinite(values))]
        if wrong.size:
            raise BadParameter(
                N_("The parameter {name} is {value}; it must be finite and above zero."),
                name=name,
                value=wrong[0],
            )
