"""Amounts of money as they are printed, read exactly."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from data.errors import N_

UNITS = {"元": 0, "万元": 4, "亿元": 8}
"""Powers of ten of the units of account, in yuan."""

FEN = Decimal("0.01")
FEN_PLACES = 2
MOST_DIGITS = 16
_NOT_GIVEN = r"^[/\-—–]*$"
_PLAIN = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)$"
_GROUPED = r"^[+-]?[0-9]{1,3}((,[0-9]{3})+|( [0-9]{3})+)(\.[0-9]+)?$"

BAD = (
    N_("This is not an amount."),
    N_("Write a number such as 12.5, or / where it is not given."),
)
NEGATIVE = (N_("An amount cannot be below zero."), N_("Correct it, or write / where it is not given."))
TOO_FINE = (N_("The amount is finer than 0.01 yuan."), N_("Round it, or check the column's unit."))
TOO_LARGE = (
    N_("The amount is 10^16 yuan or more."),
    N_("Check the number and the column's unit."),
)


@dataclass(frozen=True)
class Amounts:
    """Amounts in yuan (None: not given), what is wrong with the others, and which were written unusually."""

    yuan: pd.Series
    faults: dict[tuple[str, str], pd.Series]
    normalised: pd.Series


def read_amounts(printed: pd.Series, unit: str) -> Amounts:
    """Read printed amounts (投资额) as exact Decimals in yuan.

    Parameters
    ----------
    printed
        Text. Empty, "/", "-" and "—" mean *not given*. Full-width digits and signs and groups of three digits
        (``1,234.5``, ``1 234.5``) are accepted; ``12,34`` and ``1,5`` are not, because they are ambiguous.
    unit
        One of ``UNITS``.

    Returns
    -------
    Amounts
        On the index of ``printed``. ``faults`` maps (what, remedy) to the rows concerned.

    Examples
    --------
    >>> read_amounts(pd.Series(["7.4", "/", "１，０００"]), "亿元").yuan.tolist()
    [Decimal('740000000.00'), None, Decimal('100000000000.00')]
    """
    text = printed.fillna("").str.strip()
    narrow = text.str.normalize("NFKC").str.strip()
    given = ~narrow.str.match(_NOT_GIVEN)
    grouped = narrow.str.match(_GROUPED)
    number = given & (grouped | narrow.str.match(_PLAIN))
    negative = number & narrow.str.startswith("-") & narrow.str.contains("[1-9]")
    digits = narrow.str.replace("[, +-]", "", regex=True).where(number, "0")
    too_fine, too_large = _beyond(digits, UNITS[unit])
    faults = {
        BAD: given & ~number,
        NEGATIVE: negative,
        TOO_FINE: too_fine & ~negative,
        TOO_LARGE: too_large & ~too_fine & ~negative,
    }
    good = number & ~(negative | too_fine | too_large)
    return Amounts(_yuan(digits, good, UNITS[unit]), faults, good & (grouped | (narrow != text)))


def _beyond(digits: pd.Series, power: int) -> tuple[pd.Series, pd.Series]:
    """Whether a number has more decimals than a fen, or more digits than are stored."""
    decimals = digits.str.replace(r"^[^.]*\.?", "", regex=True).str.rstrip("0").str.len()
    whole = digits.str.replace(r"\..*$", "", regex=True).str.lstrip("0").str.len()
    return decimals > power + FEN_PLACES, whole + power > MOST_DIGITS


def _yuan(digits: pd.Series, good: pd.Series, power: int) -> pd.Series:
    exact = [
        Decimal(text).scaleb(power).quantize(FEN) if ok else None
        for text, ok in zip(digits, good, strict=True)
    ]
    return pd.Series(exact, index=digits.index, dtype=object)
