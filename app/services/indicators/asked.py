"""What an address asks of the indicators 指标, and what in it cannot be had: what is then shown instead."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

import pandas as pd

from data.errors import N_, InvalidInput
from data.indicator_codes import UNIT_KINDS
from gis.catalogue import INDICATORS
from gis.indicator import Indicator

EVERY = "all"
CHOICES = ("indicator", "class", "basis", "run")
PARAMETERS = ("units", *CHOICES, *(f"{name}2" for name in CHOICES), "sort")
SORTS = ("value", "name", "numerator", "denominator", "verdict", "other", "difference")
ORDERS = tuple(f"{column}.{way}" for column in SORTS for way in ("desc", "asc"))
MOST_NAMED = 20
Run = Mapping[str, Any]


class Asked(NamedTuple):
    """Which values of a run are asked for."""

    run: int
    indicator: str
    subject: str = ""
    basis: str = ""


class Wrong(NamedTuple):
    """A parameter of an address whose value does not exist, those that do, and the one that is shown."""

    name: str
    value: str
    known: tuple[str, ...]
    shown: str

    @property
    def error(self) -> InvalidInput:
        """The same for those who need exactly what they ask for."""
        near = get_close_matches(self.value, self.known, n=3)
        remedy = N_("Choose among: {known}.") if self.known else N_("Leave it out.")
        if self.name.startswith("indicator"):
            every = N_("`gengxin indicators list` names them all.")
            remedy = N_("Perhaps {near}? `gengxin indicators list` names them all.") if near else every
        more = ", …" if len(self.known) > MOST_NAMED else ""
        return InvalidInput(
            N_("The parameter {name} cannot be «{value}»."),
            remedy=remedy,
            name=self.name,
            value=self.value[:40],
            known=", ".join(self.known[:MOST_NAMED]) + more,
            near=", ".join(near),
        )


def refuse_unknown(names: Collection[str], others: Sequence[str]) -> None:
    """Refuse parameters that indicators do not have.

    Parameters
    ----------
    others
        Those that are not of the indicators but may stand beside them.

    Raises
    ------
    InvalidInput
        There is one.
    """
    known = (*PARAMETERS, *others)
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise InvalidInput(
            N_("Indicators have no parameter «{name}»."),
            remedy=N_("Choose among: {known}."),
            name=unknown[0][:40],
            known=", ".join(known),
        )


class Address:
    """The parameters of an address, read one after the other.

    ``wrong`` grows by each that does not exist; what an address leaves out is never wrong.
    """

    def __init__(self, params: Mapping[str, str]) -> None:
        self.params = params
        self.wrong: list[Wrong] = []

    def order(self) -> str:
        """Return the order of the rows."""
        return self._choice("sort", ORDERS, ORDERS[0])

    def units(self, runs: Sequence[Run]) -> str:
        """Return the kind of unit; the first that has been computed where none is asked for."""
        computed = {run["units"] for run in runs}
        usual = next((kind for kind in UNIT_KINDS if kind in computed), "district")
        return self._choice("units", tuple(UNIT_KINDS), usual)

    def run(self, runs: Sequence[Run], usual: Run, suffix: str = "") -> Run:
        """Return one of the runs."""
        numbered = {str(run["id"]): run for run in runs}
        return numbered[self._choice(f"run{suffix}", tuple(numbered), str(usual["id"]))]

    def indicator(self, usual: str, suffix: str = "") -> Indicator:
        """Return an indicator of the catalogue."""
        return INDICATORS[self._choice(f"indicator{suffix}", tuple(INDICATORS), usual)]

    def values(  # noqa: PLR0913, PLR0917
        self,
        run: Run,
        held: pd.DataFrame,
        indicator: Indicator,
        subject: str = "",
        basis: str = "",
        suffix: str = "",
    ) -> Asked:
        """Return which values of a run's indicator are asked for.

        Parameters
        ----------
        held
            What the run holds.
        subject, basis
            Those to prefer where the address names none.
        """
        mine = held[held["indicator"] == indicator.code].sort_values("subject", kind="stable")
        subjects = mine["subject"].tolist()
        if not subjects:
            return Asked(run["id"], indicator.code)
        known = mine.loc[mine["known"] > 0, "subject"].tolist()
        usual = subject if subject in subjects else (known or subjects)[0]
        found = self._choice(f"class{suffix}", tuple(one or EVERY for one in subjects), usual or EVERY)
        bases = tuple(one for one in indicator.bases if one)
        on = self._choice(f"basis{suffix}", bases, basis if basis in indicator.bases else indicator.bases[0])
        return Asked(run["id"], indicator.code, "" if found == EVERY else found, on)

    def _choice(self, name: str, known: tuple[str, ...], usual: str) -> str:
        value = self.params.get(name, "")
        if value in known:
            return value
        if value:
            self.wrong.append(Wrong(name, value, known, usual))
        return usual
