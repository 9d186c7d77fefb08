"""The columns of an export: what each one holds, how it is written, and how it is defined."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping

from app.i18n import gettext as _
from app.services.exports.sheets import Cell
from app.services.filters import STATUS
from app.terms import localised, term
from data import codes
from data.errors import N_
from data.projects import YI

Reader = Callable[[RowMapping], Cell]
SYNTHETIC = N_("Synthetic: invented for demonstration, not real projects")
REGISTER = N_("project library notice")
CODE = N_("read from the project code")
DERIVED = N_("derived")
OURS = N_("entered in Gengxin")
PARTS = N_("equal parts by default, or entered in Gengxin")
NOT_PRINTED = N_("not supplied by the notice")


@dataclass(frozen=True)
class Column:
    """A column: heading, meaning, unit, source and meaning of an empty cell (all msgids), and its reader.

    ``reader`` is called once for an export and returns what reads a row, so that words are translated once.
    """

    title: str
    meaning: str
    reader: Callable[[], Reader]
    unit: str = ""
    source: str = REGISTER
    empty: str = ""
    width: float = 14
    number_format: str = ""

    def heading(self) -> str:
        """Return the heading with its unit."""
        title, unit = _(self.title), _(self.unit)
        return _("{title} ({unit})").format(title=title, unit=unit) if unit else title

    def definition(self) -> tuple[str, str, str, str, str]:
        """Return heading, meaning, unit, source and the meaning of an empty cell."""
        texts = (self.title, self.meaning, self.unit, self.source, self.empty or N_("does not occur"))
        title, meaning, unit, source, empty = (_(text) for text in texts)
        return title, meaning, unit or "–", source, empty


def columns(synthetic: bool, exited: bool) -> tuple[Column, ...]:
    """Return the columns of an export, with a mark on each row of a synthetic city and reasons of exits."""
    chosen = COLUMNS
    if exited:
        chosen = (*chosen, EXIT_REASON)
    return (*chosen, DATA) if synthetic else chosen


def _plain(name: str) -> Callable[[], Reader]:
    return lambda: lambda row: row[name]


def _named(name: str, terms: Mapping[str, codes.Term]) -> Callable[[], Reader]:
    def reader() -> Reader:
        words = {code: term(terms, code) for code in terms}
        return lambda row: words.get(row[name])

    return reader


def _yes_no(test: Callable[[RowMapping], bool]) -> Callable[[], Reader]:
    def reader() -> Reader:
        words = {True: _("yes"), False: _("no")}
        return lambda row: words[bool(test(row))]

    return reader


def _districts() -> Reader:
    name = localised("districts")
    return lambda row: "; ".join(row[name] or []) or None


def _shares() -> Reader:
    name = localised("districts")
    return lambda row: shares_in_words(row[name] or [], row["shares"] or []) or None


def shares_in_words(districts: Sequence[str], shares: Sequence[Decimal]) -> str:
    """Write each district with its share."""
    pairs = zip(districts, shares, strict=True)
    return "; ".join(f"{district} {written_share(share)}" for district, share in pairs)


def written_share(share: Decimal) -> str:
    """Write a share as a percentage in full, without trailing zeros."""
    percent = format((share * 100).normalize(), "f")
    return f"{percent} %"


def _sections() -> Reader:
    return lambda row: "; ".join(dict.fromkeys(part for part in row["sections"] or [] if part)) or None


def _in_yi() -> Reader:
    return lambda row: None if row["amount"] is None else exact_yi(row["amount"])


def exact_yi(yuan: Decimal) -> Decimal:
    """Convert yuan into 亿元 without rounding and without trailing zeros."""
    amount = (yuan / YI).normalize()
    return amount.quantize(Decimal(1)) if amount == amount.to_integral() else amount


def _band() -> Reader:
    return lambda row: None if row["band"] is None else band_words(row["band"])


def band_words(band: str) -> str:
    """Write a size band so that no spreadsheet takes it for a date."""
    return band.replace("-", "–").replace(">=", "≥")


def _status() -> Reader:
    words = {status: _(name) for status, name in STATUS.items()}
    return lambda row: words[row["boundary_status"]]


def _synthetic() -> Reader:
    said = _(SYNTHETIC)
    return lambda _row: said


def _count(name: str) -> Callable[[RowMapping], bool]:
    return lambda row: len(row[name] or []) > 1


def _column(title: str, meaning: str, reader: Any, **more: Any) -> Column:
    return Column(title, meaning, reader, **more)


COLUMNS: tuple[Column, ...] = (
    _column(N_("Code"), N_("Code of the project in the library"), _plain("code"), width=13),
    _column(N_("Project name"), N_("Name as the newest notice prints it"), _plain("name"), width=46),
    _column(
        N_("Districts"),
        N_("Districts and functional zones that the project lies in"),
        _districts,
        width=22,
    ),
    _column(
        N_("Shares"),
        N_("Part of the project that counts for each district; they sum to 100 %"),
        _shares,
        source=PARTS,
        width=24,
    ),
    _column(
        N_("Section"),
        N_("Group of districts in the notice"),
        _sections,
        empty=N_("the city has no sections"),
        width=13,
    ),
    _column(
        N_("Total investment"),
        N_("Total investment of the whole project, not of a year"),
        _in_yi,
        unit=N_("CNY 100 M"),
        empty=NOT_PRINTED,
        number_format="#,##0.00",
    ),
    _column(
        N_("Total investment in full"),
        N_("The same amount in yuan"),
        _plain("amount"),
        unit=N_("CNY"),
        empty=NOT_PRINTED,
        width=20,
        number_format="#,##0.00",
    ),
    _column(
        N_("Year"),
        N_("Year in which the code was given"),
        _plain("year"),
        source=CODE,
        empty=N_("the code does not say it"),
        width=8,
        number_format="0",
    ),
    _column(
        N_("Batch"),
        N_("Year and batch of the code; a batch is not a month"),
        _plain("batch_label"),
        source=CODE,
        empty=N_("the code does not say it"),
        width=10,
    ),
    _column(
        N_("Size band"),
        N_("Band of the total investment, the lower edge included"),
        _band,
        unit=N_("CNY 100 M"),
        source=DERIVED,
        empty=NOT_PRINTED,
        width=12,
    ),
    _column(
        N_("Boundary"),
        N_("Whether the boundary is pending, drafted or surveyed; the notice prints none"),
        _status,
        source=OURS,
        width=16,
    ),
    _column(
        N_("New"),
        N_("Entered with the newest notice"),
        _yes_no(lambda row: row["entered"]),
        source=DERIVED,
        width=7,
    ),
    _column(
        N_("Cross-district"),
        N_("Lies in more than one district"),
        _yes_no(_count("district_codes")),
        source=DERIVED,
        width=13,
    ),
    _column(
        N_("Type"),
        N_("Type of renewal"),
        _named("project_type", codes.PROJECT_TYPES),
        empty=NOT_PRINTED,
        width=26,
    ),
    _column(N_("Mode"), N_("Way of renewal"), _named("renewal_mode", codes.RENEWAL_MODES), empty=NOT_PRINTED),
    _column(N_("Stage"), N_("Stage of the project"), _named("stage", codes.STAGES), empty=NOT_PRINTED),
)
EXIT_REASON = _column(
    N_("Reason for leaving"),
    N_("Why the project left the library"),
    _plain("exit_reason"),
    source=OURS,
    empty=N_("not given; never guessed"),
    width=32,
)
DATA = _column(N_("Data"), N_("Whether the row is real"), _synthetic, source=DERIVED, width=44)
