"""How a project's values read: amounts in full, shares, statuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping

from app import format as write
from app.i18n import gettext as _
from app.services.exports.columns import exact_yi, shares_in_words
from app.services.filters import STATUS
from app.terms import translated
from data.errors import N_


def local_name(row: Mapping[str, Any] | RowMapping) -> str:
    """Return a project's name in the reader's language, where the source gives one."""
    return translated(row, "name")


def full_amount(yuan: Decimal | None) -> str:
    """Write an amount exactly, in yuan and in 亿元."""
    if yuan is None:
        return write.not_supplied()
    places = 0 if yuan == yuan.to_integral() else 2
    exact = _("{yuan} yuan").format(yuan=f"{yuan:,.{places}f}")
    return f"{exact} ({exact_yi(yuan):,f} {write.money_unit()})"


def shares_words(districts: Sequence[str], shares: Sequence[Decimal]) -> str:
    """Write each district with its share; only the name when there is one."""
    return districts[0] if len(districts) == 1 else shares_in_words(districts, shares)


BASIS = {"single": N_("the only district"), "equal": N_("equal parts"), "entered": N_("entered by hand")}
KINDS = {"planned": N_("planned"), "allocated": N_("allocated"), "paid": N_("paid")}


def basis_words(basis: str) -> str:
    """Write how a share was set."""
    return _(BASIS[basis])


def kind_words(kind: str) -> str:
    """Write a kind of investment; nothing for none."""
    return _(KINDS.get(kind, ""))


SHORT_STATUS = {"pending": N_("pending"), "drafted": N_("drafted"), "surveyed": N_("surveyed")}


def short_status(name: str) -> str:
    """Write a boundary status where the column already says that it is one."""
    return _(SHORT_STATUS[name])


def status(name: str) -> str:
    """Write a boundary status."""
    return _(STATUS[name])
