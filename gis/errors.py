"""Errors of spatial analysis, worded for the person who can mend them: what, where, what to do."""

from __future__ import annotations


def N_(message: str) -> str:  # noqa: N802
    """Mark a text for translation and return it as it is."""
    return message


class GisError(ValueError):
    """What went wrong, where, and what to do about it.

    Parameters
    ----------
    what, where, remedy
        English templates marked with ``N_``; ``{name}`` fields are filled from ``values``.
    values
        The values of the fields.
    """

    def __init__(self, what: str, *, where: str = "", remedy: str = "", **values: object) -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        self.values = values
        super().__init__(what)

    def parts(self) -> list[str]:
        """The templates that hold text, in reading order."""
        return [part for part in (self.where, self.what, self.remedy) if part]

    def __str__(self) -> str:
        return " ".join(part.format(**self.values) for part in self.parts())


class MissingCRS(GisError):
    """Neither the data nor the caller says which coordinate system is meant."""


class UnknownCRS(GisError):
    """The name given is not that of a coordinate system."""


class GeographicCRS(GisError):
    """A figure in metres was asked for in a coordinate system of degrees."""


class WrongCRS(GisError):
    """The coordinates cannot belong to the coordinate system they are declared in."""


class NotConverged(GisError):
    """An iterative inverse did not reach its tolerance."""


class NotAPolygon(GisError):
    """A polygon or multipolygon is needed and something else was given."""


class NegativeAmount(GisError):
    """Shares of a total have no meaning where an amount is below zero."""


class UnknownScheme(GisError):
    """The name given is not that of a classification scheme."""


class BadParameter(GisError):
    """A parameter lies outside the range in which the method is defined."""


class InvalidGeometry(GisError):
    """A shape crosses itself, is not finite or is of a kind that cannot be measured."""


class MixedCRS(GisError):
    """Frames that are measured together are in different coordinate systems."""


class MissingColumn(GisError):
    """A column that the measure reads is not in the frame."""


class NotALine(GisError):
    """A line is needed and something else was given."""


class EmptyNetwork(GisError):
    """No street is left to walk on."""


class UnknownIndicator(GisError):
    """The code given is not that of an indicator of the catalogue."""
