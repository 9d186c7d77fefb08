"""One formatter for each kind of figure; unknown is said, never shown as 0."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from app.i18n import gettext as _

YUAN_PER_YI = 100_000_000
Figure = Decimal | float | int | None


def not_supplied() -> str:
    """Return the words for a value that the source does not give."""
    return _("not supplied")


def in_yi(yuan: Figure) -> float | None:
    """Convert yuan into 亿元 (100 million yuan)."""
    return None if yuan is None else float(Decimal(str(yuan)) / YUAN_PER_YI)


def money(yuan: Figure, places: int = 2) -> str:
    """Write yuan in 亿元 with thousands separators, without the unit."""
    amount = in_yi(yuan)
    if amount is None:
        return not_supplied()
    if 0 < abs(amount) < 0.5 * 10**-places:
        return f"{amount:.4f}"
    return f"{amount:,.{places}f}"


def money_unit() -> str:
    """Return the unit that goes with ``money``."""
    return _("CNY 100 M")


def count(number: Figure) -> str:
    """Write a count with thousands separators."""
    return not_supplied() if number is None else f"{int(number):,}"


def share(part: Figure, places: int = 1) -> str:
    """Write a ratio as a percentage."""
    return not_supplied() if part is None else f"{float(part) * 100:.{places}f} %"


def area_km2(square_metres: Figure, places: int = 2) -> str:
    """Write square metres in km²."""
    return not_supplied() if square_metres is None else f"{float(square_metres) / 1e6:,.{places}f}"


def date(day: dt.date | None) -> str:
    """Write a date in ISO form, or that it is not supplied."""
    return not_supplied() if day is None else day.isoformat()
